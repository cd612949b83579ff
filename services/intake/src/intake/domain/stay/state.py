"""A stay as it is known so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from uuid import UUID

from havn_events.codes import GoalsOccasion, OutweighingReason
from intake.domain.stay.commands import Scores


@dataclass(frozen=True)
class NoStay:
    """Nobody is admitted."""


@dataclass(frozen=True)
class Child:
    """A child of the stay."""

    arrived_on: date
    left_on: date | None = None


@dataclass(frozen=True)
class Measurement:
    """What goals were measured on an occasion, as it counts now."""

    on: date
    scores: Scores


@dataclass(frozen=True)
class Stay:
    """A stay as it is known so far.

    ``named``: the home municipality may learn who she is. ``outweighed``: why her anonymity must yield.
    ``home_changed_on``: from when ``home_municipality`` is hers, None since before the stay. ``planned_on``: when the move-out
    plan in force was made, None without one. ``plan_changed_on``: the last day a plan was made, changed or cancelled.
    ``last_within_on``: the last day of what can happen only while she stays, None where nothing of that was reported.
    """

    stay_id: UUID
    woman: UUID
    shelter_id: UUID
    admitted_on: date
    home_municipality: str
    anonymous: bool
    named: bool
    outweighed: frozenset[OutweighingReason] = frozenset()
    goals: Mapping[GoalsOccasion, Measurement] = field(default_factory=lambda: MappingProxyType({}))
    children: Mapping[UUID, Child] = field(default_factory=lambda: MappingProxyType({}))
    needs_clarified: bool = False
    stay_plan_on: date | None = None
    action_plan_wanted_on: date | None = None
    payment_relief_wanted_on: date | None = None
    action_plan_on: date | None = None
    planned_on: date | None = None
    plan_changed_on: date | None = None
    moved_out_on: date | None = None
    last_within_on: date | None = None
    home_changed_on: date | None = None


@dataclass(frozen=True)
class AnnulledStay:
    """A stay that should not have been recorded."""

    shelter_id: UUID


State = NoStay | Stay | AnnulledStay

"""What a case file can be told to do."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from havn_standards import Rulebook
from orchestrator.domain.fact import Fact


@dataclass(frozen=True, slots=True)
class Opening:
    """What a case file is opened with. ``home_municipality``: ``None`` for an inquiry, of which none is told."""

    standard: str
    shelter_id: UUID
    home_municipality: str | None
    shelter_municipality: str | None = None
    transferred_from: UUID | None = None


@dataclass(frozen=True, slots=True)
class TakeFact:
    """Take a fact into the case. ``opening`` comes with the facts that may open a case; ``today`` is the Copenhagen day."""

    case_id: UUID
    fact: Fact
    opening: Opening | None
    rulebook: Rulebook
    today: date


@dataclass(frozen=True, slots=True)
class CheckDeadlines:
    """What a Copenhagen day that is over leads to: what was due on ``day`` or before is closed, what is due soon is told."""

    case_id: UUID
    day: date
    rulebook: Rulebook


@dataclass(frozen=True, slots=True)
class ChangeStandard:
    """Keep the stay under another version of its standard, or under another standard, from ``occurred_on``."""

    case_id: UUID
    occurred_on: date
    standard: str | None
    version: str
    rulebook: Rulebook
    today: date


@dataclass(frozen=True, slots=True)
class ContinueElsewhere:
    """She went straight from this stay into ``continued_in``, where ``admission_id`` tells of her admission on ``occurred_on``."""

    case_id: UUID
    occurred_on: date
    continued_in: UUID
    woman_id: UUID
    admission_id: UUID
    rulebook: Rulebook
    today: date


@dataclass(frozen=True, slots=True)
class FollowElsewhere:
    """A child of this stay is in ``continued_in`` too, where ``arrival_id`` tells of its arrival on ``occurred_on``."""

    case_id: UUID
    occurred_on: date
    child_id: UUID
    continued_in: UUID
    arrival_id: UUID
    rulebook: Rulebook
    today: date


@dataclass(frozen=True, slots=True)
class ComeBack:
    """The stays ``annulled``, that went on with this one, are annulled, as ``annulment_id`` tells of the last of them.

    ``elsewhere``: who is in a later one that stands.
    """

    case_id: UUID
    occurred_on: date
    annulled: frozenset[UUID]
    elsewhere: frozenset[UUID]
    annulment_id: UUID
    rulebook: Rulebook
    today: date


Command = TakeFact | CheckDeadlines | ChangeStandard | ContinueElsewhere | FollowElsewhere | ComeBack

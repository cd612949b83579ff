"""What the orchestrator, a shelter and a municipality may tell of her advice."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from havn_events.codes import (
    AdviceBy,
    AdviceClosedBecause,
    AdviceDeclinedReason,
    AdviceEnd,
    AdvicePhase,
    AdviceVariant,
    ShelterAdvises,
    TakenOverBy,
)


@dataclass(frozen=True, kw_only=True)
class _Command:
    stay_id: UUID
    occurred_on: date


@dataclass(frozen=True, kw_only=True)
class OpenAdvice(_Command):
    """The municipality owes her advice from now on."""

    municipality: str


@dataclass(frozen=True, kw_only=True)
class OpenWindow(_Command):
    """She moved out, or her window moved: it runs to ``until``. Opens the advice too, where no move-out was prepared.

    ``shelter_advises``: whom the shelter may advise after their move-out; ``None`` where only the dates moved.
    """

    municipality: str
    moved_out_on: date
    until: date
    shelter_advises: ShelterAdvises | None = None


@dataclass(frozen=True, kw_only=True)
class TransferAdvice(_Command):
    """Another municipality owes the rest."""

    municipality: str


@dataclass(frozen=True, kw_only=True)
class FollowHome(_Command):
    """Her home changed. Before the window there may be no obligation that would move: what was owed so far is met."""

    municipality: str


@dataclass(frozen=True, kw_only=True)
class CloseAdvice(_Command):
    """Nothing is owed in this stay any more: it was annulled, or what is owed goes on in the stay at another shelter."""

    because: AdviceClosedBecause


@dataclass(frozen=True, kw_only=True)
class ReopenAdvice(_Command):
    """She did not go on at another shelter after all."""


@dataclass(frozen=True, kw_only=True)
class _Report(_Command):
    """A report from outside. ``asked_by``: the municipality that reports, ``None`` for the shelter's people.

    ``admitted_on``: the stay's first day.
    """

    asked_by: str | None = None
    admitted_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class GiveInitialAdvice(_Report):
    """She was introduced to the advice and to where she can turn."""

    by: AdviceBy


@dataclass(frozen=True, kw_only=True)
class OfferAdvice(_Report):
    """Coordinating advice was offered."""


@dataclass(frozen=True, kw_only=True)
class DeclineAdvice(_Report):
    """She does not want it."""

    reason: AdviceDeclinedReason


@dataclass(frozen=True, kw_only=True)
class StartAdvice(_Report):
    """Coordinating advice began. ``shelter_municipality``: the shelter's own, where it has one."""

    variant: AdviceVariant
    by: AdviceBy
    shelter_municipality: str | None


@dataclass(frozen=True, kw_only=True)
class GiveAdvice(_Report):
    """One meeting was held. ``by``: whose adviser held it. ``shelter_municipality``: the shelter's own, where it has one."""

    meeting_id: UUID
    minutes: int
    by: AdviceBy
    shelter_municipality: str | None


@dataclass(frozen=True, kw_only=True)
class BeginPhase(_Report):
    """The next phase of Critical Time Intervention began."""

    phase: AdvicePhase


@dataclass(frozen=True, kw_only=True)
class NameAdviser(_Report):
    """The municipality named who advises her."""

    adviser_id: UUID


@dataclass(frozen=True, kw_only=True)
class HandOverAdvice(_Report):
    """An adviser of ``municipality`` took over."""

    from_adviser_id: UUID
    to_adviser_id: UUID
    municipality: str


@dataclass(frozen=True, kw_only=True)
class TakeOverAdvice(_Report):
    """The municipality that owes the rest since her home changed has taken over: ``adviser_id`` advises her from now on."""

    adviser_id: UUID
    by: TakenOverBy


@dataclass(frozen=True, kw_only=True)
class ExtendWindow(_Report):
    """The municipality extended the window to ``until``."""

    until: date


@dataclass(frozen=True, kw_only=True)
class EndAdvice(_Report):
    """The advice ended."""

    because: AdviceEnd


Report = (
    GiveInitialAdvice
    | OfferAdvice
    | DeclineAdvice
    | StartAdvice
    | GiveAdvice
    | BeginPhase
    | NameAdviser
    | HandOverAdvice
    | TakeOverAdvice
    | ExtendWindow
    | EndAdvice
)
Command = OpenAdvice | OpenWindow | TransferAdvice | FollowHome | CloseAdvice | ReopenAdvice | Report

"""Initial and coordinating advice, and the window after move-out. Owner: coordinating-advice."""

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
from havn_events.event import Day, Minutes, MunicipalityCode, StayEvent


class _Stay(StayEvent, abstract=True):
    owner = "coordinating-advice"


class AdviceOpened(_Stay):
    """The home municipality owes her advice from now on (Odense 2.5)."""

    municipality: MunicipalityCode


class AdviceWindowOpened(_Stay):
    """She moved out on ``moved_out_on``; the window's last day is ``until``.

    ``shelter_advises``: whom the shelter still advises.
    """

    moved_out_on: Day
    until: Day
    shelter_advises: ShelterAdvises = "all"


class AdviceTransferred(_Stay):
    """Another municipality owes the rest from ``occurred_on``; the window's dates stay."""

    municipality: MunicipalityCode


class AdviceClosed(_Stay):
    """Nothing is owed in this stay any more: it was annulled, or what is owed goes on at another shelter."""

    because: AdviceClosedBecause


class AdviceReopened(_Stay):
    """What had gone on at another shelter is owed in this stay again: the stay there was annulled."""


class InitialAdviceGiven(_Stay):
    """She was introduced to coordinating advice and to where she can turn (Odense 2.5)."""

    by: AdviceBy


class AdviceOffered(_Stay):
    """Coordinating advice was offered."""


class AdviceDeclined(_Stay):
    """She does not want coordinating advice."""

    reason: AdviceDeclinedReason


class AdviceStarted(_Stay):
    """Coordinating advice began, at the latest when move-out is prepared."""

    variant: AdviceVariant
    by: AdviceBy


class AdviceGiven(_Stay):
    """One meeting of coordinating advice. ``by``: whose adviser held it."""

    meeting_id: UUID
    minutes: Minutes
    by: AdviceBy


class AdvicePhaseBegan(_Stay):
    """The next phase of Critical Time Intervention began, less intensive than the one before (Odense 2.5)."""

    phase: AdvicePhase


class AdviserNamed(_Stay):
    """The municipality that owes the advice named who gives it; that adviser alone, of all advisers, sees the stay."""

    adviser_id: UUID


class AdviceHandedOver(_Stay):
    """The home municipality's adviser took over from the shelter's; both are known to the case (Odense 2.5)."""

    from_adviser_id: UUID
    to_adviser_id: UUID
    municipality: MunicipalityCode


class AdviceTakenOver(_Stay):
    """The municipality that owes the rest since her home changed has taken over; ``adviser_id`` advises her from then on."""

    from_municipality: MunicipalityCode
    municipality: MunicipalityCode
    adviser_id: UUID
    by: TakenOverBy


class AdviceExtended(_Stay):
    """The window was extended to ``until``, at most 12 months from move-out."""

    until: Day


class AdviceEnded(_Stay):
    """The window ended before or on its last day."""

    because: AdviceEnd

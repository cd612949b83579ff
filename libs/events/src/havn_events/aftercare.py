"""Aftercare for the family that moved out. Owner: aftercare."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from havn_events.codes import AftercareDeclinedReason, AftercareEnd, VisitPlace
from havn_events.event import Day, StayEvent


class _Stay(StayEvent, abstract=True):
    owner = "aftercare"


class AftercareOpened(_Stay):
    """The family is owed an offer of aftercare, or what had been closed goes on: it is owed a course again of which the standard
    does not say what completes it. Who is eligible was settled by the rule that opened the obligation.
    """

    obligation_id: UUID


class AftercareClosed(_Stay):
    """Aftercare is no longer owed, for example because the stay was annulled."""


class AftercareOffered(_Stay):
    """Aftercare was offered (Hellerup)."""


class AftercareDeclined(_Stay):
    """The family does not want aftercare."""

    reason: AftercareDeclinedReason


class AftercareStarted(_Stay):
    """The family accepted; the course began."""


class AftercareCourseOpened(_Stay):
    """A course is owed: ``visits`` and a length that is reached on ``complete_from`` complete it, as the obligation says."""

    obligation_id: UUID
    visits: Annotated[int, Field(strict=True, ge=1)]
    complete_from: Day


class AftercareVisitMade(_Stay):
    """One visit, at the family's home or at the shelter."""

    visit_id: UUID
    place: VisitPlace


class AftercareEnded(_Stay):
    """The course ended. ``because``: why, complete or not. ``completed``: it was long enough and had visits enough.

    ``completed`` is None while no obligation says what completes the course; once one does, the end is recorded anew.
    """

    completed: bool | None
    because: AftercareEnd


class CafeInvitationSent(_Stay):
    """The family was invited to the aftercare café at the shelter (Hellerup)."""


class CafeInvitationsDeclined(_Stay):
    """The family wants no more invitations to the café; one of that day or later ends this."""

"""Aftercare for the family that moved out. Owner: aftercare."""

from uuid import UUID

from havn_events.codes import AftercareDeclinedReason, AftercareEnd, VisitPlace
from havn_events.event import StayEvent


class _Stay(StayEvent, abstract=True):
    owner = "aftercare"


class AftercareOpened(_Stay):
    """The family is owed an offer of aftercare; who is eligible was settled by the rule that opened the obligation."""

    obligation_id: UUID


class AftercareClosed(_Stay):
    """Aftercare is no longer owed, for example because the stay was annulled."""


class AftercareOffered(_Stay):
    """Aftercare was offered (Hellerup)."""


class AftercareDeclined(_Stay):
    """The family does not want aftercare."""

    reason: AftercareDeclinedReason


class AftercareStarted(_Stay):
    """The family accepted; the course of at least 3 months and 3 visits began (Hellerup)."""


class AftercareVisitMade(_Stay):
    """One visit, at the family's home or at the shelter."""

    visit_id: UUID
    place: VisitPlace


class AftercareEnded(_Stay):
    """The course ended. ``completed``: at least 3 months and 3 visits. ``because``: why it ended, complete or not."""

    completed: bool
    because: AftercareEnd


class CafeInvitationSent(_Stay):
    """The family was invited to the aftercare café at the shelter (Hellerup)."""


class CafeInvitationsDeclined(_Stay):
    """The family wants no more invitations to the café; one of that day or later ends this."""

"""What a municipality was told, and that it received it. Owner: notification."""

from uuid import UUID

from havn_events.codes import AcknowledgedOver, ChildNotificationKind, NoticeKind, ObligationChange
from havn_events.event import Day, MunicipalityCode, PersonEvent, StayEvent
from havn_events.orchestrator import RuleId


class _Stay(StayEvent, abstract=True):
    owner = "notification"


class MunicipalityNotified(_Stay):
    """A notice about the stay went to the home municipality's feed.

    ``case_reference`` is random and belongs to this municipality alone.
    """

    notice_id: UUID
    notice: NoticeKind
    municipality: MunicipalityCode
    case_reference: UUID
    anonymous: bool


class ChildNotificationOwed(PersonEvent):
    """Notifications about this child go to ``municipality`` from now on; the first one is owed."""

    owner = "notification"
    obligation_id: UUID
    municipality: MunicipalityCode


class ChildNotificationSent(PersonEvent):
    """A child notification went to the home municipality (heightened duty, Social Services Act § 153)."""

    owner = "notification"
    notice_id: UUID
    kind: ChildNotificationKind
    municipality: MunicipalityCode
    case_reference: UUID


class NotificationAcknowledged(_Stay):
    """The municipality confirmed receipt: the evidence that it knows."""

    notice_id: UUID
    municipality: MunicipalityCode
    over: AcknowledgedOver


class NotificationEscalated(_Stay):
    """A notice was not acknowledged in time."""

    notice_id: UUID
    municipality: MunicipalityCode


class MunicipalityInformed(_Stay):
    """The municipality was told on its feed of a change to what it owes."""

    obligation_id: UUID
    municipality: MunicipalityCode
    case_reference: UUID
    change: ObligationChange
    rule: RuleId
    due: Day | None

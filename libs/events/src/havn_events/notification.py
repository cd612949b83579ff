"""What a municipality was told, and that it received it. Owner: notification."""

from uuid import UUID

from havn_events.codes import (
    AcknowledgedOver,
    ChildNotificationKind,
    MunicipalAnswer,
    NoticeKind,
    ObligationChange,
    PaymentDecision,
    PaymentGround,
)
from havn_events.event import Day, Event, MunicipalityCode, PersonEvent, StayEvent
from havn_events.orchestrator import RuleId


class _Stay(StayEvent, abstract=True):
    owner = "notification"


class MunicipalityNotified(_Stay):
    """A notice about the stay went to the home municipality's feed.

    ``case_reference`` is random and belongs to this municipality alone. ``acknowledge_by``: the last day to confirm it, where a
    legal deadline sets one; without it, or where it comes first, the platform's own time to confirm counts.
    """

    notice_id: UUID
    notice: NoticeKind
    municipality: MunicipalityCode
    case_reference: UUID
    anonymous: bool
    acknowledge_by: Day | None = None


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


class MunicipalityAnswered(_Stay):
    """The municipality answered what it owes an answer to."""

    obligation_id: UUID
    municipality: MunicipalityCode
    rule: RuleId
    answer: MunicipalAnswer


class PaymentDecided(_Stay):
    """Her home municipality decided about her own payment for the stay. Never an amount."""

    municipality: MunicipalityCode
    decision: PaymentDecision
    ground: PaymentGround


class _Webhook(Event, abstract=True):
    owner = "notification"
    registration_id: UUID
    municipality: MunicipalityCode

    @property
    def case_id(self) -> UUID:
        return self.registration_id


class WebhookRegistered(_Webhook):
    """The municipality's endpoint proved that it wants the feed; from now on messages are delivered to it."""


class WebhookSuspended(_Webhook):
    """The endpoint took nothing for as long as deliveries are tried; nothing goes there until it is registered again."""

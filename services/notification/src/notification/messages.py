"""What leaves the house for one municipality: thin messages, the same over NATS, HTTP and webhooks."""

from havn_events import Recorded
from havn_events.event import Event
from havn_events.municipal import ChildNotice, FeedEvent, ObligationNews, StayNotice, municipal_type, own_id
from havn_events.notification import ChildNotificationSent, MunicipalityInformed, MunicipalityNotified


def message_of(event: Event) -> StayNotice | ChildNotice | ObligationNews | None:
    """What an event becomes on its municipality's feed, with its own ids; ``None`` for one that stays in the house."""
    match event:
        case MunicipalityNotified():
            return StayNotice(
                municipality=event.municipality,
                case_reference=event.case_reference,
                occurred_on=event.occurred_on,
                notice_id=own_id(event.municipality, event.notice_id),
                notice=event.notice,
                anonymous=event.anonymous,
            )
        case ChildNotificationSent():
            return ChildNotice(
                municipality=event.municipality,
                case_reference=event.case_reference,
                occurred_on=event.occurred_on,
                notice_id=own_id(event.municipality, event.notice_id),
                notification=event.kind,
            )
        case MunicipalityInformed():
            return ObligationNews(
                municipality=event.municipality,
                case_reference=event.case_reference,
                occurred_on=event.occurred_on,
                obligation_id=own_id(event.municipality, event.obligation_id),
                change=event.change,
                rule=event.rule,
                due=event.due,
            )
        case _:
            return None


def feed_event(recorded: Recorded) -> FeedEvent | None:
    """The message as a CloudEvent, ``None`` for an event that stays in the house."""
    message = message_of(recorded.event)
    if message is None:
        return None
    return FeedEvent(id=recorded.id, type=municipal_type(message), time=recorded.recorded_at, data=message)

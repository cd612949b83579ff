"""How each event changes what the municipalities of a stay were told."""

from dataclasses import replace

from havn_events.codes import ObligationChange
from havn_events.event import Event
from havn_events.notification import (
    ChildNotificationOwed,
    ChildNotificationSent,
    MunicipalityAnswered,
    MunicipalityInformed,
    MunicipalityNotified,
    NotificationAcknowledged,
    NotificationEscalated,
)
from notification.domain.notices.state import Child, Duty, Notice, Notices


def evolve(state: Notices, event: Event) -> Notices:
    """The state after the event."""
    match event:
        case MunicipalityNotified():
            return replace(_sent(state, event), anonymous=event.anonymous)
        case ChildNotificationOwed():
            moved_on = event.occurred_on if event.person_id in state.children else None
            child = Child(event.municipality, event.obligation_id, moved_on)
            return replace(state, children={**state.children, event.person_id: child})
        case ChildNotificationSent():
            notified = replace(state.children[event.person_id], first_sent=True)
            return replace(_sent(state, event), children={**state.children, event.person_id: notified})
        case MunicipalityInformed():
            return _informed(state, event)
        case MunicipalityAnswered():
            answered = replace(state.duties[event.obligation_id], is_open=False)
            return replace(state, duties={**state.duties, event.obligation_id: answered})
        case NotificationAcknowledged():
            acknowledged = replace(state.notices[event.notice_id], acknowledged=True)
            return replace(state, notices={**state.notices, event.notice_id: acknowledged})
        case NotificationEscalated():
            escalated = replace(state.notices[event.notice_id], escalated=True)
            return replace(state, notices={**state.notices, event.notice_id: escalated})
        case _:
            return state


def _sent(state: Notices, event: MunicipalityNotified | ChildNotificationSent) -> Notices:
    acknowledge_by = event.acknowledge_by if isinstance(event, MunicipalityNotified) else None
    kind = event.notice if isinstance(event, MunicipalityNotified) else None
    notice = Notice(event.municipality, event.occurred_on, kind, acknowledge_by)
    return replace(
        state,
        references={**state.references, event.municipality: event.case_reference},
        notices={**state.notices, event.notice_id: notice},
    )


def _informed(state: Notices, event: MunicipalityInformed) -> Notices:
    before = state.duties.get(event.obligation_id)
    duty = Duty(
        event.municipality,
        event.rule,
        event.due,
        told_on=event.occurred_on if before is None or event.change == "transferred-to" else before.told_on,
        is_open=_is_open(event.change, before),
    )
    return replace(
        state,
        references={**state.references, event.municipality: event.case_reference},
        duties={**state.duties, event.obligation_id: duty},
    )


def _is_open(change: ObligationChange, before: Duty | None) -> bool:
    match change:
        case "met" | "cancelled":
            return False
        case "opened" | "reopened":
            return True
        case _:
            return before is None or before.is_open

"""Notices of a stay and of what was wrong in them: sent, confirmed, and raised where nobody confirms."""

from collections.abc import Sequence
from uuid import uuid5

from havn_chassis.decider import Refused
from havn_events.event import Event
from havn_events.notification import MunicipalityNotified, NotificationAcknowledged, NotificationEscalated
from notification.domain.notices.commands import Acknowledge, Escalate, LiftAnonymity, SendCorrections, SendNotice
from notification.domain.notices.state import Notices


def send(command: SendNotice, state: Notices) -> Sequence[Event]:
    """A notice of the admission or the move-out, sent once."""
    if command.notice_id in state.notices:
        return []
    return [
        MunicipalityNotified(
            stay_id=command.stay_id,
            occurred_on=command.occurred_on,
            notice_id=command.notice_id,
            notice=command.notice,
            municipality=command.municipality,
            case_reference=state.references.get(command.municipality, command.fresh_reference),
            anonymous=command.anonymous,
            acknowledge_by=command.acknowledge_by,
        )
    ]


def correct(command: SendCorrections | LiftAnonymity, state: Notices, *, anonymous: bool) -> Sequence[Event]:
    """To everybody who was told, each once: what they were told changed, or does not hold."""
    retracted = isinstance(command, SendCorrections) and command.retracted
    told = set(state.references)
    if isinstance(command, SendCorrections) and command.discharge_only:
        told = {notice.municipality for notice in state.notices.values() if notice.kind == "discharge"}
    corrections = {uuid5(command.fact_id, municipality): municipality for municipality in sorted(told)}
    return [
        MunicipalityNotified(
            stay_id=command.stay_id,
            occurred_on=command.occurred_on,
            notice_id=notice_id,
            notice="retraction" if retracted else "correction",
            municipality=municipality,
            case_reference=state.references[municipality],
            anonymous=anonymous,
        )
        for notice_id, municipality in corrections.items()
        if notice_id not in state.notices
    ]


def acknowledge(command: Acknowledge, state: Notices) -> Sequence[Event]:
    """By the municipality that it was sent to; a second time changes nothing."""
    notice = state.notices.get(command.notice_id)
    if notice is None or notice.municipality != command.municipality:
        raise notice_not_found()
    if notice.acknowledged:
        return []
    return [
        NotificationAcknowledged(
            stay_id=command.stay_id,
            occurred_on=command.occurred_on,
            notice_id=command.notice_id,
            municipality=command.municipality,
            over=command.over,
        )
    ]


def notice_not_found() -> Refused:
    """The one answer for a notice that was never sent and for one that was sent to another municipality."""
    return Refused("notice-not-found", "Your municipality was sent no notice with this id.", kind="absent")


def escalate(command: Escalate, state: Notices) -> Sequence[Event]:
    """Once, for what nobody confirmed in time."""
    notice = state.notices.get(command.notice_id)
    if notice is None or notice.acknowledged or notice.escalated:
        return []
    legally_over = notice.acknowledge_by is not None and notice.acknowledge_by <= command.day
    if notice.sent_on > command.sent_by and not legally_over:
        return []
    return [
        NotificationEscalated(
            stay_id=command.stay_id,
            occurred_on=command.occurred_on,
            notice_id=command.notice_id,
            municipality=notice.municipality,
        )
    ]

"""What the municipalities of one stay were told, under which case reference, whether they confirmed it, and what they answered.

Each municipality knows the stay by a reference of its own, random and kept for all it is told. Notices and child
notifications are acknowledged one by one; news of what it owes is not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never
from uuid import UUID, uuid5

from havn_chassis.decider import Decider, Refused, not_before_admission
from havn_events.codes import AcknowledgedOver, ChildNotificationKind, MunicipalAnswer, NoticeKind, ObligationChange
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

ANSWERS: Mapping[str, frozenset[MunicipalAnswer]] = {
    "action-plan": frozenset({"action-plan-made", "action-plan-not-wanted"}),
    "action-plan-review": frozenset({"action-plan-reviewed", "action-plan-not-wanted"}),
}
"""What may be answered, by the rule that it is owed under. What no answer meets is reported where it happens."""


@dataclass(frozen=True, kw_only=True)
class _Command:
    stay_id: UUID
    occurred_on: date


@dataclass(frozen=True, kw_only=True)
class SendNotice(_Command):
    """Tell the municipality of the admission or the move-out.

    ``acknowledge_by``: the last day to confirm it, where a legal deadline sets one.
    ``fresh_reference``: a random id, its case reference if it has none yet.
    """

    notice_id: UUID
    notice: NoticeKind
    municipality: str
    anonymous: bool
    fresh_reference: UUID
    acknowledge_by: date | None = None


@dataclass(frozen=True, kw_only=True)
class SendCorrections(_Command):
    """Tell all who were told anything that it changed, or, ``retracted``, that it does not hold: the stay was annulled.

    ``fact_id``: the corrected admission or move-out, or the annulment. ``discharge_only``: only those who were told that she left.
    """

    fact_id: UUID
    retracted: bool = False
    discharge_only: bool = False


@dataclass(frozen=True, kw_only=True)
class LiftAnonymity(_Command):
    """Tell all who were told of an anonymous stay that she lifted it: what they were sent may now be linked to her."""

    fact_id: UUID


@dataclass(frozen=True, kw_only=True)
class OweChildNotification(_Command):
    """The shelter owes the municipality a notification about this child."""

    person_id: UUID
    obligation_id: UUID
    municipality: str


@dataclass(frozen=True, kw_only=True)
class FollowHome(_Command):
    """From ``occurred_on`` another municipality is the children's home municipality, and gets what is sent about them."""

    municipality: str


@dataclass(frozen=True, kw_only=True)
class SendChildNotification(_Command):
    """The shelter notified about this child. ``admitted_on``: the stay's first day."""

    person_id: UUID
    notice_id: UUID
    kind: ChildNotificationKind
    fresh_reference: UUID
    admitted_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class InformOfDuty(_Command):
    """Tell the municipality that it owes something from now on. ``due``: the last day in time."""

    obligation_id: UUID
    municipality: str
    rule: str
    due: date | None
    fresh_reference: UUID


@dataclass(frozen=True, kw_only=True)
class InformOfNewDate(_Command):
    """Tell the municipality that what it owes is due on another day."""

    obligation_id: UUID
    due: date | None


@dataclass(frozen=True, kw_only=True)
class InformOfDueSoon(_Command):
    """Remind the municipality of what it owes: the last day in time is near."""

    obligation_id: UUID


@dataclass(frozen=True, kw_only=True)
class InformOfMet(_Command):
    """Tell the municipality that what it owed was met."""

    obligation_id: UUID


@dataclass(frozen=True, kw_only=True)
class InformOfMissed(_Command):
    """Tell the municipality that what it owes was not met in time."""

    obligation_id: UUID


@dataclass(frozen=True, kw_only=True)
class InformOfReopened(_Command):
    """Tell the municipality that it owes this again."""

    obligation_id: UUID


@dataclass(frozen=True, kw_only=True)
class InformOfCancelled(_Command):
    """Tell the municipality that it owes this no more."""

    obligation_id: UUID


@dataclass(frozen=True, kw_only=True)
class InformOfTransfer(_Command):
    """Tell both municipalities that the second owes it from now on."""

    obligation_id: UUID
    municipality: str
    fresh_reference: UUID


@dataclass(frozen=True, kw_only=True)
class Acknowledge(_Command):
    """The municipality confirms that it received the notice."""

    notice_id: UUID
    municipality: str
    over: AcknowledgedOver


@dataclass(frozen=True, kw_only=True)
class Escalate(_Command):
    """Raise the notice if nobody confirmed it and its time is over.

    That is so when it was sent on ``sent_by`` or before, or was to be confirmed by ``day``, the day that is over.
    """

    notice_id: UUID
    sent_by: date
    day: date


@dataclass(frozen=True, kw_only=True)
class Answer(_Command):
    """The municipality answers what it owes an answer to."""

    obligation_id: UUID
    municipality: str
    answer: MunicipalAnswer


Change = InformOfNewDate | InformOfDueSoon | InformOfMet | InformOfMissed | InformOfReopened | InformOfCancelled | InformOfTransfer
Command = (
    SendNotice
    | SendCorrections
    | LiftAnonymity
    | OweChildNotification
    | FollowHome
    | SendChildNotification
    | InformOfDuty
    | Change
    | Acknowledge
    | Escalate
    | Answer
)


@dataclass(frozen=True)
class Notice:
    """One notice or, ``kind`` None, child notification."""

    municipality: str
    sent_on: date
    kind: NoticeKind | None = None
    acknowledge_by: date | None = None
    acknowledged: bool = False
    escalated: bool = False


@dataclass(frozen=True)
class Child:
    """Where notifications about a child go, since when if that changed, and whether that municipality had its first."""

    municipality: str
    obligation_id: UUID
    moved_on: date | None = None
    first_sent: bool = False


@dataclass(frozen=True)
class Duty:
    """One obligation of a municipality, which was told of it on ``told_on``. ``is_open``: neither met, cancelled nor answered."""

    municipality: str
    rule: str
    due: date | None
    told_on: date
    is_open: bool


@dataclass(frozen=True)
class Notices:
    """All that was told about the stay: case references by municipality code, the rest by their ids."""

    references: Mapping[str, UUID] = field(default_factory=dict)
    notices: Mapping[UUID, Notice] = field(default_factory=dict)
    children: Mapping[UUID, Child] = field(default_factory=dict)
    duties: Mapping[UUID, Duty] = field(default_factory=dict)
    anonymous: bool = False


def concerning(municipality: str, state: Notices) -> object:
    """What concerns this municipality alone: its notices and what it owes."""
    notices = [(known, notice) for known, notice in state.notices.items() if notice.municipality == municipality]
    return notices, [(known, duty) for known, duty in state.duties.items() if duty.municipality == municipality]


def decide(command: Command, state: Notices) -> Sequence[Event]:
    """What the command leads to. Raises Refused for a child notification, an acknowledgement or an answer that cannot be."""
    match command:
        case SendNotice():
            return _send(command, state)
        case SendCorrections():
            return _correct(command, state, anonymous=state.anonymous)
        case LiftAnonymity():
            return _correct(command, state, anonymous=False) if state.anonymous else []
        case OweChildNotification():
            return _owe(command, state)
        case FollowHome():
            return _follow(command, state)
        case SendChildNotification():
            return _send_about_child(command, state)
        case Acknowledge():
            return _acknowledge(command, state)
        case Escalate():
            return _escalate(command, state)
        case Answer():
            return _answer(command, state)
        case InformOfDuty():
            return _inform_of_duty(command, state)
        case _:
            duty = state.duties.get(command.obligation_id)
            return [] if duty is None else _inform(command, duty, state)


def _send(command: SendNotice, state: Notices) -> Sequence[Event]:
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


def _correct(command: SendCorrections | LiftAnonymity, state: Notices, *, anonymous: bool) -> Sequence[Event]:
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


def _owe(command: OweChildNotification, state: Notices) -> Sequence[Event]:
    child = state.children.get(command.person_id)
    if child is not None and child.municipality == command.municipality:
        return []
    return [
        ChildNotificationOwed(
            stay_id=command.stay_id,
            occurred_on=command.occurred_on,
            person_id=command.person_id,
            obligation_id=command.obligation_id,
            municipality=command.municipality,
        )
    ]


def _follow(command: FollowHome, state: Notices) -> Sequence[Event]:
    return [
        ChildNotificationOwed(
            stay_id=command.stay_id,
            occurred_on=command.occurred_on,
            person_id=person_id,
            obligation_id=child.obligation_id,
            municipality=command.municipality,
        )
        for person_id, child in state.children.items()
        if child.municipality != command.municipality and (child.moved_on is None or child.moved_on <= command.occurred_on)
    ]


def _send_about_child(command: SendChildNotification, state: Notices) -> Sequence[Event]:
    child = state.children.get(command.person_id)
    if child is None:
        raise Refused(
            "child-notification-not-owed",
            "No notification is owed about a child with this id in this stay. It opens by itself when the child's arrival "
            "has been recorded; if that was just now, try again shortly.",
            kind="absent",
        )
    not_before_admission(command.occurred_on, command.admitted_on)
    if command.notice_id in state.notices:
        raise Refused("notice-already-sent", "A notice with this id was sent already.", field="notice_id")
    if command.kind == "first" and child.first_sent:
        raise Refused(
            "first-notification-already-sent",
            "The municipality has the first notification about this child; send what is new as a supplementary one.",
            field="kind",
        )
    if command.kind != "first" and not child.first_sent:
        raise Refused(
            "first-notification-not-sent",
            "The home municipality has no notification about this child yet; send the first one before this.",
            field="kind",
        )
    return [
        ChildNotificationSent(
            stay_id=command.stay_id,
            occurred_on=command.occurred_on,
            person_id=command.person_id,
            notice_id=command.notice_id,
            kind=command.kind,
            municipality=child.municipality,
            case_reference=state.references.get(child.municipality, command.fresh_reference),
        )
    ]


def _acknowledge(command: Acknowledge, state: Notices) -> Sequence[Event]:
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


def _escalate(command: Escalate, state: Notices) -> Sequence[Event]:
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


def _answer(command: Answer, state: Notices) -> Sequence[Event]:
    duty = state.duties.get(command.obligation_id)
    if duty is None or duty.municipality != command.municipality:
        raise Refused("obligation-not-found", "Your municipality owes nothing with this id in this case.", kind="absent")
    if duty.rule not in ANSWERS:
        raise Refused(
            "not-met-by-an-answer",
            "This is met by what happens, and is reported there: treatment to psychology, advice to coordinating-advice, "
            "a decision on payment under the case's payment.",
        )
    if command.answer not in ANSWERS[duty.rule]:
        raise Refused(
            "not-an-answer-to-this",
            f"This is answered with one of: {', '.join(sorted(ANSWERS[duty.rule]))}.",
            field="answer",
            kind="invalid",
        )
    if not duty.is_open:
        raise Refused("nothing-left-to-answer", "It was answered, met or cancelled before. Nothing needs to be recorded.")
    if command.occurred_on < duty.told_on:
        raise Refused(
            "before-it-was-asked",
            f"Your municipality owes this since {duty.told_on}; give the day of the answer, on or after that day.",
            field="occurred_on",
        )
    return [
        MunicipalityAnswered(
            stay_id=command.stay_id,
            occurred_on=command.occurred_on,
            obligation_id=command.obligation_id,
            municipality=command.municipality,
            rule=duty.rule,
            answer=command.answer,
        )
    ]


def _inform_of_duty(command: InformOfDuty, state: Notices) -> Sequence[Event]:
    if command.obligation_id in state.duties:
        return []
    return [
        MunicipalityInformed(
            stay_id=command.stay_id,
            occurred_on=command.occurred_on,
            obligation_id=command.obligation_id,
            municipality=command.municipality,
            case_reference=state.references.get(command.municipality, command.fresh_reference),
            change="opened",
            rule=command.rule,
            due=command.due,
        )
    ]


def _inform(command: Change, duty: Duty, state: Notices) -> Sequence[Event]:
    match command:
        case InformOfNewDate():
            return [_news(command, replace(duty, due=command.due), state, "rescheduled")]
        case InformOfDueSoon():
            return [_news(command, duty, state, "due-soon")]
        case InformOfMet():
            return [_news(command, duty, state, "met")]
        case InformOfMissed():
            return [_news(command, duty, state, "missed")]
        case InformOfReopened():
            return [_news(command, duty, state, "reopened")]
        case InformOfCancelled():
            return [_news(command, duty, state, "cancelled")]
        case InformOfTransfer():
            return [] if command.municipality == duty.municipality else _transfer(command, duty, state)
        case _ as never:
            assert_never(never)


def _news(command: Change, duty: Duty, state: Notices, change: ObligationChange) -> MunicipalityInformed:
    return MunicipalityInformed(
        stay_id=command.stay_id,
        occurred_on=command.occurred_on,
        obligation_id=command.obligation_id,
        municipality=duty.municipality,
        case_reference=state.references[duty.municipality],
        change=change,
        rule=duty.rule,
        due=duty.due,
    )


def _transfer(command: InformOfTransfer, duty: Duty, state: Notices) -> Sequence[Event]:
    references = {command.municipality: command.fresh_reference, **state.references}
    moved = replace(duty, municipality=command.municipality)
    return [
        _news(command, duty, state, "transferred-from"),
        _news(command, moved, replace(state, references=references), "transferred-to"),
    ]


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


NOTICES: Decider[Command, Notices] = Decider(name="notices", initial=Notices(), decide=decide, evolve=evolve)

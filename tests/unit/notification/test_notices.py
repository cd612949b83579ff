"""Notices: one case reference for each municipality, sent once, confirmed once, raised once."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid5

import pytest

from havn_chassis.decider import Refused
from havn_chassis.testing import given
from havn_events.codes import MunicipalAnswer
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
from notification.domain.notices.commands import (
    Acknowledge,
    Answer,
    Command,
    Escalate,
    FollowHome,
    InformOfCancelled,
    InformOfDueSoon,
    InformOfDuty,
    InformOfMet,
    InformOfMissed,
    InformOfNewDate,
    InformOfReopened,
    InformOfTransfer,
    LiftAnonymity,
    OweChildNotification,
    SendChildNotification,
    SendCorrections,
    SendNotice,
)
from notification.domain.notices.decider import NOTICES

STAY, CHILD, SIBLING = UUID(int=1), UUID(int=2), UUID(int=3)
NOTICE, CHILD_NOTICE, NEXT_NOTICE = UUID(int=11), UUID(int=12), UUID(int=13)
DUTY, CHILD_DUTY, SIBLING_DUTY, FACT = UUID(int=21), UUID(int=22), UUID(int=23), UUID(int=24)
ODENSES, GENTOFTES, UNUSED = UUID(int=31), UUID(int=32), UUID(int=33)
ODENSE, GENTOFTE = "0461", "0157"
SENT_ON = date(2025, 3, 3)
DAY = timedelta(days=1)
DUE = date(2025, 9, 3)


def notified(
    notice_id: UUID = NOTICE,
    notice: str = "admission",
    municipality: str = ODENSE,
    reference: UUID = ODENSES,
    anonymous: bool = False,
) -> MunicipalityNotified:
    return MunicipalityNotified(
        stay_id=STAY,
        occurred_on=SENT_ON,
        notice_id=notice_id,
        notice=notice,
        municipality=municipality,
        case_reference=reference,
        anonymous=anonymous,
    )


def informed(
    change: str,
    due: date | None = DUE,
    municipality: str = ODENSE,
    reference: UUID = ODENSES,
    duty: UUID = DUTY,
) -> MunicipalityInformed:
    return MunicipalityInformed(
        stay_id=STAY,
        occurred_on=SENT_ON,
        obligation_id=duty,
        municipality=municipality,
        case_reference=reference,
        change=change,
        rule="psychology-woman",
        due=due,
    )


def child_owed(person: UUID = CHILD, duty: UUID = CHILD_DUTY, municipality: str = ODENSE) -> ChildNotificationOwed:
    return ChildNotificationOwed(stay_id=STAY, occurred_on=SENT_ON, person_id=person, obligation_id=duty, municipality=municipality)


def child_sent(
    kind: str = "first", municipality: str = ODENSE, reference: UUID = ODENSES, notice_id: UUID = CHILD_NOTICE
) -> ChildNotificationSent:
    return ChildNotificationSent(
        stay_id=STAY,
        occurred_on=SENT_ON,
        person_id=CHILD,
        notice_id=notice_id,
        kind=kind,
        municipality=municipality,
        case_reference=reference,
    )


ACKNOWLEDGED = NotificationAcknowledged(stay_id=STAY, occurred_on=SENT_ON, notice_id=NOTICE, municipality=ODENSE, over="http")
ESCALATED = NotificationEscalated(stay_id=STAY, occurred_on=SENT_ON + 3 * DAY, notice_id=NOTICE, municipality=ODENSE)


def send(
    notice_id: UUID = NOTICE,
    notice: str = "admission",
    municipality: str = ODENSE,
    fresh: UUID = ODENSES,
    anonymous: bool = False,
) -> SendNotice:
    return SendNotice(
        stay_id=STAY,
        occurred_on=SENT_ON,
        notice_id=notice_id,
        notice=notice,  # type: ignore[arg-type]
        municipality=municipality,
        anonymous=anonymous,
        fresh_reference=fresh,
    )


def send_about_child(kind: str = "first", fresh: UUID = ODENSES, notice_id: UUID = CHILD_NOTICE) -> Command:
    return SendChildNotification(
        stay_id=STAY,
        occurred_on=SENT_ON,
        person_id=CHILD,
        notice_id=notice_id,
        kind=kind,  # type: ignore[arg-type]
        fresh_reference=fresh,
    )


def inform_of_duty(municipality: str = ODENSE, fresh: UUID = ODENSES) -> InformOfDuty:
    return InformOfDuty(
        stay_id=STAY,
        occurred_on=SENT_ON,
        obligation_id=DUTY,
        municipality=municipality,
        rule="psychology-woman",
        due=DUE,
        fresh_reference=fresh,
    )


def transfer(to: str = GENTOFTE, fresh: UUID = GENTOFTES) -> InformOfTransfer:
    return InformOfTransfer(stay_id=STAY, occurred_on=SENT_ON, obligation_id=DUTY, municipality=to, fresh_reference=fresh)


def acknowledge(notice_id: UUID = NOTICE, municipality: str = ODENSE) -> Acknowledge:
    return Acknowledge(stay_id=STAY, occurred_on=SENT_ON, notice_id=notice_id, municipality=municipality, over="http")


def escalate(sent_by: date = SENT_ON, day: date = SENT_ON + 2 * DAY) -> Escalate:
    return Escalate(stay_id=STAY, occurred_on=SENT_ON + 3 * DAY, notice_id=NOTICE, sent_by=sent_by, day=day)


# Notices of admission and discharge.


@pytest.mark.parametrize("anonymous", [False, True])
def test_the_home_municipality_is_told_of_the_admission(anonymous: bool) -> None:
    given(NOTICES).when(send(anonymous=anonymous)).then([notified(anonymous=anonymous)])


def test_the_same_notice_is_sent_once() -> None:
    given(NOTICES, [notified()]).when(send()).then_nothing()


def test_a_municipality_keeps_its_case_reference() -> None:
    given(NOTICES, [notified()]).when(send(NEXT_NOTICE, "discharge", fresh=UNUSED)).then([notified(NEXT_NOTICE, "discharge")])


def test_another_municipality_has_a_case_reference_of_its_own() -> None:
    given(NOTICES, [notified()]).when(send(NEXT_NOTICE, "discharge", GENTOFTE, GENTOFTES)).then(
        [notified(NEXT_NOTICE, "discharge", GENTOFTE, GENTOFTES)]
    )


# Corrections go to all who were told.


def test_a_correction_goes_to_everyone_who_was_told_anything() -> None:
    history = [notified(anonymous=True), informed("transferred-to", municipality=GENTOFTE, reference=GENTOFTES)]
    given(NOTICES, history).when(SendCorrections(stay_id=STAY, occurred_on=SENT_ON, fact_id=FACT)).then(
        [
            notified(uuid5(FACT, GENTOFTE), "correction", GENTOFTE, GENTOFTES, anonymous=True),
            notified(uuid5(FACT, ODENSE), "correction", anonymous=True),
        ]
    )


def test_a_corrected_move_out_is_told_to_those_alone_who_were_told_that_she_left() -> None:
    told = [
        notified(),
        informed("opened", municipality=GENTOFTE, reference=GENTOFTES),
        notified(NEXT_NOTICE, "discharge", GENTOFTE, GENTOFTES, anonymous=True),
    ]
    command = SendCorrections(stay_id=STAY, occurred_on=SENT_ON, fact_id=FACT, discharge_only=True)
    correction = notified(uuid5(FACT, GENTOFTE), "correction", GENTOFTE, GENTOFTES, anonymous=True)

    given(NOTICES, told).when(command).then([correction])
    given(NOTICES, [*told, correction]).when(command).then_nothing()
    given(NOTICES, told[:2]).when(command).then_nothing()


def test_an_annulled_stay_is_retracted_from_everyone_who_was_told() -> None:
    retract = SendCorrections(stay_id=STAY, occurred_on=SENT_ON, fact_id=FACT, retracted=True)
    given(NOTICES, [notified()]).when(retract).then([notified(uuid5(FACT, ODENSE), "retraction")])
    given(NOTICES).when(retract).then_nothing()


def test_a_correction_tells_nobody_who_was_not_told() -> None:
    given(NOTICES).when(SendCorrections(stay_id=STAY, occurred_on=SENT_ON, fact_id=FACT)).then_nothing()


def test_a_correction_is_sent_once() -> None:
    history = [notified(), notified(uuid5(FACT, ODENSE), "correction")]
    given(NOTICES, history).when(SendCorrections(stay_id=STAY, occurred_on=SENT_ON, fact_id=FACT)).then_nothing()


def test_lifted_anonymity_is_told_under_the_reference_of_the_earlier_notice() -> None:
    given(NOTICES, [notified(anonymous=True)]).when(LiftAnonymity(stay_id=STAY, occurred_on=SENT_ON, fact_id=FACT)).then(
        [notified(uuid5(FACT, ODENSE), "correction", anonymous=False)]
    )


def test_there_is_no_anonymity_to_lift_where_she_was_not_anonymous() -> None:
    given(NOTICES, [notified()]).when(LiftAnonymity(stay_id=STAY, occurred_on=SENT_ON, fact_id=FACT)).then_nothing()


# Child notifications are the shelter's, and the municipality is the one that the obligation names.


def owe(municipality: str = ODENSE) -> OweChildNotification:
    return OweChildNotification(
        stay_id=STAY, occurred_on=SENT_ON, person_id=CHILD, obligation_id=CHILD_DUTY, municipality=municipality
    )


def test_a_child_notification_is_owed() -> None:
    given(NOTICES).when(owe()).then([child_owed()])


def test_the_same_child_notification_is_owed_once() -> None:
    given(NOTICES, [child_owed()]).when(owe()).then_nothing()


def test_a_child_notification_may_come_to_be_owed_to_another_municipality() -> None:
    given(NOTICES, [child_owed()]).when(owe(GENTOFTE)).then([child_owed(municipality=GENTOFTE)])


def test_a_child_notification_that_nobody_is_owed_is_refused() -> None:
    given(NOTICES, [child_owed(SIBLING)]).when(send_about_child()).refused("child-notification-not-owed")


def test_the_first_child_notification_takes_a_fresh_reference_only_where_there_is_none() -> None:
    given(NOTICES, [child_owed()]).when(send_about_child()).then([child_sent()])
    given(NOTICES, [notified(), child_owed()]).when(send_about_child(fresh=UNUSED)).then([child_sent()])


@pytest.mark.parametrize("kind", ["supplementary", "final"])
def test_a_later_child_notification_follows_the_first(kind: str) -> None:
    given(NOTICES, [child_owed()]).when(send_about_child(kind)).refused("first-notification-not-sent")
    given(NOTICES, [child_owed(), child_sent()]).when(send_about_child(kind, notice_id=NEXT_NOTICE)).then(
        [child_sent(kind, notice_id=NEXT_NOTICE)]
    )


def test_the_first_child_notification_is_sent_once() -> None:
    given(NOTICES, [child_owed(), child_sent()]).when(send_about_child(notice_id=NEXT_NOTICE)).refused(
        "first-notification-already-sent"
    )


def test_a_notice_id_is_used_once() -> None:
    given(NOTICES, [child_owed(), child_sent()]).when(send_about_child("supplementary")).refused("notice-already-sent")


def test_a_supplementary_notification_may_follow_the_final_one() -> None:
    history = [child_owed(), child_sent(), child_sent("final", notice_id=NOTICE)]
    given(NOTICES, history).when(send_about_child("supplementary", notice_id=NEXT_NOTICE)).then(
        [child_sent("supplementary", notice_id=NEXT_NOTICE)]
    )


# News of what a municipality owes.


def test_a_municipality_learns_what_it_owes() -> None:
    given(NOTICES).when(inform_of_duty()).then([informed("opened")])
    given(NOTICES, [notified()]).when(inform_of_duty(fresh=UNUSED)).then([informed("opened")])


def test_it_learns_it_once() -> None:
    given(NOTICES, [informed("opened")]).when(inform_of_duty()).then_nothing()


def test_it_learns_of_a_new_date_and_later_news_carries_it() -> None:
    moved = informed("rescheduled", DUE + DAY)
    given(NOTICES, [informed("opened")]).when(
        InformOfNewDate(stay_id=STAY, occurred_on=SENT_ON, obligation_id=DUTY, due=DUE + DAY)
    ).then([moved])
    given(NOTICES, [informed("opened"), moved]).when(InformOfMissed(stay_id=STAY, occurred_on=SENT_ON, obligation_id=DUTY)).then(
        [informed("missed", DUE + DAY)]
    )


@pytest.mark.parametrize(
    ("command", "change"),
    [
        (InformOfDueSoon(stay_id=STAY, occurred_on=SENT_ON, obligation_id=DUTY), "due-soon"),
        (InformOfMet(stay_id=STAY, occurred_on=SENT_ON, obligation_id=DUTY), "met"),
        (InformOfMissed(stay_id=STAY, occurred_on=SENT_ON, obligation_id=DUTY), "missed"),
        (InformOfReopened(stay_id=STAY, occurred_on=SENT_ON, obligation_id=DUTY), "reopened"),
        (InformOfCancelled(stay_id=STAY, occurred_on=SENT_ON, obligation_id=DUTY), "cancelled"),
    ],
)
def test_it_learns_what_became_of_it(command: Command, change: str) -> None:
    given(NOTICES, [informed("opened")]).when(command).then([informed(change)])


@pytest.mark.parametrize(
    "command",
    [
        InformOfNewDate(stay_id=STAY, occurred_on=SENT_ON, obligation_id=DUTY, due=DUE),
        InformOfMet(stay_id=STAY, occurred_on=SENT_ON, obligation_id=DUTY),
        InformOfDueSoon(stay_id=STAY, occurred_on=SENT_ON, obligation_id=DUTY),
        InformOfMissed(stay_id=STAY, occurred_on=SENT_ON, obligation_id=DUTY),
        InformOfReopened(stay_id=STAY, occurred_on=SENT_ON, obligation_id=DUTY),
        InformOfCancelled(stay_id=STAY, occurred_on=SENT_ON, obligation_id=DUTY),
        transfer(),
    ],
)
def test_what_the_shelter_owes_is_no_news_for_a_municipality(command: Command) -> None:
    given(NOTICES, [notified()]).when(command).then_nothing()


def test_a_transfer_tells_both_municipalities_each_under_its_own_reference() -> None:
    given(NOTICES, [informed("opened")]).when(transfer()).then(
        [
            informed("transferred-from"),
            informed("transferred-to", municipality=GENTOFTE, reference=GENTOFTES),
        ]
    )


def test_a_second_transfer_keeps_the_new_municipalitys_reference() -> None:
    history = [informed("opened"), notified(NOTICE, "discharge", GENTOFTE, GENTOFTES)]
    given(NOTICES, history).when(transfer(fresh=UNUSED)).then(
        [informed("transferred-from"), informed("transferred-to", municipality=GENTOFTE, reference=GENTOFTES)]
    )


def test_after_a_transfer_the_news_goes_to_the_new_municipality_only() -> None:
    history = [
        informed("opened"),
        informed("transferred-from"),
        informed("transferred-to", municipality=GENTOFTE, reference=GENTOFTES),
    ]
    given(NOTICES, history).when(InformOfMet(stay_id=STAY, occurred_on=SENT_ON, obligation_id=DUTY)).then(
        [informed("met", municipality=GENTOFTE, reference=GENTOFTES)]
    )


def test_a_transfer_to_the_municipality_that_owes_it_changes_nothing() -> None:
    given(NOTICES, [informed("opened")]).when(transfer(ODENSE)).then_nothing()


# Notifications about the children follow the home municipality.


def follow(municipality: str, on: date) -> FollowHome:
    return FollowHome(stay_id=STAY, occurred_on=on, municipality=municipality)


def moved(municipality: str, on: date) -> ChildNotificationOwed:
    return child_owed(municipality=municipality).model_copy(update={"occurred_on": on})


def test_the_new_home_municipality_gets_what_is_sent_about_the_children_beginning_with_a_first() -> None:
    history: list[Event] = [child_owed(), child_owed(SIBLING, SIBLING_DUTY, GENTOFTE), child_sent()]
    given(NOTICES, history).when(follow(GENTOFTE, SENT_ON + DAY)).then([moved(GENTOFTE, SENT_ON + DAY)])
    history.append(moved(GENTOFTE, SENT_ON + DAY))
    given(NOTICES, history).when(send_about_child("final", notice_id=NEXT_NOTICE)).refused("first-notification-not-sent")
    given(NOTICES, history).when(send_about_child(fresh=GENTOFTES, notice_id=NEXT_NOTICE)).then(
        [child_sent("first", GENTOFTE, GENTOFTES, NEXT_NOTICE)]
    )


def test_a_change_of_home_before_the_child_was_registered_counts() -> None:
    given(NOTICES, [child_owed()]).when(follow(GENTOFTE, SENT_ON - DAY)).then([moved(GENTOFTE, SENT_ON - DAY)])


def test_a_change_of_home_registered_after_a_later_one_changes_nothing() -> None:
    history = [child_owed(), moved(GENTOFTE, SENT_ON + DAY)]
    given(NOTICES, history).when(follow(ODENSE, SENT_ON)).then_nothing()
    given(NOTICES, history).when(follow(ODENSE, SENT_ON + DAY)).then([moved(ODENSE, SENT_ON + DAY)])


# Acknowledgement and escalation.


@pytest.mark.parametrize("history", [[notified()], [notified(), ESCALATED]])
def test_the_municipality_confirms(history: list[Event]) -> None:
    given(NOTICES, history).when(acknowledge()).then([ACKNOWLEDGED])


def test_confirming_twice_changes_nothing() -> None:
    given(NOTICES, [notified(), ACKNOWLEDGED]).when(acknowledge()).then_nothing()


def test_a_child_notification_is_confirmed_as_well() -> None:
    given(NOTICES, [child_owed(), child_sent()]).when(acknowledge(CHILD_NOTICE)).then(
        [ACKNOWLEDGED.model_copy(update={"notice_id": CHILD_NOTICE})]
    )


@pytest.mark.parametrize("command", [acknowledge(NEXT_NOTICE), acknowledge(municipality=GENTOFTE)])
def test_a_notice_sent_to_another_is_as_absent_as_one_never_sent(command: Command) -> None:
    with pytest.raises(Refused) as refusal:
        NOTICES.decide(command, NOTICES.fold([notified()]))
    assert (refusal.value.rule, refusal.value.kind) == ("notice-not-found", "absent")


def test_a_notice_is_raised_when_the_threshold_reaches_the_day_it_was_sent() -> None:
    given(NOTICES, [notified()]).when(escalate(SENT_ON - DAY)).then_nothing()
    given(NOTICES, [notified()]).when(escalate(SENT_ON)).then([ESCALATED])
    given(NOTICES, [notified()]).when(escalate(SENT_ON + DAY)).then([ESCALATED])


@pytest.mark.parametrize("history", [[], [notified(), ACKNOWLEDGED], [notified(), ESCALATED]])
def test_what_is_unknown_confirmed_or_raised_already_is_not_raised(history: list[Event]) -> None:
    given(NOTICES, history).when(escalate()).then_nothing()


def test_a_child_notification_is_raised_as_well() -> None:
    command = Escalate(stay_id=STAY, occurred_on=SENT_ON + 3 * DAY, notice_id=CHILD_NOTICE, sent_by=SENT_ON, day=SENT_ON)
    given(NOTICES, [child_owed(), child_sent()]).when(command).then([ESCALATED.model_copy(update={"notice_id": CHILD_NOTICE})])


def test_a_notice_is_raised_when_the_day_it_was_to_be_confirmed_by_is_over() -> None:
    history = [notified().model_copy(update={"acknowledge_by": SENT_ON + DAY})]
    for_long = SENT_ON - 5 * DAY
    given(NOTICES, history).when(escalate(for_long, SENT_ON)).then_nothing()
    given(NOTICES, history).when(escalate(for_long, SENT_ON + DAY)).then([ESCALATED])
    given(NOTICES, history).when(escalate(for_long, SENT_ON + 2 * DAY)).then([ESCALATED])


# Answers.


def asked(
    change: str = "opened", rule: str = "action-plan", municipality: str = ODENSE, on: date = SENT_ON
) -> MunicipalityInformed:
    return informed(change, municipality=municipality).model_copy(update={"rule": rule, "occurred_on": on})


def answer(
    said: MunicipalAnswer = "action-plan-made", on: date = SENT_ON, municipality: str = ODENSE, duty: UUID = DUTY
) -> Answer:
    return Answer(stay_id=STAY, occurred_on=on, obligation_id=duty, municipality=municipality, answer=said)


def answered(
    said: MunicipalAnswer = "action-plan-made", rule: str = "action-plan", on: date = SENT_ON, municipality: str = ODENSE
) -> MunicipalityAnswered:
    return MunicipalityAnswered(
        stay_id=STAY, occurred_on=on, obligation_id=DUTY, municipality=municipality, rule=rule, answer=said
    )


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("action-plan", "action-plan-made"),
        ("action-plan", "action-plan-not-wanted"),
        ("action-plan-review", "action-plan-reviewed"),
        ("action-plan-review", "action-plan-not-wanted"),
    ],
)
def test_a_municipality_answers_what_it_is_asked(rule: str, said: MunicipalAnswer) -> None:
    given(NOTICES, [asked(rule=rule)]).when(answer(said)).then([answered(said, rule)])


@pytest.mark.parametrize(("rule", "said"), [("action-plan", "action-plan-reviewed"), ("action-plan-review", "action-plan-made")])
def test_an_answer_to_another_question_is_refused(rule: str, said: MunicipalAnswer) -> None:
    given(NOTICES, [asked(rule=rule)]).when(answer(said)).refused("not-an-answer-to-this")


@pytest.mark.parametrize("rule", ["psychology-woman", "advice-start", "payment-decision"])
def test_what_happens_elsewhere_is_not_met_by_an_answer(rule: str) -> None:
    given(NOTICES, [asked(rule=rule)]).when(answer()).refused("not-met-by-an-answer")


@pytest.mark.parametrize(("municipality", "duty"), [(GENTOFTE, DUTY), (ODENSE, CHILD_DUTY)])
def test_what_a_municipality_does_not_owe_is_answered_like_what_never_was(municipality: str, duty: UUID) -> None:
    given(NOTICES, [asked()]).when(answer(municipality=municipality, duty=duty)).refused("obligation-not-found")


def test_an_answer_is_not_older_than_its_question() -> None:
    given(NOTICES, [asked()]).when(answer(on=SENT_ON - DAY)).refused("before-it-was-asked")
    for on in (SENT_ON, SENT_ON + DAY):
        given(NOTICES, [asked()]).when(answer(on=on)).then([answered(on=on)])


@pytest.mark.parametrize("closing", [asked("met"), asked("cancelled"), answered()])
def test_what_is_settled_is_answered_no_more_until_it_is_owed_again(closing: Event) -> None:
    given(NOTICES, [asked(), closing]).when(answer()).refused("nothing-left-to-answer")
    given(NOTICES, [asked(), closing, asked("reopened")]).when(answer()).then([answered()])


@pytest.mark.parametrize("change", ["due-soon", "rescheduled", "missed"])
def test_what_is_near_moved_or_missed_can_still_be_answered(change: str) -> None:
    given(NOTICES, [asked(), asked(change)]).when(answer()).then([answered()])
    given(NOTICES, [asked(), answered(), asked(change)]).when(answer()).refused("nothing-left-to-answer")


def test_who_owes_it_now_answers_from_the_day_it_does() -> None:
    moved = SENT_ON + 2 * DAY
    history = [asked(), asked("transferred-from", on=moved), asked("transferred-to", municipality=GENTOFTE, on=moved)]
    given(NOTICES, history).when(answer(on=moved)).refused("obligation-not-found")
    given(NOTICES, history).when(answer(on=moved - DAY, municipality=GENTOFTE)).refused("before-it-was-asked")
    given(NOTICES, history).when(answer(on=moved, municipality=GENTOFTE)).then([answered(on=moved, municipality=GENTOFTE)])


def test_no_child_notification_is_older_than_the_admission() -> None:
    about_child = send_about_child()
    assert isinstance(about_child, SendChildNotification)
    given(NOTICES, [child_owed()]).when(replace(about_child, admitted_on=SENT_ON + DAY)).refused("before-admission")
    for admitted_on in (SENT_ON, SENT_ON - DAY):
        given(NOTICES, [child_owed()]).when(replace(about_child, admitted_on=admitted_on)).then([child_sent()])

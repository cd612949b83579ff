"""Aftercare: in which order it goes, and what makes a course complete."""

from datetime import date
from typing import Any, get_args
from uuid import UUID

import pytest

from aftercare.domain.aftercare import (
    AFTERCARE,
    CloseAftercare,
    CloseCourse,
    CloseOffer,
    Command,
    DeclineAftercare,
    DeclineCafeInvitations,
    EndAftercare,
    GoOn,
    InviteToCafe,
    MakeVisit,
    OfferAftercare,
    OpenAftercare,
    OpenCourse,
    StartAftercare,
)
from havn_chassis.decider import Refused
from havn_chassis.testing import given
from havn_events.aftercare import (
    AftercareClosed,
    AftercareCourseOpened,
    AftercareDeclined,
    AftercareEnded,
    AftercareOffered,
    AftercareOpened,
    AftercareStarted,
    AftercareVisitMade,
    CafeInvitationsDeclined,
    CafeInvitationSent,
)
from havn_events.codes import AftercareEnd
from havn_events.event import Event
from havn_events.orchestrator import DayPassed

STAY = UUID(int=1)
OBLIGATION, ANOTHER_OBLIGATION, COURSE_OBLIGATION = UUID(int=2), UUID(int=3), UUID(int=4)
THE_DAY_BEFORE, START, THE_DAY_AFTER = date(2024, 1, 9), date(2024, 1, 10), date(2024, 1, 11)
TOO_SOON, THREE_MONTHS_ON, LATER = date(2024, 4, 9), date(2024, 4, 10), date(2024, 4, 11)


def about(day: date = START) -> dict[str, Any]:
    return {"stay_id": STAY, "occurred_on": day}


OPENED = AftercareOpened(**about(), obligation_id=OBLIGATION)
OPENED_ANEW = AftercareOpened(**about(), obligation_id=ANOTHER_OBLIGATION)
OFFERED = AftercareOffered(**about())
STARTED = AftercareStarted(**about())
DECLINED = AftercareDeclined(**about(), reason="does-not-want")
CLOSED = AftercareClosed(**about())
NOT_TOLD_YET: list[Event] = [OPENED, OFFERED, STARTED]
"""It runs, and no obligation says what completes it."""


def course_opened(visits: int = 3, complete_from: date = THREE_MONTHS_ON) -> AftercareCourseOpened:
    return AftercareCourseOpened(
        **about(), obligation_id=COURSE_OBLIGATION, visits=visits, complete_from=complete_from
    )


def open_course(visits: int = 3, complete_from: date = THREE_MONTHS_ON) -> OpenCourse:
    return OpenCourse(**about(), obligation_id=COURSE_OBLIGATION, visits=visits, complete_from=complete_from)


RUNNING: list[Event] = [*NOT_TOLD_YET, course_opened()]


def visit(number: int, day: date = START) -> AftercareVisitMade:
    return AftercareVisitMade(**about(day), visit_id=UUID(int=100 + number), place="home")


def ended(day: date, completed: bool | None, because: AftercareEnd = "course-over") -> AftercareEnded:
    return AftercareEnded(**about(day), completed=completed, because=because)


def end(day: date = START, because: AftercareEnd = "course-over") -> EndAftercare:
    return EndAftercare(**about(day), because=because)


def make_visit(number: int, day: date = START) -> MakeVisit:
    return MakeVisit(**about(day), visit_id=UUID(int=100 + number), place="home")


def decline(day: date = START) -> DeclineAftercare:
    return DeclineAftercare(**about(day), reason="does-not-want")


THREE_VISITS: list[Event] = [visit(1), visit(2), visit(3)]


# What the obligations bring


def test_an_obligation_to_offer_opens_it() -> None:
    given(AFTERCARE).when(OpenAftercare(**about(), obligation_id=OBLIGATION)).then([OPENED])


def test_the_same_obligation_again_changes_nothing() -> None:
    given(AFTERCARE, [OPENED]).when(OpenAftercare(**about(), obligation_id=OBLIGATION)).then_nothing()


def test_opened_anew_after_a_cancellation_it_keeps_the_offer() -> None:
    given(AFTERCARE, [OPENED, OFFERED, CLOSED]).when(OpenAftercare(**about(), obligation_id=ANOTHER_OBLIGATION)).then([OPENED_ANEW])
    given(AFTERCARE, [OPENED, OFFERED, CLOSED, OPENED_ANEW]).when(OfferAftercare(**about())).refused("already-offered")
    given(AFTERCARE, [OPENED, OFFERED, CLOSED, OPENED_ANEW]).when(StartAftercare(**about())).then([STARTED])


def test_opened_anew_after_a_decline_it_is_offered_anew() -> None:
    given(AFTERCARE, [OPENED, OFFERED, DECLINED, OPENED_ANEW]).when(OfferAftercare(**about())).then([OFFERED])


@pytest.mark.parametrize("history", [[OPENED], [OPENED, OFFERED]])
def test_a_cancelled_obligation_to_offer_closes_it(history: list[Event]) -> None:
    given(AFTERCARE, history).when(CloseOffer(**about(), obligation_id=OBLIGATION)).then([CLOSED])


@pytest.mark.parametrize("history", [[], [OPENED_ANEW], [OPENED, OFFERED, DECLINED], [OPENED, CLOSED], RUNNING])
def test_a_cancelled_obligation_to_offer_that_is_unknown_or_settled_changes_nothing(history: list[Event]) -> None:
    given(AFTERCARE, history).when(CloseOffer(**about(), obligation_id=OBLIGATION)).then_nothing()


def test_a_cancelled_course_closes_it() -> None:
    given(AFTERCARE, RUNNING).when(CloseCourse(**about())).then([CLOSED])


@pytest.mark.parametrize("history", [[], [OPENED], [OPENED, OFFERED], [*RUNNING, ended(START, False)], [*RUNNING, CLOSED]])
def test_a_cancelled_course_that_is_not_running_changes_nothing(history: list[Event]) -> None:
    given(AFTERCARE, history).when(CloseCourse(**about())).then_nothing()


@pytest.mark.parametrize(
    "history",
    [
        [OPENED],
        [OPENED, OFFERED],
        [OPENED, OFFERED, DECLINED],
        RUNNING,
        [*RUNNING, ended(START, False)],
        [*RUNNING, ended(LATER, True)],
    ],
)
def test_an_annulled_stay_closes_it_whatever_became_of_it(history: list[Event]) -> None:
    given(AFTERCARE, history).when(CloseAftercare(**about())).then([CLOSED])
    given(AFTERCARE, [*history, CLOSED]).when(InviteToCafe(**about())).refused("aftercare-over")


@pytest.mark.parametrize("history", [[], [OPENED, CLOSED], [*RUNNING, ended(START, False), CLOSED]])
def test_an_annulled_stay_closes_nothing_that_was_never_opened_or_is_closed(history: list[Event]) -> None:
    given(AFTERCARE, history).when(CloseAftercare(**about())).then_nothing()


# Offer and answer


def test_an_offer_even_one_made_before_the_move() -> None:
    given(AFTERCARE, [OPENED]).when(OfferAftercare(**about())).then([OFFERED])
    given(AFTERCARE, [OPENED]).when(OfferAftercare(**about(THE_DAY_BEFORE))).then([AftercareOffered(**about(THE_DAY_BEFORE))])


def test_offered_once_only() -> None:
    given(AFTERCARE, [OPENED, OFFERED]).when(OfferAftercare(**about())).refused("already-offered")


def test_an_offer_is_declined_or_accepted() -> None:
    given(AFTERCARE, [OPENED, OFFERED]).when(decline()).then([DECLINED])
    given(AFTERCARE, [OPENED, OFFERED]).when(StartAftercare(**about())).then([STARTED])


@pytest.mark.parametrize("answer", [decline(), StartAftercare(**about())])
def test_no_answer_without_an_offer(answer: Command) -> None:
    given(AFTERCARE, [OPENED]).when(answer).refused("not-offered")


@pytest.mark.parametrize("answer", [decline(THE_DAY_BEFORE), StartAftercare(**about(THE_DAY_BEFORE))])
def test_no_answer_before_the_offer(answer: Command) -> None:
    given(AFTERCARE, [OPENED, OFFERED]).when(answer).refused("before-the-offer")


def test_an_answer_may_come_days_after_the_offer() -> None:
    given(AFTERCARE, [OPENED, OFFERED]).when(StartAftercare(**about(THE_DAY_AFTER))).then(
        [AftercareStarted(**about(THE_DAY_AFTER))]
    )


@pytest.mark.parametrize("answer", [decline(), StartAftercare(**about())])
def test_no_answer_once_it_started(answer: Command) -> None:
    given(AFTERCARE, RUNNING).when(answer).refused("already-started")


@pytest.mark.parametrize("command", [decline(), StartAftercare(**about()), make_visit(1), end()])
def test_what_was_declined_is_offered_again_first(command: Command) -> None:
    given(AFTERCARE, [OPENED, OFFERED, DECLINED]).when(command).refused("aftercare-declined")


@pytest.mark.parametrize("day", [START, THE_DAY_AFTER])
def test_a_family_that_declined_may_think_better_of_it(day: date) -> None:
    again = AftercareOffered(**about(day))
    given(AFTERCARE, [OPENED, OFFERED, DECLINED]).when(OfferAftercare(**about(day))).then([again])
    given(AFTERCARE, [OPENED, OFFERED, DECLINED, again]).when(StartAftercare(**about(day))).then([AftercareStarted(**about(day))])
    given(AFTERCARE, [OPENED, OFFERED, DECLINED, again]).when(OfferAftercare(**about(day))).refused("already-offered")
    given(AFTERCARE, [OPENED, OFFERED, DECLINED, again]).when(decline(day)).then(
        [AftercareDeclined(**about(day), reason="does-not-want")]
    )


def test_an_offer_made_again_does_not_lie_before_the_answer_to_the_first() -> None:
    given(AFTERCARE, [OPENED, OFFERED, DECLINED]).when(OfferAftercare(**about(THE_DAY_BEFORE))).refused("before-it-was-declined")


@pytest.mark.parametrize(
    "command",
    [OfferAftercare(**about()), decline(), StartAftercare(**about()), make_visit(1), end()],
)
def test_nothing_after_it_was_closed(command: Command) -> None:
    given(AFTERCARE, [OPENED, OFFERED, CLOSED]).when(command).refused("aftercare-over")


@pytest.mark.parametrize(
    "command",
    [OfferAftercare(**about()), decline(), StartAftercare(**about()), make_visit(1), end()],
)
def test_nothing_before_the_obligation_arrived(command: Command) -> None:
    with pytest.raises(Refused) as caught:
        AFTERCARE.decide(command, AFTERCARE.initial)
    assert (caught.value.rule, caught.value.kind) == ("aftercare-not-open", "absent")
    assert "try again shortly" in caught.value.detail


# The course


def test_a_visit() -> None:
    given(AFTERCARE, RUNNING).when(make_visit(1)).then([visit(1)])


@pytest.mark.parametrize("command", [make_visit(1), end()])
def test_no_visit_and_no_end_before_it_started(command: Command) -> None:
    given(AFTERCARE, [OPENED, OFFERED]).when(command).refused("not-started")


def test_no_visit_twice() -> None:
    given(AFTERCARE, [*RUNNING, visit(1)]).when(make_visit(1)).refused("visit-recorded-twice")


def test_a_visit_is_dated_the_day_it_started_or_later_but_not_before() -> None:
    given(AFTERCARE, RUNNING).when(make_visit(1, THE_DAY_BEFORE)).refused("before-the-start")
    given(AFTERCARE, RUNNING).when(make_visit(1, START)).then([visit(1, START)])
    given(AFTERCARE, RUNNING).when(make_visit(1, THE_DAY_AFTER)).then([visit(1, THE_DAY_AFTER)])


@pytest.mark.parametrize(
    "owed, visits, day, completed",
    [
        (3, 3, TOO_SOON, False),
        (3, 3, THREE_MONTHS_ON, True),
        (3, 3, LATER, True),
        (3, 2, THREE_MONTHS_ON, False),
        (3, 4, THREE_MONTHS_ON, True),
        (3, 0, START, False),
        (5, 4, LATER, False),
        (5, 5, TOO_SOON, False),
        (5, 5, THREE_MONTHS_ON, True),
        (5, 6, THREE_MONTHS_ON, True),
        (1, 1, THREE_MONTHS_ON, True),
    ],
)
def test_complete_from_its_day_on_with_all_its_visits(owed: int, visits: int, day: date, completed: bool) -> None:
    history: list[Event] = [*NOT_TOLD_YET, course_opened(owed), *(visit(number) for number in range(visits))]
    given(AFTERCARE, history).when(end(day)).then([ended(day, completed)])


# What completes it


def test_an_obligation_says_what_completes_it() -> None:
    given(AFTERCARE, NOT_TOLD_YET).when(open_course()).then([course_opened()])
    given(AFTERCARE, NOT_TOLD_YET).when(open_course(5, LATER)).then([course_opened(5, LATER)])


@pytest.mark.parametrize("history", [[], [OPENED], [OPENED, OFFERED], [OPENED, OFFERED, DECLINED]])
def test_what_completes_it_is_of_no_use_before_it_started(history: list[Event]) -> None:
    given(AFTERCARE, history).when(open_course()).then_nothing()


@pytest.mark.parametrize("history", [RUNNING, [*RUNNING, ended(START, False)], [*RUNNING, *THREE_VISITS, ended(LATER, True)]])
def test_what_completes_it_told_again_changes_nothing(history: list[Event]) -> None:
    given(AFTERCARE, history).when(open_course()).then_nothing()


@pytest.mark.parametrize(("visits", "complete_from"), [(4, THREE_MONTHS_ON), (3, LATER)])
def test_another_version_of_the_standard_may_ask_for_another_course(visits: int, complete_from: date) -> None:
    """The obligation of before is cancelled, which closes the course, and another one opened."""
    history = [*RUNNING, *THREE_VISITS]
    given(AFTERCARE, history).when(open_course(visits, complete_from)).then([course_opened(visits, complete_from)])
    changed = [*history, CLOSED, course_opened(visits, complete_from)]
    given(AFTERCARE, changed).when(end(THREE_MONTHS_ON)).then([ended(THREE_MONTHS_ON, False)])
    given(AFTERCARE, [*changed, visit(4)]).when(end(LATER)).then([ended(LATER, True)])


def test_a_closed_course_that_is_owed_again_goes_on() -> None:
    given(AFTERCARE, [*RUNNING, CLOSED]).when(open_course()).then([course_opened()])
    given(AFTERCARE, [*RUNNING, CLOSED, course_opened()]).when(make_visit(1)).then([visit(1)])


def test_a_closed_course_goes_on_also_where_nothing_completes_it() -> None:
    owed_anew = AftercareOpened(**about(), obligation_id=COURSE_OBLIGATION)
    go_on = GoOn(**about(), obligation_id=COURSE_OBLIGATION)
    given(AFTERCARE, [*RUNNING, *THREE_VISITS, CLOSED]).when(go_on).then([owed_anew])
    given(AFTERCARE, [*RUNNING, *THREE_VISITS, CLOSED, owed_anew]).when(end(LATER)).then([ended(LATER, None)])
    given(AFTERCARE, [*RUNNING, CLOSED, owed_anew]).when(go_on).then_nothing()


@pytest.mark.parametrize("history", [[], [OPENED], [OPENED, OFFERED], [OPENED, OFFERED, CLOSED], NOT_TOLD_YET, RUNNING])
def test_what_runs_or_has_not_started_is_told_nothing_by_a_course_that_nothing_completes(history: list[Event]) -> None:
    given(AFTERCARE, history).when(GoOn(**about(), obligation_id=COURSE_OBLIGATION)).then_nothing()


def test_nothing_completes_a_course_that_is_owed_no_more() -> None:
    """Opened again by an offer that is owed anew, it is measured by nothing until a course is owed."""
    history = [*RUNNING, CLOSED, OPENED_ANEW, *THREE_VISITS]
    given(AFTERCARE, history).when(end(LATER)).then([ended(LATER, None)])
    given(AFTERCARE, [*history, ended(LATER, None)]).when(open_course()).then([course_opened(), ended(LATER, True)])


@pytest.mark.parametrize(("day", "completed"), [(TOO_SOON, False), (THREE_MONTHS_ON, True), (LATER, True)])
def test_a_course_that_ended_before_it_is_known_what_completes_it_is_judged_then(day: date, completed: bool) -> None:
    history = [*NOT_TOLD_YET, *THREE_VISITS]
    given(AFTERCARE, history).when(end(day, "other")).then([ended(day, None, "other")])
    ended_before = [*history, ended(day, None, "other")]
    given(AFTERCARE, ended_before).when(open_course()).then([course_opened(), ended(day, completed, "other")])
    given(AFTERCARE, [*ended_before, course_opened(), ended(day, completed, "other")]).when(open_course()).then_nothing()


def test_a_visit_told_late_says_nothing_of_a_course_that_nothing_completes() -> None:
    history = [*NOT_TOLD_YET, *THREE_VISITS, ended(LATER, None)]
    given(AFTERCARE, history).when(make_visit(4)).then([visit(4)])
    given(AFTERCARE, [*history, visit(4)]).when(open_course(4)).then([course_opened(4), ended(LATER, True)])


def test_what_was_completed_stays_so_whatever_is_asked_for_since() -> None:
    history = [*RUNNING, *THREE_VISITS, ended(LATER, True)]
    given(AFTERCARE, history).when(open_course(5)).then([course_opened(5)])


def test_what_was_not_completed_is_where_less_is_asked_for_since() -> None:
    history = [*RUNNING, visit(1), visit(2), ended(LATER, False)]
    given(AFTERCARE, history).when(open_course(3, LATER)).then([course_opened(3, LATER)])
    given(AFTERCARE, history).when(open_course(2)).then([course_opened(2), ended(LATER, True)])


@pytest.mark.parametrize("because", get_args(AftercareEnd))
@pytest.mark.parametrize(("day", "completed"), [(TOO_SOON, False), (THREE_MONTHS_ON, True), (LATER, True)])
def test_why_it_ended_is_told_and_does_not_make_it_complete(because: AftercareEnd, day: date, completed: bool) -> None:
    given(AFTERCARE, [*RUNNING, *THREE_VISITS]).when(end(day, because)).then([ended(day, completed, because)])


def test_it_ends_once() -> None:
    given(AFTERCARE, [*RUNNING, ended(START, False)]).when(end()).refused("aftercare-ended")


def test_it_does_not_end_before_it_started() -> None:
    given(AFTERCARE, RUNNING).when(end(THE_DAY_BEFORE)).refused("before-the-last-visit")


def test_it_does_not_end_before_the_last_visit_in_whatever_order_they_were_recorded() -> None:
    history = [*RUNNING, visit(1, LATER), visit(2, START)]
    given(AFTERCARE, history).when(end(THREE_MONTHS_ON)).refused("before-the-last-visit")
    given(AFTERCARE, history).when(end(LATER)).then([ended(LATER, False)])


def test_a_visit_up_to_the_last_day_may_be_recorded_late() -> None:
    history = [*RUNNING, ended(TOO_SOON, False)]
    given(AFTERCARE, history).when(make_visit(1, START)).then([visit(1, START)])
    given(AFTERCARE, history).when(make_visit(1, TOO_SOON)).then([visit(1, TOO_SOON)])
    given(AFTERCARE, history).when(make_visit(1, THREE_MONTHS_ON)).refused("aftercare-ended")


def test_a_late_third_visit_completes_the_course_visibly() -> None:
    history = [*RUNNING, visit(1), visit(2), ended(LATER, False)]
    given(AFTERCARE, history).when(make_visit(3)).then([visit(3), ended(LATER, True)])


def test_a_late_visit_completes_what_the_family_broke_off_and_the_reason_stays() -> None:
    history = [*RUNNING, visit(1), visit(2), ended(LATER, False, "family-wants-no-more")]
    given(AFTERCARE, history).when(make_visit(3)).then([visit(3), ended(LATER, True, "family-wants-no-more")])


def test_a_late_visit_to_a_completed_course_or_one_that_was_too_short_says_nothing_new() -> None:
    given(AFTERCARE, [*RUNNING, *THREE_VISITS, ended(LATER, True)]).when(make_visit(4)).then([visit(4)])
    given(AFTERCARE, [*RUNNING, visit(1), visit(2), ended(TOO_SOON, False)]).when(make_visit(3)).then([visit(3)])


def test_an_ended_course_is_neither_started_nor_declined_again() -> None:
    history = [*RUNNING, ended(START, False)]
    given(AFTERCARE, history).when(StartAftercare(**about())).refused("already-started")
    given(AFTERCARE, history).when(decline()).refused("already-started")


def test_a_broken_stream_is_not_read() -> None:
    with pytest.raises(ValueError, match="the stream is broken"):
        AFTERCARE.fold([OFFERED])
    with pytest.raises(ValueError, match="the stream is broken"):
        AFTERCARE.fold([OPENED, DayPassed(occurred_on=START)])


@pytest.mark.parametrize("day", [START, THE_DAY_AFTER])
def test_an_offer_is_made_from_the_day_of_admission_on(day: date) -> None:
    given(AFTERCARE, [OPENED]).when(OfferAftercare(**about(day), admitted_on=START)).then([AftercareOffered(**about(day))])


def test_no_offer_is_made_before_the_admission() -> None:
    given(AFTERCARE, [OPENED]).when(OfferAftercare(**about(THE_DAY_BEFORE), admitted_on=START)).refused("before-admission")


# The café


def invited(day: date) -> CafeInvitationSent:
    return CafeInvitationSent(**about(day))


def invite(day: date) -> InviteToCafe:
    return InviteToCafe(**about(day))


def no_more(day: date) -> DeclineCafeInvitations:
    return DeclineCafeInvitations(**about(day))


def declined_invitations(day: date) -> CafeInvitationsDeclined:
    return CafeInvitationsDeclined(**about(day))


@pytest.mark.parametrize("command", [invite(THE_DAY_AFTER), no_more(THE_DAY_AFTER)])
@pytest.mark.parametrize(
    ("history", "rule"),
    [
        ([OPENED], "not-started"),
        ([OPENED, OFFERED], "not-started"),
        ([OPENED, OFFERED, DECLINED], "aftercare-declined"),
        ([OPENED, OFFERED, CLOSED], "aftercare-over"),
        ([*RUNNING, CLOSED], "aftercare-over"),
    ],
)
def test_only_a_family_that_accepted_is_invited_to_the_cafe(history: list[Event], rule: str, command: Command) -> None:
    given(AFTERCARE, history).when(command).refused(rule)


@pytest.mark.parametrize("command", [invite(START), no_more(START)])
def test_nobody_is_invited_before_the_obligation_arrived(command: Command) -> None:
    given(AFTERCARE).when(command).refused("aftercare-not-open")


def test_invitations_are_of_the_day_aftercare_started_or_later() -> None:
    given(AFTERCARE, RUNNING).when(invite(THE_DAY_BEFORE)).refused("before-the-start")
    given(AFTERCARE, RUNNING).when(invite(START)).then([invited(START)])
    given(AFTERCARE, RUNNING).when(invite(THE_DAY_AFTER)).then([invited(THE_DAY_AFTER)])


def test_invitations_are_declined_on_the_day_aftercare_started_or_later() -> None:
    given(AFTERCARE, RUNNING).when(no_more(THE_DAY_BEFORE)).refused("before-the-start")
    given(AFTERCARE, RUNNING).when(no_more(START)).then([declined_invitations(START)])
    given(AFTERCARE, RUNNING).when(no_more(THE_DAY_AFTER)).then([declined_invitations(THE_DAY_AFTER)])


@pytest.mark.parametrize("completed", [True, False])
@pytest.mark.parametrize("day", [TOO_SOON, THREE_MONTHS_ON, LATER])
def test_invitations_go_on_when_the_course_has_ended(day: date, completed: bool) -> None:
    history = [*RUNNING, ended(THREE_MONTHS_ON, completed)]
    given(AFTERCARE, history).when(invite(day)).then([invited(day)])
    given(AFTERCARE, history).when(no_more(day)).then([declined_invitations(day)])


def test_two_invitations_on_one_day_are_a_mistake() -> None:
    history = [*RUNNING, invited(LATER)]
    given(AFTERCARE, history).when(invite(TOO_SOON)).then([invited(TOO_SOON)])
    given(AFTERCARE, history).when(invite(THREE_MONTHS_ON)).then([invited(THREE_MONTHS_ON)])
    given(AFTERCARE, history).when(invite(LATER)).refused("already-invited-that-day")
    given(AFTERCARE, [*history, invited(TOO_SOON)]).when(invite(LATER)).refused("already-invited-that-day")
    given(AFTERCARE, [*history, declined_invitations(LATER)]).when(invite(LATER)).refused("already-invited-that-day")


@pytest.mark.parametrize("day", [TOO_SOON, THREE_MONTHS_ON, LATER])
def test_invitations_are_declined_once(day: date) -> None:
    given(AFTERCARE, [*RUNNING, declined_invitations(THREE_MONTHS_ON)]).when(no_more(day)).refused(
        "cafe-invitations-already-declined"
    )


@pytest.mark.parametrize(("day", "still_declined"), [(TOO_SOON, True), (THREE_MONTHS_ON, False), (LATER, False)])
def test_an_invitation_since_it_declined_ends_that_and_one_of_before_is_told_late(day: date, still_declined: bool) -> None:
    history = [*RUNNING, declined_invitations(THREE_MONTHS_ON)]
    given(AFTERCARE, history).when(invite(day)).then([invited(day)])
    again = given(AFTERCARE, [*history, invited(day)]).when(no_more(LATER))
    if still_declined:
        again.refused("cafe-invitations-already-declined")
    else:
        again.then([declined_invitations(LATER)])


@pytest.mark.parametrize(("day", "declined"), [(TOO_SOON, False), (THREE_MONTHS_ON, True), (LATER, True)])
def test_what_it_declined_before_the_last_invitation_it_had_thought_better_of_in_whatever_order_it_is_told(
    day: date, declined: bool
) -> None:
    """Invited once more after three months, and, told since, declined the day before, the same day or the day after."""
    history = [*RUNNING, invited(THREE_MONTHS_ON), invited(START)]
    given(AFTERCARE, history).when(no_more(day)).then([declined_invitations(day)])
    again = given(AFTERCARE, [*history, declined_invitations(day)]).when(no_more(LATER))
    if declined:
        again.refused("cafe-invitations-already-declined")
    else:
        again.then([declined_invitations(LATER)])


def test_the_course_knows_nothing_of_invitations() -> None:
    history = [*RUNNING, *THREE_VISITS, invited(LATER), declined_invitations(LATER)]
    given(AFTERCARE, history).when(end(THREE_MONTHS_ON)).then([ended(THREE_MONTHS_ON, True)])
    given(AFTERCARE, history).when(CloseCourse(**about())).then([CLOSED])

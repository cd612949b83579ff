"""What meets an obligation, what makes it missed and what ends it: in time, late, twice, and in the wrong order."""

from datetime import date
from typing import Any

import pytest

from tests.unit.orchestrator.story import (
    CHILD,
    SECOND_CHILD,
    WOMAN,
    Story,
    corrected_admission,
    day,
    fact,
    notified,
    only,
    rule,
    rulebook,
)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (day(3, 4), [("met", "notice", day(3, 4))]),
        (day(3, 5), [("met", "notice", day(3, 5))]),
        (day(3, 6), [("missed", "notice", day(3, 6)), ("late", "notice", day(3, 6))]),
    ],
)
def test_met_the_day_before_on_the_day_and_the_day_after(on: date, expected: list[object]) -> None:
    story = only("notice")
    story.admit(day(3, 2))
    assert story.fact("MunicipalityNotified", on, attributes={"notice": "admission"}) == expected


def test_a_fact_whose_condition_does_not_hold_meets_nothing() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    assert story.fact("MunicipalityNotified", day(3, 3), attributes={"notice": "correction"}) == []


def test_a_fact_dated_before_what_it_meets_was_owed_meets_it() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    assert story.fact("MunicipalityNotified", day(3, 1), today=day(3, 3), attributes={"notice": "admission"}) == [
        ("met", "notice", day(3, 1))
    ]


def test_missed_and_then_met_is_met_late_and_the_miss_stays() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.check(day(3, 5))
    assert story.fact("MunicipalityNotified", day(3, 9), attributes={"notice": "admission"}) == [("late", "notice", day(3, 9))]
    notice = story.one("notice")
    assert (notice.status, notice.closed_on, notice.missed_on) == ("met-late", day(3, 9), day(3, 6))


def test_done_in_time_but_registered_after_the_miss_is_met_in_time_and_the_miss_stays() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.check(day(3, 5))
    done = story.fact("MunicipalityNotified", day(3, 5), today=day(3, 9), attributes={"notice": "admission"})
    assert done == [("met", "notice", day(3, 5))]
    assert (story.one("notice").status, story.one("notice").missed_on) == ("met", day(3, 6))


def test_met_late_becomes_met_in_time_when_an_earlier_fact_turns_up() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.fact("MunicipalityNotified", day(3, 9), attributes={"notice": "admission"})
    done = story.fact("MunicipalityNotified", day(3, 4), today=day(3, 10), attributes={"notice": "admission"})
    assert done == [("met", "notice", day(3, 4))]


def test_a_second_fact_of_the_same_kind_does_not_meet_again() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.fact("MunicipalityNotified", day(3, 3), attributes={"notice": "admission"})
    assert story.fact("MunicipalityNotified", day(3, 9), attributes={"notice": "admission"}) == []


def test_where_all_are_needed_one_is_not_enough_and_the_last_counts() -> None:
    story = only("team")
    story.admit(day(3, 2))
    first: dict[str, Any] = {"person_id": WOMAN, "attributes": {"profession": "pedagogue"}}
    assert story.fact("ContactPersonAssigned", day(3, 2), **first) == []
    assert story.fact("ContactPersonAssigned", day(3, 3), **first) == []
    second: dict[str, Any] = {"person_id": WOMAN, "attributes": {"profession": "social-worker"}}
    assert story.fact("ContactPersonAssigned", day(3, 4), **second) == [
        ("missed", "team", day(3, 3)),
        ("late", "team", day(3, 4)),
    ]


def test_a_childs_contact_person_is_not_the_womans() -> None:
    story = only("team")
    story.admit(day(3, 2))
    story.fact("ContactPersonAssigned", day(3, 2), person_id=CHILD, attributes={"profession": "pedagogue"})
    story.fact("ContactPersonAssigned", day(3, 2), person_id=CHILD, attributes={"profession": "social-worker"})
    assert story.one("team").status == "open"


def test_each_child_has_its_own_obligations() -> None:
    story = only("child-notice")
    story.admit(day(3, 2))
    assert story.fact("ChildArrived", day(3, 2), person_id=CHILD) == [("opened", "child-notice", day(3, 5))]
    assert story.fact("ChildArrived", day(3, 10), person_id=SECOND_CHILD) == [("opened", "child-notice", day(3, 13))]
    story.fact("ChildNotificationSent", day(3, 11), person_id=SECOND_CHILD)
    assert {o.person_id: o.status for o in story.state.obligations.values()} == {CHILD: "open", SECOND_CHILD: "met"}


def test_a_review_meets_the_old_one_and_opens_the_next() -> None:
    story = only("review")
    story.admit(day(1, 1))
    story.fact("StayPlanAgreed", day(1, 10))
    assert story.fact("PlanReviewed", day(4, 10)) == [("met", "review", day(4, 10)), ("opened", "review", day(7, 10))]
    assert story.fact("PlanReviewed", day(7, 11)) == [
        ("missed", "review", day(7, 11)),
        ("late", "review", day(7, 11)),
        ("opened", "review", day(10, 11)),
    ]


def test_a_review_of_an_earlier_round_does_not_meet_the_present_one() -> None:
    story = only("review")
    story.admit(day(1, 1))
    story.fact("StayPlanAgreed", day(1, 10))
    story.fact("PlanReviewed", day(3, 10))
    assert story.fact("PlanReviewed", day(3, 9), today=day(3, 12)) == [
        ("met", "review", day(3, 9)),
        ("opened", "review", day(6, 9)),
        ("met", "review", day(3, 10)),
    ]
    assert [o.opened_on for o in story.state.obligations.values() if o.status == "open"] == [day(3, 10)]
    assert story.fact("PlanReviewed", day(3, 10), today=day(3, 12))[0] == ("met", "review", day(3, 10))


def test_advice_is_missed_by_a_planned_move_out_and_given_afterwards_it_is_late() -> None:
    story = only("advice")
    story.admit(day(3, 2))
    assert notified(story, day(3, 3)) == [("opened", "advice", None)]
    assert story.fact("MoveOutPlanned", day(3, 20)) == [("missed", "advice", day(3, 20))]
    assert story.fact("InitialAdviceGiven", day(3, 21)) == [("late", "advice", day(3, 21))]


def test_advice_given_on_the_day_the_move_out_was_planned_is_in_time() -> None:
    story = only("advice")
    story.admit(day(3, 2))
    notified(story, day(3, 3))
    story.fact("MoveOutPlanned", day(3, 20))
    assert story.fact("InitialAdviceGiven", day(3, 20)) == [("met", "advice", day(3, 20))]


@pytest.mark.parametrize(("given_on", "late"), [(day(3, 9), False), (day(3, 10), False), (day(3, 11), True)])
def test_a_move_out_planned_earlier_but_registered_later_makes_it_late(given_on: date, late: bool) -> None:
    story = only("advice")
    story.admit(day(3, 2))
    notified(story, day(3, 3))
    story.fact("InitialAdviceGiven", given_on)
    planned = story.fact("MoveOutPlanned", day(3, 10), today=day(3, 12))
    assert planned == ([("missed", "advice", day(3, 10)), ("late", "advice", given_on)] if late else [])


def test_advice_owed_only_after_the_move_out_was_planned_is_at_once_missed() -> None:
    story = only("advice")
    story.admit(day(3, 2))
    story.fact("MoveOutPlanned", day(3, 3))
    assert notified(story, day(3, 4)) == [("opened", "advice", None), ("missed", "advice", day(3, 4))]


def test_what_a_fact_made_missed_is_not_reopened_by_a_later_due_day() -> None:
    story = Story(
        rulebook(
            rule(
                "losable",
                [fact("WomanAdmitted")],
                due={"days": 30},
                met_by=[fact("InitialAdviceGiven")],
                missed_by=[fact("MoveOutPlanned")],
            )
        )
    )
    story.admit(day(3, 2))
    story.fact("MoveOutPlanned", day(3, 5))
    assert corrected_admission(story, day(3, 6), day(3, 4)) == [("rescheduled", "losable", day(4, 1), day(4, 3))]
    assert story.one("losable").status == "missed"


def test_a_cancelled_plan_to_move_out_does_not_make_later_advice_missed() -> None:
    story = only("advice")
    story.admit(day(3, 2))
    story.fact("MoveOutPlanned", day(3, 3))
    story.fact("MoveOutCancelled", day(3, 3))
    assert notified(story, day(3, 4)) == [("opened", "advice", None)]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (day(2, 1), [("cancelled", "advice-start")]),
        (day(2, 2), [("missed", "advice-start", day(2, 2))]),
    ],
)
def test_what_was_missed_before_it_was_cancelled_stays_missed(on: date, expected: list[object]) -> None:
    story = only("advice-start")
    story.admit(day(1, 1))
    story.fact("MoveOutPlanned", day(2, 1))
    assert story.fact("AdviceDeclined", on) == expected


@pytest.mark.parametrize(("on", "expected"), [(day(2, 1), [("cancelled", "advice-start")]), (day(2, 2), [])])
def test_a_cancellation_registered_after_the_miss_counts_by_its_own_day(on: date, expected: list[object]) -> None:
    story = only("advice-start")
    story.admit(day(1, 1))
    story.fact("MoveOutPlanned", day(2, 1))
    story.check(day(2, 1))
    assert story.fact("AdviceDeclined", on, today=day(2, 5)) == expected


def test_a_new_plan_to_move_out_opens_again_what_the_cancelled_one_had_opened() -> None:
    story = only("advice-start")
    story.admit(day(1, 1))
    story.fact("MoveOutPlanned", day(2, 1))
    assert story.fact("MoveOutCancelled", day(2, 1)) == [("cancelled", "advice-start")]
    assert story.fact("MoveOutPlanned", day(3, 1)) == [("opened", "advice-start", day(3, 1))]


@pytest.mark.parametrize(("declined", "cancelled"), [(day(1, 31), True), (day(2, 1), True), (day(2, 2), False)])
def test_what_she_had_declined_before_it_was_owed_is_not_missed(declined: date, cancelled: bool) -> None:
    story = only("advice-start")
    story.admit(day(1, 1))
    story.fact("AdviceDeclined", declined)
    outcome = ("cancelled", "advice-start") if cancelled else ("missed", "advice-start", day(2, 2))
    assert story.fact("MoveOutPlanned", day(2, 1), today=day(2, 3)) == [("opened", "advice-start", day(2, 1)), outcome]


def test_what_was_offered_again_after_she_declined_is_owed() -> None:
    story = only("advice-start")
    story.admit(day(1, 1))
    story.fact("AdviceDeclined", day(1, 20))
    story.fact("AdviceOffered", day(1, 25))
    assert story.fact("MoveOutPlanned", day(2, 1)) == [("opened", "advice-start", day(2, 1))]


def test_a_cancelled_obligation_is_neither_met_nor_missed() -> None:
    story = only("advice-start")
    story.admit(day(1, 1))
    story.fact("MoveOutPlanned", day(2, 1))
    story.fact("AdviceDeclined", day(2, 1))
    assert story.fact("AdviceStarted", day(2, 2)) == []
    assert story.check(day(2, 20)) == []

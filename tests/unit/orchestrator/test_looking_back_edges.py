"""What was told before it was owed, or since: whether it settles, ends or leaves it, by the day."""

from datetime import date
from typing import Any

import pytest

from tests.unit.orchestrator.story import Story, day, fact, only, rule, rulebook

ASKED = rule(
    "answer-about-psychologist",
    [fact("AgreementRequested")],
    owed_by="home-municipality",
    due={"weeks": 1},
    met_by=[fact("AgreementAnswered")],
    looks_back=True,
)


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (day(3, 4), [("missed", ASKED.id, day(3, 13)), ("late", ASKED.id, day(3, 20))]),
        (day(3, 5), [("met", ASKED.id, day(3, 5))]),
        (day(3, 6), [("met", ASKED.id, day(3, 6))]),
    ],
)
def test_the_first_answer_since_it_was_asked_settles_it_and_one_of_before_does_not(first: date, expected: list[object]) -> None:
    """Asked on 5 March and told after two answers; an answer of 4 March was to something else."""
    story = Story(rulebook(ASKED))
    story.admit(day(3, 2))
    story.fact("AgreementAnswered", first)
    story.fact("AgreementAnswered", day(3, 20))
    asked = story.fact("AgreementRequested", day(3, 5), today=day(3, 21))
    assert asked == [("opened", ASKED.id, day(3, 12)), *expected]


@pytest.mark.parametrize(
    ("declined", "outcome"),
    [
        (day(3, 7), ("cancelled", "start")),
        (day(3, 8), ("cancelled", "start")),
        (day(3, 9), ("missed", "start", day(3, 9))),
    ],
)
def test_what_was_owed_after_its_due_day_was_given_up_in_time_up_to_that_day(declined: date, outcome: tuple[Any, ...]) -> None:
    """Counted from the plan to move out, owed only once the municipality was told."""
    start = rule(
        "start",
        [fact("MunicipalityNotified")],
        due={"weeks": 1},
        due_from="MoveOutPlanned",
        met_by=[fact("AdviceStarted")],
        cancelled_by=[fact("AdviceDeclined")],
        looks_back=True,
    )
    story = Story(rulebook(start))
    story.admit(day(2, 20))
    story.fact("MoveOutPlanned", day(3, 1))
    story.fact("AdviceDeclined", declined)
    notified = story.fact("MunicipalityNotified", day(3, 12), attributes={"notice": "admission"})
    assert notified == [("opened", "start", day(3, 8)), outcome]


def talk() -> Story:
    """Owed within a week of a plan to move out, given up when she declines; what was before is not looked back upon."""
    given_up = [fact("AdviceDeclined")]
    story = Story(
        rulebook(rule("talk", [fact("MoveOutPlanned")], due={"weeks": 1}, met_by=[fact("AdviceStarted")], cancelled_by=given_up))
    )
    story.admit(day(3, 2))
    return story


@pytest.mark.parametrize(("declined", "status"), [(day(3, 4), "open"), (day(3, 5), "cancelled"), (day(3, 6), "cancelled")])
def test_what_she_declined_since_ends_what_is_told_late_and_what_she_declined_before_does_not(declined: date, status: str) -> None:
    story = talk()
    story.fact("AdviceDeclined", declined)
    story.fact("MoveOutPlanned", day(3, 5), today=day(3, 8))
    assert story.one("talk").status == status


def test_of_two_refusals_since_the_first_ends_it() -> None:
    story = talk()
    story.fact("AdviceDeclined", day(3, 6))
    story.fact("AdviceDeclined", day(3, 20))
    assert story.fact("MoveOutPlanned", day(3, 5), today=day(3, 21)) == [("opened", "talk", day(3, 12)), ("cancelled", "talk")]
    assert story.one("talk").closed_on == day(3, 6)


def test_a_round_that_would_begin_after_she_left_ends_on_the_day_it_began() -> None:
    story = only("review")
    story.admit(day(3, 2))
    story.fact("WomanMovedOut", day(4, 1), attributes={"stay_days": 30})
    assert story.fact("PlanReviewed", day(4, 20)) == [("opened", "review", day(7, 20)), ("cancelled", "review")]
    assert story.one("review").closed_on == day(4, 20)


def test_what_a_fact_made_lost_stays_missed_when_a_correction_moves_its_due_day_past_its_end() -> None:
    losable = rule(
        "losable",
        [fact("WomanAdmitted")],
        due={"days": 3},
        met_by=[fact("InitialAdviceGiven")],
        missed_by=[fact("MoveOutPlanned")],
        cancelled_by=[fact("AdviceDeclined")],
    )
    story = Story(rulebook(losable))
    story.admit(day(3, 2))
    assert story.fact("MoveOutPlanned", day(3, 3)) == [("missed", "losable", day(3, 3))]
    assert story.fact("AdviceDeclined", day(3, 4)) == []
    corrected = story.fact("AdmissionCorrected", day(3, 4), until=day(3, 3))
    assert corrected == [("rescheduled", "losable", day(3, 5), day(3, 6))]

"""A corrected move-out under rules that no packaged standard has: conditions on the stay, and what does not look back."""

from datetime import date
from typing import Any

import pytest

from havn_standards import Rule
from tests.unit.orchestrator.story import Story, complained, day, fact, rule, rulebook

ADMITTED, CORRECTED = day(3, 2), day(4, 20)


def left(owed: Rule, on: date, *before: tuple[str, date]) -> Story:
    """A stay under this one rule that ended, as it was recorded, on that day."""
    story = Story(rulebook(owed))
    story.admit(ADMITTED)
    for name, happened_on in before:
        story.fact(name, happened_on)
    story.fact("WomanMovedOut", on, CORRECTED, attributes={"stay_days": (on - ADMITTED).days, "destination": "new-home"})
    return story


def correct(story: Story, to: date, today: date = CORRECTED) -> list[tuple[object, ...]]:
    return story.fact("MoveOutCorrected", today, until=to, attributes={"stay_days": (to - ADMITTED).days})


def test_a_move_out_that_ends_nothing_ends_nothing_on_the_right_day_either() -> None:
    family = [fact("WomanMovedOut", destination="family")]
    story = left(rule("talk", [fact("WomanAdmitted")], met_by=[fact("NeedsClarified")], cancelled_by=family), day(3, 20))

    assert correct(story, day(3, 10)) == []
    assert story.one("talk").status == "open"


def test_a_complaint_does_not_end_with_the_stay_on_the_right_day_either() -> None:
    answer = rule(
        "answer",
        [fact("ComplaintFiled", complaint_about="discharge")],
        per="complaint",
        owed_to="complainant",
        met_by=[fact("ComplaintAnswered")],
        cancelled_by=[fact("WomanMovedOut")],
    )
    story = Story(rulebook(answer))
    story.admit(ADMITTED)
    complained(story, day(3, 9))
    story.fact("WomanMovedOut", day(3, 20), attributes={"stay_days": 18})

    assert correct(story, day(3, 10)) == []
    assert story.one("answer").status == "open"


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (day(3, 31), [("reopened", "plan")]),
        (day(4, 1), [("reopened", "plan")]),
        (day(4, 2), [("reopened", "plan"), ("missed", "plan", day(4, 2))]),
    ],
)
def test_what_only_a_longer_stay_made_missed_is_owed_again_until_it_is_due(today: date, expected: list[object]) -> None:
    longer = [fact("WomanMovedOut", stay_longer_than_days=14)]
    plan = rule("plan", [fact("WomanAdmitted")], due={"days": 30}, met_by=[fact("StayPlanAgreed")], missed_by=longer)
    story = Story(rulebook(plan))
    story.admit(ADMITTED)
    assert story.fact("WomanMovedOut", day(3, 20), attributes={"stay_days": 18}) == [("missed", "plan", day(3, 20))]

    assert correct(story, day(3, 10), today) == expected


def talk(**more: Any) -> Rule:
    """Owed within a week of the move-out, given up when she declines it."""
    met = [fact("AftercareOffered")]
    return rule("talk", [fact("WomanMovedOut")], due={"weeks": 1}, met_by=met, cancelled_by=[fact("AdviceDeclined")], **more)


@pytest.mark.parametrize(
    ("declined", "status"),
    [
        (day(3, 9), "cancelled"),
        (day(3, 10), "cancelled"),
        (day(3, 17), "cancelled"),
        (day(3, 18), "missed"),
    ],
)
def test_what_she_declined_before_it_was_opened_was_owed_only_where_it_was_over_by_then(declined: date, status: str) -> None:
    """Recorded as of 30 March; a week after the 10th ends on the 17th."""
    story = left(talk(looks_back=True), day(3, 30), ("AdviceDeclined", declined))
    assert story.one("talk").status == "cancelled"
    decided = correct(story, day(3, 10))

    assert story.one("talk").status == status
    assert (("reopened", "talk") in decided) is (status == "missed")


@pytest.mark.parametrize(("declined", "status"), [(day(4, 14), "open"), (day(4, 15), "cancelled"), (day(4, 16), "cancelled")])
def test_what_she_declined_since_the_right_day_is_given_up_and_what_she_declined_before_is_not(declined: date, status: str) -> None:
    """Recorded as of 17 April, and not looked back upon."""
    story = left(talk(), day(4, 17), ("AdviceDeclined", declined))
    assert story.one("talk").status == "open"
    correct(story, day(4, 15))

    assert story.one("talk").status == status


@pytest.mark.parametrize(("offered", "status"), [(day(4, 14), "open"), (day(4, 15), "met"), (day(4, 16), "met")])
def test_what_was_offered_since_the_right_day_meets_it_and_what_was_offered_before_does_not(offered: date, status: str) -> None:
    """Recorded as of 17 April, and not looked back upon."""
    story = left(talk(), day(4, 17), ("AftercareOffered", offered))
    assert story.one("talk").status == "open"
    correct(story, day(4, 15))

    assert story.one("talk").status == status


def test_what_was_offered_since_the_right_day_meets_what_was_missed_by_the_wrong_one() -> None:
    """Offered on 5 March, recorded as of the 6th, and missed on the 14th."""
    story = left(talk(), day(3, 6), ("AftercareOffered", day(3, 5)))
    assert story.one("talk").status == "missed"
    correct(story, day(3, 4))

    assert (story.one("talk").status, story.one("talk").closed_on) == ("met", day(3, 5))


@pytest.mark.parametrize(("right", "status"), [(day(4, 14), "cancelled"), (day(4, 15), "open"), (day(4, 16), "open")])
def test_what_was_offered_again_before_the_right_day_is_owed_though_she_had_declined_it(right: date, status: str) -> None:
    """Declined on 10 April, recorded as of the 12th and offered again on the 15th."""
    story = left(talk(looks_back=True), day(4, 12), ("AdviceDeclined", day(4, 10)))
    story.fact("AdviceOffered", day(4, 15), CORRECTED)
    assert story.one("talk").status == "cancelled"
    correct(story, right)

    assert story.one("talk").status == status

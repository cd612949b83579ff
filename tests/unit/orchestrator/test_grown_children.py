"""Children who grow up: what is owed to a child ends when the month in which it turns 18 is over."""

from datetime import date

import pytest

from havn_events.orchestrator import ObligationCancelled
from tests.unit.orchestrator.story import CHILD, Story, day, only


def child_of(birth_month: str, arrived: date = day(3, 2)) -> Story:
    story = only("child-treatment", "child-notice")
    story.admit(day(3, 2))
    story.fact("ChildArrived", arrived, person_id=CHILD, attributes={"born": False, "birth_month": birth_month})
    return story


@pytest.mark.parametrize(
    ("passed", "ended"), [(day(7, 29), []), (day(7, 30), []), (day(7, 31), [("cancelled", "child-treatment")])]
)
def test_what_is_open_to_a_child_ends_when_the_month_in_which_it_turns_18_is_over(passed: date, ended: list[object]) -> None:
    story = child_of("2008-07")
    story.check(day(4, 1))
    assert story.check(passed) == ended
    if ended:
        gone = story.events[-1]
        assert isinstance(gone, ObligationCancelled)
        assert (gone.occurred_on, gone.rests_on) == (day(8, 1), None)
        assert story.one("child-notice").status == "missed"
        assert story.check(passed) == []


def test_a_child_born_in_december_is_grown_on_new_years_day() -> None:
    story = child_of("2008-12")
    story.check(day(4, 1))
    assert story.check(day(12, 30)) == []
    assert story.check(day(12, 31)) == [("cancelled", "child-treatment")]
    assert story.events[-1].occurred_on == day(1, 1, 2027)


@pytest.mark.parametrize(("arrived", "owed"), [(day(3, 31), True), (day(4, 1), False), (day(4, 2), False)])
def test_nothing_is_opened_for_a_child_that_is_grown(arrived: date, owed: bool) -> None:
    assert bool(child_of("2008-03", arrived).state.obligations) is owed


def test_what_was_due_before_the_child_was_grown_is_missed_and_what_is_due_after_is_not() -> None:
    story = child_of("2008-03", day(3, 28))
    assert sorted(story.check(day(4, 10)), key=str) == [("cancelled", "child-treatment"), ("missed", "child-notice", day(4, 1))]
    later_due = child_of("2008-03", day(3, 29))
    assert ("cancelled", "child-notice") in later_due.check(day(4, 10))

"""A day that is over: what was due is missed, what is due soon is told, and the leader is told where it matters."""

from datetime import date

import pytest

from havn_events.orchestrator import ObligationDueSoon, ObligationMissed
from tests.unit.orchestrator.story import ODENSE, RULES, Story, day, fact, only, rule, rulebook


@pytest.mark.parametrize(("passed", "expected"), [(day(3, 4), "open"), (day(3, 5), "missed")])
def test_an_obligation_is_missed_when_its_due_day_is_over_not_before(passed: date, expected: str) -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.check(passed)
    assert story.one("notice").status == expected


def test_after_slept_through_days_it_is_missed_on_the_day_after_it_was_due() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    assert story.check(day(3, 20)) == [("missed", "notice", day(3, 6))]


def test_checking_twice_changes_nothing() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.check(day(3, 5))
    assert story.check(day(3, 5)) == []
    assert story.check(day(3, 6)) == []


def test_what_is_met_is_not_missed_by_a_check() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.fact("MunicipalityNotified", day(3, 3), attributes={"notice": "admission"})
    assert story.check(day(3, 5)) == []


def test_a_case_that_is_not_open_has_no_deadlines() -> None:
    assert Story().check(day(3, 5)) == []


@pytest.mark.parametrize(
    ("passed", "told_now"),
    [(day(3, 1), []), (day(3, 2), [("due-soon", "notice", day(3, 3), 2)]), (day(3, 3), [("due-soon", "notice", day(3, 4), 1)])],
)
def test_two_working_days_ahead_those_who_owe_it_are_reminded_by_the_next_turn_of_the_day(
    passed: date, told_now: list[object]
) -> None:
    story = only("notice")
    story.admit(day(3, 2))
    assert story.check(passed) == told_now


def test_a_reminder_is_given_once_for_a_due_day() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.check(day(3, 2))
    assert story.check(day(3, 2)) == []
    assert story.check(day(3, 4)) == []
    reminder = story.events[-1]
    assert isinstance(reminder, ObligationDueSoon)
    assert (reminder.due, reminder.municipality) == (day(3, 5), ODENSE)


def test_days_slept_through_give_one_reminder_and_what_is_over_gives_none() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    assert story.check(day(3, 4)) == [("due-soon", "notice", day(3, 5), 0)]
    late = only("notice")
    late.admit(day(3, 2))
    assert late.check(day(3, 5)) == [("missed", "notice", day(3, 6))]


def test_opened_with_less_time_left_it_is_not_reminded_of_at_opening() -> None:
    story = only("notice")
    assert story.admit(day(3, 2), today=day(3, 4)) == [("opened", "notice", day(3, 5))]
    assert story.check(day(3, 4)) == [("due-soon", "notice", day(3, 5), 0)]


def test_what_is_met_is_not_reminded_of() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.fact("MunicipalityNotified", day(3, 2), attributes={"notice": "admission"})
    assert story.check(day(3, 3)) == []


def test_a_rescheduled_due_day_is_reminded_of_again_and_an_old_one_is_not() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.check(day(3, 2))
    story.fact("AdmissionCorrected", day(3, 3), until=day(3, 3))
    assert story.check(day(3, 3)) == [("due-soon", "notice", day(3, 4), 2)]
    assert story.fact("AdmissionCorrected", day(3, 4), until=day(3, 2)) == [("rescheduled", "notice", day(3, 6), day(3, 5))]
    assert story.check(day(3, 4)) == []


def test_a_window_reminds_nobody_unless_its_rule_says_so() -> None:
    loud = rule(
        "loud", [fact("WomanMovedOut")], due={"days": 7}, met_by=[fact("AdviceEnded")], last_day_meets=True, remind_working_days=1
    )
    story = Story(rulebook(loud, *(r for r in RULES if r.id == "window")))
    story.admit(day(3, 2))
    story.fact("WomanMovedOut", day(3, 6), attributes={"stay_days": 4})
    assert story.check(day(3, 11)) == [("due-soon", "loud", day(3, 12), 1)]
    assert story.check(day(9, 5)) == [("met", "loud", day(3, 13))]
    assert story.check(day(9, 6)) == [("met", "window", day(9, 6))]


@pytest.mark.parametrize(
    ("owed_by", "says", "escalated_to"),
    [
        ("shelter", None, "leader"),
        ("shelter", False, None),
        ("home-municipality", None, None),
        ("home-municipality", True, "leader"),
    ],
)
def test_a_miss_says_whether_the_leader_is_told(owed_by: str, says: bool | None, escalated_to: str | None) -> None:
    more = {"owed_by": owed_by, "due": {"days": 1}, "escalate_to_leader": says}
    story = Story(rulebook(rule("told", [fact("WomanAdmitted")], met_by=[fact("RiskAssessed")], **more)))
    story.admit(day(3, 2))
    story.check(day(3, 3))
    missed = story.events[-1]
    assert isinstance(missed, ObligationMissed)
    assert missed.escalated_to == escalated_to

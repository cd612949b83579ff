"""Another version of the standard in an open stay: what is counted anew, what goes on, and when it may be changed."""

from datetime import date
from typing import Any

import pytest

from havn_chassis.decider import Refused
from havn_events.orchestrator import ObligationRescheduled, StandardChanged
from havn_standards import Rule
from tests.unit.orchestrator.story import NOTICE, PLAN, REVIEW, RULES, TEAM, TREATMENT, Story, changed, day


def later(old: Rule, **changes: Any) -> Rule:
    return Rule.model_validate({**old.model_dump(), "due": {"months": 2}, **changes})


def test_a_new_version_alone_leaves_an_open_stay_as_it_is() -> None:
    story = changed([PLAN], [later(PLAN), TEAM])
    story.admit(day(3, 2))
    assert story.check(day(3, 15)) == []
    assert story.fact("NeedsClarified", day(3, 16)) == []
    assert (story.one("plan").due, story.state.standard_version) == (day(4, 2), "1")


def test_another_term_is_counted_from_the_same_day_0() -> None:
    story = changed([PLAN], [later(PLAN)])
    story.admit(day(3, 2))
    assert story.change("2", day(3, 12)) == [("standard", "1", "2"), ("rescheduled", "plan", day(4, 2), day(5, 2))]
    assert story.one("plan").counted_from == day(3, 2)
    change, moved = story.events[-2:]
    assert isinstance(change, StandardChanged)
    assert isinstance(moved, ObligationRescheduled)
    assert (moved.rests_on, moved.standard, moved.standard_version) == (change.change_id, "trial", "2")
    assert story.check(day(5, 1)) == [("due-soon", "plan", day(5, 2), 0)]
    assert story.check(day(5, 2)) == [("missed", "plan", day(5, 3))]


@pytest.mark.parametrize(("on", "missed"), [(day(4, 1), False), (day(4, 2), False), (day(4, 3), True)])
def test_what_was_over_before_the_change_is_missed_and_stays_missed(on: date, missed: bool) -> None:
    story = changed([PLAN], [later(PLAN)])
    story.admit(day(3, 2))
    told_now = story.change("2", on)
    assert (("missed", "plan", day(4, 3)) in told_now) is missed
    assert (story.one("plan").due == day(4, 2)) is missed


def test_a_rule_that_vanished_is_owed_no_more_and_what_was_closed_stays() -> None:
    story = changed([PLAN, NOTICE, TEAM], [REVIEW])
    story.admit(day(3, 2))
    story.fact("MunicipalityNotified", day(3, 3), attributes={"notice": "admission"})
    story.check(day(3, 2))
    assert story.change("2", day(3, 10)) == [("standard", "1", "2"), ("cancelled", "plan")]
    assert {o.rule: o.status for o in story.state.obligations.values()} == {
        "plan": "cancelled",
        "notice": "met",
        "team": "missed",
    }
    assert story.fact("AdmissionCorrected", day(3, 11), until=day(3, 1)) == [
        ("rescheduled", "notice", day(3, 5), day(3, 4)),
        ("rescheduled", "team", day(3, 2), day(3, 1)),
    ]


def test_a_new_rule_is_opened_by_what_was_noted_and_looks_back() -> None:
    story = changed([NOTICE], [NOTICE, PLAN, TEAM])
    story.admit(day(3, 2))
    story.fact("StayPlanAgreed", day(3, 4))
    assert story.change("2", day(3, 10)) == [
        ("missed", "notice", day(3, 6)),
        ("standard", "1", "2"),
        ("opened", "plan", day(4, 2)),
        ("met", "plan", day(3, 4)),
        ("opened", "team", day(3, 2)),
        ("missed", "team", day(3, 3)),
    ]


def test_what_recurs_is_opened_from_the_latest_round() -> None:
    story = changed([NOTICE], [NOTICE, REVIEW])
    story.admit(day(1, 2), today=day(1, 2))
    story.fact("StayPlanAgreed", day(1, 5))
    for month in (1, 2, 3):
        story.fact("PlanReviewed", day(month, 20), attributes={"plan": "stay-plan"})
    assert ("opened", "review", day(6, 20)) in story.change("2", day(3, 21))
    assert story.fact("PlanReviewed", day(4, 1), attributes={"plan": "stay-plan"}) == [
        ("met", "review", day(4, 1)),
        ("opened", "review", day(7, 1)),
    ]


def test_another_amount_is_a_new_obligation_on_the_same_ledger() -> None:
    larger = Rule.model_validate({**TREATMENT.model_dump(), "amount": {"unit": "sessions", "floor": 2, "ceiling": 3}})
    story = changed([TREATMENT], [larger])
    story.admit(day(3, 2))
    story.held(50, day(3, 3))
    assert story.change("2", day(3, 10)) == [("standard", "1", "2"), ("cancelled", "treatment"), ("opened", "treatment", None)]
    assert story.held(50, day(3, 11)) == [("met", "treatment", day(3, 11))]


def test_a_ledger_that_has_reached_the_new_floor_is_met_at_once() -> None:
    smaller = Rule.model_validate({**TREATMENT.model_dump(), "amount": {"unit": "minutes", "floor": 60, "ceiling": 60}})
    story = changed([TREATMENT], [smaller])
    story.admit(day(3, 2))
    story.held(70, day(3, 3))
    assert story.change("2", day(3, 10))[-1] == ("met", "treatment", day(3, 3))


def test_back_to_the_version_before_what_was_cancelled_is_owed_again() -> None:
    story = changed([PLAN], [REVIEW])
    story.admit(day(3, 2))
    story.change("2", day(3, 10))
    assert story.change("1", day(3, 11)) == [("standard", "2", "1"), ("opened", "plan", day(4, 2))]


def test_a_window_whose_last_day_a_fact_set_keeps_it() -> None:
    window = next(r for r in RULES if r.id == "window")
    story = changed([window], [later(window, due={"months": 4})])
    story.admit(day(3, 2))
    story.fact("WomanMovedOut", day(3, 11), attributes={"stay_days": 9})
    story.fact("AdviceExtended", day(3, 12), until=day(12, 1))
    assert story.change("2", day(3, 12)) == [("standard", "1", "2")]


def test_after_an_annulment_a_change_opens_nothing() -> None:
    story = changed([NOTICE], [NOTICE, PLAN])
    story.admit(day(3, 2))
    story.fact("StayAnnulled", day(3, 3))
    assert story.change("2", day(3, 10)) == [("standard", "1", "2")]


def test_the_same_version_again_changes_nothing() -> None:
    story = changed([NOTICE], [PLAN])
    story.admit(day(3, 2))
    story.change("2", day(3, 10))
    assert story.change("2", day(3, 11)) == []


@pytest.mark.parametrize(
    ("version", "on", "refused"),
    [
        ("3", day(3, 10), "version-unknown"),
        ("2", day(3, 9), "standard-not-in-force"),
        ("2", day(3, 10), None),
        ("2", day(3, 11), None),
    ],
)
def test_a_version_is_known_and_in_force_on_the_day_it_is_changed_to(version: str, on: date, refused: str | None) -> None:
    story = changed([NOTICE], [PLAN])
    story.admit(day(3, 2))
    if refused is None:
        assert story.change(version, on)
        return
    with pytest.raises(Refused) as refusal:
        story.change(version, on)
    assert refusal.value.rule == refused


@pytest.mark.parametrize(("on", "allowed"), [(day(3, 11), False), (day(3, 12), True), (day(3, 13), True)])
def test_a_change_is_not_dated_before_the_one_before_it(on: date, allowed: bool) -> None:
    story = changed([NOTICE], [PLAN])
    story.admit(day(3, 2))
    story.change("2", day(3, 12))
    if allowed:
        assert story.change("1", on)
        return
    with pytest.raises(Refused) as refusal:
        story.change("1", on)
    assert refusal.value.rule == "before-the-present-standard"


def test_there_is_no_standard_to_change_where_there_is_no_case() -> None:
    with pytest.raises(Refused) as refusal:
        Story().change("1", day(3, 10))
    assert refusal.value.rule == "case-not-open"

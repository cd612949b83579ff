"""Another version of the standard, at its edges: what is carried over, from which day it counts, what meets it, what it opens."""

from datetime import date
from typing import Any

import pytest

from havn_events.orchestrator import ObligationRescheduled
from havn_standards import Rule, Rulebook, Standard
from tests.unit.orchestrator.story import (
    CHILD,
    NOTICE,
    PLAN,
    REVIEW,
    SECOND_CHILD,
    TREATMENT,
    WOMAN,
    Story,
    changed,
    day,
    fact,
    rule,
    standard,
)
from tests.unit.orchestrator.test_transfer import go_on

UNDATED_PLAN = rule("plan", [fact("WomanAdmitted")], met_by=[fact("StayPlanAgreed")], missed_by=[fact("WomanMovedOut")])
DECISION = rule(
    "action-plan",
    [fact("ActionPlanRequested")],
    owed_by="acting-municipality",
    due={"months": 3},
    met_by=[fact("ActionPlanMade")],
)
OFFER = rule("offer", [fact("WomanAdmitted")], due={"weeks": 2}, met_by=[fact("TreatmentOffered")])


def like(old: Rule, **changes: Any) -> Rule:
    return Rule.model_validate({**old.model_dump(), **changes})


def versions(*contents: tuple[Rule, set[tuple[int, int]]]) -> Story:
    """Version n has this one rule and these closing days; the second is in force from 10 March, the third from 11 March."""
    first, *others = [
        standard(only, version=str(n)).model_copy(update={"closing_days": frozenset(closing)})
        for n, (only, closing) in enumerate(contents, 1)
    ]
    dated = [(day(3, 10 + n), each.model_copy(update={"in_force_from": day(3, 10 + n)})) for n, each in enumerate(others)]
    timeline: list[tuple[date, Standard]] = [(date(2020, 1, 1), first), *dated]
    return Story(Rulebook({"trial": timeline}))


# --- whether it is carried over ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("anonymous", "follows"),
    [(True, [("cancelled", "notice"), ("opened", "anonymous-notice", day(3, 23))]), (False, [])],
)
def test_what_the_new_version_owes_to_others_only_is_owed_to_her_no_more(anonymous: bool, follows: list[object]) -> None:
    """As LOKK does: a notice of its own, with a term of its own, for a woman who is anonymous."""
    of_a_named = like(NOTICE, opened_by=[fact("WomanAdmitted", anonymous_not=True)])
    of_an_anonymous = like(NOTICE, id="anonymous-notice", opened_by=[fact("WomanAdmitted", anonymous=True)], due={"days": 14})
    story = changed([NOTICE], [of_a_named, of_an_anonymous])
    story.admit(day(3, 9), anonymous=anonymous)

    assert story.change("2", day(3, 10)) == [("standard", "1", "2"), *follows]


def test_what_she_asked_for_again_while_it_was_owed_is_carried_over() -> None:
    """Of a kind of fact only the first and the latest are remembered; the one that opened it may be neither."""
    story = changed([DECISION], [like(DECISION, due={"months": 4})])
    story.admit(day(3, 2))
    story.fact("ActionPlanRequested", day(3, 2))
    story.fact("ActionPlanMade", day(3, 3))
    story.fact("ActionPlanRequested", day(3, 5))
    story.fact("ActionPlanRequested", day(3, 7))

    assert story.change("2", day(3, 10)) == [("standard", "1", "2"), ("rescheduled", "action-plan", day(6, 5), day(7, 5))]


# --- from which day it counts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("corrected_to", "due"), [(day(3, 1), day(4, 1)), (day(3, 2), day(4, 2)), (day(3, 3), day(4, 3))])
def test_a_plan_that_gets_a_term_has_it_from_the_right_day_of_admission(corrected_to: date, due: date) -> None:
    story = changed([UNDATED_PLAN], [PLAN])
    story.admit(day(3, 2))
    story.fact("AdmissionCorrected", day(3, 4), until=corrected_to)

    assert story.change("2", day(3, 10)) == [("standard", "1", "2"), ("rescheduled", "plan", None, due)]
    assert story.one("plan").counted_from == corrected_to


@pytest.mark.parametrize("asked_again", [[], [day(3, 6), day(3, 7)]])
def test_what_gets_a_term_has_it_from_the_day_of_the_fact_that_opened_it(asked_again: list[date]) -> None:
    """Not from another fact's day, nor from that of a later or an earlier wish, by which it was not opened."""
    story = changed([like(DECISION, due=None)], [DECISION])
    story.admit(day(3, 2))
    story.fact("ActionPlanRequested", day(3, 3))
    story.fact("ActionPlanMade", day(3, 4))
    for on in (day(3, 5), *asked_again):
        story.fact("ActionPlanRequested", on)

    assert story.change("2", day(3, 10)) == [("standard", "1", "2"), ("rescheduled", "action-plan", None, day(6, 5))]


def test_a_plan_that_loses_its_term_is_counted_from_no_day() -> None:
    story = changed([PLAN], [UNDATED_PLAN])
    story.admit(day(3, 2))

    assert story.change("2", day(3, 10)) == [("standard", "1", "2"), ("rescheduled", "plan", day(4, 2), None)]
    moved = story.events[-1]
    assert isinstance(moved, ObligationRescheduled)
    assert (moved.counted_from, moved.remind_on) == (None, None)


@pytest.mark.parametrize("moved_out", [None, day(3, 9)])
def test_what_was_due_after_the_admission_and_is_due_after_the_stay_waits_for_the_move_out(moved_out: date | None) -> None:
    story = changed([OFFER], [like(OFFER, due_from="WomanMovedOut")])
    story.admit(day(3, 2))
    if moved_out is not None:
        story.fact("WomanMovedOut", moved_out, attributes={"stay_days": 7})

    due = day(3, 23) if moved_out else None
    assert story.change("2", day(3, 10)) == [("standard", "1", "2"), ("rescheduled", "offer", day(3, 16), due)]
    assert story.one("offer").counted_from == moved_out


def test_the_same_term_from_the_same_day_leaves_it_as_it_is() -> None:
    story = changed([PLAN], [like(PLAN, title_en="Plan of her stay")])
    story.admit(day(3, 2))

    assert story.change("2", day(3, 10)) == [("standard", "1", "2")]
    assert (story.one("plan").due, story.one("plan").standard_version) == (day(4, 2), "1")


def test_a_day_that_two_versions_agree_on_by_different_calendars_is_moved_by_the_third() -> None:
    """Three days from Monday are Thursday, and so are two working days where the Tuesday is closed."""
    story = versions(
        (like(PLAN, due={"days": 3}), set()),
        (like(PLAN, due={"working_days": 2}), {(3, 10)}),
        (like(PLAN, due={"days": 5}), set()),
    )
    story.admit(day(3, 9))

    assert story.change("2", day(3, 10)) == [("standard", "1", "2")]
    assert story.change("3", day(3, 11)) == [("standard", "2", "3"), ("rescheduled", "plan", day(3, 12), day(3, 14))]


def test_what_was_met_under_the_first_version_and_is_owed_again_under_the_second_is_moved_by_the_third() -> None:
    treatment = like(TREATMENT, due={"days": 30})
    story = versions((treatment, set()), (like(treatment, due={"days": 40}), set()), (like(treatment, due={"days": 50}), set()))
    story.admit(day(3, 2))
    story.held(120, day(3, 5))
    assert story.change("2", day(3, 10)) == [("standard", "1", "2")]
    story.corrected(-60, day(3, 10))
    assert (story.one("treatment").status, story.one("treatment").due) == ("open", day(4, 1))

    assert story.change("3", day(3, 11)) == [("standard", "2", "3"), ("rescheduled", "treatment", day(4, 1), day(4, 21))]


@pytest.mark.parametrize(("today", "missed"), [(day(3, 11), []), (day(3, 12), []), (day(3, 13), [("missed", "plan", day(3, 13))])])
def test_what_a_shorter_term_shows_to_be_over_is_missed_at_once(today: date, missed: list[object]) -> None:
    story = changed([PLAN], [like(PLAN, due={"days": 10})])
    story.admit(day(3, 2))

    expected = [("standard", "1", "2"), ("rescheduled", "plan", day(4, 2), day(3, 12)), *missed]
    assert story.change("2", day(3, 10), today=today) == expected


# --- what meets it -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answered", "met"),
    [(day(3, 4), []), (day(3, 5), [("met", "action-plan", day(3, 5))]), (day(3, 6), [("met", "action-plan", day(3, 6))])],
)
def test_what_another_fact_meets_now_is_met_by_one_that_was_told_and_answers_her(answered: date, met: list[object]) -> None:
    made = fact("MunicipalityAnswered", answer="action-plan-made")
    story = changed([DECISION], [like(DECISION, met_by=[fact("ActionPlanMade"), made])])
    story.admit(day(3, 2))
    story.fact("ActionPlanRequested", day(3, 5))
    story.fact("MunicipalityAnswered", answered, today=day(3, 8), attributes={"answer": "action-plan-made"})

    assert story.change("2", day(3, 10)) == [("standard", "1", "2"), *met]


def test_where_all_were_needed_and_any_will_do_now_the_one_that_was_there_meets_it() -> None:
    team = [fact("ContactPersonAssigned", profession="pedagogue"), fact("ContactPersonAssigned", profession="social-worker")]
    both = rule("team", [fact("WomanAdmitted")], due={"months": 1}, met_by=team, meets="all")
    story = changed([both], [like(both, meets="any")])
    story.admit(day(3, 2))
    story.fact("ContactPersonAssigned", day(3, 4), attributes={"profession": "pedagogue"})
    assert story.one("team").status == "open"

    assert story.change("2", day(3, 10)) == [("standard", "1", "2"), ("met", "team", day(3, 4))]


@pytest.mark.parametrize(("looks_back", "met"), [(True, [("met", "notice", day(3, 8))]), (False, [])])
def test_a_notice_sent_before_she_left_counts_where_the_new_version_says_so(looks_back: bool, met: list[object]) -> None:
    sent = fact("MunicipalityNotified", notice="discharge")
    notice = rule("notice", [fact("WomanMovedOut")], due={"working_days": 3}, met_by=[sent])
    story = changed([notice], [like(notice, looks_back=looks_back, due={"working_days": 4})])
    story.admit(day(3, 2))
    story.fact("MunicipalityNotified", day(3, 8), attributes={"notice": "discharge"})
    story.fact("WomanMovedOut", day(3, 9), attributes={"stay_days": 7})

    moved = ("rescheduled", "notice", day(3, 12), day(3, 13))
    assert story.change("2", day(3, 10)) == [("standard", "1", "2"), moved, *met]


def test_reviews_of_earlier_rounds_do_not_meet_the_present_one_where_another_fact_may_meet_it() -> None:
    reviewed = like(REVIEW, met_by=[fact("PlanReviewed"), fact("NeedsClarified")])
    story = changed([REVIEW], [reviewed])
    story.admit(day(1, 2))
    story.fact("StayPlanAgreed", day(1, 5))
    story.fact("PlanReviewed", day(2, 20))
    story.fact("PlanReviewed", day(3, 9))

    assert story.change("2", day(3, 10)) == [("standard", "1", "2")]
    assert [o.status for o in story.state.obligations.values()] == ["met", "met", "open"]


@pytest.mark.parametrize(
    ("term", "due", "clarified"),
    [({"days": 5}, day(3, 7), day(3, 6)), ({"days": 5}, day(3, 7), day(3, 7)), ({"months": 2}, day(5, 2), day(3, 12))],
)
def test_what_is_met_in_time_by_the_new_version_is_not_missed_first(term: Any, due: date, clarified: date) -> None:
    """Whether its day comes earlier, and is over, or later than the day it was met on."""
    plan = like(PLAN, due={"days": 9})
    story = changed([plan], [like(plan, due=term, met_by=[fact("StayPlanAgreed"), fact("NeedsClarified")])])
    story.admit(day(3, 2))
    story.fact("NeedsClarified", clarified)

    assert story.change("2", day(3, 10), today=day(3, 12)) == [
        ("standard", "1", "2"),
        ("rescheduled", "plan", day(3, 11), due),
        ("met", "plan", clarified),
    ]
    assert story.one("plan").missed_on is None


# --- what it opens -----------------------------------------------------------------------------------------------------------


def test_a_new_rule_that_a_fact_about_the_whole_stay_opens_is_owed_to_every_child() -> None:
    each = rule("each", [fact("NeedsClarified")], per="child", met_by=[fact("ChildNotificationSent")])
    story = changed([NOTICE], [NOTICE, each])
    story.admit(day(3, 9))
    for child in (CHILD, SECOND_CHILD):
        story.fact("ChildArrived", day(3, 9), person_id=child)
    story.fact("NeedsClarified", day(3, 9))

    story.change("2", day(3, 10))

    assert {o.person_id for o in story.state.obligations.values() if o.rule == "each"} == {CHILD, SECOND_CHILD}


def test_a_rule_that_is_not_new_is_opened_for_nobody_by_the_change() -> None:
    """A child that came after the clarification was owed nothing because of it, and is not now."""
    each = rule("each", [fact("NeedsClarified")], per="child", met_by=[fact("ChildNotificationSent")])
    story = changed([each], [each, PLAN])
    story.admit(day(3, 9))
    story.fact("NeedsClarified", day(3, 9))
    story.fact("ChildArrived", day(3, 10), person_id=CHILD)

    assert story.change("2", day(3, 10)) == [("standard", "1", "2"), ("opened", "plan", day(4, 9))]


def test_what_she_said_no_to_is_not_opened_again_with_another_amount() -> None:
    story = changed([TREATMENT], [like(TREATMENT, amount={"unit": "sessions", "floor": 2, "ceiling": 3})])
    story.admit(day(3, 2))
    story.fact("TreatmentDeclined", day(3, 5), person_id=story.state.woman_id)
    assert story.one("treatment").status == "cancelled"

    assert story.change("2", day(3, 10)) == [("standard", "1", "2")]


@pytest.mark.parametrize(("admitted_on", "owed"), [(day(3, 9), True), (day(3, 10), True), (day(3, 11), False)])
def test_a_new_rule_is_not_opened_before_the_day_she_will_be_admitted_on(admitted_on: date, owed: bool) -> None:
    story = changed([NOTICE], [NOTICE, PLAN])
    story.admit(day(3, 9))
    story.fact("AdmissionCorrected", day(3, 9), until=admitted_on)

    assert (("opened", "plan", day(4, admitted_on.day)) in story.change("2", day(3, 10))) is owed


def test_a_new_rule_that_was_lost_before_it_came_is_missed_on_the_day_it_was_lost() -> None:
    story = changed([NOTICE], [NOTICE, UNDATED_PLAN])
    story.admit(day(3, 9))
    story.fact("WomanMovedOut", day(3, 9), attributes={"stay_days": 0})

    expected = [("standard", "1", "2"), ("opened", "plan", None), ("missed", "plan", day(3, 9))]
    assert story.change("2", day(3, 10)) == expected


def test_a_new_rule_is_not_owed_where_she_had_said_no_before_it_would_have_been() -> None:
    start = rule(
        "advice-start",
        [fact("MoveOutPlanned")],
        due={"same_day": True},
        met_by=[fact("AdviceStarted")],
        cancelled_by=[fact("AdviceDeclined")],
        looks_back=True,
    )
    story = changed([NOTICE], [NOTICE, start])
    story.admit(day(3, 9))
    story.fact("AdviceDeclined", day(3, 9))
    story.fact("MoveOutPlanned", day(3, 10))

    expected = [("standard", "1", "2"), ("opened", "advice-start", day(3, 10)), ("cancelled", "advice-start")]
    assert story.change("2", day(3, 10)) == expected


def test_what_the_ledger_met_at_one_change_is_not_owed_again_at_the_next() -> None:
    smaller = like(TREATMENT, amount={"unit": "minutes", "floor": 60, "ceiling": 60})
    story = changed([TREATMENT], [smaller])
    story.admit(day(3, 2))
    story.held(70, day(3, 3))
    assert story.change("2", day(3, 10))[-1] == ("met", "treatment", day(3, 3))

    assert story.change("1", day(3, 11)) == [("standard", "2", "1")]


def test_what_goes_on_in_another_stay_is_not_owed_here_by_a_new_version() -> None:
    story = changed([NOTICE], [NOTICE, PLAN, TREATMENT])
    story.admit(day(3, 9))
    go_on(story, day(3, 9))

    assert story.change("2", day(3, 10)) == [("standard", "1", "2"), ("opened", "plan", day(4, 9))]


def test_a_third_change_rests_on_an_id_of_its_own_and_opens_anew_what_the_second_cancelled() -> None:
    story = changed([PLAN], [REVIEW])
    story.admit(day(3, 9))
    for number, version in enumerate(["2", "1", "2", "1"]):
        story.change(version, day(3, 10 + number))

    assert len(set(story.state.changes)) == 4
    assert [o.status for o in story.state.obligations.values()] == ["cancelled", "cancelled", "open"]


def test_treatment_that_was_declined_and_offered_again_is_owed_by_the_new_version_too() -> None:
    declinable = like(TREATMENT, cancelled_by=[fact("TreatmentDeclined")])
    smaller = like(declinable, amount={"unit": "minutes", "floor": 60, "ceiling": 60})
    story = changed([declinable], [smaller])
    story.admit(day(3, 2))
    story.fact("TreatmentDeclined", day(3, 4), person_id=WOMAN)
    story.fact("TreatmentOffered", day(3, 6), person_id=WOMAN)

    assert story.change("2", day(3, 10))[1:] == [("cancelled", "treatment"), ("opened", "treatment", None)]

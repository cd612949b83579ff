"""A case file at its edges: what a ledger leaves, what counts on which day, and what waits for the turn of the day."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from havn_events.orchestrator import ObligationOpened
from havn_standards import Rule
from orchestrator.domain.case import Opening
from orchestrator.domain.fact import Fact
from tests.unit.orchestrator.story import (
    AARHUS,
    CHILD,
    COMPLAINT,
    NOTICE,
    ODENSE,
    PLAN,
    REVIEW,
    RULES,
    SHELTER,
    WOMAN,
    Story,
    changed,
    day,
    fact,
    moves_home,
    only,
    rule,
    rulebook,
)
from tests.unit.orchestrator.test_transfer import come_back, go_on

AFTERCARE = next(r for r in RULES if r.id == "aftercare")
TREATMENT = next(r for r in RULES if r.id == "treatment")
START = rule("start", [fact("MoveOutPlanned")], met_by=[fact("SessionHeld")], looks_back=True)
HEARING = rule(
    "hearing",
    [fact("ComplaintFiled", complaint_about="refusal")],
    per="complaint",
    owed_by="home-municipality",
    owed_to="complainant",
    met_by=[fact("ComplaintForwarded")],
    cancelled_by=[fact("ComplaintWithdrawn")],
)
"""No packaged standard has a municipality owe something to who complains; a municipality's own may."""


def refused(*rules: Rule) -> Story:
    """A woman who was refused a stay, and complains: the case file knows no home municipality."""
    story = Story(rulebook(*rules))
    complaint = Fact("ComplaintFiled", UUID(int=7), day(3, 2), reference=COMPLAINT, attributes={"complaint_about": "refusal"})
    story.take(complaint, None, Opening("trial", SHELTER, None))
    return story


# --- what a ledger leaves ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("used", "left"), [(179, 1), (180, 0), (181, 0), (240, 0)])
def test_nothing_is_left_once_the_ceiling_is_used_and_never_less_than_nothing(used: int, left: int) -> None:
    story = only("treatment")
    story.admit(day(3, 2))
    story.held(used, day(3, 3))
    assert story.state.left(story.one("treatment")) == left


@pytest.mark.parametrize(("granted", "left"), [(59, 3), (60, 4), (61, 4), (119, 4), (120, 5), (121, 5)])
def test_a_child_may_have_one_session_more_for_each_full_hour_granted(granted: int, left: int) -> None:
    story = only("child-treatment")
    story.admit(day(3, 2))
    story.fact("ChildArrived", day(3, 2), person_id=CHILD)
    story.fact("ExtraHoursGranted", day(3, 3), person_id=CHILD, minutes=granted, municipality=ODENSE)
    assert story.state.left(story.one("child-treatment")) == left


def test_a_session_told_late_reaches_the_floor_on_the_day_it_was_full_not_on_the_last_one_used() -> None:
    story = only("treatment")
    story.admit(day(3, 2))
    story.held(60, day(3, 12))
    story.held(50, day(3, 14))
    assert story.held(
        60,
        day(3, 10),
    ) == [("met", "treatment", day(3, 12))]


# --- sessions looked back upon -----------------------------------------------------------------------------------------------


def test_a_session_held_before_the_treatment_was_owed_has_begun_it() -> None:
    story = Story(rulebook(START))
    story.admit(day(3, 2))
    story.held(60, day(3, 3))
    story.fact("ExtraHoursGranted", day(3, 4), person_id=WOMAN, minutes=60, municipality=ODENSE)
    assert story.fact("MoveOutPlanned", day(3, 5)) == [("opened", "start", None), ("met", "start", day(3, 3))]


def test_a_session_that_turned_out_not_to_be_held_has_begun_nothing() -> None:
    story = Story(rulebook(START))
    story.admit(day(3, 2))
    story.held(60, day(3, 3))
    story.corrected(-60, day(3, 4), -1)
    assert story.fact("MoveOutPlanned", day(3, 5)) == [("opened", "start", None)]


def test_a_session_that_was_only_shorter_has_begun_it_all_the_same() -> None:
    story = Story(rulebook(START))
    story.admit(day(3, 2))
    story.held(60, day(3, 3))
    story.corrected(-15, day(3, 4))
    assert story.fact("MoveOutPlanned", day(3, 5)) == [("opened", "start", None), ("met", "start", day(3, 3))]


def test_a_childs_session_that_was_not_held_leaves_the_womans_where_it_is() -> None:
    story = Story(rulebook(START))
    story.admit(day(3, 2))
    story.fact("ChildArrived", day(3, 2), person_id=CHILD)
    story.held(60, day(3, 3))
    story.held(45, day(3, 3), CHILD)
    story.corrected(-45, day(3, 4), -1, CHILD)
    assert story.fact("MoveOutPlanned", day(3, 5)) == [("opened", "start", None), ("met", "start", day(3, 3))]


# --- what waits for the turn of the day --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("today", "waits"), [(day(3, 5), False), (day(3, 6), True), (day(3, 7), True)])
def test_what_is_due_waits_for_the_day_after_its_last(today: date, waits: bool) -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.check(day(3, 2))
    assert story.one("notice").due == day(3, 5)
    assert story.one("notice").waits_for(today) is waits


@pytest.mark.parametrize(("today", "waits"), [(day(3, 2), False), (day(3, 3), True), (day(3, 4), True)])
def test_what_was_not_reminded_of_waits_for_the_day_of_its_reminder(today: date, waits: bool) -> None:
    story = only("notice")
    story.admit(day(3, 2))
    assert story.one("notice").remind_on == day(3, 3)
    assert story.one("notice").waits_for(today) is waits


@pytest.mark.parametrize(("today", "waits"), [(day(7, 31), False), (day(8, 1), True), (day(8, 2), True)])
def test_what_a_child_is_owed_waits_for_the_day_it_is_grown(today: date, waits: bool) -> None:
    story = only("child-treatment")
    story.admit(day(3, 2))
    story.fact("ChildArrived", day(3, 2), person_id=CHILD, attributes={"birth_month": "2008-07"})
    assert story.one("child-treatment").waits_for(today) is waits


def test_what_was_done_waits_for_no_day() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.fact("MunicipalityNotified", day(3, 3), attributes={"notice": "admission"})
    assert not story.one("notice").waits_for(day(12, 31))


def test_what_has_no_day_waits_for_none() -> None:
    story = only("treatment")
    story.admit(day(3, 2))
    assert not story.one("treatment").waits_for(day(12, 31))


# --- refused, and admitted after all -----------------------------------------------------------------------------------------


def test_who_was_refused_is_anonymous_to_nobody() -> None:
    opened = refused(HEARING).events[-1]
    assert isinstance(opened, ObligationOpened)
    assert (opened.anonymous, opened.municipality) == (False, None)


def test_what_no_municipality_is_known_to_owe_is_handed_over_to_none() -> None:
    story = refused(HEARING)
    assert moves_home(story, day(3, 5), AARHUS) == []
    assert story.one("hearing").municipality is None


def test_who_was_refused_and_is_admitted_after_all_has_the_home_municipality_of_her_admission() -> None:
    story = refused(HEARING, TREATMENT)
    story.admit(day(3, 9))
    assert story.one("treatment").municipality == ODENSE
    assert moves_home(story, day(3, 15), AARHUS) == [("transferred", "treatment", ODENSE, AARHUS, day(3, 15))]


# --- back from a stay that was annulled --------------------------------------------------------------------------------------


def test_what_she_declined_before_she_went_on_is_not_owed_when_she_comes_back() -> None:
    story = only("treatment", "offer")
    story.admit(day(3, 2))
    story.fact("TreatmentDeclined", day(3, 3), person_id=WOMAN)
    go_on(story, day(3, 9))
    assert come_back(story, day(3, 10)) == [("ObligationReopened", "offer")]
    assert story.one("treatment").status == "cancelled"


def test_what_the_shelter_owed_no_more_meanwhile_is_not_owed_when_she_comes_back() -> None:
    story = only("review")
    story.admit(day(3, 2))
    story.fact("StayPlanAgreed", day(3, 3))
    go_on(story, day(3, 9))
    story.fact("WomanMovedOut", day(3, 9), day(3, 10), attributes={"stay_days": 7})
    assert come_back(story, day(3, 11)) == []
    assert story.one("review").status == "cancelled"


def test_a_complaint_withdrawn_meanwhile_stays_withdrawn_when_she_comes_back() -> None:
    story = Story(rulebook(HEARING))
    story.admit(day(3, 2))
    story.fact("ComplaintFiled", day(3, 3), reference=COMPLAINT, attributes={"complaint_about": "refusal"})
    go_on(story, day(3, 9))
    assert story.one("hearing").status == "open"
    story.fact("ComplaintWithdrawn", day(3, 10), reference=COMPLAINT)
    assert come_back(story, day(3, 11)) == []
    assert story.one("hearing").status == "cancelled"


@pytest.mark.parametrize(("went_on", "opened"), [(False, ["plan", "treatment"]), (True, ["plan"])])
def test_what_a_new_version_has_municipalities_owe_is_not_owed_in_a_stay_that_went_on_elsewhere(
    went_on: bool, opened: list[str]
) -> None:
    story = changed([NOTICE], [NOTICE, PLAN, TREATMENT])
    story.admit(day(3, 2))
    if went_on:
        go_on(story, day(3, 9))
    assert [line[1] for line in story.change("2", day(3, 12)) if line[0] == "opened"] == opened


# --- what a new version of the standard looks back upon ----------------------------------------------------------------------


def test_of_two_reviews_on_one_day_the_one_told_last_is_what_the_next_is_counted_from() -> None:
    story = changed([NOTICE], [NOTICE, REVIEW])
    story.admit(day(1, 2))
    review: dict[str, Any] = {"attributes": {"plan": "stay-plan"}}
    for number in (71, 72):
        story.take(Fact("PlanReviewed", UUID(int=number), day(1, 20), **review))
    story.change("2", day(3, 10))
    assert story.one("review").opened_by == UUID(int=72)


@pytest.mark.parametrize(("right_day", "due"), [(day(3, 1), day(4, 1)), (day(3, 2), day(4, 2)), (day(3, 4), day(4, 4))])
def test_a_rule_that_comes_with_a_new_version_counts_from_the_right_day_of_admission(right_day: date, due: date) -> None:
    story = changed([NOTICE], [NOTICE, PLAN])
    story.admit(day(3, 2))
    story.fact("AdmissionCorrected", day(3, 5), until=right_day)
    assert ("opened", "plan", due) in story.change("2", day(3, 12))


@pytest.mark.parametrize(("right_day", "owed"), [(day(3, 2), False), (day(3, 3), False), (day(3, 1), True)])
def test_a_rule_that_comes_with_a_new_version_asks_how_long_she_really_stayed(right_day: date, owed: bool) -> None:
    story = changed([NOTICE], [NOTICE, AFTERCARE])
    story.admit(day(3, 2))
    story.fact("WomanMovedOut", day(3, 16), attributes={"stay_days": 14})
    story.fact("AdmissionCorrected", day(3, 17), until=right_day)
    assert (("opened", "aftercare", day(3, 17)) in story.change("2", day(3, 18))) is owed


def test_back_from_the_next_shelter_it_is_met_by_what_was_done_before_it_was_owed_no_more() -> None:
    offer = rule(
        "offer",
        [fact("WomanAdmitted")],
        owed_by="home-municipality",
        met_by=[fact("TreatmentOffered")],
        cancelled_by=[fact("WomanMovedOut")],
    )
    story = Story(rulebook(offer))
    story.admit(day(3, 2))
    go_on(story, day(3, 9))
    come_back(story, day(3, 10))
    assert story.fact("WomanMovedOut", day(3, 20)) == [("cancelled", "offer")]

    assert story.fact("TreatmentOffered", day(3, 15), day(3, 21)) == [("met", "offer", day(3, 15))]


def test_a_childs_session_on_the_day_of_the_womans_that_was_not_held_has_begun_nothing_for_her() -> None:
    story = Story(rulebook(START))
    story.admit(day(3, 2))
    for person, on in ((WOMAN, day(3, 4)), (CHILD, day(3, 4)), (WOMAN, day(3, 8))):
        story.held(60, on, person)
    story.fact("SessionCorrected", day(3, 9), person_id=WOMAN, minutes=-60, until=day(3, 4), attributes={"sessions": -1})

    assert story.fact("MoveOutPlanned", day(3, 10))[-1] == ("met", "start", day(3, 8))


def test_a_session_that_is_still_held_is_what_has_begun_it_not_an_offer_of_its_day() -> None:
    story = Story(rulebook(START))
    story.admit(day(3, 2))
    offer, wrong, right = UUID(int=101), UUID(int=102), UUID(int=103)
    story.take(Fact("TreatmentOffered", offer, day(3, 8), WOMAN))
    for session, on in ((wrong, day(3, 4)), (right, day(3, 8))):
        story.take(Fact("SessionHeld", session, on, WOMAN, minutes=60, attributes={"sessions": 1}))
    story.fact("SessionCorrected", day(3, 9), person_id=WOMAN, minutes=-60, until=day(3, 4), attributes={"sessions": -1})
    story.fact("MoveOutPlanned", day(3, 10))

    assert story.one("start").closed_by == right


def test_of_the_sessions_that_are_still_held_the_last_one_meets_what_was_owed_after_the_first() -> None:
    follow_up = rule("follow-up", [fact("RiskAssessed")], met_by=[fact("SessionHeld")])
    story = Story(rulebook(follow_up))
    story.admit(day(3, 2))
    for on in (day(3, 4), day(3, 8), day(3, 12)):
        story.held(60, on)
    story.fact("SessionCorrected", day(3, 13), person_id=WOMAN, minutes=-60, until=day(3, 4), attributes={"sessions": -1})

    assert story.fact("RiskAssessed", day(3, 10), day(3, 14))[-1] == ("met", "follow-up", day(3, 12))


def test_what_she_declined_is_not_owed_again_because_something_else_is_planned() -> None:
    offer = rule(
        "offer", [fact("WomanAdmitted")], met_by=[fact("PsychologistAssigned")], cancelled_by=[fact("TreatmentDeclined")]
    )
    story = Story(rulebook(offer))
    story.admit(day(3, 2))
    assert story.fact("TreatmentDeclined", day(3, 5), person_id=WOMAN) == [("cancelled", "offer")]
    assert story.fact("TreatmentOffered", day(3, 10), person_id=WOMAN) == []

    assert story.fact("MoveOutPlanned", day(3, 2), day(3, 11)) == []


def test_a_treatment_she_declined_is_owed_no_more_though_a_child_was_offered_its_own_since() -> None:
    story = Story(rulebook(TREATMENT))
    story.admit(day(3, 2))
    story.fact("TreatmentOffered", day(3, 10), person_id=CHILD)

    assert story.fact("TreatmentDeclined", day(3, 5), day(3, 11), person_id=WOMAN) == [("cancelled", "treatment")]

"""A few facts that bear on each other, told on one day in every order: what becomes of a case is the same each time."""

from collections.abc import Sequence
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from tests.unit.orchestrator.stay import Stay
from tests.unit.orchestrator.story import WOMAN, Story, day, fact, rule, rulebook
from tests.unit.orchestrator.test_facts_together import ADMITTED, CHILD, HOUR, LEFT, MOVED_OUT, became, ended, january, march, the

NOTICE: dict[str, Any] = {"attributes": {"notice": "admission", "anonymous": False}}
REVIEWED: dict[str, Any] = {"attributes": {"plan": "action-plan"}}
TOLD_ON = march(30)
Told = list[tuple[str, date, dict[str, Any]]]


def in_every_order(standard: str, *facts: tuple[str, date, dict[str, Any]]) -> Sequence[Stay]:
    """The stay after these facts, for each order in which they can be told."""
    stays = []
    for order in permutations(facts):
        stay = Stay(standard, ADMITTED)
        for name, on, more in order:
            stay.take(name, on, TOLD_ON, **more)
        stays.append(stay)
    return stays


def states(stays: Sequence[Stay], rule_id: str) -> set[str]:
    return {the(stay, rule_id).status for stay in stays}


# --- a refusal, an offer of after it, and the plan to move out -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("planned", "status"), [(4, "missed"), (5, "cancelled"), (6, "cancelled"), (9, "cancelled"), (10, "missed"), (11, "missed")]
)
def test_what_she_had_refused_when_the_move_was_planned_was_not_owed_then_though_it_is_offered_again_later(
    planned: int, status: str
) -> None:
    """Refused on the 5th and offered again on the 10th; nobody began."""
    told: Told = [("AdviceDeclined", march(5), {}), ("AdviceOffered", march(10), {}), ("MoveOutPlanned", march(planned), {})]

    assert states(in_every_order("serviceloven", *told), "advice-start") == {status}


@pytest.mark.parametrize(("planned", "status"), [(6, "cancelled"), (7, "missed"), (10, "missed"), (21, "missed")])
def test_the_first_offer_since_she_refused_takes_that_back(planned: int, status: str) -> None:
    """Offered again on the 7th and once more on the 20th."""
    offers: Told = [("AdviceOffered", march(7), {}), ("AdviceOffered", march(20), {})]
    told: Told = [("AdviceDeclined", march(5), {}), *offers, ("MoveOutPlanned", march(planned), {})]

    assert states(in_every_order("serviceloven", *told), "advice-start") == {status}


@pytest.mark.parametrize(("again", "status"), [(4, "cancelled"), (6, "open"), (25, "open")])
@pytest.mark.parametrize("left", [True, False])
def test_treatment_that_she_declined_is_owed_when_it_is_offered_again_later(again: int, status: str, left: bool) -> None:
    """Offered on the 3rd and declined on the 5th; she left on the 10th, or not."""
    hers: dict[str, Any] = {"person_id": WOMAN}
    offers: Told = [("TreatmentOffered", march(3), hers), ("TreatmentOffered", march(again), hers)]
    told: Told = [*offers, ("TreatmentDeclined", march(5), hers)]
    stays = in_every_order("serviceloven", *told, *([("WomanMovedOut", LEFT, MOVED_OUT)] if left else []))

    assert states(stays, "psychology-woman") == {status}
    assert states(stays, "psychology-woman-offer") == {"met"}


def test_an_offer_that_she_answered_stays_made_when_another_one_comes() -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("TreatmentDeclined", march(5), person_id=WOMAN)
    stay.take("TreatmentOffered", march(10), person_id=WOMAN)

    offer = the(stay, "psychology-woman-offer")
    assert (offer.status, offer.closed_on) == ("met", march(5))


@pytest.mark.parametrize(("offered", "status"), [(4, "cancelled"), (5, "missed"), (6, "missed")])
def test_an_offer_told_after_a_later_one_takes_back_what_she_refused_by_then(offered: int, status: str) -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("AdviceDeclined", march(5))
    stay.take("AdviceOffered", march(20))
    stay.take("AdviceOffered", march(offered), march(21))
    stay.take("MoveOutPlanned", march(7), march(22))

    assert the(stay, "advice-start").status == status


def test_advice_that_began_after_she_had_refused_it_is_not_late() -> None:
    told: Told = [("AdviceDeclined", march(5), {}), ("MoveOutPlanned", march(6), {}), ("AdviceStarted", march(7), {})]

    assert states(in_every_order("serviceloven", *told), "advice-start") == {"cancelled"}


@pytest.mark.parametrize("planned", [4, 7, 10, 11])
def test_a_window_is_open_when_what_she_had_refused_before_the_move_was_offered_again(planned: int) -> None:
    told: Told = [
        ("AdviceDeclined", march(5), {}),
        ("AdviceOffered", march(10), {}),
        ("MoveOutPlanned", march(planned), {}),
        ("WomanMovedOut", march(8), MOVED_OUT),
    ]

    assert states(in_every_order("serviceloven", *told), "advice-window") == {"open"}


# --- a plan, its cancellation, and what a plan makes missed --------------------------------------------------------------------


@pytest.mark.parametrize(("given_up", "status"), [(19, "open"), (20, "open"), (21, "missed")])
def test_a_plan_that_was_given_up_before_the_municipality_was_told_makes_nothing_missed(given_up: int, status: str) -> None:
    """The municipality was told on the 20th."""
    plan: Told = [("MoveOutPlanned", march(5), {}), ("MoveOutCancelled", march(given_up), {})]
    told: Told = [*plan, ("MunicipalityNotified", march(20), NOTICE)]

    assert states(in_every_order("serviceloven", *told), "initial-advice") == {status}


@pytest.mark.parametrize(("moved", "status"), [(19, "missed"), (20, "missed"), (22, "missed")])
def test_what_a_plan_that_was_given_up_did_not_make_missed_is_missed_by_the_move(moved: int, status: str) -> None:
    told: Told = [
        ("MoveOutPlanned", march(5), {}),
        ("MoveOutCancelled", march(8), {}),
        ("MunicipalityNotified", march(18), NOTICE),
        ("WomanMovedOut", march(moved), MOVED_OUT),
    ]

    stays = in_every_order("serviceloven", *told)
    assert states(stays, "initial-advice") == {status}
    assert {the(stay, "initial-advice").missed_on for stay in stays} == {march(moved)}


@pytest.mark.parametrize(("given", "status"), [(24, "met"), (25, "met"), (26, "met-late")])
@pytest.mark.parametrize("given_up", [True, False])
def test_advice_given_after_the_move_was_planned_is_late_unless_that_plan_was_given_up(
    given: int, status: str, given_up: bool
) -> None:
    """Told on the 20th; planned on the 25th, or planned on the 5th, given up on the 8th and planned anew on the 25th."""
    told: Told = [
        ("MunicipalityNotified", march(20), NOTICE),
        ("InitialAdviceGiven", march(given), {}),
        ("MoveOutPlanned", march(25), {}),
    ]
    if given_up:
        told += [("MoveOutPlanned", march(5), {}), ("MoveOutCancelled", march(8), {})]

    assert states(in_every_order("serviceloven", *told), "initial-advice") == {status}


@pytest.mark.parametrize(("given", "status"), [(9, "met"), (10, "met"), (11, "met-late"), (20, "met-late"), (21, "met-late")])
def test_advice_is_late_after_the_first_of_two_plans_to_move(given: int, status: str) -> None:
    """Planned on the 10th, and once more on the 20th."""
    plans: Told = [("MoveOutPlanned", march(10), {}), ("MoveOutPlanned", march(20), {})]
    stays = in_every_order(
        "serviceloven", *plans, ("InitialAdviceGiven", march(given), {}), ("MunicipalityNotified", march(3), NOTICE)
    )

    assert states(stays, "initial-advice") == {status}


def test_the_plan_that_made_it_missed_while_it_was_owed_still_does_when_it_is_given_up() -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("MunicipalityNotified", march(3), **NOTICE)
    stay.take("MoveOutPlanned", march(5))
    stay.take("MoveOutCancelled", march(8))

    assert became(stay, "initial-advice") == ["ObligationOpened", "ObligationMissed"]


def test_a_plan_given_up_opens_nothing_again_in_a_stay_that_was_annulled() -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("MunicipalityNotified", march(20), **NOTICE)
    stay.take("MoveOutPlanned", march(5), march(21))
    stay.take("StayAnnulled", march(22))
    stay.take("MoveOutCancelled", march(8), march(23))

    assert became(stay, "initial-advice") == ["ObligationOpened", "ObligationMissed", "ObligationCancelled"]


def test_the_cancellation_of_one_plan_told_late_does_not_cancel_what_the_next_plan_made_owed() -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("MoveOutPlanned", march(5))
    stay.pass_day(march(6))
    stay.take("MoveOutPlanned", march(7))
    stay.pass_day(march(7))
    stay.take("MoveOutCancelled", march(8))
    stay.take("MoveOutCancelled", march(6), march(9))

    assert [o.status for o in stay.state.obligations.values() if o.rule == "advice-start"] == ["missed", "missed"]


# --- what was done before it was told that it was owed --------------------------------------------------------------------------


@pytest.mark.parametrize(("made", "status"), [(9, "open"), (10, "open"), (11, "met")])
def test_an_action_plan_made_since_she_asked_for_it_is_made_also_when_her_wish_is_told_later(made: int, status: str) -> None:
    """Of one day, what was told first was before it."""
    stay = Stay("serviceloven", ADMITTED)
    stay.take("ActionPlanMade", january(made))
    stay.take("ActionPlanRequested", january(10), january(20))

    assert the(stay, "action-plan").status == status


@pytest.mark.parametrize(("answered", "status"), [(9, "open"), (10, "open"), (11, "met")])
def test_who_asks_again_on_the_day_of_an_answer_is_owed_another(answered: int, status: str) -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("AgreementAnswered", january(answered), january(11))
    stay.take("AgreementRequested", january(10), january(11))

    assert the(stay, "psychologist-agreement").status == status


def test_of_two_action_plans_the_one_made_since_she_asked_for_it_counts() -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("ActionPlanMade", january(8))
    stay.take("ActionPlanMade", january(14))
    stay.take("ActionPlanRequested", january(10), january(20))

    assert (the(stay, "action-plan").status, the(stay, "action-plan").closed_on) == ("met", january(14))


def test_a_team_of_before_the_child_arrived_is_its_team() -> None:
    stay = Stay("hellerup", ADMITTED)
    for profession in ("pedagogue", "social-worker"):
        stay.take("ContactPersonAssigned", january(7), person_id=CHILD, attributes={"profession": profession})
    stay.take("ChildArrived", january(8), person_id=CHILD)

    assert the(stay, "contact-persons-child").status == "met"


@pytest.mark.parametrize(("left", "status"), [(17, "missed"), (18, "cancelled"), (20, "cancelled")])
def test_what_was_not_due_before_the_child_was_grown_is_not_missed_whatever_is_told_of_the_time_after(
    left: int, status: str
) -> None:
    """Two weeks after 17 January end on the last day on which the child is owed anything; declined when it was over."""
    stay = Stay("serviceloven", ADMITTED)
    stay.take("WomanMovedOut", january(left), attributes={"stay_days": left - 5, "destination": "family"})
    stay.take("TreatmentDeclined", date(2026, 2, 10), person_id=CHILD)
    stay.take("ChildArrived", ADMITTED, date(2026, 2, 15), person_id=CHILD, attributes={"birth_month": "2008-01"})

    assert the(stay, "psychology-child-start").status == status


def test_what_a_child_is_owed_no_more_when_its_arrival_is_told_is_ended_at_once() -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("ChildArrived", ADMITTED, date(2026, 2, 1), person_id=CHILD, attributes={"birth_month": "2008-01"})

    assert became(stay, "psychology-child-start") == ["ObligationOpened", "ObligationCancelled"]


def test_a_plan_told_after_its_review_is_reviewed_by_it() -> None:
    """Owed until 15 April, and reviewed on 10 March."""
    stay = Stay("kobenhavn", ADMITTED)
    stay.take("PlanReviewed", march(10), **REVIEWED)
    stay.take("WomanMovedOut", date(2026, 5, 1), attributes={"stay_days": 116, "destination": "family"})
    stay.take("ActionPlanMade", january(15), date(2026, 5, 2))

    reviews = [(o.opened_on, o.status) for o in stay.state.obligations.values() if o.rule == "action-plan-review"]
    assert sorted(reviews) == [(january(15), "met"), (march(10), "cancelled")]


def test_what_is_cancelled_by_a_fact_of_before_it_was_owed_is_cancelled_on_the_day_it_would_have_been_owed() -> None:
    told: Told = [("AdviceDeclined", march(5), {}), ("WomanMovedOut", LEFT, MOVED_OUT)]

    assert {the(stay, "advice-window").closed_on for stay in in_every_order("serviceloven", *told)} == {LEFT}


# --- windows -----------------------------------------------------------------------------------------------------------------


def test_a_window_that_ended_for_another_reason_is_not_opened_again_by_an_offer_after_a_refusal() -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("WomanMovedOut", LEFT, **MOVED_OUT)
    stay.take("AdviceEnded", march(20), **ended("other"))
    stay.take("AdviceDeclined", march(22))
    stay.take("AdviceOffered", march(25))

    assert the(stay, "advice-window").status == "cancelled"


@pytest.mark.parametrize(("offered", "status"), [(11, "cancelled"), (13, "cancelled"), (14, "open"), (15, "open")])
def test_a_window_she_had_declined_is_open_again_by_an_offer_since_the_last_time(offered: int, status: str) -> None:
    """She declined on the 14th, and on the 12th, which is told after it."""
    stay = Stay("serviceloven", ADMITTED)
    stay.take("WomanMovedOut", LEFT, **MOVED_OUT)
    stay.take("AdviceDeclined", march(14))
    stay.take("AdviceDeclined", march(12), march(14))
    stay.take("AdviceOffered", march(offered), march(15))

    assert the(stay, "advice-window").status == status


def test_what_she_declined_after_an_offer_stays_declined_when_that_offer_is_told_later() -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("WomanMovedOut", LEFT, **MOVED_OUT)
    stay.take("AdviceDeclined", march(14))
    stay.take("AdviceOffered", march(13), march(15))

    assert became(stay, "advice-window") == ["ObligationOpened", "ObligationCancelled"]


def test_a_window_that_was_taken_up_again_ended_when_she_was_established_though_the_offer_is_told_later() -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("WomanMovedOut", LEFT, **MOVED_OUT)
    stay.take("AdviceDeclined", march(12))
    stay.take("AdviceEnded", march(20), **ended("established"))
    stay.take("AdviceOffered", march(15), march(25))

    assert (the(stay, "advice-window").status, the(stay, "advice-window").closed_on) == ("met", march(20))


def test_a_window_that_is_opened_again_is_owed_by_the_municipality_to_which_her_home_had_moved() -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("WomanMovedOut", LEFT, **MOVED_OUT)
    stay.take("AdviceDeclined", march(12))
    stay.take("HomeMunicipalityChanged", march(20), municipality="0751")
    stay.take("AdviceStarted", march(25))

    assert (the(stay, "advice-window").status, the(stay, "advice-window").municipality) == ("open", "0751")
    assert became(stay, "advice-window")[-2:] == ["ObligationReopened", "ObligationTransferred"]


# --- what was cancelled, and what is told of the time before --------------------------------------------------------------------


@pytest.mark.parametrize(("until", "missed"), [(1, True), (2, False), (5, False)])
@pytest.mark.parametrize("annulled", [True, False])
def test_a_corrected_admission_shows_a_miss_of_before_she_left_but_none_of_an_annulled_stay(
    until: int, missed: bool, annulled: bool
) -> None:
    """She left on Friday 9 January. Five working days from the 1st end on the 8th, from the 2nd on the 9th."""
    stay = Stay("odense", ADMITTED)
    stay.take("WomanMovedOut", january(9), attributes={"stay_days": 4, "destination": "family"})
    if annulled:
        stay.take("StayAnnulled", january(9))
    stay.take("AdmissionCorrected", january(12), until=january(until))

    is_missed = missed and not annulled
    assert ("ObligationReopened" in became(stay, "needs-clarification")) is is_missed
    assert the(stay, "needs-clarification").status == ("missed" if is_missed else "cancelled")


def test_a_session_of_before_the_standard_changed_does_not_meet_what_the_change_ended() -> None:
    """The other standard counts sessions instead of minutes."""
    stay = Stay("odense", ADMITTED)
    for number in range(9):
        stay.take("SessionHeld", january(6 + number), **HOUR)
    stay.change("kobenhavn", january(20))
    stay.take("SessionHeld", january(16), january(22), **HOUR)

    treatments = [o for o in stay.state.obligations.values() if o.rule == "psychology-woman"]
    assert [(o.unit, o.status) for o in treatments] == [("minutes", "cancelled"), ("sessions", "met")]


@pytest.mark.parametrize(("left", "status"), [(9, "cancelled"), (10, "missed"), (11, "missed")])
def test_what_the_move_made_missed_stays_missed_when_she_went_to_another_shelter_that_day_or_later(left: int, status: str) -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("MunicipalityNotified", january(6), **NOTICE)
    stay.take("WomanMovedOut", LEFT, **MOVED_OUT)
    stay.go_on(march(left))

    assert the(stay, "initial-advice").status == status


def test_what_was_given_up_when_its_term_was_over_is_not_met_after_it() -> None:
    start = rule(
        "start",
        [fact("MunicipalityNotified")],
        due={"weeks": 1},
        due_from="MoveOutPlanned",
        met_by=[fact("SessionHeld")],
        cancelled_by=[fact("TreatmentDeclined")],
        looks_back=True,
    )
    story = Story(rulebook(start))
    story.admit(day(2, 20))
    story.fact("MoveOutPlanned", day(3, 1))
    story.fact("TreatmentDeclined", day(3, 7), person_id=WOMAN)
    assert story.fact("MunicipalityNotified", day(3, 10)) == [("opened", "start", day(3, 8)), ("cancelled", "start")]

    assert story.held(60, day(3, 9)) == []


def test_a_plan_told_after_it_was_given_up_dates_nothing_that_she_declined() -> None:
    start = rule(
        "start",
        [fact("WomanAdmitted")],
        due={"weeks": 1},
        due_from="MoveOutPlanned",
        met_by=[fact("SessionHeld")],
        cancelled_by=[fact("TreatmentDeclined")],
    )
    story = Story(rulebook(start))
    story.admit(day(2, 20))
    story.fact("MoveOutCancelled", day(3, 5))
    story.fact("TreatmentDeclined", day(3, 20), person_id=WOMAN)

    assert story.fact("MoveOutPlanned", day(3, 1), today=day(3, 21)) == []


def test_treatment_that_was_missed_is_missed_again_when_it_falls_below_its_floor() -> None:
    treatment = rule(
        "treatment",
        [fact("WomanAdmitted")],
        owed_by="home-municipality",
        amount={"unit": "minutes", "floor": 60, "ceiling": 60},
        missed_by=[fact("WomanMovedOut")],
    )
    story = Story(rulebook(treatment))
    story.admit(day(3, 2))
    story.fact("WomanMovedOut", day(3, 4))
    assert story.held(60, day(3, 5)) == [("late", "treatment", day(3, 5))]

    assert story.corrected(-10, day(3, 6)) == [("reopened", "treatment"), ("missed", "treatment", day(3, 4))]
    assert story.held(10, day(3, 7)) == [("late", "treatment", day(3, 7))]


# --- rounds -------------------------------------------------------------------------------------------------------------------


def test_a_review_told_late_ends_its_round_with_the_next_one_and_not_with_a_later_one() -> None:
    stay = Stay("kobenhavn", ADMITTED)
    stay.take("PlanReviewed", january(20), **REVIEWED)
    stay.take("PlanReviewed", march(1), **REVIEWED)
    stay.take("PlanReviewed", march(20), **REVIEWED)
    stay.take("PlanReviewed", january(25), march(25), **REVIEWED)

    reviews = [o for o in stay.state.obligations.values() if o.rule == "action-plan-review"]
    assert [(o.opened_on, o.closed_on) for o in reviews if o.opened_on == january(25)] == [(january(25), march(1))]


def test_two_reviews_of_one_day_open_one_round() -> None:
    stay = Stay("kobenhavn", ADMITTED)
    stay.take("PlanReviewed", march(1), **REVIEWED)
    stay.take("PlanReviewed", march(1), **REVIEWED)

    reviews = [o.status for o in stay.state.obligations.values() if o.rule == "action-plan-review"]
    assert reviews.count("open") == 1


@pytest.mark.parametrize(("moved", "municipality"), [(9, "0751"), (10, "0751"), (11, "0461")])
def test_a_review_told_late_is_owed_by_the_municipality_she_lived_in_until_the_next_one(moved: int, municipality: str) -> None:
    stay = Stay("kobenhavn", ADMITTED)
    stay.take("ActionPlanMade", january(6))
    stay.take("PlanReviewed", date(2026, 6, 10), **REVIEWED)
    stay.take("HomeMunicipalityChanged", date(2026, 6, moved), date(2026, 6, 11), municipality="0751")
    stay.take("PlanReviewed", january(30), date(2026, 6, 12), **REVIEWED)

    (late,) = [o for o in stay.state.obligations.values() if o.rule == "action-plan-review" and o.opened_on == january(30)]
    assert (late.status, late.municipality) == ("met-late", municipality)


# --- a move-out with a wrong day, and what is told before and after its correction ----------------------------------------------


def corrected_in_every_order(standard: str, right: date, *facts: tuple[str, date, dict[str, Any]]) -> Sequence[Stay]:
    """The stay after these facts and a move-out of 10 March corrected to the right day: told after the move-out, as it is."""
    move_out: Told = [("WomanMovedOut", LEFT, MOVED_OUT), ("MoveOutCorrected", TOLD_ON, {"until": right})]
    stays = []
    for order in permutations([*move_out, *facts]):
        if order.index(move_out[0]) < order.index(move_out[1]):
            stay = Stay(standard, ADMITTED)
            for name, on, more in order:
                stay.take(name, on, TOLD_ON, **more)
            stays.append(stay)
    return stays


@pytest.mark.parametrize("right", [9, 11])
@pytest.mark.parametrize(("given", "status"), [(-1, "met"), (0, "met"), (1, "met-late")])
def test_initial_advice_is_in_time_by_the_right_day_in_whatever_order_it_is_told(right: int, given: int, status: str) -> None:
    told: Told = [("MunicipalityNotified", march(1), NOTICE), ("InitialAdviceGiven", march(right + given), {})]

    assert states(corrected_in_every_order("serviceloven", march(right), *told), "initial-advice") == {status}


@pytest.mark.parametrize(("right", "due"), [(9, march(20)), (14, march(20)), (20, march(20))])
def test_a_granted_last_day_and_a_corrected_move_out_lead_to_one_window(right: int, due: date) -> None:
    granted = date(2026, 9, due.day)
    moved: Told = [("HomeMunicipalityChanged", march(15), {"municipality": "0751"})]
    told: Told = [("AdviceExtended", march(12), {"until": granted}), *moved]
    stays = [stay for stay in corrected_in_every_order("odense", march(right), *told) if told_after_the_move_out(stay)]

    assert len(stays) == 8
    assert {(the(s, "advice-window").due, the(s, "advice-window").counted_from) for s in stays} == {(granted, march(right))}


def told_after_the_move_out(stay: Stay) -> bool:
    """Nobody extends a window that is not known to be open."""
    names = [getattr(event, "fact", None) for event, _ in stay.recorded]
    return names.index("WomanMovedOut") < names.index("AdviceExtended")


@pytest.mark.parametrize(("right", "status"), [(5, "cancelled"), (6, "cancelled"), (7, "missed")])
def test_a_review_is_owed_until_the_right_day_in_whatever_order_it_is_told(right: int, status: str) -> None:
    """Made on 1 December and reviewed on the 6th: owed again by 6 March."""
    reviewed: dict[str, Any] = {"attributes": {"plan": "stay-plan"}}
    told: Told = [("StayPlanAgreed", date(2025, 12, 1), {}), ("PlanReviewed", date(2025, 12, 6), reviewed)]
    stays = corrected_in_every_order("hellerup", march(right), *told)
    rounds = [[o for o in stay.state.obligations.values() if o.rule == "plan-review"] for stay in stays]

    assert {tuple(sorted((str(o.due), o.status) for o in each)) for each in rounds} == {
        (("2026-03-01", "met"), ("2026-03-06", status))
    }


@pytest.mark.parametrize("right", [2, 9, 11, 30])
def test_what_is_owed_directly_after_the_stay_is_counted_from_the_right_day_in_whatever_order(right: int) -> None:
    hers: dict[str, Any] = {"person_id": WOMAN}
    told: Told = [("TreatmentDeclined", march(18), hers), ("MunicipalityNotified", march(11), NOTICE)]
    stays = corrected_in_every_order("serviceloven", march(right), *told)

    assert states(stays, "psychology-woman-offer") == {"met-late" if right == 2 else "met"}
    assert states(stays, "psychology-woman-start") == {"missed" if right == 2 else "cancelled"}

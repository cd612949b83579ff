"""Several facts at once under the packaged standards: what becomes of a case does not hang on when its facts are told."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from havn_events.orchestrator import ObligationEvent
from orchestrator.domain.case import Obligation
from tests.unit.orchestrator.stay import WOMAN, Stay

ADMITTED = date(2026, 1, 5)
LEFT = date(2026, 3, 10)
MOVED_OUT: dict[str, Any] = {"attributes": {"stay_days": 64, "destination": "new-home"}}
CHILD = UUID(int=4)
HOUR: dict[str, Any] = {"person_id": WOMAN, "minutes": 60, "attributes": {"sessions": 1}}
STANDARDS = ["serviceloven", "odense", "kobenhavn", "hellerup", "lokk"]


def january(number: int) -> date:
    return date(2026, 1, number)


def march(number: int) -> date:
    return date(2026, 3, number)


def the(stay: Stay, rule: str) -> Obligation:
    (found,) = [o for o in stay.state.obligations.values() if o.rule == rule]
    return found


def became(stay: Stay, rule: str) -> list[str]:
    return [event.type_name() for event, _ in stay.recorded if isinstance(event, ObligationEvent) and event.rule == rule]


def ended(because: str) -> dict[str, Any]:
    return {"attributes": {"ended_because": because}}


# --- the window and what was told of the advice ------------------------------------------------------------------------------


@pytest.mark.parametrize("standard", STANDARDS)
@pytest.mark.parametrize(("because", "status"), [("established", "met"), ("declined", "cancelled"), ("other", "cancelled")])
@pytest.mark.parametrize("told_on", [LEFT, march(25)])
def test_advice_that_ended_after_the_move_ends_the_window_also_when_the_move_is_told_later(
    standard: str, because: str, status: str, told_on: date
) -> None:
    stay = Stay(standard, ADMITTED)
    stay.take("MoveOutPlanned", march(1))
    stay.take("AdviceStarted", march(1))
    if told_on == LEFT:
        stay.take("WomanMovedOut", LEFT, **MOVED_OUT)
    stay.take("AdviceEnded", march(20), **ended(because))
    if told_on > LEFT:
        stay.take("WomanMovedOut", LEFT, told_on, **MOVED_OUT)

    window = the(stay, "advice-window")
    assert (window.status, window.closed_on) == (status, march(20))


def test_advice_that_ended_before_she_moved_out_leaves_no_window_that_nobody_can_fill() -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("AdviceStarted", march(1))
    stay.take("AdviceEnded", march(5), **ended("declined"))
    stay.take("WomanMovedOut", LEFT, **MOVED_OUT)

    assert (the(stay, "advice-window").status, the(stay, "advice-window").closed_on) == ("cancelled", LEFT)


@pytest.mark.parametrize("told_on", [march(5), march(12)])
def test_what_she_declined_before_she_moved_out_is_declined_whenever_that_is_told(told_on: date) -> None:
    stay = Stay("serviceloven", ADMITTED)
    if told_on < LEFT:
        stay.take("AdviceDeclined", march(5))
    stay.take("WomanMovedOut", LEFT, **MOVED_OUT)
    if told_on > LEFT:
        stay.take("AdviceDeclined", march(5), told_on)

    assert the(stay, "advice-window").status == "cancelled"


@pytest.mark.parametrize("again", ["AdviceOffered", "AdviceStarted"])
@pytest.mark.parametrize("declined", [march(5), march(12)])
def test_a_window_she_had_declined_is_open_again_when_she_takes_it_up_and_moves_with_her(again: str, declined: date) -> None:
    stay = Stay("serviceloven", ADMITTED)
    for name, on in sorted([("WomanMovedOut", LEFT), ("AdviceDeclined", declined)], key=lambda told: told[1]):
        stay.take(name, on, **(MOVED_OUT if name == "WomanMovedOut" else {}))
    stay.take(again, date(2026, 5, 4))
    stay.take("HomeMunicipalityChanged", date(2026, 6, 1), municipality="0751")

    window = the(stay, "advice-window")
    assert (window.status, window.due, window.municipality) == ("open", date(2026, 9, 10), "0751")
    stay.take("AdviceEnded", date(2026, 8, 3), **ended("established"))
    assert (the(stay, "advice-window").status, the(stay, "advice-window").closed_on) == ("met", date(2026, 8, 3))


def test_a_window_that_was_taken_up_before_she_moved_out_is_open_though_she_had_declined_once() -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("AdviceDeclined", march(2))
    stay.take("AdviceStarted", march(5))
    stay.take("WomanMovedOut", LEFT, **MOVED_OUT)

    assert the(stay, "advice-window").status == "open"


@pytest.mark.parametrize(("on", "status"), [(date(2026, 9, 10), "open"), (date(2026, 9, 11), "met")])
def test_a_window_taken_up_on_its_last_day_and_told_later_has_run_out(on: date, status: str) -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("WomanMovedOut", LEFT, **MOVED_OUT)
    stay.take("AdviceDeclined", march(12))
    stay.take("AdviceStarted", date(2026, 9, 10), on)

    assert the(stay, "advice-window").status == status


def test_advice_that_ended_because_she_declined_more_of_it_is_not_opened_again_by_an_offer() -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("AdviceStarted", march(1))
    stay.take("WomanMovedOut", LEFT, **MOVED_OUT)
    stay.take("AdviceEnded", march(20), **ended("declined"))
    stay.take("AdviceOffered", march(25))

    assert the(stay, "advice-window").status == "cancelled"


def test_what_she_declined_on_its_day_is_not_owed_again_by_an_offer_of_later() -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("MoveOutPlanned", march(2))
    stay.take("AdviceDeclined", march(2))
    stay.take("AdviceOffered", march(4))

    assert the(stay, "advice-start").status == "cancelled"


# --- a refusal and an offer, each told in either order -----------------------------------------------------------------------


@pytest.mark.parametrize(("offered", "status"), [(4, "cancelled"), (5, "open"), (6, "open")])
@pytest.mark.parametrize("decline_told_first", [True, False])
def test_an_offer_takes_back_a_refusal_of_before_it_and_not_one_of_after_it(
    offered: int, status: str, decline_told_first: bool
) -> None:
    """Of the same day, the one told last holds."""
    if offered == 5 and not decline_told_first:
        status = "cancelled"
    told = [("AdviceDeclined", march(5)), ("AdviceOffered", march(offered))]
    stay = Stay("serviceloven", ADMITTED)
    for name, on in told if decline_told_first else reversed(told):
        stay.take(name, on, march(7))
    stay.take("MoveOutPlanned", march(8))

    assert the(stay, "advice-start").status == status


@pytest.mark.parametrize("offered", [march(4), march(5), march(6)])
def test_a_refusal_told_late_does_not_end_what_was_offered_again_since(offered: date) -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("AdviceOffered", offered)
    stay.take("MoveOutPlanned", march(8))
    stay.take("AdviceDeclined", march(5), march(8))

    assert the(stay, "advice-start").status == ("open" if offered > march(5) else "cancelled")


# --- what is told after the end of it -----------------------------------------------------------------------------------------

PLAN_REVIEWED: dict[str, Any] = {"attributes": {"plan": "stay-plan"}}


@pytest.mark.parametrize(
    ("standard", "rule", "name"),
    [
        ("hellerup", "stay-plan", "StayPlanAgreed"),
        ("odense", "needs-clarification", "NeedsClarified"),
        ("odense", "risk-assessment", "RiskAssessed"),
    ],
)
@pytest.mark.parametrize(("done", "status"), [(8, "met"), (9, "met"), (10, "cancelled")])
def test_what_was_done_before_she_left_is_met_also_when_it_is_told_after_she_left(
    standard: str, rule: str, name: str, done: int, status: str
) -> None:
    """Only what is told of a day within the stay; after it nothing is owed that could be met."""
    stay = Stay(standard, ADMITTED)
    stay.take("WomanMovedOut", date(2026, 1, 9), attributes={"stay_days": 4, "destination": "family"})
    stay.take(name, date(2026, 1, done), date(2026, 1, 20))

    assert the(stay, rule).status == status


@pytest.mark.parametrize("end", ["annulled", "another standard"])
def test_what_was_given_up_with_the_stay_or_its_standard_is_not_met_by_what_is_told_later(end: str) -> None:
    stay = Stay("odense", ADMITTED)
    if end == "annulled":
        stay.take("StayAnnulled", january(9))
    else:
        stay.change("serviceloven", january(9))
    stay.take("NeedsClarified", january(8), january(12))

    assert the(stay, "needs-clarification").status == "cancelled"


def test_what_was_left_to_the_next_stay_is_not_met_here_by_what_is_told_later() -> None:
    stay = Stay("odense", ADMITTED)
    stay.go_on(january(9))
    stay.take("TreatmentOffered", january(8), january(12), person_id=WOMAN)

    assert the(stay, "psychology-woman-offer").status == "cancelled"


def test_treatment_that_was_given_before_a_child_was_grown_or_it_ended_counts_also_when_it_is_told_later() -> None:
    stay = Stay("odense", ADMITTED)
    stay.take("ChildArrived", ADMITTED, person_id=CHILD, attributes={"birth_month": "2008-01"})
    for number in (6, 7, 8):
        stay.take("SessionHeld", january(number), **HOUR | {"person_id": CHILD})
    for number in range(6, 15):
        stay.take("SessionHeld", january(number), **HOUR)
    stay.take("TreatmentCompleted", january(20), person_id=WOMAN)
    stay.pass_day(january(31))
    assert {the(stay, rule).status for rule in ("psychology-child", "psychology-woman")} == {"cancelled"}
    stay.take("SessionHeld", january(30), date(2026, 2, 3), **HOUR | {"person_id": CHILD})
    stay.take("SessionHeld", january(19), date(2026, 2, 3), **HOUR)

    treatments = [the(stay, rule) for rule in ("psychology-child", "psychology-woman")]
    assert [(o.status, o.closed_on) for o in treatments] == [("met", january(30)), ("met", january(19))]


@pytest.mark.parametrize(("left", "status"), [(16, "missed"), (17, "missed"), (18, "cancelled")])
def test_a_due_day_that_came_before_the_child_was_grown_is_missed_also_when_the_move_is_told_later(left: int, status: str) -> None:
    """Two weeks after 17 January is the last day on which the child is owed anything."""
    stay = Stay("serviceloven", ADMITTED)
    stay.take("ChildArrived", ADMITTED, person_id=CHILD, attributes={"birth_month": "2008-01"})
    stay.pass_day(january(31))
    stay.take("WomanMovedOut", january(left), date(2026, 2, 5), attributes={"stay_days": left - 5, "destination": "family"})

    assert the(stay, "psychology-child-offer").status == status


@pytest.mark.parametrize(("declined", "status"), [(23, "cancelled"), (24, "cancelled"), (25, "missed")])
def test_treatment_that_should_have_begun_before_she_declined_it_is_missed_also_when_the_move_is_told_later(
    declined: int, status: str
) -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("TreatmentOffered", march(9), person_id=WOMAN)
    stay.take("TreatmentDeclined", march(declined), person_id=WOMAN)
    stay.take("WomanMovedOut", LEFT, march(28), **MOVED_OUT)

    assert the(stay, "psychology-woman-start").status == status


@pytest.mark.parametrize(("arrived", "status"), [(28, "missed"), (29, "cancelled")])
@pytest.mark.parametrize("told_on", [0, 8])
def test_a_child_that_turned_18_before_the_due_day_is_owed_no_more_also_when_its_arrival_is_told_later(
    arrived: int, status: str, told_on: int
) -> None:
    stay = Stay("hellerup", ADMITTED)
    on = january(arrived)
    told = date(2026, 2, told_on) if told_on else on
    stay.take("ChildArrived", on, told, person_id=CHILD, attributes={"birth_month": "2008-01"})
    stay.pass_day(date(2026, 2, 8))

    assert the(stay, "child-notice").status == status
    assert the(stay, "contact-persons-child").status == "missed"


@pytest.mark.parametrize(("left", "status"), [(19, "cancelled"), (20, "cancelled"), (21, "missed")])
def test_a_miss_by_a_day_that_was_corrected_is_none_where_she_left_before_the_right_one(left: int, status: str) -> None:
    """Admitted on 20 March and not on 7 January: the plan was due on 20 April."""
    stay = Stay("hellerup", january(7))
    stay.pass_day(date(2026, 2, 7))
    stay.take("AdmissionCorrected", date(2026, 4, 25), until=march(20))
    stay.take("WomanMovedOut", date(2026, 4, left), date(2026, 4, 27), attributes={"stay_days": 30, "destination": "family"})

    assert the(stay, "stay-plan").status == status


# --- the earliest of several -------------------------------------------------------------------------------------------------


def test_the_earliest_session_decides_whether_treatment_began_in_time() -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("SessionHeld", march(26), **HOUR)
    stay.take("SessionHeld", march(24), march(27), **HOUR)
    stay.take("WomanMovedOut", LEFT, march(28), **MOVED_OUT)

    start = the(stay, "psychology-woman-start")
    assert (start.status, start.closed_on) == ("met", march(24))
    assert "ObligationMissed" not in became(stay, "psychology-woman-start")


def test_the_earliest_assessment_decides_when_the_admission_is_corrected() -> None:
    """Admitted on Friday 2 January, so by Friday 9 January."""
    stay = Stay("odense", january(7))
    stay.take("RiskAssessed", january(13))
    stay.take("RiskAssessed", january(8), january(14))
    stay.take("AdmissionCorrected", january(15), until=january(2))

    risk = the(stay, "risk-assessment")
    assert (risk.status, risk.due, risk.closed_on) == ("met", january(9), january(8))
    assert "ObligationMissed" not in became(stay, "risk-assessment")


def test_what_was_missed_before_the_standard_changed_stays_missed_when_the_admission_is_corrected() -> None:
    """Assessed only under a standard that asks for no assessment."""
    stay = Stay("odense", january(7))
    stay.pass_day(january(14))
    stay.change("hellerup", january(20))
    stay.take("RiskAssessed", january(21))
    stay.take("AdmissionCorrected", january(22), until=january(2))

    assert (the(stay, "risk-assessment").status, the(stay, "risk-assessment").due) == ("missed", january(9))


def test_the_floor_is_reached_on_an_earlier_day_when_an_earlier_session_is_told_later() -> None:
    stay = Stay("serviceloven", ADMITTED)
    for number in (*range(1, 10), 20):
        stay.take("SessionHeld", march(number), **HOUR)
    assert the(stay, "psychology-woman").closed_on == march(20)
    stay.take("SessionHeld", march(10), march(21), **HOUR)

    assert the(stay, "psychology-woman").closed_on == march(10)


# --- reviews told in another order -------------------------------------------------------------------------------------------


def rounds(stay: Stay) -> list[tuple[date, date | None, str, date | None]]:
    reviews = [o for o in stay.state.obligations.values() if o.rule == "plan-review"]
    return [(o.opened_on, o.due, o.status, o.closed_on) for o in sorted(reviews, key=lambda o: o.opened_on)]


@pytest.mark.parametrize("told_on", [march(25), date(2026, 5, 5)])
def test_a_review_told_after_a_later_one_makes_no_miss_of_what_the_later_one_met(told_on: date) -> None:
    stay = Stay("kobenhavn", ADMITTED)
    stay.take("StayPlanAgreed", january(6))
    stay.take("PlanReviewed", march(24), **PLAN_REVIEWED)
    if told_on < date(2026, 4, 30):
        stay.take("PlanReviewed", january(20), told_on, **PLAN_REVIEWED)
    stay.take("WomanMovedOut", date(2026, 4, 30), **MOVED_OUT)
    if told_on > date(2026, 4, 30):
        stay.take("PlanReviewed", january(20), told_on, **PLAN_REVIEWED)

    assert rounds(stay) == [
        (january(6), date(2026, 4, 6), "met", january(20)),
        (january(20), date(2026, 4, 20), "met", march(24)),
        (march(24), date(2026, 6, 24), "cancelled", date(2026, 4, 30)),
    ]


def test_a_review_told_after_a_later_one_shows_that_the_later_one_came_too_late() -> None:
    stay = Stay("kobenhavn", ADMITTED)
    stay.take("StayPlanAgreed", january(6))
    stay.take("PlanReviewed", date(2026, 7, 10), **PLAN_REVIEWED)
    stay.take("PlanReviewed", march(2), date(2026, 7, 12), **PLAN_REVIEWED)

    assert rounds(stay) == [
        (january(6), date(2026, 4, 6), "met", march(2)),
        (march(2), date(2026, 6, 2), "met-late", date(2026, 7, 10)),
        (date(2026, 7, 10), date(2026, 10, 10), "open", None),
    ]


# --- after an annulment ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("corrected", [-1, -60])
def test_a_session_corrected_after_the_annulment_opens_nothing_again(corrected: int) -> None:
    stay = Stay("serviceloven", ADMITTED)
    for number in range(10):
        stay.take("SessionHeld", march(number + 1), **HOUR)
    stay.take("StayAnnulled", march(15))
    assert the(stay, "psychology-woman").status == "met"
    for _ in range(10):
        sessions = -1 if corrected == -60 else 0
        stay.take("SessionCorrected", march(16), person_id=WOMAN, minutes=corrected, attributes={"sessions": sessions})

    assert the(stay, "psychology-woman").status == "cancelled"
    assert {o.status for o in stay.state.obligations.values()} <= {"met", "met-late", "cancelled"}
    assert became(stay, "psychology-woman")[-2:] == ["ObligationReopened", "ObligationCancelled"]


def test_a_window_that_ran_out_is_not_extended_after_the_annulment() -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("WomanMovedOut", LEFT, **MOVED_OUT)
    stay.pass_day(date(2026, 9, 10))
    stay.take("StayAnnulled", date(2026, 9, 14))
    stay.take("AdviceExtended", date(2026, 9, 15), until=date(2026, 12, 1))

    assert the(stay, "advice-window").status == "cancelled"

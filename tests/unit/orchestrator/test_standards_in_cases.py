"""The packaged standards' own rules, each in a whole case: met in time up to its last day, and missed the day after."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from havn_events.orchestrator import ObligationOpened
from tests.unit.orchestrator.test_real_standards import CHILD, WOMAN, Stay

ADMITTED = date(2023, 5, 3)
"""The Wednesday before the last Store Bededag, Friday 5 May 2023."""

ADMISSION: dict[str, Any] = {"attributes": {"notice": "admission", "anonymous": False}}
DISCHARGE: dict[str, Any] = {"attributes": {"notice": "discharge", "anonymous": False}}
FOR_CHILD: dict[str, Any] = {"person_id": CHILD}
ARRIVES = ("ChildArrived", FOR_CHILD | {"attributes": {"born": False}})
MOVES_OUT = ("WomanMovedOut", {"attributes": {"stay_days": 0, "destination": "new-home"}})
ADVISER: dict[str, Any] = {"person_id": WOMAN, "attributes": {"profession": "coordinating-adviser"}}
PEDAGOGUE: dict[str, Any] = {"person_id": WOMAN, "attributes": {"profession": "pedagogue"}}
WORKER: dict[str, Any] = {"person_id": WOMAN, "attributes": {"profession": "social-worker"}}
ASSIGNED_CHILD: dict[str, Any] = FOR_CHILD | {"attributes": {"profession": "pedagogue"}}
COMPLAINT: dict[str, Any] = {"reference": UUID(int=9)}
COMPLAINS = ("ComplaintFiled", COMPLAINT | {"attributes": {"complaint_about": "discharge"}})
AFTER_MORE_THAN_14_DAYS = ("WomanMovedOut", {"attributes": {"stay_days": 15, "destination": "new-home"}})
Told = tuple[str, dict[str, Any]]

# standard, rule, what happens on the day of admission, what meets it, its last day
DATED: list[tuple[str, str, list[Told], Told, str]] = [
    ("odense", "admission-notice", [], ("MunicipalityNotified", ADMISSION), "2023-05-06"),
    ("kobenhavn", "admission-notice", [], ("MunicipalityNotified", ADMISSION), "2023-05-09"),
    ("lokk", "admission-notice", [], ("MunicipalityNotified", ADMISSION), "2023-05-09"),
    ("serviceloven", "child-notice", [ARRIVES], ("ChildNotificationSent", FOR_CHILD), "2023-05-06"),
    ("odense", "child-notice", [ARRIVES], ("ChildNotificationSent", FOR_CHILD), "2023-05-06"),
    ("hellerup", "child-notice", [ARRIVES], ("ChildNotificationSent", FOR_CHILD), "2023-05-06"),
    ("hellerup", "contact-persons", [("ContactPersonAssigned", PEDAGOGUE)], ("ContactPersonAssigned", WORKER), "2023-05-03"),
    (
        "hellerup",
        "contact-persons-child",
        [ARRIVES, ("ContactPersonAssigned", ASSIGNED_CHILD)],
        ("ContactPersonAssigned", WORKER | FOR_CHILD),
        "2023-05-03",
    ),
    ("odense", "contact-persons", [("ContactPersonAssigned", PEDAGOGUE)], ("ContactPersonAssigned", ADVISER), "2023-05-03"),
    ("odense", "contact-persons-child", [ARRIVES], ("ContactPersonAssigned", ASSIGNED_CHILD), "2023-05-03"),
    ("kobenhavn", "contact-persons", [], ("ContactPersonAssigned", PEDAGOGUE), "2023-05-03"),
    ("kobenhavn", "risk-assessment", [], ("RiskAssessed", {}), "2023-05-03"),
    ("lokk", "risk-assessment", [], ("RiskAssessed", {}), "2023-05-03"),
    ("odense", "needs-clarification", [], ("NeedsClarified", {}), "2023-05-11"),
    ("kobenhavn", "discharge-notice", [MOVES_OUT], ("MunicipalityNotified", DISCHARGE), "2023-05-09"),
    ("odense", "discharge-notice", [MOVES_OUT], ("MunicipalityNotified", DISCHARGE), "2023-05-09"),
    ("lokk", "risk-assessment-child", [ARRIVES, ("RiskAssessed", {"person_id": WOMAN})], ("RiskAssessed", FOR_CHILD), "2023-05-03"),
    ("serviceloven", "admission-notice", [], ("MunicipalityNotified", ADMISSION), "2023-05-09"),
    ("hellerup", "admission-notice", [], ("MunicipalityNotified", ADMISSION), "2023-05-06"),
    ("hellerup", "stay-plan", [], ("StayPlanAgreed", {}), "2023-06-03"),
    ("serviceloven", "action-plan", [("ActionPlanRequested", {})], ("ActionPlanMade", {}), "2023-08-03"),
    ("kobenhavn", "action-plan", [("ActionPlanRequested", {})], ("ActionPlanMade", {}), "2023-08-03"),
    ("serviceloven", "psychology-woman-offer", [MOVES_OUT], ("TreatmentOffered", {"person_id": WOMAN}), "2023-05-17"),
    ("serviceloven", "psychology-child-offer", [ARRIVES, MOVES_OUT], ("TreatmentOffered", FOR_CHILD), "2023-05-17"),
    ("serviceloven", "psychology-child-start", [ARRIVES, MOVES_OUT], ("SessionMissed", FOR_CHILD), "2023-05-17"),
    ("serviceloven", "advice-start", [("MoveOutPlanned", {})], ("AdviceStarted", {}), "2023-05-03"),
    ("serviceloven", "discharge-notice", [MOVES_OUT], ("MunicipalityNotified", DISCHARGE), "2023-05-09"),
    ("serviceloven", "complaint-answer", [COMPLAINS], ("ComplaintForwarded", COMPLAINT), "2023-05-31"),
    ("odense", "complaint-answer", [COMPLAINS], ("ComplaintForwarded", COMPLAINT), "2023-05-31"),
    ("kobenhavn", "complaint-answer", [COMPLAINS], ("ComplaintForwarded", COMPLAINT), "2023-05-31"),
    ("hellerup", "aftercare-offer", [AFTER_MORE_THAN_14_DAYS], ("AftercareOffered", {}), "2023-05-03"),
    ("lokk", "aftercare-offer", [MOVES_OUT], ("AftercareOffered", {}), "2023-05-03"),
    (
        "hellerup",
        "aftercare-course",
        [("AftercareStarted", {})],
        ("AftercareEnded", {"attributes": {"completed": True, "course_ended_because": "course-over"}}),
        "2023-11-03",
    ),
]


@pytest.mark.parametrize(("standard", "rule", "first", "meets", "last"), DATED, ids=lambda value: str(value)[:24])
@pytest.mark.parametrize(("after", "status"), [(-1, "met"), (0, "met"), (1, "met-late")])
def test_met_the_day_before_on_the_day_and_the_day_after(
    standard: str, rule: str, first: list[Told], meets: Told, last: str, after: int, status: str
) -> None:
    stay = Stay(standard, ADMITTED)
    for name, more in first:
        stay.take(name, ADMITTED, **more)
    assert stay.statuses()[rule] == "open"

    on = max(date.fromisoformat(last) + timedelta(days=after), ADMITTED)
    stay.take(meets[0], on, **meets[1])

    assert stay.statuses()[rule] == status


@pytest.mark.parametrize(("standard", "rule", "first", "meets", "last"), DATED, ids=lambda value: str(value)[:24])
def test_never_done_it_is_missed_once_its_last_day_is_over_and_not_before(
    standard: str, rule: str, first: list[Told], meets: Told, last: str
) -> None:
    stay = Stay(standard, ADMITTED)
    for name, more in first:
        stay.take(name, ADMITTED, **more)

    stay.pass_day(date.fromisoformat(last) - timedelta(days=1))
    assert stay.statuses()[rule] == "open"

    stay.pass_day(date.fromisoformat(last))
    assert stay.statuses()[rule] == "missed"


@pytest.mark.parametrize(("on", "status"), [("2023-05-16", "met"), ("2023-05-17", "met"), ("2023-05-18", "met-late")])
def test_for_an_anonymous_woman_lokk_has_fourteen_days(on: str, status: str) -> None:
    stay = Stay("lokk", ADMITTED, anonymous=True)
    assert "admission-notice" not in stay.statuses()

    stay.take("MunicipalityNotified", date.fromisoformat(on), attributes={"notice": "admission", "anonymous": True})

    assert stay.statuses()["admission-notice-anonymous"] == status


@pytest.mark.parametrize("standard", ["odense", "kobenhavn", "lokk"])
@pytest.mark.parametrize(("agreed_on", "status"), [(9, "met"), (10, "met"), (11, "met-late"), (None, "missed")])
def test_a_plan_without_a_day_is_owed_until_she_moves_out(standard: str, agreed_on: int | None, status: str) -> None:
    stay = Stay(standard, ADMITTED)
    stay.take("WomanMovedOut", date(2023, 6, 10), attributes={"stay_days": 38, "destination": "new-home"})
    if agreed_on is not None:
        stay.take("StayPlanAgreed", date(2023, 6, agreed_on))

    assert stay.statuses()["stay-plan"] == status


def test_copenhagen_advises_for_six_months_after_the_move() -> None:
    stay = Stay("kobenhavn", ADMITTED)
    stay.take("WomanMovedOut", date(2023, 8, 31), attributes={"stay_days": 120, "destination": "new-home"})
    assert stay.due()["advice-window"] == date(2024, 2, 29)

    stay.pass_day(date(2024, 2, 28))
    assert stay.statuses()["advice-window"] == "open"
    stay.pass_day(date(2024, 2, 29))
    assert stay.statuses()["advice-window"] == "met"


def test_reviews_go_on_every_third_month_as_long_as_the_stay_lasts_and_no_longer() -> None:
    stay = Stay("kobenhavn", date(2023, 1, 2))
    stay.take("StayPlanAgreed", date(2023, 1, 31))
    for on in (date(2023, 4, 30), date(2023, 7, 30), date(2023, 10, 31)):
        stay.take("PlanReviewed", on, attributes={"plan": "stay-plan"})
    stay.take("WomanMovedOut", date(2024, 1, 31), attributes={"stay_days": 394, "destination": "new-home"})
    stay.pass_day(date(2024, 6, 1))

    reviews = [(o.due, o.status) for o in stay.state.obligations.values() if o.rule == "plan-review"]
    assert reviews == [
        (date(2023, 4, 30), "met"),
        (date(2023, 7, 30), "met"),
        (date(2023, 10, 30), "met-late"),
        (date(2024, 1, 31), "cancelled"),
    ]


AFTER_A_DAY = {"psychology-woman", "psychology-woman-offer", "advice-window"}


@pytest.mark.parametrize("standard", ["serviceloven", "odense", "kobenhavn", "hellerup", "lokk"])
def test_after_a_stay_of_one_day_psychology_and_advice_are_owed_all_the_same(standard: str) -> None:
    """However short the stay was and however it ended: no rule asks why she left (Odense 2.4)."""
    stay = Stay(standard, ADMITTED)
    stay.take("WomanMovedOut", ADMITTED + timedelta(days=1), attributes={"stay_days": 1, "destination": "unknown"})

    assert {rule for rule, status in stay.statuses().items() if status == "open"} >= AFTER_A_DAY


@pytest.mark.parametrize(
    ("told", "opened"),
    [
        (("StayPlanAgreed", date(2023, 5, 20), {}), [("2023-08-20", "cancelled")]),
        (("StayPlanAgreed", date(2023, 6, 1), {}), [("2023-09-01", "cancelled")]),
        (("StayPlanAgreed", date(2023, 3, 1), {}), [("2023-06-01", "cancelled")]),
        (("StayPlanAgreed", date(2023, 2, 28), {}), [("2023-05-28", "missed")]),
        (("ActionPlanMade", date(2023, 6, 20), {}), [("2023-09-20", "cancelled")]),
    ],
)
def test_what_is_told_after_she_moved_out_owes_no_review_beyond_the_stay(told: Any, opened: list[tuple[str, str]]) -> None:
    """A review that was due before she left is missed all the same."""
    stay = Stay("kobenhavn", date(2023, 1, 2))
    stay.take("WomanMovedOut", date(2023, 6, 1), attributes={"stay_days": 150, "destination": "new-home"})
    name, on, more = told
    stay.take(name, on, **more)
    stay.pass_day(date(2023, 12, 1))

    reviews = [(str(o.due), o.status) for o in stay.state.obligations.values() if o.rule.endswith("plan-review")]
    assert reviews == opened


def test_a_review_told_after_she_moved_out_meets_its_round_and_owes_no_other() -> None:
    stay = Stay("kobenhavn", date(2023, 1, 2))
    stay.take("StayPlanAgreed", date(2023, 1, 20))
    stay.take("WomanMovedOut", date(2023, 6, 1), attributes={"stay_days": 150, "destination": "new-home"})
    stay.take("PlanReviewed", date(2023, 4, 20), attributes={"plan": "stay-plan"})
    stay.pass_day(date(2023, 12, 1))

    reviews = [(o.due, o.status) for o in stay.state.obligations.values() if o.rule == "plan-review"]
    assert reviews == [(date(2023, 4, 20), "met"), (date(2023, 7, 20), "cancelled")]


@pytest.mark.parametrize(
    ("corrected_to", "due", "status"),
    [
        (date(2023, 3, 4), date(2023, 4, 4), "missed"),
        (date(2023, 3, 5), date(2023, 4, 20), "cancelled"),
        (date(2023, 3, 6), date(2023, 4, 20), "cancelled"),
    ],
)
def test_a_longer_stay_than_was_thought_owed_what_a_short_one_did_not(corrected_to: date, due: date, status: str) -> None:
    """Hellerup's plan falls due within the first month; she left on 5 April."""
    stay = Stay("hellerup", date(2023, 3, 20))
    stay.take("WomanMovedOut", date(2023, 4, 5), attributes={"stay_days": 16, "destination": "new-home"})
    assert stay.statuses()["stay-plan"] == "cancelled"

    stay.take("AdmissionCorrected", date(2023, 4, 6), until=corrected_to)

    (plan,) = [o for o in stay.state.obligations.values() if o.rule == "stay-plan"]
    assert (plan.due, plan.status) == (due, status)


@pytest.mark.parametrize(
    ("corrected_to", "status"),
    [(date(2023, 3, 4), "missed"), (date(2023, 3, 5), "cancelled"), (date(2023, 3, 20), "cancelled")],
)
def test_a_shorter_stay_than_was_thought_owed_less(corrected_to: date, status: str) -> None:
    """Missed as it seemed; by the right day she left before it was due, or on its last day."""
    stay = Stay("hellerup", date(2023, 3, 1))
    stay.pass_day(date(2023, 4, 1))
    stay.take("WomanMovedOut", date(2023, 4, 5), attributes={"stay_days": 35, "destination": "new-home"})
    assert stay.statuses()["stay-plan"] == "missed"

    stay.take("AdmissionCorrected", date(2023, 4, 6), until=corrected_to)
    stay.pass_day(date(2023, 5, 1))

    assert stay.statuses()["stay-plan"] == status


def test_an_annulled_stay_owes_nothing_more_when_its_day_is_corrected() -> None:
    stay = Stay("hellerup", date(2023, 3, 20))
    stay.take("StayAnnulled", date(2023, 4, 5))
    stay.take("AdmissionCorrected", date(2023, 4, 6), until=date(2023, 1, 2))

    assert set(stay.statuses().values()) <= {"cancelled", "missed"}
    assert stay.statuses()["stay-plan"] == "cancelled"


TREATED: list[tuple[Told | None, str]] = [
    (None, "missed"),
    (("TreatmentOffered", {}), "missed"),
    (("SessionHeld", {"minutes": 60, "attributes": {"sessions": 1}}), "met"),
    (("SessionMissed", {}), "met"),
    (("TreatmentDeclined", {}), "cancelled"),
    (("TreatmentCompleted", {}), "cancelled"),
]


@pytest.mark.parametrize(("told", "status"), TREATED)
@pytest.mark.parametrize(("person", "rule"), [(WOMAN, "psychology-woman-start"), (CHILD, "psychology-child-start")])
def test_an_offer_of_treatment_alone_is_not_treatment_begun(person: Any, rule: str, told: Told | None, status: str) -> None:
    stay = Stay("odense", ADMITTED)
    stay.take(ARRIVES[0], ADMITTED, **ARRIVES[1])
    stay.take("WomanMovedOut", date(2023, 6, 1), attributes={"stay_days": 29, "destination": "new-home"})
    if told is not None:
        stay.take(told[0], date(2023, 6, 15), **(told[1] | {"person_id": person}))
    stay.pass_day(date(2023, 6, 15))

    assert stay.statuses()[rule] == status
    others = stay.statuses()["psychology-child-start" if person == WOMAN else "psychology-woman-start"]
    assert others == "missed"


@pytest.mark.parametrize(("on", "status"), [(14, "met"), (15, "met"), (16, "met-late")])
def test_treatment_begins_within_two_weeks_of_the_stay(on: int, status: str) -> None:
    stay = Stay("kobenhavn", ADMITTED)
    stay.take("WomanMovedOut", date(2023, 6, 1), attributes={"stay_days": 29, "destination": "new-home"})
    stay.take("SessionHeld", date(2023, 6, on), person_id=WOMAN, minutes=60, attributes={"sessions": 1})

    assert stay.statuses()["psychology-woman-start"] == status


def test_an_unplanned_departure_misses_the_initial_advice_and_opens_the_window() -> None:
    stay = Stay("odense", ADMITTED)
    stay.take("MunicipalityNotified", ADMITTED, **ADMISSION)
    stay.take("StayPlanAgreed", ADMITTED)
    stay.take("WomanMovedOut", date(2023, 5, 10), attributes={"stay_days": 7, "destination": "unknown"})

    after = stay.statuses()
    assert "advice-start" not in after
    assert {rule: after[rule] for rule in ("initial-advice", "risk-assessment", "needs-clarification", "stay-plan")} == {
        "initial-advice": "missed",
        "risk-assessment": "cancelled",
        "needs-clarification": "cancelled",
        "stay-plan": "met",
    }
    assert stay.due()["advice-window"] == date(2023, 11, 10)
    assert stay.due()["discharge-notice"] == date(2023, 5, 15)
    assert after["psychology-woman-offer"] == "open"


SESSION: dict[str, Any] = {"person_id": WOMAN, "minutes": 60, "attributes": {"sessions": 1}}
NOT_HELD: dict[str, Any] = {"person_id": WOMAN, "minutes": -60, "attributes": {"sessions": -1}}


@pytest.mark.parametrize(("corrected_on", "status"), [(14, "open"), (15, "open"), (16, "missed")])
def test_a_session_that_was_not_held_has_begun_nothing(corrected_on: int, status: str) -> None:
    stay = Stay("odense", ADMITTED)
    stay.take("SessionHeld", date(2023, 5, 20), **SESSION)
    stay.take("WomanMovedOut", date(2023, 6, 1), attributes={"stay_days": 29, "destination": "new-home"})
    assert stay.statuses()["psychology-woman-start"] == stay.statuses()["psychology-woman-offer"] == "met"

    stay.take("SessionCorrected", date(2023, 6, corrected_on), **NOT_HELD)

    assert stay.statuses()["psychology-woman-start"] == stay.statuses()["psychology-woman-offer"] == status


def test_what_something_else_had_met_stays_met_when_a_session_was_not_held() -> None:
    stay = Stay("odense", ADMITTED)
    stay.take("SessionHeld", date(2023, 5, 20), **SESSION)
    stay.take("TreatmentOffered", date(2023, 5, 22), person_id=WOMAN)
    stay.take("SessionCorrected", date(2023, 5, 23), **NOT_HELD)
    offer = next(o for o in stay.state.obligations.values() if o.rule == "psychology-woman-offer")

    assert (offer.status, offer.closed_on) == ("met", date(2023, 5, 22))
    assert stay.statuses()["psychology-woman-start"] == "open"

    stay.take("SessionHeld", date(2023, 5, 24), **SESSION)
    assert stay.statuses()["psychology-woman-start"] == "met"


def test_while_another_session_was_held_one_that_was_not_takes_nothing_back() -> None:
    stay = Stay("odense", ADMITTED)
    stay.take("SessionHeld", date(2023, 5, 20), **SESSION)
    stay.take("SessionHeld", date(2023, 5, 27), **SESSION)
    stay.take("SessionCorrected", date(2023, 5, 28), **NOT_HELD)

    assert stay.statuses()["psychology-woman-start"] == "met"


def test_a_course_is_owed_to_a_family_that_declined_and_accepted_on_the_same_day() -> None:
    stay = Stay("hellerup", ADMITTED)
    stay.take("WomanMovedOut", ADMITTED + timedelta(days=20), attributes={"stay_days": 20, "destination": "new-home"})
    for name in ("AftercareOffered", "AftercareDeclined", "AftercareOffered", "AftercareStarted"):
        stay.take(name, ADMITTED + timedelta(days=20))
    assert stay.statuses()["aftercare-course"] == "open"


def test_hours_granted_after_every_one_was_used_are_owed_by_her_present_municipality() -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("SessionHeld", ADMITTED, person_id=WOMAN, minutes=600, attributes={"sessions": 1})
    stay.take("HomeMunicipalityChanged", ADMITTED + timedelta(days=2), municipality="0751")
    owed = next(o for o in stay.state.obligations.values() if o.rule == "psychology-woman")
    assert (owed.status, owed.municipality) == ("met", "0461")
    stay.take("ExtraHoursGranted", ADMITTED + timedelta(days=3), person_id=WOMAN, minutes=60, municipality="0751")
    assert stay.state.obligations[owed.id].municipality == "0751"


MOVED_OUT = ADMITTED + timedelta(days=20)
LAST_DAY_TO_BEGIN = MOVED_OUT + timedelta(weeks=2)


def declined_treatment(moves_out: bool = False) -> Stay:
    """Hers and the child's, declined on the day after the admission."""
    stay = Stay("serviceloven", ADMITTED)
    stay.take("ChildArrived", ADMITTED, **FOR_CHILD)
    for person in (WOMAN, CHILD):
        stay.take("TreatmentOffered", ADMITTED + timedelta(days=1), person_id=person)
        stay.take("TreatmentDeclined", ADMITTED + timedelta(days=1), person_id=person)
    if moves_out:
        stay.take("WomanMovedOut", MOVED_OUT, attributes={"stay_days": 20, "destination": "new-home"})
    return stay


@pytest.mark.parametrize("later", [1, 2])
def test_treatment_that_is_offered_again_is_owed_again_to_whom_it_is_offered(later: int) -> None:
    stay = declined_treatment()
    stay.take("TreatmentOffered", ADMITTED + timedelta(days=later), person_id=WOMAN)
    statuses = stay.statuses()
    assert (statuses["psychology-woman"], statuses["psychology-woman-start"]) == ("open", "open")
    assert (statuses["psychology-child"], statuses["psychology-child-start"]) == ("cancelled", "cancelled")
    stay.take("WomanMovedOut", MOVED_OUT, attributes={"stay_days": 20, "destination": "new-home"})
    stay.pass_day(LAST_DAY_TO_BEGIN)
    assert stay.statuses()["psychology-woman-start"] == "missed"


@pytest.mark.parametrize(("after", "status"), [(-1, "open"), (0, "open"), (1, "cancelled")])
def test_offered_again_after_the_stay_it_is_to_be_begun_by_the_day_it_was_to_be_and_by_none_that_is_over(
    after: int, status: str
) -> None:
    stay = declined_treatment(moves_out=True)
    stay.take("TreatmentOffered", LAST_DAY_TO_BEGIN + timedelta(days=after), person_id=WOMAN)
    assert (stay.statuses()["psychology-woman"], stay.statuses()["psychology-woman-start"]) == ("open", status)
    begun = next(o for o in stay.state.obligations.values() if o.rule == "psychology-woman-start")
    assert begun.due == (LAST_DAY_TO_BEGIN if status == "open" else None)


def test_declined_once_more_it_is_owed_no_more() -> None:
    stay = declined_treatment()
    for name in ("TreatmentOffered", "TreatmentDeclined"):
        stay.take(name, ADMITTED + timedelta(days=3), person_id=WOMAN)
    assert stay.statuses()["psychology-woman"] == "cancelled"


def test_offered_again_after_her_home_moved_it_is_the_new_municipalitys() -> None:
    stay = declined_treatment()
    stay.take("HomeMunicipalityChanged", ADMITTED + timedelta(days=2), municipality="0751")
    stay.take("TreatmentOffered", ADMITTED + timedelta(days=3), person_id=WOMAN)
    owed = {o.rule: o.municipality for o in stay.state.obligations.values()}
    assert (owed["psychology-woman"], owed["psychology-child"]) == ("0751", "0461")


STARTED = date(2023, 8, 31)
HALF_A_YEAR_ON = date(2024, 2, 29)


def in_aftercare() -> Stay:
    stay = Stay("hellerup", ADMITTED)
    stay.take("WomanMovedOut", STARTED, attributes={"stay_days": 120, "destination": "new-home"})
    stay.take("AftercareOffered", STARTED)
    stay.take("AftercareStarted", STARTED)
    return stay


def invitations(stay: Stay) -> list[tuple[str, str]]:
    """The last day and the status of each invitation owed, in the order of their days."""
    owed = sorted((o.opened_on, str(o.due), o.status) for o in stay.state.obligations.values() if o.rule == "cafe-invitation")
    return [(due, status) for _, due, status in owed]


def test_only_a_family_that_accepted_aftercare_is_owed_an_invitation_to_the_cafe() -> None:
    stay = Stay("hellerup", ADMITTED)
    stay.take("WomanMovedOut", STARTED, attributes={"stay_days": 120, "destination": "new-home"})
    for name in ("AftercareOffered", "AftercareDeclined"):
        stay.take(name, STARTED)
    assert "cafe-invitation" not in stay.statuses()

    assert invitations(in_aftercare()) == [("2024-02-29", "open")]


@pytest.mark.parametrize(("later", "status", "next_due"), [(-1, "met", "08-28"), (0, "met", "08-29"), (1, "met-late", "09-01")])
def test_an_invitation_within_half_a_year_and_the_next_within_half_a_year_of_it(later: int, status: str, next_due: str) -> None:
    stay = in_aftercare()
    stay.take("CafeInvitationSent", HALF_A_YEAR_ON + timedelta(days=later))

    assert invitations(stay) == [("2024-02-29", status), (f"2024-{next_due}", "open")]


def test_an_invitation_that_was_missed_is_met_late_by_the_next() -> None:
    stay = in_aftercare()
    stay.pass_day(HALF_A_YEAR_ON - timedelta(days=1))
    assert invitations(stay) == [("2024-02-29", "open")]
    stay.pass_day(HALF_A_YEAR_ON)
    assert invitations(stay) == [("2024-02-29", "missed")]

    stay.take("CafeInvitationSent", date(2024, 5, 15))
    stay.take("CafeInvitationSent", date(2024, 11, 15))
    stay.pass_day(date(2025, 5, 15))
    assert invitations(stay) == [("2024-02-29", "met-late"), ("2024-11-15", "met"), ("2025-05-15", "missed")]


def test_invitations_are_owed_when_the_course_has_ended_too() -> None:
    stay = in_aftercare()
    stay.take("AftercareEnded", date(2023, 12, 1), attributes={"completed": True, "course_ended_because": "course-over"})
    stay.take("CafeInvitationSent", date(2024, 2, 1))

    assert invitations(stay) == [("2024-02-29", "met"), ("2024-08-01", "open")]


def test_an_invitation_told_after_a_later_one_meets_its_round() -> None:
    stay = in_aftercare()
    stay.take("CafeInvitationSent", date(2024, 5, 15))
    stay.take("CafeInvitationSent", HALF_A_YEAR_ON)

    assert invitations(stay) == [("2024-02-29", "met"), ("2024-08-29", "met"), ("2024-11-15", "open")]


@pytest.mark.parametrize(("later", "status"), [(-1, "cancelled"), (0, "cancelled"), (1, "missed")])
def test_a_family_that_wants_no_more_invitations_is_owed_none_but_what_was_missed_stays(later: int, status: str) -> None:
    stay = in_aftercare()
    stay.take("CafeInvitationsDeclined", HALF_A_YEAR_ON + timedelta(days=later))
    stay.pass_day(date(2025, 1, 1))

    assert invitations(stay) == [("2024-02-29", status)]


INVITED = date(2024, 1, 15)


WANTS_NO_MORE = "CafeInvitationsDeclined"


@pytest.mark.parametrize("declined_first", [True, False])
def test_an_invitation_of_before_it_declined_is_met_whichever_is_told_first(declined_first: bool) -> None:
    """Invited the day before it declined."""
    stay = in_aftercare()
    told = [("CafeInvitationSent", INVITED), (WANTS_NO_MORE, INVITED + timedelta(days=1))]
    for name, on in reversed(told) if declined_first else told:
        stay.take(name, on)

    assert invitations(stay) == [("2024-02-29", "met"), ("2024-07-15", "cancelled")]


def test_a_family_that_declines_on_the_day_it_is_invited_is_owed_no_other() -> None:
    stay = in_aftercare()
    stay.take("CafeInvitationSent", INVITED)
    stay.take(WANTS_NO_MORE, INVITED)

    assert invitations(stay) == [("2024-02-29", "met"), ("2024-07-15", "cancelled")]


@pytest.mark.parametrize(
    ("later", "status"), [(-1, "cancelled"), (0, "open"), (1, "open")], ids=["the day before", "the day", "the day after"]
)
def test_a_family_that_thought_better_of_it_is_owed_the_next_invitation(later: int, status: str) -> None:
    """It declined on 15 January."""
    stay = in_aftercare()
    stay.take(WANTS_NO_MORE, INVITED)
    stay.take("CafeInvitationSent", INVITED + timedelta(days=later))

    [(_, was), (_, next_one)] = invitations(stay)
    assert (was, next_one) == ("cancelled" if later > 0 else "met", status)


@pytest.mark.parametrize(("later", "status"), [(-1, "open"), (0, "cancelled"), (1, "cancelled")])
def test_what_it_declined_before_the_last_invitation_ends_nothing_that_is_owed_since(later: int, status: str) -> None:
    """Told after the invitation of 15 January; of two on one day the one told last holds."""
    stay = in_aftercare()
    stay.take("CafeInvitationSent", INVITED)
    stay.take(WANTS_NO_MORE, INVITED + timedelta(days=later))

    assert invitations(stay) == [("2024-02-29", "met"), ("2024-07-15", status)]


def test_a_family_that_thought_better_of_it_may_decline_again() -> None:
    stay = in_aftercare()
    for later, name in enumerate((WANTS_NO_MORE, "CafeInvitationSent", WANTS_NO_MORE)):
        stay.take(name, INVITED + timedelta(days=later))

    assert invitations(stay) == [("2024-02-29", "cancelled"), ("2024-07-16", "cancelled")]


def test_an_annulled_stay_owes_no_invitation() -> None:
    stay = in_aftercare()
    stay.take("StayAnnulled", date(2023, 9, 5))

    assert invitations(stay) == [("2024-02-29", "cancelled")]


LEDGERS = [
    ("serviceloven", WOMAN, "psychology-woman", ("minutes", 600, 600)),
    ("serviceloven", CHILD, "psychology-child", ("minutes", 240, 600)),
    ("kobenhavn", WOMAN, "psychology-woman", ("sessions", 10, 10)),
    ("kobenhavn", CHILD, "psychology-child", ("sessions", 4, 10)),
]


@pytest.mark.parametrize(("standard", "person", "rule", "amount"), LEDGERS)
def test_treatment_is_met_once_its_floor_is_used(standard: str, person: UUID, rule: str, amount: tuple[str, int, int]) -> None:
    unit, floor, _ = amount
    stay = Stay(standard, ADMITTED)
    stay.take(ARRIVES[0], ADMITTED, **ARRIVES[1])
    one: dict[str, int] = {"sessions": 1, "minutes": 60} if unit == "sessions" else {"sessions": 0, "minutes": 1}
    last: dict[str, Any] = {"person_id": person, "minutes": one["minutes"], "attributes": {"sessions": one["sessions"]}}
    before = (floor - 1) * one["minutes"], (floor - 1) * one["sessions"]
    stay.take("SessionHeld", ADMITTED, person_id=person, minutes=before[0], attributes={"sessions": before[1]})
    assert stay.statuses()[rule] == "open"

    stay.take("SessionHeld", ADMITTED + timedelta(weeks=9), **last)

    assert stay.statuses()[rule] == "met"
    (owed,) = [event for event in stay.events if isinstance(event, ObligationOpened) and event.rule == rule]
    assert (owed.unit, owed.floor, owed.ceiling) == amount


NOT_WANTED: Told = ("MunicipalityAnswered", {"attributes": {"answer": "action-plan-not-wanted"}})
DECLINES: Told = ("TreatmentDeclined", {"person_id": WOMAN})
CHILD_DECLINES: Told = ("TreatmentDeclined", FOR_CHILD)

# standard, rule, what happens on the day of admission, after what it is owed no more
OWED_NO_MORE: list[tuple[str, str, list[Told], Told]] = [
    ("hellerup", "stay-plan", [], MOVES_OUT),
    ("odense", "risk-assessment", [], MOVES_OUT),
    ("odense", "needs-clarification", [], MOVES_OUT),
    ("kobenhavn", "plan-review", [("StayPlanAgreed", {})], MOVES_OUT),
    ("hellerup", "plan-review", [("StayPlanAgreed", {})], MOVES_OUT),
    ("serviceloven", "action-plan", [("ActionPlanRequested", {})], NOT_WANTED),
    ("kobenhavn", "action-plan", [("ActionPlanRequested", {})], NOT_WANTED),
    ("kobenhavn", "action-plan-review", [("ActionPlanMade", {})], NOT_WANTED),
    ("kobenhavn", "action-plan-review", [("ActionPlanMade", {})], MOVES_OUT),
    ("serviceloven", "psychology-woman", [], DECLINES),
    ("kobenhavn", "psychology-woman", [], DECLINES),
    ("serviceloven", "psychology-child", [ARRIVES], CHILD_DECLINES),
    ("kobenhavn", "psychology-child", [ARRIVES], CHILD_DECLINES),
    ("serviceloven", "advice-start", [("MoveOutPlanned", {})], ("AdviceDeclined", {})),
    ("serviceloven", "advice-start", [("MoveOutPlanned", {})], ("MoveOutCancelled", {})),
    ("serviceloven", "complaint-answer", [COMPLAINS], ("ComplaintWithdrawn", COMPLAINT)),
    ("odense", "complaint-answer", [COMPLAINS], ("ComplaintWithdrawn", COMPLAINT)),
    ("kobenhavn", "complaint-answer", [COMPLAINS], ("ComplaintWithdrawn", COMPLAINT)),
    ("serviceloven", "advice-window", [MOVES_OUT], ("AdviceDeclined", {})),
    ("odense", "advice-window", [MOVES_OUT], ("AdviceDeclined", {})),
    ("kobenhavn", "advice-window", [MOVES_OUT], ("AdviceDeclined", {})),
]


@pytest.mark.parametrize(("standard", "rule", "first", "ends"), OWED_NO_MORE, ids=lambda value: str(value)[:24])
def test_what_a_fact_ends_is_owed_no_more(standard: str, rule: str, first: list[Told], ends: Told) -> None:
    stay = Stay(standard, ADMITTED)
    for name, more in first:
        stay.take(name, ADMITTED, **more)
    assert stay.statuses()[rule] == "open"

    stay.take(ends[0], ADMITTED, **ends[1])

    assert stay.statuses()[rule] == "cancelled"


@pytest.mark.parametrize("standard", ["serviceloven", "odense", "kobenhavn"])
@pytest.mark.parametrize(("day", "status"), [(2, "open"), (3, "met"), (4, "met")])
def test_a_window_runs_out_as_met_on_its_last_day(standard: str, day: int, status: str) -> None:
    stay = Stay(standard, ADMITTED)
    stay.take("WomanMovedOut", ADMITTED, attributes={"stay_days": 0, "destination": "new-home"})
    stay.pass_day(date(2023, 11, day))

    assert stay.statuses()["advice-window"] == status


@pytest.mark.parametrize(
    ("days", "destination", "offered"),
    [
        (14, "new-home", False),
        (15, "new-home", True),
        (16, "back-to-perpetrator", False),
        (16, "other-shelter", False),
        (16, "other-social-institution", False),
        (16, "unknown", True),
    ],
)
def test_hellerup_offers_aftercare_by_how_long_she_stayed_and_where_she_goes(days: int, destination: str, offered: bool) -> None:
    stay = Stay("hellerup", ADMITTED)
    stay.take("WomanMovedOut", ADMITTED + timedelta(days=days), attributes={"stay_days": days, "destination": destination})

    assert ("aftercare-offer" in stay.statuses()) is offered


@pytest.mark.parametrize(("on", "status"), [(2, "met"), (3, "met"), (4, "met-late")])
def test_hellerup_reviews_the_plan_within_three_months(on: int, status: str) -> None:
    stay = Stay("hellerup", ADMITTED)
    stay.take("StayPlanAgreed", ADMITTED)
    stay.take("PlanReviewed", date(2023, 8, on), attributes={"plan": "stay-plan"})

    reviews = [(o.due, o.status) for o in stay.state.obligations.values() if o.rule == "plan-review"]
    assert reviews == [(date(2023, 8, 3), status), (date(2023, 11, on), "open")]

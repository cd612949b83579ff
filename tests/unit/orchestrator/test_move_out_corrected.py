"""A wrong day of the move-out is corrected: what was counted from it, missed or ended by it is judged again by the right day."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from havn_events.orchestrator import FactNoted, ObligationRescheduled
from havn_standards import Rulebook
from orchestrator.domain.case import ComeBack
from tests.unit.orchestrator.stay import STAY, WOMAN, Stay
from tests.unit.orchestrator.test_facts_together import ADMITTED, LEFT, became, january, march, the

DAY = timedelta(days=1)
CORRECTED = march(30)
NOTICE: dict[str, Any] = {"attributes": {"notice": "admission", "anonymous": False}}


def left(standard: str, on: date = LEFT, *before: tuple[str, date, dict[str, Any]]) -> Stay:
    """A stay that ended, as it was recorded, on that day."""
    stay = Stay(standard, ADMITTED)
    for name, happened_on, more in before:
        stay.take(name, happened_on, **more)
    days = {"stay_days": (on - ADMITTED).days, "destination": "new-home"}
    stay.take("WomanMovedOut", on, attributes=days)
    return stay


def correct(stay: Stay, to: date, on: date = CORRECTED) -> None:
    stay.take("MoveOutCorrected", on, until=to, attributes={"stay_days": (to - ADMITTED).days})


# --- what is counted from it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("right", "last_day"), [(9, date(2026, 9, 9)), (11, date(2026, 9, 11))])
def test_the_window_is_counted_from_the_right_day(right: int, last_day: date) -> None:
    stay = left("serviceloven")
    correct(stay, march(right))

    window = the(stay, "advice-window")
    assert (window.status, window.counted_from, window.due) == ("open", march(right), last_day)
    [moved] = [e for e, _ in stay.recorded if isinstance(e, ObligationRescheduled) and e.rule == "advice-window"]
    [noted] = [e for e, _ in stay.recorded if isinstance(e, FactNoted) and e.fact == "MoveOutCorrected"]
    assert (moved.due_before, moved.rests_on, moved.occurred_on) == (date(2026, 9, 10), noted.fact_id, CORRECTED)
    assert (noted.until, noted.attributes["stay_days"]) == (march(right), (march(right) - ADMITTED).days)


@pytest.mark.parametrize(("right", "status"), [(9, "met"), (10, "met"), (11, "open")])
def test_a_window_that_had_run_out_is_open_again_where_it_had_not(right: int, status: str) -> None:
    """Recorded as of the 8th; told on 11 September, when a window of the 10th is over and one of the 11th is not."""
    stay = left("serviceloven", march(8))
    stay.pass_day(date(2026, 9, 8))
    assert the(stay, "advice-window").status == "met"
    correct(stay, march(right), date(2026, 9, 11))

    assert the(stay, "advice-window").status == status


@pytest.mark.parametrize(
    ("right", "status", "closed_on"), [(4, "met-late", march(10)), (5, "met", march(10)), (6, "met", march(10))]
)
def test_a_notice_of_the_discharge_is_late_by_the_right_day(right: int, status: str, closed_on: date) -> None:
    """Three working days from Thursday the 5th end on Tuesday the 10th, the day on which it was sent."""
    stay = left("serviceloven")
    stay.take("MunicipalityNotified", LEFT, attributes={"notice": "discharge", "anonymous": False})
    correct(stay, march(right))

    notice = the(stay, "discharge-notice")
    assert (notice.status, notice.closed_on) == (status, closed_on)


@pytest.mark.parametrize(("right", "status"), [(15, "missed"), (16, "open"), (17, "open")])
def test_an_offer_that_was_missed_is_owed_again_where_it_is_not_over_yet(right: int, status: str) -> None:
    """Told on the 30th, two weeks after the 16th."""
    stay = left("serviceloven")
    stay.pass_day(march(24))
    assert the(stay, "psychology-woman-offer").status == "missed"
    correct(stay, march(right))

    assert the(stay, "psychology-woman-offer").status == status


def test_what_was_met_before_she_moved_out_is_not_counted() -> None:
    stay = left("serviceloven", LEFT, ("TreatmentOffered", march(2), {"person_id": WOMAN}))
    correct(stay, march(11))

    assert became(stay, "psychology-woman-offer") == ["ObligationOpened", "ObligationMet"]


@pytest.mark.parametrize(
    ("right", "due"), [(1, date(2026, 10, 31)), (10, date(2026, 10, 31)), (20, date(2026, 10, 31)), (31, date(2026, 10, 31))]
)
def test_a_last_day_that_was_granted_stays(right: int, due: date) -> None:
    stay = left("serviceloven")
    stay.take("AdviceExtended", march(15), until=due)
    correct(stay, march(right), date(2026, 4, 1))

    assert the(stay, "advice-window").due == due
    assert the(stay, "advice-window").counted_from == march(right)


def test_a_window_never_ends_before_its_six_months_and_what_was_granted_comes_back() -> None:
    stay = left("serviceloven")
    stay.take("AdviceExtended", march(15), until=date(2026, 9, 15))
    correct(stay, march(20))
    assert the(stay, "advice-window").due == date(2026, 9, 20)
    correct(stay, march(11))

    assert the(stay, "advice-window").due == date(2026, 9, 15)


def test_an_extension_told_after_the_correction_takes_nothing_of_the_six_months() -> None:
    stay = left("serviceloven")
    correct(stay, march(20))
    stay.take("AdviceExtended", march(15), CORRECTED, until=date(2026, 9, 15))

    assert the(stay, "advice-window").due == date(2026, 9, 20)


def test_what_she_declined_is_counted_too_and_is_owed_by_the_right_day_when_she_takes_it_up() -> None:
    stay = left("serviceloven")
    stay.take("AdviceDeclined", march(12))
    correct(stay, march(20))
    assert (the(stay, "advice-window").status, the(stay, "advice-window").counted_from) == ("cancelled", march(20))
    stay.take("AdviceOffered", date(2026, 4, 1))

    window = the(stay, "advice-window")
    assert (window.status, window.due) == ("open", date(2026, 9, 20))


@pytest.mark.parametrize(("right", "status"), [(15, "cancelled"), (16, "open"), (17, "open")])
def test_treatment_offered_again_in_time_by_the_right_day_is_owed_again(right: int, status: str) -> None:
    """Declined on the 5th and offered again on the 30th, two weeks after the 16th."""
    stay = left("serviceloven", LEFT, ("TreatmentDeclined", march(5), {"person_id": WOMAN}))
    stay.take("TreatmentOffered", march(30), person_id=WOMAN)
    assert the(stay, "psychology-woman-start").status == "cancelled"
    correct(stay, march(right))

    assert the(stay, "psychology-woman-start").status == status


# --- what it made missed -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "status"), [(11, "met"), (12, "met"), (13, "met-late")])
def test_initial_advice_given_until_the_right_day_was_in_time(given: int, status: str) -> None:
    """Recorded as of the 10th, and she moved out on the 12th."""
    stay = left("serviceloven", LEFT, ("MunicipalityNotified", march(1), NOTICE))
    stay.take("InitialAdviceGiven", march(given))
    assert the(stay, "initial-advice").status == "met-late"
    correct(stay, march(12))

    advice = the(stay, "initial-advice")
    assert (advice.status, advice.closed_on) == (status, march(given))


@pytest.mark.parametrize(("right", "status"), [(4, "met-late"), (5, "met"), (6, "met")])
def test_initial_advice_given_after_the_right_day_was_late(right: int, status: str) -> None:
    stay = left("serviceloven", LEFT, ("MunicipalityNotified", march(1), NOTICE), ("InitialAdviceGiven", march(5), {}))
    correct(stay, march(right))

    assert the(stay, "initial-advice").status == status


@pytest.mark.parametrize("right", [9, 11])
def test_what_it_made_missed_is_lost_on_the_right_day(right: int) -> None:
    stay = left("serviceloven", LEFT, ("MunicipalityNotified", march(1), NOTICE))
    correct(stay, march(right))

    advice = the(stay, "initial-advice")
    assert (advice.status, advice.lost_on) == ("missed", march(right))
    assert became(stay, "initial-advice") == ["ObligationOpened", "ObligationMissed", "ObligationReopened", "ObligationMissed"]


def test_what_the_plan_had_made_missed_does_not_move() -> None:
    before: list[tuple[str, date, dict[str, Any]]] = [("MunicipalityNotified", march(1), NOTICE), ("MoveOutPlanned", march(5), {})]
    stay = left("serviceloven", LEFT, *before)
    correct(stay, march(11))

    assert became(stay, "initial-advice") == ["ObligationOpened", "ObligationMissed"]


# --- what it ended -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("right", "status", "on"), [(11, "cancelled", 11), (12, "cancelled", 12), (13, "missed", 13)])
def test_what_was_due_before_the_right_day_is_missed(right: int, status: str, on: int) -> None:
    """Recorded as of the 8th; five working days from Monday the 5th end on the 12th."""
    stay = left("odense", january(8))
    correct(stay, january(right))

    needs = the(stay, "needs-clarification")
    assert (needs.status, needs.closed_on or needs.missed_on) == (status, january(on))


@pytest.mark.parametrize(("right", "status"), [(11, "cancelled"), (12, "cancelled"), (13, "missed")])
def test_what_was_missed_after_the_right_day_was_not_owed_then(right: int, status: str) -> None:
    """Recorded as of the 20th."""
    stay = left("odense", january(20))
    assert the(stay, "needs-clarification").status == "missed"
    correct(stay, january(right))

    assert the(stay, "needs-clarification").status == status


@pytest.mark.parametrize("right", [9, 15])
def test_a_corrected_correction_leads_to_the_last_day_named(right: int) -> None:
    stay = left("odense", january(8))
    correct(stay, january(20))
    assert the(stay, "needs-clarification").status == "missed"
    correct(stay, january(right))

    assert the(stay, "needs-clarification").status == ("cancelled" if right == 9 else "missed")


def test_a_review_is_owed_until_the_right_day() -> None:
    stay = left("hellerup", january(20), ("StayPlanAgreed", january(6), {}))
    correct(stay, date(2026, 4, 7), date(2026, 4, 8))

    review = the(stay, "plan-review")
    assert (review.status, review.missed_on) == ("missed", date(2026, 4, 7))


def test_what_was_assessed_between_the_two_days_was_owed_then() -> None:
    stay = left("odense", january(8))
    stay.take("RiskAssessed", january(12), person_id=WOMAN)
    assert the(stay, "risk-assessment").status == "cancelled"
    correct(stay, january(12))

    assert (the(stay, "risk-assessment").status, the(stay, "risk-assessment").closed_on) == ("met", january(12))


# --- the length of the stay ----------------------------------------------------------------------------------------------------


def offers(stay: Stay) -> list[str]:
    return [o.status for o in stay.state.obligations.values() if o.rule == "aftercare-offer"]


@pytest.mark.parametrize(("right", "owed"), [(18, []), (19, []), (20, ["missed"])])
def test_a_stay_that_was_longer_owes_aftercare(right: int, owed: list[str]) -> None:
    """More than 14 days from the 5th: from the 20th."""
    stay = left("hellerup", january(10))
    correct(stay, january(right))

    assert offers(stay) == owed


@pytest.mark.parametrize(("right", "owed"), [(18, ["cancelled"]), (19, ["cancelled"]), (20, ["missed"])])
def test_a_stay_that_was_shorter_owes_none(right: int, owed: list[str]) -> None:
    stay = left("hellerup", january(30))
    correct(stay, january(right))

    assert offers(stay) == owed


def test_what_one_correction_ended_another_opens_anew() -> None:
    stay = left("hellerup", january(30))
    correct(stay, january(18))
    correct(stay, january(21))
    assert offers(stay) == ["cancelled", "missed"]
    correct(stay, january(20))

    assert offers(stay) == ["cancelled", "missed"]


@pytest.mark.parametrize("admission_first", [True, False])
@pytest.mark.parametrize(("admitted", "right", "owed"), [(6, 20, False), (6, 21, True), (5, 20, True), (5, 19, False)])
def test_the_length_is_that_between_the_two_right_days(admission_first: bool, admitted: int, right: int, owed: bool) -> None:
    stay = left("hellerup", january(12))

    def admission() -> None:
        stay.take("AdmissionCorrected", CORRECTED, until=january(admitted))

    if admission_first:
        admission()
    correct(stay, january(right))
    if not admission_first:
        admission()

    assert ("missed" in offers(stay)) is owed
    [move_out] = [n for n in stay.state.noted.values() if n.fact == "WomanMovedOut"]
    assert (move_out.on, move_out.attributes["stay_days"]) == (january(right), right - admitted)


# --- another shelter, an annulled stay -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("right", [1, 9, 20])
def test_what_was_left_to_the_next_stay_is_not_owed_here_again(right: int) -> None:
    stay = left("serviceloven", LEFT, ("MunicipalityNotified", march(1), NOTICE))
    stay.go_on(LEFT)
    before = {o.id for o in stay.state.obligations.values() if o.goes_along and o.status == "cancelled"}
    correct(stay, march(right))

    assert {o.id for o in stay.state.obligations.values() if o.id in before and o.status == "cancelled"} == before
    assert not [o.rule for o in stay.state.obligations.values() if o.goes_along and o.status == "open"]


def test_what_comes_back_from_an_annulled_stay_is_counted_from_the_right_day() -> None:
    stay = left("serviceloven")
    stay.go_on(LEFT)
    correct(stay, march(11))
    stay._decide(
        ComeBack(
            case_id=STAY,
            occurred_on=CORRECTED,
            annulled=frozenset({UUID(int=50)}),
            elsewhere=frozenset(),
            annulment_id=UUID(int=52),
            rulebook=Rulebook.load(),
            today=CORRECTED,
        ),
        CORRECTED,
    )

    assert (the(stay, "advice-window").status, the(stay, "advice-window").due) == ("open", date(2026, 9, 11))


def test_an_annulled_stay_and_one_that_is_not_over_have_nothing_to_correct() -> None:
    staying = Stay("odense", ADMITTED)
    before = staying.state.obligations
    correct(staying, march(9))
    assert staying.state.obligations == before
    annulled = left("odense")
    annulled.take("StayAnnulled", LEFT)
    before = annulled.state.obligations
    correct(annulled, march(11))
    assert annulled.state.obligations == before


def test_the_same_correction_again_changes_nothing() -> None:
    stay = left("odense")
    correct(stay, march(11))
    events = len(stay.recorded)
    correct(stay, march(11), CORRECTED + DAY)

    assert [event.type_name() for event, _ in stay.recorded[events:]] == ["FactNoted"]

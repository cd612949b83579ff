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


Told = tuple[str, date, dict[str, Any]]


def tell(stay: Stay, *told: Told) -> None:
    for name, on, more in told:
        stay.take(name, on, **more)


def left(standard: str, on: date = LEFT, *before: Told) -> Stay:
    """A stay that ended, as it was recorded, on that day."""
    stay = Stay(standard, ADMITTED)
    tell(stay, *before)
    days = {"stay_days": (on - ADMITTED).days, "destination": "new-home"}
    stay.take("WomanMovedOut", on, attributes=days)
    return stay


def correct(stay: Stay, to: date, on: date = CORRECTED) -> None:
    stay.take("MoveOutCorrected", on, until=to, attributes={"stay_days": (to - ADMITTED).days})


def answered(what: str, on: date) -> Told:
    """What the municipality answers about its action plan."""
    return "MunicipalityAnswered", on, {"municipality": "0461", "attributes": {"answer": f"action-plan-{what}"}}


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


@pytest.mark.parametrize(("right", "status"), [(15, "cancelled"), (16, "open"), (17, "open")])
def test_whether_treatment_was_offered_again_in_time_does_not_hang_on_the_advice_she_declined_too(right: int, status: str) -> None:
    before: list[Told] = [("AdviceDeclined", march(4), {}), ("TreatmentDeclined", march(5), {"person_id": WOMAN})]
    stay = left("serviceloven", LEFT, *before)
    stay.take("TreatmentOffered", march(30), person_id=WOMAN)
    stay.take("AdviceOffered", march(30))
    correct(stay, march(right))

    assert the(stay, "psychology-woman-start").status == status


def test_treatment_that_was_completed_is_not_owed_again_because_advice_was_offered_again() -> None:
    before: list[Told] = [("AdviceDeclined", march(4), {}), ("TreatmentCompleted", march(5), {"person_id": WOMAN})]
    stay = left("serviceloven", LEFT, *before)
    stay.take("AdviceOffered", march(12))
    correct(stay, march(11))

    assert became(stay, "psychology-woman-start") == ["ObligationOpened", "ObligationCancelled"]


@pytest.mark.parametrize(("offered", "status"), [(2, "open"), (3, "open"), (4, "cancelled")])
def test_treatment_declined_after_the_move_may_be_taken_up_until_two_weeks_after_the_right_day(offered: int, status: str) -> None:
    """Two weeks after 20 March end on 3 April."""
    stay = left("serviceloven")
    stay.take("TreatmentDeclined", march(12), person_id=WOMAN)
    correct(stay, march(20))
    stay.take("TreatmentOffered", date(2026, 4, offered), person_id=WOMAN)

    start = the(stay, "psychology-woman-start")
    assert (start.status, start.counted_from, start.due) == (status, march(20), date(2026, 4, 3))


def test_what_she_declined_before_it_was_counted_is_not_counted() -> None:
    stay = left("serviceloven", LEFT, ("TreatmentDeclined", march(5), {"person_id": WOMAN}))
    correct(stay, march(11))

    assert became(stay, "psychology-woman-start") == ["ObligationOpened", "ObligationCancelled"]


def test_treatment_declined_before_the_right_day_was_not_missed_by_the_wrong_one() -> None:
    """Recorded as of 10 January, so that it seemed to be over on the 24th."""
    stay = left("serviceloven", january(10))
    stay.take("TreatmentDeclined", march(1), person_id=WOMAN)
    assert the(stay, "psychology-woman-start").status == "missed"
    correct(stay, march(10))

    start = the(stay, "psychology-woman-start")
    assert (start.status, start.closed_on) == ("cancelled", march(1))


@pytest.mark.parametrize("changed", [False, True])
@pytest.mark.parametrize(("right", "ended"), [(9, 9), (10, 10), (11, 10)])
def test_advice_that_ended_after_the_window_had_run_out_ends_it_where_it_had_not(right: int, ended: int, changed: bool) -> None:
    """Recorded as of the 8th, so that it ran out on 8 September; the advice ended on the 10th, and then the standard changed."""
    stay = left("serviceloven", march(8))
    stay.pass_day(date(2026, 9, 8))
    stay.take("AdviceEnded", date(2026, 9, 10), attributes={"ended_because": "established"})
    if changed:
        stay.change("kobenhavn", date(2026, 9, 11))
    correct(stay, march(right), date(2026, 9, 12))

    window = the(stay, "advice-window")
    assert (window.status, window.closed_on) == ("met", date(2026, 9, ended))


@pytest.mark.parametrize(("right", "answered"), [(11, 5), (12, 12), (13, 12)])
def test_an_answer_to_an_offer_counts_where_it_was_not_taken_back_before_the_right_day(right: int, answered: int) -> None:
    """She declined on the 5th and began on the 12th; recorded as of the 20th."""
    stay = left("serviceloven", march(20), ("AdviceDeclined", march(5), {}), ("AdviceStarted", march(12), {}))
    correct(stay, march(right))

    offer = the(stay, "advice-offer")
    assert (offer.status, offer.closed_on) == ("met", march(answered))


@pytest.mark.parametrize(("right", "became_of_it"), [(1, "late"), (2, "met"), (3, "met")])
def test_treatment_offered_before_she_left_by_the_record_is_late_by_the_right_day(right: int, became_of_it: str) -> None:
    """Two weeks after the 2nd end on the 16th, the day of the offer; recorded as of the 20th."""
    stay = left("serviceloven", march(20), ("TreatmentOffered", march(16), {"person_id": WOMAN}))
    correct(stay, march(right))

    late = ["ObligationRescheduled", "ObligationMissed", "ObligationMet"] if became_of_it == "late" else []
    assert became(stay, "psychology-woman-offer") == ["ObligationOpened", "ObligationMet", *late]


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
    before: list[Told] = [("MunicipalityNotified", march(1), NOTICE), ("MoveOutPlanned", march(5), {})]
    stay = left("serviceloven", LEFT, *before)
    correct(stay, march(11))

    assert became(stay, "initial-advice") == ["ObligationOpened", "ObligationMissed"]


@pytest.mark.parametrize(("agreed", "status"), [(11, "met"), (12, "met"), (13, "met-late")])
def test_a_plan_agreed_until_the_right_day_was_in_time(agreed: int, status: str) -> None:
    stay = left("kobenhavn")
    stay.take("StayPlanAgreed", march(agreed))
    assert the(stay, "stay-plan").status == "met-late"
    correct(stay, march(12))

    assert the(stay, "stay-plan").status == status


def test_what_had_been_done_in_time_by_either_day_is_not_touched() -> None:
    """Told only after it had been missed."""
    stay = left("serviceloven", LEFT, ("MunicipalityNotified", march(1), NOTICE))
    stay.take("InitialAdviceGiven", march(5), march(12))
    correct(stay, march(9))

    assert became(stay, "initial-advice") == ["ObligationOpened", "ObligationMissed", "ObligationMet"]


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


@pytest.mark.parametrize(
    ("right", "done", "status"),
    [
        (12, 11, "met"),
        (12, 12, "met"),
        (12, 13, "cancelled"),
        (13, 12, "met"),
        (13, 13, "met-late"),
        (13, 14, "met-late"),
    ],
)
def test_what_was_done_after_the_wrong_day_was_in_time_until_it_was_due_or_she_left(right: int, done: int, status: str) -> None:
    """Recorded as of the 8th; five working days from Monday the 5th end on the 12th."""
    stay = left("odense", january(8))
    stay.take("NeedsClarified", january(done))
    correct(stay, january(right))

    needs = the(stay, "needs-clarification")
    assert (needs.status, needs.closed_on) == (status, january(right if status == "cancelled" else done))


def test_what_another_fact_had_ended_before_stays_as_it_was() -> None:
    """The review of the action plan was due on 6 April, but she had wanted no plan since 1 February."""
    stay = left("kobenhavn", LEFT, ("ActionPlanMade", january(6), {}), answered("not-wanted", date(2026, 2, 1)))
    correct(stay, date(2026, 4, 10), date(2026, 4, 12))

    review = the(stay, "action-plan-review")
    assert (review.status, review.closed_on) == ("cancelled", date(2026, 2, 1))


def reviews(stay: Stay) -> list[tuple[date, str, date | None]]:
    rounds = [o for o in stay.state.obligations.values() if o.rule == "action-plan-review"]
    return [(o.opened_on, o.status, o.closed_on) for o in sorted(rounds, key=lambda o: o.opened_on)]


@pytest.mark.parametrize(
    ("reviewed", "first"),
    [(9, ("met", march(9))), (10, ("met", march(10))), (11, ("cancelled", march(10)))],
)
def test_a_review_until_the_right_day_ends_the_round_that_the_wrong_one_had_ended(reviewed: int, first: tuple[str, date]) -> None:
    stay = left("kobenhavn", january(20), ("ActionPlanMade", january(6), {}))
    tell(stay, answered("reviewed", march(reviewed)))
    correct(stay, LEFT)

    assert reviews(stay)[0] == (january(6), *first)


def test_each_of_two_reviews_until_the_right_day_ends_the_round_before_it() -> None:
    stay = left("kobenhavn", january(20), ("ActionPlanMade", january(6), {}))
    tell(stay, answered("reviewed", march(3)), answered("reviewed", march(8)))
    correct(stay, LEFT)

    assert reviews(stay) == [
        (january(6), "met", march(3)),
        (march(3), "met", march(8)),
        (march(8), "cancelled", LEFT),
    ]


def test_another_plan_is_no_review_of_the_one_before() -> None:
    stay = left("kobenhavn", january(20), ("ActionPlanMade", january(6), {}))
    tell(stay, answered("made", march(3)), answered("reviewed", march(8)))
    correct(stay, LEFT)

    assert reviews(stay)[0] == (january(6), "met", march(8))


@pytest.mark.parametrize(("reviewed", "status"), [(5, "met"), (6, "met"), (7, "met-late")])
def test_a_review_told_after_the_wrong_day_was_in_time_until_it_was_due(reviewed: int, status: str) -> None:
    """Three months after 6 January end on 6 April, and she left on the 10th."""
    on = date(2026, 4, reviewed)
    stay = left("kobenhavn", LEFT, ("ActionPlanMade", january(6), {}))
    tell(stay, answered("reviewed", on))
    correct(stay, date(2026, 4, 10), date(2026, 4, 12))

    assert reviews(stay)[0] == (january(6), status, on)


@pytest.mark.parametrize(("right", "status"), [(18, "cancelled"), (19, "cancelled"), (20, "missed")])
def test_what_was_owed_before_she_seemed_to_come_was_over_before_she_left(right: int, status: str) -> None:
    """Recorded as admitted on the day she left. Five working days from Monday the 12th end on Monday the 19th."""
    stay = Stay("odense", january(right))
    stay.take("WomanMovedOut", january(right), attributes={"stay_days": 0, "destination": "family"})
    stay.take("AdmissionCorrected", january(21), until=january(12))

    assert {the(stay, rule).status for rule in ("needs-clarification", "risk-assessment")} == {status}


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
    before = {o.id for o in stay.state.obligations.values() if o.municipal and o.status == "cancelled"}
    correct(stay, march(right))

    assert {o.id for o in stay.state.obligations.values() if o.id in before and o.status == "cancelled"} == before
    assert not [o.rule for o in stay.state.obligations.values() if o.municipal and o.status == "open"]


def test_what_was_left_to_the_next_stay_is_not_moved_here() -> None:
    stay = left("serviceloven")
    stay.go_on(LEFT)
    correct(stay, march(11))

    moved = [event for event, told_on in stay.recorded if isinstance(event, ObligationRescheduled) and told_on == CORRECTED]
    assert {event.rule for event in moved} == {"discharge-notice"}


def test_what_the_shelter_owed_is_judged_by_the_right_day_though_she_went_on() -> None:
    """Recorded as of the 8th; five working days from Monday the 5th end on the 12th."""
    stay = left("odense", january(8))
    stay.go_on(january(8))
    correct(stay, january(13))

    assert the(stay, "needs-clarification").status == "missed"


@pytest.mark.parametrize(("right", "on"), [(9, 9), (10, 10), (11, 10)])
def test_what_the_move_out_ended_is_owed_no_more_since_the_right_day_or_since_she_went_on(right: int, on: int) -> None:
    stay = left("kobenhavn", LEFT, ("ActionPlanMade", january(6), {}))
    stay.go_on(LEFT)
    correct(stay, march(right))

    assert reviews(stay) == [(january(6), "cancelled", march(on))]


@pytest.mark.parametrize(("right", "status"), [(7, "missed"), (8, "cancelled"), (9, "cancelled")])
def test_what_was_over_by_the_right_day_before_she_went_on_was_missed_here(right: int, status: str) -> None:
    """She went on on the 22nd, the day she left by the record; two weeks after the 8th end on that day, too."""
    stay = left("serviceloven", march(22))
    stay.go_on(march(22))
    correct(stay, march(right))

    assert the(stay, "advice-offer").status == status
    assert ("ObligationReopened" in became(stay, "advice-offer")) is (status == "missed")


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

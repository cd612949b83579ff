"""Several facts at once under the packaged standards: what becomes of a case does not hang on when its facts are told."""

from datetime import date
from typing import Any

import pytest

from havn_events.orchestrator import ObligationEvent
from orchestrator.domain.case import Obligation
from tests.unit.orchestrator.stay import WOMAN, Stay

ADMITTED = date(2026, 1, 5)
LEFT = date(2026, 3, 10)
MOVED_OUT: dict[str, Any] = {"attributes": {"stay_days": 64, "destination": "new-home"}}
HOUR: dict[str, Any] = {"person_id": WOMAN, "minutes": 60, "attributes": {"sessions": 1}}
STANDARDS = ["serviceloven", "odense", "kobenhavn", "hellerup", "lokk"]


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

"""Initial advice, offer and refusal, start, meetings, and the end."""

from datetime import date

import pytest

from coordinating_advice.domain.advice.decider import ADVICE
from havn_chassis.testing import given
from havn_events.coordinating_advice import AdviceEnded, InitialAdviceGiven
from havn_events.event import Event
from tests.unit.coordinating_advice.advice import (
    DAY,
    DECLINED,
    HELD,
    LAST_DAY,
    LATEST,
    MOVED_OUT_ON,
    OFFERED,
    OPENED,
    OPENED_ON,
    STARTED,
    STARTED_ON,
    STAY,
    WINDOW,
    decline,
    end,
    ended,
    extended,
    initial,
    meeting,
    offer,
    start,
)


def test_initial_advice_is_given() -> None:
    given(ADVICE, [OPENED]).when(initial()).then([InitialAdviceGiven(stay_id=STAY, occurred_on=OPENED_ON, by="shelter")])


def test_initial_advice_is_given_once() -> None:
    history = [OPENED, InitialAdviceGiven(stay_id=STAY, occurred_on=OPENED_ON, by="municipality")]
    given(ADVICE, history).when(initial()).refused("initial-advice-already-given")


@pytest.mark.parametrize("history", [[OPENED], [OPENED, OFFERED], [OPENED, DECLINED]])
def test_advice_is_offered_and_may_be_offered_again(history: list[Event]) -> None:
    given(ADVICE, history).when(offer()).then([OFFERED])


def test_what_has_started_is_not_offered() -> None:
    given(ADVICE, [OPENED, STARTED]).when(offer()).refused("advice-already-started")


@pytest.mark.parametrize("history", [[OPENED], [OPENED, OFFERED], [OPENED, DECLINED, OFFERED]])
def test_advice_is_declined(history: list[Event]) -> None:
    given(ADVICE, history).when(decline()).then([DECLINED])


def test_advice_is_not_declined_twice_without_a_new_offer() -> None:
    given(ADVICE, [OPENED, DECLINED]).when(decline()).refused("advice-already-declined")


def test_what_has_started_is_ended_and_not_declined() -> None:
    given(ADVICE, [OPENED, STARTED]).when(decline()).refused("decline-after-start")


@pytest.mark.parametrize("history", [[OPENED], [OPENED, OFFERED], [OPENED, DECLINED]])
def test_advice_starts_also_after_she_changed_her_mind(history: list[Event]) -> None:
    given(ADVICE, history).when(start()).then([STARTED])


def test_advice_starts_once() -> None:
    given(ADVICE, [OPENED, STARTED]).when(start()).refused("advice-already-started")


def test_advice_starts_on_the_last_day_of_the_window_but_not_after_it() -> None:
    given(ADVICE, [OPENED, WINDOW]).when(start(LAST_DAY)).then([STARTED.model_copy(update={"occurred_on": LAST_DAY})])
    given(ADVICE, [OPENED, WINDOW]).when(start(LAST_DAY + DAY)).refused("after-the-window")


def test_a_meeting_before_any_start_is_refused() -> None:
    given(ADVICE, [OPENED, WINDOW]).when(meeting(MOVED_OUT_ON)).refused("advice-not-started")


@pytest.mark.parametrize("on", [STARTED_ON, STARTED_ON + DAY, LAST_DAY - DAY, LAST_DAY])
def test_a_meeting_from_the_start_to_the_last_day(on: date) -> None:
    given(ADVICE, [OPENED, STARTED, WINDOW]).when(meeting(on)).then([HELD.model_copy(update={"occurred_on": on})])


def test_a_meeting_dated_before_the_start_is_refused() -> None:
    given(ADVICE, [OPENED, STARTED]).when(meeting(STARTED_ON - DAY)).refused("before-start")


def test_a_meeting_dated_after_the_last_day_is_refused() -> None:
    given(ADVICE, [OPENED, STARTED, WINDOW]).when(meeting(LAST_DAY + DAY)).refused("after-the-window")


def test_an_extension_makes_room_for_meetings_to_its_own_last_day() -> None:
    history = [OPENED, STARTED, WINDOW, extended(LATEST)]
    given(ADVICE, history).when(meeting(LATEST)).then([HELD.model_copy(update={"occurred_on": LATEST})])
    given(ADVICE, history).when(meeting(LATEST + DAY)).refused("after-the-window")


def test_during_the_stay_there_is_no_last_day() -> None:
    given(ADVICE, [OPENED, STARTED]).when(meeting(LATEST)).then([HELD.model_copy(update={"occurred_on": LATEST})])


def test_the_same_meeting_is_recorded_once() -> None:
    given(ADVICE, [OPENED, STARTED, HELD]).when(meeting(MOVED_OUT_ON)).refused("meeting-already-recorded")


def test_a_meeting_may_be_recorded_after_the_end_but_not_held_after_it() -> None:
    history = [OPENED, STARTED, WINDOW, ended(MOVED_OUT_ON)]
    given(ADVICE, history).when(meeting(MOVED_OUT_ON)).then([HELD.model_copy(update={"occurred_on": MOVED_OUT_ON})])
    given(ADVICE, history).when(meeting(MOVED_OUT_ON + DAY)).refused("meeting-after-end")


@pytest.mark.parametrize("on", [STARTED_ON, LAST_DAY - DAY, LAST_DAY])
def test_advice_ends_from_its_start_to_its_last_day(on: date) -> None:
    given(ADVICE, [OPENED, STARTED, WINDOW]).when(end(on)).then([ended(on)])


def test_advice_does_not_end_before_it_started_or_after_its_last_day() -> None:
    given(ADVICE, [OPENED, STARTED, WINDOW]).when(end(STARTED_ON - DAY)).refused("before-start")
    given(ADVICE, [OPENED, STARTED, WINDOW]).when(end(LAST_DAY + DAY)).refused("after-the-window")


def test_what_has_not_started_does_not_end() -> None:
    given(ADVICE, [OPENED, WINDOW]).when(end(MOVED_OUT_ON)).refused("advice-not-started")


def test_advice_ends_once() -> None:
    given(ADVICE, [OPENED, STARTED, ended(MOVED_OUT_ON)]).when(end(MOVED_OUT_ON)).refused("advice-ended")


def test_it_ends_by_its_last_day_on_that_day_only() -> None:
    history = [OPENED, STARTED, WINDOW]
    given(ADVICE, history).when(end(LAST_DAY - DAY, "last-day")).refused("not-the-last-day")
    given(ADVICE, [OPENED, STARTED]).when(end(LAST_DAY, "last-day")).refused("not-the-last-day")
    given(ADVICE, history).when(end(LAST_DAY, "last-day")).then(
        [AdviceEnded(stay_id=STAY, occurred_on=LAST_DAY, because="last-day")]
    )

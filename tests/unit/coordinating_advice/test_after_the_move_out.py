"""After the move-out Odense advises its own citizens only (Odense 2.5)."""

from dataclasses import replace
from datetime import date

import pytest

from coordinating_advice.domain.advice.decider import ADVICE
from havn_chassis.testing import given
from havn_events.codes import AdviceBy
from havn_events.coordinating_advice import AdviceGiven, AdviceTransferred
from havn_events.event import Event
from tests.unit.coordinating_advice.advice import (
    DAY,
    GENTOFTE,
    LAST_DAY,
    MEETING,
    MOVED_OUT_ON,
    ODENSE,
    OPENED,
    STARTED,
    STAY,
    WINDOW,
    meeting,
    open_window,
    start,
)

OWN_CITIZENS = WINDOW.model_copy(update={"shelter_advises": "own-citizens"})
THE_DAY_AFTER = MOVED_OUT_ON + DAY


def given_on(on: date, by: AdviceBy = "shelter") -> AdviceGiven:
    return AdviceGiven(stay_id=STAY, occurred_on=on, meeting_id=MEETING, minutes=45, by=by)


def test_the_obligation_says_whom_the_shelter_may_advise_after_the_move_out() -> None:
    given(ADVICE, [OPENED]).when(replace(open_window(), shelter_advises="own-citizens")).then([OWN_CITIZENS])


def test_a_window_that_only_moves_keeps_whom_the_shelter_may_advise() -> None:
    moved = OWN_CITIZENS.model_copy(update={"moved_out_on": THE_DAY_AFTER, "until": LAST_DAY + DAY})
    given(ADVICE, [OPENED, OWN_CITIZENS]).when(open_window(THE_DAY_AFTER, LAST_DAY + DAY)).then([moved])


@pytest.mark.parametrize("on", [MOVED_OUT_ON - DAY, MOVED_OUT_ON])
def test_until_the_move_out_the_shelter_advises_citizens_of_others(on: date) -> None:
    given(ADVICE, [OPENED, STARTED, OWN_CITIZENS]).when(meeting(on, "shelter", GENTOFTE)).then([given_on(on)])


@pytest.mark.parametrize(("days", "is_given"), [(-1, False), (0, False), (1, True)])
def test_whom_the_shelter_advises_follows_the_right_day_and_what_was_given_before_stands(days: int, is_given: bool) -> None:
    right = MOVED_OUT_ON + days * DAY
    moved = OWN_CITIZENS.model_copy(update={"moved_out_on": right, "until": LAST_DAY + days * DAY})
    case = given(ADVICE, [OPENED, STARTED, OWN_CITIZENS, moved]).when(meeting(THE_DAY_AFTER, "shelter", GENTOFTE))
    if is_given:
        case.then([given_on(THE_DAY_AFTER)])
    else:
        case.refused("after-move-out-the-municipality-advises")


@pytest.mark.parametrize("shelter_municipality", [GENTOFTE, None])
def test_after_it_the_shelter_does_not(shelter_municipality: str | None) -> None:
    held = meeting(THE_DAY_AFTER, "shelter", shelter_municipality)
    given(ADVICE, [OPENED, STARTED, OWN_CITIZENS]).when(held).refused("after-move-out-the-municipality-advises")
    late = replace(start(THE_DAY_AFTER), shelter_municipality=shelter_municipality)
    given(ADVICE, [OPENED, OWN_CITIZENS]).when(late).refused("after-move-out-the-municipality-advises")


@pytest.mark.parametrize(
    ("window", "by", "shelter_municipality"),
    [(OWN_CITIZENS, "shelter", ODENSE), (OWN_CITIZENS, "municipality", GENTOFTE), (WINDOW, "shelter", GENTOFTE)],
)
def test_after_it_the_shelter_advises_its_own_citizens_and_the_municipality_the_others(
    window: Event, by: AdviceBy, shelter_municipality: str
) -> None:
    history = [OPENED, STARTED, window]
    given(ADVICE, history).when(meeting(THE_DAY_AFTER, by, shelter_municipality)).then([given_on(THE_DAY_AFTER, by)])


def test_her_home_municipality_on_the_day_of_the_meeting_counts() -> None:
    moved_on = MOVED_OUT_ON + 10 * DAY
    moved = AdviceTransferred(stay_id=STAY, occurred_on=moved_on, municipality=GENTOFTE)
    history = [OPENED, STARTED, OWN_CITIZENS, moved]
    given(ADVICE, history).when(meeting(moved_on - DAY, "shelter", ODENSE)).then([given_on(moved_on - DAY)])
    for on in (moved_on, moved_on + DAY):
        given(ADVICE, history).when(meeting(on, "shelter", ODENSE)).refused("after-move-out-the-municipality-advises")
        given(ADVICE, history).when(meeting(on, "shelter", GENTOFTE)).then([given_on(on)])

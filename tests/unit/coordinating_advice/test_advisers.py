"""Who advises her: named, handed over, and taken over from another municipality."""

from datetime import date

import pytest

from coordinating_advice.domain.advice.decider import ADVICE
from havn_chassis.testing import given
from havn_events.coordinating_advice import AdviceEnded, AdviceOpened, AdviceTakenOver, AdviceTransferred
from tests.unit.coordinating_advice.advice import (
    DAY,
    GENTOFTE,
    LAST_DAY,
    MOVED_OUT_ON,
    MUNICIPALITYS,
    ODENSE,
    OPENED,
    SHELTERS,
    STARTED,
    STARTED_ON,
    STAY,
    THIRD,
    TRANSFERRED,
    WINDOW,
    ended,
    hand_over,
    handed_over,
    name,
    named,
    take_over,
    taken_over,
)


def test_the_municipalitys_adviser_takes_over() -> None:
    given(ADVICE, [OPENED, STARTED, WINDOW]).when(hand_over()).then([handed_over(SHELTERS, MUNICIPALITYS)])


def test_a_handover_to_the_same_adviser_is_refused() -> None:
    given(ADVICE, [OPENED, STARTED]).when(hand_over(to_adviser=SHELTERS)).refused("handover-to-same-adviser")


def test_a_handover_to_a_municipality_that_does_not_owe_it_is_refused() -> None:
    given(ADVICE, [OPENED, STARTED]).when(hand_over(municipality=GENTOFTE)).refused("handover-to-other-municipality")
    given(ADVICE, [OPENED, STARTED, TRANSFERRED]).when(hand_over()).refused("handover-to-other-municipality")


def test_a_second_handover_comes_from_the_adviser_who_has_the_advice() -> None:
    history = [OPENED, STARTED, handed_over(SHELTERS, MUNICIPALITYS)]
    given(ADVICE, history).when(hand_over(MUNICIPALITYS, THIRD)).then([handed_over(MUNICIPALITYS, THIRD)])
    given(ADVICE, history).when(hand_over(SHELTERS, THIRD)).refused("handover-from-other-adviser")


def test_what_has_not_started_is_not_handed_over() -> None:
    given(ADVICE, [OPENED]).when(hand_over()).refused("advice-not-started")


def test_a_handover_from_the_start_to_the_last_day() -> None:
    history = [OPENED, STARTED, WINDOW]
    given(ADVICE, history).when(hand_over(on=STARTED_ON - DAY)).refused("before-start")
    for on in (STARTED_ON, LAST_DAY):
        expected = handed_over(SHELTERS, MUNICIPALITYS).model_copy(update={"occurred_on": on})
        given(ADVICE, history).when(hand_over(on=on)).then([expected])
    given(ADVICE, history).when(hand_over(on=LAST_DAY + DAY)).refused("after-the-window")


def test_the_owing_municipality_names_an_adviser_and_may_name_another() -> None:
    opened = AdviceOpened(stay_id=STAY, occurred_on=MOVED_OUT_ON, municipality=ODENSE)
    given(ADVICE, [opened]).when(name(SHELTERS)).then([named(SHELTERS)])
    given(ADVICE, [opened, named(SHELTERS)]).when(name(MUNICIPALITYS)).then([named(MUNICIPALITYS)])
    given(ADVICE, [opened, named(SHELTERS)]).when(name(SHELTERS)).refused("adviser-already-named")
    given(ADVICE, [opened]).when(name(SHELTERS, asked_by="0751")).refused("advice-not-open")
    given(ADVICE).when(name(SHELTERS)).refused("advice-not-open")


def test_nobody_is_named_for_advice_that_has_ended() -> None:
    ended = AdviceEnded(stay_id=STAY, occurred_on=MOVED_OUT_ON, because="other")
    opened = AdviceOpened(stay_id=STAY, occurred_on=MOVED_OUT_ON, municipality=ODENSE)
    given(ADVICE, [opened, ended]).when(name(SHELTERS)).refused("advice-ended")


@pytest.mark.parametrize("on", [STARTED_ON, STARTED_ON + DAY])
def test_a_municipality_takes_over_on_the_day_it_owes_the_rest_or_later(on: date) -> None:
    given(ADVICE, [OPENED, TRANSFERRED]).when(take_over(on)).then([taken_over(on)])


def test_nobody_takes_over_before_the_day_it_owes_the_rest() -> None:
    given(ADVICE, [OPENED, TRANSFERRED]).when(take_over(STARTED_ON - DAY)).refused("before-the-transfer")


def test_what_no_other_municipality_owed_is_not_taken_over() -> None:
    given(ADVICE, [OPENED]).when(take_over(asked_by=ODENSE)).refused("nothing-to-take-over")


@pytest.mark.parametrize("asked_by", [ODENSE, "0101"])
def test_a_former_municipality_and_a_stranger_take_over_nothing(asked_by: str) -> None:
    given(ADVICE, [OPENED, TRANSFERRED]).when(take_over(asked_by=asked_by)).refused("advice-not-open")


def test_it_is_taken_over_once_for_each_change_of_home() -> None:
    back = AdviceTransferred(stay_id=STAY, occurred_on=MOVED_OUT_ON, municipality=ODENSE)
    given(ADVICE, [OPENED, TRANSFERRED, taken_over()]).when(take_over()).refused("already-taken-over")
    returned = AdviceTakenOver(
        stay_id=STAY,
        occurred_on=MOVED_OUT_ON,
        from_municipality=GENTOFTE,
        municipality=ODENSE,
        adviser_id=MUNICIPALITYS,
        by="meeting",
    )
    given(ADVICE, [OPENED, TRANSFERRED, taken_over(), back]).when(take_over(MOVED_OUT_ON, asked_by=ODENSE)).then([returned])


def test_advice_that_is_over_is_taken_over_no_more() -> None:
    moved_on = AdviceTransferred(stay_id=STAY, occurred_on=MOVED_OUT_ON, municipality=GENTOFTE)
    history = [OPENED, STARTED, WINDOW, moved_on]
    given(ADVICE, history).when(take_over(LAST_DAY)).then([taken_over(LAST_DAY)])
    given(ADVICE, history).when(take_over(LAST_DAY + DAY)).refused("after-the-window")
    given(ADVICE, [*history, ended(LAST_DAY)]).when(take_over(LAST_DAY)).refused("advice-ended")


def test_whoever_takes_over_advises_her_from_then_on() -> None:
    history = [OPENED, named(SHELTERS), TRANSFERRED]
    assert ADVICE.fold(history).adviser_id == SHELTERS
    assert ADVICE.fold([*history, taken_over()]).adviser_id == MUNICIPALITYS

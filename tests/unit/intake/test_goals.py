"""Her goals, measured on three occasions (Rambøll 2015)."""

from dataclasses import replace

import pytest

from havn_chassis.testing import given
from havn_events.event import Event
from intake.domain.stay.commands import MeasureGoals
from intake.domain.stay.decider import STAY
from tests.unit.intake.stay import ADMITTED, MOVED_OUT, SCORES, may, measure, measured

BETTER = replace(SCORES, housing=0)


def test_goals_are_measured_on_each_occasion() -> None:
    past: list[Event] = [ADMITTED]
    for occasion, on in (("move-in", may(6)), ("midway", may(15)), ("move-out", may(26))):
        given(STAY, past).when(measure(occasion, on)).then([measured(occasion, on)])  # type: ignore[arg-type]
        past.append(measured(occasion, on))  # type: ignore[arg-type]


def test_measured_again_an_occasion_is_corrected_visibly() -> None:
    past = [ADMITTED, measured("move-in", may(6))]
    given(STAY, past).when(measure("move-in", may(6))).refused("goals-unchanged")
    given(STAY, past).when(measure("move-in", may(6), BETTER)).then([measured("move-in", may(6), BETTER, again=True)])
    given(STAY, past).when(measure("move-in", may(7))).then([measured("move-in", may(7), again=True)])


@pytest.mark.parametrize(
    ("past", "command"),
    [
        (measured("move-in", may(10)), measure("midway", may(9))),
        (measured("move-in", may(10)), measure("move-out", may(9))),
        (measured("midway", may(10)), measure("move-out", may(9))),
        (measured("midway", may(10)), measure("move-in", may(11))),
        (measured("move-out", may(10)), measure("midway", may(11))),
    ],
)
def test_no_occasion_lies_on_the_wrong_side_of_another(past: Event, command: MeasureGoals) -> None:
    given(STAY, [ADMITTED, past]).when(command).refused("goals-out-of-order")
    given(STAY, [ADMITTED, past]).when(replace(command, occurred_on=may(10))).then([measured(command.occasion, may(10))])


def test_after_a_correction_the_right_day_counts_for_the_order_of_goals() -> None:
    past = [ADMITTED, measured("move-in", may(10)), measured("move-in", may(7), again=True)]
    given(STAY, past).when(measure("midway", may(8))).then([measured("midway", may(8))])


def test_only_the_goals_at_the_move_out_are_measured_after_it() -> None:
    for occasion in ("move-in", "midway"):
        given(STAY, [ADMITTED, MOVED_OUT]).when(measure(occasion, may(27))).refused("after-move-out")
    given(STAY, [ADMITTED, MOVED_OUT]).when(measure("move-out", may(27))).then([measured("move-out", may(27))])

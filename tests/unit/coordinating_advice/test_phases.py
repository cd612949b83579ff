"""The phases of Critical Time Intervention."""

import pytest

from coordinating_advice.domain.advice.decider import ADVICE
from coordinating_advice.domain.advice.giving import PHASES
from havn_chassis.testing import given
from havn_events.codes import AdvicePhase
from havn_events.event import Event
from tests.unit.coordinating_advice.advice import (
    DAY,
    LAST_DAY,
    MOVED_OUT_ON,
    OPENED,
    STARTED,
    STARTED_ON,
    WINDOW,
    began,
    ended,
    phase,
)
from tests.unit.coordinating_advice.test_after_the_move_out import THE_DAY_AFTER

CTI = STARTED.model_copy(update={"variant": "cti"})


def test_the_phases_begin_in_their_order() -> None:
    history: list[Event] = [OPENED, CTI]
    for name in PHASES:
        given(ADVICE, history).when(phase(name)).then([began(name)])
        history.append(began(name))
    given(ADVICE, history).when(phase("transfer")).refused("phases-in-order")


@pytest.mark.parametrize(
    ("so_far", "name"), [((), "transition"), (("pre",), "pre"), (("pre",), "try-out"), (("pre", "transition"), "pre")]
)
def test_no_phase_is_left_out_or_begins_again(so_far: tuple[AdvicePhase, ...], name: AdvicePhase) -> None:
    given(ADVICE, [OPENED, CTI, *map(began, so_far)]).when(phase(name)).refused("phases-in-order")


def test_a_phase_does_not_begin_before_the_one_before_it() -> None:
    history = [OPENED, CTI, began("pre")]
    given(ADVICE, history).when(phase("transition", MOVED_OUT_ON - DAY)).refused("phase-before-the-last-one")
    given(ADVICE, history).when(phase("transition", THE_DAY_AFTER)).then([began("transition", THE_DAY_AFTER)])


def test_only_critical_time_intervention_has_phases() -> None:
    given(ADVICE, [OPENED, STARTED]).when(phase("pre")).refused("not-cti")


def test_a_phase_begins_while_the_advice_lasts() -> None:
    given(ADVICE, [OPENED, CTI]).when(phase("pre", STARTED_ON - DAY)).refused("before-start")
    given(ADVICE, [OPENED, CTI, WINDOW]).when(phase("pre", LAST_DAY + DAY)).refused("after-the-window")
    given(ADVICE, [OPENED, CTI, ended(MOVED_OUT_ON)]).when(phase("pre")).refused("advice-ended")

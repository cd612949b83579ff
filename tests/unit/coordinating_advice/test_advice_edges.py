"""Coordinating advice: who owed it on which day, and events that say nothing about it."""

from datetime import date, timedelta

import pytest

from coordinating_advice.domain.advice.decider import ADVICE
from coordinating_advice.domain.advice.state import Advice
from havn_chassis.testing import given
from havn_events.orchestrator import DayPassed
from tests.unit.coordinating_advice.advice import GENTOFTE, LAST_DAY, ODENSE, OPENED, OPENED_ON, STARTED_ON, extend, extended

DAY = timedelta(days=1)
MOVED_HOME = Advice(municipality=GENTOFTE, owed=((OPENED_ON, ODENSE), (STARTED_ON, GENTOFTE)))


@pytest.mark.parametrize(
    ("day", "municipality"),
    [
        (OPENED_ON - DAY, ODENSE),
        (OPENED_ON, ODENSE),
        (STARTED_ON - DAY, ODENSE),
        (STARTED_ON, GENTOFTE),
        (STARTED_ON + DAY, GENTOFTE),
    ],
)
def test_the_municipality_of_a_day_is_the_last_that_owed_it_by_then_and_before_that_the_first(day: date, municipality: str) -> None:
    assert MOVED_HOME.municipality_on(day) == municipality


def test_before_anybody_owes_it_no_municipality_does() -> None:
    assert Advice().municipality_on(OPENED_ON) is None


def test_an_extension_opens_no_window() -> None:
    given(ADVICE, [OPENED, extended(LAST_DAY)]).when(extend(LAST_DAY + DAY)).refused("extension-without-window")


def test_an_event_of_another_kind_changes_nothing() -> None:
    history = [OPENED, DayPassed(occurred_on=STARTED_ON)]
    assert ADVICE.fold(history) == ADVICE.fold([OPENED])

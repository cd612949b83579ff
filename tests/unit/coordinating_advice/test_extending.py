"""The window is extended, to at most 12 months after the move-out."""

from datetime import date

import pytest

from coordinating_advice.domain.advice.decider import ADVICE
from coordinating_advice.domain.advice.extending import latest_extension, months_after
from havn_chassis.testing import given
from havn_events.coordinating_advice import AdviceWindowOpened
from tests.unit.coordinating_advice.advice import DAY, LAST_DAY, LATEST, OPENED, STARTED, STAY, WINDOW, extend, extended


def test_there_is_nothing_to_extend_before_she_moved_out() -> None:
    given(ADVICE, [OPENED, STARTED]).when(extend(LAST_DAY)).refused("extension-without-window")


@pytest.mark.parametrize("until", [LAST_DAY - DAY, LAST_DAY])
def test_an_extension_to_no_later_day_is_refused(until: date) -> None:
    given(ADVICE, [OPENED, WINDOW]).when(extend(until)).refused("extension-not-later")


@pytest.mark.parametrize("until", [LAST_DAY + DAY, LATEST - DAY, LATEST])
def test_an_extension_to_at_most_12_months_after_move_out(until: date) -> None:
    given(ADVICE, [OPENED, WINDOW]).when(extend(until)).then([extended(until)])


def test_an_extension_beyond_12_months_is_refused() -> None:
    given(ADVICE, [OPENED, WINDOW]).when(extend(LATEST + DAY)).refused("extension-beyond-12-months")


def test_a_second_extension_starts_from_the_first() -> None:
    history = [OPENED, WINDOW, extended(LATEST - DAY)]
    given(ADVICE, history).when(extend(LATEST - DAY)).refused("extension-not-later")
    given(ADVICE, history).when(extend(LATEST)).then([extended(LATEST)])


@pytest.mark.parametrize(
    ("moved_out_on", "latest"),
    [
        (date(2024, 2, 28), date(2025, 2, 28)),
        (date(2024, 2, 29), date(2025, 2, 28)),
        (date(2024, 3, 1), date(2025, 3, 1)),
        (date(2023, 2, 28), date(2024, 2, 28)),
        (date(2023, 3, 1), date(2024, 3, 1)),
    ],
)
def test_12_months_around_the_leap_day(moved_out_on: date, latest: date) -> None:
    window = AdviceWindowOpened(
        stay_id=STAY, occurred_on=moved_out_on, moved_out_on=moved_out_on, until=months_after(moved_out_on, 6)
    )
    assert latest_extension(moved_out_on) == latest
    given(ADVICE, [OPENED, window]).when(extend(latest)).then([extended(latest)])
    given(ADVICE, [OPENED, window]).when(extend(latest + DAY)).refused("extension-beyond-12-months")


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 8, 31), 6, date(2025, 2, 28)),
        (date(2024, 6, 30), 6, date(2024, 12, 30)),
        (date(2024, 12, 31), 6, date(2025, 6, 30)),
        (date(2024, 11, 15), 1, date(2024, 12, 15)),
        (date(2024, 12, 15), 1, date(2025, 1, 15)),
    ],
)
def test_months_end_on_the_same_day_or_the_months_last(day: date, months: int, expected: date) -> None:
    assert months_after(day, months) == expected

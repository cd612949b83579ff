"""Every Copenhagen day passes once."""

from datetime import date

from havn_chassis.testing import given
from havn_events.orchestrator import DayPassed
from orchestrator.domain.calendar_days import CALENDAR_DAYS, PassDays

YESTERDAY = DayPassed(occurred_on=date(2026, 3, 1))


def test_the_first_time_only_yesterday_passes() -> None:
    given(CALENDAR_DAYS).when(PassDays(date(2026, 3, 2))).then([YESTERDAY])


def test_a_day_passes_once() -> None:
    given(CALENDAR_DAYS, [YESTERDAY]).when(PassDays(date(2026, 3, 2))).then_nothing()


def test_the_next_day_passes_when_it_is_over() -> None:
    given(CALENDAR_DAYS, [YESTERDAY]).when(PassDays(date(2026, 3, 3))).then([DayPassed(occurred_on=date(2026, 3, 2))])


def test_days_slept_through_pass_each_in_its_turn_over_the_leap_day() -> None:
    slept = [DayPassed(occurred_on=date(2028, 2, 27))]
    given(CALENDAR_DAYS, slept).when(PassDays(date(2028, 3, 2))).then(
        [
            DayPassed(occurred_on=date(2028, 2, 28)),
            DayPassed(occurred_on=date(2028, 2, 29)),
            DayPassed(occurred_on=date(2028, 3, 1)),
        ]
    )


def test_a_clock_set_back_passes_nothing() -> None:
    given(CALENDAR_DAYS, [YESTERDAY]).when(PassDays(date(2026, 2, 1))).then_nothing()

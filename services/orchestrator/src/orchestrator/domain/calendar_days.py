"""The calendar: one DayPassed for every Copenhagen day that is over, none left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from havn_chassis.decider import Decider
from havn_events.event import Event
from havn_events.orchestrator import DayPassed


@dataclass(frozen=True, slots=True)
class PassDays:
    """Pass every day before ``today`` (a day in Copenhagen) that has not passed yet."""

    today: date


@dataclass(frozen=True, slots=True)
class Days:
    """``last``: the last day that passed, ``None`` before the first."""

    last: date | None = None


def decide(command: PassDays, state: Days) -> Sequence[Event]:
    """The first time only yesterday; after that every day slept through. A clock set back passes nothing."""
    yesterday = command.today - timedelta(days=1)
    if state.last is None:
        return [DayPassed(occurred_on=yesterday)]
    first = state.last + timedelta(days=1)
    return [DayPassed(occurred_on=first + timedelta(days=n)) for n in range((command.today - first).days)]


def evolve(state: Days, event: Event) -> Days:
    """The calendar after one more day."""
    return Days(event.occurred_on)


CALENDAR_DAYS: Decider[PassDays, Days] = Decider(name="calendar", initial=Days(), decide=decide, evolve=evolve)

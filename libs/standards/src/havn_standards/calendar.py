"""Danish days: the Copenhagen day of an instant, working days, and when a term runs out.

The day of the event is day 0. A day is known from 2006 to 2050; outside those years nothing is guessed.
Nothing here reads a clock: every day and instant comes in as an argument.
"""

import calendar as gregorian
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Literal, NamedTuple, Self, TypeAlias
from zoneinfo import ZoneInfo

import holidays
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, ValidationInfo, field_validator, model_validator

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
FIRST_YEAR = 2006
LAST_YEAR = 2050

ClosingDays: TypeAlias = frozenset[tuple[int, int]]
"""Days of every year, as (month, day), on which a standard counts no working day."""

NO_CLOSING_DAYS: ClosingDays = frozenset()

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)
_FIRST_DAY = date(FIRST_YEAR, 1, 1)
_LAST_DAY = date(LAST_YEAR, 12, 31).toordinal()
_WEEKEND_NAMES = {5: ("lørdag", "Saturday"), 6: ("søndag", "Sunday")}


def _up_to(most: int) -> AfterValidator:
    def fits_the_calendar(number: int) -> int:
        if number > most:
            raise ValueError(f"is {most} or less: the calendar ends with {LAST_YEAR}, whatever day it is counted from")
        return number

    return AfterValidator(fits_the_calendar)


_Positive = Annotated[int, Strict(), Field(ge=1)]
_UNITS = ("working_days", "days", "weeks", "months", "same_day")


class CalendarUnknown(ValueError):
    """A day outside the years whose Danish public holidays are known (2006 to 2050)."""

    def __init__(self) -> None:
        super().__init__(f"the Danish calendar is known from {FIRST_YEAR} to {LAST_YEAR}; this day lies outside it")


class SkipReason(StrEnum):
    """Why a day is no working day. Where several hold, the first in this order is given."""

    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    CLOSING_DAY = "closing-day"


class Frozen(BaseModel):
    """Data that never changes after it was made and has no field it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Skipped(Frozen):
    """A day that was not counted, and what it is called in Danish and in English."""

    reason: SkipReason
    name_da: str
    name_en: str


class CountedDay(Frozen):
    """One day after day 0: either the `nth` counted one, from 1, or skipped for a reason."""

    day: date
    nth: int | None
    skipped: Skipped | None

    @property
    def counted(self) -> bool:
        return self.skipped is None


class Count(Frozen):
    """How a due date was reached: every day after day 0 up to and including `due`, in order."""

    due: date
    days: tuple[CountedDay, ...]


class Term(Frozen):
    """A length of time, in exactly one unit.

    `working_days`: Monday to Friday, no public holiday, no closing day. `days`: calendar days. `weeks`: seven calendar
    days each. `months`: the same day of a later month, or that month's last day. `same_day`: day 0 itself. Each is at most
    what fits between the first and the last known day.
    """

    working_days: Annotated[_Positive, _up_to(11_401)] | None = None
    days: Annotated[_Positive, _up_to(16_435)] | None = None
    weeks: Annotated[_Positive, _up_to(2_347)] | None = None
    months: Annotated[_Positive, _up_to(539)] | None = None
    same_day: Literal[True] | None = None

    @field_validator(*_UNITS, mode="before")
    @classmethod
    def _is_the_only_unit(cls, number: object, info: ValidationInfo) -> object:
        before = _UNITS[: _UNITS.index(info.field_name or "")]
        others = [unit for unit in before if unit not in info.data or info.data[unit] is not None]
        if number is not None and others:
            raise ValueError(f"is a second unit beside {others[0]}; a term has exactly one unit")
        return number

    @model_validator(mode="after")
    def _has_a_unit(self) -> Self:
        if all(getattr(self, unit) is None for unit in _UNITS):
            raise ValueError("needs exactly one unit: working_days, days, weeks, months or same_day = true")
        return self


class _Year(NamedTuple):
    number: int
    first: int
    last: int
    working: bytes
    skipped: MappingProxyType[int, Skipped]


def copenhagen_day(instant: datetime) -> date:
    """The business date of an aware instant: the day on the calendar in Copenhagen at that moment.

    Raises ValueError for an instant without a time zone, and CalendarUnknown outside the known years.
    """
    if instant.utcoffset() is None:
        raise ValueError("an instant needs a time zone before it has a day in Copenhagen")
    try:
        day = instant.astimezone(COPENHAGEN).date()
    except OverflowError:
        raise CalendarUnknown from None
    _check_known(day)
    return day


def is_working_day(day: date, closing_days: ClosingDays = NO_CLOSING_DAYS) -> bool:
    """Whether the day is Monday to Friday, no Danish public holiday and none of the closing days (month, day).

    5 June and 24 and 31 December are working days unless they are given as closing days.
    """
    _check_known(day)
    year = _year(day.year, closing_days)
    return bool(year.working[day.toordinal() - year.first])


def due(term: Term, day0: date, closing_days: ClosingDays = NO_CLOSING_DAYS) -> date:
    """The last day on which the term is still kept, counted from day 0.

    Raises CalendarUnknown when day 0 or the due day lies outside the known years.
    """
    _check_known(day0)
    if term.working_days is not None:
        return _after_working_days(term.working_days, day0, closing_days)
    if term.months is not None:
        return _after_months(term.months, day0)
    return _after_days((term.days or 0) + 7 * (term.weeks or 0), day0)


def working_days_left(day: date, last: date, closing_days: ClosingDays = NO_CLOSING_DAYS) -> int:
    """How many working days lie after the day, up to and with the last one; 0 when the last one is not after it."""
    days = (date.fromordinal(ordinal) for ordinal in range(day.toordinal() + 1, last.toordinal() + 1))
    return sum(is_working_day(each, closing_days) for each in days)


@lru_cache(maxsize=4096)
def days_ahead(last: date, working_days: int, closing_days: ClosingDays = NO_CLOSING_DAYS) -> date:
    """The first day from which no more than so many working days are left up to and with the last one.

    Raises CalendarUnknown when the last day lies outside the known years; never earlier than the first of them.
    """
    _check_known(last)
    left, day = working_days, last
    while day > _FIRST_DAY:
        left -= is_working_day(day, closing_days)
        if left < 0:
            break
        day -= _ONE_DAY
    return day


def count(term: Term, day0: date, closing_days: ClosingDays = NO_CLOSING_DAYS) -> Count:
    """The due date with the days that led to it. Only a term in working days skips any."""
    last = due(term, day0, closing_days)
    days: list[CountedDay] = []
    nth = 0
    for ordinal in range(day0.toordinal() + 1, last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        skipped = _year(day.year, closing_days).skipped.get(ordinal) if term.working_days is not None else None
        nth += skipped is None
        days.append(CountedDay(day=day, nth=nth if skipped is None else None, skipped=skipped))
    return Count(due=last, days=tuple(days))


def _check_known(day: date) -> None:
    if isinstance(day, datetime):
        raise TypeError("a day is needed, not an instant; copenhagen_day gives the day of an instant")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise CalendarUnknown


def _after_working_days(working_days: int, day0: date, closing_days: ClosingDays) -> date:
    left = working_days
    ordinal = day0.toordinal()
    year = _year(day0.year, closing_days)
    while left:
        ordinal += 1
        if ordinal > year.last:
            year = _year(year.number + 1, closing_days)
        left -= year.working[ordinal - year.first]
    return date.fromordinal(ordinal)


def _after_days(days: int, day0: date) -> date:
    ordinal = day0.toordinal() + days
    if ordinal > _LAST_DAY:
        raise CalendarUnknown
    return date.fromordinal(ordinal)


def _after_months(months: int, day0: date) -> date:
    year, month0 = divmod(day0.year * 12 + day0.month - 1 + months, 12)
    if year > LAST_YEAR:
        raise CalendarUnknown
    return date(year, month0 + 1, min(day0.day, gregorian.monthrange(year, month0 + 1)[1]))


@lru_cache(maxsize=256)
def _year(number: int, closing_days: ClosingDays) -> _Year:
    if number > LAST_YEAR:
        raise CalendarUnknown
    first, last = date(number, 1, 1).toordinal(), date(number, 12, 31).toordinal()
    closed = {(month, day) for month, day in closing_days if (month, day) != (2, 29) or gregorian.isleap(number)}
    closed_ordinals = {date(number, month, day).toordinal() for month, day in closed}
    named = _public_holidays(number)
    skipped: dict[int, Skipped] = {}
    for ordinal in range(first, last + 1):
        weekday = date.fromordinal(ordinal).weekday()
        if weekday >= _SATURDAY:
            name_da, name_en = _WEEKEND_NAMES[weekday]
            skipped[ordinal] = Skipped(reason=SkipReason.WEEKEND, name_da=name_da, name_en=name_en)
        elif ordinal in named:
            name_da, name_en = named[ordinal]
            skipped[ordinal] = Skipped(reason=SkipReason.HOLIDAY, name_da=name_da, name_en=name_en)
        elif ordinal in closed_ordinals:
            skipped[ordinal] = Skipped(reason=SkipReason.CLOSING_DAY, name_da="lukkedag", name_en="closing day")
    working = bytes(ordinal not in skipped for ordinal in range(first, last + 1))
    return _Year(number, first, last, working, MappingProxyType(skipped))


@lru_cache(maxsize=64)
def _public_holidays(year: int) -> MappingProxyType[int, tuple[str, str]]:
    danish, english = (
        holidays.country_holidays("DK", years=year, categories=(holidays.PUBLIC,), language=language)
        for language in ("da", "en_US")
    )
    return MappingProxyType({day.toordinal(): (danish[day], english[day]) for day in sorted(danish)})

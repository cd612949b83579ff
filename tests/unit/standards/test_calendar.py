"""Danish days, worked by hand on a paper calendar."""

import timeit
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from havn_standards.calendar import (
    FIRST_YEAR,
    LAST_YEAR,
    CalendarUnknown,
    ClosingDays,
    SkipReason,
    Term,
    copenhagen_day,
    count,
    days_ahead,
    due,
    is_working_day,
    working_days_left,
)

CLOSED: ClosingDays = frozenset({(6, 5), (12, 24), (12, 31)})


@pytest.mark.parametrize(
    ("day", "working", "why"),
    [
        ("2024-03-27", True, "Wednesday before Easter"),
        ("2024-03-28", False, "Maundy Thursday"),
        ("2024-03-29", False, "Good Friday"),
        ("2024-03-30", False, "Saturday"),
        ("2024-03-31", False, "Easter Sunday"),
        ("2024-04-01", False, "Easter Monday"),
        ("2024-04-02", True, "Tuesday after Easter"),
        ("2023-05-04", True, "Thursday before Store Bededag"),
        ("2023-05-05", False, "the last Store Bededag"),
        ("2024-04-26", True, "would have been Store Bededag"),
        ("2025-05-16", True, "would have been Store Bededag"),
        ("2024-05-09", False, "Ascension Day"),
        ("2024-05-10", True, "Friday after Ascension Day: a bank holiday, not a public one"),
        ("2024-05-20", False, "Whit Monday"),
        ("2024-06-05", True, "Constitution Day"),
        ("2024-12-24", True, "Christmas Eve"),
        ("2024-12-25", False, "Christmas Day"),
        ("2024-12-26", False, "Second Day of Christmas"),
        ("2024-12-27", True, "Friday after Christmas"),
        ("2024-12-31", True, "New Year's Eve"),
        ("2025-01-01", False, "New Year's Day"),
        ("2024-02-29", True, "leap day, a Thursday"),
        ("2024-05-01", True, "1 May, a Wednesday"),
        ("2024-09-06", True, "Friday"),
        ("2024-09-07", False, "Saturday"),
        ("2024-09-08", False, "Sunday"),
        ("2024-09-09", True, "Monday"),
        ("2006-01-02", True, "the first Monday known"),
        ("2050-12-30", True, "the last Friday known"),
    ],
)
def test_a_working_day_is_monday_to_friday_and_no_public_holiday(day: str, working: bool, why: str) -> None:
    assert is_working_day(date.fromisoformat(day)) is working, why


@pytest.mark.parametrize("day", ["2024-06-05", "2024-12-24", "2024-12-31"])
def test_a_day_is_closed_only_where_a_standard_closes_it(day: str) -> None:
    assert is_working_day(date.fromisoformat(day))
    assert not is_working_day(date.fromisoformat(day), CLOSED)


def test_a_leap_day_can_be_a_closing_day() -> None:
    leap_day: ClosingDays = frozenset({(2, 29)})

    assert not is_working_day(date(2024, 2, 29), leap_day)
    assert is_working_day(date(2023, 2, 28), leap_day)
    assert is_working_day(date(2023, 3, 1), leap_day)


@pytest.mark.parametrize(
    ("term", "day0", "expected"),
    [
        # Working days: over a weekend, over Easter, over Christmas and New Year.
        (Term(working_days=1), "2024-09-05", "2024-09-06"),
        (Term(working_days=1), "2024-09-06", "2024-09-09"),
        (Term(working_days=3), "2024-09-02", "2024-09-05"),
        (Term(working_days=3), "2024-09-04", "2024-09-09"),
        (Term(working_days=3), "2024-09-07", "2024-09-11"),
        (Term(working_days=3), "2024-09-08", "2024-09-11"),
        (Term(working_days=3), "2024-03-26", "2024-04-03"),
        (Term(working_days=3), "2024-03-27", "2024-04-04"),
        (Term(working_days=3), "2024-03-31", "2024-04-04"),
        (Term(working_days=5), "2024-03-22", "2024-04-03"),
        (Term(working_days=3), "2024-12-23", "2024-12-30"),
        (Term(working_days=3), "2024-12-30", "2025-01-03"),
        (Term(working_days=3), "2023-12-22", "2023-12-29"),
        # Store Bededag: Friday 5 May 2023 is skipped, Friday 26 April 2024 is not.
        (Term(working_days=3), "2023-05-03", "2023-05-09"),
        (Term(working_days=3), "2024-04-24", "2024-04-29"),
        # 29 February is a Thursday.
        (Term(working_days=3), "2024-02-27", "2024-03-01"),
        (Term(working_days=3), "2023-02-27", "2023-03-02"),
        # Calendar days and weeks skip nothing.
        (Term(days=3), "2024-03-28", "2024-03-31"),
        (Term(days=3), "2024-02-27", "2024-03-01"),
        (Term(days=3), "2023-02-27", "2023-03-02"),
        (Term(days=14), "2024-12-23", "2025-01-06"),
        (Term(weeks=4), "2024-03-04", "2024-04-01"),
        (Term(weeks=4), "2024-02-01", "2024-02-29"),
        # Months: the same day, or the month's last.
        (Term(months=1), "2024-01-31", "2024-02-29"),
        (Term(months=1), "2023-01-31", "2023-02-28"),
        (Term(months=1), "2024-02-29", "2024-03-29"),
        (Term(months=1), "2024-12-31", "2025-01-31"),
        (Term(months=3), "2024-11-30", "2025-02-28"),
        (Term(months=3), "2024-11-28", "2025-02-28"),
        (Term(months=6), "2024-08-31", "2025-02-28"),
        (Term(months=6), "2024-03-31", "2024-09-30"),
        (Term(months=6), "2024-06-15", "2024-12-15"),
        (Term(months=12), "2024-02-29", "2025-02-28"),
        (Term(months=12), "2024-12-01", "2025-12-01"),
        (Term(same_day=True), "2024-03-31", "2024-03-31"),
        # The edges of what is known.
        (Term(days=1), "2050-12-30", "2050-12-31"),
        (Term(months=1), "2050-11-30", "2050-12-30"),
        (Term(working_days=1), "2050-12-29", "2050-12-30"),
        (Term(same_day=True), "2006-01-01", "2006-01-01"),
    ],
)
def test_due(term: Term, day0: str, expected: str) -> None:
    assert due(term, date.fromisoformat(day0)) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("day0", "without_closing", "with_closing"),
    [
        ("2024-12-20", "2024-12-27", "2024-12-30"),
        ("2024-12-27", "2025-01-02", "2025-01-03"),
        ("2024-06-03", "2024-06-06", "2024-06-07"),
        ("2024-06-05", "2024-06-10", "2024-06-10"),
    ],
)
def test_closing_days_lengthen_working_days(day0: str, without_closing: str, with_closing: str) -> None:
    three = Term(working_days=3)

    assert due(three, date.fromisoformat(day0)) == date.fromisoformat(without_closing)
    assert due(three, date.fromisoformat(day0), CLOSED) == date.fromisoformat(with_closing)


@pytest.mark.parametrize("term", [Term(days=3), Term(weeks=1), Term(months=1), Term(same_day=True)])
def test_closing_days_lengthen_nothing_else(term: Term) -> None:
    assert due(term, date(2024, 12, 23), CLOSED) == due(term, date(2024, 12, 23))


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        # Winter, one hour ahead of UTC; summer, two.
        ("2024-01-15T22:59:59.999999+00:00", "2024-01-15"),
        ("2024-01-15T23:00:00+00:00", "2024-01-16"),
        ("2024-07-15T21:59:59.999999+00:00", "2024-07-15"),
        ("2024-07-15T22:00:00+00:00", "2024-07-16"),
        # 31 March 2024, 23 hours: it begins in winter time and ends in summer time.
        ("2024-03-30T22:59:59+00:00", "2024-03-30"),
        ("2024-03-30T23:00:00+00:00", "2024-03-31"),
        ("2024-03-31T21:59:59+00:00", "2024-03-31"),
        ("2024-03-31T22:00:00+00:00", "2024-04-01"),
        # 27 October 2024, 25 hours: it begins in summer time and ends in winter time.
        ("2024-10-26T21:59:59+00:00", "2024-10-26"),
        ("2024-10-26T22:00:00+00:00", "2024-10-27"),
        ("2024-10-27T22:59:59+00:00", "2024-10-27"),
        ("2024-10-27T23:00:00+00:00", "2024-10-28"),
        # Another zone's date does not matter, and the year turns in Copenhagen.
        ("2024-06-01T00:30:00+09:00", "2024-05-31"),
        ("2024-12-31T22:59:59+00:00", "2024-12-31"),
        ("2024-12-31T23:00:00+00:00", "2025-01-01"),
        ("2005-12-31T23:00:00+00:00", "2006-01-01"),
        ("2050-12-31T22:59:59+00:00", "2050-12-31"),
    ],
)
def test_the_day_of_an_instant_is_the_day_in_copenhagen(instant: str, day: str) -> None:
    assert copenhagen_day(datetime.fromisoformat(instant)) == date.fromisoformat(day)


def test_an_instant_without_a_zone_has_no_day() -> None:
    with pytest.raises(ValueError, match="time zone"):
        copenhagen_day(datetime(2024, 1, 1, 12))  # noqa: DTZ001


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2005, 12, 31, 22, 59, 59, tzinfo=UTC),
        datetime(2050, 12, 31, 23, tzinfo=UTC),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))),
    ],
)
def test_instants_outside_the_known_years_are_refused(instant: datetime) -> None:
    with pytest.raises(CalendarUnknown):
        copenhagen_day(instant)


@pytest.mark.parametrize("term", [Term(working_days=1), Term(days=1), Term(weeks=1), Term(months=1)])
@pytest.mark.parametrize("day0", [date(2050, 12, 31), date(2005, 12, 31), date(2051, 1, 1), date.min, date.max])
def test_nothing_is_due_outside_the_known_years(term: Term, day0: date) -> None:
    with pytest.raises(CalendarUnknown, match="2006 to 2050"):
        due(term, day0)
    with pytest.raises(CalendarUnknown, match="2006 to 2050"):
        count(term, day0)


LONGEST = [
    ("working_days", 11401, "2050-12-30"),
    ("days", 16435, "2050-12-31"),
    ("weeks", 2347, "2050-12-25"),
    ("months", 539, "2050-12-01"),
]


@pytest.mark.parametrize(("unit", "most", "last"), LONGEST)
def test_the_longest_term_fits_the_known_years_from_their_first_day_and_no_longer_one_is_a_term(
    unit: str, most: int, last: str
) -> None:
    assert due(Term.model_validate({unit: most}), date(2006, 1, 1)) == date.fromisoformat(last)
    with pytest.raises(CalendarUnknown):
        due(Term.model_validate({unit: most}), date(2024, 1, 1))
    for more in (most + 1, 10**20):
        with pytest.raises(ValidationError, match=f"is {most} or less: the calendar ends with 2050"):
            Term.model_validate({unit: more})


@pytest.mark.parametrize("day", [date(2005, 12, 31), date(2051, 1, 1)])
def test_working_days_outside_the_known_years_are_refused(day: date) -> None:
    with pytest.raises(CalendarUnknown):
        is_working_day(day)


def test_an_instant_is_not_taken_for_a_day() -> None:
    noon = datetime(2024, 1, 1, 12, tzinfo=UTC)

    with pytest.raises(TypeError, match="copenhagen_day"):
        is_working_day(noon)
    with pytest.raises(TypeError, match="copenhagen_day"):
        due(Term(days=1), noon)


@pytest.mark.parametrize(
    "units",
    [
        {},
        {"days": 3, "weeks": 1},
        {"same_day": True, "days": 1},
        {"days": 0},
        {"working_days": -1},
        {"days": True},
        {"months": 1.5},
        {"same_day": False},
        {"years": 1},
    ],
)
def test_a_term_has_exactly_one_positive_unit(units: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Term.model_validate(units)


@pytest.mark.parametrize("unit", ["working_days", "days", "weeks", "months"])
def test_a_term_survives_being_written_down_and_read_again(unit: str) -> None:
    term = Term.model_validate({unit: 3})

    assert Term.model_validate_json(term.model_dump_json()) == term


def test_a_count_names_every_day_it_skipped() -> None:
    counted = count(Term(working_days=3), date(2024, 3, 27))

    assert counted.due == date(2024, 4, 4)
    assert [
        (day.day.isoformat(), day.nth, day.skipped and (day.skipped.reason, day.skipped.name_da, day.skipped.name_en))
        for day in counted.days
    ] == [
        ("2024-03-28", None, (SkipReason.HOLIDAY, "Skærtorsdag", "Maundy Thursday")),
        ("2024-03-29", None, (SkipReason.HOLIDAY, "Langfredag", "Good Friday")),
        ("2024-03-30", None, (SkipReason.WEEKEND, "lørdag", "Saturday")),
        ("2024-03-31", None, (SkipReason.WEEKEND, "søndag", "Sunday")),
        ("2024-04-01", None, (SkipReason.HOLIDAY, "Anden påskedag", "Easter Monday")),
        ("2024-04-02", 1, None),
        ("2024-04-03", 2, None),
        ("2024-04-04", 3, None),
    ]


def test_a_count_over_the_new_year_tells_closing_days_from_holidays() -> None:
    counted = count(Term(working_days=2), date(2024, 12, 30), CLOSED)

    assert [(day.day.isoformat(), day.skipped and day.skipped.reason.value, day.nth) for day in counted.days] == [
        ("2024-12-31", "closing-day", None),
        ("2025-01-01", "holiday", None),
        ("2025-01-02", None, 1),
        ("2025-01-03", None, 2),
    ]


def test_a_count_of_calendar_days_skips_none() -> None:
    counted = count(Term(days=3), date(2024, 3, 28), CLOSED)

    assert [(day.day.isoformat(), day.nth) for day in counted.days] == [
        ("2024-03-29", 1),
        ("2024-03-30", 2),
        ("2024-03-31", 3),
    ]


def test_a_count_of_the_same_day_has_no_days() -> None:
    counted = count(Term(same_day=True), date(2024, 3, 28))

    assert (counted.due, counted.days) == (date(2024, 3, 28), ())


days0 = st.dates(date(2006, 1, 1), date(2046, 12, 31))
numbers = st.integers(1, 40)
terms = numbers.flatmap(
    lambda n: st.sampled_from([Term(working_days=n), Term(days=n), Term(weeks=n), Term(months=n), Term(same_day=True)])
)
closing = st.sampled_from([frozenset(), CLOSED, frozenset({(2, 29), (5, 1)})])


@given(terms, st.dates(date(2006, 1, 1), date(2050, 12, 31)), closing)
def test_due_is_never_before_day_0_and_only_unknown_beyond_2050(term: Term, day0: date, closing_days: ClosingDays) -> None:
    try:
        assert due(term, day0, closing_days) >= day0
    except CalendarUnknown:
        assert day0 > date(2046, 12, 31)


@given(numbers, days0, closing)
def test_n_working_days_end_on_the_nth_working_day(n: int, day0: date, closing_days: ClosingDays) -> None:
    last = due(Term(working_days=n), day0, closing_days)

    after = [day0 + timedelta(days=offset) for offset in range(1, (last - day0).days + 1)]
    assert is_working_day(last, closing_days)
    assert sum(is_working_day(day, closing_days) for day in after) == n


@given(st.sampled_from(["working_days", "days", "weeks", "months"]), numbers, days0)
def test_a_longer_term_ends_later(unit: str, n: int, day0: date) -> None:
    shorter, longer = (Term.model_validate({unit: length}) for length in (n, n + 1))

    assert day0 < due(shorter, day0) < due(longer, day0)


@given(numbers, days0)
def test_a_later_day_0_never_ends_earlier(n: int, day0: date) -> None:
    for term in (Term(working_days=n), Term(days=n), Term(weeks=n), Term(months=n)):
        assert due(term, day0) <= due(term, day0 + timedelta(days=1))


@given(terms, days0, closing)
def test_the_count_agrees_with_due(term: Term, day0: date, closing_days: ClosingDays) -> None:
    counted = count(term, day0, closing_days)

    assert counted.due == due(term, day0, closing_days)
    assert [day.day for day in counted.days] == [
        day0 + timedelta(days=offset) for offset in range(1, (counted.due - day0).days + 1)
    ]
    assert [day.nth for day in counted.days if day.counted] == list(range(1, sum(d.counted for d in counted.days) + 1))
    if term.working_days is not None:
        assert [day.counted for day in counted.days] == [is_working_day(day.day, closing_days) for day in counted.days]
        assert counted.days[-1].nth == term.working_days


@given(st.dates(date(2006, 1, 1), date(2050, 12, 31)), numbers)
def test_months_keep_the_day_or_take_the_last(day0: date, n: int) -> None:
    try:
        last = due(Term(months=n), day0)
    except CalendarUnknown:
        return
    assert (last.year * 12 + last.month) - (day0.year * 12 + day0.month) == n
    assert last.day == day0.day or (last.day < day0.day and (last + timedelta(days=1)).day == 1)


def test_store_bededag_was_a_holiday_until_2023() -> None:
    easters = {2006: date(2006, 4, 16), 2022: date(2022, 4, 17), 2023: date(2023, 4, 9), 2024: date(2024, 3, 31)}

    assert {year: is_working_day(easter + timedelta(days=26)) for year, easter in easters.items()} == {
        2006: False,
        2022: False,
        2023: False,
        2024: True,
    }


@pytest.mark.timed
def test_three_working_days_are_found_in_well_under_ten_microseconds() -> None:
    three, day0 = Term(working_days=3), date(2024, 3, 26)
    due(three, day0)

    fastest = min(timeit.repeat(lambda: due(three, day0), number=2000, repeat=5)) / 2000

    assert fastest < 10e-6


# 2026-04-02 is Maundy Thursday; Easter is on 5 April, and 7 April the first working day after it.
@pytest.mark.parametrize(
    ("last", "working_days", "first"),
    [
        ("2026-03-05", 2, "2026-03-03"),
        ("2026-03-05", 1, "2026-03-04"),
        ("2026-03-05", 0, "2026-03-05"),
        ("2026-03-09", 2, "2026-03-05"),
        ("2026-03-09", 1, "2026-03-06"),
        ("2026-03-08", 0, "2026-03-06"),
        ("2026-04-07", 1, "2026-04-01"),
        ("2026-04-07", 2, "2026-03-31"),
        ("2006-01-02", 2, "2006-01-01"),
    ],
)
def test_days_ahead_of_a_last_day_no_more_than_so_many_working_days_are_left(last: str, working_days: int, first: str) -> None:
    last_day, first_day = date.fromisoformat(last), date.fromisoformat(first)
    assert days_ahead(last_day, working_days) == first_day
    assert working_days_left(first_day, last_day) <= working_days
    if first_day > date(2006, 1, 1):
        assert working_days_left(first_day - timedelta(days=1), last_day) > working_days


def test_a_closing_day_is_no_working_day_ahead() -> None:
    assert days_ahead(date(2026, 6, 8), 1) == date(2026, 6, 5)
    assert days_ahead(date(2026, 6, 8), 1, CLOSED) == date(2026, 6, 4)
    assert working_days_left(date(2026, 6, 4), date(2026, 6, 8), CLOSED) == 1


@pytest.mark.parametrize(("day", "left"), [("2026-03-04", 1), ("2026-03-05", 0), ("2026-03-06", 0)])
def test_no_working_day_is_left_on_the_last_day_or_after_it(day: str, left: int) -> None:
    assert working_days_left(date.fromisoformat(day), date(2026, 3, 5)) == left


def easter(year: int) -> date:
    """Easter Sunday by the rule of the Gregorian calendar (Meeus, Jones and Butcher), worked without any library."""
    century, of_century = divmod(year, 100)
    golden = year % 19
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    to_sunday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - epact - of_century % 4) % 7
    correction = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


def holidays_of(year: int) -> set[date]:
    """New Year, Maundy Thursday to Easter Monday, Store Bededag until 2023, Ascension, Pentecost and Christmas."""
    after_easter = [-3, -2, 0, 1, 39, 49, 50, *([26] if year < 2024 else [])]
    return {date(year, 1, 1), date(year, 12, 25), date(year, 12, 26), *(easter(year) + timedelta(n) for n in after_easter)}


@pytest.mark.parametrize("year", range(FIRST_YEAR, LAST_YEAR + 1))
def test_every_day_of_every_known_year_agrees_with_a_calendar_worked_by_hand(year: int) -> None:
    closed = holidays_of(year)
    days = [date(year, 1, 1) + timedelta(n) for n in range((date(year, 12, 31) - date(year, 1, 1)).days + 1)]

    assert [day for day in days if is_working_day(day) != (day.weekday() < 5 and day not in closed)] == []

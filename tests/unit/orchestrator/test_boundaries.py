"""Every rule of every standard in the rulebook, alone in a case: the day before, the day, the day after, and all that is told late.

The last days are counted by a calendar on the wall (``one_rule.last_day``), and by hand for every kind of term.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta

import pytest

from havn_standards import Rule, Standard, copenhagen_day
from orchestrator.domain.calendar_days import CALENDAR_DAYS, Days, PassDays
from tests.unit.orchestrator.one_rule import ONE_DAY, RULEBOOK, RULES, OneRule, last_day

DAY_0 = {
    "christmas": date(2023, 12, 22),
    "leap-day": date(2024, 2, 27),
    "clock-back-on-the-26th": date(2025, 10, 24),
    "clock-forward-on-the-29th-and-easter": date(2026, 3, 27),
}

WITH_A_TERM = [(standard, rule) for standard, rule in RULES if rule.due is not None]
LEDGERS = [(standard, rule) for standard, rule in RULES if rule.amount is not None]
WITHOUT_A_TERM = [(standard, rule) for standard, rule in RULES if rule.due is None and rule.amount is None]
BEGUN = date(2026, 3, 2)

Rules = list[tuple[Standard, Rule]]
Parametrised = Callable[[Callable[..., None]], Callable[..., None]]


def each(rules: Rules) -> Parametrised:
    ids = [f"{standard.id}-{standard.version}-{rule.id}" for standard, rule in rules]
    return pytest.mark.parametrize(("standard", "rule"), rules, ids=ids)


def every_day_0(test: Callable[..., None]) -> Callable[..., None]:
    return each(WITH_A_TERM)(pytest.mark.parametrize("day0", DAY_0.values(), ids=DAY_0.keys())(test))


def last_of(standard: Standard, rule: Rule, day0: date) -> date:
    assert rule.due is not None
    return last_day(standard, rule.due, day0)


def ran_out(rule: Rule, last: date) -> tuple[str, date | None, date | None]:
    """What it comes to when nothing happens: a window is met by its last day, all else is missed on the day after."""
    return ("met", last, None) if rule.last_day_meets else ("missed", None, last + ONE_DAY)


def met_after_it(rule: Rule, last: date, on: date) -> tuple[str, date | None, date | None]:
    return ran_out(rule, last) if rule.last_day_meets else ("met-late", on, last + ONE_DAY)


def test_every_rule_has_its_cases() -> None:
    assert len(WITH_A_TERM) + len(LEDGERS) + len(WITHOUT_A_TERM) == len(RULES)
    assert {standard.id for standard, _ in RULES} >= {"serviceloven", "odense", "kobenhavn", "hellerup", "lokk"}
    assert all(rule.due is None for _, rule in LEDGERS)


# The last day

BY_HAND = [
    # Three working days: over Store Bededag while it was one, on the same day after, over Easter and over Christmas.
    ("kobenhavn", "admission-notice", "2023-05-03", "2023-05-09"),
    ("kobenhavn", "admission-notice", "2024-04-24", "2024-04-29"),
    ("kobenhavn", "admission-notice", "2024-03-27", "2024-04-04"),
    ("kobenhavn", "admission-notice", "2023-12-22", "2023-12-29"),
    ("kobenhavn", "admission-notice", "2024-02-27", "2024-03-01"),
    ("kobenhavn", "discharge-notice", "2025-10-24", "2025-10-29"),
    ("kobenhavn", "discharge-notice", "2026-03-27", "2026-04-01"),
    # Five.
    ("odense", "risk-assessment", "2023-05-03", "2023-05-11"),
    ("odense", "risk-assessment", "2024-03-22", "2024-04-03"),
    ("odense", "needs-clarification", "2024-12-20", "2024-12-31"),
    # Days of the calendar: over Christmas, with the leap day and without it, over either clock change.
    ("odense", "admission-notice", "2023-12-22", "2023-12-25"),
    ("odense", "admission-notice", "2024-02-27", "2024-03-01"),
    ("odense", "admission-notice", "2023-02-27", "2023-03-02"),
    ("odense", "child-notice", "2025-10-24", "2025-10-27"),
    ("hellerup", "child-notice", "2026-03-27", "2026-03-30"),
    ("lokk", "admission-notice-anonymous", "2024-02-20", "2024-03-05"),
    ("lokk", "admission-notice-anonymous", "2026-03-20", "2026-04-03"),
    # Weeks.
    ("odense", "complaint-answer", "2024-02-01", "2024-02-29"),
    ("odense", "complaint-answer", "2023-02-01", "2023-03-01"),
    ("odense", "complaint-answer", "2026-03-09", "2026-04-06"),
    ("serviceloven", "psychology-woman-offer", "2025-10-20", "2025-11-03"),
    ("serviceloven", "psychology-child-start", "2024-02-20", "2024-03-05"),
    # Months: the same day of a later one, or its last.
    ("hellerup", "stay-plan", "2024-01-31", "2024-02-29"),
    ("hellerup", "stay-plan", "2023-01-31", "2023-02-28"),
    ("hellerup", "plan-review", "2023-11-30", "2024-02-29"),
    ("kobenhavn", "action-plan", "2025-11-30", "2026-02-28"),
    ("serviceloven", "advice-window", "2024-08-31", "2025-02-28"),
    ("serviceloven", "advice-window", "2025-10-24", "2026-04-24"),
    ("hellerup", "aftercare-course", "2024-02-29", "2024-08-29"),
    # The same day, a holiday, a Sunday with a clock change and the leap day too.
    ("kobenhavn", "risk-assessment", "2023-05-05", "2023-05-05"),
    ("odense", "contact-persons", "2026-03-29", "2026-03-29"),
    ("hellerup", "admission-decision", "2024-02-29", "2024-02-29"),
]


@pytest.mark.parametrize(("standard_id", "rule_id", "day0", "last"), BY_HAND)
def test_the_last_day_worked_by_hand_and_the_miss_on_the_day_after(standard_id: str, rule_id: str, day0: str, last: str) -> None:
    standard = next(s for s in RULEBOOK.standards if s.id == standard_id)
    rule = standard.rule(rule_id)
    case = OneRule(standard, rule).begin(date.fromisoformat(day0))
    due = date.fromisoformat(last)

    assert case.owed.due == due == last_of(standard, rule, date.fromisoformat(day0))
    case.check(due - ONE_DAY)
    assert case.stands() == ("open", None, None)
    case.check(due)
    assert case.stands() == ran_out(rule, due)


def test_every_unit_of_a_term_is_worked_by_hand() -> None:
    def units(rules: Iterable[Rule]) -> set[str]:
        return {unit for rule in rules if rule.due is not None for unit in rule.due.model_dump(exclude_none=True)}

    worked = [next(s for s in RULEBOOK.standards if s.id == name).rule(rule_id) for name, rule_id, _, _ in BY_HAND]
    assert units(worked) == units(rule for _, rule in RULES) == {"working_days", "days", "weeks", "months", "same_day"}


@each(WITH_A_TERM)
def test_each_fact_that_opens_it_starts_the_same_term(standard: Standard, rule: Rule) -> None:
    day0 = DAY_0["leap-day"]
    for trigger in rule.opened_by:
        case = OneRule(standard, rule).begin(day0, trigger=trigger)

        assert case.owed.due == last_of(standard, rule, day0), trigger
        assert case.stands() == ("open", None, None)


@each([(standard, rule) for standard, rule in WITH_A_TERM if set(rule.opened_by) & set(rule.met_by)])
@pytest.mark.parametrize("later", [-1, 0, 1])
def test_what_recurs_is_owed_again_from_the_day_it_was_met_early_late_or_on_the_last_day(
    standard: Standard, rule: Rule, later: int
) -> None:
    day0 = DAY_0["leap-day"]
    on = last_of(standard, rule, day0) + timedelta(days=later)
    case = OneRule(standard, rule).begin(day0)
    case.by(next(trigger for trigger in rule.met_by if trigger in rule.opened_by), on)

    (again,) = [obligation for obligation in case.state.obligations.values() if obligation.id != case.owed.id]
    assert (again.status, again.opened_on, again.due) == ("open", on, last_of(standard, rule, on))


# The turn of the day


@every_day_0
def test_the_day_before_the_day_and_the_day_after_each_checked_twice(standard: Standard, rule: Rule, day0: date) -> None:
    case, last = OneRule(standard, rule).begin(day0), last_of(standard, rule, day0)

    assert case.owed.due == last
    case.check(last - ONE_DAY, last - ONE_DAY)
    assert case.stands() == ("open", None, None)
    case.check(last)
    assert case.stands() == ran_out(rule, last)
    case.check(last, last + ONE_DAY, last + ONE_DAY)
    assert case.stands() == ran_out(rule, last)
    assert len(case.ends()) == 1


@every_day_0
def test_days_slept_through_are_made_up_for_with_the_right_day(standard: Standard, rule: Rule, day0: date) -> None:
    last = last_of(standard, rule, day0)
    at_once, one_by_one = OneRule(standard, rule).begin(day0), OneRule(standard, rule).begin(day0)

    at_once.check(last + timedelta(days=9))
    slept = CALENDAR_DAYS.decide(PassDays(last + timedelta(days=10)), Days(last - timedelta(days=3)))
    one_by_one.check(*(event.occurred_on for event in slept))

    assert len(slept) == 12
    assert at_once.stands() == one_by_one.stands() == ran_out(rule, last)
    assert at_once.ends() == one_by_one.ends()


# Met


@every_day_0
def test_met_then_checked(standard: Standard, rule: Rule, day0: date) -> None:
    last = last_of(standard, rule, day0)
    for on in {max(day0, last - ONE_DAY), last}:
        case = OneRule(standard, rule).begin(day0)
        case.meet(on)
        case.check(on, last, last + ONE_DAY)

        assert case.stands() == ("met", on, None)
        assert case.ends() == [("ObligationMet", on)]


@every_day_0
@pytest.mark.parametrize("checked", [True, False])
def test_missed_then_met_keeps_both_days(standard: Standard, rule: Rule, day0: date, checked: bool) -> None:
    """Also where nothing turned the day in between: the miss comes first."""
    case, last = OneRule(standard, rule).begin(day0), last_of(standard, rule, day0)
    on = last + ONE_DAY
    if checked:
        case.check(last)
    case.meet(on)
    case.check(last, on, on)

    assert case.stands() == met_after_it(rule, last, on)
    if not rule.last_day_meets:
        assert case.ends() == [("ObligationMissed", on), ("ObligationMet", on)]


@each(WITH_A_TERM)
def test_each_fact_that_it_names_meets_it_on_the_last_day_and_is_late_on_the_day_after(standard: Standard, rule: Rule) -> None:
    if rule.meets == "all":
        return
    day0 = DAY_0["leap-day"]
    last = last_of(standard, rule, day0)
    for trigger in rule.met_by:
        for on, stands in [(last, ("met", last, None)), (last + ONE_DAY, met_after_it(rule, last, last + ONE_DAY))]:
            case = OneRule(standard, rule).begin(day0)
            case.by(trigger, on)

            assert case.stands() == stands


@each([(standard, rule) for standard, rule in WITH_A_TERM if rule.meets == "all"])
@pytest.mark.parametrize("order", [1, -1])
def test_what_several_facts_meet_together_is_met_by_the_last_of_them(standard: Standard, rule: Rule, order: int) -> None:
    day0 = DAY_0["leap-day"]
    last = last_of(standard, rule, day0)
    *others, final = rule.met_by[::order]
    in_time, late = OneRule(standard, rule).begin(day0), OneRule(standard, rule).begin(day0)
    for case, on in ((in_time, last), (late, last + ONE_DAY)):
        for trigger in (*others, *others):
            case.by(trigger, day0)
        assert case.stands() == ("open", None, None)
        case.by(final, on)

    assert in_time.stands() == ("met", last, None)
    assert late.stands() == ("met-late", last + ONE_DAY, last + ONE_DAY)


# Told late


@every_day_0
@pytest.mark.parametrize(("later", "is_over"), [(-1, False), (0, False), (1, True), (40, True)])
def test_what_is_told_when_it_is_over_is_missed_at_once(
    standard: Standard, rule: Rule, day0: date, later: int, is_over: bool
) -> None:
    last = last_of(standard, rule, day0)
    case = OneRule(standard, rule).begin(day0, told_on=max(day0, last + timedelta(days=later)))

    assert case.owed.due == last
    assert case.stands() == (ran_out(rule, last) if is_over else ("open", None, None))
    case.check(last + timedelta(days=max(later, 0)))
    assert case.stands() == ran_out(rule, last)
    assert len(case.ends()) == 1


@every_day_0
@pytest.mark.parametrize("late", [False, True])
def test_what_is_told_after_the_miss_counts_from_the_day_it_was_done(
    standard: Standard, rule: Rule, day0: date, late: bool
) -> None:
    last = last_of(standard, rule, day0)
    on = last + ONE_DAY if late else last
    case = OneRule(standard, rule).begin(day0)
    case.check(last + timedelta(days=4))
    case.meet(on, told_on=last + timedelta(days=6))
    case.check(last + timedelta(days=6))

    if rule.last_day_meets:
        assert case.stands() == ("met", last, None)
    else:
        assert case.stands() == ("met-late" if late else "met", on, last + ONE_DAY)


@every_day_0
def test_what_was_done_in_time_and_is_told_with_the_opening_afterwards_is_met(standard: Standard, rule: Rule, day0: date) -> None:
    last = last_of(standard, rule, day0)
    today = last + timedelta(days=10)
    case = OneRule(standard, rule).begin(day0, told_on=today)
    case.meet(last, told_on=today)
    case.check(today)

    assert case.stands() == ("met", last, None if rule.last_day_meets else last + ONE_DAY)


# The clock changes

SPRING, AUTUMN = date(2026, 3, 29), date(2025, 10, 26)
"""Sundays of 23 and of 25 hours; Copenhagen's midnight after them is 22:00 and 23:00 in UTC."""


@each(WITH_A_TERM)
@pytest.mark.parametrize(("change", "midnight"), [(SPRING, 22), (AUTUMN, 23)], ids=["spring", "autumn"])
def test_the_last_second_of_a_day_with_a_clock_change_is_in_time_and_the_next_is_not(
    standard: Standard, rule: Rule, change: date, midnight: int
) -> None:
    """Its last day is that Sunday or, where the term cannot end then, the first day after it on which it can."""
    last, day0 = next(
        (last, day0)
        for last in (change + timedelta(days=n) for n in range(7))
        for day0 in (last - timedelta(days=n) for n in range(800))
        if last_of(standard, rule, day0) == last
    )
    turn = datetime.combine(last, time(midnight), UTC)
    in_time, late = OneRule(standard, rule).begin(day0), OneRule(standard, rule).begin(day0)
    in_time.meet(copenhagen_day(turn - timedelta(seconds=1)))
    late.meet(copenhagen_day(turn))

    assert in_time.stands() == ("met", last, None)
    assert late.stands() == met_after_it(rule, last, last + ONE_DAY)


# Cancelled, and missed by a fact


@every_day_0
def test_it_is_cancelled_by_its_facts_up_to_its_last_day(standard: Standard, rule: Rule, day0: date) -> None:
    last = last_of(standard, rule, day0)
    for trigger in rule.cancelled_by:
        for on, stands in [
            (max(day0, last - ONE_DAY), ("cancelled", max(day0, last - ONE_DAY), None)),
            (last, ("cancelled", last, None)),
            (last + ONE_DAY, ran_out(rule, last)),
        ]:
            case = OneRule(standard, rule).begin(day0)
            case.by(trigger, on)
            case.check(last, last + ONE_DAY)

            assert case.stands() == stands, (trigger, on)


WINDOWS = [(standard, rule) for standard, rule in WITH_A_TERM if rule.last_day_meets]


@each([rule for rule in WITH_A_TERM if rule not in WINDOWS])
def test_what_was_cancelled_in_time_and_is_told_after_the_miss_is_owed_no_more(standard: Standard, rule: Rule) -> None:
    day0 = DAY_0["leap-day"]
    last = last_of(standard, rule, day0)
    for trigger in rule.cancelled_by:
        in_time, late = OneRule(standard, rule).begin(day0), OneRule(standard, rule).begin(day0)
        for case, on in ((in_time, last), (late, last + ONE_DAY)):
            case.check(last + timedelta(days=3))
            case.by(trigger, on, told_on=last + timedelta(days=5))

        assert in_time.stands() == ("cancelled", last, last + ONE_DAY), trigger
        assert late.stands() == ran_out(rule, last), trigger


@each(WINDOWS)
def test_a_window_met_before_its_last_day_and_told_after_it_was_met_on_that_day(standard: Standard, rule: Rule) -> None:
    day0 = DAY_0["leap-day"]
    last = last_of(standard, rule, day0)
    for on in (last, day0 + (last - day0) // 2):
        case = OneRule(standard, rule).begin(day0)
        case.check(last + timedelta(days=3))
        case.meet(on, told_on=last + timedelta(days=5))

        assert case.stands() == ("met", on, None)


@each([(standard, rule) for standard, rule in WINDOWS if rule.cancelled_by])
def test_a_window_ended_before_its_last_day_and_told_after_it_is_owed_no_more(standard: Standard, rule: Rule) -> None:
    """As it is when the same fact is told on its own day."""
    day0 = DAY_0["leap-day"]
    last = last_of(standard, rule, day0)
    for trigger in rule.cancelled_by:
        for on in (last, day0 + (last - day0) // 2):
            case = OneRule(standard, rule).begin(day0)
            case.check(last + timedelta(days=3))
            case.by(trigger, on, told_on=last + timedelta(days=5))

            assert case.stands() == ("cancelled", on, None), trigger


def within_its_term(standard: Standard, rule: Rule) -> date:
    on = BEGUN + timedelta(days=5)
    return on if rule.due is None else min(on, last_of(standard, rule, BEGUN))


@each([(standard, rule) for standard, rule in RULES if rule.missed_by])
def test_it_is_missed_by_its_facts_on_their_day_and_can_still_be_met_late(standard: Standard, rule: Rule) -> None:
    lost_on = within_its_term(standard, rule)
    for trigger in rule.missed_by:
        case = OneRule(standard, rule).begin(BEGUN)
        case.check(lost_on - ONE_DAY)
        assert case.stands() == ("open", None, None)
        case.by(trigger, lost_on)
        assert case.stands() == ("missed", None, lost_on), trigger
        case.check(lost_on, lost_on + ONE_DAY)
        case.meet(lost_on + ONE_DAY)

        assert case.stands() == ("met-late", lost_on + ONE_DAY, lost_on), trigger
        assert case.ends() == [("ObligationMissed", lost_on), ("ObligationMet", lost_on + ONE_DAY)]


@each([(standard, rule) for standard, rule in RULES if rule.missed_by])
def test_what_was_met_by_the_day_of_the_fact_that_misses_it_is_met(standard: Standard, rule: Rule) -> None:
    lost_on = within_its_term(standard, rule)
    for trigger in rule.missed_by:
        before, told_late = OneRule(standard, rule).begin(BEGUN), OneRule(standard, rule).begin(BEGUN)
        before.meet(lost_on)
        before.by(trigger, lost_on)
        told_late.by(trigger, lost_on)
        told_late.meet(lost_on, told_on=lost_on + timedelta(days=3))

        assert before.stands() == ("met", lost_on, None), trigger
        assert told_late.stands() == ("met", lost_on, lost_on), trigger


# Without a term

YEARS = [BEGUN + timedelta(days=days) for days in (0, 1, 27, 28, 366, 7000)]
"""Past both clock changes, and as long as nobody closes it."""


@each([*WITHOUT_A_TERM, *LEDGERS])
def test_what_has_no_term_stays_open_however_many_days_pass(standard: Standard, rule: Rule) -> None:
    case = OneRule(standard, rule).begin(BEGUN)
    case.check(*YEARS)

    assert case.stands() == ("open", None, None)
    assert case.owed.due is None
    assert case.ends() == []


@each([(standard, rule) for standard, rule in WITH_A_TERM if rule.due_from is not None])
def test_what_is_counted_from_something_to_come_stays_open_until_that_comes(standard: Standard, rule: Rule) -> None:
    case = OneRule(standard, rule).open(BEGUN)
    case.check(*YEARS)

    assert case.stands() == ("open", None, None)
    assert case.owed.due is None
    case.meet(YEARS[-1])
    assert case.stands() == ("met", YEARS[-1], None)


@each(WITHOUT_A_TERM)
@pytest.mark.parametrize("after", [0, 1, 700])
def test_what_has_no_term_is_met_in_time_on_whatever_day(standard: Standard, rule: Rule, after: int) -> None:
    on = BEGUN + timedelta(days=after)
    for trigger in rule.met_by:
        case = OneRule(standard, rule).begin(BEGUN)
        case.by(trigger, on, told_on=on + timedelta(days=2))
        case.check(on, on + timedelta(days=2))

        assert case.stands() == ("met", on, None), trigger


@each([*WITHOUT_A_TERM, *LEDGERS])
def test_what_has_no_term_is_cancelled_by_its_facts(standard: Standard, rule: Rule) -> None:
    on = BEGUN + timedelta(days=9)
    for trigger in rule.cancelled_by:
        case = OneRule(standard, rule).begin(BEGUN)
        case.by(trigger, on, told_on=on + timedelta(days=2))
        case.check(on + timedelta(days=2))

        assert case.stands() == ("cancelled", on, None), trigger


# Ledgers


def used_up_to(standard: Standard, rule: Rule, amount: int, on: date) -> OneRule:
    """So many minutes, or sessions of no minutes but one, are used by that day."""
    assert rule.amount is not None
    case = OneRule(standard, rule).begin(BEGUN)
    if rule.amount.unit == "minutes":
        case.use(on, amount, 1)
    else:
        for _ in range(amount):
            case.use(on, 1, 1)
    return case


@each(LEDGERS)
def test_a_ledger_is_met_at_its_floor_and_not_one_below_it(standard: Standard, rule: Rule) -> None:
    assert rule.amount is not None
    on = BEGUN + timedelta(days=30)
    case = used_up_to(standard, rule, rule.amount.floor - 1, on)
    case.check(*YEARS)
    assert case.stands() == ("open", None, None)
    assert case.state.left(case.owed) == rule.amount.ceiling - rule.amount.floor + 1
    case.use(YEARS[-1], 1, 1)
    assert case.stands() == ("met", YEARS[-1], None)
    assert case.state.left(case.owed) == rule.amount.ceiling - rule.amount.floor


@each(LEDGERS)
def test_a_ledger_is_met_on_the_day_the_floor_was_reached_however_late_that_is_told(standard: Standard, rule: Rule) -> None:
    assert rule.amount is not None
    on = BEGUN + timedelta(days=30)
    case = used_up_to(standard, rule, rule.amount.floor - 1, on)
    case.take("SessionHeld", on - ONE_DAY, on + timedelta(days=50), minutes=1)
    case.check(on + timedelta(days=50))

    assert case.stands() == ("met", on if rule.amount.floor > 1 else on - ONE_DAY, None)


@each(LEDGERS)
def test_a_ledger_is_owed_again_when_a_correction_takes_it_below_its_floor(standard: Standard, rule: Rule) -> None:
    assert rule.amount is not None
    on = BEGUN + timedelta(days=30)
    case = used_up_to(standard, rule, rule.amount.floor, on)
    case.use(on + ONE_DAY, -1, -1 if rule.amount.unit == "sessions" else 0)
    case.check(*YEARS)

    assert case.stands() == ("open", None, None)
    assert case.ends() == [("ObligationMet", on), ("ObligationReopened", on + ONE_DAY)]


@each(LEDGERS)
@pytest.mark.parametrize(("short_of_the_floor", "status"), [(1, "cancelled"), (0, "met")])
def test_a_treatment_that_ends_below_its_floor_is_owed_no_more(
    standard: Standard, rule: Rule, short_of_the_floor: int, status: str
) -> None:
    assert rule.amount is not None
    on = BEGUN + timedelta(days=30)
    case = used_up_to(standard, rule, rule.amount.floor - short_of_the_floor, on)
    case.take("TreatmentCompleted", on)

    assert case.stands() == (status, on, None)

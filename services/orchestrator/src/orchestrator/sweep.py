"""The turn of the day: passes the Copenhagen days that are over, closes what was due on them, and reminds of what is due soon.

The sweep only proposes; each case decides again. A sweep that was cut short, or runs twice, leads to the same events.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from havn_chassis.decider import Refused
from havn_chassis.service import Context
from havn_chassis.store import StoreAway, UnitOfWork, VersionConflict
from havn_chassis.telemetry import log
from havn_events.orchestrator import CALENDAR
from orchestrator.domain.calendar_days import CALENDAR_DAYS, PassDays
from orchestrator.domain.case import CASE, CheckDeadlines

CASES_PER_TRANSACTION = 200
CONFLICT_TRIES = 20

UnitFactory = Callable[[str], UnitOfWork]
Rows = Callable[[str, Sequence[Any]], list[dict[str, Any]]]

_WAITING_CASES = """
SELECT DISTINCT case_id FROM obligations WHERE state = 'open' AND least(due + 1, remind_on, ends_on) <= %s ORDER BY case_id
"""


async def run_days(context: Context) -> None:
    """Background work of the service: turn the day whenever it is a new one, in one process at a time."""

    async def turn_days() -> None:
        turned: date | None = None
        while True:
            today = context.today()
            if turned != today:
                try:
                    await asyncio.to_thread(turn_day, context.unit, context.rows, today)
                    turned = today
                except StoreAway:
                    log.warning("sweep-waits-for-database")
            await asyncio.sleep(context.setting("day_tick_seconds"))

    await context.lead("sweep", turn_days)


def turn_day(unit_factory: UnitFactory, rows: Rows, today: date) -> int:
    """Pass every day before ``today``, then sweep what was due on them; how many cases changed.

    Sweeps also when no day is new: an earlier process may have died between the two.
    """
    unit = unit_factory("orchestrator")
    unit.execute(CALENDAR_DAYS, (CALENDAR,), PassDays(today))
    last = unit.state(CALENDAR_DAYS, (CALENDAR,))[0].last
    assert last is not None
    unit.commit()
    return sweep(unit_factory, rows, last)


def sweep(unit_factory: UnitFactory, rows: Rows, day: date) -> int:
    """Have every case decide again in which something was due on ``day`` or before, or is due soon; how many changed.

    Some cases to a transaction. It reads the index of what waits for this day, and so costs what that is, not what is open.
    """
    cases = [row["case_id"] for row in rows(_WAITING_CASES, (day + timedelta(days=1),))]
    pages = (cases[n : n + CASES_PER_TRANSACTION] for n in range(0, len(cases), CASES_PER_TRANSACTION))
    return sum(_check(unit_factory, page, day) for page in pages)


def _check(unit_factory: UnitFactory, cases: Sequence[UUID], day: date) -> int:
    for _ in range(CONFLICT_TRIES):
        unit = unit_factory("orchestrator")
        unit.preload([(CASE, CASE.stream_id(case_id)) for case_id in cases])
        changed = sum(_check_case(unit, case_id, day) for case_id in cases)
        try:
            unit.commit()
        except VersionConflict:
            continue
        return changed
    raise VersionConflict


def _check_case(unit: UnitOfWork, case_id: UUID, day: date) -> bool:
    """One case that cannot be checked is told of and left open; it stops no other."""
    try:
        return bool(unit.execute(CASE, (case_id,), CheckDeadlines(case_id, day, unit.setting("rulebook"))))
    except Refused as refusal:
        log.error("deadlines-unchecked", case_id=str(case_id), rule=refusal.rule)
        return False

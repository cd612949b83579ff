import time
from datetime import date
from uuid import uuid4
import pytest
from orchestrator.sweep import sweep
from tests.component.orchestrator.test_orchestrator import *  # noqa

@pytest.mark.parametrize("open_", [1000, 100000])
def test_measure(running, open_):
    store = running.context.store if hasattr(running.context, "store") else running.context._store
    running.set_day(date(2026, 3, 2))
    running.apply(*(admitted(uuid4(), uuid4()) for _ in range(100)))
    running.set_day(date(2026, 3, 6))
    left = open_ // 3 - 100
    begun = time.perf_counter()
    while left > 0:
        n = min(left, 500)
        running.apply(*(admitted(uuid4(), uuid4(), occurred_on=date(2026, 3, 6)) for _ in range(n)))
        left -= n
    filled = time.perf_counter() - begun
    (row,) = running.context.rows("SELECT count(*) AS n FROM obligations WHERE state = 'open'")
    plan = running.context.rows("EXPLAIN SELECT DISTINCT case_id FROM obligations WHERE state = 'open' AND least(due + 1, remind_on, ends_on) <= '2026-03-06' ORDER BY case_id")
    for day, what in ((date(2026, 3, 2), "reminders"), (date(2026, 3, 5), "misses")):
        store._cache.clear()
        begun = time.perf_counter()
        changed = sweep(running.context.unit, running.context.rows, day)
        print("MEASURED", row["n"], what, changed, f"{(time.perf_counter() - begun) * 1000:.1f} ms", f"filled {filled:.0f}s")
    begun = time.perf_counter()
    for _ in range(20):
        running.context.rows("SELECT DISTINCT case_id FROM obligations WHERE state = 'open' AND least(due + 1, remind_on, ends_on) <= '2026-03-06' ORDER BY case_id")
    print("MEASURED query alone, nothing waiting", f"{(time.perf_counter() - begun) * 50:.2f} ms")
    for line in plan: print("MEASURED", line)

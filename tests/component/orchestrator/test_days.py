"""Days pass once, also those slept through, and what was due on them is missed."""

from datetime import date, timedelta
from uuid import uuid4

from havn_events import intake
from havn_events.orchestrator import CALENDAR
from orchestrator.domain.calendar_days import CALENDAR_DAYS, PassDays
from orchestrator.sweep import sweep
from tests.component.orchestrator.running import ADMITTED, Running, admitted

DUE = date(2026, 3, 5)


def test_a_day_passes_once_and_misses_what_was_due_on_it(running: Running) -> None:
    stay = uuid4()
    running.apply(admitted(stay, uuid4()))
    assert running.turn(DUE) == 1
    assert running.turn(DUE) == 0
    assert running.states(stay)["admission-notice"] == "open"
    assert running.turn(DUE + timedelta(days=1)) == 1
    assert running.states(stay)["admission-notice"] == "missed"
    assert running.turn(DUE + timedelta(days=1)) == 0
    assert running.get("/days") == {"last": DUE.isoformat()}


def test_days_slept_through_all_pass(running: Running) -> None:
    running.turn(date(2026, 3, 30))
    passed = [row["day"] for row in running.context.rows("SELECT day FROM days ORDER BY day")]
    assert passed == [date(2026, 3, 1) + timedelta(days=n) for n in range(29)]


def test_a_sweep_cut_short_after_the_day_passed_is_made_up_for(running: Running) -> None:
    stay = uuid4()
    running.apply(admitted(stay, uuid4()))
    running.set_day(date(2026, 3, 6))
    unit = running.context.unit("orchestrator")
    unit.execute(CALENDAR_DAYS, (CALENDAR,), PassDays(date(2026, 3, 6)))
    unit.commit()
    assert running.states(stay)["admission-notice"] == "open"
    assert running.turn(date(2026, 3, 6)) == 1


def test_a_sweep_goes_through_all_pages(running: Running) -> None:
    running.apply(*(admitted(uuid4(), uuid4()) for _ in range(401)))
    running.set_day(date(2026, 3, 7))
    assert sweep(running.context.unit, running.context.rows, DUE) == 401
    assert running.context.rows("SELECT count(*) AS n FROM obligations WHERE state = 'open' AND due <= %s", (DUE,)) == [{"n": 0}]


def test_what_is_open_to_a_child_ends_by_the_turn_of_the_day_on_which_it_is_grown(running: Running) -> None:
    stay, child = uuid4(), uuid4()
    running.apply(
        admitted(stay, uuid4()),
        intake.ChildArrived(occurred_on=ADMITTED, stay_id=stay, person_id=child, birth_month="2008-03", arrival="with-her"),
    )
    running.turn(date(2026, 3, 31))
    assert running.states(stay)["psychology-child"] == "open"
    assert running.turn(date(2026, 4, 1)) == 1
    assert running.states(stay)["psychology-child"] == "cancelled"
    assert running.states(stay)["psychology-woman"] == "open"
    assert running.turn(date(2026, 4, 1)) == 0

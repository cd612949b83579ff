"""The turn of a day: what it costs when much is open, beside what it costs when little is, with as much due."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from time import perf_counter
from uuid import UUID, uuid5

import psycopg

from havn_events import Recorded
from havn_events.event import Event
from havn_events.orchestrator import CaseOpened, ObligationOpened
from havn_standards import Standard
from orchestrator.domain.case import CASE
from orchestrator.sweep import sweep
from tests.benchmarks.figures import Outcome, figure, side_by_side
from tests.benchmarks.rig import Orchestrator, Rig

LITTLE, PLENTY, DUE = 1_000, 100_000, 100
OPEN_IN_A_CASE = 10
FIRST_DAY = date(2024, 1, 8)
LATER = date(2030, 1, 1)
RULE = "stay-plan"
AT_ONCE = 2000


def measure(rig: Rig) -> Outcome:
    """Timed: ``sweep`` of a day on which 100 obligations were due, of 100,000 that are open; milliseconds, commits included.

    Floor: the same with 1,000 open. What is due lies in a case of its own, of the others there are ten in a case.
    """
    with (
        rig.database() as small,
        rig.database() as large,
        rig.orchestrator(small) as little,
        rig.orchestrator(large) as plenty,
    ):
        days = rig.rounds + 1
        for orchestrator, url, opened in ((little, small, LITTLE), (plenty, large, PLENTY)):
            _open(orchestrator, opened, days)
            orchestrator.clock.write_text(datetime.combine(FIRST_DAY + timedelta(days), time(12), UTC).isoformat())
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")
        pairs = side_by_side(rig.rounds, _sweeps(plenty), _sweeps(little))
    what = f"sweep with {PLENTY:,} open, {DUE} due"
    return Outcome((figure(what, f"with {LITTLE:,} open", "ms", pairs, 2, at_most=True),))


def _sweeps(orchestrator: Orchestrator) -> Callable[[], float]:
    """Sweeps the next day whenever it is called; milliseconds."""
    days = (FIRST_DAY + timedelta(number) for number in count())

    def sweep_next() -> float:
        begun = perf_counter()
        changed = sweep(orchestrator.context.unit, orchestrator.context.rows, next(days))
        taken = (perf_counter() - begun) * 1000
        assert changed == DUE, f"{changed} cases changed"
        return taken

    return sweep_next


def _open(orchestrator: Orchestrator, opened: int, days: int) -> None:
    """So many open obligations, of which 100 are due on each of the days, each of these in a case of its own."""
    standard = orchestrator.context.setting("rulebook").standard("hellerup", FIRST_DAY)
    due = [[FIRST_DAY + timedelta(number)] for number in range(days) for _ in range(DUE)]
    later = [[LATER] * OPEN_IN_A_CASE for _ in range((opened - len(due)) // OPEN_IN_A_CASE)]
    recorded = [event for number, dues in enumerate(due + later) for event in _case(standard, number, dues)]
    for start in range(0, len(recorded), AT_ONCE):
        orchestrator.context.store.commit(recorded[start : start + AT_ONCE], None, [])


def _case(standard: Standard, number: int, dues: Sequence[date]) -> Iterator[Recorded]:
    stay = uuid5(UUID(int=number), "stay")
    for version, event in enumerate(_events(standard, stay, dues), start=1):
        yield Recorded.of(
            event,
            originator_id=CASE.stream_id(stay),
            originator_version=version,
            recorded_at=datetime.combine(FIRST_DAY, time(11), UTC),
            actor="orchestrator",
        )


def _events(standard: Standard, stay: UUID, dues: Sequence[date]) -> Iterator[Event]:
    on, source = FIRST_DAY, standard.rule(RULE).source
    yield CaseOpened(
        occurred_on=on,
        stay_id=stay,
        standard=standard.id,
        standard_version=standard.version,
        shelter_id=uuid5(stay, "shelter"),
        home_municipality="0157",
    )
    for number, due in enumerate(dues):
        yield ObligationOpened(
            occurred_on=on,
            stay_id=stay,
            obligation_id=uuid5(stay, str(number)),
            rule=RULE,
            person_id=uuid5(stay, "woman"),
            municipality=None,
            owed_by="shelter",
            owed_to="woman",
            due=due,
            counted_from=on,
            standard=standard.id,
            standard_version=standard.version,
            document=source.document,
            section=source.section,
            rests_on=uuid5(stay, "fact"),
        )

"""What an event costs when much is stored already, beside when little is; and what the orchestrator's process then holds."""

from collections.abc import Callable, Sequence
from time import perf_counter

import psycopg
from psycopg import sql

from havn_events import Recorded
from tests.benchmarks.figures import Memory, Outcome, figure, side_by_side
from tests.benchmarks.rebuilding import wait_for_position
from tests.benchmarks.rig import Incoming, Orchestrator, Rig, batches, fill_log, memory, numbered
from tests.benchmarks.stays import stay_events

BATCH = 500
MUCH = 500_000
REPORTS_FOR_LITTLE = 4_300
REPORTS_FOR_PROCESS = 2_000
ROUNDS = 9

COPIED = ("cases", "obligations", "obligation_parts", "ledgers", "case_history")
"""The orchestrator's read models that grow with the cases."""


def measure(rig: Rig) -> Outcome:
    """Timed: ``Inbox.apply`` of the same new events, in batches of 500, in two databases, batch by batch in turn.

    Both hold the same finished cases, and one of them many more, copied under other ids with every row of their read models.
    Here the measured figure is the cost with much stored, the floor the cost with little.
    """
    much = rig.some(MUCH)
    old, new, more = _reports()
    with rig.database() as small, rig.database() as large:
        with rig.orchestrator(small) as little, rig.orchestrator(large) as plenty:
            for orchestrator in (little, plenty):
                for batch in batches(old, BATCH):
                    orchestrator.apply(batch)
            little_stored, stored = _stored_in(small), _grow(large, much)
            for url in (small, large):
                _tidy(url)
            pairs = side_by_side(ROUNDS, _costs(plenty, new), _costs(little, new))
            plenty.assert_nothing_parked()
        reports = [incoming.recorded for incoming in (*old, *new, *more)]
        held = (*_memory(rig, small, little_stored, reports), *_memory(rig, large, stored, reports))
    what = f"cost of an event with {stored:,} stored"
    return Outcome((figure(what, f"with {little_stored:,} stored", "µs", pairs, 1.15, at_most=True),), held)


def _reports() -> tuple[list[Incoming], list[Incoming], list[Incoming]]:
    """What is stored before, what is applied here, and what is left for the process."""
    measured = BATCH * (ROUNDS + 1)
    events = numbered(stay_events(REPORTS_FOR_LITTLE + measured + REPORTS_FOR_PROCESS))
    end = REPORTS_FOR_LITTLE + measured
    return events[:REPORTS_FOR_LITTLE], events[REPORTS_FOR_LITTLE:end], events[end:]


def _costs(orchestrator: Orchestrator, events: Sequence[Incoming]) -> Callable[[], float]:
    """Applies the next batch whenever it is called; microseconds for each event."""
    incoming = batches(events, BATCH)

    def cost() -> float:
        batch = next(incoming)
        begun = perf_counter()
        orchestrator.apply(batch)
        return (perf_counter() - begun) * 1e6 / len(batch)

    return cost


def _grow(database: str, wanted: int) -> int:
    """Copy the cases that are there until at least ``wanted`` events are stored; how many there are then."""
    with psycopg.connect(database) as connection:
        connection.execute("SET search_path = orchestrator")
        there = _stored(connection)
        copies = max(1, -(-wanted // there) - 1)
        connection.execute(
            """
            INSERT INTO orchestrator_events (originator_id, originator_version, topic, state)
            SELECT md5(e.originator_id::text || n)::uuid, e.originator_version, e.topic, e.state
            FROM generate_series(1, %s) AS n, orchestrator_events e ORDER BY n, e.notification_id
            """,
            (copies,),
        )
        for table in COPIED:
            connection.execute(_copying(connection, table), (copies,))
        return _stored(connection)


def _stored_in(database: str) -> int:
    with psycopg.connect(database) as connection:
        return _stored(connection)


def _stored(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT count(*) FROM orchestrator.orchestrator_events").fetchone()
    assert row
    return int(row[0])


def _copying(connection: psycopg.Connection, table: str) -> sql.Composed:
    """A statement that copies every row of a table, each copy under ids of its own, finished as old cases are."""
    columns = connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns "
        "WHERE table_schema = 'orchestrator' AND table_name = %s ORDER BY ordinal_position",
        (table,),
    ).fetchall()
    values = []
    for name, kind in columns:
        column = sql.Identifier(name)
        if kind == "uuid" and name != "shelter_id":
            values.append(sql.SQL("md5({}::text || n)::uuid").format(column))
        elif name == "state":
            values.append(sql.SQL("CASE {0} WHEN 'open' THEN 'met' ELSE {0} END").format(column))
        else:
            values.append(sql.SQL("{}").format(column))
    return sql.SQL("INSERT INTO {0} SELECT {1} FROM generate_series(1, %s) AS n, {0}").format(
        sql.Identifier(table), sql.SQL(", ").join(values)
    )


def _tidy(database: str) -> None:
    """What the server would do in time by itself must not happen while it is measured."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def _memory(rig: Rig, database: str, stored: int, reports: Sequence[Recorded]) -> tuple[Memory, ...]:
    """The orchestrator's process, when it has taken in intake's next reports on top of what is stored."""
    fill_log(database, "intake", reports)
    with rig.fresh_nats() as server, psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO orchestrator.relay_positions SELECT 'orchestrator', 0, max(notification_id) "
            "FROM orchestrator.orchestrator_events"
        )
        with (
            rig.process("intake", database, server.url),
            rig.process("orchestrator", database, server.url) as orchestrator,
        ):
            wait_for_position(connection, len(reports))
            return (memory(f"orchestrator with {stored:,} stored", orchestrator.pid),)

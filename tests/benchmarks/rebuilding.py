"""The orchestrator made again from nothing, beside the rate at which eventsourcing reads the same events; memory afterwards."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date
from time import perf_counter, sleep
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import DatetimeAsISO, JSONTranscoder, Mapper, StoredEvent, Transcoding, UUIDAsHex
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from havn_embedded.servers import Nats
from havn_embedded.stack import SERVICES
from havn_events import Recorded
from tests.benchmarks.figures import Memory, Outcome, figure, side_by_side
from tests.benchmarks.rig import Rig, fill_log, memory
from tests.benchmarks.stays import stay_events
from tests.processes import Running, eventually

AT_ONCE = 1000
SECONDS = 120.0
POLL_SECONDS = 0.02
QUIET_SECONDS = 2.0


class ReportedEvent(DomainEvent):
    """An event of intake as eventsourcing's own library would keep it."""

    envelope: dict[str, Any]
    data: dict[str, Any]


class DateAsISO(Transcoding):
    """A day, as eventsourcing's documentation has it."""

    type = date
    name = "date_iso"

    def encode(self, obj: date) -> str:
        return obj.isoformat()

    def decode(self, data: str) -> date:
        return date.fromisoformat(data)


def measure(rig: Rig) -> Outcome:
    """Timed: the orchestrator's process, started on an empty database, from its first batch until it has applied intake's log.

    It fetches the log from the running intake over NATS and publishes what follows, as it always does. Floor: eventsourcing's
    recorder selects the same events from PostgreSQL and its mapper decodes them, a thousand at a time.
    """
    events = stay_events(rig.some(20_000))
    with rig.database() as database, rig.fresh_nats() as server:
        fill_log(database, "intake", events)
        with rig.process("intake", database, server.url) as intake, _EventsourcingCopy(database, events) as copy:
            pairs = side_by_side((rig.rounds + 1) // 2, lambda: _rebuild(rig, database, server), copy.read_all)
            held = _memory_of_all(rig, database, server, intake)
    what = f"orchestrator rebuilt from {len(events)} events"
    return Outcome((figure(what, "eventsourcing decoding them", "events/s", pairs, 0.1),), held)


def _rebuild(rig: Rig, database: str, server: Nats) -> float:
    """Events a second."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS orchestrator CASCADE")
        head = _head(connection, "intake")
        with rig.process("orchestrator", database, server.url):
            first, begun = wait_for_position(connection, 1)
            last, ended = wait_for_position(connection, head)
    return (last - first) / (ended - begun)


def wait_for_position(connection: psycopg.Connection, position: int) -> tuple[int, float]:
    """The position, once it is at least that, and when it was seen."""
    end = perf_counter() + SECONDS
    while perf_counter() < end:
        applied = _applied(connection)
        if applied >= position:
            return applied, perf_counter()
        sleep(POLL_SECONDS)
    raise TimeoutError(f"the orchestrator did not reach position {position}")


def _applied(connection: psycopg.Connection) -> int:
    try:
        row = connection.execute("SELECT max(notification_id) FROM orchestrator.orchestrator_positions").fetchone()
    except psycopg.errors.UndefinedTable:
        return 0
    return int(row[0] or 0) if row else 0


def _head(connection: psycopg.Connection, service: str) -> int:
    schema = service.replace("-", "_")
    table = sql.Identifier(schema, f"{schema}_events")
    row = connection.execute(sql.SQL("SELECT coalesce(max(notification_id), 0) FROM {}").format(table)).fetchone()
    assert row
    return int(row[0])


def _memory_of_all(rig: Rig, database: str, server: Nats, intake: Running) -> tuple[Memory, ...]:
    """What each service's process holds when all six have taken in everything; the orchestrator rebuilt once more."""
    with psycopg.connect(database, autocommit=True) as connection, ExitStack() as running:
        connection.execute("DROP SCHEMA IF EXISTS orchestrator CASCADE")
        processes = {"intake": intake}
        for name in [name for name in SERVICES if name != "intake"]:
            processes[name] = running.enter_context(rig.process(SERVICES[name], database, server.url))
        eventually(lambda: _settled(connection), SECONDS, "every service having taken in everything")
        return tuple(memory(f"{name} after the rebuild", process.pid) for name, process in processes.items())


def _settled(connection: psycopg.Connection) -> bool:
    before = [_head(connection, service) for service in SERVICES]
    sleep(QUIET_SECONDS)
    return before == [_head(connection, service) for service in SERVICES]


class _EventsourcingCopy:
    """The same events in a store of eventsourcing's own."""

    def __init__(self, database: str, events: Sequence[Recorded]) -> None:
        transcoder = JSONTranscoder()
        for transcoding in (UUIDAsHex(), DatetimeAsISO(), DateAsISO()):
            transcoder.register(transcoding)
        self._mapper: Mapper[UUID] = Mapper(transcoder)
        info = conninfo_to_dict(database)
        known = {key: str(info.get(key) or "") for key in ("dbname", "host", "user", "password")}
        self._datastore = PostgresDatastore(
            known["dbname"], known["host"], str(info.get("port") or "5432"), known["user"], known["password"]
        )
        self._recorder = PostgresApplicationRecorder(self._datastore, events_table_name="floor_events")
        self._recorder.create_table()
        statement = "COPY public.floor_events (originator_id, originator_version, topic, state) FROM STDIN"
        with psycopg.connect(database) as connection, connection.cursor().copy(statement) as copy:
            for stored in map(self._stored, events):
                copy.write_row((stored.originator_id, stored.originator_version, stored.topic, stored.state))

    def _stored(self, recorded: Recorded) -> StoredEvent:
        envelope = {**recorded.__dict__}
        data = envelope.pop("data")
        event = ReportedEvent(
            originator_id=envelope.pop("originator_id"),
            originator_version=envelope.pop("originator_version"),
            timestamp=envelope.pop("recorded_at"),
            envelope=envelope,  # type: ignore[call-arg]
            data=data.model_dump(),
        )
        return self._mapper.to_stored_event(event)

    def __enter__(self) -> "_EventsourcingCopy":
        return self

    def __exit__(self, *_: object) -> None:
        self._datastore.close()

    def read_all(self) -> float:
        """Events a second."""
        begun, done = perf_counter(), 0
        while found := self._recorder.select_notifications(done + 1, AT_ONCE):
            for notification in found:
                self._mapper.to_domain_event(notification)
            done += len(found)
        return done / (perf_counter() - begun)

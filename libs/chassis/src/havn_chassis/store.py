"""The event store: streams of events, and one transaction for everything that belongs together.

Stands on eventsourcing's PostgreSQL process recorder. A transaction first takes the recorder's table lock, so that the order of
positions is the order of commits; then come the upstream position, the events, and last views and other rows.
"""

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import Lock
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID, uuid4

import psycopg
from eventsourcing.persistence import IntegrityError, OperationalError, StoredEvent
from eventsourcing.postgres import PostgresDatastore, PostgresProcessRecorder
from psycopg import Cursor, sql
from psycopg.rows import DictRow

from havn_chassis.clock import Clock, business_day
from havn_chassis.database import parameters
from havn_chassis.decider import Decider, Refused
from havn_events import Recorded
from havn_events.event import Event

S = TypeVar("S")
Work = Callable[[Cursor[DictRow]], None]

CACHED_STATES = 500


class VersionConflict(Exception):
    """Somebody else appended to one of the streams first. Nothing was committed; load again and decide again."""


class AlreadyApplied(Exception):
    """The upstream position is not where the step begins: another process took it. Nothing was committed."""


class KeyTaken(Exception):
    """The idempotency key was already used. Nothing was committed."""


class StoreAway(Exception):
    """The database does not answer. Whether a commit in flight took place is unknown; the idempotency key tells."""


@dataclass(frozen=True)
class Step:
    """An upstream's events after position ``before`` up to ``after`` are applied. From anywhere else it is refused."""

    upstream: str
    before: int
    after: int


class View(Protocol):
    """A read model: its tables, and how a transaction's events change them. ``write`` must not fetch."""

    schema: str

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None: ...


class _Datastore(PostgresDatastore):
    """A datastore for any libpq connection string, whose connections see the service's own schema."""

    def __init__(self, url: str, schema: str, pool_size: int) -> None:
        info = parameters(url)
        known = {key: str(info.pop(key, "") or "") for key in ("dbname", "host", "port", "user", "password")}
        super().__init__(
            dbname=known["dbname"],
            host=known["host"],
            port=known["port"] or "5432",
            user=known["user"],
            password=known["password"],
            schema=schema,
            pool_size=1,
            max_overflow=pool_size - 1,
            connect_timeout=3.0,
            idle_in_transaction_session_timeout=30.0,
            lock_timeout=10,
        )
        assert isinstance(self.pool.kwargs, dict)
        for key in ("host", "password", "user", "dbname"):
            if not known[key]:
                del self.pool.kwargs[key]
        self.pool.kwargs.update(info)

    def after_connect_func(self) -> Callable[[psycopg.Connection[Any]], None]:
        configure = super().after_connect_func()
        search_path = sql.SQL("SET search_path = {}").format(sql.Identifier(self.schema))

        def after_connect(connection: psycopg.Connection[Any]) -> None:
            configure(connection)
            connection.execute(search_path)
            # A plan kept from when a table was empty would read all of it for each event, once it is not.
            connection.execute("SET plan_cache_mode = force_custom_plan")

        return after_connect


class _Recorder(PostgresProcessRecorder):
    def commit(self, events: Sequence[StoredEvent], step: Step | None, work: Sequence[Work]) -> None:
        """One transaction: lock, position, events, rows. Raises the recorder's errors; never retries by itself.

        Events come before rows, so that whoever lost a race for a stream hears of the stream and not of some view's key.
        """
        with (
            self.datastore.get_connection() as connection,
            connection.pipeline(),
            connection.transaction(),
            connection.cursor() as cursor,
            connection.cursor() as tracking,
        ):
            self._lock_table(cursor)
            if step is not None:
                self._take(tracking, step)
            if events:
                self._insert_stored_events(cursor, events)
            for write in work:
                write(cursor)
            # Asked last: an answer ends the pipeline's batch, and costs a round trip.
            if step is not None and tracking.fetchone() is None:
                raise AlreadyApplied

    def _take(self, cursor: Cursor[DictRow], step: Step) -> None:
        """The recorder's own tracking only asks for a later position; a step also asks where it begins: no row when elsewhere."""
        statement = sql.SQL(
            "INSERT INTO {table} AS t VALUES (%s, %s) ON CONFLICT (application_name) "
            "DO UPDATE SET notification_id = excluded.notification_id WHERE t.notification_id = %s RETURNING 1"
        ).format(table=sql.Identifier(self.datastore.schema, self.tracking_table_name))
        cursor.execute(statement, (step.upstream, step.after, step.before))

    def _insert_stored_events(self, curs: Cursor[DictRow], stored_events: Sequence[StoredEvent], **_: Any) -> None:
        """As the recorder does it, under the lock that is held already, with four binary arrays instead of one array of rows."""
        self._notify_channel(curs)
        statement = sql.SQL(
            "INSERT INTO {}.{} (originator_id, originator_version, topic, state) "
            "SELECT * FROM unnest(%b::uuid[], %b::bigint[], %b::text[], %b::bytea[])"
        ).format(sql.Identifier(self.datastore.schema), sql.Identifier(self.events_table_name))
        columns = zip(*((e.originator_id, e.originator_version, e.topic, e.state) for e in stored_events), strict=True)
        curs.execute(statement, [list(column) for column in columns])

    @property
    def table(self) -> str:
        return self.events_table_name


@dataclass(frozen=True)
class StoredRow:
    """One committed event as bytes. ``position``: its place in the service's log; positions grow, with holes."""

    position: int
    raw: bytes


class Store:
    """One service's events, positions and read models, in a schema of its own."""

    def __init__(self, url: str, service: str, views: Sequence[View] = (), tables: Sequence[str] = (), pool_size: int = 12) -> None:
        self.service = service
        self.schema = service.replace("-", "_")
        self.url = url
        self.views = tuple(views)
        self._tables = tuple(tables)
        self._datastore = _Datastore(url, self.schema, pool_size)
        self._recorder = _Recorder(
            self._datastore,
            events_table_name=f"{self.schema}_events",
            tracking_table_name=f"{self.schema}_positions",
        )
        self._cache: OrderedDict[tuple[str, UUID], tuple[Any, int]] = OrderedDict()
        self._cache_lock = Lock()

    @property
    def channel(self) -> str:
        """The channel on which PostgreSQL tells of commits."""
        return self._recorder.channel_name

    def create(self) -> None:
        """Make what is missing in the database. Safe to run at every start, by all replicas at once."""
        with self.errors(), psycopg.connect(**parameters(self.url), autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(hashtext('havn-create'))")
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(self.schema)))
            self._recorder.create_table()
            connection.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(self.schema)))
            for statement in (_OWN_TABLES, *(view.schema for view in self.views), *self._tables):
                connection.execute(statement.encode())

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        """Turn a database that does not answer into StoreAway."""
        try:
            yield
        except (OperationalError, psycopg.OperationalError) as error:
            raise StoreAway("the database does not answer") from error

    def rows(self, query: str, params: Sequence[Any] | dict[str, Any] = ()) -> list[dict[str, Any]]:
        """What a query answers, each row as a dict."""
        with self.errors(), self._datastore.get_connection() as connection:
            return connection.execute(query.encode(), params).fetchall()

    def events_after(self, position: int, limit: int) -> list[StoredRow]:
        """The log after a position, in order."""
        query = (
            f"SELECT notification_id, state FROM {self._recorder.table} "
            "WHERE notification_id > %s ORDER BY notification_id LIMIT %s"
        )
        return [StoredRow(row["notification_id"], bytes(row["state"])) for row in self.rows(query, (position, limit))]

    def head(self) -> int:
        """The last position in the log, 0 when it is empty."""
        return int(self.rows(f"SELECT coalesce(max(notification_id), 0) AS head FROM {self._recorder.table}")[0]["head"])

    def applied(self, upstream: str) -> int:
        """The last position of an upstream's log that was applied here, 0 when none was."""
        query = f"SELECT notification_id FROM {self._recorder.tracking_table_name} WHERE application_name = %s"
        found = self.rows(query, (upstream,))
        return int(found[0]["notification_id"]) if found else 0

    def load_many(self, wanted: Sequence[tuple[Decider[Any, Any], UUID]]) -> dict[UUID, tuple[Any, int]]:
        """State and version of each stream: what is cached, brought up to date from the log in one query."""
        known: dict[UUID, tuple[Any, int]] = {}
        with self._cache_lock:
            for decider, stream_id in wanted:
                known[stream_id] = self._cache.get((decider.name, stream_id), (decider.initial, 0))
        deciders = {stream_id: decider for decider, stream_id in wanted}
        query = (
            f"SELECT e.originator_id, e.originator_version, e.state FROM {self._recorder.table} e "
            "JOIN unnest(%s::uuid[], %s::bigint[]) AS w(id, version) "
            "ON e.originator_id = w.id AND e.originator_version > w.version "
            "ORDER BY e.originator_id, e.originator_version"
        )
        for row in self.rows(query, (list(known), [version for _, version in known.values()])):
            stream_id = row["originator_id"]
            state, _ = known[stream_id]
            event = Recorded.from_bytes(bytes(row["state"])).event
            known[stream_id] = (deciders[stream_id].evolve(state, event), row["originator_version"])
        return known

    def remember(self, states: dict[tuple[str, UUID], tuple[Any, int]]) -> None:
        """Keep folded states of committed streams, the most recently used ones."""
        with self._cache_lock:
            for key, value in states.items():
                self._cache[key] = value
                self._cache.move_to_end(key)
            while len(self._cache) > CACHED_STATES:
                self._cache.popitem(last=False)

    def commit(self, recorded: Sequence[Recorded], step: Step | None, work: Sequence[Work]) -> None:
        """Commit all of it or nothing. Raises VersionConflict, AlreadyApplied, KeyTaken or StoreAway."""

        def write_views(cursor: Cursor[DictRow]) -> None:
            for view in self.views:
                view.write(cursor, recorded)

        stored = [StoredEvent(event.originator_id, event.originator_version, event.type, event.to_bytes()) for event in recorded]
        everything = [*work, write_views] if recorded else list(work)
        try:
            with self.errors():
                self._recorder.commit(stored, step, everything)
        except IntegrityError as error:
            cause = error.__cause__
            table = cause.diag.table_name if isinstance(cause, psycopg.errors.UniqueViolation) else None
            if table == self._recorder.table:
                raise VersionConflict from None
            if table == "idempotency":
                raise KeyTaken from None
            raise

    def transact(self, work: Work) -> None:
        """Other rows alone, in one transaction: an exception from ``work`` undoes all of it."""
        with self.errors(), self._datastore.transaction(commit=True) as cursor:
            work(cursor)

    def close(self) -> None:
        """Give the connections back."""
        self._datastore.close()


_OWN_TABLES = """
CREATE TABLE IF NOT EXISTS idempotency (
    caller text NOT NULL,
    key bytea NOT NULL,
    fingerprint bytea NOT NULL,
    status int NOT NULL,
    etag text NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (caller, key)
);
CREATE TABLE IF NOT EXISTS relay_positions (
    relay text NOT NULL,
    partition int NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (relay, partition)
);
CREATE TABLE IF NOT EXISTS parked (
    upstream text NOT NULL,
    position bigint NOT NULL,
    case_id uuid,
    reason text NOT NULL,
    parked_at timestamptz NOT NULL,
    raw bytea NOT NULL,
    PRIMARY KEY (upstream, position)
);
CREATE INDEX IF NOT EXISTS parked_case ON parked (case_id);
CREATE TABLE IF NOT EXISTS strays (
    id bigserial PRIMARY KEY,
    upstream text NOT NULL,
    reason text NOT NULL,
    stream_sequence bigint NOT NULL,
    seen_at timestamptz NOT NULL
);
"""


@dataclass
class UnitOfWork:
    """Collects what one transaction commits: decided events on any number of streams, and other rows.

    ``now`` and ``today`` are the one instant, and its Copenhagen day, that everything in the unit happens at. ``source`` is the
    foreign event being applied, where there is one: new events carry it as their causation.
    """

    store: Store
    now: datetime
    actor: str
    settings: dict[str, object] = field(default_factory=dict)
    traceparent: str | None = None
    source: Recorded | None = None
    recorded: list[Recorded] = field(default_factory=list)
    work: list[Work] = field(default_factory=list)
    _states: dict[tuple[str, UUID], tuple[Any, int]] = field(default_factory=dict)
    _journal: list[tuple[tuple[str, UUID], tuple[Any, int] | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.today: date = business_day(self.now)

    @classmethod
    def begin(
        cls, store: Store, clock: Clock, actor: str, settings: dict[str, object], traceparent: str | None = None
    ) -> "UnitOfWork":
        """A unit at the clock's present instant."""
        return cls(store=store, now=clock.now(), actor=actor, settings=settings, traceparent=traceparent)

    def preload(self, wanted: Sequence[tuple[Decider[Any, Any], UUID]]) -> None:
        """Load many streams with one query."""
        missing = [(decider, stream_id) for decider, stream_id in wanted if (decider.name, stream_id) not in self._states]
        names = {stream_id: decider.name for decider, stream_id in missing}
        if missing:
            for stream_id, loaded in self.store.load_many(missing).items():
                self._states[(names[stream_id], stream_id)] = loaded

    def state(self, decider: Decider[Any, S], ids: Sequence[UUID]) -> tuple[S, int]:
        """State and version of a stream, with what this unit has decided so far."""
        key = (decider.name, decider.stream_id(*ids))
        if key not in self._states:
            self.preload([(decider, key[1])])
        return cast(tuple[S, int], self._states[key])

    def execute(self, decider: Decider[Any, Any], ids: Sequence[UUID], command: object) -> Sequence[Event]:
        """Decide a command and keep its events for the commit. Raises Refused."""
        state, version = self.state(decider, ids)
        events = decider.decide(command, state)
        if not events:
            return events
        stream_id = decider.stream_id(*ids)
        for event in events:
            if event.occurred_on > self.today:
                raise Refused(
                    "not-in-the-future",
                    "A report is about something that happened; its day may not lie after today in Denmark.",
                    field="occurred_on",
                    kind="invalid",
                )
        state = decider.fold(events, state)
        for event in events:
            version += 1
            self.recorded.append(
                Recorded.of(
                    event,
                    originator_id=stream_id,
                    originator_version=version,
                    recorded_at=self.now,
                    actor=self.actor,
                    causation_id=self.source.id if self.source else None,
                    traceparent=self.traceparent,
                )
            )
        key = (decider.name, stream_id)
        self._journal.append((key, self._states.get(key)))
        self._states[key] = (state, version)
        return events

    def savepoint(self) -> tuple[int, int, int]:
        """A mark to go back to with ``rollback_to``."""
        return len(self.recorded), len(self.work), len(self._journal)

    def rollback_to(self, mark: tuple[int, int, int]) -> None:
        """Forget everything decided since the mark."""
        events, work, changes = mark
        del self.recorded[events:]
        del self.work[work:]
        while len(self._journal) > changes:
            key, before = self._journal.pop()
            if before is None:
                del self._states[key]
            else:
                self._states[key] = before

    def setting(self, name: str) -> Any:
        """A setting the service was composed with."""
        return self.settings[name]

    def rows(self, query: str, params: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """A question to the service's own read models, as committed before this unit."""
        return self.store.rows(query, params)

    def fresh_id(self) -> UUID:
        """A random identifier."""
        return uuid4()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to commit."""
        return not self.recorded and not self.work

    def commit(self, step: Step | None = None) -> None:
        """Commit everything, or nothing. Raises VersionConflict, AlreadyApplied, KeyTaken or StoreAway."""
        self.store.commit(self.recorded, step, self.work)
        self.store.remember(self._states)

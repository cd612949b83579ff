"""Applies each event of an upstream exactly once and in order: reaction, views and position in one transaction.

Every message names its position in the upstream's log and the position published before it. What is not the next one is either a
repeat, and dropped, or shows a gap, and is filled from the upstream's own log. The same catch-up serves a new service, a long
absence, and a JetStream whose storage is gone.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import nats.errors
import nats.js.errors
import pydantic_core
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from opentelemetry.trace import SpanKind
from psycopg import Cursor
from psycopg.rows import DictRow

from havn_chassis.clock import Clock
from havn_chassis.decider import Decider, Refused
from havn_chassis.store import AlreadyApplied, Step, Store, StoreAway, UnitOfWork, VersionConflict
from havn_chassis.streams import ensure_durable, partition_subjects, stream_name
from havn_chassis.telemetry import Telemetry, log, traceparent_of
from havn_events import MalformedEvent, Recorded, UnknownEvent
from havn_events.event import Event

BATCH = 500
CONFLICT_TRIES = 20
SAVE_SECONDS = 0.25
FAR_BEHIND = 1000
POSITION_DIGITS = 18
"""More than this does not fit a PostgreSQL bigint for certain, and is no position."""

E = TypeVar("E", bound=Event)
Reaction = Callable[[Any, UnitOfWork], None]
StreamHint = Callable[[Event], Sequence[tuple[Decider[Any, Any], UUID]]]


class Reactions:
    """Which foreign event leads to which commands.

    ``preload`` names the streams an event will touch, so that a batch loads them with one query.
    """

    def __init__(self, preload: StreamHint | None = None) -> None:
        self._handlers: dict[type[Event], Callable[[Any, UnitOfWork], None]] = {}
        self._preload = preload

    def to(self, *events: type[Event]) -> Callable[[Reaction], Reaction]:
        """Register a reaction to these events."""

        def register(reaction: Reaction) -> Reaction:
            for event in events:
                if event in self._handlers:
                    raise TypeError(f"two reactions to {event.type_name()}")
                self._handlers[event] = reaction
            return reaction

        return register

    def concern(self, recorded: Recorded) -> bool:
        """Whether there is a reaction to the event."""
        return type(recorded.event) in self._handlers

    def apply(self, recorded: Recorded, unit: UnitOfWork) -> None:
        """React to one event, if there is a reaction to it."""
        handler = self._handlers.get(type(recorded.event))
        if handler:
            handler(recorded.event, unit)

    def preload(self, batch: Sequence[Recorded], unit: UnitOfWork) -> None:
        """Load what the batch will touch."""
        if self._preload:
            wanted = {pair[1]: pair for recorded in batch for pair in self._preload(recorded.event)}
            unit.preload(list(wanted.values()))


@dataclass(frozen=True)
class Arrival:
    """One event as it came in: its position in the upstream's log, and its bytes."""

    position: int
    raw: bytes


class Inbox:
    """One upstream partition's way into one service."""

    def __init__(
        self,
        store: Store,
        upstream: str,
        reactions: Reactions,
        jetstream: Callable[[], JetStreamContext],
        fetch_log: Callable[[str, int, int], Awaitable[tuple[list[Arrival], int]]],
        clock: Clock,
        telemetry: Telemetry,
        settings: dict[str, object],
        *,
        partition: int,
        poll_seconds: float,
    ) -> None:
        self._store = store
        self._upstream = upstream
        self._partition = partition
        self._reactions = reactions
        self._jetstream = jetstream
        self._fetch_log = fetch_log
        self._clock = clock
        self._telemetry = telemetry
        self._settings = settings
        self._poll_seconds = poll_seconds
        self.name = f"{upstream}.{partition}"
        self.durable = f"{store.service}-{partition}"
        self.far_behind = False
        self._reached = 0
        self._saved = 0
        self._unsaved_since = 0.0
        self._any_parked = True

    async def run(self) -> None:
        """Apply for ever. Ends only by cancellation or when another process took over."""
        while True:
            try:
                await self._follow()
            except (nats.errors.Error, nats.js.errors.Error, TimeoutError) as error:
                log.warning("inbox-waits-for-nats", upstream=self.name, error=type(error).__name__)
            except StoreAway:
                log.warning("inbox-waits-for-database", upstream=self.name)
            await asyncio.sleep(0.3)

    async def _follow(self) -> None:
        self._reached = self._saved = await asyncio.to_thread(self._store.applied, self.name)
        self._any_parked = True
        await self._catch_up_if_the_upstream_answers()
        stream = stream_name(self._upstream)
        await ensure_durable(self._jetstream(), stream, self.durable, partition_subjects(self._upstream, self._partition))
        subscription = await self._jetstream().pull_subscribe_bind(durable=self.durable, stream=stream)
        try:
            while True:
                try:
                    messages = await subscription.fetch(BATCH, timeout=self._poll_seconds)
                except TimeoutError:
                    await self._save(unless_younger_than=0.0)
                    await self._jetstream().consumer_info(stream, self.durable)
                    await self._catch_up_if_the_upstream_answers()
                    continue
                await self._take(messages)
                await self._save(unless_younger_than=SAVE_SECONDS)
        finally:
            await _quietly(subscription.unsubscribe())

    async def _catch_up_if_the_upstream_answers(self) -> None:
        """While it does not, what it has published is applied all the same."""
        try:
            await self.catch_up()
        except (nats.errors.NoRespondersError, TimeoutError) as error:
            log.info("upstream-does-not-answer", upstream=self.name, error=type(error).__name__)

    async def catch_up(self) -> None:
        """Apply what the upstream's log holds after our position."""
        arrivals, head = await self._fetch_log(self._upstream, self._partition, self._reached)
        try:
            while arrivals:
                self._telemetry.inbox_lag.labels(self.name).set(max(0, head - self._reached))
                self.far_behind = head - self._reached > FAR_BEHIND
                following = asyncio.ensure_future(self._fetch_log(self._upstream, self._partition, arrivals[-1].position))
                try:
                    await self._apply(arrivals)
                    arrivals, head = await following
                finally:
                    following.cancel()
        finally:
            self.far_behind = False
        self._telemetry.inbox_lag.labels(self.name).set(max(0, head - self._reached))

    async def _take(self, messages: Sequence[Msg]) -> None:
        read = [(self._numbers_of_event(message), message) for message in messages]
        strays = [message for numbers, message in read if numbers is None]
        for message in strays:
            self._telemetry.strays.labels(self.name).inc()
            log.error("stray-message", upstream=self.name, stream_sequence=message.metadata.sequence.stream)
            await asyncio.to_thread(self._keep_stray, message)
        position = self._reached
        arrivals: list[Arrival] = []
        gap = bool(strays)
        for numbers, message in read:
            if numbers is None:
                continue
            here, prev = numbers
            if here <= position:
                continue
            if prev != position:
                gap = True
                break
            arrivals.append(Arrival(here, message.data))
            position = here
        if arrivals:
            await self._apply(arrivals)
        if gap:
            self._telemetry.inbox_gaps.labels(self.name).inc()
            await self.catch_up()
        await messages[-1].ack()
        self._telemetry.inbox_lag.labels(self.name).set(messages[-1].metadata.num_pending)

    def _numbers_of_event(self, message: Msg) -> tuple[int, int] | None:
        return _numbers(message) if _is_event_of(message.data, self._upstream) else None

    def _keep_stray(self, message: Msg) -> None:
        def write(cursor: Cursor[DictRow]) -> None:
            cursor.execute(
                "INSERT INTO strays (upstream, reason, stream_sequence, seen_at) VALUES (%s, %s, %s, %s)",
                (self.name, "not an event of Havn", message.metadata.sequence.stream, self._clock.now()),
            )

        self._store.transact(write)

    async def _apply(self, arrivals: Sequence[Arrival]) -> None:
        if self._reached == self._saved:
            self._unsaved_since = time.monotonic()
        self._saved = await asyncio.to_thread(self.apply, self._saved, arrivals)
        self._reached = arrivals[-1].position

    async def _save(self, unless_younger_than: float = 0.0) -> None:
        if self._reached > self._saved and time.monotonic() - self._unsaved_since >= unless_younger_than:
            await asyncio.to_thread(self._store.commit, [], Step(self.name, self._saved, self._reached), [])
            self._saved = self._reached

    def position(self) -> int:
        """The upstream's last position that was applied, as far as this process knows."""
        return max(self._reached, self._store.applied(self.name))

    def apply(self, before: int, arrivals: Sequence[Arrival]) -> int:
        """Apply the events that follow, without a gap, and move the saved position from ``before``, in one transaction.

        Returns the position now saved. Events that lead to nothing need no transaction: ``before`` stays then, and they may be
        passed over again. Raises AlreadyApplied when another process took them: this one no longer leads.
        """
        for _ in range(CONFLICT_TRIES):
            unit = self._decide(arrivals)
            saved = before
            if not unit.empty:
                try:
                    unit.commit(Step(self.name, before, arrivals[-1].position))
                except VersionConflict:
                    continue
                except (AlreadyApplied, StoreAway):
                    raise
                except Exception as error:
                    return self._isolate(before, arrivals, error)
                saved = arrivals[-1].position
            self._telemetry.inbox_applied.labels(self.name).inc(len(arrivals))
            return saved
        raise RuntimeError("the streams of one batch kept changing; the next attempt begins anew")

    def _isolate(self, before: int, arrivals: Sequence[Arrival], error: Exception) -> int:
        """The database refused what a batch leads to: go one by one, and park the case of the one that it is about."""
        if len(arrivals) > 1:
            for arrival in arrivals:
                before = self.apply(before, [arrival])
            return before
        case_id = _case_of(arrivals[0].raw)
        log.error("case-parked", upstream=self.name, case_id=str(case_id), exc_info=error)
        unit = UnitOfWork.begin(self._store, self._clock, self._store.service, self._settings)
        self._park(unit, arrivals[0], case_id, type(error).__name__)
        unit.commit(Step(self.name, before, arrivals[0].position))
        return arrivals[0].position

    def _decide(self, arrivals: Sequence[Arrival]) -> UnitOfWork:
        unit = UnitOfWork.begin(self._store, self._clock, self._store.service, self._settings)
        parked = self._parked_cases()
        read = [(arrival, _read(arrival.raw)) for arrival in arrivals]
        self._reactions.preload([recorded for _, recorded in read if isinstance(recorded, Recorded)], unit)
        for arrival, recorded in read:
            if not isinstance(recorded, Recorded):
                case_id = _case_of(arrival.raw)
                if case_id:
                    parked.add(case_id)
                self._park(unit, arrival, case_id, str(recorded))
                continue
            if not self._reactions.concern(recorded):
                continue
            if recorded.case_id in parked:
                self._park(unit, arrival, recorded.case_id, "behind a parked event of its case")
                continue
            mark = unit.savepoint()
            try:
                self.react(recorded, unit)
            except (StoreAway, MemoryError):
                raise
            except Exception as error:
                unit.rollback_to(mark)
                parked.add(recorded.case_id)
                reason = f"{type(error).__name__}: {error.rule}" if isinstance(error, Refused) else type(error).__name__
                log.error("case-parked", upstream=self.name, case_id=str(recorded.case_id), type=recorded.type, exc_info=error)
                self._park(unit, arrival, recorded.case_id, reason)
        return unit

    def react(self, recorded: Recorded, unit: UnitOfWork) -> None:
        """React to one event inside its trace."""
        unit.source = recorded
        unit.traceparent = recorded.traceparent
        if self._telemetry.tracing and recorded.traceparent:
            attributes: dict[str, str | int] = {
                "messaging.system": "nats",
                "messaging.operation.type": "process",
                "messaging.destination.name": stream_name(self._upstream),
                "havn.event": recorded.type,
                "havn.case": str(recorded.case_id),
            }
            with self._telemetry.span(f"process {recorded.type}", SpanKind.CONSUMER, recorded.traceparent, attributes) as span:
                unit.traceparent = traceparent_of(span)
                self._reactions.apply(recorded, unit)
        else:
            self._reactions.apply(recorded, unit)

    def _parked_cases(self) -> set[UUID]:
        if not self._any_parked:
            return set()
        rows = self._store.rows("SELECT DISTINCT case_id FROM parked WHERE upstream = %s AND case_id IS NOT NULL", (self.name,))
        self._any_parked = bool(rows)
        return {row["case_id"] for row in rows}

    def _park(self, unit: UnitOfWork, arrival: Arrival, case_id: UUID | None, reason: str) -> None:
        self._any_parked = True
        values = (self.name, arrival.position, case_id, reason, unit.now, arrival.raw)

        def write(cursor: Cursor[DictRow]) -> None:
            cursor.execute(
                "INSERT INTO parked (upstream, position, case_id, reason, parked_at, raw) VALUES (%s, %s, %s, %s, %s, %s)", values
            )

        unit.work.append(write)

    def retry(self, case_id: UUID) -> int:
        """Apply a parked case's events again, in order; how many there were. One that still fails raises, and all stay parked.

        Of two at once, one applies them. Raises VersionConflict while their streams, or what is parked, keep changing.
        """
        for _ in range(CONFLICT_TRIES):
            rows = self._parked_of(case_id)
            if not rows:
                return 0
            try:
                self._apply_again(case_id, rows)
            except (VersionConflict, AlreadyApplied):
                continue
            except StoreAway:
                raise
            except Exception:
                # Once another retry has applied them, they can fail because of that.
                if self._parked_of(case_id) == rows:
                    raise
                continue
            return len(rows)
        raise VersionConflict

    def _parked_of(self, case_id: UUID) -> list[dict[str, Any]]:
        query = "SELECT position, raw FROM parked WHERE upstream = %s AND case_id = %s ORDER BY position"
        return self._store.rows(query, (self.name, case_id))

    def _apply_again(self, case_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
        unit = UnitOfWork.begin(self._store, self._clock, self._store.service, self._settings)
        for row in rows:
            self.react(Recorded.from_bytes(bytes(row["raw"])), unit)
        unit.work.insert(0, lambda cursor: _unpark(cursor, self.name, case_id, [row["position"] for row in rows]))
        unit.commit()


def _unpark(cursor: Cursor[DictRow], upstream: str, case_id: UUID, positions: Sequence[int]) -> None:
    """Take these from what is parked. Raises AlreadyApplied when not all of them are there any more."""
    statement = "DELETE FROM parked WHERE upstream = %s AND case_id = %s AND position = ANY(%s) RETURNING 1"
    # A cursor of its own: in a pipeline a shared one may hold the answer to what was asked before.
    with cursor.connection.cursor() as own:
        taken = own.execute(statement, (upstream, case_id, list(positions))).fetchall()
    if len(taken) != len(positions):
        raise AlreadyApplied


def _read(raw: bytes) -> Recorded | MalformedEvent | UnknownEvent:
    try:
        return Recorded.from_bytes(raw)
    except (MalformedEvent, UnknownEvent) as error:
        return error


def _numbers(message: Msg) -> tuple[int, int] | None:
    headers = message.headers or {}
    position, prev = headers.get("havn-position", ""), headers.get("havn-prev", "")
    if not all(number.isdecimal() and len(number) <= POSITION_DIGITS for number in (position, prev)):
        return None
    return int(position), int(prev)


def _is_event_of(raw: bytes, upstream: str) -> bool:
    try:
        envelope = pydantic_core.from_json(raw)
    except ValueError:
        return False
    return isinstance(envelope, dict) and envelope.get("source") == upstream


def _case_of(raw: bytes) -> UUID | None:
    try:
        return UUID(pydantic_core.from_json(raw)["case_id"])
    except (ValueError, KeyError, TypeError):
        return None


async def _quietly(closing: Awaitable[object]) -> None:
    try:
        await closing
    except (nats.errors.Error, nats.js.errors.Error) as error:
        log.debug("unsubscribe-failed", error=type(error).__name__)

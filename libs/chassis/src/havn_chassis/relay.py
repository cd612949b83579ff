"""Publishes every committed event, in order, with the stored bytes as the payload.

Woken by the commit's NOTIFY and by a clock. Its position is saved some time after JetStream's acknowledgement, so that a crash in
between publishes again; ``Nats-Msg-Id`` and ``prev`` let everyone downstream see that it is the same.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import nats.errors
import nats.js.errors
import psycopg
from nats.js import JetStreamContext
from nats.js.api import PubAck
from opentelemetry.trace import SpanKind
from psycopg import Cursor, sql
from psycopg.rows import DictRow

from havn_chassis.database import parameters
from havn_chassis.store import Store, StoredRow
from havn_chassis.streams import ensure_readers, ensure_stream, partition_of, stream_name, subject
from havn_chassis.telemetry import Telemetry, log, traceparent_of
from havn_events import Recorded
from havn_events.envelope import cloudevent_headers

BATCH = 500
ACK_SECONDS = 5.0
SAVE_SECONDS = 0.25
PACE_SECONDS = 0.025


@dataclass(frozen=True)
class FeedMessage:
    """One message for one municipality. ``type``: its CloudEvents type."""

    subject: str
    type: str
    payload: bytes


@dataclass(frozen=True)
class Feed:
    """A second way out of a service's log: some of its events, in another shape, to another stream, for readers outside.

    Nothing on it tells of the inside, or is the same for two readers: no case, no position in the log, no trace. Who has a
    message's ``ce-id`` finds its trace by the span that sent it.
    ``durables``: the readers' consumers and what each is to get. They are made with the stream, since the readers may make none.
    """

    stream: str
    subjects: tuple[str, ...]
    route: Callable[[Recorded], FeedMessage | None]
    durables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Outgoing:
    subject: str
    payload: bytes
    headers: dict[str, str]
    traceparent: str | None
    outside: bool


class RelayFenced(Exception):
    """Another process moved this relay's position: this one no longer leads."""


class Relay:
    """One log's way to one stream."""

    def __init__(
        self,
        store: Store,
        jetstream: Callable[[], JetStreamContext],
        telemetry: Telemetry,
        *,
        partitions: int,
        replicas: int,
        poll_seconds: float,
        hold_back: Callable[[], bool],
        feed: Feed | None = None,
    ) -> None:
        self._store = store
        self._jetstream = jetstream
        self._telemetry = telemetry
        self._partitions = partitions
        self._replicas = replicas
        self._poll_seconds = poll_seconds
        self._hold_back = hold_back
        self._feed = feed
        self.name = feed.stream.lower() if feed else store.service
        self._stream = feed.stream if feed else stream_name(store.service)
        self._subjects = list(feed.subjects) if feed else [f"havn.event.{store.service}.>"]
        self._ensured = False
        self._published: dict[int, int] | None = None
        self._saved: dict[int, int] = {}
        self._unsaved_since = 0.0

    async def run(self) -> None:
        """Publish for ever, but not while ``hold_back`` says so. Ends only by cancellation or RelayFenced."""
        self._published = None
        async with await psycopg.AsyncConnection.connect(**parameters(self._store.url), autocommit=True) as listener:
            await listener.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._store.channel)))
            while True:
                begun = time.monotonic()
                try:
                    while self._hold_back():
                        await asyncio.sleep(SAVE_SECONDS)
                    while await self.publish_next() == BATCH:
                        await self.save(unless_younger_than=SAVE_SECONDS)
                    await self.save(unless_younger_than=SAVE_SECONDS)
                except (nats.errors.Error, nats.js.errors.Error, TimeoutError) as error:
                    self._ensured = False
                    log.warning("relay-waits-for-nats", relay=self.name, error=type(error).__name__)
                    await asyncio.sleep(0.3)
                    continue
                wait = self._poll_seconds if self._published == self._saved else min(SAVE_SECONDS, self._poll_seconds)
                async for _ in listener.notifies(timeout=wait, stop_after=1):
                    pass
                # What is alone goes at once; under load, several go together.
                await asyncio.sleep(begun + PACE_SECONDS - time.monotonic())

    async def publish_next(self) -> int:
        """Publish the next events of the log; how many were taken from it."""
        if self._published is None:
            self._published = self._saved = await asyncio.to_thread(self._positions)
        start = max(self._published.values(), default=0)
        rows = await asyncio.to_thread(self._store.events_after, start, BATCH)
        if not self._ensured:
            await self._ensure()
        if not rows:
            self._telemetry.relay_lag.labels(self.name).set(0)
            return 0
        self._telemetry.relay_lag.labels(self.name).set(len(rows))
        outgoing, moved = self._address(rows, self._published)
        await self._publish(outgoing)
        if self._published == self._saved:
            self._unsaved_since = time.monotonic()
        self._published = moved
        if len(rows) < BATCH:
            self._telemetry.relay_lag.labels(self.name).set(0)
        return len(rows)

    async def save(self, unless_younger_than: float = 0.0) -> None:
        """Save how far it has published, unless what is not saved is younger than that many seconds. Raises RelayFenced."""
        if self._published is None or self._published == self._saved:
            return
        if time.monotonic() - self._unsaved_since < unless_younger_than:
            return
        published = self._published
        await asyncio.to_thread(self._move, self._saved, published)
        self._saved = published

    def lag(self) -> int:
        """How many positions the log is ahead of what is published, as far as this process knows."""
        published = max((self._published or {}).values(), default=0)
        return self._store.head() - max(published, *self._positions().values(), 0)

    async def _ensure(self) -> None:
        js = self._jetstream()
        await ensure_stream(js, self._stream, self._subjects, self._replicas)
        if self._feed:
            await ensure_readers(js, self._stream, self._feed.durables)
        self._ensured = True

    def _positions(self) -> dict[int, int]:
        rows = self._store.rows("SELECT partition, position FROM relay_positions WHERE relay = %s", (self.name,))
        return {row["partition"]: row["position"] for row in rows}

    def _address(self, rows: Sequence[StoredRow], positions: dict[int, int]) -> tuple[list[_Outgoing], dict[int, int]]:
        outgoing: list[_Outgoing] = []
        moved = dict(positions)
        for row in rows:
            recorded = Recorded.envelope_of(row.raw)
            partition = partition_of(recorded.case_id, self._partitions)
            prev = moved.get(partition, 0)
            moved[partition] = row.position
            if self._feed is None:
                headers = {
                    "Nats-Msg-Id": f"{self.name}-{row.position}",
                    "havn-position": str(row.position),
                    "havn-prev": str(prev),
                    **cloudevent_headers(recorded),
                }
                target, payload = subject(self._store.service, partition, recorded.type), row.raw
            else:
                message = self._feed.route(Recorded.from_bytes(row.raw))
                if message is None:
                    continue
                headers = _headers_outside(recorded, message)
                target, payload = message.subject, message.payload
            outgoing.append(_Outgoing(target, payload, headers, recorded.traceparent, outside=self._feed is not None))
        return outgoing, moved

    async def _publish(self, outgoing: Sequence[_Outgoing]) -> None:
        acks = [await self._send(message) for message in outgoing]
        if not acks:
            return
        _, late = await asyncio.wait(acks, timeout=ACK_SECONDS)
        for ack in late:
            ack.cancel()
        if late:
            raise TimeoutError("JetStream did not acknowledge in time")
        for ack in acks:
            ack.result()

    async def _send(self, message: _Outgoing) -> asyncio.Future[PubAck]:
        js = self._jetstream()
        if not (self._telemetry.tracing and message.traceparent):
            return await self._send_with(js, message, message.traceparent)
        attributes: dict[str, str | int] = {
            "messaging.system": "nats",
            "messaging.operation.type": "send",
            "messaging.destination.name": self._stream,
            "messaging.message.id": message.headers["ce-id"],
        }
        with self._telemetry.span(f"send {self._stream}", SpanKind.PRODUCER, message.traceparent, attributes) as span:
            return await self._send_with(js, message, traceparent_of(span) or message.traceparent)

    async def _send_with(self, js: JetStreamContext, message: _Outgoing, traceparent: str | None) -> asyncio.Future[PubAck]:
        traced = {"traceparent": traceparent} if traceparent and not message.outside else {}
        return await js.publish_async(message.subject, message.payload, stream=self._stream, headers={**message.headers, **traced})

    def _move(self, before: dict[int, int], moved: dict[int, int]) -> None:
        def write(cursor: Cursor[DictRow]) -> None:
            for partition, position in moved.items():
                cursor.execute(
                    "INSERT INTO relay_positions VALUES (%s, %s, %s) ON CONFLICT (relay, partition) "
                    "DO UPDATE SET position = excluded.position WHERE relay_positions.position = %s",
                    (self.name, partition, position, before.get(partition, 0)),
                )
                if cursor.rowcount != 1:
                    raise RelayFenced(self.name)

        self._store.transact(write)


def _headers_outside(recorded: Recorded, message: FeedMessage) -> dict[str, str]:
    inside = {"ce-subject", "ce-traceparent"}
    headers = {name: value for name, value in cloudevent_headers(recorded).items() if name not in inside}
    return {"Nats-Msg-Id": str(recorded.id), **headers, "ce-type": message.type}

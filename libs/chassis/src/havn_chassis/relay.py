"""Publishes every committed event, in order, with the stored bytes as the payload.

Woken by the commit's NOTIFY and by a clock. Its position moves after JetStream's acknowledgement, so that a crash in between
publishes again; ``Nats-Msg-Id`` and ``prev`` let everyone downstream see that it is the same.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import nats.errors
import nats.js.errors
import psycopg
from nats.js import JetStreamContext
from nats.js.api import PubAck
from opentelemetry.trace import SpanKind
from psycopg import Cursor, sql
from psycopg.rows import DictRow

from havn_chassis.store import Store, StoredRow
from havn_chassis.streams import ensure_stream, partition_of, stream_name, subject
from havn_chassis.telemetry import Telemetry, log, traceparent_of
from havn_events import Recorded
from havn_events.envelope import cloudevent_headers

BATCH = 500
ACK_SECONDS = 5.0


@dataclass(frozen=True)
class FeedMessage:
    """One message for one municipality. ``type``: its CloudEvents type."""

    subject: str
    type: str
    payload: bytes


@dataclass(frozen=True)
class Feed:
    """A second way out of a service's log: some of its events, in another shape, to another stream."""

    stream: str
    subjects: tuple[str, ...]
    route: Callable[[Recorded], FeedMessage | None]


@dataclass(frozen=True)
class _Outgoing:
    subject: str
    payload: bytes
    headers: dict[str, str]
    traceparent: str | None


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
        feed: Feed | None = None,
    ) -> None:
        self._store = store
        self._jetstream = jetstream
        self._telemetry = telemetry
        self._partitions = partitions
        self._replicas = replicas
        self._poll_seconds = poll_seconds
        self._feed = feed
        self.name = feed.stream.lower() if feed else store.service
        self._stream = feed.stream if feed else stream_name(store.service)
        self._subjects = list(feed.subjects) if feed else [f"havn.event.{store.service}.>"]
        self._ensured = False
        self._known: dict[int, int] = {}

    async def run(self) -> None:
        """Publish for ever. Ends only by cancellation or RelayFenced."""
        self._known = {}
        async with await psycopg.AsyncConnection.connect(self._store.url, autocommit=True, connect_timeout=3) as listener:
            await listener.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._store.channel)))
            while True:
                try:
                    while await self.publish_next():
                        pass
                except (nats.errors.Error, nats.js.errors.Error, TimeoutError) as error:
                    self._ensured = False
                    log.warning("relay-waits-for-nats", relay=self.name, error=type(error).__name__)
                    await asyncio.sleep(0.3)
                    continue
                async for _ in listener.notifies(timeout=self._poll_seconds, stop_after=1):
                    pass

    async def publish_next(self) -> int:
        """Publish the next events of the log; how many were taken from it."""
        positions = self._known or await asyncio.to_thread(self._positions)
        start = max(positions.values(), default=0)
        rows = await asyncio.to_thread(self._store.events_after, start, BATCH)
        if not rows:
            self._telemetry.relay_lag.labels(self.name).set(0)
            return 0
        if not self._ensured:
            await ensure_stream(self._jetstream(), self._stream, self._subjects, self._replicas)
            self._ensured = True
        self._telemetry.relay_lag.labels(self.name).set(len(rows))
        outgoing, moved = self._address(rows, positions)
        await self._publish(outgoing)
        await asyncio.to_thread(self._move, positions, moved)
        self._known = moved
        return len(rows)

    def lag(self) -> int:
        """How many positions the log is ahead of what is published."""
        return self._store.head() - max(self._positions().values(), default=0)

    def _positions(self) -> dict[int, int]:
        rows = self._store.rows("SELECT partition, position FROM relay_positions WHERE relay = %s", (self.name,))
        return {row["partition"]: row["position"] for row in rows}

    def _address(self, rows: Sequence[StoredRow], positions: dict[int, int]) -> tuple[list[_Outgoing], dict[int, int]]:
        outgoing: list[_Outgoing] = []
        moved = dict(positions)
        for row in rows:
            recorded = Recorded.envelope_of(row.raw)
            partition = partition_of(recorded.case_id, self._partitions)
            headers = {
                "Nats-Msg-Id": f"{self.name}-{row.position}",
                "havn-position": str(row.position),
                "havn-prev": str(moved.get(partition, 0)),
                **cloudevent_headers(recorded),
            }
            moved[partition] = row.position
            if self._feed is None:
                target, payload = subject(self._store.service, partition, recorded.type), row.raw
            else:
                message = self._feed.route(Recorded.from_bytes(row.raw))
                if message is None:
                    continue
                target, payload = message.subject, message.payload
                headers["ce-type"] = message.type
                del headers["ce-subject"]
            outgoing.append(_Outgoing(target, payload, headers, recorded.traceparent))
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
            headers = {**message.headers, **({"traceparent": message.traceparent} if message.traceparent else {})}
            return await js.publish_async(message.subject, message.payload, stream=self._stream, headers=headers)
        attributes: dict[str, str | int] = {
            "messaging.system": "nats",
            "messaging.operation.type": "send",
            "messaging.destination.name": self._stream,
        }
        with self._telemetry.span(f"send {self._stream}", SpanKind.PRODUCER, message.traceparent, attributes) as span:
            headers = {**message.headers, "traceparent": traceparent_of(span) or message.traceparent}
            return await js.publish_async(message.subject, message.payload, stream=self._stream, headers=headers)

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

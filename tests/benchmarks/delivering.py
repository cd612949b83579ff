"""Delivering: 98 connected municipalities, each with its own account, beside one that gets everything."""

import asyncio
from collections.abc import Sequence
from time import perf_counter

import nats
import psutil
from nats.aio.client import Client

from havn_chassis.streams import ensure_readers, ensure_stream, feed_subject
from havn_embedded.servers import Nats
from havn_events.municipalities import MUNICIPALITIES
from havn_nats.accounts import durable, inbox_prefix
from havn_nats.credentials import Credential
from notification.feed import DURABLES, STREAM, SUBJECTS
from tests.benchmarks.figures import Outcome, Pair, figure, side_by_side
from tests.benchmarks.rig import Rig
from tests.conftest import ROOT

PAYLOAD = b"x" * 300
READ_SECONDS = 60.0
SETTLE_SECONDS = 0.5
PAUSE_SECONDS = 0.12
ONE = ["0101"]


def measure(rig: Rig) -> Outcome:
    """Timed: from publishing on a feed until its reader, who was waiting, has acknowledged; the pause before the next is left out.

    By the clock, and by the server's processor time. Floor: the same, with one municipality connected that gets everything. All 98
    accounts, credentials and consumers are there both times. The pause keeps the events apart, as they are where a feed has one
    now and then. In a burst the server does work once for many events of one reader that it does for each of 98 readers.
    """
    server = Nats(rig.fresh_folder(), ROOT / "deploy" / "nats" / "nats.conf")
    credentials = {code: server.credentials.grant(code) for code in MUNICIPALITIES}
    server.start()
    try:
        with asyncio.Runner() as loop:
            platform = loop.run(_platform(server))
            events = len(MUNICIPALITIES)
            processor: list[float] = []

            def deliver(codes: Sequence[str]) -> float:
                readers = {code: credentials[code] for code in codes}
                clock, work = loop.run(_deliver(server, platform, readers, events // len(codes)))
                processor.append(work / events * 1e6)
                return clock / events * 1e6

            pairs = side_by_side(rig.rounds, lambda: deliver(list(MUNICIPALITIES)), lambda: deliver(ONE))
            loop.run(platform.close())
    finally:
        server.stop()
    spent = [Pair(many, one) for many, one in zip(processor[2::2], processor[3::2], strict=True)]
    return Outcome(
        (
            figure("an event to one of 98 municipalities", "to the only one connected", "µs", pairs, 1.2, at_most=True),
            figure("the server's share of it", "to the only one connected", "µs", spent, 1.2, at_most=True),
        )
    )


async def _platform(server: Nats) -> Client:
    connection = await nats.connect(server.url)
    jetstream = connection.jetstream()
    await ensure_stream(jetstream, STREAM, list(SUBJECTS), 1)
    await ensure_readers(jetstream, STREAM, DURABLES)
    return connection


async def _deliver(server: Nats, platform: Client, readers: dict[str, Credential], each: int) -> tuple[float, float]:
    """Seconds by the clock and of the server's processor time, for ``each`` events to every reader."""
    taken: asyncio.Queue[None] = asyncio.Queue()
    jetstream = platform.jetstream()
    connections = [await _connect(server, code, credential) for code, credential in readers.items()]
    reading = [asyncio.create_task(_read(*reader, each, taken)) for reader in zip(connections, readers, strict=True)]
    await asyncio.sleep(SETTLE_SECONDS)
    process = psutil.Process(server.pid)
    clock, spent = 0.0, sum(process.cpu_times()[:2])
    for code in list(readers) * each:
        begun = perf_counter()
        await jetstream.publish(feed_subject(code), PAYLOAD, stream=STREAM)
        await taken.get()
        clock += perf_counter() - begun
        await asyncio.sleep(PAUSE_SECONDS)
    spent = sum(process.cpu_times()[:2]) - spent
    await asyncio.gather(*reading)
    for connection in connections:
        await connection.close()
    return clock, spent


async def _connect(server: Nats, code: str, credential: Credential) -> Client:
    return await nats.connect(server.address, nkeys_seed_str=credential.seed, inbox_prefix=inbox_prefix(code).encode())


async def _read(connection: Client, code: str, expected: int, taken: "asyncio.Queue[None]") -> None:
    feed = await connection.jetstream().pull_subscribe_bind(durable(code), STREAM)
    for _ in range(expected):
        [message] = await feed.fetch(1, timeout=READ_SECONDS)
        await message.ack_sync()
        taken.put_nowait(None)

"""From a shelter's report to the municipality: the whole way through six services beside one commit and one message."""

import asyncio
import http.client
import json
from collections.abc import Awaitable, Callable
from statistics import median
from time import perf_counter
from urllib.parse import urlsplit

import nats
import psycopg
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import DeliverPolicy

from havn_chassis.streams import FEED_STREAM, ensure_stream, feed_subject
from havn_embedded.stack import Stack
from tests.benchmarks.client import admission, post
from tests.benchmarks.figures import Outcome, figure, side_by_side
from tests.benchmarks.rig import Rig
from tests.conftest import ROOT

MUNICIPALITY = "0157"
FLOOR_STREAM, FLOOR_SUBJECT = "FLOOR", "floor.notice"
REST_SECONDS = 0.3
RECEIVE_SECONDS = 60.0


def measure(rig: Rig) -> Outcome:
    """Timed: from sending POST /stays until a client subscribed to the municipality's feed holds the notice; the median.

    One at a time, with a rest in between, so that it is the way through that is timed and no queue. Floor: the median of one
    insert and commit, one JetStream publish, and its receipt by a client subscribed the same way.
    """
    with rig.database() as database:
        configuration = ROOT / "deploy" / "nats" / "nats.conf"
        stack = Stack(rig.fresh_folder(), configuration, database_url=database, demonstration=False)
        try:
            stack.start()
            with asyncio.Runner() as loop, psycopg.connect(database, autocommit=True) as bare:
                return _measure(rig, stack, bare, loop)
        finally:
            stack.stop()


def _measure(rig: Rig, stack: Stack, bare: psycopg.Connection, loop: asyncio.Runner) -> Outcome:
    connection = loop.run(nats.connect(str(stack.nats_url)))
    jetstream = connection.jetstream()
    loop.run(ensure_stream(jetstream, FEED_STREAM, ["havn.feed.>"], 1))
    loop.run(ensure_stream(jetstream, FLOOR_STREAM, ["floor.>"], 1))
    bare.execute("CREATE TABLE public.bare (id bigserial PRIMARY KEY, raw bytea NOT NULL)")
    intake = http.client.HTTPConnection("127.0.0.1", urlsplit(stack.urls["intake"]).port, timeout=30)
    token = stack.token("shelter")
    raw = json.dumps(admission()).encode()
    feed = loop.run(_subscribed(jetstream, feed_subject(MUNICIPALITY)))
    own = loop.run(_subscribed(jetstream, FLOOR_SUBJECT))

    async def report() -> None:
        intake.close()
        await asyncio.to_thread(post, intake, token)

    async def commit_and_publish() -> None:
        await asyncio.to_thread(bare.execute, "INSERT INTO public.bare (raw) VALUES (%s)", (raw,))
        await jetstream.publish(FLOOR_SUBJECT, raw)

    times = rig.some(20)
    pairs = side_by_side(
        rig.rounds,
        lambda: loop.run(_median(times, report, feed, _is_notice)),
        lambda: loop.run(_median(times, commit_and_publish, own, lambda _: True)),
    )
    loop.run(connection.close())
    intake.close()
    return Outcome((figure("report until the notice is on the feed", "commit, publish, receive", "ms", pairs, 8, at_most=True),))


async def _subscribed(jetstream: JetStreamContext, subject: str) -> "asyncio.Queue[Msg]":
    received: asyncio.Queue[Msg] = asyncio.Queue()
    await jetstream.subscribe(subject, cb=received.put, ordered_consumer=True, deliver_policy=DeliverPolicy.NEW)
    return received


def _is_notice(message: Msg) -> bool:
    return "notice" in json.loads(message.data)


async def _median(
    times: int, send: Callable[[], Awaitable[None]], received: "asyncio.Queue[Msg]", wanted: Callable[[Msg], bool]
) -> float:
    """The median of so many round trips, in milliseconds."""
    taken = []
    for _ in range(times):
        await asyncio.sleep(REST_SECONDS)
        begun = perf_counter()
        await send()
        async with asyncio.timeout(RECEIVE_SECONDS):
            while not wanted(await received.get()):
                pass
        taken.append((perf_counter() - begun) * 1000)
    return median(taken)

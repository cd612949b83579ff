"""Publishing: the relay beside the NATS client's own pipelined publishing."""

import asyncio
from collections.abc import Sequence
from functools import partial
from itertools import count

import nats
from nats.js import JetStreamContext

from havn_chassis.relay import Relay
from havn_chassis.store import Store
from havn_chassis.streams import ensure_stream
from havn_chassis.telemetry import Telemetry
from tests.benchmarks.figures import Outcome, figure, rate, side_by_side
from tests.benchmarks.rig import Rig
from tests.benchmarks.stays import stay_events

FLOOR_STREAM = "FLOOR"


def measure(rig: Rig) -> Outcome:
    """Timed: ``Relay.publish_next`` until the log is empty: reading, addressing, publishing, acknowledgements, its position.

    Floor: ``publish_async`` of the same payloads into a stream made the same way, all acknowledgements awaited.
    """
    with rig.database() as database, rig.fresh_nats() as server, asyncio.Runner() as loop:
        connection = loop.run(nats.connect(server.url))
        jetstream = connection.jetstream()
        store = Store(database, "intake")
        store.create()
        relay = Relay(store, lambda: jetstream, Telemetry("intake", None), partitions=1, replicas=1, poll_seconds=1.0)
        loop.run(ensure_stream(jetstream, FLOOR_STREAM, ["floor.>"], 1))
        each_round = rig.some(2000)
        events = stay_events(each_round * (rig.rounds + 1))
        rounds = [events[start : start + each_round] for start in range(0, len(events), each_round)]
        relayed, published = count(), count()

        def publish_log() -> float:
            store.commit(rounds[next(relayed)], None, [])
            return rate(lambda: loop.run(_until_empty(relay)))

        def publish_bare() -> float:
            payloads = [event.to_bytes() for event in rounds[next(published)]]
            return rate(partial(_run_bare, loop, jetstream, payloads))

        pairs = side_by_side(rig.rounds, publish_log, publish_bare)
        loop.run(connection.close())
        store.close()
    return Outcome((figure("relay into JetStream", "nats-py, pipelined", "events/s", pairs, 0.5),))


async def _until_empty(relay: Relay) -> int:
    done = 0
    while taken := await relay.publish_next():
        done += taken
    return done


def _run_bare(loop: asyncio.Runner, jetstream: JetStreamContext, payloads: Sequence[bytes]) -> int:
    return loop.run(_publish(jetstream, payloads))


async def _publish(jetstream: JetStreamContext, payloads: Sequence[bytes]) -> int:
    acks = [await jetstream.publish_async("floor.bare", payload) for payload in payloads]
    await asyncio.gather(*acks)
    return len(acks)

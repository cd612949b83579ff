"""A server with the shipped configuration, a credential for every municipality, the real feeds, and what lies beside them."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nats as nats_client
import pytest
from nats.js.api import AckPolicy, ConsumerConfig, StreamConfig

from havn_chassis.streams import ensure_durable, ensure_readers, ensure_stream, feed_subject, partition_subjects
from havn_embedded.servers import Nats
from havn_events.municipalities import MUNICIPALITIES
from havn_nats.credentials import Credential
from notification.feed import DURABLES, STREAM, SUBJECTS
from tests.component.nats.lines import Lines
from tests.conftest import ROOT

MESSAGES = 5


@dataclass(frozen=True)
class Harbour:
    """The running server and everybody's credentials."""

    server: Nats
    credentials: dict[str, Credential]

    def municipality(self, code: str) -> Lines:
        """A connection with the municipality's credential."""
        return Lines(self.server.port, seed=self.credentials[code].seed)

    def platform(self) -> Lines:
        """A connection with the platform's password."""
        return Lines(self.server.port, user="havn", password=self.server.password)

    def state(self) -> dict[str, Any]:
        """Every stream and consumer of the platform: its configuration, what it holds, and how far it has been read."""
        return asyncio.run(self._state())

    def unconfirmed(self, stream: str, consumer: str) -> int:
        """How many messages a consumer's reader was given and has not confirmed."""
        return int(self.state()[f"{stream}/{consumer}"][3][0])

    async def _state(self) -> dict[str, Any]:
        connection = await nats_client.connect(self.server.url)
        jetstream = connection.jetstream()
        found: dict[str, Any] = {}
        for stream in await jetstream.streams_info():
            name = str(stream.config.name)
            found[name] = (stream.config, stream.state.messages, stream.state.first_seq, stream.state.last_seq)
            consumers: list[Any] = []
            while page := await jetstream.consumers_info(name, offset=len(consumers)):
                consumers += page
            for consumer in consumers:
                delivered, floor = consumer.delivered, consumer.ack_floor
                assert delivered is not None
                assert floor is not None
                found[f"{name}/{consumer.name}"] = (
                    consumer.config,
                    (delivered.consumer_seq, delivered.stream_seq),
                    (floor.consumer_seq, floor.stream_seq),
                    (consumer.num_ack_pending, consumer.num_redelivered, consumer.num_pending, consumer.num_waiting),
                )
        await connection.close()
        return found


@contextmanager
def harbour_in(folder: Path) -> Iterator[Harbour]:
    """Everybody may connect; each feed holds a few messages; an internal stream and a spare one lie beside it."""
    server = Nats(folder / "nats", ROOT / "deploy" / "nats" / "nats.conf")
    credentials = {code: server.credentials.grant(code) for code in MUNICIPALITIES}
    server.start()
    try:
        asyncio.run(_furnish(server.url))
        yield Harbour(server, credentials)
    finally:
        server.stop()


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harbour]:
    """The one that is to stay as it is."""
    with harbour_in(tmp_path_factory.mktemp("harbour")) as running:
        yield running


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harbour]:
    """One that is to be spoilt."""
    with harbour_in(tmp_path_factory.mktemp("spoilt")) as running:
        yield running


@pytest.fixture(scope="module")
def expendable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harbour]:
    """One where messages are taken and credentials come and go."""
    with harbour_in(tmp_path_factory.mktemp("expendable")) as running:
        yield running


async def _furnish(url: str) -> None:
    connection = await nats_client.connect(url)
    jetstream = connection.jetstream()
    await ensure_stream(jetstream, STREAM, list(SUBJECTS), 1)
    await ensure_readers(jetstream, STREAM, DURABLES)
    await ensure_stream(jetstream, "INTAKE", ["havn.event.intake.>"], 1)
    await ensure_durable(jetstream, "INTAKE", "orchestrator-0", partition_subjects("intake", 0))
    await jetstream.add_stream(StreamConfig(name="SPARE", subjects=["spare.>"], allow_direct=True))
    everything = ConsumerConfig(durable_name="everything", ack_policy=AckPolicy.EXPLICIT)
    await jetstream.add_consumer(STREAM, everything)
    for number in range(MESSAGES):
        for code in MUNICIPALITIES:
            await jetstream.publish_async(feed_subject(code), json.dumps({"for": code, "number": number}).encode())
        await jetstream.publish_async("havn.event.intake.0.WomanAdmitted", b"inside")
        await jetstream.publish_async("spare.one", b"inside")
    await jetstream.publish_async_completed()
    await connection.close()


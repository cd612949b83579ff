"""Webhooks: how long a message takes to 97 healthy endpoints, with a 98th that hangs beside without it."""

import asyncio
import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

from cryptography.fernet import Fernet, MultiFernet

from havn_chassis.service import Context
from havn_events.municipal import own_id
from havn_events.municipalities import MUNICIPALITIES
from notification.delivery import PATIENCE, PRIVATE_ALLOWED
from notification.domain.notices.commands import InformOfDuty
from notification.domain.notices.decider import NOTICES
from notification.domain.webhook import Patience
from notification.main import SERVICE
from notification.sealing import SEALING
from tests.benchmarks.figures import Outcome, figure, side_by_side
from tests.benchmarks.rig import Rig
from tests.support import settings_for

HANGING, *HEALTHY = sorted(MUNICIPALITIES)
SECRET = b"whsec_" + base64.b64encode(bytes(32))
SEALED_WITH = MultiFernet([Fernet(Fernet.generate_key())])
ARRIVE_SECONDS = 60.0
SETTLE_SECONDS = 2.5


@dataclass
class _Receivers:
    """One server for all endpoints: it notes when a message arrived, and answers all but those to ``/hang``."""

    arrived: dict[UUID, float] = field(default_factory=dict)
    port: int = 0
    hanging: int = 0

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
                body = await reader.readexactly(length)
                if b"/hang" in head.split(b"\r\n")[0]:
                    self.hanging += 1
                    await asyncio.sleep(3600)
                self.arrived[UUID(json.loads(body)["data"]["obligation_id"])] = perf_counter()
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


def measure(rig: Rig) -> Outcome:
    """Timed: from the commit of one message for each of 97 municipalities until each has arrived; the median of all.

    Both sides are the running service's own delivery on real connections. On one, a 98th endpoint takes connections and never
    answers, and always has a message under way.
    """
    own = {PATIENCE: Patience(attempt=timedelta(minutes=10)), PRIVATE_ALLOWED: True, SEALING: SEALED_WITH}
    service = replace(SERVICE, upstreams=(), feeds=(), settings={**SERVICE.settings, **own})
    with (
        rig.database() as beside,
        rig.database() as alone,
        asyncio.Runner() as loop,
        _delivering(rig, loop, service, beside, hang=True) as with_hanging,
        _delivering(rig, loop, service, alone) as without,
    ):
        pairs = side_by_side(
            rig.rounds, lambda: loop.run(with_hanging.round(rig.some(10))), lambda: loop.run(without.round(rig.some(10)))
        )
    return Outcome((figure("97 webhooks beside one that hangs", "97 webhooks", "ms", pairs, 1.1, at_most=True),))


@dataclass
class _Side:
    context: Context
    receivers: _Receivers
    hang: bool

    async def round(self, times: int) -> float:
        """The median delay of so many messages to each, in milliseconds."""
        return median([delay for _ in range(times) for delay in await self._once()])

    async def _once(self) -> list[float]:
        assert self.receivers.hanging == int(self.hang), "the one that hangs must be hanging, and no other"
        told = {code: uuid4() for code in HEALTHY}
        ids = {own_id(code, obligation_id) for code, obligation_id in told.items()}
        await asyncio.to_thread(commit, self.context, told)
        begun = perf_counter()
        async with asyncio.timeout(ARRIVE_SECONDS):
            while not ids <= self.receivers.arrived.keys():
                await asyncio.sleep(0.02)
        return [(self.receivers.arrived[each] - begun) * 1000 for each in ids]


def commit(context: Context, ids: dict[str, UUID]) -> None:
    """One message for each municipality, in one transaction, each about a case of its own."""
    unit = context.unit("benchmark")
    for municipality, obligation_id in ids.items():
        command = InformOfDuty(
            stay_id=uuid4(),
            occurred_on=context.today(),
            obligation_id=obligation_id,
            municipality=municipality,
            rule="initial-advice",
            due=None,
            fresh_reference=uuid4(),
        )
        unit.execute(NOTICES, (command.stay_id,), command)
    unit.commit()


def register(context: Context, urls: dict[str, str]) -> None:
    """Registrations as the route makes them, without asking each endpoint."""

    def write(cursor: Any) -> None:
        for municipality, url in urls.items():
            cursor.execute(
                "INSERT INTO webhooks (municipality, registration_id, url, sealed_secret, registered_at) "
                "VALUES (%s, %s, %s, %s, %s)",
                (municipality, uuid4(), url, SEALED_WITH.encrypt(SECRET), context.clock.now()),
            )

    context.store.transact(write)


@contextmanager
def _delivering(rig: Rig, loop: asyncio.Runner, service: Any, database: str, *, hang: bool = False) -> Iterator[_Side]:
    context = Context(service, settings_for("notification", database, rig.issuer, rig.folder))
    receivers = _Receivers()
    server = loop.run(asyncio.start_server(receivers.take, "127.0.0.1", 0))
    port = server.sockets[0].getsockname()[1]
    tasks = loop.run(context.start())
    register(context, {HANGING: f"http://127.0.0.1:{port}/hang"} if hang else {})
    register(context, {code: f"http://127.0.0.1:{port}/{code}" for code in HEALTHY})
    side = _Side(context, receivers, hang)
    if hang:
        loop.run(asyncio.to_thread(commit, context, {HANGING: uuid4()}))
    loop.run(asyncio.sleep(SETTLE_SECONDS))
    try:
        yield side
    finally:
        loop.run(context.stop(tasks))
        server.close()

"""The servers every benchmark stands on: a PostgreSQL and a NATS of its own, with the configuration that is shipped."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psutil

from havn_chassis.inbox import Arrival
from havn_chassis.service import Context
from havn_chassis.store import Store
from havn_embedded.servers import Nats, Postgres
from havn_embedded.stack import DEMO_SHELTERS
from havn_embedded.tokens import Issuer
from havn_events import Recorded
from orchestrator.main import compose
from tests.benchmarks.figures import Memory
from tests.conftest import ROOT, make_database
from tests.processes import Running
from tests.support import environment_for, settings_for

LOG_BATCH = 2000


@dataclass(frozen=True)
class Rig:
    """Servers, keys and a folder. ``share``: one part in so many is done in each of the measured ``rounds``."""

    folder: Path
    postgres: Postgres
    nats: Nats
    issuer: Issuer
    share: int
    rounds: int
    _numbers: "count[int]" = field(default_factory=count)

    def some(self, full: int) -> int:
        """The share of so many, and at least one."""
        return max(1, full // self.share)

    def fresh_folder(self) -> Path:
        """An empty folder."""
        folder = self.folder / str(next(self._numbers))
        folder.mkdir()
        return folder

    @contextmanager
    def database(self) -> Iterator[str]:
        """An empty database."""
        with make_database(self.postgres) as url:
            yield url

    @contextmanager
    def fresh_nats(self) -> Iterator[Nats]:
        """An empty NATS server."""
        server = Nats(self.fresh_folder(), ROOT / "deploy" / "nats" / "nats.conf").start()
        try:
            yield server
        finally:
            server.stop()

    @contextmanager
    def process(self, module: str, database: str, nats_url: str) -> Iterator[Running]:
        """A service as a process, ready; it lives by the machine's clock."""
        environment = {**environment_for(database, nats_url, self.issuer, 1), "HAVN_SHELTERS": DEMO_SHELTERS}
        running = Running([module], environment, self.fresh_folder() / "log").start()
        try:
            yield running.wait_ready()
        finally:
            running.stop()

    @contextmanager
    def orchestrator(self, database: str) -> Iterator["Orchestrator"]:
        """The orchestrator as it is composed, with its store, fed by hand; its clock shows the day of what it is fed."""
        clock = self.fresh_folder() / "clock"
        clock.touch()
        settings = settings_for("orchestrator", database, self.issuer, self.folder, HAVN_CLOCK_FILE=str(clock))
        context = Context(compose({}), settings)
        context.store.create()
        try:
            yield Orchestrator(context, clock)
        finally:
            context.store.close()


@dataclass(frozen=True)
class Incoming:
    """An event, and how it comes in."""

    recorded: Recorded
    arrival: Arrival


@dataclass(frozen=True)
class Orchestrator:
    """The orchestrator's store and its inbox of intake's events."""

    context: Context
    clock: Path

    def apply(self, batch: Sequence[Incoming]) -> None:
        """Apply one batch as the inbox does with what it fetched."""
        self.clock.write_text(batch[-1].recorded.recorded_at.isoformat())
        self.context.inboxes[0].apply(batch[0].arrival.position - 1, [incoming.arrival for incoming in batch])

    def assert_nothing_parked(self) -> None:
        """What is parked was not applied, and must not be counted."""
        assert self.context.rows("SELECT count(*) AS n FROM parked")[0]["n"] == 0


def numbered(events: Sequence[Recorded]) -> list[Incoming]:
    """Each event with the position it has in a log that holds nothing else."""
    return [Incoming(event, Arrival(position, event.to_bytes())) for position, event in enumerate(events, start=1)]


def batches(events: Sequence[Incoming], size: int) -> Iterator[Sequence[Incoming]]:
    """The events, ``size`` at a time."""
    for start in range(0, len(events), size):
        yield events[start : start + size]


def fill_log(database: str, service: str, events: Sequence[Recorded]) -> None:
    """A service's log with these events."""
    store = Store(database, service)
    store.create()
    for start in range(0, len(events), LOG_BATCH):
        store.commit(events[start : start + LOG_BATCH], None, [])
    store.close()


def memory(name: str, pid: int, below_mb: float | None = 200.0) -> Memory:
    """What a process holds now."""
    return Memory(name, psutil.Process(pid).memory_info().rss / 2**20, below_mb)


@contextmanager
def rigged(share: int, rounds: int) -> Iterator[Rig]:
    """The servers, started and stopped."""
    with tempfile.TemporaryDirectory(prefix="havn-bench-") as name:
        folder = Path(name)
        postgres = Postgres(folder / "postgres")
        server = Nats(folder / "nats", ROOT / "deploy" / "nats" / "nats.conf").start()
        issuer = Issuer(folder / "issuer").start()
        try:
            yield Rig(folder, postgres, server, issuer, share, rounds)
        finally:
            issuer.stop()
            server.stop()
            postgres.stop()

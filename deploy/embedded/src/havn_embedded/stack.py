"""The whole of Havn as processes on this machine: two servers, six services, one clock."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from uuid import UUID

import httpx

from havn_chassis.auth import OF_A_SHELTER, Role
from havn_embedded.servers import Nats, NotStarted, Postgres, free_port
from havn_embedded.tokens import Issuer
from havn_nats.accounts import inbox_prefix

SERVICES: Mapping[str, str] = {
    "intake": "intake",
    "orchestrator": "orchestrator",
    "notification": "notification",
    "psychology": "psychology",
    "coordinating-advice": "coordinating_advice",
    "aftercare": "aftercare",
}
"""The six services and their modules."""

DEMO_SHELTER = UUID("5e1f0000-0000-4000-8000-000000000157")
DEMO_MUNICIPALITY = "0101"
DEMO_SHELTERS = json.dumps({str(DEMO_SHELTER): json.loads(files("havn_embedded").joinpath("shelter.json").read_bytes())})
"""Its setting is what ``havn standards setting`` prints for its standard and municipality."""
READY_SECONDS = 60.0
DRAIN_SECONDS = 20.0
DEMO_BEGINS = datetime(2022, 1, 1, 11, tzinfo=UTC)


@dataclass
class Stack:
    """Everything that ``make run`` starts, in ``folder``. Servers named by the environment are used and left alone.

    ``demonstration``: live by the clock file, for the shelter of the demonstration; otherwise by the machine's clock.
    """

    folder: Path
    nats_configuration: Path
    database_url: str | None = None
    nats_url: str | None = None
    demonstration: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    _issuer: Issuer | None = None
    _postgres: Postgres | None = None
    _nats: Nats | None = None
    _processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self) -> None:
        """Start the servers, then the services; back when each says that it is ready. Raises NotStarted."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._issuer = Issuer(self.folder / "issuer").start()
        if not self.database_url:
            self._postgres = Postgres(self.folder / "postgres")
            self.database_url = self._postgres.url
        if not self.nats_url:
            self._nats = Nats(self.folder / "nats", self.nats_configuration)
            self._let_in(self._nats)
            self._nats.start()
            self.nats_url = self._nats.url
        if self.demonstration and not self.clock_file.exists():
            self.set_clock(DEMO_BEGINS)
        for service in SERVICES:
            self._start_service(service)
        for service in SERVICES:
            self._wait_ready(service)

    @property
    def clock_file(self) -> Path:
        """The file that holds the platform's instant during the demonstration."""
        return self.folder / "clock"

    def set_clock(self, instant: datetime) -> None:
        """Move the platform's clock."""
        fresh = self.clock_file.with_suffix(".new")
        fresh.write_text(instant.astimezone(UTC).isoformat())
        os.replace(fresh, self.clock_file)

    @property
    def issuer(self) -> Issuer:
        """The development issuer; it is there from the start to the stop."""
        assert self._issuer
        return self._issuer

    def token(self, role: str, of: str | None = None) -> str:
        """A development token. ``of``: the municipality's code, or a psychologist's or adviser's id, where the role has one."""
        known: Role = role  # type: ignore[assignment]
        claims = {"shelter": str(DEMO_SHELTER)} if known in OF_A_SHELTER else {}
        if of is not None:
            claims[known] = of
        return self.issuer.token(known, f"demonstration-{role}", **claims)

    @property
    def feed(self) -> Mapping[str, str]:
        """How the demonstration's municipality reaches its feed; empty where another's NATS server is used."""
        if self._nats is None:
            return {}
        return {
            "FEED_MUNICIPALITY": DEMO_MUNICIPALITY,
            "FEED_URL": self._nats.address,
            "FEED_SEED_FILE": str(self._seed_file),
            "FEED_INBOX_PREFIX": inbox_prefix(DEMO_MUNICIPALITY),
        }

    @property
    def _seed_file(self) -> Path:
        return self.folder / "nats" / f"m{DEMO_MUNICIPALITY}.nk"

    def _let_in(self, nats: Nats) -> None:
        if DEMO_MUNICIPALITY not in nats.credentials.public_keys() and not self._seed_file.exists():
            nats.credentials.grant(DEMO_MUNICIPALITY, self._seed_file)

    def pid(self, service: str) -> int:
        """A service's process id."""
        return self._processes[service].pid

    def check(self) -> None:
        """Raises NotStarted when a service has ended by itself."""
        for service, process in self._processes.items():
            if process.poll() is not None:
                raise NotStarted(f"{service} has ended; see {self._log(service)}")

    def stop(self) -> None:
        """SIGTERM to every service, wait for them to drain, then stop the servers that were started here."""
        for process in self._processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        end = time.monotonic() + DRAIN_SECONDS
        for process in self._processes.values():
            try:
                process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()
        if self._nats:
            self._nats.stop()
        if self._postgres:
            self._postgres.stop()
        if self._issuer:
            self._issuer.stop()
            self._issuer = None

    def _start_service(self, service: str) -> None:
        port = free_port()
        self.urls[service] = f"http://127.0.0.1:{port}"
        with self._log(service).open("ab") as output:
            self._processes[service] = subprocess.Popen(
                [sys.executable, "-m", SERVICES[service]],
                env={**os.environ, **self._environment(port), **self.environment},
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def _environment(self, port: int) -> dict[str, str]:
        assert self.database_url
        assert self.nats_url
        settings = {
            "DATABASE_URL": self.database_url,
            "NATS_URL": self.nats_url,
            "HAVN_HTTP_PORT": str(port),
            "HAVN_ISSUER": self.issuer.url,
            "HAVN_VAULT_KEY_FILE": str(self._key_file("vault")),
            "HAVN_WEBHOOK_KEY_FILE": str(self._key_file("webhooks")),
            "HAVN_WEBHOOK_PRIVATE_ADDRESSES": "allowed",
        }
        if self.demonstration:
            settings |= {
                "HAVN_SHELTERS": DEMO_SHELTERS,
                "HAVN_CLOCK_FILE": str(self.clock_file),
                "HAVN_DAY_TICK_SECONDS": "0.02",
            }
        return settings

    def _key_file(self, what_for: str) -> Path:
        key = self.folder / "issuer" / f"{what_for}.key"
        if not key.exists():
            key.touch(mode=0o600)
            key.write_bytes(b64encode(secrets.token_bytes(32)))
        return key

    def _log(self, service: str) -> Path:
        return self.folder / f"{service}.log"

    def _wait_ready(self, service: str) -> None:
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            self.check()
            try:
                if httpx.get(f"{self.urls[service]}/readyz", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise NotStarted(f"{service} did not become ready; see {self._log(service)}")

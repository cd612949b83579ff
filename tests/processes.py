"""Services as real processes, that tests start, kill and stop by their ids."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx

from havn_embedded.servers import free_port

PATIENCE_SECONDS = 60.0
"""How long a test waits for what must come: machines that run tests stand still for many seconds now and then."""


def eventually(condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS, what: str = "the condition") -> None:
    """Poll until it holds; fail when it does not in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    assert condition(), f"{what} did not hold within {seconds} s"


@dataclass
class Running:
    """One service's process. Its output goes to ``log``."""

    command: Sequence[str]
    environment: dict[str, str]
    log: Path
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start it; it is ready when ``wait_ready`` says so."""
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self.command],
                env={**os.environ, **self.environment, "HAVN_HTTP_PORT": str(self.port)},
                stdout=output,
                stderr=output,
                cwd=Path(__file__).resolve().parents[1],
            )
        return self

    def wait_ready(self) -> Self:
        """Wait for /readyz."""
        eventually(self.ready, what=f"{self.command} being ready (see {self.log})")
        return self

    def wait_alive(self) -> Self:
        """Wait for /healthz, which asks neither for the database nor for NATS."""
        eventually(lambda: self._answers("/healthz"), what=f"{self.command} being alive (see {self.log})")
        return self

    def ready(self) -> bool:
        """Whether it says it is ready."""
        return self._answers("/readyz")

    def _answers(self, path: str) -> bool:
        assert self._process
        assert self._process.poll() is None, self.log.read_text()[-4000:]
        try:
            return httpx.get(f"{self.url}{path}", timeout=PATIENCE_SECONDS).status_code == 200
        except httpx.TransportError:
            return False

    @property
    def url(self) -> str:
        """Its HTTP address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process
        return self._process.pid

    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL, at once."""
        self.end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM; its exit status."""
        return self.end(signal.SIGTERM)

    def end(self, sign: signal.Signals) -> int:
        """Send a signal and wait for the end."""
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(sign)
        status = self._process.wait(timeout=PATIENCE_SECONDS)
        self._process = None
        return status

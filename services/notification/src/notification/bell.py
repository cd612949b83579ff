"""Wakes those in this process who wait for a municipality's next message, as soon as PostgreSQL tells of its commit."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg

from havn_chassis.database import parameters
from havn_chassis.service import Context
from havn_chassis.telemetry import log

BELL: Final = "bell"
"""The setting that holds the process's Bell."""

RING: Final = "havn_feed"
"""The PostgreSQL channel; what is told on it is the municipality's code."""

LISTEN_SECONDS = 1.0


class Bell:
    """Events of waiters by municipality. May be rung from any thread."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = defaultdict(set)

    @contextmanager
    def heard(self, municipality: str) -> Iterator[asyncio.Event]:
        """An event that is set at each of the municipality's messages; clear it before looking for them."""
        waiter = asyncio.get_running_loop(), asyncio.Event()
        self._waiting[municipality].add(waiter)
        try:
            yield waiter[1]
        finally:
            self._waiting[municipality].discard(waiter)

    def ring(self, municipality: str) -> None:
        """Wake those who wait for this municipality's messages."""
        for loop, event in tuple(self._waiting.get(municipality, ())):
            loop.call_soon_threadsafe(event.set)

    def ring_all(self) -> None:
        """Wake everybody: something may have been missed."""
        for municipality in tuple(self._waiting):
            self.ring(municipality)


async def listen(context: Context) -> None:
    """Ring for every message that is committed, until the service stops."""
    bell: Bell = context.setting(BELL)
    while not context.stopping.is_set():
        try:
            async with await psycopg.AsyncConnection.connect(
                **parameters(context.settings.database_url), autocommit=True
            ) as listener:
                await listener.execute(f"LISTEN {RING}".encode())
                bell.ring_all()
                while not context.stopping.is_set():
                    async for told in listener.notifies(timeout=LISTEN_SECONDS):
                        bell.ring(told.payload)
        except psycopg.OperationalError:
            log.warning("feed-waits-for-database")
            await asyncio.sleep(0.5)


async def wait(event: asyncio.Event, seconds: float) -> None:
    """Return when the event is set, at the latest after so many seconds."""
    await asyncio.wait({waiting := asyncio.ensure_future(event.wait())}, timeout=max(0.0, seconds))
    waiting.cancel()

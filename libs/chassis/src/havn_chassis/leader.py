"""One at a time: work that only the holder of a PostgreSQL advisory lock does.

The lock lives on a connection of its own and ends with it; a standby takes over then. What a holder that only seemed dead still
writes is refused by the position checks of relay and inbox.
"""

import asyncio
from collections.abc import Awaitable, Callable

import psycopg

from havn_chassis.telemetry import log

WATCH_SECONDS = 1.0


async def lead(url: str, name: str, work: Callable[[], Awaitable[None]], stopping: asyncio.Event) -> None:
    """Run ``work`` while this process holds the lock ``name``, until ``stopping``. A failure is logged; then it begins anew."""
    while not stopping.is_set():
        try:
            async with await psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=3) as connection:
                if not await _acquire(connection, name, stopping):
                    return
                await _work_while_held(connection, work, stopping)
        except psycopg.OperationalError:
            log.warning("leadership-lost", work=name)
        except Exception as error:
            log.error("work-failed", work=name, exc_info=error)
        await _pause(stopping, 0.5)


async def _acquire(connection: psycopg.AsyncConnection, name: str, stopping: asyncio.Event) -> bool:
    while not stopping.is_set():
        cursor = await connection.execute("SELECT pg_try_advisory_lock(hashtext(%s))", (f"havn:{name}",))
        row = await cursor.fetchone()
        if row and row[0]:
            return True
        await _pause(stopping, 0.3)
    return False


async def _work_while_held(
    connection: psycopg.AsyncConnection, work: Callable[[], Awaitable[None]], stopping: asyncio.Event
) -> None:
    task = asyncio.ensure_future(work())
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=WATCH_SECONDS)
            if not task.done():
                await connection.execute("SELECT 1")
        task.result()
    finally:
        await end(task)


async def end(task: asyncio.Future[None]) -> None:
    """Cancel until it has ended: before Python 3.12, ``asyncio.wait_for`` may swallow one cancellation."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.5)


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return

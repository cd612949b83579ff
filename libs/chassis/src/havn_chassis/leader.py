"""One at a time: work that only the holder of a PostgreSQL advisory lock does.

The lock lives on a connection of its own and ends with it; a standby takes over then. A holder that falls silent, because its
machine is lost or the process hangs, loses it after SILENT_FOR. What a holder that only seemed dead still writes is refused by the
position checks of relay and inbox.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import psycopg

from havn_chassis.database import parameters
from havn_chassis.telemetry import log

WATCH_SECONDS = 1.0
ANSWER_SECONDS = 5.0
SILENT_FOR: Final = "10s"
"""PostgreSQL ends the session of a holder that has not asked for so long; more than WATCH_SECONDS and ANSWER_SECONDS together."""


async def lead(url: str, name: str, work: Callable[[], Awaitable[None]], stopping: asyncio.Event) -> None:
    """Run ``work`` while this process holds the lock ``name``, until ``stopping``. A failure is logged; then it begins anew."""
    while not stopping.is_set():
        try:
            async with await psycopg.AsyncConnection.connect(**parameters(url), autocommit=True) as connection:
                await _ask(connection, "SELECT set_config('idle_session_timeout', %s, false)", (SILENT_FOR,))
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
        if await _ask(connection, "SELECT pg_try_advisory_lock(hashtext(%s))", (f"havn:{name}",)):
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
                await _ask(connection, "SELECT 1")
        task.result()
    finally:
        await end(task)


async def _ask(connection: psycopg.AsyncConnection, question: str, params: Sequence[Any] = ()) -> Any:
    """The one value that is answered. Raises OperationalError, also when there is no answer in time."""
    asking = asyncio.ensure_future(connection.execute(question.encode(), params))
    try:
        await asyncio.wait({asking}, timeout=ANSWER_SECONDS)
        if not asking.done():
            raise psycopg.errors.ConnectionTimeout("PostgreSQL does not answer")
        row = await asking.result().fetchone()
        return row[0] if row else None
    finally:
        # Cancelled once, psycopg would ask the silent server to stop, and wait for that answer too.
        await end(asking)


async def end(task: asyncio.Future[Any]) -> None:
    """Cancel until it has ended: before Python 3.12, ``asyncio.wait_for`` may swallow one cancellation."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.5)


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return

"""Delivers each municipality's feed to its endpoint: in order, one message at a time, and every municipality by itself.

How far each is stands in PostgreSQL, and moves when the endpoint has answered. A message may come twice, under the same id.
"""

import asyncio
import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import httpx
from cryptography.fernet import InvalidToken, MultiFernet
from psycopg import Cursor
from psycopg.rows import DictRow

from havn_chassis import leader
from havn_chassis.decider import Refused
from havn_chassis.service import Context
from havn_chassis.store import StoreAway
from havn_chassis.telemetry import log
from notification.bell import BELL, Bell, wait
from notification.domain.webhook import WEBHOOK, Patience, SuspendWebhook, next_try
from notification.endpoint import Endpoint, signed
from notification.sealing import SEALING

PATIENCE: Final = "webhook_patience"
PRIVATE_ALLOWED: Final = "webhook_private_addresses"
BATCH = 50
LOOK_SECONDS = 1.0
IDLE_SECONDS = 30.0
AWAY_SECONDS = 1.0


@dataclass(frozen=True)
class Registration:
    """An endpoint that is delivered to."""

    municipality: str
    registration_id: UUID
    url: str
    sealed_secret: bytes


async def deliver(context: Context) -> None:
    """Deliver everywhere, in one process at a time, until the service stops."""

    async def everywhere() -> None:
        await _everywhere(context)

    await context.lead("webhooks", everywhere)


async def _everywhere(context: Context) -> None:
    running: dict[Registration, asyncio.Task[None]] = {}
    try:
        while True:
            wanted = await _registrations(context)
            for registration in running.keys() - wanted:
                await leader.end(running.pop(registration))
            for registration in [r for r in wanted if r not in running or running[r].done()]:
                running[registration] = asyncio.create_task(Delivery(context, registration).run())
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        await asyncio.gather(*(leader.end(task) for task in running.values()))


async def _registrations(context: Context) -> set[Registration]:
    query = "SELECT municipality, registration_id, url, sealed_secret FROM webhooks WHERE suspended_at IS NULL"
    return {Registration(**row) for row in await asyncio.to_thread(context.rows, query)}


class Delivery:
    """The way to one endpoint."""

    def __init__(self, context: Context, registration: Registration) -> None:
        self._context = context
        self._own = registration
        self._patience: Patience = context.setting(PATIENCE)
        self._bell: Bell = context.setting(BELL)

    async def run(self) -> None:
        """Deliver until the endpoint is suspended or registered anew. Waits where the database is away."""
        seconds = self._patience.attempt.total_seconds()
        private = self._context.setting(PRIVATE_ALLOWED)
        with self._bell.heard(self._own.municipality) as rung:
            async with Endpoint(self._own.url, private_allowed=private, seconds=seconds) as endpoint:
                while True:
                    rung.clear()
                    try:
                        if not await self._next(endpoint):
                            await wait(rung, IDLE_SECONDS)
                    except StoreAway:
                        await asyncio.sleep(AWAY_SECONDS)
                    except _Over:
                        return

    async def _next(self, endpoint: Endpoint) -> bool:
        """Deliver the next messages; whether there were any."""
        registered = await self._rows(
            "SELECT position, failures, failing_since, next_try_at FROM webhooks "
            "WHERE registration_id = %s AND suspended_at IS NULL",
            self._own.registration_id,
        )
        if not registered:
            raise _Over
        due = registered[0]["next_try_at"]
        if due is not None:
            await asyncio.sleep(max(0.0, (due - self._now()).total_seconds()))
        messages = await self._rows(
            "SELECT position, id, message FROM feed WHERE municipality = %s AND position > %s ORDER BY position LIMIT %s",
            self._own.municipality,
            registered[0]["position"],
            BATCH,
        )
        for message in messages:
            if not await self._taken(endpoint, message):
                await self._failed(registered[0]["failures"] + 1, registered[0]["failing_since"])
                return True
            registered[0] |= {"failures": 0, "failing_since": None}
            await self._moved(message["position"])
        return bool(messages)

    async def _taken(self, endpoint: Endpoint, message: dict[str, Any]) -> bool:
        body = message["message"].encode()
        try:
            headers = signed(self._secret(), message["id"], self._now(), body)
            status, _ = await endpoint.request("POST", {**headers, "Content-Type": "application/cloudevents+json"}, body)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError, UnicodeError, Refused, InvalidToken) as error:
            log.info("webhook-not-taken", municipality=self._own.municipality, error=type(error).__name__)
            return False
        return 200 <= status < 300

    def _secret(self) -> str:
        """In clear. Raises InvalidToken where the key file is another one than it was sealed with."""
        sealing: MultiFernet | None = self._context.setting(SEALING)
        if sealing is None:
            raise InvalidToken
        return sealing.decrypt(self._own.sealed_secret).decode()

    async def _moved(self, position: int) -> None:
        """Forward only: a deliverer that lost its lead may still write what it had delivered before."""
        await self._write(
            "UPDATE webhooks SET position = %s, failures = 0, failing_since = NULL, next_try_at = NULL "
            "WHERE registration_id = %s AND position < %s",
            position,
            self._own.registration_id,
            position,
        )

    async def _failed(self, failures: int, failing_since: datetime | None) -> None:
        now = self._now()
        since = failing_since or now
        again = next_try(self._patience, failures, since, now, random.random())
        await self._write(
            "UPDATE webhooks SET failures = %s, failing_since = %s, next_try_at = %s WHERE registration_id = %s",
            failures,
            since,
            again,
            self._own.registration_id,
        )
        if again is not None:
            return
        log.error("webhook-suspended", municipality=self._own.municipality)
        command = SuspendWebhook(
            registration_id=self._own.registration_id,
            occurred_on=self._context.today(),
            municipality=self._own.municipality,
        )
        await self._context.execute(WEBHOOK, (self._own.registration_id,), command, actor="notification")
        raise _Over

    def _now(self) -> datetime:
        return self._context.clock.now()

    async def _rows(self, query: str, *params: object) -> list[dict[str, Any]]:
        return await asyncio.to_thread(self._context.rows, query, params)

    async def _write(self, query: str, *params: object) -> None:
        def write(cursor: Cursor[DictRow]) -> None:
            cursor.execute(query.encode(), params)

        await asyncio.to_thread(self._context.store.transact, write)


class _Over(Exception):
    """This registration is delivered to no more."""

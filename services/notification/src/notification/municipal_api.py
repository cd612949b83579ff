"""Routes of the municipality's own system: its feed, fetched or waited for, and the endpoint that the feed is delivered to."""

import asyncio
import base64
import binascii
import json
from typing import Annotated, Any, Literal
from uuid import uuid4

import httpx
from cryptography.fernet import MultiFernet
from fastapi import APIRouter, Depends, Query, Response
from psycopg import Cursor
from psycopg.rows import DictRow
from pydantic import AwareDatetime, BaseModel, Field, field_validator
from starlette.concurrency import run_in_threadpool

from havn_chassis.decider import Refused
from havn_chassis.http import PROBLEMS, Body, Call, Page, Reader, Receipt, allow, number, read
from havn_events.municipal import FeedEvent
from notification.bell import BELL, Bell
from notification.bell import wait as wait_for
from notification.delivery import PATIENCE, PRIVATE_ALLOWED
from notification.domain.webhook import WEBHOOK, RegisterWebhook
from notification.endpoint import SECRET_PREFIX, Endpoint, shake_hands
from notification.sealing import SEALING

router = APIRouter(tags=["feed"], responses=PROBLEMS)

LONGEST_WAIT_SECONDS = 30
KEY_BYTES = range(24, 65)


class FeedPage(BaseModel):
    """Messages in order. ``next``: what to ask with ``after`` for those that follow, now or later."""

    items: list[FeedEvent]
    next: str


class Registration(Body):
    """Where the feed is to be delivered.

    ``secret``: ``whsec_`` and 24 to 64 random bytes in base64, known to both; every delivery is signed with it.
    """

    url: Annotated[str, Field(min_length=8, max_length=500, pattern=r"^https?://[!-~]+$")]
    secret: Annotated[str, Field(max_length=100, pattern=r"^whsec_[A-Za-z0-9+/]{32,88}={0,2}$")]

    @field_validator("url")
    @classmethod
    def _plain(cls, url: str) -> str:
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL:
            raise ValueError("not a URL") from None
        if not parsed.host or parsed.userinfo or parsed.fragment:
            raise ValueError("a URL with a host, without a user, a password or a fragment")
        return url

    @field_validator("secret")
    @classmethod
    def _key(cls, secret: str) -> str:
        try:
            key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
        except binascii.Error:
            raise ValueError("not base64") from None
        if len(key) not in KEY_BYTES:
            raise ValueError("24 to 64 bytes")
        return secret


class Webhook(BaseModel):
    """The municipality's endpoint and how delivery goes. The secret is never shown.

    ``delivered``: the cursor after the last message that was taken. ``failures``: in a row, since ``failing_since``.
    """

    url: str
    registered_at: AwareDatetime
    state: Literal["delivering", "failing", "suspended"]
    delivered: str
    failures: int
    failing_since: AwareDatetime | None
    next_try_at: AwareDatetime | None
    suspended_at: AwareDatetime | None


@router.get("/feed", response_model=FeedPage)
async def feed(
    reads: Annotated[Reader, Depends(read("municipality"))],
    page: Annotated[Page, Depends()],
    wait: Annotated[
        int, Query(ge=0, le=LONGEST_WAIT_SECONDS, description="How many seconds to wait for the first message, if there is none.")
    ] = 0,
) -> Response:
    """Your municipality's messages after the cursor, the oldest first; without one, from the first message there ever was.

    Each is a CloudEvent in structured JSON. Keep ``next`` when you have kept the messages, and ask with it again: a cursor never
    grows old, and no message is taken away. The same messages come over NATS and to a webhook, with the same ids.
    """
    municipality, [after] = _own(reads), page.after_key(number) or [0]
    bell: Bell = reads.setting(BELL)
    until = asyncio.get_running_loop().time() + wait
    with bell.heard(municipality) as rung:
        while True:
            rung.clear()
            rows = await run_in_threadpool(
                reads.all,
                "SELECT position, message FROM feed WHERE municipality = %s AND position > %s ORDER BY position LIMIT %s",
                (municipality, after, page.limit),
            )
            left = until - asyncio.get_running_loop().time()
            if rows or left <= 0:
                break
            await wait_for(rung, left)
    last = rows[-1]["position"] if rows else after
    body = f'{{"items":[{",".join(row["message"] for row in rows)}],"next":"{_cursor(last)}"}}'
    return Response(body, media_type="application/json")


@router.put("/webhook", status_code=201, response_model=Receipt)
async def register(body: Registration, call: Annotated[Call, Depends(allow("municipality"))]) -> Response:
    """Have your feed delivered to this URL, which must first answer that it wants it. Registering again resumes and replaces.

    The URL is https, at a public address. It must answer OPTIONS with 2xx and the header ``WebHook-Allowed-Origin: havn.example``,
    before and whenever it is registered. A first registration begins with the first message there is, a later one after the last
    that was delivered. What is sent, how it is signed and how often it is tried: the AsyncAPI document.
    """
    sealing: MultiFernet | None = call.setting(SEALING)
    if sealing is None:
        raise Refused("webhooks-not-offered", "This installation delivers to no webhooks; fetch your feed, or follow it over NATS.")
    if answered := await run_in_threadpool(call.answered):
        return answered
    sealed = sealing.encrypt(body.secret.encode())
    seconds = call.setting(PATIENCE).attempt.total_seconds()
    async with Endpoint(body.url, private_allowed=call.setting(PRIVATE_ALLOWED), seconds=seconds) as endpoint:
        await shake_hands(endpoint)
    command = RegisterWebhook(registration_id=uuid4(), occurred_on=call.today, municipality=_own(call))

    def write(cursor: Cursor[DictRow]) -> None:
        cursor.execute(
            "INSERT INTO webhooks (municipality, registration_id, url, sealed_secret, registered_at) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (municipality) DO UPDATE SET registration_id = excluded.registration_id, url = excluded.url, "
            "sealed_secret = excluded.sealed_secret, registered_at = excluded.registered_at, failures = 0, failing_since = NULL, "
            "next_try_at = NULL, suspended_at = NULL",
            (command.municipality, command.registration_id, body.url, sealed, call.now),
        )

    return await run_in_threadpool(call.handle, WEBHOOK, (command.registration_id,), command, write)


@router.get("/webhook", response_model=Webhook)
def webhook(reads: Annotated[Reader, Depends(read("municipality"))]) -> dict[str, Any]:
    """Where is your feed delivered, and does it arrive?"""
    row = reads.one(
        "SELECT url, registered_at, state, position, failures, failing_since, next_try_at, suspended_at "
        "FROM webhooks WHERE municipality = %s",
        (_own(reads),),
    )
    if row is None:
        raise Refused("webhook-not-registered", "Your municipality has registered no webhook; PUT one here.", kind="absent")
    return {**row, "delivered": _cursor(row["position"])}


def _own(asker: Reader) -> str:
    assert asker.caller.municipality is not None
    return asker.caller.municipality


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([str(position)]).encode()).decode()

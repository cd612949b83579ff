"""The municipality's side over NATS: what goes out on its feed, and how it confirms what it got.

A municipality reads ``havn.feed.m<code>`` through a consumer of its own, which is made here, and confirms by a request to
``havn.acknowledge.<code>`` with the JSON object ``{"notice_id": "<uuid>"}``. Which subjects a connection may use is the server's
to say: a municipality's account reaches its own consumer and its own confirmations. So who confirms is told by the subject alone
and never by what was sent. The reply is ``{"acknowledged": true}``, or a problem with ``type``, ``title`` and ``detail``.
"""

import asyncio
from typing import Literal
from uuid import UUID

from faststream.nats import NatsBroker
from faststream.nats.annotations import NatsMessage
from pydantic import BaseModel, ConfigDict, ValidationError

from havn_chassis.decider import Refused
from havn_chassis.http import PROBLEM_TYPE
from havn_chassis.municipal_ids import resolve
from havn_chassis.relay import FeedMessage
from havn_chassis.service import Context, undecoded
from havn_chassis.store import StoreAway, VersionConflict
from havn_chassis.streams import FEED_STREAM, feed_subject
from havn_events import Recorded
from havn_events.municipal import municipal_type
from havn_events.municipalities import MUNICIPALITIES
from notification.domain.notices.commands import Acknowledge
from notification.domain.notices.decider import NOTICES
from notification.messages import message_of
from notification.views import stay_of

STREAM = FEED_STREAM
SUBJECTS = ("havn.feed.>",)
DURABLES = {f"m{code}": feed_subject(code) for code in MUNICIPALITIES}
"""Each municipality's consumer on the stream, with the one subject that it gets."""
ACKNOWLEDGE = "havn.acknowledge.*"


def to_feed(recorded: Recorded) -> FeedMessage | None:
    """What an event becomes on its municipality's feed, ``None`` for one that stays in the house."""
    message = message_of(recorded.event)
    if message is None:
        return None
    payload = message.model_dump_json().encode()
    return FeedMessage(feed_subject(message.municipality), municipal_type(message), payload)


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Acknowledgement(_Wire):
    """What a municipality sends to confirm a notice."""

    notice_id: UUID


class Acknowledged(_Wire):
    """The reply: it is recorded, now or by an earlier request."""

    acknowledged: Literal[True] = True


class NotAcknowledged(_Wire):
    """The reply where nothing is recorded. ``type``: as over HTTP; send again only where it ends in ``try-again``."""

    type: str
    title: str
    detail: str


def subscribe(broker: NatsBroker, context: Context) -> None:
    """Serve confirmations on ``havn.acknowledge.<municipality code>``."""

    @broker.subscriber(ACKNOWLEDGE, queue=context.service.name, decoder=undecoded)
    async def acknowledge(message: NatsMessage) -> None:
        raw = message.raw_message
        reply = await answer(context, raw.subject.rpartition(".")[2], raw.data)
        if raw.reply:
            await raw.respond(reply)


async def answer(context: Context, municipality: str, request: bytes) -> bytes:
    """The reply to one confirmation by the municipality with that code. Never raises for anything that was sent."""
    try:
        notice_id = Acknowledgement.model_validate_json(request).notice_id
    except ValidationError:
        return _problem("malformed-acknowledgement", "Malformed request", 'Send the JSON object {"notice_id": "<uuid>"}.')
    try:
        await _acknowledge(context, municipality, notice_id)
    except Refused as refused:
        return _problem(refused.rule, "No such thing", refused.detail)
    except (StoreAway, VersionConflict):
        return _problem("try-again", "Try again", "Nothing is known to be recorded; send the same again in a moment.")
    return Acknowledged().model_dump_json().encode()


async def _acknowledge(context: Context, municipality: str, notice_id: UUID) -> None:
    ours = await asyncio.to_thread(resolve, context.rows, municipality, (notice_id,))
    notice_id = ours[notice_id]
    stay_id = await asyncio.to_thread(stay_of, context.rows, notice_id, municipality)
    command = Acknowledge(
        stay_id=stay_id,
        occurred_on=context.today(),
        notice_id=notice_id,
        municipality=municipality,
        over="nats",
    )
    await context.execute(NOTICES, (stay_id,), command, actor=f"municipality:{municipality}")


def _problem(rule: str, title: str, detail: str) -> bytes:
    return NotAcknowledged(type=PROBLEM_TYPE + rule, title=title, detail=detail).model_dump_json().encode()

"""A service's log, answered over NATS: what others fetch when they are new, were away, or noticed a gap.

Request: JSON ``{"after": position, "limit": n}``. Reply: a first line of JSON ``{"positions": […], "head": n}``, then one line for
each event, the stored bytes, in order and without a gap after ``after``.
"""

import asyncio

import pydantic_core
from nats.aio.client import Client
from pydantic import BaseModel, Field, ValidationError

from havn_chassis.inbox import Arrival
from havn_chassis.store import Store
from havn_chassis.streams import log_subject, partition_of
from havn_events import Recorded

REPLY_BYTES = 900_000
REPLY_EVENTS = 500
REQUEST_SECONDS = 10.0


class LogRequest(BaseModel):
    """What a downstream asks for."""

    after: int = Field(ge=0)
    limit: int = Field(ge=1, le=REPLY_EVENTS)


def answer(store: Store, request: bytes, partition: int, partitions: int) -> bytes:
    """The reply to one request; an empty list of positions for a request that makes no sense."""
    try:
        wanted = LogRequest.model_validate_json(request)
    except ValidationError:
        return b'{"positions":[],"head":0,"error":"a request is {\\"after\\": position, \\"limit\\": n}"}\n'
    positions: list[int] = []
    lines: list[bytes] = []
    size, after = 0, wanted.after
    while len(positions) < wanted.limit and (rows := store.events_after(after, wanted.limit)):
        for row in rows:
            after = row.position
            if partitions > 1 and partition_of(Recorded.envelope_of(row.raw).case_id, partitions) != partition:
                continue
            if size + len(row.raw) > REPLY_BYTES or len(positions) == wanted.limit:
                break
            positions.append(row.position)
            lines.append(row.raw)
            size += len(row.raw) + 1
        else:
            continue
        break
    head = pydantic_core.to_json({"positions": positions, "head": store.head()})
    return b"\n".join([head, *lines])


async def fetch(connection: Client, upstream: str, partition: int, after: int) -> tuple[list[Arrival], int]:
    """What the upstream's log holds after a position, and its head. Raises nats.errors.Error while the upstream is away."""
    request = pydantic_core.to_json({"after": after, "limit": REPLY_EVENTS})
    reply = await connection.request(log_subject(upstream, partition), request, timeout=REQUEST_SECONDS)
    return await asyncio.to_thread(_read, reply.data)


def _read(reply: bytes) -> tuple[list[Arrival], int]:
    first, _, rest = reply.partition(b"\n")
    header = pydantic_core.from_json(first)
    lines = rest.split(b"\n") if rest else []
    return [Arrival(position, raw) for position, raw in zip(header["positions"], lines, strict=True)], header["head"]

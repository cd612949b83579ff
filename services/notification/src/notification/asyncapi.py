"""``python -m notification.asyncapi FILE`` writes the AsyncAPI 3 document of the municipal feed, from the classes themselves."""

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from havn_events.municipal import MUNICIPAL_TYPES, ChildNotice, FeedEvent, ObligationNews, StayNotice, municipal_type
from notification.domain.webhook import Patience
from notification.endpoint import ORIGIN
from notification.feed import Acknowledged, Acknowledgement, NotAcknowledged

REFERENCE, NOTICE, OBLIGATION = UUID(int=0xA1), UUID(int=0xB2), UUID(int=0xC3)
EXAMPLES: tuple[StayNotice | ChildNotice | ObligationNews, ...] = (
    StayNotice(
        municipality="0461",
        case_reference=REFERENCE,
        occurred_on=date(2026, 3, 2),
        notice_id=NOTICE,
        notice="admission",
        anonymous=False,
    ),
    ChildNotice(
        municipality="0461", case_reference=REFERENCE, occurred_on=date(2026, 3, 3), notice_id=NOTICE, notification="first"
    ),
    ObligationNews(
        municipality="0461",
        case_reference=REFERENCE,
        occurred_on=date(2026, 3, 2),
        obligation_id=OBLIGATION,
        change="opened",
        rule="initial-advice",
        due=date(2026, 3, 9),
    ),
)
"""One documented example of each message."""

REPLIES = (
    Acknowledged(),
    NotAcknowledged(
        type="https://havn.example/problems/notice-not-found",
        title="No such thing",
        detail="Your municipality was sent no notice with this id.",
    ),
)
FOLLOWING = (
    "Log in with the nkey seed that Havn's operator handed over, over TLS, with the inbox prefix _INBOX_m{municipality}. Bind to "
    "the durable m{municipality} of the stream FEED: it is there, and an account can neither make one nor ask about it. "
    "Acknowledge a message when it is kept: one that is not acknowledged within 30 seconds comes again, with the same ce-id. "
    "The stream keeps messages for 30 days; GET /feed has all of them."
)
DELIVERING = (
    f"The URL is registered with PUT /webhook, for which it must answer OPTIONS with 2xx and WebHook-Allowed-Origin: {ORIGIN}. "
    "Check the signature over the body's bytes as they came, with the secret's bytes (the base64 after whsec_) as the key, compare "
    "in constant time, and refuse a timestamp more than five minutes from now. Answer 2xx when the message is kept, within "
    f"{Patience().attempt.seconds} seconds; redirects are not followed. The next message waits for it. What fails is tried again "
    f"after about {Patience().first.seconds} seconds, then with doubling waits of at most an hour, for a day unless the operator "
    "says otherwise. Then the webhook is suspended, and goes on where it was when it is registered again. GET /webhook tells how "
    "it stands."
)
ACKNOWLEDGING = (
    "For notice_id of a StayNotice or a ChildNotice; the same as POST /notices/{notice_id}/acknowledgement over HTTP. Confirming "
    "again changes nothing. What is not confirmed in time is raised with people: see acknowledge_by in GET /notices."
)


def document() -> dict[str, Any]:
    """The document: the feed over NATS and as webhooks, and the acknowledgement."""
    messages = {type(example).__name__: _message(example) for example in EXAMPLES}
    schemas = _schemas()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Havn: the municipal feed",
            "version": "1",
            "description": (
                "What one municipality is told, and how it confirms it. Over NATS a message is a CloudEvent in binary mode; over "
                "HTTP (GET /feed) and in webhooks it is the same CloudEvent, with the same id, in structured JSON."
            ),
        },
        "defaultContentType": "application/json",
        "channels": {
            "feed": {
                "address": "havn.feed.m{municipality}",
                "parameters": {"municipality": {"description": "The municipality's four digits."}},
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            },
            "webhook": {
                "address": None,
                "description": "The URL that the municipality registered with PUT /webhook.",
                "messages": {"FeedEvent": {"$ref": "#/components/messages/FeedEvent"}},
            },
            "acknowledgement": {
                "address": "havn.acknowledge.{municipality}",
                "parameters": {"municipality": {"description": "The municipality's four digits."}},
                "messages": {"Acknowledgement": {"$ref": "#/components/messages/Acknowledgement"}},
            },
            "reply": {
                "address": None,
                "description": "The inbox that the request named.",
                "messages": {type(reply).__name__: {"$ref": f"#/components/messages/{type(reply).__name__}"} for reply in REPLIES},
            },
        },
        "operations": {
            "followFeed": _operation("send", "feed", "Havn sends; the municipality follows its own subject.", FOLLOWING),
            "takeDelivery": _operation("send", "webhook", "Havn posts each message, signed, in order.", DELIVERING),
            "acknowledge": _operation(
                "receive", "acknowledgement", "The municipality confirms a notice by a request.", ACKNOWLEDGING
            )
            | {"reply": {"channel": {"$ref": "#/channels/reply"}}},
        },
        "components": {
            "messages": {
                **messages,
                "FeedEvent": _delivered(),
                **{type(each).__name__: _plain(each) for each in (Acknowledgement(notice_id=NOTICE), *REPLIES)},
            },
            "schemas": schemas,
        },
    }


def _schemas() -> dict[str, Any]:
    classes: tuple[type[BaseModel], ...] = (*MUNICIPAL_TYPES, FeedEvent, Acknowledgement, *map(type, REPLIES))
    _, together = models_json_schema([(cls, "serialization") for cls in classes], ref_template="#/components/schemas/{model}")
    schemas: dict[str, Any] = together["$defs"]
    # OpenAPI's discriminator is an object that AsyncAPI does not know; the constant ``kind`` of each says the same.
    del schemas["FeedEvent"]["properties"]["data"]["discriminator"]
    return schemas


def _operation(action: str, channel: str, summary: str, description: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary, "description": description}


def _summary(cls: type) -> str:
    return (cls.__doc__ or "").split("\n")[0].replace("``", "")


def _message(example: StayNotice | ChildNotice | ObligationNews) -> dict[str, Any]:
    event = _event(example)
    headers = {f"ce-{name}": value for name, value in event.items() if name not in ("data", "datacontenttype")}
    name = type(example).__name__
    return {
        "name": municipal_type(example),
        "contentType": "application/json",
        "summary": _summary(type(example)),
        "headers": {
            "type": "object",
            "required": sorted(headers),
            "properties": {header: {"type": "string"} for header in sorted(headers)},
        },
        "payload": {"$ref": f"#/components/schemas/{name}"},
        "examples": [{"name": name, "headers": headers, "payload": event["data"]}],
    }


def _delivered() -> dict[str, Any]:
    return {
        "name": "FeedEvent",
        "contentType": "application/cloudevents+json",
        "summary": "One message of the feed in structured JSON, signed as Standard Webhooks has it.",
        "headers": {
            "type": "object",
            "required": ["webhook-id", "webhook-signature", "webhook-timestamp"],
            "properties": {
                "webhook-id": {"type": "string", "description": "The CloudEvent's id; a repeated delivery has the same."},
                "webhook-timestamp": {"type": "string", "description": "Unix seconds of this attempt."},
                "webhook-signature": {
                    "type": "string",
                    "description": "v1, a comma, and the base64 of HMAC-SHA256 over id, timestamp and body, joined by full stops.",
                },
            },
        },
        "payload": {"$ref": "#/components/schemas/FeedEvent"},
        "examples": [{"name": type(example).__name__, "payload": _event(example)} for example in EXAMPLES],
    }


def _plain(example: BaseModel) -> dict[str, Any]:
    name = type(example).__name__
    return {
        "name": name,
        "contentType": "application/json",
        "summary": _summary(type(example)),
        "payload": {"$ref": f"#/components/schemas/{name}"},
        "examples": [{"name": name, "payload": example.model_dump(mode="json")}],
    }


def _event(example: StayNotice | ChildNotice | ObligationNews) -> dict[str, Any]:
    recorded_at = datetime(2026, 3, 3, 8, 30, tzinfo=UTC)
    return FeedEvent(id=UUID(int=0xD4), type=municipal_type(example), time=recorded_at, data=example).model_dump(mode="json")


def written() -> str:
    """The document as it is kept."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(written())

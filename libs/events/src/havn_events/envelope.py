"""The envelope an event is stored and published in, and its CloudEvents 1.0 headers.

The JSON of ``Recorded`` is both the stored bytes and the payload on the wire, byte for byte.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import pydantic_core
from pydantic import AwareDatetime, ConfigDict, TypeAdapter, ValidationError

from havn_events.event import Event, read_event


class MalformedEvent(ValueError):
    """Bytes that are not a recorded event. Carries no part of them."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One committed event with where, when, by whom and why it was recorded.

    ``originator_id`` and ``originator_version``: its stream and place in it, from 1. ``recorded_at``: the instant of recording;
    the business date is the event's own. ``actor``: role and opaque id of the caller. ``causation_id``: the event that led to
    it. ``traceparent``: the W3C trace it belongs to.
    """

    __pydantic_config__ = ConfigDict(extra="forbid", hide_input_in_errors=True)

    id: UUID
    source: str
    type: str
    version: int
    originator_id: UUID
    originator_version: int
    case_id: UUID
    recorded_at: AwareDatetime
    actor: str
    causation_id: UUID | None
    traceparent: str | None
    data: Any

    @property
    def event(self) -> Event:
        """The event itself."""
        event: Event = self.data
        return event

    @classmethod
    def of(
        cls,
        event: Event,
        *,
        originator_id: UUID,
        originator_version: int,
        recorded_at: datetime,
        actor: str,
        causation_id: UUID | None = None,
        traceparent: str | None = None,
    ) -> "Recorded":
        """The envelope around a new event; its id follows from its stream and place, so a retry gives the same one."""
        return cls(
            id=uuid5(originator_id, f"{event.owner}/{originator_version}"),
            source=event.owner,
            type=event.type_name(),
            version=event.version,
            originator_id=originator_id,
            originator_version=originator_version,
            case_id=event.case_id,
            recorded_at=recorded_at,
            actor=actor,
            causation_id=causation_id,
            traceparent=traceparent,
            data=event,
        )

    def to_bytes(self) -> bytes:
        """The stored and published JSON."""
        return pydantic_core.to_json(self.__dict__)

    @classmethod
    def envelope_of(cls, raw: bytes) -> "Recorded":
        """The envelope alone, its event left as it was stored, in the version it was stored in. Raises MalformedEvent."""
        try:
            envelope = _RECORDED.validate_json(raw)
        except ValidationError as error:
            raise MalformedEvent(f"not a recorded event: {_faults(error)}") from None
        if not isinstance(envelope.data, dict):
            raise MalformedEvent("a recorded event carries its event as an object in data")
        return envelope

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Recorded":
        """The envelope and its event, lifted to the current version.

        Raises MalformedEvent for anything that is not a recorded event and UnknownEvent for one this release does not know.
        """
        envelope = cls.envelope_of(raw)
        try:
            event = read_event(envelope.type, envelope.version, envelope.data)
        except ValidationError as error:
            raise MalformedEvent(f"not a recorded event: {_faults(error)}") from None
        except (KeyError, TypeError):
            raise MalformedEvent("not a recorded event: its older shape is not the one that was published") from None
        return cls(**{**envelope.__dict__, "data": event, "version": event.version})


_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")
_RECORDED: TypeAdapter[Recorded] = TypeAdapter(Recorded)


def _faults(error: ValidationError) -> str:
    """What is wrong, in our own names only: a field that we do not know is a piece of the input."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    ours = sorted({str(fault["loc"][0]) for fault in faults if fault["loc"] and fault["type"] not in _UNKNOWN})
    if ours:
        return f"wrong or missing {', '.join(ours)}"
    return "it has a field too many" if any(fault["loc"] for fault in faults) else "it is no JSON object"


def cloudevent_headers(recorded: Recorded) -> dict[str, str]:
    """CloudEvents 1.0 attributes in NATS binary mode: one ``ce-`` header each."""
    headers = {
        "ce-specversion": "1.0",
        "ce-id": str(recorded.id),
        "ce-source": f"/havn/{recorded.source}",
        "ce-type": f"dk.havn.{recorded.source}.{recorded.type}.v{recorded.version}",
        "ce-time": recorded.recorded_at.isoformat(),
        "ce-subject": str(recorded.case_id),
        "ce-datacontenttype": "application/json",
    }
    if recorded.traceparent:
        headers["ce-traceparent"] = recorded.traceparent
    return headers

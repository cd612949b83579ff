"""Havn's published language. Import the owner's module for its events; import this package to have them all registered."""

from havn_events import (
    aftercare,
    coordinating_advice,
    intake,
    municipal,
    notification,
    orchestrator,
    psychology,
)
from havn_events.envelope import MalformedEvent, Recorded
from havn_events.event import Event, UnknownEvent, known_events, read_event

__all__ = [
    "Event",
    "MalformedEvent",
    "Recorded",
    "UnknownEvent",
    "aftercare",
    "coordinating_advice",
    "intake",
    "known_events",
    "municipal",
    "notification",
    "orchestrator",
    "psychology",
    "read_event",
]

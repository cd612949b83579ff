"""A treatment as it stands: its sessions, and what is used and left."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from uuid import UUID

from havn_events.codes import Employer, Unit
from psychology.domain.treatment.commands import NOTHING_ELSEWHERE, Elsewhere

MINUTES_PER_SESSION = 60
"""What one session is worth where sessions are counted and extra hours are granted (assumed: Copenhagen gives 10 sessions for
the act's 10 hours)."""


@dataclass(frozen=True)
class Session:
    """A recorded session. ``minutes`` is what it counts after corrections; 0 when missed or not held."""

    day: date
    minutes: int


@dataclass(frozen=True)
class Treatment:
    """A treatment that was opened. ``ceiling`` is in ``unit``; ``extra_minutes`` were granted on top of it.

    ``ended`` says how it ended, ``ended_on`` its last day.
    """

    obligation_id: UUID
    opened_on: date
    municipality: str
    unit: Unit
    ceiling: int
    extra_minutes: int = 0
    offered_on: date | None = None
    psychologist: tuple[UUID, Employer] | None = None
    sessions: Mapping[UUID, Session] = field(default_factory=dict)
    ended: Literal["declined", "completed", "closed"] | None = None
    ended_on: date | None = None

    def counts(self, minutes: int) -> int:
        """What a session of ``minutes`` uses, in ``unit``."""
        return minutes if self.unit == "minutes" else min(minutes, 1)

    @property
    def used(self) -> int:
        """In ``unit``."""
        return sum(self.counts(session.minutes) for session in self.sessions.values())

    def left(self, elsewhere: Elsewhere = NOTHING_ELSEWHERE) -> int:
        """In ``unit``, never below 0, after what was used and granted elsewhere."""
        extra = self.extra_minutes + elsewhere.extra_minutes
        if self.unit == "minutes":
            return max(self.ceiling + extra - self.used - elsewhere.minutes, 0)
        return max(self.ceiling + extra // MINUTES_PER_SESSION - self.used - elsewhere.sessions, 0)

    @property
    def last_held_on(self) -> date | None:
        """The day of the latest session that was held."""
        return max((session.day for session in self.sessions.values() if session.minutes), default=None)


State = Treatment | None
"""``None``: no obligation has opened it yet."""

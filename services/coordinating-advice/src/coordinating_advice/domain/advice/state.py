"""Her advice as it stands: who owes it since when, how far it came, and its window."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from havn_events.codes import AdviceClosedBecause, AdvicePhase, AdviceVariant, ShelterAdvises


@dataclass(frozen=True)
class Window:
    """The months after move-out. ``until`` is the last day; ``extended_to`` every last day it was extended to.

    ``shelter_advises``: whom the shelter may still advise.
    """

    moved_out_on: date
    until: date
    extended_to: frozenset[date] = frozenset()
    shelter_advises: ShelterAdvises = "all"


@dataclass(frozen=True)
class Advice:
    """What happened so far. ``municipality`` is the one that owes it, ``None`` until the advice is open.

    ``owed``: every municipality that owed it, each with the day from which it did, in the order of the reports. ``taken_over``:
    whether the present one confirmed that it took over from the one before. ``phases``: those of Critical Time Intervention that
    began; the last one on ``phase_began_on``.
    """

    municipality: str | None = None
    owed: tuple[tuple[date, str], ...] = ()
    taken_over: bool = False
    closed_because: AdviceClosedBecause | None = None
    closed_on: date | None = None
    initial_given: bool = False
    declined: bool = False
    started_on: date | None = None
    variant: AdviceVariant | None = None
    phases: tuple[AdvicePhase, ...] = ()
    phase_began_on: date | None = None
    window: Window | None = None
    adviser_id: UUID | None = None
    meetings: frozenset[UUID] = frozenset()
    ended_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Owed by a municipality, and not closed."""
        return self.municipality is not None and self.closed_because is None

    def municipality_on(self, day: date) -> str | None:
        """The one that owed the advice on that day; the first one before it did, too."""
        return next((code for since, code in reversed(self.owed) if since <= day), self.owed[0][1] if self.owed else None)

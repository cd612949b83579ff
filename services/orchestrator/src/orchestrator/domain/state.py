"""A case file as it stands: the facts noted, what is owed, what is used."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from havn_events.codes import Unit
from orchestrator.domain.fact import Attributes, Fact

Status = Literal["open", "met", "met-late", "missed", "cancelled"]

UNFINISHED: frozenset[Status] = frozenset({"open", "missed"})

MET: frozenset[Status] = frozenset({"met", "met-late"})

MUNICIPAL = frozenset({"home-municipality", "acting-municipality"})

LEDGER = frozenset({"SessionHeld", "SessionCorrected"})
"""The facts that a ledger of treatment counts."""

TAKES_BACK = {
    "MoveOutCancelled": "MoveOutPlanned",
    "MoveOutPlanned": "MoveOutCancelled",
    "AdviceOffered": "AdviceDeclined",
    "AdviceStarted": "AdviceDeclined",
    "TreatmentOffered": "TreatmentDeclined",
    "CafeInvitationSent": "CafeInvitationsDeclined",
}
"""Facts after which an earlier one about the same person is not looked back upon any more, in whatever order they are told."""

MINUTES_PER_SESSION = 60
"""What one session is worth when hours are granted and sessions are counted."""

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Home:
    """From ``since`` on (``date.min`` for the first) this is her home municipality, as ``fact_id`` says."""

    since: date
    municipality: str
    fact_id: UUID | None


@dataclass(frozen=True, slots=True)
class Noted:
    """The earliest fact of its kind: name, person, reference and attributes. ``last_on``, ``last_id``: the latest of them."""

    fact: str
    person_id: UUID | None
    reference: UUID | None
    attributes: Attributes
    on: date
    fact_id: UUID
    last_on: date
    last_id: UUID


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What was noted, and on which day a later fact took it back: it still holds for what was owed before that day."""

    noted: Noted
    on: date

    def is_earlier(self, name: str, person_id: UUID | None, on: date) -> bool:
        """Whether a fact of this name, person and day had taken it back before the one that is known to have done so."""
        takes_back = (TAKES_BACK.get(name), person_id) == (self.noted.fact, self.noted.person_id)
        return takes_back and self.noted.on <= on < self.on


@dataclass(frozen=True, slots=True)
class Gone:
    """In which stay at another shelter somebody is owed what goes along, since which day, and the facts told here since."""

    stay_id: UUID
    on: date
    told_since: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """What one person has used, and each entry as (business date, minutes, sessions) in the order of recording.

    ``granted``: minutes that a municipality granted on top of the ceiling.
    """

    minutes: int = 0
    sessions: int = 0
    granted: int = 0
    entries: tuple[tuple[date, int, int], ...] = ()

    def used(self, unit: Unit) -> int:
        """Never negative, whatever was corrected."""
        return max(0, self.minutes if unit == "minutes" else self.sessions)

    def extra(self, unit: Unit) -> int:
        """By how much the ceiling is raised; where sessions are counted, by one for each full hour granted."""
        return self.granted if unit == "minutes" else self.granted // MINUTES_PER_SESSION

    def reached_on(self, unit: Unit, floor: int) -> date:
        """The business date on which what was used, taken in the order of business dates, came to stay at the floor."""
        total, reached = 0, None
        for on, minutes, sessions in sorted(self.entries):
            total += minutes if unit == "minutes" else sessions
            reached = (reached or on) if total >= floor else None
        if reached is None:
            raise ValueError("the floor is not reached")
        return reached


NOTHING_USED = Ledger()


@dataclass(frozen=True)
class Obligation:
    """One obligation as it stands.

    ``closed_on``: the day it was met or cancelled. ``missed_on``: the day it was last missed, kept when it is met after all.
    ``lost_on``: the day a fact made it missed. ``closed_by``: the fact that met or cancelled it, ``None`` for what ran out by
    itself. ``standard``, ``standard_version``: those its due day is counted under. ``remind_on``: the day from which a reminder
    of ``due`` is owed, ``None`` when it was given; ``reminded``: the due days it was given for. ``ends_on``: the first day on
    which it is owed no more. ``municipal``: a municipality owes it; what it owes a person goes along to another shelter.
    """

    id: UUID
    rule: str
    person_id: UUID | None
    reference: UUID | None
    municipality: str | None
    municipal: bool
    status: Status
    opened_on: date
    opened_by: UUID
    due: date | None
    counted_from: date | None
    standard: str
    standard_version: str
    remind_on: date | None = None
    reminded: frozenset[date] = frozenset()
    ends_on: date | None = None
    unit: Unit | None = None
    floor: int | None = None
    ceiling: int | None = None
    closed_on: date | None = None
    closed_by: UUID | None = None
    missed_on: date | None = None
    lost_on: date | None = None

    @property
    def is_unfinished(self) -> bool:
        """Open, or missed and not met since."""
        return self.status in UNFINISHED

    @property
    def ran_out(self) -> bool:
        """A window that ended, as met, with its last day, and with no fact."""
        return self.status == "met" and self.closed_by is None

    def was_over(self, day: date) -> bool:
        """Of what is missed: its due day as it is known now lies before that day, or a fact had made it missed by then."""
        return self.lost_on <= day if self.lost_on is not None else self.due is not None and self.due < day

    def waits_for(self, today: date) -> bool:
        """It is open and the turn of the day to ``today`` leads to something: a miss, an end or a reminder."""
        days = (self.due and self.due + ONE_DAY, self.remind_on, self.ends_on)
        return self.status == "open" and any(day is not None and day <= today for day in days)


@dataclass(frozen=True)
class Case:
    """One case file. ``standard`` is ``None`` until it is opened. ``homes``: by day, the first from the beginning of time.

    ``standard_since``: the day from which it is kept under this version. ``changes``: the changes of standard. ``anonymous``: to
    her home municipality. ``gone_on``: who went straight from this stay to another shelter, the woman and each child that arrived
    there; ``counts_on``: the facts that count there too, in the order of recording; ``left_behind``: the obligations cancelled
    because of it. ``transferred_from``: the stay that this one goes on with. ``taken_back``: what is noted no more, because of a
    later fact. ``corrections``: the corrected days of the admission and the move-out. ``extended_to``: the last day to which a
    window was extended.
    """

    standard: str | None = None
    standard_version: str = ""
    standard_since: date = date.min
    changes: tuple[UUID, ...] = ()
    homes: tuple[Home, ...] = ()
    woman_id: UUID | None = None
    admission_id: UUID | None = None
    admitted_on: date | None = None
    anonymous: bool = False
    annulled: bool = False
    gone_on: Mapping[UUID, Gone] = field(default_factory=dict)
    counts_on: tuple[Fact, ...] = ()
    transferred_from: UUID | None = None
    left_behind: frozenset[UUID] = frozenset()
    children: frozenset[UUID] = frozenset()
    grown_on: Mapping[UUID, date] = field(default_factory=dict)
    seen: frozenset[UUID] = frozenset()
    noted: Mapping[tuple[object, ...], Noted] = field(default_factory=dict)
    taken_back: tuple[TakenBack, ...] = ()
    corrections: frozenset[UUID] = frozenset()
    extended_to: date | None = None
    ledgers: Mapping[UUID, Ledger] = field(default_factory=dict)
    obligations: Mapping[UUID, Obligation] = field(default_factory=dict)

    @property
    def continued_in(self) -> UUID | None:
        """The stay at another shelter that goes on with this one."""
        gone = self.gone_on.get(self.woman_id) if self.woman_id else None
        return None if gone is None else gone.stay_id

    @property
    def people(self) -> frozenset[UUID]:
        """The woman and the children that arrived."""
        return self.children if self.woman_id is None else self.children | {self.woman_id}

    def arrival_of(self, child: UUID) -> Noted:
        """When the child arrived in this stay. Raises StopIteration for one that did not."""
        return next(n for n in self.noted.values() if (n.fact, n.person_id) == ("ChildArrived", child))

    def home_on(self, day: date) -> str | None:
        """The municipality in force on that day."""
        for home in reversed(self.homes):
            if home.since <= day:
                return home.municipality
        return None

    def taken_back_by(self, name: str, person_id: UUID | None, on: date) -> list[Noted]:
        """What a fact of this name, person and day takes back, also where a later one did so already."""
        earlier = (gone.noted for gone in self.taken_back if gone.is_earlier(name, person_id, on))
        return [*self.noted_until(name, person_id, on).values(), *earlier]

    def noted_until(self, name: str, person_id: UUID | None, on: date) -> Mapping[tuple[object, ...], Noted]:
        """What is noted that a fact of this name, person and day takes back; what is of a later day it leaves.

        Raises KeyError for a fact that takes nothing back.
        """
        takes_back = (TAKES_BACK[name], person_id)
        before = {key: n for key, n in self.noted.items() if (n.fact, n.person_id) == takes_back and n.on <= on}
        return {key: n if n.last_on <= on else replace(n, last_on=n.on, last_id=n.fact_id) for key, n in before.items()}

    def taken_back_on(self, name: str, person_id: UUID | None, on: date) -> date | None:
        """The day of the first later fact that took back a fact of this name, person and day."""
        if name not in TAKES_BACK.values():
            return None
        known = (*self.noted.values(), *(gone.noted for gone in self.taken_back))
        taking = (n for n in known if TAKES_BACK.get(n.fact) == name and n.person_id == person_id)
        return min((day for n in taking for day in (n.on, n.last_on) if day > on), default=None)

    def was_owed_on(self, obligation: Obligation, day: date) -> bool:
        """Whether what was cancelled was still owed in this stay on that day, under the present standard."""
        elsewhere = self.annulled or obligation.closed_by in self.changes
        return not elsewhere and obligation.closed_on is not None and day <= obligation.closed_on

    def gone_since(self, obligation: Obligation) -> date:
        """The day from which it is owed in a stay at another shelter, and can be missed there alone."""
        gone = self.gone_on.get(obligation.person_id) if obligation.person_id and obligation.municipal else None
        return date.max if gone is None else gone.on

    def used(self, obligation: Obligation) -> int:
        """What is used of an obligation with a ledger; it is the person's, whoever owes the rest."""
        assert obligation.unit is not None
        return self._ledger(obligation).used(obligation.unit)

    def left(self, obligation: Obligation) -> int:
        """What may still be used of an obligation with a ledger before its ceiling, with what was granted on top of it."""
        assert obligation.unit is not None
        assert obligation.ceiling is not None
        ledger = self._ledger(obligation)
        return max(0, obligation.ceiling + ledger.extra(obligation.unit) - ledger.used(obligation.unit))

    def can_move(self, obligation: Obligation) -> bool:
        """A municipality owes it, or the rest of it: it follows her to another municipality."""
        owes = obligation.municipal and obligation.municipality is not None
        return owes and (obligation.is_unfinished or self._treatment_goes_on(obligation))

    def _treatment_goes_on(self, obligation: Obligation) -> bool:
        """Its floor is reached, and something is left up to its ceiling."""
        if obligation.unit is None or obligation.status not in MET or self.left(obligation) == 0:
            return False
        return not any((n.fact, n.person_id) == ("TreatmentCompleted", obligation.person_id) for n in self.noted.values())

    def _ledger(self, obligation: Obligation) -> Ledger:
        return self.ledgers.get(obligation.person_id, NOTHING_USED) if obligation.person_id else NOTHING_USED

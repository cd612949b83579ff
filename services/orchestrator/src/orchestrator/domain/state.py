"""A case file as it stands: the facts noted, what is owed, what is used; and how each event changes it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

from havn_chassis.decider import changed
from havn_events.codes import Unit
from havn_events.event import Event
from havn_events.orchestrator import (
    CaseOpened,
    ChildCameBack,
    ChildFollowed,
    ContinuationAnnulled,
    FactNoted,
    ObligationCancelled,
    ObligationDueSoon,
    ObligationMet,
    ObligationMissed,
    ObligationOpened,
    ObligationReopened,
    ObligationRescheduled,
    ObligationTransferred,
    StandardChanged,
    StayContinued,
)
from orchestrator.domain.fact import CONTINUES, Attributes, Fact

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


GROWN_AT = 18
"""In years: what is owed to children is not owed to a child that has reached this age."""


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


_EMPTY = Ledger()


@dataclass(frozen=True)
class Obligation:
    """One obligation as it stands.

    ``closed_on``: the day it was met or cancelled. ``missed_on``: the day it was last missed, kept when it is met after all.
    ``lost_on``: the day a fact made it missed. ``closed_by``: the fact that met or cancelled it, ``None`` for what ran out by
    itself. ``standard``, ``standard_version``: those its due day is counted under. ``remind_on``: the day from which a reminder
    of ``due`` is owed, ``None`` when it was given; ``reminded``: the due days it was given for. ``ends_on``: the first day on
    which it is owed no more.
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

    @property
    def goes_along(self) -> bool:
        """A municipality owes it, and to no complaint: it goes along to another shelter with her or the child it is owed to."""
        return self.municipal and self.reference is None


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
        """What is noted that a fact of this name, person and day takes back; what is of a later day it leaves."""
        if name not in TAKES_BACK:
            return {}
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
        gone = self.gone_on.get(obligation.person_id) if obligation.person_id and obligation.goes_along else None
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
        return self.ledgers.get(obligation.person_id, _EMPTY) if obligation.person_id else _EMPTY


def evolve(state: Case, event: Event) -> Case:
    """The case file after one more event."""
    match event:
        case FactNoted():
            return _evolve_fact(state, event)
        case ObligationOpened():
            return _with(state, _opened(event))
        case ObligationMet():
            met = state.obligations[event.obligation_id]
            status: Status = "met-late" if event.late else "met"
            return _with(state, changed(met, status=status, closed_on=event.occurred_on, closed_by=event.rests_on))
        case ObligationMissed():
            missed = state.obligations[event.obligation_id]
            lost_on = missed.lost_on if event.rests_on is None else event.occurred_on
            return _with(
                state,
                changed(missed, status="missed", missed_on=event.occurred_on, lost_on=lost_on, closed_on=None, closed_by=None),
            )
        case ObligationCancelled():
            gone = state.obligations[event.obligation_id]
            cancelled = changed(gone, status="cancelled", closed_on=event.occurred_on, closed_by=event.rests_on)
            is_left = gone.person_id in state.gone_on and gone.goes_along
            left_behind = state.left_behind | {gone.id} if is_left else state.left_behind
            return changed(_with(state, cancelled), left_behind=left_behind)
        case ObligationReopened():
            again = state.obligations[event.obligation_id]
            return _with(state, changed(again, status="open", closed_on=None, closed_by=None, lost_on=None))
        case ObligationRescheduled():
            moved = state.obligations[event.obligation_id]
            return _with(
                state,
                changed(
                    moved,
                    due=event.due,
                    counted_from=event.counted_from,
                    remind_on=event.remind_on,
                    standard=event.standard or moved.standard,
                    standard_version=event.standard_version or moved.standard_version,
                ),
            )
        case ObligationDueSoon():
            told = state.obligations[event.obligation_id]
            return _with(state, changed(told, remind_on=None, reminded=told.reminded | {event.due}))
        case ObligationTransferred():
            handed = state.obligations[event.obligation_id]
            return _with(state, changed(handed, municipality=event.municipality))
        case CaseOpened():
            return changed(
                state,
                standard=event.standard,
                standard_version=event.standard_version,
                standard_since=event.occurred_on,
                homes=_first_home(event.home_municipality),
                transferred_from=event.transferred_from,
            )
        case StandardChanged():
            return changed(
                state,
                standard=event.standard,
                standard_version=event.standard_version,
                standard_since=event.occurred_on,
                changes=(*state.changes, event.change_id),
            )
        case StayContinued() | ChildFollowed():
            return _gone(state, event.person_id, event.continued_in, event.occurred_on)
    assert isinstance(event, ContinuationAnnulled | ChildCameBack)
    return _back(state, event.person_id)


def _gone(state: Case, person_id: UUID, stay_id: UUID, on: date) -> Case:
    gone = replace(state.gone_on.get(person_id, Gone(stay_id, on)), stay_id=stay_id, on=on)
    return changed(state, gone_on={**state.gone_on, person_id: gone})


def _back(state: Case, person_id: UUID) -> Case:
    left = frozenset(id for id in state.left_behind if state.obligations[id].person_id != person_id)
    gone_on = {person: gone for person, gone in state.gone_on.items() if person != person_id}
    return changed(state, gone_on=gone_on, left_behind=left)


def _first_home(municipality: str | None) -> tuple[Home, ...]:
    return () if municipality is None else (Home(date.min, municipality, None),)


def _with(state: Case, obligation: Obligation) -> Case:
    return changed(state, obligations={**state.obligations, obligation.id: obligation})


def _opened(event: ObligationOpened) -> Obligation:
    return Obligation(
        id=event.obligation_id,
        rule=event.rule,
        person_id=event.person_id,
        reference=event.reference,
        municipality=event.municipality,
        municipal=event.owed_by in MUNICIPAL,
        status="open",
        opened_on=event.occurred_on,
        opened_by=event.rests_on,
        due=event.due,
        counted_from=event.counted_from,
        standard=event.standard,
        standard_version=event.standard_version,
        remind_on=event.remind_on,
        ends_on=event.ends_on,
        unit=event.unit,
        floor=event.floor,
        ceiling=event.ceiling,
    )


def _evolve_fact(state: Case, event: FactNoted) -> Case:
    changes: dict[str, Any] = {"seen": state.seen | {event.fact_id}, **_noted(state, event)}
    if state.gone_on:
        fact = _fact(event)
        changes["gone_on"] = {person: replace(gone, told_since=(*gone.told_since, fact)) for person, gone in state.gone_on.items()}
    if event.fact in CONTINUES:
        changes["counts_on"] = (*state.counts_on, _fact(event))
    match event.fact:
        case "SessionHeld" | "SessionCorrected" | "ExtraHoursGranted":
            assert event.person_id is not None
            ledger = _counted(state.ledgers.get(event.person_id, _EMPTY), event)
            changes["ledgers"] = {**state.ledgers, event.person_id: ledger}
            if event.fact == "SessionCorrected":
                told = [fact for fact in changes["counts_on"] if fact.person_id == event.person_id]
                changes["noted"] = _still_held(changes["noted"], event.person_id, told if ledger.sessions > 0 else [])
        case "WomanAdmitted":
            changes |= {"woman_id": event.person_id, "admission_id": event.fact_id, "admitted_on": event.occurred_on}
            changes["anonymous"] = event.attributes.get("anonymous") is True
            changes["homes"] = state.homes or _first_home(event.municipality)
        case "AdmissionCorrected":
            changes |= {"admitted_on": event.until, "noted": _admitted(state.noted, event.until)}
            changes["corrections"] = state.corrections | {event.fact_id}
        case "MoveOutCorrected":
            changes["noted"] = _moved_out(changes["noted"], event.until, state.admitted_on)
            changes["corrections"] = state.corrections | {event.fact_id}
        case "AdviceExtended" if event.until is not None:
            changes["extended_to"] = max(event.until, state.extended_to or event.until)
        case "InterviewCorrected":
            changes["noted"] = _interviewed(changes["noted"], event.until)
        case "AnonymityLifted" | "AnonymityOutweighed":
            changes["anonymous"] = False
        case "ChildArrived":
            assert event.person_id is not None
            changes["children"] = state.children | {event.person_id}
            if "birth_month" in event.attributes:
                changes["grown_on"] = {event.person_id: _grown_on(str(event.attributes["birth_month"])), **state.grown_on}
        case "HomeMunicipalityChanged":
            assert event.municipality is not None
            home = Home(event.occurred_on, event.municipality, event.fact_id)
            changes["homes"] = tuple(sorted((*state.homes, home), key=lambda h: h.since))
        case "StayAnnulled":
            changes["annulled"] = True
    return changed(state, **changes)


def _grown_on(birth_month: str) -> date:
    """The day after the month in which a child turns 18, of which only the month of birth is known."""
    year, month = map(int, birth_month.split("-"))
    return date(year + GROWN_AT + month // 12, month % 12 + 1, 1)


def _fact(event: FactNoted) -> Fact:
    return Fact(
        name=event.fact,
        id=event.fact_id,
        occurred_on=event.occurred_on,
        person_id=event.person_id,
        reference=event.reference,
        minutes=event.minutes,
        until=event.until,
        municipality=event.municipality,
        attributes=event.attributes,
    )


def _noted(state: Case, event: FactNoted) -> dict[str, Any]:
    """What is noted with one more fact, and what is taken back: by it, or it by a later one that is known already."""
    on, fact_id = event.occurred_on, event.fact_id
    new = Noted(event.fact, event.person_id, event.reference, event.attributes, on, fact_id, on, fact_id)
    gone = state.noted_until(event.fact, event.person_id, on)
    is_earlier = [known.is_earlier(event.fact, event.person_id, on) for known in state.taken_back]
    taken_back = [replace(known, on=on) if sooner else known for known, sooner in zip(state.taken_back, is_earlier, strict=True)]
    taken_back += [TakenBack(n, on) for n in gone.values()]
    noted = dict(state.noted)
    for key in gone:
        known = noted.pop(key)
        if known.last_on > on:
            noted[key] = replace(known, on=known.last_on, fact_id=known.last_id)
    gone_on = state.taken_back_on(event.fact, event.person_id, on)
    if gone_on is None:
        key = (event.fact, event.person_id, event.reference, *sorted(event.attributes.items()))
        noted[key] = _with_one_more(noted.get(key), new)
    else:
        taken_back.append(TakenBack(new, gone_on))
    return {"noted": noted, "taken_back": tuple(taken_back)}


def _with_one_more(known: Noted | None, new: Noted) -> Noted:
    if known is None:
        return new
    if new.on < known.on:
        return replace(known, on=new.on, fact_id=new.fact_id)
    return replace(known, last_on=new.on, last_id=new.fact_id) if new.on >= known.last_on else known


def _admitted(noted: Mapping[tuple[object, ...], Noted], on: date | None) -> Mapping[tuple[object, ...], Noted]:
    """The admission with the right day, and with it the length of a stay that is over."""
    assert on is not None

    def corrected(entry: Noted) -> Noted:
        match entry.fact:
            case "WomanAdmitted":
                return replace(entry, on=on, last_on=on)
            case "WomanMovedOut":
                return replace(entry, attributes={**entry.attributes, "stay_days": (entry.on - on).days})
        return entry

    return {key: corrected(entry) for key, entry in noted.items()}


def _moved_out(
    noted: Mapping[tuple[object, ...], Noted], on: date | None, admitted_on: date | None
) -> Mapping[tuple[object, ...], Noted]:
    """The move-out with the right day, and with it the length of the stay."""
    assert on is not None
    length = {} if admitted_on is None else {"stay_days": (on - admitted_on).days}

    def corrected(entry: Noted) -> Noted:
        if entry.fact != "WomanMovedOut":
            return entry
        return replace(entry, on=on, last_on=on, attributes={**entry.attributes, **length})

    return {key: corrected(entry) for key, entry in noted.items()}


def _interviewed(noted: Mapping[tuple[object, ...], Noted], on: date | None) -> Mapping[tuple[object, ...], Noted]:
    """The interview with the right day."""
    assert on is not None
    return {key: replace(entry, on=on, last_on=on) if entry.fact == "InterviewHeld" else entry for key, entry in noted.items()}


def _still_held(
    noted: Mapping[tuple[object, ...], Noted], person_id: UUID, told: Sequence[Fact]
) -> Mapping[tuple[object, ...], Noted]:
    """A session that turned out not to have been held is not looked back upon: the next that was is the earliest."""
    sessions = Counter[date]()
    for fact in told:
        if fact.name in LEDGER:
            sessions[fact.until or fact.occurred_on] += int(fact.attributes["sessions"])
    held = sorted((fact.occurred_on, fact.id) for fact in told if fact.name == "SessionHeld" and sessions[fact.occurred_on] > 0)
    left = dict(noted)
    for key, entry in noted.items():
        if (entry.fact, entry.person_id) == ("SessionHeld", person_id):
            del left[key]
            if held:
                (on, fact_id), (last_on, last_id) = held[0], held[-1]
                left[key] = replace(entry, on=on, fact_id=fact_id, last_on=last_on, last_id=last_id)
    return left


def _counted(ledger: Ledger, event: FactNoted) -> Ledger:
    assert event.minutes is not None
    if event.fact == "ExtraHoursGranted":
        return replace(ledger, granted=ledger.granted + event.minutes)
    sessions = int(event.attributes["sessions"])
    entries = (*ledger.entries, (event.occurred_on, event.minutes, sessions))
    return Ledger(ledger.minutes + event.minutes, ledger.sessions + sessions, ledger.granted, entries)

"""One case file: the facts about a stay (or a refused inquiry), and what is owed because of them.

A fact first closes, moves and hands over what it touches, then opens what follows from it. Every due day is computed once,
under the standard the case was opened with, and recorded; nothing is computed again on replay.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID, uuid5

from havn_chassis.decider import Decider, Refused
from havn_events.codes import Unit
from havn_events.event import Event
from havn_events.orchestrator import (
    CaseOpened,
    FactNoted,
    ObligationCancelled,
    ObligationMet,
    ObligationMissed,
    ObligationOpened,
    ObligationReopened,
    ObligationRescheduled,
    ObligationTransferred,
)
from havn_standards import Rule, Rulebook, Standard, StandardUnknown, Trigger, due
from orchestrator.domain.fact import BEFORE_A_STAY, Attributes, Fact

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
}
"""Facts after which an earlier one is not looked back upon any more."""

MINUTES_PER_SESSION = 60
"""What one session is worth when hours are granted and sessions are counted."""

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Opening:
    """What a case file is opened with. ``home_municipality``: ``None`` for a refused inquiry, which has none."""

    standard: str
    shelter_id: UUID
    home_municipality: str | None


@dataclass(frozen=True, slots=True)
class TakeFact:
    """Take a fact into the case. ``opening`` comes with the facts that may open a case; ``today`` is the Copenhagen day."""

    case_id: UUID
    fact: Fact
    opening: Opening | None
    rulebook: Rulebook
    today: date


@dataclass(frozen=True, slots=True)
class CheckDeadlines:
    """Close what was due on ``day`` or before; ``day`` is a Copenhagen day that is over."""

    case_id: UUID
    day: date
    rulebook: Rulebook


@dataclass(frozen=True, slots=True)
class Home:
    """From ``since`` on (``date.min`` for the first) this is her home municipality, as ``fact_id`` says."""

    since: date
    municipality: str
    fact_id: UUID | None


@dataclass(frozen=True, slots=True)
class Noted:
    """The earliest fact of its kind: name, person, reference and attributes."""

    fact: str
    person_id: UUID | None
    reference: UUID | None
    attributes: Attributes
    on: date
    fact_id: UUID


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


@dataclass(frozen=True, slots=True)
class Obligation:
    """One obligation as it stands.

    ``closed_on``: the day it was met or cancelled. ``missed_on``: the day it was last missed, kept when it is met after all.
    ``lost_on``: the day a fact made it missed. ``closed_by``: the fact that met or cancelled it, ``None`` for a window that ran
    out.
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
    unit: Unit | None = None
    floor: int | None = None
    ceiling: int | None = None
    closed_on: date | None = None
    closed_by: UUID | None = None
    missed_on: date | None = None
    lost_on: date | None = None

    @property
    def is_unfinished(self) -> bool:
        return self.status in UNFINISHED

    @property
    def can_move(self) -> bool:
        """A municipality owes it and it is not finished: it follows her to another municipality."""
        return self.municipal and self.municipality is not None and self.is_unfinished


@dataclass(frozen=True, slots=True)
class Case:
    """One case file. ``standard`` is ``None`` until it is opened. ``homes``: by day, the first from the beginning of time."""

    standard: str | None = None
    standard_version: str = ""
    homes: tuple[Home, ...] = ()
    woman_id: UUID | None = None
    admission_id: UUID | None = None
    admitted_on: date | None = None
    anonymous: bool = False
    annulled: bool = False
    children: frozenset[UUID] = frozenset()
    seen: frozenset[UUID] = frozenset()
    noted: Mapping[tuple[object, ...], Noted] = field(default_factory=dict)
    ledgers: Mapping[UUID, Ledger] = field(default_factory=dict)
    obligations: Mapping[UUID, Obligation] = field(default_factory=dict)

    def home_on(self, day: date) -> str | None:
        """The municipality in force on that day."""
        return next((home.municipality for home in reversed(self.homes) if home.since <= day), None)

    def used(self, obligation: Obligation) -> int:
        """What is used of an obligation with a ledger; it is the person's, whoever owes the rest."""
        if obligation.unit is None:
            return 0
        return self._ledger(obligation).used(obligation.unit)

    def left(self, obligation: Obligation) -> int:
        """What may still be used before the ceiling, with what was granted on top of it."""
        if obligation.unit is None or obligation.ceiling is None:
            return 0
        ledger = self._ledger(obligation)
        return max(0, obligation.ceiling + ledger.extra(obligation.unit) - ledger.used(obligation.unit))

    def _ledger(self, obligation: Obligation) -> Ledger:
        return self.ledgers.get(obligation.person_id, _EMPTY) if obligation.person_id else _EMPTY


def decide(command: TakeFact | CheckDeadlines, state: Case) -> Sequence[Event]:
    """The events a command leads to.

    Raises Refused ``case-not-open`` for a fact about a stay that was never opened, ``standard-unknown`` for a case under a
    standard that is not in the rulebook.
    """
    match command:
        case TakeFact():
            return _take(command, state)
        case CheckDeadlines():
            return _check(command, state)


def _take(command: TakeFact, state: Case) -> Sequence[Event]:
    fact = command.fact
    if fact.id in state.seen or (state.standard is None and command.opening is None and fact.name in BEFORE_A_STAY):
        return []
    draft = _Draft.begin(command, state)
    draft.note(fact)
    _close(draft, fact)
    if fact.name == "AdmissionCorrected":
        _correct_admission(draft, fact)
    _open_what_follows(draft, fact, fact.attributes)
    return draft.events


def _check(command: CheckDeadlines, state: Case) -> Sequence[Event]:
    overdue = [o for o in state.obligations.values() if o.status == "open" and o.due is not None and o.due <= command.day]
    if not overdue:
        return []
    standard = _pinned(command.rulebook, state)
    draft = _Draft(command.case_id, standard, command.day + _ONE_DAY, state)
    for obligation in overdue:
        draft.run_out(obligation)
    return draft.events


def _pinned(rulebook: Rulebook, state: Case) -> Standard:
    assert state.standard is not None
    try:
        return rulebook.version(state.standard, state.standard_version)
    except StandardUnknown:
        raise _standard_unknown() from None


def _standard_unknown() -> Refused:
    return Refused(
        "standard-unknown",
        "The case is kept under a standard, or a version of one, that is not in the rulebook. Add its file and retry.",
    )


class _Draft:
    """The events decided so far and the state they lead to. Lives only within one ``decide``."""

    __slots__ = ("case_id", "events", "standard", "state", "today")

    def __init__(self, case_id: UUID, standard: Standard, today: date, state: Case) -> None:
        self.case_id = case_id
        self.standard = standard
        self.today = today
        self.state = state
        self.events: list[Event] = []

    @classmethod
    def begin(cls, command: TakeFact, state: Case) -> "_Draft":
        """A draft for a fact, with the case opened where the fact opens it."""
        if state.standard is not None:
            return cls(command.case_id, _pinned(command.rulebook, state), command.today, state)
        if command.opening is None:
            raise Refused(
                "case-not-open",
                "There is no case file for this stay. It is opened by the admission; retry when that has arrived.",
                kind="absent",
            )
        opening, on = command.opening, command.fact.occurred_on
        try:
            standard = command.rulebook.standard(opening.standard, on)
        except StandardUnknown:
            raise _standard_unknown() from None
        draft = cls(command.case_id, standard, command.today, state)
        draft.add(
            CaseOpened(
                occurred_on=on,
                stay_id=command.case_id,
                standard=standard.id,
                standard_version=standard.version,
                shelter_id=opening.shelter_id,
                home_municipality=opening.home_municipality,
            )
        )
        return draft

    def add(self, event: Event) -> None:
        self.events.append(event)
        self.state = evolve(self.state, event)

    def now(self, obligation: Obligation) -> Obligation:
        """The obligation after what was decided so far."""
        return self.state.obligations[obligation.id]

    def obligations_under(self, rules: Iterable[Rule]) -> list[tuple[Obligation, Rule]]:
        """Every obligation of these rules, in the order they were opened."""
        by_id = {rule.id: rule for rule in rules}
        if not by_id:
            return []
        return [(o, by_id[o.rule]) for o in self.state.obligations.values() if o.rule in by_id]

    def note(self, fact: Fact) -> None:
        self.add(
            FactNoted(
                occurred_on=fact.occurred_on,
                stay_id=self.case_id,
                fact=fact.name,
                fact_id=fact.id,
                person_id=fact.person_id,
                reference=fact.reference,
                minutes=fact.minutes,
                until=fact.until,
                municipality=fact.municipality,
                attributes=dict(fact.attributes),
            )
        )

    def met(self, obligation: Obligation, on: date, by: UUID | None, late: bool) -> None:
        self.add(
            ObligationMet(
                occurred_on=on,
                stay_id=self.case_id,
                obligation_id=obligation.id,
                rule=obligation.rule,
                person_id=obligation.person_id,
                municipality=obligation.municipality,
                late=late,
                rests_on=by,
            )
        )

    def missed(self, obligation: Obligation, on: date, by: UUID | None) -> None:
        self.add(
            ObligationMissed(
                occurred_on=on,
                stay_id=self.case_id,
                obligation_id=obligation.id,
                rule=obligation.rule,
                person_id=obligation.person_id,
                municipality=obligation.municipality,
                due=obligation.due,
                rests_on=by,
            )
        )

    def cancelled(self, obligation: Obligation, on: date, by: UUID) -> None:
        self.add(
            ObligationCancelled(
                occurred_on=on,
                stay_id=self.case_id,
                obligation_id=obligation.id,
                rule=obligation.rule,
                person_id=obligation.person_id,
                municipality=obligation.municipality,
                rests_on=by,
            )
        )

    def reopened(self, obligation: Obligation, fact: Fact) -> None:
        """Owed again, by the municipality that owes the rest now."""
        self.add(
            ObligationReopened(
                occurred_on=fact.occurred_on,
                stay_id=self.case_id,
                obligation_id=obligation.id,
                rule=obligation.rule,
                person_id=obligation.person_id,
                municipality=obligation.municipality,
                rests_on=fact.id,
            )
        )
        self.hand_over_to_present_home(self.now(obligation))

    def transferred(self, obligation: Obligation, home: Home) -> None:
        assert obligation.municipality is not None
        assert home.fact_id is not None
        self.add(
            ObligationTransferred(
                occurred_on=home.since,
                stay_id=self.case_id,
                obligation_id=obligation.id,
                rule=obligation.rule,
                person_id=obligation.person_id,
                municipality=home.municipality,
                from_municipality=obligation.municipality,
                rests_on=home.fact_id,
            )
        )

    def hand_over_to_present_home(self, obligation: Obligation) -> None:
        """What is not finished is owed by the latest home municipality, from the day of the change."""
        if obligation.can_move and obligation.municipality != self.state.homes[-1].municipality:
            self.transferred(obligation, self.state.homes[-1])

    def run_out(self, obligation: Obligation) -> None:
        """Its due day is over: missed on the day after, or, for a window, met on its last day."""
        assert obligation.due is not None
        if self.standard.rule(obligation.rule).last_day_meets:
            self.met(obligation, obligation.due, None, late=False)
        else:
            self.missed(obligation, obligation.due + _ONE_DAY, None)

    def run_out_if_over(self, obligation: Obligation, day: date) -> None:
        """As ``run_out``, where it is open and its due day lies before ``day``."""
        if obligation.status == "open" and obligation.due is not None and obligation.due < day:
            self.run_out(obligation)

    def meet(self, obligation: Obligation, on: date, by: UUID) -> None:
        """Met on its business date. After its due day, or after a fact made it missed, it is late; the miss comes first.

        A fact registered late but done in time meets it in time; a miss recorded meanwhile stays in the history. What is met in
        time stays as it is; what is met late becomes met in time when an earlier fact turns up.
        """
        late = _is_late(obligation, on)
        if obligation.status == "cancelled" or obligation.status == "met" or (obligation.status == "met-late" and late):
            return
        if late:
            self.run_out_if_over(obligation, on)
            if self.now(obligation).status == "met":
                return
        self.met(obligation, on, by, late)

    def reschedule(self, obligation: Obligation, fact: Fact, counted_from: date | None, new_due: date | None) -> None:
        """Its due day moves visibly, and whether it is missed, or was late, follows the new day."""
        if obligation.status == "cancelled" or (new_due == obligation.due and counted_from == obligation.counted_from):
            return
        self.add(
            ObligationRescheduled(
                occurred_on=fact.occurred_on,
                stay_id=self.case_id,
                obligation_id=obligation.id,
                rule=obligation.rule,
                person_id=obligation.person_id,
                municipality=obligation.municipality,
                due=new_due,
                due_before=obligation.due,
                counted_from=counted_from,
                rests_on=fact.id,
            )
        )
        moved = self.now(obligation)
        ran_out = moved.status == "met" and moved.closed_by is None
        if ran_out and _is_over(moved, self.today):
            self.run_out(moved)
        elif moved.status in MET and not ran_out:
            self._meet_again(moved)
        elif ran_out or (moved.status == "missed" and moved.lost_on is None and not _is_over(moved, self.today)):
            self.reopened(moved, fact)
        else:
            self.run_out_if_over(moved, self.today)

    def _meet_again(self, obligation: Obligation) -> None:
        assert obligation.closed_on is not None
        late = _is_late(obligation, obligation.closed_on)
        if late == (obligation.status == "met-late"):
            return
        if late:
            self.run_out(obligation)
        if self.now(obligation).status != "met" or not late:
            self.met(obligation, obligation.closed_on, obligation.closed_by, late)


def _is_over(obligation: Obligation, today: date) -> bool:
    return obligation.due is not None and obligation.due < today


def _is_late(obligation: Obligation, on: date) -> bool:
    after_due = obligation.due is not None and on > obligation.due
    after_loss = obligation.lost_on is not None and on > obligation.lost_on
    return after_due or after_loss


def _concerns(fact: Fact | Noted, obligation: Obligation) -> bool:
    """A fact about the whole stay concerns everyone in it; a complaint's rule asks only for its own reference."""
    if obligation.reference is not None:
        return fact.reference == obligation.reference
    return fact.person_id is None or fact.person_id == obligation.person_id


def _matches(triggers: Iterable[Trigger], fact: Fact | Noted) -> bool:
    name = fact.name if isinstance(fact, Fact) else fact.fact
    return any(trigger.matches(name, fact.attributes) for trigger in triggers)


def _close(draft: _Draft, fact: Fact) -> None:
    standard, name = draft.standard, fact.name
    for obligation, rule in draft.obligations_under(standard.rules_met_by(name)):
        if _concerns(fact, obligation) and _matches(rule.met_by, fact):
            _meet_by_fact(draft, draft.now(obligation), rule, fact)
    if name in LEDGER:
        _count(draft, fact)
    for obligation, rule in draft.obligations_under(standard.rules_missed_by(name)):
        if _concerns(fact, obligation) and _matches(rule.missed_by, fact):
            _miss_by_fact(draft, draft.now(obligation), fact)
    for obligation, rule in draft.obligations_under(standard.rules_cancelled_by(name)):
        if _concerns(fact, obligation) and _matches(rule.cancelled_by, fact):
            _cancel_by_fact(draft, draft.now(obligation), fact)
    for obligation, rule in draft.obligations_under(standard.rules_due_from(name)):
        if _concerns(fact, obligation):
            _count_from(draft, draft.now(obligation), rule, fact)
    match name:
        case "TreatmentCompleted":
            _end_treatment(draft, fact)
        case "AdviceExtended":
            _extend_windows(draft, fact)
        case "HomeMunicipalityChanged":
            for obligation in list(draft.state.obligations.values()):
                draft.hand_over_to_present_home(obligation)
        case "StayAnnulled":
            _annul(draft, fact)


def _meet_by_fact(draft: _Draft, obligation: Obligation, rule: Rule, fact: Fact) -> None:
    """A review dated before the review it would meet was owed meets nothing: it belongs to an earlier round."""
    if _opens_too(rule, fact) and fact.occurred_on < obligation.opened_on:
        return
    if rule.meets == "any":
        draft.meet(obligation, fact.occurred_on, fact.id)
    else:
        _meet_by_what_was_noted(draft, obligation, rule)


def _opens_too(rule: Rule, fact: Fact) -> bool:
    return any(trigger.fact == fact.name for trigger in rule.opened_by)


def _meet_by_what_was_noted(draft: _Draft, obligation: Obligation, rule: Rule) -> None:
    """Any: met on the day of the earliest fact. All: met on the day the last kind of fact was there for the first time."""
    noted = [n for n in draft.state.noted.values() if _concerns(n, obligation)]
    first_of_each = [
        min((n for n in noted if trigger.matches(n.fact, n.attributes)), key=lambda n: n.on, default=None)
        for trigger in rule.met_by
    ]
    found = [n for n in first_of_each if n is not None]
    if rule.meets == "any" and found:
        earliest = min(found, key=lambda n: n.on)
        draft.meet(obligation, earliest.on, earliest.fact_id)
    elif rule.meets == "all" and len(found) == len(rule.met_by):
        last = max(found, key=lambda n: n.on)
        draft.meet(obligation, last.on, last.fact_id)


def _count(draft: _Draft, fact: Fact) -> None:
    """A ledger is met on the day its floor is reached, and owed again when a correction takes it below."""
    for obligation in list(draft.state.obligations.values()):
        if obligation.unit is None or obligation.floor is None or obligation.person_id != fact.person_id:
            continue
        reached = draft.state.used(obligation) >= obligation.floor
        if reached and fact.person_id is not None:
            ledger = draft.state.ledgers[fact.person_id]
            draft.meet(obligation, ledger.reached_on(obligation.unit, obligation.floor), fact.id)
        elif obligation.status in MET:
            draft.reopened(obligation, fact)
            draft.run_out_if_over(draft.now(obligation), draft.today)


def _miss_by_fact(draft: _Draft, obligation: Obligation, fact: Fact) -> None:
    """Missed unless it was met by that day; what was met after that day was met late."""
    draft.run_out_if_over(obligation, fact.occurred_on)
    obligation = draft.now(obligation)
    lost_on = max(fact.occurred_on, obligation.opened_on)
    if obligation.status == "open":
        draft.missed(obligation, lost_on, fact.id)
    elif obligation.status == "met" and obligation.closed_on is not None and obligation.closed_on > lost_on:
        draft.missed(obligation, lost_on, fact.id)
        draft.met(obligation, obligation.closed_on, obligation.closed_by, late=True)


def _cancel_by_fact(draft: _Draft, obligation: Obligation, fact: Fact) -> None:
    """Owed no more from that day; what was missed before that day stays missed."""
    draft.run_out_if_over(obligation, fact.occurred_on)
    obligation = draft.now(obligation)
    missed_on = obligation.missed_on if obligation.status == "missed" else None
    if obligation.status == "open" or (missed_on is not None and missed_on > fact.occurred_on):
        draft.cancelled(obligation, fact.occurred_on, fact.id)


def _end_treatment(draft: _Draft, fact: Fact) -> None:
    """A treatment that ended before its floor was used is owed no more."""
    for obligation in list(draft.state.obligations.values()):
        if obligation.unit is not None and obligation.person_id == fact.person_id:
            _cancel_by_fact(draft, obligation, fact)


def _count_from(draft: _Draft, obligation: Obligation, rule: Rule, fact: Fact) -> None:
    """A due day that becomes known after it was met is recorded only where it shows that it was met too late."""
    day_zero = _day_zero(draft, rule, fact, obligation.person_id, obligation.reference)
    new_due = _due(draft, rule, day_zero)
    met_before = obligation.status in MET and obligation.due is None and obligation.closed_on is not None
    if met_before and obligation.closed_on is not None and new_due is not None and obligation.closed_on <= new_due:
        return
    draft.reschedule(obligation, fact, day_zero, new_due)


def _extend_windows(draft: _Draft, fact: Fact) -> None:
    """The explicit last day replaces the counted one; day 0 stays."""
    for obligation in list(draft.state.obligations.values()):
        if draft.standard.rule(obligation.rule).last_day_meets and _concerns(fact, obligation):
            draft.reschedule(obligation, fact, obligation.counted_from, fact.until)


def _annul(draft: _Draft, fact: Fact) -> None:
    """Nothing of the stay is owed any more. A complaint keeps its right to an answer."""
    for obligation in list(draft.state.obligations.values()):
        if obligation.is_unfinished and obligation.reference is None:
            draft.cancelled(obligation, fact.occurred_on, fact.id)


def _correct_admission(draft: _Draft, fact: Fact) -> None:
    """What was counted from the admission is counted again from the right day, and so is the length of the stay."""
    admitted_on = fact.until
    assert admitted_on is not None
    for obligation in list(draft.state.obligations.values()):
        rule = draft.standard.rule(obligation.rule)
        if (rule.due_from or obligation.opened_by) in ("WomanAdmitted", draft.state.admission_id) and rule.due is not None:
            draft.reschedule(obligation, fact, admitted_on, _due(draft, rule, admitted_on))
    move_out = next((n for n in draft.state.noted.values() if n.fact == "WomanMovedOut"), None)
    if move_out is not None:
        _correct_length_of_stay(draft, fact, move_out, (move_out.on - admitted_on).days)


def _correct_length_of_stay(draft: _Draft, fact: Fact, move_out: Noted, stay_days: int) -> None:
    """A rule that asks how long she stayed may hold now, or hold no more."""
    attributes = {**move_out.attributes, "stay_days": stay_days}
    moved_out = Fact("WomanMovedOut", move_out.fact_id, move_out.on, attributes=attributes)
    for obligation, rule in draft.obligations_under(draft.standard.rules_opened_by("WomanMovedOut")):
        holds_no_more = obligation.opened_by == move_out.fact_id and not _matches(rule.opened_by, moved_out)
        if holds_no_more and draft.now(obligation).is_unfinished:
            draft.cancelled(draft.now(obligation), fact.occurred_on, fact.id)
    _open_what_follows(draft, moved_out, attributes)


def _open_what_follows(draft: _Draft, fact: Fact, attributes: Attributes) -> None:
    state = draft.state
    for rule in draft.standard.rules_opened_by(fact.name):
        if not any(trigger.matches(fact.name, attributes) for trigger in rule.opened_by):
            continue
        match rule.per:
            case "woman" if not state.annulled and state.woman_id and fact.person_id in (None, state.woman_id):
                _open(draft, rule, fact, state.woman_id, None)
            case "child" if not state.annulled:
                for child in sorted(state.children) if fact.person_id is None else [fact.person_id]:
                    if child in state.children:
                        _open(draft, rule, fact, child, None)
            case "complaint" if fact.reference is not None:
                _open(draft, rule, fact, None, fact.reference)


def _open(draft: _Draft, rule: Rule, fact: Fact, person_id: UUID | None, reference: UUID | None) -> None:
    """Opened once for each opening fact, and not a second time while one like it is open."""
    obligation_id = uuid5(draft.case_id, f"{rule.id}/{person_id or reference}/{fact.id}")
    for other in draft.state.obligations.values():
        same = other.rule == rule.id and other.person_id == person_id and other.reference == reference
        if other.id == obligation_id or (same and other.status == "open"):
            return
    counted_from = _day_zero(draft, rule, fact, person_id, reference)
    amount = rule.amount
    draft.add(
        ObligationOpened(
            occurred_on=fact.occurred_on,
            stay_id=draft.case_id,
            obligation_id=obligation_id,
            rule=rule.id,
            person_id=person_id,
            municipality=draft.state.home_on(fact.occurred_on),
            owed_by=rule.owed_by,
            owed_to=rule.owed_to,
            due=_due(draft, rule, counted_from),
            counted_from=counted_from,
            standard=draft.standard.id,
            standard_version=draft.standard.version,
            document=rule.source.document,
            section=rule.source.section,
            rests_on=fact.id,
            reference=reference,
            unit=amount.unit if amount else None,
            floor=amount.floor if amount else None,
            ceiling=amount.ceiling if amount else None,
            anonymous=draft.state.anonymous,
        )
    )
    opened = draft.state.obligations[obligation_id]
    if rule.looks_back or rule.meets == "all":
        _meet_by_what_was_noted(draft, opened, rule)
    if rule.looks_back:
        _miss_by_what_was_noted(draft, draft.now(opened), rule)
        _cancel_by_what_was_noted(draft, draft.now(opened), rule)
    draft.run_out_if_over(draft.now(opened), draft.today)
    _hand_over_since(draft, draft.now(opened), fact.occurred_on)


def _miss_by_what_was_noted(draft: _Draft, obligation: Obligation, rule: Rule) -> None:
    lost = _first_noted(draft, obligation, rule.missed_by)
    if lost is not None and obligation.status == "open":
        draft.missed(obligation, max(lost.on, obligation.opened_on), lost.fact_id)


def _cancel_by_what_was_noted(draft: _Draft, obligation: Obligation, rule: Rule) -> None:
    """She had said no before it was owed, and it was not offered again since."""
    gone = _first_noted(draft, obligation, rule.cancelled_by)
    if gone is not None and obligation.status == "open" and (obligation.due is None or gone.on <= obligation.due):
        draft.cancelled(obligation, max(gone.on, obligation.opened_on), gone.fact_id)


def _first_noted(draft: _Draft, obligation: Obligation, triggers: Iterable[Trigger]) -> Noted | None:
    noted = (n for n in draft.state.noted.values() if _concerns(n, obligation) and _matches(triggers, n))
    return min(noted, key=lambda n: n.on, default=None)


def _hand_over_since(draft: _Draft, obligation: Obligation, day: date) -> None:
    """Opened with a day before a change of municipality: handed over on the day of each later change."""
    if obligation.can_move:
        for home in draft.state.homes:
            if home.since > day and draft.now(obligation).municipality != home.municipality:
                draft.transferred(draft.now(obligation), home)


def _day_zero(draft: _Draft, rule: Rule, fact: Fact, person_id: UUID | None, reference: UUID | None) -> date | None:
    if rule.due is None:
        return None
    if rule.due_from is None:
        return fact.occurred_on
    days = [
        noted.on
        for noted in draft.state.noted.values()
        if noted.fact == rule.due_from and noted.person_id in (None, person_id) and noted.reference in (None, reference)
    ]
    return min(days, default=None)


def _due(draft: _Draft, rule: Rule, day_zero: date | None) -> date | None:
    if rule.due is None or day_zero is None:
        return None
    return due(rule.due, day_zero, draft.standard.closing_days)


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
            return _with(state, replace(met, status=status, closed_on=event.occurred_on, closed_by=event.rests_on))
        case ObligationMissed():
            missed = state.obligations[event.obligation_id]
            lost_on = missed.lost_on if event.rests_on is None else event.occurred_on
            return _with(
                state,
                replace(missed, status="missed", missed_on=event.occurred_on, lost_on=lost_on, closed_on=None, closed_by=None),
            )
        case ObligationCancelled():
            gone = state.obligations[event.obligation_id]
            return _with(state, replace(gone, status="cancelled", closed_on=event.occurred_on, closed_by=event.rests_on))
        case ObligationReopened():
            again = state.obligations[event.obligation_id]
            return _with(state, replace(again, status="open", closed_on=None, closed_by=None))
        case ObligationRescheduled():
            moved = state.obligations[event.obligation_id]
            return _with(state, replace(moved, due=event.due, counted_from=event.counted_from))
        case ObligationTransferred():
            handed = state.obligations[event.obligation_id]
            return _with(state, replace(handed, municipality=event.municipality))
        case CaseOpened():
            return replace(
                state,
                standard=event.standard,
                standard_version=event.standard_version,
                homes=_first_home(event.home_municipality),
            )
    return state


def _first_home(municipality: str | None) -> tuple[Home, ...]:
    return () if municipality is None else (Home(date.min, municipality, None),)


def _with(state: Case, obligation: Obligation) -> Case:
    return replace(state, obligations={**state.obligations, obligation.id: obligation})


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
        unit=event.unit,
        floor=event.floor,
        ceiling=event.ceiling,
    )


def _evolve_fact(state: Case, event: FactNoted) -> Case:
    changes: dict[str, Any] = {"seen": state.seen | {event.fact_id}, "noted": _noted(state.noted, event)}
    match event.fact:
        case "SessionHeld" | "SessionCorrected" | "ExtraHoursGranted":
            changes["ledgers"] = _ledgers(state, event)
        case "WomanAdmitted":
            changes |= {"woman_id": event.person_id, "admission_id": event.fact_id, "admitted_on": event.occurred_on}
            changes["anonymous"] = event.attributes.get("anonymous") is True
            changes["homes"] = state.homes or _first_home(event.municipality)
        case "AdmissionCorrected":
            changes |= {"admitted_on": event.until, "noted": _admitted(state.noted, event.until)}
        case "AnonymityLifted":
            changes["anonymous"] = False
        case "ChildArrived" if event.person_id is not None:
            changes["children"] = state.children | {event.person_id}
        case "HomeMunicipalityChanged" if event.municipality is not None:
            home = Home(event.occurred_on, event.municipality, event.fact_id)
            changes["homes"] = tuple(sorted((*state.homes, home), key=lambda h: h.since))
        case "StayAnnulled":
            changes["annulled"] = True
    return replace(state, **changes)


def _noted(noted: Mapping[tuple[object, ...], Noted], event: FactNoted) -> Mapping[tuple[object, ...], Noted]:
    key = (event.fact, event.person_id, event.reference, *sorted(event.attributes.items()))
    if event.fact in TAKES_BACK:
        noted = {k: n for k, n in noted.items() if n.fact != TAKES_BACK[event.fact]}
    known = noted.get(key)
    if known is not None and known.on <= event.occurred_on:
        return noted
    entry = Noted(event.fact, event.person_id, event.reference, event.attributes, event.occurred_on, event.fact_id)
    return {**noted, key: entry}


def _admitted(noted: Mapping[tuple[object, ...], Noted], on: date | None) -> Mapping[tuple[object, ...], Noted]:
    assert on is not None
    return {key: replace(n, on=on) if n.fact == "WomanAdmitted" else n for key, n in noted.items()}


def _ledgers(state: Case, event: FactNoted) -> Mapping[UUID, Ledger]:
    if event.person_id is None or event.minutes is None:
        return state.ledgers
    before = state.ledgers.get(event.person_id, _EMPTY)
    if event.fact == "ExtraHoursGranted":
        after = replace(before, granted=before.granted + event.minutes)
    else:
        sessions = int(event.attributes.get("sessions", 0))
        entries = (*before.entries, (event.occurred_on, event.minutes, sessions))
        after = Ledger(before.minutes + event.minutes, before.sessions + sessions, before.granted, entries)
    return {**state.ledgers, event.person_id: after}


CASE: Decider[TakeFact | CheckDeadlines, Case] = Decider(name="case", initial=Case(), decide=decide, evolve=evolve)

"""One case file: the facts about a stay (or a refused inquiry), and what is owed because of them.

A fact first closes, moves and hands over what it touches, then opens what follows from it. Every due day is computed once,
under the standard the case was opened with, and recorded; nothing is computed again on replay.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
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
    ObligationDueSoon,
    ObligationMet,
    ObligationMissed,
    ObligationOpened,
    ObligationReopened,
    ObligationRescheduled,
    ObligationTransferred,
    StandardChanged,
)
from havn_standards import Rule, Rulebook, RuleUnknown, Standard, StandardUnknown, Trigger, due, working_days_left
from orchestrator.domain.fact import BEFORE_A_STAY, Attributes, Fact

Status = Literal["open", "met", "met-late", "missed", "cancelled"]
UNFINISHED: frozenset[Status] = frozenset({"open", "missed"})
MET: frozenset[Status] = frozenset({"met", "met-late"})
MUNICIPAL = frozenset({"home-municipality", "acting-municipality"})
LEDGER = frozenset({"SessionHeld", "SessionCorrected"})
"""The facts that a ledger of treatment counts."""

GROWN_AT = 18
"""In years: what is owed to children is not owed to a child that has reached this age."""

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
    shelter_municipality: str | None = None
    transferred_from: UUID | None = None


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
    """What a Copenhagen day that is over leads to: what was due on ``day`` or before is closed, what is due soon is told."""

    case_id: UUID
    day: date
    rulebook: Rulebook


@dataclass(frozen=True, slots=True)
class ChangeStandard:
    """Keep the stay under another version of its standard, or under another standard, from ``occurred_on``."""

    case_id: UUID
    occurred_on: date
    standard: str | None
    version: str
    rulebook: Rulebook
    today: date


Command = TakeFact | CheckDeadlines | ChangeStandard


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
        return self.status in UNFINISHED

    def waits_for(self, today: date) -> bool:
        """It is open and the turn of the day to ``today`` leads to something: a miss, an end or a reminder."""
        days = (self.due and self.due + _ONE_DAY, self.remind_on, self.ends_on)
        return self.status == "open" and any(day is not None and day <= today for day in days)

    @property
    def can_move(self) -> bool:
        """A municipality owes it and it is not finished: it follows her to another municipality."""
        return self.municipal and self.municipality is not None and self.is_unfinished


@dataclass(frozen=True, slots=True)
class Case:
    """One case file. ``standard`` is ``None`` until it is opened. ``homes``: by day, the first from the beginning of time.

    ``standard_since``: the day from which it is kept under this version. ``changes``: the changes of standard.
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


def decide(command: Command, state: Case) -> Sequence[Event]:
    """The events a command leads to.

    Raises Refused ``case-not-open`` for a fact about a stay that was never opened, ``standard-unknown`` for a case under a
    standard that is not in the rulebook, ``standard-not-in-force`` and ``before-the-present-standard`` for a change of standard
    on a day on which it cannot be.
    """
    match command:
        case TakeFact():
            return _take(command, state)
        case CheckDeadlines():
            return _check(command, state)
        case ChangeStandard():
            return _change_standard(command, state)


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
    today = command.day + _ONE_DAY
    waiting = [o for o in state.obligations.values() if o.waits_for(today)]
    if not waiting:
        return []
    draft = _Draft(command.case_id, command.rulebook, _pinned(command.rulebook, state), today, state)
    for obligation in waiting:
        if obligation.ends_on is not None and obligation.ends_on <= today:
            _cancel(draft, obligation, obligation.ends_on, None)
        draft.run_out_if_over(draft.now(obligation), today)
        draft.remind(draft.now(obligation))
    return draft.events


def _pinned(rulebook: Rulebook, state: Case) -> Standard:
    assert state.standard is not None
    return _version(rulebook, state.standard, state.standard_version)


def _version(rulebook: Rulebook, standard: str, version: str) -> Standard:
    try:
        return rulebook.version(standard, version)
    except StandardUnknown:
        raise _standard_unknown() from None


def _standard_unknown() -> Refused:
    return Refused(
        "standard-unknown",
        "The case is kept under a standard, or a version of one, that is not in the rulebook. Add its file and retry.",
    )


def _case_not_open() -> Refused:
    return Refused(
        "case-not-open",
        "There is no case file for this stay. It is opened by the admission; retry when that has arrived.",
        kind="absent",
    )


class _Draft:
    """The events decided so far and the state they lead to. Lives only within one ``decide``."""

    __slots__ = ("case_id", "events", "rulebook", "standard", "state", "today")

    def __init__(self, case_id: UUID, rulebook: Rulebook, standard: Standard, today: date, state: Case) -> None:
        self.case_id = case_id
        self.rulebook = rulebook
        self.standard = standard
        self.today = today
        self.state = state
        self.events: list[Event] = []

    @classmethod
    def begin(cls, command: TakeFact, state: Case) -> "_Draft":
        """A draft for a fact, with the case opened where the fact opens it."""
        if state.standard is not None:
            return cls(command.case_id, command.rulebook, _pinned(command.rulebook, state), command.today, state)
        if command.opening is None:
            raise _case_not_open()
        opening, on = command.opening, command.fact.occurred_on
        try:
            standard = command.rulebook.standard(opening.standard, on)
        except StandardUnknown:
            raise _standard_unknown() from None
        draft = cls(command.case_id, command.rulebook, standard, command.today, state)
        draft.add(
            CaseOpened(
                occurred_on=on,
                stay_id=command.case_id,
                standard=standard.id,
                standard_version=standard.version,
                shelter_id=opening.shelter_id,
                home_municipality=opening.home_municipality,
                shelter_municipality=opening.shelter_municipality,
                transferred_from=opening.transferred_from,
            )
        )
        return draft

    def add(self, event: Event) -> None:
        self.events.append(event)
        self.state = evolve(self.state, event)

    def now(self, obligation: Obligation) -> Obligation:
        """The obligation after what was decided so far."""
        return self.state.obligations[obligation.id]

    def rule_of(self, obligation: Obligation) -> tuple[Standard, Rule]:
        """What it is owed under: while it is open the standard of the case, once it is closed that of its due day."""
        if obligation.status == "open":
            with suppress(RuleUnknown):
                return self.standard, self.standard.rule(obligation.rule)
        standard = _version(self.rulebook, obligation.standard, obligation.standard_version)
        return standard, standard.rule(obligation.rule)

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
                escalated_to="leader" if self.rule_of(obligation)[1].is_escalated else None,
            )
        )

    def cancelled(self, obligation: Obligation, on: date, by: UUID | None) -> None:
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

    def reopened(self, obligation: Obligation, on: date, by: UUID) -> None:
        """Owed again, by the municipality that owes the rest now."""
        self.add(
            ObligationReopened(
                occurred_on=on,
                stay_id=self.case_id,
                obligation_id=obligation.id,
                rule=obligation.rule,
                person_id=obligation.person_id,
                municipality=obligation.municipality,
                rests_on=by,
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
        if self.rule_of(obligation)[1].last_day_meets:
            self.met(obligation, obligation.due, None, late=False)
        else:
            self.missed(obligation, obligation.due + _ONE_DAY, None)

    def run_out_if_over(self, obligation: Obligation, day: date) -> None:
        """As ``run_out``, where it is open and its due day lies before ``day``."""
        if obligation.status == "open" and obligation.due is not None and obligation.due < day:
            self.run_out(obligation)

    def remind(self, obligation: Obligation) -> None:
        """Remind those who owe it, once its due day is near; once for each due day."""
        if obligation.status == "open" and obligation.remind_on is not None and obligation.remind_on <= self.today:
            assert obligation.due is not None
            self.add(
                ObligationDueSoon(
                    occurred_on=self.today,
                    stay_id=self.case_id,
                    obligation_id=obligation.id,
                    rule=obligation.rule,
                    person_id=obligation.person_id,
                    municipality=obligation.municipality,
                    due=obligation.due,
                    working_days=working_days_left(self.today, obligation.due, self.rule_of(obligation)[0].closing_days),
                )
            )

    def remind_on(self, obligation: Obligation, new_due: date | None) -> date | None:
        """From which day a reminder of a new due day is owed; not of one that was told before."""
        if new_due == obligation.due:
            return obligation.remind_on
        standard, rule = self.rule_of(obligation)
        return None if new_due is None or new_due in obligation.reminded else standard.remind_on(rule, new_due)

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

    def reschedule(self, obligation: Obligation, on: date, by: UUID, counted_from: date | None, new_due: date | None) -> None:
        """Its due day moves visibly, and whether it is missed, or was late, follows the new day."""
        if obligation.status == "cancelled" or (new_due == obligation.due and counted_from == obligation.counted_from):
            return
        standard = self.rule_of(obligation)[0]
        moves = (standard.id, standard.version) != (obligation.standard, obligation.standard_version)
        self.add(
            ObligationRescheduled(
                occurred_on=on,
                stay_id=self.case_id,
                obligation_id=obligation.id,
                rule=obligation.rule,
                person_id=obligation.person_id,
                municipality=obligation.municipality,
                due=new_due,
                due_before=obligation.due,
                counted_from=counted_from,
                rests_on=by,
                standard=standard.id if moves else None,
                standard_version=standard.version if moves else None,
                remind_on=self.remind_on(obligation, new_due),
            )
        )
        moved = self.now(obligation)
        ran_out = moved.status == "met" and moved.closed_by is None
        if ran_out and _is_over(moved, self.today):
            self.run_out(moved)
        elif moved.status in MET and not ran_out:
            self._meet_again(moved)
        elif ran_out or (moved.status == "missed" and moved.lost_on is None and not _is_over(moved, self.today)):
            self.reopened(moved, on, by)
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
    for obligation, _ in draft.obligations_under(standard.rules_due_from(name)):
        if _concerns(fact, obligation):
            _count_from(draft, draft.now(obligation), fact)
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
    if _opens_too(rule, fact.name) and fact.occurred_on < obligation.opened_on:
        return
    if rule.meets == "any":
        draft.meet(obligation, fact.occurred_on, fact.id)
    else:
        _meet_by_what_was_noted(draft, obligation, rule)


def _opens_too(rule: Rule, fact: str) -> bool:
    return any(trigger.fact == fact for trigger in rule.opened_by)


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
            draft.reopened(obligation, fact.occurred_on, fact.id)
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
    _cancel(draft, obligation, fact.occurred_on, fact.id)


def _cancel(draft: _Draft, obligation: Obligation, on: date, by: UUID | None) -> None:
    draft.run_out_if_over(obligation, on)
    obligation = draft.now(obligation)
    missed_on = obligation.missed_on if obligation.status == "missed" else None
    if obligation.status == "open" or (missed_on is not None and missed_on > on):
        draft.cancelled(obligation, on, by)


def _end_treatment(draft: _Draft, fact: Fact) -> None:
    """A treatment that ended before its floor was used is owed no more."""
    for obligation in list(draft.state.obligations.values()):
        if obligation.unit is not None and obligation.person_id == fact.person_id:
            _cancel_by_fact(draft, obligation, fact)


def _count_from(draft: _Draft, obligation: Obligation, fact: Fact) -> None:
    """A due day that becomes known after it was met is recorded only where it shows that it was met too late."""
    standard, rule = draft.rule_of(obligation)
    day_zero = _day_zero(draft, rule, fact.occurred_on, obligation.person_id, obligation.reference)
    new_due = _due(standard, rule, day_zero)
    met_before = obligation.status in MET and obligation.due is None and obligation.closed_on is not None
    if met_before and obligation.closed_on is not None and new_due is not None and obligation.closed_on <= new_due:
        return
    draft.reschedule(obligation, fact.occurred_on, fact.id, day_zero, new_due)


def _extend_windows(draft: _Draft, fact: Fact) -> None:
    """The explicit last day replaces the counted one; day 0 stays."""
    for obligation in list(draft.state.obligations.values()):
        if draft.rule_of(obligation)[1].last_day_meets and _concerns(fact, obligation):
            draft.reschedule(obligation, fact.occurred_on, fact.id, obligation.counted_from, fact.until)


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
        standard, rule = draft.rule_of(obligation)
        if (rule.due_from or obligation.opened_by) in ("WomanAdmitted", draft.state.admission_id) and rule.due is not None:
            draft.reschedule(obligation, fact.occurred_on, fact.id, admitted_on, _due(standard, rule, admitted_on))
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
    for rule in draft.standard.rules_opened_by(fact.name):
        if any(trigger.matches(fact.name, attributes) for trigger in rule.opened_by):
            for person_id, reference in _owed_to(draft.state, rule, fact):
                _open(draft, rule, fact, person_id, reference)


def _owed_to(state: Case, rule: Rule, fact: Fact) -> Iterable[tuple[UUID | None, UUID | None]]:
    """Each person or complaint that a fact opens a rule for. After an annulment no person is owed anything."""
    match rule.per:
        case "woman" if not state.annulled and state.woman_id and fact.person_id in (None, state.woman_id):
            yield state.woman_id, None
        case "child" if not state.annulled:
            for child in sorted(state.children) if fact.person_id is None else [fact.person_id]:
                grown_on = _grown_on(state, child)
                if child in state.children and (grown_on is None or fact.occurred_on < grown_on):
                    yield child, None
        case "complaint" if fact.reference is not None:
            yield None, fact.reference


def _grown_on(state: Case, child: UUID) -> date | None:
    """The day after the month in which the child turns 18; only the month of birth is known, and not always that."""
    for noted in state.noted.values():
        if noted.fact == "ChildArrived" and noted.person_id == child and "birth_month" in noted.attributes:
            year, month = map(int, str(noted.attributes["birth_month"]).split("-"))
            return date(year + GROWN_AT + month // 12, month % 12 + 1, 1)
    return None


def _open(draft: _Draft, rule: Rule, fact: Fact, person_id: UUID | None, reference: UUID | None) -> None:
    """Opened once for each opening fact, and not a second time while one like it is open."""
    obligation_id = uuid5(draft.case_id, f"{rule.id}/{person_id or reference}/{fact.id}")
    alike = list(_alike(draft.state, rule, person_id, reference))
    if obligation_id not in draft.state.obligations and all(other.status != "open" for other in alike):
        opened = _opened_anew(draft, rule, fact, obligation_id, person_id, reference)
        if rule.looks_back or rule.meets == "all":
            _meet_by_what_was_noted(draft, opened, rule)
        if rule.looks_back:
            _miss_by_what_was_noted(draft, draft.now(opened), rule)
            _cancel_by_what_was_noted(draft, draft.now(opened), rule)
        _catch_up(draft, opened)


def _alike(state: Case, rule: Rule, person_id: UUID | None, reference: UUID | None) -> Iterable[Obligation]:
    for other in state.obligations.values():
        if other.rule == rule.id and other.person_id == person_id and other.reference == reference:
            yield other


def _opened_anew(
    draft: _Draft, rule: Rule, fact: Fact, obligation_id: UUID, person_id: UUID | None, reference: UUID | None
) -> Obligation:
    counted_from = _day_zero(draft, rule, fact.occurred_on, person_id, reference)
    last_day = _due(draft.standard, rule, counted_from)
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
            due=last_day,
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
            remind_on=None if last_day is None else draft.standard.remind_on(rule, last_day),
            ends_on=_grown_on(draft.state, person_id) if rule.per == "child" and person_id else None,
        )
    )
    return draft.state.obligations[obligation_id]


def _catch_up(draft: _Draft, opened: Obligation) -> None:
    """What happened between its business date and its recording."""
    draft.run_out_if_over(draft.now(opened), draft.today)
    _hand_over_since(draft, draft.now(opened), opened.opened_on)


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


def _day_zero(draft: _Draft, rule: Rule, opened_on: date, person_id: UUID | None, reference: UUID | None) -> date | None:
    if rule.due is None:
        return None
    if rule.due_from is None:
        return opened_on
    days = [
        noted.on
        for noted in draft.state.noted.values()
        if noted.fact == rule.due_from and noted.person_id in (None, person_id) and noted.reference in (None, reference)
    ]
    return min(days, default=None)


def _due(standard: Standard, rule: Rule, day_zero: date | None) -> date | None:
    if rule.due is None or day_zero is None:
        return None
    return due(rule.due, day_zero, standard.closing_days)


def _change_standard(command: ChangeStandard, state: Case) -> Sequence[Event]:
    """What is open is owed under the new version from now on; what is closed stays as it was, a miss too."""
    if state.standard is None:
        raise _case_not_open()
    old = _pinned(command.rulebook, state)
    new = _version_to_change_to(command, state)
    if (new.id, new.version) == (old.id, old.version):
        return []
    draft = _Draft(command.case_id, command.rulebook, old, command.today, state)
    for obligation in state.obligations.values():
        draft.run_out_if_over(obligation, command.occurred_on)
    change_id = uuid5(command.case_id, f"standard/{len(state.changes) + 1}")
    draft.add(
        StandardChanged(
            occurred_on=command.occurred_on,
            stay_id=command.case_id,
            change_id=change_id,
            standard=new.id,
            standard_version=new.version,
            standard_before=old.id,
            standard_version_before=old.version,
        )
    )
    under_old = {o.id: draft.rule_of(o) for o in draft.state.obligations.values() if o.status == "open"}
    draft.standard = new
    for obligation_id, (_, old_rule) in under_old.items():
        _carry_over(draft, draft.state.obligations[obligation_id], old_rule, command.occurred_on, change_id)
    for rule in new.rules:
        if rule not in old.rules:
            _open_by_what_was_noted(draft, rule, change_id)
    return draft.events


def _version_to_change_to(command: ChangeStandard, state: Case) -> Standard:
    try:
        standard = command.rulebook.version(command.standard or state.standard or "", command.version)
    except StandardUnknown:
        raise Refused(
            "standard-unknown",
            "The rulebook has no such version of this standard; GET /cases/{case_id} shows how a version is written.",
            field="version",
            kind="invalid",
        ) from None
    if command.occurred_on < standard.in_force_from:
        raise Refused(
            "standard-not-in-force",
            "This version is not in force yet on that day; take a day on which it is.",
            field="occurred_on",
            kind="invalid",
        )
    if command.occurred_on < state.standard_since:
        raise Refused(
            "before-the-present-standard",
            "The case was not kept under its present version yet on that day; take a day since it is.",
            field="occurred_on",
            kind="invalid",
        )
    return standard


def _carry_over(draft: _Draft, obligation: Obligation, old_rule: Rule, on: date, change_id: UUID) -> None:
    """Owed no more where the new version has no such rule, or another party, amount or opening; else due by its term."""
    try:
        rule = draft.standard.rule(obligation.rule)
    except RuleUnknown:
        draft.cancelled(obligation, on, change_id)
        return
    if _parties_and_amount(rule) != _parties_and_amount(old_rule) or not _still_opens(draft, rule, obligation):
        draft.cancelled(obligation, on, change_id)
        return
    old_standard = _version(draft.rulebook, obligation.standard, obligation.standard_version)
    if obligation.due is None or obligation.due == _due(old_standard, old_rule, obligation.counted_from):
        day_zero = obligation.counted_from
        if rule.due is None or day_zero is None or rule.due_from != old_rule.due_from:
            day_zero = _day_zero(draft, rule, obligation.opened_on, obligation.person_id, obligation.reference)
        draft.reschedule(obligation, on, change_id, day_zero, _due(draft.standard, rule, day_zero))
    if rule.met_by != old_rule.met_by and not _is_recurring(rule):
        _meet_by_what_was_noted(draft, draft.now(obligation), rule)


def _parties_and_amount(rule: Rule) -> tuple[object, ...]:
    return (rule.per, rule.owed_by, rule.owed_to, rule.amount)


def _still_opens(draft: _Draft, rule: Rule, obligation: Obligation) -> bool:
    opening = (n for n in draft.state.noted.values() if obligation.opened_by in (n.fact_id, n.last_id))
    return all(_matches(rule.opened_by, noted) for noted in opening)


def _is_recurring(rule: Rule) -> bool:
    """What meets it opens it again, as a review does."""
    return any(_opens_too(rule, trigger.fact) for trigger in rule.met_by)


def _open_by_what_was_noted(draft: _Draft, rule: Rule, change_id: UUID) -> None:
    """Opened as if it had always been there: from the earliest facts of each kind, and what recurs from the latest of them.

    Where it was opened before, under whatever version, it stays as it is, unless a change of standard cancelled it.
    """
    facts = sorted((_noted_fact(draft, noted, _is_recurring(rule)) for noted in _openers(draft, rule)), key=lambda f: f.occurred_on)
    for fact in facts[-1:] if _is_recurring(rule) else facts:
        for person_id, reference in _owed_to(draft.state, rule, fact):
            if all(o.closed_by in draft.state.changes for o in _alike(draft.state, rule, person_id, reference)):
                obligation_id = uuid5(draft.case_id, f"{rule.id}/{person_id or reference}/{fact.id}/{change_id}")
                opened = _opened_anew(draft, rule, fact, obligation_id, person_id, reference)
                _look_back(draft, opened, rule, change_id)
                _catch_up(draft, opened)


def _openers(draft: _Draft, rule: Rule) -> list[Noted]:
    """A day of admission may have been corrected to one that is yet to come; nothing is opened before its day."""
    return [n for n in draft.state.noted.values() if n.on <= draft.today and _matches(rule.opened_by, n)]


def _noted_fact(draft: _Draft, noted: Noted, latest: bool) -> Fact:
    on, fact_id = (noted.last_on, noted.last_id) if latest else (noted.on, noted.fact_id)
    return Fact(noted.fact, fact_id, on, noted.person_id, noted.reference, attributes=noted.attributes)


def _look_back(draft: _Draft, opened: Obligation, rule: Rule, change_id: UUID) -> None:
    if _is_recurring(rule):
        _cancel_by_what_was_noted(draft, opened, rule)
        return
    if opened.unit is not None and opened.floor is not None and draft.state.used(opened) >= opened.floor and opened.person_id:
        draft.meet(opened, draft.state.ledgers[opened.person_id].reached_on(opened.unit, opened.floor), change_id)
    _meet_by_what_was_noted(draft, draft.now(opened), rule)
    _miss_by_what_was_noted(draft, draft.now(opened), rule)
    _cancel_by_what_was_noted(draft, draft.now(opened), rule)


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
            return _with(
                state,
                replace(
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
            return _with(state, replace(told, remind_on=None, reminded=told.reminded | {event.due}))
        case ObligationTransferred():
            handed = state.obligations[event.obligation_id]
            return _with(state, replace(handed, municipality=event.municipality))
        case CaseOpened():
            return replace(
                state,
                standard=event.standard,
                standard_version=event.standard_version,
                standard_since=event.occurred_on,
                homes=_first_home(event.home_municipality),
            )
        case StandardChanged():
            return replace(
                state,
                standard=event.standard,
                standard_version=event.standard_version,
                standard_since=event.occurred_on,
                changes=(*state.changes, event.change_id),
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
        standard=event.standard,
        standard_version=event.standard_version,
        remind_on=event.remind_on,
        ends_on=event.ends_on,
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
    on, fact_id = event.occurred_on, event.fact_id
    if known is None:
        entry = Noted(event.fact, event.person_id, event.reference, event.attributes, on, fact_id, on, fact_id)
    elif on < known.on:
        entry = replace(known, on=on, fact_id=fact_id)
    elif on >= known.last_on:
        entry = replace(known, last_on=on, last_id=fact_id)
    else:
        return noted
    return {**noted, key: entry}


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


CASE: Decider[Command, Case] = Decider(name="case", initial=Case(), decide=decide, evolve=evolve)

"""One rule of a standard alone in a case: opened, met, missed and cancelled by the very facts that it names."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from havn_events import aftercare, coordinating_advice, intake, notification, psychology
from havn_events.event import Event, PersonEvent
from havn_events.orchestrator import ObligationCancelled, ObligationMet, ObligationMissed, ObligationReopened
from havn_standards import Rule, Rulebook, Standard, Term, Trigger
from havn_standards.rule import ATTRIBUTES, AttributeTest, Scalar
from orchestrator.domain.case import CASE, Case, CheckDeadlines, Command, Obligation, Opening, TakeFact
from orchestrator.domain.fact import Fact

CASE_ID, WOMAN, CHILD, SHELTER, COMPLAINT = (UUID(int=n) for n in range(1, 6))
RULEBOOK = Rulebook.load()
RULES = [(standard, rule) for standard in RULEBOOK.standards for rule in standard.rules]
ONE_DAY = timedelta(days=1)
BEFORE = timedelta(days=20)
"""How long before day 0 that happened which must have happened: longer than a short stay."""

PERSONAL = {
    name
    for module in (intake, notification, psychology, coordinating_advice, aftercare)
    for name, made in vars(module).items()
    if isinstance(made, type) and issubclass(made, PersonEvent)
}
"""The events that are about one person, the others being about the whole stay."""

ENDS = (ObligationMet, ObligationMissed, ObligationCancelled, ObligationReopened)

HOLIDAYS = {
    *(date(2023, month, day) for month, day in [(1, 1), (4, 6), (4, 7), (4, 9), (4, 10), (5, 5), (5, 18), (5, 28), (5, 29)]),
    *(date(2024, month, day) for month, day in [(1, 1), (3, 28), (3, 29), (3, 31), (4, 1), (5, 9), (5, 19), (5, 20)]),
    *(date(2025, month, day) for month, day in [(1, 1), (4, 17), (4, 18), (4, 20), (4, 21), (5, 29), (6, 8), (6, 9)]),
    *(date(2026, month, day) for month, day in [(1, 1), (4, 2), (4, 3), (4, 5), (4, 6), (5, 14), (5, 24), (5, 25)]),
    *(date(year, 12, day) for year in range(2023, 2027) for day in (25, 26)),
}
"""Copied from a calendar on the wall, Store Bededag for the last time in 2023. Saturdays and Sundays are not worked either."""


def last_day(standard: Standard, term: Term, day0: date) -> date:
    """When the term runs out by the calendar on the wall, from 2023 to 2026."""
    if term.working_days is not None:
        day, left = day0, term.working_days
        while left:
            day += ONE_DAY
            assert day.year <= 2026, "the calendar on the wall ends there; copy more of it"
            left -= day.weekday() < 5 and day not in HOLIDAYS and (day.month, day.day) not in standard.closing_days
        return day
    if term.months is not None:
        year, month = day0.year + (day0.month - 1 + term.months) // 12, (day0.month - 1 + term.months) % 12 + 1
        return date(year, month, min(day0.day, monthrange(year, month)[1]))
    return day0 + timedelta(days=term.days or 7 * (term.weeks or 0))


def alone(standard: Standard, rule: Rule) -> Rulebook:
    """A rulebook of one standard, always in force, with this one rule."""
    fields = {name: getattr(standard, name) for name in Standard.model_fields}
    return Rulebook({standard.id: [(date.min, Standard(**{**fields, "rules": (rule,)}))]})


class OneRule:
    """A case kept under one rule. Each step is told on its own day, unless ``told_on`` says later."""

    def __init__(self, standard: Standard, rule: Rule) -> None:
        self.standard, self.rule, self.book = standard, rule, alone(standard, rule)
        self.state: Case = CASE.initial
        self.events: list[Event] = []
        self.facts = 0
        self.opened_by: UUID | None = None

    def begin(self, day0: date, told_on: date | None = None, trigger: Trigger | None = None) -> "OneRule":
        """Opened, and its term counted from day 0; what it is counted from is told on ``told_on``."""
        if self.rule.due_from is None:
            return self.open(day0, told_on, trigger)
        self.open(day0 - BEFORE, trigger=trigger)
        self.take(self.rule.due_from, day0, told_on)
        return self

    def open(self, on: date, told_on: date | None = None, trigger: Trigger | None = None) -> "OneRule":
        """Opened by that fact or the first that it names; where it waits for another one its term is not counted yet."""
        trigger = trigger or self.rule.opened_by[0]
        first, then = ("InterviewHeld", None) if self.rule.per == "inquiry" else ("WomanAdmitted", "ChildArrived")
        earlier = on - BEFORE
        opening = Opening(self.standard.id, SHELTER, None if self.rule.per == "inquiry" else "0461")
        if trigger.fact != first:
            self.take(first, earlier, opening=opening)
        if trigger.fact != then and self.rule.per == "child":
            self.take("ChildArrived", earlier, person_id=CHILD)
        self.opened_by = self.by(trigger, on, told_on, opening)
        return self

    def by(self, trigger: Trigger, on: date, told_on: date | None = None, opening: Opening | None = None) -> UUID:
        """A fact that the trigger names, with attributes that its condition asks for."""
        return self.take(trigger.fact, on, told_on, opening, {test.attribute: fitting(test) for test in trigger.when.tests})

    def meet(self, on: date, told_on: date | None = None) -> None:
        """The first fact that meets it, or each of those that meet it together."""
        for trigger in self.rule.met_by if self.rule.meets == "all" else self.rule.met_by[:1]:
            self.by(trigger, on, told_on)

    def use(self, on: date, minutes: int, sessions: int) -> None:
        """What a session adds to the ledger, or a correction takes from it."""
        name = "SessionHeld" if sessions > 0 else "SessionCorrected"
        self.take(name, on, attributes={"sessions": sessions}, minutes=minutes)

    def take(
        self,
        name: str,
        on: date,
        told_on: date | None = None,
        opening: Opening | None = None,
        attributes: dict[str, Scalar] | None = None,
        **more: Any,
    ) -> UUID:
        self.facts += 1
        if name in PERSONAL:
            more.setdefault("person_id", CHILD if self.rule.per == "child" and name != "WomanAdmitted" else WOMAN)
        if name.startswith("Complaint"):
            more["reference"] = COMPLAINT
        if name in ("SessionHeld", "SessionCorrected"):
            more.setdefault("minutes", 60)
            attributes = {"sessions": 1, **(attributes or {})}
        fact = Fact(name, UUID(int=100 + self.facts), on, attributes=attributes or {}, **more)
        self._decide(TakeFact(CASE_ID, fact, opening, self.book, told_on or on))
        return fact.id

    def check(self, *days: date) -> None:
        """The turn of these days."""
        for day in days:
            self._decide(CheckDeadlines(CASE_ID, day, self.book))

    def _decide(self, command: Command) -> None:
        events = list(CASE.decide(command, self.state))
        self.events += events
        self.state = CASE.fold(events, self.state)

    @property
    def owed(self) -> Obligation:
        """The obligation that was opened first; what it opens again when it is met is another one."""
        (found,) = [o for o in self.state.obligations.values() if o.opened_by == self.opened_by]
        return found

    def stands(self) -> tuple[str, date | None, date | None]:
        """Its status, the day it was met or cancelled, and the day it was missed."""
        return self.owed.status, self.owed.closed_on, self.owed.missed_on

    def ends(self) -> list[tuple[str, date]]:
        """What became of it, event by event, with its day."""
        of_it: Iterable[Any] = (event for event in self.events if getattr(event, "obligation_id", None) == self.owed.id)
        return [(type(event).__name__, event.occurred_on) for event in of_it if isinstance(event, ENDS)]


def fitting(test: AttributeTest) -> Scalar:
    """A value of which the test holds."""
    kind = ATTRIBUTES[test.attribute]
    if test.relation == "any-of":
        return test.values[0]
    if test.relation == "more-than":
        return int(test.values[0]) + 1
    candidates: Iterable[Scalar] = sorted(kind) if isinstance(kind, frozenset) else (kind(n) for n in range(3))
    return next(value for value in candidates if value not in test.values)

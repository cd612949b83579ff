"""Standards in force: each with the rules it adds to, and takes over from, the standard it builds on.

The lookups by fact are made once for each standard, and cost one dictionary access each.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Self

from pydantic import Field

from havn_standards.calendar import ClosingDays, Frozen, days_ahead, due
from havn_standards.files import Fault, StandardFile, StandardInvalid, read_standards
from havn_standards.rule import (
    ATTRIBUTES,
    KNOWN_FACTS,
    Amount,
    AttributeTest,
    ComplaintRoutes,
    ComplaintTerms,
    Condition,
    Rule,
    Source,
    Trigger,
    WorkingDaysAhead,
)

REMIND_WORKING_DAYS = 2
"""How many working days ahead a standard reminds where neither it nor its parent says."""

__all__ = [
    "ATTRIBUTES",
    "KNOWN_FACTS",
    "Amount",
    "AttributeTest",
    "Condition",
    "Fault",
    "Rule",
    "RuleUnknown",
    "Rulebook",
    "Source",
    "Standard",
    "StandardInvalid",
    "StandardUnknown",
    "Trigger",
]


class StandardUnknown(LookupError):
    """No such standard, no such version of it, or none in force yet on that day."""


class RuleUnknown(LookupError):
    """The standard has no rule with that id."""


class Standard(Frozen):
    """One version of a standard with all its rules, its own and the inherited ones.

    Where it has a parent, `version` names the parent's version too ("2025-serviceloven-2020"), so that id and version
    always mean the same rules, also after the parent has changed. The dates are the standard's own.
    """

    id: str
    version: str
    title: str
    document: str
    note: str | None = None
    note_da: str | None = None
    in_force_from: date
    in_force_to: date | None
    parent: str | None
    closing_days: ClosingDays
    remind_working_days: WorkingDaysAhead = REMIND_WORKING_DAYS
    anonymous_to_home_municipality: bool
    complaint_routes: ComplaintRoutes = Field(default_factory=dict)
    complaint_terms: ComplaintTerms = Field(default_factory=dict)
    rules: tuple[Rule, ...]

    @cached_property
    def _rules(self) -> Mapping[str, Rule]:
        return MappingProxyType({rule.id: rule for rule in self.rules})

    @cached_property
    def _opened_by(self) -> Mapping[str, tuple[Rule, ...]]:
        return _index(self.rules, lambda rule: (trigger.fact for trigger in rule.opened_by))

    @cached_property
    def _met_by(self) -> Mapping[str, tuple[Rule, ...]]:
        return _index(self.rules, lambda rule: (trigger.fact for trigger in rule.met_by))

    @cached_property
    def _missed_by(self) -> Mapping[str, tuple[Rule, ...]]:
        return _index(self.rules, lambda rule: (trigger.fact for trigger in rule.missed_by))

    @cached_property
    def _cancelled_by(self) -> Mapping[str, tuple[Rule, ...]]:
        return _index(self.rules, lambda rule: (trigger.fact for trigger in rule.cancelled_by))

    @cached_property
    def _due_from(self) -> Mapping[str, tuple[Rule, ...]]:
        return _index(self.rules, lambda rule: () if rule.due_from is None else (rule.due_from,))

    @cached_property
    def owes_inquiries(self) -> bool:
        """Whether anything is owed to a woman who only asked: an inquiry needs a case file then."""
        return any(rule.per == "inquiry" for rule in self.rules)

    def rule(self, rule_id: str) -> Rule:
        """Raises RuleUnknown."""
        try:
            return self._rules[rule_id]
        except KeyError:
            raise RuleUnknown(f"standard {self.id}, version {self.version}, has no such rule") from None

    def remind_on(self, rule: Rule, last_day: date) -> date | None:
        """The first day on which those who owe it are reminded of its last day; None where the rule reminds nobody."""
        working_days = self.reminds_ahead(rule)
        return None if working_days is None else days_ahead(last_day, working_days, self.closing_days)

    def reminds_ahead(self, rule: Rule) -> int | None:
        """How many working days before its last day those who owe it are reminded; None where the rule reminds nobody."""
        if rule.remind_working_days is not None:
            return rule.remind_working_days
        return None if rule.due is None or rule.last_day_meets else self.remind_working_days

    def complete_from(self, rule: Rule, started_on: date) -> date | None:
        """The first day on which a course of aftercare that began then is long enough; None where the rule owes no course."""
        return None if rule.course is None else due(rule.course.lasts, started_on, self.closing_days)

    def rules_opened_by(self, fact_type: str) -> tuple[Rule, ...]:
        return self._opened_by.get(fact_type, ())

    def rules_met_by(self, fact_type: str) -> tuple[Rule, ...]:
        return self._met_by.get(fact_type, ())

    def rules_missed_by(self, fact_type: str) -> tuple[Rule, ...]:
        return self._missed_by.get(fact_type, ())

    def rules_cancelled_by(self, fact_type: str) -> tuple[Rule, ...]:
        return self._cancelled_by.get(fact_type, ())

    def rules_due_from(self, fact_type: str) -> tuple[Rule, ...]:
        return self._due_from.get(fact_type, ())


class Rulebook:
    """Every version of every standard, with inheritance worked out. Nothing in it changes after it was loaded."""

    __slots__ = ("_timelines", "_versions")

    def __init__(self, timelines: Mapping[str, Sequence[tuple[date, Standard]]]) -> None:
        self._timelines = MappingProxyType({name: tuple(timeline) for name, timeline in timelines.items()})
        self._versions = MappingProxyType(
            {(name, standard.version): standard for name, timeline in timelines.items() for _, standard in timeline}
        )

    @classmethod
    def load(cls, extra_files: Sequence[Path] = ()) -> Self:
        """The packaged standards and a shelter's own. Raises StandardInvalid with every fault in every file."""
        return cls(_timelines(read_standards(extra_files)))

    @property
    def standards(self) -> tuple[Standard, ...]:
        """Every version of every standard, by id and then by the day it came into force."""
        return tuple(standard for name in sorted(self._timelines) for _, standard in self._timelines[name])

    def standard(self, standard_id: str, on: date) -> Standard:
        """The version that holds for a stay opened on this day.

        A version that has run out holds until the next one comes into force: a right does not lapse because a document
        was not renewed in time. Before the first version, its own or its parent's, there is none: StandardUnknown.
        """
        timeline = self._timelines.get(standard_id)
        if timeline is None:
            raise StandardUnknown("there is no standard with this id")
        position = bisect_right(timeline, on, key=lambda entry: entry[0])
        if position == 0:
            raise StandardUnknown(f"standard {standard_id} came into force on {timeline[0][0]}, after the day asked for")
        return timeline[position - 1][1]

    def version(self, standard_id: str, version: str) -> Standard:
        """Exactly the version a stay was opened under. Raises StandardUnknown."""
        try:
            return self._versions[standard_id, version]
        except KeyError:
            raise StandardUnknown("there is no such version of a standard with this id") from None


def _index(rules: Iterable[Rule], facts_of: Callable[[Rule], Iterable[str]]) -> MappingProxyType[str, tuple[Rule, ...]]:
    index: dict[str, tuple[Rule, ...]] = {}
    for rule in rules:
        for fact in sorted(set(facts_of(rule))):
            index[fact] = (*index.get(fact, ()), rule)
    return MappingProxyType(index)


def _timelines(files: Sequence[StandardFile]) -> dict[str, list[tuple[date, Standard]]]:
    timelines: dict[str, list[tuple[date, Standard]]] = {}
    own: dict[str, list[StandardFile]] = {}
    for file in sorted(files, key=lambda file: file.header.in_force_from):
        own.setdefault(file.header.id, []).append(file)

    def timeline(standard_id: str) -> list[tuple[date, Standard]]:
        if standard_id not in timelines:
            timelines[standard_id] = [
                entry
                for position, file in enumerate(own[standard_id])
                for entry in _periods(file, _next_start(own[standard_id], position))
            ]
        return timelines[standard_id]

    def _periods(file: StandardFile, end: date) -> Iterable[tuple[date, Standard]]:
        header = file.header
        if header.parent is None:
            yield header.in_force_from, _resolve(file, None)
            return
        above = timeline(header.parent)
        for position, (start, parent) in enumerate(above):
            parent_end = above[position + 1][0] if position + 1 < len(above) else date.max
            begins = max(start, header.in_force_from)
            if begins < min(end, parent_end):
                yield begins, _resolve(file, parent)

    for standard_id in own:
        timeline(standard_id)
    return timelines


def _next_start(files: Sequence[StandardFile], position: int) -> date:
    return files[position + 1].header.in_force_from if position + 1 < len(files) else date.max


def _resolve(file: StandardFile, parent: Standard | None) -> Standard:
    header = file.header
    own = {rule.id: rule for rule in file.rules}
    remind = REMIND_WORKING_DAYS if parent is None else parent.remind_working_days
    anonymous = header.anonymous_to_home_municipality
    if anonymous is None:
        anonymous = True if parent is None else parent.anonymous_to_home_municipality
    inherited = () if parent is None else parent.rules
    kept = tuple(own.pop(rule.id, rule) for rule in inherited if rule.id not in header.without)
    return Standard(
        id=header.id,
        version=header.version if parent is None else f"{header.version}-{parent.id}-{parent.version}",
        title=header.title,
        document=header.document,
        note=header.note,
        note_da=header.note_da,
        in_force_from=header.in_force_from,
        in_force_to=header.in_force_to,
        parent=header.parent,
        closing_days=header.closing_days if parent is None else header.closing_days | parent.closing_days,
        remind_working_days=remind if header.remind_working_days is None else header.remind_working_days,
        anonymous_to_home_municipality=anonymous,
        complaint_routes={**({} if parent is None else parent.complaint_routes), **header.complaint_routes},
        complaint_terms={**({} if parent is None else parent.complaint_terms), **header.complaint_terms},
        rules=(*kept, *own.values()),
    )

"""Reading standards from TOML, and telling every fault in them at once."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self

from pydantic import AfterValidator, Field, Strict, ValidationError, model_validator

from havn_standards.calendar import Frozen
from havn_standards.rule import KEBAB, LINE, ComplaintRoutes, Kebab, Line, Rule, WorkingDaysAhead

_LEAP_YEAR = 2024
_SHOWN = 80
_DETAIL = 300
_VERSION = r"^[0-9a-z]+([.-][0-9a-z]+)*$"

_WORDS: Mapping[str, str] = {
    "missing": "is missing",
    "extra_forbidden": "is no field of a standard; check how it is written",
    "model_type": "needs a table, such as {{ days = 3 }}",
    "model_attributes_type": "needs a table, such as {{ days = 3 }}",
    "dict_type": "needs a table in braces",
    "tuple_type": "needs a list in brackets",
    "frozen_set_type": "needs a list in brackets",
    "string_type": "needs a text in quotes",
    "int_type": "needs a whole number, without quotes",
    "bool_type": "needs true or false, without quotes",
    "date_type": "needs a day, such as 2024-01-31, without quotes",
    "literal_error": "is one of: {expected}",
    "greater_than_equal": "is {ge} or more",
    "less_than_equal": "is {le} or less",
    "string_too_short": "needs {min_length} or more characters",
    "string_too_long": "takes {max_length} or fewer characters",
}
"""What pydantic calls a fault, said to people; ``{{`` and ``}}`` are single braces."""

_PATTERNS: Mapping[str, str] = {
    KEBAB: "is written in small letters a to z, digits and single hyphens, and begins with a letter",
    LINE: "is one line without blanks before or after it",
    _VERSION: "is written in small letters a to z and digits, with single dots or hyphens between them",
}


def _day_of_every_year(day: tuple[int, int]) -> tuple[int, int]:
    try:
        date(_LEAP_YEAR, *day)
    except ValueError:
        raise ValueError("is not a [month, day] of the year") from None
    return day


_MonthDay = Annotated[tuple[Annotated[int, Strict()], Annotated[int, Strict()]], AfterValidator(_day_of_every_year)]
_Day = Annotated[date, Strict()]
_StandardId = Annotated[Kebab, Field(max_length=40)]


class Header(Frozen):
    """What a standard's file says of itself: everything but its rules.

    `in_force_to` is the last day; None when no end is known. `without` names inherited rules it leaves out.
    `remind_working_days`: for all its rules; None takes the parent's, and without a parent two.
    `anonymous_to_home_municipality`: whether a woman who is admitted anonymously may be so to her home municipality too; None
    takes the parent's, and without a parent she may. `complaint_routes`: whom it names above the leader for complaints of
    conditions and of case handling, in the place of what the parent names. A shelter's setting repeats these two for the desk,
    which reads no standard.
    """

    id: _StandardId
    version: Annotated[str, Field(pattern=_VERSION, max_length=40)]
    title: Line
    document: Line
    in_force_from: _Day
    in_force_to: _Day | None = None
    parent: _StandardId | None = None
    closing_days: frozenset[_MonthDay] = frozenset()
    without: tuple[Kebab, ...] = ()
    remind_working_days: WorkingDaysAhead | None = None
    anonymous_to_home_municipality: Annotated[bool, Strict()] | None = None
    complaint_routes: ComplaintRoutes = Field(default_factory=dict)

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.in_force_to is not None and self.in_force_to < self.in_force_from:
            raise ValueError("in_force_to is before in_force_from")
        if self.without and self.parent is None:
            raise ValueError("without needs a parent to leave rules out of")
        return self


class Fault(NamedTuple):
    """One thing wrong: in which file, under which rule and in which field, where these are known."""

    file: str
    rule: str | None
    field: str | None
    message: str

    def __str__(self) -> str:
        places = (self.file, self.rule and f"rule {self.rule}", self.field, self.message)
        return ": ".join(place for place in places if place)


class StandardInvalid(ValueError):
    """Standards that cannot be used, with every fault found in all the files."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class StandardFile(NamedTuple):
    """One version of one standard as its file tells it."""

    file: str
    header: Header
    rules: tuple[Rule, ...]


class _Reading(NamedTuple):
    file: str
    declared_id: str | None
    header: Header | None
    rules: tuple[Rule, ...]
    rule_ids: tuple[str, ...]
    faults: tuple[Fault, ...]


def read_standards(extra_files: Sequence[Path]) -> tuple[StandardFile, ...]:
    """The packaged standards and those of the extra files. Raises StandardInvalid with every fault of all of them."""
    packaged = sorted(files("havn_standards").joinpath("data").iterdir(), key=lambda entry: entry.name)
    readings = [_read(source) for source in (*packaged, *extra_files)]
    faults = [fault for reading in readings for fault in reading.faults]
    faults += [*_version_faults(readings), *_parent_faults(readings), *_without_faults(readings)]
    if faults:
        raise StandardInvalid(faults)
    return tuple(
        StandardFile(reading.file, reading.header, reading.rules) for reading in readings if reading.header is not None
    )


def _read(source: Traversable | Path) -> _Reading:
    name = _short(source.name or str(source))
    try:
        content = tomllib.loads(source.read_bytes().decode())
    except OSError as error:
        return _unreadable(name, f"cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        return _unreadable(name, "is not UTF-8 text")
    except tomllib.TOMLDecodeError as error:
        return _unreadable(name, f"is not TOML: {str(error)[:_DETAIL]}")
    except (ValueError, RecursionError):
        return _unreadable(name, "holds a number that is too long, or values that lie too deep in one another")
    raw_rules = content.pop("rules", None)
    faults: list[Fault] = []
    header: Header | None = None
    try:
        header = Header.model_validate(content)
    except ValidationError as error:
        faults += _as_faults(error, name, None)
    if not isinstance(raw_rules, list) or not raw_rules:
        faults.append(Fault(name, None, "rules", "needs at least one [[rules]] table"))
        raw_rules = []
    rules: list[Rule] = []
    labels = [_label(raw, position) for position, raw in enumerate(raw_rules, start=1)]
    for raw, label in zip(raw_rules, labels, strict=True):
        try:
            rules.append(Rule.model_validate(raw))
        except ValidationError as error:
            faults += _as_faults(error, name, label)
    faults += [
        Fault(name, label, "id", "is used by more than one rule of this file")
        for label, times in Counter(labels).items()
        if times > 1
    ]
    declared = content.get("id")
    return _Reading(name, declared if isinstance(declared, str) else None, header, tuple(rules), tuple(labels), tuple(faults))


def _unreadable(name: str, message: str) -> _Reading:
    return _Reading(name, None, None, (), (), (Fault(name, None, None, message),))


def _version_faults(readings: Iterable[_Reading]) -> Iterable[Fault]:
    for versions in _by_id(readings).values():
        versions.sort(key=lambda version: version[1].in_force_from)
        labels = Counter(header.version for _, header in versions)
        for file, header in versions:
            if labels[header.version] > 1:
                yield Fault(file, None, "version", "another file has the same version of this standard")
        for (_, earlier), (file, later) in pairwise(versions):
            if earlier.in_force_to is None or earlier.in_force_to >= later.in_force_from:
                yield Fault(file, None, "in_force_from", "an earlier version of this standard is still in force then")


def _parent_faults(readings: Sequence[_Reading]) -> Iterable[Fault]:
    by_id = _by_id(readings)
    declared = {reading.declared_id for reading in readings}
    for standard_id, versions in by_id.items():
        for file, header in versions:
            if header.parent is None:
                continue
            if header.parent not in declared:
                yield Fault(file, None, "parent", "names a standard that no readable file defines")
            elif standard_id in _ancestors(by_id, header.parent):
                yield Fault(file, None, "parent", "leads back to this standard itself")


def _without_faults(readings: Sequence[_Reading]) -> Iterable[Fault]:
    by_id = _by_id(readings)
    for reading in readings:
        header = reading.header
        if header is None or header.parent is None:
            continue
        above = _ancestors(by_id, header.parent)
        inherited = [other for other in readings if other.declared_id in above]
        complete = {other.declared_id for other in inherited if other.header is not None} == above
        known = {rule_id for other in inherited for rule_id in other.rule_ids}
        statute = {rule.id for other in inherited for rule in other.rules if rule.source.basis == "statute"}
        for left_out in header.without:
            if left_out in statute:
                yield Fault(reading.file, left_out, "without", "an act demands this rule; it cannot be left out")
            elif left_out not in known and complete:
                yield Fault(reading.file, left_out, "without", "no parent has this rule")
            elif left_out in reading.rule_ids:
                yield Fault(reading.file, left_out, "without", "the same file leaves it out and defines it")


def _by_id(readings: Iterable[_Reading]) -> dict[str, list[tuple[str, Header]]]:
    found: dict[str, list[tuple[str, Header]]] = {}
    for reading in readings:
        if reading.header is not None:
            found.setdefault(reading.header.id, []).append((reading.file, reading.header))
    return found


def _ancestors(by_id: Mapping[str, Sequence[tuple[str, Header]]], parent: str) -> frozenset[str]:
    found: set[str] = set()
    waiting = {parent}
    while waiting:
        current = waiting.pop()
        found.add(current)
        waiting |= {header.parent for _, header in by_id.get(current, ()) if header.parent is not None} - found
    return frozenset(found)


def _as_faults(error: ValidationError, file: str, rule: str | None) -> Iterable[Fault]:
    for detail in error.errors():
        yield Fault(file, rule, _field(detail["loc"]) or None, _in_words(detail)[:_DETAIL])


def _in_words(detail: Mapping[str, Any]) -> str:
    """What is wrong and what belongs there, to somebody who writes TOML."""
    context = detail.get("ctx", {})
    if detail["type"] == "string_pattern_mismatch":
        return _PATTERNS[context["pattern"]]
    told = _WORDS.get(detail["type"])
    if told is None:
        return str(detail["msg"]).removeprefix("Value error, ")
    return told.format(**context)


def _field(loc: tuple[int | str, ...]) -> str:
    """As it is written in the file; what a condition is read into is left out."""
    written = loc[: loc.index("tests")] if "tests" in loc else loc
    return "".join(f"[{part}]" if isinstance(part, int) else f".{_short(part)}" for part in written).removeprefix(".")


def _label(raw: Any, position: int) -> str:
    rule_id = raw.get("id") if isinstance(raw, dict) else None
    return _short(rule_id) if isinstance(rule_id, str) and rule_id else f"number {position}"


def _short(text: str) -> str:
    shown = "".join(character if character.isprintable() else "?" for character in text[:_SHOWN])
    return shown if len(text) <= _SHOWN else f"{shown}…"

"""Reading standards from TOML, and telling every fault in them at once."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, Field, Strict, ValidationError, ValidationInfo, field_validator

from havn_standards.calendar import Frozen
from havn_standards.rule import (
    COURSE,
    KEBAB,
    LINE,
    ComplaintRoutes,
    ComplaintTerms,
    Kebab,
    Line,
    Note,
    NoteInDanish,
    Rule,
    WorkingDaysAhead,
    asks_about_completion,
)

_LEAP_YEAR = 2024
_NEVER_SAID = f'asks whether a course was completed, and no rule "{COURSE}" of this standard says what completes one'
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

    `note` and `note_da` tell what is to be known of all of it, such as days of which it is assumed that it was in force.
    `in_force_to` is the last day; None when no end is known. `without` names inherited rules it leaves out.
    `remind_working_days`: for all its rules; None takes the parent's, and without a parent two.
    `anonymous_to_home_municipality`: whether a woman who is admitted anonymously may be so to her home municipality too; None
    takes the parent's, and without a parent she may. `complaint_routes`: whom it names above the leader for complaints of
    conditions and of case handling, in the place of what the parent names. `complaint_terms`: how long after a decision it may be
    complained of, each in the place of the parent's. A shelter's setting repeats these three for the desk, which reads no standard.
    """

    id: _StandardId
    version: Annotated[str, Field(pattern=_VERSION, max_length=40)]
    title: Line
    document: Line
    note: Note | None = None
    note_da: NoteInDanish = None
    in_force_from: _Day
    in_force_to: _Day | None = None
    without: tuple[Kebab, ...] = ()
    parent: _StandardId | None = Field(default=None, validate_default=True)
    closing_days: frozenset[_MonthDay] = frozenset()
    remind_working_days: WorkingDaysAhead | None = None
    anonymous_to_home_municipality: Annotated[bool, Strict()] | None = None
    complaint_routes: ComplaintRoutes = Field(default_factory=dict)
    complaint_terms: ComplaintTerms = Field(default_factory=dict)

    @field_validator("in_force_to")
    @classmethod
    def _is_not_before_it_begins(cls, last: date, info: ValidationInfo) -> date:
        if last < info.data.get("in_force_from", last):
            raise ValueError("in_force_to is before in_force_from")
        return last

    @field_validator("parent")
    @classmethod
    def _has_the_rules_left_out(cls, parent: str | None, info: ValidationInfo) -> str | None:
        if parent is None and info.data.get("without"):
            raise ValueError("is missing; without needs a parent to leave rules out of")
        return parent


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


class _Told(NamedTuple):
    """What a header says wherever nothing is wrong in it; `in_force_to` is the last day there is where no end is known."""

    id: str | None = None
    version: str | None = None
    in_force_from: date | None = None
    in_force_to: date | None = None
    parent: str | None = None
    without: tuple[str, ...] = ()
    is_parent_known: bool = False


class _Reading(NamedTuple):
    """One file: what is sound in it, and its faults.

    `rule_ids`, `statute` and `has_course`, whether a rule says what completes a course, also of rules in which something is wrong.
    """

    file: str
    header: Header | None
    told: _Told
    rules: tuple[Rule, ...]
    rule_ids: tuple[str, ...]
    statute: frozenset[str]
    has_course: bool
    faults: tuple[Fault, ...]


def read_standards(extra_files: Sequence[Path]) -> tuple[StandardFile, ...]:
    """The packaged standards and those of the extra files. Raises StandardInvalid with every fault of all of them."""
    packaged = sorted(files("havn_standards").joinpath("data").iterdir(), key=lambda entry: entry.name)
    readings = [_read(source) for source in (*packaged, *extra_files)]
    faults = [fault for reading in readings for fault in reading.faults]
    faults += [*_version_faults(readings), *_parent_faults(readings), *_without_faults(readings), *_completion_faults(readings)]
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
    header, faults = _read_header(name, content)
    told = _sound(content, {fault.field for fault in faults})
    if not isinstance(raw_rules, list) or not raw_rules:
        faults.append(Fault(name, None, "rules", "needs at least one [[rules]] table"))
        raw_rules = []
    rules: list[Rule] = []
    statute: set[str] = set()
    labels = [_label(raw, position) for position, raw in enumerate(raw_rules, start=1)]
    for raw, label in zip(raw_rules, labels, strict=True):
        if _is_statute(raw):
            statute.add(label)
        try:
            rules.append(Rule.model_validate(raw))
        except ValidationError as error:
            faults += _as_faults(error, name, label)
    faults += [
        Fault(name, label, "id", "is used by more than one rule of this file")
        for label, times in Counter(labels).items()
        if times > 1
    ]
    has_course = any(isinstance(raw, dict) and "course" in raw for raw in raw_rules)
    return _Reading(name, header, told, tuple(rules), tuple(labels), frozenset(statute), has_course, tuple(faults))


def _read_header(name: str, content: Mapping[str, Any]) -> tuple[Header | None, list[Fault]]:
    try:
        return Header.model_validate(content), []
    except ValidationError as error:
        return None, list(_as_faults(error, name, None))


def _sound(content: Mapping[str, Any], faulty: Set[str | None]) -> _Told:
    sound = {name: value for name, value in content.items() if name not in faulty}
    return _Told(
        id=sound.get("id"),
        version=sound.get("version"),
        in_force_from=sound.get("in_force_from"),
        in_force_to=None if "in_force_to" in faulty else sound.get("in_force_to", date.max),
        parent=sound.get("parent"),
        without=tuple(name for n, name in enumerate(sound.get("without", ())) if f"without[{n}]" not in faulty),
        is_parent_known="parent" not in faulty,
    )


def _is_statute(rule: Any) -> bool:
    source = rule.get("source") if isinstance(rule, dict) else None
    return isinstance(source, dict) and source.get("basis") == "statute"


def _unreadable(name: str, message: str) -> _Reading:
    return _Reading(name, None, _Told(), (), (), frozenset(), False, (Fault(name, None, None, message),))


def _version_faults(readings: Iterable[_Reading]) -> Iterable[Fault]:
    for versions in _by_id(readings).values():
        labels = Counter(told.version for _, told in versions)
        for file, told in versions:
            if told.version is not None and labels[told.version] > 1:
                yield Fault(file, None, "version", "another file has the same version of this standard")
        starts = [(told.in_force_from, told.in_force_to, file) for file, told in versions if told.in_force_from is not None]
        starts.sort(key=lambda start: start[0])
        for position, (begins, _, file) in enumerate(starts):
            if any(ends is not None and ends >= begins for _, ends, _ in starts[:position]):
                yield Fault(file, None, "in_force_from", "an earlier version of this standard is still in force then")


def _parent_faults(readings: Sequence[_Reading]) -> Iterable[Fault]:
    by_id = _by_id(readings)
    for standard_id, versions in by_id.items():
        for file, told in versions:
            if told.parent is None:
                continue
            if told.parent not in by_id:
                yield Fault(file, None, "parent", "names a standard that no readable file defines")
            elif standard_id in _ancestors(by_id, told.parent):
                yield Fault(file, None, "parent", "leads back to this standard itself")


def _without_faults(readings: Sequence[_Reading]) -> Iterable[Fault]:
    by_id = _by_id(readings)
    for reading in readings:
        above = _ancestors(by_id, reading.told.parent)
        inherited, is_complete = _inherited(readings, above)
        known = {rule_id for other in inherited for rule_id in other.rule_ids}
        statute = {rule_id for other in inherited for rule_id in other.statute}
        for left_out in dict.fromkeys(reading.told.without):
            if left_out in statute:
                yield Fault(reading.file, left_out, "without", "an act demands this rule; it cannot be left out")
            elif above and is_complete and left_out not in known:
                yield Fault(reading.file, left_out, "without", "no parent has this rule")
            elif left_out in reading.rule_ids:
                yield Fault(reading.file, left_out, "without", "the same file leaves it out and defines it")


def _completion_faults(readings: Sequence[_Reading]) -> Iterable[Fault]:
    """Of an end nobody says whether the course was completed, unless a rule says what completes it."""
    by_id = _by_id(readings)
    for reading in readings:
        inherited, is_complete = _inherited(readings, _ancestors(by_id, reading.told.parent))
        is_its_own = COURSE in (*reading.rule_ids, *reading.told.without)
        is_said = reading.has_course or (not is_its_own and any(other.has_course for other in inherited))
        if is_said or not is_complete or not reading.told.is_parent_known:
            continue
        for rule in reading.rules:
            for name in ("opened_by", "met_by", "missed_by", "cancelled_by"):
                for position, trigger in enumerate(getattr(rule, name)):
                    if asks_about_completion(trigger):
                        yield Fault(reading.file, rule.id, f"{name}[{position}].when", _NEVER_SAID)


def _inherited(readings: Sequence[_Reading], above: Set[str]) -> tuple[Sequence[_Reading], bool]:
    """The files of these standards, and whether nothing hides a rule of them."""
    found = [other for other in readings if other.told.id in above]
    return found, {other.told.id for other in found} == above and all(_tells_its_rules(other) for other in found)


def _tells_its_rules(reading: _Reading) -> bool:
    """Nothing hides a rule of it, its own or an inherited one."""
    return reading.told.is_parent_known and bool(reading.rule_ids)


def _by_id(readings: Iterable[_Reading]) -> dict[str, list[tuple[str, _Told]]]:
    found: dict[str, list[tuple[str, _Told]]] = {}
    for reading in readings:
        if reading.told.id is not None:
            found.setdefault(reading.told.id, []).append((reading.file, reading.told))
    return found


def _ancestors(by_id: Mapping[str, Sequence[tuple[str, _Told]]], parent: str | None) -> frozenset[str]:
    found: set[str] = set()
    waiting = set() if parent is None else {parent}
    while waiting:
        current = waiting.pop()
        found.add(current)
        waiting |= {told.parent for _, told in by_id.get(current, ()) if told.parent is not None} - found
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
    read_into = (position for position, pair in enumerate(pairwise(loc), start=1) if pair == ("when", "tests"))
    written = loc[: next(read_into, len(loc))]
    return "".join(f"[{part}]" if isinstance(part, int) else f".{_short(part)}" for part in written).removeprefix(".")


def _label(raw: Any, position: int) -> str:
    rule_id = raw.get("id") if isinstance(raw, dict) else None
    return _short(rule_id) if isinstance(rule_id, str) and rule_id else f"number {position}"


def _short(text: str) -> str:
    shown = "".join(character if character.isprintable() else "?" for character in text[:_SHOWN])
    return shown if len(text) <= _SHOWN else f"{shown}…"

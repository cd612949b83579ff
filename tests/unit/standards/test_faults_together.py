"""Faults in company: each one is told, once, whatever else is wrong in the same file or in another one."""

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

import pytest

from havn_standards import Rulebook, StandardInvalid
from tests.unit.standards.test_rulebook import HEADER, RULE, Write, rule, write

__all__ = ["write"]

Table = Mapping[str, str | None]
Told = tuple[str | None, str, str]
"""Rule, field and what the message says."""

Fault = tuple[str, str | None, str | None, str]

HEADERS: Mapping[str, tuple[Table, Told]] = {
    "no title": ({"title": None}, (None, "title", "is missing")),
    "misspelt field": ({"titel": '"Testhavn"'}, (None, "titel", "is no field of a standard")),
    "no document": ({"document": None}, (None, "document", "is missing")),
    "days in the wrong order": ({"in_force_to": "2020-12-31"}, (None, "in_force_to", "is before in_force_from")),
    "no such parent": ({"parent": '"nowhere"'}, (None, "parent", "no readable file defines")),
    "its own parent": ({"parent": '"testhavn"'}, (None, "parent", "leads back to this standard itself")),
    "no parent to leave out from": ({"parent": None, "without": '["child-notice"]'}, (None, "parent", "needs a parent")),
    "leaves out an act's rule": ({"without": '["psychology-child"]'}, ("psychology-child", "without", "an act demands")),
    "leaves out what is not there": ({"without": '["no-such-rule"]'}, ("no-such-rule", "without", "no parent has this rule")),
    "leaves out no name": ({"without": '["No Name"]'}, (None, "without[0]", "is written in small letters")),
    "a term for no complaint": (
        {"complaint_terms": f"{{ parole = {{ within = {{ weeks = 4 }}, source = {RULE['source']} }} }}"},
        (None, "complaint_terms.parole.[key]", "is one of: 'refusal'"),
    ),
    "no closing day": ({"closing_days": "[[2, 30]]"}, (None, "closing_days[0]", "is not a [month, day]")),
    "overlap": ({"id": '"serviceloven"', "parent": None}, (None, "in_force_from", "still in force")),
}

MET_BY_A_COURSE = '[{ fact = "AftercareEnded", when = { completed = true } }]'

RULES: Mapping[str, tuple[Table, Told]] = {
    "no title": ({"title_da": None}, ("welcome-talk", "title_da", "is missing")),
    "misspelt field": ({"metby": "[]"}, ("welcome-talk", "metby", "is no field of a standard")),
    "opened by an unknown event": ({"opened_by": '[{ fact = "Nope" }]'}, ("welcome-talk", "opened_by[0].fact", "is not a known")),
    "missed by an unknown event": ({"missed_by": '[{ fact = "Nope" }]'}, ("welcome-talk", "missed_by[0].fact", "is not a known")),
    "opened by nothing": ({"opened_by": "[]"}, ("welcome-talk", "opened_by", "nothing opens it")),
    "the length of a stay that began": (
        {"opened_by": '[{ fact = "WomanAdmitted", when = { stay_longer_than_days = 3 } }]'},
        ("welcome-talk", "opened_by[0].when", "only WomanMovedOut"),
    ),
    "counted from an event without a term": (
        {"due": None, "due_from": '"WomanMovedOut"'},
        ("welcome-talk", "due", "is missing; without a term there is no due_from"),
    ),
    "a window without a term": ({"due": None, "last_day_meets": "true"}, ("welcome-talk", "due", "there is no last_day_meets")),
    "a term without a unit": ({"due": "{}"}, ("welcome-talk", "due", "needs exactly one unit")),
    "a term of two units": ({"due": "{ days = 1, weeks = 1 }"}, ("welcome-talk", "due.weeks", "second unit beside days")),
    "a term without end": ({"due": "{ days = 100000000000000000000 }"}, ("welcome-talk", "due.days", "is 16435 or less")),
    "met by nothing": ({"met_by": None}, ("welcome-talk", "amount", "nothing can meet it")),
    "met by all of one": ({"meets": '"all"'}, ("welcome-talk", "meets", "at least two facts")),
    "hours": (
        {"met_by": None, "amount": '{ unit = "hours", floor = 1, ceiling = 2 }'},
        ("welcome-talk", "amount.unit", "is one of: 'minutes' or 'sessions'"),
    ),
    "floor above ceiling": (
        {"met_by": None, "amount": '{ unit = "minutes", floor = 3, ceiling = 2 }'},
        ("welcome-talk", "amount.ceiling", "the floor is above the ceiling"),
    ),
    "an amount and facts": (
        {"met_by": RULE["met_by"], "amount": '{ unit = "minutes", floor = 1, ceiling = 2 }'},
        ("welcome-talk", "amount", "an amount is met by its floor"),
    ),
    "a course that is no rule's of aftercare": (
        {"course": "{ visits = 3, lasts = { months = 3 } }"},
        ("welcome-talk", "course", 'is for the rule "aftercare-course" alone'),
    ),
    "a section without a document": (
        {"source": '{ section = "1", basis = "standard" }'},
        ("welcome-talk", "source.document", "is missing"),
    ),
    "a source that is no table": ({"source": "3"}, ("welcome-talk", "source", "needs a table")),
    "assumed without a note": (
        {"source": '{ document = "D", section = "1", basis = "assumed" }'},
        ("welcome-talk", "source.note", "needs a note"),
    ),
}

IN_ONE_FIELD: Mapping[str, tuple[str, set[tuple[str, str]]]] = {
    "neither document nor note": (
        'source = { section = "1", basis = "assumed" }',
        {("source.document", "is missing"), ("source.note", "an assumed rule needs a note that says what is assumed")},
    ),
    "hours, and the floor above the ceiling": (
        'amount = { unit = "hours", floor = 3, ceiling = 2 }',
        {("amount.unit", "is one of: 'minutes' or 'sessions'"), ("amount.ceiling", "the floor is above the ceiling")},
    ),
    "a course of no visits, and of no length": (
        "course = { visits = 0, lasts = { same_day = true } }",
        {("course.visits", "is 1 or more"), ("course.lasts", "is a length of time; the same day is none")},
    ),
    "a course of half a visit, and of two units": (
        "course = { visits = 0.5, lasts = { weeks = 1, months = 1 } }",
        {
            ("course.visits", "needs a whole number, without quotes"),
            ("course.lasts.months", "is a second unit beside weeks; a term has exactly one unit"),
        },
    ),
    "a term of no days, and of two units": (
        "due = { days = 0, weeks = 1 }",
        {("due.days", "is 1 or more"), ("due.weeks", "is a second unit beside days; a term has exactly one unit")},
    ),
    "counted from an unknown event, without a term": (
        'due_from = "Nope"',
        {("due_from", "is not a known event type"), ("due", "is missing; without a term there is no due_from")},
    ),
    "an unknown attribute without a value": (
        'missed_by = [{ fact = "WomanMovedOut", when = { shoe = [] } }]',
        {
            ("missed_by[0].when", "'shoe' is not an attribute a condition may use"),
            ("missed_by[0].when", "needs at least one value; a value is a text, a whole number, true or false"),
        },
    ),
    "the length of a stay that began, misspelt beside": (
        'missed_by = [{ fact = "WomanAdmitted", wen = {}, when = { stay_days = 3 } }]',
        {
            ("missed_by[0].wen", "is no field of a standard; check how it is written"),
            ("missed_by[0].when", "only WomanMovedOut tells the length of the stay"),
        },
    ),
    "an unknown event beside one that is no inquiry's": (
        'per = "inquiry"\nmissed_by = [{ fact = "Nope" }, { fact = "WomanAdmitted" }]',
        {
            ("missed_by[0].fact", "is not a known event type"),
            ("missed_by[1]", 'with per = "inquiry" takes only: InquiryAssessed, InterviewHeld, StayRefused'),
        },
    ),
}


def told_of(*files: Path) -> list[Fault]:
    with pytest.raises(StandardInvalid) as caught:
        Rulebook.load(files)
    lines = str(caught.value).splitlines()
    assert lines == [str(fault) for fault in caught.value.faults]
    assert len(lines) == len(set(lines))
    return [(fault.file, fault.rule, fault.field, fault.message) for fault in caught.value.faults]


def assert_told(told: list[Fault], *expected: tuple[str, Told]) -> None:
    """Exactly these, each once, in whatever order."""
    for file, (rule_id, field, says) in expected:
        assert len([t for t in told if t[:3] == (file, rule_id, field) and says in t[3]]) == 1, told
    assert len(told) == len(expected), told


def pairs(faults: Mapping[str, tuple[Table, Told]]) -> list[tuple[str, str]]:
    """Every two that do not change one field in two ways; what is left out is judged by the parent."""
    fields = {name: {"parent" if field == "without" else field for field in changes} for name, (changes, _) in faults.items()}
    return [(a, b) for a, b in combinations(faults, 2) if not fields[a] & fields[b]]


@pytest.mark.parametrize("name", HEADERS)
def test_a_fault_of_the_header_alone(write: Write, name: str) -> None:
    changes, told = HEADERS[name]

    assert_told(told_of(write(**changes)), ("testhavn.toml", told))


@pytest.mark.parametrize("name", RULES)
def test_a_fault_of_a_rule_alone(write: Write, name: str) -> None:
    changes, told = RULES[name]

    assert_told(told_of(write("testhavn.toml", rule(**changes))), ("testhavn.toml", told))


@pytest.mark.parametrize(("one", "other"), pairs(HEADERS))
def test_two_faults_of_one_header(write: Write, one: str, other: str) -> None:
    changes = {**HEADERS[one][0], **HEADERS[other][0]}

    assert_told(told_of(write(**changes)), ("testhavn.toml", HEADERS[one][1]), ("testhavn.toml", HEADERS[other][1]))


@pytest.mark.parametrize(("one", "other"), pairs(RULES))
def test_two_faults_of_one_rule(write: Write, one: str, other: str) -> None:
    file = write("testhavn.toml", rule(**{**RULES[one][0], **RULES[other][0]}))

    assert_told(told_of(file), ("testhavn.toml", RULES[one][1]), ("testhavn.toml", RULES[other][1]))


@pytest.mark.parametrize("of_the_header", HEADERS)
def test_a_header_and_all_kinds_of_faulty_rules(write: Write, of_the_header: str) -> None:
    """One rule for each kind of fault, so that each is told under its own rule."""
    faulty = {f"rule-{n}": fault for n, fault in enumerate(RULES.values())}
    rules = [rule(**{**changes, "id": f'"{rule_id}"'}) for rule_id, (changes, _) in faulty.items()]
    changes, of_header = HEADERS[of_the_header]
    of_rules = [("testhavn.toml", (rule_id, field, says)) for rule_id, (_, (_, field, says)) in faulty.items()]

    assert_told(told_of(write("testhavn.toml", *rules, **changes)), ("testhavn.toml", of_header), *of_rules)


@pytest.mark.parametrize("written", IN_ONE_FIELD)
def test_two_faults_around_one_field(write: Write, written: str) -> None:
    lines, faults = IN_ONE_FIELD[written]
    replaced: dict[str, str | None] = {"due": None, **{line.split(" = ")[0]: None for line in lines.splitlines()}}
    if written.startswith("hours"):
        replaced["met_by"] = None
    if written.startswith("a course"):
        replaced |= {"id": '"aftercare-course"', "opened_by": '[{ fact = "AftercareStarted" }]', "met_by": MET_BY_A_COURSE}
    if written.endswith("inquiry's"):
        replaced |= {"opened_by": '[{ fact = "InterviewHeld" }]', "met_by": '[{ fact = "InquiryAssessed" }]'}
    file = write("testhavn.toml", f"{rule(**replaced)}\n{lines}")

    assert {(field, message) for _, _, field, message in told_of(file)} == faults
    assert len(told_of(file)) == len(faults)


# Across files

NO_TITLE: Table = {"title": None}
MISSPELT: Table = {"colour": '"blue"'}


@pytest.mark.parametrize("first", [{}, NO_TITLE, MISSPELT, {"parent": "5"}, {"closing_days": "3"}])
@pytest.mark.parametrize("second", [{}, NO_TITLE, MISSPELT, {"parent": "5"}, {"in_force_to": '"never"'}])
def test_an_overlap_is_told_whatever_else_is_wrong_with_the_two(write: Write, first: Table, second: Table) -> None:
    one = write("one.toml", rule(opened_by='[{ fact = "Nope" }]'), **{"in_force_to": "2022-12-31", **first})
    two = write("two.toml", rule(due="{}"), **{"version": '"2"', "in_force_from": "2022-12-31", **second})

    told = told_of(one, two)

    assert ("two.toml", None, "in_force_from", "an earlier version of this standard is still in force then") in told
    assert len(told) == 3 + bool(first) + bool(second)


@pytest.mark.parametrize("wrong", [NO_TITLE, MISSPELT, {"in_force_from": None}, {"version": "2"}, {"in_force_to": "2020-12-31"}])
def test_a_circle_is_told_whatever_else_is_wrong_in_it(write: Write, wrong: Table) -> None:
    first = write("first.toml", **{"id": '"first"', "parent": '"second"', **wrong})
    second = write("second.toml", rule(source=None), id='"second"', parent='"first"')

    told = told_of(first, second)

    assert [t for t in told if t[2] == "parent"] == [
        ("first.toml", None, "parent", "leads back to this standard itself"),
        ("second.toml", None, "parent", "leads back to this standard itself"),
    ]
    assert len(told) == 4


def test_an_overlap_with_a_version_two_before_is_told_too(write: Write) -> None:
    files = [
        write("one.toml", in_force_to="2025-12-31"),
        write("two.toml", version='"2"', in_force_from="2022-01-01", in_force_to="2022-12-31"),
        write("three.toml", version='"3"', in_force_from="2023-01-01"),
    ]

    assert [t[:3] for t in told_of(*files)] == [("two.toml", None, "in_force_from"), ("three.toml", None, "in_force_from")]


@pytest.mark.parametrize("ends", ['"never"', "2020-12-31"])
def test_nothing_is_guessed_of_a_last_day_in_which_something_is_wrong(write: Write, ends: str) -> None:
    one = write("one.toml", in_force_to=ends)
    two = write("two.toml", version='"2"', in_force_from="2022-12-31")

    assert [t[:3] for t in told_of(one, two)] == [("one.toml", None, "in_force_to")]


def test_the_same_version_is_told_where_no_first_day_can_be_read(write: Write) -> None:
    one = write("one.toml", in_force_from=None)
    two = write("two.toml", in_force_from="2023-01-01")

    assert [t[:3] for t in told_of(one, two)] == [
        ("one.toml", None, "in_force_from"),
        ("one.toml", None, "version"),
        ("two.toml", None, "version"),
    ]


def test_what_is_left_out_is_judged_by_a_parent_in_which_something_else_is_wrong(write: Write) -> None:
    """Its rule is statute even where the rule or the header has a fault; a rule of it is no missing one."""
    act = RULE["source"].replace('"standard"', '"statute"')
    parent = write("parent.toml", rule(due="{}", source=act), rule(id='"soft"', due="{}"), id='"testlov"', title=None)
    left_out = '["welcome-talk", "soft", "none", "none"]'
    child = write("child.toml", rule(id='"own"'), parent='"testlov"', without=left_out, title=None)

    assert sorted(t[:3] for t in told_of(parent, child) if t[2] != "title" and t[2] != "due") == [
        ("child.toml", "none", "without"),
        ("child.toml", "welcome-talk", "without"),
    ]


@pytest.mark.parametrize("hidden", [{"parent": "5"}, {"id": None}])
def test_no_rule_is_called_missing_where_a_parents_rules_are_not_known(write: Write, hidden: Table) -> None:
    parent = write("parent.toml", **{"id": '"testlov"', **hidden})
    child = write("child.toml", rule(id='"own"'), parent='"testlov"', without='["own", "none"]')

    told = [t[:3] for t in told_of(parent, child) if t[0] == "child.toml"]

    assert ("child.toml", "own", "without") in told
    assert ("child.toml", "none", "without") not in told


def test_no_rule_is_called_missing_where_the_parent_itself_cannot_be_read(write: Write) -> None:
    child = write("child.toml", parent="5", without='["none"]')

    assert [t[:3] for t in told_of(child)] == [("child.toml", None, "parent")]


def test_versions_that_cannot_be_read_are_not_called_the_same(write: Write) -> None:
    files = [write("one.toml", version=None, in_force_to="2022-12-31"), write("two.toml", version="2", in_force_from="2023-01-01")]

    assert [t[:3] for t in told_of(*files)] == [("one.toml", None, "version"), ("two.toml", None, "version")]


def test_no_rule_is_called_missing_where_a_parent_has_none(write: Write) -> None:
    parent = write("parent.toml", "rules = []", id='"testlov"')
    child = write("child.toml", parent='"testlov"', without='["none"]')

    assert [t[:3] for t in told_of(parent, child)] == [("parent.toml", None, "rules")]


def test_a_file_that_is_no_toml_hides_nothing_of_another(write: Write, tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("[[[", encoding="utf-8")
    other = write(parent='"testhavn"', title=None)

    assert [t[:3] for t in told_of(broken, other)] == [
        ("broken.toml", None, None),
        ("testhavn.toml", None, "title"),
        ("testhavn.toml", None, "parent"),
    ]


def test_the_sound_file_that_the_faults_are_put_into_is_sound(write: Write) -> None:
    assert Rulebook.load([write(**HEADER)])

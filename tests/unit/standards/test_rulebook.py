"""Loading standards: inheritance, versions in time, and every fault told."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from havn_standards import Rulebook, RuleUnknown, StandardInvalid, StandardUnknown

Write = Callable[..., Path]

HEADER = {
    "id": '"testhavn"',
    "version": '"1"',
    "title": '"Krisecenter Testhavn"',
    "document": '"Prøvestandard"',
    "in_force_from": "2021-01-01",
    "parent": '"serviceloven"',
}
RULE = {
    "id": '"welcome-talk"',
    "title_da": '"Velkomstsamtale"',
    "title_en": '"Welcome talk"',
    "opened_by": '[{ fact = "WomanAdmitted" }]',
    "per": '"woman"',
    "owed_by": '"shelter"',
    "owed_to": '"woman"',
    "due": "{ days = 2 }",
    "met_by": '[{ fact = "NeedsClarified" }]',
    "source": '{ document = "Prøvestandard", section = "1", basis = "standard" }',
}


def rule(**changes: str | None) -> str:
    fields = {name: value for name, value in (RULE | changes).items() if value is not None}
    return "\n".join(["[[rules]]", *(f"{name} = {value}" for name, value in fields.items())])


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def _write(name: str = "testhavn.toml", *rules: str, **header: str | None) -> Path:
        fields = {key: value for key, value in (HEADER | header).items() if value is not None}
        lines = [f"{key} = {value}" for key, value in fields.items()]
        path = tmp_path / name
        path.write_text("\n".join([*lines, *(rules or (rule(),))]), encoding="utf-8")
        return path

    return _write


def faults_of(*files: Path) -> list[tuple[str, str | None, str | None]]:
    with pytest.raises(StandardInvalid) as caught:
        Rulebook.load(files)
    return [(fault.file, fault.rule, fault.field) for fault in caught.value.faults]


def message_of(*files: Path) -> str:
    with pytest.raises(StandardInvalid) as caught:
        Rulebook.load(files)
    return str(caught.value)


# Inheritance


def test_a_child_has_its_parents_rules_and_its_own(write: Write) -> None:
    book = Rulebook.load([write()])

    standard = book.standard("testhavn", date(2024, 1, 1))
    national = book.standard("serviceloven", date(2024, 1, 1))

    assert standard.rules[:-1] == national.rules
    assert standard.rules[-1].id == "welcome-talk"
    assert standard.version == "1-serviceloven-2020"
    assert (standard.parent, standard.title) == ("serviceloven", "Krisecenter Testhavn")


def test_a_rule_with_the_same_id_replaces_the_parents_in_its_place(write: Write) -> None:
    book = Rulebook.load([write("testhavn.toml", rule(id='"child-notice"', due="{ same_day = true }"))])

    standard = book.standard("testhavn", date(2024, 1, 1))
    national = book.standard("serviceloven", date(2024, 1, 1))

    assert [rule.id for rule in standard.rules] == [rule.id for rule in national.rules]
    assert standard.rule("child-notice").title_en == "Welcome talk"
    assert standard.rules_opened_by("ChildArrived") == tuple(
        rule for rule in national.rules_opened_by("ChildArrived") if rule.id != "child-notice"
    )


def test_a_rule_no_act_demands_can_be_left_out(write: Write) -> None:
    book = Rulebook.load([write(without='["child-notice"]')])

    standard = book.standard("testhavn", date(2024, 1, 1))

    assert all(rule.id != "child-notice" for rule in standard.rules)
    assert all(rule.id != "child-notice" for rule in standard.rules_opened_by("ChildArrived"))
    with pytest.raises(RuleUnknown, match="testhavn, version 1-serviceloven-2020, has no such rule"):
        standard.rule("child-notice")


def test_a_grandchild_inherits_through_its_parent(write: Write) -> None:
    book = Rulebook.load(
        [
            write("first.toml", closing_days="[[12, 24]]"),
            write("second.toml", rule(id='"other"'), id='"testbo"', parent='"testhavn"', closing_days="[[6, 5]]"),
        ]
    )

    standard = book.standard("testbo", date(2024, 1, 1))

    assert standard.version == "1-testhavn-1-serviceloven-2020"
    assert {"other", "welcome-talk", "admission-notice"} <= {rule.id for rule in standard.rules}
    assert standard.closing_days == {(6, 5), (12, 24)}
    assert book.standard("testhavn", date(2024, 1, 1)).closing_days == {(12, 24)}


def test_a_standard_may_stand_alone(write: Write) -> None:
    standard = Rulebook.load([write(parent=None)]).standard("testhavn", date(2024, 1, 1))

    assert (standard.version, [rule.id for rule in standard.rules]) == ("1", ["welcome-talk"])


@pytest.mark.parametrize(
    ("parents", "own", "allowed"),
    [(None, None, True), (None, "false", False), ("false", None, False), ("false", "true", True), ("true", "false", False)],
)
def test_she_may_be_anonymous_to_her_home_municipality_unless_the_standard_or_else_its_parent_says_no(
    write: Write, parents: str | None, own: str | None, allowed: bool
) -> None:
    parent = write("parent.toml", id='"parenthavn"', parent=None, anonymous_to_home_municipality=parents)
    child = write("child.toml", parent='"parenthavn"', anonymous_to_home_municipality=own)

    assert Rulebook.load([parent, child]).standard("testhavn", date(2024, 1, 1)).anonymous_to_home_municipality is allowed


# Versions in time


def test_a_version_that_ran_out_holds_until_the_next_one_starts(write: Write) -> None:
    book = Rulebook.load(
        [
            write("one.toml", in_force_to="2022-12-31", parent=None),
            write("two.toml", version='"2"', in_force_from="2023-07-01", in_force_to="2023-12-31", parent=None),
        ]
    )

    def version(day: str) -> str:
        return book.standard("testhavn", date.fromisoformat(day)).version

    assert [version(day) for day in ("2021-01-01", "2022-12-31", "2023-01-01", "2023-06-30")] == ["1"] * 4
    assert [version(day) for day in ("2023-07-01", "2023-12-31", "2024-01-01", "2049-12-31")] == ["2"] * 4
    with pytest.raises(StandardUnknown, match="2021-01-01"):
        book.standard("testhavn", date(2020, 12, 31))


def test_a_new_parent_version_makes_a_new_version_of_the_child(write: Write) -> None:
    book = Rulebook.load(
        [
            write("law-1.toml", id='"testlov"', parent=None, in_force_to="2022-12-31"),
            write("law-2.toml", rule(due="{ days = 1 }"), id='"testlov"', version='"2"', parent=None,
                  in_force_from="2023-01-01"),
            write("a.toml", rule(id='"own-rule"'), parent='"testlov"', in_force_to="2023-06-30"),
            write("b.toml", rule(id='"own-rule"'), version='"2"', parent='"testlov"', in_force_from="2023-07-01"),
        ]
    )  # fmt: skip

    def version(day: str) -> str:
        return book.standard("testhavn", date.fromisoformat(day)).version

    assert version("2022-12-31") == "1-testlov-1"
    assert version("2023-01-01") == version("2023-06-30") == "1-testlov-2"
    assert version("2023-07-01") == "2-testlov-2"
    before, after = (book.version("testhavn", name) for name in ("1-testlov-1", "1-testlov-2"))
    assert [str(s.rule("welcome-talk").due) for s in (before, after)] != [str(before.rule("welcome-talk").due)] * 2
    with pytest.raises(StandardUnknown):
        book.version("testhavn", "2-testlov-1")


def test_versions_that_change_on_the_same_day_never_meet_the_old_ones(write: Write) -> None:
    book = Rulebook.load(
        [
            write("law-1.toml", id='"testlov"', parent=None, in_force_to="2022-12-31"),
            write("law-2.toml", id='"testlov"', version='"2"', parent=None, in_force_from="2023-01-01"),
            write("a.toml", parent='"testlov"', in_force_to="2022-12-31"),
            write("b.toml", version='"2"', parent='"testlov"', in_force_from="2023-01-01"),
        ]
    )

    versions = [standard.version for standard in book.standards if standard.id == "testhavn"]
    assert versions == ["1-testlov-1", "2-testlov-2"]


def test_a_child_older_than_its_parent_starts_with_its_parent(write: Write) -> None:
    book = Rulebook.load([write(in_force_from="2012-01-01")])

    assert book.standard("testhavn", date(2020, 1, 1)).version == "1-serviceloven-2020"
    with pytest.raises(StandardUnknown, match="2020-01-01"):
        book.standard("testhavn", date(2019, 12, 31))


def test_a_stay_finds_the_exact_version_it_was_opened_under() -> None:
    book = Rulebook.load()

    for standard in book.standards:
        assert book.version(standard.id, standard.version) is standard


@pytest.mark.parametrize(("standard_id", "version"), [("nowhere", "2020"), ("serviceloven", "1920"), ("", "")])
def test_an_unknown_standard_or_version_is_said_to_be_unknown(standard_id: str, version: str) -> None:
    with pytest.raises(StandardUnknown, match="no such version"):
        Rulebook.load().version(standard_id, version)


def test_an_unknown_standard_is_in_force_on_no_day() -> None:
    with pytest.raises(StandardUnknown, match="no standard with this id"):
        Rulebook.load().standard("nowhere", date(2024, 1, 1))


def test_a_standard_may_be_in_force_for_a_single_day(write: Write) -> None:
    book = Rulebook.load([write(in_force_to=HEADER["in_force_from"])])

    assert book.standard("testhavn", date(2021, 1, 1)).in_force_to == date(2021, 1, 1)


# Lookups


def test_lookups_agree_with_the_rules() -> None:
    for standard in Rulebook.load().standards:
        for lookup, field in (
            (standard.rules_opened_by, "opened_by"),
            (standard.rules_met_by, "met_by"),
            (standard.rules_missed_by, "missed_by"),
            (standard.rules_cancelled_by, "cancelled_by"),
        ):
            for fact in ("WomanAdmitted", "WomanMovedOut", "ContactPersonAssigned", "AdviceEnded", "PlanReviewed"):
                assert lookup(fact) == tuple(
                    rule for rule in standard.rules if fact in {trigger.fact for trigger in getattr(rule, field)}
                )
        assert [rule.id for rule in standard.rules_due_from("WomanMovedOut")] == [
            "psychology-woman-offer",
            "psychology-child-offer",
            "psychology-woman-start",
            "psychology-child-start",
        ]
        assert standard.rules_opened_by("NoSuchFact") == ()
        assert all(standard.rule(rule.id) is rule for rule in standard.rules)


@pytest.mark.parametrize(
    ("met_by", "recurs"),
    [
        (("PlanReviewed",), True),
        (("NeedsClarified", "PlanReviewed"), True),
        (("NeedsClarified",), False),
        (("NeedsClarified", "RiskAssessed"), False),
    ],
)
def test_a_rule_recurs_where_something_that_meets_it_opens_it_again(write: Write, met_by: tuple[str, ...], recurs: bool) -> None:
    opened_by = '[{ fact = "WomanAdmitted" }, { fact = "PlanReviewed", when = { plan = "stay-plan" } }]'
    triggers = ", ".join(f'{{ fact = "{fact}" }}' for fact in met_by)
    path = write("testhavn.toml", rule(opened_by=opened_by, met_by=f"[{triggers}]"))
    review = Rulebook.load([path]).standard("testhavn", date(2021, 1, 1)).rule("welcome-talk")
    assert (review.opening_facts, review.is_recurring) == (frozenset({"WomanAdmitted", "PlanReviewed"}), recurs)


def test_a_rulebook_does_not_change() -> None:
    book = Rulebook.load()
    standard = book.standards[0]

    with pytest.raises(ValidationError, match="frozen"):
        standard.version = "other"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        book.extra = 1  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        standard._opened_by["WomanAdmitted"] = ()  # type: ignore[index]
    with pytest.raises(TypeError):
        book._versions["a", "b"] = standard  # type: ignore[index]


# Faults, each alone


@pytest.mark.parametrize(
    ("changes", "field", "complaint"),
    [
        ({"opened_by": '[{ fact = "WomanVanished" }]'}, "opened_by[0].fact", "is not a known event type"),
        ({"met_by": '[{ fact = "RiskAssessed" }, { fact = "Nope" }]'}, "met_by[1].fact", "is not a known event type"),
        ({"due_from": '"Nope"'}, "due_from", "is not a known event type"),
        ({"missed_by": '[{ fact = "Nope" }]'}, "missed_by[0].fact", "is not a known event type"),
        ({"cancelled_by": '[{ fact = "Nope" }]'}, "cancelled_by[0].fact", "is not a known event type"),
        ({"due": "{}"}, "due", "exactly one unit"),
        ({"due": "{ days = 1, weeks = 1 }"}, "due.weeks", "is a second unit beside days; a term has exactly one unit"),
        ({"due": "{ same_day = true, months = 1 }"}, "due.same_day", "is a second unit beside months"),
        ({"due": "{ days = 100000000000000000000 }"}, "due.days", "is 16435 or less: the calendar ends with 2050"),
        ({"due": "{ fortnights = 1 }"}, "due.fortnights", "is no field of a standard"),
        ({"due": "3"}, "due", "needs a table"),
        ({"source": '{ section = "1", basis = "standard" }'}, "source.document", "is missing"),
        ({"source": '{ document = "", section = "1", basis = "standard" }'}, "source.document", "1 or more characters"),
        ({"source": '{ document = "D", basis = "standard" }'}, "source.section", "is missing"),
        ({"source": '{ document = "D", section = "1", basis = "assumed", note = "So" }'}, "source.note_da", "or neither"),
        ({"source": '{ document = "D", section = "1", basis = "standard", note_da = "Så" }'}, "source.note_da", "or neither"),
        ({"source": None}, "source", "is missing"),
        ({"title_da": None}, "title_da", "is missing"),
        ({"amount": '{ unit = "hours", floor = 1, ceiling = 2 }'}, "amount.unit", "'minutes' or 'sessions'"),
        ({"owed_by": '"nobody"'}, "owed_by", "'shelter', 'home-municipality' or 'acting-municipality'"),
        ({"mood": '"good"'}, "mood", "is no field of a standard"),
        ({"met_by": '[{ fact = "RiskAssessed", when = { shoe = 1 } }]'}, "met_by[0].when", "'shoe' is not"),
    ],
)
def test_a_faulty_rule_is_named_with_its_file_and_field(
    write: Write, changes: dict[str, str | None], field: str, complaint: str
) -> None:
    path = write("testhavn.toml", rule(**changes))

    assert faults_of(path) == [("testhavn.toml", "welcome-talk", field)]
    assert message_of(path).startswith(f"testhavn.toml: rule welcome-talk: {field}: ")
    assert complaint in message_of(path)


@pytest.mark.parametrize(
    ("header", "field", "complaint"),
    [
        ({"parent": '"nowhere"'}, "parent", "no readable file defines"),
        ({"parent": '"testhavn"'}, "parent", "leads back to this standard itself"),
        ({"in_force_to": "2020-12-31"}, "in_force_to", "in_force_to is before in_force_from"),
        ({"in_force_from": '"2021-01-01"'}, "in_force_from", "needs a day"),
        ({"in_force_from": None}, "in_force_from", "is missing"),
        ({"closing_days": "[[2, 30]]"}, "closing_days[0]", "[month, day]"),
        ({"closing_days": "[[true, 1]]"}, "closing_days[0][0]", "needs a whole number"),
        ({"closing_days": '["12-24"]'}, "closing_days[0]", "needs a list"),
        ({"id": '"Testhavn"'}, "id", "small letters"),
        ({"version": '"1 2"'}, "version", "small letters"),
        ({"document": None}, "document", "is missing"),
        ({"colour": '"blue"'}, "colour", "is no field of a standard"),
        ({"note": '"So"'}, "note_da", "in English and in Danish: give both note and note_da, or neither"),
        ({"note_da": '"Så"'}, "note_da", "in English and in Danish: give both note and note_da, or neither"),
        ({"note": "1", "note_da": '"Så"'}, "note", "needs a text in quotes"),
        ({"parent": None, "without": '["child-notice"]'}, "parent", "needs a parent"),
    ],
)
def test_a_faulty_header_is_named_with_its_file_and_field(
    write: Write, header: dict[str, str | None], field: str | None, complaint: str
) -> None:
    path = write("testhavn.toml", rule(), **header)

    assert faults_of(path) == [("testhavn.toml", None, field)]
    assert complaint in message_of(path)


@pytest.mark.parametrize(
    ("left_out", "complaint"),
    [
        ("psychology-child", "an act demands this rule"),
        ("no-such-rule", "no parent has this rule"),
    ],
)
def test_a_rule_that_must_stay_cannot_be_left_out(write: Write, left_out: str, complaint: str) -> None:
    path = write(without=f'["{left_out}"]')

    assert faults_of(path) == [("testhavn.toml", left_out, "without")]
    assert complaint in message_of(path)


def test_a_statutory_rule_cannot_be_left_out_by_way_of_a_softer_parent(write: Write) -> None:
    soft = write("soft.toml", rule(id='"psychology-child"'), id='"soft"')
    path = write(parent='"soft"', without='["psychology-child"]')

    assert faults_of(soft, path) == [("testhavn.toml", "psychology-child", "without")]


def test_a_rule_cannot_be_left_out_and_defined(write: Write) -> None:
    path = write("testhavn.toml", rule(id='"child-notice"'), without='["child-notice"]')

    assert faults_of(path) == [("testhavn.toml", "child-notice", "without")]


def test_a_rule_id_is_used_once(write: Write) -> None:
    assert faults_of(write("testhavn.toml", rule(), rule())) == [("testhavn.toml", "welcome-talk", "id")]


def test_parents_cannot_go_in_a_circle(write: Write) -> None:
    first = write("first.toml", id='"first"', parent='"second"')
    second = write("second.toml", id='"second"', parent='"first"')
    hanger_on = write("third.toml", id='"third"', parent='"first"')

    assert faults_of(first, second, hanger_on) == [("first.toml", None, "parent"), ("second.toml", None, "parent")]


@pytest.mark.parametrize(
    ("ends", "starts", "overlap"),
    [
        ("2022-12-31", "2022-12-30", True),
        ("2022-12-31", "2022-12-31", True),
        ("2022-12-31", "2023-01-01", False),
        (None, "2040-01-01", True),
    ],
)
def test_two_versions_are_never_in_force_on_one_day(write: Write, ends: str | None, starts: str, overlap: bool) -> None:
    files = [write("one.toml", in_force_to=ends), write("two.toml", version='"2"', in_force_from=starts)]

    if overlap:
        assert faults_of(*files) == [("two.toml", None, "in_force_from")]
    else:
        assert Rulebook.load(files).standard("testhavn", date.fromisoformat(starts)).version == "2-serviceloven-2020"


def test_a_version_is_used_once(write: Write) -> None:
    files = [write("one.toml", in_force_to="2022-12-31"), write("two.toml", in_force_from="2023-01-01")]

    assert faults_of(*files) == [("one.toml", None, "version"), ("two.toml", None, "version")]


def test_a_packaged_standard_cannot_be_replaced_unseen(write: Write) -> None:
    path = write("mine.toml", id='"serviceloven"', version='"2020"', in_force_from="2020-01-01", parent=None)

    assert ("mine.toml", None, "in_force_from") in faults_of(path)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"id = ", "is not TOML"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"id = " + b"9" * 5000, "holds a number that is too long"),
        (b"id = " + b"[" * 5000, "holds a number that is too long, or values that lie too deep"),
    ],
)
def test_a_file_that_cannot_be_understood_is_named(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(content)

    assert message_of(path).startswith(f"broken.toml: {complaint}")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert message_of(tmp_path / "absent.toml") == "absent.toml: cannot be read: No such file or directory"


def test_a_folder_in_place_of_a_file_is_named_even_where_it_has_no_name() -> None:
    assert message_of(Path("/")) == "/: cannot be read: Is a directory"


@pytest.mark.parametrize("rules", ["rules = []", 'rules = "none"', "# none"])
def test_a_standard_needs_rules(write: Write, rules: str) -> None:
    assert faults_of(write("testhavn.toml", rules)) == [("testhavn.toml", None, "rules")]


def test_a_rule_without_a_name_is_known_by_its_place(write: Write) -> None:
    assert faults_of(write("testhavn.toml", rule(), rule(id=None))) == [("testhavn.toml", "number 2", "id")]


def test_a_rule_that_is_no_table_is_known_by_its_place(write: Write) -> None:
    assert faults_of(write("testhavn.toml", "rules = [3]")) == [("testhavn.toml", "number 1", None)]


def test_a_rule_that_tells_a_municipality_of_an_inquiry_is_named_with_file_rule_and_field(write: Write) -> None:
    opened = rule(opened_by='[{ fact = "WomanAdmitted" }]', met_by='[{ fact = "InquiryAssessed" }]', per='"inquiry"')
    owed = rule(
        id='"second"',
        opened_by='[{ fact = "InterviewHeld" }]',
        met_by='[{ fact = "InquiryAssessed" }]',
        per='"inquiry"',
        owed_by='"home-municipality"',
    )

    assert faults_of(write("testhavn.toml", opened, owed)) == [
        ("testhavn.toml", "welcome-talk", "opened_by[0]"),
        ("testhavn.toml", "second", "owed_by"),
    ]


def test_only_hellerup_owes_an_inquiry_anything() -> None:
    assert {standard.id for standard in Rulebook.load().standards if standard.owes_inquiries} == {"hellerup"}


# Faults, all at once


def test_a_faulty_parent_is_not_also_called_a_missing_one(write: Write) -> None:
    parent = write("parent.toml", id='"testlov"', colour='"blue"')
    child = write("testhavn.toml", rule(id='"own"'), parent='"testlov"', without='["welcome-talk"]')

    assert faults_of(parent, child) == [("parent.toml", None, "colour")]


def test_every_fault_of_every_file_is_told_at_once(write: Write, tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("[[[", encoding="utf-8")
    bad_rules = write(
        "bad-rules.toml",
        rule(due="{}", opened_by='[{ fact = "Nope" }]', source='{ section = "1", basis = "standard" }'),
        rule(id='"second"', per='"household"'),
        rule(id='"second"'),
        colour='"blue"',
    )
    orphan = write("orphan.toml", id='"orphan"', parent='"nowhere"')
    circle = write("circle.toml", id='"circle"', parent='"circle"')
    earlier = write("earlier.toml", id='"twice"')
    later = write("later.toml", id='"twice"', version='"2"', in_force_from="2022-01-01", without='["psychology-child"]')

    assert sorted(faults_of(broken, bad_rules, orphan, circle, earlier, later), key=str) == sorted(
        [
            ("broken.toml", None, None),
            ("bad-rules.toml", None, "colour"),
            ("bad-rules.toml", "welcome-talk", "due"),
            ("bad-rules.toml", "welcome-talk", "opened_by[0].fact"),
            ("bad-rules.toml", "welcome-talk", "source.document"),
            ("bad-rules.toml", "second", "per"),
            ("bad-rules.toml", "second", "id"),
            ("orphan.toml", None, "parent"),
            ("circle.toml", None, "parent"),
            ("later.toml", None, "in_force_from"),
            ("later.toml", "psychology-child", "without"),
        ],
        key=str,
    )


def test_a_name_cannot_forge_a_second_fault(write: Write) -> None:
    path = write("testhavn.toml", rule(id='"a\\nother.toml: rule b"'))

    assert message_of(path).splitlines()[0].startswith("testhavn.toml: rule a?other.toml: rule b: id: ")
    assert len(message_of(path).splitlines()) == 1


def test_a_message_never_repeats_a_big_input(write: Write) -> None:
    big = "x" * 5000
    path = write(
        "testhavn.toml",
        rule(id=f'"{big}"', title_da=f'"{big}"', opened_by=f'[{{ fact = "{big}" }}]'),
        rule(**{big: "1"}),
        rule(id='"third"', met_by=f'[{{ fact = "RiskAssessed", when = {{ {big} = 1 }} }}]'),
        **{big: "1"},
    )

    message = message_of(path)

    assert len(message.splitlines()) == 6
    assert "x" * 100 not in message
    assert all(len(line) < 400 for line in message.splitlines())


# Reminders and escalation


@pytest.mark.parametrize(("own", "first"), [(None, date(2026, 3, 3)), ("5", date(2026, 2, 26)), ("0", date(2026, 3, 5))])
def test_a_standard_says_how_many_working_days_ahead_it_reminds(write: Write, own: str | None, first: date) -> None:
    standard = Rulebook.load([write(remind_working_days=own)]).standard("testhavn", date(2026, 1, 1))

    assert standard.remind_on(standard.rule("welcome-talk"), date(2026, 3, 5)) == first


def test_a_rule_says_otherwise_and_a_parents_days_are_inherited(write: Write) -> None:
    parent = write("parent.toml", id='"parenthavn"', remind_working_days="4")
    child = write("child.toml", rule(id='"own"', remind_working_days="1"), parent='"parenthavn"')
    standard = Rulebook.load([parent, child]).standard("testhavn", date(2026, 1, 1))

    assert standard.remind_on(standard.rule("own"), date(2026, 3, 5)) == date(2026, 3, 4)
    assert standard.remind_on(standard.rule("welcome-talk"), date(2026, 3, 5)) == date(2026, 2, 27)


def test_a_window_reminds_only_where_its_rule_says_so(write: Write) -> None:
    windows = [rule(id='"quiet"', last_day_meets="true"), rule(id='"loud"', last_day_meets="true", remind_working_days="1")]
    standard = Rulebook.load([write("testhavn.toml", *windows)]).standard("testhavn", date(2026, 1, 1))

    assert standard.remind_on(standard.rule("quiet"), date(2026, 3, 5)) is None
    assert standard.remind_on(standard.rule("loud"), date(2026, 3, 5)) == date(2026, 3, 4)


def test_what_has_no_term_reminds_of_nothing(write: Write) -> None:
    file = write("testhavn.toml", rule(due=None, remind_working_days="1"))
    assert message_of(file) == (
        "testhavn.toml: rule welcome-talk: due: is missing; without a term there is no remind_working_days"
    )


@pytest.mark.parametrize(
    ("owed_by", "said", "told"),
    [
        ("shelter", None, True),
        ("shelter", "false", False),
        ("home-municipality", None, False),
        ("home-municipality", "true", True),
    ],
)
def test_the_leader_is_told_of_what_the_shelter_missed_and_of_what_the_rule_says(
    write: Write, owed_by: str, said: str | None, told: bool
) -> None:
    file = write("testhavn.toml", rule(owed_by=f'"{owed_by}"', escalate_to_leader=said))

    assert Rulebook.load([file]).standard("testhavn", date(2026, 1, 1)).rule("welcome-talk").is_escalated is told


# Until when a decision may be complained of


def term(within: str, source: str = RULE["source"]) -> str:
    return f"{{ refusal = {{ within = {within}, source = {source} }} }}"


@pytest.mark.parametrize("unit", ["days", "weeks", "months"])
def test_a_complaint_has_a_term_on_the_calendar(write: Write, unit: str) -> None:
    file = write(complaint_terms=term(f"{{ {unit} = 1 }}"))

    terms = Rulebook.load([file]).standard("testhavn", date(2024, 1, 1)).complaint_terms
    assert terms["refusal"].within.model_dump(exclude_none=True) == {unit: 1}
    assert (terms["refusal"].source.document, terms["refusal"].source.section) == ("Prøvestandard", "1")


def test_a_complaints_term_is_inherited_and_another_put_in_its_place(write: Write) -> None:
    book = Rulebook.load([write(complaint_terms=term("{ weeks = 6 }"))])
    national, own = (book.standard(name, date(2024, 1, 1)).complaint_terms for name in ("serviceloven", "testhavn"))

    assert set(own) == set(national) == {"refusal", "discharge", "expulsion"}
    assert (national["refusal"].within.weeks, own["refusal"].within.weeks) == (4, 6)
    assert (own["discharge"], own["expulsion"]) == (national["discharge"], national["expulsion"])


@pytest.mark.parametrize(
    ("terms", "complaint"),
    [
        (term("{ working_days = 20 }"), "complaint_terms.refusal.within: is counted on a calendar: in days, weeks or months"),
        (term("{ same_day = true }"), "complaint_terms.refusal.within: is counted on a calendar: in days, weeks or months"),
        (term("{}"), "complaint_terms.refusal.within: needs exactly one unit"),
        (term("{ weeks = 0 }"), "complaint_terms.refusal.within.weeks: is 1 or more"),
        (term("{ weeks = 1 }", '{ section = "1", basis = "standard" }'), "complaint_terms.refusal.source.document: is missing"),
        (
            term("{ weeks = 1 }", '{ document = "D", section = "1", basis = "assumed" }'),
            "complaint_terms.refusal.source.note: an assumed rule needs a note",
        ),
        ("{ refusal = { weeks = 4 } }", "complaint_terms.refusal.within: is missing"),
        ("{ refusal = 4 }", "complaint_terms.refusal: needs a table"),
        (term("{ weeks = 1 }").replace("refusal", "tests"), "complaint_terms.tests.[key]: is one of: 'refusal'"),
        (term("{ weeks = 1 }").replace("refusal", "when"), "complaint_terms.when.[key]: is one of: 'refusal'"),
    ],
)
def test_a_fault_in_a_complaints_term_is_told(write: Write, terms: str, complaint: str) -> None:
    assert f"testhavn.toml: {complaint}" in message_of(write(complaint_terms=terms))

"""The last that is allowed and the first that is not: days, lengths, numbers, and versions in any order."""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from havn_standards import Rulebook, StandardInvalid, StandardUnknown
from havn_standards.calendar import CalendarUnknown, Term, days_ahead
from havn_standards.rule import AttributeTest
from tests.unit.standards.test_rulebook import Write, faults_of, message_of, rule, write

__all__ = ["write"]


def quoted(text: str) -> str:
    return f'"{text}"'


# Days


@pytest.mark.parametrize("last", [date(2005, 12, 31), date(2051, 1, 1)])
def test_nobody_is_reminded_of_a_day_whose_year_is_unknown(last: date) -> None:
    with pytest.raises(CalendarUnknown):
        days_ahead(last, 2)


def test_the_first_and_the_last_known_day_are_reminded_of() -> None:
    assert days_ahead(date(2006, 1, 1), 2) == date(2006, 1, 1)
    assert days_ahead(date(2050, 12, 31), 0) == date(2050, 12, 30)


def test_an_instant_is_no_last_day() -> None:
    with pytest.raises(TypeError, match="not an instant"):
        days_ahead(datetime(2024, 1, 1), 2)  # noqa: DTZ001


@pytest.mark.parametrize("unit", ["working_days", "days", "weeks", "months"])
def test_no_unit_of_a_term_is_zero_not_even_beside_another(unit: str) -> None:
    other = "days" if unit != "days" else "weeks"
    with pytest.raises(ValidationError, match=r"greater than or equal to 1|is a second unit beside"):
        Term.model_validate({unit: 0, other: 3})


@pytest.mark.parametrize(("day", "valid"), [("[2, 28]", True), ("[2, 29]", True), ("[2, 30]", False)])
def test_a_closing_day_may_be_the_leap_day(write: Write, day: str, valid: bool) -> None:
    path = write(closing_days=f"[{day}]")
    if valid:
        assert len(Rulebook.load([path]).standard("testhavn", date(2024, 1, 1)).closing_days) == 1
    else:
        assert "is not a [month, day] of the year" in message_of(path)


# Lengths and numbers


@pytest.mark.parametrize(("length", "valid"), [(1, False), (2, True), (60, True), (61, False)])
def test_a_rules_id_has_2_to_60_characters(write: Write, length: int, valid: bool) -> None:
    path = write("testhavn.toml", rule(id=quoted("r" * length)))
    if valid:
        assert Rulebook.load([path]).standard("testhavn", date(2024, 1, 1)).rule("r" * length)
    else:
        assert faults_of(path) == [("testhavn.toml", "r" * length, "id")]


@pytest.mark.parametrize(("length", "valid"), [(40, True), (41, False)])
def test_a_standards_id_has_at_most_40_characters(write: Write, length: int, valid: bool) -> None:
    path = write(id=quoted("s" * length))
    if valid:
        assert Rulebook.load([path]).standard("s" * length, date(2024, 1, 1))
    else:
        assert faults_of(path) == [("testhavn.toml", None, "id")]


@pytest.mark.parametrize(("length", "valid"), [(1, True), (200, True), (201, False)])
def test_a_title_has_at_most_200_characters(write: Write, length: int, valid: bool) -> None:
    path = write(title=quoted("T" * length))
    if valid:
        assert Rulebook.load([path]).standard("testhavn", date(2024, 1, 1)).title == "T" * length
    else:
        assert faults_of(path) == [("testhavn.toml", None, "title")]


@pytest.mark.parametrize(("ahead", "valid"), [(-1, False), (0, True), (60, True), (61, False)])
def test_reminders_come_at_most_60_working_days_ahead(write: Write, ahead: int, valid: bool) -> None:
    path = write(remind_working_days=str(ahead))
    if valid:
        assert Rulebook.load([path]).standard("testhavn", date(2024, 1, 1)).remind_working_days == ahead
    else:
        assert faults_of(path) == [("testhavn.toml", None, "remind_working_days")]


def test_only_a_number_of_days_is_exceeded() -> None:
    fields = {"attribute": "destination", "relation": "more-than", "values": ["family"]}
    with pytest.raises(ValidationError, match="takes one whole number of days"):
        AttributeTest.model_validate(fields)


# What a fault shows


@pytest.mark.parametrize(("length", "shown"), [(80, "A" * 80), (81, "A" * 80 + "…")])
def test_a_fault_shows_80_characters_of_a_rules_id(write: Write, length: int, shown: str) -> None:
    assert faults_of(write("testhavn.toml", rule(id=quoted("A" * length)))) == [("testhavn.toml", shown, "id")]


def test_a_fault_shows_40_characters_of_an_unknown_attribute(write: Write) -> None:
    opened = f'[{{ fact = "WomanAdmitted", when = {{ {"a" * 50} = 1 }} }}]'
    assert f"'{'a' * 40}' is not an attribute" in message_of(write("testhavn.toml", rule(opened_by=opened)))


def test_a_fault_shows_300_characters_of_what_the_reader_of_toml_says(tmp_path: Path) -> None:
    content = f"[{'k' * 1000}]\n[{'k' * 1000}]\n"
    with pytest.raises(tomllib.TOMLDecodeError) as said:
        tomllib.loads(content)
    path = tmp_path / "broken.toml"
    path.write_text(content, encoding="utf-8")
    assert message_of(path) == f"broken.toml: is not TOML: {str(said.value)[:300]}"


@pytest.mark.parametrize("rule_id", ['""', "5", "[]"])
def test_a_rule_whose_id_is_no_text_is_known_by_its_place(write: Write, rule_id: str) -> None:
    assert faults_of(write("testhavn.toml", rule(), rule(id=rule_id))) == [("testhavn.toml", "number 2", "id")]


# Versions in time

THREE: Mapping[str, tuple[str, str | None]] = {
    "1": ("2021-01-01", "2021-12-31"),
    "2": ("2022-01-01", "2022-12-31"),
    "3": ("2023-01-01", None),
}
DAYS = [date(2021, 12, 31), date(2022, 1, 1), date(2022, 12, 31), date(2023, 1, 1)]


def three_versions(write: Write, standard: str, **header: str | None) -> list[Path]:
    return [
        write(
            f"{standard}-{version}.toml",
            id=quoted(standard),
            version=quoted(version),
            in_force_from=starts,
            in_force_to=ends,
            **header,
        )
        for version, (starts, ends) in THREE.items()
    ]


def test_each_of_three_versions_holds_in_its_own_year_in_whatever_order_they_are_read(write: Write) -> None:
    versions = three_versions(write, "testhavn")
    for files in (versions, versions[::-1]):
        book = Rulebook.load(files)
        assert [book.standard("testhavn", day).version for day in DAYS] == [
            f"{version}-serviceloven-2020" for version in ("1", "2", "2", "3")
        ]


def test_a_child_follows_each_of_its_parents_three_versions(write: Write) -> None:
    parents = three_versions(write, "testlov", parent=None)
    child = write("child.toml", rule(id='"own-rule"'), parent='"testlov"', in_force_from="2021-06-01")
    book = Rulebook.load([*parents, child])
    assert [book.standard("testhavn", day).version for day in DAYS] == [f"1-testlov-{version}" for version in ("1", "2", "2", "3")]
    assert len([standard for standard in book.standards if standard.id == "testhavn"]) == 3


def test_a_child_that_came_later_never_met_its_parents_first_version(write: Write) -> None:
    parents = three_versions(write, "testlov", parent=None)
    child = write("child.toml", rule(id='"own-rule"'), parent='"testlov"', in_force_from="2022-06-01")
    book = Rulebook.load([*parents, child])
    assert [standard.version for standard in book.standards if standard.id == "testhavn"] == ["1-testlov-2", "1-testlov-3"]
    with pytest.raises(StandardUnknown):
        book.standard("testhavn", date(2022, 5, 31))


def test_a_parent_that_is_missing_is_told_once(write: Write) -> None:
    with pytest.raises(StandardInvalid) as caught:
        Rulebook.load([write(parent='"nowhere"')])
    assert [(fault.field, fault.message) for fault in caught.value.faults] == [
        ("parent", "names a standard that no readable file defines")
    ]


# Several at once


def test_of_three_units_the_second_and_the_third_are_told_beside_the_first() -> None:
    with pytest.raises(ValidationError) as caught:
        Term.model_validate({"working_days": 1, "days": 2, "weeks": 3})

    assert [(error["loc"], error["msg"].split(";")[0]) for error in caught.value.errors()] == [
        (("days",), "Value error, is a second unit beside working_days"),
        (("weeks",), "Value error, is a second unit beside working_days"),
    ]


def test_the_length_of_a_stay_belongs_to_the_move_out_also_beside_another_condition(write: Write) -> None:
    opened_by = '[{ fact = "WomanAdmitted", when = { anonymous = true, stay_longer_than_days = 3 } }]'
    assert "only WomanMovedOut tells the length of the stay" in message_of(write("testhavn.toml", rule(opened_by=opened_by)))


def test_any_of_one_fact_may_be_said_in_so_many_words(write: Write) -> None:
    book = Rulebook.load([write("testhavn.toml", rule(meets='"any"'))])
    assert book.standard("testhavn", date(2024, 1, 1)).rule("welcome-talk").meets == "any"


def test_all_of_facts_that_cannot_be_read_is_one_fault(write: Write) -> None:
    path = write("testhavn.toml", rule(meets='"all"', met_by='[{ fact = "Nope" }]'))
    assert faults_of(path) == [("testhavn.toml", "welcome-talk", "met_by[0].fact")]


def test_a_rule_without_a_term_reminds_nobody_though_its_standard_does(write: Write) -> None:
    book = Rulebook.load([write("testhavn.toml", rule(due=None), remind_working_days="5")])
    standard = book.standard("testhavn", date(2024, 1, 1))
    assert standard.reminds_ahead(standard.rule("welcome-talk")) is None

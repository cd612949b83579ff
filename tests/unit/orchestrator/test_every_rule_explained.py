"""Every rule of every published standard is explained in both languages, from its own opening fact."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from havn_standards import Rule, Rulebook, Standard, count
from orchestrator.why import Why, explain

BOOK = Rulebook.load()
RULES = [(standard, rule) for standard in BOOK.standards for rule in standard.rules]
DAY_0 = date(2024, 3, 25)
"""The Monday before Easter 2024: three holidays and a weekend follow within five working days."""


def explained(standard: Standard, rule: Rule) -> Why:
    last = count(rule.due, DAY_0, standard.closing_days).due if rule.due else None
    fact = rule.due_from or rule.opened_by[0].fact
    opened = {
        "type": "ObligationOpened",
        "occurred_on": DAY_0,
        "recorded_at": datetime(2024, 3, 25, 11, tzinfo=UTC),
        "due": last,
        "due_before": None,
        "late": None,
        "working_days": None,
        "municipality": None,
        "fact": fact,
        "fact_id": UUID(int=9),
        "fact_occurred_on": DAY_0,
        "fact_recorded_at": None,
    }
    obligation = {
        "obligation_id": UUID(int=1),
        "rule": rule.id,
        "standard": standard.id,
        "standard_version": standard.version,
        "due": last,
        "counted_from": DAY_0 if last else None,
    }
    return explain(obligation, [opened], BOOK)


@pytest.mark.parametrize(("standard", "rule"), RULES, ids=[f"{standard.id}/{rule.id}" for standard, rule in RULES])
def test_a_rule_is_explained_with_its_title_its_section_and_every_day_counted(standard: Standard, rule: Rule) -> None:
    why = explained(standard, rule)
    danish, english = why.explanation_da, why.explanation_en

    assert danish.startswith(f"{rule.title_da}.")
    assert english.startswith(f"{rule.title_en}.")
    for said in (danish, english):
        assert f"{rule.source.document}, {rule.source.section}." in said
    assert f"\nBemærkning: {rule.source.note_da}\n" in danish
    assert f"\nNote: {rule.source.note}\n" in english
    assert len(danish.splitlines()) == len(english.splitlines())
    course = ("Forløbet er fuldført med mindst ", "The course is completed with at least ")
    assert [said in told for said, told in zip(course, (danish, english), strict=True)] == [rule.course is not None] * 2
    if rule.due is not None and rule.due.working_days:
        last = count(rule.due, DAY_0, standard.closing_days).due
        days = [DAY_0 + timedelta(days=n) for n in range(1, (last - DAY_0).days + 1)]
        assert sum(f"{day.day} {day:%B} {day.year}: " in english for day in days) == len(days)
        assert "Skærtorsdag" in danish
        assert "Maundy Thursday" in english


def test_what_completes_a_course_is_told() -> None:
    standard = BOOK.standard("hellerup", DAY_0)
    why = explained(standard, standard.rule("aftercare-course"))

    assert "\nForløbet er fuldført med mindst 3 besøg og efter mindst 3 måneder.\n" in why.explanation_da
    assert "\nThe course is completed with at least 3 visits and after at least 3 months.\n" in why.explanation_en

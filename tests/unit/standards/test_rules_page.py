"""The page of rules names every rule of every published standard, with where it stands and when it is due, and no other."""

from pathlib import Path

import pytest

from havn_standards import Rule
from havn_standards.rule import AttributeTest
from orchestrator.words import fact_name, term_in_words
from tests.unit.standards.test_published_standards import BOOK, IN_FORCE, OWN

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/rules.md").read_text()
CASES = ROOT / "tests/unit/orchestrator"
HEADER = "| obligation | standard | rule | document | section | term | counted from | condition | basis | in a case |"


def rows(header: str) -> list[list[str]]:
    """The cells of each row, from the header to the first line that is none."""
    lines = PAGE.splitlines()
    start = lines.index(header) + 2
    end = next(n for n in range(start, len(lines)) if not lines[n].startswith("|"))
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines[start:end]]


ROWS = rows(HEADER)


def test_every_rule_is_on_the_page_once_and_no_other() -> None:
    assert sorted(f"{standard}/{rule}" for _, standard, rule, *_ in ROWS) == sorted(OWN)


def term(rule: Rule) -> str:
    """For example ``3 working days``; for a ledger also how much of it, for a course what completes it."""
    length = term_in_words(rule.due).en if rule.due else "no day"
    if rule.course:
        length += f"; {rule.course.visits} visits over {term_in_words(rule.course.lasts).en}"
    return f"{length}; {rule.amount.floor} to {rule.amount.ceiling} {rule.amount.unit}" if rule.amount else length


def counted_from(rule: Rule) -> str:
    """For example ``admission``; without a day, what it arises from."""
    facts = [rule.due_from] if rule.due_from else [trigger.fact for trigger in rule.opened_by]
    return ", ".join(fact_name(fact).en for fact in facts)


def condition(rule: Rule) -> str:
    """What must hold of the fact it arises from, for example ``complaint about: refusal, discharge``."""
    return "; ".join(dict.fromkeys(told(test) for trigger in rule.opened_by for test in trigger.when.tests))


def told(test: AttributeTest) -> str:
    relation = {"any-of": ":", "none-of": " not:", "more-than": " more than"}[test.relation]
    values = ", ".join(str(value).lower().replace("-", " ") for value in test.values)
    return f"{test.attribute.replace('_', ' ')}{relation} {values}"


TERMS_HEADER = "| complaint of | standard | in time within | document | section | basis |"
TERMS = [
    (about, standard.id, term)
    for standard in BOOK.standards
    for about, term in standard.complaint_terms.items()
    if standard.parent is None or term != IN_FORCE[standard.parent].complaint_terms.get(about)
]


def test_until_when_a_decision_may_be_complained_of_is_on_the_page_and_nothing_else() -> None:
    told = [
        [about, standard, term_in_words(term.within).en, term.source.document, term.source.section, term.source.basis]
        for about, standard, term in TERMS
    ]

    assert sorted(rows(TERMS_HEADER)) == sorted(told)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[1]}/{row[2]}")
def test_a_row_says_what_the_data_says_and_names_a_test_of_the_rule(row: list[str]) -> None:
    _, standard, rule_id, *said, file = row
    _, rule = OWN[f"{standard}/{rule_id}"]
    source = rule.source

    assert said == [source.document, source.section, term(rule), counted_from(rule), condition(rule), source.basis]
    shown = (CASES / file).read_text()
    assert f'"{rule_id}"' in shown
    assert f'"{standard}"' in shown

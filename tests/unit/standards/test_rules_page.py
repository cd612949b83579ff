"""The page of rules names every rule of every published standard, with its section, and no other."""

from pathlib import Path

import pytest

from tests.unit.standards.test_published_standards import OWN

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/rules.md").read_text()
CASES = ROOT / "tests/unit/orchestrator"
HEADER = "| obligation | standard | rule | section | basis | in a case |"


def rows() -> list[list[str]]:
    """The cells of each row, from the header to the first line that is none."""
    lines = PAGE.splitlines()
    start = lines.index(HEADER) + 2
    end = next(n for n in range(start, len(lines)) if not lines[n].startswith("|"))
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines[start:end]]


ROWS = rows()


def test_every_rule_is_on_the_page_once_and_no_other() -> None:
    assert sorted(f"{standard}/{rule}" for _, standard, rule, *_ in ROWS) == sorted(OWN)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[1]}/{row[2]}")
def test_a_row_says_what_the_data_says_and_names_a_test_of_the_rule(row: list[str]) -> None:
    _, standard, rule_id, section, basis, file = row
    _, rule = OWN[f"{standard}/{rule_id}"]

    assert (section, basis) == (rule.source.section, rule.source.basis)
    told = (CASES / file).read_text()
    assert f'"{rule_id}"' in told
    assert f'"{standard}"' in told

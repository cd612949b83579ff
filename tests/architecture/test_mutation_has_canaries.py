"""The mutation tests are tested: a weak test lets a mutant survive, and that is said."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.mutation.mutants import mutants_of

ROOT = Path(__file__).parents[2]
TERM = '''"""A rule to change."""

from functools import cache

DAYS = 4


@cache
def late(day: int) -> bool:
    """After the fourth day."""
    return day > DAYS


def describe(day: int) -> str:
    """Never called by a test."""
    if day == 1:
        return "the first day"
    return "another day"
'''
RUN = """
import sys
from pathlib import Path
from tests.mutation.__main__ import Package, score_of
top = Path(sys.argv[1])
score = score_of(Package("havn_term", top / "src/havn_term", top / "tests"), dict.fromkeys(sys.argv[2:], "a reason"), None, 0)
print("\\n".join(score.lines()))
sys.exit(0 if score.holds else 1)
"""
MOVED = "havn_term.rule:late: day > DAYS -> day >= DAYS"
NEVER_CALLED = [
    "havn_term.rule:describe: if day == 1: ... -> if not day == 1: ...",
    "havn_term.rule:describe: day == 1 -> day != 1",
    "havn_term.rule:describe: 1 -> 2",
    "havn_term.rule:describe: 1 -> 0",
    "havn_term.rule:describe: return 'the first day' -> return None",
    "havn_term.rule:describe: return 'another day' -> return None",
]


def score(folder: Path, days: list[int], *explained: str, right: bool = True) -> subprocess.CompletedProcess[str]:
    """The score of a package of one rule whose only test looks at these days."""
    package = folder / "src" / "havn_term"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "rule.py").write_text(TERM)
    (folder / "tests").mkdir()
    (folder / "tests" / "test_rule.py").write_text(
        "from havn_term.rule import late\n\n\n"
        f"def test_late():\n    assert [late(day) for day in {days}] == {[(day > 4) is right for day in days]}\n"
    )
    return subprocess.run(
        [sys.executable, "-c", RUN, str(folder), *explained],
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{folder / 'src'}"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def survivors(said: str) -> set[str]:
    return {line.split(" ", 4)[-1] for line in said.splitlines() if line.startswith("  SURVIVED")}


def test_a_test_of_the_day_before_and_the_day_after_only_lets_the_comparison_survive(tmp_path: Path) -> None:
    found = score(tmp_path, [3, 5])
    assert found.returncode == 1, found.stderr
    assert survivors(found.stdout) == {MOVED, "havn_term.rule:-: 4 -> 3", *NEVER_CALLED}
    assert "10 mutants, 2 killed, 8 survived (0 of them explained)" in found.stdout


def test_the_day_itself_kills_it_and_what_no_test_calls_still_survives(tmp_path: Path) -> None:
    found = score(tmp_path, [3, 4, 5])
    assert found.returncode == 1, found.stderr
    assert survivors(found.stdout) == set(NEVER_CALLED)


def test_it_holds_when_every_survivor_is_explained(tmp_path: Path) -> None:
    found = score(tmp_path, [3, 4, 5], *NEVER_CALLED)
    assert (found.returncode, survivors(found.stdout)) == (0, set()), found.stderr
    assert "6 survived (6 of them explained)" in found.stdout


def test_an_explanation_of_what_is_noticed_or_gone_is_stale(tmp_path: Path) -> None:
    stale = {MOVED, "havn_term.rule:late: day > DAYS -> day < DAYS", "havn_term.rule:gone: 1 -> 2"}
    found = score(tmp_path, [3, 4, 5], *NEVER_CALLED, *stale)
    assert found.returncode == 1, found.stderr
    assert {line.partition(", no such survivor: ")[2] for line in found.stdout.splitlines() if "STALE" in line} == stale


def test_where_the_test_fails_by_itself_there_is_no_score(tmp_path: Path) -> None:
    found = score(tmp_path, [3, 4, 5], right=False)
    assert found.returncode == 1
    assert "killed" not in found.stdout
    assert "The mutants were not tried" in found.stderr


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ("a < b", {"a < b -> a <= b"}),
        ("a >= b", {"a >= b -> a > b"}),
        ("a and b", {"a and b -> a or b", "a and b -> a", "a and b -> b"}),
        ("max(a, b)", {"max(a, b) -> min(a, b)"}),
        ("7", {"7 -> 8", "7 -> 6"}),
        ("a * b", {"a * b -> a // b"}),
        ("[a for a in b if c]", {"for a in b if c ->  for a in b"}),
    ],
)
def test_what_is_changed(tmp_path: Path, source: str, changes: set[str]) -> None:
    path = tmp_path / "rule.py"
    path.write_text(f"value = {source}\n")
    assert {mutant.name.partition(": ")[2].strip() for mutant in mutants_of(path, "rule")} == changes

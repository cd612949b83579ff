"""The README's way of one rule from its document to a miss, held to what the program says."""

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from havn_events.orchestrator import ObligationOpened
from tests.unit.orchestrator.stay import WOMAN, Stay, happened, lines

ROOT = Path(__file__).parents[3]
ADMITTED = date(2023, 5, 3)
RULE = "risk-assessment"


def block(number: int) -> str:
    """One of the section's blocks: the rule, the question, its answer, what became of it."""
    section = (ROOT / "README.md").read_text().split("## One rule, from document to missed\n")[1].split("\n## ")[0]
    found = re.findall(r"^```\w*\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert len(found) == 4
    return str(found[number])


def test_the_rule_is_that_of_the_rulebook() -> None:
    packaged = (ROOT / "libs/standards/src/havn_standards/data/odense.toml").read_text()

    assert block(0) + "\n" in packaged


def test_the_question_has_the_answer_that_is_printed() -> None:
    havn = Path(sys.executable).with_name("havn")
    question = block(1).replace(".venv/bin/havn", str(havn)).replace("python3", sys.executable)

    told = subprocess.run(["sh", "-c", question], capture_output=True, text=True, check=True, timeout=60)

    assert told.stdout == block(2)


def test_it_is_missed_the_day_after_as_printed() -> None:
    stay = Stay("odense", ADMITTED)
    stay.pass_day(date(2023, 5, 11))

    assert "".join(f"{line}\n" for line in happened(stay, RULE, "en")) == block(3)


@pytest.mark.parametrize(("day", "missed"), [(10, False), (11, True), (12, True)])
def test_a_day_that_is_over_misses_it_from_the_last_one_on(day: int, missed: bool) -> None:
    stay = Stay("odense", ADMITTED)
    stay.pass_day(date(2023, 5, day))

    assert any("12 May 2023: not met in time" in line for line in lines(stay, RULE, "en")) is missed


@pytest.mark.parametrize(("on", "state"), [(10, "met"), (11, "met"), (12, "met late")])
def test_an_assessment_on_the_day_before_the_day_and_the_day_after(on: int, state: str) -> None:
    stay = Stay("odense", ADMITTED)
    stay.take("RiskAssessed", date(2023, 5, on), person_id=WOMAN)

    assert lines(stay, RULE, "en")[-1] == f"It is now: {state}."


def test_the_first_report_owes_what_is_printed() -> None:
    """But for the ids, which belong to a running installation."""
    section = (ROOT / "README.md").read_text().split("## A first report\n")[1].split("\n## ")[0]
    (printed,) = [found for found in re.findall(r"^```\w*\n(.*?)^```$", section, re.MULTILINE | re.DOTALL) if "None open" in found]
    stay = Stay("hellerup", date(2024, 12, 30), date(2024, 12, 31))
    stay.take("MunicipalityNotified", date(2024, 12, 31), attributes={"notice": "admission", "anonymous": False})

    opened = {event.obligation_id: event for event, _ in stay.recorded if isinstance(event, ObligationOpened)}
    owed = {(o.rule, opened[o.id].owed_by, str(o.due), o.status) for o in stay.state.obligations.values()}
    assert {tuple(line.split()[:4]) for line in printed.splitlines()} == owed

"""Who lags behind, and what the tables show."""

from io import StringIO
from typing import Any

from rich.console import Console
from rich.table import Table

from havn_embedded.demonstration.play import lagging
from havn_embedded.demonstration.report import counts_table, kept_table


def positions(intake_relay: int = 7, orchestrator_inbox: int = 7) -> dict[str, Any]:
    return {
        "intake": {"head": 7, "relays": {"intake": intake_relay}, "inboxes": {}},
        "orchestrator": {"head": 3, "relays": {"orchestrator": 3}, "inboxes": {"intake.0": orchestrator_inbox}},
    }


def test_nobody_lags_when_everything_is_published_and_applied() -> None:
    assert lagging(positions()) == []


def test_a_relay_lags_until_it_has_published_the_last_event() -> None:
    assert lagging(positions(intake_relay=6)) == ["relay intake of intake"]


def test_an_inbox_lags_until_it_has_applied_the_last_event_of_its_upstream() -> None:
    assert lagging(positions(orchestrator_inbox=6)) == ["inbox intake.0 of orchestrator"]


def shown(table: Table) -> list[list[str]]:
    written = StringIO()
    Console(file=written, width=200).print(table)
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in written.getvalue().splitlines() if "│" in line]


def line(municipality: str | None, rule: str, **states: int) -> dict[str, Any]:
    none = {"owed": 0, "met": 0, "met_late": 0, "missed": 0, "open": 0, "cancelled": 0, "transferred": 0}
    return {"municipality": municipality, "rule": rule, **none, **states}


def test_what_a_municipality_owes_is_kept_apart_from_what_the_shelter_owes() -> None:
    summary = [
        line("0101", "initial-advice", owed=3, met=1, missed=2),
        line("0101", "advice-start", owed=1, met_late=1),
        line("0101", "stay-plan", owed=5, met=4, open=1),
        line("0461", "advice-start", owed=1, cancelled=1),
    ]
    owed_by = {"initial-advice": "home-municipality", "advice-start": "home-municipality", "stay-plan": "shelter"}
    assert shown(kept_table(summary, owed_by)) == [
        ["København", "0101", "4", "1", "1", "2", "0", "0", "0"],
        ["Odense", "0461", "1", "0", "0", "0", "0", "1", "0"],
        ["the shelter", "", "5", "4", "0", "0", "1", "0", "0"],
        ["together", "", "10", "5", "1", "2", "1", "1", "0"],
    ]


def test_a_count_that_differs_is_marked() -> None:
    found = {"moved-out": {"residents": 36.0, "children": 24.0, "guests": 1.0}}
    expected = {"moved-out": {"residents": 37.0, "children": 24.0}}
    assert shown(counts_table(found, expected)) == [
        ["moved out", "residents", "36", "37", "✗"],
        ["moved out", "children", "24", "24", "✓"],
        ["moved out", "guests", "1", "0", "✗"],
    ]

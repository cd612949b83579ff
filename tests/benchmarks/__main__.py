"""``python -m tests.benchmarks``: measure, print one table, keep everything in bench.json.

It asserts nothing about time: every figure is read beside another one, taken in turn with it in the same run.
"""

import json
import platform
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from time import perf_counter
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from havn_chassis.service import look_less_often_for_cycles
from havn_chassis.telemetry import configure_logging
from tests.benchmarks import (
    admitting,
    applying,
    calling,
    checking,
    delivering,
    growing,
    noticing,
    publishing,
    rebuilding,
    ruling,
    sweeping,
)
from tests.benchmarks.figures import Figure, Memory, Outcome
from tests.benchmarks.rig import Rig, rigged
from tests.conftest import ROOT

BENCHMARKS: Mapping[str, Callable[[Rig], Outcome]] = {
    "apply": applying.measure,
    "relay": publishing.measure,
    "admission": admitting.measure,
    "notice": noticing.measure,
    "rebuild": rebuilding.measure,
    "growth": growing.measure,
    "rules": ruling.measure,
    "sweep": sweeping.measure,
    "deliver": delivering.measure,
    "token": checking.measure,
    "webhooks": calling.measure,
}
KEPT = ROOT / "bench.json"
IN_FULL, QUICKLY = (1, 5), (5, 3)
"""The share of the work, as one part in so many, and the rounds."""


class Name(StrEnum):
    """The benchmarks by name."""

    APPLY = "apply"
    RELAY = "relay"
    ADMISSION = "admission"
    NOTICE = "notice"
    REBUILD = "rebuild"
    GROWTH = "growth"
    RULES = "rules"
    SWEEP = "sweep"
    DELIVER = "deliver"
    TOKEN = "token"
    WEBHOOKS = "webhooks"


def main(
    only: Annotated[list[Name] | None, typer.Option(help="Only this one; may be given again.")] = None,
    quick: Annotated[bool, typer.Option(help="A fifth of the work in fewer rounds: for trying out, not for comparing.")] = False,
) -> None:
    """Measure how fast Havn is and how much memory it takes, as ratios of figures taken in the same run."""
    console = Console()
    configure_logging("benchmarks", "CRITICAL")
    look_less_often_for_cycles()
    outcomes: dict[str, Outcome] = {}
    for name in [str(name) for name in only or list(Name)]:
        begun = perf_counter()
        with rigged(*(QUICKLY if quick else IN_FULL)) as rig:
            outcomes[name] = BENCHMARKS[name](rig)
        ratios = " ".join(f"{figure.ratio:.2f}" for figure in outcomes[name].figures)
        console.print(f"{name}: {ratios} ({perf_counter() - begun:.0f} s)")
    console.print(_figures([figure for outcome in outcomes.values() for figure in outcome.figures]))
    held = [held for outcome in outcomes.values() for held in outcome.memory]
    if held:
        console.print(_memory(held))
    _keep(outcomes, quick)
    console.print(f"Kept in {KEPT.name}.")


def _figures(figures: list[Figure]) -> Table:
    table = Table("what", "measured", "beside it", "", "unit", "ratio", "rounds", "reach", "reached")
    for column in (1, 3, 5, 7):
        table.columns[column].justify = "right"
    for row in figures:
        table.add_row(
            row.what,
            f"{row.measured:,.1f}",
            row.beside,
            f"{row.floor:,.1f}",
            row.unit,
            f"{row.ratio:.2f}",
            f"{min(row.ratios):.2f} to {max(row.ratios):.2f}",
            f"{'≤' if row.at_most else '≥'} {row.reach}",
            _yes(row.reached),
        )
    return table


def _memory(held: list[Memory]) -> Table:
    table = Table("process", "resident MB", "reach", "reached")
    for row in held:
        below = row.below_mb
        reach = "" if below is None else f"< {below:.0f}"
        table.add_row(row.process, f"{row.rss_mb:.0f}", reach, "" if below is None else _yes(row.rss_mb < below))
    return table


def _yes(reached: bool) -> str:
    return "[green]yes[/green]" if reached else "[red]no[/red]"


def _keep(outcomes: Mapping[str, Outcome], quick: bool) -> None:
    kept = {
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "quick": quick,
        "figures": [{"benchmark": name, **asdict(f), "reached": f.reached} for name, o in outcomes.items() for f in o.figures],
        "memory": [{"benchmark": name, **asdict(m)} for name, o in outcomes.items() for m in o.memory],
    }
    KEPT.write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    typer.run(main)

"""What came of the year: who owed what and how it was kept, and whether the counts are the published ones."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table

from havn_embedded.demonstration.counts import ChildStay, ResidentStay, Tables, counted, published
from havn_embedded.demonstration.play import Platform, Stack
from havn_embedded.demonstration.residents import FIRST, ROOMS
from havn_events.municipalities import MUNICIPALITIES

STATES = ("owed", "met", "met_late", "missed", "open", "cancelled", "transferred")
HEADINGS = ("owed", "met", "met late", "missed", "still open", "cancelled", "handed over")
SHELTER = "shelter"

Totals = dict[str, int]


def report(stack: Stack, console: Console) -> bool:
    """Print both tables. False when a count differs from the published one. Raises DemonstrationFailed."""
    with Platform(stack) as platform:
        summary = platform.ask("orchestrator", "/summary", "shelter")
        owed_by = {item["rule"]: item["owed_by"] for item in platform.ask_all("orchestrator", "/obligations", "shelter")}
        escalated = len(platform.ask_all("notification", "/notices", "auditor", state="escalated"))
        found = counted(FIRST.year, ROOMS, _outcomes(platform), _stays(platform))
    console.print(kept_table(summary, owed_by))
    console.print(f"Notices that no municipality confirmed in time and that were raised: {escalated}")
    expected = published()
    console.print(counts_table(found, expected))
    return found == expected


def kept_table(summary: Iterable[Mapping[str, Any]], owed_by: Mapping[str, str]) -> Table:
    """By municipality what it owed, then what the shelter owed, then both. ``owed_by``: the party that owes, by rule."""
    # Without padding it fits a terminal of 80 columns with no name cut short.
    table = Table(title="What was owed, and how it was kept", padding=0)
    table.add_column("owed by", no_wrap=True)
    table.add_column("code")
    for heading in HEADINGS:
        table.add_column(heading, justify="right")
    municipal: dict[str, Totals] = {}
    shelter, everyone = _none(), _none()
    for line in summary:
        if owed_by.get(line["rule"]) == SHELTER:
            _add(shelter, line)
        else:
            _add(municipal.setdefault(str(line["municipality"]), _none()), line)
        _add(everyone, line)
    for code, totals in sorted(municipal.items()):
        table.add_row(MUNICIPALITIES.get(code, "?"), code, *_cells(totals))
    table.add_section()
    table.add_row("the shelter", "", *_cells(shelter))
    table.add_section()
    table.add_row("together", "", *_cells(everyone), style="bold")
    return table


def counts_table(found: Tables, expected: Tables) -> Table:
    """Every published count beside the one that the platform came to."""
    table = Table("table", "row", title=f"{FIRST.year} as Havn counts it, and as it was published")
    for heading in ("counted", "published"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for name in expected:
        for row in [*expected[name], *(row for row in found[name] if row not in expected[name])]:
            here, there = found[name].get(row, 0), expected[name].get(row, 0)
            mark = "[green]✓[/green]" if here == there else "[red]✗[/red]"
            table.add_row(name.replace("-", " "), row.replace("-", " "), f"{here:g}", f"{there:g}", mark)
        table.add_section()
    return table


def _none() -> Totals:
    return dict.fromkeys(STATES, 0)


def _add(totals: Totals, line: Mapping[str, Any]) -> None:
    for state in STATES:
        totals[state] += line[state]


def _cells(totals: Totals) -> list[str]:
    return [str(totals[state]) for state in STATES]


def _outcomes(platform: Platform) -> dict[str, int]:
    answer = platform.ask("intake", "/inquiries/counts", "shelter", year=FIRST.year)
    outcomes: dict[str, int] = answer["outcomes"]
    if answer["undecided"]:
        outcomes["undecided"] = answer["undecided"]
    return outcomes


def _stays(platform: Platform) -> list[ResidentStay]:
    sessions = _days_of_sessions(platform)
    accepted = {family["stay_id"] for family in platform.ask_all("aftercare", "/aftercare", "shelter") if family["started_on"]}
    return [_stay(platform, item["stay_id"], sessions, accepted) for item in platform.ask_all("intake", "/stays", "shelter")]


def _days_of_sessions(platform: Platform) -> dict[tuple[str, str], list[date]]:
    """The days on which a session was held, by stay and person."""
    days: dict[tuple[str, str], list[date]] = {}
    for row in platform.ask_all("psychology", "/treatments", "auditor"):
        if row["used"]:
            path = f"/stays/{row['stay_id']}/people/{row['person_id']}/treatment"
            sessions = platform.ask("psychology", path, "auditor")["sessions"]
            days[row["stay_id"], row["person_id"]] = [date.fromisoformat(s["day"]) for s in sessions if s["minutes"]]
    return days


def _stay(platform: Platform, stay_id: str, sessions: Mapping[tuple[str, str], list[date]], accepted: set[str]) -> ResidentStay:
    """One stay from the services' answers. None tells a child's destination, so a child that left counts with its mother."""
    stay = platform.ask("intake", f"/stays/{stay_id}", "shelter")
    notices = platform.ask_all("notification", f"/stays/{stay_id}/notices", "shelter")
    notified = {notice["child_id"] for notice in notices if notice["child_notification"] not in (None, "first")}
    moved_out_on = _day(stay["moved_out_on"])

    def treated(person_id: str, until: date | None) -> bool:
        return any(until is None or day <= until for day in sessions.get((stay_id, person_id), []))

    return ResidentStay(
        home_municipality=stay["home_municipality"],
        admitted_on=date.fromisoformat(stay["admitted_on"]),
        moved_out_on=moved_out_on,
        destination=stay["destination"],
        treated=treated(stay["person_id"], moved_out_on),
        aftercare_accepted=stay_id in accepted,
        children=tuple(
            ChildStay(
                birth_month=child["birth_month"],
                arrived_on=date.fromisoformat(child["arrived_on"]),
                left_on=_day(child["left_on"]),
                destination=stay["destination"] if child["left_on"] else None,
                treated=treated(child["person_id"], _day(child["left_on"])),
                notified_further=child["person_id"] in notified,
            )
            for child in stay["children"]
        ),
    )


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None

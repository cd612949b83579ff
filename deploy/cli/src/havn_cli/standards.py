"""``havn standards``: which standards there are, what their rules say, and whether a file is a sound one."""

from calendar import month_name
from collections.abc import Iterable
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from havn_cli import given
from havn_cli.faults import KNOWN_STANDARDS, Fault, told
from havn_cli.given import AsJson, OwnFiles
from havn_cli.output import write_json
from havn_cli.words import completed_by, met_by, reminder, rule_term, term_en, triggers
from havn_standards import Rule, Rulebook, Standard
from havn_standards.rule import ComplaintTerm

app = typer.Typer(help="The standards: list them, show their rules, check a file.", no_args_is_help=True)


@app.command("list")
@told()
def list_standards(own_files: OwnFiles = None) -> None:
    """Every standard with its versions, as JSON."""
    book = Rulebook.load(own_files or ())
    write_json([_overview(list(versions)) for _, versions in groupby(book.standards, key=lambda standard: standard.id)])


def _overview(versions: list[Standard]) -> dict[str, Any]:
    latest = versions[-1]
    return {
        "id": latest.id,
        "title": latest.title,
        "parent": latest.parent,
        "versions": [
            {
                "version": standard.version,
                "in_force_from": standard.in_force_from.isoformat(),
                "in_force_to": standard.in_force_to and standard.in_force_to.isoformat(),
                "rules": len(standard.rules),
            }
            for standard in versions
        ],
    }


@app.command()
@told()
def show(
    standard_id: Annotated[str, typer.Argument(metavar="ID", help="The standard's id, for example odense.")],
    on: Annotated[str | None, typer.Option(metavar="DATE", help="The version for a stay opened on this day.")] = None,
    version: Annotated[str | None, typer.Option(metavar="V", help="Exactly this version.")] = None,
    own_files: OwnFiles = None,
    as_json: AsJson = False,
) -> None:
    """One standard's rules, its own and the inherited ones; without --on or --version its latest version."""
    standard = _wanted(Rulebook.load(own_files or ()), standard_id, on, version)
    if as_json:
        write_json(standard.model_dump(mode="json", exclude_none=True))
    else:
        _print(standard)


def _wanted(book: Rulebook, standard_id: str, on: str | None, version: str | None) -> Standard:
    if on is not None and version is not None:
        raise Fault("A day and a version were given; give one of them.")
    if on is not None:
        return book.standard(standard_id, given.day(on))
    if version is not None:
        return book.version(standard_id, version)
    versions = [standard for standard in book.standards if standard.id == standard_id]
    if not versions:
        raise Fault(f"There is no standard with this id; {KNOWN_STANDARDS}.")
    return versions[-1]


def _print(standard: Standard) -> None:
    console = Console()
    console.print(Text(f"{standard.title}: {standard.id}, version {standard.version}", style="bold"))
    console.print(Text("\n".join(_about(standard)) + "\n"))
    for rule in standard.rules:
        console.print(_table(standard, rule))


def _about(standard: Standard) -> Iterable[str]:
    until = f"to {standard.in_force_to}" if standard.in_force_to else "on"
    yield standard.document
    yield f"In force from {standard.in_force_from} {until}. {len(standard.rules)} rules."
    if standard.parent is not None:
        yield f"Builds on {standard.parent}."
    if standard.closing_days:
        days = ", ".join(f"{day} {month_name[month]}" for month, day in sorted(standard.closing_days))
        yield f"Closed every year on {days}."
    yield f"Anonymous to the home municipality, if she wishes: {'yes' if standard.anonymous_to_home_municipality else 'no'}."
    for about, route in sorted(standard.complaint_routes.items()):
        yield f"Above the leader for complaints of {about}: {route}."
    for decision, term in sorted(standard.complaint_terms.items()):
        source = term.source
        cited = f"{source.document}, {source.section} ({source.basis})"
        yield f"Complaints of {decision}: in time up to {term_en(term.within)} after the decision was received. {cited}."
        if source.note:
            yield f"{source.note_da}\n{source.note}"
    if standard.note:
        yield f"{standard.note_da}\n{standard.note}"


def _table(standard: Standard, rule: Rule) -> Table:
    table = Table(title=rule.id, title_justify="left", title_style="bold", show_header=False)
    table.add_column(style="dim", width=10)
    table.add_column(overflow="fold")
    for label, text in _lines(standard, rule):
        table.add_row(label, Text(text))
    return table


def _lines(standard: Standard, rule: Rule) -> Iterable[tuple[str, str]]:
    yield "Danish", rule.title_da
    yield "English", rule.title_en
    yield "opened by", triggers(rule.opened_by)
    yield "for each", rule.per
    yield "owed", f"{rule.owed_by} → {rule.owed_to}"
    yield "term", rule_term(rule)
    yield "met by", met_by(rule)
    if rule.missed_by:
        yield "missed by", triggers(rule.missed_by)
    if rule.cancelled_by:
        yield "not owed", f"after {triggers(rule.cancelled_by)}"
    if rule.looks_back:
        yield "looks back", "what was noted before it was owed counts too"
    if rule.due is not None:
        yield "reminder", reminder(standard, rule)
    yield "if missed", "the leader is told" if rule.is_escalated else "the leader is not told"
    if rule.shelter_advises_after != "all":
        yield "advised", f"after the move by the shelter's adviser: {rule.shelter_advises_after} only"
    if rule.course is not None:
        yield "completed", f"after {completed_by(rule.course)}"
    yield "document", rule.source.document
    yield "section", rule.source.section
    yield "basis", rule.source.basis
    if rule.source.note:
        yield "note", rule.source.note
        yield "in Danish", str(rule.source.note_da)


@app.command()
@told()
def setting(
    standard_id: Annotated[str, typer.Argument(metavar="ID", help="The standard's id, for example odense.")],
    municipality: Annotated[str | None, typer.Option(metavar="CODE", help="The shelter's own municipality.")] = None,
    on: Annotated[str | None, typer.Option(metavar="DATE", help="The version for a stay opened on this day.")] = None,
    own_files: OwnFiles = None,
) -> None:
    """What a shelter that follows the standard has in HAVN_SHELTERS under its id, as JSON."""
    standard = _wanted(Rulebook.load(own_files or ()), standard_id, on, None)
    entry: dict[str, Any] = {"standard": standard.id}
    if municipality is not None:
        entry["municipality"] = given.municipality(municipality)
    entry["anonymous_to_home_municipality"] = standard.anonymous_to_home_municipality
    entry["complaint_routes"] = standard.complaint_routes
    write_json(entry | {"complaint_terms": {about: _as_set(term) for about, term in standard.complaint_terms.items()}})


def _as_set(term: ComplaintTerm) -> dict[str, Any]:
    source = term.source
    cited = {"document": source.document, "section": source.section, "basis": source.basis}
    return term.within.model_dump(exclude_none=True) | cited


@app.command()
@told()
def check(
    files_to_check: Annotated[list[Path], typer.Argument(metavar="FILE...", help="TOML files, a parent with its child.")],
) -> None:
    """Say "ok", or every fault of the files at once, one on each line."""
    Rulebook.load([file for file in files_to_check if not _is_packaged(file)])
    typer.echo("ok")


def _is_packaged(file: Path) -> bool:
    """A packaged standard is read with the others already; it is not a second version of itself."""
    return file.resolve().parent == Path(str(files("havn_standards").joinpath("data"))).resolve() and file.exists()

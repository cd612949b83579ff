"""``havn due``: what an event opens under a standard, and until when, counted day by day. It needs no server."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any

import typer

from havn_cli import given
from havn_cli.faults import told
from havn_cli.given import OwnFiles
from havn_cli.output import write_json
from havn_cli.words import WEEKDAYS, needs, term_en
from havn_standards import Count, Rule, Rulebook, Standard, count, is_working_day
from havn_standards.rule import Scalar


@told()
def due(
    standard: Annotated[str, typer.Option(help="The standard's id, for example odense.")],
    event: Annotated[str, typer.Option(help="The event, for example WomanAdmitted.")],
    on: Annotated[str, typer.Option(metavar="DATE", help="The business date of the event, in Copenhagen.")],
    attribute: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="What rules ask about the event.")] = None,
    own_files: OwnFiles = None,
) -> None:
    """What an event opens under the standard in force on that day, and every due day counted one by one, as JSON."""
    day, name, attributes = given.day(on), given.event(event), given.attributes(attribute or ())
    is_working_day(day)
    answer = opened(Rulebook.load(own_files or ()).standard(standard, day), name, day, attributes)
    write_json(answer)
    if not (answer["opens"] or answer["counts"] or answer["not_opened"]):
        typer.echo("No rule of this standard is opened by this event or counted from it.", err=True)


def opened(standard: Standard, event: str, on: date, attributes: Mapping[str, Scalar]) -> dict[str, Any]:
    """The rules that the event opens (``opens``), those opened earlier whose term begins with it (``counts``), and those
    that it would open with other attributes (``not_opened``, each with what it ``needs``).

    Raises CalendarUnknown where a due day lies outside the known years.
    """
    by_event = standard.rules_opened_by(event)
    opening = [rule for rule in by_event if _opens(rule, event, attributes)]
    counting = [rule for rule in standard.rules_due_from(event) if rule not in opening]
    return {
        "standard": standard.id,
        "version": standard.version,
        "event": event,
        "on": on.isoformat(),
        "attributes": dict(attributes),
        "opens": [_obligation(rule, standard, event, on) | _course(rule, standard, on) for rule in opening],
        "counts": [_obligation(rule, standard, event, on) for rule in counting],
        "not_opened": [
            {"rule": rule.id, "title_da": rule.title_da, "title_en": rule.title_en, "needs": _needs(rule, event)}
            for rule in by_event
            if rule not in opening
        ],
    }


def _opens(rule: Rule, event: str, attributes: Mapping[str, Scalar]) -> bool:
    return any(trigger.matches(event, attributes) for trigger in rule.opened_by)


def _needs(rule: Rule, event: str) -> str:
    return "; or ".join(needs(trigger) for trigger in rule.opened_by if trigger.fact == event)


def _obligation(rule: Rule, standard: Standard, event: str, on: date) -> dict[str, Any]:
    counted = count(rule.due, on, standard.closing_days) if rule.due and rule.due_from in (None, event) else None
    return {
        "rule": rule.id,
        "title_da": rule.title_da,
        "title_en": rule.title_en,
        "owed_by": rule.owed_by,
        "owed_to": rule.owed_to,
        "document": rule.source.document,
        "section": rule.source.section,
        "basis": rule.source.basis,
        "term": term_en(rule.due) if rule.due else None,
        "due": counted.due.isoformat() if counted else None,
        "how": _how(rule, counted, on),
        "days": list(_days(counted)) if counted else [],
    }


def _course(rule: Rule, standard: Standard, started_on: date) -> dict[str, Any]:
    """What completes a course of aftercare, where the rule owes one."""
    complete_from = standard.complete_from(rule, started_on)
    if rule.course is None or complete_from is None:
        return {}
    return {"course_visits": rule.course.visits, "course_complete_from": complete_from.isoformat()}


def _how(rule: Rule, counted: Count | None, on: date) -> str:
    if rule.due is None:
        return "The rule sets no day: open until a fact closes it."
    if counted is None:
        return f"Counted from {rule.due_from}, which is another event: no due day until it happens."
    if rule.due.same_day:
        return f"Due on day 0, {on.isoformat()}."
    window = " A window: its last day ends it as met." if rule.last_day_meets else ""
    return f"{term_en(rule.due)}, counted from day 0, {on.isoformat()}.{window}"


def _days(counted: Count) -> Iterable[dict[str, Any]]:
    for day in counted.days:
        line: dict[str, Any] = {"day": day.day.isoformat(), "weekday": WEEKDAYS[day.day.weekday()]}
        if day.skipped is None:
            yield {**line, "counted": day.nth}
        else:
            yield {**line, "skipped": day.skipped.reason, "name_da": day.skipped.name_da, "name_en": day.skipped.name_en}

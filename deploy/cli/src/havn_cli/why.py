"""``havn why``: an obligation explained in sentences to a caseworker, as the orchestrator recorded it."""

import json
from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

import typer

from havn_cli.dates import Language, in_words, weekday
from havn_cli.fact_names import fact_name
from havn_cli.faults import Fault, told
from havn_cli.given import AsJson
from havn_cli.orchestrator import Step, Why, ask_why, read_why, setting
from havn_cli.output import write_json
from havn_cli.words import term_da, term_en
from havn_events.municipalities import MUNICIPALITIES
from havn_standards import CountedDay, copenhagen_day
from havn_standards.calendar import SkipReason


@told()
def why(
    obligation_id: Annotated[str, typer.Argument(metavar="OBLIGATION_ID", help="The obligation's id.")],
    url: Annotated[str | None, typer.Option(help="The orchestrator's address; else ORCHESTRATOR.")] = None,
    token: Annotated[str | None, typer.Option(help="A token; else SHELTER_TOKEN.")] = None,
    language: Annotated[Language, typer.Option(help="Danish or English.")] = "da",
    as_json: AsJson = False,
) -> None:
    """Why it is owed and until when: the rule, its source, the days one by one, the events, and what became of it.

    ORCHESTRATOR and SHELTER_TOKEN are read from the environment, or from .havn/env in this folder.
    """
    obligation = _id(obligation_id)
    address = setting("ORCHESTRATOR", url, "The orchestrator's address")
    answer = ask_why(address, setting("SHELTER_TOKEN", token, "A token for the orchestrator"), obligation)
    if as_json:
        write_json(json.loads(answer))
    else:
        typer.echo("\n".join(sentences(read_why(answer), language)))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Fault("An obligation's id is a UUID; GET /cases/{case_id} shows it as obligation_id.") from None


def sentences(why: Why, language: Language) -> Iterable[str]:
    """The explanation, line by line."""
    say = SAY[language]
    yield f"{why.title_da if language == 'da' else why.title_en} ({why.rule})"
    yield ""
    yield say["source"].format(document=why.document, section=why.section)
    yield say[f"basis-{why.basis}"]
    if why.note:
        yield say["note"].format(note=why.note)
    yield say["standard"].format(standard=why.standard, version=why.standard_version)
    yield ""
    yield from _deadline(why, language)
    yield ""
    yield say["steps"]
    for step in why.steps:
        yield f"  {_step(step, language)}"
    yield ""
    yield say["became"].format(state=say[_state(why)])


def _deadline(why: Why, language: Language) -> Iterable[str]:
    say = SAY[language]
    explanation = why.explanation_da if language == "da" else why.explanation_en
    if why.term is None or why.counted_from is None or why.counted_due is None:
        yield explanation
        return
    yield say["term"].format(term=term_da(why.term) if language == "da" else term_en(why.term))
    yield say["day-0"].format(weekday=weekday(why.counted_from, language), day=in_words(why.counted_from, language))
    if why.term.weeks or why.term.months:
        yield say["every-day"]
    else:
        yield from (f"  {_counted(day, language)}" for day in why.days)
    if why.due != why.counted_due:
        yield say["counted-due"].format(day=in_words(why.counted_due, language))
        yield explanation
    if why.due is not None:
        yield say["last-day"].format(weekday=weekday(why.due, language), day=in_words(why.due, language))


def _counted(day: CountedDay, language: Language) -> str:
    name = f"{weekday(day.day, language)} {in_words(day.day, language)}"
    if day.skipped is None:
        return SAY[language]["counted"].format(day=name, nth=day.nth)
    skipped = day.skipped.name_da if language == "da" else day.skipped.name_en
    why_not = "weekend" if day.skipped.reason is SkipReason.WEEKEND else skipped
    return SAY[language]["skipped"].format(day=name, name=why_not)


def _step(step: Step, language: Language) -> str:
    say = SAY[language]
    sentence = say.get(_kind(step), say["something-else"]).format(
        day=in_words(step.occurred_on, language),
        event=step.event,
        fact=fact_name(step.fact, language),
        fact_day=in_words(step.fact_occurred_on or step.occurred_on, language),
        due=in_words(step.due, language) if step.due else say["no-day"],
        due_before=in_words(step.due_before, language) if step.due_before else say["no-day"],
        municipality=MUNICIPALITIES.get(step.municipality or "", say["another"]),
    )
    recorded = copenhagen_day(step.recorded_at)
    later = say["recorded"].format(day=in_words(recorded, language)) if recorded > step.occurred_on else ""
    return sentence + later


def _kind(step: Step) -> str:
    match step.event:
        case "ObligationMet" if step.fact_id is None:
            return "ran-out"
        case "ObligationMet" if step.late:
            return "met-late"
        case "ObligationMissed" if step.fact_id is not None:
            return "missed-by-fact"
        case "ObligationOpened" if step.municipality is None:
            return "opened-without-municipality"
    return step.event


def _state(why: Why) -> str:
    """What it is now: the last step that says so. Moving a day or a municipality changes nothing about it."""
    state = "state-open"
    for step in why.steps:
        match step.event:
            case "ObligationMet":
                state = "state-met-late" if step.late else "state-met"
            case "ObligationMissed":
                state = "state-missed"
            case "ObligationCancelled":
                state = "state-cancelled"
            case "ObligationReopened":
                state = "state-open"
    return state


SAY: dict[Language, dict[str, str]] = {
    "da": {
        "source": "Kilde: {document}, {section}.",
        "basis-statute": "Det står i loven.",
        "basis-standard": "Det står i krisecentrets egen standard.",
        "basis-assumed": "Pligten eller fristen er en læsning af kilden og står ikke ordret i den.",
        "note": "Bemærkning (på engelsk): {note}",
        "standard": "Sagen er åbnet under standarden {standard}, version {version}.",
        "term": "Frist: {term}.",
        "day-0": "Dag 0 er {weekday} den {day}.",
        "every-day": "Alle dage tælles med, også weekender og helligdage.",
        "counted": "{day}: dag {nth}",
        "skipped": "{day}: tælles ikke ({name})",
        "last-day": "Sidste dag er {weekday} den {day}.",
        "counted-due": "Talt fra dag 0 ville sidste dag være den {day}.",
        "steps": "Hvad der er sket:",
        "ObligationOpened": "{day}: opstod på grund af: {fact}. Kommune: {municipality}.",
        "opened-without-municipality": "{day}: opstod på grund af: {fact}.",
        "ObligationRescheduled": "{day}: fristen blev flyttet fra {due_before} til {due} på grund af: {fact}.",
        "ObligationTransferred": "{day}: kommunen er fra denne dag {municipality}, på grund af: {fact}.",
        "ObligationMet": "{day}: opfyldt ved: {fact}.",
        "met-late": "{day}: opfyldt for sent ved: {fact}.",
        "ran-out": "{day}: periodens sidste dag; den er udløbet som opfyldt.",
        "ObligationMissed": "{day}: ikke opfyldt i tide; sidste dag var {due}.",
        "missed-by-fact": "{day}: ikke opfyldt, før det var for sent: {fact} ({fact_day}).",
        "ObligationReopened": "{day}: åben igen på grund af: {fact}.",
        "ObligationCancelled": "{day}: bortfaldt på grund af: {fact}.",
        "something-else": "{day}: {event}.",
        "recorded": " (registreret {day})",
        "no-day": "ingen dag",
        "another": "en anden",
        "became": "Status: {state}.",
        "state-open": "åben, ikke opfyldt endnu",
        "state-met": "opfyldt",
        "state-met-late": "opfyldt for sent",
        "state-missed": "ikke opfyldt i tide og stadig ikke opfyldt",
        "state-cancelled": "bortfaldet",
    },
    "en": {
        "source": "Source: {document}, {section}.",
        "basis-statute": "The act says so.",
        "basis-standard": "The shelter's own standard says so.",
        "basis-assumed": "The duty, or its day, is a reading of the source; it does not say so word for word.",
        "note": "Note: {note}",
        "standard": "The case was opened under the standard {standard}, version {version}.",
        "term": "Term: {term}.",
        "day-0": "Day 0 is {weekday} {day}.",
        "every-day": "Every day counts, weekends and public holidays too.",
        "counted": "{day}: day {nth}",
        "skipped": "{day}: not counted ({name})",
        "last-day": "The last day is {weekday} {day}.",
        "counted-due": "Counted from day 0 the last day would be {day}.",
        "steps": "What happened:",
        "ObligationOpened": "{day}: arose because of: {fact}. Municipality: {municipality}.",
        "opened-without-municipality": "{day}: arose because of: {fact}.",
        "ObligationRescheduled": "{day}: the last day was moved from {due_before} to {due} because of: {fact}.",
        "ObligationTransferred": "{day}: from this day the municipality is {municipality}, because of: {fact}.",
        "ObligationMet": "{day}: met by: {fact}.",
        "met-late": "{day}: met late by: {fact}.",
        "ran-out": "{day}: the window's last day; it ran out as met.",
        "ObligationMissed": "{day}: not met in time; the last day was {due}.",
        "missed-by-fact": "{day}: not met before it was too late: {fact} ({fact_day}).",
        "ObligationReopened": "{day}: open again because of: {fact}.",
        "ObligationCancelled": "{day}: owed no more because of: {fact}.",
        "something-else": "{day}: {event}.",
        "recorded": " (recorded {day})",
        "no-day": "no day",
        "another": "another",
        "became": "It is now: {state}.",
        "state-open": "open, not met yet",
        "state-met": "met",
        "state-met-late": "met late",
        "state-missed": "not met in time, and still not met",
        "state-cancelled": "owed no more",
    },
}

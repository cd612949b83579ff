"""Why is this due? An obligation explained from what was recorded: rule, source, calendar, and the facts it rests on."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from havn_chassis.decider import Refused
from havn_events.codes import Unit
from havn_events.municipalities import MUNICIPALITIES
from havn_standards import (
    Count,
    CountedDay,
    Rule,
    Rulebook,
    RuleUnknown,
    Standard,
    StandardUnknown,
    Term,
    copenhagen_day,
    count,
)
from orchestrator.ledger import Entry, OwnTime, amount_sentences, entries_of, entry_sentences, used_sentences
from orchestrator.words import (
    RECORDED,
    Text,
    capital,
    fact_name,
    filled,
    in_words,
    joined,
    number_of,
    term_in_words,
    visits_in_words,
)

TIMELINE = """
SELECT h.type, h.occurred_on, h.recorded_at, h.due, h.due_before, h.late, h.working_days, h.municipality,
       f.fact, h.fact_id, f.occurred_on AS fact_occurred_on, f.recorded_at AS fact_recorded_at
FROM case_history h
LEFT JOIN LATERAL (
    SELECT fact, occurred_on, recorded_at FROM case_history
    WHERE case_id = h.case_id AND fact_id = h.fact_id AND fact IS NOT NULL
    ORDER BY version LIMIT 1
) f ON true
WHERE h.obligation_id = %s ORDER BY h.version
"""

THE_ACT = "Lov om social service"
"""The document that binds every shelter alike: to cite it tells nobody which shelter it is."""

DueBy = Literal["not-due-by-a-date", "not-known-yet", "counted", "set-by-a-fact"]

_DUE_BY: dict[DueBy, Text] = {
    "not-due-by-a-date": Text("Reglen sætter ingen frist.", "The rule sets no day."),
    "not-known-yet": Text(
        "Fristen er ikke begyndt: den hændelse, den tælles fra, er ikke sket: {fact}.",
        "The term has not begun: what it is counted from has not happened yet: {fact}.",
    ),
    "counted": Text("Sidste dag er {due}.", "The last day is {due}."),
    "set-by-a-fact": Text(
        "Talt fra dag 0 ville sidste dag være {counted}. En senere hændelse har sat en anden: sidste dag er {due}.",
        "Counted from day 0 the last day would be {counted}. A later fact set another: the last day is {due}.",
    ),
}
_BASIS = {
    "statute": Text("Det står i loven.", "The act says so."),
    "standard": Text("Det står i krisecentrets egen standard.", "The shelter's own standard says so."),
    "assumed": Text(
        "Pligten eller fristen er en læsning af kilden og står ikke ordret i den.",
        "The duty, or its day, is a reading of the source, which does not say so word for word.",
    ),
}
_STEPS = {
    "opened": Text("{day}: opstod ved: {fact}.", "{day}: arose from: {fact}."),
    "rescheduled": Text(
        "{day}: fristen blev flyttet fra {before} til {due} ved: {fact}.",
        "{day}: the last day was moved from {before} to {due} by: {fact}.",
    ),
    "set": Text("{day}: fristen blev sat til {due} ved: {fact}.", "{day}: the last day was set to {due} by: {fact}."),
    "reminded": Text(
        "{day}: påmindelse om fristen, {left} før den var ude.", "{day}: a reminder of the last day, {left} before it was over."
    ),
    "transferred": Text(
        "{day}: kommunen er fra denne dag {municipality} ved: {fact}.",
        "{day}: from this day the municipality is {municipality} by: {fact}.",
    ),
    "transferred-unnamed": Text("{day}: kommunen blev en anden ved: {fact}.", "{day}: the municipality changed by: {fact}."),
    "met": Text("{day}: opfyldt ved: {fact}.", "{day}: met by: {fact}."),
    "met-late": Text("{day}: opfyldt for sent ved: {fact}.", "{day}: met late by: {fact}."),
    "ran-out": Text("{day}: periodens sidste dag; den udløb som opfyldt.", "{day}: the window's last day; it ran out as met."),
    "missed": Text("{day}: ikke opfyldt i tide; sidste dag var {due}.", "{day}: not met in time; the last day was {due}."),
    "missed-by-fact": Text(
        "{day}: ikke opfyldt, før det var for sent ved: {fact}.", "{day}: not met before it was too late by: {fact}."
    ),
    "reopened": Text("{day}: åben igen ved: {fact}.", "{day}: open again by: {fact}."),
    "cancelled": Text("{day}: bortfaldt ved: {fact}.", "{day}: owed no more by: {fact}."),
    "grown": Text("{day}: bortfaldt, fordi barnet var fyldt 18 år.", "{day}: owed no more, the child having turned 18."),
}
_NOW = {
    "open": Text("Status: åben, ikke opfyldt endnu.", "It is now: open, not met yet."),
    "met": Text("Status: opfyldt.", "It is now: met."),
    "met-late": Text("Status: opfyldt for sent.", "It is now: met late."),
    "missed": Text("Status: ikke opfyldt i tide og stadig ikke opfyldt.", "It is now: not met in time, and still not met."),
    "cancelled": Text("Status: bortfaldet.", "It is now: owed no more."),
    "transferred": Text("Status: overdraget til en anden kommune.", "It is now: owed by another municipality."),
}
_MUNICIPALITY = Text(" Kommune: {municipality}.", " Municipality: {municipality}.")
_NO_DAY = Text("ingen dag", "no day")
_RAN_OUT = Text(
    "Standarden udløb {day} og gælder stadig for sagen: den følges, indtil en ny træder i kraft, og en åben sag beholder den.",
    "The standard ran out on {day} and still holds for this case: it is followed until a new one is in force, and a case that is "
    "open keeps it.",
)
_COURSE = Text(
    "Forløbet er fuldført med mindst {visits} og efter mindst {length}.",
    "The course is completed with at least {visits} and after at least {length}.",
)
_EVERY_DAY = Text("Alle dage tælles med, også weekender og helligdage.", "Every day counts, weekends and public holidays too.")


class Step(BaseModel):
    """One thing that happened to the obligation, and the fact it rests on; no fact where only a day passed.

    ``working_days``: for a reminder, how many were left after that day.
    """

    event: str
    occurred_on: date
    recorded_at: datetime
    municipality: str | None
    due: date | None
    due_before: date | None
    late: bool | None
    working_days: int | None = None
    fact: str | None
    fact_id: UUID | None
    fact_occurred_on: date | None
    fact_recorded_at: datetime | None


class Why(BaseModel):
    """Why an obligation exists and is due when it is.

    ``due`` is what was recorded, never counted anew. ``days`` is how day 0 (``counted_from``) and the rule's ``term`` lead to
    ``counted_due``, under the recorded version of the standard; ``due_by`` says whether that is the recorded day.
    ``explanation_da`` and ``explanation_en`` say all of it, a sentence a line: title, source and our note to it, day 0, the
    days one by one, the last day, the account of a treatment, reminders, the municipality, when a step was recorded later, and
    what became of it.
    A municipality is not told the standard, our note, or a source that is not the act: they would tell it which shelter it is.

    Of a treatment, in its ``unit``: at least ``floor`` and at most ``ceiling`` are owed, ``granted`` on top; ``used`` of it, and
    ``left``. ``entries`` is what that rests on, by business date: sessions, corrections and grants, those of a stay before that
    count on here too. A municipality reads those of the time since it owes it, and in ``used_in_own_time`` what they come to; where
    it owes it no more that alone. All of these are ``None``, or empty, where it is no treatment.
    """

    obligation_id: UUID
    rule: str
    title_da: str
    title_en: str
    document: str | None
    section: str | None
    basis: str
    note: str | None
    note_da: str | None
    standard: str | None
    standard_version: str | None
    term: Term | None
    counted_from: date | None
    due: date | None
    counted_due: date | None
    due_by: DueBy
    explanation_da: str
    explanation_en: str
    days: tuple[CountedDay, ...]
    steps: tuple[Step, ...]
    unit: Unit | None
    floor: int | None
    ceiling: int | None
    granted: int | None
    used: int | None
    used_in_own_time: int | None
    left: int | None
    entries: tuple[Entry, ...]


def explain(
    obligation: Mapping[str, Any],
    timeline: Sequence[Mapping[str, Any]],
    rulebook: Rulebook,
    *,
    outside: bool = False,
    ledger: Sequence[Mapping[str, Any]] = (),
    own_time: OwnTime | None = None,
) -> Why:
    """The explanation of a stored obligation, ``outside`` for one who must not learn which shelter it is.

    ``ledger``: the rows of a treatment that the reader may know. ``own_time``: a municipality's, of a treatment.
    Raises Refused ``standard-unknown`` when the rulebook lacks its standard.
    """
    standard, rule = _rule(rulebook, obligation)
    counted = _counted(rule, obligation["counted_from"], standard)
    steps = tuple(Step(event=row["type"], **{k: v for k, v in row.items() if k != "type"}) for row in timeline)
    source = _sentences_outside(rule) if outside else _sentences_of_source(rule, standard, steps)
    entries = entries_of(ledger, outside=outside)
    sentences = [
        *source,
        *_deadline(obligation, rule, counted, steps),
        *amount_sentences(obligation),
        *entry_sentences(entries),
        *used_sentences(obligation, own_time),
        *map(_step, steps),
        _NOW[_state(obligation, steps)],
    ]
    cited = not outside or rule.source.document == THE_ACT
    return Why(
        obligation_id=obligation["obligation_id"],
        rule=rule.id,
        title_da=rule.title_da,
        title_en=rule.title_en,
        document=rule.source.document if cited else None,
        section=rule.source.section if cited else None,
        basis=rule.source.basis,
        note=None if outside else rule.source.note,
        note_da=None if outside else rule.source.note_da,
        standard=None if outside else standard.id,
        standard_version=None if outside else standard.version,
        term=rule.due,
        counted_from=obligation["counted_from"],
        due=obligation["due"],
        counted_due=counted.due if counted else None,
        due_by=_due_by(rule, obligation["due"], counted),
        explanation_da="\n".join(sentence.da for sentence in sentences),
        explanation_en="\n".join(sentence.en for sentence in sentences),
        days=counted.days if counted else (),
        steps=steps,
        **{name: obligation.get(name) for name in ("unit", "floor", "ceiling", "granted", "used", "left")},
        used_in_own_time=own_time.used if own_time else None,
        entries=entries,
    )


def _rule(rulebook: Rulebook, obligation: Mapping[str, Any]) -> tuple[Standard, Rule]:
    try:
        standard = rulebook.version(obligation["standard"], obligation["standard_version"])
        return standard, standard.rule(obligation["rule"])
    except (StandardUnknown, RuleUnknown):
        raise Refused(
            "standard-unknown",
            "The version of the standard this was opened under is not in the rulebook any more; add its file again.",
        ) from None


def _counted(rule: Rule, counted_from: date | None, standard: Standard) -> Count | None:
    if rule.due is None or counted_from is None:
        return None
    return count(rule.due, counted_from, standard.closing_days)


def _due_by(rule: Rule, recorded: date | None, counted: Count | None) -> DueBy:
    if rule.due is None:
        return "not-due-by-a-date"
    if recorded is None:
        return "not-known-yet"
    return "counted" if counted and counted.due == recorded else "set-by-a-fact"


def _sentences_of_source(rule: Rule, standard: Standard, steps: Sequence[Step]) -> Iterable[Text]:
    yield _title(rule)
    yield _cited(rule)
    yield _BASIS[rule.source.basis]
    if rule.course is not None:
        yield filled(_COURSE, visits=visits_in_words(rule.course.visits), length=term_in_words(rule.course.lasts))
    if rule.source.note:
        yield Text(f"Bemærkning: {rule.source.note_da}", f"Note: {rule.source.note}")
    yield Text(
        f"Sagen føres efter standarden {standard.title}, version {standard.version}.",
        f"The case is kept under the standard {standard.title}, version {standard.version}.",
    )
    if standard.note:
        yield Text(f"Bemærkning til standarden: {standard.note_da}", f"Note on the standard: {standard.note}")
    last, opened = standard.in_force_to, next((step for step in steps if step.event == "ObligationOpened"), None)
    if last is not None and opened is not None and opened.occurred_on > last:
        yield filled(_RAN_OUT, day=in_words(last))


def _sentences_outside(rule: Rule) -> Iterable[Text]:
    yield _title(rule)
    if rule.source.document == THE_ACT:
        yield _cited(rule)
    yield _BASIS[rule.source.basis]


def _title(rule: Rule) -> Text:
    return Text(f"{rule.title_da}.", f"{rule.title_en}.")


def _cited(rule: Rule) -> Text:
    source = f"{rule.source.document}, {rule.source.section}"
    return Text(f"Kilde: {source}.", f"Source: {source}.")


def _deadline(obligation: Mapping[str, Any], rule: Rule, counted: Count | None, steps: Sequence[Step]) -> Iterable[Text]:
    if rule.due is not None and counted is not None:
        term, day = term_in_words(rule.due), in_words(obligation["counted_from"])
        fact = fact_name(rule.due_from or next((step.fact for step in steps if step.event == "ObligationOpened"), None))
        yield Text(f"Frist: {term.da}.", f"Term: {term.en}.")
        yield Text(f"Dag 0 er {day.da}: {fact.da}.", f"Day 0 is {day.en}: {fact.en}.")
        if rule.due.weeks or rule.due.months:
            yield _EVERY_DAY
        else:
            yield from (_day(day) for day in counted.days)
    yield filled(
        _DUE_BY[_due_by(rule, obligation["due"], counted)],
        due=_day_or_none(obligation["due"]),
        counted=_day_or_none(counted.due if counted else None),
        fact=fact_name(rule.due_from),
    )


def _day(counted: CountedDay) -> Text:
    day, skipped = in_words(counted.day), counted.skipped
    if skipped is None:
        return Text(f"{day.da}: dag {counted.nth}.", f"{day.en}: day {counted.nth}.")
    return Text(f"{day.da}: tælles ikke ({skipped.name_da}).", f"{day.en}: not counted ({skipped.name_en}).")


def _step(step: Step) -> Text:
    """What happened, where it concerns a municipality which one, and when it was recorded where that was on a later day."""
    kind, recorded = _kind(step), copenhagen_day(step.recorded_at)
    sentence = _STEPS[kind]
    if kind == "opened" and step.municipality is not None:
        sentence = joined(sentence, _MUNICIPALITY)
    if recorded > step.occurred_on:
        sentence = joined(sentence, RECORDED)
    said = filled(
        sentence,
        day=in_words(step.occurred_on),
        fact=fact_name(step.fact),
        due=_day_or_none(step.due),
        before=_day_or_none(step.due_before),
        left=number_of("working_days", step.working_days or 0),
        municipality=_municipality(step.municipality),
        recorded=in_words(recorded),
    )
    return capital(said)


def _kind(step: Step) -> str:
    match step.event:
        case "ObligationMet" if step.fact is None and step.fact_id is None:
            return "ran-out"
        case "ObligationMet":
            return "met-late" if step.late else "met"
        case "ObligationMissed":
            return "missed" if step.fact is None else "missed-by-fact"
        case "ObligationCancelled" if step.fact is None and step.fact_id is None:
            return "grown"
        case "ObligationRescheduled" if step.due_before is None:
            return "set"
        case "ObligationTransferred" if step.municipality is None:
            return "transferred-unnamed"
    return _KINDS[step.event]


_KINDS = {
    "ObligationOpened": "opened",
    "ObligationRescheduled": "rescheduled",
    "ObligationDueSoon": "reminded",
    "ObligationTransferred": "transferred",
    "ObligationReopened": "reopened",
    "ObligationCancelled": "cancelled",
}


def _state(obligation: Mapping[str, Any], steps: Sequence[Step]) -> str:
    """What it is now: the last step that says so. A moved day, a reminder and another municipality change nothing about it."""
    if obligation.get("state") == "transferred":
        return "transferred"
    kinds = {"opened": "open", "reopened": "open", "met": "met", "ran-out": "met", "met-late": "met-late"}
    kinds |= {"missed": "missed", "missed-by-fact": "missed", "cancelled": "cancelled", "grown": "cancelled"}
    return next(kinds[kind] for step in reversed(steps) if (kind := _kind(step)) in kinds)


def _day_or_none(day: date | None) -> Text:
    return _NO_DAY if day is None else in_words(day)


def _municipality(code: str | None) -> Text:
    name = "" if code is None else MUNICIPALITIES.get(code, code)
    return Text(name, name)


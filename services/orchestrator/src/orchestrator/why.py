"""Why is this due? An obligation explained from what was recorded: rule, source, calendar, and the facts it rests on."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from havn_chassis.decider import Refused
from havn_standards import Count, CountedDay, Rule, Rulebook, RuleUnknown, Standard, StandardUnknown, Term, count

TIMELINE = """
SELECT h.type, h.occurred_on, h.recorded_at, h.due, h.due_before, h.late, h.municipality,
       f.fact, h.fact_id, f.occurred_on AS fact_occurred_on, f.recorded_at AS fact_recorded_at
FROM case_history h
LEFT JOIN case_history f ON f.case_id = h.case_id AND f.type = 'FactNoted' AND f.fact_id = h.fact_id
WHERE h.obligation_id = %s ORDER BY h.version
"""

DueBy = Literal["not-due-by-a-date", "not-known-yet", "counted", "set-by-a-fact"]

_EXPLAINED: dict[DueBy, tuple[str, str]] = {
    "not-due-by-a-date": ("Reglen sætter ingen frist.", "The rule sets no day."),
    "not-known-yet": (
        "Fristen er ikke begyndt: den hændelse, den tælles fra, er ikke sket.",
        "The term has not begun: what it is counted from has not happened yet.",
    ),
    "counted": (
        "Fristen er talt dag for dag fra dag 0 efter den udgave af standarden, sagen er åbnet under.",
        "The due day is counted day by day from day 0, under the version of the standard that the case was opened with.",
    ),
    "set-by-a-fact": (
        "Fristen er fastsat af en senere hændelse og er en anden end den, en optælling fra dag 0 giver.",
        "The due day was set by a later fact and is another than counting from day 0 gives.",
    ),
}


class Step(BaseModel):
    """One thing that happened to the obligation, and the fact it rests on; no fact where only a day passed."""

    event: str
    occurred_on: date
    recorded_at: datetime
    municipality: str | None
    due: date | None
    due_before: date | None
    late: bool | None
    fact: str | None
    fact_id: UUID | None
    fact_occurred_on: date | None
    fact_recorded_at: datetime | None


class Why(BaseModel):
    """Why an obligation exists and is due when it is.

    ``due`` is what was recorded, never counted anew. ``days`` is how day 0 (``counted_from``) and the rule's ``term`` lead to
    ``counted_due``, under the recorded version of the standard; ``due_by`` says whether that is the recorded day.
    """

    obligation_id: UUID
    rule: str
    title_da: str
    title_en: str
    document: str
    section: str
    basis: str
    note: str | None
    standard: str
    standard_version: str
    term: Term | None
    counted_from: date | None
    due: date | None
    counted_due: date | None
    due_by: DueBy
    explanation_da: str
    explanation_en: str
    days: tuple[CountedDay, ...]
    steps: tuple[Step, ...]


def explain(obligation: Mapping[str, Any], timeline: Sequence[Mapping[str, Any]], rulebook: Rulebook) -> Why:
    """The explanation of a stored obligation. Raises Refused ``standard-unknown`` when the rulebook lacks its standard."""
    standard, rule = _rule(rulebook, obligation)
    counted = _counted(rule, obligation["counted_from"], standard)
    due_by = _due_by(rule, obligation["due"], counted)
    explanation_da, explanation_en = _EXPLAINED[due_by]
    return Why(
        obligation_id=obligation["obligation_id"],
        rule=rule.id,
        title_da=rule.title_da,
        title_en=rule.title_en,
        document=obligation["document"],
        section=obligation["section"],
        basis=rule.source.basis,
        note=rule.source.note,
        standard=obligation["standard"],
        standard_version=obligation["standard_version"],
        term=rule.due,
        counted_from=obligation["counted_from"],
        due=obligation["due"],
        counted_due=counted.due if counted else None,
        due_by=due_by,
        explanation_da=explanation_da,
        explanation_en=explanation_en,
        days=counted.days if counted else (),
        steps=tuple(Step(event=row["type"], **{k: v for k, v in row.items() if k != "type"}) for row in timeline),
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

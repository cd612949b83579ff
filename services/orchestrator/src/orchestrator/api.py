"""Routes of the orchestrator: what is owed, what was missed, and why. Facts reach it as events, not over HTTP; the one thing
that is decided here is under which version of its standard a stay is kept.

A shelter, and who audits it, sees its own cases; an operator sees counts. A municipality sees what it owes or is told of, as far as
its own part goes: not who owed it before, nor who owes it now. The rest does not exist for it. It is shown ids of its own, and
neither the shelter nor the standard that the shelter follows.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from havn_chassis.decider import Refused
from havn_chassis.http import Body, Call, Page, Reader, Receipt, allow, number, read
from havn_events.event import Day
from havn_events.intake import StandardId
from havn_events.municipalities import KnownMunicipality
from havn_events.orchestrator import RuleId, StandardVersion
from orchestrator.domain.case import CASE, ChangeStandard
from orchestrator.domain.state import MINUTES_PER_SESSION
from orchestrator.ledger import ENTRIES, OwnTime, own_rows
from orchestrator.why import THE_ACT, TIMELINE, Why, explain

router = APIRouter(tags=["obligations"])

State = Literal["open", "missed", "met", "met-late", "cancelled", "transferred"]

Everyone = Annotated[Reader, Depends(read("shelter", "leader", "municipality", "auditor"))]
Staff = Annotated[Reader, Depends(read("shelter", "leader", "auditor"))]
Counting = Annotated[Reader, Depends(read("shelter", "leader", "municipality", "auditor", "operator"))]

Leader = Annotated[Reader, Depends(read("leader", "auditor"))]

NO_DAY = date(9999, 12, 31)

OFFERS = "-offer$|^initial-advice$|^advice-start$"
"""The rules that are about offering her something, by their ids: when one is missed and never met, it was not offered at all."""


class Part(BaseModel):
    """One municipality's part. ``until``: the first day it no longer owes; ``used``: in that time, in the obligation's unit."""

    municipality: str
    since: date
    until: date | None
    used: int | None


class Obligation(BaseModel):
    """What somebody owes somebody.

    ``state``: ``transferred`` for a municipality that owes it no more. ``due``: the last day in time. ``missed_on``: the day it
    was missed, kept when it was met after all; ``escalated_to``: who was told of that. ``used`` and ``left``, of ``ceiling`` and
    ``granted``, are in ``unit``; they are not told to a municipality that owes it no more. ``standard``, ``standard_version`` and
    ``reference`` are not told to a municipality; ``document`` and ``section`` only where they are the act's.
    """

    obligation_id: UUID
    case_id: UUID
    person_id: UUID | None
    reference: UUID | None
    rule: str
    owed_by: str
    owed_to: str
    municipality: str | None
    state: State
    opened_on: date
    due: date | None
    counted_from: date | None
    closed_on: date | None
    missed_on: date | None
    escalated_to: str | None
    late: bool
    unit: str | None
    floor: int | None
    ceiling: int | None
    granted: int | None
    used: int | None
    left: int | None
    standard: str | None
    standard_version: str | None
    document: str | None
    section: str | None


class ObligationWithParts(Obligation):
    """An obligation and the municipalities that had a part in it; a municipality sees its own parts only."""

    parts: list[Part]


class Obligations(BaseModel):
    """One page of obligations, the first due first."""

    items: list[Obligation]
    next: str | None


class Reminder(Obligation):
    """What the shelter owes and was reminded of on ``reminded_on``, with so many ``working_days`` left after that day."""

    reminded_on: date
    working_days: int


class Reminders(BaseModel):
    """One page of reminders, the first due first."""

    items: list[Reminder]
    next: str | None


class Escalation(Obligation):
    """What was missed, was not met since, and is the leader's to see.

    ``days_overdue``: calendar days, of which the day it was missed is the first.
    """

    days_overdue: int


class Escalations(BaseModel):
    """One page of escalations, the longest overdue first."""

    items: list[Escalation]
    next: str | None


class OfferCount(BaseModel):
    """How often something was to be offered for a municipality's citizens, and how often it was not, in time or later."""

    municipality: str | None
    rule: str
    owed_by: str
    owed: int
    not_offered: int


class NotOffered(BaseModel):
    """What was not offered at all: missed, and not met since. ``counts`` holds all of it, ``items`` one page of it."""

    counts: list[OfferCount]
    items: list[Obligation]
    next: str | None


class NewStandard(Body):
    """The standard the stay is kept under from ``occurred_on``. ``standard``: another one than its own; left out, its own."""

    occurred_on: Day
    standard: StandardId | None = None
    version: StandardVersion


class LedgerLine(BaseModel):
    """What one person is owed, in ``unit``: at least ``owed``, at most ``ceiling``, of which ``used`` and ``left``.

    ``ceiling`` holds what a municipality granted on top.
    """

    person_id: UUID
    rule: str
    unit: str
    owed: int
    ceiling: int
    used: int
    left: int


class CaseFile(BaseModel):
    """One case: its standard, which a municipality is not told, what each person has used and has left, and every obligation."""

    case_id: UUID
    standard: str | None
    standard_version: str | None
    opened_on: date
    ledger: list[LedgerLine]
    obligations: list[Obligation]


class HistoryEntry(BaseModel):
    """One thing that happened in a case, with the day it happened and the time it was recorded."""

    version: int
    type: str
    occurred_on: date
    recorded_at: datetime
    obligation_id: UUID | None
    rule: str | None
    person_id: UUID | None
    municipality: str | None
    fact: str | None
    fact_id: UUID | None
    minutes: int | None
    due: date | None
    due_before: date | None
    late: bool | None
    working_days: int | None
    standard: str | None
    standard_version: str | None


class History(BaseModel):
    """One page of a case's history, in the order of recording."""

    items: list[HistoryEntry]
    next: str | None


class SummaryLine(BaseModel):
    """How one municipality and rule stand. ``owed`` is all that was opened; ``transferred``: to another municipality since."""

    municipality: str | None
    rule: str
    owed: int
    open: int
    met: int
    met_late: int
    missed: int
    cancelled: int
    transferred: int


class Days(BaseModel):
    """The last Copenhagen day that has passed and been swept or is being swept; ``None`` before the first."""

    last: date | None


_USED = (
    "CASE o.unit WHEN 'minutes' THEN greatest(0, coalesce(l.minutes, 0)) "
    "WHEN 'sessions' THEN greatest(0, coalesce(l.sessions, 0)) END"
)
_GRANTED = (
    f"CASE o.unit WHEN 'minutes' THEN coalesce(l.granted, 0) "
    f"WHEN 'sessions' THEN coalesce(l.granted, 0) / {MINUTES_PER_SESSION} END"
)
_COLUMNS = """
    o.obligation_id, o.case_id, o.person_id, o.reference, o.rule, o.owed_by, o.owed_to, o.opened_on,
    o.unit, o.floor, o.ceiling, o.document, o.section
"""
_LEFT = f"CASE WHEN o.unit IS NOT NULL THEN greatest(0, o.ceiling + {_GRANTED} - {_USED}) END"
_AMOUNTS = f'{_GRANTED} AS granted, {_USED} AS used, {_LEFT} AS "left"'
_LEDGER = "LEFT JOIN ledgers l ON l.case_id = o.case_id AND l.person_id = o.person_id AND o.unit IS NOT NULL"
_OWN_PART = """
    JOIN LATERAL (
        SELECT p.municipality, p.until, p.version FROM obligation_parts p
        WHERE p.obligation_id = o.obligation_id AND p.municipality = %s ORDER BY p.version DESC LIMIT 1
    ) own ON true
    LEFT JOIN LATERAL (
        SELECT
            (array_agg(h.due ORDER BY h.version DESC) FILTER (WHERE h.type IN ('ObligationOpened', 'ObligationRescheduled')))[1]
                AS due,
            (array_agg(h.counted_from ORDER BY h.version DESC)
                FILTER (WHERE h.type IN ('ObligationOpened', 'ObligationRescheduled')))[1] AS counted_from,
            (array_agg(h.standard ORDER BY h.version DESC) FILTER (WHERE h.standard IS NOT NULL))[1] AS standard,
            (array_agg(h.standard_version ORDER BY h.version DESC) FILTER (WHERE h.standard IS NOT NULL))[1] AS standard_version,
            (array_agg(h.occurred_on ORDER BY h.version DESC) FILTER (WHERE h.type = 'ObligationMissed'))[1] AS missed_on,
            (array_agg(h.type ORDER BY h.version DESC) FILTER (WHERE h.type IN
                ('ObligationOpened', 'ObligationMet', 'ObligationMissed', 'ObligationCancelled', 'ObligationReopened')
            ))[1] = 'ObligationMissed' AS is_missed
        FROM case_history h WHERE own.until IS NOT NULL AND h.obligation_id = o.obligation_id AND h.version < (
            SELECT min(p.version) FROM obligation_parts p WHERE p.obligation_id = o.obligation_id AND p.version > own.version
        )
    ) left_as ON own.until IS NOT NULL
    CROSS JOIN LATERAL (SELECT
        CASE WHEN own.until IS NULL THEN o.due ELSE left_as.due END AS due,
        CASE WHEN own.until IS NULL THEN o.counted_from ELSE left_as.counted_from END AS counted_from,
        CASE WHEN own.until IS NULL THEN o.standard ELSE left_as.standard END AS standard,
        CASE WHEN own.until IS NULL THEN o.standard_version ELSE left_as.standard_version END AS standard_version,
        CASE WHEN own.until IS NULL THEN o.missed_on ELSE left_as.missed_on END AS missed_on,
        CASE WHEN own.until IS NULL THEN o.escalated_to END AS escalated_to,
        CASE WHEN own.until IS NULL THEN o.state = 'missed'
            ELSE left_as.is_missed AND own.until > least(left_as.due, left_as.missed_on) END AS is_missed
    ) told
"""
"""A municipality's own part. What another one owes since is told as it was when it was handed over, and never as it is now."""


class _View:
    """The obligations a caller may see, as a subquery ``o``; what is not in it does not exist for the caller."""

    def __init__(self, reader: Reader) -> None:
        caller = reader.caller
        self.own_part = caller.role == "municipality"
        if self.own_part:
            self.sql = f"""
                SELECT {_COLUMNS}, own.municipality,
                    CASE WHEN own.until IS NULL THEN o.state ELSE 'transferred' END AS state,
                    coalesce(own.until, o.closed_on) AS closed_on, o.late AND own.until IS NULL AS late,
                    told.due, told.counted_from, told.standard, told.standard_version, told.missed_on, told.escalated_to,
                    told.is_missed, a.granted, a.used, a."left"
                FROM obligations o {_OWN_PART} {_LEDGER}
                LEFT JOIN LATERAL (SELECT {_AMOUNTS}) a ON own.until IS NULL
                WHERE o.obligation_id IN (SELECT obligation_id FROM obligation_parts WHERE municipality = %s)
            """
            self.params: list[Any] = [caller.municipality, caller.municipality]
        else:
            self.sql = (
                f"SELECT {_COLUMNS}, o.municipality, o.state, o.closed_on, o.late, o.due, o.counted_from, o.standard, "
                f"o.standard_version, o.missed_on, o.escalated_to, o.state = 'missed' AS is_missed, {_AMOUNTS} "
                f"FROM obligations o {_LEDGER} WHERE true"
            )
            self.sql += " AND o.case_id IN (SELECT case_id FROM cases WHERE shelter_id = %s)"
            self.params = [caller.shelter]

    def where(self, **conditions: Any) -> "_View":
        """Narrowed by conditions on columns of ``obligations`` that are set."""
        for column, value in conditions.items():
            if value is not None:
                table = _OWN_TABLES.get(column, "o") if self.own_part else "o"
                self.sql += f" AND {table}.{_CONDITIONS[column]}"
                self.params.append(value)
        return self


_SHARES = """
    SELECT v.*, coalesce(p.municipality, v.municipality) AS share_of,
        v.is_missed AND (p.until IS NULL OR p.until > least(v.due, v.missed_on)) AS was_missed
    FROM ({}) v LEFT JOIN obligation_parts p USING (obligation_id)
"""
_SHARES_OF_ITS_OWN = "SELECT v.*, v.municipality AS share_of, v.is_missed AS was_missed FROM ({}) v"
"""Each obligation for each municipality that owed it at some time, and whether it was missed then or since."""

_CONDITIONS = {
    "case_id": "case_id = %s",
    "obligation_id": "obligation_id = %s",
    "municipality": "municipality = %s",
    "rule": "rule = %s",
    "due_from": "due >= %s",
    "due_to": "due <= %s",
    "due_before": "due < %s",
}
_OWN_TABLES = {"municipality": "own", "due_from": "told", "due_to": "told", "due_before": "told"}


@router.get("/cases/{case_id}")
def case_file(case_id: UUID, reader: Everyone) -> CaseFile:
    """A case as it stands: its ledger and its obligations."""
    view = _View(reader).where(case_id=case_id)
    obligations = reader.all(f"SELECT * FROM ({view.sql}) v ORDER BY opened_on, rule, obligation_id", view.params)
    case = reader.one("SELECT case_id, shelter_id, standard, standard_version, opened_on FROM cases WHERE case_id = %s", (case_id,))
    if case is None or not _may_see(reader, case, obligations):
        raise _not_found("case")
    outside = reader.caller.role == "municipality"
    told = [_told(reader, o) for o in obligations]
    return CaseFile(
        case_id=reader.shown(case_id),
        standard=None if outside else case["standard"],
        standard_version=None if outside else case["standard_version"],
        opened_on=case["opened_on"],
        ledger=[_ledger_line(o) for o in told if o["used"] is not None and o["person_id"] is not None],
        obligations=[Obligation(**o) for o in told],
    )


def _told(reader: Reader, row: dict[str, Any]) -> dict[str, Any]:
    """An obligation as the caller is told of it."""
    if reader.caller.role != "municipality":
        return row
    ids = {name: reader.shown(row[name]) for name in ("obligation_id", "case_id", "person_id") if row[name] is not None}
    hidden = ["reference", "standard", "standard_version"]
    if row["document"] != THE_ACT:
        hidden += ["document", "section"]
    return row | ids | dict.fromkeys(hidden)


def _may_see(reader: Reader, case: Mapping[str, Any], obligations: list[dict[str, Any]]) -> bool:
    if reader.caller.role == "municipality":
        return bool(obligations)
    return bool(case["shelter_id"] == reader.caller.shelter)


def _ledger_line(row: Mapping[str, Any]) -> LedgerLine:
    return LedgerLine(
        person_id=row["person_id"],
        rule=row["rule"],
        unit=row["unit"],
        owed=row["floor"],
        ceiling=row["ceiling"] + row["granted"],
        used=row["used"],
        left=row["left"],
    )


@router.get("/cases/{case_id}/history")
def case_history(case_id: UUID, reader: Staff, page: Annotated[Page, Depends()]) -> History:
    """Everything that happened in a case, late and corrected reports included, with both dates."""
    case = reader.one("SELECT shelter_id FROM cases WHERE case_id = %s", (case_id,))
    if case is None or not _may_see(reader, case, []):
        raise _not_found("case")
    [after] = page.after_key(number) or [0]
    rows = reader.all(
        "SELECT version, type, occurred_on, recorded_at, obligation_id, rule, person_id, municipality, fact, fact_id, minutes, "
        "due, due_before, late, working_days, standard, standard_version "
        "FROM case_history WHERE case_id = %s AND version > %s ORDER BY version LIMIT %s",
        (case_id, after, page.limit + 1),
    )
    return History(**page.of(rows, key=lambda row: [row["version"]]))


@router.post("/cases/{case_id}/standard", status_code=201, response_model=Receipt)
def change_standard(
    case_id: UUID, body: NewStandard, call: Annotated[Call, Depends(allow("leader", scope="havn:decide"))]
) -> Response:
    """Keep a stay under another version of its standard. What is open is owed by that version; what is closed stays as it was."""
    case = call.one("SELECT shelter_id FROM cases WHERE case_id = %s", (case_id,))
    if case is None or case["shelter_id"] != call.caller.shelter:
        raise _not_found("case")
    command = ChangeStandard(case_id, body.occurred_on, body.standard, body.version, call.setting("rulebook"), call.today)
    return call.handle(CASE, (case_id,), command)


@router.get("/reminders")
def reminders(
    reader: Annotated[Reader, Depends(read("shelter", "leader", "auditor"))], page: Annotated[Page, Depends()]
) -> Reminders:
    """What the shelter owes, is open, and was reminded of."""
    due, obligation_id = page.after_key(date.fromisoformat, UUID) or [date.min, UUID(int=0)]
    view = _View(reader)
    rows = reader.all(
        f"SELECT v.*, r.reminded_on, r.working_days FROM ({view.sql}) v JOIN reminders r USING (obligation_id, due) "
        "WHERE v.state = 'open' AND v.owed_by = 'shelter' AND (due, obligation_id) > (%s, %s) "
        "ORDER BY due, obligation_id LIMIT %s",
        (*view.params, due, obligation_id, page.limit + 1),
    )
    return Reminders(**page.of(rows, key=lambda row: [row["due"], row["obligation_id"]]))


@router.get("/escalations")
def escalations(reader: Leader, page: Annotated[Page, Depends()]) -> Escalations:
    """What was missed and not met since, and is the leader's to see."""
    missed_on, obligation_id = page.after_key(date.fromisoformat, UUID) or [date.min, UUID(int=0)]
    view = _View(reader)
    rows = reader.all(
        f"SELECT v.*, %s::date - v.missed_on + 1 AS days_overdue FROM ({view.sql}) v "
        "WHERE v.state = 'missed' AND v.escalated_to = 'leader' AND (missed_on, obligation_id) > (%s, %s) "
        "ORDER BY missed_on, obligation_id LIMIT %s",
        (reader.today, *view.params, missed_on, obligation_id, page.limit + 1),
    )
    return Escalations(**page.of(rows, key=lambda row: [row["missed_on"], row["obligation_id"]]))


@router.get("/not-offered")
def not_offered(
    reader: Everyone,
    page: Annotated[Page, Depends()],
    municipality: Annotated[KnownMunicipality | None, Query()] = None,
) -> NotOffered:
    """What she or her children should have been offered and never were, by municipality and rule.

    It counts for every municipality that owed it when its last day was over or since: a miss does not move with her.
    """
    missed_on, obligation_id = page.after_key(date.fromisoformat, UUID) or [date.min, UUID(int=0)]
    view = _View(reader)
    shares = f"({_SHARES_OF_ITS_OWN if view.own_part else _SHARES}) s".format(view.sql)
    wanted = (*view.params, OFFERS, municipality, municipality)
    counts = reader.all(
        "SELECT share_of AS municipality, rule, owed_by, count(DISTINCT obligation_id) AS owed, "
        "count(DISTINCT obligation_id) FILTER (WHERE was_missed) AS not_offered "
        f"FROM {shares} WHERE rule ~ %s AND (%s::text IS NULL OR share_of = %s) "
        "GROUP BY share_of, rule, owed_by ORDER BY share_of NULLS LAST, rule, owed_by",
        wanted,
    )
    rows = reader.all(
        f"SELECT DISTINCT ON (missed_on, obligation_id) * FROM {shares} WHERE rule ~ %s AND (%s::text IS NULL OR share_of = %s) "
        "AND was_missed AND (missed_on, obligation_id) > (%s, %s) ORDER BY missed_on, obligation_id LIMIT %s",
        (*wanted, missed_on, obligation_id, page.limit + 1),
    )
    found = page.of(rows, key=lambda row: [row["missed_on"], row["obligation_id"]])
    return NotOffered(counts=[OfferCount(**row) for row in counts], **_all_told(reader, found))


@router.get("/obligations")
def obligations(
    reader: Everyone,
    page: Annotated[Page, Depends()],
    municipality: Annotated[KnownMunicipality | None, Query()] = None,
    state: Annotated[State | None, Query()] = None,
    due_before: Annotated[Day | None, Query()] = None,
    rule: Annotated[RuleId | None, Query()] = None,
) -> Obligations:
    """Obligations by municipality, state, rule and due day, the first due first; those without a due day come last."""
    view = _View(reader).where(municipality=municipality, due_before=due_before, rule=rule)
    return _listed(reader, page, view, state)


@router.get("/obligations/due-soon")
def due_soon(
    reader: Everyone,
    page: Annotated[Page, Depends()],
    days: Annotated[int, Query(ge=0, le=366)] = 5,
    municipality: Annotated[KnownMunicipality | None, Query()] = None,
) -> Obligations:
    """What is open and due today or within so many days."""
    last = reader.today + timedelta(days=days)
    view = _View(reader).where(municipality=municipality, due_from=reader.today, due_to=last)
    return _listed(reader, page, view, "open")


def _listed(reader: Reader, page: Page, view: _View, state: State | None) -> Obligations:
    due, obligation_id = page.after_key(date.fromisoformat, UUID) or [date.min, UUID(int=0)]
    rows = reader.all(
        f"SELECT * FROM ({view.sql}) v WHERE (coalesce(due, %s), obligation_id) > (%s, %s) "
        "AND (%s::text IS NULL OR state = %s) ORDER BY coalesce(due, %s), obligation_id LIMIT %s",
        (*view.params, NO_DAY, due, obligation_id, state, state, NO_DAY, page.limit + 1),
    )
    return Obligations(**_all_told(reader, page.of(rows, key=lambda row: [row["due"] or NO_DAY, row["obligation_id"]])))


def _all_told(reader: Reader, listed: dict[str, Any]) -> dict[str, Any]:
    return listed | {"items": [_told(reader, row) for row in listed["items"]]}


@router.get("/obligations/{obligation_id}")
def obligation(obligation_id: UUID, reader: Everyone) -> ObligationWithParts:
    """One obligation, and whose it was from when until when."""
    row = _obligation(reader, obligation_id)
    return ObligationWithParts(**_told(reader, row), parts=_parts(reader, obligation_id))


def _parts(reader: Reader, obligation_id: UUID) -> list[Part]:
    """Whose it was, the first one first; a municipality's own alone."""
    own = reader.caller.municipality if reader.caller.role == "municipality" else None
    parts = reader.all(
        """
        SELECT p.municipality, p.since, p.until, CASE WHEN o.unit IS NOT NULL THEN (
            SELECT coalesce(sum(CASE o.unit WHEN 'minutes' THEN h.minutes ELSE h.sessions END), 0) FROM case_history h
            WHERE h.case_id = o.case_id AND h.person_id = o.person_id AND h.fact IN ('SessionHeld', 'SessionCorrected')
            AND coalesce(h.session_on, h.occurred_on) >= p.since
            AND (p.until IS NULL OR coalesce(h.session_on, h.occurred_on) < p.until)
        ) END AS used
        FROM obligation_parts p JOIN obligations o USING (obligation_id)
        WHERE p.obligation_id = %s AND (%s::text IS NULL OR p.municipality = %s) ORDER BY p.version
        """,
        (obligation_id, own, own),
    )
    return [Part(**part) for part in parts]


@router.get("/obligations/{obligation_id}/why")
def why(obligation_id: UUID, reader: Everyone) -> Why:
    """Why it is owed and due when it is: the rule and its source, the calendar day by day, and the facts it rests on.

    Of a treatment also how much is owed, each session, and what is used and left; for a municipality as far as its own part goes.
    """
    row = _obligation(reader, obligation_id)
    timeline = reader.all(TIMELINE, (obligation_id,))
    ledger = reader.all(ENTRIES, (row["case_id"], row["person_id"])) if row["unit"] is not None else []
    rulebook, own = reader.setting("rulebook"), reader.caller.municipality
    if reader.caller.role != "municipality" or own is None:
        return explain(row, timeline, rulebook, ledger=ledger)
    own_time = _own_time(row, _parts(reader, obligation_id))
    own_ledger = own_rows(ledger, own, own_time.since) if own_time and row["used"] is not None else []
    why = explain(row, _own_steps(timeline, row, own), rulebook, outside=True, ledger=own_ledger, own_time=own_time)
    return why.model_copy(update={"obligation_id": reader.shown(obligation_id)})


def _own_time(row: Mapping[str, Any], parts: list[Part]) -> OwnTime | None:
    """Of a treatment that it owes, since it last began to; of one that it handed over, all of its time."""
    if row["unit"] is None:
        return None
    counted = parts if row["used"] is None else parts[-1:]
    return OwnTime(counted[0].since, sum(part.used or 0 for part in counted))


def _own_steps(timeline: list[dict[str, Any]], row: Mapping[str, Any], own: str | None) -> list[dict[str, Any]]:
    """Up to the end of its own part, in the order of recording, without naming another municipality, and without our ids."""
    if row["state"] == "transferred":
        handed_over = max(place for place, step in enumerate(timeline) if step["municipality"] == own) + 1
        timeline = timeline[: handed_over + 1]
    return [{**step, "municipality": own if step["municipality"] == own else None, "fact_id": None} for step in timeline]


def _obligation(reader: Reader, obligation_id: UUID) -> dict[str, Any]:
    view = _View(reader).where(obligation_id=obligation_id)
    row = reader.one(view.sql, view.params)
    if row is None:
        raise _not_found("obligation")
    return row


@router.get("/summary")
def summary(reader: Annotated[Reader, Depends(read("shelter", "leader", "auditor", "operator"))]) -> list[SummaryLine]:
    """How every municipality and rule stand."""
    return _summary(reader, None)


@router.get("/municipalities/{code}/summary")
def municipality_summary(code: KnownMunicipality, reader: Counting) -> list[SummaryLine]:
    """How one municipality stands in each rule: what it owes or is told of, and what it handed over."""
    if reader.caller.role == "municipality" and reader.caller.municipality != code:
        raise _not_found("municipality")
    return _summary(reader, code)


def _summary(reader: Reader, code: str | None) -> list[SummaryLine]:
    shelter = reader.caller.shelter
    only_parts = reader.caller.role == "municipality"
    rows = reader.all(
        """
        WITH seen AS (
            SELECT o.* FROM obligations o JOIN cases c USING (case_id) WHERE %s::uuid IS NULL OR c.shelter_id = %s
        ), lines AS (
            SELECT o.municipality, o.rule, o.state FROM seen o
            WHERE NOT %s OR EXISTS (SELECT FROM obligation_parts p WHERE p.obligation_id = o.obligation_id)
            UNION ALL
            SELECT p.municipality, o.rule, 'transferred'
            FROM (SELECT DISTINCT obligation_id, municipality FROM obligation_parts WHERE until IS NOT NULL) p
            JOIN seen o USING (obligation_id) WHERE p.municipality <> o.municipality
        )
        SELECT municipality, rule, count(*) AS owed,
            count(*) FILTER (WHERE state = 'open') AS open,
            count(*) FILTER (WHERE state = 'met') AS met,
            count(*) FILTER (WHERE state = 'met-late') AS met_late,
            count(*) FILTER (WHERE state = 'missed') AS missed,
            count(*) FILTER (WHERE state = 'cancelled') AS cancelled,
            count(*) FILTER (WHERE state = 'transferred') AS transferred
        FROM lines WHERE %s::text IS NULL OR municipality = %s
        GROUP BY municipality, rule ORDER BY municipality NULLS LAST, rule
        """,
        (shelter, shelter, only_parts, code, code),
    )
    return [SummaryLine(**row) for row in rows]


@router.get("/days")
def days(reader: Counting) -> Days:
    """How far the calendar is."""
    row = reader.one("SELECT max(day) AS last FROM days")
    return Days(last=row["last"] if row else None)


def _not_found(what: str) -> Refused:
    return Refused("not-found", f"There is no such {what} here; check its id.", kind="absent")

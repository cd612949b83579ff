"""Routes of the orchestrator: what is owed, what was missed, and why. Facts reach it as events, not over HTTP; the one thing
that is decided here is under which version of its standard a stay is kept. Who may see what: ``seeing``; an operator sees counts.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from havn_chassis.http import Call, Page, Reader, Receipt, allow, number, read
from havn_events.event import Day
from havn_events.municipalities import KnownMunicipality
from havn_events.orchestrator import RuleId
from orchestrator.bodies import (
    CaseFile,
    Days,
    Escalations,
    History,
    LedgerLine,
    NewStandard,
    NotOffered,
    Obligation,
    Obligations,
    ObligationWithParts,
    OfferCount,
    Part,
    Reminders,
    State,
    SummaryLine,
)
from orchestrator.domain.case import CASE, ChangeStandard
from orchestrator.ledger import ENTRIES, OwnTime, own_rows
from orchestrator.seeing import SHARES, SHARES_OF_ITS_OWN, Visible, all_as_told, as_told, may_see, not_found
from orchestrator.why import TIMELINE, Why, explain

router = APIRouter(tags=["obligations"])

Everyone = Annotated[Reader, Depends(read("shelter", "leader", "municipality", "auditor"))]
Staff = Annotated[Reader, Depends(read("shelter", "leader", "auditor"))]
Counting = Annotated[Reader, Depends(read("shelter", "leader", "municipality", "auditor", "operator"))]

Leader = Annotated[Reader, Depends(read("leader", "auditor"))]

NO_DAY = date(9999, 12, 31)

OFFERS = "-offer$|^initial-advice$|^advice-start$"
"""The rules that are about offering her something, by their ids: when one is missed and never met, it was not offered at all."""


@router.get("/cases/{case_id}")
def case_file(case_id: UUID, reader: Everyone) -> CaseFile:
    """A case as it stands: its ledger and its obligations."""
    view = Visible(reader).where(case_id=case_id)
    obligations = reader.all(f"SELECT * FROM ({view.sql}) v ORDER BY opened_on, rule, obligation_id", view.params)
    case = reader.one("SELECT case_id, shelter_id, standard, standard_version, opened_on FROM cases WHERE case_id = %s", (case_id,))
    if case is None or not may_see(reader, case, obligations):
        raise not_found("case")
    outside = reader.caller.role == "municipality"
    told = [as_told(reader, o) for o in obligations]
    return CaseFile(
        case_id=reader.shown(case_id),
        standard=None if outside else case["standard"],
        standard_version=None if outside else case["standard_version"],
        opened_on=case["opened_on"],
        ledger=[_ledger_line(o) for o in told if o["used"] is not None and o["person_id"] is not None],
        obligations=[Obligation(**o) for o in told],
    )


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
    if case is None or not may_see(reader, case, []):
        raise not_found("case")
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
        raise not_found("case")
    command = ChangeStandard(case_id, body.occurred_on, body.standard, body.version, call.setting("rulebook"), call.today)
    return call.handle(CASE, (case_id,), command)


@router.get("/reminders")
def reminders(
    reader: Annotated[Reader, Depends(read("shelter", "leader", "auditor"))], page: Annotated[Page, Depends()]
) -> Reminders:
    """What the shelter owes, is open, and was reminded of."""
    due, obligation_id = page.after_key(date.fromisoformat, UUID) or [date.min, UUID(int=0)]
    view = Visible(reader)
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
    view = Visible(reader)
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
    view = Visible(reader)
    shares = f"({SHARES_OF_ITS_OWN if view.own_part else SHARES}) s".format(view.sql)
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
    return NotOffered(counts=[OfferCount(**row) for row in counts], **all_as_told(reader, found))


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
    view = Visible(reader).where(municipality=municipality, due_before=due_before, rule=rule)
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
    view = Visible(reader).where(municipality=municipality, due_from=reader.today, due_to=last)
    return _listed(reader, page, view, "open")


def _listed(reader: Reader, page: Page, view: Visible, state: State | None) -> Obligations:
    due, obligation_id = page.after_key(date.fromisoformat, UUID) or [date.min, UUID(int=0)]
    rows = reader.all(
        f"SELECT * FROM ({view.sql}) v WHERE (coalesce(due, %s), obligation_id) > (%s, %s) "
        "AND (%s::text IS NULL OR state = %s) ORDER BY coalesce(due, %s), obligation_id LIMIT %s",
        (*view.params, NO_DAY, due, obligation_id, state, state, NO_DAY, page.limit + 1),
    )
    return Obligations(**all_as_told(reader, page.of(rows, key=lambda row: [row["due"] or NO_DAY, row["obligation_id"]])))


@router.get("/obligations/{obligation_id}")
def obligation(obligation_id: UUID, reader: Everyone) -> ObligationWithParts:
    """One obligation, and whose it was from when until when."""
    row = _obligation(reader, obligation_id)
    return ObligationWithParts(**as_told(reader, row), parts=_parts(reader, obligation_id))


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
    view = Visible(reader).where(obligation_id=obligation_id)
    row = reader.one(view.sql, view.params)
    if row is None:
        raise not_found("obligation")
    return row


@router.get("/summary")
def summary(reader: Annotated[Reader, Depends(read("shelter", "leader", "auditor", "operator"))]) -> list[SummaryLine]:
    """How every municipality and rule stand."""
    return _summary(reader, None)


@router.get("/municipalities/{code}/summary")
def municipality_summary(code: KnownMunicipality, reader: Counting) -> list[SummaryLine]:
    """How one municipality stands in each rule: what it owes or is told of, and what it handed over."""
    if reader.caller.role == "municipality" and reader.caller.municipality != code:
        raise not_found("municipality")
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

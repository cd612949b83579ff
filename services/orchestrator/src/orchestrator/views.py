"""Read models: who is owed what by whom, how much is used, what each municipality had its part in, and how it all came about.

A batch of events is first brought together in memory, one patch for each obligation; then each table is written at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import pydantic_core
from psycopg import Cursor
from psycopg.rows import DictRow

from havn_chassis.municipal_ids import remember
from havn_chassis.store import View
from havn_events import Recorded
from havn_events.event import Event
from havn_events.orchestrator import (
    CaseOpened,
    ChildCameBack,
    ChildFollowed,
    ContinuationAnnulled,
    DayPassed,
    FactNoted,
    ObligationCancelled,
    ObligationDueSoon,
    ObligationEvent,
    ObligationMet,
    ObligationMissed,
    ObligationOpened,
    ObligationReopened,
    ObligationRescheduled,
    ObligationTransferred,
    StandardChanged,
    StayContinued,
)
from orchestrator.domain.state import LEDGER, MUNICIPAL

Row = dict[str, Any]


def _write(cursor: Cursor[DictRow], statement: str, rows: Iterable[Row]) -> None:
    """One statement for all rows, which it finds in the parameter as a JSON array."""
    listed = list(rows)
    if listed:
        cursor.execute(statement.encode(), (pydantic_core.to_json(listed).decode(),))


class CasesView:
    """Which shelter's case it is, and under which version of which standard it is kept."""

    schema = """
    CREATE TABLE IF NOT EXISTS cases (
        case_id uuid PRIMARY KEY,
        shelter_id uuid NOT NULL,
        standard text NOT NULL,
        standard_version text NOT NULL,
        opened_on date NOT NULL
    );
    CREATE INDEX IF NOT EXISTS cases_shelter ON cases (shelter_id);
    """

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """One row for each case opened; the last change of its standard holds."""
        changed: dict[UUID, Row] = {}
        opened: list[Row] = []
        for event in (r.event for r in recorded):
            if isinstance(event, CaseOpened | StandardChanged):
                row = {"case_id": event.stay_id, "standard": event.standard, "standard_version": event.standard_version}
                if isinstance(event, CaseOpened):
                    opened.append(row | {"shelter_id": event.shelter_id, "opened_on": event.occurred_on})
                else:
                    changed[event.stay_id] = row
        _write(cursor, "INSERT INTO cases SELECT * FROM jsonb_populate_recordset(NULL::cases, %s::jsonb)", opened)
        _write(
            cursor,
            """
            UPDATE cases c SET standard = p.standard, standard_version = p.standard_version
            FROM jsonb_to_recordset(%s::jsonb) AS p(case_id uuid, standard text, standard_version text)
            WHERE c.case_id = p.case_id
            """,
            changed.values(),
        )


class ObligationsView:
    """What is owed, as it stands: one row for each obligation.

    The day from which the turn of the day leads to something (a miss, a reminder, an end) is indexed as one expression.
    ``document`` and ``section`` are those it was opened under; ``standard_version`` that of its due day.
    """

    schema = """
    CREATE TABLE IF NOT EXISTS obligations (
        obligation_id uuid PRIMARY KEY,
        case_id uuid NOT NULL,
        person_id uuid,
        reference uuid,
        rule text NOT NULL,
        owed_by text NOT NULL,
        owed_to text NOT NULL,
        municipality text,
        state text NOT NULL,
        opened_on date NOT NULL,
        due date,
        counted_from date,
        closed_on date,
        missed_on date,
        escalated_to text,
        remind_on date,
        ends_on date,
        late boolean NOT NULL,
        unit text,
        floor int,
        ceiling int,
        anonymous boolean NOT NULL,
        standard text NOT NULL,
        standard_version text NOT NULL,
        document text NOT NULL,
        section text NOT NULL,
        rests_on uuid NOT NULL
    );
    CREATE INDEX IF NOT EXISTS obligations_case ON obligations (case_id);
    CREATE INDEX IF NOT EXISTS obligations_owed ON obligations (municipality, state, due);
    CREATE INDEX IF NOT EXISTS obligations_open_due ON obligations (due, case_id) WHERE state = 'open';
    CREATE INDEX IF NOT EXISTS obligations_waiting ON obligations (least(due + 1, remind_on, ends_on), case_id)
        WHERE state = 'open';
    """

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """New rows whole; a patch for each obligation that was there before."""
        new: dict[UUID, Row] = {}
        patches: dict[UUID, Row] = {}
        for event in (r.event for r in recorded):
            if isinstance(event, ObligationOpened):
                new[event.obligation_id] = _new_row(event)
            elif isinstance(event, ObligationEvent):
                row = new.get(event.obligation_id)
                (patches.setdefault(event.obligation_id, {}) if row is None else row).update(_patch(event))
        _write(
            cursor,
            "INSERT INTO obligations SELECT * FROM jsonb_populate_recordset(NULL::obligations, %s::jsonb)",
            new.values(),
        )
        _write(
            cursor,
            """
            UPDATE obligations o
            SET (
                municipality, state, due, counted_from, closed_on, missed_on, late,
                escalated_to, remind_on, standard, standard_version
            ) = (
                SELECT r.municipality, r.state, r.due, r.counted_from, r.closed_on, r.missed_on, r.late,
                    r.escalated_to, r.remind_on, r.standard, r.standard_version
                FROM jsonb_populate_record(o, p.patch) r
            )
            FROM jsonb_to_recordset(%s::jsonb) AS p(obligation_id uuid, patch jsonb)
            WHERE o.obligation_id = p.obligation_id
            """,
            ({"obligation_id": obligation_id, "patch": patch} for obligation_id, patch in patches.items()),
        )


def _new_row(event: ObligationOpened) -> Row:
    return {
        "obligation_id": event.obligation_id,
        "case_id": event.stay_id,
        "person_id": event.person_id,
        "reference": event.reference,
        "rule": event.rule,
        "owed_by": event.owed_by,
        "owed_to": event.owed_to,
        "municipality": event.municipality,
        "state": "open",
        "opened_on": event.occurred_on,
        "due": event.due,
        "counted_from": event.counted_from,
        "closed_on": None,
        "missed_on": None,
        "escalated_to": None,
        "remind_on": event.remind_on,
        "ends_on": event.ends_on,
        "late": False,
        "unit": event.unit,
        "floor": event.floor,
        "ceiling": event.ceiling,
        "anonymous": event.anonymous,
        "standard": event.standard,
        "standard_version": event.standard_version,
        "document": event.document,
        "section": event.section,
        "rests_on": event.rests_on,
    }


def _patch(event: Event) -> Row:
    match event:
        case ObligationMet():
            return {"state": "met-late" if event.late else "met", "closed_on": event.occurred_on, "late": event.late}
        case ObligationMissed():
            missed = {"state": "missed", "missed_on": event.occurred_on, "escalated_to": event.escalated_to}
            return missed | {"closed_on": None, "late": False}
        case ObligationCancelled():
            return {"state": "cancelled", "closed_on": event.occurred_on, "late": False}
        case ObligationReopened():
            return {"state": "open", "closed_on": None, "late": False}
        case ObligationRescheduled():
            moved = {"due": event.due, "counted_from": event.counted_from, "remind_on": event.remind_on}
            if event.standard is None:
                return moved
            return moved | {"standard": event.standard, "standard_version": event.standard_version}
        case ObligationDueSoon():
            return {"remind_on": None}
        case ObligationTransferred():
            return {"municipality": event.municipality}
    return {}


class RemindersView:
    """Of which due days those who owe were reminded, and how many working days were left then."""

    schema = """
    CREATE TABLE IF NOT EXISTS reminders (
        obligation_id uuid NOT NULL,
        due date NOT NULL,
        reminded_on date NOT NULL,
        working_days int NOT NULL,
        PRIMARY KEY (obligation_id, due)
    );
    """

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """One row for each reminder."""
        _write(
            cursor,
            "INSERT INTO reminders SELECT * FROM jsonb_populate_recordset(NULL::reminders, %s::jsonb)",
            (
                {
                    "obligation_id": event.obligation_id,
                    "due": event.due,
                    "reminded_on": event.occurred_on,
                    "working_days": event.working_days,
                }
                for event in (r.event for r in recorded)
                if isinstance(event, ObligationDueSoon)
            ),
        )


class PartsView:
    """Which municipality owes, or is told of, an obligation and when. ``until``: the first day it no longer does."""

    schema = """
    CREATE TABLE IF NOT EXISTS obligation_parts (
        obligation_id uuid NOT NULL,
        version int NOT NULL,
        municipality text NOT NULL,
        since date NOT NULL,
        until date,
        PRIMARY KEY (obligation_id, version)
    );
    CREATE INDEX IF NOT EXISTS obligation_parts_municipality ON obligation_parts (municipality, obligation_id);
    """

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """A transfer ends the part before it and begins the next."""
        ended: dict[UUID, Row] = {}
        new: dict[UUID, list[Row]] = {}
        for r in recorded:
            event = r.event
            if isinstance(event, ObligationOpened) and concerns_municipality(event.owed_by, event.owed_to):
                _begin_part(new, r, event)
            elif isinstance(event, ObligationTransferred):
                if event.obligation_id in new:
                    new[event.obligation_id][-1]["until"] = event.occurred_on
                else:
                    ended[event.obligation_id] = {"obligation_id": event.obligation_id, "until": event.occurred_on}
                _begin_part(new, r, event)
        _write(
            cursor,
            """
            UPDATE obligation_parts o SET until = p.until
            FROM jsonb_to_recordset(%s::jsonb) AS p(obligation_id uuid, until date)
            WHERE o.obligation_id = p.obligation_id AND o.until IS NULL
            """,
            ended.values(),
        )
        _write(
            cursor,
            "INSERT INTO obligation_parts SELECT * FROM jsonb_populate_recordset(NULL::obligation_parts, %s::jsonb)",
            (row for rows in new.values() for row in rows),
        )
        remember(
            cursor,
            {
                (event.municipality, known)
                for event in (r.event for r in recorded)
                if isinstance(event, ObligationEvent) and event.obligation_id in new and event.municipality is not None
                for known in (event.obligation_id, event.stay_id)
            },
        )


def concerns_municipality(owed_by: str, owed_to: str) -> bool:
    """Whether a municipality owes it or is told: the only obligations a municipality sees."""
    return owed_by in MUNICIPAL or owed_to == "home-municipality"


def _begin_part(parts: dict[UUID, list[Row]], r: Recorded, event: ObligationOpened | ObligationTransferred) -> None:
    if event.municipality is not None:
        parts.setdefault(event.obligation_id, []).append(
            {
                "obligation_id": event.obligation_id,
                "version": r.originator_version,
                "municipality": event.municipality,
                "since": event.occurred_on,
                "until": None,
            }
        )


class LedgersView:
    """What each person has used of the treatment, and what was granted on top of it."""

    schema = """
    CREATE TABLE IF NOT EXISTS ledgers (
        case_id uuid NOT NULL,
        person_id uuid NOT NULL,
        minutes int NOT NULL,
        sessions int NOT NULL,
        granted int NOT NULL,
        PRIMARY KEY (case_id, person_id)
    );
    """

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """Adds what the batch adds."""
        sums: dict[tuple[UUID, UUID], Row] = {}
        for event in (r.event for r in recorded):
            if not isinstance(event, FactNoted) or event.person_id is None or event.minutes is None:
                continue
            if event.fact in LEDGER or event.fact == "ExtraHoursGranted":
                row = sums.setdefault(
                    (event.stay_id, event.person_id),
                    {"case_id": event.stay_id, "person_id": event.person_id, "minutes": 0, "sessions": 0, "granted": 0},
                )
                row["minutes" if event.fact in LEDGER else "granted"] += event.minutes
                row["sessions"] += _sessions(event.attributes)
        _write(
            cursor,
            """
            INSERT INTO ledgers SELECT * FROM jsonb_populate_recordset(NULL::ledgers, %s::jsonb)
            ON CONFLICT (case_id, person_id) DO UPDATE SET
                minutes = ledgers.minutes + excluded.minutes,
                sessions = ledgers.sessions + excluded.sessions,
                granted = ledgers.granted + excluded.granted
            """,
            sums.values(),
        )


def _sessions(attributes: Mapping[str, str | int | bool]) -> int:
    return int(attributes.get("sessions", 0))


class HistoryView:
    """Everything that happened in a case, in the order of recording, with business date and recording time."""

    schema = """
    CREATE TABLE IF NOT EXISTS case_history (
        case_id uuid NOT NULL,
        version int NOT NULL,
        type text NOT NULL,
        occurred_on date NOT NULL,
        recorded_at timestamptz NOT NULL,
        obligation_id uuid,
        rule text,
        person_id uuid,
        municipality text,
        fact text,
        fact_id uuid,
        minutes int,
        sessions int,
        session_on date,
        due date,
        due_before date,
        counted_from date,
        late boolean,
        working_days int,
        standard text,
        standard_version text,
        PRIMARY KEY (case_id, version)
    );
    CREATE INDEX IF NOT EXISTS case_history_obligation ON case_history (obligation_id) WHERE obligation_id IS NOT NULL;
    """

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """One row for each event of a case."""
        _write(
            cursor,
            "INSERT INTO case_history SELECT * FROM jsonb_populate_recordset(NULL::case_history, %s::jsonb)",
            (_history_row(r) for r in recorded if not isinstance(r.event, DayPassed)),
        )


def _history_row(r: Recorded) -> Row:
    event = r.event
    row: Row = {
        "case_id": event.case_id,
        "version": r.originator_version,
        "type": r.type,
        "occurred_on": event.occurred_on,
        "recorded_at": r.recorded_at,
    }
    if isinstance(event, FactNoted):
        row |= {"fact": event.fact, "fact_id": event.fact_id, "person_id": event.person_id, "municipality": event.municipality}
        row |= {"minutes": event.minutes, "sessions": _sessions(event.attributes) or None}
        row |= {"session_on": event.until if event.fact == "SessionCorrected" else None}
    elif isinstance(event, ObligationEvent):
        told = event.__dict__
        row |= {"obligation_id": event.obligation_id, "rule": event.rule, "person_id": event.person_id}
        row |= {"municipality": event.municipality, "fact_id": told.get("rests_on")}
        kept = ("due", "due_before", "counted_from", "late", "working_days", "standard", "standard_version")
        row |= {name: told.get(name) for name in kept}
    elif isinstance(event, CaseOpened):
        row |= {"municipality": event.home_municipality, "standard": event.standard, "standard_version": event.standard_version}
    elif isinstance(event, StandardChanged):
        row |= {"fact": r.type, "fact_id": event.change_id}
        row |= {"standard": event.standard, "standard_version": event.standard_version}
    elif isinstance(event, StayContinued | ContinuationAnnulled | ChildFollowed | ChildCameBack):
        row |= {"fact": r.type, "fact_id": event.rests_on, "person_id": event.person_id}
    return row


class DaysView:
    """The days that have passed."""

    schema = "CREATE TABLE IF NOT EXISTS days (day date PRIMARY KEY, recorded_at timestamptz NOT NULL);"

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """One row for each day."""
        _write(
            cursor,
            "INSERT INTO days SELECT * FROM jsonb_populate_recordset(NULL::days, %s::jsonb)",
            ({"day": r.event.occurred_on, "recorded_at": r.recorded_at} for r in recorded if isinstance(r.event, DayPassed)),
        )


VIEWS: tuple[View, ...] = (
    CasesView(),
    ObligationsView(),
    RemindersView(),
    PartsView(),
    LedgersView(),
    HistoryView(),
    DaysView(),
)

"""What the orchestrator is told and what it answers: the shapes of its HTTP API."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from havn_chassis.http import Body
from havn_events.event import Day
from havn_events.intake import StandardId
from havn_events.orchestrator import StandardVersion

State = Literal["open", "missed", "met", "met-late", "cancelled", "transferred"]


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

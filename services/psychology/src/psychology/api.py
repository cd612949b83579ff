"""Psychology over HTTP.

A municipality sees and touches the treatments that it owes, a shelter those of its own stays, a psychologist those that she is
named for; any other is answered as if unknown.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field, StrictBool

from havn_chassis.http import Body, Call, Page, Reader, Receipt, allow, read
from havn_events.codes import Employer, TreatmentDeclinedReason, TreatmentEnd, Unit
from havn_events.event import Day, Minutes
from havn_events.municipalities import KnownMunicipality
from psychology.domain.agreement import AGREEMENT, EndAgreement, MakeAgreement, agreement_ids
from psychology.domain.request import REQUEST, AnswerRequest, RequestAgreement, not_owed
from psychology.domain.treatment.commands import (
    AssignPsychologist,
    CompleteTreatment,
    CorrectSession,
    DeclineTreatment,
    Elsewhere,
    GrantExtraHours,
    HoldSession,
    MissSession,
    OfferTreatment,
    Report,
)
from psychology.domain.treatment.decider import TREATMENT
from psychology.domain.treatment.standing import not_open
from psychology.views import ELSEWHERE, LEDGERS

router = APIRouter(tags=["psychology"])

ONE_TREATMENT = "/stays/{stay_id}/people/{person_id}/treatment"

Status = Literal["open", "offered", "running", "declined", "completed", "closed"]
"""``open``: owed and not offered yet. ``running``: a psychologist has it. ``closed``: not owed any more."""

NAMED = "SELECT 1 FROM treatments WHERE stay_id = %s AND person_id = %s AND psychologist_id = %s"


def _treats(stay_id: UUID, person_id: UUID, call: Annotated[Call, Depends(allow("psychologist", "shelter", "leader"))]) -> Call:
    """A psychologist reports on the treatments that she is named for; whose they were before is no more hers to say."""
    own = call.caller.professional
    if own is not None and call.one(NAMED, (stay_id, person_id, own)) is None:
        raise not_open()
    return call


Arranging = Annotated[Call, Depends(allow("shelter", "leader", "municipality"))]
Treating = Annotated[Call, Depends(_treats)]
Granting = Annotated[Call, Depends(allow("municipality", scope="havn:decide"))]
Asking = Annotated[Reader, Depends(read("shelter", "leader", "psychologist", "municipality", "auditor"))]


class Offer(Body):
    """Treatment was offered."""

    occurred_on: Day


class Decline(Body):
    """The offer was declined."""

    occurred_on: Day
    reason: TreatmentDeclinedReason


class Assignment(Body):
    """A psychologist took on the treatment.

    ``authorised``: the psychologist holds an authorisation; nobody else may treat. With the shelter as the employer, she is a
    citizen of the shelter's own municipality, or hers has an agreement with the shelter in force on the day.
    """

    occurred_on: Day
    psychologist_id: UUID
    employer: Employer
    authorised: StrictBool


class HeldSession(Body):
    """A session was held. ``session_id`` is chosen by the caller."""

    occurred_on: Day
    session_id: UUID
    minutes: Minutes


class MissedSession(Body):
    """Nobody came. ``session_id`` is chosen by the caller."""

    occurred_on: Day
    session_id: UUID


class Correction(Body):
    """What the session took in truth; 0 where it was not held. ``occurred_on``: the day the mistake was found."""

    occurred_on: Day
    minutes: Annotated[int, Field(strict=True, ge=0, le=24 * 60)]


class ExtraHours(Body):
    """The municipality raises the ceiling by ``minutes``; whole hours where sessions are counted, one for each."""

    occurred_on: Day
    minutes: Annotated[int, Field(strict=True, ge=1, le=6000)]


class Completion(Body):
    """The treatment ended."""

    occurred_on: Day
    reason: TreatmentEnd


class AgreementReport(Body):
    """The caller's municipality lets the shelter's own psychologist treat its citizens from that day on."""

    occurred_on: Day
    shelter_id: UUID


class AgreementRequest(Body):
    """The shelter asks for an agreement about one stay."""

    occurred_on: Day


class AgreementAnswerReport(Body):
    """The caller's municipality agrees, or does not, for this stay."""

    occurred_on: Day
    agreed: StrictBool


class AgreementEnding(Body):
    """The first day on which the agreement is not in force any more."""

    occurred_on: Day


class SessionRow(BaseModel):
    """A session. ``minutes`` counts now, 0 where it was missed or not held; ``minutes_recorded`` was reported first."""

    session_id: UUID
    day: date
    minutes: int
    minutes_recorded: int
    corrected_on: date | None


class TreatmentRow(BaseModel):
    """A person's treatment. ``floor``, ``ceiling``, ``used`` and ``left`` are in ``unit``.

    ``left`` includes what was granted extra. ``carried_over``: what was used before at the shelters that she came straight from;
    it is not left any more. ``reason``: why it was declined or how it was completed.
    """

    stay_id: UUID
    person_id: UUID
    municipality: str
    status: Status
    unit: Unit
    floor: int
    ceiling: int
    extra_minutes: int
    used: int
    carried_over: int
    left: int
    opened_on: date
    offered_on: date | None
    psychologist_id: UUID | None
    employer: Employer | None
    ended_on: date | None
    reason: TreatmentDeclinedReason | TreatmentEnd | None


class TreatmentWithSessions(TreatmentRow):
    """A person's treatment and its sessions, oldest first; for a municipality, those since it owes the treatment."""

    sessions: list[SessionRow]


class Treatments(BaseModel):
    """One page of treatments."""

    items: list[TreatmentRow]
    next: str | None


class AgreementRow(BaseModel):
    """A time in which the shelter's own psychologist may treat the municipality's citizens.

    ``until``: the first day it is not in force any more, None while it is.
    """

    municipality: str
    shelter_id: UUID
    since: date
    until: date | None


class StayAnswer(BaseModel):
    """A municipality's answer about one stay; its day and the instant of recording are the evidence."""

    municipality: str
    agreed: bool
    answered_on: date
    answered_at: datetime


class StayAgreement(BaseModel):
    """What was asked and answered about one stay. ``waits_since``: the day of a request that is not answered yet."""

    waits_since: date | None
    answers: list[StayAnswer]


class Agreements(BaseModel):
    """One page of agreements, by shelter, municipality and day."""

    items: list[AgreementRow]
    next: str | None


_TREATMENT = (
    f"{LEDGERS} SELECT stay_id, person_id, municipality, status, unit, floor, ceiling, extra_minutes, used, carried_over, "
    "remaining AS left, opened_on, offered_on, psychologist_id, employer, ended_on, reason FROM ledgers "
)


@router.get(ONE_TREATMENT)
def treatment(stay_id: UUID, person_id: UUID, reads: Asking, response: Response) -> TreatmentWithSessions:
    """How much is left for this person?"""
    _, version = reads.state(TREATMENT, (stay_id, person_id))
    row = reads.one(_TREATMENT + "WHERE stay_id = %s AND person_id = %s", (stay_id, person_id))
    if row is None or not _is_own(reads, row):
        raise not_open()
    only_own = reads.caller.municipality is not None
    sessions = reads.all(
        "SELECT session_id, day, minutes, minutes_recorded, corrected_on FROM sessions JOIN treatments USING (stay_id, person_id) "
        "WHERE stay_id = %s AND person_id = %s AND (NOT %s OR owed_since IS NULL OR day >= owed_since) ORDER BY day, session_id",
        (stay_id, person_id, only_own),
    )
    response.headers["ETag"] = reads.tag(TREATMENT.stream_id(stay_id, person_id), version)
    shown = [SessionRow(**session | {"session_id": reads.shown(session["session_id"])}) for session in sessions]
    return TreatmentWithSessions(**_told(reads, row), sessions=shown)


def _told(reads: Reader, row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: reads.shown(row[name]) for name in ("stay_id", "person_id")}


def _is_own(reads: Reader, row: dict[str, Any]) -> bool:
    caller = reads.caller
    return caller.municipality in (None, row["municipality"]) and caller.professional in (None, row["psychologist_id"])


@router.get("/treatments")
def treatments(
    reads: Asking,
    page: Annotated[Page, Depends()],
    municipality: Annotated[KnownMunicipality | None, Query()] = None,
    status: Annotated[Status | None, Query()] = None,
) -> Treatments:
    """Whose treatment is in which state? A municipality, a shelter and a psychologist see their own only."""
    conditions: list[tuple[str, tuple[object, ...]]] = []
    for code in (municipality, reads.caller.municipality):
        if code is not None:
            conditions.append(("municipality = %s", (code,)))
    if status is not None:
        conditions.append(("status = %s", (status,)))
    if reads.caller.professional is not None:
        conditions.append(("psychologist_id = %s", (reads.caller.professional,)))
    if reads.caller.shelter is not None:
        conditions.append(("stay_id IN (SELECT stay_id FROM stays WHERE shelter_id = %s)", (reads.caller.shelter,)))
    after = page.after_key(UUID, UUID)
    if after is not None:
        conditions.append(("(stay_id, person_id) > (%s, %s)", tuple(after)))
    where = " AND ".join(condition for condition, _ in conditions) or "true"
    params = [value for _, values in conditions for value in values]
    rows = reads.all(f"{_TREATMENT} WHERE {where} ORDER BY stay_id, person_id LIMIT %s", (*params, page.limit + 1))
    listed = page.of(rows, key=lambda row: [row["stay_id"], row["person_id"]])
    return Treatments(items=[TreatmentRow(**_told(reads, row)) for row in listed["items"]], next=listed["next"])


def _elsewhere(call: Call, stay_id: UUID, person_id: UUID) -> Elsewhere:
    """What the connected stays used of the same entitlement, as far as it is recorded now."""
    row = call.one(ELSEWHERE, (stay_id, person_id))
    assert row is not None
    return Elsewhere(int(row["minutes"]), int(row["sessions"]), int(row["extra_minutes"]))


def _shelter_may_treat(call: Call, stay_id: UUID, day: date) -> frozenset[str]:
    """The shelter's own municipality, those with an agreement in force on that day, and those that agreed for this stay by then."""
    rows = call.all(
        "SELECT shelter_municipality AS municipality FROM stays WHERE stay_id = %s AND shelter_municipality IS NOT NULL "
        "UNION SELECT a.municipality FROM agreements a JOIN stays s USING (shelter_id) "
        "WHERE s.stay_id = %s AND a.since <= %s AND (a.until IS NULL OR a.until > %s) "
        "UNION SELECT municipality FROM stay_agreements WHERE stay_id = %s AND agreed AND answered_on <= %s",
        (stay_id, stay_id, day, day, stay_id, day),
    )
    return frozenset(row["municipality"] for row in rows)


def _report(call: Call, stay_id: UUID, person_id: UUID, command: Report) -> Response:
    return call.handle(TREATMENT, (stay_id, person_id), replace(command, admitted_on=call.admitted_on(stay_id)))


@router.post(ONE_TREATMENT + "/offer", status_code=201, response_model=Receipt)
def offer(stay_id: UUID, person_id: UUID, body: Offer, call: Arranging) -> Response:
    """Report that treatment was offered, or, after it was declined, that it was offered again."""
    command = OfferTreatment(stay_id, person_id, body.occurred_on, call.caller.municipality)
    return _report(call, stay_id, person_id, command)


@router.post(ONE_TREATMENT + "/decline", status_code=201, response_model=Receipt)
def decline(stay_id: UUID, person_id: UUID, body: Decline, call: Arranging) -> Response:
    """Report that the offer was declined, and why."""
    command = DeclineTreatment(stay_id, person_id, body.occurred_on, body.reason, call.caller.municipality)
    return _report(call, stay_id, person_id, command)


@router.post(ONE_TREATMENT + "/psychologist", status_code=201, response_model=Receipt)
def assign(stay_id: UUID, person_id: UUID, body: Assignment, call: Arranging) -> Response:
    """Report that an authorised psychologist took on the treatment."""
    command = AssignPsychologist(
        stay_id,
        person_id,
        body.occurred_on,
        psychologist_id=body.psychologist_id,
        employer=body.employer,
        authorised=body.authorised,
        shelter_may_treat=_shelter_may_treat(call, stay_id, body.occurred_on),
        municipality=call.caller.municipality,
    )
    return _report(call, stay_id, person_id, command)


@router.post(ONE_TREATMENT + "/sessions", status_code=201, response_model=Receipt)
def hold(stay_id: UUID, person_id: UUID, body: HeldSession, call: Treating) -> Response:
    """Report a session that was held."""
    elsewhere = _elsewhere(call, stay_id, person_id)
    command = HoldSession(stay_id, person_id, body.occurred_on, body.session_id, body.minutes, elsewhere)
    return _report(call, stay_id, person_id, command)


@router.post(ONE_TREATMENT + "/missed-sessions", status_code=201, response_model=Receipt)
def miss(stay_id: UUID, person_id: UUID, body: MissedSession, call: Treating) -> Response:
    """Report a session to which nobody came."""
    command = MissSession(stay_id, person_id, body.occurred_on, body.session_id)
    return _report(call, stay_id, person_id, command)


@router.post(ONE_TREATMENT + "/sessions/{session_id}/correction", status_code=201, response_model=Receipt)
def correct(stay_id: UUID, person_id: UUID, session_id: UUID, body: Correction, call: Treating) -> Response:
    """Report what a session took in truth."""
    elsewhere = _elsewhere(call, stay_id, person_id)
    command = CorrectSession(stay_id, person_id, body.occurred_on, session_id, body.minutes, elsewhere)
    return _report(call, stay_id, person_id, command)


@router.post(ONE_TREATMENT + "/extra-hours", status_code=201, response_model=Receipt)
def grant(stay_id: UUID, person_id: UUID, body: ExtraHours, call: Granting) -> Response:
    """Report that the owing municipality raised the ceiling."""
    command = GrantExtraHours(stay_id, person_id, body.occurred_on, body.minutes, _municipality(call))
    return _report(call, stay_id, person_id, command)


@router.post(ONE_TREATMENT + "/completion", status_code=201, response_model=Receipt)
def complete(stay_id: UUID, person_id: UUID, body: Completion, call: Treating) -> Response:
    """Report that the treatment ended."""
    command = CompleteTreatment(stay_id, person_id, body.occurred_on, body.reason)
    return _report(call, stay_id, person_id, command)


def _owed_by(call: Reader, stay_id: UUID) -> frozenset[str]:
    """The municipalities that owe treatments in the stay now."""
    return frozenset(row["municipality"] for row in call.all("SELECT municipality FROM treatments WHERE stay_id = %s", (stay_id,)))


@router.get("/stays/{stay_id}/agreement")
def stay_agreement(
    stay_id: UUID, reads: Annotated[Reader, Depends(read("shelter", "leader", "municipality", "auditor"))]
) -> StayAgreement:
    """Was the municipality asked about the shelter's own psychologist in this stay, and what did it answer?

    A municipality sees its own answers, while it owes the treatment.
    """
    own = reads.caller.municipality
    if own is not None and own not in _owed_by(reads, stay_id):
        raise not_owed()
    request, _ = reads.state(REQUEST, (stay_id,))
    rows = reads.all(
        "SELECT municipality, agreed, answered_on, answered_at FROM stay_agreements "
        "WHERE stay_id = %s AND (%s::text IS NULL OR municipality = %s) ORDER BY answered_at",
        (stay_id, own, own),
    )
    return StayAgreement(waits_since=request.asked_on, answers=[StayAnswer(**row) for row in rows])


@router.post("/stays/{stay_id}/agreement/request", status_code=201, response_model=Receipt)
def request_agreement(
    stay_id: UUID, body: AgreementRequest, call: Annotated[Call, Depends(allow("shelter", "leader"))]
) -> Response:
    """Ask the home municipality whether the shelter's own psychologist may treat in this stay (Odense 2.4)."""
    agreed = _shelter_may_treat(call, stay_id, body.occurred_on)
    command = RequestAgreement(stay_id, body.occurred_on, _owed_by(call, stay_id), agreed, call.admitted_on(stay_id))
    return call.handle(REQUEST, (stay_id,), command)


@router.post("/stays/{stay_id}/agreement/answer", status_code=201, response_model=Receipt)
def answer_request(stay_id: UUID, body: AgreementAnswerReport, call: Granting) -> Response:
    """Agree that the shelter's own psychologist treats in this stay, or do not; for the municipality that owes the treatment."""
    command = AnswerRequest(stay_id, body.occurred_on, _municipality(call), body.agreed, _owed_by(call, stay_id))
    return call.handle(REQUEST, (stay_id,), command)


@router.post("/agreements", status_code=201, response_model=Receipt)
def agree(body: AgreementReport, call: Granting) -> Response:
    """Let a shelter's own psychologist treat the municipality's citizens (Odense 2.4)."""
    municipality = _municipality(call)
    command = MakeAgreement(municipality, body.shelter_id, body.occurred_on)
    return call.handle(AGREEMENT, agreement_ids(municipality, body.shelter_id), command)


@router.post("/agreements/{shelter_id}/ending", status_code=201, response_model=Receipt)
def end_agreement(shelter_id: UUID, body: AgreementEnding, call: Granting) -> Response:
    """End the municipality's agreement with that shelter; treatments that have a psychologist go on."""
    municipality = _municipality(call)
    command = EndAgreement(municipality, shelter_id, body.occurred_on)
    return call.handle(AGREEMENT, agreement_ids(municipality, shelter_id), command)


def _municipality(call: Call) -> str:
    """The municipality the caller's token names; the role has one."""
    assert call.caller.municipality is not None
    return call.caller.municipality


@router.get("/agreements")
def agreements(
    reads: Annotated[Reader, Depends(read("shelter", "leader", "municipality", "auditor"))], page: Annotated[Page, Depends()]
) -> Agreements:
    """Whose citizens may which shelter's psychologist treat, and when? A municipality and a shelter see their own only."""
    own_municipality, own_shelter = reads.caller.municipality, reads.caller.shelter
    after = page.after_key(UUID, str, date.fromisoformat) or [UUID(int=0), "", date.min]
    rows = reads.all(
        "SELECT municipality, shelter_id, since, until FROM agreements "
        "WHERE (%s::text IS NULL OR municipality = %s) AND (%s::uuid IS NULL OR shelter_id = %s) "
        "AND (shelter_id, municipality, since) > (%s, %s, %s) ORDER BY shelter_id, municipality, since LIMIT %s",
        (own_municipality, own_municipality, own_shelter, own_shelter, *after, page.limit + 1),
    )
    return Agreements.model_validate(page.of(rows, key=lambda row: [str(row["shelter_id"]), row["municipality"], row["since"]]))

"""Routes: what happened to her advice, who advises her until when, and the same by municipality.

For a municipality only the stays exist whose advice it owes, or owed: of those it sees what happened while it did.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from coordinating_advice.domain.advice.commands import (
    BeginPhase,
    DeclineAdvice,
    EndAdvice,
    ExtendWindow,
    GiveAdvice,
    GiveInitialAdvice,
    HandOverAdvice,
    NameAdviser,
    OfferAdvice,
    Report,
    StartAdvice,
    TakeOverAdvice,
)
from coordinating_advice.domain.advice.decider import ADVICE
from coordinating_advice.domain.advice.extending import latest_extension
from coordinating_advice.domain.advice.standing import not_open
from coordinating_advice.views import ADVICE_AND_SHARES
from havn_chassis.auth import Role
from havn_chassis.decider import Refused
from havn_chassis.http import PROBLEMS, Body, Call, Page, Reader, Receipt, allow, read
from havn_events.codes import AdviceBy, AdviceDeclinedReason, AdviceEnd, AdvicePhase, AdviceVariant, ShelterAdvises, TakenOverBy
from havn_events.event import Day, Minutes
from havn_events.municipalities import KnownMunicipality

router = APIRouter(tags=["advice"], responses=PROBLEMS)

EVERYONE: tuple[Role, ...] = ("shelter", "leader", "adviser", "municipality")
NAMED = "SELECT 1 FROM advice WHERE stay_id = %s AND adviser_id = %s"


def _advises(stay_id: UUID, call: Annotated[Call, Depends(allow(*EVERYONE))]) -> Call:
    """An adviser reports on the advice that she was named for, or that was handed over to her."""
    own = call.caller.professional
    if own is not None and call.one(NAMED, (stay_id, own)) is None:
        raise not_open()
    return call


Reporting = Annotated[Call, Depends(_advises)]
Deciding = Annotated[Call, Depends(allow("municipality", scope="havn:decide"))]
Status = Literal["open", "offered", "declined", "started", "ended", "closed", "transferred"]
"""``closed``: the stay was annulled, or the advice goes on at another shelter. ``transferred``: another municipality owes the rest;
only its former one sees this."""


class InitialAdvice(Body):
    """She was introduced to the advice and to where she can turn."""

    occurred_on: Day
    by: AdviceBy


class Offer(Body):
    """Coordinating advice was offered."""

    occurred_on: Day


class Decline(Body):
    """She does not want coordinating advice."""

    occurred_on: Day
    reason: AdviceDeclinedReason


class Start(Body):
    """Coordinating advice began."""

    occurred_on: Day
    variant: AdviceVariant
    by: AdviceBy


class Meeting(Body):
    """One meeting. ``meeting_id`` is chosen by the caller. ``by``: whose adviser held it."""

    occurred_on: Day
    meeting_id: UUID
    minutes: Minutes
    by: AdviceBy


class Phase(Body):
    """The next phase of Critical Time Intervention began: pre, transition, try-out, transfer, in this order."""

    occurred_on: Day
    phase: AdvicePhase


class Naming(Body):
    """Who advises her: the id that the adviser's own token names."""

    occurred_on: Day
    adviser_id: UUID


class Handover(Body):
    """From one adviser to another, who is the owing municipality's."""

    occurred_on: Day
    from_adviser_id: UUID
    to_adviser_id: UUID
    municipality: KnownMunicipality


class Takeover(Body):
    """The caller's municipality took over from the one that owed the advice before. ``adviser_id``: who advises her from now on."""

    occurred_on: Day
    adviser_id: UUID
    by: TakenOverBy


class Extension(Body):
    """The window's new last day, at most 12 months after move-out."""

    occurred_on: Day
    until: Day


class End(Body):
    """The advice ended. ``last-day`` only on the window's last day."""

    occurred_on: Day
    because: AdviceEnd


class Advice(BaseModel):
    """One stay's advice.

    ``until``: the window's last day. ``latest_until``: the last day it may ever be extended to. ``meetings`` and ``minutes``:
    held so far; for a municipality, while it owed the advice. ``phase``: of Critical Time Intervention, since ``phase_began_on``.
    ``shelter_advises``: whom the shelter may advise after their move-out, known from then on; not told to a municipality, since
    it says which standard the shelter follows. ``handed_on``: the day from which another municipality owes it.
    ``taken_over_on``: the day on which the municipality that owes it now took over from the one before, recorded at
    ``taken_over_at``: the evidence.
    """

    stay_id: UUID
    status: Status
    municipality: str
    initial_advice_on: date | None
    offered_on: date | None
    declined_on: date | None
    declined_because: AdviceDeclinedReason | None
    started_on: date | None
    variant: AdviceVariant | None
    started_by: AdviceBy | None
    phase: AdvicePhase | None
    phase_began_on: date | None
    adviser_id: UUID | None
    taken_over_on: date | None
    taken_over_at: datetime | None
    taken_over_by: TakenOverBy | None
    moved_out_on: date | None
    until: date | None
    latest_until: date | None
    shelter_advises: ShelterAdvises | None
    ended_on: date | None
    ended_because: AdviceEnd | None
    meetings: int
    minutes: int
    handed_on: date | None


class AdvicePage(BaseModel):
    """A page of stays, by their ids."""

    items: list[Advice]
    next: str | None


@router.get("/stays/{stay_id}/advice")
def advice_of_stay(stay_id: UUID, reads: Annotated[Reader, Depends(read(*EVERYONE, "auditor"))]) -> Advice:
    """Who advises her, until when?"""
    own = reads.caller.municipality
    row = reads.one(f"{ADVICE_AND_SHARES} WHERE stay_id = %s", (own, own, own, stay_id))
    if row is None or reads.caller.professional not in (None, row["adviser_id"]):
        raise not_open()
    return _advice(reads, row, own)


@router.get("/advice", response_model=AdvicePage)
def advice_by_municipality(
    reads: Annotated[Reader, Depends(read("adviser", "municipality", "auditor"))],
    page: Annotated[Page, Depends()],
    municipality: Annotated[KnownMunicipality | None, Query()] = None,
    status: Annotated[Status | None, Query()] = None,
) -> dict[str, Any]:
    """Whose advice does this municipality owe, or did it owe?

    A municipality sees its own, an adviser what she was named for, an auditor one shelter's; no others exist for them.
    """
    own = reads.caller.municipality
    if own is not None and municipality not in (None, own):
        raise Refused("not-found", "There is no advice of that municipality for you; leave it out.", kind="absent")
    asked = own or municipality
    adviser, shelter = reads.caller.professional, reads.caller.shelter
    [after] = page.after_key(UUID) or [None]
    rows = reads.all(
        f"{ADVICE_AND_SHARES} WHERE (%s::text IS NULL OR shown_status = %s) AND (%s::uuid IS NULL OR stay_id > %s) "
        "AND (%s::uuid IS NULL OR adviser_id = %s) "
        "AND (%s::uuid IS NULL OR stay_id IN (SELECT stay_id FROM stays WHERE shelter_id = %s)) "
        "ORDER BY stay_id LIMIT %s",
        (asked, asked, asked, status, status, after, after, adviser, adviser, shelter, shelter, page.limit + 1),
    )
    listed = page.of(rows, key=lambda row: [row["stay_id"]])
    return {**listed, "items": [_advice(reads, row, asked) for row in listed["items"]]}


def _report(call: Call, command: Report) -> Response:
    return call.handle(ADVICE, (command.stay_id,), replace(command, admitted_on=call.admitted_on(command.stay_id)))


@router.post("/stays/{stay_id}/advice/initial", status_code=201, response_model=Receipt)
def give_initial_advice(stay_id: UUID, body: InitialAdvice, call: Reporting) -> Response:
    """Record that the initial advice was given."""
    command = GiveInitialAdvice(stay_id=stay_id, occurred_on=body.occurred_on, by=body.by, asked_by=call.caller.municipality)
    return _report(call, command)


@router.post("/stays/{stay_id}/advice/offer", status_code=201, response_model=Receipt)
def offer(stay_id: UUID, body: Offer, call: Reporting) -> Response:
    """Record that coordinating advice was offered."""
    command = OfferAdvice(stay_id=stay_id, occurred_on=body.occurred_on, asked_by=call.caller.municipality)
    return _report(call, command)


@router.post("/stays/{stay_id}/advice/decline", status_code=201, response_model=Receipt)
def decline(stay_id: UUID, body: Decline, call: Reporting) -> Response:
    """Record that she does not want it; the reason is kept for the statistics."""
    command = DeclineAdvice(stay_id=stay_id, occurred_on=body.occurred_on, reason=body.reason, asked_by=call.caller.municipality)
    return _report(call, command)


@router.post("/stays/{stay_id}/advice/start", status_code=201, response_model=Receipt)
def start(stay_id: UUID, body: Start, call: Reporting) -> Response:
    """Record that coordinating advice began."""
    command = StartAdvice(
        stay_id=stay_id,
        occurred_on=body.occurred_on,
        variant=body.variant,
        by=body.by,
        shelter_municipality=_shelter_municipality(call, stay_id),
        asked_by=call.caller.municipality,
    )
    return _report(call, command)


def _shelter_municipality(call: Call, stay_id: UUID) -> str | None:
    """The own municipality of the stay's shelter, where it has one."""
    row = call.one("SELECT shelter_municipality FROM stays WHERE stay_id = %s", (stay_id,))
    return None if row is None else row["shelter_municipality"]


@router.post("/stays/{stay_id}/advice/meetings", status_code=201, response_model=Receipt)
def hold_meeting(stay_id: UUID, body: Meeting, call: Reporting) -> Response:
    """Record one meeting and its minutes."""
    command = GiveAdvice(
        stay_id=stay_id,
        occurred_on=body.occurred_on,
        meeting_id=body.meeting_id,
        minutes=body.minutes,
        by=body.by,
        shelter_municipality=_shelter_municipality(call, stay_id),
        asked_by=call.caller.municipality,
    )
    return _report(call, command)


@router.post("/stays/{stay_id}/advice/phases", status_code=201, response_model=Receipt)
def begin_phase(stay_id: UUID, body: Phase, call: Reporting) -> Response:
    """Record that the next phase of Critical Time Intervention began."""
    command = BeginPhase(stay_id=stay_id, occurred_on=body.occurred_on, phase=body.phase, asked_by=call.caller.municipality)
    return _report(call, command)


@router.post("/stays/{stay_id}/advice/adviser", status_code=201, response_model=Receipt)
def name_adviser(stay_id: UUID, body: Naming, call: Deciding) -> Response:
    """Name who advises her; only the municipality that owes the advice can."""
    command = NameAdviser(
        stay_id=stay_id, occurred_on=body.occurred_on, adviser_id=body.adviser_id, asked_by=call.caller.municipality
    )
    return _report(call, command)


@router.post("/stays/{stay_id}/advice/handover", status_code=201, response_model=Receipt)
def hand_over(stay_id: UUID, body: Handover, call: Deciding) -> Response:
    """Record that the municipality's adviser took over."""
    command = HandOverAdvice(
        stay_id=stay_id,
        occurred_on=body.occurred_on,
        from_adviser_id=body.from_adviser_id,
        to_adviser_id=body.to_adviser_id,
        municipality=body.municipality,
        asked_by=call.caller.municipality,
    )
    return _report(call, command)


@router.post("/stays/{stay_id}/advice/takeover", status_code=201, response_model=Receipt)
def take_over(stay_id: UUID, body: Takeover, call: Deciding) -> Response:
    """Confirm that your municipality took over from the one that owed the advice before her home changed."""
    command = TakeOverAdvice(
        stay_id=stay_id,
        occurred_on=body.occurred_on,
        adviser_id=body.adviser_id,
        by=body.by,
        asked_by=call.caller.municipality,
    )
    return _report(call, command)


@router.post("/stays/{stay_id}/advice/extension", status_code=201, response_model=Receipt)
def extend(stay_id: UUID, body: Extension, call: Deciding) -> Response:
    """Extend the window; only the municipality that owes the advice can."""
    command = ExtendWindow(stay_id=stay_id, occurred_on=body.occurred_on, until=body.until, asked_by=call.caller.municipality)
    return _report(call, command)


@router.post("/stays/{stay_id}/advice/end", status_code=201, response_model=Receipt)
def end(stay_id: UUID, body: End, call: Reporting) -> Response:
    """Record that the advice ended, and because of what."""
    command = EndAdvice(stay_id=stay_id, occurred_on=body.occurred_on, because=body.because, asked_by=call.caller.municipality)
    return _report(call, command)


HAPPENED_ON = {
    "initial_advice_on": ("initial_advice_on",),
    "offered_on": ("offered_on",),
    "declined_on": ("declined_on", "declined_because"),
    "started_on": ("started_on", "variant", "started_by"),
    "phase_began_on": ("phase_began_on", "phase"),
    "moved_out_on": ("moved_out_on", "shelter_advises"),
}
"""Which day tells when a field of the row happened."""
NOT_THE_FORMER_ONES = ("until", "adviser_id", "taken_over_on", "taken_over_at", "taken_over_by", "ended_on", "ended_because")


def _advice(reads: Reader, row: dict[str, Any], municipality: str | None) -> Advice:
    shown = {**row, "status": row["shown_status"], "stay_id": reads.shown(row["stay_id"])}
    if reads.caller.role == "municipality":
        shown["shelter_advises"] = None
    if row["handed_on"] is not None:
        shown = _until_handed_on(shown) | {"municipality": municipality}
    moved_out_on = shown["moved_out_on"]
    latest_until = latest_extension(moved_out_on) if moved_out_on is not None else None
    return Advice(**{field: shown[field] for field in Advice.model_fields if field in shown}, latest_until=latest_until)


def _until_handed_on(row: dict[str, Any]) -> dict[str, Any]:
    """What a municipality that no longer owes the advice sees: nothing that happened since."""
    later = [
        field for day, fields in HAPPENED_ON.items() if row[day] is not None and row[day] >= row["handed_on"] for field in fields
    ]
    return row | dict.fromkeys((*later, *NOT_THE_FORMER_ONES))

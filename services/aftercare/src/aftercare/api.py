"""Aftercare over HTTP. A shelter sees and touches its own stays; any other is answered as if unknown."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from aftercare.domain.aftercare import (
    AFTERCARE,
    Command,
    DeclineAftercare,
    DeclineCafeInvitations,
    EndAftercare,
    InviteToCafe,
    MakeVisit,
    OfferAftercare,
    StartAftercare,
    not_open,
)
from havn_chassis.http import Body, Call, Page, Reader, Receipt, allow, read
from havn_events.codes import AftercareDeclinedReason, AftercareEnd, VisitPlace
from havn_events.event import Day

router = APIRouter(tags=["aftercare"])

ONE_FAMILY = "/stays/{stay_id}/aftercare"

Status = Literal["open", "offered", "running", "declined", "ended", "closed"]
"""``open``: an offer is owed. ``running``: accepted and not ended. ``closed``: not owed any more."""

Giving = Annotated[Call, Depends(allow("shelter", "leader"))]
Asking = Annotated[Reader, Depends(read("shelter", "leader", "auditor"))]


class Offer(Body):
    """Aftercare was offered."""

    occurred_on: Day


class Decline(Body):
    """The family does not want it."""

    occurred_on: Day
    reason: AftercareDeclinedReason


class Start(Body):
    """The family accepted, and aftercare began."""

    occurred_on: Day


class Visit(Body):
    """A visit was made. ``visit_id`` is chosen by the caller; ``place``: the family's home or the shelter."""

    occurred_on: Day
    visit_id: UUID
    place: VisitPlace


class End(Body):
    """Aftercare ended; whether the course was completed is worked out here.

    ``because``: ``course-over`` or ``other`` where the shelter ended it, and else what the family wished, or that it moved too far
    away or could not be reached any more: a course that the family broke off is owed no more.
    """

    occurred_on: Day
    because: AftercareEnd


class Invitation(Body):
    """The family was invited to the aftercare café at the shelter."""

    occurred_on: Day


class NoMoreInvitations(Body):
    """The family wants no more invitations to the café."""

    occurred_on: Day


class Family(BaseModel):
    """A family's aftercare. ``completed``: whether an ended course was long enough and had visits enough.

    ``visits_left``: how many visits are still to be made before it is. ``complete_from``: the first day on which it is long enough.
    These three are None while no obligation says what completes a course, and always under a standard that owes none.
    ``invitations``: how often it was invited to the café. ``invitations_declined_on``: since when it wants no more of them.
    """

    stay_id: UUID
    status: Status
    opened_on: date
    offered_on: date | None
    started_on: date | None
    visits: int
    visits_left: int | None
    complete_from: date | None
    last_visit_on: date | None
    invitations: int
    last_invited_on: date | None
    invitations_declined_on: date | None
    ended_on: date | None
    ended_because: AftercareEnd | None
    completed: bool | None
    reason: AftercareDeclinedReason | None


class Families(BaseModel):
    """One page of families."""

    items: list[Family]
    next: str | None


_FAMILY = (
    "SELECT stay_id, status, opened_on, offered_on, started_on, visits, complete_from, last_visit_on, invitations, "
    "last_invited_on, CASE WHEN course_visits IS NOT NULL THEN greatest(course_visits - visits, 0) END AS visits_left, "
    "invitations_declined_on, ended_on, ended_because, completed, reason FROM families "
)


@router.get(ONE_FAMILY)
def aftercare(stay_id: UUID, reads: Asking, response: Response) -> Family:
    """How far is this family's aftercare?"""
    _, version = reads.state(AFTERCARE, (stay_id,))
    row = reads.one(_FAMILY + "WHERE stay_id = %s", (stay_id,))
    if row is None:
        raise not_open()
    response.headers["ETag"] = reads.tag(AFTERCARE.stream_id(stay_id), version)
    return Family(**row)


@router.get("/aftercare")
def families(reads: Asking, page: Annotated[Page, Depends()], status: Annotated[Status | None, Query()] = None) -> Families:
    """Which families are in aftercare, and how many visits were made and invitations sent?"""
    [after], shelter = page.after_key(UUID) or [None], reads.caller.shelter
    rows = reads.all(
        _FAMILY + "WHERE (%s::text IS NULL OR status = %s) AND (%s::uuid IS NULL OR stay_id > %s) "
        "AND (%s::uuid IS NULL OR stay_id IN (SELECT stay_id FROM stays WHERE shelter_id = %s)) ORDER BY stay_id LIMIT %s",
        (status, status, after, after, shelter, shelter, page.limit + 1),
    )
    return Families.model_validate(page.of(rows, key=lambda row: [row["stay_id"]]))


def _report(call: Call, stay_id: UUID, command: Command) -> Response:
    return call.handle(AFTERCARE, (stay_id,), command)


@router.post(ONE_FAMILY + "/offer", status_code=201, response_model=Receipt)
def offer(stay_id: UUID, body: Offer, call: Giving) -> Response:
    """Report that aftercare was offered, or, after the family declined it, that it was offered again."""
    return _report(call, stay_id, OfferAftercare(stay_id, body.occurred_on, call.admitted_on(stay_id)))


@router.post(ONE_FAMILY + "/decline", status_code=201, response_model=Receipt)
def decline(stay_id: UUID, body: Decline, call: Giving) -> Response:
    """Report that the family does not want it, and why."""
    return _report(call, stay_id, DeclineAftercare(stay_id, body.occurred_on, body.reason))


@router.post(ONE_FAMILY + "/start", status_code=201, response_model=Receipt)
def start(stay_id: UUID, body: Start, call: Giving) -> Response:
    """Report that the family accepted and aftercare began."""
    return _report(call, stay_id, StartAftercare(stay_id, body.occurred_on))


@router.post(ONE_FAMILY + "/visits", status_code=201, response_model=Receipt)
def visit(stay_id: UUID, body: Visit, call: Giving) -> Response:
    """Report a visit."""
    return _report(call, stay_id, MakeVisit(stay_id, body.occurred_on, body.visit_id, body.place))


@router.post(ONE_FAMILY + "/end", status_code=201, response_model=Receipt)
def end(stay_id: UUID, body: End, call: Giving) -> Response:
    """Report that aftercare ended, and why."""
    return _report(call, stay_id, EndAftercare(stay_id, body.occurred_on, body.because))


@router.post(ONE_FAMILY + "/cafe-invitations", status_code=201, response_model=Receipt)
def invite_to_cafe(stay_id: UUID, body: Invitation, call: Giving) -> Response:
    """Report an invitation to the café, also after aftercare ended."""
    return _report(call, stay_id, InviteToCafe(stay_id, body.occurred_on))


@router.post(ONE_FAMILY + "/cafe-invitations/decline", status_code=201, response_model=Receipt)
def decline_cafe_invitations(stay_id: UUID, body: NoMoreInvitations, call: Giving) -> Response:
    """Report that the family wants no more invitations to the café; one of that day or later ends this."""
    return _report(call, stay_id, DeclineCafeInvitations(stay_id, body.occurred_on))

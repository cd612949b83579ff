"""Routes: the shelter's child notifications, the municipality's confirmations, and what was sent."""

from datetime import date, datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from havn_chassis.decider import Refused
from havn_chassis.http import PROBLEMS, Body, Call, Page, Reader, Receipt, allow, read
from havn_events.codes import AcknowledgedOver, ChildNotificationKind, NoticeKind
from havn_events.event import Day
from havn_events.municipalities import KnownMunicipality
from notification.domain.notices.commands import Acknowledge, SendChildNotification
from notification.domain.notices.decider import NOTICES
from notification.domain.notices.state import concerning
from notification.views import stay_of

router = APIRouter(tags=["notices"], responses=PROBLEMS)

NoticeState = Literal["unacknowledged", "acknowledged", "escalated"]
"""``escalated``: raised and still not acknowledged. An acknowledged one is acknowledged, raised before or not."""


class ChildNotification(Body):
    """A notification about a child (Social Services Act § 153), written elsewhere; here its id, its day and its kind."""

    occurred_on: Day
    notice_id: UUID
    kind: ChildNotificationKind


class MunicipalNotice(BaseModel):
    """One notice as its municipality knows it. ``child_notification`` only where ``notice`` is ``child``.

    ``sent_at`` and ``acknowledged_at`` are the instants of recording: the evidence. ``acknowledge_by``: the last day to confirm it,
    where a legal deadline sets one.
    """

    notice_id: UUID
    municipality: str
    case_reference: UUID
    notice: NoticeKind | Literal["child"]
    child_notification: ChildNotificationKind | None
    sent_on: date
    sent_at: datetime
    acknowledge_by: date | None
    state: NoticeState
    acknowledged_on: date | None
    acknowledged_at: datetime | None
    acknowledged_over: AcknowledgedOver | None
    escalated_on: date | None


class MunicipalNotices(BaseModel):
    """A page of notices, the oldest first."""

    items: list[MunicipalNotice]
    next: str | None


class ShelterNotice(MunicipalNotice):
    """One notice as the shelter knows it: with the child it is about."""

    child_id: UUID | None


class StayNotices(BaseModel):
    """A page of a stay's notices, the oldest first."""

    items: list[ShelterNotice]
    next: str | None


@router.post("/stays/{stay_id}/children/{child_id}/notifications", status_code=201, response_model=Receipt)
def notify_about_child(
    stay_id: UUID, child_id: UUID, body: ChildNotification, call: Annotated[Call, Depends(allow("shelter", "leader"))]
) -> Response:
    """Record that a notification about a child was sent; it goes to the home municipality's feed."""
    command = SendChildNotification(
        stay_id=stay_id,
        occurred_on=body.occurred_on,
        person_id=child_id,
        notice_id=body.notice_id,
        kind=body.kind,
        fresh_reference=uuid4(),
        admitted_on=call.admitted_on(stay_id),
    )
    return call.handle(NOTICES, (stay_id,), command)


@router.post("/notices/{notice_id}/acknowledgement", status_code=201, response_model=Receipt)
def acknowledge(notice_id: UUID, call: Annotated[Call, Depends(allow("municipality"))]) -> Response:
    """Confirm that your municipality received the notice. Confirming again changes nothing."""
    municipality = _own(call)
    stay_id = stay_of(call.all, notice_id, municipality)
    command = Acknowledge(
        stay_id=stay_id,
        occurred_on=call.today,
        notice_id=notice_id,
        municipality=municipality,
        over="http",
    )
    return call.handle(NOTICES, (stay_id,), command, own_part=partial(concerning, municipality))


@router.get("/notices", response_model=MunicipalNotices)
def notices(
    reads: Annotated[Reader, Depends(read("municipality", "auditor"))],
    page: Annotated[Page, Depends()],
    municipality: Annotated[KnownMunicipality | None, Query()] = None,
    state: Annotated[NoticeState | None, Query()] = None,
) -> dict[str, Any]:
    """Which notices were sent, and which are not confirmed? A municipality sees its own, an auditor those of one shelter."""
    asked = municipality
    if reads.caller.role == "municipality":
        asked = _own(reads)
        if municipality not in (None, asked):
            raise Refused("not-found", "There are no notices of that municipality for you; leave it out.", kind="absent")
    return _page(reads, page, {"municipality": asked, "state": state})


@router.get("/stays/{stay_id}/notices", response_model=StayNotices)
def notices_of_stay(
    stay_id: UUID,
    reads: Annotated[Reader, Depends(read("shelter", "leader", "auditor"))],
    page: Annotated[Page, Depends()],
) -> dict[str, Any]:
    """What was the home municipality told about this stay, and did it confirm? Empty where it was told nothing."""
    return _page(reads, page, {"stay_id": stay_id})


def _own(asker: Reader) -> str:
    assert asker.caller.municipality is not None
    return asker.caller.municipality


def _page(reads: Reader, page: Page, equal: dict[str, object]) -> dict[str, Any]:
    filters = {column: value for column, value in equal.items() if value is not None}
    conditions = ["true", *(f"{column} = %s" for column in filters)]
    params = list(filters.values())
    if reads.caller.shelter is not None:
        conditions.append("stay_id IN (SELECT stay_id FROM stays WHERE shelter_id = %s)")
        params.append(reads.caller.shelter)
    after = page.after_key(date.fromisoformat, UUID)
    if after:
        conditions.append("(sent_on, notice_id) > (%s, %s)")
        params += after
    rows = reads.all(
        f"SELECT * FROM notices WHERE {' AND '.join(conditions)} ORDER BY sent_on, notice_id LIMIT %s",
        [*params, page.limit + 1],
    )
    listed = page.of(rows, key=lambda row: [row["sent_on"], row["notice_id"]])
    return {**listed, "items": [row | {"notice_id": reads.shown(row["notice_id"])} for row in listed["items"]]}

"""Routes of one case, by the municipality's own reference: what it owes, what it answers, and its decision on payment."""

from datetime import date, datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from havn_chassis.decider import Refused
from havn_chassis.http import PROBLEMS, Body, Call, Reader, Receipt, allow, read
from havn_events.codes import MunicipalAnswer, ObligationChange, PaymentDecision, PaymentGround
from havn_events.event import Day
from notification.domain.notices.commands import Answer
from notification.domain.notices.decider import NOTICES
from notification.domain.notices.state import concerning
from notification.domain.payment import PAYMENT, DecidePayment, decided_by

router = APIRouter(tags=["cases"], responses=PROBLEMS)


class AnswerReport(Body):
    """What the municipality answers, and when it did."""

    occurred_on: Day
    answer: MunicipalAnswer


class PaymentReport(Body):
    """What the municipality decided about her own payment, and on what ground. No amount is recorded."""

    occurred_on: Day
    decision: PaymentDecision
    ground: PaymentGround


class Owed(BaseModel):
    """What the municipality owes or owed. ``change``: what it was told last; ``told_on``: the day from which it was owed.

    ``answered_on`` and ``recorded_at``, the day of its answer and the instant of recording, are the evidence.
    """

    obligation_id: UUID
    rule: str
    due: date | None
    told_on: date
    change: ObligationChange
    answer: MunicipalAnswer | None
    answered_on: date | None
    recorded_at: datetime | None


class Decided(BaseModel):
    """A decision on payment: its day and the instant of recording."""

    decision: PaymentDecision
    ground: PaymentGround
    decided_on: date
    recorded_at: datetime


class Case(BaseModel):
    """A case as its municipality knows it, with ids of that municipality's own.

    ``stay_id``: what the other services know the stay by for this municipality. ``unconfirmed``: the notices that it has not
    acknowledged. ``payment``: its decisions, the latest last.
    """

    case_reference: UUID
    stay_id: UUID
    unconfirmed: list[UUID]
    owed: list[Owed]
    payment: list[Decided]


@router.get("/cases/{case_reference}")
def case(case_reference: UUID, reads: Annotated[Reader, Depends(read("municipality"))]) -> Case:
    """What was your municipality told in this case, what does it owe, and what did it answer and decide?"""
    stay_id = _stay(reads, case_reference)
    own = (stay_id, reads.caller.municipality)
    unconfirmed = reads.all(
        "SELECT notice_id FROM notices WHERE stay_id = %s AND municipality = %s AND acknowledged_on IS NULL "
        "ORDER BY sent_on, notice_id",
        own,
    )
    owed = reads.all(
        "SELECT obligation_id, rule, due, told_on, change, answer, answered_on, recorded_at FROM duties "
        "WHERE stay_id = %s AND municipality = %s ORDER BY told_on, rule, obligation_id",
        own,
    )
    payment = reads.all(
        "SELECT decision, ground, decided_on, recorded_at FROM payments WHERE stay_id = %s AND municipality = %s "
        "ORDER BY decided_on, recorded_at",
        own,
    )
    return Case(
        case_reference=case_reference,
        stay_id=reads.shown(stay_id),
        unconfirmed=[reads.shown(row["notice_id"]) for row in unconfirmed],
        owed=[Owed(**row | {"obligation_id": reads.shown(row["obligation_id"])}) for row in owed],
        payment=[Decided(**row) for row in payment],
    )


@router.post("/cases/{case_reference}/obligations/{obligation_id}/answer", status_code=201, response_model=Receipt)
def answer(
    case_reference: UUID, obligation_id: UUID, body: AnswerReport, call: Annotated[Call, Depends(allow("municipality"))]
) -> Response:
    """Answer what your municipality owes an answer to; the obligation is met or cancelled by it."""
    stay_id = _stay(call, case_reference)
    command = Answer(
        stay_id=stay_id,
        occurred_on=body.occurred_on,
        obligation_id=obligation_id,
        municipality=_own(call),
        answer=body.answer,
    )
    return call.handle(NOTICES, (stay_id,), command, own_part=partial(concerning, _own(call)))


@router.post("/cases/{case_reference}/payment", status_code=201, response_model=Receipt)
def decide_payment(
    case_reference: UUID,
    body: PaymentReport,
    call: Annotated[Call, Depends(allow("municipality", scope="havn:decide"))],
) -> Response:
    """Decide on her own payment, as her home municipality on that day."""
    stay_id = _stay(call, case_reference)
    command = DecidePayment(
        stay_id=stay_id,
        occurred_on=body.occurred_on,
        municipality=_own(call),
        decision=body.decision,
        ground=body.ground,
        home=_home_on(call, stay_id, body.occurred_on),
        retracted=call.one("SELECT 1 FROM notices WHERE stay_id = %s AND notice = 'retraction'", (stay_id,)) is not None,
        admitted_on=call.admitted_on(stay_id),
    )
    return call.handle(PAYMENT, (stay_id,), command, own_part=partial(decided_by, _own(call)))


def _own(asker: Reader) -> str:
    assert asker.caller.municipality is not None
    return asker.caller.municipality


def _stay(asker: Reader, case_reference: UUID) -> UUID:
    """The stay behind the caller's own reference. Raises Refused ``case-not-found``, also for another's reference."""
    row = asker.one(
        "SELECT stay_id FROM case_references WHERE municipality = %s AND case_reference = %s", (_own(asker), case_reference)
    )
    if row is None:
        raise Refused("case-not-found", "Your municipality knows no case by this reference.", kind="absent")
    stay_id: UUID = row["stay_id"]
    return stay_id


def _home_on(call: Call, stay_id: UUID, day: date) -> str | None:
    """Her home municipality on that day; the first one before its day, too."""
    rows: list[dict[str, Any]] = call.all("SELECT since, municipality FROM homes WHERE stay_id = %s ORDER BY since", (stay_id,))
    since = [row for row in rows if row["since"] <= day] or rows[:1]
    return since[-1]["municipality"] if since else None

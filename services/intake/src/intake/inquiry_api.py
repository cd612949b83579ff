"""Routes: inquiries, what became of them, and how many there were."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from havn_chassis.http import Receipt
from intake.asking import Asking, Deciding, Reporting, own_shelter, own_shelter_id
from intake.bodies import (
    AssessmentReport,
    InquiryCounts,
    InquiryReport,
    InterviewCorrectionReport,
    ReferralReport,
    RefusalReport,
    Report,
)
from intake.domain.inquiry import INQUIRY, AssessInquiry, CorrectInterview, HoldInterview, ReceiveInquiry, ReferWoman, RefuseStay

router = APIRouter()


@router.post("/inquiries", status_code=201, response_model=Receipt)
def receive_inquiry(body: InquiryReport, call: Reporting) -> Response:
    """Someone asked for help."""
    return call.handle(
        INQUIRY,
        (body.inquiry_id,),
        ReceiveInquiry(body.inquiry_id, own_shelter_id(call), body.occurred_on, body.referred_by, body.home_municipality),
    )


@router.post("/inquiries/{inquiry_id}/interview", status_code=201, response_model=Receipt)
def hold_interview(inquiry_id: UUID, body: Report, call: Reporting) -> Response:
    """The assessment interview was held."""
    return call.handle(INQUIRY, (inquiry_id,), HoldInterview(own_shelter_id(call), body.occurred_on, own_shelter(call).standard))


@router.post("/inquiries/{inquiry_id}/interview/correction", status_code=201, response_model=Receipt)
def correct_interview(inquiry_id: UUID, body: InterviewCorrectionReport, call: Reporting) -> Response:
    """The day of the interview was recorded wrongly."""
    return call.handle(INQUIRY, (inquiry_id,), CorrectInterview(own_shelter_id(call), body.occurred_on, body.interview_on))


@router.post("/inquiries/{inquiry_id}/assessment", status_code=201, response_model=Receipt)
def assess_inquiry(inquiry_id: UUID, body: AssessmentReport, call: Reporting) -> Response:
    """The leader decided; an interview that is not reported yet is reported with it."""
    command = AssessInquiry(own_shelter_id(call), body.occurred_on, body.interview_on, body.outcome, own_shelter(call).standard)
    return call.handle(INQUIRY, (inquiry_id,), command)


@router.post("/inquiries/{inquiry_id}/refusal", status_code=201, response_model=Receipt)
def refuse_stay(inquiry_id: UUID, body: RefusalReport, call: Deciding) -> Response:
    """The leader refused a stay."""
    return call.handle(INQUIRY, (inquiry_id,), RefuseStay(own_shelter_id(call), body.occurred_on, body.reason))


@router.post("/inquiries/{inquiry_id}/referral", status_code=201, response_model=Receipt)
def refer_woman(inquiry_id: UUID, body: ReferralReport, call: Reporting) -> Response:
    """She was helped to a place elsewhere."""
    return call.handle(INQUIRY, (inquiry_id,), ReferWoman(own_shelter_id(call), body.occurred_on, body.out_of_town))


@router.get("/inquiries/counts")
def count_inquiries(reads: Asking, year: Annotated[int, Query(ge=1990, le=2200)]) -> InquiryCounts:
    """How many asked the shelter in a year, and what became of it?"""
    rows = reads.all(
        "SELECT outcome, count(*) AS n, count(*) FILTER (WHERE refused) AS refused, "
        "count(*) FILTER (WHERE referred) AS referred FROM inquiries "
        "WHERE shelter_id = %s AND received_on BETWEEN %s AND %s GROUP BY outcome",
        (own_shelter_id(reads), date(year, 1, 1), date(year, 12, 31)),
    )
    return InquiryCounts(
        year=year,
        received=sum(row["n"] for row in rows),
        undecided=sum(row["n"] for row in rows if row["outcome"] is None),
        outcomes={row["outcome"]: row["n"] for row in rows if row["outcome"] is not None},
        refused=sum(row["refused"] for row in rows),
        referred=sum(row["referred"] for row in rows),
    )

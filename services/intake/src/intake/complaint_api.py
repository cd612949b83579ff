"""Routes: complaints, how to complain, and concerns that went to Socialtilsyn."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from havn_chassis.http import Call, Page, Receipt
from havn_events.codes import ComplaintAbout
from havn_events.event import Day
from intake.asking import Asking, Reporting, after_day_and_id, own_shelter, own_shelter_id
from intake.bodies import AnswerReport, ComplaintGuide, ComplaintPage, ComplaintReport, ConcernPage, ConcernReport, Report, TermTold
from intake.domain.complaint import (
    COMPLAINT,
    AnswerComplaint,
    ConcernedCase,
    FileComplaint,
    ForwardComplaint,
    WithdrawComplaint,
    last_day_to_complain,
    route_of,
)
from intake.domain.concern import CONCERN, RaiseConcern
from intake.words import FIRST, guide_in_words

router = APIRouter()


@router.post("/complaints", status_code=201, response_model=Receipt)
def file_complaint(body: ComplaintReport, call: Reporting) -> Response:
    """A complaint was received, in writing or by word of mouth."""
    shelter = own_shelter(call)
    return call.handle(
        COMPLAINT,
        (body.complaint_id,),
        FileComplaint(
            complaint_id=body.complaint_id,
            shelter_id=own_shelter_id(call),
            standard=shelter.standard,
            occurred_on=body.occurred_on,
            concerns=body.concerns,
            concerned=_concerned(call, body.concerns),
            about=body.about,
            form=body.form,
            decision_received_on=body.decision_received_on,
            own_routes=shelter.complaint_routes,
            term=shelter.term_of(body.about),
        ),
    )


def _concerned(call: Call, case_id: UUID) -> ConcernedCase | None:
    row = call.one(
        "SELECT 'stay' AS kind, admitted_on AS began_on, ended_because FROM stays WHERE stay_id = %s AND shelter_id = %s "
        "UNION ALL SELECT 'inquiry', received_on, NULL FROM inquiries WHERE inquiry_id = %s AND shelter_id = %s",
        (case_id, own_shelter_id(call)) * 2,
    )
    return None if row is None else ConcernedCase(**row)


@router.post("/complaints/{complaint_id}/answer", status_code=201, response_model=Receipt)
def answer_complaint(complaint_id: UUID, body: AnswerReport, call: Reporting) -> Response:
    """The shelter reassessed the matter and answered."""
    command = AnswerComplaint(own_shelter_id(call), body.occurred_on, body.outcome, _of_an_expulsion(call, complaint_id))
    return call.handle(COMPLAINT, (complaint_id,), command)


@router.post("/complaints/{complaint_id}/forwarding", status_code=201, response_model=Receipt)
def forward_complaint(complaint_id: UUID, body: Report, call: Reporting) -> Response:
    """Sent to Ankestyrelsen with the case's papers."""
    command = ForwardComplaint(own_shelter_id(call), body.occurred_on, _of_an_expulsion(call, complaint_id))
    return call.handle(COMPLAINT, (complaint_id,), command)


def _of_an_expulsion(call: Call, complaint_id: UUID) -> bool:
    """Whether the stay complained of is known by now to have ended with an expulsion."""
    query = (
        "SELECT 1 FROM complaints JOIN stays ON stays.stay_id = complaints.concerns "
        "WHERE complaint_id = %s AND complaints.shelter_id = %s AND stays.ended_because = 'expelled'"
    )
    return call.one(query, (complaint_id, own_shelter_id(call))) is not None


@router.post("/complaints/{complaint_id}/withdrawal", status_code=201, response_model=Receipt)
def withdraw_complaint(complaint_id: UUID, body: Report, call: Reporting) -> Response:
    """The complainant withdrew it."""
    return call.handle(COMPLAINT, (complaint_id,), WithdrawComplaint(own_shelter_id(call), body.occurred_on))


@router.get("/complaints")
def list_complaints(reads: Asking, page: Annotated[Page, Depends()]) -> ComplaintPage:
    """The complaints that wait for the shelter, those that have waited longest first."""
    rows = reads.all(
        "SELECT * FROM complaints WHERE shelter_id = %s AND (received_on, complaint_id) > (%s, %s) AND status <> 'closed' "
        "ORDER BY received_on, complaint_id LIMIT %s",
        (own_shelter_id(reads), *after_day_and_id(page), page.limit + 1),
    )
    return ComplaintPage.model_validate(page.of(rows, key=lambda row: [row["received_on"], row["complaint_id"]]))


@router.get("/complaints/guide")
def guide_complaint(reads: Asking, about: ComplaintAbout, decision_received_on: Day | None = None) -> ComplaintGuide:
    """To whom can this be complained of, until when, and where can it be taken next?

    ``decision_received_on``: the day the decision was received, or will be. What comes after the last day is taken in all the same
    and recorded as late.
    """
    shelter = own_shelter(reads)
    route, term, said = route_of(about, shelter.complaint_routes), shelter.term_of(about), shelter.complaint_terms.get(about)
    last_day = last_day_to_complain(term, decision_received_on) if term and decision_received_on else None
    danish, english = guide_in_words(about, route, term, last_day)
    return ComplaintGuide(
        about=about,
        first=FIRST[about],
        route=route,
        term=None if said is None else TermTold.model_validate(asdict(said.term) | said.source),
        last_day=last_day,
        explanation_da=danish,
        explanation_en=english,
    )


@router.post("/concerns", status_code=201, response_model=Receipt)
def raise_concern(body: ConcernReport, call: Reporting) -> Response:
    """A concern was taken to Socialtilsyn. Who raised it, and what it says, is not for the shelter and not asked for."""
    return call.handle(CONCERN, (body.concern_id,), RaiseConcern(body.concern_id, own_shelter_id(call), body.occurred_on))


@router.get("/concerns")
def list_concerns(reads: Asking, page: Annotated[Page, Depends()]) -> ConcernPage:
    """Which concerns about the shelter went to Socialtilsyn?"""
    rows = reads.all(
        "SELECT * FROM concerns WHERE shelter_id = %s AND (raised_on, concern_id) > (%s, %s) "
        "ORDER BY raised_on, concern_id LIMIT %s",
        (own_shelter_id(reads), *after_day_and_id(page), page.limit + 1),
    )
    return ConcernPage.model_validate(page.of(rows, key=lambda row: [row["raised_on"], row["concern_id"]]))

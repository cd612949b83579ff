"""The routes of intake: what a shelter reports about its own inquiries, stays and complaints, and what it may ask back."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from eventsourcing.persistence import IntegrityError
from fastapi import APIRouter, Depends, Query, Response

from havn_chassis.decider import Refused
from havn_chassis.http import Call, Page, Reader, Receipt, allow, number, read
from havn_chassis.store import Work
from havn_events.codes import ComplaintAbout
from havn_events.event import Day
from intake import identity as vault_of
from intake.bodies import (
    WORDS_OF_ROLES,
    AccessItem,
    AccessPage,
    AdmissionReport,
    AnnulmentReport,
    AnonymityLiftingReport,
    AnswerReport,
    AssessmentReport,
    ChildReport,
    ComplaintGuide,
    ComplaintPage,
    ComplaintReport,
    ConcernPage,
    ConcernReport,
    ContactPersonReport,
    CorrectionReport,
    DepartureReport,
    GoalChange,
    Goals,
    GoalScores,
    GoalsItem,
    GoalsReport,
    HomeMunicipalityReport,
    Identity,
    IdentityReading,
    InquiryCounts,
    InquiryReport,
    InterviewCorrectionReport,
    MoveOutCorrectionReport,
    MoveOutPlanReport,
    MoveOutReport,
    OutweighingReport,
    PlanReviewReport,
    ReadingRequest,
    RecordedGoals,
    ReferralReport,
    RefusalReport,
    Report,
    RiskReport,
    StayDetail,
    StayPage,
    StayStatus,
    TermTold,
)
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
from intake.domain.inquiry import (
    INQUIRY,
    AssessInquiry,
    CorrectInterview,
    HoldInterview,
    ReceiveInquiry,
    ReferWoman,
    RefuseStay,
)
from intake.domain.stay.commands import (
    DIMENSIONS,
    AdmitWoman,
    AgreeStayPlan,
    AnnulStay,
    AssessRisk,
    AssignContactPerson,
    CancelMoveOut,
    ChangeHomeMunicipality,
    ClarifyNeeds,
    CorrectAdmission,
    CorrectMoveOut,
    LiftAnonymity,
    MakeActionPlan,
    MeasureGoals,
    MoveChildOut,
    MoveOut,
    OutweighAnonymity,
    PlanMoveOut,
    ReceiveChild,
    RequestActionPlan,
    RequestPaymentRelief,
    RescheduleMoveOut,
    ReviewPlan,
    Scores,
)
from intake.domain.stay.decider import STAY
from intake.domain.stay.goals import OCCASIONS
from intake.domain.stay.state import Stay
from intake.identity import IdentityField, Person, Vault, VaultUnreadable
from intake.shelters import Shelter, Shelters
from intake.words import FIRST, guide_in_words

router = APIRouter()

Reporting = Annotated[Call, Depends(allow("shelter", "leader"))]
Asking = Annotated[Reader, Depends(read("shelter", "leader", "auditor"))]
Leading = Annotated[Reader, Depends(read("leader", scope="havn:decide"))]
Deciding = Annotated[Call, Depends(allow("leader", scope="havn:decide"))]


def _shelter_id(reader: Reader) -> UUID:
    """The shelter the caller's token names; the roles of every route here have one."""
    assert reader.caller.shelter is not None
    return reader.caller.shelter


def _shelter(reader: Reader) -> Shelter:
    shelters: Shelters = reader.setting("shelters")
    return shelters.of(_shelter_id(reader))


def _report_with_identity(
    call: Call, stay_id: UUID, command: object, person_id: UUID | None, identity: Identity | None
) -> Response:
    try:
        return call.handle(STAY, (stay_id,), command, also=_sealing(call, person_id, identity))
    except IntegrityError as error:
        refused = vault_of.refused_as_erased(error)
        if refused is None:
            raise
        raise refused from None


def _sealing(call: Call, person_id: UUID | None, identity: Identity | None) -> Work | None:
    """What puts the identity into the vault in the report's own transaction.

    Without a person there is nothing to put there, and the identity is judged all the same: the answer must not tell whether
    somebody else's stay exists.
    """
    if identity is None:
        return None
    values = _checked(call, identity)
    vault = _vault(call)
    if person_id is None:
        return None
    person = Person(_shelter_id(call), person_id)
    query = "SELECT version FROM intake_keys.data_keys WHERE shelter_id = %s AND person_id = %s"
    earlier = call.one(query, (person.shelter_id, person.person_id))
    return vault.seal(person, values, 1 + (earlier["version"] if earlier else 0)).store


def _checked(call: Call, identity: Identity) -> dict[IdentityField, str]:
    values = identity.recorded()
    if identity.cpr is not None:
        if not _shelter(call).cpr_numbers:
            raise Refused(
                "cpr-numbers-not-held",
                "This shelter's setting says that it holds no CPR numbers; leave the number out.",
                field="identity.cpr",
                kind="invalid",
            )
        values["cpr"] = vault_of.check_cpr(identity.cpr, call.today)
    return values


def _vault(reader: Reader) -> Vault:
    vault: Vault | None = reader.setting("vault")
    if vault is None:
        raise Refused(
            "no-vault",
            "This installation has no vault key, so identities are neither taken in nor given out; leave the identity out.",
            field="identity",
        )
    return vault


def _after(page: Page) -> list[Any]:
    """The day and id that the page before ended with; before everything on the first page."""
    return page.after_key(date.fromisoformat, UUID) or [date.min, UUID(int=0)]


# Inquiries


@router.post("/inquiries", status_code=201, response_model=Receipt)
def receive_inquiry(body: InquiryReport, call: Reporting) -> Response:
    """Someone asked for help."""
    return call.handle(
        INQUIRY,
        (body.inquiry_id,),
        ReceiveInquiry(body.inquiry_id, _shelter_id(call), body.occurred_on, body.referred_by, body.home_municipality),
    )


@router.post("/inquiries/{inquiry_id}/interview", status_code=201, response_model=Receipt)
def hold_interview(inquiry_id: UUID, body: Report, call: Reporting) -> Response:
    """The assessment interview was held."""
    return call.handle(INQUIRY, (inquiry_id,), HoldInterview(_shelter_id(call), body.occurred_on, _shelter(call).standard))


@router.post("/inquiries/{inquiry_id}/interview/correction", status_code=201, response_model=Receipt)
def correct_interview(inquiry_id: UUID, body: InterviewCorrectionReport, call: Reporting) -> Response:
    """The day of the interview was recorded wrongly."""
    return call.handle(INQUIRY, (inquiry_id,), CorrectInterview(_shelter_id(call), body.occurred_on, body.interview_on))


@router.post("/inquiries/{inquiry_id}/assessment", status_code=201, response_model=Receipt)
def assess_inquiry(inquiry_id: UUID, body: AssessmentReport, call: Reporting) -> Response:
    """The leader decided; an interview that is not reported yet is reported with it."""
    command = AssessInquiry(_shelter_id(call), body.occurred_on, body.interview_on, body.outcome, _shelter(call).standard)
    return call.handle(INQUIRY, (inquiry_id,), command)


@router.post("/inquiries/{inquiry_id}/refusal", status_code=201, response_model=Receipt)
def refuse_stay(inquiry_id: UUID, body: RefusalReport, call: Deciding) -> Response:
    """The leader refused a stay."""
    return call.handle(INQUIRY, (inquiry_id,), RefuseStay(_shelter_id(call), body.occurred_on, body.reason))


@router.post("/inquiries/{inquiry_id}/referral", status_code=201, response_model=Receipt)
def refer_woman(inquiry_id: UUID, body: ReferralReport, call: Reporting) -> Response:
    """She was helped to a place elsewhere."""
    return call.handle(INQUIRY, (inquiry_id,), ReferWoman(_shelter_id(call), body.occurred_on, body.out_of_town))


@router.get("/inquiries/counts")
def count_inquiries(reads: Asking, year: Annotated[int, Query(ge=1990, le=2200)]) -> InquiryCounts:
    """How many asked the shelter in a year, and what became of it?"""
    rows = reads.all(
        "SELECT outcome, count(*) AS n, count(*) FILTER (WHERE refused) AS refused, "
        "count(*) FILTER (WHERE referred) AS referred FROM inquiries "
        "WHERE shelter_id = %s AND received_on BETWEEN %s AND %s GROUP BY outcome",
        (_shelter_id(reads), date(year, 1, 1), date(year, 12, 31)),
    )
    return InquiryCounts(
        year=year,
        received=sum(row["n"] for row in rows),
        undecided=sum(row["n"] for row in rows if row["outcome"] is None),
        outcomes={row["outcome"]: row["n"] for row in rows if row["outcome"] is not None},
        refused=sum(row["refused"] for row in rows),
        referred=sum(row["referred"] for row in rows),
    )


# Stays


@router.post("/stays", status_code=201, response_model=Receipt)
def admit_woman(body: AdmissionReport, call: Reporting) -> Response:
    """She moved in, identified or anonymous."""
    shelter, shelter_id = _shelter(call), _shelter_id(call)
    return _report_with_identity(
        call,
        body.stay_id,
        AdmitWoman(
            stay_id=body.stay_id,
            person_id=body.person_id,
            shelter_id=shelter_id,
            occurred_on=body.occurred_on,
            standard=shelter.standard,
            home_municipality=body.home_municipality,
            shelter_municipality=shelter.municipality,
            anonymous=body.anonymous,
            identified=body.identity is not None,
            inquiry_id=body.inquiry_id,
            inquiry_known=_has_inquiry(call, body.inquiry_id),
            transferred_from=body.transferred_from,
            anonymous_to_home_municipality=body.anonymous_to_home_municipality,
            may_be_anonymous_to_home_municipality=shelter.anonymous_to_home_municipality,
        ),
        body.person_id,
        body.identity,
    )


def _has_inquiry(call: Call, inquiry_id: UUID | None) -> bool:
    query = "SELECT 1 FROM inquiries WHERE inquiry_id = %s AND shelter_id = %s"
    return inquiry_id is not None and call.one(query, (inquiry_id, _shelter_id(call))) is not None


@router.post("/stays/{stay_id}/corrections", status_code=201, response_model=Receipt)
def correct_admission(stay_id: UUID, body: CorrectionReport, call: Reporting) -> Response:
    """The day of admission was recorded wrongly."""
    return call.handle(STAY, (stay_id,), CorrectAdmission(_shelter_id(call), body.occurred_on, body.admitted_on))


@router.post("/stays/{stay_id}/annulment", status_code=201, response_model=Receipt)
def annul_stay(stay_id: UUID, body: AnnulmentReport, call: Reporting) -> Response:
    """The stay should not have been recorded."""
    return call.handle(STAY, (stay_id,), AnnulStay(_shelter_id(call), body.occurred_on, body.reason))


@router.post("/stays/{stay_id}/children", status_code=201, response_model=Receipt)
def receive_child(stay_id: UUID, body: ChildReport, call: Reporting) -> Response:
    """A child moved in or was born."""
    command = ReceiveChild(
        _shelter_id(call), body.occurred_on, body.child_id, body.birth_month, body.arrival, body.identity is not None
    )
    return _report_with_identity(call, stay_id, command, body.child_id, body.identity)


@router.post("/stays/{stay_id}/children/{child_id}/departure", status_code=201, response_model=Receipt)
def move_child_out(stay_id: UUID, child_id: UUID, body: DepartureReport, call: Reporting) -> Response:
    """A child moved out."""
    return call.handle(STAY, (stay_id,), MoveChildOut(_shelter_id(call), body.occurred_on, child_id, body.destination))


@router.post("/stays/{stay_id}/people/{person_id}/contact-persons", status_code=201, response_model=Receipt)
def assign_contact_person(stay_id: UUID, person_id: UUID, body: ContactPersonReport, call: Reporting) -> Response:
    """The woman or a child has a contact person."""
    command = AssignContactPerson(_shelter_id(call), body.occurred_on, person_id, body.role, body.profession)
    return call.handle(STAY, (stay_id,), command)


@router.post("/stays/{stay_id}/risk-assessments", status_code=201, response_model=Receipt)
def assess_risk(stay_id: UUID, body: RiskReport, call: Reporting) -> Response:
    """Her risk was assessed, or a child's."""
    return call.handle(STAY, (stay_id,), AssessRisk(_shelter_id(call), body.occurred_on, body.level, body.child_id))


@router.post("/stays/{stay_id}/needs-clarification", status_code=201, response_model=Receipt)
def clarify_needs(stay_id: UUID, body: Report, call: Reporting) -> Response:
    """Her needs are clarified."""
    return call.handle(STAY, (stay_id,), ClarifyNeeds(_shelter_id(call), body.occurred_on))


@router.post("/stays/{stay_id}/stay-plan", status_code=201, response_model=Receipt)
def agree_stay_plan(stay_id: UUID, body: Report, call: Reporting) -> Response:
    """The stay plan is agreed with her."""
    return call.handle(STAY, (stay_id,), AgreeStayPlan(_shelter_id(call), body.occurred_on))


@router.post("/stays/{stay_id}/action-plan/request", status_code=201, response_model=Receipt)
def request_action_plan(stay_id: UUID, body: Report, call: Reporting) -> Response:
    """She wants the municipality's action plan."""
    return call.handle(STAY, (stay_id,), RequestActionPlan(_shelter_id(call), body.occurred_on))


@router.post("/stays/{stay_id}/payment-relief/request", status_code=201, response_model=Receipt)
def request_payment_relief(stay_id: UUID, body: Report, call: Reporting) -> Response:
    """She applied to her home municipality to have her own payment reduced or waived."""
    return call.handle(STAY, (stay_id,), RequestPaymentRelief(_shelter_id(call), body.occurred_on))


@router.post("/stays/{stay_id}/action-plan", status_code=201, response_model=Receipt)
def make_action_plan(stay_id: UUID, body: Report, call: Reporting) -> Response:
    """The municipality made the action plan."""
    return call.handle(STAY, (stay_id,), MakeActionPlan(_shelter_id(call), body.occurred_on))


@router.post("/stays/{stay_id}/plan-reviews", status_code=201, response_model=Receipt)
def review_plan(stay_id: UUID, body: PlanReviewReport, call: Reporting) -> Response:
    """A plan was reviewed with her."""
    return call.handle(STAY, (stay_id,), ReviewPlan(_shelter_id(call), body.occurred_on, body.plan))


@router.post("/stays/{stay_id}/home-municipality", status_code=201, response_model=Receipt)
def change_home_municipality(stay_id: UUID, body: HomeMunicipalityReport, call: Reporting) -> Response:
    """Another municipality is her home municipality."""
    command = ChangeHomeMunicipality(_shelter_id(call), body.occurred_on, body.home_municipality)
    return call.handle(STAY, (stay_id,), command)


@router.post("/stays/{stay_id}/anonymity/lifting", status_code=201, response_model=Receipt)
def lift_anonymity(stay_id: UUID, body: AnonymityLiftingReport, call: Reporting) -> Response:
    """She no longer wishes to be anonymous."""
    stay, _ = call.state(STAY, (stay_id,))
    woman = stay.woman if isinstance(stay, Stay) else None
    return _report_with_identity(call, stay_id, LiftAnonymity(_shelter_id(call), body.occurred_on), woman, body.identity)


@router.post("/stays/{stay_id}/anonymity/outweighing", status_code=201, response_model=Receipt)
def outweigh_anonymity(stay_id: UUID, body: OutweighingReport, call: Deciding) -> Response:
    """The leader decided that her anonymity must yield, and why (Odense 2.2)."""
    return call.handle(STAY, (stay_id,), OutweighAnonymity(_shelter_id(call), body.occurred_on, body.reason))


@router.post("/stays/{stay_id}/goals", status_code=201, response_model=Receipt)
def measure_goals(stay_id: UUID, body: GoalsReport, call: Reporting) -> Response:
    """Her goals were measured, at the move-in, midway or at the move-out."""
    scores = Scores(**body.scores.model_dump())
    return call.handle(STAY, (stay_id,), MeasureGoals(_shelter_id(call), body.occurred_on, body.occasion, scores))


@router.get("/stays/{stay_id}/goals")
def get_goals(stay_id: UUID, reads: Asking) -> Goals:
    """How far has she come in each dimension since she moved in?"""
    _own_stay(reads, stay_id)
    rows = reads.all("SELECT * FROM goals WHERE stay_id = %s ORDER BY id", (stay_id,))
    recorded = {occasion: [row for row in rows if row["occasion"] == occasion] for occasion in OCCASIONS}
    first = recorded["move-in"][-1] if recorded["move-in"] else None
    return Goals(
        measurements=[
            GoalsItem(
                occasion=occasion,
                **_recorded_goals(measured[-1]).model_dump(),
                change=_change(first, measured[-1]) if first is not None and occasion != "move-in" else None,
                replaced=[_recorded_goals(row) for row in measured[:-1]],
            )
            for occasion, measured in recorded.items()
            if measured
        ]
    )


def _recorded_goals(row: dict[str, Any]) -> RecordedGoals:
    return RecordedGoals(measured_on=row["measured_on"], scores=GoalScores(**{name: row[name] for name in DIMENSIONS}))


def _change(first: dict[str, Any], row: dict[str, Any]) -> GoalChange:
    return GoalChange(**{name: row[name] - first[name] for name in DIMENSIONS})


@router.post("/stays/{stay_id}/move-out-plan", status_code=201, response_model=Receipt)
def plan_move_out(stay_id: UUID, body: MoveOutPlanReport, call: Reporting) -> Response:
    """Preparation of the move-out began."""
    return call.handle(STAY, (stay_id,), PlanMoveOut(_shelter_id(call), body.occurred_on, body.planned_for))


@router.post("/stays/{stay_id}/move-out-plan/rescheduling", status_code=201, response_model=Receipt)
def reschedule_move_out(stay_id: UUID, body: MoveOutPlanReport, call: Reporting) -> Response:
    """The move-out is expected on another day."""
    return call.handle(STAY, (stay_id,), RescheduleMoveOut(_shelter_id(call), body.occurred_on, body.planned_for))


@router.post("/stays/{stay_id}/move-out-plan/cancellation", status_code=201, response_model=Receipt)
def cancel_move_out(stay_id: UUID, body: Report, call: Reporting) -> Response:
    """She stays."""
    return call.handle(STAY, (stay_id,), CancelMoveOut(_shelter_id(call), body.occurred_on))


@router.post("/stays/{stay_id}/move-out", status_code=201, response_model=Receipt)
def move_out(stay_id: UUID, body: MoveOutReport, call: Reporting) -> Response:
    """She moved out."""
    return call.handle(STAY, (stay_id,), MoveOut(_shelter_id(call), body.occurred_on, body.destination, body.because))


@router.post("/stays/{stay_id}/move-out/correction", status_code=201, response_model=Receipt)
def correct_move_out(stay_id: UUID, body: MoveOutCorrectionReport, call: Reporting) -> Response:
    """The day of the move-out was recorded wrongly; where she went, and how the stay ended, stays."""
    return call.handle(STAY, (stay_id,), CorrectMoveOut(_shelter_id(call), body.occurred_on, body.moved_out_on))


@router.get("/stays")
def list_stays(reads: Asking, page: Annotated[Page, Depends()], status: StayStatus | None = None) -> StayPage:
    """The shelter's stays by day of admission, all or those of one status."""
    rows = reads.all(
        "SELECT * FROM stays WHERE shelter_id = %s AND (admitted_on, stay_id) > (%s, %s) AND (%s::text IS NULL OR status = %s) "
        "ORDER BY admitted_on, stay_id LIMIT %s",
        (_shelter_id(reads), *_after(page), status, status, page.limit + 1),
    )
    return StayPage.model_validate(page.of(rows, key=lambda row: [row["admitted_on"], row["stay_id"]]))


@router.get("/stays/{stay_id}")
def get_stay(stay_id: UUID, reads: Asking, response: Response) -> StayDetail:
    """One stay of the shelter, with its children. The ETag is its version, for ``If-Match``."""
    _, version = reads.state(STAY, (stay_id,))
    row = _own_stay(reads, stay_id)
    response.headers["ETag"] = reads.tag(STAY.stream_id(stay_id), version)
    children = reads.all("SELECT * FROM children WHERE stay_id = %s ORDER BY arrived_on, person_id", (stay_id,))
    return StayDetail.model_validate({**row, "children": children})


def _own_stay(reads: Reader, stay_id: UUID) -> dict[str, Any]:
    """The stay, if it is the shelter's; another shelter's looks like none."""
    row = reads.one("SELECT * FROM stays WHERE stay_id = %s AND shelter_id = %s", (stay_id, _shelter_id(reads)))
    if row is None:
        raise Refused("unknown-stay", "No stay with this id is recorded; report the admission first.", kind="absent")
    return row


# Complaints


@router.post("/complaints", status_code=201, response_model=Receipt)
def file_complaint(body: ComplaintReport, call: Reporting) -> Response:
    """A complaint was received, in writing or by word of mouth."""
    shelter = _shelter(call)
    return call.handle(
        COMPLAINT,
        (body.complaint_id,),
        FileComplaint(
            complaint_id=body.complaint_id,
            shelter_id=_shelter_id(call),
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
        (case_id, _shelter_id(call)) * 2,
    )
    return None if row is None else ConcernedCase(**row)


@router.post("/complaints/{complaint_id}/answer", status_code=201, response_model=Receipt)
def answer_complaint(complaint_id: UUID, body: AnswerReport, call: Reporting) -> Response:
    """The shelter reassessed the matter and answered."""
    command = AnswerComplaint(_shelter_id(call), body.occurred_on, body.outcome, _of_an_expulsion(call, complaint_id))
    return call.handle(COMPLAINT, (complaint_id,), command)


@router.post("/complaints/{complaint_id}/forwarding", status_code=201, response_model=Receipt)
def forward_complaint(complaint_id: UUID, body: Report, call: Reporting) -> Response:
    """Sent to Ankestyrelsen with the case's papers."""
    command = ForwardComplaint(_shelter_id(call), body.occurred_on, _of_an_expulsion(call, complaint_id))
    return call.handle(COMPLAINT, (complaint_id,), command)


def _of_an_expulsion(call: Call, complaint_id: UUID) -> bool:
    """Whether the stay complained of is known by now to have ended with an expulsion."""
    query = (
        "SELECT 1 FROM complaints JOIN stays ON stays.stay_id = complaints.concerns "
        "WHERE complaint_id = %s AND complaints.shelter_id = %s AND stays.ended_because = 'expelled'"
    )
    return call.one(query, (complaint_id, _shelter_id(call))) is not None


@router.post("/complaints/{complaint_id}/withdrawal", status_code=201, response_model=Receipt)
def withdraw_complaint(complaint_id: UUID, body: Report, call: Reporting) -> Response:
    """The complainant withdrew it."""
    return call.handle(COMPLAINT, (complaint_id,), WithdrawComplaint(_shelter_id(call), body.occurred_on))


@router.get("/complaints")
def list_complaints(reads: Asking, page: Annotated[Page, Depends()]) -> ComplaintPage:
    """The complaints that wait for the shelter, those that have waited longest first."""
    rows = reads.all(
        "SELECT * FROM complaints WHERE shelter_id = %s AND (received_on, complaint_id) > (%s, %s) AND status <> 'closed' "
        "ORDER BY received_on, complaint_id LIMIT %s",
        (_shelter_id(reads), *_after(page), page.limit + 1),
    )
    return ComplaintPage.model_validate(page.of(rows, key=lambda row: [row["received_on"], row["complaint_id"]]))


@router.get("/complaints/guide")
def guide_complaint(reads: Asking, about: ComplaintAbout, decision_received_on: Day | None = None) -> ComplaintGuide:
    """To whom can this be complained of, until when, and where can it be taken next?

    ``decision_received_on``: the day the decision was received, or will be. What comes after the last day is taken in all the same
    and recorded as late.
    """
    shelter = _shelter(reads)
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
    return call.handle(CONCERN, (body.concern_id,), RaiseConcern(body.concern_id, _shelter_id(call), body.occurred_on))


@router.get("/concerns")
def list_concerns(reads: Asking, page: Annotated[Page, Depends()]) -> ConcernPage:
    """Which concerns about the shelter went to Socialtilsyn?"""
    rows = reads.all(
        "SELECT * FROM concerns WHERE shelter_id = %s AND (raised_on, concern_id) > (%s, %s) "
        "ORDER BY raised_on, concern_id LIMIT %s",
        (_shelter_id(reads), *_after(page), page.limit + 1),
    )
    return ConcernPage.model_validate(page.of(rows, key=lambda row: [row["raised_on"], row["concern_id"]]))


# The vault


@router.post("/people/{person_id}/identity/readings")
def read_identity(person_id: UUID, body: ReadingRequest, call: Reporting, response: Response) -> IdentityReading:
    """A person's identity, after a record of who reads which of it, when and what for."""
    vault, person = _vault(call), Person(_shelter_id(call), person_id)
    reading = vault_of.Reading(call.caller.actor, call.caller.role, body.purpose, body.fields, call.now)
    found: list[vault_of.SealedIdentity] = []
    call.desk.store.transact(lambda cursor: found.append(vault_of.read_for(cursor, person, reading)))
    response.headers["Cache-Control"] = "no-store"
    try:
        return IdentityReading.model_validate({"person_id": person_id, **vault.open(found[0])})
    except VaultUnreadable:
        raise Refused(
            "identity-unreadable",
            "What is recorded does not open with the vault's key: it was restored from another moment than its key, or the key "
            "file is another one. Ask whoever runs this installation; if it stays so, record the identity again.",
        ) from None


@router.get("/people/{person_id}/access-log")
def read_access_log(person_id: UUID, reads: Leading, page: Annotated[Page, Depends()]) -> AccessPage:
    """When was a person's identity read, in which role and what for? To be handed to her; it does not say by whom."""
    [after] = page.after_key(number) or [0]
    rows = reads.all(
        "SELECT id, read_at, role, purpose, fields FROM identity_readings "
        "WHERE shelter_id = %s AND person_id = %s AND id > %s ORDER BY id LIMIT %s",
        (_shelter_id(reads), person_id, after, page.limit + 1),
    )
    shown = page.of(rows, key=lambda row: [row["id"]])
    return AccessPage(items=[_access(row) for row in shown["items"]], next=shown["next"])


def _access(row: dict[str, Any]) -> AccessItem:
    role_da, role_en = WORDS_OF_ROLES[row["role"]]
    purpose_da, purpose_en = vault_of.PURPOSES[row["purpose"]]
    return AccessItem(**row, role_da=role_da, role_en=role_en, purpose_da=purpose_da, purpose_en=purpose_en)


@router.delete("/people/{person_id}/identity", status_code=204)
def erase_identity(person_id: UUID, reads: Leading) -> None:
    """Erase a person's identity for good; again is harmless. What was recorded about the stay remains, without a name."""
    person = Person(_shelter_id(reads), person_id)
    reads.desk.store.transact(lambda cursor: vault_of.erase(cursor, person, reads.now))

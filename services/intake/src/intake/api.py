"""Routes: what a shelter reports about its stays, and what it may ask back."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from havn_chassis.decider import Refused
from havn_chassis.http import Call, Page, Reader, Receipt
from intake.asking import Asking, Deciding, Reporting, after_day_and_id, own_shelter, own_shelter_id
from intake.bodies import (
    AdmissionReport,
    AnnulmentReport,
    AnonymityLiftingReport,
    ChildReport,
    ContactPersonReport,
    CorrectionReport,
    DepartureReport,
    GoalChange,
    Goals,
    GoalScores,
    GoalsItem,
    GoalsReport,
    HomeMunicipalityReport,
    MoveOutCorrectionReport,
    MoveOutPlanReport,
    MoveOutReport,
    OutweighingReport,
    PlanReviewReport,
    RecordedGoals,
    Report,
    RiskReport,
    StayDetail,
    StayPage,
    StayStatus,
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
from intake.with_identity import report_with_identity

router = APIRouter()


@router.post("/stays", status_code=201, response_model=Receipt)
def admit_woman(body: AdmissionReport, call: Reporting) -> Response:
    """She moved in, identified or anonymous."""
    shelter, shelter_id = own_shelter(call), own_shelter_id(call)
    return report_with_identity(
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
    return inquiry_id is not None and call.one(query, (inquiry_id, own_shelter_id(call))) is not None


@router.post("/stays/{stay_id}/corrections", status_code=201, response_model=Receipt)
def correct_admission(stay_id: UUID, body: CorrectionReport, call: Reporting) -> Response:
    """The day of admission was recorded wrongly."""
    return call.handle(STAY, (stay_id,), CorrectAdmission(own_shelter_id(call), body.occurred_on, body.admitted_on))


@router.post("/stays/{stay_id}/annulment", status_code=201, response_model=Receipt)
def annul_stay(stay_id: UUID, body: AnnulmentReport, call: Reporting) -> Response:
    """The stay should not have been recorded."""
    return call.handle(STAY, (stay_id,), AnnulStay(own_shelter_id(call), body.occurred_on, body.reason))


@router.post("/stays/{stay_id}/children", status_code=201, response_model=Receipt)
def receive_child(stay_id: UUID, body: ChildReport, call: Reporting) -> Response:
    """A child moved in or was born."""
    command = ReceiveChild(
        own_shelter_id(call), body.occurred_on, body.child_id, body.birth_month, body.arrival, body.identity is not None
    )
    return report_with_identity(call, stay_id, command, body.child_id, body.identity)


@router.post("/stays/{stay_id}/children/{child_id}/departure", status_code=201, response_model=Receipt)
def move_child_out(stay_id: UUID, child_id: UUID, body: DepartureReport, call: Reporting) -> Response:
    """A child moved out."""
    return call.handle(STAY, (stay_id,), MoveChildOut(own_shelter_id(call), body.occurred_on, child_id, body.destination))


@router.post("/stays/{stay_id}/people/{person_id}/contact-persons", status_code=201, response_model=Receipt)
def assign_contact_person(stay_id: UUID, person_id: UUID, body: ContactPersonReport, call: Reporting) -> Response:
    """The woman or a child has a contact person."""
    command = AssignContactPerson(own_shelter_id(call), body.occurred_on, person_id, body.role, body.profession)
    return call.handle(STAY, (stay_id,), command)


@router.post("/stays/{stay_id}/risk-assessments", status_code=201, response_model=Receipt)
def assess_risk(stay_id: UUID, body: RiskReport, call: Reporting) -> Response:
    """Her risk was assessed, or a child's."""
    return call.handle(STAY, (stay_id,), AssessRisk(own_shelter_id(call), body.occurred_on, body.level, body.child_id))


@router.post("/stays/{stay_id}/needs-clarification", status_code=201, response_model=Receipt)
def clarify_needs(stay_id: UUID, body: Report, call: Reporting) -> Response:
    """Her needs are clarified."""
    return call.handle(STAY, (stay_id,), ClarifyNeeds(own_shelter_id(call), body.occurred_on))


@router.post("/stays/{stay_id}/stay-plan", status_code=201, response_model=Receipt)
def agree_stay_plan(stay_id: UUID, body: Report, call: Reporting) -> Response:
    """The stay plan is agreed with her."""
    return call.handle(STAY, (stay_id,), AgreeStayPlan(own_shelter_id(call), body.occurred_on))


@router.post("/stays/{stay_id}/action-plan/request", status_code=201, response_model=Receipt)
def request_action_plan(stay_id: UUID, body: Report, call: Reporting) -> Response:
    """She wants the municipality's action plan."""
    return call.handle(STAY, (stay_id,), RequestActionPlan(own_shelter_id(call), body.occurred_on))


@router.post("/stays/{stay_id}/payment-relief/request", status_code=201, response_model=Receipt)
def request_payment_relief(stay_id: UUID, body: Report, call: Reporting) -> Response:
    """She applied to her home municipality to have her own payment reduced or waived."""
    return call.handle(STAY, (stay_id,), RequestPaymentRelief(own_shelter_id(call), body.occurred_on))


@router.post("/stays/{stay_id}/action-plan", status_code=201, response_model=Receipt)
def make_action_plan(stay_id: UUID, body: Report, call: Reporting) -> Response:
    """The municipality made the action plan."""
    return call.handle(STAY, (stay_id,), MakeActionPlan(own_shelter_id(call), body.occurred_on))


@router.post("/stays/{stay_id}/plan-reviews", status_code=201, response_model=Receipt)
def review_plan(stay_id: UUID, body: PlanReviewReport, call: Reporting) -> Response:
    """A plan was reviewed with her."""
    return call.handle(STAY, (stay_id,), ReviewPlan(own_shelter_id(call), body.occurred_on, body.plan))


@router.post("/stays/{stay_id}/home-municipality", status_code=201, response_model=Receipt)
def change_home_municipality(stay_id: UUID, body: HomeMunicipalityReport, call: Reporting) -> Response:
    """Another municipality is her home municipality."""
    command = ChangeHomeMunicipality(own_shelter_id(call), body.occurred_on, body.home_municipality)
    return call.handle(STAY, (stay_id,), command)


@router.post("/stays/{stay_id}/anonymity/lifting", status_code=201, response_model=Receipt)
def lift_anonymity(stay_id: UUID, body: AnonymityLiftingReport, call: Reporting) -> Response:
    """She no longer wishes to be anonymous."""
    stay, _ = call.state(STAY, (stay_id,))
    woman = stay.woman if isinstance(stay, Stay) else None
    return report_with_identity(call, stay_id, LiftAnonymity(own_shelter_id(call), body.occurred_on), woman, body.identity)


@router.post("/stays/{stay_id}/anonymity/outweighing", status_code=201, response_model=Receipt)
def outweigh_anonymity(stay_id: UUID, body: OutweighingReport, call: Deciding) -> Response:
    """The leader decided that her anonymity must yield, and why (Odense 2.2)."""
    return call.handle(STAY, (stay_id,), OutweighAnonymity(own_shelter_id(call), body.occurred_on, body.reason))


@router.post("/stays/{stay_id}/goals", status_code=201, response_model=Receipt)
def measure_goals(stay_id: UUID, body: GoalsReport, call: Reporting) -> Response:
    """Her goals were measured, at the move-in, midway or at the move-out."""
    scores = Scores(**body.scores.model_dump())
    return call.handle(STAY, (stay_id,), MeasureGoals(own_shelter_id(call), body.occurred_on, body.occasion, scores))


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
    return call.handle(STAY, (stay_id,), PlanMoveOut(own_shelter_id(call), body.occurred_on, body.planned_for))


@router.post("/stays/{stay_id}/move-out-plan/rescheduling", status_code=201, response_model=Receipt)
def reschedule_move_out(stay_id: UUID, body: MoveOutPlanReport, call: Reporting) -> Response:
    """The move-out is expected on another day."""
    return call.handle(STAY, (stay_id,), RescheduleMoveOut(own_shelter_id(call), body.occurred_on, body.planned_for))


@router.post("/stays/{stay_id}/move-out-plan/cancellation", status_code=201, response_model=Receipt)
def cancel_move_out(stay_id: UUID, body: Report, call: Reporting) -> Response:
    """She stays."""
    return call.handle(STAY, (stay_id,), CancelMoveOut(own_shelter_id(call), body.occurred_on))


@router.post("/stays/{stay_id}/move-out", status_code=201, response_model=Receipt)
def move_out(stay_id: UUID, body: MoveOutReport, call: Reporting) -> Response:
    """She moved out."""
    return call.handle(STAY, (stay_id,), MoveOut(own_shelter_id(call), body.occurred_on, body.destination, body.because))


@router.post("/stays/{stay_id}/move-out/correction", status_code=201, response_model=Receipt)
def correct_move_out(stay_id: UUID, body: MoveOutCorrectionReport, call: Reporting) -> Response:
    """The day of the move-out was recorded wrongly; where she went, and how the stay ended, stays."""
    return call.handle(STAY, (stay_id,), CorrectMoveOut(own_shelter_id(call), body.occurred_on, body.moved_out_on))


@router.get("/stays")
def list_stays(reads: Asking, page: Annotated[Page, Depends()], status: StayStatus | None = None) -> StayPage:
    """The shelter's stays by day of admission, all or those of one status."""
    rows = reads.all(
        "SELECT * FROM stays WHERE shelter_id = %s AND (admitted_on, stay_id) > (%s, %s) AND (%s::text IS NULL OR status = %s) "
        "ORDER BY admitted_on, stay_id LIMIT %s",
        (own_shelter_id(reads), *after_day_and_id(page), status, status, page.limit + 1),
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
    row = reads.one("SELECT * FROM stays WHERE stay_id = %s AND shelter_id = %s", (stay_id, own_shelter_id(reads)))
    if row is None:
        raise Refused("unknown-stay", "No stay with this id is recorded; report the admission first.", kind="absent")
    return row

"""The routes of intake: what a shelter reports about its own inquiries, stays and complaints, and what it may ask back."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from eventsourcing.persistence import IntegrityError
from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field, StrictBool, model_validator

from havn_chassis.decider import Refused
from havn_chassis.http import Body, Call, Page, Reader, Receipt, allow, number, read
from havn_chassis.store import Work
from havn_events.codes import (
    AnnulmentReason,
    ChildArrival,
    ComplaintAbout,
    ComplaintOutcome,
    ComplaintRoute,
    ContactRole,
    Destination,
    GoalsOccasion,
    InquiryOutcome,
    OutweighingReason,
    Plan,
    Profession,
    ReferredBy,
    RefusalReason,
    RiskLevel,
    StayEnd,
)
from havn_events.event import Day, MunicipalityCode
from havn_events.intake import BirthMonth, GoalScore, StandardId
from havn_events.municipalities import KnownMunicipality
from intake import identity as vault_of
from intake.domain.complaint import (
    COMPLAINT,
    AnswerComplaint,
    ConcernedCase,
    FileComplaint,
    ForwardComplaint,
    WithdrawComplaint,
)
from intake.domain.concern import CONCERN, RaiseConcern
from intake.domain.inquiry import INQUIRY, AssessInquiry, ReceiveInquiry, ReferWoman, RefuseStay
from intake.domain.stay import (
    DIMENSIONS,
    OCCASIONS,
    STAY,
    AdmitWoman,
    AgreeStayPlan,
    AnnulStay,
    AssessRisk,
    AssignContactPerson,
    CancelMoveOut,
    ChangeHomeMunicipality,
    ClarifyNeeds,
    CorrectAdmission,
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
    Stay,
)
from intake.identity import FIELDS, IdentityField, Person, Purpose, Vault, VaultUnreadable
from intake.shelters import Shelter, Shelters

router = APIRouter()

Reporting = Annotated[Call, Depends(allow("shelter", "leader"))]
Asking = Annotated[Reader, Depends(read("shelter", "leader", "auditor"))]
Leading = Annotated[Reader, Depends(read("leader", scope="havn:decide"))]
Deciding = Annotated[Call, Depends(allow("leader", scope="havn:decide"))]

StayStatus = Literal["staying", "move-out-planned", "moved-out", "annulled"]


class Report(Body):
    """``occurred_on``: the day it happened, in Denmark; it may be reported days later."""

    occurred_on: Day


class Identity(Body):
    """Who somebody is; kept encrypted, never repeated in an answer or an event. At least one of the fields."""

    name: Annotated[str | None, Field(min_length=1, max_length=200, repr=False)] = None
    cpr: Annotated[str | None, Field(min_length=1, max_length=40, repr=False, description="DDMMYY-SSSS; the hyphen may go.")] = None
    phone: Annotated[str | None, Field(pattern=r"^\+?[0-9 ]{6,20}$", repr=False)] = None
    email: Annotated[str | None, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=200, repr=False)] = None
    note: Annotated[str | None, Field(min_length=1, max_length=4000, repr=False)] = None

    @model_validator(mode="after")
    def _says_something(self) -> "Identity":
        if not self.recorded():
            raise ValueError("an identity holds at least one of name, cpr, phone, email and note; else leave it out")
        return self

    def recorded(self) -> dict[IdentityField, str]:
        """The fields that are given."""
        return {name: value for name in FIELDS if (value := getattr(self, name)) is not None}


class InquiryReport(Report):
    """``home_municipality`` is None where the caller did not say."""

    inquiry_id: UUID
    referred_by: ReferredBy
    home_municipality: KnownMunicipality | None = None


class AssessmentReport(Report):
    """``occurred_on``: the day of the decision; ``interview_on``: that of the interview."""

    outcome: InquiryOutcome
    interview_on: Day


class RefusalReport(Report):
    """The leader refused a stay."""

    reason: RefusalReason


class ReferralReport(Report):
    """She was helped to a place elsewhere."""

    out_of_town: StrictBool


class AdmissionReport(Report):
    """``occurred_on``: the day of admission. ``transferred_from``: the stay at another shelter that she comes straight from.

    A direct transfer continues what she and her children are owed: give them the ``person_id`` they had there.
    ``anonymous_to_home_municipality``: whether her home municipality may not learn who she is either. Left out, it follows
    ``anonymous``, but where the shelter's standard tells the home municipality who she is it may not be asked for (Copenhagen).
    """

    stay_id: UUID
    person_id: UUID
    home_municipality: KnownMunicipality
    anonymous: StrictBool
    anonymous_to_home_municipality: StrictBool | None = None
    inquiry_id: UUID | None = None
    transferred_from: UUID | None = None
    identity: Identity | None = None


class CorrectionReport(Report):
    """``occurred_on``: the day of the correction; ``admitted_on``: the right day of admission."""

    admitted_on: Day


class AnnulmentReport(Report):
    """The stay should not have been recorded."""

    reason: AnnulmentReason


class ChildReport(Report):
    """``occurred_on``: the day the child moved in or was born."""

    child_id: UUID
    birth_month: BirthMonth
    arrival: ChildArrival
    identity: Identity | None = None


class DepartureReport(Report):
    """Somebody moved out."""

    destination: Destination


class MoveOutReport(DepartureReport):
    """She moved out. ``because``: how the stay ended."""

    because: StayEnd = "moved-out"


class ContactPersonReport(Report):
    """A contact person was assigned."""

    role: ContactRole
    profession: Profession


class RiskReport(Report):
    """Her risk was assessed."""

    level: RiskLevel


class PlanReviewReport(Report):
    """A plan was reviewed with her."""

    plan: Plan


class HomeMunicipalityReport(Report):
    """``occurred_on``: from which day on."""

    home_municipality: KnownMunicipality


class AnonymityLiftingReport(Report):
    """``identity``: hers, now that it may be recorded."""

    identity: Identity | None = None


class OutweighingReport(Report):
    """``occurred_on``: the day of the leader's decision that her anonymity must yield."""

    reason: OutweighingReason


class GoalScores(Body):
    """Where she stands in each dimension: 0, no problem, to 4, a total problem."""

    network: GoalScore
    communities: GoalScore
    health: GoalScore
    economy: GoalScore
    housing: GoalScore
    job_or_education: GoalScore


class GoalsReport(Report):
    """``occurred_on``: the day they were measured. An occasion that is measured again is corrected by it."""

    occasion: GoalsOccasion
    scores: GoalScores


class MoveOutPlanReport(Report):
    """``occurred_on``: the day it was planned; ``planned_for``: the day it is expected."""

    planned_for: Day


class ComplaintReport(Report):
    """``occurred_on``: the day the complaint was received. ``concerns``: the stay, or the inquiry a stay was refused on.

    ``decision_received_on``: the day the complainant received the decision, where there is one and the day is known.
    """

    complaint_id: UUID
    concerns: UUID
    about: ComplaintAbout
    form: Literal["written", "oral"]
    decision_received_on: Day | None = None


class ConcernReport(Report):
    """``occurred_on``: the day the concern was taken to Socialtilsyn, as far as the shelter knows."""

    concern_id: UUID


class AnswerReport(Report):
    """The shelter reassessed and answered."""

    outcome: ComplaintOutcome


class ReadingRequest(Body):
    """What the identity is read for, and which of its fields, all where none are named; recorded with who reads it and when."""

    purpose: Purpose
    fields: Annotated[tuple[IdentityField, ...], Field(min_length=1, max_length=len(FIELDS))] = FIELDS


class StayItem(BaseModel):
    """A stay of the shelter."""

    stay_id: UUID
    person_id: UUID
    status: StayStatus
    admitted_on: date
    home_municipality: MunicipalityCode
    own_municipality: bool
    standard: StandardId
    anonymous: bool
    move_out_planned_for: date | None
    moved_out_on: date | None
    destination: Destination | None
    ended_because: StayEnd | None


class StayPage(BaseModel):
    """A page of stays, by their ids."""

    items: list[StayItem]
    next: str | None


class ChildItem(BaseModel):
    """A child of the stay."""

    person_id: UUID
    birth_month: BirthMonth
    arrived_on: date
    left_on: date | None
    destination: Destination | None


class StayDetail(StayItem):
    """A stay and its children. ``named_to_home_municipality``: whether the home municipality may learn who she is.

    ``anonymity_outweighed_on`` and ``_because``: the leader's latest decision that her anonymity must yield.
    """

    children: list[ChildItem]
    named_to_home_municipality: bool
    anonymity_outweighed_on: date | None
    anonymity_outweighed_because: OutweighingReason | None


class GoalChange(BaseModel):
    """By how much each score has changed since the move-in; below 0 the problem has become smaller."""

    network: int
    communities: int
    health: int
    economy: int
    housing: int
    job_or_education: int


class RecordedGoals(BaseModel):
    """What was recorded for an occasion."""

    measured_on: date
    scores: GoalScores


class GoalsItem(RecordedGoals):
    """What counts for an occasion.

    ``change``: None at the move-in, and where nothing was measured then. ``replaced``: what was recorded for the occasion before,
    oldest first.
    """

    occasion: GoalsOccasion
    change: GoalChange | None
    replaced: list[RecordedGoals]


class Goals(BaseModel):
    """The goals of one stay, from move-in to move-out."""

    measurements: list[GoalsItem]


class InquiryCounts(BaseModel):
    """How many asked in a year, and what became of it. ``undecided``: not assessed yet."""

    year: int
    received: int
    undecided: int
    outcomes: dict[InquiryOutcome, int]
    refused: int
    referred: int


class ComplaintItem(BaseModel):
    """A complaint that waits for the shelter. ``last_day``: the last day to answer and, where it must be, forward it.

    ``route``: where it can be taken when the answer does not uphold it.
    """

    complaint_id: UUID
    concerns: UUID
    about: ComplaintAbout
    route: ComplaintRoute
    late: bool
    status: Literal["to-answer", "to-forward"]
    received_on: date
    last_day: date


class ComplaintPage(BaseModel):
    """A page of open complaints."""

    items: list[ComplaintItem]
    next: str | None


class ConcernItem(BaseModel):
    """A concern about the shelter that was taken to Socialtilsyn."""

    concern_id: UUID
    raised_on: date


class ConcernPage(BaseModel):
    """A page of concerns, oldest first."""

    items: list[ConcernItem]
    next: str | None


class IdentityReading(BaseModel):
    """A person's identity in clear, as far as it is recorded."""

    person_id: UUID
    name: str | None = None
    cpr: str | None = None
    phone: str | None = None
    email: str | None = None
    note: str | None = None


class AccessItem(BaseModel):
    """One reading of a person's identity, as she may be told of it: when, in which role, what for, which fields; not by whom."""

    read_at: datetime
    role: str
    role_da: str
    role_en: str
    purpose: Purpose
    purpose_da: str
    purpose_en: str
    fields: list[IdentityField]


class AccessPage(BaseModel):
    """A page of readings, oldest first."""

    items: list[AccessItem]
    next: str | None


WORDS_OF_ROLES = {
    "shelter": ("Krisecentrets personale", "The shelter's staff"),
    "leader": ("Krisecentrets leder", "The shelter's leader"),
}
"""Who read an identity, in Danish and in English, as she is told of it."""


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


@router.post("/inquiries/{inquiry_id}/assessment", status_code=201, response_model=Receipt)
def assess_inquiry(inquiry_id: UUID, body: AssessmentReport, call: Reporting) -> Response:
    """The interview was held and the leader decided."""
    return call.handle(INQUIRY, (inquiry_id,), AssessInquiry(_shelter_id(call), body.occurred_on, body.interview_on, body.outcome))


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
            identified_to_home_municipality=shelter.identified_to_home_municipality,
            inquiry_id=body.inquiry_id,
            inquiry_known=_has_inquiry(call, body.inquiry_id),
            transferred_from=body.transferred_from,
            anonymous_to_home_municipality=body.anonymous_to_home_municipality,
            admits_anonymously=shelter.admits_anonymously,
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
    """Her risk was assessed."""
    return call.handle(STAY, (stay_id,), AssessRisk(_shelter_id(call), body.occurred_on, body.level))


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
    response.headers["ETag"] = f'"{version}"'
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
    return call.handle(
        COMPLAINT,
        (body.complaint_id,),
        FileComplaint(
            complaint_id=body.complaint_id,
            shelter_id=_shelter_id(call),
            standard=_shelter(call).standard,
            occurred_on=body.occurred_on,
            concerns=body.concerns,
            concerned=_concerned(call, body.concerns),
            about=body.about,
            form=body.form,
            decision_received_on=body.decision_received_on,
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
    return call.handle(COMPLAINT, (complaint_id,), AnswerComplaint(_shelter_id(call), body.occurred_on, body.outcome))


@router.post("/complaints/{complaint_id}/forwarding", status_code=201, response_model=Receipt)
def forward_complaint(complaint_id: UUID, body: Report, call: Reporting) -> Response:
    """Sent to Ankestyrelsen with the case's papers."""
    return call.handle(COMPLAINT, (complaint_id,), ForwardComplaint(_shelter_id(call), body.occurred_on))


@router.post("/complaints/{complaint_id}/withdrawal", status_code=201, response_model=Receipt)
def withdraw_complaint(complaint_id: UUID, body: Report, call: Reporting) -> Response:
    """The complainant withdrew it."""
    return call.handle(COMPLAINT, (complaint_id,), WithdrawComplaint(_shelter_id(call), body.occurred_on))


@router.get("/complaints")
def list_complaints(reads: Asking, page: Annotated[Page, Depends()]) -> ComplaintPage:
    """The complaints that wait for the shelter, the most urgent first."""
    rows = reads.all(
        "SELECT * FROM complaints WHERE shelter_id = %s AND (last_day, complaint_id) > (%s, %s) AND status <> 'closed' "
        "ORDER BY last_day, complaint_id LIMIT %s",
        (_shelter_id(reads), *_after(page), page.limit + 1),
    )
    return ComplaintPage.model_validate(page.of(rows, key=lambda row: [row["last_day"], row["complaint_id"]]))


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

"""What intake is told and what it answers: the shapes of its HTTP API."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool, model_validator

from havn_chassis.http import Body
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
from intake.identity import FIELDS, IdentityField, Purpose

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


class InterviewCorrectionReport(Report):
    """``occurred_on``: the day of the correction; ``interview_on``: the right day of the interview."""

    interview_on: Day


class AssessmentReport(Report):
    """``occurred_on``: the day of the decision; ``interview_on``: that of the interview, needed where that is not reported yet."""

    outcome: InquiryOutcome
    interview_on: Day | None = None


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
    ``anonymous``; where the shelter's standard lets nobody be anonymous to it (Copenhagen), an anonymous admission must say false.
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


class MoveOutCorrectionReport(Report):
    """``occurred_on``: the day of the correction; ``moved_out_on``: the right day of the move-out."""

    moved_out_on: Day


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
    """Her risk was assessed, or that of the child named in ``child_id``."""

    level: RiskLevel
    child_id: UUID | None = None


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
    """A complaint that waits for the shelter. ``route``: where it can be taken when the answer does not uphold it.

    Until when it is to be answered, its standard says: the orchestrator has it under ``/obligations``.
    """

    complaint_id: UUID
    concerns: UUID
    about: ComplaintAbout
    route: ComplaintRoute
    late: bool
    status: Literal["to-answer", "to-forward"]
    received_on: date


class ComplaintPage(BaseModel):
    """A page of open complaints."""

    items: list[ComplaintItem]
    next: str | None


class TermTold(BaseModel):
    """How long after receiving the decision it may be complained of, and where that is said. ``assumed``: it is our reading."""

    number: int
    unit: Literal["days", "weeks", "months"]
    document: str
    section: str
    basis: Literal["statute", "standard", "assumed"]


class ComplaintGuide(BaseModel):
    """How one kind of thing is complained of at this shelter.

    ``first``: to whom. ``route``: where it can be taken when the answer does not uphold it, as for a complaint; ``none``: nowhere.
    ``term``: None where there is no term. ``last_day``: the last day on which the shelter receives it in time; None where there is
    no term, and where the day the decision was received was not given. ``explanation_da`` and ``explanation_en`` say it to the
    complainant, a sentence a line.
    """

    about: ComplaintAbout
    first: Literal["shelter", "leader"]
    route: ComplaintRoute
    term: TermTold | None
    last_day: date | None
    explanation_da: str
    explanation_en: str


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

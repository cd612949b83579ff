"""What a shelter may report of a stay."""

from dataclasses import dataclass, fields
from datetime import date
from uuid import UUID

from havn_events.codes import (
    AnnulmentReason,
    ChildArrival,
    ContactRole,
    Destination,
    GoalsOccasion,
    OutweighingReason,
    Plan,
    Profession,
    RiskLevel,
    StayEnd,
)


@dataclass(frozen=True)
class AdmitWoman:
    """She moved in on ``occurred_on``.

    ``standard`` and ``shelter_municipality`` are the shelter's. ``identified``: the report carries a name, CPR number, phone
    or note, which the vault keeps. ``inquiry_known``: the shelter has the inquiry that ``inquiry_id`` names.

    ``anonymous_to_home_municipality``: what she wishes; None: nobody said. ``may_be_anonymous_to_home_municipality``: the shelter's
    standard lets her be so (not Copenhagen's, 2.2).
    """

    stay_id: UUID
    person_id: UUID
    shelter_id: UUID
    occurred_on: date
    standard: str
    home_municipality: str
    shelter_municipality: str | None
    anonymous: bool
    identified: bool
    inquiry_id: UUID | None
    inquiry_known: bool
    transferred_from: UUID | None
    anonymous_to_home_municipality: bool | None = None
    may_be_anonymous_to_home_municipality: bool = True


@dataclass(frozen=True)
class _Report:
    """A report by ``shelter_id`` about one of its stays. ``occurred_on``: the day it happened."""

    shelter_id: UUID
    occurred_on: date


@dataclass(frozen=True)
class CorrectAdmission(_Report):
    """She was admitted on ``admitted_on``; another day was recorded."""

    admitted_on: date


@dataclass(frozen=True)
class AnnulStay(_Report):
    """The stay should not have been recorded."""

    reason: AnnulmentReason


@dataclass(frozen=True)
class ReceiveChild(_Report):
    """A child moved in or was born. ``birth_month``: YYYY-MM. ``identified`` as in AdmitWoman."""

    child_id: UUID
    birth_month: str
    arrival: ChildArrival
    identified: bool


@dataclass(frozen=True)
class MoveChildOut(_Report):
    """A child moved out."""

    child_id: UUID
    destination: Destination


@dataclass(frozen=True)
class AssignContactPerson(_Report):
    """The woman or a child has a contact person."""

    person_id: UUID
    role: ContactRole
    profession: Profession


@dataclass(frozen=True)
class AssessRisk(_Report):
    """Her risk was assessed, or a child's, perhaps again, perhaps after the stay. ``child_id``: None for hers."""

    level: RiskLevel
    child_id: UUID | None = None


@dataclass(frozen=True)
class ClarifyNeeds(_Report):
    """Her needs are clarified."""


@dataclass(frozen=True)
class AgreeStayPlan(_Report):
    """The stay plan is agreed with her."""


@dataclass(frozen=True)
class RequestActionPlan(_Report):
    """She wants the municipality's action plan (Social Services Act § 141)."""


@dataclass(frozen=True)
class RequestPaymentRelief(_Report):
    """She applied to have her own payment reduced or waived (Odense 2.6)."""


@dataclass(frozen=True)
class MakeActionPlan(_Report):
    """The municipality made the action plan."""


@dataclass(frozen=True)
class ReviewPlan(_Report):
    """A plan was reviewed with her."""

    plan: Plan


@dataclass(frozen=True)
class ChangeHomeMunicipality(_Report):
    """From ``occurred_on`` another municipality is her home municipality."""

    home_municipality: str


@dataclass(frozen=True)
class LiftAnonymity(_Report):
    """She no longer wishes to be anonymous."""


@dataclass(frozen=True)
class OutweighAnonymity(_Report):
    """The leader decided that her anonymity must yield."""

    reason: OutweighingReason


@dataclass(frozen=True)
class Scores:
    """Where she stands in each dimension: 0, no problem, to 4, a total problem."""

    network: int
    communities: int
    health: int
    economy: int
    housing: int
    job_or_education: int


DIMENSIONS = tuple(each.name for each in fields(Scores))
"""The six dimensions in which goals are measured (Rambøll 2015)."""


@dataclass(frozen=True)
class MeasureGoals(_Report):
    """Her goals were measured, on an occasion for the first time or again."""

    occasion: GoalsOccasion
    scores: Scores


@dataclass(frozen=True)
class PlanMoveOut(_Report):
    """Preparation of the move-out began; it is expected on ``planned_for``."""

    planned_for: date


@dataclass(frozen=True)
class RescheduleMoveOut(_Report):
    """The move-out is expected on another day."""

    planned_for: date


@dataclass(frozen=True)
class CancelMoveOut(_Report):
    """She stays."""


@dataclass(frozen=True)
class MoveOut(_Report):
    """She moved out. ``because``: how the stay ended."""

    destination: Destination
    because: StayEnd = "moved-out"


@dataclass(frozen=True)
class CorrectMoveOut(_Report):
    """She moved out on ``moved_out_on``; another day was recorded. Where she went, and how the stay ended, stays."""

    moved_out_on: date


Report = (
    CorrectAdmission
    | AnnulStay
    | ReceiveChild
    | MoveChildOut
    | AssignContactPerson
    | AssessRisk
    | ClarifyNeeds
    | AgreeStayPlan
    | RequestActionPlan
    | RequestPaymentRelief
    | MakeActionPlan
    | ReviewPlan
    | ChangeHomeMunicipality
    | LiftAnonymity
    | OutweighAnonymity
    | MeasureGoals
    | PlanMoveOut
    | RescheduleMoveOut
    | CancelMoveOut
    | MoveOut
    | CorrectMoveOut
)
Command = AdmitWoman | Report

"""A stay: admission, children, contact persons, risk, needs and plans, goals, home municipality, anonymity, and the move-out.

Reports come days after what they tell of: a day within the stay is accepted after the move-out too. Refused is only what cannot
have happened in that order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from types import MappingProxyType
from typing import get_args
from uuid import UUID

from havn_chassis.decider import Decider, Refused
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
from havn_events.event import Event
from havn_events.intake import (
    ActionPlanMade,
    ActionPlanRequested,
    AdmissionCorrected,
    AnonymityLifted,
    AnonymityOutweighed,
    ChildArrived,
    ChildMovedOut,
    ContactPersonAssigned,
    GoalsMeasured,
    HomeMunicipalityChanged,
    MoveOutCancelled,
    MoveOutCorrected,
    MoveOutPlanned,
    MoveOutRescheduled,
    NeedsClarified,
    PaymentReliefRequested,
    PlanReviewed,
    RiskAssessed,
    StayAnnulled,
    StayPlanAgreed,
    WomanAdmitted,
    WomanMovedOut,
)

MONTHS_OF_CHILDHOOD = 18 * 12

WITHIN_THE_STAY = (
    ContactPersonAssigned,
    NeedsClarified,
    StayPlanAgreed,
    ActionPlanRequested,
    MoveOutPlanned,
    MoveOutRescheduled,
    MoveOutCancelled,
)
"""What cannot happen after the move-out; so neither do a review of the stay plan, and goals measured before she leaves."""

OCCASIONS: tuple[GoalsOccasion, ...] = get_args(GoalsOccasion)
"""When goals are measured, in their order (Rambøll 2015)."""


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


@dataclass(frozen=True)
class NoStay:
    """Nobody is admitted."""


@dataclass(frozen=True)
class Child:
    """A child of the stay."""

    arrived_on: date
    left_on: date | None = None


@dataclass(frozen=True)
class Measurement:
    """What goals were measured on an occasion, as it counts now."""

    on: date
    scores: Scores


@dataclass(frozen=True)
class Stay:
    """A stay as it is known so far.

    ``named``: the home municipality may learn who she is. ``outweighed``: why her anonymity must yield.
    ``home_changed_on``: from when ``home_municipality`` is hers, None since before the stay. ``planned_on``: when the move-out
    plan in force was made, None without one. ``plan_changed_on``: the last day a plan was made, changed or cancelled.
    ``last_within_on``: the last day of what can happen only while she stays, None where nothing of that was reported.
    """

    stay_id: UUID
    woman: UUID
    shelter_id: UUID
    admitted_on: date
    home_municipality: str
    anonymous: bool
    named: bool
    outweighed: frozenset[OutweighingReason] = frozenset()
    goals: Mapping[GoalsOccasion, Measurement] = field(default_factory=lambda: MappingProxyType({}))
    children: Mapping[UUID, Child] = field(default_factory=lambda: MappingProxyType({}))
    needs_clarified: bool = False
    stay_plan_on: date | None = None
    action_plan_wanted_on: date | None = None
    payment_relief_wanted_on: date | None = None
    action_plan_on: date | None = None
    planned_on: date | None = None
    plan_changed_on: date | None = None
    moved_out_on: date | None = None
    last_within_on: date | None = None
    home_changed_on: date | None = None


@dataclass(frozen=True)
class AnnulledStay:
    """A stay that should not have been recorded."""

    shelter_id: UUID


State = NoStay | Stay | AnnulledStay


def decide(command: Command, state: State) -> Sequence[Event]:
    """What follows from a report. Raises Refused."""
    if isinstance(command, AdmitWoman):
        return _admit(command, state)
    stay = _own(command.shelter_id, state)
    if command.occurred_on < stay.admitted_on:
        raise Refused(
            "before-admission",
            "This day is before her admission; give the day it happened, or correct the day of admission first.",
            field="occurred_on",
        )
    return _report(command, stay)


def _report(command: Report, stay: Stay) -> Sequence[Event]:
    on, stay_id = command.occurred_on, stay.stay_id
    match command:
        case CorrectAdmission():
            return _correct_admission(command, stay)
        case AnnulStay():
            return [StayAnnulled(occurred_on=on, stay_id=stay_id, reason=command.reason)]
        case ReceiveChild():
            return _receive_child(command, stay)
        case MoveChildOut():
            return _move_child_out(command, stay)
        case AssignContactPerson():
            return _assign_contact_person(command, stay)
        case AssessRisk():
            return _assess_risk(command, stay)
        case ClarifyNeeds():
            return _clarify_needs(command, stay)
        case AgreeStayPlan():
            return _agree_stay_plan(command, stay)
        case RequestPaymentRelief():
            return _request_payment_relief(command, stay)
        case RequestActionPlan():
            return _request_action_plan(command, stay)
        case MakeActionPlan():
            return _make_action_plan(command, stay)
        case ReviewPlan():
            return _review_plan(command, stay)
        case ChangeHomeMunicipality():
            return _change_home_municipality(command, stay)
        case LiftAnonymity():
            if not stay.anonymous:
                raise Refused("not-anonymous", "She is not anonymous, so there is no anonymity to lift.")
            return [AnonymityLifted(occurred_on=on, stay_id=stay_id)]
        case OutweighAnonymity():
            return _outweigh_anonymity(command, stay)
        case MeasureGoals():
            return _measure_goals(command, stay)
        case PlanMoveOut():
            return _plan_move_out(command, stay)
        case RescheduleMoveOut():
            return _reschedule_move_out(command, stay)
        case CancelMoveOut():
            _move_out_plan(command, stay)
            return [MoveOutCancelled(occurred_on=on, stay_id=stay_id)]
        case MoveOut():
            return _move_out(command, stay)
        case CorrectMoveOut():
            return _correct_move_out(command, stay)


def _admit(command: AdmitWoman, state: State) -> Sequence[Event]:
    if not isinstance(state, NoStay):
        raise Refused("already-admitted", "A stay with this id is recorded; a new stay needs a new id.", field="stay_id")
    named = _named_to_home_municipality(command)
    if command.identified and not named:
        raise Refused(
            "anonymous-means-no-identity",
            "An anonymous admission carries no name, CPR number, phone or note; leave it out, or admit her identified.",
            field="identity",
            kind="invalid",
        )
    if command.inquiry_id is not None and not command.inquiry_known:
        raise Refused(
            "unknown-inquiry",
            "The shelter has no inquiry with this id; report the inquiry first, or leave it out.",
            field="inquiry_id",
            kind="absent",
        )
    if command.transferred_from == command.stay_id:
        raise Refused(
            "transferred-from-itself",
            "A stay cannot continue itself; give the id of the stay she came from.",
            field="transferred_from",
            kind="invalid",
        )
    return [
        WomanAdmitted(
            occurred_on=command.occurred_on,
            stay_id=command.stay_id,
            person_id=command.person_id,
            shelter_id=command.shelter_id,
            standard=command.standard,
            home_municipality=command.home_municipality,
            own_municipality=command.home_municipality == command.shelter_municipality,
            shelter_municipality=command.shelter_municipality,
            anonymous=command.anonymous,
            named_to_home_municipality=named,
            inquiry_id=command.inquiry_id,
            transferred_from=command.transferred_from,
        )
    ]


def _named_to_home_municipality(command: AdmitWoman) -> bool:
    """Whether her home municipality may learn who she is; where it must, that is never read out of what nobody said."""
    wish = command.anonymous_to_home_municipality
    if not command.anonymous:
        if wish:
            raise Refused(
                "identified-is-not-anonymous",
                "She is admitted identified, so her home municipality learns who she is; admit her anonymously, or leave this out.",
                field="anonymous_to_home_municipality",
                kind="invalid",
            )
        return True
    if command.may_be_anonymous_to_home_municipality:
        return wish is False
    if wish is None:
        raise Refused(
            "home-municipality-not-answered",
            "At this shelter she may be anonymous to everybody but her home municipality, which learns who she is. Ask her, and "
            "report false here if she is admitted on these terms; else help her to a shelter where she can stay anonymous to it.",
            field="anonymous_to_home_municipality",
            kind="invalid",
        )
    if wish:
        raise Refused(
            "home-municipality-learns-who-she-is",
            "At this shelter she may be anonymous to everybody but her home municipality, which learns who she is while the stay "
            "does not become public. Admit her on these terms, or help her to a shelter where she can stay anonymous to it.",
            field="anonymous_to_home_municipality",
        )
    return True


def _own(shelter_id: UUID, state: State) -> Stay:
    """The stay, if it is this shelter's; another shelter's looks like none."""
    if isinstance(state, NoStay) or state.shelter_id != shelter_id:
        raise Refused("unknown-stay", "No stay with this id is recorded; report the admission first.", kind="absent")
    if isinstance(state, AnnulledStay):
        raise Refused("stay-annulled", "The stay is annulled; if she does stay, report a new admission with a new id.")
    return state


def _within_the_stay(command: Report, stay: Stay) -> None:
    if stay.moved_out_on is not None and command.occurred_on > stay.moved_out_on:
        raise Refused(
            "after-move-out",
            "This day is after she moved out, when it can no longer happen; give the day it happened during the stay.",
            field="occurred_on",
        )


def _correct_admission(command: CorrectAdmission, stay: Stay) -> Sequence[Event]:
    if command.admitted_on == stay.admitted_on:
        raise Refused("admission-unchanged", "This is the recorded day of admission; nothing is corrected.", field="admitted_on")
    if command.admitted_on > command.occurred_on:
        raise Refused(
            "admitted-after-the-correction",
            "The right day of admission cannot lie after the day it is corrected on.",
            field="admitted_on",
            kind="invalid",
        )
    if any(command.admitted_on > child.arrived_on for child in stay.children.values()):
        raise Refused(
            "admitted-after-a-child",
            "A child is recorded as arrived before this day; if that is wrong too, annul the stay and report it anew.",
            field="admitted_on",
        )
    if stay.moved_out_on is not None and command.admitted_on > stay.moved_out_on:
        raise Refused(
            "admitted-after-move-out",
            "She moved out before this day; give the day she was admitted.",
            field="admitted_on",
        )
    return [AdmissionCorrected(occurred_on=command.occurred_on, stay_id=stay.stay_id, admitted_on=command.admitted_on)]


def _receive_child(command: ReceiveChild, stay: Stay) -> Sequence[Event]:
    if command.child_id == stay.woman:
        raise Refused("woman-is-no-child", "This id is the woman's own; a child needs an id of its own.", field="child_id")
    if command.child_id in stay.children:
        raise Refused(
            "child-already-arrived",
            "This child's arrival is recorded; another child needs another id.",
            field="child_id",
        )
    if command.identified and not stay.named:
        raise Refused(
            "anonymous-means-no-child-identity",
            "While the woman is anonymous her children's identity is not recorded; leave it out, or lift the anonymity first.",
            field="identity",
        )
    _within_the_stay(command, stay)
    months = _months(command.birth_month, command.occurred_on)
    if months < 0:
        raise Refused(
            "born-after-arrival",
            "The child cannot be born after the month it arrived; check the month of birth and the day of arrival.",
            field="birth_month",
            kind="invalid",
        )
    if months > MONTHS_OF_CHILDHOOD:
        raise Refused(
            "not-a-child",
            "A child is at most 17 years old when it arrives; an adult is admitted with a stay of her own.",
            field="birth_month",
            kind="invalid",
        )
    if command.arrival == "born-during-stay" and _months(command.birth_month, stay.admitted_on) > 0:
        raise Refused(
            "born-before-the-stay",
            "The month of birth is before the stay began; report the child as arrived with her or later.",
            field="arrival",
        )
    return [
        ChildArrived(
            occurred_on=command.occurred_on,
            stay_id=stay.stay_id,
            person_id=command.child_id,
            birth_month=command.birth_month,
            arrival=command.arrival,
        )
    ]


def _months(birth_month: str, day: date) -> int:
    """Months from the month of birth to the month of ``day``; in the month of the 18th birthday (216) it may still be 17."""
    year, month = birth_month.split("-")
    return (day.year - int(year)) * 12 + day.month - int(month)


def _child(child_id: UUID, command: Report, stay: Stay) -> Child:
    """The child of that id, on a day from its arrival on."""
    child = stay.children.get(child_id)
    if child is None:
        raise Refused("unknown-person", "The stay has no person with this id; report the child's arrival first.", kind="absent")
    if command.occurred_on < child.arrived_on:
        raise Refused(
            "before-child-arrival",
            "This day is before the child arrived; give the day it happened.",
            field="occurred_on",
        )
    return child


def _move_child_out(command: MoveChildOut, stay: Stay) -> Sequence[Event]:
    if _child(command.child_id, command, stay).left_on is not None:
        raise Refused("child-already-left", "The child's move-out is recorded; it need not be reported again.")
    return [
        ChildMovedOut(
            occurred_on=command.occurred_on,
            stay_id=stay.stay_id,
            person_id=command.child_id,
            destination=command.destination,
        )
    ]


def _assess_risk(command: AssessRisk, stay: Stay) -> Sequence[Event]:
    if command.child_id is not None:
        _child(command.child_id, command, stay)
    person_id = command.child_id or stay.woman
    return [RiskAssessed(occurred_on=command.occurred_on, stay_id=stay.stay_id, person_id=person_id, level=command.level)]


def _assign_contact_person(command: AssignContactPerson, stay: Stay) -> Sequence[Event]:
    _within_the_stay(command, stay)
    if command.person_id != stay.woman:
        left_on = _child(command.person_id, command, stay).left_on
        if left_on is not None and command.occurred_on > left_on:
            raise Refused(
                "after-child-left",
                "The child had moved out by this day; give the day it happened.",
                field="occurred_on",
            )
    return [
        ContactPersonAssigned(
            occurred_on=command.occurred_on,
            stay_id=stay.stay_id,
            person_id=command.person_id,
            role=command.role,
            profession=command.profession,
        )
    ]


def _clarify_needs(command: ClarifyNeeds, stay: Stay) -> Sequence[Event]:
    if stay.needs_clarified:
        raise Refused("needs-already-clarified", "Her needs are recorded as clarified; it need not be reported again.")
    _within_the_stay(command, stay)
    return [NeedsClarified(occurred_on=command.occurred_on, stay_id=stay.stay_id)]


def _agree_stay_plan(command: AgreeStayPlan, stay: Stay) -> Sequence[Event]:
    if stay.stay_plan_on is not None:
        raise Refused("stay-plan-already-agreed", "The stay plan is agreed; report what follows as a review of the plan.")
    _within_the_stay(command, stay)
    return [StayPlanAgreed(occurred_on=command.occurred_on, stay_id=stay.stay_id)]


def _request_action_plan(command: RequestActionPlan, stay: Stay) -> Sequence[Event]:
    if stay.action_plan_wanted_on is not None:
        raise Refused("action-plan-already-requested", "Her wish for an action plan is recorded; it need not be reported again.")
    if stay.action_plan_on is not None:
        raise Refused("action-plan-already-made", "The action plan is made; report what follows as a review of the plan.")
    _within_the_stay(command, stay)
    return [ActionPlanRequested(occurred_on=command.occurred_on, stay_id=stay.stay_id)]


def _request_payment_relief(command: RequestPaymentRelief, stay: Stay) -> Sequence[Event]:
    """She may apply again, as when her means change, and after the stay too."""
    if stay.payment_relief_wanted_on == command.occurred_on:
        raise Refused("payment-relief-already-requested", "Her application of that day is recorded; it need not be reported again.")
    return [PaymentReliefRequested(occurred_on=command.occurred_on, stay_id=stay.stay_id)]


def _make_action_plan(command: MakeActionPlan, stay: Stay) -> Sequence[Event]:
    if stay.action_plan_on is not None:
        raise Refused("action-plan-already-made", "The action plan is made; report what follows as a review of the plan.")
    if stay.action_plan_wanted_on is not None and command.occurred_on < stay.action_plan_wanted_on:
        raise Refused(
            "before-the-request",
            "This day is before she asked for the action plan; give the day it was made.",
            field="occurred_on",
        )
    return [ActionPlanMade(occurred_on=command.occurred_on, stay_id=stay.stay_id)]


def _review_plan(command: ReviewPlan, stay: Stay) -> Sequence[Event]:
    """The shelter's plan ends with the stay; the municipality's action plan need not."""
    if command.plan == "stay-plan":
        made_on = stay.stay_plan_on
        _within_the_stay(command, stay)
    else:
        made_on = stay.action_plan_on
    if made_on is None:
        raise Refused("no-plan-to-review", "There is no such plan to review; report the plan itself first.", field="plan")
    if command.occurred_on < made_on:
        raise Refused(
            "review-before-the-plan",
            "This day is before the plan was made; give the day of the review.",
            field="occurred_on",
        )
    return [PlanReviewed(occurred_on=command.occurred_on, stay_id=stay.stay_id, plan=command.plan)]


def _change_home_municipality(command: ChangeHomeMunicipality, stay: Stay) -> Sequence[Event]:
    if command.home_municipality == stay.home_municipality:
        raise Refused(
            "home-municipality-unchanged",
            "This is her home municipality already; give the one she moved to.",
            field="home_municipality",
        )
    if stay.home_changed_on is not None and command.occurred_on < stay.home_changed_on:
        raise Refused(
            "home-municipality-out-of-order",
            "A change on a later day is recorded; changes of home municipality are reported in the order of their days.",
            field="occurred_on",
        )
    return [
        HomeMunicipalityChanged(occurred_on=command.occurred_on, stay_id=stay.stay_id, home_municipality=command.home_municipality)
    ]


def _outweigh_anonymity(command: OutweighAnonymity, stay: Stay) -> Sequence[Event]:
    if not stay.anonymous:
        raise Refused("not-anonymous", "She is not anonymous, so there is no anonymity to lift.")
    if command.reason in stay.outweighed:
        raise Refused(
            "anonymity-already-outweighed",
            "This decision is recorded with this reason; it need not be reported again.",
            field="reason",
        )
    return [AnonymityOutweighed(occurred_on=command.occurred_on, stay_id=stay.stay_id, reason=command.reason)]


def _measure_goals(command: MeasureGoals, stay: Stay) -> Sequence[Event]:
    """Measured again, an occasion's new scores take the place of the old ones, which stay on record."""
    if command.occasion != "move-out":
        _within_the_stay(command, stay)
    place = OCCASIONS.index(command.occasion)
    too_early = any(stay.goals[o].on > command.occurred_on for o in OCCASIONS[:place] if o in stay.goals)
    too_late = any(stay.goals[o].on < command.occurred_on for o in OCCASIONS[place + 1 :] if o in stay.goals)
    if too_early or too_late:
        raise Refused(
            "goals-out-of-order",
            f"Goals are measured in this order: {', '.join(OCCASIONS)}; another measurement lies on the wrong side of this day. "
            "Check the occasion and the day.",
            field="occurred_on",
        )
    known = stay.goals.get(command.occasion)
    if known == Measurement(command.occurred_on, command.scores):
        raise Refused("goals-unchanged", "These scores are recorded for this occasion and day; nothing is corrected.")
    return [
        GoalsMeasured(
            occurred_on=command.occurred_on,
            stay_id=stay.stay_id,
            occasion=command.occasion,
            **asdict(command.scores),
            again=known is not None,
        )
    ]


def _plan_move_out(command: PlanMoveOut, stay: Stay) -> Sequence[Event]:
    if stay.planned_on is not None:
        raise Refused("move-out-already-planned", "A move-out is planned; reschedule or cancel it instead.")
    _in_order_of_plans(command, stay)
    _not_planned_backwards(command.planned_for, command)
    return [MoveOutPlanned(occurred_on=command.occurred_on, stay_id=stay.stay_id, planned_for=command.planned_for)]


def _reschedule_move_out(command: RescheduleMoveOut, stay: Stay) -> Sequence[Event]:
    _move_out_plan(command, stay)
    _not_planned_backwards(command.planned_for, command)
    return [MoveOutRescheduled(occurred_on=command.occurred_on, stay_id=stay.stay_id, planned_for=command.planned_for)]


def _move_out_plan(command: RescheduleMoveOut | CancelMoveOut, stay: Stay) -> None:
    if stay.planned_on is None:
        raise Refused("no-move-out-planned", "No move-out is planned, so there is none to change; report the plan first.")
    _in_order_of_plans(command, stay)


def _in_order_of_plans(command: Report, stay: Stay) -> None:
    _within_the_stay(command, stay)
    if stay.plan_changed_on is not None and command.occurred_on < stay.plan_changed_on:
        raise Refused(
            "move-out-plans-out-of-order",
            "The move-out plan changed on a later day; its changes are reported in the order of their days.",
            field="occurred_on",
        )


def _not_planned_backwards(planned_for: date, command: Report) -> None:
    if planned_for < command.occurred_on:
        raise Refused(
            "planned-for-the-past",
            "A move-out is planned for the day of the plan or a later one; a move-out that happened is reported as such.",
            field="planned_for",
            kind="invalid",
        )


def _move_out(command: MoveOut, stay: Stay) -> Sequence[Event]:
    if stay.moved_out_on is not None:
        raise Refused("already-moved-out", "Her move-out is recorded; it need not be reported again.")
    if any(command.occurred_on < child.arrived_on for child in stay.children.values()):
        raise Refused(
            "move-out-before-a-child",
            "A child is recorded as arrived after this day; give the day she moved out.",
            field="occurred_on",
        )
    return [
        WomanMovedOut(
            occurred_on=command.occurred_on,
            stay_id=stay.stay_id,
            destination=command.destination,
            planned=stay.planned_on is not None and stay.planned_on <= command.occurred_on,
            stay_days=(command.occurred_on - stay.admitted_on).days,
            ended_because=command.because,
        )
    ]


def _correct_move_out(command: CorrectMoveOut, stay: Stay) -> Sequence[Event]:
    right, recorded = command.moved_out_on, stay.moved_out_on
    if recorded is None:
        raise Refused("no-move-out", "No move-out is recorded, so there is no day of it to correct; report the move-out itself.")
    if right == recorded:
        raise Refused("move-out-unchanged", "This is the recorded day of the move-out; nothing is corrected.", field="moved_out_on")
    if right > command.occurred_on:
        raise Refused(
            "moved-out-after-the-correction",
            "The right day of the move-out cannot lie after the day it is corrected on.",
            field="moved_out_on",
            kind="invalid",
        )
    if right < stay.admitted_on:
        raise Refused(
            "moved-out-before-admission",
            "The right day of the move-out is before her admission; give the day she moved out, or correct the day of admission "
            "first.",
            field="moved_out_on",
        )
    if any(right < child.arrived_on for child in stay.children.values()):
        raise Refused(
            "move-out-before-a-child",
            "A child is recorded as arrived after this day; give the day she moved out.",
            field="moved_out_on",
        )
    if right < recorded and stay.last_within_on is not None and right < stay.last_within_on:
        raise Refused(
            "move-out-before-what-happened",
            "Something that happens only while she stays, such as a plan, a contact person or a measurement, is recorded as of a "
            "day after this one; give the day she moved out.",
            field="moved_out_on",
        )
    return [
        MoveOutCorrected(
            occurred_on=command.occurred_on,
            stay_id=stay.stay_id,
            moved_out_on=right,
            stay_days=(right - stay.admitted_on).days,
        )
    ]


def evolve(state: State, event: Event) -> State:
    """The stay after one more event."""
    if isinstance(event, WomanAdmitted):
        return Stay(
            stay_id=event.stay_id,
            woman=event.person_id,
            shelter_id=event.shelter_id,
            admitted_on=event.occurred_on,
            home_municipality=event.home_municipality,
            anonymous=event.anonymous,
            named=event.named_to_home_municipality,
        )
    assert isinstance(state, Stay)
    if _happens_only_within(event):
        state = replace(state, last_within_on=max(event.occurred_on, state.last_within_on or event.occurred_on))
    match event:
        case AdmissionCorrected():
            return replace(state, admitted_on=event.admitted_on)
        case StayAnnulled():
            return AnnulledStay(state.shelter_id)
        case ChildArrived():
            return _with_child(state, event.person_id, Child(event.occurred_on))
        case ChildMovedOut():
            return _with_child(state, event.person_id, replace(state.children[event.person_id], left_on=event.occurred_on))
        case NeedsClarified():
            return replace(state, needs_clarified=True)
        case StayPlanAgreed():
            return replace(state, stay_plan_on=event.occurred_on)
        case PaymentReliefRequested():
            return replace(state, payment_relief_wanted_on=event.occurred_on)
        case ActionPlanRequested():
            return replace(state, action_plan_wanted_on=event.occurred_on)
        case ActionPlanMade():
            return replace(state, action_plan_on=event.occurred_on)
        case HomeMunicipalityChanged():
            return replace(state, home_municipality=event.home_municipality, home_changed_on=event.occurred_on)
        case AnonymityLifted():
            return replace(state, anonymous=False, named=True)
        case AnonymityOutweighed():
            return replace(state, named=True, outweighed=state.outweighed | {event.reason})
        case GoalsMeasured():
            measurement = Measurement(event.occurred_on, Scores(**{name: getattr(event, name) for name in DIMENSIONS}))
            return replace(state, goals=MappingProxyType({**state.goals, event.occasion: measurement}))
        case MoveOutPlanned():
            return replace(state, planned_on=event.occurred_on, plan_changed_on=event.occurred_on)
        case MoveOutRescheduled():
            return replace(state, plan_changed_on=event.occurred_on)
        case MoveOutCancelled():
            return replace(state, planned_on=None, plan_changed_on=event.occurred_on)
        case WomanMovedOut():
            return replace(state, moved_out_on=event.occurred_on)
        case MoveOutCorrected():
            return replace(state, moved_out_on=event.moved_out_on)
    return state


def _happens_only_within(event: Event) -> bool:
    """Whether it is refused of a day after the move-out."""
    match event:
        case GoalsMeasured():
            return event.occasion != "move-out"
        case PlanReviewed():
            return event.plan == "stay-plan"
    return isinstance(event, WITHIN_THE_STAY)


def _with_child(stay: Stay, child_id: UUID, child: Child) -> Stay:
    return replace(stay, children=MappingProxyType({**stay.children, child_id: child}))


STAY: Decider[Command, State] = Decider(name="stay", initial=NoStay(), decide=decide, evolve=evolve)

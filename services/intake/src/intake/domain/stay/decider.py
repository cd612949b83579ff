"""A stay: admission, children, contact persons, risk, needs and plans, goals, home municipality, anonymity, and the move-out.

Reports come days after what they tell of: a day within the stay is accepted after the move-out too. Refused is only what cannot
have happened in that order.
"""

from collections.abc import Sequence
from uuid import UUID

from havn_chassis.decider import Decider, Refused
from havn_events.event import Event
from havn_events.intake import StayAnnulled
from intake.domain.stay.admission import admit, correct_admission
from intake.domain.stay.commands import (
    AdmitWoman,
    AgreeStayPlan,
    AnnulStay,
    AssessRisk,
    AssignContactPerson,
    CancelMoveOut,
    ChangeHomeMunicipality,
    ClarifyNeeds,
    Command,
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
    Report,
    RequestActionPlan,
    RequestPaymentRelief,
    RescheduleMoveOut,
    ReviewPlan,
)
from intake.domain.stay.evolving import evolve
from intake.domain.stay.goals import measure_goals
from intake.domain.stay.home_municipality import change_home_municipality, lift_anonymity, outweigh_anonymity
from intake.domain.stay.move_out import cancel_move_out, correct_move_out, move_out, plan_move_out, reschedule_move_out
from intake.domain.stay.people import assess_risk, assign_contact_person, move_child_out, receive_child
from intake.domain.stay.plans import (
    agree_stay_plan,
    clarify_needs,
    make_action_plan,
    request_action_plan,
    request_payment_relief,
    review_plan,
)
from intake.domain.stay.state import AnnulledStay, NoStay, State, Stay


def decide(command: Command, state: State) -> Sequence[Event]:
    """What follows from a report. Raises Refused."""
    if isinstance(command, AdmitWoman):
        return admit(command, state)
    stay = _own(command.shelter_id, state)
    if command.occurred_on < stay.admitted_on:
        raise Refused(
            "before-admission",
            "This day is before her admission; give the day it happened, or correct the day of admission first.",
            field="occurred_on",
        )
    return _report(command, stay)


def _report(command: Report, stay: Stay) -> Sequence[Event]:
    match command:
        case CorrectAdmission():
            return correct_admission(command, stay)
        case AnnulStay():
            return [StayAnnulled(occurred_on=command.occurred_on, stay_id=stay.stay_id, reason=command.reason)]
        case ReceiveChild():
            return receive_child(command, stay)
        case MoveChildOut():
            return move_child_out(command, stay)
        case AssignContactPerson():
            return assign_contact_person(command, stay)
        case AssessRisk():
            return assess_risk(command, stay)
        case ClarifyNeeds():
            return clarify_needs(command, stay)
        case AgreeStayPlan():
            return agree_stay_plan(command, stay)
        case RequestPaymentRelief():
            return request_payment_relief(command, stay)
        case RequestActionPlan():
            return request_action_plan(command, stay)
        case MakeActionPlan():
            return make_action_plan(command, stay)
        case ReviewPlan():
            return review_plan(command, stay)
        case ChangeHomeMunicipality():
            return change_home_municipality(command, stay)
        case LiftAnonymity():
            return lift_anonymity(command, stay)
        case OutweighAnonymity():
            return outweigh_anonymity(command, stay)
        case MeasureGoals():
            return measure_goals(command, stay)
        case PlanMoveOut():
            return plan_move_out(command, stay)
        case RescheduleMoveOut():
            return reschedule_move_out(command, stay)
        case CancelMoveOut():
            return cancel_move_out(command, stay)
        case MoveOut():
            return move_out(command, stay)
        case CorrectMoveOut():
            return correct_move_out(command, stay)


def _own(shelter_id: UUID, state: State) -> Stay:
    """The stay, if it is this shelter's; another shelter's looks like none."""
    if isinstance(state, NoStay) or state.shelter_id != shelter_id:
        raise Refused("unknown-stay", "No stay with this id is recorded; report the admission first.", kind="absent")
    if isinstance(state, AnnulledStay):
        raise Refused("stay-annulled", "The stay is annulled; if she does stay, report a new admission with a new id.")
    return state


STAY: Decider[Command, State] = Decider(name="stay", initial=NoStay(), decide=decide, evolve=evolve)

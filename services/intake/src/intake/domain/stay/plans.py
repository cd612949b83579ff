"""What she needs, what is planned with her, and what she asks of her municipality."""

from collections.abc import Sequence

from havn_chassis.decider import Refused
from havn_events.event import Event
from havn_events.intake import (
    ActionPlanMade,
    ActionPlanRequested,
    NeedsClarified,
    PaymentReliefRequested,
    PlanReviewed,
    StayPlanAgreed,
)
from intake.domain.stay.commands import (
    AgreeStayPlan,
    ClarifyNeeds,
    MakeActionPlan,
    RequestActionPlan,
    RequestPaymentRelief,
    ReviewPlan,
)
from intake.domain.stay.state import Stay
from intake.domain.stay.within import within_the_stay


def clarify_needs(command: ClarifyNeeds, stay: Stay) -> Sequence[Event]:
    """Her needs are clarified once."""
    if stay.needs_clarified:
        raise Refused("needs-already-clarified", "Her needs are recorded as clarified; it need not be reported again.")
    within_the_stay(command, stay)
    return [NeedsClarified(occurred_on=command.occurred_on, stay_id=stay.stay_id)]


def agree_stay_plan(command: AgreeStayPlan, stay: Stay) -> Sequence[Event]:
    """The shelter's plan with her, made once."""
    if stay.stay_plan_on is not None:
        raise Refused("stay-plan-already-agreed", "The stay plan is agreed; report what follows as a review of the plan.")
    within_the_stay(command, stay)
    return [StayPlanAgreed(occurred_on=command.occurred_on, stay_id=stay.stay_id)]


def request_action_plan(command: RequestActionPlan, stay: Stay) -> Sequence[Event]:
    """The municipality's action plan, asked for once, before it is made."""
    if stay.action_plan_wanted_on is not None:
        raise Refused("action-plan-already-requested", "Her wish for an action plan is recorded; it need not be reported again.")
    if stay.action_plan_on is not None:
        raise Refused("action-plan-already-made", "The action plan is made; report what follows as a review of the plan.")
    within_the_stay(command, stay)
    return [ActionPlanRequested(occurred_on=command.occurred_on, stay_id=stay.stay_id)]


def request_payment_relief(command: RequestPaymentRelief, stay: Stay) -> Sequence[Event]:
    """She may apply again, as when her means change, and after the stay too."""
    if stay.payment_relief_wanted_on == command.occurred_on:
        raise Refused("payment-relief-already-requested", "Her application of that day is recorded; it need not be reported again.")
    return [PaymentReliefRequested(occurred_on=command.occurred_on, stay_id=stay.stay_id)]


def make_action_plan(command: MakeActionPlan, stay: Stay) -> Sequence[Event]:
    """The municipality's action plan, made once, not before she asked for it."""
    if stay.action_plan_on is not None:
        raise Refused("action-plan-already-made", "The action plan is made; report what follows as a review of the plan.")
    if stay.action_plan_wanted_on is not None and command.occurred_on < stay.action_plan_wanted_on:
        raise Refused(
            "before-the-request",
            "This day is before she asked for the action plan; give the day it was made.",
            field="occurred_on",
        )
    return [ActionPlanMade(occurred_on=command.occurred_on, stay_id=stay.stay_id)]


def review_plan(command: ReviewPlan, stay: Stay) -> Sequence[Event]:
    """The shelter's plan ends with the stay; the municipality's action plan need not."""
    if command.plan == "stay-plan":
        made_on = stay.stay_plan_on
        within_the_stay(command, stay)
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

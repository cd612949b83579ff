"""Needs, plans with her and of her municipality, and what she asks it for."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from havn_chassis.testing import given
from havn_events.event import Event
from havn_events.intake import ActionPlanMade, NeedsClarified, PaymentReliefRequested, PlanReviewed
from intake.domain.stay.commands import (
    AgreeStayPlan,
    ClarifyNeeds,
    MakeActionPlan,
    RequestActionPlan,
    RequestPaymentRelief,
    ReviewPlan,
)
from intake.domain.stay.decider import STAY
from tests.unit.intake.stay import ACTION_PLAN, ADMITTED, MOVED_OUT, SHELTER, STAY_ID, STAY_PLAN, WANTED, may


def test_her_needs_are_clarified_once() -> None:
    given(STAY, [ADMITTED, NeedsClarified(occurred_on=may(8), stay_id=STAY_ID)]).when(ClarifyNeeds(SHELTER, may(9))).refused(
        "needs-already-clarified"
    )


def test_the_stay_plan_is_agreed_once() -> None:
    given(STAY, [ADMITTED]).when(AgreeStayPlan(SHELTER, may(10))).then([STAY_PLAN])
    given(STAY, [ADMITTED, STAY_PLAN]).when(AgreeStayPlan(SHELTER, may(11))).refused("stay-plan-already-agreed")


def test_an_action_plan_is_requested_once() -> None:
    given(STAY, [ADMITTED]).when(RequestActionPlan(SHELTER, may(10))).then([WANTED])
    given(STAY, [ADMITTED, WANTED]).when(RequestActionPlan(SHELTER, may(11))).refused("action-plan-already-requested")


def test_she_applies_for_relief_of_her_payment_once_a_day_and_after_the_stay_too() -> None:
    applied = PaymentReliefRequested(occurred_on=may(10), stay_id=STAY_ID)
    given(STAY, [ADMITTED]).when(RequestPaymentRelief(SHELTER, may(10))).then([applied])
    given(STAY, [ADMITTED, applied]).when(RequestPaymentRelief(SHELTER, may(10))).refused("payment-relief-already-requested")
    for on in (may(9), may(11)):
        again = applied.model_copy(update={"occurred_on": on})
        given(STAY, [ADMITTED, applied]).when(RequestPaymentRelief(SHELTER, on)).then([again])


def test_an_action_plan_that_is_made_is_not_requested() -> None:
    given(STAY, [ADMITTED, ACTION_PLAN]).when(RequestActionPlan(SHELTER, may(13))).refused("action-plan-already-made")


@pytest.mark.parametrize("past", [[ADMITTED], [ADMITTED, WANTED], [ADMITTED, WANTED, MOVED_OUT]])
@pytest.mark.parametrize("on", [may(12), may(28)])
def test_the_municipality_makes_the_action_plan_during_or_after_the_stay(past: Sequence[Event], on: date) -> None:
    given(STAY, past).when(MakeActionPlan(SHELTER, on)).then([ActionPlanMade(occurred_on=on, stay_id=STAY_ID)])


def test_the_action_plan_is_made_once() -> None:
    given(STAY, [ADMITTED, ACTION_PLAN]).when(MakeActionPlan(SHELTER, may(13))).refused("action-plan-already-made")


def test_the_action_plan_is_not_made_before_she_asks() -> None:
    given(STAY, [ADMITTED, WANTED]).when(MakeActionPlan(SHELTER, may(9))).refused("before-the-request")
    given(STAY, [ADMITTED, WANTED]).when(MakeActionPlan(SHELTER, may(10))).then(
        [ActionPlanMade(occurred_on=may(10), stay_id=STAY_ID)]
    )


@pytest.mark.parametrize(
    ("plan", "made"),
    [("stay-plan", STAY_PLAN), ("action-plan", ACTION_PLAN.model_copy(update={"occurred_on": may(10)}))],
)
def test_a_plan_is_reviewed_from_the_day_it_is_made(plan: str, made: Event) -> None:
    command = ReviewPlan(SHELTER, may(10), "stay-plan" if plan == "stay-plan" else "action-plan")
    given(STAY, [ADMITTED, made]).when(command).then([PlanReviewed(occurred_on=may(10), stay_id=STAY_ID, plan=command.plan)])
    given(STAY, [ADMITTED, made]).when(replace(command, occurred_on=may(9))).refused("review-before-the-plan")


def test_a_plan_that_is_not_made_is_not_reviewed() -> None:
    given(STAY, [ADMITTED, ACTION_PLAN]).when(ReviewPlan(SHELTER, may(20), "stay-plan")).refused("no-plan-to-review")
    given(STAY, [ADMITTED, STAY_PLAN]).when(ReviewPlan(SHELTER, may(20), "action-plan")).refused("no-plan-to-review")


def test_the_action_plan_outlives_the_stay_and_the_stay_plan_does_not() -> None:
    past = [ADMITTED, STAY_PLAN, ACTION_PLAN, MOVED_OUT]
    given(STAY, past).when(ReviewPlan(SHELTER, may(27), "action-plan")).then(
        [PlanReviewed(occurred_on=may(27), stay_id=STAY_ID, plan="action-plan")]
    )
    given(STAY, past).when(ReviewPlan(SHELTER, may(27), "stay-plan")).refused("after-move-out")

"""What can happen only while she stays: refused of a later day, and no corrected move-out lies before it."""

from havn_chassis.decider import Refused
from havn_events.event import Event
from havn_events.intake import (
    ActionPlanRequested,
    ContactPersonAssigned,
    GoalsMeasured,
    MoveOutCancelled,
    MoveOutPlanned,
    MoveOutRescheduled,
    NeedsClarified,
    PlanReviewed,
    StayPlanAgreed,
)
from intake.domain.stay.commands import Report
from intake.domain.stay.state import Stay

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


def within_the_stay(command: Report, stay: Stay) -> None:
    """Raises Refused for a day after the move-out."""
    if stay.moved_out_on is not None and command.occurred_on > stay.moved_out_on:
        raise Refused(
            "after-move-out",
            "This day is after she moved out, when it can no longer happen; give the day it happened during the stay.",
            field="occurred_on",
        )


def happens_only_within(event: Event) -> bool:
    """Whether it is refused of a day after the move-out."""
    match event:
        case GoalsMeasured():
            return event.occasion != "move-out"
        case PlanReviewed():
            return event.plan == "stay-plan"
    return isinstance(event, WITHIN_THE_STAY)

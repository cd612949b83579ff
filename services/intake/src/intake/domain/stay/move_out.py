"""The move-out: planned, planned anew, called off; on which day it was, and how long she stayed."""

from collections.abc import Sequence
from datetime import date

from havn_chassis.decider import Refused
from havn_events.event import Event
from havn_events.intake import MoveOutCancelled, MoveOutCorrected, MoveOutPlanned, MoveOutRescheduled, WomanMovedOut
from intake.domain.stay.commands import CancelMoveOut, CorrectMoveOut, MoveOut, PlanMoveOut, Report, RescheduleMoveOut
from intake.domain.stay.state import Stay
from intake.domain.stay.within import within_the_stay


def plan_move_out(command: PlanMoveOut, stay: Stay) -> Sequence[Event]:
    """One move-out is planned at a time."""
    if stay.planned_on is not None:
        raise Refused("move-out-already-planned", "A move-out is planned; reschedule or cancel it instead.")
    _in_order_of_plans(command, stay)
    _not_planned_backwards(command.planned_for, command)
    return [MoveOutPlanned(occurred_on=command.occurred_on, stay_id=stay.stay_id, planned_for=command.planned_for)]


def reschedule_move_out(command: RescheduleMoveOut, stay: Stay) -> Sequence[Event]:
    """The move-out that is planned is planned for another day."""
    _move_out_plan(command, stay)
    _not_planned_backwards(command.planned_for, command)
    return [MoveOutRescheduled(occurred_on=command.occurred_on, stay_id=stay.stay_id, planned_for=command.planned_for)]


def cancel_move_out(command: CancelMoveOut, stay: Stay) -> Sequence[Event]:
    """The move-out that was planned is planned no more."""
    _move_out_plan(command, stay)
    return [MoveOutCancelled(occurred_on=command.occurred_on, stay_id=stay.stay_id)]


def _move_out_plan(command: RescheduleMoveOut | CancelMoveOut, stay: Stay) -> None:
    if stay.planned_on is None:
        raise Refused("no-move-out-planned", "No move-out is planned, so there is none to change; report the plan first.")
    _in_order_of_plans(command, stay)


def _in_order_of_plans(command: Report, stay: Stay) -> None:
    within_the_stay(command, stay)
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


def move_out(command: MoveOut, stay: Stay) -> Sequence[Event]:
    """She moved out, once, after so many days."""
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


def correct_move_out(command: CorrectMoveOut, stay: Stay) -> Sequence[Event]:
    """The right day of the move-out, where nothing recorded lies on the wrong side of it."""
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

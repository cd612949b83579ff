"""Her children, who come and leave; her risk and theirs, and who is there for each of them."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from havn_chassis.decider import Refused
from havn_events.event import Event
from havn_events.intake import ChildArrived, ChildMovedOut, ContactPersonAssigned, RiskAssessed
from intake.domain.stay.commands import AssessRisk, AssignContactPerson, MoveChildOut, ReceiveChild, Report
from intake.domain.stay.state import Child, Stay
from intake.domain.stay.within import within_the_stay

MONTHS_OF_CHILDHOOD = 18 * 12


def receive_child(command: ReceiveChild, stay: Stay) -> Sequence[Event]:
    """A child of hers, new-born to 17 years old, moved in or was born."""
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
    within_the_stay(command, stay)
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


def move_child_out(command: MoveChildOut, stay: Stay) -> Sequence[Event]:
    """A child moved out, once."""
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


def assess_risk(command: AssessRisk, stay: Stay) -> Sequence[Event]:
    """Her risk, or that of a child from its arrival on."""
    if command.child_id is not None:
        _child(command.child_id, command, stay)
    person_id = command.child_id or stay.woman
    return [RiskAssessed(occurred_on=command.occurred_on, stay_id=stay.stay_id, person_id=person_id, level=command.level)]


def assign_contact_person(command: AssignContactPerson, stay: Stay) -> Sequence[Event]:
    """While she stays, and the child too."""
    within_the_stay(command, stay)
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

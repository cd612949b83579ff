"""Children who come and leave, contact persons, and risk."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from havn_chassis.testing import given
from havn_events.event import Event
from havn_events.intake import AnonymityLifted, ContactPersonAssigned, RiskAssessed
from intake.domain.stay.commands import AssessRisk, AssignContactPerson, MoveChildOut, Report
from intake.domain.stay.decider import STAY
from tests.unit.intake.stay import (
    ADMISSION_DAY,
    ADMITTED,
    ANONYMOUS,
    CHILD,
    MOVED_OUT,
    NOBODY,
    SECOND_CHILD,
    SHELTER,
    STAY_ID,
    WOMAN,
    arrived,
    child_left,
    may,
    receive_child,
)


@pytest.mark.parametrize("on", [ADMISSION_DAY, may(20)])
def test_a_child_arrives(on: date) -> None:
    given(STAY, [ADMITTED]).when(receive_child(on)).then([arrived(on)])


def test_the_same_child_twice_is_refused() -> None:
    given(STAY, [ADMITTED, arrived(may(8))]).when(receive_child(may(9))).refused("child-already-arrived")
    given(STAY, [ADMITTED, arrived(may(8)), child_left(may(9))]).when(receive_child(may(9))).refused("child-already-arrived")


def test_a_second_child_arrives() -> None:
    given(STAY, [ADMITTED, arrived(may(8))]).when(receive_child(may(9), child=SECOND_CHILD)).then([arrived(may(9), SECOND_CHILD)])


def test_the_woman_is_no_child_of_her_own_stay() -> None:
    given(STAY, [ADMITTED]).when(receive_child(may(8), child=WOMAN)).refused("woman-is-no-child")


@pytest.mark.parametrize("birth_month", ["2025-05", "2007-06", "2007-05"])
def test_a_child_from_new_born_to_17_arrives(birth_month: str) -> None:
    given(STAY, [ADMITTED]).when(receive_child(may(8), birth_month)).then([arrived(may(8), birth_month=birth_month)])


@pytest.mark.parametrize("birth_month", ["2007-04", "2006-12"])
def test_an_adult_is_no_child(birth_month: str) -> None:
    given(STAY, [ADMITTED]).when(receive_child(may(8), birth_month)).refused("not-a-child")


@pytest.mark.parametrize("birth_month", ["2025-06", "2026-01"])
def test_a_child_born_after_its_arrival_is_refused(birth_month: str) -> None:
    given(STAY, [ADMITTED]).when(receive_child(may(8), birth_month)).refused("born-after-arrival")


def test_a_child_born_during_the_stay_is_not_born_before_it() -> None:
    born = replace(receive_child(may(20), "2025-05"), arrival="born-during-stay")
    given(STAY, [ADMITTED]).when(born).then(
        [arrived(may(20), birth_month="2025-05").model_copy(update={"arrival": "born-during-stay"})]
    )
    given(STAY, [ADMITTED]).when(replace(born, birth_month="2025-04")).refused("born-before-the-stay")


def test_an_anonymous_womans_child_is_not_identified() -> None:
    named = replace(receive_child(may(8)), identified=True)
    given(STAY, [ANONYMOUS]).when(named).refused("anonymous-means-no-child-identity")
    given(STAY, [ANONYMOUS]).when(receive_child(may(8))).then([arrived(may(8))])
    given(STAY, [ANONYMOUS, AnonymityLifted(occurred_on=may(7), stay_id=STAY_ID)]).when(named).then([arrived(may(8))])


@pytest.mark.parametrize("on", [may(8), may(9), may(30)])
def test_a_child_leaves_on_a_day_of_its_own(on: date) -> None:
    given(STAY, [ADMITTED, arrived(may(8)), MOVED_OUT]).when(MoveChildOut(SHELTER, on, CHILD, "family")).then([child_left(on)])


def test_a_child_does_not_leave_before_it_arrives() -> None:
    given(STAY, [ADMITTED, arrived(may(8))]).when(MoveChildOut(SHELTER, may(7), CHILD, "family")).refused("before-child-arrival")


def test_a_child_leaves_once() -> None:
    given(STAY, [ADMITTED, arrived(may(8)), child_left(may(9))]).when(MoveChildOut(SHELTER, may(10), CHILD, "family")).refused(
        "child-already-left"
    )


@pytest.mark.parametrize(
    "command",
    [
        MoveChildOut(SHELTER, may(8), NOBODY, "family"),
        MoveChildOut(SHELTER, may(8), WOMAN, "family"),
        AssignContactPerson(SHELTER, may(8), NOBODY, "primary", "pedagogue"),
    ],
)
def test_nothing_is_reported_about_an_unknown_person(command: Report) -> None:
    given(STAY, [ADMITTED, arrived(may(7))]).when(command).refused("unknown-person")


def contact(on: date, person: UUID) -> ContactPersonAssigned:
    return ContactPersonAssigned(occurred_on=on, stay_id=STAY_ID, person_id=person, role="primary", profession="social-worker")


@pytest.mark.parametrize("person", [WOMAN, CHILD])
def test_a_contact_person_is_assigned(person: UUID) -> None:
    given(STAY, [ADMITTED, arrived(may(8))]).when(AssignContactPerson(SHELTER, may(8), person, "primary", "social-worker")).then(
        [contact(may(8), person)]
    )


def test_a_child_has_no_contact_person_before_it_arrives() -> None:
    given(STAY, [ADMITTED, arrived(may(8))]).when(AssignContactPerson(SHELTER, may(7), CHILD, "primary", "social-worker")).refused(
        "before-child-arrival"
    )


def test_a_child_has_a_contact_person_until_the_day_it_leaves() -> None:
    past = [ADMITTED, arrived(may(8)), child_left(may(10))]
    given(STAY, past).when(AssignContactPerson(SHELTER, may(10), CHILD, "primary", "social-worker")).then([contact(may(10), CHILD)])
    given(STAY, past).when(AssignContactPerson(SHELTER, may(11), CHILD, "primary", "social-worker")).refused("after-child-left")


@pytest.mark.parametrize("past", [[ADMITTED], [ADMITTED, MOVED_OUT]])
def test_her_risk_is_assessed_during_and_after_the_stay(past: Sequence[Event]) -> None:
    given(STAY, past).when(AssessRisk(SHELTER, may(28), "high")).then(
        [RiskAssessed(occurred_on=may(28), stay_id=STAY_ID, person_id=WOMAN, level="high")]
    )


@pytest.mark.parametrize("on", [may(8), may(28)])
def test_a_childs_risk_is_assessed_from_its_arrival_on(on: date) -> None:
    past = [ADMITTED, arrived(may(8)), child_left(may(10))]
    given(STAY, past).when(AssessRisk(SHELTER, on, "low", CHILD)).then(
        [RiskAssessed(occurred_on=on, stay_id=STAY_ID, person_id=CHILD, level="low")]
    )


def test_no_childs_risk_is_assessed_before_it_came() -> None:
    given(STAY, [ADMITTED]).when(AssessRisk(SHELTER, may(8), "low", CHILD)).refused("unknown-person")
    given(STAY, [ADMITTED, arrived(may(8))]).when(AssessRisk(SHELTER, may(7), "low", CHILD)).refused("before-child-arrival")

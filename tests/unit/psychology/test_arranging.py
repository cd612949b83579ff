"""Offer and answer, and the psychologist (Odense 2.4)."""

from dataclasses import replace
from datetime import date

import pytest

from havn_chassis.testing import given
from havn_events.event import Event
from havn_events.psychology import PsychologistAssigned, TreatmentDeclined, TreatmentTransferred
from psychology.domain.treatment.commands import Command
from psychology.domain.treatment.decider import TREATMENT
from tests.unit.psychology.treatment import (
    AARHUS,
    ADMITTED,
    ANOTHER_PSYCHOLOGIST,
    FIRST,
    LATER,
    ODENSE,
    PSYCHOLOGIST,
    SECOND,
    THE_DAY_AFTER_THE_END,
    THE_DAY_BEFORE,
    about,
    assign,
    assigned,
    close,
    closed,
    complete,
    corrected,
    decline,
    declined,
    grant,
    held,
    hold,
    missed,
    offer,
    offered,
    opened,
    refusal,
)


def test_an_offer() -> None:
    given(TREATMENT, [opened()]).when(offer()).then([offered()])


def test_offered_once_only() -> None:
    given(TREATMENT, [opened(), offered()]).when(offer()).refused("already-offered")


def test_an_offer_may_be_declined_with_a_reason() -> None:
    given(TREATMENT, [opened(), offered()]).when(decline()).then([TreatmentDeclined(**about(), reason="other-treatment")])


def test_only_an_offer_can_be_declined() -> None:
    given(TREATMENT, [opened()]).when(decline()).refused("not-offered")


def test_declined_on_the_day_of_the_offer_or_later_but_not_before() -> None:
    history = [opened(), offered(LATER)]
    given(TREATMENT, history).when(decline(ADMITTED)).refused("before-the-offer")
    given(TREATMENT, history).when(decline(LATER)).then([TreatmentDeclined(**about(LATER), reason="other-treatment")])
    after = date(2024, 3, 2)
    given(TREATMENT, history).when(decline(after)).then([TreatmentDeclined(**about(after), reason="other-treatment")])


def test_not_declined_after_a_session_was_held() -> None:
    given(TREATMENT, [opened(), offered(), assigned(), held(FIRST, 1)]).when(decline()).refused("sessions-were-held")


def test_may_be_declined_when_the_only_session_was_missed_or_corrected_to_nothing() -> None:
    history: list[Event] = [opened(), offered(), assigned(), missed(FIRST), held(SECOND, 60), corrected(SECOND, 0, 60)]
    given(TREATMENT, history).when(decline()).then([TreatmentDeclined(**about(), reason="other-treatment")])


def test_an_authorised_psychologist_is_assigned() -> None:
    given(TREATMENT, [opened()]).when(assign()).then([assigned()])


def test_a_psychologist_without_authorisation_is_refused() -> None:
    refused = refusal([opened()], replace(assign(), authorised=False))
    assert (refused.rule, refused.field, refused.kind) == ("psychologist-authorised", "authorised", "invalid")


def test_the_shelters_own_psychologist_treats_citizens_of_its_own_municipality_and_of_those_that_agreed() -> None:
    own = replace(assign(), employer="shelter")
    given(TREATMENT, [opened()]).when(own).refused("agreement-needed")
    given(TREATMENT, [opened()]).when(replace(own, shelter_may_treat=frozenset({AARHUS}))).refused("agreement-needed")
    given(TREATMENT, [opened()]).when(replace(own, shelter_may_treat=frozenset({ODENSE, AARHUS}))).then(
        [PsychologistAssigned(**about(), psychologist_id=PSYCHOLOGIST, employer="shelter")]
    )


def test_after_a_change_of_home_the_new_municipality_must_have_agreed() -> None:
    moved = [opened(), TreatmentTransferred(**about(), municipality=AARHUS)]
    own = replace(assign(), employer="shelter", shelter_may_treat=frozenset({ODENSE}))
    given(TREATMENT, moved).when(own).refused("agreement-needed")


def test_the_same_assignment_twice_is_refused() -> None:
    given(TREATMENT, [opened(), assigned()]).when(assign()).refused("already-assigned")


def test_another_psychologist_may_take_over() -> None:
    given(TREATMENT, [opened(), assigned()]).when(replace(assign(), psychologist_id=ANOTHER_PSYCHOLOGIST)).then(
        [PsychologistAssigned(**about(), psychologist_id=ANOTHER_PSYCHOLOGIST, employer="independent")]
    )


@pytest.mark.parametrize("command", [decline(), assign(), grant(60), complete()])
def test_what_was_declined_is_offered_again_first(command: Command) -> None:
    given(TREATMENT, [opened(), offered(), declined()]).when(command).refused("treatment-declined")


@pytest.mark.parametrize("day", [ADMITTED, LATER])
def test_who_declined_may_think_better_of_it(day: date) -> None:
    history: list[Event] = [opened(), assigned(), offered(), declined()]
    given(TREATMENT, history).when(offer(day)).then([offered(day)])
    given(TREATMENT, [*history, offered(day)]).when(offer(day)).refused("already-offered")
    given(TREATMENT, [*history, offered(day)]).when(hold(FIRST, 60, day)).then([held(FIRST, 60, day)])
    given(TREATMENT, [*history, offered(day)]).when(close()).then([closed()])


def test_an_offer_made_again_does_not_lie_before_the_answer_to_the_first() -> None:
    given(TREATMENT, [opened(), offered(), declined()]).when(offer(THE_DAY_BEFORE)).refused("before-it-was-declined")


def test_an_offer_after_the_end_takes_nothing_back() -> None:
    given(TREATMENT, [opened(), closed(LATER), offered()]).when(hold(FIRST, 60, THE_DAY_AFTER_THE_END)).refused("treatment-ended")

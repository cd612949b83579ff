"""Who may tell of a treatment, from the admission on, and up to the day of its end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from havn_chassis.testing import given
from havn_events.event import Event
from havn_events.psychology import PsychologistAssigned, SessionCorrected, TreatmentDeclined
from psychology.domain.treatment.commands import Command, Report
from psychology.domain.treatment.decider import TREATMENT
from tests.unit.psychology.treatment import (
    AARHUS,
    ADMITTED,
    FIRST,
    LATER,
    ODENSE,
    SECOND,
    THE_DAY_AFTER_THE_END,
    THE_DAY_BEFORE,
    about,
    assign,
    assigned,
    closed,
    complete,
    completed,
    correct,
    decline,
    declined,
    grant,
    held,
    hold,
    miss,
    offer,
    offered,
    opened,
    refusal,
)


@pytest.mark.parametrize("end", [completed(LATER), closed(LATER)])
def test_a_session_up_to_the_day_of_the_end_may_still_be_recorded_late(end: Event) -> None:
    history: list[Event] = [opened(), assigned(), end]
    given(TREATMENT, history).when(hold(FIRST, 60, ADMITTED)).then([held(FIRST, 60, ADMITTED)])
    given(TREATMENT, history).when(hold(FIRST, 60, LATER)).then([held(FIRST, 60, LATER)])
    given(TREATMENT, history).when(hold(FIRST, 60, date(2024, 3, 2))).refused("treatment-ended")
    given(TREATMENT, history).when(miss(FIRST, date(2024, 3, 2))).refused("treatment-ended")


@pytest.mark.parametrize("end", [completed(), closed()])
def test_a_session_of_a_completed_or_closed_treatment_may_be_corrected(end: Event) -> None:
    history: list[Event] = [opened(), assigned(), held(FIRST, 60), end]
    given(TREATMENT, history).when(correct(FIRST, 45, LATER)).then(
        [SessionCorrected(**about(LATER), session_id=FIRST, session_on=ADMITTED, minutes=45, minutes_before=60)]
    )


@pytest.mark.parametrize("end", [completed(LATER), closed(LATER)])
@pytest.mark.parametrize("day", [ADMITTED, LATER])
@pytest.mark.parametrize("make", [offer, assign, lambda day: grant(60, day=day)])
def test_what_was_arranged_up_to_the_day_of_the_end_may_still_be_told_late(
    make: Callable[[date], Command], day: date, end: Event
) -> None:
    told = TREATMENT.decide(make(day), TREATMENT.fold([opened(), end]))
    assert [event.occurred_on for event in told] == [day]


def test_an_offer_declined_before_the_end_may_still_be_told_late_but_not_of_a_completed_treatment() -> None:
    late = TreatmentDeclined(**about(LATER), reason="other-treatment")
    given(TREATMENT, [opened(), closed(LATER), offered()]).when(decline(LATER)).then([late])
    given(TREATMENT, [opened(), completed(LATER), offered()]).when(decline(LATER)).refused("treatment-ended")


@pytest.mark.parametrize("end", [completed(LATER), closed(LATER)])
@pytest.mark.parametrize("make", [offer, decline, assign, lambda day: grant(60, day=day), complete])
def test_nothing_new_after_the_end(make: Callable[[date], Command], end: Event) -> None:
    given(TREATMENT, [opened(), end]).when(make(THE_DAY_AFTER_THE_END)).refused("treatment-ended")


@pytest.mark.parametrize("end", [completed(LATER), closed(LATER)])
def test_a_treatment_ends_once(end: Event) -> None:
    given(TREATMENT, [opened(), end]).when(complete(ADMITTED)).refused("treatment-ended")


@pytest.mark.parametrize("command", [hold(SECOND, 10), miss(SECOND), correct(FIRST, 10)])
def test_no_session_of_a_declined_treatment(command: Command) -> None:
    given(TREATMENT, [opened(), assigned(), held(FIRST, 60), declined()]).when(command).refused("treatment-declined")


REPORTS = [offer(), decline(), assign(), hold(FIRST, 10), miss(FIRST), correct(FIRST, 10), grant(60), complete()]


@pytest.mark.parametrize("command", REPORTS)
def test_nothing_before_the_obligation_arrived(command: Command) -> None:
    refused = refusal([], command)
    assert (refused.rule, refused.kind) == ("treatment-not-open", "absent")
    assert "try again shortly" in refused.detail


@pytest.mark.parametrize(
    "command", [offer(municipality=AARHUS), decline(municipality=AARHUS), assign(municipality=AARHUS), grant(60, AARHUS)]
)
def test_another_municipality_gets_the_answer_of_a_treatment_that_does_not_exist(command: Command) -> None:
    unknown, foreign = refusal([], command), refusal([opened(), offered()], command)
    assert (foreign.rule, foreign.detail, foreign.kind) == (unknown.rule, unknown.detail, unknown.kind)


def test_the_owing_municipality_may_offer_and_assign() -> None:
    given(TREATMENT, [opened()]).when(offer(municipality=ODENSE)).then([offered()])
    given(TREATMENT, [opened()]).when(assign(municipality=ODENSE)).then([assigned()])


@pytest.mark.parametrize(
    "command",
    [
        offer(THE_DAY_BEFORE),
        decline(THE_DAY_BEFORE),
        assign(THE_DAY_BEFORE),
        hold(FIRST, 10, THE_DAY_BEFORE),
        miss(FIRST, THE_DAY_BEFORE),
        grant(60, day=THE_DAY_BEFORE),
        complete(THE_DAY_BEFORE),
    ],
)
def test_nothing_is_dated_before_the_treatment_opened(command: Command) -> None:
    given(TREATMENT, [opened(), assigned()]).when(command).refused("before-the-treatment-opened")


def test_a_session_may_be_dated_the_day_it_opened_or_later() -> None:
    for day in (ADMITTED, LATER):
        given(TREATMENT, [opened(), assigned()]).when(hold(FIRST, 10, day)).then([held(FIRST, 10, day)])


@pytest.mark.parametrize(
    ("day", "admitted_on", "is_refused"),
    [
        (THE_DAY_BEFORE, THE_DAY_BEFORE, False),
        (THE_DAY_BEFORE, None, True),
        (THE_DAY_BEFORE, ADMITTED, True),
        (ADMITTED, ADMITTED, False),
        (ADMITTED, LATER, True),
        (LATER, LATER, False),
    ],
)
@pytest.mark.parametrize("make", [offer, assign, lambda day: hold(FIRST, 60, day)])
def test_what_is_reported_happened_from_the_admission_on_which_may_have_been_corrected(
    make: Callable[[date], Report], day: date, admitted_on: date | None, is_refused: bool
) -> None:
    outcome = given(TREATMENT, [opened(), assigned_to_another()]).when(replace(make(day), admitted_on=admitted_on))
    if is_refused:
        outcome.refused("before-the-treatment-opened")
    else:
        assert [event.occurred_on for event in outcome.events or ()] == [day]


def assigned_to_another() -> PsychologistAssigned:
    return PsychologistAssigned(**about(), psychologist_id=UUID(int=99), employer="independent")

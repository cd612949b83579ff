"""What the obligation brings: a treatment is opened, handed over, closed and opened again, and follows her home."""

from uuid import UUID

import pytest

from havn_chassis.testing import given
from havn_events.event import Event
from havn_events.orchestrator import DayPassed
from havn_events.psychology import (
    ExtraHoursGranted,
    TreatmentClosed,
    TreatmentCompleted,
    TreatmentOpened,
    TreatmentReopened,
    TreatmentTransferred,
)
from psychology.domain.treatment.commands import Command, FollowHome, ReopenTreatment
from psychology.domain.treatment.decider import TREATMENT
from tests.unit.psychology.treatment import (
    AARHUS,
    ADMITTED,
    ANOTHER_OBLIGATION,
    FIRST,
    LATER,
    OBLIGATION,
    ODENSE,
    SECOND,
    about,
    assigned,
    close,
    closed,
    completed,
    correct,
    corrected,
    declined,
    grant,
    granted,
    held,
    hold,
    left_after,
    offer,
    offered,
    open_treatment,
    opened,
    transfer,
)


def test_an_obligation_opens_the_treatment_with_its_own_floor_ceiling_and_municipality() -> None:
    given(TREATMENT).when(open_treatment()).then(
        [TreatmentOpened(**about(), obligation_id=OBLIGATION, municipality=ODENSE, unit="minutes", floor=240, ceiling=600)]
    )


def test_the_same_obligation_again_changes_nothing() -> None:
    given(TREATMENT, [opened()]).when(open_treatment()).then_nothing()


def test_another_obligation_opens_it_anew_and_what_was_used_stays_used() -> None:
    history: list[Event] = [
        opened(),
        offered(),
        assigned(),
        granted(60),
        held(FIRST, 100),
        closed(),
        opened(obligation=ANOTHER_OBLIGATION),
    ]
    assert left_after(history) == 600 + 60 - 100
    given(TREATMENT, history).when(hold(SECOND, 560)).then([held(SECOND, 560)])
    given(TREATMENT, history).when(offer()).refused("already-offered")


def test_opened_anew_after_a_decline_it_is_offered_anew() -> None:
    history = [opened(), offered(), declined(), opened(obligation=ANOTHER_OBLIGATION)]
    given(TREATMENT, history).when(offer()).then([offered()])


def test_opened_anew_with_less_than_was_used_nothing_is_left_but_mistakes_can_be_corrected() -> None:
    history: list[Event] = [opened(), assigned(), held(FIRST, 300), opened(ceiling=60, obligation=ANOTHER_OBLIGATION)]
    assert left_after(history) == 0
    given(TREATMENT, history).when(correct(FIRST, 120)).then([corrected(FIRST, 120, 300)])


def test_a_transfer_hands_the_rest_to_the_new_municipality() -> None:
    given(TREATMENT, [opened()]).when(transfer()).then([TreatmentTransferred(**about(), municipality=AARHUS)])


def test_after_a_transfer_only_the_new_municipality_may_act_and_what_is_used_stays_used() -> None:
    history: list[Event] = [opened(), assigned(), held(FIRST, 200), TreatmentTransferred(**about(), municipality=AARHUS)]
    given(TREATMENT, history).when(grant(60, ODENSE)).refused("treatment-not-open")
    given(TREATMENT, history).when(grant(60, AARHUS)).then([ExtraHoursGranted(**about(), minutes=60, municipality=AARHUS)])
    assert left_after(history) == 400


@pytest.mark.parametrize(
    "command",
    [transfer(ANOTHER_OBLIGATION), transfer(municipality=ODENSE), close(ANOTHER_OBLIGATION)],
)
def test_what_another_obligation_or_the_same_municipality_brings_changes_nothing(command: Command) -> None:
    given(TREATMENT, [opened()]).when(command).then_nothing()


@pytest.mark.parametrize("command", [transfer(), close()])
def test_a_transfer_or_cancellation_of_what_was_never_opened_changes_nothing(command: Command) -> None:
    given(TREATMENT).when(command).then_nothing()


def test_a_cancelled_obligation_closes_the_treatment() -> None:
    given(TREATMENT, [opened()]).when(close()).then([closed()])


@pytest.mark.parametrize("end", [closed(), completed(), declined()])
def test_a_treatment_that_ended_is_not_closed_again(end: Event) -> None:
    given(TREATMENT, [opened(), offered(), end]).when(close()).then_nothing()


def test_a_broken_stream_is_not_read() -> None:
    with pytest.raises(ValueError, match="the stream is broken"):
        TREATMENT.fold([offered()])
    with pytest.raises(ValueError, match="the stream is broken"):
        TREATMENT.fold([opened(), DayPassed(occurred_on=ADMITTED)])


def reopen(obligation: UUID = OBLIGATION) -> ReopenTreatment:
    return ReopenTreatment(**about(), obligation_id=obligation)


def reopened() -> TreatmentReopened:
    return TreatmentReopened(**about())


@pytest.mark.parametrize("ending", [completed(), closed()])
def test_what_is_owed_again_is_reopened_and_goes_on_with_what_was_used(ending: TreatmentCompleted | TreatmentClosed) -> None:
    past = [opened(), assigned(), held(FIRST, 60), ending]
    given(TREATMENT, past).when(reopen()).then([reopened()])
    given(TREATMENT, [*past, reopened()]).when(hold(SECOND, 60, LATER)).then([held(SECOND, 60, LATER)])
    assert TREATMENT.fold([*past, reopened()]) == TREATMENT.fold(past[:-1])


def test_what_runs_is_unknown_was_declined_or_is_another_obligations_is_not_reopened() -> None:
    given(TREATMENT).when(reopen()).then_nothing()
    given(TREATMENT, [opened()]).when(reopen()).then_nothing()
    given(TREATMENT, [opened(), offered(), declined()]).when(reopen()).then_nothing()
    given(TREATMENT, [opened(), closed()]).when(reopen(UUID(int=999))).then_nothing()


def follow_home(municipality: str = AARHUS) -> FollowHome:
    return FollowHome(**about(LATER), municipality=municipality)


def test_a_treatment_that_goes_on_follows_her_home_used_up_or_not() -> None:
    moved = TreatmentTransferred(**about(LATER), municipality=AARHUS)
    given(TREATMENT, [opened()]).when(follow_home()).then([moved])
    used_up: list[Event] = [opened(), assigned(), held(FIRST, 600)]
    given(TREATMENT, used_up).when(follow_home()).then([moved])
    given(TREATMENT, [*used_up, moved]).when(grant(60, AARHUS, LATER)).then(
        [ExtraHoursGranted(**about(LATER), minutes=60, municipality=AARHUS)]
    )
    given(TREATMENT, [*used_up, moved]).when(grant(60, ODENSE, LATER)).refused("treatment-not-open")


@pytest.mark.parametrize("history", [[], [opened(), offered(), declined()], [opened(), completed()], [opened(), closed()]])
def test_what_is_over_follows_nobody(history: list[Event]) -> None:
    given(TREATMENT, history).when(follow_home()).then_nothing()


def test_a_treatment_that_is_the_municipalitys_already_stays_its_own() -> None:
    given(TREATMENT, [opened()]).when(follow_home(ODENSE)).then_nothing()

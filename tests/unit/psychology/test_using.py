"""Sessions and the ceiling, corrections, extra hours, and the end."""

from dataclasses import replace
from uuid import UUID

import pytest

from havn_chassis.testing import given
from havn_events.event import Event
from havn_events.psychology import SessionCorrected, TreatmentCompleted
from psychology.domain.treatment.commands import Elsewhere
from psychology.domain.treatment.decider import TREATMENT
from tests.unit.psychology.treatment import (
    ADMITTED,
    FIRST,
    LATER,
    SECOND,
    about,
    assigned,
    complete,
    correct,
    corrected,
    grant,
    granted,
    held,
    hold,
    left_after,
    miss,
    missed,
    opened,
    refusal,
)


def test_a_session_uses_its_minutes() -> None:
    given(TREATMENT, [opened(), assigned()]).when(hold(FIRST, 50)).then([held(FIRST, 50)])
    assert left_after([opened(), assigned(), held(FIRST, 50)]) == 550


def test_no_session_without_a_psychologist() -> None:
    given(TREATMENT, [opened()]).when(hold(FIRST, 50)).refused("psychologist-not-assigned")
    given(TREATMENT, [opened()]).when(miss(FIRST)).refused("psychologist-not-assigned")


@pytest.mark.parametrize("recorded", [held(FIRST, 50), missed(FIRST)])
def test_no_session_is_recorded_twice(recorded: Event) -> None:
    given(TREATMENT, [opened(), assigned(), recorded]).when(hold(FIRST, 50)).refused("session-recorded-twice")
    given(TREATMENT, [opened(), assigned(), recorded]).when(miss(FIRST)).refused("session-recorded-twice")


def test_a_missed_session_is_not_an_hour_used() -> None:
    given(TREATMENT, [opened(), assigned()]).when(miss(FIRST)).then([missed(FIRST)])
    assert left_after([opened(), assigned(), missed(FIRST)]) == 600


def test_exactly_what_is_left_may_be_used_and_not_a_minute_more() -> None:
    history: list[Event] = [opened(), assigned(), held(FIRST, 555)]
    given(TREATMENT, history).when(hold(SECOND, 45)).then([held(SECOND, 45)])
    refused = refusal(history, hold(SECOND, 46))
    assert (refused.rule, refused.field) == ("over-the-ceiling", "minutes")
    assert "45 minutes are left" in refused.detail


def test_what_was_used_at_the_shelter_she_came_from_counts() -> None:
    history: list[Event] = [opened(), assigned(), held(FIRST, 255)]
    before = Elsewhere(minutes=300, sessions=6)
    given(TREATMENT, history).when(replace(hold(SECOND, 45), elsewhere=before)).then([held(SECOND, 45)])
    refused = refusal(history, replace(hold(SECOND, 46), elsewhere=before))
    assert (refused.rule, refused.field) == ("over-the-ceiling", "minutes")
    assert "45 minutes are left" in refused.detail
    given(TREATMENT, history).when(replace(correct(FIRST, 300), elsewhere=before)).then([corrected(FIRST, 300, 255)])
    given(TREATMENT, history).when(replace(correct(FIRST, 301), elsewhere=before)).refused("over-the-ceiling")


def test_sessions_at_the_shelter_she_came_from_count_where_sessions_are_counted() -> None:
    history: list[Event] = [opened("sessions", ceiling=10), assigned()]
    given(TREATMENT, history).when(replace(hold(FIRST, 50), elsewhere=Elsewhere(sessions=9))).then([held(FIRST, 50)])
    given(TREATMENT, history).when(replace(hold(FIRST, 50), elsewhere=Elsewhere(sessions=10))).refused("over-the-ceiling")


def test_extra_hours_granted_at_the_shelter_she_came_from_count_too() -> None:
    history: list[Event] = [opened(), assigned()]
    before = Elsewhere(minutes=600, extra_minutes=60)
    given(TREATMENT, history).when(replace(hold(FIRST, 60), elsewhere=before)).then([held(FIRST, 60)])
    given(TREATMENT, history).when(replace(hold(FIRST, 61), elsewhere=before)).refused("over-the-ceiling")


def test_an_hour_granted_is_one_session_more_wherever_sessions_were_used() -> None:
    history: list[Event] = [opened("sessions", ceiling=1), assigned(), granted(60)]
    given(TREATMENT, history).when(replace(hold(FIRST, 50), elsewhere=Elsewhere(sessions=1))).then([held(FIRST, 50)])
    given(TREATMENT, history).when(replace(hold(FIRST, 50), elsewhere=Elsewhere(sessions=2))).refused("over-the-ceiling")


def test_extra_hours_raise_the_ceiling() -> None:
    history: list[Event] = [opened(), assigned(), held(FIRST, 600), granted(30)]
    given(TREATMENT, history).when(hold(SECOND, 30)).then([held(SECOND, 30)])
    assert "30 minutes are left" in refusal(history, hold(SECOND, 31)).detail


def test_where_sessions_are_counted_each_counts_one_whatever_its_length() -> None:
    history: list[Event] = [opened("sessions", 2), assigned(), held(FIRST, 1)]
    assert left_after(history) == 1
    given(TREATMENT, history).when(hold(SECOND, 180)).then([held(SECOND, 180)])
    assert "0 sessions are left" in refusal([*history, held(SECOND, 180)], hold(UUID(int=13), 1)).detail


def test_where_sessions_are_counted_a_missed_one_counts_nothing() -> None:
    assert left_after([opened("sessions", 2), assigned(), missed(FIRST), held(SECOND, 60)]) == 1


def test_a_correction_says_what_it_reverses_and_moves_what_is_left() -> None:
    history: list[Event] = [opened(), assigned(), held(FIRST, 60)]
    given(TREATMENT, history).when(correct(FIRST, 45)).then([corrected(FIRST, 45, 60)])
    assert left_after([*history, corrected(FIRST, 45, 60)]) == 555


def test_a_correction_to_nothing_gives_the_minutes_back() -> None:
    history: list[Event] = [opened(), assigned(), held(FIRST, 60)]
    given(TREATMENT, history).when(correct(FIRST, 0)).then([corrected(FIRST, 0, 60)])
    assert left_after([*history, corrected(FIRST, 0, 60)]) == 600


def test_a_second_correction_starts_from_the_first() -> None:
    history: list[Event] = [opened(), assigned(), held(FIRST, 60), corrected(FIRST, 0, 60)]
    given(TREATMENT, history).when(correct(FIRST, 50)).then([corrected(FIRST, 50, 0)])


def test_a_session_wrongly_recorded_as_missed_is_corrected_to_what_it_took() -> None:
    given(TREATMENT, [opened(), assigned(), missed(FIRST)]).when(correct(FIRST, 50)).then([corrected(FIRST, 50, 0)])


def test_an_unknown_session_cannot_be_corrected() -> None:
    refused = refusal([opened(), assigned(), held(FIRST, 60)], correct(SECOND, 45))
    assert (refused.rule, refused.kind) == ("session-unknown", "absent")


def test_a_correction_must_change_something() -> None:
    given(TREATMENT, [opened(), assigned(), held(FIRST, 60)]).when(correct(FIRST, 60)).refused("correction-changes-nothing")


def test_a_correction_is_not_dated_before_its_session() -> None:
    history: list[Event] = [opened(), assigned(), held(FIRST, 60, LATER)]
    given(TREATMENT, history).when(correct(FIRST, 45, ADMITTED)).refused("before-the-session")
    given(TREATMENT, history).when(correct(FIRST, 45, LATER)).then(
        [SessionCorrected(**about(LATER), session_id=FIRST, session_on=LATER, minutes=45, minutes_before=60)]
    )


def test_a_correction_cannot_go_over_the_ceiling_either() -> None:
    history: list[Event] = [opened(), assigned(), held(FIRST, 60), held(SECOND, 500)]
    given(TREATMENT, history).when(correct(FIRST, 100)).then([corrected(FIRST, 100, 60)])
    refused = refusal(history, correct(FIRST, 101))
    assert refused.rule == "over-the-ceiling"
    assert "100 minutes are left for this session" in refused.detail


def test_where_sessions_are_counted_a_correction_of_length_uses_no_more() -> None:
    history: list[Event] = [opened("sessions", 1), assigned(), held(FIRST, 30)]
    given(TREATMENT, history).when(correct(FIRST, 90)).then([corrected(FIRST, 90, 30)])
    assert left_after([*history, corrected(FIRST, 0, 30)]) == 1


def test_the_owing_municipality_grants_extra_hours() -> None:
    given(TREATMENT, [opened()]).when(grant(120)).then([granted(120)])
    assert left_after([opened(), granted(120)]) == 720


def test_where_sessions_are_counted_extra_hours_come_in_whole_sessions() -> None:
    history: list[Event] = [opened("sessions", 10)]
    refused = refusal(history, grant(119))
    assert (refused.rule, refused.kind) == ("whole-sessions", "invalid")
    given(TREATMENT, history).when(grant(120)).then([granted(120)])
    assert left_after([*history, granted(120)]) == 12


def test_where_minutes_are_counted_any_number_may_be_granted() -> None:
    given(TREATMENT, [opened()]).when(grant(45)).then([granted(45)])


def test_a_treatment_is_completed() -> None:
    given(TREATMENT, [opened()]).when(complete()).then([TreatmentCompleted(**about(), reason="hours-used")])


def test_not_completed_before_the_last_session_that_was_held() -> None:
    history: list[Event] = [opened(), assigned(), held(FIRST, 60, LATER), held(SECOND, 60, ADMITTED)]
    given(TREATMENT, history).when(complete(ADMITTED)).refused("before-the-last-session")
    given(TREATMENT, history).when(complete(LATER)).then([TreatmentCompleted(**about(LATER), reason="hours-used")])
    not_held = SessionCorrected(**about(LATER), session_id=FIRST, session_on=LATER, minutes=0, minutes_before=60)
    after_correction = [*history, not_held]
    given(TREATMENT, after_correction).when(complete(ADMITTED)).then([TreatmentCompleted(**about(), reason="hours-used")])

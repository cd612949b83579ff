"""Psychology's ledger: what is owed, used and left, and what may not be recorded."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from havn_chassis.decider import Refused
from havn_chassis.testing import given
from havn_events.event import Event
from havn_events.orchestrator import DayPassed
from havn_events.psychology import (
    ExtraHoursGranted,
    PsychologistAssigned,
    SessionCorrected,
    SessionHeld,
    SessionMissed,
    TreatmentClosed,
    TreatmentCompleted,
    TreatmentDeclined,
    TreatmentOffered,
    TreatmentOpened,
    TreatmentReopened,
    TreatmentTransferred,
)
from psychology.domain.treatment.commands import (
    AssignPsychologist,
    CloseTreatment,
    Command,
    CompleteTreatment,
    CorrectSession,
    DeclineTreatment,
    Elsewhere,
    FollowHome,
    GrantExtraHours,
    HoldSession,
    MissSession,
    OfferTreatment,
    OpenTreatment,
    ReopenTreatment,
    Report,
    TransferTreatment,
)
from psychology.domain.treatment.decider import TREATMENT

STAY, PERSON = UUID(int=1), UUID(int=2)
OBLIGATION, ANOTHER_OBLIGATION = UUID(int=3), UUID(int=4)
PSYCHOLOGIST, ANOTHER_PSYCHOLOGIST = UUID(int=5), UUID(int=6)
FIRST, SECOND = UUID(int=11), UUID(int=12)
ODENSE, AARHUS = "0461", "0751"
THE_DAY_BEFORE, ADMITTED, LATER = date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1)


def about(day: date = ADMITTED) -> dict[str, Any]:
    return {"stay_id": STAY, "person_id": PERSON, "occurred_on": day}


def opened(unit: Any = "minutes", ceiling: int = 600, obligation: UUID = OBLIGATION, day: date = ADMITTED) -> TreatmentOpened:
    return TreatmentOpened(
        **about(day), obligation_id=obligation, municipality=ODENSE, unit=unit, floor=min(ceiling, 4), ceiling=ceiling
    )


def offered(day: date = ADMITTED) -> TreatmentOffered:
    return TreatmentOffered(**about(day))


def declined() -> TreatmentDeclined:
    return TreatmentDeclined(**about(), reason="does-not-want")


def assigned() -> PsychologistAssigned:
    return PsychologistAssigned(**about(), psychologist_id=PSYCHOLOGIST, employer="independent")


def held(session: UUID, minutes: int, day: date = ADMITTED) -> SessionHeld:
    return SessionHeld(**about(day), session_id=session, minutes=minutes)


def missed(session: UUID) -> SessionMissed:
    return SessionMissed(**about(), session_id=session)


def corrected(session: UUID, minutes: int, before: int) -> SessionCorrected:
    return SessionCorrected(**about(), session_id=session, session_on=ADMITTED, minutes=minutes, minutes_before=before)


def granted(minutes: int) -> ExtraHoursGranted:
    return ExtraHoursGranted(**about(), minutes=minutes, municipality=ODENSE)


def completed(day: date = ADMITTED) -> TreatmentCompleted:
    return TreatmentCompleted(**about(day), reason="by-agreement")


def closed(day: date = ADMITTED) -> TreatmentClosed:
    return TreatmentClosed(**about(day))


def open_treatment(obligation: UUID = OBLIGATION) -> OpenTreatment:
    return OpenTreatment(**about(), obligation_id=obligation, municipality=ODENSE, unit="minutes", floor=240, ceiling=600)


def offer(day: date = ADMITTED, municipality: str | None = None) -> OfferTreatment:
    return OfferTreatment(**about(day), municipality=municipality)


def decline(day: date = ADMITTED, municipality: str | None = None) -> DeclineTreatment:
    return DeclineTreatment(**about(day), reason="other-treatment", municipality=municipality)


def assign(day: date = ADMITTED, municipality: str | None = None) -> AssignPsychologist:
    return AssignPsychologist(
        **about(day),
        psychologist_id=PSYCHOLOGIST,
        employer="independent",
        authorised=True,
        shelter_may_treat=frozenset(),
        municipality=municipality,
    )


def hold(session: UUID, minutes: int, day: date = ADMITTED) -> HoldSession:
    return HoldSession(**about(day), session_id=session, minutes=minutes)


def miss(session: UUID, day: date = ADMITTED) -> MissSession:
    return MissSession(**about(day), session_id=session)


def correct(session: UUID, minutes: int, day: date = ADMITTED) -> CorrectSession:
    return CorrectSession(**about(day), session_id=session, minutes=minutes)


def grant(minutes: int, municipality: str = ODENSE, day: date = ADMITTED) -> GrantExtraHours:
    return GrantExtraHours(**about(day), minutes=minutes, municipality=municipality)


def complete(day: date = ADMITTED) -> CompleteTreatment:
    return CompleteTreatment(**about(day), reason="hours-used")


def transfer(obligation: UUID = OBLIGATION, municipality: str = AARHUS) -> TransferTreatment:
    return TransferTreatment(**about(), obligation_id=obligation, municipality=municipality)


def close(obligation: UUID = OBLIGATION) -> CloseTreatment:
    return CloseTreatment(**about(), obligation_id=obligation)


def refusal(history: list[Event], command: Command) -> Refused:
    with pytest.raises(Refused) as caught:
        TREATMENT.decide(command, TREATMENT.fold(history))
    return caught.value


def left_after(history: list[Event]) -> int:
    treatment = TREATMENT.fold(history)
    assert treatment is not None
    return treatment.left()


# What the obligation brings


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


# Offer and answer


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


# The psychologist (Odense 2.4)


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


# Sessions and the ceiling


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


# Corrections


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


# Extra hours


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


# Completion


def test_a_treatment_is_completed() -> None:
    given(TREATMENT, [opened()]).when(complete()).then([TreatmentCompleted(**about(), reason="hours-used")])


def test_not_completed_before_the_last_session_that_was_held() -> None:
    history: list[Event] = [opened(), assigned(), held(FIRST, 60, LATER), held(SECOND, 60, ADMITTED)]
    given(TREATMENT, history).when(complete(ADMITTED)).refused("before-the-last-session")
    given(TREATMENT, history).when(complete(LATER)).then([TreatmentCompleted(**about(LATER), reason="hours-used")])
    not_held = SessionCorrected(**about(LATER), session_id=FIRST, session_on=LATER, minutes=0, minutes_before=60)
    after_correction = [*history, not_held]
    given(TREATMENT, after_correction).when(complete(ADMITTED)).then([TreatmentCompleted(**about(), reason="hours-used")])


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


THE_DAY_AFTER_THE_END = date(2024, 3, 2)


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


@pytest.mark.parametrize("command", [hold(SECOND, 10), miss(SECOND), correct(FIRST, 10)])
def test_no_session_of_a_declined_treatment(command: Command) -> None:
    given(TREATMENT, [opened(), assigned(), held(FIRST, 60), declined()]).when(command).refused("treatment-declined")


# Who and when


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

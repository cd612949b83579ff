"""Coordinating advice: what is refused, and the window's first and last days."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from coordinating_advice.domain.advice.commands import (
    BeginPhase,
    CloseAdvice,
    Command,
    DeclineAdvice,
    EndAdvice,
    ExtendWindow,
    FollowHome,
    GiveAdvice,
    GiveInitialAdvice,
    HandOverAdvice,
    NameAdviser,
    OfferAdvice,
    OpenAdvice,
    OpenWindow,
    ReopenAdvice,
    Report,
    StartAdvice,
    TakeOverAdvice,
    TransferAdvice,
)
from coordinating_advice.domain.advice.decider import ADVICE
from coordinating_advice.domain.advice.extending import latest_extension, months_after
from coordinating_advice.domain.advice.giving import PHASES
from coordinating_advice.domain.advice.state import Advice
from havn_chassis.decider import Refused
from havn_chassis.testing import given
from havn_events.codes import AdviceBy, AdvicePhase
from havn_events.coordinating_advice import (
    AdviceClosed,
    AdviceDeclined,
    AdviceEnded,
    AdviceExtended,
    AdviceGiven,
    AdviceHandedOver,
    AdviceOffered,
    AdviceOpened,
    AdvicePhaseBegan,
    AdviceReopened,
    AdviceStarted,
    AdviceTakenOver,
    AdviceTransferred,
    AdviceWindowOpened,
    AdviserNamed,
    InitialAdviceGiven,
)
from havn_events.event import Event

STAY = UUID(int=1)
MEETING = UUID(int=2)
SHELTERS, MUNICIPALITYS, THIRD = UUID(int=11), UUID(int=12), UUID(int=13)
ODENSE, GENTOFTE = "0461", "0157"
DAY = timedelta(days=1)

OPENED_ON = date(2024, 1, 10)
STARTED_ON = date(2024, 2, 1)
MOVED_OUT_ON = date(2024, 3, 15)
LAST_DAY = date(2024, 9, 15)
LATEST = date(2025, 3, 15)

OPENED = AdviceOpened(stay_id=STAY, occurred_on=OPENED_ON, municipality=ODENSE)
STARTED = AdviceStarted(stay_id=STAY, occurred_on=STARTED_ON, variant="ordinary", by="shelter")
WINDOW = AdviceWindowOpened(stay_id=STAY, occurred_on=MOVED_OUT_ON, moved_out_on=MOVED_OUT_ON, until=LAST_DAY)
CLOSED = AdviceClosed(stay_id=STAY, occurred_on=OPENED_ON, because="stay-annulled")
GONE_ON = AdviceClosed(stay_id=STAY, occurred_on=STARTED_ON, because="stay-continued")
REOPENED = AdviceReopened(stay_id=STAY, occurred_on=MOVED_OUT_ON)
DECLINED = AdviceDeclined(stay_id=STAY, occurred_on=STARTED_ON, reason="does-not-want")
OFFERED = AdviceOffered(stay_id=STAY, occurred_on=STARTED_ON)
HELD = AdviceGiven(stay_id=STAY, occurred_on=STARTED_ON, meeting_id=MEETING, minutes=45, by="shelter")
TRANSFERRED = AdviceTransferred(stay_id=STAY, occurred_on=STARTED_ON, municipality=GENTOFTE)


def ended(on: date) -> AdviceEnded:
    return AdviceEnded(stay_id=STAY, occurred_on=on, because="established")


def extended(until: date) -> AdviceExtended:
    return AdviceExtended(stay_id=STAY, occurred_on=MOVED_OUT_ON, until=until)


def initial(on: date = OPENED_ON, asked_by: str | None = None) -> GiveInitialAdvice:
    return GiveInitialAdvice(stay_id=STAY, occurred_on=on, by="shelter", asked_by=asked_by)


def offer() -> OfferAdvice:
    return OfferAdvice(stay_id=STAY, occurred_on=STARTED_ON)


def decline() -> DeclineAdvice:
    return DeclineAdvice(stay_id=STAY, occurred_on=STARTED_ON, reason="does-not-want")


def start(on: date = STARTED_ON) -> StartAdvice:
    return StartAdvice(stay_id=STAY, occurred_on=on, variant="ordinary", by="shelter", shelter_municipality=None)


def meeting(on: date, by: AdviceBy = "shelter", shelter_municipality: str | None = None) -> GiveAdvice:
    return GiveAdvice(
        stay_id=STAY,
        occurred_on=on,
        meeting_id=MEETING,
        minutes=45,
        by=by,
        shelter_municipality=shelter_municipality,
    )


def phase(name: AdvicePhase, on: date = MOVED_OUT_ON) -> BeginPhase:
    return BeginPhase(stay_id=STAY, occurred_on=on, phase=name)


def began(name: AdvicePhase, on: date = MOVED_OUT_ON) -> AdvicePhaseBegan:
    return AdvicePhaseBegan(stay_id=STAY, occurred_on=on, phase=name)


def hand_over(
    from_adviser: UUID = SHELTERS,
    to_adviser: UUID = MUNICIPALITYS,
    municipality: str = ODENSE,
    on: date = MOVED_OUT_ON,
) -> HandOverAdvice:
    return HandOverAdvice(
        stay_id=STAY,
        occurred_on=on,
        from_adviser_id=from_adviser,
        to_adviser_id=to_adviser,
        municipality=municipality,
    )


def handed_over(from_adviser: UUID, to_adviser: UUID) -> AdviceHandedOver:
    return AdviceHandedOver(
        stay_id=STAY,
        occurred_on=MOVED_OUT_ON,
        from_adviser_id=from_adviser,
        to_adviser_id=to_adviser,
        municipality=ODENSE,
    )


def name(adviser_id: UUID, asked_by: str | None = ODENSE) -> NameAdviser:
    return NameAdviser(stay_id=STAY, occurred_on=MOVED_OUT_ON, adviser_id=adviser_id, asked_by=asked_by)


def named(adviser_id: UUID) -> AdviserNamed:
    return AdviserNamed(stay_id=STAY, occurred_on=MOVED_OUT_ON, adviser_id=adviser_id)


def take_over(on: date = STARTED_ON, asked_by: str = GENTOFTE) -> TakeOverAdvice:
    return TakeOverAdvice(stay_id=STAY, occurred_on=on, adviser_id=MUNICIPALITYS, by="meeting", asked_by=asked_by)


def taken_over(on: date = STARTED_ON) -> AdviceTakenOver:
    return AdviceTakenOver(
        stay_id=STAY, occurred_on=on, from_municipality=ODENSE, municipality=GENTOFTE, adviser_id=MUNICIPALITYS, by="meeting"
    )


def extend(until: date, asked_by: str | None = ODENSE) -> ExtendWindow:
    return ExtendWindow(stay_id=STAY, occurred_on=MOVED_OUT_ON, until=until, asked_by=asked_by)


def end(on: date, because: str = "established") -> EndAdvice:
    return EndAdvice(stay_id=STAY, occurred_on=on, because=because)  # type: ignore[arg-type]


REPORTS: list[Command] = [
    initial(),
    offer(),
    decline(),
    start(),
    meeting(STARTED_ON),
    phase("pre"),
    hand_over(),
    extend(LAST_DAY + DAY),
    end(MOVED_OUT_ON),
]


def open_window(moved_out_on: date = MOVED_OUT_ON, until: date = LAST_DAY) -> OpenWindow:
    return OpenWindow(stay_id=STAY, occurred_on=MOVED_OUT_ON, municipality=ODENSE, moved_out_on=moved_out_on, until=until)


# Opening, window, transfer and close come from the orchestrator and are never refused.


def test_the_first_obligation_opens_the_advice() -> None:
    given(ADVICE).when(OpenAdvice(stay_id=STAY, occurred_on=OPENED_ON, municipality=ODENSE)).then([OPENED])


def test_an_obligation_of_another_municipality_shows_that_the_home_changed() -> None:
    moved = OpenAdvice(stay_id=STAY, occurred_on=STARTED_ON, municipality=GENTOFTE)
    transferred = AdviceTransferred(stay_id=STAY, occurred_on=STARTED_ON, municipality=GENTOFTE)
    given(ADVICE, [OPENED]).when(moved).then([transferred])
    given(ADVICE, [OPENED, CLOSED]).when(moved).then_nothing()


@pytest.mark.parametrize("history", [[OPENED], [OPENED, CLOSED]])
def test_the_next_obligation_opens_nothing(history: list[Event]) -> None:
    given(ADVICE, history).when(OpenAdvice(stay_id=STAY, occurred_on=STARTED_ON, municipality=ODENSE)).then_nothing()


def test_the_move_out_opens_the_window() -> None:
    given(ADVICE, [OPENED]).when(open_window()).then([WINDOW])


def test_a_move_out_that_nobody_prepared_opens_the_advice_as_well() -> None:
    given(ADVICE).when(open_window()).then([AdviceOpened(stay_id=STAY, occurred_on=MOVED_OUT_ON, municipality=ODENSE), WINDOW])


def test_the_same_window_again_changes_nothing() -> None:
    given(ADVICE, [OPENED, WINDOW]).when(open_window()).then_nothing()


def test_a_corrected_move_out_moves_the_window() -> None:
    moved = date(2024, 3, 20), date(2024, 9, 20)
    given(ADVICE, [OPENED, WINDOW]).when(open_window(*moved)).then(
        [AdviceWindowOpened(stay_id=STAY, occurred_on=MOVED_OUT_ON, moved_out_on=moved[0], until=moved[1])]
    )


def test_a_move_out_a_day_later_moves_the_window_even_where_its_last_day_stays() -> None:
    august_30, august_31, february = date(2024, 8, 30), date(2024, 8, 31), date(2025, 2, 28)
    before = AdviceWindowOpened(stay_id=STAY, occurred_on=MOVED_OUT_ON, moved_out_on=august_30, until=february)
    after = AdviceWindowOpened(stay_id=STAY, occurred_on=MOVED_OUT_ON, moved_out_on=august_31, until=february)
    given(ADVICE, [OPENED, before]).when(open_window(august_31, february)).then([after])


def test_another_version_of_the_standard_moves_the_last_day_alone_but_not_what_was_granted() -> None:
    moved = AdviceWindowOpened(stay_id=STAY, occurred_on=MOVED_OUT_ON, moved_out_on=MOVED_OUT_ON, until=LAST_DAY + DAY)
    given(ADVICE, [OPENED, WINDOW]).when(open_window(until=LAST_DAY + DAY)).then([moved])
    given(ADVICE, [OPENED, WINDOW, extended(LATEST)]).when(open_window(until=LATEST)).then_nothing()


def test_a_corrected_move_out_keeps_the_last_day_that_was_granted_also_beyond_12_months() -> None:
    earlier = MOVED_OUT_ON - DAY
    history = [OPENED, WINDOW, extended(LATEST)]
    moved = AdviceWindowOpened(stay_id=STAY, occurred_on=MOVED_OUT_ON, moved_out_on=earlier, until=LATEST)
    given(ADVICE, history).when(open_window(earlier, LATEST)).then([moved])
    given(ADVICE, [*history, moved]).when(open_window(earlier, LATEST)).then_nothing()
    longer = ExtendWindow(stay_id=STAY, occurred_on=LAST_DAY, until=LATEST + DAY)
    given(ADVICE, [*history, moved]).when(longer).refused("extension-beyond-12-months")


@pytest.mark.parametrize("days", [-1, 1])
def test_what_may_be_granted_is_counted_from_the_right_day(days: int) -> None:
    moved_out_on, latest = MOVED_OUT_ON + days * DAY, LATEST + days * DAY
    moved = AdviceWindowOpened(stay_id=STAY, occurred_on=LAST_DAY, moved_out_on=moved_out_on, until=LAST_DAY + days * DAY)
    for until, refused in ((latest, None), (latest + DAY, "extension-beyond-12-months")):
        case = given(ADVICE, [OPENED, WINDOW, moved]).when(ExtendWindow(stay_id=STAY, occurred_on=LAST_DAY, until=until))
        if refused:
            case.refused(refused)
        else:
            case.then([AdviceExtended(stay_id=STAY, occurred_on=LAST_DAY, until=until)])


def test_the_echo_of_an_extension_changes_nothing() -> None:
    history = [OPENED, WINDOW, extended(LAST_DAY + DAY)]
    given(ADVICE, history).when(open_window(until=LAST_DAY + DAY)).then_nothing()


def test_the_echo_of_an_extension_that_was_extended_again_changes_nothing() -> None:
    history = [OPENED, WINDOW, extended(LAST_DAY + DAY), extended(LAST_DAY + 2 * DAY)]
    given(ADVICE, history).when(open_window(until=LAST_DAY + DAY)).then_nothing()


def test_an_annulled_stay_opens_no_window() -> None:
    given(ADVICE, [OPENED, CLOSED]).when(open_window()).then_nothing()


def test_another_municipality_takes_over_and_the_dates_stay() -> None:
    command = TransferAdvice(stay_id=STAY, occurred_on=STARTED_ON, municipality=GENTOFTE)
    given(ADVICE, [OPENED, WINDOW]).when(command).then([TRANSFERRED])
    assert ADVICE.fold([OPENED, WINDOW, TRANSFERRED]).window == ADVICE.fold([OPENED, WINDOW]).window


@pytest.mark.parametrize("history", [[], [OPENED, TRANSFERRED], [OPENED, CLOSED]])
def test_a_transfer_changes_nothing_where_there_is_nothing_to_transfer(history: list[Event]) -> None:
    command = TransferAdvice(stay_id=STAY, occurred_on=STARTED_ON, municipality=GENTOFTE)
    given(ADVICE, history).when(command).then_nothing()


STARTED_EARLY = AdviceStarted(stay_id=STAY, occurred_on=OPENED_ON, variant="ordinary", by="shelter")
ENDED_EARLY = AdviceEnded(stay_id=STAY, occurred_on=OPENED_ON, because="declined")


@pytest.mark.parametrize("history", [[OPENED], [OPENED, STARTED_EARLY]])
def test_before_the_window_advice_follows_her_home(history: list[Event]) -> None:
    command = FollowHome(stay_id=STAY, occurred_on=STARTED_ON, municipality=GENTOFTE)
    given(ADVICE, history).when(command).then([TRANSFERRED])


@pytest.mark.parametrize(
    "history",
    [[], [OPENED, TRANSFERRED], [OPENED, CLOSED], [OPENED, WINDOW], [OPENED, STARTED_EARLY, ENDED_EARLY]],
)
def test_a_window_moves_by_its_obligation_and_what_is_over_not_at_all(history: list[Event]) -> None:
    command = FollowHome(stay_id=STAY, occurred_on=STARTED_ON, municipality=GENTOFTE)
    given(ADVICE, history).when(command).then_nothing()


def test_an_annulled_stay_closes_the_advice() -> None:
    given(ADVICE, [OPENED]).when(CloseAdvice(stay_id=STAY, occurred_on=OPENED_ON, because="stay-annulled")).then([CLOSED])


@pytest.mark.parametrize("history", [[], [OPENED, CLOSED]])
def test_there_is_nothing_to_close_twice_or_before_it_is_open(history: list[Event]) -> None:
    given(ADVICE, history).when(CloseAdvice(stay_id=STAY, occurred_on=OPENED_ON, because="stay-annulled")).then_nothing()


def test_a_direct_transfer_closes_it_here_with_its_window() -> None:
    command = CloseAdvice(stay_id=STAY, occurred_on=STARTED_ON, because="stay-continued")
    given(ADVICE, [OPENED, WINDOW]).when(command).then([GONE_ON])
    given(ADVICE, [OPENED, GONE_ON]).when(command).then_nothing()
    given(ADVICE, [OPENED, CLOSED]).when(command).then_nothing()
    given(ADVICE).when(command).then_nothing()


def test_a_stay_from_which_she_went_on_may_be_annulled_afterwards() -> None:
    command = CloseAdvice(stay_id=STAY, occurred_on=OPENED_ON, because="stay-annulled")
    given(ADVICE, [OPENED, GONE_ON]).when(command).then([CLOSED])
    given(ADVICE, [OPENED, GONE_ON, CLOSED]).when(initial()).refused("advice-closed")


@pytest.mark.parametrize("on", [STARTED_ON - DAY, STARTED_ON])
def test_what_happened_up_to_the_day_she_went_on_can_still_be_recorded(on: date) -> None:
    command = GiveInitialAdvice(stay_id=STAY, occurred_on=on, by="shelter")
    given(ADVICE, [OPENED, GONE_ON]).when(command).then([InitialAdviceGiven(stay_id=STAY, occurred_on=on, by="shelter")])


def test_what_happened_after_it_is_recorded_at_the_other_shelter() -> None:
    command = GiveInitialAdvice(stay_id=STAY, occurred_on=STARTED_ON + DAY, by="shelter")
    given(ADVICE, [OPENED, GONE_ON]).when(command).refused("advice-goes-on-elsewhere")


def test_a_window_does_not_open_where_she_went_on_elsewhere() -> None:
    command = OpenWindow(stay_id=STAY, occurred_on=MOVED_OUT_ON, municipality=ODENSE, moved_out_on=MOVED_OUT_ON, until=LAST_DAY)
    given(ADVICE, [OPENED, GONE_ON]).when(command).then_nothing()
    given(ADVICE, [OPENED, GONE_ON, REOPENED]).when(command).then([WINDOW])


def test_when_she_did_not_go_on_elsewhere_it_is_open_again() -> None:
    command = ReopenAdvice(stay_id=STAY, occurred_on=MOVED_OUT_ON)
    given(ADVICE, [OPENED, WINDOW, GONE_ON]).when(command).then([REOPENED])
    assert ADVICE.fold([OPENED, WINDOW, GONE_ON, REOPENED]) == ADVICE.fold([OPENED, WINDOW])


@pytest.mark.parametrize("history", [[], [OPENED], [OPENED, CLOSED], [OPENED, GONE_ON, REOPENED]])
def test_what_did_not_go_on_elsewhere_is_not_reopened(history: list[Event]) -> None:
    given(ADVICE, history).when(ReopenAdvice(stay_id=STAY, occurred_on=MOVED_OUT_ON)).then_nothing()


# What holds for every report.


@pytest.mark.parametrize("report", REPORTS)
def test_nothing_is_recorded_before_the_advice_is_open(report: Command) -> None:
    given(ADVICE).when(report).refused("advice-not-open")


def test_what_is_not_open_yet_is_absent_and_the_answer_says_when_to_try_again() -> None:
    with pytest.raises(Refused) as refusal:
        ADVICE.decide(initial(), Advice())
    assert refusal.value.kind == "absent"
    assert "try again shortly" in refusal.value.detail


@pytest.mark.parametrize("report", REPORTS)
def test_nothing_is_recorded_after_the_stay_was_annulled(report: Command) -> None:
    given(ADVICE, [OPENED, CLOSED]).when(report).refused("advice-closed")


def test_for_another_municipality_there_is_no_such_case() -> None:
    with pytest.raises(Refused) as refusal:
        ADVICE.decide(initial(asked_by=GENTOFTE), ADVICE.fold([OPENED]))
    assert (refusal.value.rule, refusal.value.kind) == ("advice-not-open", "absent")


def test_after_a_transfer_the_new_municipality_reports_and_the_old_one_cannot() -> None:
    transferred = [OPENED, TRANSFERRED]
    given(ADVICE, transferred).when(initial(asked_by=ODENSE)).refused("advice-not-open")
    given(ADVICE, transferred).when(initial(asked_by=GENTOFTE)).then(
        [InitialAdviceGiven(stay_id=STAY, occurred_on=OPENED_ON, by="shelter")]
    )


@pytest.mark.parametrize("report", [r for r in REPORTS if not isinstance(r, GiveAdvice)])
def test_after_the_end_only_meetings_held_before_it_are_recorded(report: Command) -> None:
    given(ADVICE, [OPENED, STARTED, WINDOW, ended(MOVED_OUT_ON)]).when(report).refused("advice-ended")


# Initial advice, offer and decline.


def test_initial_advice_is_given() -> None:
    given(ADVICE, [OPENED]).when(initial()).then([InitialAdviceGiven(stay_id=STAY, occurred_on=OPENED_ON, by="shelter")])


def test_initial_advice_is_given_once() -> None:
    history = [OPENED, InitialAdviceGiven(stay_id=STAY, occurred_on=OPENED_ON, by="municipality")]
    given(ADVICE, history).when(initial()).refused("initial-advice-already-given")


@pytest.mark.parametrize("history", [[OPENED], [OPENED, OFFERED], [OPENED, DECLINED]])
def test_advice_is_offered_and_may_be_offered_again(history: list[Event]) -> None:
    given(ADVICE, history).when(offer()).then([OFFERED])


def test_what_has_started_is_not_offered() -> None:
    given(ADVICE, [OPENED, STARTED]).when(offer()).refused("advice-already-started")


@pytest.mark.parametrize("history", [[OPENED], [OPENED, OFFERED], [OPENED, DECLINED, OFFERED]])
def test_advice_is_declined(history: list[Event]) -> None:
    given(ADVICE, history).when(decline()).then([DECLINED])


def test_advice_is_not_declined_twice_without_a_new_offer() -> None:
    given(ADVICE, [OPENED, DECLINED]).when(decline()).refused("advice-already-declined")


def test_what_has_started_is_ended_and_not_declined() -> None:
    given(ADVICE, [OPENED, STARTED]).when(decline()).refused("decline-after-start")


# Start.


@pytest.mark.parametrize("history", [[OPENED], [OPENED, OFFERED], [OPENED, DECLINED]])
def test_advice_starts_also_after_she_changed_her_mind(history: list[Event]) -> None:
    given(ADVICE, history).when(start()).then([STARTED])


def test_advice_starts_once() -> None:
    given(ADVICE, [OPENED, STARTED]).when(start()).refused("advice-already-started")


def test_advice_starts_on_the_last_day_of_the_window_but_not_after_it() -> None:
    given(ADVICE, [OPENED, WINDOW]).when(start(LAST_DAY)).then([STARTED.model_copy(update={"occurred_on": LAST_DAY})])
    given(ADVICE, [OPENED, WINDOW]).when(start(LAST_DAY + DAY)).refused("after-the-window")


# Meetings.


def test_a_meeting_before_any_start_is_refused() -> None:
    given(ADVICE, [OPENED, WINDOW]).when(meeting(MOVED_OUT_ON)).refused("advice-not-started")


@pytest.mark.parametrize("on", [STARTED_ON, STARTED_ON + DAY, LAST_DAY - DAY, LAST_DAY])
def test_a_meeting_from_the_start_to_the_last_day(on: date) -> None:
    given(ADVICE, [OPENED, STARTED, WINDOW]).when(meeting(on)).then([HELD.model_copy(update={"occurred_on": on})])


def test_a_meeting_dated_before_the_start_is_refused() -> None:
    given(ADVICE, [OPENED, STARTED]).when(meeting(STARTED_ON - DAY)).refused("before-start")


def test_a_meeting_dated_after_the_last_day_is_refused() -> None:
    given(ADVICE, [OPENED, STARTED, WINDOW]).when(meeting(LAST_DAY + DAY)).refused("after-the-window")


def test_an_extension_makes_room_for_meetings_to_its_own_last_day() -> None:
    history = [OPENED, STARTED, WINDOW, extended(LATEST)]
    given(ADVICE, history).when(meeting(LATEST)).then([HELD.model_copy(update={"occurred_on": LATEST})])
    given(ADVICE, history).when(meeting(LATEST + DAY)).refused("after-the-window")


def test_during_the_stay_there_is_no_last_day() -> None:
    given(ADVICE, [OPENED, STARTED]).when(meeting(LATEST)).then([HELD.model_copy(update={"occurred_on": LATEST})])


def test_the_same_meeting_is_recorded_once() -> None:
    given(ADVICE, [OPENED, STARTED, HELD]).when(meeting(MOVED_OUT_ON)).refused("meeting-already-recorded")


def test_a_meeting_may_be_recorded_after_the_end_but_not_held_after_it() -> None:
    history = [OPENED, STARTED, WINDOW, ended(MOVED_OUT_ON)]
    given(ADVICE, history).when(meeting(MOVED_OUT_ON)).then([HELD.model_copy(update={"occurred_on": MOVED_OUT_ON})])
    given(ADVICE, history).when(meeting(MOVED_OUT_ON + DAY)).refused("meeting-after-end")


# Handover.


def test_the_municipalitys_adviser_takes_over() -> None:
    given(ADVICE, [OPENED, STARTED, WINDOW]).when(hand_over()).then([handed_over(SHELTERS, MUNICIPALITYS)])


def test_a_handover_to_the_same_adviser_is_refused() -> None:
    given(ADVICE, [OPENED, STARTED]).when(hand_over(to_adviser=SHELTERS)).refused("handover-to-same-adviser")


def test_a_handover_to_a_municipality_that_does_not_owe_it_is_refused() -> None:
    given(ADVICE, [OPENED, STARTED]).when(hand_over(municipality=GENTOFTE)).refused("handover-to-other-municipality")
    given(ADVICE, [OPENED, STARTED, TRANSFERRED]).when(hand_over()).refused("handover-to-other-municipality")


def test_a_second_handover_comes_from_the_adviser_who_has_the_advice() -> None:
    history = [OPENED, STARTED, handed_over(SHELTERS, MUNICIPALITYS)]
    given(ADVICE, history).when(hand_over(MUNICIPALITYS, THIRD)).then([handed_over(MUNICIPALITYS, THIRD)])
    given(ADVICE, history).when(hand_over(SHELTERS, THIRD)).refused("handover-from-other-adviser")


def test_what_has_not_started_is_not_handed_over() -> None:
    given(ADVICE, [OPENED]).when(hand_over()).refused("advice-not-started")


def test_a_handover_from_the_start_to_the_last_day() -> None:
    history = [OPENED, STARTED, WINDOW]
    given(ADVICE, history).when(hand_over(on=STARTED_ON - DAY)).refused("before-start")
    for on in (STARTED_ON, LAST_DAY):
        expected = handed_over(SHELTERS, MUNICIPALITYS).model_copy(update={"occurred_on": on})
        given(ADVICE, history).when(hand_over(on=on)).then([expected])
    given(ADVICE, history).when(hand_over(on=LAST_DAY + DAY)).refused("after-the-window")


# Extension.


def test_there_is_nothing_to_extend_before_she_moved_out() -> None:
    given(ADVICE, [OPENED, STARTED]).when(extend(LAST_DAY)).refused("extension-without-window")


@pytest.mark.parametrize("until", [LAST_DAY - DAY, LAST_DAY])
def test_an_extension_to_no_later_day_is_refused(until: date) -> None:
    given(ADVICE, [OPENED, WINDOW]).when(extend(until)).refused("extension-not-later")


@pytest.mark.parametrize("until", [LAST_DAY + DAY, LATEST - DAY, LATEST])
def test_an_extension_to_at_most_12_months_after_move_out(until: date) -> None:
    given(ADVICE, [OPENED, WINDOW]).when(extend(until)).then([extended(until)])


def test_an_extension_beyond_12_months_is_refused() -> None:
    given(ADVICE, [OPENED, WINDOW]).when(extend(LATEST + DAY)).refused("extension-beyond-12-months")


def test_a_second_extension_starts_from_the_first() -> None:
    history = [OPENED, WINDOW, extended(LATEST - DAY)]
    given(ADVICE, history).when(extend(LATEST - DAY)).refused("extension-not-later")
    given(ADVICE, history).when(extend(LATEST)).then([extended(LATEST)])


@pytest.mark.parametrize(
    ("moved_out_on", "latest"),
    [
        (date(2024, 2, 28), date(2025, 2, 28)),
        (date(2024, 2, 29), date(2025, 2, 28)),
        (date(2024, 3, 1), date(2025, 3, 1)),
        (date(2023, 2, 28), date(2024, 2, 28)),
        (date(2023, 3, 1), date(2024, 3, 1)),
    ],
)
def test_12_months_around_the_leap_day(moved_out_on: date, latest: date) -> None:
    window = AdviceWindowOpened(
        stay_id=STAY, occurred_on=moved_out_on, moved_out_on=moved_out_on, until=months_after(moved_out_on, 6)
    )
    assert latest_extension(moved_out_on) == latest
    given(ADVICE, [OPENED, window]).when(extend(latest)).then([extended(latest)])
    given(ADVICE, [OPENED, window]).when(extend(latest + DAY)).refused("extension-beyond-12-months")


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 8, 31), 6, date(2025, 2, 28)),
        (date(2024, 6, 30), 6, date(2024, 12, 30)),
        (date(2024, 12, 31), 6, date(2025, 6, 30)),
        (date(2024, 11, 15), 1, date(2024, 12, 15)),
        (date(2024, 12, 15), 1, date(2025, 1, 15)),
    ],
)
def test_months_end_on_the_same_day_or_the_months_last(day: date, months: int, expected: date) -> None:
    assert months_after(day, months) == expected


# End.


@pytest.mark.parametrize("on", [STARTED_ON, LAST_DAY - DAY, LAST_DAY])
def test_advice_ends_from_its_start_to_its_last_day(on: date) -> None:
    given(ADVICE, [OPENED, STARTED, WINDOW]).when(end(on)).then([ended(on)])


def test_advice_does_not_end_before_it_started_or_after_its_last_day() -> None:
    given(ADVICE, [OPENED, STARTED, WINDOW]).when(end(STARTED_ON - DAY)).refused("before-start")
    given(ADVICE, [OPENED, STARTED, WINDOW]).when(end(LAST_DAY + DAY)).refused("after-the-window")


def test_what_has_not_started_does_not_end() -> None:
    given(ADVICE, [OPENED, WINDOW]).when(end(MOVED_OUT_ON)).refused("advice-not-started")


def test_advice_ends_once() -> None:
    given(ADVICE, [OPENED, STARTED, ended(MOVED_OUT_ON)]).when(end(MOVED_OUT_ON)).refused("advice-ended")


def test_it_ends_by_its_last_day_on_that_day_only() -> None:
    history = [OPENED, STARTED, WINDOW]
    given(ADVICE, history).when(end(LAST_DAY - DAY, "last-day")).refused("not-the-last-day")
    given(ADVICE, [OPENED, STARTED]).when(end(LAST_DAY, "last-day")).refused("not-the-last-day")
    given(ADVICE, history).when(end(LAST_DAY, "last-day")).then(
        [AdviceEnded(stay_id=STAY, occurred_on=LAST_DAY, because="last-day")]
    )


# After the move-out Odense advises its own citizens only (Odense 2.5).

OWN_CITIZENS = WINDOW.model_copy(update={"shelter_advises": "own-citizens"})
THE_DAY_AFTER = MOVED_OUT_ON + DAY


def given_on(on: date, by: AdviceBy = "shelter") -> AdviceGiven:
    return AdviceGiven(stay_id=STAY, occurred_on=on, meeting_id=MEETING, minutes=45, by=by)


def test_the_obligation_says_whom_the_shelter_may_advise_after_the_move_out() -> None:
    given(ADVICE, [OPENED]).when(replace(open_window(), shelter_advises="own-citizens")).then([OWN_CITIZENS])


def test_a_window_that_only_moves_keeps_whom_the_shelter_may_advise() -> None:
    moved = OWN_CITIZENS.model_copy(update={"moved_out_on": THE_DAY_AFTER, "until": LAST_DAY + DAY})
    given(ADVICE, [OPENED, OWN_CITIZENS]).when(open_window(THE_DAY_AFTER, LAST_DAY + DAY)).then([moved])


@pytest.mark.parametrize("on", [MOVED_OUT_ON - DAY, MOVED_OUT_ON])
def test_until_the_move_out_the_shelter_advises_citizens_of_others(on: date) -> None:
    given(ADVICE, [OPENED, STARTED, OWN_CITIZENS]).when(meeting(on, "shelter", GENTOFTE)).then([given_on(on)])


@pytest.mark.parametrize(("days", "is_given"), [(-1, False), (0, False), (1, True)])
def test_whom_the_shelter_advises_follows_the_right_day_and_what_was_given_before_stands(days: int, is_given: bool) -> None:
    right = MOVED_OUT_ON + days * DAY
    moved = OWN_CITIZENS.model_copy(update={"moved_out_on": right, "until": LAST_DAY + days * DAY})
    case = given(ADVICE, [OPENED, STARTED, OWN_CITIZENS, moved]).when(meeting(THE_DAY_AFTER, "shelter", GENTOFTE))
    if is_given:
        case.then([given_on(THE_DAY_AFTER)])
    else:
        case.refused("after-move-out-the-municipality-advises")


@pytest.mark.parametrize("shelter_municipality", [GENTOFTE, None])
def test_after_it_the_shelter_does_not(shelter_municipality: str | None) -> None:
    held = meeting(THE_DAY_AFTER, "shelter", shelter_municipality)
    given(ADVICE, [OPENED, STARTED, OWN_CITIZENS]).when(held).refused("after-move-out-the-municipality-advises")
    late = replace(start(THE_DAY_AFTER), shelter_municipality=shelter_municipality)
    given(ADVICE, [OPENED, OWN_CITIZENS]).when(late).refused("after-move-out-the-municipality-advises")


@pytest.mark.parametrize(
    ("window", "by", "shelter_municipality"),
    [(OWN_CITIZENS, "shelter", ODENSE), (OWN_CITIZENS, "municipality", GENTOFTE), (WINDOW, "shelter", GENTOFTE)],
)
def test_after_it_the_shelter_advises_its_own_citizens_and_the_municipality_the_others(
    window: Event, by: AdviceBy, shelter_municipality: str
) -> None:
    history = [OPENED, STARTED, window]
    given(ADVICE, history).when(meeting(THE_DAY_AFTER, by, shelter_municipality)).then([given_on(THE_DAY_AFTER, by)])


def test_her_home_municipality_on_the_day_of_the_meeting_counts() -> None:
    moved_on = MOVED_OUT_ON + 10 * DAY
    moved = AdviceTransferred(stay_id=STAY, occurred_on=moved_on, municipality=GENTOFTE)
    history = [OPENED, STARTED, OWN_CITIZENS, moved]
    given(ADVICE, history).when(meeting(moved_on - DAY, "shelter", ODENSE)).then([given_on(moved_on - DAY)])
    for on in (moved_on, moved_on + DAY):
        given(ADVICE, history).when(meeting(on, "shelter", ODENSE)).refused("after-move-out-the-municipality-advises")
        given(ADVICE, history).when(meeting(on, "shelter", GENTOFTE)).then([given_on(on)])


# Critical Time Intervention

CTI = STARTED.model_copy(update={"variant": "cti"})


def test_the_phases_begin_in_their_order() -> None:
    history: list[Event] = [OPENED, CTI]
    for name in PHASES:
        given(ADVICE, history).when(phase(name)).then([began(name)])
        history.append(began(name))
    given(ADVICE, history).when(phase("transfer")).refused("phases-in-order")


@pytest.mark.parametrize(
    ("so_far", "name"), [((), "transition"), (("pre",), "pre"), (("pre",), "try-out"), (("pre", "transition"), "pre")]
)
def test_no_phase_is_left_out_or_begins_again(so_far: tuple[AdvicePhase, ...], name: AdvicePhase) -> None:
    given(ADVICE, [OPENED, CTI, *map(began, so_far)]).when(phase(name)).refused("phases-in-order")


def test_a_phase_does_not_begin_before_the_one_before_it() -> None:
    history = [OPENED, CTI, began("pre")]
    given(ADVICE, history).when(phase("transition", MOVED_OUT_ON - DAY)).refused("phase-before-the-last-one")
    given(ADVICE, history).when(phase("transition", THE_DAY_AFTER)).then([began("transition", THE_DAY_AFTER)])


def test_only_critical_time_intervention_has_phases() -> None:
    given(ADVICE, [OPENED, STARTED]).when(phase("pre")).refused("not-cti")


def test_a_phase_begins_while_the_advice_lasts() -> None:
    given(ADVICE, [OPENED, CTI]).when(phase("pre", STARTED_ON - DAY)).refused("before-start")
    given(ADVICE, [OPENED, CTI, WINDOW]).when(phase("pre", LAST_DAY + DAY)).refused("after-the-window")
    given(ADVICE, [OPENED, CTI, ended(MOVED_OUT_ON)]).when(phase("pre")).refused("advice-ended")


# Who advises her.


def test_the_owing_municipality_names_an_adviser_and_may_name_another() -> None:
    opened = AdviceOpened(stay_id=STAY, occurred_on=MOVED_OUT_ON, municipality=ODENSE)
    given(ADVICE, [opened]).when(name(SHELTERS)).then([named(SHELTERS)])
    given(ADVICE, [opened, named(SHELTERS)]).when(name(MUNICIPALITYS)).then([named(MUNICIPALITYS)])
    given(ADVICE, [opened, named(SHELTERS)]).when(name(SHELTERS)).refused("adviser-already-named")
    given(ADVICE, [opened]).when(name(SHELTERS, asked_by="0751")).refused("advice-not-open")
    given(ADVICE).when(name(SHELTERS)).refused("advice-not-open")


def test_nobody_is_named_for_advice_that_has_ended() -> None:
    ended = AdviceEnded(stay_id=STAY, occurred_on=MOVED_OUT_ON, because="other")
    opened = AdviceOpened(stay_id=STAY, occurred_on=MOVED_OUT_ON, municipality=ODENSE)
    given(ADVICE, [opened, ended]).when(name(SHELTERS)).refused("advice-ended")


# Taking over from another municipality.


@pytest.mark.parametrize("on", [STARTED_ON, STARTED_ON + DAY])
def test_a_municipality_takes_over_on_the_day_it_owes_the_rest_or_later(on: date) -> None:
    given(ADVICE, [OPENED, TRANSFERRED]).when(take_over(on)).then([taken_over(on)])


def test_nobody_takes_over_before_the_day_it_owes_the_rest() -> None:
    given(ADVICE, [OPENED, TRANSFERRED]).when(take_over(STARTED_ON - DAY)).refused("before-the-transfer")


def test_what_no_other_municipality_owed_is_not_taken_over() -> None:
    given(ADVICE, [OPENED]).when(take_over(asked_by=ODENSE)).refused("nothing-to-take-over")


@pytest.mark.parametrize("asked_by", [ODENSE, "0101"])
def test_a_former_municipality_and_a_stranger_take_over_nothing(asked_by: str) -> None:
    given(ADVICE, [OPENED, TRANSFERRED]).when(take_over(asked_by=asked_by)).refused("advice-not-open")


def test_it_is_taken_over_once_for_each_change_of_home() -> None:
    back = AdviceTransferred(stay_id=STAY, occurred_on=MOVED_OUT_ON, municipality=ODENSE)
    given(ADVICE, [OPENED, TRANSFERRED, taken_over()]).when(take_over()).refused("already-taken-over")
    returned = AdviceTakenOver(
        stay_id=STAY,
        occurred_on=MOVED_OUT_ON,
        from_municipality=GENTOFTE,
        municipality=ODENSE,
        adviser_id=MUNICIPALITYS,
        by="meeting",
    )
    given(ADVICE, [OPENED, TRANSFERRED, taken_over(), back]).when(take_over(MOVED_OUT_ON, asked_by=ODENSE)).then([returned])


def test_advice_that_is_over_is_taken_over_no_more() -> None:
    moved_on = AdviceTransferred(stay_id=STAY, occurred_on=MOVED_OUT_ON, municipality=GENTOFTE)
    history = [OPENED, STARTED, WINDOW, moved_on]
    given(ADVICE, history).when(take_over(LAST_DAY)).then([taken_over(LAST_DAY)])
    given(ADVICE, history).when(take_over(LAST_DAY + DAY)).refused("after-the-window")
    given(ADVICE, [*history, ended(LAST_DAY)]).when(take_over(LAST_DAY)).refused("advice-ended")


def test_whoever_takes_over_advises_her_from_then_on() -> None:
    history = [OPENED, named(SHELTERS), TRANSFERRED]
    assert ADVICE.fold(history).adviser_id == SHELTERS
    assert ADVICE.fold([*history, taken_over()]).adviser_id == MUNICIPALITYS


OF_EARLY_DAYS: list[Report] = [
    GiveInitialAdvice(stay_id=STAY, occurred_on=OPENED_ON, by="shelter"),
    OfferAdvice(stay_id=STAY, occurred_on=OPENED_ON),
    DeclineAdvice(stay_id=STAY, occurred_on=OPENED_ON, reason="does-not-want"),
    StartAdvice(stay_id=STAY, occurred_on=OPENED_ON, variant="ordinary", by="shelter", shelter_municipality=None),
]


@pytest.mark.parametrize("report", OF_EARLY_DAYS, ids=lambda report: type(report).__name__)
def test_what_is_reported_happened_from_the_admission_on(report: Report) -> None:
    assert ADVICE.decide(replace(report, admitted_on=OPENED_ON), ADVICE.fold([OPENED]))
    assert ADVICE.decide(replace(report, admitted_on=OPENED_ON - DAY), ADVICE.fold([OPENED]))
    given(ADVICE, [OPENED]).when(replace(report, admitted_on=OPENED_ON + DAY)).refused("before-admission")


def test_a_stay_of_another_municipality_betrays_no_day_of_admission() -> None:
    report = OfferAdvice(stay_id=STAY, occurred_on=OPENED_ON, admitted_on=OPENED_ON + DAY, asked_by=GENTOFTE)
    given(ADVICE, [OPENED]).when(report).refused("advice-not-open")

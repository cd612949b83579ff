"""Opening, window, transfer and close come from the orchestrator and are never refused."""

from datetime import date

import pytest

from coordinating_advice.domain.advice.commands import (
    CloseAdvice,
    ExtendWindow,
    FollowHome,
    GiveInitialAdvice,
    OpenAdvice,
    OpenWindow,
    ReopenAdvice,
    TransferAdvice,
)
from coordinating_advice.domain.advice.decider import ADVICE
from havn_chassis.testing import given
from havn_events.coordinating_advice import (
    AdviceEnded,
    AdviceExtended,
    AdviceOpened,
    AdviceStarted,
    AdviceTransferred,
    AdviceWindowOpened,
    InitialAdviceGiven,
)
from havn_events.event import Event
from tests.unit.coordinating_advice.advice import (
    CLOSED,
    DAY,
    GENTOFTE,
    GONE_ON,
    LAST_DAY,
    LATEST,
    MOVED_OUT_ON,
    ODENSE,
    OPENED,
    OPENED_ON,
    REOPENED,
    STARTED_ON,
    STAY,
    TRANSFERRED,
    WINDOW,
    extended,
    initial,
    open_window,
)


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

"""The move-out: planned, done, and corrected, and what can only happen before it."""

from collections.abc import Sequence
from datetime import date

import pytest

from havn_chassis.testing import given
from havn_events.codes import StayEnd
from havn_events.event import Event
from havn_events.intake import (
    ActionPlanRequested,
    AdmissionCorrected,
    ContactPersonAssigned,
    HomeMunicipalityChanged,
    MoveOutCancelled,
    MoveOutCorrected,
    MoveOutPlanned,
    MoveOutRescheduled,
    NeedsClarified,
    PlanReviewed,
    RiskAssessed,
    StayPlanAgreed,
    WomanMovedOut,
)
from intake.domain.stay.commands import (
    AgreeStayPlan,
    AssignContactPerson,
    CancelMoveOut,
    ClarifyNeeds,
    CorrectAdmission,
    CorrectMoveOut,
    MoveOut,
    PlanMoveOut,
    Report,
    RequestActionPlan,
    RescheduleMoveOut,
    ReviewPlan,
)
from intake.domain.stay.decider import STAY
from tests.unit.intake.stay import (
    ADMISSION_DAY,
    ADMITTED,
    ANNULLED,
    MOVE_OUT_DAY,
    MOVED_OUT,
    OTHER_SHELTER,
    SECOND_CHILD,
    SHELTER,
    STAY_ID,
    STAY_PLAN,
    WOMAN,
    arrived,
    child_left,
    may,
    measured,
    planned,
    receive_child,
)


def move_out_corrected(to: date, days: int) -> MoveOutCorrected:
    return MoveOutCorrected(occurred_on=may(30), stay_id=STAY_ID, moved_out_on=to, stay_days=days)


@pytest.mark.parametrize(("to", "days"), [(ADMISSION_DAY, 0), (may(25), 19), (may(27), 21), (may(30), 24)])
def test_the_day_of_the_move_out_is_corrected_and_with_it_the_length_of_the_stay(to: date, days: int) -> None:
    given(STAY, [ADMITTED, MOVED_OUT]).when(CorrectMoveOut(SHELTER, may(30), to)).then([move_out_corrected(to, days)])


@pytest.mark.parametrize(
    ("to", "code"),
    [
        (may(5), "moved-out-before-admission"),
        (MOVE_OUT_DAY, "move-out-unchanged"),
        (may(31), "moved-out-after-the-correction"),
    ],
)
def test_a_move_out_is_not_corrected_to_a_day_on_which_it_cannot_have_been(to: date, code: str) -> None:
    given(STAY, [ADMITTED, MOVED_OUT]).when(CorrectMoveOut(SHELTER, may(30), to)).refused(code)


def test_a_move_out_that_was_not_reported_is_not_corrected() -> None:
    given(STAY, [ADMITTED]).when(CorrectMoveOut(SHELTER, may(30), may(25))).refused("no-move-out")
    given(STAY, [ADMITTED, MOVED_OUT, ANNULLED]).when(CorrectMoveOut(SHELTER, may(30), may(25))).refused("stay-annulled")
    given(STAY, [ADMITTED, MOVED_OUT]).when(CorrectMoveOut(OTHER_SHELTER, may(30), may(25))).refused("unknown-stay")


def test_the_move_out_is_not_moved_before_a_childs_arrival() -> None:
    past = [ADMITTED, arrived(may(20)), arrived(may(8), SECOND_CHILD), MOVED_OUT]
    given(STAY, past).when(CorrectMoveOut(SHELTER, may(30), may(19))).refused("move-out-before-a-child")
    given(STAY, past).when(CorrectMoveOut(SHELTER, may(30), may(20))).then([move_out_corrected(may(20), 14)])


@pytest.mark.parametrize(
    "within",
    [
        ContactPersonAssigned(occurred_on=may(20), stay_id=STAY_ID, person_id=WOMAN, role="primary", profession="pedagogue"),
        NeedsClarified(occurred_on=may(20), stay_id=STAY_ID),
        StayPlanAgreed(occurred_on=may(20), stay_id=STAY_ID),
        PlanReviewed(occurred_on=may(20), stay_id=STAY_ID, plan="stay-plan"),
        ActionPlanRequested(occurred_on=may(20), stay_id=STAY_ID),
        measured("midway", may(20)),
        MoveOutPlanned(occurred_on=may(20), stay_id=STAY_ID, planned_for=may(26)),
        MoveOutRescheduled(occurred_on=may(20), stay_id=STAY_ID, planned_for=may(26)),
        MoveOutCancelled(occurred_on=may(20), stay_id=STAY_ID),
    ],
)
def test_the_move_out_is_not_moved_before_what_happens_only_during_a_stay(within: Event) -> None:
    for past in ([ADMITTED, within, MOVED_OUT], [ADMITTED, MOVED_OUT, within]):
        earlier = NeedsClarified(occurred_on=may(10), stay_id=STAY_ID)
        given(STAY, [*past, earlier]).when(CorrectMoveOut(SHELTER, may(30), may(19))).refused("move-out-before-what-happened")
        given(STAY, [*past, earlier]).when(CorrectMoveOut(SHELTER, may(30), may(20))).then([move_out_corrected(may(20), 14)])


@pytest.mark.parametrize(
    "after",
    [
        child_left(may(28)),
        measured("move-out", may(28)),
        RiskAssessed(occurred_on=may(28), stay_id=STAY_ID, person_id=WOMAN, level="high"),
        PlanReviewed(occurred_on=may(28), stay_id=STAY_ID, plan="action-plan"),
        HomeMunicipalityChanged(occurred_on=may(28), stay_id=STAY_ID, home_municipality="0751"),
    ],
)
def test_what_can_happen_after_a_stay_does_not_hold_its_end_back(after: Event) -> None:
    past = [ADMITTED, arrived(may(8)), MOVED_OUT, after]
    given(STAY, past).when(CorrectMoveOut(SHELTER, may(30), may(25))).then([move_out_corrected(may(25), 19)])


def test_a_move_out_recorded_before_what_happened_during_the_stay_is_moved_towards_it() -> None:
    planned_later = StayPlanAgreed(occurred_on=may(28), stay_id=STAY_ID)
    past = [ADMITTED, planned_later, MOVED_OUT]
    given(STAY, past).when(CorrectMoveOut(SHELTER, may(30), may(27))).then([move_out_corrected(may(27), 21)])
    given(STAY, past).when(CorrectMoveOut(SHELTER, may(30), may(25))).refused("move-out-before-what-happened")


def test_after_a_corrected_move_out_the_right_day_counts() -> None:
    past = [ADMITTED, MOVED_OUT, move_out_corrected(may(28), 22)]
    given(STAY, past).when(ClarifyNeeds(SHELTER, may(29))).refused("after-move-out")
    given(STAY, past).when(ClarifyNeeds(SHELTER, may(28))).then([NeedsClarified(occurred_on=may(28), stay_id=STAY_ID)])
    given(STAY, past).when(MoveOut(SHELTER, may(29), "family")).refused("already-moved-out")
    given(STAY, past).when(CorrectAdmission(SHELTER, may(30), may(29))).refused("admitted-after-move-out")
    given(STAY, past).when(CorrectMoveOut(SHELTER, may(30), MOVE_OUT_DAY)).then([move_out_corrected(MOVE_OUT_DAY, 20)])


def test_the_length_is_counted_from_the_corrected_admission() -> None:
    admission = AdmissionCorrected(occurred_on=may(30), stay_id=STAY_ID, admitted_on=may(2))
    given(STAY, [ADMITTED, MOVED_OUT, admission]).when(CorrectMoveOut(SHELTER, may(30), may(27))).then(
        [move_out_corrected(may(27), 25)]
    )


CANCELLED = MoveOutCancelled(occurred_on=may(12), stay_id=STAY_ID)


@pytest.mark.parametrize("planned_for", [may(10), may(11)])
def test_a_move_out_is_planned_for_the_day_or_later(planned_for: date) -> None:
    given(STAY, [ADMITTED]).when(PlanMoveOut(SHELTER, may(10), planned_for)).then([planned(may(10), planned_for)])


def test_a_move_out_is_not_planned_for_the_past() -> None:
    given(STAY, [ADMITTED]).when(PlanMoveOut(SHELTER, may(10), may(9))).refused("planned-for-the-past")
    given(STAY, [ADMITTED, planned(may(8))]).when(RescheduleMoveOut(SHELTER, may(10), may(9))).refused("planned-for-the-past")


def test_one_move_out_is_planned_at_a_time() -> None:
    given(STAY, [ADMITTED, planned(may(10))]).when(PlanMoveOut(SHELTER, may(11), may(20))).refused("move-out-already-planned")
    given(STAY, [ADMITTED, planned(may(10)), CANCELLED]).when(PlanMoveOut(SHELTER, may(12), may(20))).then([planned(may(12))])


def test_a_planned_move_out_is_rescheduled() -> None:
    given(STAY, [ADMITTED, planned(may(10))]).when(RescheduleMoveOut(SHELTER, may(10), may(10))).then(
        [MoveOutRescheduled(occurred_on=may(10), stay_id=STAY_ID, planned_for=may(10))]
    )


def test_a_planned_move_out_is_cancelled() -> None:
    given(STAY, [ADMITTED, planned(may(10))]).when(CancelMoveOut(SHELTER, may(12))).then([CANCELLED])


@pytest.mark.parametrize("past", [[ADMITTED], [ADMITTED, planned(may(10)), CANCELLED]])
@pytest.mark.parametrize("command", [RescheduleMoveOut(SHELTER, may(13), may(14)), CancelMoveOut(SHELTER, may(13))])
def test_without_a_plan_there_is_none_to_change(past: Sequence[Event], command: Report) -> None:
    given(STAY, past).when(command).refused("no-move-out-planned")


@pytest.mark.parametrize(
    ("past", "command"),
    [
        ([planned(may(10))], RescheduleMoveOut(SHELTER, may(9), may(14))),
        ([planned(may(10))], CancelMoveOut(SHELTER, may(9))),
        ([planned(may(10)), CANCELLED], PlanMoveOut(SHELTER, may(11), may(14))),
        (
            [planned(may(10)), MoveOutRescheduled(occurred_on=may(14), stay_id=STAY_ID, planned_for=may(20))],
            CancelMoveOut(SHELTER, may(13)),
        ),
    ],
)
def test_changes_of_the_move_out_plan_come_in_order(past: list[Event], command: Report) -> None:
    given(STAY, [ADMITTED, *past]).when(command).refused("move-out-plans-out-of-order")


@pytest.mark.parametrize(("on", "days"), [(ADMISSION_DAY, 0), (may(7), 1), (may(26), 20)])
def test_she_moves_out_after_so_many_days(on: date, days: int) -> None:
    given(STAY, [ADMITTED]).when(MoveOut(SHELTER, on, "new-home")).then(
        [WomanMovedOut(occurred_on=on, stay_id=STAY_ID, destination="new-home", planned=False, stay_days=days)]
    )


@pytest.mark.parametrize(
    ("past", "is_planned"),
    [
        ([planned(may(25))], True),
        ([planned(may(26))], True),
        ([planned(may(27), may(28))], False),
        ([planned(may(10)), CANCELLED], False),
        ([planned(may(10)), MoveOutRescheduled(occurred_on=may(14), stay_id=STAY_ID, planned_for=may(30))], True),
    ],
)
def test_a_move_out_is_planned_when_a_plan_was_in_force_that_day(past: list[Event], is_planned: bool) -> None:
    given(STAY, [ADMITTED, *past]).when(MoveOut(SHELTER, MOVE_OUT_DAY, "family")).then(
        [MOVED_OUT.model_copy(update={"planned": is_planned})]
    )


def test_she_moves_out_once() -> None:
    given(STAY, [ADMITTED, MOVED_OUT]).when(MoveOut(SHELTER, may(27), "family")).refused("already-moved-out")


def test_she_does_not_move_out_before_a_child_arrived() -> None:
    past = [ADMITTED, arrived(may(8)), arrived(may(20), SECOND_CHILD)]
    given(STAY, past).when(MoveOut(SHELTER, may(19), "family")).refused("move-out-before-a-child")
    given(STAY, past).when(MoveOut(SHELTER, may(20), "family")).then(
        [WomanMovedOut(occurred_on=may(20), stay_id=STAY_ID, destination="family", planned=False, stay_days=14)]
    )


def during_the_stay(on: date) -> list[tuple[list[Event], Report]]:
    return [
        ([], receive_child(on)),
        ([], AssignContactPerson(SHELTER, on, WOMAN, "primary", "pedagogue")),
        ([], ClarifyNeeds(SHELTER, on)),
        ([], AgreeStayPlan(SHELTER, on)),
        ([], RequestActionPlan(SHELTER, on)),
        ([STAY_PLAN], ReviewPlan(SHELTER, on, "stay-plan")),
        ([], PlanMoveOut(SHELTER, on, may(30))),
        ([planned(may(8))], RescheduleMoveOut(SHELTER, on, may(30))),
        ([planned(may(8))], CancelMoveOut(SHELTER, on)),
    ]


@pytest.mark.parametrize(("past", "report"), during_the_stay(may(27)))
def test_what_belongs_to_the_stay_does_not_happen_after_it(past: list[Event], report: Report) -> None:
    given(STAY, [ADMITTED, *past, MOVED_OUT]).when(report).refused("after-move-out")


@pytest.mark.parametrize(("past", "report"), [*during_the_stay(may(25)), *during_the_stay(may(26))])
def test_what_happened_during_the_stay_may_be_recorded_after_it(past: list[Event], report: Report) -> None:
    outcome = given(STAY, [ADMITTED, *past, MOVED_OUT]).when(report)
    assert outcome.refusal is None
    assert outcome.events is not None
    assert [event.occurred_on for event in outcome.events] == [report.occurred_on]


@pytest.mark.parametrize("because", ["moved-out", "left-unplanned", "expelled", "not-in-target-group"])
def test_it_is_known_how_a_stay_ended(because: StayEnd) -> None:
    given(STAY, [ADMITTED]).when(MoveOut(SHELTER, MOVE_OUT_DAY, "family", because)).then(
        [MOVED_OUT.model_copy(update={"ended_because": because})]
    )

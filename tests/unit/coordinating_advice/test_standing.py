"""What holds for every report: when advice is open, for whom, and from which day."""

from dataclasses import replace

import pytest

from coordinating_advice.domain.advice.commands import (
    Command,
    DeclineAdvice,
    GiveAdvice,
    GiveInitialAdvice,
    OfferAdvice,
    Report,
    StartAdvice,
)
from coordinating_advice.domain.advice.decider import ADVICE
from coordinating_advice.domain.advice.state import Advice
from havn_chassis.decider import Refused
from havn_chassis.testing import given
from havn_events.coordinating_advice import InitialAdviceGiven
from tests.unit.coordinating_advice.advice import (
    CLOSED,
    DAY,
    GENTOFTE,
    MOVED_OUT_ON,
    ODENSE,
    OPENED,
    OPENED_ON,
    REPORTS,
    STARTED,
    STAY,
    TRANSFERRED,
    WINDOW,
    ended,
    initial,
)


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

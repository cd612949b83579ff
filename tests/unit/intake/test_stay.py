"""Whose stay it is, whether there is one, and when it is annulled."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from havn_chassis.decider import Refused
from havn_chassis.testing import given
from havn_events.event import Event
from havn_events.intake import NeedsClarified
from intake.domain.stay.commands import AnnulStay, ClarifyNeeds, Report
from intake.domain.stay.decider import STAY
from tests.unit.intake.stay import (
    ADMISSION_DAY,
    ADMITTED,
    ANNULLED,
    MOVED_OUT,
    OTHER_SHELTER,
    SHELTER,
    STAY_ID,
    every_report,
    kind_of,
    may,
)


@pytest.mark.parametrize("report", every_report(may(8)), ids=kind_of)
def test_nothing_is_reported_about_an_unknown_stay(report: Report) -> None:
    outcome = given(STAY).when(report)
    outcome.refused("unknown-stay")
    assert isinstance(outcome.refusal, Refused)
    assert outcome.refusal.kind == "absent"


@pytest.mark.parametrize("report", every_report(may(8)), ids=kind_of)
@pytest.mark.parametrize("past", [[ADMITTED], [ADMITTED, ANNULLED]], ids=["open", "annulled"])
def test_another_shelters_stay_looks_unknown(report: Report, past: Sequence[Event]) -> None:
    foreign = replace(report, shelter_id=OTHER_SHELTER)
    unknown, other = given(STAY).when(foreign).refusal, given(STAY, past).when(foreign).refusal
    assert isinstance(unknown, Refused)
    assert isinstance(other, Refused)
    assert (unknown.rule, unknown.detail, unknown.field, unknown.kind) == (
        other.rule,
        other.detail,
        other.field,
        other.kind,
    )


@pytest.mark.parametrize("report", every_report(may(8)), ids=kind_of)
def test_nothing_is_reported_about_an_annulled_stay(report: Report) -> None:
    given(STAY, [ADMITTED, ANNULLED]).when(report).refused("stay-annulled")


@pytest.mark.parametrize("report", every_report(may(5)), ids=kind_of)
def test_nothing_happens_before_the_admission(report: Report) -> None:
    given(STAY, [ADMITTED]).when(report).refused("before-admission")


@pytest.mark.parametrize("on", [ADMISSION_DAY, may(7)])
def test_what_happens_from_the_day_of_admission_on_is_recorded(on: date) -> None:
    given(STAY, [ADMITTED]).when(ClarifyNeeds(SHELTER, on)).then([NeedsClarified(occurred_on=on, stay_id=STAY_ID)])


@pytest.mark.parametrize("past", [[ADMITTED], [ADMITTED, MOVED_OUT]])
def test_a_stay_is_annulled(past: Sequence[Event]) -> None:
    given(STAY, past).when(AnnulStay(SHELTER, may(7), "duplicate")).then([ANNULLED])

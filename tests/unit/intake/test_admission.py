"""She moves in, identified or anonymous, and the right day of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from havn_chassis.decider import Refused
from havn_chassis.testing import given
from havn_events.event import Event
from havn_events.intake import AdmissionCorrected, HomeMunicipalityChanged, WomanMovedOut
from intake.domain.stay.commands import ChangeHomeMunicipality, CorrectAdmission, MoveOut
from intake.domain.stay.decider import STAY
from tests.unit.intake.stay import (
    ADMISSION_DAY,
    ADMIT,
    ADMITTED,
    ANNULLED,
    ANONYMOUS,
    INQUIRY_ID,
    MOVED_OUT,
    NOBODY,
    SECOND_CHILD,
    SHELTER,
    STAY_ID,
    arrived,
    may,
)


def test_she_is_admitted() -> None:
    given(STAY).when(ADMIT).then([ADMITTED])


def test_she_is_admitted_anonymously() -> None:
    given(STAY).when(replace(ADMIT, anonymous=True, identified=False)).then([ANONYMOUS])


def test_an_anonymous_admission_carries_no_identity() -> None:
    given(STAY).when(replace(ADMIT, anonymous=True)).refused("anonymous-means-no-identity")


NAMED_TO_HER_MUNICIPALITY = ANONYMOUS.model_copy(update={"named_to_home_municipality": True})


@pytest.mark.parametrize("identified", [True, False])
def test_where_she_cannot_be_anonymous_to_her_home_municipality_it_alone_learns_who_she_is(identified: bool) -> None:
    admit = replace(ADMIT, identified=identified, may_be_anonymous_to_home_municipality=False)
    agreed = replace(admit, anonymous=True, anonymous_to_home_municipality=False)
    given(STAY).when(agreed).then([NAMED_TO_HER_MUNICIPALITY])
    given(STAY).when(admit).then([ADMITTED])


@pytest.mark.parametrize("identified", [True, False])
def test_there_nobody_is_named_to_it_who_was_not_asked(identified: bool) -> None:
    admit = replace(ADMIT, anonymous=True, identified=identified, may_be_anonymous_to_home_municipality=False)
    outcome = given(STAY).when(admit)
    outcome.refused("home-municipality-not-answered")
    assert isinstance(outcome.refusal, Refused)
    assert (outcome.refusal.kind, outcome.refusal.field) == ("invalid", "anonymous_to_home_municipality")


def test_there_she_cannot_be_anonymous_to_it() -> None:
    admit = replace(ADMIT, anonymous=True, identified=False, anonymous_to_home_municipality=True)
    given(STAY).when(admit).then([ANONYMOUS])
    given(STAY).when(replace(admit, may_be_anonymous_to_home_municipality=False)).refused("home-municipality-learns-who-she-is")


def test_elsewhere_an_anonymous_woman_may_let_her_home_municipality_know() -> None:
    admit = replace(ADMIT, anonymous=True, anonymous_to_home_municipality=False)
    given(STAY).when(admit).then([NAMED_TO_HER_MUNICIPALITY])


def test_only_an_anonymous_woman_is_anonymous_to_her_home_municipality() -> None:
    given(STAY).when(replace(ADMIT, anonymous_to_home_municipality=True)).refused("identified-is-not-anonymous")


@pytest.mark.parametrize(("shelter_municipality", "own"), [("0461", True), ("0751", False), (None, False)])
def test_the_shelters_municipality_decides_whose_citizen_she_is(shelter_municipality: str | None, own: bool) -> None:
    given(STAY).when(replace(ADMIT, shelter_municipality=shelter_municipality)).then(
        [ADMITTED.model_copy(update={"shelter_municipality": shelter_municipality, "own_municipality": own})]
    )


def test_an_admission_follows_an_inquiry_of_the_shelter() -> None:
    given(STAY).when(replace(ADMIT, inquiry_id=INQUIRY_ID, inquiry_known=True)).then(
        [ADMITTED.model_copy(update={"inquiry_id": INQUIRY_ID})]
    )
    given(STAY).when(replace(ADMIT, inquiry_id=INQUIRY_ID)).refused("unknown-inquiry")


def test_a_stay_continues_another_one() -> None:
    given(STAY).when(replace(ADMIT, transferred_from=NOBODY)).then([ADMITTED.model_copy(update={"transferred_from": NOBODY})])
    given(STAY).when(replace(ADMIT, transferred_from=STAY_ID)).refused("transferred-from-itself")


@pytest.mark.parametrize("past", [[ADMITTED], [ADMITTED, MOVED_OUT], [ADMITTED, ANNULLED]])
def test_a_second_admission_of_the_same_stay_is_refused(past: Sequence[Event]) -> None:
    given(STAY, past).when(ADMIT).refused("already-admitted")


@pytest.mark.parametrize("admitted_on", [may(1), may(7), may(9)])
def test_the_day_of_admission_is_corrected(admitted_on: date) -> None:
    given(STAY, [ADMITTED]).when(CorrectAdmission(SHELTER, may(9), admitted_on)).then(
        [AdmissionCorrected(occurred_on=may(9), stay_id=STAY_ID, admitted_on=admitted_on)]
    )


def test_a_correction_to_the_same_day_is_refused() -> None:
    given(STAY, [ADMITTED]).when(CorrectAdmission(SHELTER, may(9), ADMISSION_DAY)).refused("admission-unchanged")


def test_a_correction_to_a_day_after_itself_is_refused() -> None:
    given(STAY, [ADMITTED]).when(CorrectAdmission(SHELTER, may(9), may(10))).refused("admitted-after-the-correction")


def test_the_admission_is_not_moved_past_a_childs_arrival() -> None:
    past = [ADMITTED, arrived(may(8)), arrived(may(20), SECOND_CHILD)]
    given(STAY, past).when(CorrectAdmission(SHELTER, may(25), may(9))).refused("admitted-after-a-child")
    given(STAY, past).when(CorrectAdmission(SHELTER, may(25), may(8))).then(
        [AdmissionCorrected(occurred_on=may(25), stay_id=STAY_ID, admitted_on=may(8))]
    )


def test_the_admission_is_not_moved_past_the_move_out() -> None:
    given(STAY, [ADMITTED, MOVED_OUT]).when(CorrectAdmission(SHELTER, may(30), may(27))).refused("admitted-after-move-out")
    given(STAY, [ADMITTED, MOVED_OUT]).when(CorrectAdmission(SHELTER, may(30), may(26))).then(
        [AdmissionCorrected(occurred_on=may(30), stay_id=STAY_ID, admitted_on=may(26))]
    )


def test_after_a_correction_the_right_day_counts() -> None:
    earlier = AdmissionCorrected(occurred_on=may(8), stay_id=STAY_ID, admitted_on=may(2))
    given(STAY, [ADMITTED, earlier]).when(ChangeHomeMunicipality(SHELTER, may(3), "0751")).then(
        [HomeMunicipalityChanged(occurred_on=may(3), stay_id=STAY_ID, home_municipality="0751")]
    )
    given(STAY, [ADMITTED, earlier]).when(MoveOut(SHELTER, may(10), "family")).then(
        [WomanMovedOut(occurred_on=may(10), stay_id=STAY_ID, destination="family", planned=False, stay_days=8)]
    )

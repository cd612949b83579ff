"""Another home municipality, and anonymity that is lifted or must yield."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from havn_chassis.testing import given
from havn_events.codes import OutweighingReason
from havn_events.event import Event
from havn_events.intake import AnonymityLifted, HomeMunicipalityChanged
from intake.domain.stay.commands import ChangeHomeMunicipality, LiftAnonymity, OutweighAnonymity
from intake.domain.stay.decider import STAY
from tests.unit.intake.stay import ADMITTED, ANONYMOUS, MOVED_OUT, SHELTER, STAY_ID, arrived, may, outweighed, receive_child


def home(on: date, code: str) -> HomeMunicipalityChanged:
    return HomeMunicipalityChanged(occurred_on=on, stay_id=STAY_ID, home_municipality=code)


@pytest.mark.parametrize("past", [[ADMITTED], [ADMITTED, MOVED_OUT]])
def test_she_moves_her_home_during_and_after_the_stay(past: Sequence[Event]) -> None:
    given(STAY, past).when(ChangeHomeMunicipality(SHELTER, may(28), "0751")).then([home(may(28), "0751")])


def test_a_change_to_the_same_municipality_is_refused() -> None:
    given(STAY, [ADMITTED]).when(ChangeHomeMunicipality(SHELTER, may(8), "0461")).refused("home-municipality-unchanged")
    given(STAY, [ADMITTED, home(may(8), "0751")]).when(ChangeHomeMunicipality(SHELTER, may(9), "0751")).refused(
        "home-municipality-unchanged"
    )


def test_she_may_move_back() -> None:
    given(STAY, [ADMITTED, home(may(8), "0751")]).when(ChangeHomeMunicipality(SHELTER, may(8), "0461")).then([home(may(8), "0461")])


def test_changes_of_home_municipality_come_in_order() -> None:
    given(STAY, [ADMITTED, home(may(8), "0751")]).when(ChangeHomeMunicipality(SHELTER, may(7), "0101")).refused(
        "home-municipality-out-of-order"
    )


@pytest.mark.parametrize("past", [[ANONYMOUS], [ANONYMOUS, MOVED_OUT]])
def test_she_lifts_her_anonymity_during_and_after_the_stay(past: Sequence[Event]) -> None:
    given(STAY, past).when(LiftAnonymity(SHELTER, may(28))).then([AnonymityLifted(occurred_on=may(28), stay_id=STAY_ID)])


@pytest.mark.parametrize("past", [[ADMITTED], [ANONYMOUS, AnonymityLifted(occurred_on=may(8), stay_id=STAY_ID)]])
def test_there_is_anonymity_to_lift_only_once(past: Sequence[Event]) -> None:
    given(STAY, past).when(LiftAnonymity(SHELTER, may(9))).refused("not-anonymous")


@pytest.mark.parametrize("reason", ["child-needs-support", "child-exposed-to-violence", "unborn-child", "court-or-police"])
def test_a_childs_safety_outweighs_her_anonymity(reason: OutweighingReason) -> None:
    given(STAY, [ANONYMOUS]).when(OutweighAnonymity(SHELTER, may(7), reason)).then([outweighed(reason, may(7))])


def test_there_is_nothing_to_outweigh_where_she_is_not_anonymous() -> None:
    lifted = AnonymityLifted(occurred_on=may(7), stay_id=STAY_ID)
    for past in ([ADMITTED], [ANONYMOUS, lifted]):
        given(STAY, past).when(OutweighAnonymity(SHELTER, may(8), "unborn-child")).refused("not-anonymous")


def test_each_reason_is_recorded_once() -> None:
    past = [ANONYMOUS, outweighed("unborn-child", may(7))]
    given(STAY, past).when(OutweighAnonymity(SHELTER, may(8), "unborn-child")).refused("anonymity-already-outweighed")
    given(STAY, past).when(OutweighAnonymity(SHELTER, may(8), "court-or-police")).then([outweighed("court-or-police", may(8))])


def test_once_it_is_outweighed_a_childs_identity_may_be_recorded_and_she_may_still_lift_it() -> None:
    identified = replace(receive_child(may(8)), identified=True)
    given(STAY, [ANONYMOUS]).when(identified).refused("anonymous-means-no-child-identity")
    past = [ANONYMOUS, outweighed("child-needs-support", may(7))]
    given(STAY, past).when(identified).then([arrived(may(8))])
    given(STAY, past).when(LiftAnonymity(SHELTER, may(9))).then([AnonymityLifted(occurred_on=may(9), stay_id=STAY_ID)])

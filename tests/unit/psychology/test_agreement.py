"""Agreements that the shelter's own psychologist may treat a municipality's citizens (Odense 2.4)."""

from datetime import date
from uuid import UUID

import pytest

from havn_chassis.testing import given
from havn_events.psychology import AgreementEnded, AgreementMade
from psychology.domain.agreement import AGREEMENT, EndAgreement, MakeAgreement

AARHUS, SHELTER = "0751", UUID(int=7)
BEFORE, DAY, AFTER = date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1)


def make(day: date = DAY) -> MakeAgreement:
    return MakeAgreement(AARHUS, SHELTER, day)


def end(day: date = DAY) -> EndAgreement:
    return EndAgreement(AARHUS, SHELTER, day)


def made(day: date = DAY) -> AgreementMade:
    return AgreementMade(occurred_on=day, municipality=AARHUS, shelter_id=SHELTER)


def ended(day: date = DAY) -> AgreementEnded:
    return AgreementEnded(occurred_on=day, municipality=AARHUS, shelter_id=SHELTER)


def test_an_agreement_is_made() -> None:
    given(AGREEMENT).when(make()).then([made()])


def test_one_agreement_is_in_force_at_a_time() -> None:
    given(AGREEMENT, [made()]).when(make(AFTER)).refused("already-agreed")


@pytest.mark.parametrize("day", [DAY, AFTER])
def test_an_agreement_ends_on_the_day_it_was_made_or_later(day: date) -> None:
    given(AGREEMENT, [made()]).when(end(day)).then([ended(day)])


def test_an_agreement_does_not_end_before_it_was_made() -> None:
    given(AGREEMENT, [made()]).when(end(BEFORE)).refused("ended-before-it-was-made")


def test_there_is_nothing_to_end_without_an_agreement() -> None:
    given(AGREEMENT).when(end()).refused("no-agreement")
    given(AGREEMENT, [made(), ended()]).when(end(AFTER)).refused("no-agreement")


def test_an_agreement_is_made_again_from_the_day_the_last_one_ended() -> None:
    past = [made(BEFORE), ended(DAY)]
    given(AGREEMENT, past).when(make(BEFORE)).refused("agreement-before-the-last-one-ended")
    given(AGREEMENT, past).when(make(DAY)).then([made(DAY)])
    given(AGREEMENT, past).when(make(AFTER)).then([made(AFTER)])

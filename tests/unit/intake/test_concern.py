"""Concerns that were taken to Socialtilsyn: that there was one, and nothing of who raised it."""

from datetime import date
from uuid import UUID

from havn_chassis.testing import given
from havn_events.intake import ConcernRaised
from intake.domain.concern import CONCERN, RaiseConcern

CONCERN_ID, SHELTER, DAY = UUID(int=1), UUID(int=10), date(2025, 5, 6)
RAISED = ConcernRaised(occurred_on=DAY, concern_id=CONCERN_ID, shelter_id=SHELTER)


def test_a_concern_is_raised() -> None:
    given(CONCERN).when(RaiseConcern(CONCERN_ID, SHELTER, DAY)).then([RAISED])


def test_a_concern_is_raised_once() -> None:
    given(CONCERN, [RAISED]).when(RaiseConcern(CONCERN_ID, SHELTER, DAY)).refused("concern-already-raised")


def test_a_concern_says_of_nobody_who_raised_it() -> None:
    assert set(ConcernRaised.model_fields) == {"occurred_on", "concern_id", "shelter_id"}

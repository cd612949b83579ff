"""Aftercare just short of complete."""

from aftercare.domain.aftercare import AFTERCARE
from havn_chassis.testing import given
from tests.unit.aftercare.test_aftercare import LATER, RUNNING, ended, make_visit, visit


def test_a_late_second_visit_does_not_complete_the_course() -> None:
    given(AFTERCARE, [*RUNNING, visit(1), ended(LATER, False)]).when(make_visit(2)).then([visit(2)])

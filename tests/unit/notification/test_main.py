"""How many days a municipality has is a whole number from 1."""

import pytest

from havn_chassis.settings import SettingMissing
from notification.main import acknowledge_within_days


@pytest.mark.parametrize(
    ("environment", "days"),
    [
        ({}, 2),
        ({"HAVN_ACKNOWLEDGE_WITHIN_DAYS": ""}, 2),
        ({"HAVN_ACKNOWLEDGE_WITHIN_DAYS": "1"}, 1),
        ({"HAVN_ACKNOWLEDGE_WITHIN_DAYS": "14"}, 14),
    ],
)
def test_the_days_to_confirm_are_two_unless_set(environment: dict[str, str], days: int) -> None:
    assert acknowledge_within_days(environment) == days


@pytest.mark.parametrize("value", ["0", "-1", "two", "1.5", "²"])
def test_what_is_no_number_of_days_is_refused_at_start(value: str) -> None:
    with pytest.raises(SettingMissing, match="HAVN_ACKNOWLEDGE_WITHIN_DAYS"):
        acknowledge_within_days({"HAVN_ACKNOWLEDGE_WITHIN_DAYS": value})

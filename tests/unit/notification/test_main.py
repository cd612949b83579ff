"""What the settings may be, and what is refused at start."""

from datetime import timedelta

import pytest

from havn_chassis.settings import SettingMissing
from notification.main import acknowledge_within_days, patience, private_allowed


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


@pytest.mark.parametrize(("value", "seconds"), [(None, 86400), ("", 86400), ("1", 1), ("604800", 604800)])
def test_deliveries_are_tried_for_a_day_unless_set(value: str | None, seconds: int) -> None:
    assert patience({} if value is None else {"HAVN_WEBHOOK_TRY_SECONDS": value}).in_all == timedelta(seconds=seconds)


@pytest.mark.parametrize("value", ["0", "-1", "604801", "day", "²"])
def test_what_is_no_time_to_try_is_refused_at_start(value: str) -> None:
    with pytest.raises(SettingMissing, match="HAVN_WEBHOOK_TRY_SECONDS"):
        patience({"HAVN_WEBHOOK_TRY_SECONDS": value})


@pytest.mark.parametrize(("value", "allowed"), [("", False), ("refused", False), ("allowed", True)])
def test_private_addresses_are_refused_unless_the_word_is_said(value: str, allowed: bool) -> None:
    assert private_allowed({"HAVN_WEBHOOK_PRIVATE_ADDRESSES": value}) is allowed


@pytest.mark.parametrize("value", ["yes", "1", "Allowed"])
def test_another_word_is_refused_at_start(value: str) -> None:
    with pytest.raises(SettingMissing, match="HAVN_WEBHOOK_PRIVATE_ADDRESSES"):
        private_allowed({"HAVN_WEBHOOK_PRIVATE_ADDRESSES": value})

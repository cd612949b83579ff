"""What the environment may say about shelters."""

import json
from uuid import UUID

import pytest

from havn_chassis.settings import SettingMissing
from intake.shelters import Shelter, Shelters

LISTED, UNLISTED = UUID(int=1), UUID(int=2)


def shelters(value: object) -> Shelters:
    return Shelters.from_environment({"HAVN_SHELTERS": json.dumps(value)})


def test_a_listed_shelter_has_its_setting() -> None:
    setting = {"standard": "hellerup", "municipality": "0157", "identified_to_home_municipality": True}
    assert shelters({str(LISTED): setting}).of(LISTED) == Shelter(
        standard="hellerup", municipality="0157", identified_to_home_municipality=True
    )


@pytest.mark.parametrize("environment", [{}, {"HAVN_SHELTERS": ""}, {"HAVN_SHELTERS": f'{{"{LISTED}": {{"standard": "x1"}}}}'}])
def test_an_unlisted_shelter_follows_the_national_standard(environment: dict[str, str]) -> None:
    shelter = Shelters.from_environment(environment).of(UNLISTED)
    assert (shelter.standard, shelter.municipality, shelter.identified_to_home_municipality) == ("serviceloven", None, False)


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ([], "object of shelters"),
        ({"not-an-id": {}}, "not-an-id"),
        ({str(LISTED): {"standard": "Not An Id"}}, "standard"),
        ({str(LISTED): {"municipality": "0411"}}, "municipality"),
        ({str(LISTED): {"identified_to_home_municipality": "yes"}}, "identified_to_home_municipality"),
        ({str(LISTED): {"standart": "odense"}}, "standart"),
    ],
)
def test_a_wrong_setting_is_named(value: object, named: str) -> None:
    with pytest.raises(SettingMissing, match=named):
        shelters(value)


def test_what_is_not_json_is_refused() -> None:
    with pytest.raises(SettingMissing, match="not JSON"):
        Shelters.from_environment({"HAVN_SHELTERS": "{"})


@pytest.mark.parametrize(
    ("setting", "admits"),
    [
        ({"standard": "kobenhavn"}, False),
        ({"standard": "kobenhavn", "anonymous_admissions": True}, True),
        ({"standard": "odense"}, True),
        ({"standard": "lokk"}, True),
        ({"standard": "odense", "anonymous_admissions": False}, False),
        ({}, True),
    ],
)
def test_anonymous_admissions_follow_the_standard_unless_the_setting_says_otherwise(setting: object, admits: bool) -> None:
    assert shelters({str(LISTED): setting}).of(LISTED).admits_anonymously is admits


def test_no_shelter_holds_cpr_numbers_unless_its_setting_says_so() -> None:
    assert shelters({str(LISTED): {"cpr_numbers": True}}).of(LISTED).cpr_numbers is True
    assert shelters({str(LISTED): {}}).of(LISTED).cpr_numbers is shelters({}).of(UNLISTED).cpr_numbers is False

"""What the environment may say about shelters."""

import json
from datetime import date
from typing import Literal
from uuid import UUID

import pytest

from havn_chassis.settings import SettingMissing
from havn_events.codes import ComplaintAbout
from intake.domain.complaint import ComplaintTerm, last_day_to_complain
from intake.shelters import Shelter, Shelters, TermSaid

LISTED, UNLISTED = UUID(int=1), UUID(int=2)
DECISIONS: tuple[ComplaintAbout, ...] = ("refusal", "discharge", "expulsion")
THE_REST: tuple[ComplaintAbout, ...] = ("conditions", "case-handling")
SIX_WEEKS: dict[str, object] = {"weeks": 6, "document": "Testdokument", "section": "4", "basis": "standard"}
SAID: dict[str, object] = {
    "anonymous_to_home_municipality": False,
    "complaint_routes": {"conditions": "ombudsman"},
    "complaint_terms": {"refusal": SIX_WEEKS},
}


def shelters(value: object) -> Shelters:
    return Shelters.from_environment({"HAVN_SHELTERS": json.dumps(value)})


def test_a_listed_shelter_has_its_setting() -> None:
    setting = {"standard": "hellerup", "municipality": "0157", **SAID}
    assert shelters({str(LISTED): setting}).of(LISTED) == Shelter(
        standard="hellerup",
        municipality="0157",
        anonymous_to_home_municipality=False,
        complaint_routes={"conditions": "ombudsman"},
        complaint_terms={"refusal": TermSaid(weeks=6, document="Testdokument", section="4", basis="standard")},
    )


@pytest.mark.parametrize("environment", [{}, {"HAVN_SHELTERS": ""}, {"HAVN_SHELTERS": f'{{"{LISTED}": {{}}}}'}])
def test_an_unlisted_shelter_follows_the_national_standard(environment: dict[str, str]) -> None:
    shelter = Shelters.from_environment(environment).of(UNLISTED)
    assert (shelter.standard, shelter.municipality, shelter.anonymous_to_home_municipality) == ("serviceloven", None, True)


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ([], "object of shelters"),
        ({"not-an-id": {}}, "not-an-id"),
        ({str(LISTED): {"standard": "Not An Id"}}, "standard"),
        ({str(LISTED): {"municipality": "0411"}}, "municipality"),
        ({str(LISTED): {"anonymous_to_home_municipality": "yes"}}, "anonymous_to_home_municipality"),
        ({str(LISTED): {"standart": "odense"}}, "standart"),
        ({str(LISTED): {"complaint_routes": {"expulsion": "ombudsman"}}}, "complaint_routes.expulsion"),
        ({str(LISTED): {"complaint_routes": {"conditions": "the mayor"}}}, "complaint_routes.conditions"),
        ({str(LISTED): {"complaint_terms": {"parole": SIX_WEEKS}}}, "complaint_terms.parole"),
        ({str(LISTED): {"complaint_terms": {"refusal": {"weeks": 6}}}}, "complaint_terms.refusal.document"),
        ({str(LISTED): {"complaint_terms": {"refusal": SIX_WEEKS | {"document": ""}}}}, "complaint_terms.refusal.document"),
        ({str(LISTED): {"complaint_terms": {"refusal": SIX_WEEKS | {"section": ""}}}}, "complaint_terms.refusal.section"),
        ({str(LISTED): {"complaint_terms": {"refusal": SIX_WEEKS | {"weeks": None}}}}, "complaint_terms.refusal: .*one unit"),
        ({str(LISTED): {"complaint_terms": {"refusal": SIX_WEEKS | {"days": 1}}}}, "complaint_terms.refusal: .*one unit"),
        ({str(LISTED): {"complaint_terms": {"refusal": SIX_WEEKS | {"weeks": 0}}}}, "complaint_terms.refusal.weeks"),
        ({str(LISTED): {"complaint_terms": {"refusal": SIX_WEEKS | {"weeks": "6"}}}}, "complaint_terms.refusal.weeks"),
        ({str(LISTED): {"complaint_terms": {"refusal": SIX_WEEKS | {"weeks": 20_001}}}}, "complaint_terms.refusal.weeks"),
        ({str(LISTED): {"complaint_terms": {"refusal": SIX_WEEKS | {"hours": 1}}}}, "complaint_terms.refusal.hours"),
    ],
)
def test_a_wrong_setting_is_named(value: object, named: str) -> None:
    with pytest.raises(SettingMissing, match=named):
        shelters(value)


def test_what_is_not_json_is_refused() -> None:
    with pytest.raises(SettingMissing, match="not JSON"):
        Shelters.from_environment({"HAVN_SHELTERS": "{"})


def test_what_its_standard_says_is_in_a_shelters_setting() -> None:
    shelter = shelters({str(LISTED): {"standard": "x1", **SAID}}).of(LISTED)
    assert (shelter.anonymous_to_home_municipality, shelter.complaint_routes) == (False, {"conditions": "ombudsman"})
    assert (shelter.term_of("refusal"), shelter.term_of("discharge")) == (ComplaintTerm(6, "weeks"), None)


def test_under_the_national_standard_she_may_be_anonymous_and_the_leader_has_the_last_word() -> None:
    for shelter in (shelters({str(LISTED): {}}).of(LISTED), shelters({}).of(UNLISTED)):
        assert (shelter.anonymous_to_home_municipality, shelter.complaint_routes) == (True, {})
        assert {shelter.term_of(about) for about in DECISIONS} == {ComplaintTerm(4, "weeks")}
        assert {shelter.term_of(about) for about in THE_REST} == {None}


@pytest.mark.parametrize("unit", ["days", "weeks", "months"])
def test_a_term_is_said_in_any_unit_of_a_calendar(unit: Literal["days", "weeks", "months"]) -> None:
    for number in (1, 20_000):
        terms = {"discharge": SIX_WEEKS | {"weeks": None, unit: number}}
        term = shelters({str(LISTED): {"complaint_terms": terms}}).of(LISTED).term_of("discharge")
        assert term == ComplaintTerm(number, unit)
        assert last_day_to_complain(term, date(2025, 5, 6)) > date(2025, 5, 6)


@pytest.mark.parametrize("left_out", sorted(SAID))
def test_what_a_standard_of_its_own_says_is_not_guessed(left_out: str) -> None:
    setting = {"standard": "x1", **SAID}
    del setting[left_out]
    with pytest.raises(SettingMissing, match=f"{LISTED}.{left_out}: `havn standards setting ID`"):
        shelters({str(LISTED): setting})


def test_no_shelter_holds_cpr_numbers_unless_its_setting_says_so() -> None:
    assert shelters({str(LISTED): {"cpr_numbers": True}}).of(LISTED).cpr_numbers is True
    assert shelters({str(LISTED): {}}).of(LISTED).cpr_numbers is shelters({}).of(UNLISTED).cpr_numbers is False

"""Conditions and triggers: which facts count."""

from collections.abc import Mapping

import pytest
from pydantic import ValidationError

from havn_standards.rule import ATTRIBUTES, KNOWN_FACTS, Amount, Condition, Rule, Trigger


@pytest.mark.parametrize(
    ("condition", "attributes", "expected"),
    [
        ({}, {}, True),
        ({}, {"notice": "discharge"}, True),
        ({"notice": "admission"}, {"notice": "admission"}, True),
        ({"notice": "admission"}, {"notice": "discharge"}, False),
        ({"notice": "admission"}, {"notice": None}, False),
        ({"notice": "admission"}, {}, False),
        ({"notice": ["admission", "discharge"]}, {"notice": "discharge"}, True),
        ({"notice": ["admission", "discharge"]}, {"notice": "correction"}, False),
        ({"destination_not": ["other-shelter"]}, {"destination": "other-shelter"}, False),
        ({"destination_not": ["other-shelter"]}, {"destination": "family"}, True),
        ({"destination_not": ["other-shelter"]}, {"destination": None}, True),
        ({"destination_not": ["other-shelter"]}, {}, True),
        ({"destination_not": "family"}, {"destination": "family"}, False),
        ({"anonymous": True}, {"anonymous": True}, True),
        ({"anonymous": True}, {"anonymous": False}, False),
        ({"anonymous": True}, {"anonymous": 1}, False),
        ({"anonymous": False}, {"anonymous": 0}, False),
        ({"anonymous": False}, {}, False),
        ({"anonymous_not": True}, {}, True),
        ({"anonymous_not": True}, {"anonymous": True}, False),
        ({"stay_days": 1}, {"stay_days": 1}, True),
        ({"stay_days": 1}, {"stay_days": True}, False),
        ({"stay_days": [1, 2]}, {"stay_days": 3}, False),
        ({"stay_longer_than_days": 14}, {"stay_days": 13}, False),
        ({"stay_longer_than_days": 14}, {"stay_days": 14}, False),
        ({"stay_longer_than_days": 14}, {"stay_days": 15}, True),
        ({"stay_longer_than_days": 0}, {"stay_days": 1}, True),
        ({"stay_longer_than_days": 0}, {"stay_days": True}, False),
        ({"stay_longer_than_days": 14}, {"stay_days": None}, False),
        ({"stay_longer_than_days": 14}, {"stay_days": "15"}, False),
        ({"stay_longer_than_days": 14}, {}, False),
        ({"final": True, "outcome": "upheld"}, {"final": True, "outcome": "upheld"}, True),
        ({"final": True, "outcome": "upheld"}, {"final": True, "outcome": "not-upheld"}, False),
        ({"final": True, "outcome": "upheld"}, {"final": False, "outcome": "upheld"}, False),
    ],
)
def test_a_condition_holds(condition: Mapping[str, object], attributes: Mapping[str, object], expected: bool) -> None:
    assert Condition.model_validate(condition).holds(attributes) is expected


@pytest.mark.parametrize(
    ("condition", "complaint"),
    [
        ({"shoe_size": 38}, "'shoe_size' is not an attribute"),
        ({"shoe_size_not": 38}, "'shoe_size' is not an attribute"),
        ({"notice": "farewell"}, "'notice' is one of: admission, correction, discharge"),
        ({"notice": ["admission", "farewell"]}, "'notice' is one of"),
        ({"notice": 1}, "'notice' is one of"),
        ({"anonymous": "yes"}, "'anonymous' is true or false"),
        ({"anonymous": 1}, "'anonymous' is true or false"),
        ({"stay_days": True}, "'stay_days' is a whole number"),
        ({"stay_longer_than_days": [14, 15]}, "takes one whole number of days"),
        ({"stay_longer_than_days": "14"}, "'stay_days' is a whole number"),
        ({"notice": []}, "at least one value"),
        ({"notice": None}, "at least one value"),
        ({"notice": {"is": "admission"}}, "at least one value"),
        ({"stay_days": 1.5}, "at least one value"),
        ({"stay_days": [1, 1.5]}, "at least one value"),
        ({"stay_days": [1, "2"]}, "'stay_days' is a whole number"),
        ({"completed_not": True}, "'completed_not' also holds while nobody has said it yet"),
        (["notice"], "dictionary"),
    ],
)
def test_a_condition_that_can_never_be_meant_is_refused(condition: object, complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Condition.model_validate(condition)


def test_every_attribute_can_be_tested_and_denied_but_what_may_not_be_said_yet() -> None:
    for name, kind in ATTRIBUTES.items():
        value: object = sorted(kind)[0] if isinstance(kind, frozenset) else kind(1)

        assert Condition.model_validate({name: value}).holds({name: value})
        if name != "completed":
            assert not Condition.model_validate({f"{name}_not": value}).holds({name: value})


def test_a_condition_survives_being_written_down_and_read_again() -> None:
    condition = Condition.model_validate({"stay_longer_than_days": 14, "destination_not": ["family"]})

    assert Condition.model_validate_json(condition.model_dump_json()) == condition


def test_a_trigger_wants_its_fact_and_its_condition() -> None:
    trigger = Trigger.model_validate({"fact": "MunicipalityNotified", "when": {"notice": "admission"}})

    assert trigger.matches("MunicipalityNotified", {"notice": "admission"})
    assert not trigger.matches("MunicipalityNotified", {"notice": "discharge"})
    assert not trigger.matches("WomanAdmitted", {"notice": "admission"})


def test_a_trigger_names_a_known_fact() -> None:
    assert all(Trigger(fact=fact).fact == fact for fact in KNOWN_FACTS)
    with pytest.raises(ValidationError, match="not a known event type"):
        Trigger(fact="WomanVanished")


@pytest.mark.parametrize(("written", "meant"), [("MoveOutPland", "MoveOutPlanned"), ("AdviceOfered", "AdviceOffered")])
def test_a_misspelt_fact_is_answered_with_the_one_most_like_it(written: str, meant: str) -> None:
    with pytest.raises(ValidationError, match=f"is not a known event type; {meant} is one"):
        Trigger(fact=written)


@pytest.mark.parametrize("condition", [{"stay_days": 3}, {"stay_days_not": 3}, {"stay_longer_than_days": 3}])
def test_the_length_of_a_stay_is_asked_only_of_the_move_out(condition: dict[str, object]) -> None:
    assert Trigger.model_validate({"fact": "WomanMovedOut", "when": condition})
    with pytest.raises(ValidationError, match="only WomanMovedOut"):
        Trigger.model_validate({"fact": "MoveOutPlanned", "when": condition})


@pytest.mark.parametrize(
    ("floor", "ceiling", "valid"),
    [(600, 600, True), (240, 600, True), (1, 1, True), (601, 600, False), (0, 600, False), (-1, 600, False)],
)
def test_an_amount_has_a_floor_up_to_its_ceiling(floor: int, ceiling: int, valid: bool) -> None:
    if valid:
        assert Amount(unit="minutes", floor=floor, ceiling=ceiling).ceiling == ceiling
    else:
        with pytest.raises(ValidationError):
            Amount(unit="minutes", floor=floor, ceiling=ceiling)


RULE: dict[str, object] = {
    "id": "test-rule",
    "title_da": "Prøveregel",
    "title_en": "Test rule",
    "opened_by": [{"fact": "WomanAdmitted"}],
    "per": "woman",
    "owed_by": "shelter",
    "owed_to": "woman",
    "met_by": [{"fact": "RiskAssessed"}],
    "source": {"document": "Prøvestandard", "section": "1", "basis": "standard"},
}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"due_from": "WomanMovedOut"}, "is missing; without a term there is no due_from"),
        ({"last_day_meets": True}, "is missing; without a term there is no last_day_meets"),
        ({"remind_working_days": 0}, "is missing; without a term there is no remind_working_days"),
        ({"due_from": "WomanMovedOut", "last_day_meets": True}, "there is no due_from and no last_day_meets"),
        ({"met_by": []}, "nothing can meet it"),
        ({"amount": {"unit": "minutes", "floor": 1, "ceiling": 2}}, "met by its floor"),
        ({"meets": "all"}, "at least two facts"),
        ({"opened_by": []}, "nothing opens it"),
        ({"looks_back": 1}, "valid boolean"),
        ({"per": "household"}, "'woman', 'child', 'complaint' or 'inquiry'"),
        ({"id": "Not_Kebab"}, "pattern"),
        ({"title_da": " "}, "pattern"),
        ({"mood": "good"}, "not permitted"),
        ({"source": {"document": "D", "section": "1", "basis": "assumed"}}, "needs a note"),
        ({"source": {"document": "D", "section": "1", "basis": "standard", "note": "So"}}, "both note and note_da, or neither"),
        ({"source": {"document": "D", "section": "1", "basis": "standard", "note_da": "Så"}}, "both note and note_da, or neither"),
        ({"source": {"document": "D", "section": "1", "basis": "standard", "note": "So", "note_da": ""}}, "at least 1 character"),
        ({"source": {"document": "D", "section": "1", "basis": "standard", "note": "So", "note_da": "x" * 501}}, "at most 500"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(changes: dict[str, object], complaint: str) -> None:
    assert Rule.model_validate(RULE)
    with pytest.raises(ValidationError, match=complaint):
        Rule.model_validate(RULE | changes)


OF_AN_INQUIRY = RULE | {
    "per": "inquiry",
    "opened_by": [{"fact": "InterviewHeld"}],
    "met_by": [{"fact": "InquiryAssessed"}],
    "due": {"days": 1},
}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"opened_by": [{"fact": "InquiryAssessed"}], "met_by": [{"fact": "StayRefused"}]},
        {"due_from": "InquiryAssessed", "missed_by": [{"fact": "StayRefused"}], "cancelled_by": [{"fact": "StayRefused"}]},
        {"owed_to": "woman-and-children", "due_from": None, "amount": None},
    ],
)
def test_a_rule_for_each_inquiry_names_what_comes_after_the_interview(changes: dict[str, object]) -> None:
    assert Rule.model_validate(OF_AN_INQUIRY | changes).per == "inquiry"


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("owed_by", "home-municipality", "only the shelter owes"),
        ("owed_by", "acting-municipality", "only the shelter owes"),
        ("owed_to", "home-municipality", "no municipality is told"),
        ("opened_by", [{"fact": "InterviewHeld"}, {"fact": "WomanAdmitted"}], "only: InquiryAssessed, InterviewHeld, StayRefused"),
        ("opened_by", [{"fact": "InquiryReceived"}], "takes only"),
        ("met_by", [{"fact": "ComplaintAnswered"}], "takes only"),
        ("met_by", [{"fact": "WomanReferred"}], "takes only"),
        ("missed_by", [{"fact": "ComplaintFiled"}], "takes only"),
        ("cancelled_by", [{"fact": "StayAnnulled"}], "takes only"),
        ("due_from", "WomanMovedOut", "takes only"),
        ("amount", {"unit": "minutes", "floor": 1, "ceiling": 2}, "nobody who could use it"),
    ],
)
def test_a_rule_for_each_inquiry_is_no_municipalitys_and_no_stays(field: str, value: object, complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint) as faults:
        Rule.model_validate(OF_AN_INQUIRY | {field: value})
    assert [fault["loc"][0] for fault in faults.value.errors()] == [field]


def test_a_rule_cannot_be_changed() -> None:
    rule = Rule.model_validate(RULE)

    with pytest.raises(ValidationError, match="frozen"):
        rule.per = "child"  # type: ignore[misc]
    assert hash(rule) == hash(Rule.model_validate(RULE))

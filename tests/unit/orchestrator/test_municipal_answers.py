"""What a municipality answers and decides, and what becomes of what it was asked: an action plan, its review, relief of payment."""

from datetime import date, timedelta
from typing import Any

import pytest

from havn_events.orchestrator import ObligationMet, ObligationMissed
from tests.unit.orchestrator.test_real_standards import Stay

ADMITTED = date(2024, 1, 5)
ASKED = date(2024, 1, 10)
LAST = date(2024, 4, 10)
DAY = timedelta(days=1)


def says(answer: str) -> dict[str, Any]:
    return {"attributes": {"answer": answer}, "municipality": "0461"}


def asked_for(rule: str, standard: str) -> Stay:
    stay = Stay(standard, ADMITTED)
    stay.take("ActionPlanRequested" if rule == "action-plan" else "PaymentReliefRequested", ASKED)
    assert stay.statuses()[rule] == "open"
    return stay


def met_on(stay: Stay, rule: str) -> list[date]:
    return [event.occurred_on for event in stay.events if isinstance(event, ObligationMet) and event.rule == rule]


@pytest.mark.parametrize("standard", ["serviceloven", "kobenhavn", "odense"])
@pytest.mark.parametrize(("on", "status"), [(LAST - DAY, "met"), (LAST, "met"), (LAST + DAY, "met-late")])
def test_the_municipalitys_answer_meets_the_action_plan(standard: str, on: date, status: str) -> None:
    stay = asked_for("action-plan", standard)
    stay.take("MunicipalityAnswered", on, **says("action-plan-made"))
    assert stay.statuses()["action-plan"] == status
    assert any(isinstance(event, ObligationMissed) and event.rule == "action-plan" for event in stay.events) is (on > LAST)


@pytest.mark.parametrize("standard", ["serviceloven", "kobenhavn"])
def test_a_plan_that_she_does_not_want_after_all_is_owed_no_more(standard: str) -> None:
    stay = asked_for("action-plan", standard)
    stay.take("MunicipalityAnswered", LAST, **says("action-plan-not-wanted"))
    assert stay.statuses()["action-plan"] == "cancelled"


def test_copenhagens_plan_is_reviewed_every_third_month_by_the_municipalitys_own_answers() -> None:
    stay = asked_for("action-plan", "kobenhavn")
    stay.take("MunicipalityAnswered", date(2024, 2, 1), **says("action-plan-made"))
    stay.take("MunicipalityAnswered", date(2024, 4, 15), **says("action-plan-reviewed"))
    reviews = [(o.status, o.due) for o in stay.state.obligations.values() if o.rule == "action-plan-review"]
    assert reviews == [("met", date(2024, 5, 1)), ("open", date(2024, 7, 15))]
    stay.take("MunicipalityAnswered", date(2024, 5, 1), **says("action-plan-not-wanted"))
    assert stay.statuses()["action-plan-review"] == "cancelled"


@pytest.mark.parametrize(("on", "status"), [(ASKED - DAY, "open"), (ASKED, "met"), (ASKED + DAY, "met")])
def test_her_application_is_met_by_a_decision_of_its_day_or_later(on: date, status: str) -> None:
    stay = asked_for("payment-decision", "serviceloven")
    stay.take("PaymentDecided", on, municipality="0461")
    assert stay.statuses()["payment-decision"] == status


@pytest.mark.parametrize(("on", "status"), [(ASKED - DAY, "open"), (ASKED, "met"), (ASKED + DAY, "met")])
def test_a_decision_that_was_told_before_the_application_counts_by_its_day(on: date, status: str) -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("PaymentDecided", ADMITTED, municipality="0461")
    stay.take("PaymentDecided", on, municipality="0461")
    stay.take("PaymentReliefRequested", ASKED)
    assert stay.statuses()["payment-decision"] == status
    assert met_on(stay, "payment-decision") == ([on] if status == "met" else [])


def test_a_second_application_is_owed_a_decision_of_its_own() -> None:
    stay = asked_for("payment-decision", "serviceloven")
    stay.take("PaymentDecided", ASKED + DAY, municipality="0461")
    stay.take("PaymentReliefRequested", ASKED + 2 * DAY)
    assert [o.status for o in stay.state.obligations.values() if o.rule == "payment-decision"] == ["met", "open"]
    stay.take("PaymentDecided", ASKED + 3 * DAY, municipality="0461")
    assert met_on(stay, "payment-decision") == [ASKED + DAY, ASKED + 3 * DAY]


@pytest.mark.parametrize(("on", "status"), [(ASKED - DAY, "open"), (ASKED, "met"), (ASKED + DAY, "met")])
def test_a_request_for_the_shelters_psychologist_is_met_by_an_answer_of_its_day_or_later(on: date, status: str) -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("AgreementRequested", ASKED)
    assert stay.statuses()["psychologist-agreement"] == "open"
    stay.take("AgreementAnswered", on, municipality="0461")
    assert stay.statuses()["psychologist-agreement"] == status


def test_after_a_refusal_another_request_is_owed_an_answer_of_its_own() -> None:
    stay = Stay("serviceloven", ADMITTED)
    for on in (ASKED, ASKED + 2 * DAY):
        stay.take("AgreementRequested", on)
        stay.take("AgreementAnswered", on + DAY, municipality="0461")
    assert met_on(stay, "psychologist-agreement") == [ASKED + DAY, ASKED + 3 * DAY]

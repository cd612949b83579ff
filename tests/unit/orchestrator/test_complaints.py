"""Complaints under the packaged standards: which are owed an answer, and what four weeks from receipt ask for."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from havn_events.orchestrator import ObligationOpened
from tests.unit.orchestrator.test_real_standards import Stay

RULE = "complaint-answer"
STANDARDS = ["serviceloven", "odense", "kobenhavn", "hellerup", "lokk"]
SECTIONS = {"serviceloven": "4.1", "odense": "4.1", "kobenhavn": "8", "hellerup": "4.1", "lokk": "4.1"}
COMPLAINT: dict[str, Any] = {"reference": UUID(int=70)}
RECEIVED = date(2024, 2, 1)
LAST = date(2024, 2, 29)
"""Four weeks from 1 February 2024, on the leap day."""


def complaint(standard: str, about: str = "discharge", late: bool = False) -> Stay:
    stay = Stay(standard, date(2024, 1, 2))
    stay.take("ComplaintFiled", RECEIVED, **COMPLAINT, attributes={"complaint_about": about, "late": late})
    return stay


def answer(stay: Stay, on: date, outcome: str, final: bool) -> None:
    stay.take("ComplaintAnswered", on, **COMPLAINT, attributes={"outcome": outcome, "final": final})


@pytest.mark.parametrize("standard", STANDARDS)
@pytest.mark.parametrize(
    ("about", "is_owed"),
    [("refusal", True), ("discharge", True), ("expulsion", False), ("conditions", False), ("case-handling", False)],
)
def test_refusal_and_discharge_are_owed_an_answer_in_four_weeks(standard: str, about: str, is_owed: bool) -> None:
    stay = complaint(standard, about)

    assert stay.due().get(RULE) == (LAST if is_owed else None)
    assert (RULE in stay.due()) == is_owed


@pytest.mark.parametrize("standard", STANDARDS)
def test_it_rests_on_the_section_of_its_own_document_where_that_has_one(standard: str) -> None:
    events = complaint(standard).events
    [opened] = [event for event in events if isinstance(event, ObligationOpened) and event.rule == RULE]

    assert opened.section == SECTIONS[standard]
    assert ("Københavns" in opened.document) == (standard == "kobenhavn")


@pytest.mark.parametrize("standard", STANDARDS)
@pytest.mark.parametrize(("after", "status"), [(-1, "met"), (0, "met"), (1, "met-late")])
def test_upheld_it_is_met_by_the_answer(standard: str, after: int, status: str) -> None:
    stay = complaint(standard)
    answer(stay, LAST + timedelta(days=after), "upheld", final=True)

    assert stay.statuses()[RULE] == status


@pytest.mark.parametrize("outcome", ["partly-upheld", "not-upheld"])
@pytest.mark.parametrize(("after", "status"), [(-1, "met"), (0, "met"), (1, "met-late")])
def test_not_fully_upheld_the_same_four_weeks_ask_for_the_forwarding_too(outcome: str, after: int, status: str) -> None:
    stay = complaint("odense")
    answer(stay, date(2024, 2, 5), outcome, final=False)
    assert stay.statuses()[RULE] == "open"

    stay.take("ComplaintForwarded", LAST + timedelta(days=after), **COMPLAINT)

    assert stay.statuses()[RULE] == status


def test_answered_in_time_but_never_forwarded_it_is_missed() -> None:
    stay = complaint("kobenhavn")
    answer(stay, date(2024, 2, 5), "not-upheld", final=False)

    stay.pass_day(LAST - timedelta(days=1))
    assert stay.statuses()[RULE] == "open"
    stay.pass_day(LAST)
    assert stay.statuses()[RULE] == "missed"


def test_a_complaint_received_late_is_owed_its_answer_too() -> None:
    assert complaint("odense", late=True).due()[RULE] == LAST


def test_a_withdrawn_complaint_is_owed_none() -> None:
    stay = complaint("odense")
    stay.take("ComplaintWithdrawn", date(2024, 2, 5), **COMPLAINT)

    assert stay.statuses()[RULE] == "cancelled"

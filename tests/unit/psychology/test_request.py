"""A request about the shelter's own psychologist: asked once, answered by who owes the treatment, asked again after a refusal."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from havn_chassis.testing import given
from havn_events.orchestrator import DayPassed
from havn_events.psychology import AgreementAnswered, AgreementRequested
from psychology.domain.request import REQUEST, AnswerRequest, RequestAgreement

STAY = UUID(int=1)
ODENSE, AARHUS = "0461", "0751"
ON = date(2024, 1, 10)
DAY = timedelta(days=1)
REQUESTED = AgreementRequested(occurred_on=ON, stay_id=STAY)


def request(on: date = ON, owed_by: str | None = ODENSE, agreed: str | None = None) -> RequestAgreement:
    return RequestAgreement(STAY, on, frozenset({owed_by} - {None}), frozenset({agreed} - {None}))  # type: ignore[arg-type]


def answer(on: date = ON, municipality: str = ODENSE, *, agreed: bool = True) -> AnswerRequest:
    return AnswerRequest(STAY, on, municipality, agreed, frozenset({ODENSE}))


def answered(on: date = ON, *, agreed: bool = True) -> AgreementAnswered:
    return AgreementAnswered(occurred_on=on, stay_id=STAY, municipality=ODENSE, agreed=agreed)


def test_a_shelter_asks_once() -> None:
    given(REQUEST).when(request()).then([REQUESTED])
    given(REQUEST, [REQUESTED]).when(request(ON + DAY)).refused("already-requested")


def test_a_shelter_asks_again_after_a_refusal() -> None:
    again = AgreementRequested(occurred_on=ON + DAY, stay_id=STAY)
    given(REQUEST, [REQUESTED, answered(agreed=False)]).when(request(ON + DAY)).then([again])


def test_nobody_is_asked_where_the_shelters_psychologist_may_treat_already() -> None:
    given(REQUEST).when(request(agreed=ODENSE)).refused("agreement-not-needed")
    given(REQUEST).when(request(agreed=AARHUS)).then([REQUESTED])


def test_nobody_is_asked_where_no_treatment_is_owed() -> None:
    given(REQUEST).when(request(owed_by=None)).refused("no-treatment-owed")


@pytest.mark.parametrize("agreed", [True, False])
@pytest.mark.parametrize("on", [ON, ON + DAY])
def test_the_owing_municipality_answers_on_the_day_it_was_asked_or_later(on: date, agreed: bool) -> None:
    given(REQUEST, [REQUESTED]).when(answer(on, agreed=agreed)).then([answered(on, agreed=agreed)])


def test_an_answer_is_not_older_than_the_request() -> None:
    given(REQUEST, [REQUESTED]).when(answer(ON - DAY)).refused("before-the-request")


def test_what_nobody_asked_is_not_answered() -> None:
    given(REQUEST).when(answer()).refused("nothing-requested")
    given(REQUEST, [REQUESTED, answered()]).when(answer()).refused("nothing-requested")


def test_another_municipality_answers_nothing() -> None:
    given(REQUEST, [REQUESTED]).when(answer(municipality=AARHUS)).refused("no-treatment-owed")


def test_an_event_of_another_kind_changes_nothing() -> None:
    assert REQUEST.fold([REQUESTED, DayPassed(occurred_on=ON + DAY)]) == REQUEST.fold([REQUESTED])


@pytest.mark.parametrize("on", [ON, ON + DAY])
def test_a_shelter_asks_from_the_day_of_admission_on(on: date) -> None:
    asked = replace(request(on), admitted_on=ON)
    given(REQUEST).when(asked).then([AgreementRequested(occurred_on=on, stay_id=STAY)])


def test_a_shelter_does_not_ask_before_the_admission() -> None:
    given(REQUEST).when(replace(request(ON - DAY), admitted_on=ON)).refused("before-admission")

"""Payment: her home municipality decides, on a ground that fits, and decides anew when her means change."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from havn_chassis.testing import given
from havn_events.codes import PaymentDecision, PaymentGround
from havn_events.notification import PaymentDecided
from havn_events.orchestrator import DayPassed
from notification.domain.payment import PAYMENT, DecidePayment, decided_by

STAY = UUID(int=1)
ODENSE, GENTOFTE = "0461", "0157"
ON = date(2025, 3, 10)
DAY = timedelta(days=1)


def decide(
    decision: PaymentDecision = "reduced",
    ground: PaymentGround = "limited-means",
    on: date = ON,
    home: str | None = ODENSE,
    *,
    retracted: bool = False,
) -> DecidePayment:
    return DecidePayment(
        stay_id=STAY, occurred_on=on, municipality=ODENSE, decision=decision, ground=ground, home=home, retracted=retracted
    )


def decided(
    decision: PaymentDecision = "reduced", ground: PaymentGround = "limited-means", on: date = ON, by: str = ODENSE
) -> PaymentDecided:
    return PaymentDecided(stay_id=STAY, occurred_on=on, municipality=by, decision=decision, ground=ground)


@pytest.mark.parametrize(
    ("decision", "ground"),
    [
        ("full", "able-to-pay"),
        ("reduced", "keeps-own-home"),
        ("reduced", "limited-means"),
        ("waived", "keeps-own-home"),
        ("waived", "limited-means"),
        ("waived", "no-income"),
    ],
)
def test_a_decision_is_recorded_with_its_ground(decision: PaymentDecision, ground: PaymentGround) -> None:
    given(PAYMENT).when(decide(decision, ground)).then([decided(decision, ground)])


@pytest.mark.parametrize("decision", ["full", "reduced"])
def test_without_an_income_she_pays_nothing(decision: PaymentDecision) -> None:
    given(PAYMENT).when(decide(decision, "no-income")).refused("no-payment-without-income")


@pytest.mark.parametrize(
    ("decision", "ground"),
    [("full", "keeps-own-home"), ("full", "limited-means"), ("reduced", "able-to-pay"), ("waived", "able-to-pay")],
)
def test_a_ground_that_does_not_fit_is_refused(decision: PaymentDecision, ground: PaymentGround) -> None:
    given(PAYMENT).when(decide(decision, ground)).refused("ground-does-not-fit")


@pytest.mark.parametrize("home", [GENTOFTE, None])
def test_only_her_home_municipality_on_that_day_decides(home: str | None) -> None:
    given(PAYMENT).when(decide(home=home)).refused("not-the-paying-municipality")


def test_nobody_pays_for_a_stay_that_was_annulled() -> None:
    given(PAYMENT).when(decide(retracted=True)).refused("stay-retracted")


def test_a_new_decision_follows_the_latest_one() -> None:
    given(PAYMENT, [decided()]).when(decide("full", "able-to-pay", ON - DAY)).refused("before-the-latest-decision")
    for on in (ON, ON + DAY):
        given(PAYMENT, [decided()]).when(decide("full", "able-to-pay", on)).then([decided("full", "able-to-pay", on)])


def test_the_same_decision_is_recorded_once_for_a_day() -> None:
    given(PAYMENT, [decided()]).when(decide()).refused("already-decided")
    given(PAYMENT, [decided()]).when(decide(on=ON + DAY)).then([decided(on=ON + DAY)])
    given(PAYMENT, [decided()]).when(decide(ground="keeps-own-home")).then([decided(ground="keeps-own-home")])


def test_what_another_municipality_decided_binds_nobody_else() -> None:
    given(PAYMENT, [decided(by=GENTOFTE, on=ON + DAY)]).when(decide()).then([decided()])


def test_an_event_of_another_kind_changes_nothing() -> None:
    assert PAYMENT.fold([decided(), DayPassed(occurred_on=ON + DAY)]) == PAYMENT.fold([decided()])


@pytest.mark.parametrize("on", [ON, ON + DAY])
def test_a_decision_is_made_from_the_day_of_admission_on(on: date) -> None:
    given(PAYMENT).when(replace(decide(on=on), admitted_on=ON)).then([decided(on=on)])


def test_no_decision_is_made_before_the_admission() -> None:
    given(PAYMENT).when(replace(decide(on=ON - DAY), admitted_on=ON)).refused("before-admission")


def test_what_concerns_a_municipality_is_changed_by_its_own_decision_alone() -> None:
    """So the ETag of one municipality tells nothing of another."""
    nothing, by_gentofte = PAYMENT.fold([]), PAYMENT.fold([decided(by=GENTOFTE)])
    assert decided_by(ODENSE, by_gentofte) == decided_by(ODENSE, nothing)
    assert decided_by(GENTOFTE, by_gentofte) != decided_by(GENTOFTE, nothing)

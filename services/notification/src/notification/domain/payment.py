"""What a municipality decided about her own payment for the stay (Odense 2.6, Copenhagen 2.3), as codes and never as an amount.

Her home municipality collects the payment, and reduces or waives it by a decision. It decides anew when her means change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from havn_chassis.decider import Decider, Refused, not_before_admission
from havn_events.codes import PaymentDecision, PaymentGround
from havn_events.event import Event
from havn_events.notification import PaymentDecided

GROUNDS: Mapping[PaymentDecision, frozenset[PaymentGround]] = {
    "full": frozenset({"able-to-pay"}),
    "reduced": frozenset({"keeps-own-home", "limited-means"}),
    "waived": frozenset({"keeps-own-home", "limited-means", "no-income"}),
}
"""What each decision may rest on."""


@dataclass(frozen=True, kw_only=True)
class DecidePayment:
    """The municipality decided. ``home``: her home municipality on that day. ``retracted``: whether the stay was annulled.

    ``admitted_on``: the stay's first day.
    """

    stay_id: UUID
    occurred_on: date
    municipality: str
    decision: PaymentDecision
    ground: PaymentGround
    home: str | None
    retracted: bool
    admitted_on: date | None = None


@dataclass(frozen=True)
class Payment:
    """Each municipality's latest decision."""

    decided: Mapping[str, PaymentDecided] = field(default_factory=dict)


def decided_by(municipality: str, state: Payment) -> object:
    """What concerns this municipality alone: its latest decision, or that there is none."""
    return (state.decided.get(municipality),)


def decide(command: DecidePayment, state: Payment) -> Sequence[Event]:
    """Raises Refused with the name of the rule that forbids the command."""
    if command.retracted:
        raise Refused("stay-retracted", "The stay was annulled, and there is nothing to pay for.")
    not_before_admission(command.occurred_on, command.admitted_on)
    if command.home != command.municipality:
        raise Refused(
            "not-the-paying-municipality",
            "Your municipality was not her home municipality on that day, and the decision is not its own; "
            "give a day on which it was.",
            field="occurred_on",
        )
    if command.ground == "no-income" and command.decision != "waived":
        raise Refused(
            "no-payment-without-income",
            "A woman without an income pays nothing (Odense 2.6, Copenhagen 2.3). Record the payment as waived.",
            field="decision",
            kind="invalid",
        )
    if command.ground not in GROUNDS[command.decision]:
        raise Refused(
            "ground-does-not-fit",
            "The whole payment rests on her being able to pay; less than that rests on her keeping a home of her own, on limited "
            "means or, where it is waived, on no income.",
            field="ground",
            kind="invalid",
        )
    _follows(command, state.decided.get(command.municipality))
    return [
        PaymentDecided(
            stay_id=command.stay_id,
            occurred_on=command.occurred_on,
            municipality=command.municipality,
            decision=command.decision,
            ground=command.ground,
        )
    ]


def _follows(command: DecidePayment, latest: PaymentDecided | None) -> None:
    if latest is None:
        return
    if command.occurred_on < latest.occurred_on:
        raise Refused(
            "before-the-latest-decision",
            f"Your municipality's latest decision is of {latest.occurred_on}; a new one cannot be dated before it.",
            field="occurred_on",
        )
    if (command.occurred_on, command.decision, command.ground) == (latest.occurred_on, latest.decision, latest.ground):
        raise Refused("already-decided", "Your municipality decided this on that day already. Nothing needs to be recorded.")


def evolve(state: Payment, event: Event) -> Payment:
    """The state after the event."""
    if isinstance(event, PaymentDecided):
        return replace(state, decided={**state.decided, event.municipality: event})
    return state


PAYMENT: Decider[DecidePayment, Payment] = Decider(name="payment", initial=Payment(), decide=decide, evolve=evolve)

"""A shelter asks whether its own psychologist may treat in one stay; the municipality that owes it answers (Odense 2.4).

An answer holds for this stay and this municipality; an agreement for all of a municipality's citizens is in ``agreement.py``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from havn_chassis.decider import Decider, Refused, not_before_admission
from havn_events.event import Event
from havn_events.psychology import AgreementAnswered, AgreementRequested


@dataclass(frozen=True)
class RequestAgreement:
    """The shelter asks. ``owed_by``: who owes treatments in the stay; ``agreed``: who has agreed by that day, or need not.

    ``admitted_on``: the stay's first day.
    """

    stay_id: UUID
    occurred_on: date
    owed_by: frozenset[str]
    agreed: frozenset[str]
    admitted_on: date | None = None


@dataclass(frozen=True)
class AnswerRequest:
    """The municipality agrees, or does not. ``owed_by``: who owes treatments in the stay."""

    stay_id: UUID
    occurred_on: date
    municipality: str
    agreed: bool
    owed_by: frozenset[str]


Command = RequestAgreement | AnswerRequest


@dataclass(frozen=True)
class Request:
    """``asked_on``: the day of a request that waits for its answer."""

    asked_on: date | None = None


def decide(command: Command, state: Request) -> Sequence[Event]:
    """Raises Refused with the name of the rule that forbids the command."""
    match command:
        case RequestAgreement():
            return _request(command, state)
        case AnswerRequest():
            return _answer(command, state)


def not_owed() -> Refused:
    """The one answer for a stay without treatment and for one whose treatment another municipality owes."""
    return Refused(
        "no-treatment-owed",
        "No treatment is owed in this stay. If the admission was registered a moment ago, what is owed may not have arrived here "
        "yet: try again shortly.",
        kind="absent",
    )


def _request(command: RequestAgreement, state: Request) -> Sequence[Event]:
    if not command.owed_by:
        raise not_owed()
    not_before_admission(command.occurred_on, command.admitted_on)
    if state.asked_on is not None:
        raise Refused("already-requested", "The municipality has been asked and has not answered yet; it need not be asked again.")
    if command.owed_by <= command.agreed:
        raise Refused("agreement-not-needed", "The shelter's own psychologist may treat here already; nobody needs to be asked.")
    return [AgreementRequested(occurred_on=command.occurred_on, stay_id=command.stay_id)]


def _answer(command: AnswerRequest, state: Request) -> Sequence[Event]:
    if command.municipality not in command.owed_by:
        raise not_owed()
    if state.asked_on is None:
        raise Refused("nothing-requested", "The shelter has asked nothing that is not answered. Nothing needs to be recorded.")
    if command.occurred_on < state.asked_on:
        raise Refused(
            "before-the-request",
            f"The shelter asked on {state.asked_on}; the answer cannot be dated before that day.",
            field="occurred_on",
        )
    return [
        AgreementAnswered(
            occurred_on=command.occurred_on,
            stay_id=command.stay_id,
            municipality=command.municipality,
            agreed=command.agreed,
        )
    ]


def evolve(state: Request, event: Event) -> Request:
    """The state after ``event``."""
    match event:
        case AgreementRequested():
            return replace(state, asked_on=event.occurred_on)
        case AgreementAnswered():
            return Request()
    return state


REQUEST: Decider[Command, Request] = Decider(name="agreement-request", initial=Request(), decide=decide, evolve=evolve)

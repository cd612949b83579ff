"""A municipality's agreement with a shelter that the shelter's own psychologist treats its citizens (Odense 2.4).

An agreement is in force from the day it is made to the day before it ends, and may be made again after that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID, uuid5

from havn_chassis.decider import Decider, Refused
from havn_events.event import Event
from havn_events.psychology import AgreementEnded, AgreementMade


@dataclass(frozen=True)
class MakeAgreement:
    """From ``occurred_on`` the shelter's own psychologist may treat the municipality's citizens."""

    municipality: str
    shelter_id: UUID
    occurred_on: date


@dataclass(frozen=True)
class EndAgreement:
    """From ``occurred_on`` the shelter's own psychologist takes on none of them any more."""

    municipality: str
    shelter_id: UUID
    occurred_on: date


Command = MakeAgreement | EndAgreement


@dataclass(frozen=True)
class Agreement:
    """``since``: the first day it is in force, None where it is not. ``ended_on``: the day the last one ended."""

    since: date | None = None
    ended_on: date | None = None


def agreement_ids(municipality: str, shelter_id: UUID) -> tuple[UUID]:
    """What identifies the agreement between these two."""
    return (uuid5(shelter_id, municipality),)


def decide(command: Command, state: Agreement) -> Sequence[Event]:
    """Raises Refused with the name of the rule that forbids the command."""
    match command:
        case MakeAgreement():
            return _make(command, state)
        case EndAgreement():
            return _end(command, state)


def _make(command: MakeAgreement, state: Agreement) -> Sequence[Event]:
    if state.since is not None:
        raise Refused("already-agreed", "An agreement with this shelter is in force; nothing needs to be recorded.")
    if state.ended_on is not None and command.occurred_on < state.ended_on:
        raise Refused(
            "agreement-before-the-last-one-ended",
            "An earlier agreement with this shelter ended on a later day; give a day on or after its end.",
            field="occurred_on",
        )
    return [
        AgreementMade(occurred_on=command.occurred_on, municipality=command.municipality, shelter_id=command.shelter_id),
    ]


def _end(command: EndAgreement, state: Agreement) -> Sequence[Event]:
    if state.since is None:
        raise Refused(
            "no-agreement",
            "No agreement between this municipality and a shelter with this id is in force, so there is none to end.",
            kind="absent",
        )
    if command.occurred_on < state.since:
        raise Refused(
            "ended-before-it-was-made",
            "The agreement was made on a later day; give the day from which it is not in force any more.",
            field="occurred_on",
        )
    return [
        AgreementEnded(occurred_on=command.occurred_on, municipality=command.municipality, shelter_id=command.shelter_id),
    ]


def evolve(state: Agreement, event: Event) -> Agreement:
    """The agreement after ``event``."""
    match event:
        case AgreementMade():
            return replace(state, since=event.occurred_on)
        case AgreementEnded():
            return Agreement(ended_on=event.occurred_on)
    return state


AGREEMENT: Decider[Command, Agreement] = Decider(name="agreement", initial=Agreement(), decide=decide, evolve=evolve)

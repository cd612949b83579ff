"""What a municipality owes: what it is told of it, and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from havn_chassis.decider import Refused
from havn_events.codes import MunicipalAnswer, ObligationChange
from havn_events.event import Event
from havn_events.notification import MunicipalityAnswered, MunicipalityInformed
from notification.domain.notices.commands import (
    Answer,
    Change,
    InformOfCancelled,
    InformOfDueSoon,
    InformOfDuty,
    InformOfMet,
    InformOfMissed,
    InformOfNewDate,
    InformOfReopened,
    InformOfTransfer,
)
from notification.domain.notices.state import Duty, Notices

ANSWERS: Mapping[str, frozenset[MunicipalAnswer]] = {
    "action-plan": frozenset({"action-plan-made", "action-plan-not-wanted"}),
    "action-plan-review": frozenset({"action-plan-reviewed", "action-plan-not-wanted"}),
}
"""What may be answered, by the rule that it is owed under. What no answer meets is reported where it happens."""


def answer(command: Answer, state: Notices) -> Sequence[Event]:
    """By the municipality that owes the answer, while it owes it."""
    duty = state.duties.get(command.obligation_id)
    if duty is None or duty.municipality != command.municipality:
        raise Refused("obligation-not-found", "Your municipality owes nothing with this id in this case.", kind="absent")
    if duty.rule not in ANSWERS:
        raise Refused(
            "not-met-by-an-answer",
            "This is met by what happens, and is reported there: treatment to psychology, advice to coordinating-advice, "
            "a decision on payment under the case's payment.",
        )
    if command.answer not in ANSWERS[duty.rule]:
        raise Refused(
            "not-an-answer-to-this",
            f"This is answered with one of: {', '.join(sorted(ANSWERS[duty.rule]))}.",
            field="answer",
            kind="invalid",
        )
    if not duty.is_open:
        raise Refused("nothing-left-to-answer", "It was answered, met or cancelled before. Nothing needs to be recorded.")
    if command.occurred_on < duty.told_on:
        raise Refused(
            "before-it-was-asked",
            f"Your municipality owes this since {duty.told_on}; give the day of the answer, on or after that day.",
            field="occurred_on",
        )
    return [
        MunicipalityAnswered(
            stay_id=command.stay_id,
            occurred_on=command.occurred_on,
            obligation_id=command.obligation_id,
            municipality=command.municipality,
            rule=duty.rule,
            answer=command.answer,
        )
    ]


def inform_of_duty(command: InformOfDuty, state: Notices) -> Sequence[Event]:
    """What it owes from now on, told once."""
    if command.obligation_id in state.duties:
        return []
    return [
        MunicipalityInformed(
            stay_id=command.stay_id,
            occurred_on=command.occurred_on,
            obligation_id=command.obligation_id,
            municipality=command.municipality,
            case_reference=state.references.get(command.municipality, command.fresh_reference),
            change="opened",
            rule=command.rule,
            due=command.due,
        )
    ]


def inform(command: Change, duty: Duty, state: Notices) -> Sequence[Event]:
    """What became of a duty that it was told of."""
    match command:
        case InformOfNewDate():
            return [_news(command, replace(duty, due=command.due), state, "rescheduled")]
        case InformOfDueSoon():
            return [_news(command, duty, state, "due-soon")]
        case InformOfMet():
            return [_news(command, duty, state, "met")]
        case InformOfMissed():
            return [_news(command, duty, state, "missed")]
        case InformOfReopened():
            return [_news(command, duty, state, "reopened")]
        case InformOfCancelled():
            return [_news(command, duty, state, "cancelled")]
        case InformOfTransfer():
            return [] if command.municipality == duty.municipality else _transfer(command, duty, state)
        case _ as never:
            assert_never(never)


def _news(command: Change, duty: Duty, state: Notices, change: ObligationChange) -> MunicipalityInformed:
    return MunicipalityInformed(
        stay_id=command.stay_id,
        occurred_on=command.occurred_on,
        obligation_id=command.obligation_id,
        municipality=duty.municipality,
        case_reference=state.references[duty.municipality],
        change=change,
        rule=duty.rule,
        due=duty.due,
    )


def _transfer(command: InformOfTransfer, duty: Duty, state: Notices) -> Sequence[Event]:
    references = {command.municipality: command.fresh_reference, **state.references}
    moved = replace(duty, municipality=command.municipality)
    return [
        _news(command, duty, state, "transferred-from"),
        _news(command, moved, replace(state, references=references), "transferred-to"),
    ]

"""How a treatment stood on a day: whether it was owed, declined or over, and what may still be told of it."""

from havn_chassis.decider import Refused
from psychology.domain.treatment.commands import (
    AssignPsychologist,
    DeclineTreatment,
    GrantExtraHours,
    HoldSession,
    MissSession,
    OfferTreatment,
    Report,
)
from psychology.domain.treatment.state import State, Treatment


def not_open() -> Refused:
    """The same answer for a treatment that does not exist, is not here yet, or is another municipality's."""
    return Refused(
        "treatment-not-open",
        "No treatment is owed to this person that you may see. If she or the child was registered a moment ago, what is owed "
        "may not have arrived here yet: try again shortly. Otherwise check the stay, the person and who owes the treatment.",
        kind="absent",
    )


def opened(state: State, municipality: str | None = None) -> Treatment:
    """The treatment, if it was opened and is that municipality's; another's looks like none."""
    if state is None or municipality not in (None, state.municipality):
        raise not_open()
    return state


def not_declined(treatment: Treatment) -> None:
    """Raises Refused for a treatment that was declined and not offered again."""
    if treatment.ended == "declined":
        raise Refused("treatment-declined", "The treatment was declined. Record that it was offered again, then what happened.")


def ended() -> Refused:
    """The refusal of what came after the treatment."""
    return Refused(
        "treatment-ended",
        "The treatment was completed or closed, so nothing new can be recorded about it. What happened up to the day it was "
        "closed can still be recorded with the day it happened.",
        field="occurred_on",
    )


def running(command: Report, state: State) -> Treatment:
    """The treatment, if it has not ended."""
    treatment = opened(state)
    not_declined(treatment)
    if treatment.ended is not None:
        raise ended()
    _not_before_it_opened(command, treatment)
    return treatment


def arrangeable(command: OfferTreatment | DeclineTreatment | AssignPsychologist | GrantExtraHours, state: State) -> Treatment:
    """The treatment of the caller's municipality, if it was not over on that day."""
    treatment = opened(state, command.municipality)
    not_over_by_then(command, treatment)
    return treatment


def not_over_by_then(command: Report, treatment: Treatment) -> None:
    """What happened up to the day on which the treatment was completed, or closed as by a transfer, can still be told, late."""
    not_declined(treatment)
    _not_before_it_opened(command, treatment)
    if treatment.ended_on is not None and command.occurred_on > treatment.ended_on:
        raise ended()


def recordable(command: HoldSession | MissSession, state: State) -> Treatment:
    """The treatment, if a session with this id can still be recorded on that day."""
    treatment = opened(state)
    not_over_by_then(command, treatment)
    if treatment.psychologist is None:
        raise Refused(
            "psychologist-not-assigned",
            "A session is held by an authorised psychologist who has the treatment. Record the psychologist first.",
        )
    if command.session_id in treatment.sessions:
        raise Refused(
            "session-recorded-twice",
            "A session with this id is already recorded. Correct that one, or use a new id for another session.",
            field="session_id",
        )
    return treatment


def _not_before_it_opened(command: Report, treatment: Treatment) -> None:
    """Owed from the admission on, which may have been corrected since."""
    if command.occurred_on < (command.admitted_on or treatment.opened_on):
        raise Refused(
            "before-the-treatment-opened",
            "Treatment is owed from the first day of the stay, which is after this day. Check the date.",
            field="occurred_on",
        )

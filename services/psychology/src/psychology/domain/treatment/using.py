"""Sessions held, missed and corrected, hours granted on top of the ceiling, and the end of the treatment."""

from havn_chassis.decider import Refused
from havn_events.event import Event
from havn_events.psychology import ExtraHoursGranted, SessionCorrected, SessionHeld, SessionMissed, TreatmentCompleted
from psychology.domain.treatment.commands import (
    CompleteTreatment,
    CorrectSession,
    Elsewhere,
    GrantExtraHours,
    HoldSession,
    MissSession,
)
from psychology.domain.treatment.standing import not_declined, opened
from psychology.domain.treatment.state import MINUTES_PER_SESSION, State, Treatment


def hold(command: HoldSession, treatment: Treatment) -> list[Event]:
    """A session is held as long as its minutes are left."""
    _within_the_ceiling(treatment, command.minutes, command.elsewhere)
    return [
        SessionHeld(
            occurred_on=command.occurred_on,
            stay_id=command.stay_id,
            person_id=command.person_id,
            session_id=command.session_id,
            minutes=command.minutes,
        )
    ]


def miss(command: MissSession, treatment: Treatment) -> list[Event]:
    """A session that was missed uses nothing."""
    return [
        SessionMissed(
            occurred_on=command.occurred_on,
            stay_id=command.stay_id,
            person_id=command.person_id,
            session_id=command.session_id,
        )
    ]


def correct(command: CorrectSession, state: State) -> list[Event]:
    """Sessions of a completed or closed treatment can be corrected as well: a mistake may be found late."""
    treatment = opened(state)
    not_declined(treatment)
    session = treatment.sessions.get(command.session_id)
    if session is None:
        raise Refused("session-unknown", "No session with this id was recorded for this person. Check the id.", kind="absent")
    if command.occurred_on < session.day:
        raise Refused(
            "before-the-session",
            "A session cannot be corrected before the day it was held. Check the date.",
            field="occurred_on",
        )
    if command.minutes == session.minutes:
        raise Refused("correction-changes-nothing", "The session already counts this many minutes.", field="minutes")
    _within_the_ceiling(treatment, command.minutes, command.elsewhere, session.minutes)
    return [
        SessionCorrected(
            occurred_on=command.occurred_on,
            stay_id=command.stay_id,
            person_id=command.person_id,
            session_id=command.session_id,
            session_on=session.day,
            minutes=command.minutes,
            minutes_before=session.minutes,
        )
    ]


def grant(command: GrantExtraHours, treatment: Treatment) -> list[Event]:
    """More than the ceiling, by minutes; where sessions are counted, by whole ones."""
    if treatment.unit == "sessions" and command.minutes % MINUTES_PER_SESSION:
        raise Refused(
            "whole-sessions",
            f"This treatment is counted in sessions, so extra time is granted in steps of {MINUTES_PER_SESSION} minutes.",
            field="minutes",
            kind="invalid",
        )
    return [
        ExtraHoursGranted(
            occurred_on=command.occurred_on,
            stay_id=command.stay_id,
            person_id=command.person_id,
            minutes=command.minutes,
            municipality=command.municipality,
        )
    ]


def complete(command: CompleteTreatment, treatment: Treatment) -> list[Event]:
    """Not before the last session that was held."""
    if treatment.last_held_on is not None and command.occurred_on < treatment.last_held_on:
        raise Refused(
            "before-the-last-session",
            "A session was held after this day, so the treatment was not completed yet. Check the date or correct the session.",
            field="occurred_on",
        )
    return [
        TreatmentCompleted(
            occurred_on=command.occurred_on, stay_id=command.stay_id, person_id=command.person_id, reason=command.reason
        )
    ]


def _within_the_ceiling(treatment: Treatment, minutes: int, elsewhere: Elsewhere, minutes_before: int = 0) -> None:
    before, left = treatment.counts(minutes_before), treatment.left(elsewhere)
    if treatment.counts(minutes) - before > left:
        raise Refused(
            "over-the-ceiling",
            f"{left + before} {treatment.unit} are left for this session. "
            "More can be held once the municipality that owes the treatment has granted extra hours.",
            field="minutes",
        )

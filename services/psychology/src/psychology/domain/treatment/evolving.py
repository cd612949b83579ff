"""How each event changes a treatment."""

from dataclasses import replace
from uuid import UUID

from havn_events.event import Event
from havn_events.psychology import (
    ExtraHoursGranted,
    PsychologistAssigned,
    SessionCorrected,
    SessionHeld,
    SessionMissed,
    TreatmentClosed,
    TreatmentCompleted,
    TreatmentDeclined,
    TreatmentOffered,
    TreatmentOpened,
    TreatmentReopened,
    TreatmentTransferred,
)
from psychology.domain.treatment.state import Session, State, Treatment


def evolve(state: State, event: Event) -> State:
    """The treatment after ``event``."""
    if isinstance(event, TreatmentOpened):
        return _after_opening(state, event)
    if state is None:
        raise ValueError(f"{event.type_name()} before TreatmentOpened: the stream is broken")
    match event:
        case TreatmentTransferred():
            return replace(state, municipality=event.municipality)
        case TreatmentClosed():
            return replace(state, ended="closed", ended_on=event.occurred_on)
        case TreatmentReopened():
            return replace(state, ended=None, ended_on=None)
        case TreatmentOffered():
            return replace(_not_declined_any_more(state), offered_on=event.occurred_on)
        case TreatmentDeclined():
            return replace(state, ended="declined", ended_on=event.occurred_on)
        case PsychologistAssigned():
            return replace(state, psychologist=(event.psychologist_id, event.employer))
        case SessionHeld():
            return _with_session(state, event.session_id, Session(event.occurred_on, event.minutes))
        case SessionMissed():
            return _with_session(state, event.session_id, Session(event.occurred_on, 0))
        case SessionCorrected():
            session = state.sessions[event.session_id]
            return _with_session(state, event.session_id, replace(session, minutes=event.minutes))
        case ExtraHoursGranted():
            return replace(state, extra_minutes=state.extra_minutes + event.minutes)
        case TreatmentCompleted():
            return replace(state, ended="completed", ended_on=event.occurred_on)
        case _:
            raise ValueError(f"{event.type_name()} is no event of a treatment: the stream is broken")


def _after_opening(state: State, event: TreatmentOpened) -> Treatment:
    """Opened anew by another obligation, it keeps what was used, granted and assigned; a declined one is offered anew."""
    opened = Treatment(
        obligation_id=event.obligation_id,
        opened_on=event.occurred_on,
        municipality=event.municipality,
        unit=event.unit,
        ceiling=event.ceiling,
    )
    if state is None:
        return opened
    return replace(
        opened,
        extra_minutes=state.extra_minutes,
        offered_on=None if state.ended == "declined" else state.offered_on,
        psychologist=state.psychologist,
        sessions=state.sessions,
    )


def _not_declined_any_more(treatment: Treatment) -> Treatment:
    return replace(treatment, ended=None, ended_on=None) if treatment.ended == "declined" else treatment


def _with_session(treatment: Treatment, session_id: UUID, session: Session) -> Treatment:
    return replace(treatment, sessions={**treatment.sessions, session_id: session})

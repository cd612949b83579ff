"""How each event changes her advice."""

from dataclasses import replace

from coordinating_advice.domain.advice.state import Advice, Window
from havn_events.coordinating_advice import (
    AdviceClosed,
    AdviceDeclined,
    AdviceEnded,
    AdviceExtended,
    AdviceGiven,
    AdviceHandedOver,
    AdviceOffered,
    AdviceOpened,
    AdvicePhaseBegan,
    AdviceReopened,
    AdviceStarted,
    AdviceTakenOver,
    AdviceTransferred,
    AdviceWindowOpened,
    AdviserNamed,
    InitialAdviceGiven,
)
from havn_events.event import Event


def evolve(state: Advice, event: Event) -> Advice:
    """The state after the event."""
    match event:
        case AdviceOpened() | AdviceTransferred():
            owed = (*state.owed, (event.occurred_on, event.municipality))
            return replace(state, municipality=event.municipality, owed=owed, taken_over=False)
        case AdviceWindowOpened():
            return replace(state, window=Window(event.moved_out_on, event.until, shelter_advises=event.shelter_advises))
        case AdviceClosed():
            return replace(state, closed_because=event.because, closed_on=event.occurred_on)
        case AdviceReopened():
            return replace(state, closed_because=None, closed_on=None)
        case InitialAdviceGiven():
            return replace(state, initial_given=True)
        case AdviceOffered():
            return replace(state, declined=False)
        case AdviceDeclined():
            return replace(state, declined=True)
        case AdviceStarted():
            return replace(state, started_on=event.occurred_on, variant=event.variant)
        case AdvicePhaseBegan():
            return replace(state, phases=(*state.phases, event.phase), phase_began_on=event.occurred_on)
        case AdviceGiven():
            return replace(state, meetings=state.meetings | {event.meeting_id})
        case AdviserNamed():
            return replace(state, adviser_id=event.adviser_id)
        case AdviceHandedOver():
            return replace(state, adviser_id=event.to_adviser_id)
        case AdviceTakenOver():
            return replace(state, adviser_id=event.adviser_id, taken_over=True)
        case AdviceExtended() if state.window is not None:
            extended_to = state.window.extended_to | {event.until}
            return replace(state, window=replace(state.window, until=event.until, extended_to=extended_to))
        case AdviceEnded():
            return replace(state, ended_on=event.occurred_on)
        case _:
            return state

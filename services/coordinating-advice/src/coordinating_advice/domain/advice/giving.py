"""The advice itself: initial advice, offer and refusal, start, meetings, phases and end."""

from typing import get_args

from coordinating_advice.domain.advice.commands import (
    BeginPhase,
    DeclineAdvice,
    EndAdvice,
    GiveAdvice,
    GiveInitialAdvice,
    OfferAdvice,
    StartAdvice,
)
from coordinating_advice.domain.advice.standing import must_be_within, must_follow_start, must_not_be_ended
from coordinating_advice.domain.advice.state import Advice
from havn_chassis.decider import Refused
from havn_events.codes import AdvicePhase
from havn_events.coordinating_advice import (
    AdviceDeclined,
    AdviceEnded,
    AdviceGiven,
    AdviceOffered,
    AdvicePhaseBegan,
    AdviceStarted,
    InitialAdviceGiven,
)
from havn_events.event import Event

PHASES: tuple[AdvicePhase, ...] = get_args(AdvicePhase)
"""The phases of Critical Time Intervention in their order, each less intensive than the one before (Odense 2.5)."""


def give_initial(command: GiveInitialAdvice, state: Advice) -> Event:
    """The initial advice, given once."""
    must_not_be_ended(state)
    if state.initial_given:
        raise Refused("initial-advice-already-given", "The initial advice is recorded already; it is given once.")
    return InitialAdviceGiven(stay_id=command.stay_id, occurred_on=command.occurred_on, by=command.by)


def offer(command: OfferAdvice, state: Advice) -> Event:
    """Offered, and offered again after she declined, until it starts."""
    must_not_be_ended(state)
    if state.started_on is not None:
        raise Refused("advice-already-started", "The advice has started and needs no further offer.")
    return AdviceOffered(stay_id=command.stay_id, occurred_on=command.occurred_on)


def decline(command: DeclineAdvice, state: Advice) -> Event:
    """She does not want it; after the start it is ended instead."""
    must_not_be_ended(state)
    if state.started_on is not None:
        raise Refused(
            "decline-after-start",
            "The advice has started, so it can no longer be declined. Record its end instead, because it was declined.",
        )
    if state.declined:
        raise Refused("advice-already-declined", "It is recorded already that she declined; offer it again first.")
    return AdviceDeclined(stay_id=command.stay_id, occurred_on=command.occurred_on, reason=command.reason)


def start(command: StartAdvice, state: Advice) -> Event:
    """It starts once, within its window."""
    must_not_be_ended(state)
    if state.started_on is not None:
        raise Refused("advice-already-started", "The advice has started already; record its meetings.")
    must_be_within(command, state)
    _must_be_the_shelters_to_give(command, state)
    return AdviceStarted(stay_id=command.stay_id, occurred_on=command.occurred_on, variant=command.variant, by=command.by)


def meet(command: GiveAdvice, state: Advice) -> Event:
    """A meeting after the start, within the window, up to the day the advice ended."""
    must_follow_start(command, state)
    if command.meeting_id in state.meetings:
        raise Refused("meeting-already-recorded", "A meeting with this id is recorded already.", field="meeting_id")
    if state.ended_on is not None and command.occurred_on > state.ended_on:
        raise Refused(
            "meeting-after-end",
            "The advice had ended by that day. Give the day the meeting was held, on or before the day the advice ended.",
            field="occurred_on",
        )
    must_be_within(command, state)
    _must_be_the_shelters_to_give(command, state)
    return AdviceGiven(
        stay_id=command.stay_id,
        occurred_on=command.occurred_on,
        meeting_id=command.meeting_id,
        minutes=command.minutes,
        by=command.by,
    )


def _must_be_the_shelters_to_give(command: StartAdvice | GiveAdvice, state: Advice) -> None:
    """After the move-out some shelters advise citizens of their own municipality only (Odense 2.5)."""
    window = state.window
    if command.by != "shelter" or window is None or window.shelter_advises == "all":
        return
    if command.occurred_on > window.moved_out_on and state.municipality_on(command.occurred_on) != command.shelter_municipality:
        raise Refused(
            "after-move-out-the-municipality-advises",
            "After the move-out this shelter advises citizens of its own municipality only (Odense 2.5). Hand the advice over to "
            "the home municipality's adviser, and record what that adviser gives as given by the municipality.",
            field="by",
        )


def begin_phase(command: BeginPhase, state: Advice) -> Event:
    """The next phase, where the advice was started as Critical Time Intervention."""
    must_not_be_ended(state)
    must_follow_start(command, state)
    if state.variant != "cti":
        raise Refused("not-cti", "Only advice that was started as Critical Time Intervention has phases.")
    must_be_within(command, state)
    if state.phases == PHASES or command.phase != PHASES[len(state.phases)]:
        raise Refused(
            "phases-in-order",
            f"The phases begin once each, in this order: {', '.join(PHASES)}. So far {len(state.phases)} of them began.",
            field="phase",
        )
    if state.phase_began_on is not None and command.occurred_on < state.phase_began_on:
        raise Refused(
            "phase-before-the-last-one",
            f"The phase before began on {state.phase_began_on}; this one cannot have begun before that day.",
            field="occurred_on",
        )
    return AdvicePhaseBegan(stay_id=command.stay_id, occurred_on=command.occurred_on, phase=command.phase)


def end(command: EndAdvice, state: Advice) -> Event:
    """It ended, within its window; by its last day, on that very day."""
    must_not_be_ended(state)
    must_follow_start(command, state)
    must_be_within(command, state)
    if command.because == "last-day" and (state.window is None or command.occurred_on != state.window.until):
        raise Refused(
            "not-the-last-day",
            "The advice ends by its last day only on the last day of its window; give that day, or another reason.",
            field="because",
        )
    return AdviceEnded(stay_id=command.stay_id, occurred_on=command.occurred_on, because=command.because)

"""One woman's initial and coordinating advice, from the day it is owed to its last day (Social Services Act § 109, Odense 2.5).

The window runs 6 months from move-out; her municipality may extend it to at most 12 (Odense 2.5, Copenhagen 3.5).
"""

from collections.abc import Sequence
from typing import assert_never

from coordinating_advice.domain.advice.advisers import hand_over, name_adviser, take_over
from coordinating_advice.domain.advice.commands import (
    BeginPhase,
    CloseAdvice,
    Command,
    DeclineAdvice,
    EndAdvice,
    ExtendWindow,
    FollowHome,
    GiveAdvice,
    GiveInitialAdvice,
    HandOverAdvice,
    NameAdviser,
    OfferAdvice,
    OpenAdvice,
    OpenWindow,
    ReopenAdvice,
    Report,
    StartAdvice,
    TakeOverAdvice,
    TransferAdvice,
)
from coordinating_advice.domain.advice.evolving import evolve
from coordinating_advice.domain.advice.extending import extend
from coordinating_advice.domain.advice.giving import begin_phase, decline, end, give_initial, meet, offer, start
from coordinating_advice.domain.advice.owing import close, open_advice, open_window, transfer_advice
from coordinating_advice.domain.advice.standing import must_be_open
from coordinating_advice.domain.advice.state import Advice
from havn_chassis.decider import Decider
from havn_events.coordinating_advice import AdviceReopened
from havn_events.event import Event


def decide(command: Command, state: Advice) -> Sequence[Event]:
    """What the command leads to. Raises Refused for a report that the state rules out; the orchestrator's news never is."""
    match command:
        case OpenAdvice():
            return open_advice(command, state)
        case OpenWindow():
            return open_window(command, state)
        case TransferAdvice():
            return transfer_advice(command, state)
        case FollowHome():
            return transfer_advice(command, state) if state.window is None and state.ended_on is None else []
        case CloseAdvice():
            return close(command, state)
        case ReopenAdvice():
            goes_on_elsewhere = state.closed_because == "stay-continued"
            return [AdviceReopened(stay_id=command.stay_id, occurred_on=command.occurred_on)] if goes_on_elsewhere else []
        case _:
            must_be_open(command, state)
            return [_report(command, state)]


def _report(command: Report, state: Advice) -> Event:
    match command:
        case GiveInitialAdvice():
            return give_initial(command, state)
        case OfferAdvice():
            return offer(command, state)
        case DeclineAdvice():
            return decline(command, state)
        case StartAdvice():
            return start(command, state)
        case GiveAdvice():
            return meet(command, state)
        case BeginPhase():
            return begin_phase(command, state)
        case NameAdviser():
            return name_adviser(command, state)
        case HandOverAdvice():
            return hand_over(command, state)
        case TakeOverAdvice():
            return take_over(command, state)
        case ExtendWindow():
            return extend(command, state)
        case EndAdvice():
            return end(command, state)
        case _ as never:
            assert_never(never)


ADVICE: Decider[Command, Advice] = Decider(name="advice", initial=Advice(), decide=decide, evolve=evolve)

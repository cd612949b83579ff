"""What the orchestrator's news makes of her advice: opened, handed to another municipality, given a window, closed."""

from collections.abc import Sequence

from coordinating_advice.domain.advice.commands import CloseAdvice, FollowHome, OpenAdvice, OpenWindow, TransferAdvice
from coordinating_advice.domain.advice.state import Advice, Window
from havn_events.coordinating_advice import AdviceClosed, AdviceOpened, AdviceTransferred, AdviceWindowOpened
from havn_events.event import Event


def open_advice(command: OpenAdvice, state: Advice) -> Sequence[Event]:
    """What is owed anew by another municipality than before shows that the home changed while nothing was owed."""
    if state.municipality is not None:
        transfer = TransferAdvice(stay_id=command.stay_id, occurred_on=command.occurred_on, municipality=command.municipality)
        return transfer_advice(transfer, state)
    return [
        AdviceOpened(stay_id=command.stay_id, occurred_on=command.occurred_on, municipality=command.municipality),
    ]


def close(command: CloseAdvice, state: Advice) -> Sequence[Event]:
    """A stay from which she went on elsewhere may be annulled afterwards; then nothing about it can be recorded any more."""
    if state.municipality is None or command.because == state.closed_because or state.closed_because == "stay-annulled":
        return []
    return [AdviceClosed(stay_id=command.stay_id, occurred_on=command.occurred_on, because=command.because)]


def open_window(command: OpenWindow, state: Advice) -> Sequence[Event]:
    """She moved out, or the dates moved; the advice is opened with it where no obligation had opened it before."""
    if state.closed_because is not None or (state.window is not None and not _moves(state.window, command)):
        return []
    opening = OpenAdvice(stay_id=command.stay_id, occurred_on=command.occurred_on, municipality=command.municipality)
    window = AdviceWindowOpened(
        stay_id=command.stay_id,
        occurred_on=command.occurred_on,
        moved_out_on=command.moved_out_on,
        until=command.until,
        shelter_advises=command.shelter_advises or (state.window.shelter_advises if state.window else "all"),
    )
    return [*open_advice(opening, state), window]


def _moves(window: Window, command: OpenWindow) -> bool:
    """Whether these dates are news, and not the echo of an extension that was recorded here."""
    if command.moved_out_on != window.moved_out_on:
        return True
    return command.until != window.until and command.until not in window.extended_to


def transfer_advice(command: TransferAdvice | FollowHome, state: Advice) -> Sequence[Event]:
    """From the day on that municipality owes the rest, where it did not already."""
    if not state.is_open or state.municipality == command.municipality:
        return []
    return [
        AdviceTransferred(stay_id=command.stay_id, occurred_on=command.occurred_on, municipality=command.municipality),
    ]

"""What the orchestrator's events lead to: advice and its window open, another municipality takes over, a stay is annulled."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from coordinating_advice.domain.advice.commands import (
    CloseAdvice,
    Command,
    FollowHome,
    OpenAdvice,
    OpenWindow,
    ReopenAdvice,
    TransferAdvice,
)
from coordinating_advice.domain.advice.decider import ADVICE
from havn_chassis.decider import Decider
from havn_chassis.inbox import Reactions
from havn_chassis.stays import follow_corrected_admission, remember_shelters
from havn_chassis.store import UnitOfWork
from havn_events.event import Event, StayEvent
from havn_events.orchestrator import (
    ContinuationAnnulled,
    FactNoted,
    ObligationOpened,
    ObligationRescheduled,
    ObligationTransferred,
    StayContinued,
)

OPENING = frozenset({"initial-advice", "advice-start"})
WINDOW = "advice-window"
OFFER = "advice-offer"
"""Owed since the move-out, beside the window and longer than it where nobody offered her anything."""


def _streams(event: Event) -> Sequence[tuple[Decider[Any, Any], UUID]]:
    return [(ADVICE, ADVICE.stream_id(event.stay_id))] if isinstance(event, StayEvent) else []


REACTIONS: Reactions = Reactions(preload=_streams)

remember_shelters(REACTIONS)


def _execute(unit: UnitOfWork, command: Command) -> None:
    unit.execute(ADVICE, (command.stay_id,), command)


@REACTIONS.to(ObligationOpened)
def when_advice_is_owed_open_it(event: ObligationOpened, unit: UnitOfWork) -> None:
    """The first obligation opens the advice; the one that arises from the move-out opens the window."""
    if event.rule in OPENING and event.municipality is not None:
        command = OpenAdvice(stay_id=event.stay_id, occurred_on=event.occurred_on, municipality=event.municipality)
        _execute(unit, command)
    else:
        _open_window(event, unit)


@REACTIONS.to(ObligationRescheduled)
def when_the_window_is_rescheduled_move_it(event: ObligationRescheduled, unit: UnitOfWork) -> None:
    """A corrected move-out moves the window; the echo of an extension recorded here changes nothing."""
    _open_window(event, unit)


def _open_window(event: ObligationOpened | ObligationRescheduled, unit: UnitOfWork) -> None:
    if event.rule != WINDOW or event.municipality is None or event.counted_from is None or event.due is None:
        return
    command = OpenWindow(
        stay_id=event.stay_id,
        occurred_on=event.occurred_on,
        municipality=event.municipality,
        moved_out_on=event.counted_from,
        until=event.due,
        shelter_advises=event.shelter_advises_after if isinstance(event, ObligationOpened) else None,
    )
    _execute(unit, command)


@REACTIONS.to(ObligationTransferred)
def when_another_municipality_owes_it_transfer_the_advice(event: ObligationTransferred, unit: UnitOfWork) -> None:
    """The rest is owed by the new municipality; the dates stay."""
    if event.municipality is not None and event.rule in OPENING | {WINDOW, OFFER}:
        command = TransferAdvice(stay_id=event.stay_id, occurred_on=event.occurred_on, municipality=event.municipality)
        _execute(unit, command)


@REACTIONS.to(FactNoted)
def when_the_stay_itself_changes_close_the_advice_or_follow_her_home(event: FactNoted, unit: UnitOfWork) -> None:
    """An annulled stay owes no advice; before the window, advice that is under way is her home municipality's.

    A cancelled obligation alone does not close it: a move-out that is called off and an offer she declines cancel one too, and
    she may need the advice again.
    """
    follow_corrected_admission(event, unit)
    if event.fact == "StayAnnulled":
        _execute(unit, CloseAdvice(stay_id=event.stay_id, occurred_on=event.occurred_on, because="stay-annulled"))
    elif event.fact == "HomeMunicipalityChanged" and event.municipality is not None:
        _execute(unit, FollowHome(stay_id=event.stay_id, occurred_on=event.occurred_on, municipality=event.municipality))


@REACTIONS.to(StayContinued)
def when_she_goes_on_elsewhere_close_the_advice(event: StayContinued, unit: UnitOfWork) -> None:
    """What municipalities owe goes on at the other shelter, a window that is open here too."""
    _execute(unit, CloseAdvice(stay_id=event.stay_id, occurred_on=event.occurred_on, because="stay-continued"))


@REACTIONS.to(ContinuationAnnulled)
def when_she_did_not_go_on_elsewhere_reopen_it(event: ContinuationAnnulled, unit: UnitOfWork) -> None:
    """It is owed here again."""
    _execute(unit, ReopenAdvice(stay_id=event.stay_id, occurred_on=event.occurred_on))

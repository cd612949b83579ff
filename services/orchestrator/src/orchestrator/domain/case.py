"""One case file: the facts about a stay (or an inquiry), and what is owed because of them.

A fact first closes, moves and hands over what it touches (``closing``), and a corrected day moves what was counted from it
(``correcting``); then it opens what follows from it (``opening``). A day that is over closes what was due and reminds of what
is due soon.
"""

from collections.abc import Sequence

from havn_chassis.decider import Decider
from havn_events.event import Event
from orchestrator.domain.closing import annul, close, take_back
from orchestrator.domain.commands import (
    ChangeStandard,
    CheckDeadlines,
    ComeBack,
    Command,
    ContinueElsewhere,
    FollowElsewhere,
    Opening,
    TakeFact,
)
from orchestrator.domain.correcting import correct
from orchestrator.domain.draft import Draft, in_force, pinned
from orchestrator.domain.evolving import evolve
from orchestrator.domain.fact import BEFORE_A_STAY
from orchestrator.domain.opening import open_what_follows
from orchestrator.domain.standard_change import change_standard
from orchestrator.domain.state import ONE_DAY, TAKES_BACK, Case, Obligation
from orchestrator.domain.transfer import come_back, continue_elsewhere, follow_elsewhere, leave_to_the_next_stay

__all__ = [
    "CASE",
    "Case",
    "ChangeStandard",
    "CheckDeadlines",
    "ComeBack",
    "Command",
    "ContinueElsewhere",
    "FollowElsewhere",
    "Obligation",
    "Opening",
    "TakeFact",
]


def decide(command: Command, state: Case) -> Sequence[Event]:
    """The events a command leads to.

    Raises Refused ``case-not-open`` for a fact about a stay that was never opened, ``standard-unknown`` for a case under a
    standard that is not in the rulebook; for a change of standard ``version-unknown``, ``beyond-the-calendar`` where a
    day cannot be counted, and ``standard-not-in-force`` or ``before-the-present-standard`` on a day on which it cannot be.
    """
    match command:
        case TakeFact():
            return _take(command, state)
        case CheckDeadlines():
            return _check(command, state)
        case ChangeStandard():
            return change_standard(command, state)
        case ContinueElsewhere():
            return continue_elsewhere(command, state)
        case FollowElsewhere():
            return follow_elsewhere(command, state)
        case ComeBack():
            return come_back(command, state)


def _take(command: TakeFact, state: Case) -> Sequence[Event]:
    fact = command.fact
    if fact.id in state.seen or (state.standard is None and _is_left_out(command)):
        return []
    draft = Draft.begin(command, state)
    draft.note(fact)
    if fact.name in TAKES_BACK:
        take_back(draft, fact, state)
    close(draft, fact)
    correct(draft, fact)
    open_what_follows(draft, fact)
    if draft.state.annulled:
        annul(draft, fact)
    if state.gone_on:
        leave_to_the_next_stay(draft, fact.id)
    return draft.events


def _is_left_out(command: TakeFact) -> bool:
    """What is reported of an inquiry has no case file, until an interview opens one where an inquiry is owed something."""
    fact, opening = command.fact, command.opening
    if fact.name not in BEFORE_A_STAY:
        return False
    return opening is None or not in_force(command.rulebook, opening.standard, fact.occurred_on).owes_inquiries


def _check(command: CheckDeadlines, state: Case) -> Sequence[Event]:
    today = command.day + ONE_DAY
    waiting = [o for o in state.obligations.values() if o.waits_for(today)]
    if not waiting:
        return []
    draft = Draft(command.case_id, command.rulebook, pinned(command.rulebook, state), today, state)
    for obligation in waiting:
        draft.cancel_if_ended(obligation, today)
        draft.run_out_if_over(draft.now(obligation), today)
        draft.remind(draft.now(obligation))
    return draft.events


CASE: Decider[Command, Case] = Decider(name="case", initial=Case(), decide=decide, evolve=evolve)

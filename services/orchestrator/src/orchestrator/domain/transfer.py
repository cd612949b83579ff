"""A direct transfer to another shelter: what municipalities owe goes on in the next stay, with what is used and given so far.

A later stay without a transfer opens a new entitlement (assumed).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from havn_events.event import Event
from havn_events.orchestrator import StayContinued
from orchestrator.domain.closing import cancel
from orchestrator.domain.commands import ContinueElsewhere
from orchestrator.domain.draft import Draft, pinned
from orchestrator.domain.fact import Fact
from orchestrator.domain.state import Case, Obligation

ENDED_BY = {
    "ActionPlanRequested": frozenset({"ActionPlanMade"}),
    "AdviceStarted": frozenset({"AdviceDeclined", "AdviceEnded"}),
}
"""Facts after which one of before the transfer counts on no more: it came to its end in the stay before."""


def continue_elsewhere(command: ContinueElsewhere, state: Case) -> Sequence[Event]:
    """What municipalities owe is owed in the next stay; what was closed or missed stays here, and the shelter's duties too.

    Nothing happens for a stay that is not known or was another woman's, and none continues itself.
    """
    known = state.standard is not None and state.woman_id == command.woman_id and not state.annulled
    if not known or command.continued_in in (command.case_id, state.continued_in):
        return []
    draft = Draft(command.case_id, command.rulebook, pinned(command.rulebook, state), command.today, state)
    draft.add(
        StayContinued(
            occurred_on=command.occurred_on,
            stay_id=command.case_id,
            continued_in=command.continued_in,
            rests_on=command.admission_id,
        )
    )
    for obligation in _of_municipalities(draft):
        cancel(draft, obligation, command.occurred_on, command.admission_id)
    return draft.events


def leave_to_the_next_stay(draft: Draft, on: date, by: UUID) -> None:
    """What a correction opened again since she went to another shelter is owed there."""
    for obligation in _of_municipalities(draft):
        if obligation.status == "open":
            draft.cancelled(obligation, on, by)


def _of_municipalities(draft: Draft) -> list[Obligation]:
    return [o for o in draft.state.obligations.values() if o.municipal and o.reference is None]


def counts_on(state: Case) -> Iterable[Fact]:
    """The facts that the next stay begins with, in the order of recording."""
    noted = {entry.fact for entry in state.noted.values()}
    return [fact for fact in state.counts_on if not ENDED_BY.get(fact.name, frozenset()) & noted]

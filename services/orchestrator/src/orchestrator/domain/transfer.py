"""A direct transfer to another shelter: what municipalities owe goes on in the next stay, with what is used and given so far.

What is owed to her goes along when she is admitted there, what is owed to a child when it arrives there: a child that stays behind
keeps what it is owed. A later stay without a transfer opens a new entitlement (assumed).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from havn_events.event import Event
from havn_events.orchestrator import ChildCameBack, ChildFollowed, ContinuationAnnulled, StayContinued
from orchestrator.domain.closing import close
from orchestrator.domain.commands import ComeBack, ContinueElsewhere, FollowElsewhere
from orchestrator.domain.correcting import correct, meet_as_never_ended
from orchestrator.domain.draft import Draft, pinned
from orchestrator.domain.fact import Fact
from orchestrator.domain.looking_back import meet_by_what_was_used, miss_by_what_was_noted
from orchestrator.domain.opening import open_what_follows
from orchestrator.domain.state import Case, Gone

ENDED_BY = {
    "ActionPlanRequested": frozenset({"ActionPlanMade", "MunicipalityAnswered"}),
    "AdviceStarted": frozenset({"AdviceDeclined", "AdviceEnded"}),
    "PaymentReliefRequested": frozenset({"PaymentDecided"}),
}
"""Facts since which one of before the transfer counts on no more: it came to its end in the stay before."""


def continue_elsewhere(command: ContinueElsewhere, state: Case) -> Sequence[Event]:
    """What municipalities owe her is owed in the next stay; what was closed or missed stays here, and the shelter's duties too.

    Nothing happens for a stay that is not known or was another woman's, and none continues itself.
    """
    hers = state.woman_id == command.woman_id and not state.annulled
    if not hers or command.continued_in in (command.case_id, state.continued_in):
        return []
    draft = Draft(command.case_id, command.rulebook, pinned(command.rulebook, state), command.today, state)
    draft.add(
        StayContinued(
            occurred_on=command.occurred_on,
            stay_id=command.case_id,
            person_id=command.woman_id,
            continued_in=command.continued_in,
            rests_on=command.admission_id,
        )
    )
    _go_along(draft, command.woman_id, command.occurred_on, command.admission_id)
    return draft.events


def follow_elsewhere(command: FollowElsewhere, state: Case) -> Sequence[Event]:
    """What municipalities owe the child is owed in that stay, and what it used here counts there, if this one is annulled too.

    Nothing happens for a child that is not of this stay, or has gone there already.
    """
    gone = state.gone_on.get(command.child_id)
    if command.child_id not in state.children or (gone and gone.stay_id == command.continued_in):
        return []
    draft = Draft(command.case_id, command.rulebook, pinned(command.rulebook, state), command.today, state)
    draft.add(
        ChildFollowed(
            occurred_on=command.occurred_on,
            stay_id=command.case_id,
            person_id=command.child_id,
            continued_in=command.continued_in,
            rests_on=command.arrival_id,
        )
    )
    _go_along(draft, command.child_id, command.occurred_on, command.arrival_id)
    return draft.events


def _go_along(draft: Draft, person_id: UUID, on: date, by: UUID) -> None:
    for obligation in draft.obligations():
        if obligation.municipal and obligation.person_id == person_id:
            draft.cancel(obligation, on, by)


def leave_to_the_next_stay(draft: Draft, by: UUID) -> None:
    """What a correction opened again since somebody went to another shelter is owed there."""
    for obligation in draft.obligations():
        if obligation.municipal and obligation.person_id in draft.state.gone_on and obligation.status == "open":
            draft.cancelled(obligation, draft.state.gone_since(obligation), by)


def come_back(command: ComeBack, state: Case) -> Sequence[Event]:
    """What was left to the next stay is owed here again, and what was told since counts for it.

    Nothing happens where they went on elsewhere by now, or where this stay was annulled too. What was reported in the annulled
    stay stays there (assumed).
    """
    back = {person: gone for person, gone in state.gone_on.items() if gone.stay_id in command.annulled}
    if state.annulled or not back:
        return []
    draft = Draft(command.case_id, command.rulebook, pinned(command.rulebook, state), command.today, state)
    for person_id, gone in back.items():
        if person_id not in command.elsewhere:
            _come_back(draft, command, person_id, gone)
    return draft.events


def _come_back(draft: Draft, command: ComeBack, person_id: UUID, gone: Gone) -> None:
    on, by = command.occurred_on, command.annulment_id
    hers = [o for o in draft.state.obligations.values() if o.person_id == person_id]
    left = [o for o in hers if o.id in draft.state.left_behind and o.status == "cancelled"]
    stay_id = command.case_id
    if person_id == draft.state.woman_id:
        draft.add(
            ContinuationAnnulled(
                occurred_on=on, stay_id=stay_id, person_id=person_id, continued_in=gone.stay_id, rests_on=by
            )
        )
    else:
        draft.add(ChildCameBack(occurred_on=on, stay_id=stay_id, person_id=person_id, rests_on=by))
    for obligation in left:
        draft.reopened(obligation, on, by)
        meet_by_what_was_used(draft, draft.now(obligation), by)
        meet_as_never_ended(draft, draft.now(obligation), draft.rule_of(draft.now(obligation))[1], on)
    draft.only = person_id
    for fact in gone.told_since:
        _tell_again(draft, fact)
    draft.only = None
    for obligation in left:
        miss_by_what_was_noted(draft, draft.now(obligation), draft.rule_of(draft.now(obligation))[1])
        draft.cancel_if_ended(obligation, command.today)
        draft.run_out_if_over(draft.now(obligation), command.today)


def _tell_again(draft: Draft, fact: Fact) -> None:
    """A fact told while somebody was thought to be elsewhere, for what municipalities owe."""
    close(draft, fact)
    correct(draft, fact)
    open_what_follows(draft, fact)


def counts_on(state: Case) -> Iterable[Fact]:
    """The facts that the next stay begins with, in the order of recording."""
    return [fact for fact in state.counts_on if not _came_to_its_end(fact, state)]


def _came_to_its_end(fact: Fact, state: Case) -> bool:
    ends = ENDED_BY.get(fact.name, frozenset())
    return any(entry.fact in ends and entry.last_on >= fact.occurred_on for entry in state.noted.values())

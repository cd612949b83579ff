"""A direct transfer to another shelter: what municipalities owe goes on in the next stay, with what is used and given so far.

A later stay without a transfer opens a new entitlement (assumed).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from havn_events.event import Event
from havn_events.orchestrator import ContinuationAnnulled, StayContinued
from orchestrator.domain.closing import close, correct_admission
from orchestrator.domain.commands import ComeBack, ContinueElsewhere
from orchestrator.domain.draft import Draft, pinned
from orchestrator.domain.fact import Fact
from orchestrator.domain.looking_back import meet_by_what_was_used, miss_by_what_was_noted
from orchestrator.domain.opening import goes_along, open_under
from orchestrator.domain.state import Case, Obligation

ENDED_BY = {
    "ActionPlanRequested": frozenset({"ActionPlanMade", "MunicipalityAnswered"}),
    "AdviceStarted": frozenset({"AdviceDeclined", "AdviceEnded"}),
    "PaymentReliefRequested": frozenset({"PaymentDecided"}),
}
"""Facts since which one of before the transfer counts on no more: it came to its end in the stay before."""


def continue_elsewhere(command: ContinueElsewhere, state: Case) -> Sequence[Event]:
    """What municipalities owe is owed in the next stay; what was closed or missed stays here, and the shelter's duties too.

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
            continued_in=command.continued_in,
            rests_on=command.admission_id,
        )
    )
    for obligation in _of_municipalities(draft):
        draft.cancel(obligation, command.occurred_on, command.admission_id)
    return draft.events


def leave_to_the_next_stay(draft: Draft, on: date, by: UUID) -> None:
    """What a correction opened again since she went to another shelter is owed there."""
    for obligation in _of_municipalities(draft):
        if obligation.status == "open":
            draft.cancelled(obligation, on, by)


def come_back(command: ComeBack, state: Case) -> Sequence[Event]:
    """What was left to the next stay is owed here again, and what was told since counts for it.

    Nothing happens where she went on elsewhere by now, or where this stay was annulled too. What was reported in the annulled
    stay stays there (assumed).
    """
    if state.continued_in != command.continued_in or state.annulled:
        return []
    standard = pinned(command.rulebook, state)
    draft = Draft(command.case_id, command.rulebook, standard, command.today, state, only_what_goes_along=True)
    draft.add(
        ContinuationAnnulled(
            occurred_on=command.occurred_on,
            stay_id=command.case_id,
            continued_in=command.continued_in,
            rests_on=command.annulment_id,
        )
    )
    left = [obligation for obligation in state.obligations.values() if obligation.id in state.left_behind]
    for obligation in left:
        draft.reopened(obligation, command.occurred_on, command.annulment_id)
        meet_by_what_was_used(draft, draft.now(obligation), command.annulment_id)
    for fact in state.told_since:
        _tell_again(draft, fact)
    for obligation in left:
        miss_by_what_was_noted(draft, draft.now(obligation), draft.rule_of(draft.now(obligation))[1])
        draft.run_out_if_over(draft.now(obligation), command.today)
    return draft.events


def _tell_again(draft: Draft, fact: Fact) -> None:
    """A fact told while she was thought to be elsewhere, for what municipalities owe."""
    close(draft, fact)
    if fact.name == "AdmissionCorrected":
        correct_admission(draft, fact)
    rules = (rule for rule in draft.standard.rules_opened_by(fact.name) if goes_along(rule))
    open_under(draft, rules, fact, fact.attributes)


def _of_municipalities(draft: Draft) -> list[Obligation]:
    return [o for o in draft.state.obligations.values() if o.goes_along]


def counts_on(state: Case) -> Iterable[Fact]:
    """The facts that the next stay begins with, in the order of recording."""
    return [fact for fact in state.counts_on if not _came_to_its_end(fact, state)]


def _came_to_its_end(fact: Fact, state: Case) -> bool:
    ends = ENDED_BY.get(fact.name, frozenset())
    return any(entry.fact in ends and entry.last_on >= fact.occurred_on for entry in state.noted.values())

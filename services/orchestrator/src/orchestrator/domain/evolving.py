"""How each event changes a case file."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from havn_chassis.decider import changed
from havn_events.event import Event
from havn_events.orchestrator import (
    CaseOpened,
    ChildCameBack,
    ChildFollowed,
    ContinuationAnnulled,
    FactNoted,
    ObligationCancelled,
    ObligationDueSoon,
    ObligationMet,
    ObligationMissed,
    ObligationOpened,
    ObligationReopened,
    ObligationRescheduled,
    ObligationTransferred,
    StandardChanged,
    StayContinued,
)
from orchestrator.domain.noting import first_home, with_fact
from orchestrator.domain.state import MUNICIPAL, Case, Gone, Obligation, Status


def evolve(state: Case, event: Event) -> Case:
    """The case file after one more event."""
    match event:
        case FactNoted():
            return with_fact(state, event)
        case ObligationOpened():
            return _with(state, _opened(event))
        case ObligationMet():
            met = state.obligations[event.obligation_id]
            status: Status = "met-late" if event.late else "met"
            return _with(state, changed(met, status=status, closed_on=event.occurred_on, closed_by=event.rests_on))
        case ObligationMissed():
            missed = state.obligations[event.obligation_id]
            lost_on = missed.lost_on if event.rests_on is None else event.occurred_on
            return _with(
                state,
                changed(missed, status="missed", missed_on=event.occurred_on, lost_on=lost_on, closed_on=None, closed_by=None),
            )
        case ObligationCancelled():
            gone = state.obligations[event.obligation_id]
            cancelled = changed(gone, status="cancelled", closed_on=event.occurred_on, closed_by=event.rests_on)
            is_left = gone.person_id in state.gone_on and gone.municipal
            left_behind = state.left_behind | {gone.id} if is_left else state.left_behind
            return changed(_with(state, cancelled), left_behind=left_behind)
        case ObligationReopened():
            again = state.obligations[event.obligation_id]
            return _with(state, changed(again, status="open", closed_on=None, closed_by=None, lost_on=None))
        case ObligationRescheduled():
            moved = state.obligations[event.obligation_id]
            return _with(
                state,
                changed(
                    moved,
                    due=event.due,
                    counted_from=event.counted_from,
                    remind_on=event.remind_on,
                    standard=event.standard or moved.standard,
                    standard_version=event.standard_version or moved.standard_version,
                ),
            )
        case ObligationDueSoon():
            told = state.obligations[event.obligation_id]
            return _with(state, changed(told, remind_on=None, reminded=told.reminded | {event.due}))
        case ObligationTransferred():
            handed = state.obligations[event.obligation_id]
            return _with(state, changed(handed, municipality=event.municipality))
        case CaseOpened():
            return changed(
                state,
                standard=event.standard,
                standard_version=event.standard_version,
                standard_since=event.occurred_on,
                homes=first_home(event.home_municipality),
                transferred_from=event.transferred_from,
            )
        case StandardChanged():
            return changed(
                state,
                standard=event.standard,
                standard_version=event.standard_version,
                standard_since=event.occurred_on,
                changes=(*state.changes, event.change_id),
            )
        case StayContinued() | ChildFollowed():
            return _gone(state, event.person_id, event.continued_in, event.occurred_on)
    assert isinstance(event, ContinuationAnnulled | ChildCameBack)
    return _back(state, event.person_id)


def _gone(state: Case, person_id: UUID, stay_id: UUID, on: date) -> Case:
    gone = replace(state.gone_on.get(person_id, Gone(stay_id, on)), stay_id=stay_id, on=on)
    return changed(state, gone_on={**state.gone_on, person_id: gone})


def _back(state: Case, person_id: UUID) -> Case:
    left = frozenset(id for id in state.left_behind if state.obligations[id].person_id != person_id)
    gone_on = {person: gone for person, gone in state.gone_on.items() if person != person_id}
    return changed(state, gone_on=gone_on, left_behind=left)


def _with(state: Case, obligation: Obligation) -> Case:
    return changed(state, obligations={**state.obligations, obligation.id: obligation})


def _opened(event: ObligationOpened) -> Obligation:
    return Obligation(
        id=event.obligation_id,
        rule=event.rule,
        person_id=event.person_id,
        reference=event.reference,
        municipality=event.municipality,
        municipal=event.owed_by in MUNICIPAL,
        status="open",
        opened_on=event.occurred_on,
        opened_by=event.rests_on,
        due=event.due,
        counted_from=event.counted_from,
        standard=event.standard,
        standard_version=event.standard_version,
        remind_on=event.remind_on,
        ends_on=event.ends_on,
        unit=event.unit,
        floor=event.floor,
        ceiling=event.ceiling,
    )

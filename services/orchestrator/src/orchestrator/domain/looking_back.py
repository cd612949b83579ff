"""What was noted before: whether it meets, misses or cancels an obligation that is opened or judged now."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from havn_standards import Rule, Trigger
from orchestrator.domain.draft import Draft, concerns, matches
from orchestrator.domain.fact import DECISIONS
from orchestrator.domain.state import MET, Noted, Obligation


def meet_by_what_was_noted(draft: Draft, obligation: Obligation, rule: Rule, since: date = date.min) -> None:
    """Any: met on the day of the earliest fact. All: met on the day the last kind of fact was there for the first time.

    What was before ``since`` is left out, and a decision of before it was asked: it settled something else. What was taken back
    only after it was owed, such as an answer to an offer, had met it.
    """
    told = _told(draft, obligation, rule.met_by) + _taken_back_since(draft, obligation, rule.met_by)
    if not told:
        return
    asked_on = max(obligation.opened_on, since)
    noted = [n for n in (_noted_since(n, asked_on if n.fact in DECISIONS else since) for n in told) if n is not None]
    first_of_each = [
        min((n for n in noted if trigger.matches(n.fact, n.attributes)), key=lambda n: n.on, default=None)
        for trigger in rule.met_by
    ]
    found = [n for n in first_of_each if n is not None]
    if rule.meets == "any" and found:
        earliest = min(found, key=lambda n: n.on)
        draft.meet(obligation, earliest.on, earliest.fact_id)
    elif len(found) == len(rule.met_by):
        last = max(found, key=lambda n: n.on)
        draft.meet(obligation, last.on, last.fact_id)


def _noted_since(noted: Noted, day: date) -> Noted | None:
    """The earliest, or else the latest of them where that is not of before the day."""
    if noted.on >= day:
        return noted
    return replace(noted, on=noted.last_on, fact_id=noted.last_id) if noted.last_on >= day else None


def meet_by_what_was_used(draft: Draft, obligation: Obligation, by: UUID) -> None:
    """The ledger had reached its floor before it was owed."""
    if obligation.unit is None or obligation.floor is None or obligation.person_id is None:
        return
    if draft.state.used(obligation) >= obligation.floor:
        draft.meet(obligation, draft.state.ledgers[obligation.person_id].reached_on(obligation.unit, obligation.floor), by)


def miss_by_what_was_noted(draft: Draft, obligation: Obligation, rule: Rule) -> None:
    """It was too late before it was owed."""
    lost = what_made_it_missed(draft, obligation, rule)
    if lost is not None:
        lose(draft, obligation, lost.on, lost.fact_id)


def what_made_it_missed(draft: Draft, obligation: Obligation, rule: Rule) -> Noted | None:
    """The first fact that makes it missed, of those noted so far."""
    return _first_noted(draft, obligation, rule, rule.missed_by)


def lose(draft: Draft, obligation: Obligation, on: date, by: UUID) -> None:
    """Missed unless it was met by that day; what was met after that day was met late. Of several such days the first counts."""
    draft.run_out_if_over(obligation, on)
    obligation = draft.now(obligation)
    lost_on = max(on, obligation.opened_on)
    missed_on = obligation.missed_on if obligation.status in ("missed", "met-late") else None
    if missed_on is not None and missed_on <= lost_on:
        return
    if obligation.is_unfinished:
        draft.missed(obligation, lost_on, by)
    elif obligation.status in MET and obligation.closed_on is not None and obligation.closed_on > lost_on:
        draft.missed(obligation, lost_on, by)
        draft.met(obligation, obligation.closed_on, obligation.closed_by, late=True)


def cancel_by_what_was_noted(draft: Draft, obligation: Obligation, rule: Rule) -> None:
    """She had said no before it was owed, and it was not offered again by then."""
    gone = _first_noted(draft, obligation, rule, rule.cancelled_by)
    if gone is not None:
        draft.cancel(obligation, gone.on, gone.fact_id)


def cancel_by_what_came_since(draft: Draft, obligation: Obligation, rule: Rule, since: date) -> None:
    """It was owed no more before it was told: what is told after the stay is not owed beyond it."""
    if not rule.cancelled_by:
        return
    told = _told(draft, obligation, rule.cancelled_by)
    days = [(on, fact_id) for n in told for on, fact_id in ((n.on, n.fact_id), (n.last_on, n.last_id)) if on >= since]
    if days:
        on, fact_id = min(days)
        draft.run_out_if_over(draft.now(obligation), on)
        if draft.now(obligation).status == "open" or _was_not_over(draft.now(obligation), on):
            draft.cancelled(draft.now(obligation), on, fact_id)


def _was_not_over(obligation: Obligation, on: date) -> bool:
    """Missed by a day that a correction has moved since: by the right one it was not due before it was owed no more."""
    return obligation.status == "missed" and obligation.lost_on is None and obligation.due is not None and on <= obligation.due


def _first_noted(draft: Draft, obligation: Obligation, rule: Rule, triggers: Sequence[Trigger]) -> Noted | None:
    """The earliest, also of what was taken back since it was owed; but what opens a window or a treatment again leaves it open."""
    if not triggers:
        return None
    told = _told(draft, obligation, triggers)
    if not rule.last_day_meets and rule.amount is None:
        told += _taken_back_since(draft, obligation, triggers)
    return min(told, key=lambda n: n.on, default=None)


def _told(draft: Draft, obligation: Obligation, triggers: Sequence[Trigger]) -> list[Noted]:
    """What was noted that is one of these triggers, and concerns the obligation."""
    return _of_these(triggers, draft.state.noted.values(), obligation)


def _taken_back_since(draft: Draft, obligation: Obligation, triggers: Sequence[Trigger]) -> list[Noted]:
    """What was taken back only after it was owed, by the right day of what opened it."""
    if not draft.state.taken_back:
        return []
    owed_on = min(obligation.opened_on, obligation.counted_from or obligation.opened_on)
    return _of_these(triggers, (gone.noted for gone in draft.state.taken_back if gone.on > owed_on), obligation)


def _of_these(triggers: Sequence[Trigger], noted: Iterable[Noted], obligation: Obligation) -> list[Noted]:
    names = [trigger.fact for trigger in triggers]
    return [n for n in noted if n.fact in names and concerns(n, obligation) and matches(triggers, n)]

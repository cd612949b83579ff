"""What a fact closes, moves and hands over, and what a corrected admission, interview or move-out moves."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from havn_standards import Rule
from orchestrator.domain.draft import Draft, concerns, matches
from orchestrator.domain.fact import DECISIONS, Fact
from orchestrator.domain.looking_back import (
    cancel_by_what_came_since,
    lose,
    meet_by_what_was_noted,
    miss_by_what_was_noted,
    what_made_it_missed,
)
from orchestrator.domain.opening import alike, day_zero_of, last_day_of, open_what_follows
from orchestrator.domain.state import LEDGER, MET, ONE_DAY, TAKES_BACK, Noted, Obligation


def close(draft: Draft, fact: Fact) -> None:
    """What a fact meets, counts, misses, cancels, dates and hands over, in this order."""
    standard, name = draft.standard, fact.name
    for obligation, rule in draft.obligations_under(standard.rules_met_by(name)):
        if concerns(fact, obligation) and matches(rule.met_by, fact):
            _meet_by_fact(draft, draft.now(obligation), rule, fact)
    if name in LEDGER:
        assert fact.person_id is not None
        _count(draft, fact, fact.person_id)
        _take_back_what_a_session_met(draft, fact, fact.person_id)
    for obligation, rule in draft.obligations_under(standard.rules_missed_by(name)):
        if concerns(fact, obligation) and matches(rule.missed_by, fact) and _held(draft, rule, fact, obligation):
            lose(draft, draft.now(obligation), fact.occurred_on, fact.id)
    for obligation, rule in draft.obligations_under(standard.rules_cancelled_by(name)):
        if concerns(fact, obligation) and matches(rule.cancelled_by, fact) and _held(draft, rule, fact, obligation):
            draft.cancel(draft.now(obligation), fact.occurred_on, fact.id)
    for obligation, _ in draft.obligations_under(standard.rules_due_from(name)):
        if concerns(fact, obligation):
            _count_from(draft, draft.now(obligation), fact)
    match name:
        case "TreatmentCompleted":
            _end_treatment(draft, fact)
        case "AdviceExtended":
            _extend_windows(draft, fact)
        case "HomeMunicipalityChanged" | "ExtraHoursGranted":
            for obligation in draft.obligations():
                draft.hand_over_to_present_home(obligation)


def _meet_by_fact(draft: Draft, obligation: Obligation, rule: Rule, fact: Fact) -> None:
    """A review or decision of before it was owed does not meet it: it is of an earlier round."""
    of_a_round = fact.name in rule.opening_facts or fact.name in DECISIONS
    if of_a_round and fact.occurred_on < obligation.opened_on:
        return
    if rule.meets == "any":
        draft.meet(obligation, fact.occurred_on, fact.id)
    else:
        meet_by_what_was_noted(draft, obligation, rule)


def _count(draft: Draft, fact: Fact, person_id: UUID) -> None:
    """A ledger is met on the day its floor is reached, and owed again when a correction takes it below."""
    for obligation in draft.obligations():
        if obligation.unit is None or obligation.floor is None or obligation.person_id != person_id:
            continue
        if draft.state.used(obligation) >= obligation.floor:
            draft.meet(obligation, draft.state.ledgers[person_id].reached_on(obligation.unit, obligation.floor), fact.id)
        elif obligation.status in MET:
            draft.reopened(obligation, fact.occurred_on, fact.id)
            miss_by_what_was_noted(draft, draft.now(obligation), draft.rule_of(obligation)[1])
            draft.run_out_if_over(draft.now(obligation), draft.today)
        draft.hand_over_to_present_home(draft.now(obligation))


def _take_back_what_a_session_met(draft: Draft, fact: Fact, person_id: UUID) -> None:
    """When a session turns out not to have been held, what it had met is owed again, unless another or something else meets it."""
    told = {entry.id for entry in draft.state.counts_on if entry.name == "SessionHeld"}
    noted = draft.state.noted.values()
    held_on = min((n.on for n in noted if (n.fact, n.person_id) == ("SessionHeld", person_id)), default=date.max)
    for obligation, rule in draft.obligations_under(draft.standard.rules_met_by("SessionHeld")):
        by_a_session = obligation.person_id == person_id and obligation.closed_by in told
        if by_a_session and obligation.closed_on is not None and obligation.closed_on < held_on:
            draft.reopened(obligation, fact.occurred_on, fact.id)
            meet_by_what_was_noted(draft, draft.now(obligation), rule)
            _count_what_was_not_counted(draft, draft.now(obligation), fact)


def _count_what_was_not_counted(draft: Draft, obligation: Obligation, fact: Fact) -> None:
    """A due day that came while it was met, and showed nothing then."""
    if obligation.counted_from is None:
        _count_from(draft, obligation, fact)
    draft.run_out_if_over(draft.now(obligation), draft.today)


def _held(draft: Draft, rule: Rule, fact: Fact, obligation: Obligation) -> bool:
    """It was not taken back before it was owed; what takes it back opens a window or a treatment again, as if it was never told."""
    gone_on = draft.state.taken_back_on(fact.name, fact.person_id, fact.occurred_on)
    return gone_on is None or (gone_on > obligation.opened_on and not _can_be_owed_again(draft, obligation, rule, gone_on))


def offer_again(draft: Draft, fact: Fact, taken_back: Iterable[Noted]) -> None:
    """What was offered again before it was owed is owed though she had declined it once.

    A treatment, and what is left of a window, is owed again whenever it is offered again or she takes it up after all.
    """
    declined = {fact_id for noted in taken_back for fact_id in (noted.fact_id, noted.last_id)}
    for obligation in draft.obligations():
        rule = draft.rule_of(obligation)[1]
        was_declined = obligation.status == "cancelled" and _can_be_owed_again(draft, obligation, rule, fact.occurred_on)
        if obligation.closed_by in declined and (was_declined or fact.occurred_on <= obligation.opened_on):
            draft.reopened(obligation, fact.occurred_on, fact.id)
            meet_by_what_was_noted(draft, draft.now(obligation), rule)
            _count_what_was_not_counted(draft, draft.now(obligation), fact)


def _can_be_owed_again(draft: Draft, obligation: Obligation, rule: Rule, on: date) -> bool:
    """A window, a treatment, and what is to be begun by a day after the stay that is not over; a day that was over binds nobody."""
    if rule.last_day_meets or obligation.unit is not None:
        return True
    if rule.due_from is None:
        return False
    day_zero = day_zero_of(draft, rule, obligation.opened_on, obligation.person_id, obligation.reference)
    last_day = last_day_of(draft.standard, rule, day_zero)
    return last_day is None or last_day >= on


def miss_no_more(draft: Draft, fact: Fact) -> None:
    """What a fact of before it was owed had made missed is not, where that fact was taken back before it was owed."""
    for obligation, rule in draft.obligations_under(draft.standard.rules_missed_by(TAKES_BACK[fact.name])):
        if obligation.status != "cancelled" and fact.occurred_on <= obligation.opened_on == obligation.lost_on:
            draft.reopened(obligation, fact.occurred_on, fact.id)
            meet_by_what_was_noted(draft, draft.now(obligation), rule)
            miss_by_what_was_noted(draft, draft.now(obligation), rule)


def _end_treatment(draft: Draft, fact: Fact) -> None:
    """A treatment that ended before its floor was used is owed no more."""
    for obligation in draft.obligations():
        if obligation.unit is not None and obligation.person_id == fact.person_id:
            draft.cancel(obligation, fact.occurred_on, fact.id)


def _count_from(draft: Draft, obligation: Obligation, fact: Fact) -> None:
    """A due day that becomes known after it was met is recorded only where it shows that it was met too late.

    One that becomes known after it was owed no more shows that it was missed where it was over before.
    """
    standard, rule = draft.rule_of(obligation)
    day_zero = day_zero_of(draft, rule, obligation.opened_on, obligation.person_id, obligation.reference)
    new_due = last_day_of(standard, rule, day_zero)
    met_on = obligation.closed_on if obligation.status in MET and obligation.due is None else None
    if met_on is not None and new_due is not None and met_on <= new_due:
        return
    was_over = new_due is not None and obligation.status == "cancelled" and draft.state.was_owed_on(obligation, new_due + ONE_DAY)
    if was_over:
        draft.reopened(obligation, fact.occurred_on, fact.id)
    draft.reschedule(draft.now(obligation), fact.occurred_on, fact.id, day_zero, new_due)
    if was_over:
        meet_by_what_was_noted(draft, draft.now(obligation), rule)


def _extend_windows(draft: Draft, fact: Fact) -> None:
    """The explicit last day replaces the counted one, unless a move-out corrected since has a later one; day 0 stays."""
    for obligation in draft.obligations():
        rule, day_zero = draft.rule_of(obligation)[1], obligation.counted_from
        if rule.last_day_meets and concerns(fact, obligation):
            is_corrected = bool(draft.state.corrections)
            last_day = _last_day(draft, obligation, rule, day_zero) if is_corrected and day_zero else fact.until
            draft.reschedule(obligation, fact.occurred_on, fact.id, day_zero, last_day)


def annul(draft: Draft, fact: Fact) -> None:
    """Nothing of the stay is owed any more, nor what a later fact opened again. A complaint keeps its right to an answer."""
    for obligation in draft.obligations():
        if obligation.is_unfinished and obligation.reference is None:
            draft.cancelled(obligation, fact.occurred_on, fact.id)


def correct_admission(draft: Draft, fact: Fact) -> None:
    """What was counted from the admission is counted again from the right day, and so is the length of the stay."""
    admitted_on = fact.until
    assert admitted_on is not None
    _count_anew(draft, fact, "WomanAdmitted", draft.state.admission_id, admitted_on)
    move_out = _move_out(draft)
    if move_out is not None:
        _cancel_what_holds_no_more(draft, fact, move_out)
        _open_what_holds_now(draft, move_out)


def correct_interview(draft: Draft, fact: Fact) -> None:
    """What was counted from the interview is counted again from the right day."""
    assert fact.until is not None
    held = next((noted.fact_id for noted in draft.state.noted.values() if noted.fact == "InterviewHeld"), None)
    _count_anew(draft, fact, "InterviewHeld", held, fact.until)


def correct_move_out(draft: Draft, fact: Fact) -> None:
    """What was counted from the move-out, or missed or ended by it, is judged again by the right day, and so is the length.

    What was left to the next stay is owed there.
    """
    move_out = _move_out(draft)
    if move_out is None or draft.state.annulled:
        return
    _cancel_what_holds_no_more(draft, fact, move_out)
    for obligation in draft.obligations():
        rule = draft.rule_of(obligation)[1]
        if any(trigger.fact == "WomanMovedOut" for trigger in rule.cancelled_by):
            _end_on_the_right_day(draft, fact, obligation, rule, move_out)
        if any(trigger.fact == "WomanMovedOut" for trigger in rule.missed_by):
            _lose_on_the_right_day(draft, fact, draft.now(obligation), rule)
    _count_anew(draft, fact, "WomanMovedOut", move_out.fact_id, move_out.on)
    _open_what_holds_now(draft, move_out)


def _move_out(draft: Draft) -> Noted | None:
    """The move-out by its right day and length."""
    return next((noted for noted in draft.state.noted.values() if noted.fact == "WomanMovedOut"), None)


def _end_on_the_right_day(draft: Draft, fact: Fact, obligation: Obligation, rule: Rule, move_out: Noted) -> None:
    """What the move-out ended was missed where it was over before the right day; what was not over then is not missed."""
    right = move_out.on
    if obligation.status != "cancelled" or obligation.closed_by != move_out.fact_id:
        if concerns(move_out, obligation) and matches(rule.cancelled_by, move_out):
            draft.cancel(obligation, right, move_out.fact_id)
        return
    if obligation.goes_along and obligation.person_id in draft.state.gone_on:
        return
    if obligation.due is not None and obligation.due < right:
        draft.reopened(obligation, fact.occurred_on, fact.id)
        _meet_again(draft, draft.now(obligation), rule, right)
        cancel_by_what_came_since(draft, draft.now(obligation), rule, obligation.opened_on)
    elif obligation.closed_on != max(right, obligation.opened_on):
        draft.cancelled(obligation, right, move_out.fact_id)
        _meet_again(draft, draft.now(obligation), rule, right)


def _meet_again(draft: Draft, obligation: Obligation, rule: Rule, until: date) -> None:
    """By what was told while it was thought to be owed no more; a round, by the review of up to that day that began the next."""
    if not rule.is_recurring:
        meet_by_what_was_noted(draft, obligation, rule)
        return
    only_open = [n for n in draft.state.noted.values() if matches(rule.opened_by, n) and not matches(rule.met_by, n)]
    plans = {fact_id for noted in only_open for fact_id in (noted.fact_id, noted.last_id)}
    rounds = alike(draft.state, rule, obligation.person_id, obligation.reference)
    later = [o for o in rounds if obligation.opened_on < o.opened_on <= until and o.opened_by not in plans]
    if later:
        next_round = min(later, key=lambda other: other.opened_on)
        draft.meet(obligation, next_round.opened_on, next_round.opened_by)


def _lose_on_the_right_day(draft: Draft, fact: Fact, obligation: Obligation, rule: Rule) -> None:
    """What the move-out made missed is missed on the right day, and what was done by then was in time."""
    lost = what_made_it_missed(draft, obligation, rule)
    lost_on = None if lost is None else max(lost.on, obligation.opened_on)
    if obligation.status in ("missed", "met-late") and obligation.lost_on not in (None, lost_on):
        draft.reopened(obligation, fact.occurred_on, fact.id)
        if obligation.closed_on is not None and obligation.closed_by is not None:
            draft.meet(draft.now(obligation), obligation.closed_on, obligation.closed_by)
    if lost is not None and obligation.status != "cancelled":
        lose(draft, draft.now(obligation), lost.on, lost.fact_id)
    draft.run_out_if_over(draft.now(obligation), draft.today)


def _count_anew(draft: Draft, fact: Fact, corrected: str, corrected_id: UUID | None, day_zero: date) -> None:
    """Whatever is counted from the corrected fact, or was opened by it and is counted from its opening."""
    for obligation in draft.obligations():
        rule = draft.rule_of(obligation)[1]
        is_counted = rule.due is not None and (rule.due_from or obligation.opened_by) in (corrected, corrected_id)
        if is_counted and obligation.closed_by not in draft.state.corrections:
            _count_from_the_right_day(draft, fact, obligation, rule, day_zero)


def _count_from_the_right_day(draft: Draft, fact: Fact, obligation: Obligation, rule: Rule, day_zero: date) -> None:
    """What she left too early to be owed may have been over before she left, and what seemed missed may not have been due yet.

    What was met before anything was counted needs no day, unless it shows that it was late. What she declined, and may take up
    again, is counted too.
    """
    last_day = _last_day(draft, obligation, rule, day_zero)
    was_met_in_time = obligation.status in MET and obligation.closed_on is not None and obligation.closed_on <= last_day
    if obligation.counted_from is None and was_met_in_time:
        return
    is_owed_again = obligation.status == "cancelled" and (
        _was_over_before_it_ended(last_day, draft, obligation, rule) or _was_taken_up_by(last_day, draft, obligation, rule)
    )
    if is_owed_again:
        draft.reopened(obligation, fact.occurred_on, fact.id)
    moved = draft.now(obligation)
    may_be_owed_again = rule.last_day_meets or rule.due_from is not None
    counted_before = moved.counted_from is not None and (moved.counted_from, moved.due) != (day_zero, last_day)
    if moved.status == "cancelled" and may_be_owed_again and counted_before and moved.id not in draft.state.left_behind:
        draft.move(moved, fact.occurred_on, fact.id, day_zero, last_day)
    draft.reschedule(moved, fact.occurred_on, fact.id, day_zero, last_day)
    if (is_owed_again or draft.now(obligation).status == "met-late") and not rule.is_recurring:
        meet_by_what_was_noted(draft, draft.now(obligation), rule)
    cancel_by_what_came_since(draft, obligation, rule, day_zero if rule.due_from is None else obligation.opened_on)


def _was_over_before_it_ended(last_day: date, draft: Draft, obligation: Obligation, rule: Rule) -> bool:
    """What she had declined before it was opened was never owed."""
    was_owed = not rule.looks_back or obligation.closed_on != obligation.opened_on
    return was_owed and draft.state.was_owed_on(obligation, last_day + ONE_DAY)


def _was_taken_up_by(last_day: date, draft: Draft, obligation: Obligation, rule: Rule) -> bool:
    """She had declined what is to be begun by a day after the stay, and by the right day it was offered again in time."""
    if rule.due_from is None or draft.state.annulled or obligation.id in draft.state.left_behind:
        return False
    declined = ((gone.noted, gone.on) for gone in draft.state.taken_back if matches(rule.cancelled_by, gone.noted))
    return any(obligation.closed_by in (noted.fact_id, noted.last_id) and again_on <= last_day for noted, again_on in declined)


def _last_day(draft: Draft, obligation: Obligation, rule: Rule, day_zero: date) -> date:
    """By its term; a window that was extended ends no sooner than on the day that was granted."""
    standard = draft.rule_of(obligation)[0]
    last_day = last_day_of(standard, rule, day_zero)
    assert last_day is not None
    granted = draft.state.extended_to if rule.last_day_meets else None
    return last_day if granted is None else max(last_day, granted)


def _cancel_what_holds_no_more(draft: Draft, fact: Fact, move_out: Noted) -> None:
    """A rule that asks how long she stayed may hold no more."""
    for obligation, rule in draft.obligations_under(draft.standard.rules_opened_by("WomanMovedOut")):
        holds_no_more = obligation.opened_by == move_out.fact_id and not matches(rule.opened_by, move_out)
        if holds_no_more and draft.now(obligation).is_unfinished:
            draft.cancelled(draft.now(obligation), fact.occurred_on, fact.id)


def _open_what_holds_now(draft: Draft, move_out: Noted) -> None:
    """A rule that asks how long she stayed may hold now."""
    moved_out = Fact("WomanMovedOut", move_out.fact_id, move_out.on, attributes=move_out.attributes)
    open_what_follows(draft, moved_out, move_out.attributes)

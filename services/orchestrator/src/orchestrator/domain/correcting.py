"""What a corrected admission, interview or move-out moves: the right day judges what the wrong one had closed."""

from datetime import date
from uuid import UUID

from havn_standards import Rule
from orchestrator.domain.draft import Draft, concerns, matches
from orchestrator.domain.fact import Fact
from orchestrator.domain.looking_back import cancel_by_what_came_since, lose, meet_by_what_was_noted, what_made_it_missed
from orchestrator.domain.opening import alike, last_day_with_extension, open_what_follows
from orchestrator.domain.state import MET, ONE_DAY, Noted, Obligation


def correct(draft: Draft, fact: Fact) -> None:
    """What a corrected day moves; any other fact corrects nothing."""
    match fact.name:
        case "AdmissionCorrected":
            _correct_admission(draft, fact)
        case "InterviewCorrected":
            _correct_interview(draft, fact)
        case "MoveOutCorrected":
            _correct_move_out(draft, fact)


def _correct_admission(draft: Draft, fact: Fact) -> None:
    """What was counted from the admission is counted again from the right day, and so is the length of the stay."""
    admitted_on = fact.until
    assert admitted_on is not None
    _count_anew(draft, fact, "WomanAdmitted", draft.state.admission_id, admitted_on)
    move_out = _move_out(draft)
    if move_out is not None:
        _cancel_what_holds_no_more(draft, fact, move_out)
        _open_what_holds_now(draft, move_out)


def _correct_interview(draft: Draft, fact: Fact) -> None:
    """What was counted from the interview is counted again from the right day."""
    assert fact.until is not None
    held = next((noted.fact_id for noted in draft.state.noted.values() if noted.fact == "InterviewHeld"), None)
    _count_anew(draft, fact, "InterviewHeld", held, fact.until)


def _correct_move_out(draft: Draft, fact: Fact) -> None:
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
    """What the move-out ended was missed where it was over before the right day; what was not over then is not missed.

    What goes along to another shelter was owed here until she went there, if that was before the right day.
    """
    right = min(move_out.on, draft.state.gone_since(obligation))
    if obligation.closed_by != move_out.fact_id:
        if concerns(move_out, obligation) and matches(rule.cancelled_by, move_out):
            draft.cancel(obligation, right, move_out.fact_id)
        return
    if obligation.was_over(right):
        draft.reopened(obligation, fact.occurred_on, fact.id)
        meet_as_never_ended(draft, draft.now(obligation), rule, right)
        cancel_by_what_came_since(draft, draft.now(obligation), rule, obligation.opened_on)
    elif obligation.closed_on != max(right, obligation.opened_on):
        draft.cancelled(obligation, right, move_out.fact_id)
        meet_as_never_ended(draft, draft.now(obligation), rule, right)


def meet_as_never_ended(draft: Draft, obligation: Obligation, rule: Rule, until: date) -> None:
    """By what was told while it was thought to be owed no more; a round, by the review of up to that day that began the next."""
    if not rule.is_recurring:
        meet_by_what_was_noted(draft, obligation, rule)
        return
    no_review = [noted for noted in draft.state.noted.values() if not matches(rule.met_by, noted)]
    plans = {fact_id for noted in no_review for fact_id in (noted.fact_id, noted.last_id)}
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
        if obligation.closed_by is not None:
            assert obligation.closed_on is not None
            draft.meet(draft.now(obligation), obligation.closed_on, obligation.closed_by)
    if lost is not None:
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
    again, is counted too. What was noted may meet it by the right day, as a window that had not run out yet; but what was missed
    before the standard changed stays missed.
    """
    last_day = last_day_with_extension(draft, obligation, rule, day_zero)
    met_on = obligation.closed_on if obligation.status in MET else None
    if obligation.counted_from is None and met_on is not None and met_on <= last_day:
        return
    if obligation.status == "cancelled" and _is_owed_again(draft, obligation, rule, day_zero, last_day):
        draft.reopened(obligation, fact.occurred_on, fact.id)
    moved = draft.now(obligation)
    may_be_owed_again = moved.status == "cancelled" and (rule.last_day_meets or rule.due_from is not None)
    if may_be_owed_again and moved.counted_from not in (None, day_zero) and moved.id not in draft.state.left_behind:
        draft.move(moved, fact.occurred_on, fact.id, day_zero, last_day)
    draft.reschedule(moved, fact.occurred_on, fact.id, day_zero, last_day)
    since = day_zero if rule.due_from is None else obligation.opened_on
    if obligation.status != "missed" or rule in draft.standard.rules:
        meet_by_what_was_noted(draft, draft.now(obligation), rule, date.min if rule.looks_back else since)
    cancel_by_what_came_since(draft, obligation, rule, since)


def _is_owed_again(draft: Draft, obligation: Obligation, rule: Rule, day_zero: date, last_day: date) -> bool:
    """It was over before what ended it, or what she declined was offered again: before it was owed, or in time after the stay."""
    ended_by_then = any(n.fact_id == obligation.closed_by and n.on <= last_day for n in draft.state.noted.values())
    if not ended_by_then and draft.state.was_owed_on(obligation, last_day + ONE_DAY):
        return True
    in_time = day_zero if rule.due_from is None else last_day
    taken_back = ((gone.on, (gone.noted.fact_id, gone.noted.last_id)) for gone in draft.state.taken_back)
    return any(obligation.closed_by in declined and again_on <= in_time for again_on, declined in taken_back)


def _cancel_what_holds_no_more(draft: Draft, fact: Fact, move_out: Noted) -> None:
    """A rule that asks how long she stayed may hold no more."""
    for obligation, rule in draft.obligations_under(draft.standard.rules_opened_by("WomanMovedOut")):
        holds_no_more = obligation.opened_by == move_out.fact_id and not matches(rule.opened_by, move_out)
        if holds_no_more and draft.now(obligation).is_unfinished:
            draft.cancelled(draft.now(obligation), fact.occurred_on, fact.id)


def _open_what_holds_now(draft: Draft, move_out: Noted) -> None:
    """A rule that asks how long she stayed may hold now."""
    moved_out = Fact("WomanMovedOut", move_out.fact_id, move_out.on, attributes=move_out.attributes)
    open_what_follows(draft, moved_out)

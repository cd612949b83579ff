"""What a fact closes, moves and hands over."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from havn_standards import Rule
from orchestrator.domain.draft import Draft, concerns, matches
from orchestrator.domain.fact import DECISIONS, Fact
from orchestrator.domain.looking_back import lose, meet_by_what_was_noted, miss_by_what_was_noted
from orchestrator.domain.opening import day_zero_of, last_day_of, last_day_with_extension
from orchestrator.domain.state import LEDGER, MET, ONE_DAY, TAKES_BACK, Case, Noted, Obligation


def close(draft: Draft, fact: Fact) -> None:
    """What a fact meets, counts, misses, cancels, dates and hands over, in this order."""
    standard, name = draft.standard, fact.name
    for obligation, rule in draft.obligations_under(standard.rules_met_by(name)):
        if concerns(fact, obligation) and matches(rule.met_by, fact):
            _meet_by_fact(draft, draft.now(obligation), rule, fact)
    if name in LEDGER:
        assert fact.person_id is not None
        _count(draft, fact, fact.person_id)
        if name == "SessionCorrected":
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
    held_on = next((n.on for n in noted if (n.fact, n.person_id) == ("SessionHeld", person_id)), date.max)
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


def take_back(draft: Draft, fact: Fact, before: Case) -> None:
    """What the facts that this one takes back had cancelled, or made missed, is judged without them."""
    taken_back = before.taken_back_by(fact.name, fact.person_id, fact.occurred_on)
    if taken_back:
        _offer_again(draft, fact, taken_back)
        _miss_no_more(draft, fact)


def _offer_again(draft: Draft, fact: Fact, taken_back: Iterable[Noted]) -> None:
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


def _miss_no_more(draft: Draft, fact: Fact) -> None:
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
            last_day = last_day_with_extension(draft, obligation, rule, day_zero) if is_corrected and day_zero else fact.until
            draft.reschedule(obligation, fact.occurred_on, fact.id, day_zero, last_day)


def annul(draft: Draft, fact: Fact) -> None:
    """Nothing of the stay is owed any more, nor what a later fact opened again. A complaint keeps its right to an answer."""
    for obligation in draft.obligations():
        if obligation.is_unfinished and obligation.reference is None:
            draft.cancelled(obligation, fact.occurred_on, fact.id)

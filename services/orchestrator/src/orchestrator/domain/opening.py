"""What is owed from now on, because of a fact: to whom, by whom, and until when."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID, uuid5

from havn_events.orchestrator import ObligationOpened
from havn_standards import Rule, Standard, due
from orchestrator.domain.draft import Draft, matches
from orchestrator.domain.fact import Fact
from orchestrator.domain.looking_back import (
    cancel_by_what_came_since,
    cancel_by_what_was_noted,
    meet_by_what_was_noted,
    meet_by_what_was_used,
    miss_by_what_was_noted,
)
from orchestrator.domain.state import MUNICIPAL, ONE_DAY, Case, Obligation


def goes_along(rule: Rule) -> bool:
    """Whether what it owes goes along to another shelter: it is the municipality's, and no complaint's."""
    return rule.owed_by in MUNICIPAL and rule.per != "complaint"


def open_what_follows(draft: Draft, fact: Fact) -> None:
    """Open every rule that the fact opens."""
    for rule in draft.standard.rules_opened_by(fact.name):
        if matches(rule.opened_by, fact):
            for person_id, reference in owed_here(draft, rule, fact):
                _open(draft, rule, fact, person_id, reference)


def owed_here(draft: Draft, rule: Rule, fact: Fact) -> list[tuple[UUID | None, UUID | None]]:
    """As ``_owed_to``; but what goes along with somebody who went on to another shelter is opened there.

    Of facts that are told again, for somebody who came back, only that is opened here.
    """
    owed = _owed_to(draft.state, rule, fact)
    if goes_along(rule):
        return [(person_id, reference) for person_id, reference in owed if person_id not in draft.state.gone_on]
    return [*owed] if draft.only is None else []


def _owed_to(state: Case, rule: Rule, fact: Fact) -> Iterable[tuple[UUID | None, UUID | None]]:
    """Each person or complaint that a fact opens a rule for; neither for an inquiry. After an annulment no person is owed any."""
    match rule.per:
        case "woman" if not state.annulled and state.woman_id and fact.person_id in (None, state.woman_id):
            yield state.woman_id, None
        case "child" if not state.annulled:
            for child in sorted(state.children) if fact.person_id is None else [fact.person_id]:
                if child in state.children and fact.occurred_on < state.grown_on.get(child, date.max):
                    yield child, None
        case "complaint" if fact.reference is not None:
            yield None, fact.reference
        case "inquiry":
            yield None, None


def _open(draft: Draft, rule: Rule, fact: Fact, person_id: UUID | None, reference: UUID | None) -> None:
    """Opened once for each opening fact, and not a second time while one like it is open, but for a round told after the next.

    What a correction of its day had cancelled is opened anew when another one shows that it is owed after all.
    """
    others = alike(draft.state, rule, person_id, reference)
    next_round = _next_round(rule, fact, others)
    if next_round is None and "open" in [other.status for other in others]:
        return
    corrected = [other for other in others if other.closed_by in draft.state.corrections]
    obligation_id = id_of(draft.case_id, rule, person_id, fact, len(corrected))
    if obligation_id in draft.state.obligations:
        return
    opened = opened_anew(draft, rule, fact, obligation_id, person_id, reference)
    if next_round is not None:
        _hand_over_since(draft, opened, opened.opened_on, next_round.opened_on)
        draft.meet(draft.now(opened), next_round.opened_on, next_round.opened_by)
    meet_by_what_was_used(draft, opened, fact.id)
    if rule.looks_back or rule.meets == "all":
        meet_by_what_was_noted(draft, opened, rule)
    elif not matches(rule.met_by, fact):
        meet_by_what_was_noted(draft, opened, rule, since=fact.occurred_on + ONE_DAY)
    if rule.looks_back:
        miss_by_what_was_noted(draft, draft.now(opened), rule)
        cancel_by_what_was_noted(draft, draft.now(opened), rule)
    catch_up(draft, opened, rule)


def id_of(case_id: UUID, rule: Rule, person_id: UUID | None, fact: Fact, again: int | UUID) -> UUID:
    """The id of what a rule owes somebody because of a fact. ``again``: what it is opened once more for."""
    return uuid5(case_id, f"{rule.id}/{person_id.hex if person_id else ''}/{fact.id.hex}/{again}")


def _next_round(rule: Rule, fact: Fact, others: Sequence[Obligation]) -> Obligation | None:
    """Where a review is told after a later one: the round that the later one opened, and the one before it ended with."""
    later = [other for other in others if other.opened_on > fact.occurred_on]
    if not later or not matches(rule.met_by, fact):
        return None
    return min(later, key=lambda other: other.opened_on)


def alike(state: Case, rule: Rule, person_id: UUID | None, reference: UUID | None) -> list[Obligation]:
    """Every obligation of this rule to this person, complaint or (neither) inquiry, whatever became of it."""
    return [
        other
        for other in state.obligations.values()
        if other.rule == rule.id and other.person_id == person_id and other.reference == reference
    ]


def opened_anew(
    draft: Draft, rule: Rule, fact: Fact, obligation_id: UUID, person_id: UUID | None, reference: UUID | None
) -> Obligation:
    """Open it from a fact; nothing is looked back upon."""
    counted_from = day_zero_of(draft, rule, fact.occurred_on, person_id, reference)
    last_day = last_day_of(draft.standard, rule, counted_from)
    amount = rule.amount
    draft.add(
        ObligationOpened(
            occurred_on=fact.occurred_on,
            stay_id=draft.case_id,
            obligation_id=obligation_id,
            rule=rule.id,
            person_id=person_id,
            municipality=draft.state.home_on(fact.occurred_on),
            owed_by=rule.owed_by,
            owed_to=rule.owed_to,
            due=last_day,
            counted_from=counted_from,
            standard=draft.standard.id,
            standard_version=draft.standard.version,
            document=rule.source.document,
            section=rule.source.section,
            rests_on=fact.id,
            reference=reference,
            unit=amount.unit if amount else None,
            floor=amount.floor if amount else None,
            ceiling=amount.ceiling if amount else None,
            anonymous=draft.state.anonymous,
            shelter_advises_after=rule.shelter_advises_after,
            course_visits=rule.course.visits if rule.course else None,
            course_complete_from=draft.standard.complete_from(rule, fact.occurred_on),
            remind_on=None if last_day is None else draft.standard.remind_on(rule, last_day),
            ends_on=None if person_id is None else draft.state.grown_on.get(person_id),
        )
    )
    return draft.state.obligations[obligation_id]


def catch_up(draft: Draft, opened: Obligation, rule: Rule) -> None:
    """What happened between its business date and its recording; what recurs is not owed beyond an end that came before it.

    Of what is due today the turn of the day reminds nobody in time; where the rule itself asks for a reminder it comes at once.
    """
    cancel_by_what_came_since(draft, opened, rule, date.min if rule.is_recurring else opened.opened_on)
    draft.cancel_if_ended(opened, draft.today)
    draft.run_out_if_over(draft.now(opened), draft.today)
    _hand_over_since(draft, opened, opened.opened_on)
    if rule.remind_working_days is not None and opened.due == draft.today:
        draft.remind(draft.now(opened))


def _hand_over_since(draft: Draft, obligation: Obligation, day: date, until: date = date.max) -> None:
    """Opened with a day before a change of municipality: handed over on the day of each later change, up to the last day."""
    for home in draft.state.homes:
        if day < home.since <= until:
            owed = draft.now(obligation)
            if draft.state.can_move(owed) and owed.municipality != home.municipality:
                draft.transferred(owed, home)


def day_zero_of(draft: Draft, rule: Rule, opened_on: date, person_id: UUID | None, reference: UUID | None) -> date | None:
    """What the term is counted from, ``None`` until that has happened."""
    if rule.due is None:
        return None
    if rule.due_from is None:
        return opened_on
    days = [
        noted.on
        for noted in draft.state.noted.values()
        if noted.fact == rule.due_from and noted.person_id in (None, person_id) and noted.reference in (None, reference)
    ]
    return min(days, default=None)


def last_day_of(standard: Standard, rule: Rule, day_zero: date | None) -> date | None:
    """The last day in time, ``None`` where there is no term or no day 0."""
    if rule.due is None or day_zero is None:
        return None
    return due(rule.due, day_zero, standard.closing_days)


def last_day_with_extension(draft: Draft, obligation: Obligation, rule: Rule, day_zero: date) -> date:
    """By its term; a window that was extended ends no sooner than on the day that was granted."""
    standard = draft.rule_of(obligation)[0]
    last_day = last_day_of(standard, rule, day_zero)
    assert last_day is not None
    granted = draft.state.extended_to if rule.last_day_meets else None
    return last_day if granted is None else max(last_day, granted)

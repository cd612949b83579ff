"""Another version of its standard for a stay: what is open is owed by the new one, what is closed stays as it was."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid5

from havn_chassis.decider import Refused
from havn_events.event import Event
from havn_events.orchestrator import StandardChanged
from havn_standards import CalendarUnknown, Rule, RuleUnknown, Standard, StandardUnknown
from orchestrator.domain.commands import ChangeStandard
from orchestrator.domain.draft import Draft, case_not_open, matches, pinned, version_of
from orchestrator.domain.fact import Fact
from orchestrator.domain.looking_back import (
    cancel_by_what_was_noted,
    meet_by_what_was_noted,
    meet_by_what_was_used,
    miss_by_what_was_noted,
)
from orchestrator.domain.opening import alike, catch_up, day_zero_of, id_of, last_day_of, opened_anew, owed_here
from orchestrator.domain.state import Case, Noted, Obligation


def change_standard(command: ChangeStandard, state: Case) -> Sequence[Event]:
    """What is open is owed under the new version from now on; what is closed stays as it was, a miss too."""
    if state.standard is None:
        raise case_not_open()
    old = pinned(command.rulebook, state)
    new = _version_to_change_to(command, state, old)
    if (new.id, new.version) == (old.id, old.version):
        return []
    try:
        return _change(command, state, old, new)
    except CalendarUnknown:
        raise Refused(
            "beyond-the-calendar",
            "Under this version a day of this case cannot be counted: it lies outside the years whose public holidays are known. "
            "Shorten the term in the standard's file, as a new version of it.",
            field="version",
            kind="invalid",
        ) from None


def _change(command: ChangeStandard, state: Case, old: Standard, new: Standard) -> Sequence[Event]:
    draft = Draft(command.case_id, command.rulebook, old, command.today, state)
    for obligation in state.obligations.values():
        draft.run_out_if_over(obligation, command.occurred_on)
    change_id = uuid5(command.case_id, f"standard/{len(state.changes)}")
    draft.add(
        StandardChanged(
            occurred_on=command.occurred_on,
            stay_id=command.case_id,
            change_id=change_id,
            standard=new.id,
            standard_version=new.version,
            standard_before=old.id,
            standard_version_before=old.version,
        )
    )
    under_old = [(o, draft.rule_of(o)) for o in draft.state.obligations.values() if o.status == "open"]
    draft.standard = new
    for obligation, owed_under in under_old:
        _carry_over(draft, obligation, owed_under, command.occurred_on, change_id)
    for rule in new.rules:
        if rule not in old.rules or _what_is_owed(rule, new) != _what_is_owed(rule, old):
            _open_by_what_was_noted(draft, rule, change_id)
    return draft.events


def _version_to_change_to(command: ChangeStandard, state: Case, old: Standard) -> Standard:
    try:
        standard = command.rulebook.version(command.standard or old.id, command.version)
    except StandardUnknown:
        raise Refused(
            "version-unknown",
            "The rulebook has no such version of this standard; GET /cases/{case_id} shows how a version is written.",
            field="version",
            kind="invalid",
        ) from None
    if command.occurred_on < standard.in_force_from:
        raise Refused(
            "standard-not-in-force",
            "This version is not in force yet on that day; take a day on which it is.",
            field="occurred_on",
            kind="invalid",
        )
    if command.occurred_on < state.standard_since:
        raise Refused(
            "before-the-present-standard",
            "The case was not kept under its present version yet on that day; take a day since it is.",
            field="occurred_on",
            kind="invalid",
        )
    return standard


def _carry_over(draft: Draft, obligation: Obligation, owed_under: tuple[Standard, Rule], on: date, change_id: UUID) -> None:
    """Owed no more where the new version has no such rule, or another party, amount, course or opening; else due by its term."""
    old, old_rule = owed_under
    try:
        rule = draft.standard.rule(obligation.rule)
    except RuleUnknown:
        draft.cancelled(obligation, on, change_id)
        return
    if _what_is_owed(rule, draft.standard) != _what_is_owed(old_rule, old) or not _still_opens(draft, rule, obligation):
        draft.cancelled(obligation, on, change_id)
        return
    own = version_of(draft.rulebook, obligation.standard, obligation.standard_version)
    own_rule = own.rule(obligation.rule)
    if obligation.due == last_day_of(own, own_rule, obligation.counted_from):
        day_zero = obligation.counted_from
        if rule.due is None or day_zero is None or rule.due_from != own_rule.due_from:
            opened_on = _day_of_its_opening(draft, obligation)
            day_zero = day_zero_of(draft, rule, opened_on, obligation.person_id, obligation.reference)
        last_day = last_day_of(draft.standard, rule, day_zero)
        if (day_zero, last_day) != (obligation.counted_from, obligation.due):
            draft.move(obligation, on, change_id, day_zero, last_day)
    if _what_meets(rule) != _what_meets(old_rule) and not rule.is_recurring:
        meet_by_what_was_noted(draft, draft.now(obligation), rule)
    draft.run_out_if_over(draft.now(obligation), draft.today)


def _what_is_owed(rule: Rule, standard: Standard) -> tuple[object, ...]:
    """A course that lasts so many working days is another one where other days are closed."""
    in_working_days = rule.course is not None and rule.course.lasts.working_days is not None
    return (rule.per, rule.owed_by, rule.owed_to, rule.amount, rule.course, standard.closing_days if in_working_days else None)


def _what_meets(rule: Rule) -> tuple[object, ...]:
    return (rule.met_by, rule.meets, rule.looks_back)


def _day_of_its_opening(draft: Draft, obligation: Obligation) -> date:
    """The right one, where the admission that opened it was corrected."""
    days = (noted.on for noted in draft.state.noted.values() if noted.fact_id == obligation.opened_by)
    return next(days, obligation.opened_on)


def _still_opens(draft: Draft, rule: Rule, obligation: Obligation) -> bool:
    opening = (n for n in draft.state.noted.values() if obligation.opened_by in (n.fact_id, n.last_id))
    return all(matches(rule.opened_by, noted) for noted in opening)


def _open_by_what_was_noted(draft: Draft, rule: Rule, change_id: UUID) -> None:
    """Opened as if it had always been there: from the earliest facts of each kind, and what recurs from the latest of them.

    Where it was opened before, under whatever version, it stays as it is, unless a change of standard cancelled it.
    """
    facts = sorted((_noted_fact(draft, noted, rule.is_recurring) for noted in _openers(draft, rule)), key=lambda f: f.occurred_on)
    for fact in facts[-1:] if rule.is_recurring else facts:
        for person_id, reference in owed_here(draft, rule, fact):
            if all(_is_cancelled_by_a_change(o, draft.state) for o in alike(draft.state, rule, person_id, reference)):
                obligation_id = id_of(draft.case_id, rule, person_id, fact, change_id)
                opened = opened_anew(draft, rule, fact, obligation_id, person_id, reference)
                _look_back(draft, opened, rule, change_id)
                catch_up(draft, opened, rule)


def _is_cancelled_by_a_change(obligation: Obligation, state: Case) -> bool:
    return obligation.status == "cancelled" and obligation.closed_by in state.changes


def _openers(draft: Draft, rule: Rule) -> list[Noted]:
    """A day of admission may have been corrected to one that is yet to come; nothing is opened before its day."""
    return [n for n in draft.state.noted.values() if n.on <= draft.today and matches(rule.opened_by, n)]


def _noted_fact(draft: Draft, noted: Noted, latest: bool) -> Fact:
    on, fact_id = (noted.last_on, noted.last_id) if latest else (noted.on, noted.fact_id)
    return Fact(noted.fact, fact_id, on, noted.person_id, noted.reference, attributes=noted.attributes)


def _look_back(draft: Draft, opened: Obligation, rule: Rule, change_id: UUID) -> None:
    if rule.is_recurring:
        return
    meet_by_what_was_used(draft, opened, change_id)
    meet_by_what_was_noted(draft, draft.now(opened), rule)
    miss_by_what_was_noted(draft, draft.now(opened), rule)
    cancel_by_what_was_noted(draft, draft.now(opened), rule)

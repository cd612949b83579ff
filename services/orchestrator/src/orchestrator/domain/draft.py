"""The events decided so far: how an obligation is met, missed, moved, reminded of and handed over.

Every due day is computed once, under the standard of the case, and recorded; nothing is computed again on replay.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date
from uuid import UUID

from havn_chassis.decider import Decided, Refused
from havn_events.event import Event
from havn_events.orchestrator import (
    CaseOpened,
    FactNoted,
    ObligationCancelled,
    ObligationDueSoon,
    ObligationMet,
    ObligationMissed,
    ObligationReopened,
    ObligationRescheduled,
    ObligationTransferred,
)
from havn_standards import Rule, Rulebook, RuleUnknown, Standard, StandardUnknown, Trigger, working_days_left
from orchestrator.domain.commands import TakeFact
from orchestrator.domain.evolving import evolve
from orchestrator.domain.fact import Fact
from orchestrator.domain.state import MET, ONE_DAY, Case, Home, Noted, Obligation


def pinned(rulebook: Rulebook, state: Case) -> Standard:
    """The version the case is kept under. Raises Refused ``standard-unknown``."""
    assert state.standard is not None
    return version_of(rulebook, state.standard, state.standard_version)


def version_of(rulebook: Rulebook, standard: str, version: str) -> Standard:
    """Exactly that version. Raises Refused ``standard-unknown``."""
    try:
        return rulebook.version(standard, version)
    except StandardUnknown:
        raise standard_unknown() from None


def in_force(rulebook: Rulebook, standard: str, on: date) -> Standard:
    """The version that a case opened on that day is kept under. Raises Refused ``standard-unknown``."""
    try:
        return rulebook.standard(standard, on)
    except StandardUnknown:
        raise standard_unknown() from None


def standard_unknown() -> Refused:
    """The refusal of a case whose standard the rulebook lacks."""
    return Refused(
        "standard-unknown",
        "The case is kept under a standard, or a version of one, that is not in the rulebook. Add its file and retry.",
    )


def case_not_open() -> Refused:
    """The refusal of what is about a stay that was never opened."""
    return Refused(
        "case-not-open",
        "There is no case file for this stay. It is opened by the admission; retry when that has arrived.",
        kind="absent",
    )


class Draft:
    """The events decided so far and the state they lead to. Lives only within one ``decide``.

    ``only``: a fact closes, moves and opens nothing but what goes along with this person to another shelter.
    """

    __slots__ = ("case_id", "events", "only", "rulebook", "standard", "state", "today")

    def __init__(
        self,
        case_id: UUID,
        rulebook: Rulebook,
        standard: Standard,
        today: date,
        state: Case,
    ) -> None:
        self.only: UUID | None = None
        self.case_id = case_id
        self.rulebook = rulebook
        self.standard = standard
        self.today = today
        self.state = state
        self.events: Decided[Case] = Decided(state)

    @classmethod
    def begin(cls, command: TakeFact, state: Case) -> "Draft":
        """A draft for a fact, with the case opened where the fact opens it."""
        if state.standard is not None:
            return cls(command.case_id, command.rulebook, pinned(command.rulebook, state), command.today, state)
        if command.opening is None:
            raise case_not_open()
        opening, on = command.opening, command.fact.occurred_on
        standard = in_force(command.rulebook, opening.standard, on)
        draft = cls(command.case_id, command.rulebook, standard, command.today, state)
        draft.add(
            CaseOpened(
                occurred_on=on,
                stay_id=command.case_id,
                standard=standard.id,
                standard_version=standard.version,
                shelter_id=opening.shelter_id,
                home_municipality=opening.home_municipality,
                shelter_municipality=opening.shelter_municipality,
                transferred_from=opening.transferred_from,
            )
        )
        return draft

    def add(self, event: Event) -> None:
        """One more event decided."""
        self.events.append(event)
        self.state = self.events.after = evolve(self.state, event)

    def now(self, obligation: Obligation) -> Obligation:
        """The obligation after what was decided so far."""
        return self.state.obligations[obligation.id]

    def rule_of(self, obligation: Obligation) -> tuple[Standard, Rule]:
        """What it is owed under: while it is open the standard of the case, once it is closed that of its due day."""
        if obligation.status == "open":
            with suppress(RuleUnknown):
                return self.standard, self.standard.rule(obligation.rule)
        standard = version_of(self.rulebook, obligation.standard, obligation.standard_version)
        return standard, standard.rule(obligation.rule)

    def obligations(self) -> list[Obligation]:
        """What a fact may close or move, in the order it was opened."""
        found = self.state.obligations.values()
        return [*found] if self.only is None else [o for o in found if o.municipal and o.person_id == self.only]

    def obligations_under(self, rules: Sequence[Rule]) -> list[tuple[Obligation, Rule]]:
        """Those of ``obligations`` that are of these rules."""
        if not rules:
            return []
        by_id = {rule.id: rule for rule in rules}
        return [(o, by_id[o.rule]) for o in self.obligations() if o.rule in by_id]

    def note(self, fact: Fact) -> None:
        """The fact is in the case file."""
        self.add(
            FactNoted(
                occurred_on=fact.occurred_on,
                stay_id=self.case_id,
                fact=fact.name,
                fact_id=fact.id,
                person_id=fact.person_id,
                reference=fact.reference,
                minutes=fact.minutes,
                until=fact.until,
                municipality=fact.municipality,
                attributes=dict(fact.attributes),
            )
        )

    def met(self, obligation: Obligation, on: date, by: UUID | None, late: bool) -> None:
        """It was met on that day."""
        self.add(
            ObligationMet(
                occurred_on=on,
                stay_id=self.case_id,
                obligation_id=obligation.id,
                rule=obligation.rule,
                person_id=obligation.person_id,
                municipality=obligation.municipality,
                late=late,
                rests_on=by,
            )
        )

    def missed(self, obligation: Obligation, on: date, by: UUID | None) -> None:
        """It was not met in time, by the municipality that owed it on its last day, or on the day a fact made it missed."""
        last_day = on if by is not None or obligation.due is None else obligation.due
        self.add(
            ObligationMissed(
                occurred_on=on,
                stay_id=self.case_id,
                obligation_id=obligation.id,
                rule=obligation.rule,
                person_id=obligation.person_id,
                municipality=self.state.home_on(last_day) if obligation.municipal else obligation.municipality,
                due=obligation.due,
                rests_on=by,
                escalated_to="leader" if self.rule_of(obligation)[1].is_escalated else None,
            )
        )

    def cancelled(self, obligation: Obligation, on: date, by: UUID | None) -> None:
        """It is owed no more since that day, or since it would have been owed."""
        self.add(
            ObligationCancelled(
                occurred_on=max(on, obligation.opened_on),
                stay_id=self.case_id,
                obligation_id=obligation.id,
                rule=obligation.rule,
                person_id=obligation.person_id,
                municipality=obligation.municipality,
                rests_on=by,
            )
        )

    def reopened(self, obligation: Obligation, on: date, by: UUID) -> None:
        """Owed again, by the municipality that owes the rest now."""
        self.add(
            ObligationReopened(
                occurred_on=on,
                stay_id=self.case_id,
                obligation_id=obligation.id,
                rule=obligation.rule,
                person_id=obligation.person_id,
                municipality=obligation.municipality,
                rests_on=by,
            )
        )
        self.hand_over_to_present_home(self.now(obligation))

    def transferred(self, obligation: Obligation, home: Home) -> None:
        """The new home municipality owes it from the day of the change."""
        assert obligation.municipality is not None
        assert home.fact_id is not None
        self.add(
            ObligationTransferred(
                occurred_on=home.since,
                stay_id=self.case_id,
                obligation_id=obligation.id,
                rule=obligation.rule,
                person_id=obligation.person_id,
                municipality=home.municipality,
                from_municipality=obligation.municipality,
                rests_on=home.fact_id,
            )
        )

    def hand_over_to_present_home(self, obligation: Obligation) -> None:
        """What is not finished, or not used up, is owed by the latest home municipality, from the day of the change."""
        if self.state.can_move(obligation) and obligation.municipality != self.state.homes[-1].municipality:
            self.transferred(obligation, self.state.homes[-1])

    def run_out(self, obligation: Obligation) -> None:
        """Its due day is over: missed on the day after, or, for a window, met on its last day."""
        assert obligation.due is not None
        if self.rule_of(obligation)[1].last_day_meets:
            self.met(obligation, obligation.due, None, late=False)
        else:
            self.missed(obligation, obligation.due + ONE_DAY, None)

    def run_out_if_over(self, obligation: Obligation, day: date) -> None:
        """As ``run_out``, where it is open and its due day lies before ``day``, and before it was owed elsewhere."""
        is_over = obligation.status == "open" and _is_over(obligation, day)
        if is_over and _is_over(obligation, self.state.gone_since(obligation)):
            self.run_out(obligation)

    def cancel(self, obligation: Obligation, on: date, by: UUID | None) -> None:
        """Owed no more from that day, nor met too late after it; what was over before it is missed, and stays so."""
        self.run_out_if_over(obligation, on)
        obligation = self.now(obligation)
        ran_out_since = obligation.ran_out and obligation.closed_on is not None and on <= obligation.closed_on
        late_since = obligation.status in ("missed", "met-late") and not obligation.was_over(on)
        if obligation.status == "open" or ran_out_since or late_since:
            self.cancelled(obligation, on, by)

    def cancel_if_ended(self, obligation: Obligation, day: date) -> None:
        """As ``cancel``, where the first day on which it is owed no more has come."""
        if obligation.ends_on is not None and obligation.ends_on <= day:
            self.cancel(self.now(obligation), obligation.ends_on, None)

    def remind(self, obligation: Obligation) -> None:
        """Remind those who owe it, once its due day is near; once for each due day."""
        if obligation.status == "open" and obligation.remind_on is not None and obligation.remind_on <= self.today:
            assert obligation.due is not None
            self.add(
                ObligationDueSoon(
                    occurred_on=self.today,
                    stay_id=self.case_id,
                    obligation_id=obligation.id,
                    rule=obligation.rule,
                    person_id=obligation.person_id,
                    municipality=obligation.municipality,
                    due=obligation.due,
                    working_days=working_days_left(self.today, obligation.due, self.rule_of(obligation)[0].closing_days),
                )
            )

    def remind_on(self, obligation: Obligation, new_due: date | None) -> date | None:
        """From which day a reminder of a new due day is owed; not of one that was told before."""
        if new_due == obligation.due:
            return obligation.remind_on
        standard, rule = self.rule_of(obligation)
        return None if new_due is None or new_due in obligation.reminded else standard.remind_on(rule, new_due)

    def meet(self, obligation: Obligation, on: date, by: UUID) -> None:
        """Met on its business date. After its due day, or after a fact made it missed, it is late; the miss comes first.

        A fact registered late but done in time meets it in time; a miss recorded meanwhile stays in the history. What is met in
        time stays as it is; what is met late becomes met in time when an earlier fact turns up. What was cancelled was met if it
        was done by that day, unless it was given up for another reason than a fact of the stay.
        """
        late = _is_late(obligation, on)
        if obligation.status in MET and obligation.closed_on is not None and obligation.closed_on <= on:
            return
        left = obligation.id in self.state.left_behind
        if obligation.status == "cancelled" and (late or left or not self.state.was_owed_on(obligation, on)):
            return
        if late:
            self.run_out_if_over(obligation, on)
            if self.now(obligation).status == "met":
                return
        self.met(obligation, on, by, late)

    def reschedule(self, obligation: Obligation, on: date, by: UUID, counted_from: date | None, new_due: date | None) -> None:
        """Its due day moves visibly, and whether it is missed, or was late, follows the new day."""
        if obligation.status == "cancelled" or (new_due == obligation.due and counted_from == obligation.counted_from):
            return
        self.move(obligation, on, by, counted_from, new_due)
        moved = self.now(obligation)
        if moved.ran_out and _is_over(moved, self.today):
            self.run_out(moved)
        elif moved.status in MET and not moved.ran_out:
            self._meet_again(moved)
        elif moved.ran_out or (moved.status == "missed" and moved.lost_on is None and not _is_over(moved, self.today)):
            self.reopened(moved, on, by)
        else:
            self.run_out_if_over(moved, self.today)

    def move(self, obligation: Obligation, on: date, by: UUID, counted_from: date | None, new_due: date | None) -> None:
        """Its due day moves visibly, and nothing more."""
        standard = self.rule_of(obligation)[0]
        moves = (standard.id, standard.version) != (obligation.standard, obligation.standard_version)
        self.add(
            ObligationRescheduled(
                occurred_on=on,
                stay_id=self.case_id,
                obligation_id=obligation.id,
                rule=obligation.rule,
                person_id=obligation.person_id,
                municipality=obligation.municipality,
                due=new_due,
                due_before=obligation.due,
                counted_from=counted_from,
                rests_on=by,
                standard=standard.id if moves else None,
                standard_version=standard.version if moves else None,
                remind_on=self.remind_on(obligation, new_due),
            )
        )

    def _meet_again(self, obligation: Obligation) -> None:
        assert obligation.closed_on is not None
        late = _is_late(obligation, obligation.closed_on)
        if late == (obligation.status == "met-late"):
            return
        if late:
            self.run_out(obligation)
        if self.now(obligation).status != "met":
            self.met(obligation, obligation.closed_on, obligation.closed_by, late)


def _is_over(obligation: Obligation, today: date) -> bool:
    return obligation.due is not None and obligation.due < today


def _is_late(obligation: Obligation, on: date) -> bool:
    after_due = obligation.due is not None and on > obligation.due
    after_loss = obligation.lost_on is not None and on > obligation.lost_on
    return after_due or after_loss


def concerns(fact: Fact | Noted, obligation: Obligation) -> bool:
    """A fact about the whole stay concerns everyone in it; a complaint's rule asks only for its own reference."""
    if obligation.reference is not None:
        return fact.reference == obligation.reference
    return fact.person_id is None or fact.person_id == obligation.person_id


def matches(triggers: Iterable[Trigger], fact: Fact | Noted) -> bool:
    """Whether the fact is one of these triggers."""
    name = fact.name if isinstance(fact, Fact) else fact.fact
    for trigger in triggers:  # noqa: SIM110 - asked of every rule for every fact, and any() takes twice as long
        if trigger.matches(name, fact.attributes):
            return True
    return False

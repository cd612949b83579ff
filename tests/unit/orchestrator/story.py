"""A trial standard of its own, and a case under it to which things happen."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from havn_events.event import Event
from havn_events.orchestrator import (
    CaseOpened,
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
)
from havn_standards import Rule, Rulebook, Standard
from orchestrator.domain.case import CASE, Case, ChangeStandard, CheckDeadlines, Obligation, Opening, TakeFact
from orchestrator.domain.fact import Fact

STAY = UUID(int=1)
WOMAN = UUID(int=2)
CHILD = UUID(int=3)
SECOND_CHILD = UUID(int=4)
SHELTER = UUID(int=5)
COMPLAINT = UUID(int=6)
ODENSE, AARHUS, RANDERS = "0461", "0751", "0730"

SOURCE = {"document": "Test", "section": "1", "basis": "standard"}


def rule(rule_id: str, opened_by: Any, **more: Any) -> Rule:
    data: dict[str, Any] = {
        "id": rule_id,
        "title_da": "Prøve",
        "title_en": "Trial",
        "opened_by": opened_by,
        "per": "woman",
        "owed_by": "shelter",
        "owed_to": "woman",
        "source": SOURCE,
    }
    return Rule.model_validate(data | more)


def fact(name: str, **when: Any) -> dict[str, Any]:
    return {"fact": name, "when": when}


RULES = (
    rule("notice", [fact("WomanAdmitted")], due={"working_days": 3}, met_by=[fact("MunicipalityNotified", notice="admission")]),
    rule(
        "team",
        [fact("WomanAdmitted")],
        due={"same_day": True},
        meets="all",
        met_by=[
            fact("ContactPersonAssigned", profession="pedagogue"),
            fact("ContactPersonAssigned", profession="social-worker"),
        ],
    ),
    rule(
        "treatment",
        [fact("WomanAdmitted")],
        owed_by="home-municipality",
        amount={"unit": "minutes", "floor": 120, "ceiling": 180},
        cancelled_by=[fact("TreatmentDeclined")],
    ),
    rule(
        "child-treatment",
        [fact("ChildArrived")],
        per="child",
        owed_by="home-municipality",
        owed_to="child",
        amount={"unit": "sessions", "floor": 2, "ceiling": 3},
    ),
    rule("child-notice", [fact("ChildArrived")], per="child", due={"days": 3}, met_by=[fact("ChildNotificationSent")]),
    rule(
        "offer",
        [fact("WomanAdmitted")],
        owed_by="home-municipality",
        due={"weeks": 2},
        due_from="WomanMovedOut",
        met_by=[fact("TreatmentOffered")],
        looks_back=True,
    ),
    rule(
        "review",
        [fact("StayPlanAgreed"), fact("PlanReviewed")],
        due={"months": 3},
        met_by=[fact("PlanReviewed")],
        cancelled_by=[fact("WomanMovedOut")],
    ),
    rule(
        "advice",
        [fact("MunicipalityNotified", notice="admission")],
        owed_by="home-municipality",
        met_by=[fact("InitialAdviceGiven")],
        missed_by=[fact("MoveOutPlanned")],
        looks_back=True,
    ),
    rule(
        "advice-start",
        [fact("MoveOutPlanned")],
        owed_by="home-municipality",
        due={"same_day": True},
        met_by=[fact("AdviceStarted")],
        cancelled_by=[fact("AdviceDeclined"), fact("MoveOutCancelled")],
        looks_back=True,
    ),
    rule(
        "window",
        [fact("WomanMovedOut")],
        owed_by="home-municipality",
        due={"months": 6},
        met_by=[fact("AdviceEnded", ended_because="established")],
        last_day_meets=True,
    ),
    rule("aftercare", [fact("WomanMovedOut", stay_longer_than_days=14)], due={"days": 1}, met_by=[fact("AftercareOffered")]),
    rule(
        "answer",
        [fact("ComplaintFiled", complaint_about=["refusal", "discharge"])],
        per="complaint",
        owed_to="complainant",
        due={"weeks": 4},
        met_by=[fact("ComplaintAnswered", final=True), fact("ComplaintForwarded")],
        cancelled_by=[fact("ComplaintWithdrawn")],
    ),
)

NOTICE, TEAM, TREATMENT = RULES[0], RULES[1], RULES[2]
REVIEW = next(r for r in RULES if r.id == "review")
PLAN = rule("plan", [fact("WomanAdmitted")], due={"months": 1}, met_by=[fact("StayPlanAgreed")])


def standard(*rules: Rule, version: str = "1") -> Standard:
    return Standard(
        id="trial",
        version=version,
        title="Trial",
        document="Test",
        in_force_from=date(2020, 1, 1),
        in_force_to=None,
        parent=None,
        closing_days=frozenset(),
        anonymous_to_home_municipality=True,
        rules=rules,
    )


def rulebook(*rules: Rule) -> Rulebook:
    return Rulebook({"trial": [(date(2020, 1, 1), standard(*rules))]})


def day(month: int, number: int, year: int = 2026) -> date:
    return date(year, month, number)


def told(event: Event) -> tuple[object, ...]:
    """An event as a short line, without ids."""
    match event:
        case CaseOpened():
            return ("case", event.standard, event.home_municipality)
        case FactNoted():
            return ("noted", event.fact)
        case ObligationOpened():
            return ("opened", event.rule, event.due)
        case ObligationMet():
            return ("late" if event.late else "met", event.rule, event.occurred_on)
        case ObligationMissed():
            return ("missed", event.rule, event.occurred_on)
        case ObligationCancelled():
            return ("cancelled", event.rule)
        case ObligationReopened():
            return ("reopened", event.rule)
        case ObligationRescheduled():
            return ("rescheduled", event.rule, event.due_before, event.due)
        case ObligationDueSoon():
            return ("due-soon", event.rule, event.occurred_on, event.working_days)
        case StandardChanged():
            return ("standard", event.standard_version_before, event.standard_version)
        case ObligationTransferred():
            return ("transferred", event.rule, event.from_municipality, event.municipality, event.occurred_on)
    raise AssertionError(event)


@dataclass
class Story:
    """A case to which things happen, each recorded on the day it happened unless ``today`` says later."""

    book: Rulebook = field(default_factory=lambda: rulebook(*RULES))
    events: list[Event] = field(default_factory=list)
    state: Case = CASE.initial

    def _keep(self, events: list[Event]) -> list[tuple[object, ...]]:
        self.events += events
        self.state = CASE.fold(events, self.state)
        assert CASE.fold(self.events) == self.state
        return [told(event) for event in events if not isinstance(event, FactNoted | CaseOpened)]

    def take(self, taken: Fact, today: date | None = None, opening: Opening | None = None) -> list[tuple[object, ...]]:
        command = TakeFact(STAY, taken, opening, self.book, today or taken.occurred_on)
        return self._keep(list(CASE.decide(command, self.state)))

    def fact(self, name: str, on: date, today: date | None = None, **more: Any) -> list[tuple[object, ...]]:
        fact_id = uuid5(STAY, f"{name}/{len(self.events)}")
        return self.take(Fact(name, fact_id, on, **more), today)

    def admit(self, on: date, today: date | None = None, **attributes: Any) -> list[tuple[object, ...]]:
        admission = Fact("WomanAdmitted", UUID(int=99), on, WOMAN, municipality=ODENSE, attributes=attributes)
        return self.take(admission, today, Opening("trial", SHELTER, ODENSE))

    def check(self, on: date) -> list[tuple[object, ...]]:
        return self._keep(list(CASE.decide(CheckDeadlines(STAY, on, self.book), self.state)))

    def change(self, version: str, on: date, today: date | None = None) -> list[tuple[object, ...]]:
        return self._keep(list(CASE.decide(ChangeStandard(STAY, on, None, version, self.book, today or on), self.state)))

    def held(self, minutes: int, on: date, person: UUID = WOMAN) -> list[tuple[object, ...]]:
        return self.fact("SessionHeld", on, person_id=person, minutes=minutes, attributes={"sessions": 1})

    def corrected(self, minutes: int, on: date, sessions: int = 0, person: UUID = WOMAN) -> list[tuple[object, ...]]:
        return self.fact("SessionCorrected", on, person_id=person, minutes=minutes, attributes={"sessions": sessions})

    def one(self, rule_id: str) -> Obligation:
        (found,) = [o for o in self.state.obligations.values() if o.rule == rule_id]
        return found


def only(*rule_ids: str) -> Story:
    """A story under a standard with these rules alone."""
    return Story(rulebook(*(r for r in RULES if r.id in rule_ids)))


def notified(story: Story, on: date) -> list[tuple[object, ...]]:
    return story.fact("MunicipalityNotified", on, attributes={"notice": "admission"})


def corrected_admission(story: Story, on: date, admitted_on: date) -> list[tuple[object, ...]]:
    return story.fact("AdmissionCorrected", on, until=admitted_on)


def moves_home(story: Story, on: date, to: str, today: date | None = None) -> list[tuple[object, ...]]:
    return story.fact("HomeMunicipalityChanged", on, today, municipality=to)


def complained(story: Story, on: date, about: str = "discharge") -> list[tuple[object, ...]]:
    return story.fact("ComplaintFiled", on, reference=COMPLAINT, attributes={"complaint_about": about, "late": False})


def changed(old: list[Rule], new: list[Rule]) -> Story:
    """A standard, and its version 2, which is in force from 10 March."""
    second = Standard.model_validate({**standard(*new, version="2").model_dump(), "in_force_from": day(3, 10)})
    return Story(Rulebook({"trial": [(date(2020, 1, 1), standard(*old)), (day(3, 10), second)]}))

"""What becomes of obligations when facts arrive: in time, late, wrong, twice, and in the wrong order."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest

from havn_chassis.decider import Refused
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


# --- opening -----------------------------------------------------------------------------------------------------------------


def test_an_admission_opens_the_case_and_everything_that_follows_from_it() -> None:
    story = Story()
    opened = story.admit(day(3, 2), anonymous=True)
    assert opened == [
        ("opened", "notice", day(3, 5)),
        ("opened", "team", day(3, 2)),
        ("opened", "treatment", None),
        ("opened", "offer", None),
    ]
    case_opened, noted, first, *_ = story.events
    assert isinstance(case_opened, CaseOpened)
    assert (case_opened.standard, case_opened.standard_version, case_opened.home_municipality) == ("trial", "1", ODENSE)
    assert (case_opened.shelter_municipality, case_opened.transferred_from) == (None, None)
    assert isinstance(noted, FactNoted)
    assert isinstance(first, ObligationOpened)
    assert first.anonymous
    assert (first.counted_from, first.rests_on, first.municipality) == (day(3, 2), UUID(int=99), ODENSE)


def test_a_case_tells_the_shelters_municipality_and_the_stay_it_continues() -> None:
    story, before = Story(), UUID(int=98)
    admission = Fact("WomanAdmitted", UUID(int=99), day(3, 2), WOMAN, municipality=ODENSE)
    story.take(admission, None, Opening("trial", SHELTER, ODENSE, "0751", before))
    case_opened = story.events[0]
    assert isinstance(case_opened, CaseOpened)
    assert (case_opened.shelter_municipality, case_opened.transferred_from) == ("0751", before)


def test_a_fact_about_a_stay_that_was_never_opened_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        Story().fact("SessionHeld", day(3, 2), person_id=WOMAN, minutes=60)
    assert refusal.value.rule == "case-not-open"


def test_a_fact_about_an_inquiry_without_a_case_is_nothing_to_the_orchestrator() -> None:
    assert Story().fact("InquiryReceived", day(3, 2)) == []


def test_a_standard_that_is_not_in_the_rulebook_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        Story().take(Fact("WomanAdmitted", UUID(int=99), day(3, 2), WOMAN), None, Opening("unknown", SHELTER, ODENSE))
    assert refusal.value.rule == "standard-unknown"


def test_a_case_keeps_the_version_it_was_opened_under() -> None:
    story = Story(rulebook(*RULES))
    story.admit(day(3, 2))
    newer = standard(*[r for r in RULES if r.id != "child-notice"], version="2")
    story.book = Rulebook({"trial": [(date(2020, 1, 1), standard(*RULES)), (day(3, 10), newer)]})
    assert ("opened", "child-notice", day(3, 23)) in story.fact("ChildArrived", day(3, 20), person_id=CHILD)


def test_a_complaint_about_a_refusal_opens_a_case_without_a_municipality() -> None:
    story = Story()
    complaint = Fact("ComplaintFiled", UUID(int=7), day(3, 2), reference=COMPLAINT, attributes={"complaint_about": "refusal"})
    assert story.take(complaint, None, Opening("trial", SHELTER, None)) == [("opened", "answer", day(3, 30))]
    assert story.one("answer").municipality is None
    assert story.fact("StayRefused", day(3, 1), today=day(3, 3)) == []


def test_the_same_fact_twice_changes_nothing() -> None:
    story = Story()
    story.admit(day(3, 2))
    before = list(story.events)
    assert story.admit(day(3, 2)) == []
    assert story.events == before


def test_what_is_open_is_not_opened_a_second_time() -> None:
    story = only("review")
    story.admit(day(1, 1))
    assert story.fact("StayPlanAgreed", day(1, 10)) == [("opened", "review", day(4, 10))]
    assert story.fact("StayPlanAgreed", day(2, 1)) == []


def test_obligations_keep_the_business_date_of_a_backdated_admission_and_what_is_past_is_at_once_missed() -> None:
    story = only("notice")
    assert story.admit(day(3, 2), today=day(3, 6)) == [("opened", "notice", day(3, 5)), ("missed", "notice", day(3, 6))]


@pytest.mark.parametrize(("today", "missed"), [(day(3, 4), False), (day(3, 5), False), (day(3, 6), True)])
def test_a_deadline_is_past_at_registration_only_on_the_day_after(today: date, missed: bool) -> None:
    story = only("notice")
    story.admit(day(3, 2), today=today)
    assert (story.one("notice").status == "missed") is missed


# --- days --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("passed", "expected"), [(day(3, 4), "open"), (day(3, 5), "missed")])
def test_an_obligation_is_missed_when_its_due_day_is_over_not_before(passed: date, expected: str) -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.check(passed)
    assert story.one("notice").status == expected


def test_after_slept_through_days_it_is_missed_on_the_day_after_it_was_due() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    assert story.check(day(3, 20)) == [("missed", "notice", day(3, 6))]


def test_checking_twice_changes_nothing() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.check(day(3, 5))
    assert story.check(day(3, 5)) == []
    assert story.check(day(3, 6)) == []


def test_what_is_met_is_not_missed_by_a_check() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.fact("MunicipalityNotified", day(3, 3), attributes={"notice": "admission"})
    assert story.check(day(3, 5)) == []


def test_a_case_that_is_not_open_has_no_deadlines() -> None:
    assert Story().check(day(3, 5)) == []


# --- meeting -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (day(3, 4), [("met", "notice", day(3, 4))]),
        (day(3, 5), [("met", "notice", day(3, 5))]),
        (day(3, 6), [("missed", "notice", day(3, 6)), ("late", "notice", day(3, 6))]),
    ],
)
def test_met_the_day_before_on_the_day_and_the_day_after(on: date, expected: list[object]) -> None:
    story = only("notice")
    story.admit(day(3, 2))
    assert story.fact("MunicipalityNotified", on, attributes={"notice": "admission"}) == expected


def test_a_fact_whose_condition_does_not_hold_meets_nothing() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    assert story.fact("MunicipalityNotified", day(3, 3), attributes={"notice": "correction"}) == []


def test_a_fact_dated_before_what_it_meets_was_owed_meets_it() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    assert story.fact("MunicipalityNotified", day(3, 1), today=day(3, 3), attributes={"notice": "admission"}) == [
        ("met", "notice", day(3, 1))
    ]


def test_missed_and_then_met_is_met_late_and_the_miss_stays() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.check(day(3, 5))
    assert story.fact("MunicipalityNotified", day(3, 9), attributes={"notice": "admission"}) == [("late", "notice", day(3, 9))]
    notice = story.one("notice")
    assert (notice.status, notice.closed_on, notice.missed_on) == ("met-late", day(3, 9), day(3, 6))


def test_done_in_time_but_registered_after_the_miss_is_met_in_time_and_the_miss_stays() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.check(day(3, 5))
    done = story.fact("MunicipalityNotified", day(3, 5), today=day(3, 9), attributes={"notice": "admission"})
    assert done == [("met", "notice", day(3, 5))]
    assert (story.one("notice").status, story.one("notice").missed_on) == ("met", day(3, 6))


def test_met_late_becomes_met_in_time_when_an_earlier_fact_turns_up() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.fact("MunicipalityNotified", day(3, 9), attributes={"notice": "admission"})
    done = story.fact("MunicipalityNotified", day(3, 4), today=day(3, 10), attributes={"notice": "admission"})
    assert done == [("met", "notice", day(3, 4))]


def test_a_second_fact_of_the_same_kind_does_not_meet_again() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.fact("MunicipalityNotified", day(3, 3), attributes={"notice": "admission"})
    assert story.fact("MunicipalityNotified", day(3, 9), attributes={"notice": "admission"}) == []


def test_where_all_are_needed_one_is_not_enough_and_the_last_counts() -> None:
    story = only("team")
    story.admit(day(3, 2))
    first: dict[str, Any] = {"person_id": WOMAN, "attributes": {"profession": "pedagogue"}}
    assert story.fact("ContactPersonAssigned", day(3, 2), **first) == []
    assert story.fact("ContactPersonAssigned", day(3, 3), **first) == []
    second: dict[str, Any] = {"person_id": WOMAN, "attributes": {"profession": "social-worker"}}
    assert story.fact("ContactPersonAssigned", day(3, 4), **second) == [
        ("missed", "team", day(3, 3)),
        ("late", "team", day(3, 4)),
    ]


def test_a_childs_contact_person_is_not_the_womans() -> None:
    story = only("team")
    story.admit(day(3, 2))
    story.fact("ContactPersonAssigned", day(3, 2), person_id=CHILD, attributes={"profession": "pedagogue"})
    story.fact("ContactPersonAssigned", day(3, 2), person_id=CHILD, attributes={"profession": "social-worker"})
    assert story.one("team").status == "open"


def test_each_child_has_its_own_obligations() -> None:
    story = only("child-notice")
    story.admit(day(3, 2))
    assert story.fact("ChildArrived", day(3, 2), person_id=CHILD) == [("opened", "child-notice", day(3, 5))]
    assert story.fact("ChildArrived", day(3, 10), person_id=SECOND_CHILD) == [("opened", "child-notice", day(3, 13))]
    story.fact("ChildNotificationSent", day(3, 11), person_id=SECOND_CHILD)
    assert {o.person_id: o.status for o in story.state.obligations.values()} == {CHILD: "open", SECOND_CHILD: "met"}


def test_a_review_meets_the_old_one_and_opens_the_next() -> None:
    story = only("review")
    story.admit(day(1, 1))
    story.fact("StayPlanAgreed", day(1, 10))
    assert story.fact("PlanReviewed", day(4, 10)) == [("met", "review", day(4, 10)), ("opened", "review", day(7, 10))]
    assert story.fact("PlanReviewed", day(7, 11)) == [
        ("missed", "review", day(7, 11)),
        ("late", "review", day(7, 11)),
        ("opened", "review", day(10, 11)),
    ]


def test_a_review_of_an_earlier_round_does_not_meet_the_present_one() -> None:
    story = only("review")
    story.admit(day(1, 1))
    story.fact("StayPlanAgreed", day(1, 10))
    story.fact("PlanReviewed", day(3, 10))
    assert story.fact("PlanReviewed", day(3, 9), today=day(3, 12)) == [
        ("met", "review", day(3, 9)),
        ("opened", "review", day(6, 9)),
        ("met", "review", day(3, 10)),
    ]
    assert [o.opened_on for o in story.state.obligations.values() if o.status == "open"] == [day(3, 10)]
    assert story.fact("PlanReviewed", day(3, 10), today=day(3, 12))[0] == ("met", "review", day(3, 10))


def test_a_fact_noted_before_the_opening_meets_a_rule_that_looks_back() -> None:
    story = only("advice-start")
    story.admit(day(1, 1))
    story.fact("AdviceStarted", day(1, 20))
    assert story.fact("MoveOutPlanned", day(2, 1)) == [
        ("opened", "advice-start", day(2, 1)),
        ("met", "advice-start", day(1, 20)),
    ]


def test_a_fact_looked_back_upon_that_was_too_late_meets_late() -> None:
    story = only("advice-start")
    story.admit(day(1, 1))
    story.fact("AdviceStarted", day(2, 5))
    assert story.fact("MoveOutPlanned", day(2, 1), today=day(2, 6)) == [
        ("opened", "advice-start", day(2, 1)),
        ("missed", "advice-start", day(2, 2)),
        ("late", "advice-start", day(2, 5)),
    ]


def test_a_rule_that_does_not_look_back_is_not_met_by_what_was_before() -> None:
    story = only("aftercare")
    story.admit(day(1, 1))
    story.fact("AftercareOffered", day(2, 1))
    moved = story.fact("WomanMovedOut", day(2, 2), attributes={"stay_days": 32, "destination": "family"})
    assert moved == [("opened", "aftercare", day(2, 3))]


@pytest.mark.parametrize(("stay_days", "owed"), [(13, False), (14, False), (15, True)])
def test_a_condition_on_the_length_of_the_stay(stay_days: int, owed: bool) -> None:
    story = only("aftercare")
    story.admit(day(1, 1))
    story.fact("WomanMovedOut", day(1, 1) + timedelta(days=stay_days), attributes={"stay_days": stay_days})
    assert bool(story.state.obligations) is owed


LOOKING_BACK = rule(
    "looking-back",
    [fact("WomanMovedOut")],
    due={"months": 1},
    due_from="MunicipalityNotified",
    met_by=[fact("AftercareOffered"), fact("MunicipalityNotified", notice="discharge")],
    cancelled_by=[fact("AftercareDeclined"), fact("AdviceDeclined")],
    looks_back=True,
)


def test_of_several_facts_looked_back_upon_the_earliest_meets() -> None:
    story = Story(rulebook(LOOKING_BACK))
    story.admit(day(1, 1))
    story.fact("MunicipalityNotified", day(2, 3), attributes={"notice": "discharge", "anonymous": False})
    story.fact("MunicipalityNotified", day(2, 2), attributes={"notice": "discharge", "anonymous": True})
    story.fact("AftercareOffered", day(2, 4))
    opened = ("opened", "looking-back", day(3, 2))
    assert story.fact("WomanMovedOut", day(2, 5)) == [opened, ("met", "looking-back", day(2, 2))]


def test_of_two_facts_on_the_same_day_the_first_told_is_what_it_rests_on() -> None:
    story = Story(rulebook(LOOKING_BACK))
    story.admit(day(1, 1))
    story.take(Fact("AftercareOffered", UUID(int=71), day(2, 1)))
    story.take(Fact("AftercareOffered", UUID(int=72), day(2, 1)))
    story.fact("WomanMovedOut", day(2, 5))
    assert story.one("looking-back").closed_by == UUID(int=71)


def test_of_several_refusals_looked_back_upon_the_earliest_cancels_on_the_day_it_would_be_owed() -> None:
    story = Story(rulebook(LOOKING_BACK))
    story.admit(day(1, 1))
    story.fact("MunicipalityNotified", day(1, 2), attributes={"notice": "admission"})
    story.take(Fact("AdviceDeclined", UUID(int=71), day(2, 3)))
    story.take(Fact("AftercareDeclined", UUID(int=72), day(1, 20)))
    assert story.fact("WomanMovedOut", day(2, 1), today=day(2, 4))[1:] == [("cancelled", "looking-back")]
    closed = story.one("looking-back")
    assert (closed.closed_on, closed.closed_by) == (day(2, 1), UUID(int=72))


# --- missed and cancelled by a fact ------------------------------------------------------------------------------------------


def notified(story: Story, on: date) -> list[tuple[object, ...]]:
    return story.fact("MunicipalityNotified", on, attributes={"notice": "admission"})


def test_advice_is_missed_by_a_planned_move_out_and_given_afterwards_it_is_late() -> None:
    story = only("advice")
    story.admit(day(3, 2))
    assert notified(story, day(3, 3)) == [("opened", "advice", None)]
    assert story.fact("MoveOutPlanned", day(3, 20)) == [("missed", "advice", day(3, 20))]
    assert story.fact("InitialAdviceGiven", day(3, 21)) == [("late", "advice", day(3, 21))]


def test_advice_given_on_the_day_the_move_out_was_planned_is_in_time() -> None:
    story = only("advice")
    story.admit(day(3, 2))
    notified(story, day(3, 3))
    story.fact("MoveOutPlanned", day(3, 20))
    assert story.fact("InitialAdviceGiven", day(3, 20)) == [("met", "advice", day(3, 20))]


@pytest.mark.parametrize(("given_on", "late"), [(day(3, 9), False), (day(3, 10), False), (day(3, 11), True)])
def test_a_move_out_planned_earlier_but_registered_later_makes_it_late(given_on: date, late: bool) -> None:
    story = only("advice")
    story.admit(day(3, 2))
    notified(story, day(3, 3))
    story.fact("InitialAdviceGiven", given_on)
    planned = story.fact("MoveOutPlanned", day(3, 10), today=day(3, 12))
    assert planned == ([("missed", "advice", day(3, 10)), ("late", "advice", given_on)] if late else [])


def test_advice_owed_only_after_the_move_out_was_planned_is_at_once_missed() -> None:
    story = only("advice")
    story.admit(day(3, 2))
    story.fact("MoveOutPlanned", day(3, 3))
    assert notified(story, day(3, 4)) == [("opened", "advice", None), ("missed", "advice", day(3, 4))]


def test_what_a_fact_made_missed_is_not_reopened_by_a_later_due_day() -> None:
    story = Story(
        rulebook(
            rule(
                "losable",
                [fact("WomanAdmitted")],
                due={"days": 30},
                met_by=[fact("InitialAdviceGiven")],
                missed_by=[fact("MoveOutPlanned")],
            )
        )
    )
    story.admit(day(3, 2))
    story.fact("MoveOutPlanned", day(3, 5))
    assert corrected_admission(story, day(3, 6), day(3, 4)) == [("rescheduled", "losable", day(4, 1), day(4, 3))]
    assert story.one("losable").status == "missed"


def test_a_cancelled_plan_to_move_out_does_not_make_later_advice_missed() -> None:
    story = only("advice")
    story.admit(day(3, 2))
    story.fact("MoveOutPlanned", day(3, 3))
    story.fact("MoveOutCancelled", day(3, 3))
    assert notified(story, day(3, 4)) == [("opened", "advice", None)]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (day(2, 1), [("cancelled", "advice-start")]),
        (day(2, 2), [("missed", "advice-start", day(2, 2))]),
    ],
)
def test_what_was_missed_before_it_was_cancelled_stays_missed(on: date, expected: list[object]) -> None:
    story = only("advice-start")
    story.admit(day(1, 1))
    story.fact("MoveOutPlanned", day(2, 1))
    assert story.fact("AdviceDeclined", on) == expected


@pytest.mark.parametrize(("on", "expected"), [(day(2, 1), [("cancelled", "advice-start")]), (day(2, 2), [])])
def test_a_cancellation_registered_after_the_miss_counts_by_its_own_day(on: date, expected: list[object]) -> None:
    story = only("advice-start")
    story.admit(day(1, 1))
    story.fact("MoveOutPlanned", day(2, 1))
    story.check(day(2, 1))
    assert story.fact("AdviceDeclined", on, today=day(2, 5)) == expected


def test_a_new_plan_to_move_out_opens_again_what_the_cancelled_one_had_opened() -> None:
    story = only("advice-start")
    story.admit(day(1, 1))
    story.fact("MoveOutPlanned", day(2, 1))
    assert story.fact("MoveOutCancelled", day(2, 1)) == [("cancelled", "advice-start")]
    assert story.fact("MoveOutPlanned", day(3, 1)) == [("opened", "advice-start", day(3, 1))]


@pytest.mark.parametrize(("declined", "cancelled"), [(day(1, 31), True), (day(2, 1), True), (day(2, 2), False)])
def test_what_she_had_declined_before_it_was_owed_is_not_missed(declined: date, cancelled: bool) -> None:
    story = only("advice-start")
    story.admit(day(1, 1))
    story.fact("AdviceDeclined", declined)
    outcome = ("cancelled", "advice-start") if cancelled else ("missed", "advice-start", day(2, 2))
    assert story.fact("MoveOutPlanned", day(2, 1), today=day(2, 3)) == [("opened", "advice-start", day(2, 1)), outcome]


def test_what_was_offered_again_after_she_declined_is_owed() -> None:
    story = only("advice-start")
    story.admit(day(1, 1))
    story.fact("AdviceDeclined", day(1, 20))
    story.fact("AdviceOffered", day(1, 25))
    assert story.fact("MoveOutPlanned", day(2, 1)) == [("opened", "advice-start", day(2, 1))]


def test_a_cancelled_obligation_is_neither_met_nor_missed() -> None:
    story = only("advice-start")
    story.admit(day(1, 1))
    story.fact("MoveOutPlanned", day(2, 1))
    story.fact("AdviceDeclined", day(2, 1))
    assert story.fact("AdviceStarted", day(2, 2)) == []
    assert story.check(day(2, 20)) == []


# --- due days that move ------------------------------------------------------------------------------------------------------


def test_a_due_day_that_waits_for_a_fact_comes_with_it() -> None:
    story = only("offer")
    story.admit(day(1, 1))
    moved = story.fact("WomanMovedOut", day(3, 1), attributes={"stay_days": 59})
    assert moved == [("rescheduled", "offer", None, day(3, 15))]
    assert story.one("offer").counted_from == day(3, 1)
    assert story.check(day(3, 11)) == [("due-soon", "offer", day(3, 12), 1)]
    assert story.check(day(3, 14)) == []
    assert story.check(day(3, 15)) == [("missed", "offer", day(3, 16))]


def test_a_due_day_that_was_past_when_it_became_known_is_at_once_missed() -> None:
    story = only("offer")
    story.admit(day(1, 1))
    moved = story.fact("WomanMovedOut", day(3, 1), today=day(3, 16))
    assert moved == [("rescheduled", "offer", None, day(3, 15)), ("missed", "offer", day(3, 16))]


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        (day(3, 14), []),
        (day(3, 15), []),
        (
            day(3, 16),
            [("rescheduled", "offer", None, day(3, 15)), ("missed", "offer", day(3, 16)), ("late", "offer", day(3, 16))],
        ),
    ],
)
def test_a_due_day_known_only_after_it_was_met_shows_whether_that_was_too_late(offered: date, expected: list[object]) -> None:
    story = only("offer")
    story.admit(day(1, 1))
    story.fact("TreatmentOffered", offered, person_id=WOMAN)
    assert story.fact("WomanMovedOut", day(3, 1), today=day(3, 20)) == expected


def corrected_admission(story: Story, on: date, admitted_on: date) -> list[tuple[object, ...]]:
    return story.fact("AdmissionCorrected", on, until=admitted_on)


def test_a_corrected_admission_moves_what_was_counted_from_it_and_nothing_else() -> None:
    story = Story()
    story.admit(day(3, 2))
    story.fact("ChildArrived", day(3, 2), person_id=CHILD)
    assert corrected_admission(story, day(3, 4), day(3, 4)) == [
        ("rescheduled", "notice", day(3, 5), day(3, 9)),
        ("rescheduled", "team", day(3, 2), day(3, 4)),
    ]
    assert story.state.admitted_on == day(3, 4)


def test_a_corrected_admission_that_makes_it_past_due_misses_it() -> None:
    story = only("notice")
    story.admit(day(3, 4))
    assert corrected_admission(story, day(3, 6), day(3, 2)) == [
        ("rescheduled", "notice", day(3, 9), day(3, 5)),
        ("missed", "notice", day(3, 6)),
    ]


@pytest.mark.parametrize(("today", "reopened"), [(day(3, 8), True), (day(3, 9), True), (day(3, 10), False)])
def test_a_corrected_admission_reopens_what_is_not_missed_yet(today: date, reopened: bool) -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.check(day(3, 5))
    moved = ("rescheduled", "notice", day(3, 5), day(3, 9))
    assert corrected_admission(story, today, day(3, 4)) == [moved, *([("reopened", "notice")] if reopened else [])]
    assert story.one("notice").status == ("open" if reopened else "missed")


def test_a_reopened_obligation_is_missed_again_when_the_new_day_is_over() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.check(day(3, 5))
    corrected_admission(story, day(3, 6), day(3, 4))
    assert story.check(day(3, 9)) == [("missed", "notice", day(3, 10))]


def test_a_corrected_admission_makes_late_what_was_met_and_in_time_what_was_late() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    notified(story, day(3, 6))
    assert corrected_admission(story, day(3, 7), day(3, 4)) == [
        ("rescheduled", "notice", day(3, 5), day(3, 9)),
        ("met", "notice", day(3, 6)),
    ]
    assert corrected_admission(story, day(3, 8), day(3, 2)) == [
        ("rescheduled", "notice", day(3, 9), day(3, 5)),
        ("missed", "notice", day(3, 6)),
        ("late", "notice", day(3, 6)),
    ]


def test_a_corrected_admission_after_the_move_out_opens_or_cancels_by_the_true_length_of_the_stay() -> None:
    story = only("aftercare")
    story.admit(day(3, 2))
    story.fact("WomanMovedOut", day(3, 16), attributes={"stay_days": 14})
    assert corrected_admission(story, day(3, 16), day(3, 1)) == [("opened", "aftercare", day(3, 17))]
    assert corrected_admission(story, day(3, 16), day(3, 2)) == [("cancelled", "aftercare")]


def test_a_window_is_met_by_its_last_day_and_not_before() -> None:
    story = only("window")
    story.admit(day(1, 1))
    assert story.fact("WomanMovedOut", day(3, 1)) == [("opened", "window", day(9, 1))]
    assert story.check(day(8, 31)) == []
    assert story.check(day(9, 1)) == [("met", "window", day(9, 1))]


def test_a_window_ends_earlier_when_she_is_established_but_not_for_another_reason() -> None:
    story = only("window")
    story.admit(day(1, 1))
    story.fact("WomanMovedOut", day(3, 1))
    assert story.fact("AdviceEnded", day(5, 1), attributes={"ended_because": "other"}) == []
    assert story.fact("AdviceEnded", day(5, 2), attributes={"ended_because": "established"}) == [("met", "window", day(5, 2))]


def test_a_window_extended_lasts_until_its_new_last_day() -> None:
    story = only("window")
    story.admit(day(1, 1))
    story.fact("WomanMovedOut", day(3, 1))
    assert story.fact("AdviceExtended", day(8, 1), until=day(12, 1)) == [("rescheduled", "window", day(9, 1), day(12, 1))]
    assert story.check(day(9, 1)) == []
    assert story.check(day(12, 1)) == [("met", "window", day(12, 1))]


def test_an_extension_registered_after_the_window_ran_out_reopens_it() -> None:
    story = only("window")
    story.admit(day(1, 1))
    story.fact("WomanMovedOut", day(3, 1))
    story.check(day(9, 1))
    assert story.fact("AdviceExtended", day(9, 1), today=day(9, 3), until=day(12, 1)) == [
        ("rescheduled", "window", day(9, 1), day(12, 1)),
        ("reopened", "window"),
    ]


def test_a_window_whose_last_day_moves_before_its_end_ended_on_its_last_day() -> None:
    story = only("window")
    story.admit(day(1, 1))
    story.fact("WomanMovedOut", day(3, 1))
    story.fact("AdviceEnded", day(5, 2), attributes={"ended_because": "established"})
    assert story.fact("AdviceExtended", day(5, 3), until=day(5, 1)) == [
        ("rescheduled", "window", day(9, 1), day(5, 1)),
        ("met", "window", day(5, 1)),
    ]


def test_a_window_that_was_over_before_its_end_was_reported_ended_on_its_last_day() -> None:
    story = only("window")
    story.admit(day(1, 1))
    story.fact("WomanMovedOut", day(3, 1))
    assert story.fact("AdviceEnded", day(9, 2), attributes={"ended_because": "established"}) == [("met", "window", day(9, 1))]


# --- the ledger --------------------------------------------------------------------------------------------------------------


def test_minutes_add_up_and_meet_the_obligation_on_the_day_the_floor_is_reached() -> None:
    story = only("treatment")
    story.admit(day(3, 2))
    assert story.held(60, day(3, 10)) == []
    assert story.held(59, day(3, 11)) == []
    assert story.held(1, day(3, 12)) == [("met", "treatment", day(3, 12))]
    treatment = story.one("treatment")
    assert (story.state.used(treatment), story.state.left(treatment)) == (120, 60)


def test_a_backdated_session_that_reaches_the_floor_meets_it_on_the_day_it_was_reached() -> None:
    story = only("treatment")
    story.admit(day(3, 2))
    story.held(60, day(3, 12))
    assert story.held(60, day(3, 10)) == [("met", "treatment", day(3, 12))]


def test_a_missed_session_uses_nothing() -> None:
    story = only("treatment")
    story.admit(day(3, 2))
    story.fact("SessionMissed", day(3, 10), person_id=WOMAN)
    assert story.state.used(story.one("treatment")) == 0


def test_sessions_are_counted_where_the_unit_is_sessions() -> None:
    story = only("child-treatment")
    story.admit(day(3, 2))
    story.fact("ChildArrived", day(3, 2), person_id=CHILD)
    assert story.held(45, day(3, 3), CHILD) == []
    assert story.held(45, day(3, 4), CHILD) == [("met", "child-treatment", day(3, 4))]
    assert story.corrected(-45, day(3, 5), -1, CHILD) == [("reopened", "child-treatment")]
    assert story.state.used(story.one("child-treatment")) == 1


def test_the_woman_and_the_child_have_ledgers_of_their_own() -> None:
    story = only("treatment", "child-treatment")
    story.admit(day(3, 2))
    story.fact("ChildArrived", day(3, 2), person_id=CHILD)
    story.held(120, day(3, 3))
    assert (story.one("treatment").status, story.one("child-treatment").status) == ("met", "open")


def test_a_correction_below_the_floor_reopens_what_was_met() -> None:
    story = only("treatment")
    story.admit(day(3, 2))
    story.held(120, day(3, 10))
    assert story.corrected(-1, day(3, 11)) == [("reopened", "treatment")]
    assert story.corrected(1, day(3, 12)) == [("met", "treatment", day(3, 12))]


def test_a_correction_that_stays_at_the_floor_changes_nothing() -> None:
    story = only("treatment")
    story.admit(day(3, 2))
    story.held(121, day(3, 10))
    assert story.corrected(-1, day(3, 11)) == []


def test_a_treatment_that_ended_early_is_owed_no_more() -> None:
    story = only("treatment")
    story.admit(day(3, 2))
    story.held(119, day(3, 10))
    assert story.fact("TreatmentCompleted", day(3, 11), person_id=WOMAN) == [("cancelled", "treatment")]


def test_a_treatment_that_ended_at_its_floor_stays_met() -> None:
    story = only("treatment")
    story.admit(day(3, 2))
    story.held(120, day(3, 10))
    assert story.fact("TreatmentCompleted", day(3, 11), person_id=WOMAN) == []
    assert story.one("treatment").status == "met"


def test_extra_hours_raise_what_is_left_by_minutes_or_by_full_hours_as_sessions() -> None:
    story = only("treatment", "child-treatment")
    story.admit(day(3, 2))
    story.fact("ChildArrived", day(3, 2), person_id=CHILD)
    story.fact("ExtraHoursGranted", day(3, 3), person_id=WOMAN, minutes=90, municipality=ODENSE)
    story.fact("ExtraHoursGranted", day(3, 3), person_id=CHILD, minutes=119, municipality=ODENSE)
    assert story.state.left(story.one("treatment")) == 270
    assert story.state.left(story.one("child-treatment")) == 4
    assert story.state.used(story.one("treatment")) == 0


# --- across municipalities ---------------------------------------------------------------------------------------------------


def moves_home(story: Story, on: date, to: str, today: date | None = None) -> list[tuple[object, ...]]:
    return story.fact("HomeMunicipalityChanged", on, today, municipality=to)


def test_the_rest_of_a_treatment_is_owed_by_the_new_municipality_and_what_is_used_stays_used() -> None:
    story = only("treatment")
    story.admit(day(3, 2))
    story.held(90, day(3, 10))
    assert moves_home(story, day(3, 15), AARHUS) == [("transferred", "treatment", ODENSE, AARHUS, day(3, 15))]
    assert story.held(30, day(3, 20)) == [("met", "treatment", day(3, 20))]
    assert story.one("treatment").municipality == AARHUS


def test_the_dates_stay_and_what_was_missed_but_not_met_moves_too() -> None:
    story = only("offer")
    story.admit(day(1, 1))
    story.fact("WomanMovedOut", day(3, 1))
    story.check(day(3, 15))
    assert moves_home(story, day(3, 20), AARHUS) == [("transferred", "offer", ODENSE, AARHUS, day(3, 20))]
    assert (story.one("offer").status, story.one("offer").due) == ("missed", day(3, 15))


def test_what_the_shelter_owes_and_what_is_finished_does_not_move() -> None:
    story = only("notice", "treatment")
    story.admit(day(3, 2))
    story.held(180, day(3, 10))
    assert moves_home(story, day(3, 15), AARHUS) == []


@pytest.mark.parametrize(("used", "granted", "moves"), [(120, 0, True), (179, 0, True), (180, 0, False), (180, 1, True)])
def test_of_treatment_that_reached_its_floor_the_rest_up_to_the_ceiling_is_owed_by_the_new_municipality(
    used: int, granted: int, moves: bool
) -> None:
    story = only("treatment")
    story.admit(day(3, 2))
    if granted:
        story.fact("ExtraHoursGranted", day(3, 3), person_id=WOMAN, minutes=granted)
    story.held(used, day(3, 10))
    transferred = [("transferred", "treatment", ODENSE, AARHUS, day(3, 15))]

    assert moves_home(story, day(3, 15), AARHUS) == (transferred if moves else [])
    assert story.one("treatment").status == "met"


@pytest.mark.parametrize(("person", "moves"), [(WOMAN, False), (CHILD, True)])
def test_treatment_completed_after_its_floor_does_not_move_and_nobody_elses_end_keeps_it(person: UUID, moves: bool) -> None:
    story = only("treatment")
    story.admit(day(3, 2))
    story.held(120, day(3, 10))
    story.fact("TreatmentCompleted", day(3, 12), person_id=person)

    assert bool(moves_home(story, day(3, 15), AARHUS)) is moves


def test_what_opens_later_is_owed_by_the_municipality_of_its_business_date() -> None:
    story = only("child-treatment")
    story.admit(day(3, 2))
    moves_home(story, day(3, 15), AARHUS)
    story.fact("ChildArrived", day(3, 15), person_id=CHILD)
    assert story.one("child-treatment").municipality == AARHUS


def test_of_two_changes_on_one_day_the_one_told_last_is_in_force() -> None:
    story = only("child-treatment")
    story.admit(day(3, 2))
    moves_home(story, day(3, 15), RANDERS)
    moves_home(story, day(3, 15), AARHUS)
    assert story.fact("ChildArrived", day(3, 15), person_id=CHILD) == [("opened", "child-treatment", None)]
    assert story.one("child-treatment").municipality == AARHUS


def test_what_is_opened_with_a_day_before_the_change_is_handed_over_at_once() -> None:
    story = only("child-treatment")
    story.admit(day(3, 2))
    moves_home(story, day(3, 15), AARHUS)
    assert story.fact("ChildArrived", day(3, 14), today=day(3, 20), person_id=CHILD) == [
        ("opened", "child-treatment", None),
        ("transferred", "child-treatment", ODENSE, AARHUS, day(3, 15)),
    ]


def test_a_change_registered_after_a_later_one_moves_nothing() -> None:
    story = only("treatment")
    story.admit(day(3, 2))
    moves_home(story, day(3, 15), AARHUS)
    assert moves_home(story, day(3, 10), RANDERS, today=day(3, 20)) == []
    assert story.one("treatment").municipality == AARHUS
    assert [story.state.home_on(day(3, n)) for n in (9, 10, 14, 15)] == [ODENSE, RANDERS, RANDERS, AARHUS]


def test_a_change_back_moves_it_back() -> None:
    story = only("treatment")
    story.admit(day(3, 2))
    moves_home(story, day(3, 15), AARHUS)
    assert moves_home(story, day(4, 1), ODENSE) == [("transferred", "treatment", AARHUS, ODENSE, day(4, 1))]


def test_what_is_reopened_after_a_change_is_owed_by_the_new_municipality() -> None:
    story = only("treatment")
    story.admit(day(3, 2))
    story.held(180, day(3, 10))
    moves_home(story, day(3, 15), AARHUS)
    assert story.corrected(-90, day(3, 16)) == [
        ("reopened", "treatment"),
        ("transferred", "treatment", ODENSE, AARHUS, day(3, 15)),
    ]


def test_what_a_correction_leaves_of_treatment_after_a_change_is_owed_by_the_new_municipality() -> None:
    story = only("treatment")
    story.admit(day(3, 2))
    story.held(180, day(3, 10))
    moves_home(story, day(3, 15), AARHUS)
    assert story.corrected(-60, day(3, 16)) == [("transferred", "treatment", ODENSE, AARHUS, day(3, 15))]


# --- annulment, anonymity, complaints ----------------------------------------------------------------------------------------


def test_an_annulled_stay_cancels_what_is_open_and_what_was_missed_and_nothing_opens_after_it() -> None:
    story = only("notice", "treatment", "child-notice")
    story.admit(day(3, 2))
    story.check(day(3, 5))
    assert story.fact("StayAnnulled", day(3, 10)) == [("cancelled", "notice"), ("cancelled", "treatment")]
    assert story.fact("ChildArrived", day(3, 11), person_id=CHILD) == []
    assert story.check(day(3, 30)) == []


def test_an_annulled_stay_leaves_what_was_met() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    notified(story, day(3, 3))
    assert story.fact("StayAnnulled", day(3, 10)) == []


def complained(story: Story, on: date, about: str = "discharge") -> list[tuple[object, ...]]:
    return story.fact("ComplaintFiled", on, reference=COMPLAINT, attributes={"complaint_about": about, "late": False})


def test_a_complaint_keeps_its_right_to_an_answer_when_the_stay_is_annulled() -> None:
    story = only("answer")
    story.admit(day(3, 2))
    complained(story, day(3, 3))
    assert story.fact("StayAnnulled", day(3, 10)) == []
    assert story.one("answer").status == "open"


def test_an_answer_that_is_not_final_does_not_meet_the_complaint_and_forwarding_does() -> None:
    story = only("answer")
    story.admit(day(3, 2))
    assert complained(story, day(3, 3)) == [("opened", "answer", day(3, 31))]
    answered: dict[str, Any] = {"reference": COMPLAINT, "attributes": {"outcome": "not-upheld", "final": False}}
    assert story.fact("ComplaintAnswered", day(3, 20), **answered) == []
    assert story.fact("ComplaintForwarded", day(3, 31), reference=COMPLAINT) == [("met", "answer", day(3, 31))]


def test_another_complaints_answer_does_not_meet_it() -> None:
    story = only("answer")
    story.admit(day(3, 2))
    complained(story, day(3, 3))
    assert story.fact("ComplaintForwarded", day(3, 4), reference=UUID(int=77)) == []
    assert story.fact("ComplaintWithdrawn", day(3, 4), reference=UUID(int=77)) == []
    assert story.fact("ComplaintWithdrawn", day(3, 4), reference=COMPLAINT) == [("cancelled", "answer")]


def test_a_complaint_about_conditions_is_not_owed_this_answer() -> None:
    story = only("answer")
    story.admit(day(3, 2))
    assert complained(story, day(3, 3), "conditions") == []


def test_obligations_opened_after_anonymity_was_lifted_are_not_anonymous() -> None:
    story = only("child-notice")
    story.admit(day(3, 2), anonymous=True)
    story.fact("ChildArrived", day(3, 2), person_id=CHILD)
    story.fact("AnonymityLifted", day(3, 3))
    story.fact("ChildArrived", day(3, 4), person_id=SECOND_CHILD)
    assert [e.anonymous for e in story.events if isinstance(e, ObligationOpened)] == [True, False]


# --- reminders ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("passed", "told_now"),
    [(day(3, 1), []), (day(3, 2), [("due-soon", "notice", day(3, 3), 2)]), (day(3, 3), [("due-soon", "notice", day(3, 4), 1)])],
)
def test_two_working_days_ahead_those_who_owe_it_are_reminded_by_the_next_turn_of_the_day(
    passed: date, told_now: list[object]
) -> None:
    story = only("notice")
    story.admit(day(3, 2))
    assert story.check(passed) == told_now


def test_a_reminder_is_given_once_for_a_due_day() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.check(day(3, 2))
    assert story.check(day(3, 2)) == []
    assert story.check(day(3, 4)) == []
    reminder = story.events[-1]
    assert isinstance(reminder, ObligationDueSoon)
    assert (reminder.due, reminder.municipality) == (day(3, 5), ODENSE)


def test_days_slept_through_give_one_reminder_and_what_is_over_gives_none() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    assert story.check(day(3, 4)) == [("due-soon", "notice", day(3, 5), 0)]
    late = only("notice")
    late.admit(day(3, 2))
    assert late.check(day(3, 5)) == [("missed", "notice", day(3, 6))]


def test_opened_with_less_time_left_it_is_not_reminded_of_at_opening() -> None:
    story = only("notice")
    assert story.admit(day(3, 2), today=day(3, 4)) == [("opened", "notice", day(3, 5))]
    assert story.check(day(3, 4)) == [("due-soon", "notice", day(3, 5), 0)]


def test_what_is_met_is_not_reminded_of() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.fact("MunicipalityNotified", day(3, 2), attributes={"notice": "admission"})
    assert story.check(day(3, 3)) == []


def test_a_rescheduled_due_day_is_reminded_of_again_and_an_old_one_is_not() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    story.check(day(3, 2))
    story.fact("AdmissionCorrected", day(3, 3), until=day(3, 3))
    assert story.check(day(3, 3)) == [("due-soon", "notice", day(3, 4), 2)]
    assert story.fact("AdmissionCorrected", day(3, 4), until=day(3, 2)) == [("rescheduled", "notice", day(3, 6), day(3, 5))]
    assert story.check(day(3, 4)) == []


def test_a_window_reminds_nobody_unless_its_rule_says_so() -> None:
    loud = rule(
        "loud", [fact("WomanMovedOut")], due={"days": 7}, met_by=[fact("AdviceEnded")], last_day_meets=True, remind_working_days=1
    )
    story = Story(rulebook(loud, *(r for r in RULES if r.id == "window")))
    story.admit(day(3, 2))
    story.fact("WomanMovedOut", day(3, 6), attributes={"stay_days": 4})
    assert story.check(day(3, 11)) == [("due-soon", "loud", day(3, 12), 1)]
    assert story.check(day(9, 5)) == [("met", "loud", day(3, 13))]
    assert story.check(day(9, 6)) == [("met", "window", day(9, 6))]


# --- escalation --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owed_by", "says", "escalated_to"),
    [
        ("shelter", None, "leader"),
        ("shelter", False, None),
        ("home-municipality", None, None),
        ("home-municipality", True, "leader"),
    ],
)
def test_a_miss_says_whether_the_leader_is_told(owed_by: str, says: bool | None, escalated_to: str | None) -> None:
    more = {"owed_by": owed_by, "due": {"days": 1}, "escalate_to_leader": says}
    story = Story(rulebook(rule("told", [fact("WomanAdmitted")], met_by=[fact("RiskAssessed")], **more)))
    story.admit(day(3, 2))
    story.check(day(3, 3))
    missed = story.events[-1]
    assert isinstance(missed, ObligationMissed)
    assert missed.escalated_to == escalated_to


# --- another version of the standard -----------------------------------------------------------------------------------------


def changed(old: list[Rule], new: list[Rule]) -> Story:
    """A standard, and its version 2, which is in force from 10 March."""
    second = Standard.model_validate({**standard(*new, version="2").model_dump(), "in_force_from": day(3, 10)})
    return Story(Rulebook({"trial": [(date(2020, 1, 1), standard(*old)), (day(3, 10), second)]}))


NOTICE, TEAM, TREATMENT = RULES[0], RULES[1], RULES[2]
REVIEW = next(r for r in RULES if r.id == "review")
PLAN = rule("plan", [fact("WomanAdmitted")], due={"months": 1}, met_by=[fact("StayPlanAgreed")])


def later(old: Rule, **changes: Any) -> Rule:
    return Rule.model_validate({**old.model_dump(), "due": {"months": 2}, **changes})


def test_a_new_version_alone_leaves_an_open_stay_as_it_is() -> None:
    story = changed([PLAN], [later(PLAN), TEAM])
    story.admit(day(3, 2))
    assert story.check(day(3, 15)) == []
    assert story.fact("NeedsClarified", day(3, 16)) == []
    assert (story.one("plan").due, story.state.standard_version) == (day(4, 2), "1")


def test_another_term_is_counted_from_the_same_day_0() -> None:
    story = changed([PLAN], [later(PLAN)])
    story.admit(day(3, 2))
    assert story.change("2", day(3, 12)) == [("standard", "1", "2"), ("rescheduled", "plan", day(4, 2), day(5, 2))]
    assert story.one("plan").counted_from == day(3, 2)
    change, moved = story.events[-2:]
    assert isinstance(change, StandardChanged)
    assert isinstance(moved, ObligationRescheduled)
    assert (moved.rests_on, moved.standard, moved.standard_version) == (change.change_id, "trial", "2")
    assert story.check(day(5, 1)) == [("due-soon", "plan", day(5, 2), 0)]
    assert story.check(day(5, 2)) == [("missed", "plan", day(5, 3))]


@pytest.mark.parametrize(("on", "missed"), [(day(4, 1), False), (day(4, 2), False), (day(4, 3), True)])
def test_what_was_over_before_the_change_is_missed_and_stays_missed(on: date, missed: bool) -> None:
    story = changed([PLAN], [later(PLAN)])
    story.admit(day(3, 2))
    told_now = story.change("2", on)
    assert (("missed", "plan", day(4, 3)) in told_now) is missed
    assert (story.one("plan").due == day(4, 2)) is missed


def test_a_rule_that_vanished_is_owed_no_more_and_what_was_closed_stays() -> None:
    story = changed([PLAN, NOTICE, TEAM], [REVIEW])
    story.admit(day(3, 2))
    story.fact("MunicipalityNotified", day(3, 3), attributes={"notice": "admission"})
    story.check(day(3, 2))
    assert story.change("2", day(3, 10)) == [("standard", "1", "2"), ("cancelled", "plan")]
    assert {o.rule: o.status for o in story.state.obligations.values()} == {
        "plan": "cancelled",
        "notice": "met",
        "team": "missed",
    }
    assert story.fact("AdmissionCorrected", day(3, 11), until=day(3, 1)) == [
        ("rescheduled", "notice", day(3, 5), day(3, 4)),
        ("rescheduled", "team", day(3, 2), day(3, 1)),
    ]


def test_a_new_rule_is_opened_by_what_was_noted_and_looks_back() -> None:
    story = changed([NOTICE], [NOTICE, PLAN, TEAM])
    story.admit(day(3, 2))
    story.fact("StayPlanAgreed", day(3, 4))
    assert story.change("2", day(3, 10)) == [
        ("missed", "notice", day(3, 6)),
        ("standard", "1", "2"),
        ("opened", "plan", day(4, 2)),
        ("met", "plan", day(3, 4)),
        ("opened", "team", day(3, 2)),
        ("missed", "team", day(3, 3)),
    ]


def test_what_recurs_is_opened_from_the_latest_round() -> None:
    story = changed([NOTICE], [NOTICE, REVIEW])
    story.admit(day(1, 2), today=day(1, 2))
    story.fact("StayPlanAgreed", day(1, 5))
    for month in (1, 2, 3):
        story.fact("PlanReviewed", day(month, 20), attributes={"plan": "stay-plan"})
    assert ("opened", "review", day(6, 20)) in story.change("2", day(3, 21))
    assert story.fact("PlanReviewed", day(4, 1), attributes={"plan": "stay-plan"}) == [
        ("met", "review", day(4, 1)),
        ("opened", "review", day(7, 1)),
    ]


def test_another_amount_is_a_new_obligation_on_the_same_ledger() -> None:
    larger = Rule.model_validate({**TREATMENT.model_dump(), "amount": {"unit": "sessions", "floor": 2, "ceiling": 3}})
    story = changed([TREATMENT], [larger])
    story.admit(day(3, 2))
    story.held(50, day(3, 3))
    assert story.change("2", day(3, 10)) == [("standard", "1", "2"), ("cancelled", "treatment"), ("opened", "treatment", None)]
    assert story.held(50, day(3, 11)) == [("met", "treatment", day(3, 11))]


def test_a_ledger_that_has_reached_the_new_floor_is_met_at_once() -> None:
    smaller = Rule.model_validate({**TREATMENT.model_dump(), "amount": {"unit": "minutes", "floor": 60, "ceiling": 60}})
    story = changed([TREATMENT], [smaller])
    story.admit(day(3, 2))
    story.held(70, day(3, 3))
    assert story.change("2", day(3, 10))[-1] == ("met", "treatment", day(3, 3))


def test_back_to_the_version_before_what_was_cancelled_is_owed_again() -> None:
    story = changed([PLAN], [REVIEW])
    story.admit(day(3, 2))
    story.change("2", day(3, 10))
    assert story.change("1", day(3, 11)) == [("standard", "2", "1"), ("opened", "plan", day(4, 2))]


def test_a_window_whose_last_day_a_fact_set_keeps_it() -> None:
    window = next(r for r in RULES if r.id == "window")
    story = changed([window], [later(window, due={"months": 4})])
    story.admit(day(3, 2))
    story.fact("WomanMovedOut", day(3, 11), attributes={"stay_days": 9})
    story.fact("AdviceExtended", day(3, 12), until=day(12, 1))
    assert story.change("2", day(3, 12)) == [("standard", "1", "2")]


def test_after_an_annulment_a_change_opens_nothing() -> None:
    story = changed([NOTICE], [NOTICE, PLAN])
    story.admit(day(3, 2))
    story.fact("StayAnnulled", day(3, 3))
    assert story.change("2", day(3, 10)) == [("standard", "1", "2")]


def test_the_same_version_again_changes_nothing() -> None:
    story = changed([NOTICE], [PLAN])
    story.admit(day(3, 2))
    story.change("2", day(3, 10))
    assert story.change("2", day(3, 11)) == []


@pytest.mark.parametrize(
    ("version", "on", "refused"),
    [
        ("3", day(3, 10), "version-unknown"),
        ("2", day(3, 9), "standard-not-in-force"),
        ("2", day(3, 10), None),
        ("2", day(3, 11), None),
    ],
)
def test_a_version_is_known_and_in_force_on_the_day_it_is_changed_to(version: str, on: date, refused: str | None) -> None:
    story = changed([NOTICE], [PLAN])
    story.admit(day(3, 2))
    if refused is None:
        assert story.change(version, on)
        return
    with pytest.raises(Refused) as refusal:
        story.change(version, on)
    assert refusal.value.rule == refused


@pytest.mark.parametrize(("on", "allowed"), [(day(3, 11), False), (day(3, 12), True), (day(3, 13), True)])
def test_a_change_is_not_dated_before_the_one_before_it(on: date, allowed: bool) -> None:
    story = changed([NOTICE], [PLAN])
    story.admit(day(3, 2))
    story.change("2", day(3, 12))
    if allowed:
        assert story.change("1", on)
        return
    with pytest.raises(Refused) as refusal:
        story.change("1", on)
    assert refusal.value.rule == "before-the-present-standard"


def test_there_is_no_standard_to_change_where_there_is_no_case() -> None:
    with pytest.raises(Refused) as refusal:
        Story().change("1", day(3, 10))
    assert refusal.value.rule == "case-not-open"


# --- children who grow up ----------------------------------------------------------------------------------------------------


def child_of(birth_month: str, arrived: date = day(3, 2)) -> Story:
    story = only("child-treatment", "child-notice")
    story.admit(day(3, 2))
    story.fact("ChildArrived", arrived, person_id=CHILD, attributes={"born": False, "birth_month": birth_month})
    return story


@pytest.mark.parametrize(
    ("passed", "ended"), [(day(7, 29), []), (day(7, 30), []), (day(7, 31), [("cancelled", "child-treatment")])]
)
def test_what_is_open_to_a_child_ends_when_the_month_in_which_it_turns_18_is_over(passed: date, ended: list[object]) -> None:
    story = child_of("2008-07")
    story.check(day(4, 1))
    assert story.check(passed) == ended
    if ended:
        gone = story.events[-1]
        assert isinstance(gone, ObligationCancelled)
        assert (gone.occurred_on, gone.rests_on) == (day(8, 1), None)
        assert story.one("child-notice").status == "missed"
        assert story.check(passed) == []


def test_a_child_born_in_december_is_grown_on_new_years_day() -> None:
    story = child_of("2008-12")
    story.check(day(4, 1))
    assert story.check(day(12, 30)) == []
    assert story.check(day(12, 31)) == [("cancelled", "child-treatment")]
    assert story.events[-1].occurred_on == day(1, 1, 2027)


@pytest.mark.parametrize(("arrived", "owed"), [(day(3, 31), True), (day(4, 1), False), (day(4, 2), False)])
def test_nothing_is_opened_for_a_child_that_is_grown(arrived: date, owed: bool) -> None:
    assert bool(child_of("2008-03", arrived).state.obligations) is owed


def test_what_was_due_before_the_child_was_grown_is_missed_and_what_is_due_after_is_not() -> None:
    story = child_of("2008-03", day(3, 28))
    assert sorted(story.check(day(4, 10)), key=str) == [("cancelled", "child-treatment"), ("missed", "child-notice", day(4, 1))]
    later_due = child_of("2008-03", day(3, 29))
    assert ("cancelled", "child-notice") in later_due.check(day(4, 10))

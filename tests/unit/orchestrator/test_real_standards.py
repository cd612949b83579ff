"""The packaged standards applied to whole stays: what a shelter that follows them is told."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from havn_chassis.decider import Refused
from havn_events.event import Event
from havn_events.orchestrator import ObligationMissed, ObligationOpened
from havn_standards import CalendarUnknown, Rulebook
from orchestrator.domain.case import CASE, Case, CheckDeadlines, Opening, TakeFact
from orchestrator.domain.fact import Fact

STAY, WOMAN, CHILD, SHELTER = (UUID(int=n) for n in range(1, 5))
RULEBOOK = Rulebook.load()


class Stay:
    def __init__(self, standard: str, admitted_on: date, anonymous: bool = False) -> None:
        self.state: Case = CASE.initial
        self.events: list[Event] = []
        self.facts = 0
        opening = Opening(standard, SHELTER, "0461")
        self.take("WomanAdmitted", admitted_on, opening, person_id=WOMAN, attributes={"anonymous": anonymous})

    def take(self, name: str, on: date, opening: Opening | None = None, **more: Any) -> None:
        self.facts += 1
        self._decide(TakeFact(STAY, Fact(name, UUID(int=100 + self.facts), on, **more), opening, RULEBOOK, on))

    def pass_day(self, day: date) -> None:
        self._decide(CheckDeadlines(STAY, day, RULEBOOK))

    def _decide(self, command: TakeFact | CheckDeadlines) -> None:
        events = list(CASE.decide(command, self.state))
        self.state = CASE.fold(events, self.state)
        self.events += events

    def due(self) -> dict[str, date | None]:
        return {event.rule: event.due for event in self.events if isinstance(event, ObligationOpened)}

    def statuses(self) -> dict[str, str]:
        return {o.rule: o.status for o in self.state.obligations.values()}


def test_the_act_counts_working_days_over_easter() -> None:
    assert Stay("serviceloven", date(2026, 4, 1)).due()["admission-notice"] == date(2026, 4, 9)


def test_hellerup_counts_three_days_over_easter() -> None:
    assert Stay("hellerup", date(2026, 4, 1)).due()["admission-notice"] == date(2026, 4, 4)


def test_a_stay_at_hellerup_from_admission_to_the_end_of_the_window() -> None:
    stay = Stay("hellerup", date(2026, 1, 5))
    stay.take("ChildArrived", date(2026, 1, 5), person_id=CHILD, attributes={"born": False})
    for person in (WOMAN, CHILD):
        for profession in ("pedagogue", "social-worker"):
            attributes = {"profession": profession}
            stay.take("ContactPersonAssigned", date(2026, 1, 5), person_id=person, attributes=attributes)
    stay.take("MunicipalityNotified", date(2026, 1, 7), attributes={"notice": "admission", "anonymous": False})
    stay.take("ChildNotificationSent", date(2026, 1, 8), person_id=CHILD, attributes={"notification": "first"})
    stay.take("InitialAdviceGiven", date(2026, 1, 20))
    stay.take("StayPlanAgreed", date(2026, 2, 5))
    for month in range(1, 11):
        stay.take("SessionHeld", date(2026, 2, month), person_id=WOMAN, minutes=60, attributes={"sessions": 1})
    stay.take("TreatmentDeclined", date(2026, 2, 11), person_id=CHILD)
    stay.take("MoveOutPlanned", date(2026, 3, 1))
    stay.take("AdviceStarted", date(2026, 3, 1))
    stay.take("WomanMovedOut", date(2026, 4, 1), attributes={"stay_days": 86, "destination": "new-home"})
    stay.take("MunicipalityNotified", date(2026, 4, 1), attributes={"notice": "discharge", "anonymous": False})
    stay.take("AftercareOffered", date(2026, 4, 1))
    stay.pass_day(date(2026, 9, 30))
    assert {rule for rule, status in stay.statuses().items() if status == "open"} == {"advice-window"}
    stay.pass_day(date(2026, 10, 1))
    assert stay.statuses() == {
        "admission-notice": "met",
        "psychology-woman": "met",
        "psychology-woman-offer": "met",
        "contact-persons": "met",
        "stay-plan": "met",
        "child-notice": "met",
        "psychology-child": "cancelled",
        "psychology-child-offer": "met",
        "psychology-woman-start": "met",
        "psychology-child-start": "cancelled",
        "contact-persons-child": "met",
        "initial-advice": "met",
        "plan-review": "cancelled",
        "advice-start": "met",
        "advice-offer": "met",
        "advice-window": "met",
        "discharge-notice": "met",
        "aftercare-offer": "met",
    }
    assert not any(isinstance(event, ObligationMissed) for event in stay.events)


def test_a_stay_at_hellerup_where_nothing_is_done() -> None:
    stay = Stay("hellerup", date(2026, 1, 5))
    stay.take("MoveOutPlanned", date(2026, 1, 20))
    stay.take("WomanMovedOut", date(2026, 2, 1), attributes={"stay_days": 27, "destination": "new-home"})
    stay.pass_day(date(2026, 2, 15))
    missed = {rule for rule, status in stay.statuses().items() if status == "missed"}
    assert missed >= {
        "admission-notice",
        "contact-persons",
        "advice-start",
        "advice-offer",
        "discharge-notice",
        "aftercare-offer",
        "psychology-woman-offer",
    }
    assert stay.statuses()["psychology-woman"] == "open"
    assert stay.statuses()["advice-window"] == "open"


@pytest.mark.parametrize(("standard", "advises"), [("odense", "own-citizens"), ("serviceloven", "all")])
def test_the_window_says_whom_the_shelter_advises_after_the_move(standard: str, advises: str) -> None:
    stay = Stay(standard, date(2024, 1, 5))
    stay.take("WomanMovedOut", date(2024, 2, 1), attributes={"stay_days": 27, "destination": "new-home"})
    opened = {event.rule: event for event in stay.events if isinstance(event, ObligationOpened)}
    assert opened["advice-window"].shelter_advises_after == advises


def test_copenhagens_two_plans_have_a_review_each() -> None:
    stay = Stay("kobenhavn", date(2024, 1, 5))
    stay.take("StayPlanAgreed", date(2024, 1, 10))
    stay.take("ActionPlanRequested", date(2024, 1, 10))
    stay.take("ActionPlanMade", date(2024, 2, 1))
    stay.take("PlanReviewed", date(2024, 3, 1), attributes={"plan": "stay-plan"})
    reviews = [
        (o.rule, o.status, o.due, o.municipal)
        for o in stay.state.obligations.values()
        if o.rule in ("plan-review", "action-plan-review")
    ]
    assert reviews == [
        ("plan-review", "met", date(2024, 4, 10), False),
        ("action-plan-review", "open", date(2024, 5, 1), True),
        ("plan-review", "open", date(2024, 6, 1), False),
    ]
    stay.take("PlanReviewed", date(2024, 4, 1), attributes={"plan": "action-plan"})
    assert [o.due for o in stay.state.obligations.values() if o.rule == "action-plan-review"] == [
        date(2024, 5, 1),
        date(2024, 7, 1),
    ]
    assert stay.statuses()["plan-review"] == "open"


def test_a_case_is_not_decided_where_the_calendar_or_the_standard_is_not_known() -> None:
    """An error, so that the case is parked and seen; never a guess."""
    assert Stay("serviceloven", date(2050, 12, 27)).due()["admission-notice"] == date(2050, 12, 30)
    with pytest.raises(CalendarUnknown, match="2006 to 2050"):
        Stay("serviceloven", date(2050, 12, 29))
    assert Stay("serviceloven", date(2020, 1, 1)).due()["admission-notice"] == date(2020, 1, 6)
    with pytest.raises(Refused, match="standard"):
        Stay("serviceloven", date(2019, 12, 31))

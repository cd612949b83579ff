"""She and her child go straight from shelter to shelter, told through the reaction itself, with every case file in memory."""

from collections.abc import Sequence
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from havn_chassis.decider import Decider
from havn_chassis.store import UnitOfWork
from havn_events import intake, psychology
from havn_events.event import Event
from havn_events.orchestrator import ObligationMissed
from havn_standards import Rulebook
from orchestrator.domain.case import CASE, Case, CheckDeadlines
from orchestrator.domain.state import Obligation
from orchestrator.reactions import when_something_is_reported_take_the_fact

RULEBOOK = Rulebook.load()
HER, CHILD = UUID(int=1), UUID(int=2)
A, B, C, D = (UUID(int=n) for n in (10, 11, 12, 13))


def day(month: int, number: int) -> date:
    return date(2026, month, number)


class Files:
    """The case files of her stays. What is told is told on ``today``; the days in between are checked one by one."""

    def __init__(self) -> None:
        self.cases: dict[UUID, Case] = {}
        self.events: list[Event] = []
        self.today = day(3, 2)
        self.source = SimpleNamespace(id=uuid4())

    # what the reaction needs of a unit of work

    def state(self, _: Decider[Any, Any], ids: tuple[UUID, ...]) -> tuple[Case, int]:
        return self.cases.get(ids[0], CASE.initial), 0

    def execute(self, _: Decider[Any, Any], ids: tuple[UUID, ...], command: Any) -> Sequence[Event]:
        before, _version = self.state(CASE, ids)
        decided = list(CASE.decide(command, before))
        self.cases[ids[0]] = CASE.fold(decided, before)
        self.events += decided
        return decided

    def setting(self, _: str) -> Rulebook:
        return RULEBOOK

    # what happens

    def until(self, today: date) -> "Files":
        while self.today < today:
            for stay in self.cases:
                self.execute(CASE, (stay,), CheckDeadlines(stay, self.today, RULEBOOK))
            self.today += timedelta(days=1)
        return self

    def tell(self, event: Event, told_on: date | None = None) -> "Files":
        self.until(told_on or event.occurred_on)
        self.source = SimpleNamespace(id=uuid4())
        when_something_is_reported_take_the_fact(event, cast(UnitOfWork, self))
        return self

    def admitted(self, stay: UUID, on: date, before: UUID | None = None) -> "Files":
        admission = intake.WomanAdmitted(
            stay_id=stay,
            occurred_on=on,
            person_id=HER,
            shelter_id=UUID(int=20 + stay.int),
            standard="serviceloven",
            home_municipality="0461",
            own_municipality=False,
            anonymous=False,
            named_to_home_municipality=True,
            transferred_from=before,
        )
        return self.tell(admission)

    def arrived(self, stay: UUID, on: date, birth_month: str = "2018-01", told_on: date | None = None) -> "Files":
        arrival = intake.ChildArrived(
            stay_id=stay, occurred_on=on, person_id=CHILD, birth_month=birth_month, arrival="with-her"
        )
        return self.tell(arrival, told_on)

    def both(self, stay: UUID, on: date, before: UUID | None = None) -> "Files":
        return self.admitted(stay, on, before).arrived(stay, on)

    def left(self, stay: UUID, on: date, told_on: date | None = None) -> "Files":
        admitted_on = self.cases[stay].admitted_on
        assert admitted_on is not None
        days = (on - admitted_on).days
        moved_out = intake.WomanMovedOut(stay_id=stay, occurred_on=on, destination="other-shelter", planned=True, stay_days=days)
        return self.tell(moved_out, told_on)

    def annulled(self, stay: UUID, on: date) -> "Files":
        return self.tell(intake.StayAnnulled(stay_id=stay, occurred_on=on, reason="registered-by-mistake"))

    def held(self, stay: UUID, on: date, person: UUID = CHILD) -> "Files":
        return self.tell(
            psychology.SessionHeld(stay_id=stay, occurred_on=on, person_id=person, session_id=uuid4(), minutes=60)
        )

    def not_held(self, stay: UUID, session_on: date, told_on: date, person: UUID = CHILD) -> "Files":
        correction = psychology.SessionCorrected(
            stay_id=stay,
            occurred_on=told_on,
            person_id=person,
            session_id=uuid4(),
            session_on=session_on,
            minutes=0,
            minutes_before=60,
        )
        return self.tell(correction)

    # what is owed

    def owed(self, stay: UUID, rule: str, person: UUID = CHILD) -> Obligation:
        (found,) = [o for o in self.cases[stay].obligations.values() if (o.rule, o.person_id) == (rule, person)]
        return found

    def status(self, stay: UUID, rule: str, person: UUID = CHILD) -> str:
        return self.owed(stay, rule, person).status


def test_in_the_third_of_four_stays_they_are_owed_there_alone_when_the_second_and_the_last_are_annulled() -> None:
    files = Files().both(A, day(3, 2)).both(B, day(3, 3), A).both(C, day(3, 4), B).both(D, day(3, 5), C)

    files.annulled(B, day(3, 6)).annulled(D, day(3, 7))

    for rule, person in (("psychology-woman", HER), ("psychology-child", CHILD)):
        assert [files.status(stay, rule, person) for stay in (A, C)] == ["cancelled", "open"]


def test_a_child_that_was_registered_in_a_mistaken_stay_only_is_owed_in_the_one_before_when_that_is_annulled() -> None:
    files = Files().both(A, day(3, 2)).both(B, day(3, 9), A).admitted(C, day(3, 9), A)

    files.annulled(B, day(3, 10))

    assert files.status(A, "psychology-child") == "open"
    assert [files.status(stay, "psychology-woman", HER) for stay in (A, C)] == ["cancelled", "open"]


def test_a_child_does_not_follow_into_an_annulled_stay_and_what_was_missed_meanwhile_stays_missed() -> None:
    files = Files().both(A, day(3, 2)).left(A, day(3, 9)).both(B, day(3, 9), A).admitted(C, day(3, 10), B)
    files.annulled(B, day(3, 11)).until(day(4, 20))

    files.arrived(C, day(4, 20))

    assert (files.cases[A].gone_on[CHILD].stay_id, files.cases[A].gone_on[CHILD].on) == (C, day(4, 20))
    assert files.status(A, "psychology-child-offer") == "missed"


@pytest.mark.parametrize("told_on", [day(3, 9), day(3, 23), day(3, 24), day(4, 15)])
@pytest.mark.parametrize(("follows", "status"), [(day(3, 23), "cancelled"), (day(3, 24), "missed"), (day(4, 10), "missed")])
def test_what_the_child_was_not_offered_before_it_followed_is_missed_whenever_its_mothers_leaving_is_told(
    follows: date, status: str, told_on: date
) -> None:
    """She left on the 9th: the offer is due on the 23rd."""
    files = Files().both(A, day(3, 2)).admitted(B, day(3, 9), A)
    if told_on <= follows:
        files.left(A, day(3, 9), told_on).arrived(B, follows)
    else:
        files.arrived(B, follows).left(A, day(3, 9), told_on)

    assert files.status(A, "psychology-child-offer") == status


def test_what_turned_out_to_be_missed_before_the_child_followed_is_told_once_when_it_comes_back() -> None:
    files = Files().both(A, day(3, 2)).admitted(B, day(3, 9), A).arrived(B, day(4, 10)).left(A, day(3, 9), told_on=day(4, 15))
    told = len(files.events)

    files.annulled(B, day(4, 20))

    offer = files.owed(A, "psychology-child-offer")
    about_it = [event.type_name() for event in files.events[told:] if getattr(event, "obligation_id", None) == offer.id]
    assert (offer.status, offer.missed_on, about_it) == ("missed", day(3, 24), [])


@pytest.mark.parametrize(("person", "rule"), [(HER, "psychology-woman-offer"), (CHILD, "psychology-child-offer")])
def test_a_session_that_was_not_held_makes_no_miss_where_they_were_not_any_more(person: UUID, rule: str) -> None:
    files = Files().both(A, day(3, 2)).held(A, day(3, 5), person).left(A, day(3, 9)).both(B, day(3, 9), A)

    files.not_held(A, day(3, 5), told_on=day(4, 20), person=person)

    assert [files.status(stay, rule, person) for stay in (A, B)] == ["cancelled", "open"]


@pytest.mark.parametrize(("second", "status"), [(day(3, 22), "met"), (day(3, 23), "met"), (day(3, 24), "met-late")])
def test_a_session_that_was_not_held_began_nothing_though_another_one_did(second: date, status: str) -> None:
    """Due on the 23rd; the first was said to be on the 20th."""
    files = Files().both(A, day(3, 2)).left(A, day(3, 9)).held(A, day(3, 20)).held(A, second)

    files.not_held(A, day(3, 20), told_on=day(4, 3))

    started = files.owed(A, "psychology-child-start")
    assert (started.status, started.closed_on) == (status, second)


def test_a_child_that_was_grown_before_the_last_day_missed_nothing_when_it_came_back() -> None:
    files = Files().admitted(A, day(3, 2)).arrived(A, day(3, 2), "2008-03").left(A, day(3, 25))
    files.admitted(B, day(3, 25), A).arrived(B, day(3, 25), "2008-03").until(day(5, 1))

    files.annulled(B, day(5, 1))

    offer = files.owed(A, "psychology-child-offer")
    assert (offer.status, offer.closed_on) == ("cancelled", day(4, 1))


@pytest.mark.parametrize(("moved", "missed_by"), [(day(3, 23), "0751"), (day(3, 24), "0461"), (day(4, 1), "0461")])
def test_a_miss_that_shows_when_she_came_back_is_of_the_municipality_that_owed_it_on_its_last_day(
    moved: date, missed_by: str
) -> None:
    files = Files().both(A, day(3, 2)).left(A, day(3, 9)).both(B, day(3, 9), A)
    files.tell(intake.HomeMunicipalityChanged(stay_id=A, occurred_on=moved, home_municipality="0751")).until(day(5, 1))

    files.annulled(B, day(5, 1))

    missed = [e for e in files.events if isinstance(e, ObligationMissed) and e.rule == "psychology-child-offer"]
    assert [(event.municipality, event.occurred_on) for event in missed] == [(missed_by, day(3, 24))]
    assert files.owed(A, "psychology-child-offer").municipality == "0751"

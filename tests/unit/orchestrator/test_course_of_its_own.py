"""A shelter whose course of aftercare is another one: its file says so, and orchestrator and aftercare do the rest."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest

from aftercare.domain.aftercare import AFTERCARE, Command, Course, EndAftercare, MakeVisit, OfferAftercare, StartAftercare, State
from aftercare.reactions import when_aftercare_is_owed_no_more_close_it, when_aftercare_is_owed_open_it
from havn_chassis.decider import Refused
from havn_chassis.store import UnitOfWork
from havn_events.codes import AftercareEnd
from havn_events.event import Event
from havn_events.orchestrator import ObligationCancelled, ObligationOpened
from havn_standards import Rulebook
from orchestrator.domain.case import CASE, Case, ChangeStandard, CheckDeadlines, Opening, TakeFact
from orchestrator.domain.case import Command as CaseCommand
from orchestrator.domain.fact import ECHOES, Fact, fact_of

STAY, WOMAN, SHELTER = (UUID(int=n) for n in range(1, 4))
MOVED_OUT = date(2024, 8, 31)
SIX_MONTHS_ON = date(2025, 2, 28)
SOURCE = 'source = { document = "Gammelbys standard", section = "5", basis = "standard" }'
GAMMELBY = f"""
id = "gammelby"
version = "1"
title = "Krisecenter Gammelby"
document = "Gammelbys standard"
in_force_from = 2021-01-01
in_force_to = 2024-09-30
parent = "serviceloven"
[[rules]]
id = "aftercare-offer"
title_da = "Tilbud om efterværn"
title_en = "Offer of aftercare"
opened_by = [{{ fact = "WomanMovedOut" }}]
per = "woman"
owed_by = "shelter"
owed_to = "woman-and-children"
due = {{ days = 7 }}
met_by = [{{ fact = "AftercareOffered" }}]
{SOURCE}
[[rules]]
id = "aftercare-course"
title_da = "Efterværnsforløb"
title_en = "Course of aftercare"
opened_by = [{{ fact = "AftercareStarted" }}]
per = "woman"
owed_by = "shelter"
owed_to = "woman-and-children"
due = {{ months = 9 }}
met_by = [{{ fact = "AftercareEnded", when = {{ completed = true }} }}]
missed_by = [{{ fact = "AftercareEnded", when = {{ completed = false, course_ended_because = "course-over" }} }}]
cancelled_by = [{{ fact = "AftercareEnded", when = {{ completed = false, course_ended_because_not = "course-over" }} }}]
course = {{ visits = 5, lasts = {{ months = 6 }} }}
{SOURCE}
"""
SHORTER = (
    GAMMELBY.replace('version = "1"', 'version = "2"')
    .replace("in_force_from = 2021-01-01\nin_force_to = 2024-09-30", "in_force_from = 2024-10-01")
    .replace("visits = 5, lasts = { months = 6 }", "visits = 2, lasts = { weeks = 6 }")
)


class House:
    """A case and its aftercare: each is told what the other one records, at once or when it is asked to hear."""

    def __init__(self, folder: Path, standard: str = "gammelby", versions: tuple[str, str] = (GAMMELBY, SHORTER)) -> None:
        files = [folder / "gammelby.toml", folder / "gammelby-2.toml"]
        for file, content in zip(files, versions, strict=True):
            file.write_text(content)
        self.book = Rulebook.load(files)
        self.case: Case = CASE.initial
        self.aftercare: State = AFTERCARE.initial
        self.told: list[Event] = []
        self.number = 100
        moved_out = {"stay_days": 120, "destination": "new-home"}
        self._note(self._fact("WomanAdmitted", MOVED_OUT - timedelta(days=120), {"anonymous": False}), standard)
        self._note(self._fact("WomanMovedOut", MOVED_OUT, moved_out))
        self.hear()

    def hear(self) -> None:
        """Aftercare is told what the orchestrator recorded since."""
        unit = cast(UnitOfWork, self)
        while self.told:
            match self.told.pop(0):
                case ObligationOpened() as opened:
                    when_aftercare_is_owed_open_it(opened, unit)
                case ObligationCancelled() as cancelled:
                    when_aftercare_is_owed_no_more_close_it(cancelled, unit)

    def execute(self, decider: object, ids: tuple[UUID, ...], command: Command) -> None:
        """Aftercare decides, and the orchestrator takes what it reports."""
        assert (decider, ids) == (AFTERCARE, (STAY,))
        for event in AFTERCARE.decide(command, self.aftercare):
            self.aftercare = AFTERCARE.evolve(self.aftercare, event)
            if type(event) not in ECHOES:
                self.number += 1
                self._note(fact_of(event, UUID(int=self.number)))

    def report(self, command: Command) -> None:
        self.execute(AFTERCARE, (STAY,), command)

    def start(self) -> None:
        self.report(OfferAftercare(STAY, MOVED_OUT))
        self.report(StartAftercare(STAY, MOVED_OUT))

    def visit(self, times: int) -> None:
        for _ in range(times):
            self.number += 1
            self.report(MakeVisit(STAY, MOVED_OUT + timedelta(days=self.number % 30), UUID(int=self.number), "home"))

    def sleep(self, until: date) -> None:
        self._decide(CheckDeadlines(STAY, until - timedelta(days=1), self.book))

    def end(self, on: date, because: AftercareEnd = "course-over") -> None:
        self.report(EndAftercare(STAY, on, because))

    def change(self, standard: str, on: date) -> None:
        self._decide(ChangeStandard(STAY, on, standard, self.book.standard(standard, on).version, self.book, on))
        self.hear()

    @property
    def course(self) -> str:
        """How the latest obligation to carry a course through stands."""
        return [o.status for o in self.case.obligations.values() if o.rule == "aftercare-course"][-1]

    def _fact(self, name: str, on: date, attributes: Mapping[str, Any]) -> Fact:
        self.number += 1
        return Fact(name, UUID(int=self.number), on, WOMAN if name == "WomanAdmitted" else None, attributes=attributes)

    def _note(self, fact: Fact, standard: str | None = None) -> None:
        opening = None if standard is None else Opening(standard, SHELTER, "0461")
        self._decide(TakeFact(STAY, fact, opening, self.book, fact.occurred_on))

    def _decide(self, command: CaseCommand) -> None:
        events = list(CASE.decide(command, self.case))
        self.case = CASE.fold(events, self.case)
        self.told += events


@pytest.fixture
def house(tmp_path: Path) -> House:
    """In aftercare since the day of the move, under Gammelby's own file."""
    house = House(tmp_path)
    house.start()
    house.hear()
    return house


@pytest.mark.parametrize("visits", [3, 4, 5, 6])
@pytest.mark.parametrize("later", [-1, 0, 1])
@pytest.mark.parametrize(("because", "if_not_completed"), [("course-over", "missed"), ("no-contact", "cancelled")])
def test_a_course_of_five_visits_and_six_months(
    house: House, visits: int, later: int, because: AftercareEnd, if_not_completed: str
) -> None:
    house.visit(visits)
    house.end(SIX_MONTHS_ON + timedelta(days=later), because)

    assert house.course == ("met" if visits >= 5 and later >= 0 else if_not_completed)


@pytest.mark.parametrize(("visits", "status"), [(4, "missed"), (5, "met"), (6, "met")])
def test_an_end_told_before_aftercare_heard_what_completes_the_course_is_judged_when_it_does(
    tmp_path: Path, visits: int, status: str
) -> None:
    house = House(tmp_path)
    house.start()
    house.visit(visits)
    house.end(SIX_MONTHS_ON)
    assert house.course == "open"
    house.hear()
    assert house.course == status


def test_a_fifth_visit_told_late_completes_it_after_all(house: House) -> None:
    house.visit(4)
    house.end(SIX_MONTHS_ON)
    assert house.course == "missed"
    house.visit(1)
    assert house.course == "met"


@pytest.mark.parametrize(("on", "status"), [(date(2025, 5, 31), "open"), (date(2025, 6, 1), "missed")])
def test_a_course_that_nobody_ends_is_missed_after_nine_months(house: House, on: date, status: str) -> None:
    house.visit(5)
    house.sleep(on)
    assert house.course == status


@pytest.mark.parametrize(("visits", "on", "status"), [(2, date(2024, 10, 12), "met"), (2, date(2024, 10, 11), "missed")])
def test_another_version_of_the_standard_asks_for_a_course_of_its_own(house: House, visits: int, on: date, status: str) -> None:
    """Six weeks from the start, for a stay that the leader moved to the version of October."""
    house.visit(visits)
    house.change("gammelby", date(2024, 10, 5))
    assert [o.status for o in house.case.obligations.values() if o.rule == "aftercare-course"] == ["cancelled", "open"]
    house.end(on)
    assert house.course == status


ANY_END = (
    SHORTER.replace("course = { visits = 2, lasts = { weeks = 6 } }\n", "")
    .replace(", when = { completed = true } }]", " }]")
    .replace("completed = false, ", "")
    .replace('missed_by = [{ fact = "AftercareEnded", when = { course_ended_because = "course-over" } }]\n', "")
)
"""A course of which nothing is asked but that it is brought to an end."""


def test_a_stay_moved_to_a_standard_that_does_not_say_what_completes_a_course_goes_on_in_it(tmp_path: Path) -> None:
    house = House(tmp_path, versions=(GAMMELBY, ANY_END))
    house.start()
    house.hear()
    house.change("gammelby", date(2024, 10, 1))
    house.visit(1)
    house.end(date(2024, 10, 2))

    assert house.course == "met"
    assert house.aftercare is not None
    assert house.aftercare.completed is None


IN_WORKING_DAYS = GAMMELBY.replace("lasts = { months = 6 }", "lasts = { working_days = 3 }")
"""From Saturday 31 August 2024: long enough from Wednesday 4 September."""


@pytest.mark.parametrize(
    ("standard", "closed", "complete_from", "statuses"),
    [
        (IN_WORKING_DAYS, "[[9, 3]]", date(2024, 9, 5), ["cancelled", "open"]),
        (IN_WORKING_DAYS, "[]", date(2024, 9, 4), ["open"]),
        (GAMMELBY, "[[9, 3]]", SIX_MONTHS_ON, ["open"]),
    ],
)
def test_where_other_days_are_closed_so_many_working_days_are_another_course(
    tmp_path: Path, standard: str, closed: str, complete_from: date, statuses: list[str]
) -> None:
    later = standard.replace('version = "1"', f'version = "2"\nclosing_days = {closed}')
    later = later.replace("in_force_from = 2021-01-01\nin_force_to = 2024-09-30", "in_force_from = 2024-10-01")
    house = House(tmp_path, versions=(standard, later))
    house.start()
    house.hear()
    house.visit(5)
    house.change("gammelby", date(2024, 10, 1))

    assert house.aftercare is not None
    assert house.aftercare.course == Course(5, complete_from)
    assert [o.status for o in house.case.obligations.values() if o.rule == "aftercare-course"] == statuses


@pytest.mark.parametrize(("months", "is_refused"), [(316, False), (317, True)])
def test_a_course_that_outlasts_the_calendar_is_no_version_to_change_to(tmp_path: Path, months: int, is_refused: bool) -> None:
    """The last known day is 31 December 2050, 316 months from 31 August 2024."""
    house = House(tmp_path, "lokk", (GAMMELBY, SHORTER.replace("lasts = { weeks = 6 }", f"lasts = {{ months = {months} }}")))
    house.start()
    if not is_refused:
        house.change("gammelby", date(2024, 10, 1))
        assert house.course == "open"
        return
    before = house.case
    with pytest.raises(Refused) as refused:
        house.change("gammelby", date(2024, 10, 1))
    assert (refused.value.rule, refused.value.field, refused.value.kind) == ("beyond-the-calendar", "version", "invalid")
    assert house.case == before


def test_a_stay_moved_to_a_standard_that_owes_a_course_is_told_what_completes_it(tmp_path: Path) -> None:
    house = House(tmp_path, "lokk")
    house.start()
    house.change("gammelby", date(2024, 9, 2))
    house.visit(5)
    house.end(SIX_MONTHS_ON)
    assert house.course == "met"


def test_a_standard_that_owes_no_course_completes_none(tmp_path: Path) -> None:
    house = House(tmp_path, "lokk")
    house.start()
    house.hear()
    house.visit(3)
    house.end(SIX_MONTHS_ON)
    assert house.aftercare is not None
    assert (house.aftercare.ended_on, house.aftercare.completed) == (SIX_MONTHS_ON, None)
    assert "aftercare-course" not in {o.rule for o in house.case.obligations.values()}


def test_a_stay_moved_to_a_standard_without_a_course_is_owed_none_any_more(house: House) -> None:
    house.change("serviceloven", date(2024, 9, 2))
    assert house.course == "cancelled"
    with pytest.raises(Refused) as refused:
        house.visit(1)
    assert refused.value.rule == "aftercare-over"
    house.change("gammelby", date(2024, 9, 3))
    house.visit(5)
    house.end(SIX_MONTHS_ON)
    assert house.course == "met"

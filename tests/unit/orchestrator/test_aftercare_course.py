"""Hellerup's aftercare course that ends before it is complete: whose doing it was, and what a visit told late makes of it."""

from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest

from tests.unit.orchestrator.stay import Stay
from tests.unit.orchestrator.test_facts_together import the

STARTED = date(2023, 8, 31)
LAST_DAY_OF_THE_COURSE = date(2024, 2, 29)


def in_aftercare() -> Stay:
    stay = Stay("hellerup", date(2023, 5, 3))
    stay.take("WomanMovedOut", STARTED, attributes={"stay_days": 120, "destination": "new-home"})
    stay.take("AftercareOffered", STARTED)
    stay.take("AftercareStarted", STARTED)
    return stay


def course_ended(because: str, completed: bool = False) -> dict[str, Any]:
    return {"attributes": {"completed": completed, "course_ended_because": because}}


BY_THE_SHELTER, BY_THE_FAMILY = ("course-over", "other"), ("family-wants-no-more", "moved-too-far", "no-contact")


@pytest.mark.parametrize("because", BY_THE_FAMILY)
@pytest.mark.parametrize(("later", "status"), [(-1, "cancelled"), (0, "cancelled"), (1, "missed")])
def test_a_course_that_the_family_broke_off_is_owed_no_more_but_what_was_missed_stays(
    because: str, later: int, status: str
) -> None:
    on = LAST_DAY_OF_THE_COURSE + timedelta(days=later)
    for told_late in (0, 40):
        stay = in_aftercare()
        stay.pass_day(on + timedelta(days=told_late - 1))
        stay.take("AftercareEnded", on, on + timedelta(days=told_late), **course_ended(because))
        assert the(stay, "aftercare-course").status == status


@pytest.mark.parametrize("because", BY_THE_SHELTER)
def test_a_course_that_the_shelter_broke_off_is_missed_that_day(because: str) -> None:
    stay = in_aftercare()
    stay.take("AftercareEnded", date(2023, 12, 1), **course_ended(because))
    course = the(stay, "aftercare-course")
    assert (course.status, course.missed_on) == ("missed", date(2023, 12, 1))


@pytest.mark.parametrize("because", [*BY_THE_SHELTER, *BY_THE_FAMILY])
@pytest.mark.parametrize(("later", "status"), [(-1, "met"), (0, "met"), (1, "met-late")])
@pytest.mark.parametrize("told_after_the_miss", [True, False])
def test_a_visit_told_late_completes_it_whoever_broke_it_off(
    because: str, later: int, status: str, told_after_the_miss: bool
) -> None:
    """The end is recorded anew, of the same day; in either order with the turn of the day after the last."""
    on = LAST_DAY_OF_THE_COURSE + timedelta(days=later)
    told_on = LAST_DAY_OF_THE_COURSE + timedelta(days=30)
    stay = in_aftercare()
    stay.pass_day(on - timedelta(days=1))
    if not told_after_the_miss:
        stay.take("AftercareEnded", on, told_on, **course_ended(because))
        stay.take("AftercareEnded", on, told_on, **course_ended(because, completed=True))
    stay.pass_day(told_on)
    if told_after_the_miss:
        stay.take("AftercareEnded", on, told_on, **course_ended(because))
        stay.take("AftercareEnded", on, told_on, **course_ended(because, completed=True))
    assert the(stay, "aftercare-course").status == status


def test_a_family_that_broke_the_course_off_is_invited_until_it_declines_that_too() -> None:
    stay = in_aftercare()
    stay.take("AftercareEnded", date(2023, 12, 1), **course_ended("family-wants-no-more"))
    assert the(stay, "cafe-invitation").status == "open"


def test_what_the_family_broke_off_and_a_stay_that_was_annulled_is_cancelled_in_every_order() -> None:
    on = date(2023, 12, 1)
    facts = [("AftercareEnded", course_ended("no-contact")), ("StayAnnulled", {}), ("CafeInvitationsDeclined", {})]
    for order in permutations(facts):
        stay = in_aftercare()
        for name, more in order:
            stay.take(name, on, on, **more)
        assert {the(stay, rule).status for rule in ("aftercare-course", "cafe-invitation")} == {"cancelled"}

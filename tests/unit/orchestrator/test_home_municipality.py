"""She moves to another municipality: what it owes from then on, and what stays where it was."""

from uuid import UUID

import pytest

from havn_events.orchestrator import ObligationMissed
from tests.unit.orchestrator.story import (
    AARHUS,
    CHILD,
    ODENSE,
    RANDERS,
    WOMAN,
    Story,
    day,
    fact,
    moves_home,
    only,
    rule,
    rulebook,
)


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


def test_what_a_fact_made_missed_is_a_miss_of_the_municipality_of_that_day_not_of_the_last_one() -> None:
    advice = rule(
        "advice",
        [fact("WomanAdmitted")],
        owed_by="home-municipality",
        due={"days": 20},
        met_by=[fact("InitialAdviceGiven")],
        missed_by=[fact("MoveOutPlanned")],
    )
    story = Story(rulebook(advice))
    story.admit(day(3, 2))
    moves_home(story, day(3, 10), AARHUS)

    assert story.fact("MoveOutPlanned", day(3, 5), day(3, 12)) == [("missed", "advice", day(3, 5))]
    (missed,) = [event for event in story.events if isinstance(event, ObligationMissed)]
    assert missed.municipality == ODENSE

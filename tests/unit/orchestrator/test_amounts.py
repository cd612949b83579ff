"""Treatment in minutes and sessions: what is used, what is left, and on which day the floor was reached."""

from tests.unit.orchestrator.story import CHILD, ODENSE, WOMAN, day, only


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

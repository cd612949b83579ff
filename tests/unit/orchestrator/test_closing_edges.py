"""What a session that was not held takes back, and what a corrected admission does not move."""

from datetime import date
from typing import Any

import pytest

from tests.unit.orchestrator.story import CHILD, WOMAN, Story, day, fact, only, rule, rulebook

BEGUN = rule(
    "begun",
    [fact("WomanAdmitted")],
    due={"weeks": 2},
    met_by=[fact("SessionHeld"), fact("SessionMissed")],
    cancelled_by=[fact("TreatmentDeclined")],
)
AFTER_THE_STAY = rule(
    "after-the-stay",
    [fact("WomanAdmitted")],
    due={"weeks": 2},
    due_from="WomanMovedOut",
    met_by=[fact("SessionHeld"), fact("TreatmentOffered")],
)


def admitted(*rules: Any) -> Story:
    story = Story(rulebook(*rules))
    story.admit(day(3, 2))
    return story


def not_held(story: Story, on: date) -> list[tuple[object, ...]]:
    """The woman's session of an hour was not held."""
    return story.corrected(-60, on, sessions=-1)


def test_while_another_session_was_held_nothing_is_taken_back() -> None:
    story = admitted(BEGUN)
    story.held(60, day(3, 5))
    story.held(60, day(3, 6))
    assert not_held(story, day(3, 7)) == []


def test_what_an_offer_had_met_is_not_touched_when_a_session_was_not_held() -> None:
    story = admitted(AFTER_THE_STAY)
    assert story.fact("TreatmentOffered", day(3, 4), person_id=WOMAN) == [("met", "after-the-stay", day(3, 4))]
    story.held(60, day(3, 5))
    assert not_held(story, day(3, 6)) == []


def test_what_she_declined_is_not_owed_again_when_a_session_was_not_held() -> None:
    story = admitted(BEGUN)
    assert story.fact("TreatmentDeclined", day(3, 4), person_id=WOMAN) == [("cancelled", "begun")]
    story.held(60, day(3, 5))
    assert not_held(story, day(3, 6)) == []


def test_the_childs_treatment_has_begun_though_the_womans_session_was_not_held() -> None:
    for_child = rule("child-begun", [fact("ChildArrived")], per="child", met_by=[fact("SessionHeld")])
    story = admitted(BEGUN, for_child)
    story.fact("ChildArrived", day(3, 2), person_id=CHILD)
    story.held(60, day(3, 5))
    story.held(60, day(3, 5), person=CHILD)
    assert not_held(story, day(3, 6)) == [("reopened", "begun")]


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (day(3, 15), [("reopened", "begun")]),
        (day(3, 16), [("reopened", "begun")]),
        (day(3, 17), [("reopened", "begun"), ("missed", "begun", day(3, 17))]),
    ],
)
def test_a_term_that_was_over_when_the_session_turned_out_not_held_was_missed(today: date, expected: list[object]) -> None:
    story = admitted(BEGUN)
    story.held(60, day(3, 5))
    assert not_held(story, today) == expected


def test_the_term_counted_from_the_corrected_admission_stays_when_a_session_was_not_held() -> None:
    story = admitted(BEGUN)
    assert story.fact("AdmissionCorrected", day(3, 4), until=day(3, 4)) == [("rescheduled", "begun", day(3, 16), day(3, 18))]
    story.held(60, day(3, 5))
    assert not_held(story, day(3, 6)) == [("reopened", "begun")]
    assert story.one("begun").due == day(3, 18)


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        (day(4, 14), [("met", "after-the-stay", day(4, 14))]),
        (day(4, 15), [("met", "after-the-stay", day(4, 15))]),
        (
            day(4, 16),
            [
                ("met", "after-the-stay", day(4, 16)),
                ("rescheduled", "after-the-stay", None, day(4, 15)),
                ("missed", "after-the-stay", day(4, 16)),
                ("late", "after-the-stay", day(4, 16)),
            ],
        ),
    ],
)
def test_an_offer_after_the_term_is_late_once_the_session_turns_out_not_held(offered: date, expected: list[object]) -> None:
    """The due day showed nothing while the session had met it: it shows whether the offer, which meets it now, was in time."""
    story = admitted(AFTER_THE_STAY)
    story.held(60, day(3, 5))
    assert story.fact("WomanMovedOut", day(4, 1), attributes={"stay_days": 30}) == []
    assert story.fact("TreatmentOffered", offered, person_id=WOMAN) == []
    assert not_held(story, day(4, 20)) == [("reopened", "after-the-stay"), *expected]


def test_an_offer_before_she_leaves_meets_what_no_session_does() -> None:
    story = admitted(AFTER_THE_STAY)
    story.held(60, day(3, 5))
    story.fact("TreatmentOffered", day(3, 6), person_id=WOMAN)
    assert not_held(story, day(3, 7)) == [("reopened", "after-the-stay"), ("met", "after-the-stay", day(3, 6))]


def test_a_correction_below_the_floor_and_a_session_not_held_leave_the_other_ledger_alone() -> None:
    story = only("treatment", "child-treatment")
    story.admit(day(3, 2))
    story.fact("ChildArrived", day(3, 2), person_id=CHILD)
    story.held(60, day(3, 4), person=CHILD)
    story.held(60, day(3, 5), person=CHILD)
    story.held(120, day(3, 6))
    assert story.corrected(-120, day(3, 7), sessions=-1) == [("reopened", "treatment")]


def test_a_day_that_became_known_after_it_was_owed_no_more_shows_a_miss_and_what_was_done_since_was_late() -> None:
    """The move-out was planned for early March, which is told only when she has left."""
    advice = rule(
        "advice",
        [fact("WomanAdmitted")],
        due={"days": 5},
        due_from="MoveOutPlanned",
        met_by=[fact("InitialAdviceGiven")],
        cancelled_by=[fact("WomanMovedOut")],
    )
    story = admitted(advice)
    assert story.fact("WomanMovedOut", day(3, 20)) == [("cancelled", "advice")]
    assert story.fact("InitialAdviceGiven", day(3, 25)) == []

    assert story.fact("MoveOutPlanned", day(3, 5), day(3, 26))[-2:] == [
        ("missed", "advice", day(3, 11)),
        ("late", "advice", day(3, 25)),
    ]


def test_a_window_that_a_refusal_had_met_is_not_opened_again_by_the_next_offer() -> None:
    window = rule(
        "window", [fact("WomanMovedOut")], due={"months": 6}, last_day_meets=True, met_by=[fact("AdviceDeclined")]
    )
    story = admitted(window)
    story.fact("WomanMovedOut", day(3, 9))
    assert story.fact("AdviceDeclined", day(3, 20), person_id=WOMAN) == [("met", "window", day(3, 20))]

    assert story.fact("AdviceOffered", day(4, 1), person_id=WOMAN) == []


def test_a_window_that_no_day_has_opened_yet_is_extended_to_the_day_that_was_granted() -> None:
    window = rule(
        "window",
        [fact("WomanAdmitted")],
        due={"months": 6},
        due_from="WomanMovedOut",
        last_day_meets=True,
        met_by=[fact("AdviceEnded")],
    )
    story = admitted(window)
    story.fact("AdmissionCorrected", day(3, 4), until=day(3, 1))

    assert story.fact("AdviceExtended", day(3, 10), person_id=WOMAN, until=day(12, 1)) == [
        ("rescheduled", "window", None, day(12, 1))
    ]


@pytest.mark.parametrize("granted", [[day(12, 1), day(11, 1)], [day(11, 1), day(12, 1)]])
def test_by_the_right_day_of_the_move_out_a_window_lasts_as_long_as_was_ever_granted(granted: list[date]) -> None:
    story = only("window")
    story.admit(day(3, 2))
    story.fact("WomanMovedOut", day(3, 9), attributes={"stay_days": 7})
    for until in granted:
        story.fact("AdviceExtended", day(4, 1), person_id=WOMAN, until=until)

    story.fact("MoveOutCorrected", day(4, 2), until=day(3, 10), attributes={"stay_days": 8})

    assert (story.one("window").counted_from, story.one("window").due) == (day(3, 10), day(12, 1))

"""Due days that wait for a fact, that a corrected admission moves, and windows that end on their last day."""

from datetime import date

import pytest

from tests.unit.orchestrator.story import CHILD, WOMAN, Story, corrected_admission, day, notified, only


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

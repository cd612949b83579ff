"""What stays owed of an annulled stay, which answer meets a complaint, and what is told without anonymity."""

from typing import Any
from uuid import UUID

from havn_events.orchestrator import ObligationOpened
from tests.unit.orchestrator.story import CHILD, COMPLAINT, SECOND_CHILD, complained, day, notified, only


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

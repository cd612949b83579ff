"""What is opened, at its edges: for whom, by what was told before, from which day, and by which municipality it is owed."""

from uuid import UUID

import pytest

from havn_events.orchestrator import ObligationOpened
from tests.unit.orchestrator.story import (
    AARHUS,
    CHILD,
    COMPLAINT,
    ODENSE,
    SECOND_CHILD,
    Story,
    complained,
    day,
    fact,
    moves_home,
    only,
    rule,
    rulebook,
)

SECOND_COMPLAINT = UUID(int=7)


def test_each_of_two_complaints_is_owed_an_answer_of_its_own() -> None:
    story = only("answer")
    story.admit(day(3, 2))
    complained(story, day(3, 9))
    second = story.fact("ComplaintFiled", day(3, 10), reference=SECOND_COMPLAINT, attributes={"complaint_about": "discharge"})

    assert second == [("opened", "answer", day(4, 7))]
    assert {o.reference: o.due for o in story.state.obligations.values()} == {COMPLAINT: day(4, 6), SECOND_COMPLAINT: day(4, 7)}


@pytest.mark.parametrize("professions", [["pedagogue"], ["pedagogue", "social-worker"]])
def test_a_childs_team_that_was_assigned_before_its_arrival_was_told_is_there(professions: list[str]) -> None:
    team = [fact("ContactPersonAssigned", profession="pedagogue"), fact("ContactPersonAssigned", profession="social-worker")]
    story = Story(rulebook(rule("team", [fact("ChildArrived")], per="child", due={"same_day": True}, met_by=team, meets="all")))
    story.admit(day(3, 2))
    for profession in professions:
        story.fact("ContactPersonAssigned", day(3, 2), person_id=CHILD, attributes={"profession": profession})

    met = [("met", "team", day(3, 2))] if len(professions) == 2 else []
    assert story.fact("ChildArrived", day(3, 2), person_id=CHILD) == [("opened", "team", day(3, 2)), *met]


@pytest.mark.parametrize(("child", "due"), [(CHILD, day(3, 20)), (SECOND_CHILD, None)])
def test_what_is_counted_from_a_childs_departure_does_not_begin_with_another_childs(child: UUID, due: object) -> None:
    sent = rule(
        "final-notice",
        [fact("NeedsClarified")],
        per="child",
        due={"days": 10},
        due_from="ChildMovedOut",
        met_by=[fact("ChildNotificationSent")],
    )
    story = Story(rulebook(sent))
    story.admit(day(3, 2))
    for arrived in (CHILD, SECOND_CHILD):
        story.fact("ChildArrived", day(3, 2), person_id=arrived)
    story.fact("ChildMovedOut", day(3, 10), person_id=CHILD)
    story.fact("NeedsClarified", day(3, 11))

    assert {o.person_id: o.due for o in story.state.obligations.values()}[child] == due


@pytest.mark.parametrize(("answered", "due"), [(COMPLAINT, day(3, 12)), (SECOND_COMPLAINT, None)])
def test_what_is_counted_from_the_answer_to_a_complaint_does_not_begin_with_the_answer_to_another(
    answered: UUID, due: object
) -> None:
    """Forwarded within so many days of the answer, where the answer is told before the complaint."""
    forwarded = rule(
        "forwarding",
        [fact("ComplaintFiled")],
        per="complaint",
        owed_to="complainant",
        due={"days": 3},
        due_from="ComplaintAnswered",
        met_by=[fact("ComplaintForwarded")],
    )
    story = Story(rulebook(forwarded))
    story.admit(day(3, 2))
    story.fact("ComplaintAnswered", day(3, 9), reference=answered, attributes={"outcome": "not-upheld", "final": False})

    assert complained(story, day(3, 8)) == [("opened", "forwarding", due)]


def test_a_change_of_municipality_that_was_told_twice_hands_over_once() -> None:
    story = only("child-treatment")
    story.admit(day(3, 2))
    moves_home(story, day(3, 15), AARHUS)
    moves_home(story, day(3, 16), AARHUS)

    assert story.fact("ChildArrived", day(3, 14), today=day(3, 20), person_id=CHILD) == [
        ("opened", "child-treatment", None),
        ("transferred", "child-treatment", ODENSE, AARHUS, day(3, 15)),
    ]


def test_only_what_is_owed_to_a_child_ends_when_the_child_is_grown() -> None:
    story = only("treatment", "child-treatment", "answer")
    story.admit(day(3, 2))
    story.fact("ChildArrived", day(3, 2), person_id=CHILD, attributes={"birth_month": "2010-03"})
    complained(story, day(3, 9))

    ends = {event.rule: event.ends_on for event in story.events if isinstance(event, ObligationOpened)}
    assert ends == {"treatment": None, "child-treatment": day(4, 1, 2028), "answer": None}


def test_a_reminder_at_once_is_of_what_is_due_that_day_and_the_turn_of_the_day_reminds_of_the_rest() -> None:
    soon = rule("soon", [fact("WomanAdmitted")], due={"days": 1}, met_by=[fact("NeedsClarified")], remind_working_days=5)
    now = rule("now", [fact("WomanAdmitted")], due={"same_day": True}, met_by=[fact("NeedsClarified")], remind_working_days=0)
    story = Story(rulebook(soon, now))

    assert [told for told in story.admit(day(3, 2)) if told[0] == "due-soon"] == [("due-soon", "now", day(3, 2), 0)]

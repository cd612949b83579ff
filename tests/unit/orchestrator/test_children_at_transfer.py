"""A direct transfer and the children: what a child is owed goes along when it arrives there, and stays here where it does not."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from havn_events.orchestrator import ChildCameBack, ChildFollowed, ContinuationAnnulled
from orchestrator.domain.case import FollowElsewhere
from tests.unit.orchestrator.stay import Stay
from tests.unit.orchestrator.story import CHILD, STAY, WOMAN, Story, day, fact, only, rule, rulebook
from tests.unit.orchestrator.test_transfer import ACTION_PLAN, ANNULMENT, NEXT, THIRD, come_back, decided, go_on, next_stay

ARRIVAL = UUID(int=54)
SIBLING = UUID(int=55)
CHECK_UP = rule(
    "check-up",
    [fact("ChildArrived")],
    per="child",
    owed_by="home-municipality",
    owed_to="child",
    due={"months": 1},
    met_by=[fact("TreatmentOffered")],
)


def follows(story: Story, on: date, today: date | None = None, child: UUID = CHILD, stay: UUID = NEXT) -> list[tuple[object, ...]]:
    """The child arrives at the next shelter. What was decided in this case, but for that it followed."""
    return decided(story, FollowElsewhere(STAY, on, child, stay, ARRIVAL, story.book, today or on), ChildFollowed)


def family(*rule_ids: str, on: date = day(3, 2)) -> Story:
    """She and her child moved in."""
    story = only(*rule_ids) if rule_ids else Story(rulebook(CHECK_UP))
    story.admit(on)
    story.fact("ChildArrived", on, person_id=CHILD)
    return story


def test_a_child_that_stays_behind_keeps_here_what_it_is_owed() -> None:
    story = family("treatment", "child-treatment")
    story.fact("ChildMovedOut", day(3, 5), person_id=CHILD)

    assert go_on(story, day(3, 9)) == [("ObligationCancelled", "treatment")]

    story.held(45, day(3, 16), CHILD)
    assert story.held(45, day(3, 23), CHILD) == [("met", "child-treatment", day(3, 23))]


def test_that_it_stayed_behind_may_be_told_after_she_went() -> None:
    story = family("child-treatment")
    go_on(story, day(3, 9))

    assert story.fact("ChildMovedOut", day(3, 5), day(3, 12), person_id=CHILD) == []
    assert story.one("child-treatment").status == "open"


def test_a_child_of_this_stay_that_is_told_of_after_she_went_is_owed_here() -> None:
    story = only("treatment", "child-treatment")
    story.admit(day(3, 2))
    go_on(story, day(3, 9))

    assert story.fact("ChildArrived", day(3, 3), day(3, 12), person_id=CHILD) == [("opened", "child-treatment", None)]


def test_what_a_child_is_owed_goes_along_when_it_arrives_there() -> None:
    story = family("child-treatment", "child-notice")
    go_on(story, day(3, 9))

    assert follows(story, day(3, 20)) == [("ObligationCancelled", "child-treatment")]
    treatment = story.one("child-treatment")
    assert (treatment.closed_on, treatment.closed_by) == (day(3, 20), ARRIVAL)
    assert story.one("child-notice").status == "open"


def test_what_it_used_while_it_stayed_behind_counts_where_it_arrives() -> None:
    before = family("child-treatment")
    before.held(45, day(3, 4), CHILD)
    story = next_stay(before, day(3, 9))
    go_on(before, day(3, 9))
    before.held(45, day(3, 16), CHILD)
    story.take(before.state.counts_on[-1], day(3, 16))

    assert story.fact("ChildArrived", day(3, 20), person_id=CHILD) == [
        ("opened", "child-treatment", None),
        ("met", "child-treatment", day(3, 16)),
    ]


@pytest.mark.parametrize(("on", "status"), [(day(4, 1), "cancelled"), (day(4, 2), "cancelled"), (day(4, 3), "missed")])
def test_it_is_owed_here_up_to_the_day_on_which_the_child_arrives_there(on: date, status: str) -> None:
    story = family()
    go_on(story, day(3, 9))

    follows(story, on)

    assert story.one("check-up").status == status


def test_a_miss_recorded_before_its_arrival_was_told_is_owed_there() -> None:
    story = family()
    go_on(story, day(3, 9))
    story.check(day(4, 2))
    assert story.one("check-up").status == "missed"

    assert follows(story, day(4, 1), day(4, 6)) == [("ObligationCancelled", "check-up")]


def test_nothing_more_is_opened_here_for_a_child_that_followed_but_for_a_sibling_that_did_not() -> None:
    again = rule(
        "talk",
        [fact("NeedsClarified")],
        per="child",
        owed_by="home-municipality",
        owed_to="child",
        met_by=[fact("TreatmentOffered")],
    )
    story = Story(rulebook(again))
    story.admit(day(3, 2))
    for child in (CHILD, SIBLING):
        story.fact("ChildArrived", day(3, 2), person_id=child)
    go_on(story, day(3, 9))
    follows(story, day(3, 9))

    assert story.fact("NeedsClarified", day(3, 4), day(3, 10)) == [("opened", "talk", None)]
    assert story.one("talk").person_id == SIBLING


def test_what_a_correction_opens_again_is_left_to_the_stay_that_the_child_is_in() -> None:
    story = family("child-treatment")
    story.held(45, day(3, 4), CHILD)
    story.held(45, day(3, 5), CHILD)
    go_on(story, day(3, 9))

    assert story.corrected(-45, day(3, 10), -1, CHILD) == [("reopened", "child-treatment")]
    assert story.corrected(45, day(3, 10), 1, CHILD) == [("met", "child-treatment", day(3, 10))]

    follows(story, day(3, 11))
    assert story.corrected(-45, day(3, 12), -1, CHILD) == [("reopened", "child-treatment"), ("cancelled", "child-treatment")]


def test_told_twice_it_changes_nothing_and_a_third_stay_takes_the_place_of_the_second() -> None:
    story = family("child-treatment")
    go_on(story, day(3, 9))
    follows(story, day(3, 9))
    told = len(story.events)

    follows(story, day(3, 9))
    assert len(story.events) == told

    story.held(90, day(3, 8), CHILD)
    story.held(90, day(3, 8), CHILD)
    follows(story, day(3, 9), stay=THIRD)
    assert story.state.gone_on[CHILD].stay_id == THIRD
    assert come_back(story, day(3, 10), stay=THIRD)[-1] == ("ObligationMet", "child-treatment")


@pytest.mark.parametrize("case", ["not of this stay", "never opened"])
def test_a_child_that_did_not_follow_from_here_changes_nothing(case: str) -> None:
    story = Story() if case == "never opened" else family("child-treatment")

    assert follows(story, day(3, 9), child=SIBLING if case == "not of this stay" else CHILD) == []
    assert not story.state.gone_on


def test_where_the_next_stay_is_annulled_she_and_the_child_are_owed_here_again() -> None:
    story = family("treatment", "child-treatment")
    go_on(story, day(3, 9))
    follows(story, day(3, 10))

    assert come_back(story, day(3, 12)) == [
        ("ObligationReopened", "treatment"),
        ("ChildCameBack", None),
        ("ObligationReopened", "child-treatment"),
    ]
    assert not story.state.gone_on
    (back,) = [event for event in story.events if isinstance(event, ChildCameBack)]
    assert (back.person_id, back.occurred_on, back.rests_on) == (CHILD, day(3, 12), ANNULMENT)
    assert come_back(story, day(3, 12)) == []


def test_of_what_was_told_since_each_gets_what_concerns_it() -> None:
    story = family("treatment", "child-treatment")
    go_on(story, day(3, 9))
    story.held(45, day(3, 9), CHILD)
    follows(story, day(3, 10))
    story.fact("SessionHeld", day(3, 9), day(3, 11), person_id=CHILD, minutes=45, attributes={"sessions": 1})
    story.fact("SessionHeld", day(3, 8), day(3, 11), person_id=WOMAN, minutes=120, attributes={"sessions": 1})
    story.fact("HomeMunicipalityChanged", day(3, 11), municipality="0101")

    assert come_back(story, day(3, 12)) == [
        ("ObligationReopened", "treatment"),
        ("ObligationTransferred", "treatment"),
        ("ObligationMet", "treatment"),
        ("ChildCameBack", None),
        ("ObligationReopened", "child-treatment"),
        ("ObligationTransferred", "child-treatment"),
        ("ObligationMet", "child-treatment"),
    ]
    assert (story.one("treatment").closed_on, story.one("child-treatment").closed_on) == (day(3, 8), day(3, 9))


def test_she_comes_back_and_the_child_that_is_in_a_later_stay_does_not() -> None:
    story = family("treatment", "child-treatment")
    go_on(story, day(3, 9))
    follows(story, day(3, 10))

    assert come_back(story, day(3, 12), elsewhere=frozenset({CHILD})) == [("ObligationReopened", "treatment")]
    assert [*story.state.gone_on] == [CHILD]
    assert story.one("child-treatment").id in story.state.left_behind


def test_the_child_comes_back_and_she_who_is_in_a_later_stay_does_not() -> None:
    story = family("treatment", "child-treatment")
    go_on(story, day(3, 9))
    follows(story, day(3, 10), stay=THIRD)

    assert come_back(story, day(3, 12), stay=THIRD) == [("ChildCameBack", None), ("ObligationReopened", "child-treatment")]
    assert not any(isinstance(event, ContinuationAnnulled) for event in story.events)
    assert story.state.continued_in == NEXT
    assert story.one("treatment").id in story.state.left_behind


@pytest.mark.parametrize(("on", "status"), [(day(4, 1), "open"), (day(4, 2), "open"), (day(4, 3), "missed")])
def test_what_was_over_while_the_child_seemed_to_be_elsewhere_is_missed_here(on: date, status: str) -> None:
    story = family()
    go_on(story, day(3, 9))
    follows(story, day(3, 10))

    come_back(story, on)

    assert story.one("check-up").status == status


def test_that_the_child_came_back_tells_nothing_again_to_what_is_owed_to_her() -> None:
    """Her wish for a plan of her own was told twice, once before and once after the child had gone."""
    story = Story(rulebook(ACTION_PLAN))
    story.admit(day(3, 2))
    story.fact("ChildArrived", day(3, 2), person_id=CHILD)
    story.fact("ActionPlanRequested", day(3, 3))
    follows(story, day(3, 4))
    story.fact("ActionPlanMade", day(3, 5))
    story.fact("ActionPlanRequested", day(3, 6))

    assert come_back(story, day(3, 12)) == [("ChildCameBack", None)]
    assert [o.status for o in story.state.obligations.values()] == ["met", "open"]


@pytest.mark.parametrize(("passed", "status"), [(13, "open"), (14, "missed")])
def test_who_owes_a_child_that_stayed_with_its_family_has_two_weeks_from_the_day_its_mother_left(passed: int, status: str) -> None:
    """Under the national standard; missed once the fourteenth day is over."""
    stay = Stay("serviceloven", day(3, 2))
    stay.take("ChildArrived", day(3, 2), person_id=CHILD, attributes={"born": False, "birth_month": "2020-01"})
    stay.take("ChildMovedOut", day(3, 5), person_id=CHILD, attributes={"destination": "family"})
    stay.take("WomanMovedOut", day(3, 9), attributes={"destination": "other-shelter", "stay_days": 7})
    stay.go_on(day(3, 9))
    stay.pass_day(day(3, 9) + timedelta(days=passed))

    found = {o.rule: o.status for o in stay.state.obligations.values() if o.person_id == CHILD}
    assert (found["psychology-child"], found["psychology-child-offer"]) == ("open", status)

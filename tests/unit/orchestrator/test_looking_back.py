"""What was told before it was owed: it meets or ends what a rule looks back for."""

from uuid import UUID

from orchestrator.domain.fact import Fact
from tests.unit.orchestrator.story import Story, day, fact, only, rule, rulebook


def test_a_fact_noted_before_the_opening_meets_a_rule_that_looks_back() -> None:
    story = only("advice-start")
    story.admit(day(1, 1))
    story.fact("AdviceStarted", day(1, 20))
    assert story.fact("MoveOutPlanned", day(2, 1)) == [
        ("opened", "advice-start", day(2, 1)),
        ("met", "advice-start", day(1, 20)),
    ]


def test_a_fact_looked_back_upon_that_was_too_late_meets_late() -> None:
    story = only("advice-start")
    story.admit(day(1, 1))
    story.fact("AdviceStarted", day(2, 5))
    assert story.fact("MoveOutPlanned", day(2, 1), today=day(2, 6)) == [
        ("opened", "advice-start", day(2, 1)),
        ("missed", "advice-start", day(2, 2)),
        ("late", "advice-start", day(2, 5)),
    ]


def test_a_rule_that_does_not_look_back_is_not_met_by_what_was_before() -> None:
    story = only("aftercare")
    story.admit(day(1, 1))
    story.fact("AftercareOffered", day(2, 1))
    moved = story.fact("WomanMovedOut", day(2, 2), attributes={"stay_days": 32, "destination": "family"})
    assert moved == [("opened", "aftercare", day(2, 3))]


LOOKING_BACK = rule(
    "looking-back",
    [fact("WomanMovedOut")],
    due={"months": 1},
    due_from="MunicipalityNotified",
    met_by=[fact("AftercareOffered"), fact("MunicipalityNotified", notice="discharge")],
    cancelled_by=[fact("AftercareDeclined"), fact("AdviceDeclined")],
    looks_back=True,
)


def test_of_several_facts_looked_back_upon_the_earliest_meets() -> None:
    story = Story(rulebook(LOOKING_BACK))
    story.admit(day(1, 1))
    story.fact("MunicipalityNotified", day(2, 3), attributes={"notice": "discharge", "anonymous": False})
    story.fact("MunicipalityNotified", day(2, 2), attributes={"notice": "discharge", "anonymous": True})
    story.fact("AftercareOffered", day(2, 4))
    opened = ("opened", "looking-back", day(3, 2))
    assert story.fact("WomanMovedOut", day(2, 5)) == [opened, ("met", "looking-back", day(2, 2))]


def test_of_two_facts_on_the_same_day_the_first_told_is_what_it_rests_on() -> None:
    story = Story(rulebook(LOOKING_BACK))
    story.admit(day(1, 1))
    story.take(Fact("AftercareOffered", UUID(int=71), day(2, 1)))
    story.take(Fact("AftercareOffered", UUID(int=72), day(2, 1)))
    story.fact("WomanMovedOut", day(2, 5))
    assert story.one("looking-back").closed_by == UUID(int=71)


def test_of_several_refusals_looked_back_upon_the_earliest_cancels_on_the_day_it_would_be_owed() -> None:
    story = Story(rulebook(LOOKING_BACK))
    story.admit(day(1, 1))
    story.fact("MunicipalityNotified", day(1, 2), attributes={"notice": "admission"})
    story.take(Fact("AdviceDeclined", UUID(int=71), day(2, 3)))
    story.take(Fact("AftercareDeclined", UUID(int=72), day(1, 20)))
    assert story.fact("WomanMovedOut", day(2, 1), today=day(2, 4))[1:] == [("cancelled", "looking-back")]
    closed = story.one("looking-back")
    assert (closed.closed_on, closed.closed_by) == (day(2, 1), UUID(int=72))

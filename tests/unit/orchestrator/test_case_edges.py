"""Cases at their edges: facts about somebody else, facts that fit nearly, and what is over before it is heard of."""

from datetime import date
from uuid import UUID

import pytest

from havn_events.orchestrator import FactNoted
from havn_standards import Rule
from orchestrator.domain.case import Opening
from orchestrator.domain.fact import Fact
from orchestrator.domain.opening import goes_along
from tests.unit.orchestrator.story import CHILD, SECOND_CHILD, WOMAN, Story, day, fact, only, rule, rulebook


def under(*rules: Rule) -> Story:
    return Story(rulebook(*rules))


def losable() -> Story:
    """Owed by 5 March, lost when a move-out is planned, given up when advice is declined."""
    story = under(
        rule(
            "losable",
            [fact("WomanAdmitted")],
            due={"days": 3},
            met_by=[fact("InitialAdviceGiven")],
            missed_by=[fact("MoveOutPlanned")],
            cancelled_by=[fact("AdviceDeclined")],
        )
    )
    story.admit(day(3, 2))
    return story


def test_a_fact_about_her_inquiry_is_noted_in_an_open_case() -> None:
    story = Story()
    story.admit(day(3, 2))
    assert story.fact("InquiryReceived", day(3, 1), today=day(3, 3)) == []
    noted = story.events[-1]
    assert isinstance(noted, FactNoted)
    assert noted.fact == "InquiryReceived"


@pytest.mark.parametrize("end", ["missed", "cancelled"])
@pytest.mark.parametrize(
    ("person", "plan", "ends"), [(CHILD, "stay-plan", True), (SECOND_CHILD, "stay-plan", False), (CHILD, "action-plan", False)]
)
def test_only_a_fact_about_the_child_that_fulfils_the_condition_ends_what_it_is_owed(
    end: str, person: UUID, plan: str, ends: bool
) -> None:
    ending = {f"{end}_by": [fact("PlanReviewed", plan="stay-plan")]}
    story = under(rule("owed", [fact("ChildArrived")], per="child", met_by=[fact("ChildNotificationSent")], **ending))
    story.admit(day(3, 2))
    story.fact("ChildArrived", day(3, 2), person_id=CHILD)
    story.fact("PlanReviewed", day(3, 4), person_id=person, attributes={"plan": plan})
    assert story.one("owed").status == (end if ends else "open")


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (day(3, 12), [("reopened", "timed")]),
        (day(3, 13), [("reopened", "timed"), ("missed", "timed", day(3, 13))]),
    ],
)
def test_a_correction_below_the_floor_after_the_due_day_shows_that_it_was_missed(today: date, expected: list[object]) -> None:
    story = under(
        rule("timed", [fact("WomanAdmitted")], due={"days": 10}, amount={"unit": "minutes", "floor": 120, "ceiling": 180})
    )
    story.admit(day(3, 2))
    assert story.held(120, day(3, 5)) == [("met", "timed", day(3, 5))]
    corrected = story.fact("SessionCorrected", day(3, 6), today, person_id=WOMAN, minutes=-60, attributes={"sessions": 0})
    assert corrected == expected


def test_what_was_over_before_a_fact_made_it_lost_was_missed_by_its_due_day() -> None:
    assert losable().fact("MoveOutPlanned", day(3, 20)) == [("missed", "losable", day(3, 6))]


@pytest.mark.parametrize(("planned", "again"), [(4, True), (5, True), (6, False), (7, False)])
def test_what_was_missed_or_met_late_already_is_lost_only_by_an_earlier_day(planned: int, again: bool) -> None:
    late = losable()
    assert late.fact("InitialAdviceGiven", day(3, 10)) == [("missed", "losable", day(3, 6)), ("late", "losable", day(3, 10))]
    missed = losable()
    assert missed.check(day(3, 5)) == [("missed", "losable", day(3, 6))]

    lost = [("missed", "losable", day(3, planned))] if again else []
    assert missed.fact("MoveOutPlanned", day(3, planned), today=day(3, 11)) == lost
    assert late.fact("MoveOutPlanned", day(3, planned), today=day(3, 11)) == lost + [("late", "losable", day(3, 10))] * again


def test_what_was_owed_no_more_is_not_lost_by_an_earlier_fact() -> None:
    story = losable()
    assert story.fact("AdviceDeclined", day(3, 5)) == [("cancelled", "losable")]
    assert story.fact("MoveOutPlanned", day(3, 4), today=day(3, 6)) == []


def test_the_end_of_a_treatment_ends_nothing_else_and_nobody_elses() -> None:
    story = Story()
    story.admit(day(3, 2))
    story.fact("ChildArrived", day(3, 2), person_id=CHILD)
    assert story.fact("TreatmentCompleted", day(3, 2), person_id=WOMAN) == [("cancelled", "treatment")]


def test_a_day_to_count_from_that_comes_again_moves_what_was_met_by_the_first() -> None:
    story = under(
        rule(
            "offer",
            [fact("WomanAdmitted")],
            due={"weeks": 2},
            due_from="MoveOutPlanned",
            met_by=[fact("TreatmentOffered")],
        )
    )
    story.admit(day(3, 2))
    assert story.fact("MoveOutPlanned", day(3, 10)) == [("rescheduled", "offer", None, day(3, 24))]
    assert story.fact("TreatmentOffered", day(3, 12)) == [("met", "offer", day(3, 12))]
    assert story.fact("MoveOutPlanned", day(3, 9), today=day(3, 13)) == [("rescheduled", "offer", day(3, 24), day(3, 23))]


def test_what_was_lost_and_is_owed_no_more_is_not_moved_by_the_day_it_would_be_counted_from() -> None:
    story = under(
        rule(
            "offer",
            [fact("WomanAdmitted")],
            due={"weeks": 2},
            due_from="WomanMovedOut",
            met_by=[fact("TreatmentOffered")],
            cancelled_by=[fact("TreatmentDeclined")],
        )
    )
    story.admit(day(3, 2))
    assert story.fact("TreatmentDeclined", day(3, 4)) == [("cancelled", "offer")]
    assert story.fact("WomanMovedOut", day(3, 10), attributes={"stay_days": 8}) == []


def moved_out_after_18_days() -> Story:
    story = Story()
    story.admit(day(3, 2))
    story.fact("WomanMovedOut", day(3, 20), attributes={"stay_days": 18})
    return story


def test_an_extension_moves_the_window_alone() -> None:
    story = moved_out_after_18_days()
    assert story.fact("AdviceExtended", day(3, 20), until=day(12, 1)) == [("rescheduled", "window", day(9, 20), day(12, 1))]


def test_an_extension_for_somebody_else_moves_no_window() -> None:
    assert moved_out_after_18_days().fact("AdviceExtended", day(3, 20), until=day(12, 1), person_id=CHILD) == []


def test_a_shorter_stay_takes_back_what_only_a_longer_one_brought_and_nothing_else() -> None:
    story = moved_out_after_18_days()
    corrected = story.fact("AdmissionCorrected", day(3, 20), until=day(3, 6))
    assert [line for line in corrected if line[0] == "cancelled"] == [("cancelled", "aftercare")]


def test_what_was_done_before_the_stay_turned_out_shorter_stays_done() -> None:
    story = moved_out_after_18_days()
    assert story.fact("AftercareOffered", day(3, 20)) == [("met", "aftercare", day(3, 20))]
    corrected = story.fact("AdmissionCorrected", day(3, 20), until=day(3, 6))
    assert [line for line in corrected if line[0] == "cancelled"] == []


def test_what_another_fact_brought_stays_when_the_stay_turns_out_shorter() -> None:
    opened_by = [fact("MoveOutPlanned"), fact("WomanMovedOut", stay_longer_than_days=14)]
    story = under(rule("talk", opened_by, due={"days": 90}, met_by=[fact("AftercareOffered")]))
    story.admit(day(3, 2))
    story.fact("MoveOutPlanned", day(3, 10))
    story.fact("WomanMovedOut", day(3, 20), attributes={"stay_days": 18})
    planned = next(o for o in story.state.obligations.values() if o.opened_on == day(3, 10))
    story.fact("AdmissionCorrected", day(3, 20), until=day(3, 6))
    assert story.state.obligations[planned.id].status == "open"


def test_a_corrected_day_with_the_same_due_day_is_recorded_and_the_reminder_still_comes() -> None:
    story = only("notice")
    saturday, sunday, due = day(3, 7), day(3, 8), day(3, 11)
    assert story.admit(saturday) == [("opened", "notice", due)]
    assert story.fact("AdmissionCorrected", sunday, until=sunday) == [("rescheduled", "notice", due, due)]
    assert story.check(sunday) == [("due-soon", "notice", day(3, 9), 2)]


def test_a_correction_to_the_day_that_was_recorded_moves_nothing() -> None:
    story = only("notice")
    story.admit(day(3, 2))
    assert story.fact("AdmissionCorrected", day(3, 3), until=day(3, 2)) == []


def test_what_was_met_late_is_not_met_once_more_by_a_later_fact() -> None:
    story = losable()
    story.fact("InitialAdviceGiven", day(3, 10))
    assert story.fact("InitialAdviceGiven", day(3, 12)) == []


def test_a_window_that_ran_out_and_was_extended_to_a_day_that_is_over_too_ran_out_on_that_day() -> None:
    story = moved_out_after_18_days()
    story.check(day(9, 20))
    extended = story.fact("AdviceExtended", day(9, 20), today=day(10, 15), until=day(10, 1))
    assert extended == [("rescheduled", "window", day(9, 20), day(10, 1)), ("met", "window", day(10, 1))]


def test_what_was_done_for_another_child_meets_nothing_that_is_owed_later() -> None:
    sent = [fact("ChildNotificationSent")]
    story = under(rule("child-notice", [fact("ChildArrived")], per="child", due={"days": 3}, met_by=sent, looks_back=True))
    story.admit(day(3, 2))
    story.fact("ChildNotificationSent", day(3, 2), person_id=SECOND_CHILD)
    assert story.fact("ChildArrived", day(3, 2), person_id=CHILD) == [("opened", "child-notice", day(3, 5))]


def test_advice_given_before_the_move_out_was_planned_is_not_missed_when_it_comes_to_be_owed() -> None:
    story = only("advice")
    story.admit(day(3, 2))
    story.fact("InitialAdviceGiven", day(3, 3))
    story.fact("MoveOutPlanned", day(3, 4))
    notified = story.fact("MunicipalityNotified", day(3, 5), attributes={"notice": "admission"})
    assert notified == [("opened", "advice", None), ("met", "advice", day(3, 3))]


def test_advice_that_started_before_she_declined_more_of_it_is_met_and_not_given_up() -> None:
    story = only("advice-start")
    story.admit(day(3, 2))
    story.fact("AdviceStarted", day(3, 3))
    story.fact("AdviceDeclined", day(3, 4))
    assert story.fact("MoveOutPlanned", day(3, 5)) == [("opened", "advice-start", day(3, 5)), ("met", "advice-start", day(3, 3))]


def test_what_she_declined_before_it_was_owed_without_a_day_is_not_owed() -> None:
    story = under(
        rule(
            "talk",
            [fact("MoveOutPlanned")],
            met_by=[fact("AdviceStarted")],
            cancelled_by=[fact("AdviceDeclined")],
            looks_back=True,
        )
    )
    story.admit(day(3, 2))
    story.fact("AdviceDeclined", day(3, 4))
    assert story.fact("MoveOutPlanned", day(3, 5)) == [("opened", "talk", None), ("cancelled", "talk")]


@pytest.mark.parametrize("end", ["missed", "cancelled"])
@pytest.mark.parametrize(("person", "ends"), [(CHILD, True), (SECOND_CHILD, False)])
def test_what_is_owed_to_a_child_ends_by_what_was_noted_of_that_child_alone(end: str, person: UUID, ends: bool) -> None:
    ending = {f"{end}_by": [fact("ChildMovedOut")]}
    sent = [fact("ChildNotificationSent")]
    story = under(rule("owed", [fact("ChildArrived")], per="child", met_by=sent, looks_back=True, **ending))
    story.admit(day(3, 2))
    story.fact("ChildMovedOut", day(3, 2), person_id=person)
    story.fact("ChildArrived", day(3, 2), person_id=CHILD)
    assert story.one("owed").status == (end if ends else "open")


def test_a_fact_about_the_whole_stay_is_owed_to_every_child_and_one_about_a_child_to_that_child() -> None:
    story = under(
        rule("each", [fact("NeedsClarified")], per="child", met_by=[fact("ChildNotificationSent")]),
        rule("one", [fact("RiskAssessed")], per="child", met_by=[fact("ChildNotificationSent")]),
    )
    story.admit(day(3, 2))
    for child in (CHILD, SECOND_CHILD):
        story.fact("ChildArrived", day(3, 2), person_id=child)
    assert story.fact("NeedsClarified", day(3, 3)) == [("opened", "each", None)] * 2
    assert story.fact("RiskAssessed", day(3, 3), person_id=CHILD) == [("opened", "one", None)]
    assert story.one("one").person_id == CHILD


def test_what_is_owed_to_children_is_owed_to_no_grown_person() -> None:
    story = under(rule("one", [fact("RiskAssessed")], per="child", met_by=[fact("ChildNotificationSent")]))
    story.admit(day(3, 2))
    assert story.fact("RiskAssessed", day(3, 3), person_id=WOMAN) == []


def test_what_is_owed_to_her_is_not_owed_for_a_fact_about_a_child() -> None:
    story = under(rule("hers", [fact("RiskAssessed")], met_by=[fact("NeedsClarified")]))
    story.admit(day(3, 2))
    assert story.fact("RiskAssessed", day(3, 3), person_id=CHILD) == []
    assert story.fact("RiskAssessed", day(3, 3), person_id=WOMAN) == [("opened", "hers", None)]


def test_a_complaint_is_owed_its_answer_only_where_the_fact_names_it() -> None:
    story = under(rule("answer", [fact("StayRefused")], per="complaint", owed_to="complainant", met_by=[fact("ComplaintAnswered")]))
    story.admit(day(3, 2))
    assert story.fact("StayRefused", day(3, 3)) == []


@pytest.mark.parametrize(
    ("birth_month", "today", "owed"),
    [
        ("2008-11", day(11, 30), True),
        ("2008-11", day(12, 1), False),
        ("2008-12", day(12, 31), True),
        ("2008-12", day(1, 1, 2027), False),
        ("2009-01", day(1, 31, 2027), True),
        ("2009-01", day(2, 1, 2027), False),
    ],
)
def test_a_child_is_owed_what_children_are_to_the_end_of_the_month_in_which_it_turns_18(
    birth_month: str, today: date, owed: bool
) -> None:
    story = under(rule("one", [fact("RiskAssessed")], per="child", met_by=[fact("ChildNotificationSent")]))
    story.admit(day(3, 2))
    story.fact("ChildArrived", day(3, 2), person_id=SECOND_CHILD, attributes={"birth_month": "2020-05"})
    story.fact("ChildArrived", day(3, 2), person_id=CHILD, attributes={"birth_month": birth_month})
    assert (story.fact("RiskAssessed", today, person_id=CHILD) != []) is owed


def test_where_no_woman_was_admitted_nothing_is_owed_to_one() -> None:
    complained = [fact("ComplaintFiled", complaint_about="refusal")]
    story = under(rule("hers", complained, met_by=[fact("NeedsClarified")]))
    complaint = Fact("ComplaintFiled", UUID(int=7), day(3, 2), reference=UUID(int=6), attributes={"complaint_about": "refusal"})
    assert story.take(complaint, None, Opening("trial", UUID(int=5), None)) == []


@pytest.mark.parametrize(
    ("owed_by", "per", "goes"),
    [
        ("home-municipality", "woman", True),
        ("acting-municipality", "child", True),
        ("acting-municipality", "complaint", False),
        ("shelter", "woman", False),
    ],
)
def test_what_a_municipality_owes_to_a_person_goes_along_to_another_shelter(owed_by: str, per: str, goes: bool) -> None:
    owed = rule("owed", [fact("WomanAdmitted")], met_by=[fact("RiskAssessed")], owed_by=owed_by, per=per)
    assert goes_along(owed) is goes

"""A direct transfer to another shelter: what counts on there, and what is owed no more in the stay before."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from havn_events.event import Event
from havn_events.orchestrator import ContinuationAnnulled, StayContinued
from orchestrator.domain.case import CASE, ComeBack, Command, ContinueElsewhere
from orchestrator.domain.fact import Fact
from orchestrator.domain.transfer import counts_on
from tests.unit.orchestrator.story import CHILD, COMPLAINT, STAY, WOMAN, Story, day, fact, only, rule, rulebook

NEXT, THIRD, ADMISSION = UUID(int=50), UUID(int=51), UUID(int=52)
ACTION_PLAN = rule(
    "action-plan",
    [fact("ActionPlanRequested")],
    owed_by="acting-municipality",
    due={"months": 3},
    met_by=[fact("ActionPlanMade")],
)


def decided(story: Story, command: Command, but: type[Event]) -> list[tuple[object, ...]]:
    """What a command leads to in this case, but for one kind of event, as names and rules."""
    events = list(CASE.decide(command, story.state))
    story.events += events
    story.state = CASE.fold(events, story.state)
    return [(event.type_name(), getattr(event, "rule", None)) for event in events if not isinstance(event, but)]


def go_on(story: Story, on: date, today: date | None = None, woman: UUID = WOMAN, stay: UUID = NEXT) -> list[tuple[object, ...]]:
    """She is admitted to the next shelter. What was decided in this case, but for the continuation itself."""
    return decided(story, ContinueElsewhere(STAY, on, stay, woman, ADMISSION, story.book, today or on), StayContinued)


def next_stay(before: Story, on: date, **attributes: Any) -> Story:
    """The case at the next shelter, with the facts that count on."""
    story = Story(before.book)
    story.admit(on, **attributes)
    for counted in counts_on(before.state):
        story.take(counted, on)
    return story


def test_what_municipalities_owe_and_is_open_is_owed_here_no_more() -> None:
    story = Story()
    story.admit(day(3, 2))
    story.fact("MunicipalityNotified", day(3, 3), attributes={"notice": "admission"})
    story.fact("WomanMovedOut", day(3, 9), attributes={"stay_days": 7, "destination": "other-shelter"})

    assert go_on(story, day(3, 9)) == [
        ("ObligationCancelled", "treatment"),
        ("ObligationCancelled", "offer"),
        ("ObligationCancelled", "advice"),
        ("ObligationCancelled", "window"),
    ]
    assert story.state.continued_in == NEXT
    assert (story.one("notice").status, story.one("team").status) == ("met", "open")
    assert all(o.closed_by == ADMISSION for o in story.state.obligations.values() if o.status == "cancelled")


def test_what_was_missed_before_she_went_stays_missed_and_what_was_met_stays_met() -> None:
    story = only("treatment", "advice")
    story.admit(day(3, 2))
    story.fact("MunicipalityNotified", day(3, 3), attributes={"notice": "admission"})
    story.held(120, day(3, 4))
    story.fact("MoveOutPlanned", day(3, 5))

    assert go_on(story, day(3, 9)) == []
    assert (story.one("treatment").status, story.one("advice").status) == ("met", "missed")


@pytest.mark.parametrize(("on", "status"), [(day(6, 2), "cancelled"), (day(6, 3), "cancelled"), (day(6, 4), "missed")])
def test_on_its_last_day_it_goes_on_elsewhere_and_the_day_after_it_was_missed_here(on: date, status: str) -> None:
    story = Story(rulebook(ACTION_PLAN))
    story.admit(day(3, 2))
    story.fact("ActionPlanRequested", day(3, 3))

    go_on(story, on)

    assert story.one("action-plan").status == status


def test_a_miss_recorded_before_the_transfer_was_told_is_owed_elsewhere() -> None:
    story = Story(rulebook(ACTION_PLAN))
    story.admit(day(3, 2))
    story.fact("ActionPlanRequested", day(3, 3))
    story.check(day(6, 3))

    assert go_on(story, day(6, 1), today=day(6, 5)) == [("ObligationCancelled", "action-plan")]


def test_a_move_out_told_after_the_transfer_opens_no_window_but_what_the_shelter_owes() -> None:
    story = only("window", "aftercare")
    story.admit(day(3, 2))
    go_on(story, day(3, 30))

    assert story.fact("WomanMovedOut", day(3, 30), day(3, 31), attributes={"stay_days": 28}) == [
        ("opened", "aftercare", day(3, 31)),
    ]


def test_a_correction_that_opens_it_again_leaves_it_to_the_next_stay() -> None:
    story = only("treatment")
    story.admit(day(3, 2))
    story.held(120, day(3, 4))
    go_on(story, day(3, 9))

    assert story.corrected(-60, day(3, 10)) == [("reopened", "treatment"), ("cancelled", "treatment")]


def test_told_twice_it_changes_nothing_and_another_stay_takes_its_place() -> None:
    story = only("treatment")
    story.admit(day(3, 2))
    go_on(story, day(3, 9))
    told = len(story.events)

    go_on(story, day(3, 9))
    assert len(story.events) == told

    go_on(story, day(3, 9), stay=THIRD)
    assert story.state.continued_in == THIRD


@pytest.mark.parametrize("case", ["another woman", "itself", "annulled", "never opened"])
def test_a_stay_that_cannot_go_on_there_stays_as_it_is(case: str) -> None:
    story = only("treatment")
    if case != "never opened":
        story.admit(day(3, 2))
    if case == "annulled":
        story.fact("StayAnnulled", day(3, 3))

    go_on(story, day(3, 9), woman=CHILD if case == "another woman" else WOMAN, stay=STAY if case == "itself" else NEXT)

    assert story.state.continued_in is None


def test_what_was_used_and_granted_is_used_and_granted_in_the_next_stay() -> None:
    before = only("treatment")
    before.admit(day(3, 2))
    before.held(60, day(3, 4))
    before.held(45, day(3, 5))
    before.corrected(-15, day(3, 6))
    before.fact("ExtraHoursGranted", day(3, 6), person_id=WOMAN, minutes=30)

    story = next_stay(before, day(3, 9))
    treatment = story.one("treatment")
    assert (treatment.status, story.state.used(treatment), story.state.left(treatment)) == ("open", 90, 120)

    assert story.held(29, day(3, 10)) == []
    assert story.held(1, day(3, 11)) == [("met", "treatment", day(3, 11))]


def test_a_floor_reached_before_is_met_at_once_also_for_a_child_that_arrives_later() -> None:
    before = only("treatment", "child-treatment")
    before.admit(day(3, 2))
    before.fact("ChildArrived", day(3, 2), person_id=CHILD)
    before.held(120, day(3, 4))
    before.held(45, day(3, 4), person=CHILD)
    before.held(45, day(3, 5), person=CHILD)

    story = next_stay(before, day(3, 9))

    assert story.one("treatment").closed_on == day(3, 4)
    assert story.fact("ChildArrived", day(3, 10), person_id=CHILD) == [
        ("opened", "child-treatment", None),
        ("met", "child-treatment", day(3, 5)),
    ]


def test_what_was_offered_and_given_before_need_not_be_done_again() -> None:
    before = only("offer", "advice", "advice-start")
    before.admit(day(3, 2))
    before.fact("TreatmentOffered", day(3, 3), person_id=WOMAN)
    before.fact("MunicipalityNotified", day(3, 3), attributes={"notice": "admission"})
    before.fact("InitialAdviceGiven", day(3, 4))
    before.fact("MoveOutPlanned", day(3, 5))
    before.fact("AdviceStarted", day(3, 5))

    story = next_stay(before, day(3, 9))

    assert story.one("offer").status == "met"
    notified = story.fact("MunicipalityNotified", day(3, 10), attributes={"notice": "admission"})
    assert notified[1:] == [("met", "advice", day(3, 4))]
    assert story.fact("MoveOutPlanned", day(3, 11))[1:] == [("met", "advice-start", day(3, 5))]


@pytest.mark.parametrize("ended", ["AdviceDeclined", "AdviceEnded"])
def test_advice_that_came_to_its_end_before_is_owed_anew(ended: str) -> None:
    before = only("advice-start")
    before.admit(day(3, 2))
    before.fact("AdviceStarted", day(3, 4))
    before.fact(ended, day(3, 5))

    story = next_stay(before, day(3, 9))

    assert story.fact("MoveOutPlanned", day(3, 11)) == [("opened", "advice-start", day(3, 11))]


def test_an_action_plan_asked_for_before_is_due_on_the_day_it_was() -> None:
    before = Story(rulebook(ACTION_PLAN))
    before.admit(day(3, 2))
    before.fact("ActionPlanRequested", day(3, 3))

    assert next_stay(before, day(3, 9)).one("action-plan").due == day(6, 3)

    before.fact("ActionPlanMade", day(3, 8))
    assert not next_stay(before, day(3, 9)).state.obligations


PAYMENT = rule(
    "payment-decision",
    [fact("PaymentReliefRequested")],
    owed_by="home-municipality",
    met_by=[fact("PaymentDecided")],
    looks_back=True,
)


def test_an_application_that_was_not_decided_before_is_decided_for_the_next_stay_whenever_that_is_told() -> None:
    before = Story(rulebook(PAYMENT))
    before.admit(day(3, 2))
    before.fact("PaymentReliefRequested", day(3, 3))

    story = next_stay(before, day(3, 9))
    assert (story.one("payment-decision").status, story.one("payment-decision").opened_on) == ("open", day(3, 3))

    story.take(Fact("PaymentDecided", UUID(int=60), day(3, 8)), day(3, 12))
    assert (story.one("payment-decision").status, story.one("payment-decision").closed_on) == ("met", day(3, 8))


def test_an_application_that_was_decided_before_is_not_decided_again_but_a_later_one_is() -> None:
    before = Story(rulebook(PAYMENT))
    before.admit(day(3, 2))
    before.fact("PaymentReliefRequested", day(3, 3))
    before.fact("PaymentDecided", day(3, 3))
    assert not next_stay(before, day(3, 9)).state.obligations

    before.fact("PaymentReliefRequested", day(3, 4))
    (owed,) = next_stay(before, day(3, 9)).state.obligations.values()
    assert (owed.opened_on, owed.status) == (day(3, 4), "open")


def test_an_appointment_she_did_not_come_to_before_was_a_beginning_there_too() -> None:
    started = rule("start", [fact("WomanAdmitted")], owed_by="home-municipality", met_by=[fact("SessionMissed")], looks_back=True)
    before = Story(rulebook(started))
    before.admit(day(3, 2))
    before.fact("SessionMissed", day(3, 4), person_id=WOMAN)

    assert next_stay(before, day(3, 9)).one("start").closed_on == day(3, 4)


def test_refusals_are_not_carried_over_so_she_is_asked_again() -> None:
    before = only("treatment", "offer")
    before.admit(day(3, 2))
    before.fact("TreatmentDeclined", day(3, 3), person_id=WOMAN)

    story = next_stay(before, day(3, 9))

    assert (story.one("treatment").status, story.one("offer").status) == ("open", "open")


def test_the_window_opens_when_she_leaves_the_last_shelter() -> None:
    before = only("window")
    before.admit(day(3, 2))
    before.fact("WomanMovedOut", day(3, 9), attributes={"stay_days": 7})
    go_on(before, day(3, 9))

    story = next_stay(before, day(3, 9))
    assert not story.state.obligations

    story.fact("WomanMovedOut", day(4, 20), attributes={"stay_days": 42})
    assert (before.one("window").status, story.one("window").due) == ("cancelled", day(10, 20))


def test_the_same_fact_carried_over_twice_counts_once() -> None:
    before = only("treatment")
    before.admit(day(3, 2))
    before.held(60, day(3, 4))

    story = next_stay(before, day(3, 9))
    for counted in counts_on(before.state):
        assert story.take(counted, day(3, 9)) == []

    assert story.state.used(story.one("treatment")) == 60


def test_what_counts_on_goes_through_every_transfer() -> None:
    first = only("treatment")
    first.admit(day(3, 2))
    first.held(60, day(3, 4))
    second = next_stay(first, day(3, 9))
    second.held(30, day(3, 10))

    third = next_stay(second, day(3, 16))

    assert third.state.used(third.one("treatment")) == 90


ANNULMENT = UUID(int=53)


def come_back(
    story: Story, on: date, today: date | None = None, stay: UUID = NEXT, elsewhere: frozenset[UUID] = frozenset()
) -> list[tuple[object, ...]]:
    """The next stay is annulled. What was decided in this case, but for the annulled continuation itself."""
    command = ComeBack(STAY, on, frozenset({stay}), elsewhere, ANNULMENT, story.book, today or on)
    return decided(story, command, ContinuationAnnulled)


def test_what_was_left_to_an_annulled_stay_is_owed_here_again() -> None:
    story = only("treatment", "offer", "notice")
    story.admit(day(3, 2))
    go_on(story, day(3, 3))

    assert come_back(story, day(3, 4)) == [("ObligationReopened", "treatment"), ("ObligationReopened", "offer")]
    assert story.state.continued_in is None
    assert (story.one("treatment").status, story.one("offer").status, story.one("notice").status) == ("open", "open", "open")


def test_what_was_met_missed_or_given_up_before_she_went_stays_so() -> None:
    story = only("treatment", "advice")
    story.admit(day(3, 2))
    story.fact("MunicipalityNotified", day(3, 3), attributes={"notice": "admission"})
    story.held(120, day(3, 4))
    story.fact("MoveOutPlanned", day(3, 5))
    go_on(story, day(3, 9))

    assert come_back(story, day(3, 10)) == []
    assert (story.one("treatment").status, story.one("advice").status) == ("met", "missed")


def test_what_was_told_since_counts_when_it_is_owed_here_again() -> None:
    story = only("treatment", "offer", "window", "aftercare")
    story.admit(day(3, 2))
    go_on(story, day(3, 30))
    story.fact("SessionHeld", day(3, 10), day(3, 31), person_id=WOMAN, minutes=120, attributes={"sessions": 2})
    story.fact("TreatmentOffered", day(3, 9), day(3, 31), person_id=WOMAN)
    story.fact("WomanMovedOut", day(3, 30), day(3, 31), attributes={"stay_days": 28})

    assert come_back(story, day(4, 1)) == [
        ("ObligationReopened", "treatment"),
        ("ObligationMet", "treatment"),
        ("ObligationReopened", "offer"),
        ("ObligationMet", "offer"),
        ("ObligationOpened", "window"),
    ]
    assert (story.one("treatment").closed_on, story.one("offer").closed_on) == (day(3, 10), day(3, 9))
    assert story.one("window").due == day(9, 30)


@pytest.mark.parametrize(("on", "status"), [(day(6, 2), "open"), (day(6, 3), "open"), (day(6, 4), "missed")])
def test_what_was_over_meanwhile_is_missed_the_day_after_its_last(on: date, status: str) -> None:
    story = Story(rulebook(ACTION_PLAN))
    story.admit(day(3, 2))
    story.fact("ActionPlanRequested", day(3, 3))
    go_on(story, day(3, 9))
    come_back(story, on)

    assert story.one("action-plan").status == status


def test_the_municipality_of_today_owes_what_came_back() -> None:
    story = only("treatment")
    story.admit(day(3, 2))
    go_on(story, day(3, 9))
    story.fact("HomeMunicipalityChanged", day(3, 10), municipality="0101")

    assert come_back(story, day(3, 11)) == [("ObligationReopened", "treatment"), ("ObligationTransferred", "treatment")]
    assert story.one("treatment").municipality == "0101"


@pytest.mark.parametrize("case", ["another stay", "annulled", "never went on", "never opened"])
def test_a_stay_that_is_not_gone_back_to_stays_as_it_is(case: str) -> None:
    story = only("treatment")
    if case != "never opened":
        story.admit(day(3, 2))
    if not case.startswith("never"):
        go_on(story, day(3, 9))
    if case == "annulled":
        story.fact("StayAnnulled", day(3, 9))

    assert come_back(story, day(3, 10), stay=THIRD if case == "another stay" else NEXT) == []
    assert not any(isinstance(event, ContinuationAnnulled) for event in story.events)


def test_told_twice_she_comes_back_once_and_may_go_on_again() -> None:
    story = only("treatment")
    story.admit(day(3, 2))
    go_on(story, day(3, 9))
    come_back(story, day(3, 10))
    told = len(story.events)

    come_back(story, day(3, 10))
    assert len(story.events) == told

    assert go_on(story, day(3, 12), stay=THIRD) == [("ObligationCancelled", "treatment")]


def test_what_was_told_since_is_not_told_again_to_what_the_shelter_owes() -> None:
    review = rule("review", [fact("StayPlanAgreed"), fact("PlanReviewed")], due={"months": 3}, met_by=[fact("PlanReviewed")])
    story = Story(rulebook(review))
    story.admit(day(3, 2))
    story.fact("StayPlanAgreed", day(3, 3))
    go_on(story, day(3, 9))
    story.fact("PlanReviewed", day(3, 10))

    assert come_back(story, day(3, 11)) == []
    assert [o.status for o in story.state.obligations.values()] == ["met", "open"]


def test_a_complaint_keeps_its_right_to_the_municipalitys_answer_when_she_goes_elsewhere() -> None:
    filed = [fact("ComplaintFiled", complaint_about=["discharge"])]
    answered = [fact("ComplaintAnswered", final=True)]
    story = Story(rulebook(rule("answer", filed, per="complaint", owed_by="home-municipality", due={"weeks": 4}, met_by=answered)))
    story.admit(day(3, 2))
    story.fact("ComplaintFiled", day(3, 3), reference=COMPLAINT, attributes={"complaint_about": "discharge"})

    assert go_on(story, day(3, 9)) == []
    assert story.one("answer").status == "open"


SUPPORT_PLAN = rule(
    "support-plan", [fact("WomanAdmitted")], owed_by="home-municipality", due={"months": 1}, met_by=[fact("ActionPlanMade")]
)


@pytest.mark.parametrize(("admitted", "status"), [(day(3, 6), "cancelled"), (day(3, 5), "cancelled"), (day(3, 4), "missed")])
def test_a_corrected_admission_shows_what_was_over_before_she_went_and_leaves_the_rest_to_the_next_stay(
    admitted: date, status: str
) -> None:
    story = Story(rulebook(SUPPORT_PLAN))
    story.admit(day(3, 20))
    go_on(story, day(4, 5))
    story.fact("AdmissionCorrected", day(4, 6), until=admitted)

    assert story.one("support-plan").status == status


@pytest.mark.parametrize(("admitted", "status"), [(day(3, 11), "open"), (day(3, 10), "open"), (day(3, 9), "missed")])
def test_back_here_it_is_owed_by_the_corrected_day_of_admission(admitted: date, status: str) -> None:
    story = Story(rulebook(SUPPORT_PLAN))
    story.admit(day(3, 20))
    go_on(story, day(4, 5))
    story.fact("AdmissionCorrected", day(4, 6), until=admitted)
    come_back(story, day(4, 10))

    assert story.one("support-plan").status == status


def test_what_was_told_since_she_first_went_counts_when_the_stay_that_took_the_place_of_the_next_is_annulled() -> None:
    story = only("treatment")
    story.admit(day(3, 2))
    go_on(story, day(3, 9))
    story.held(120, day(3, 8))
    go_on(story, day(3, 9), stay=THIRD)

    assert come_back(story, day(3, 10)) == []
    assert come_back(story, day(3, 10), stay=THIRD) == [("ObligationReopened", "treatment"), ("ObligationMet", "treatment")]


def test_what_the_shelter_had_done_meanwhile_is_not_owed_once_more() -> None:
    story = Story(rulebook(rule("talk", [fact("NeedsClarified")], met_by=[fact("AftercareOffered")])))
    story.admit(day(3, 2))
    story.fact("NeedsClarified", day(3, 3))
    go_on(story, day(3, 9))
    story.fact("NeedsClarified", day(3, 10))
    story.fact("AftercareOffered", day(3, 11))

    assert come_back(story, day(3, 12)) == []
    assert story.one("talk").status == "met"


@pytest.mark.parametrize("closing", ["met_by", "missed_by", "cancelled_by"])
def test_what_was_told_before_the_shelter_owed_it_does_not_close_it_when_she_comes_back(closing: str) -> None:
    """Its rule does not look back, neither when it was told nor now."""
    conditions = {"met_by": [fact("AftercareOffered")], closing: [fact("NeedsClarified")]}
    story = Story(rulebook(rule("talk", [fact("RiskAssessed")], **conditions)))
    story.admit(day(3, 2))
    go_on(story, day(3, 9))
    story.fact("NeedsClarified", day(3, 10))
    story.fact("RiskAssessed", day(3, 11))

    assert come_back(story, day(3, 12)) == []
    assert story.one("talk").status == "open"


def test_the_shelters_due_day_does_not_go_back_through_earlier_corrections_when_she_comes_back() -> None:
    story = only("notice")
    story.admit(day(3, 4))
    go_on(story, day(3, 5))
    story.fact("AdmissionCorrected", day(3, 5), until=day(3, 2))
    story.fact("AdmissionCorrected", day(3, 5), until=day(3, 3))

    assert come_back(story, day(3, 6)) == []
    assert (story.one("notice").due, story.one("notice").status) == (day(3, 6), "open")


def test_what_she_had_declined_before_she_went_is_not_owed_again_when_she_comes_back() -> None:
    story = only("treatment")
    story.admit(day(3, 2))
    assert story.fact("TreatmentDeclined", day(3, 3), person_id=WOMAN) == [("cancelled", "treatment")]
    go_on(story, day(3, 9))

    assert come_back(story, day(3, 10)) == []


def test_what_the_shelter_owed_no_more_since_is_not_owed_again_when_she_comes_back() -> None:
    story = only("review")
    story.admit(day(3, 2))
    story.fact("StayPlanAgreed", day(3, 3))
    go_on(story, day(3, 9))
    assert story.fact("WomanMovedOut", day(3, 9), attributes={"stay_days": 7}) == [("cancelled", "review")]

    assert come_back(story, day(3, 10)) == []


def test_what_was_missed_before_she_seemed_to_go_to_another_shelter_is_missed_again_when_she_did_not() -> None:
    """The plan of 5 March was told first, then that she had left on the 4th."""
    story = only("advice")
    story.admit(day(3, 2))
    story.fact("MunicipalityNotified", day(3, 3), attributes={"notice": "admission"})
    assert story.fact("MoveOutPlanned", day(3, 5)) == [("missed", "advice", day(3, 5))]
    go_on(story, day(3, 4), day(3, 6))
    assert story.one("advice").status == "cancelled"

    assert come_back(story, day(3, 7)) == [("ObligationReopened", "advice"), ("ObligationMissed", "advice")]
    assert story.one("advice").missed_on == day(3, 5)


def test_what_was_met_late_before_she_seemed_to_go_to_another_shelter_is_met_late_again_when_she_did_not() -> None:
    """The answer of 5 June was told first, then that she had left on the 1st."""
    story = Story(rulebook(ACTION_PLAN))
    story.admit(day(3, 2))
    story.fact("ActionPlanRequested", day(3, 3))
    assert story.fact("ActionPlanMade", day(6, 5)) == [("missed", "action-plan", day(6, 4)), ("late", "action-plan", day(6, 5))]
    go_on(story, day(6, 1), day(6, 6))
    assert story.one("action-plan").status == "cancelled"

    come_back(story, day(6, 7))

    assert (story.one("action-plan").status, story.one("action-plan").closed_on) == ("met-late", day(6, 5))


def test_a_round_that_ended_late_before_she_seemed_to_go_to_another_shelter_ends_late_again_when_she_did_not() -> None:
    review = rule(
        "plan-review",
        [fact("ActionPlanMade"), fact("PlanReviewed")],
        owed_by="acting-municipality",
        due={"months": 3},
        met_by=[fact("PlanReviewed")],
    )
    story = Story(rulebook(review))
    story.admit(day(3, 2))
    story.fact("ActionPlanMade", day(3, 3))
    story.fact("PlanReviewed", day(6, 5))
    go_on(story, day(6, 1), day(6, 6))
    assert [o.status for o in story.state.obligations.values()] == ["cancelled", "cancelled"]

    come_back(story, day(6, 7))

    assert [(o.status, o.closed_on) for o in story.state.obligations.values()] == [("met-late", day(6, 5)), ("open", None)]

"""What may be reported about a stay."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from uuid import UUID

import pytest

from havn_chassis.decider import Refused
from havn_chassis.testing import given
from havn_events.codes import GoalsOccasion, OutweighingReason, StayEnd
from havn_events.event import Event
from havn_events.intake import (
    ActionPlanMade,
    ActionPlanRequested,
    AdmissionCorrected,
    AnonymityLifted,
    AnonymityOutweighed,
    ChildArrived,
    ChildMovedOut,
    ContactPersonAssigned,
    GoalsMeasured,
    HomeMunicipalityChanged,
    MoveOutCancelled,
    MoveOutCorrected,
    MoveOutPlanned,
    MoveOutRescheduled,
    NeedsClarified,
    PaymentReliefRequested,
    PlanReviewed,
    RiskAssessed,
    StayAnnulled,
    StayPlanAgreed,
    WomanAdmitted,
    WomanMovedOut,
)
from intake.domain.stay.commands import (
    AdmitWoman,
    AgreeStayPlan,
    AnnulStay,
    AssessRisk,
    AssignContactPerson,
    CancelMoveOut,
    ChangeHomeMunicipality,
    ClarifyNeeds,
    CorrectAdmission,
    CorrectMoveOut,
    LiftAnonymity,
    MakeActionPlan,
    MeasureGoals,
    MoveChildOut,
    MoveOut,
    OutweighAnonymity,
    PlanMoveOut,
    ReceiveChild,
    Report,
    RequestActionPlan,
    RequestPaymentRelief,
    RescheduleMoveOut,
    ReviewPlan,
    Scores,
)
from intake.domain.stay.decider import STAY

STAY_ID, WOMAN, CHILD, SECOND_CHILD, NOBODY = (UUID(int=n) for n in range(1, 6))
SHELTER, OTHER_SHELTER, INQUIRY_ID = UUID(int=10), UUID(int=11), UUID(int=12)


def may(day: int) -> date:
    return date(2025, 5, day)


ADMISSION_DAY, MOVE_OUT_DAY = may(6), may(26)

ADMIT = AdmitWoman(
    stay_id=STAY_ID,
    person_id=WOMAN,
    shelter_id=SHELTER,
    occurred_on=ADMISSION_DAY,
    standard="odense",
    home_municipality="0461",
    shelter_municipality="0461",
    anonymous=False,
    identified=True,
    inquiry_id=None,
    inquiry_known=False,
    transferred_from=None,
)
ADMITTED = WomanAdmitted(
    occurred_on=ADMISSION_DAY,
    stay_id=STAY_ID,
    person_id=WOMAN,
    shelter_id=SHELTER,
    standard="odense",
    home_municipality="0461",
    own_municipality=True,
    shelter_municipality="0461",
    anonymous=False,
    named_to_home_municipality=True,
)
ANONYMOUS = ADMITTED.model_copy(update={"anonymous": True, "named_to_home_municipality": False})
MOVED_OUT = WomanMovedOut(occurred_on=MOVE_OUT_DAY, stay_id=STAY_ID, destination="family", planned=False, stay_days=20)
ANNULLED = StayAnnulled(occurred_on=may(7), stay_id=STAY_ID, reason="duplicate")


SCORES = Scores(network=0, communities=1, health=2, economy=3, housing=4, job_or_education=2)


def measured(occasion: GoalsOccasion, on: date, scores: Scores = SCORES, again: bool = False) -> GoalsMeasured:
    return GoalsMeasured(occurred_on=on, stay_id=STAY_ID, occasion=occasion, **asdict(scores), again=again)


def measure(occasion: GoalsOccasion, on: date, scores: Scores = SCORES) -> MeasureGoals:
    return MeasureGoals(SHELTER, on, occasion, scores)


def outweighed(reason: OutweighingReason, on: date) -> AnonymityOutweighed:
    return AnonymityOutweighed(occurred_on=on, stay_id=STAY_ID, reason=reason)


def arrived(on: date, child: UUID = CHILD, birth_month: str = "2019-03") -> ChildArrived:
    return ChildArrived(occurred_on=on, stay_id=STAY_ID, person_id=child, birth_month=birth_month, arrival="later")


def child_left(on: date) -> ChildMovedOut:
    return ChildMovedOut(occurred_on=on, stay_id=STAY_ID, person_id=CHILD, destination="family")


def planned(on: date, planned_for: date = may(20)) -> MoveOutPlanned:
    return MoveOutPlanned(occurred_on=on, stay_id=STAY_ID, planned_for=planned_for)


def receive_child(on: date, birth_month: str = "2019-03", child: UUID = CHILD) -> ReceiveChild:
    return ReceiveChild(SHELTER, on, child, birth_month, "later", identified=False)


def every_report(on: date) -> list[Report]:
    return [
        CorrectAdmission(SHELTER, on, ADMISSION_DAY),
        AnnulStay(SHELTER, on, "duplicate"),
        receive_child(on),
        MoveChildOut(SHELTER, on, CHILD, "family"),
        AssignContactPerson(SHELTER, on, WOMAN, "primary", "pedagogue"),
        AssessRisk(SHELTER, on, "high"),
        ClarifyNeeds(SHELTER, on),
        AgreeStayPlan(SHELTER, on),
        RequestActionPlan(SHELTER, on),
        MakeActionPlan(SHELTER, on),
        ReviewPlan(SHELTER, on, "stay-plan"),
        ChangeHomeMunicipality(SHELTER, on, "0751"),
        LiftAnonymity(SHELTER, on),
        OutweighAnonymity(SHELTER, on, "unborn-child"),
        MeasureGoals(SHELTER, on, "midway", SCORES),
        PlanMoveOut(SHELTER, on, on),
        RescheduleMoveOut(SHELTER, on, on),
        CancelMoveOut(SHELTER, on),
        MoveOut(SHELTER, on, "family"),
        CorrectMoveOut(SHELTER, on, on),
    ]


def kind_of(report: Report) -> str:
    return type(report).__name__


# The admission


def test_she_is_admitted() -> None:
    given(STAY).when(ADMIT).then([ADMITTED])


def test_she_is_admitted_anonymously() -> None:
    given(STAY).when(replace(ADMIT, anonymous=True, identified=False)).then([ANONYMOUS])


def test_an_anonymous_admission_carries_no_identity() -> None:
    given(STAY).when(replace(ADMIT, anonymous=True)).refused("anonymous-means-no-identity")


NAMED_TO_HER_MUNICIPALITY = ANONYMOUS.model_copy(update={"named_to_home_municipality": True})


@pytest.mark.parametrize("identified", [True, False])
def test_where_she_cannot_be_anonymous_to_her_home_municipality_it_alone_learns_who_she_is(identified: bool) -> None:
    admit = replace(ADMIT, identified=identified, may_be_anonymous_to_home_municipality=False)
    agreed = replace(admit, anonymous=True, anonymous_to_home_municipality=False)
    given(STAY).when(agreed).then([NAMED_TO_HER_MUNICIPALITY])
    given(STAY).when(admit).then([ADMITTED])


@pytest.mark.parametrize("identified", [True, False])
def test_there_nobody_is_named_to_it_who_was_not_asked(identified: bool) -> None:
    admit = replace(ADMIT, anonymous=True, identified=identified, may_be_anonymous_to_home_municipality=False)
    outcome = given(STAY).when(admit)
    outcome.refused("home-municipality-not-answered")
    assert isinstance(outcome.refusal, Refused)
    assert (outcome.refusal.kind, outcome.refusal.field) == ("invalid", "anonymous_to_home_municipality")


def test_there_she_cannot_be_anonymous_to_it() -> None:
    admit = replace(ADMIT, anonymous=True, identified=False, anonymous_to_home_municipality=True)
    given(STAY).when(admit).then([ANONYMOUS])
    given(STAY).when(replace(admit, may_be_anonymous_to_home_municipality=False)).refused("home-municipality-learns-who-she-is")


def test_elsewhere_an_anonymous_woman_may_let_her_home_municipality_know() -> None:
    admit = replace(ADMIT, anonymous=True, anonymous_to_home_municipality=False)
    given(STAY).when(admit).then([NAMED_TO_HER_MUNICIPALITY])


def test_only_an_anonymous_woman_is_anonymous_to_her_home_municipality() -> None:
    given(STAY).when(replace(ADMIT, anonymous_to_home_municipality=True)).refused("identified-is-not-anonymous")


@pytest.mark.parametrize(("shelter_municipality", "own"), [("0461", True), ("0751", False), (None, False)])
def test_the_shelters_municipality_decides_whose_citizen_she_is(shelter_municipality: str | None, own: bool) -> None:
    given(STAY).when(replace(ADMIT, shelter_municipality=shelter_municipality)).then(
        [ADMITTED.model_copy(update={"shelter_municipality": shelter_municipality, "own_municipality": own})]
    )


def test_an_admission_follows_an_inquiry_of_the_shelter() -> None:
    given(STAY).when(replace(ADMIT, inquiry_id=INQUIRY_ID, inquiry_known=True)).then(
        [ADMITTED.model_copy(update={"inquiry_id": INQUIRY_ID})]
    )
    given(STAY).when(replace(ADMIT, inquiry_id=INQUIRY_ID)).refused("unknown-inquiry")


def test_a_stay_continues_another_one() -> None:
    given(STAY).when(replace(ADMIT, transferred_from=NOBODY)).then([ADMITTED.model_copy(update={"transferred_from": NOBODY})])
    given(STAY).when(replace(ADMIT, transferred_from=STAY_ID)).refused("transferred-from-itself")


@pytest.mark.parametrize("past", [[ADMITTED], [ADMITTED, MOVED_OUT], [ADMITTED, ANNULLED]])
def test_a_second_admission_of_the_same_stay_is_refused(past: Sequence[Event]) -> None:
    given(STAY, past).when(ADMIT).refused("already-admitted")


# Whose stay, and whether there is one


@pytest.mark.parametrize("report", every_report(may(8)), ids=kind_of)
def test_nothing_is_reported_about_an_unknown_stay(report: Report) -> None:
    outcome = given(STAY).when(report)
    outcome.refused("unknown-stay")
    assert isinstance(outcome.refusal, Refused)
    assert outcome.refusal.kind == "absent"


@pytest.mark.parametrize("report", every_report(may(8)), ids=kind_of)
@pytest.mark.parametrize("past", [[ADMITTED], [ADMITTED, ANNULLED]], ids=["open", "annulled"])
def test_another_shelters_stay_looks_unknown(report: Report, past: Sequence[Event]) -> None:
    foreign = replace(report, shelter_id=OTHER_SHELTER)
    unknown, other = given(STAY).when(foreign).refusal, given(STAY, past).when(foreign).refusal
    assert isinstance(unknown, Refused)
    assert isinstance(other, Refused)
    assert (unknown.rule, unknown.detail, unknown.field, unknown.kind) == (
        other.rule,
        other.detail,
        other.field,
        other.kind,
    )


@pytest.mark.parametrize("report", every_report(may(8)), ids=kind_of)
def test_nothing_is_reported_about_an_annulled_stay(report: Report) -> None:
    given(STAY, [ADMITTED, ANNULLED]).when(report).refused("stay-annulled")


@pytest.mark.parametrize("report", every_report(may(5)), ids=kind_of)
def test_nothing_happens_before_the_admission(report: Report) -> None:
    given(STAY, [ADMITTED]).when(report).refused("before-admission")


@pytest.mark.parametrize("on", [ADMISSION_DAY, may(7)])
def test_what_happens_from_the_day_of_admission_on_is_recorded(on: date) -> None:
    given(STAY, [ADMITTED]).when(ClarifyNeeds(SHELTER, on)).then([NeedsClarified(occurred_on=on, stay_id=STAY_ID)])


# Corrections and annulment


@pytest.mark.parametrize("admitted_on", [may(1), may(7), may(9)])
def test_the_day_of_admission_is_corrected(admitted_on: date) -> None:
    given(STAY, [ADMITTED]).when(CorrectAdmission(SHELTER, may(9), admitted_on)).then(
        [AdmissionCorrected(occurred_on=may(9), stay_id=STAY_ID, admitted_on=admitted_on)]
    )


def test_a_correction_to_the_same_day_is_refused() -> None:
    given(STAY, [ADMITTED]).when(CorrectAdmission(SHELTER, may(9), ADMISSION_DAY)).refused("admission-unchanged")


def test_a_correction_to_a_day_after_itself_is_refused() -> None:
    given(STAY, [ADMITTED]).when(CorrectAdmission(SHELTER, may(9), may(10))).refused("admitted-after-the-correction")


def test_the_admission_is_not_moved_past_a_childs_arrival() -> None:
    past = [ADMITTED, arrived(may(8)), arrived(may(20), SECOND_CHILD)]
    given(STAY, past).when(CorrectAdmission(SHELTER, may(25), may(9))).refused("admitted-after-a-child")
    given(STAY, past).when(CorrectAdmission(SHELTER, may(25), may(8))).then(
        [AdmissionCorrected(occurred_on=may(25), stay_id=STAY_ID, admitted_on=may(8))]
    )


def test_the_admission_is_not_moved_past_the_move_out() -> None:
    given(STAY, [ADMITTED, MOVED_OUT]).when(CorrectAdmission(SHELTER, may(30), may(27))).refused("admitted-after-move-out")
    given(STAY, [ADMITTED, MOVED_OUT]).when(CorrectAdmission(SHELTER, may(30), may(26))).then(
        [AdmissionCorrected(occurred_on=may(30), stay_id=STAY_ID, admitted_on=may(26))]
    )


def test_after_a_correction_the_right_day_counts() -> None:
    earlier = AdmissionCorrected(occurred_on=may(8), stay_id=STAY_ID, admitted_on=may(2))
    given(STAY, [ADMITTED, earlier]).when(ChangeHomeMunicipality(SHELTER, may(3), "0751")).then(
        [HomeMunicipalityChanged(occurred_on=may(3), stay_id=STAY_ID, home_municipality="0751")]
    )
    given(STAY, [ADMITTED, earlier]).when(MoveOut(SHELTER, may(10), "family")).then(
        [WomanMovedOut(occurred_on=may(10), stay_id=STAY_ID, destination="family", planned=False, stay_days=8)]
    )


def move_out_corrected(to: date, days: int) -> MoveOutCorrected:
    return MoveOutCorrected(occurred_on=may(30), stay_id=STAY_ID, moved_out_on=to, stay_days=days)


@pytest.mark.parametrize(("to", "days"), [(ADMISSION_DAY, 0), (may(25), 19), (may(27), 21), (may(30), 24)])
def test_the_day_of_the_move_out_is_corrected_and_with_it_the_length_of_the_stay(to: date, days: int) -> None:
    given(STAY, [ADMITTED, MOVED_OUT]).when(CorrectMoveOut(SHELTER, may(30), to)).then([move_out_corrected(to, days)])


@pytest.mark.parametrize(
    ("to", "code"),
    [
        (may(5), "moved-out-before-admission"),
        (MOVE_OUT_DAY, "move-out-unchanged"),
        (may(31), "moved-out-after-the-correction"),
    ],
)
def test_a_move_out_is_not_corrected_to_a_day_on_which_it_cannot_have_been(to: date, code: str) -> None:
    given(STAY, [ADMITTED, MOVED_OUT]).when(CorrectMoveOut(SHELTER, may(30), to)).refused(code)


def test_a_move_out_that_was_not_reported_is_not_corrected() -> None:
    given(STAY, [ADMITTED]).when(CorrectMoveOut(SHELTER, may(30), may(25))).refused("no-move-out")
    given(STAY, [ADMITTED, MOVED_OUT, ANNULLED]).when(CorrectMoveOut(SHELTER, may(30), may(25))).refused("stay-annulled")
    given(STAY, [ADMITTED, MOVED_OUT]).when(CorrectMoveOut(OTHER_SHELTER, may(30), may(25))).refused("unknown-stay")


def test_the_move_out_is_not_moved_before_a_childs_arrival() -> None:
    past = [ADMITTED, arrived(may(20)), arrived(may(8), SECOND_CHILD), MOVED_OUT]
    given(STAY, past).when(CorrectMoveOut(SHELTER, may(30), may(19))).refused("move-out-before-a-child")
    given(STAY, past).when(CorrectMoveOut(SHELTER, may(30), may(20))).then([move_out_corrected(may(20), 14)])


@pytest.mark.parametrize(
    "within",
    [
        ContactPersonAssigned(occurred_on=may(20), stay_id=STAY_ID, person_id=WOMAN, role="primary", profession="pedagogue"),
        NeedsClarified(occurred_on=may(20), stay_id=STAY_ID),
        StayPlanAgreed(occurred_on=may(20), stay_id=STAY_ID),
        PlanReviewed(occurred_on=may(20), stay_id=STAY_ID, plan="stay-plan"),
        ActionPlanRequested(occurred_on=may(20), stay_id=STAY_ID),
        measured("midway", may(20)),
        MoveOutPlanned(occurred_on=may(20), stay_id=STAY_ID, planned_for=may(26)),
        MoveOutRescheduled(occurred_on=may(20), stay_id=STAY_ID, planned_for=may(26)),
        MoveOutCancelled(occurred_on=may(20), stay_id=STAY_ID),
    ],
)
def test_the_move_out_is_not_moved_before_what_happens_only_during_a_stay(within: Event) -> None:
    for past in ([ADMITTED, within, MOVED_OUT], [ADMITTED, MOVED_OUT, within]):
        earlier = NeedsClarified(occurred_on=may(10), stay_id=STAY_ID)
        given(STAY, [*past, earlier]).when(CorrectMoveOut(SHELTER, may(30), may(19))).refused("move-out-before-what-happened")
        given(STAY, [*past, earlier]).when(CorrectMoveOut(SHELTER, may(30), may(20))).then([move_out_corrected(may(20), 14)])


@pytest.mark.parametrize(
    "after",
    [
        child_left(may(28)),
        measured("move-out", may(28)),
        RiskAssessed(occurred_on=may(28), stay_id=STAY_ID, person_id=WOMAN, level="high"),
        PlanReviewed(occurred_on=may(28), stay_id=STAY_ID, plan="action-plan"),
        HomeMunicipalityChanged(occurred_on=may(28), stay_id=STAY_ID, home_municipality="0751"),
    ],
)
def test_what_can_happen_after_a_stay_does_not_hold_its_end_back(after: Event) -> None:
    past = [ADMITTED, arrived(may(8)), MOVED_OUT, after]
    given(STAY, past).when(CorrectMoveOut(SHELTER, may(30), may(25))).then([move_out_corrected(may(25), 19)])


def test_a_move_out_recorded_before_what_happened_during_the_stay_is_moved_towards_it() -> None:
    planned_later = StayPlanAgreed(occurred_on=may(28), stay_id=STAY_ID)
    past = [ADMITTED, planned_later, MOVED_OUT]
    given(STAY, past).when(CorrectMoveOut(SHELTER, may(30), may(27))).then([move_out_corrected(may(27), 21)])
    given(STAY, past).when(CorrectMoveOut(SHELTER, may(30), may(25))).refused("move-out-before-what-happened")


def test_after_a_corrected_move_out_the_right_day_counts() -> None:
    past = [ADMITTED, MOVED_OUT, move_out_corrected(may(28), 22)]
    given(STAY, past).when(ClarifyNeeds(SHELTER, may(29))).refused("after-move-out")
    given(STAY, past).when(ClarifyNeeds(SHELTER, may(28))).then([NeedsClarified(occurred_on=may(28), stay_id=STAY_ID)])
    given(STAY, past).when(MoveOut(SHELTER, may(29), "family")).refused("already-moved-out")
    given(STAY, past).when(CorrectAdmission(SHELTER, may(30), may(29))).refused("admitted-after-move-out")
    given(STAY, past).when(CorrectMoveOut(SHELTER, may(30), MOVE_OUT_DAY)).then([move_out_corrected(MOVE_OUT_DAY, 20)])


def test_the_length_is_counted_from_the_corrected_admission() -> None:
    admission = AdmissionCorrected(occurred_on=may(30), stay_id=STAY_ID, admitted_on=may(2))
    given(STAY, [ADMITTED, MOVED_OUT, admission]).when(CorrectMoveOut(SHELTER, may(30), may(27))).then(
        [move_out_corrected(may(27), 25)]
    )


@pytest.mark.parametrize("past", [[ADMITTED], [ADMITTED, MOVED_OUT]])
def test_a_stay_is_annulled(past: Sequence[Event]) -> None:
    given(STAY, past).when(AnnulStay(SHELTER, may(7), "duplicate")).then([ANNULLED])


# Children


@pytest.mark.parametrize("on", [ADMISSION_DAY, may(20)])
def test_a_child_arrives(on: date) -> None:
    given(STAY, [ADMITTED]).when(receive_child(on)).then([arrived(on)])


def test_the_same_child_twice_is_refused() -> None:
    given(STAY, [ADMITTED, arrived(may(8))]).when(receive_child(may(9))).refused("child-already-arrived")
    given(STAY, [ADMITTED, arrived(may(8)), child_left(may(9))]).when(receive_child(may(9))).refused("child-already-arrived")


def test_a_second_child_arrives() -> None:
    given(STAY, [ADMITTED, arrived(may(8))]).when(receive_child(may(9), child=SECOND_CHILD)).then([arrived(may(9), SECOND_CHILD)])


def test_the_woman_is_no_child_of_her_own_stay() -> None:
    given(STAY, [ADMITTED]).when(receive_child(may(8), child=WOMAN)).refused("woman-is-no-child")


@pytest.mark.parametrize("birth_month", ["2025-05", "2007-06", "2007-05"])
def test_a_child_from_new_born_to_17_arrives(birth_month: str) -> None:
    given(STAY, [ADMITTED]).when(receive_child(may(8), birth_month)).then([arrived(may(8), birth_month=birth_month)])


@pytest.mark.parametrize("birth_month", ["2007-04", "2006-12"])
def test_an_adult_is_no_child(birth_month: str) -> None:
    given(STAY, [ADMITTED]).when(receive_child(may(8), birth_month)).refused("not-a-child")


@pytest.mark.parametrize("birth_month", ["2025-06", "2026-01"])
def test_a_child_born_after_its_arrival_is_refused(birth_month: str) -> None:
    given(STAY, [ADMITTED]).when(receive_child(may(8), birth_month)).refused("born-after-arrival")


def test_a_child_born_during_the_stay_is_not_born_before_it() -> None:
    born = replace(receive_child(may(20), "2025-05"), arrival="born-during-stay")
    given(STAY, [ADMITTED]).when(born).then(
        [arrived(may(20), birth_month="2025-05").model_copy(update={"arrival": "born-during-stay"})]
    )
    given(STAY, [ADMITTED]).when(replace(born, birth_month="2025-04")).refused("born-before-the-stay")


def test_an_anonymous_womans_child_is_not_identified() -> None:
    named = replace(receive_child(may(8)), identified=True)
    given(STAY, [ANONYMOUS]).when(named).refused("anonymous-means-no-child-identity")
    given(STAY, [ANONYMOUS]).when(receive_child(may(8))).then([arrived(may(8))])
    given(STAY, [ANONYMOUS, AnonymityLifted(occurred_on=may(7), stay_id=STAY_ID)]).when(named).then([arrived(may(8))])


@pytest.mark.parametrize("on", [may(8), may(9), may(30)])
def test_a_child_leaves_on_a_day_of_its_own(on: date) -> None:
    given(STAY, [ADMITTED, arrived(may(8)), MOVED_OUT]).when(MoveChildOut(SHELTER, on, CHILD, "family")).then([child_left(on)])


def test_a_child_does_not_leave_before_it_arrives() -> None:
    given(STAY, [ADMITTED, arrived(may(8))]).when(MoveChildOut(SHELTER, may(7), CHILD, "family")).refused("before-child-arrival")


def test_a_child_leaves_once() -> None:
    given(STAY, [ADMITTED, arrived(may(8)), child_left(may(9))]).when(MoveChildOut(SHELTER, may(10), CHILD, "family")).refused(
        "child-already-left"
    )


@pytest.mark.parametrize(
    "command",
    [
        MoveChildOut(SHELTER, may(8), NOBODY, "family"),
        MoveChildOut(SHELTER, may(8), WOMAN, "family"),
        AssignContactPerson(SHELTER, may(8), NOBODY, "primary", "pedagogue"),
    ],
)
def test_nothing_is_reported_about_an_unknown_person(command: Report) -> None:
    given(STAY, [ADMITTED, arrived(may(7))]).when(command).refused("unknown-person")


# Contact persons, risk, needs


def contact(on: date, person: UUID) -> ContactPersonAssigned:
    return ContactPersonAssigned(occurred_on=on, stay_id=STAY_ID, person_id=person, role="primary", profession="social-worker")


@pytest.mark.parametrize("person", [WOMAN, CHILD])
def test_a_contact_person_is_assigned(person: UUID) -> None:
    given(STAY, [ADMITTED, arrived(may(8))]).when(AssignContactPerson(SHELTER, may(8), person, "primary", "social-worker")).then(
        [contact(may(8), person)]
    )


def test_a_child_has_no_contact_person_before_it_arrives() -> None:
    given(STAY, [ADMITTED, arrived(may(8))]).when(AssignContactPerson(SHELTER, may(7), CHILD, "primary", "social-worker")).refused(
        "before-child-arrival"
    )


def test_a_child_has_a_contact_person_until_the_day_it_leaves() -> None:
    past = [ADMITTED, arrived(may(8)), child_left(may(10))]
    given(STAY, past).when(AssignContactPerson(SHELTER, may(10), CHILD, "primary", "social-worker")).then([contact(may(10), CHILD)])
    given(STAY, past).when(AssignContactPerson(SHELTER, may(11), CHILD, "primary", "social-worker")).refused("after-child-left")


@pytest.mark.parametrize("past", [[ADMITTED], [ADMITTED, MOVED_OUT]])
def test_her_risk_is_assessed_during_and_after_the_stay(past: Sequence[Event]) -> None:
    given(STAY, past).when(AssessRisk(SHELTER, may(28), "high")).then(
        [RiskAssessed(occurred_on=may(28), stay_id=STAY_ID, person_id=WOMAN, level="high")]
    )


@pytest.mark.parametrize("on", [may(8), may(28)])
def test_a_childs_risk_is_assessed_from_its_arrival_on(on: date) -> None:
    past = [ADMITTED, arrived(may(8)), child_left(may(10))]
    given(STAY, past).when(AssessRisk(SHELTER, on, "low", CHILD)).then(
        [RiskAssessed(occurred_on=on, stay_id=STAY_ID, person_id=CHILD, level="low")]
    )


def test_no_childs_risk_is_assessed_before_it_came() -> None:
    given(STAY, [ADMITTED]).when(AssessRisk(SHELTER, may(8), "low", CHILD)).refused("unknown-person")
    given(STAY, [ADMITTED, arrived(may(8))]).when(AssessRisk(SHELTER, may(7), "low", CHILD)).refused("before-child-arrival")


def test_her_needs_are_clarified_once() -> None:
    given(STAY, [ADMITTED, NeedsClarified(occurred_on=may(8), stay_id=STAY_ID)]).when(ClarifyNeeds(SHELTER, may(9))).refused(
        "needs-already-clarified"
    )


# Plans

STAY_PLAN = StayPlanAgreed(occurred_on=may(10), stay_id=STAY_ID)
WANTED = ActionPlanRequested(occurred_on=may(10), stay_id=STAY_ID)
ACTION_PLAN = ActionPlanMade(occurred_on=may(12), stay_id=STAY_ID)


def test_the_stay_plan_is_agreed_once() -> None:
    given(STAY, [ADMITTED]).when(AgreeStayPlan(SHELTER, may(10))).then([STAY_PLAN])
    given(STAY, [ADMITTED, STAY_PLAN]).when(AgreeStayPlan(SHELTER, may(11))).refused("stay-plan-already-agreed")


def test_an_action_plan_is_requested_once() -> None:
    given(STAY, [ADMITTED]).when(RequestActionPlan(SHELTER, may(10))).then([WANTED])
    given(STAY, [ADMITTED, WANTED]).when(RequestActionPlan(SHELTER, may(11))).refused("action-plan-already-requested")


def test_she_applies_for_relief_of_her_payment_once_a_day_and_after_the_stay_too() -> None:
    applied = PaymentReliefRequested(occurred_on=may(10), stay_id=STAY_ID)
    given(STAY, [ADMITTED]).when(RequestPaymentRelief(SHELTER, may(10))).then([applied])
    given(STAY, [ADMITTED, applied]).when(RequestPaymentRelief(SHELTER, may(10))).refused("payment-relief-already-requested")
    for on in (may(9), may(11)):
        again = applied.model_copy(update={"occurred_on": on})
        given(STAY, [ADMITTED, applied]).when(RequestPaymentRelief(SHELTER, on)).then([again])


def test_an_action_plan_that_is_made_is_not_requested() -> None:
    given(STAY, [ADMITTED, ACTION_PLAN]).when(RequestActionPlan(SHELTER, may(13))).refused("action-plan-already-made")


@pytest.mark.parametrize("past", [[ADMITTED], [ADMITTED, WANTED], [ADMITTED, WANTED, MOVED_OUT]])
@pytest.mark.parametrize("on", [may(12), may(28)])
def test_the_municipality_makes_the_action_plan_during_or_after_the_stay(past: Sequence[Event], on: date) -> None:
    given(STAY, past).when(MakeActionPlan(SHELTER, on)).then([ActionPlanMade(occurred_on=on, stay_id=STAY_ID)])


def test_the_action_plan_is_made_once() -> None:
    given(STAY, [ADMITTED, ACTION_PLAN]).when(MakeActionPlan(SHELTER, may(13))).refused("action-plan-already-made")


def test_the_action_plan_is_not_made_before_she_asks() -> None:
    given(STAY, [ADMITTED, WANTED]).when(MakeActionPlan(SHELTER, may(9))).refused("before-the-request")
    given(STAY, [ADMITTED, WANTED]).when(MakeActionPlan(SHELTER, may(10))).then(
        [ActionPlanMade(occurred_on=may(10), stay_id=STAY_ID)]
    )


@pytest.mark.parametrize(
    ("plan", "made"),
    [("stay-plan", STAY_PLAN), ("action-plan", ACTION_PLAN.model_copy(update={"occurred_on": may(10)}))],
)
def test_a_plan_is_reviewed_from_the_day_it_is_made(plan: str, made: Event) -> None:
    command = ReviewPlan(SHELTER, may(10), "stay-plan" if plan == "stay-plan" else "action-plan")
    given(STAY, [ADMITTED, made]).when(command).then([PlanReviewed(occurred_on=may(10), stay_id=STAY_ID, plan=command.plan)])
    given(STAY, [ADMITTED, made]).when(replace(command, occurred_on=may(9))).refused("review-before-the-plan")


def test_a_plan_that_is_not_made_is_not_reviewed() -> None:
    given(STAY, [ADMITTED, ACTION_PLAN]).when(ReviewPlan(SHELTER, may(20), "stay-plan")).refused("no-plan-to-review")
    given(STAY, [ADMITTED, STAY_PLAN]).when(ReviewPlan(SHELTER, may(20), "action-plan")).refused("no-plan-to-review")


def test_the_action_plan_outlives_the_stay_and_the_stay_plan_does_not() -> None:
    past = [ADMITTED, STAY_PLAN, ACTION_PLAN, MOVED_OUT]
    given(STAY, past).when(ReviewPlan(SHELTER, may(27), "action-plan")).then(
        [PlanReviewed(occurred_on=may(27), stay_id=STAY_ID, plan="action-plan")]
    )
    given(STAY, past).when(ReviewPlan(SHELTER, may(27), "stay-plan")).refused("after-move-out")


# Home municipality and anonymity


def home(on: date, code: str) -> HomeMunicipalityChanged:
    return HomeMunicipalityChanged(occurred_on=on, stay_id=STAY_ID, home_municipality=code)


@pytest.mark.parametrize("past", [[ADMITTED], [ADMITTED, MOVED_OUT]])
def test_she_moves_her_home_during_and_after_the_stay(past: Sequence[Event]) -> None:
    given(STAY, past).when(ChangeHomeMunicipality(SHELTER, may(28), "0751")).then([home(may(28), "0751")])


def test_a_change_to_the_same_municipality_is_refused() -> None:
    given(STAY, [ADMITTED]).when(ChangeHomeMunicipality(SHELTER, may(8), "0461")).refused("home-municipality-unchanged")
    given(STAY, [ADMITTED, home(may(8), "0751")]).when(ChangeHomeMunicipality(SHELTER, may(9), "0751")).refused(
        "home-municipality-unchanged"
    )


def test_she_may_move_back() -> None:
    given(STAY, [ADMITTED, home(may(8), "0751")]).when(ChangeHomeMunicipality(SHELTER, may(8), "0461")).then([home(may(8), "0461")])


def test_changes_of_home_municipality_come_in_order() -> None:
    given(STAY, [ADMITTED, home(may(8), "0751")]).when(ChangeHomeMunicipality(SHELTER, may(7), "0101")).refused(
        "home-municipality-out-of-order"
    )


@pytest.mark.parametrize("past", [[ANONYMOUS], [ANONYMOUS, MOVED_OUT]])
def test_she_lifts_her_anonymity_during_and_after_the_stay(past: Sequence[Event]) -> None:
    given(STAY, past).when(LiftAnonymity(SHELTER, may(28))).then([AnonymityLifted(occurred_on=may(28), stay_id=STAY_ID)])


@pytest.mark.parametrize("past", [[ADMITTED], [ANONYMOUS, AnonymityLifted(occurred_on=may(8), stay_id=STAY_ID)]])
def test_there_is_anonymity_to_lift_only_once(past: Sequence[Event]) -> None:
    given(STAY, past).when(LiftAnonymity(SHELTER, may(9))).refused("not-anonymous")


# The move-out

CANCELLED = MoveOutCancelled(occurred_on=may(12), stay_id=STAY_ID)


@pytest.mark.parametrize("planned_for", [may(10), may(11)])
def test_a_move_out_is_planned_for_the_day_or_later(planned_for: date) -> None:
    given(STAY, [ADMITTED]).when(PlanMoveOut(SHELTER, may(10), planned_for)).then([planned(may(10), planned_for)])


def test_a_move_out_is_not_planned_for_the_past() -> None:
    given(STAY, [ADMITTED]).when(PlanMoveOut(SHELTER, may(10), may(9))).refused("planned-for-the-past")
    given(STAY, [ADMITTED, planned(may(8))]).when(RescheduleMoveOut(SHELTER, may(10), may(9))).refused("planned-for-the-past")


def test_one_move_out_is_planned_at_a_time() -> None:
    given(STAY, [ADMITTED, planned(may(10))]).when(PlanMoveOut(SHELTER, may(11), may(20))).refused("move-out-already-planned")
    given(STAY, [ADMITTED, planned(may(10)), CANCELLED]).when(PlanMoveOut(SHELTER, may(12), may(20))).then([planned(may(12))])


def test_a_planned_move_out_is_rescheduled() -> None:
    given(STAY, [ADMITTED, planned(may(10))]).when(RescheduleMoveOut(SHELTER, may(10), may(10))).then(
        [MoveOutRescheduled(occurred_on=may(10), stay_id=STAY_ID, planned_for=may(10))]
    )


def test_a_planned_move_out_is_cancelled() -> None:
    given(STAY, [ADMITTED, planned(may(10))]).when(CancelMoveOut(SHELTER, may(12))).then([CANCELLED])


@pytest.mark.parametrize("past", [[ADMITTED], [ADMITTED, planned(may(10)), CANCELLED]])
@pytest.mark.parametrize("command", [RescheduleMoveOut(SHELTER, may(13), may(14)), CancelMoveOut(SHELTER, may(13))])
def test_without_a_plan_there_is_none_to_change(past: Sequence[Event], command: Report) -> None:
    given(STAY, past).when(command).refused("no-move-out-planned")


@pytest.mark.parametrize(
    ("past", "command"),
    [
        ([planned(may(10))], RescheduleMoveOut(SHELTER, may(9), may(14))),
        ([planned(may(10))], CancelMoveOut(SHELTER, may(9))),
        ([planned(may(10)), CANCELLED], PlanMoveOut(SHELTER, may(11), may(14))),
        (
            [planned(may(10)), MoveOutRescheduled(occurred_on=may(14), stay_id=STAY_ID, planned_for=may(20))],
            CancelMoveOut(SHELTER, may(13)),
        ),
    ],
)
def test_changes_of_the_move_out_plan_come_in_order(past: list[Event], command: Report) -> None:
    given(STAY, [ADMITTED, *past]).when(command).refused("move-out-plans-out-of-order")


@pytest.mark.parametrize(("on", "days"), [(ADMISSION_DAY, 0), (may(7), 1), (may(26), 20)])
def test_she_moves_out_after_so_many_days(on: date, days: int) -> None:
    given(STAY, [ADMITTED]).when(MoveOut(SHELTER, on, "new-home")).then(
        [WomanMovedOut(occurred_on=on, stay_id=STAY_ID, destination="new-home", planned=False, stay_days=days)]
    )


@pytest.mark.parametrize(
    ("past", "is_planned"),
    [
        ([planned(may(25))], True),
        ([planned(may(26))], True),
        ([planned(may(27), may(28))], False),
        ([planned(may(10)), CANCELLED], False),
        ([planned(may(10)), MoveOutRescheduled(occurred_on=may(14), stay_id=STAY_ID, planned_for=may(30))], True),
    ],
)
def test_a_move_out_is_planned_when_a_plan_was_in_force_that_day(past: list[Event], is_planned: bool) -> None:
    given(STAY, [ADMITTED, *past]).when(MoveOut(SHELTER, MOVE_OUT_DAY, "family")).then(
        [MOVED_OUT.model_copy(update={"planned": is_planned})]
    )


def test_she_moves_out_once() -> None:
    given(STAY, [ADMITTED, MOVED_OUT]).when(MoveOut(SHELTER, may(27), "family")).refused("already-moved-out")


def test_she_does_not_move_out_before_a_child_arrived() -> None:
    past = [ADMITTED, arrived(may(8)), arrived(may(20), SECOND_CHILD)]
    given(STAY, past).when(MoveOut(SHELTER, may(19), "family")).refused("move-out-before-a-child")
    given(STAY, past).when(MoveOut(SHELTER, may(20), "family")).then(
        [WomanMovedOut(occurred_on=may(20), stay_id=STAY_ID, destination="family", planned=False, stay_days=14)]
    )


def during_the_stay(on: date) -> list[tuple[list[Event], Report]]:
    return [
        ([], receive_child(on)),
        ([], AssignContactPerson(SHELTER, on, WOMAN, "primary", "pedagogue")),
        ([], ClarifyNeeds(SHELTER, on)),
        ([], AgreeStayPlan(SHELTER, on)),
        ([], RequestActionPlan(SHELTER, on)),
        ([STAY_PLAN], ReviewPlan(SHELTER, on, "stay-plan")),
        ([], PlanMoveOut(SHELTER, on, may(30))),
        ([planned(may(8))], RescheduleMoveOut(SHELTER, on, may(30))),
        ([planned(may(8))], CancelMoveOut(SHELTER, on)),
    ]


@pytest.mark.parametrize(("past", "report"), during_the_stay(may(27)))
def test_what_belongs_to_the_stay_does_not_happen_after_it(past: list[Event], report: Report) -> None:
    given(STAY, [ADMITTED, *past, MOVED_OUT]).when(report).refused("after-move-out")


@pytest.mark.parametrize(("past", "report"), [*during_the_stay(may(25)), *during_the_stay(may(26))])
def test_what_happened_during_the_stay_may_be_recorded_after_it(past: list[Event], report: Report) -> None:
    outcome = given(STAY, [ADMITTED, *past, MOVED_OUT]).when(report)
    assert outcome.refusal is None
    assert outcome.events is not None
    assert [event.occurred_on for event in outcome.events] == [report.occurred_on]


# Her anonymity and a child's safety


@pytest.mark.parametrize("reason", ["child-needs-support", "child-exposed-to-violence", "unborn-child", "court-or-police"])
def test_a_childs_safety_outweighs_her_anonymity(reason: OutweighingReason) -> None:
    given(STAY, [ANONYMOUS]).when(OutweighAnonymity(SHELTER, may(7), reason)).then([outweighed(reason, may(7))])


def test_there_is_nothing_to_outweigh_where_she_is_not_anonymous() -> None:
    lifted = AnonymityLifted(occurred_on=may(7), stay_id=STAY_ID)
    for past in ([ADMITTED], [ANONYMOUS, lifted]):
        given(STAY, past).when(OutweighAnonymity(SHELTER, may(8), "unborn-child")).refused("not-anonymous")


def test_each_reason_is_recorded_once() -> None:
    past = [ANONYMOUS, outweighed("unborn-child", may(7))]
    given(STAY, past).when(OutweighAnonymity(SHELTER, may(8), "unborn-child")).refused("anonymity-already-outweighed")
    given(STAY, past).when(OutweighAnonymity(SHELTER, may(8), "court-or-police")).then([outweighed("court-or-police", may(8))])


def test_once_it_is_outweighed_a_childs_identity_may_be_recorded_and_she_may_still_lift_it() -> None:
    identified = replace(receive_child(may(8)), identified=True)
    given(STAY, [ANONYMOUS]).when(identified).refused("anonymous-means-no-child-identity")
    past = [ANONYMOUS, outweighed("child-needs-support", may(7))]
    given(STAY, past).when(identified).then([arrived(may(8))])
    given(STAY, past).when(LiftAnonymity(SHELTER, may(9))).then([AnonymityLifted(occurred_on=may(9), stay_id=STAY_ID)])


# Goals (Rambøll 2015)

BETTER = replace(SCORES, housing=0)


def test_goals_are_measured_on_each_occasion() -> None:
    past: list[Event] = [ADMITTED]
    for occasion, on in (("move-in", may(6)), ("midway", may(15)), ("move-out", may(26))):
        given(STAY, past).when(measure(occasion, on)).then([measured(occasion, on)])  # type: ignore[arg-type]
        past.append(measured(occasion, on))  # type: ignore[arg-type]


def test_measured_again_an_occasion_is_corrected_visibly() -> None:
    past = [ADMITTED, measured("move-in", may(6))]
    given(STAY, past).when(measure("move-in", may(6))).refused("goals-unchanged")
    given(STAY, past).when(measure("move-in", may(6), BETTER)).then([measured("move-in", may(6), BETTER, again=True)])
    given(STAY, past).when(measure("move-in", may(7))).then([measured("move-in", may(7), again=True)])


@pytest.mark.parametrize(
    ("past", "command"),
    [
        (measured("move-in", may(10)), measure("midway", may(9))),
        (measured("move-in", may(10)), measure("move-out", may(9))),
        (measured("midway", may(10)), measure("move-out", may(9))),
        (measured("midway", may(10)), measure("move-in", may(11))),
        (measured("move-out", may(10)), measure("midway", may(11))),
    ],
)
def test_no_occasion_lies_on_the_wrong_side_of_another(past: Event, command: MeasureGoals) -> None:
    given(STAY, [ADMITTED, past]).when(command).refused("goals-out-of-order")
    given(STAY, [ADMITTED, past]).when(replace(command, occurred_on=may(10))).then([measured(command.occasion, may(10))])


def test_after_a_correction_the_right_day_counts_for_the_order_of_goals() -> None:
    past = [ADMITTED, measured("move-in", may(10)), measured("move-in", may(7), again=True)]
    given(STAY, past).when(measure("midway", may(8))).then([measured("midway", may(8))])


def test_only_the_goals_at_the_move_out_are_measured_after_it() -> None:
    for occasion in ("move-in", "midway"):
        given(STAY, [ADMITTED, MOVED_OUT]).when(measure(occasion, may(27))).refused("after-move-out")
    given(STAY, [ADMITTED, MOVED_OUT]).when(measure("move-out", may(27))).then([measured("move-out", may(27))])


# How a stay ends


@pytest.mark.parametrize("because", ["moved-out", "left-unplanned", "expelled", "not-in-target-group"])
def test_it_is_known_how_a_stay_ended(because: StayEnd) -> None:
    given(STAY, [ADMITTED]).when(MoveOut(SHELTER, MOVE_OUT_DAY, "family", because)).then(
        [MOVED_OUT.model_copy(update={"ended_because": because})]
    )

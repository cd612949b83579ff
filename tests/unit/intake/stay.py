"""One woman's stay, and what can be reported about it."""

from dataclasses import asdict
from datetime import date
from uuid import UUID

from havn_events.codes import GoalsOccasion, OutweighingReason
from havn_events.intake import (
    ActionPlanMade,
    ActionPlanRequested,
    AnonymityOutweighed,
    ChildArrived,
    ChildMovedOut,
    GoalsMeasured,
    MoveOutPlanned,
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
    RescheduleMoveOut,
    ReviewPlan,
    Scores,
)

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


STAY_PLAN = StayPlanAgreed(occurred_on=may(10), stay_id=STAY_ID)
WANTED = ActionPlanRequested(occurred_on=may(10), stay_id=STAY_ID)
ACTION_PLAN = ActionPlanMade(occurred_on=may(12), stay_id=STAY_ID)

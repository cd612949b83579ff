"""Foreign events as facts."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

import havn_events
from havn_events import aftercare, coordinating_advice, intake, notification, psychology
from havn_events.event import Event, PersonEvent
from havn_standards.rule import ATTRIBUTES, KNOWN_FACTS
from orchestrator.domain.fact import ECHOES, fact_of
from orchestrator.main import UPSTREAMS
from orchestrator.reactions import REPORTS, opening_of

STAY, PERSON, OTHER, EVENT_ID = UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=4)
DAY = date(2026, 3, 2)
SESSION_ON = date(2026, 3, 1)
IN_STAY: dict[str, Any] = {"occurred_on": DAY, "stay_id": STAY}
IN_PERSON: dict[str, Any] = {**IN_STAY, "person_id": PERSON}
IN_COMPLAINT: dict[str, Any] = {"occurred_on": DAY, "complaint_id": OTHER, "concerns": STAY}
ADMITTED = intake.WomanAdmitted(
    **IN_PERSON,
    shelter_id=OTHER,
    standard="hellerup",
    home_municipality="0461",
    own_municipality=False,
    anonymous=True,
    named_to_home_municipality=False,
)
IN_INQUIRY: dict[str, Any] = {"occurred_on": DAY, "inquiry_id": STAY}
HELD = intake.InterviewHeld(**IN_INQUIRY, shelter_id=OTHER, standard="hellerup")
FILED = intake.ComplaintFiled(
    **IN_COMPLAINT, about="refusal", form="oral", late=True, route="ankestyrelsen", shelter_id=OTHER, standard="hellerup"
)


def test_every_event_of_every_upstream_is_either_a_fact_or_an_echo() -> None:
    foreign = {event for event in havn_events.known_events().values() if event.owner in UPSTREAMS}
    assert set(REPORTS) | ECHOES == foreign
    assert not set(REPORTS) & ECHOES


def test_every_fact_that_a_standard_may_name_is_taken() -> None:
    assert {event.type_name() for event in REPORTS} >= KNOWN_FACTS


CASES: list[tuple[Event, dict[str, Any]]] = [
    (ADMITTED, {"municipality": "0461", "attributes": {"anonymous": True, "own_municipality": False}}),
    (
        ADMITTED.model_copy(update={"named_to_home_municipality": True}),
        {"municipality": "0461", "attributes": {"anonymous": False, "own_municipality": False}},
    ),
    (HELD, {}),
    (
        intake.MoveOutCorrected(**IN_STAY, moved_out_on=date(2026, 3, 1), stay_days=9),
        {"until": date(2026, 3, 1), "attributes": {"stay_days": 9}},
    ),
    (intake.InterviewCorrected(**IN_INQUIRY, interview_on=date(2026, 3, 1)), {"until": date(2026, 3, 1)}),
    (intake.AdmissionCorrected(**IN_STAY, admitted_on=date(2026, 3, 1)), {"until": date(2026, 3, 1)}),
    (
        intake.ChildArrived(**IN_PERSON, birth_month="2020-01", arrival="born-during-stay"),
        {"attributes": {"born": True, "birth_month": "2020-01"}},
    ),
    (
        intake.ChildArrived(**IN_PERSON, birth_month="2020-01", arrival="later"),
        {"attributes": {"born": False, "birth_month": "2020-01"}},
    ),
    (intake.ChildMovedOut(**IN_PERSON, destination="family"), {"attributes": {"destination": "family"}}),
    (
        intake.ContactPersonAssigned(**IN_PERSON, role="primary", profession="pedagogue"),
        {"attributes": {"profession": "pedagogue"}},
    ),
    (intake.RiskAssessed(**IN_PERSON, level="high"), {}),
    (intake.PlanReviewed(**IN_STAY, plan="stay-plan"), {"attributes": {"plan": "stay-plan"}}),
    (intake.HomeMunicipalityChanged(**IN_STAY, home_municipality="0751"), {"municipality": "0751"}),
    (intake.MoveOutPlanned(**IN_STAY, planned_for=date(2026, 4, 1)), {"until": date(2026, 4, 1)}),
    (intake.MoveOutRescheduled(**IN_STAY, planned_for=date(2026, 4, 2)), {"until": date(2026, 4, 2)}),
    (
        intake.WomanMovedOut(**IN_STAY, destination="family", planned=True, stay_days=15),
        {"attributes": {"destination": "family", "stay_days": 15}},
    ),
    (FILED, {"reference": OTHER, "attributes": {"complaint_about": "refusal", "late": True}}),
    (
        intake.ComplaintAnswered(**IN_COMPLAINT, outcome="upheld", final=True),
        {"reference": OTHER, "attributes": {"outcome": "upheld", "final": True}},
    ),
    (intake.ComplaintForwarded(**IN_COMPLAINT), {"reference": OTHER}),
    (intake.ComplaintWithdrawn(**IN_COMPLAINT), {"reference": OTHER}),
    (
        notification.MunicipalityNotified(
            **IN_STAY, notice_id=OTHER, notice="discharge", municipality="0461", case_reference=OTHER, anonymous=False
        ),
        {"municipality": "0461", "attributes": {"notice": "discharge", "anonymous": False}},
    ),
    (
        notification.ChildNotificationSent(**IN_PERSON, notice_id=OTHER, kind="first", municipality="0461", case_reference=OTHER),
        {"municipality": "0461", "attributes": {"notification": "first"}},
    ),
    (
        notification.MunicipalityAnswered(
            **IN_STAY, obligation_id=OTHER, municipality="0461", rule="action-plan", answer="action-plan-made"
        ),
        {"municipality": "0461", "attributes": {"answer": "action-plan-made"}},
    ),
    (
        notification.PaymentDecided(**IN_STAY, municipality="0461", decision="waived", ground="no-income"),
        {"municipality": "0461"},
    ),
    (
        coordinating_advice.AdviceTakenOver(
            **IN_STAY, from_municipality="0751", municipality="0461", adviser_id=OTHER, by="meeting"
        ),
        {"municipality": "0461"},
    ),
    (psychology.AgreementAnswered(**IN_STAY, municipality="0461", agreed=False), {"municipality": "0461"}),
    (psychology.SessionHeld(**IN_PERSON, session_id=OTHER, minutes=50), {"minutes": 50, "attributes": {"sessions": 1}}),
    (psychology.SessionMissed(**IN_PERSON, session_id=OTHER), {}),
    (
        psychology.SessionCorrected(**IN_PERSON, session_id=OTHER, session_on=SESSION_ON, minutes=45, minutes_before=60),
        {"until": SESSION_ON, "minutes": -15, "attributes": {"sessions": 0}},
    ),
    (
        psychology.SessionCorrected(**IN_PERSON, session_id=OTHER, session_on=SESSION_ON, minutes=0, minutes_before=60),
        {"until": SESSION_ON, "minutes": -60, "attributes": {"sessions": -1}},
    ),
    (
        psychology.SessionCorrected(**IN_PERSON, session_id=OTHER, session_on=SESSION_ON, minutes=60, minutes_before=0),
        {"until": SESSION_ON, "minutes": 60, "attributes": {"sessions": 1}},
    ),
    (
        psychology.ExtraHoursGranted(**IN_PERSON, minutes=120, municipality="0461"),
        {"minutes": 120, "municipality": "0461"},
    ),
    (coordinating_advice.AdviceGiven(**IN_STAY, meeting_id=OTHER, minutes=30, by="shelter"), {"minutes": 30}),
    (coordinating_advice.AdviceExtended(**IN_STAY, until=date(2026, 12, 1)), {"until": date(2026, 12, 1)}),
    (
        coordinating_advice.AdviceEnded(**IN_STAY, because="established"),
        {"attributes": {"ended_because": "established"}},
    ),
    (
        aftercare.AftercareEnded(**IN_STAY, completed=False, because="no-contact"),
        {"attributes": {"completed": False, "course_ended_because": "no-contact"}},
    ),
    (
        aftercare.AftercareEnded(**IN_STAY, completed=None, because="other"),
        {"attributes": {"course_ended_because": "other"}},
    ),
    (aftercare.AftercareOffered(**IN_STAY), {}),
]


@pytest.mark.parametrize(("event", "expected"), CASES, ids=lambda value: type(value).__name__)
def test_an_event_becomes_a_fact(event: Event, expected: dict[str, Any]) -> None:
    fact = fact_of(event, EVENT_ID)
    nothing: dict[str, Any] = {"reference": None, "minutes": None, "until": None, "municipality": None, "attributes": {}}
    assert (fact.name, fact.id, fact.occurred_on) == (event.type_name(), EVENT_ID, DAY)
    assert fact.person_id == (PERSON if isinstance(event, PersonEvent) else None)
    assert {name: getattr(fact, name) for name in nothing} == nothing | expected


def test_every_attribute_a_condition_may_use_is_told_by_some_fact() -> None:
    assert {name for event, _ in CASES for name in fact_of(event, EVENT_ID).attributes} >= set(ATTRIBUTES)


def test_an_admission_an_interview_and_a_complaint_can_open_a_case_and_nothing_else_can() -> None:
    admission, complaint = opening_of(ADMITTED), opening_of(FILED)
    assert opening_of(HELD) == complaint
    assert admission is not None
    assert complaint is not None
    assert (admission.standard, admission.shelter_id, admission.home_municipality) == ("hellerup", OTHER, "0461")
    transferred = opening_of(ADMITTED.model_copy(update={"shelter_municipality": "0157", "transferred_from": PERSON}))
    assert transferred is not None
    assert (transferred.shelter_municipality, transferred.transferred_from) == ("0157", PERSON)
    assert (admission.shelter_municipality, admission.transferred_from) == (None, None)
    assert (complaint.standard, complaint.shelter_id, complaint.home_municipality) == ("hellerup", OTHER, None)
    assert opening_of(intake.AnonymityLifted(**IN_STAY)) is None

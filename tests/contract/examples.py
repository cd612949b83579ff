"""One example of every event: an invented stay from the first call to the last visit. Nothing in it is chance or clock."""

from datetime import UTC, date, datetime
from uuid import UUID

from havn_events import aftercare, coordinating_advice, intake, notification, orchestrator, psychology
from havn_events.envelope import Recorded
from havn_events.event import Event
from havn_events.municipal import ChildNotice, ObligationNews, StayNotice


def _id(number: int) -> UUID:
    return UUID(f"00000000-0000-4000-8000-{number:012d}")


SHELTER, OTHER_STAY = _id(10), _id(11)
INQUIRY, STAY, WOMAN, CHILD, COMPLAINT, CONCERN = _id(20), _id(21), _id(22), _id(23), _id(24), _id(25)
OBLIGATION, NOTICE, REFERENCE, FACT = _id(30), _id(31), _id(32), _id(33)
PSYCHOLOGIST, ADVISER, NEXT_ADVISER, SESSION, MEETING, VISIT = _id(40), _id(41), _id(42), _id(43), _id(44), _id(45)
STREAM, CAUSE = _id(50), _id(51)
ODENSE, AARHUS = "0461", "0751"

CALLED, ADMITTED, LATER = date(2024, 1, 2), date(2024, 1, 3), date(2024, 2, 29)
MOVED_OUT, AFTER, LAST = date(2024, 5, 1), date(2024, 6, 3), date(2024, 11, 1)

EXAMPLES: tuple[Event, ...] = (
    # intake
    intake.InquiryReceived(
        occurred_on=CALLED, inquiry_id=INQUIRY, shelter_id=SHELTER, referred_by="police", home_municipality=None
    ),
    intake.InterviewHeld(occurred_on=CALLED, inquiry_id=INQUIRY, shelter_id=SHELTER, standard="hellerup"),
    intake.InterviewCorrected(occurred_on=ADMITTED, inquiry_id=INQUIRY, interview_on=CALLED),
    intake.InquiryAssessed(occurred_on=CALLED, inquiry_id=INQUIRY, outcome="admitted", interview_on=CALLED),
    intake.StayRefused(occurred_on=CALLED, inquiry_id=INQUIRY, reason="no-free-room"),
    intake.WomanReferred(occurred_on=CALLED, inquiry_id=INQUIRY, out_of_town=True),
    intake.WomanAdmitted(
        occurred_on=ADMITTED,
        stay_id=STAY,
        person_id=WOMAN,
        shelter_id=SHELTER,
        standard="odense",
        home_municipality=ODENSE,
        own_municipality=True,
        shelter_municipality=ODENSE,
        anonymous=False,
        named_to_home_municipality=True,
        inquiry_id=INQUIRY,
        transferred_from=OTHER_STAY,
    ),
    intake.AdmissionCorrected(occurred_on=LATER, stay_id=STAY, admitted_on=ADMITTED),
    intake.MoveOutCorrected(occurred_on=LATER, stay_id=STAY, moved_out_on=ADMITTED, stay_days=0),
    intake.StayAnnulled(occurred_on=LATER, stay_id=STAY, reason="duplicate"),
    intake.ChildArrived(occurred_on=ADMITTED, stay_id=STAY, person_id=CHILD, birth_month="2019-04", arrival="with-her"),
    intake.ChildMovedOut(occurred_on=MOVED_OUT, stay_id=STAY, person_id=CHILD, destination="family"),
    intake.ContactPersonAssigned(occurred_on=ADMITTED, stay_id=STAY, person_id=CHILD, role="primary", profession="pedagogue"),
    intake.RiskAssessed(occurred_on=ADMITTED, stay_id=STAY, person_id=WOMAN, level="high"),
    intake.NeedsClarified(occurred_on=LATER, stay_id=STAY),
    intake.StayPlanAgreed(occurred_on=LATER, stay_id=STAY),
    intake.ActionPlanRequested(occurred_on=LATER, stay_id=STAY),
    intake.ActionPlanMade(occurred_on=LATER, stay_id=STAY),
    intake.PaymentReliefRequested(occurred_on=LATER, stay_id=STAY),
    intake.PlanReviewed(occurred_on=LATER, stay_id=STAY, plan="stay-plan"),
    intake.HomeMunicipalityChanged(occurred_on=LATER, stay_id=STAY, home_municipality=AARHUS),
    intake.AnonymityLifted(occurred_on=LATER, stay_id=STAY),
    intake.AnonymityOutweighed(occurred_on=LATER, stay_id=STAY, reason="child-exposed-to-violence"),
    intake.GoalsMeasured(
        occurred_on=LATER,
        stay_id=STAY,
        occasion="midway",
        network=0,
        communities=1,
        health=2,
        economy=3,
        housing=4,
        job_or_education=2,
        again=False,
    ),
    intake.MoveOutPlanned(occurred_on=LATER, stay_id=STAY, planned_for=MOVED_OUT),
    intake.MoveOutRescheduled(occurred_on=LATER, stay_id=STAY, planned_for=MOVED_OUT),
    intake.MoveOutCancelled(occurred_on=LATER, stay_id=STAY),
    intake.WomanMovedOut(
        occurred_on=MOVED_OUT, stay_id=STAY, destination="new-home", planned=True, stay_days=119, ended_because="moved-out"
    ),
    intake.ComplaintFiled(
        occurred_on=MOVED_OUT,
        complaint_id=COMPLAINT,
        concerns=STAY,
        about="discharge",
        form="oral",
        late=False,
        route="ankestyrelsen",
        shelter_id=SHELTER,
        standard="odense",
    ),
    intake.ComplaintAnswered(occurred_on=AFTER, complaint_id=COMPLAINT, concerns=STAY, outcome="partly-upheld", final=False),
    intake.ComplaintForwarded(occurred_on=AFTER, complaint_id=COMPLAINT, concerns=STAY),
    intake.ComplaintWithdrawn(occurred_on=AFTER, complaint_id=COMPLAINT, concerns=STAY),
    intake.ConcernRaised(occurred_on=AFTER, concern_id=CONCERN, shelter_id=SHELTER),
    # notification
    notification.MunicipalityNotified(
        occurred_on=ADMITTED,
        stay_id=STAY,
        notice_id=NOTICE,
        notice="admission",
        municipality=ODENSE,
        case_reference=REFERENCE,
        anonymous=False,
        acknowledge_by=LATER,
    ),
    notification.ChildNotificationOwed(
        occurred_on=ADMITTED, stay_id=STAY, person_id=CHILD, obligation_id=OBLIGATION, municipality=ODENSE
    ),
    notification.ChildNotificationSent(
        occurred_on=ADMITTED,
        stay_id=STAY,
        person_id=CHILD,
        notice_id=NOTICE,
        kind="first",
        municipality=ODENSE,
        case_reference=REFERENCE,
    ),
    notification.NotificationAcknowledged(occurred_on=LATER, stay_id=STAY, notice_id=NOTICE, municipality=ODENSE, over="nats"),
    notification.NotificationEscalated(occurred_on=LATER, stay_id=STAY, notice_id=NOTICE, municipality=ODENSE),
    notification.MunicipalityInformed(
        occurred_on=LATER,
        stay_id=STAY,
        obligation_id=OBLIGATION,
        municipality=AARHUS,
        case_reference=REFERENCE,
        change="transferred-to",
        rule="psychology-woman",
        due=MOVED_OUT,
    ),
    notification.MunicipalityAnswered(
        occurred_on=LATER,
        stay_id=STAY,
        obligation_id=OBLIGATION,
        municipality=ODENSE,
        rule="action-plan",
        answer="action-plan-made",
    ),
    notification.PaymentDecided(occurred_on=LATER, stay_id=STAY, municipality=ODENSE, decision="reduced", ground="keeps-own-home"),
    notification.WebhookRegistered(occurred_on=ADMITTED, registration_id=FACT, municipality=ODENSE),
    notification.WebhookSuspended(occurred_on=LATER, registration_id=FACT, municipality=ODENSE),
    # psychology
    psychology.TreatmentOpened(
        occurred_on=ADMITTED,
        stay_id=STAY,
        person_id=CHILD,
        obligation_id=OBLIGATION,
        municipality=ODENSE,
        unit="minutes",
        floor=240,
        ceiling=600,
    ),
    psychology.TreatmentTransferred(occurred_on=LATER, stay_id=STAY, person_id=CHILD, municipality=AARHUS),
    psychology.TreatmentClosed(occurred_on=LATER, stay_id=STAY, person_id=CHILD),
    psychology.TreatmentReopened(occurred_on=LATER, stay_id=STAY, person_id=CHILD),
    psychology.TreatmentOffered(occurred_on=ADMITTED, stay_id=STAY, person_id=CHILD),
    psychology.TreatmentDeclined(occurred_on=ADMITTED, stay_id=STAY, person_id=WOMAN, reason="other-treatment"),
    psychology.PsychologistAssigned(
        occurred_on=ADMITTED, stay_id=STAY, person_id=CHILD, psychologist_id=PSYCHOLOGIST, employer="shelter"
    ),
    psychology.SessionHeld(occurred_on=LATER, stay_id=STAY, person_id=CHILD, session_id=SESSION, minutes=50),
    psychology.SessionMissed(occurred_on=LATER, stay_id=STAY, person_id=CHILD, session_id=SESSION),
    psychology.SessionCorrected(
        occurred_on=MOVED_OUT,
        stay_id=STAY,
        person_id=CHILD,
        session_id=SESSION,
        session_on=LATER,
        minutes=0,
        minutes_before=50,
    ),
    psychology.ExtraHoursGranted(occurred_on=LATER, stay_id=STAY, person_id=CHILD, minutes=120, municipality=ODENSE),
    psychology.TreatmentCompleted(occurred_on=AFTER, stay_id=STAY, person_id=CHILD, reason="by-agreement"),
    psychology.AgreementRequested(occurred_on=LATER, stay_id=STAY),
    psychology.AgreementAnswered(occurred_on=LATER, stay_id=STAY, municipality=AARHUS, agreed=True),
    psychology.AgreementMade(occurred_on=CALLED, municipality=AARHUS, shelter_id=SHELTER),
    psychology.AgreementEnded(occurred_on=LAST, municipality=AARHUS, shelter_id=SHELTER),
    # coordinating-advice
    coordinating_advice.AdviceOpened(occurred_on=ADMITTED, stay_id=STAY, municipality=ODENSE),
    coordinating_advice.AdviceWindowOpened(
        occurred_on=MOVED_OUT, stay_id=STAY, moved_out_on=MOVED_OUT, until=LAST, shelter_advises="own-citizens"
    ),
    coordinating_advice.AdviceTransferred(occurred_on=LATER, stay_id=STAY, municipality=AARHUS),
    coordinating_advice.AdviceClosed(occurred_on=LATER, stay_id=STAY, because="stay-annulled"),
    coordinating_advice.AdviceReopened(occurred_on=LATER, stay_id=STAY),
    coordinating_advice.InitialAdviceGiven(occurred_on=ADMITTED, stay_id=STAY, by="shelter"),
    coordinating_advice.AdviceOffered(occurred_on=LATER, stay_id=STAY),
    coordinating_advice.AdviceDeclined(occurred_on=LATER, stay_id=STAY, reason="has-it-elsewhere"),
    coordinating_advice.AdviceStarted(occurred_on=LATER, stay_id=STAY, variant="cti", by="municipality"),
    coordinating_advice.AdviceGiven(occurred_on=AFTER, stay_id=STAY, meeting_id=MEETING, minutes=90, by="municipality"),
    coordinating_advice.AdvicePhaseBegan(occurred_on=AFTER, stay_id=STAY, phase="transition"),
    coordinating_advice.AdviserNamed(occurred_on=LATER, stay_id=STAY, adviser_id=ADVISER),
    coordinating_advice.AdviceHandedOver(
        occurred_on=AFTER, stay_id=STAY, from_adviser_id=ADVISER, to_adviser_id=NEXT_ADVISER, municipality=AARHUS
    ),
    coordinating_advice.AdviceTakenOver(
        occurred_on=LATER, stay_id=STAY, from_municipality=ODENSE, municipality=AARHUS, adviser_id=ADVISER, by="meeting"
    ),
    coordinating_advice.AdviceExtended(occurred_on=AFTER, stay_id=STAY, until=date(2025, 5, 1)),
    coordinating_advice.AdviceEnded(occurred_on=LAST, stay_id=STAY, because="established"),
    # aftercare
    aftercare.AftercareOpened(occurred_on=MOVED_OUT, stay_id=STAY, obligation_id=OBLIGATION),
    aftercare.AftercareClosed(occurred_on=AFTER, stay_id=STAY),
    aftercare.AftercareOffered(occurred_on=MOVED_OUT, stay_id=STAY),
    aftercare.AftercareDeclined(occurred_on=MOVED_OUT, stay_id=STAY, reason="moved-too-far"),
    aftercare.AftercareStarted(occurred_on=MOVED_OUT, stay_id=STAY),
    aftercare.AftercareCourseOpened(
        occurred_on=MOVED_OUT, stay_id=STAY, obligation_id=OBLIGATION, visits=3, complete_from=LAST
    ),
    aftercare.AftercareVisitMade(occurred_on=AFTER, stay_id=STAY, visit_id=VISIT, place="home"),
    aftercare.AftercareEnded(occurred_on=LAST, stay_id=STAY, completed=True, because="course-over"),
    aftercare.CafeInvitationSent(occurred_on=LAST, stay_id=STAY),
    aftercare.CafeInvitationsDeclined(occurred_on=LAST, stay_id=STAY),
    # orchestrator
    orchestrator.CaseOpened(
        occurred_on=ADMITTED,
        stay_id=STAY,
        standard="odense",
        standard_version="2023-serviceloven-2020",
        shelter_id=SHELTER,
        home_municipality=ODENSE,
        shelter_municipality=ODENSE,
        transferred_from=OTHER_STAY,
    ),
    orchestrator.FactNoted(
        occurred_on=LATER,
        stay_id=STAY,
        fact="SessionHeld",
        fact_id=FACT,
        person_id=CHILD,
        reference=COMPLAINT,
        minutes=-50,
        until=LAST,
        municipality=ODENSE,
        attributes={"sessions": 1, "late": False, "destination": "new-home", "birth_month": "2019-04"},
    ),
    orchestrator.StandardChanged(
        occurred_on=LATER,
        stay_id=STAY,
        change_id=FACT,
        standard="odense",
        standard_version="2025-serviceloven-2020",
        standard_before="odense",
        standard_version_before="2023-serviceloven-2020",
    ),
    orchestrator.StayContinued(occurred_on=LATER, stay_id=STAY, person_id=WOMAN, continued_in=OTHER_STAY, rests_on=FACT),
    orchestrator.ChildFollowed(occurred_on=LATER, stay_id=STAY, person_id=CHILD, continued_in=OTHER_STAY, rests_on=FACT),
    orchestrator.ChildCameBack(occurred_on=LATER, stay_id=STAY, person_id=CHILD, rests_on=FACT),
    orchestrator.ContinuationAnnulled(occurred_on=LATER, stay_id=STAY, person_id=WOMAN, continued_in=OTHER_STAY, rests_on=FACT),
    orchestrator.ObligationOpened(
        occurred_on=ADMITTED,
        stay_id=STAY,
        obligation_id=OBLIGATION,
        rule="psychology-child",
        person_id=CHILD,
        municipality=ODENSE,
        owed_by="home-municipality",
        owed_to="child",
        due=MOVED_OUT,
        counted_from=ADMITTED,
        standard="odense",
        standard_version="2023-serviceloven-2020",
        document="Kvalitetsstandard for et opdigtet krisecenter",
        section="2.4",
        rests_on=FACT,
        reference=COMPLAINT,
        unit="minutes",
        floor=240,
        ceiling=600,
        anonymous=True,
        shelter_advises_after="own-citizens",
        course_visits=3,
        course_complete_from=LAST,
        remind_on=LATER,
        ends_on=LAST,
    ),
    orchestrator.ObligationRescheduled(
        occurred_on=LATER,
        stay_id=STAY,
        obligation_id=OBLIGATION,
        rule="discharge-notice",
        person_id=None,
        municipality=ODENSE,
        due=AFTER,
        due_before=MOVED_OUT,
        counted_from=MOVED_OUT,
        rests_on=FACT,
        standard="odense",
        standard_version="2025-serviceloven-2020",
        remind_on=MOVED_OUT,
    ),
    orchestrator.ObligationDueSoon(
        occurred_on=LATER,
        stay_id=STAY,
        obligation_id=OBLIGATION,
        rule="discharge-notice",
        person_id=None,
        municipality=ODENSE,
        due=MOVED_OUT,
        working_days=2,
    ),
    orchestrator.ObligationTransferred(
        occurred_on=LATER,
        stay_id=STAY,
        obligation_id=OBLIGATION,
        rule="psychology-child",
        person_id=CHILD,
        municipality=AARHUS,
        from_municipality=ODENSE,
        rests_on=FACT,
    ),
    orchestrator.ObligationMet(
        occurred_on=AFTER,
        stay_id=STAY,
        obligation_id=OBLIGATION,
        rule="discharge-notice",
        person_id=None,
        municipality=ODENSE,
        late=True,
        rests_on=FACT,
    ),
    orchestrator.ObligationMissed(
        occurred_on=AFTER,
        stay_id=STAY,
        obligation_id=OBLIGATION,
        rule="aftercare-offer",
        person_id=None,
        municipality=None,
        due=MOVED_OUT,
        rests_on=None,
        escalated_to="leader",
    ),
    orchestrator.ObligationReopened(
        occurred_on=AFTER,
        stay_id=STAY,
        obligation_id=OBLIGATION,
        rule="risk-assessment",
        person_id=WOMAN,
        municipality=ODENSE,
        rests_on=FACT,
    ),
    orchestrator.ObligationCancelled(
        occurred_on=AFTER,
        stay_id=STAY,
        obligation_id=OBLIGATION,
        rule="stay-plan",
        person_id=WOMAN,
        municipality=ODENSE,
        rests_on=FACT,
    ),
    orchestrator.DayPassed(occurred_on=LATER),
)

MUNICIPAL_EXAMPLES: tuple[StayNotice | ChildNotice | ObligationNews, ...] = (
    StayNotice(
        municipality=ODENSE,
        case_reference=REFERENCE,
        occurred_on=ADMITTED,
        notice_id=NOTICE,
        notice="admission",
        anonymous=True,
    ),
    ChildNotice(municipality=ODENSE, case_reference=REFERENCE, occurred_on=ADMITTED, notice_id=NOTICE, notification="first"),
    ObligationNews(
        municipality=AARHUS,
        case_reference=REFERENCE,
        occurred_on=LATER,
        obligation_id=OBLIGATION,
        change="transferred-to",
        rule="psychology-child",
        due=MOVED_OUT,
    ),
)


def recorded(event: Event) -> Recorded:
    """The event in its envelope, as the seventh of its stream, recorded at one fixed instant."""
    return Recorded.of(
        event,
        originator_id=STREAM,
        originator_version=7,
        recorded_at=datetime(2024, 7, 1, 6, 30, 15, 123456, tzinfo=UTC),
        actor="shelter:opaque-1",
        causation_id=CAUSE,
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )


def goldens() -> dict[str, bytes]:
    """What belongs in ``golden/`` for the present version of every event: file name to bytes."""
    files = {f"{event.type_name()}.v{event.version}.json": recorded(event).to_bytes() for event in EXAMPLES}
    feed = {f"municipal/{type(event).__name__}.v1.json": event.model_dump_json().encode() for event in MUNICIPAL_EXAMPLES}
    return {**files, **feed}

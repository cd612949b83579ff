"""Every report of the other services becomes a fact of its case."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from havn_chassis.decider import Decider
from havn_chassis.inbox import Reactions
from havn_chassis.store import UnitOfWork
from havn_events import aftercare, coordinating_advice, intake, notification, psychology
from havn_events.event import Event
from orchestrator.domain.case import CASE, Opening, TakeFact
from orchestrator.domain.fact import ECHOES, fact_of

REPORTS: tuple[type[Event], ...] = (
    intake.InquiryReceived,
    intake.InquiryAssessed,
    intake.StayRefused,
    intake.WomanReferred,
    intake.WomanAdmitted,
    intake.AdmissionCorrected,
    intake.StayAnnulled,
    intake.ChildArrived,
    intake.ChildMovedOut,
    intake.ContactPersonAssigned,
    intake.RiskAssessed,
    intake.NeedsClarified,
    intake.StayPlanAgreed,
    intake.ActionPlanRequested,
    intake.ActionPlanMade,
    intake.PlanReviewed,
    intake.HomeMunicipalityChanged,
    intake.AnonymityLifted,
    intake.AnonymityOutweighed,
    intake.GoalsMeasured,
    intake.MoveOutPlanned,
    intake.MoveOutRescheduled,
    intake.MoveOutCancelled,
    intake.WomanMovedOut,
    intake.ComplaintFiled,
    intake.ComplaintAnswered,
    intake.ComplaintForwarded,
    intake.ComplaintWithdrawn,
    notification.MunicipalityNotified,
    notification.ChildNotificationSent,
    notification.NotificationAcknowledged,
    notification.NotificationEscalated,
    psychology.TreatmentOffered,
    psychology.TreatmentDeclined,
    psychology.PsychologistAssigned,
    psychology.SessionHeld,
    psychology.SessionMissed,
    psychology.SessionCorrected,
    psychology.ExtraHoursGranted,
    psychology.TreatmentCompleted,
    coordinating_advice.InitialAdviceGiven,
    coordinating_advice.AdviceOffered,
    coordinating_advice.AdviceDeclined,
    coordinating_advice.AdviceStarted,
    coordinating_advice.AdviceGiven,
    coordinating_advice.AdvicePhaseBegan,
    coordinating_advice.AdviceHandedOver,
    coordinating_advice.AdviceExtended,
    coordinating_advice.AdviceEnded,
    aftercare.AftercareOffered,
    aftercare.AftercareDeclined,
    aftercare.AftercareStarted,
    aftercare.AftercareVisitMade,
    aftercare.AftercareEnded,
)


def _touched(event: Event) -> Sequence[tuple[Decider[Any, Any], UUID]]:
    return () if type(event) in ECHOES else ((CASE, CASE.stream_id(event.case_id)),)


REACTIONS: Reactions = Reactions(preload=_touched)


@REACTIONS.to(*REPORTS)
def when_something_is_reported_take_the_fact(event: Event, unit: UnitOfWork) -> None:
    """Take the fact into its case. Raises Refused, which parks the case, for a fact about a stay that was never opened."""
    assert unit.source is not None
    fact = fact_of(event, unit.source.id)
    command = TakeFact(event.case_id, fact, opening_of(event), unit.setting("rulebook"), unit.today)
    unit.execute(CASE, (event.case_id,), command)


def opening_of(event: Event) -> Opening | None:
    """What the event opens a case file with, where there is none yet: an admission, or a complaint about a refusal."""
    match event:
        case intake.WomanAdmitted():
            return Opening(
                event.standard, event.shelter_id, event.home_municipality, event.shelter_municipality, event.transferred_from
            )
        case intake.ComplaintFiled():
            return Opening(event.standard, event.shelter_id, None)
    return None

"""What the other services report, brought into one shape that rules can be asked about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from havn_events import aftercare, coordinating_advice, intake, notification, psychology
from havn_events.event import Event, PersonEvent

Attributes = Mapping[str, str | int | bool]

BEFORE_A_STAY = frozenset(
    {"InquiryReceived", "InterviewHeld", "InterviewCorrected", "InquiryAssessed", "StayRefused", "WomanReferred"}
)
"""Facts about an inquiry. They belong to no case file unless one was opened: by a complaint, or by the interview where the
shelter's standard owes an inquiry something."""

ECHOES: frozenset[type[Event]] = frozenset(
    {
        intake.ConcernRaised,
        notification.MunicipalityInformed,
        notification.ChildNotificationOwed,
        notification.WebhookRegistered,
        notification.WebhookSuspended,
        psychology.TreatmentOpened,
        psychology.TreatmentTransferred,
        psychology.TreatmentClosed,
        psychology.TreatmentReopened,
        psychology.AgreementMade,
        psychology.AgreementEnded,
        coordinating_advice.AdviceOpened,
        coordinating_advice.AdviceWindowOpened,
        coordinating_advice.AdviceTransferred,
        coordinating_advice.AdviceClosed,
        coordinating_advice.AdviceReopened,
        aftercare.AftercareOpened,
        aftercare.AftercareClosed,
        aftercare.AftercareCourseOpened,
    }
)
"""Events that add no fact to a case: a service only repeats what the orchestrator told it, or it is about no stay."""


DECISIONS = frozenset({"MunicipalityAnswered", "PaymentDecided", "AgreementAnswered"})
"""Facts that settle what somebody asked for: one dated before it was asked settles something else."""

CONTINUES = frozenset(
    {
        "SessionHeld",
        "SessionCorrected",
        "SessionMissed",
        "ExtraHoursGranted",
        "TreatmentOffered",
        "InitialAdviceGiven",
        "AdviceOffered",
        "AdviceStarted",
        "ActionPlanRequested",
        "PaymentReliefRequested",
        "PaymentDecided",
    }
)
"""What counts on at the next shelter after a direct transfer: what was used, begun, granted, offered, given, asked for, decided."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One report of another service.

    ``name``: the event's name. ``id``: its event id. ``occurred_on``: its business date. ``person_id``: the woman or child it
    is about, ``None`` where it is about the whole stay. ``reference``: the complaint it is about. ``minutes``: what it adds to
    a ledger or, negative, takes from it. ``until``: the other day it names: the window's new last day, the day a move-out is
    planned for, the right day of admission, of the interview or of the move-out, the corrected session's own day.
    ``municipality``: the municipality it names.
    ``attributes``: coded values for conditions; ``anonymous`` there is what she is to her home municipality, not to everybody.
    """

    name: str
    id: UUID
    occurred_on: date
    person_id: UUID | None = None
    reference: UUID | None = None
    minutes: int | None = None
    until: date | None = None
    municipality: str | None = None
    attributes: Attributes = field(default_factory=dict)


def fact_of(event: Event, event_id: UUID) -> Fact:
    """The fact that a foreign event reports. Not for ECHOES, which report none."""
    reference: UUID | None = None
    minutes: int | None = None
    until: date | None = None
    municipality: str | None = None
    attributes: Attributes = {}
    match event:
        case psychology.SessionHeld():
            minutes, attributes = event.minutes, {"sessions": 1}
        case psychology.SessionCorrected():
            minutes, until = event.minutes - event.minutes_before, event.session_on
            attributes = {"sessions": (event.minutes > 0) - (event.minutes_before > 0)}
        case psychology.ExtraHoursGranted():
            minutes, municipality = event.minutes, event.municipality
        case coordinating_advice.AdviceGiven():
            minutes = event.minutes
        case notification.MunicipalityNotified():
            municipality = event.municipality
            attributes = {"notice": event.notice, "anonymous": event.anonymous}
        case notification.ChildNotificationSent():
            municipality, attributes = event.municipality, {"notification": event.kind}
        case notification.NotificationAcknowledged() | notification.NotificationEscalated():
            municipality = event.municipality
        case notification.MunicipalityAnswered():
            municipality, attributes = event.municipality, {"answer": event.answer}
        case notification.PaymentDecided() | psychology.AgreementAnswered():
            municipality = event.municipality
        case intake.WomanAdmitted():
            municipality = event.home_municipality
            attributes = {"anonymous": not event.named_to_home_municipality, "own_municipality": event.own_municipality}
        case intake.AdmissionCorrected():
            until = event.admitted_on
        case intake.InterviewCorrected():
            until = event.interview_on
        case intake.ChildArrived():
            attributes = {"born": event.arrival == "born-during-stay", "birth_month": event.birth_month}
        case intake.ChildMovedOut():
            attributes = {"destination": event.destination}
        case intake.ContactPersonAssigned():
            attributes = {"profession": event.profession}
        case intake.PlanReviewed():
            attributes = {"plan": event.plan}
        case intake.HomeMunicipalityChanged():
            municipality = event.home_municipality
        case intake.MoveOutPlanned() | intake.MoveOutRescheduled():
            until = event.planned_for
        case intake.WomanMovedOut():
            attributes = {"destination": event.destination, "stay_days": event.stay_days}
        case intake.MoveOutCorrected():
            until, attributes = event.moved_out_on, {"stay_days": event.stay_days}
        case intake.ComplaintFiled():
            reference, attributes = event.complaint_id, {"complaint_about": event.about, "late": event.late}
        case intake.ComplaintAnswered():
            reference, attributes = event.complaint_id, {"outcome": event.outcome, "final": event.final}
        case intake.ComplaintForwarded() | intake.ComplaintWithdrawn():
            reference = event.complaint_id
        case coordinating_advice.AdviceHandedOver() | coordinating_advice.AdviceTakenOver():
            municipality = event.municipality
        case coordinating_advice.AdviceExtended():
            until = event.until
        case coordinating_advice.AdviceEnded():
            attributes = {"ended_because": event.because}
        case aftercare.AftercareEnded():
            attributes = {"course_ended_because": event.because}
            if event.completed is not None:
                attributes = {"completed": event.completed, **attributes}
    return Fact(
        name=event.type_name(),
        id=event_id,
        occurred_on=event.occurred_on,
        person_id=event.person_id if isinstance(event, PersonEvent) else None,
        reference=reference,
        minutes=minutes,
        until=until,
        municipality=municipality,
        attributes=attributes,
    )

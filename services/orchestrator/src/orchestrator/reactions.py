"""Every report of the other services becomes a fact of its case."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from havn_chassis.decider import Decider
from havn_chassis.inbox import Reactions
from havn_chassis.store import UnitOfWork
from havn_events import aftercare, coordinating_advice, intake, notification, psychology
from havn_events.event import Event
from orchestrator.domain.case import CASE, Case, ComeBack, ContinueElsewhere, FollowElsewhere, Opening, TakeFact
from orchestrator.domain.fact import CONTINUES, ECHOES, Fact, fact_of
from orchestrator.domain.transfer import counts_on

REPORTS: tuple[type[Event], ...] = (
    intake.InquiryReceived,
    intake.InterviewHeld,
    intake.InterviewCorrected,
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
    intake.PaymentReliefRequested,
    intake.PlanReviewed,
    intake.HomeMunicipalityChanged,
    intake.AnonymityLifted,
    intake.AnonymityOutweighed,
    intake.GoalsMeasured,
    intake.MoveOutPlanned,
    intake.MoveOutRescheduled,
    intake.MoveOutCancelled,
    intake.WomanMovedOut,
    intake.MoveOutCorrected,
    intake.ComplaintFiled,
    intake.ComplaintAnswered,
    intake.ComplaintForwarded,
    intake.ComplaintWithdrawn,
    notification.MunicipalityNotified,
    notification.ChildNotificationSent,
    notification.NotificationAcknowledged,
    notification.NotificationEscalated,
    notification.MunicipalityAnswered,
    notification.PaymentDecided,
    psychology.TreatmentOffered,
    psychology.TreatmentDeclined,
    psychology.PsychologistAssigned,
    psychology.SessionHeld,
    psychology.SessionMissed,
    psychology.SessionCorrected,
    psychology.ExtraHoursGranted,
    psychology.TreatmentCompleted,
    psychology.AgreementRequested,
    psychology.AgreementAnswered,
    coordinating_advice.InitialAdviceGiven,
    coordinating_advice.AdviceOffered,
    coordinating_advice.AdviceDeclined,
    coordinating_advice.AdviceStarted,
    coordinating_advice.AdviceGiven,
    coordinating_advice.AdvicePhaseBegan,
    coordinating_advice.AdviserNamed,
    coordinating_advice.AdviceHandedOver,
    coordinating_advice.AdviceTakenOver,
    coordinating_advice.AdviceExtended,
    coordinating_advice.AdviceEnded,
    aftercare.AftercareOffered,
    aftercare.AftercareDeclined,
    aftercare.AftercareStarted,
    aftercare.AftercareVisitMade,
    aftercare.AftercareEnded,
    aftercare.CafeInvitationSent,
    aftercare.CafeInvitationsDeclined,
)


def _touched(event: Event) -> Sequence[tuple[Decider[Any, Any], UUID]]:
    if type(event) in ECHOES:
        return ()
    before = event.transferred_from if isinstance(event, intake.WomanAdmitted) else None
    return [(CASE, CASE.stream_id(stay_id)) for stay_id in (event.case_id, before) if stay_id is not None]


REACTIONS: Reactions = Reactions(preload=_touched)


@REACTIONS.to(*REPORTS)
def when_something_is_reported_take_the_fact(event: Event, unit: UnitOfWork) -> None:
    """Take the fact into its case, and into the stays that go on with it after a direct transfer where it counts there too.

    Raises Refused, which parks the case, for a fact about a stay that was never opened.
    """
    assert unit.source is not None
    fact = fact_of(event, unit.source.id)
    _take(unit, event.case_id, fact, opening_of(event))
    if isinstance(event, intake.WomanAdmitted) and event.transferred_from is not None:
        _continue(unit, event, event.transferred_from, fact.id)
    if isinstance(event, intake.ChildArrived):
        _follow(unit, event)
    if isinstance(event, intake.StayAnnulled):
        _come_back(unit, event, fact.id)
    if fact.name in CONTINUES:
        for stay_id in _continuations(unit, event.case_id):
            _take(unit, stay_id, fact, None)


def _take(unit: UnitOfWork, case_id: UUID, fact: Fact, opening: Opening | None) -> None:
    unit.execute(CASE, (case_id,), TakeFact(case_id, fact, opening, unit.setting("rulebook"), unit.today))


def _continue(unit: UnitOfWork, admission: intake.WomanAdmitted, before: UUID, admission_id: UUID) -> None:
    """What municipalities owe her is owed no more in the stay before; what counts on is taken into the new one."""
    command = ContinueElsewhere(
        case_id=before,
        occurred_on=admission.occurred_on,
        continued_in=admission.stay_id,
        woman_id=admission.person_id,
        admission_id=admission_id,
        rulebook=unit.setting("rulebook"),
        today=unit.today,
    )
    if unit.execute(CASE, (before,), command):
        for fact in counts_on(_case(unit, before)):
            _take(unit, admission.stay_id, fact, None)


def _follow(unit: UnitOfWork, arrival: intake.ChildArrived) -> None:
    """Where the child is in several of the stays that go on with each other, each leaves it to the next of them that stands."""
    stays = (*reversed(_stays_before(unit, arrival.stay_id)), arrival.stay_id, *_continuations(unit, arrival.stay_id))
    with_the_child = [stay_id for stay_id in stays if arrival.person_id in _case(unit, stay_id).children]
    for number, before in enumerate(with_the_child, start=1):
        after = next((stay_id for stay_id in with_the_child[number:] if not _case(unit, stay_id).annulled), None)
        if after is not None:
            there = _case(unit, after).arrival_of(arrival.person_id)
            command = FollowElsewhere(
                case_id=before,
                occurred_on=there.on,
                child_id=arrival.person_id,
                continued_in=after,
                arrival_id=there.fact_id,
                rulebook=unit.setting("rulebook"),
                today=unit.today,
            )
            unit.execute(CASE, (before,), command)


def _come_back(unit: UnitOfWork, annulment: intake.StayAnnulled, annulment_id: UUID) -> None:
    """The stays before an annulled one owe again what was left to it, but to those who are in a later one that stands."""
    later = [_case(unit, stay_id) for stay_id in _continuations(unit, annulment.stay_id)]
    elsewhere = frozenset().union(*(case.people for case in later if not case.annulled))
    annulled = {annulment.stay_id}
    for before in _stays_before(unit, annulment.stay_id):
        if _case(unit, before).annulled:
            annulled.add(before)
            continue
        command = ComeBack(
            case_id=before,
            occurred_on=annulment.occurred_on,
            annulled=frozenset(annulled),
            elsewhere=elsewhere,
            annulment_id=annulment_id,
            rulebook=unit.setting("rulebook"),
            today=unit.today,
        )
        unit.execute(CASE, (before,), command)
        elsewhere |= _case(unit, before).people


def _stays_before(unit: UnitOfWork, stay_id: UUID) -> Sequence[UUID]:
    """The stays that this one goes on with, the last first, each once."""
    found = [stay_id]
    while (before := _case(unit, found[-1]).transferred_from) is not None and before not in found:
        found.append(before)
    return found[1:]


def _continuations(unit: UnitOfWork, stay_id: UUID) -> Iterable[UUID]:
    """The stays that go on with this one, each once, however they name each other."""
    found = [stay_id]
    while (following := _case(unit, found[-1]).continued_in) is not None and following not in found:
        found.append(following)
    return found[1:]


def _case(unit: UnitOfWork, stay_id: UUID) -> Case:
    state, _ = unit.state(CASE, (stay_id,))
    return state


def opening_of(event: Event) -> Opening | None:
    """What the event opens a case file with, where there is none yet: an admission, an interview, or a complaint of a refusal."""
    match event:
        case intake.WomanAdmitted():
            return Opening(
                event.standard, event.shelter_id, event.home_municipality, event.shelter_municipality, event.transferred_from
            )
        case intake.ComplaintFiled() | intake.InterviewHeld():
            return Opening(event.standard, event.shelter_id, None)
    return None

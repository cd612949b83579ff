"""Invented stays from inquiry to complaint, as intake records them: what the benchmarks are fed with.

The mix follows the life of a stay: two contact persons, no to three children, risk assessed again and again, a plan and its
reviews, now and then a change of home municipality, a cancelled move-out, a correction, an annulment or a complaint.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from uuid import UUID

from havn_events import Recorded
from havn_events.codes import Destination
from havn_events.event import Event
from havn_events.intake import (
    ActionPlanMade,
    ActionPlanRequested,
    AdmissionCorrected,
    AnonymityLifted,
    ChildArrived,
    ChildMovedOut,
    ComplaintAnswered,
    ComplaintFiled,
    ComplaintForwarded,
    ContactPersonAssigned,
    HomeMunicipalityChanged,
    InquiryAssessed,
    InquiryReceived,
    MoveOutCancelled,
    MoveOutPlanned,
    MoveOutRescheduled,
    NeedsClarified,
    PlanReviewed,
    RiskAssessed,
    StayAnnulled,
    StayPlanAgreed,
    StayRefused,
    WomanAdmitted,
    WomanMovedOut,
    WomanReferred,
)
from intake.domain.complaint import COMPLAINT
from intake.domain.inquiry import INQUIRY
from intake.domain.stay.decider import STAY

FIRST_DAY = date(2024, 1, 1)
SHELTERS = 43
ADMISSIONS_A_DAY = 3
INQUIRIES_FOR_A_STAY = 2
MUNICIPALITIES = ("0101", "0157", "0461", "0561", "0751", "0851")
STANDARDS = ("odense", "kobenhavn", "hellerup", "lokk", "serviceloven")
DESTINATIONS: tuple[Destination, ...] = ("new-home", "new-home", "family", "other-shelter", "back-to-perpetrator", "unknown")


def stay_events(count: int, seed: int = 1) -> list[Recorded]:
    """The first ``count`` events, ordered by the day they happened, of as many stays as that takes."""
    dice = Random(seed)
    shelters = [new_id(dice) for _ in range(SHELTERS)]
    stays = count // 14 + 1
    told: list[Event] = []
    for number in range(stays):
        day = FIRST_DAY + timedelta(days=number // ADMISSIONS_A_DAY)
        shelter = dice.randrange(len(shelters))
        told += a_stay(dice, day, shelters[shelter], STANDARDS[shelter % len(STANDARDS)])
        told += _refused(dice, day, shelters[shelter])
    told.sort(key=lambda event: event.occurred_on)
    return list(recorded(told[:count]))


def new_id(dice: Random) -> UUID:
    return UUID(int=dice.getrandbits(128), version=4)


def recorded(events: Sequence[Event]) -> Iterator[Recorded]:
    versions: dict[UUID, int] = defaultdict(int)
    for event in events:
        stream = _stream(event)
        versions[stream] += 1
        yield Recorded.of(
            event,
            originator_id=stream,
            originator_version=versions[stream],
            recorded_at=datetime.combine(event.occurred_on, time(11), UTC),
            actor="shelter:0123456789abcdef",
        )


def _stream(event: Event) -> UUID:
    match event:
        case InquiryReceived() | InquiryAssessed() | StayRefused() | WomanReferred():
            return INQUIRY.stream_id(event.inquiry_id)
        case ComplaintFiled() | ComplaintAnswered() | ComplaintForwarded():
            return COMPLAINT.stream_id(event.complaint_id)
    return STAY.stream_id(event.case_id)


def _refused(dice: Random, day: date, shelter: UUID) -> Iterator[Event]:
    inquiry = new_id(dice)
    yield InquiryReceived(occurred_on=day, inquiry_id=inquiry, shelter_id=shelter, referred_by="self", home_municipality=None)
    yield InquiryAssessed(occurred_on=day, inquiry_id=inquiry, outcome="no-free-room", interview_on=day)
    yield StayRefused(occurred_on=day, inquiry_id=inquiry, reason="no-free-room")
    yield WomanReferred(occurred_on=day, inquiry_id=inquiry, out_of_town=True)


def a_stay(dice: Random, day: date, shelter: UUID, standard: str) -> Iterator[Event]:
    stay, woman, inquiry = new_id(dice), new_id(dice), new_id(dice)
    home = dice.choice(MUNICIPALITIES)
    children = [new_id(dice) for _ in range(dice.randrange(4))]
    length = dice.randrange(20, 120)
    anonymous = dice.random() < 0.1

    def on(days: int) -> date:
        return day + timedelta(days=days)

    yield InquiryReceived(occurred_on=day, inquiry_id=inquiry, shelter_id=shelter, referred_by="police", home_municipality=home)
    yield InquiryAssessed(occurred_on=day, inquiry_id=inquiry, outcome="admitted", interview_on=day)
    yield WomanAdmitted(
        occurred_on=day,
        stay_id=stay,
        person_id=woman,
        shelter_id=shelter,
        standard=standard,
        home_municipality=home,
        own_municipality=dice.random() < 0.3,
        anonymous=anonymous,
        named_to_home_municipality=not anonymous,
        inquiry_id=inquiry,
    )
    yield ContactPersonAssigned(occurred_on=day, stay_id=stay, person_id=woman, role="primary", profession="pedagogue")
    yield ContactPersonAssigned(occurred_on=day, stay_id=stay, person_id=woman, role="secondary", profession="social-worker")
    for child in children:
        yield ChildArrived(occurred_on=day, stay_id=stay, person_id=child, birth_month="2018-05", arrival="with-her")
        yield ContactPersonAssigned(occurred_on=day, stay_id=stay, person_id=child, role="primary", profession="pedagogue")
    yield RiskAssessed(occurred_on=on(dice.randrange(8)), stay_id=stay, person_id=woman, level="high")
    if dice.random() < 0.03:
        yield StayAnnulled(occurred_on=on(8), stay_id=stay, reason="not-in-target-group")
        return
    yield NeedsClarified(occurred_on=on(dice.randrange(3, 10)), stay_id=stay)
    if dice.random() < 0.05:
        yield AdmissionCorrected(occurred_on=on(4), stay_id=stay, admitted_on=on(-1))
    if anonymous and dice.random() < 0.5:
        yield AnonymityLifted(occurred_on=on(9), stay_id=stay)
    yield StayPlanAgreed(occurred_on=on(dice.randrange(10, 40)), stay_id=stay)
    if dice.random() < 0.3:
        yield ActionPlanRequested(occurred_on=on(12), stay_id=stay)
        yield ActionPlanMade(occurred_on=on(60), stay_id=stay)
    for days in range(30, length, 30):
        yield RiskAssessed(occurred_on=on(days), stay_id=stay, person_id=woman, level="medium")
    for days in range(90, length, 85):
        yield PlanReviewed(occurred_on=on(days), stay_id=stay, plan="stay-plan")
    if dice.random() < 0.1:
        to = dice.choice([code for code in MUNICIPALITIES if code != home])
        yield HomeMunicipalityChanged(occurred_on=on(length // 2), stay_id=stay, home_municipality=to)
    yield from _move_out(dice, day, length, stay, children)
    if dice.random() < 0.05:
        yield from _complaint(dice, on(length + 3), stay, shelter, standard)


def _move_out(dice: Random, day: date, length: int, stay: UUID, children: Sequence[UUID]) -> Iterator[Event]:
    last = day + timedelta(days=length)
    planned = last - timedelta(days=dice.randrange(5, 15))
    to = dice.choice(DESTINATIONS)
    if dice.random() < 0.1:
        earlier = planned - timedelta(days=4)
        yield MoveOutPlanned(occurred_on=earlier, stay_id=stay, planned_for=last)
        yield MoveOutCancelled(occurred_on=earlier + timedelta(days=1), stay_id=stay)
    yield MoveOutPlanned(occurred_on=planned, stay_id=stay, planned_for=last + timedelta(days=5))
    if dice.random() < 0.3:
        yield MoveOutRescheduled(occurred_on=planned + timedelta(days=2), stay_id=stay, planned_for=last)
    for child in children:
        yield ChildMovedOut(occurred_on=last, stay_id=stay, person_id=child, destination=to)
    yield WomanMovedOut(occurred_on=last, stay_id=stay, destination=to, planned=True, stay_days=length)


def _complaint(dice: Random, day: date, stay: UUID, shelter: UUID, standard: str) -> Iterator[Event]:
    complaint = new_id(dice)
    yield ComplaintFiled(
        occurred_on=day,
        complaint_id=complaint,
        concerns=stay,
        about="discharge",
        form="written",
        late=False,
        route="ankestyrelsen",
        shelter_id=shelter,
        standard=standard,
    )
    answered = day + timedelta(days=dice.randrange(10, 35))
    yield ComplaintAnswered(occurred_on=answered, complaint_id=complaint, concerns=stay, outcome="not-upheld", final=False)
    yield ComplaintForwarded(occurred_on=answered, complaint_id=complaint, concerns=stay)

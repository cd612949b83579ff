"""Whole lives of invented stays, as the orchestrator hears of them: what intake records, and what the other four services report.

To each stay of ``stays`` come the notices to the municipality, treatment week by week for the woman and each child, advice during
the stay and half a year after it, and aftercare: most of what is ever told of a stay is told by psychologists and advisers.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from operator import attrgetter
from random import Random
from uuid import UUID

from havn_events import Recorded, aftercare, coordinating_advice, notification, psychology
from havn_events.event import Event
from havn_events.intake import ChildArrived, StayAnnulled, WomanAdmitted, WomanMovedOut
from tests.benchmarks.stays import FIRST_DAY, SHELTERS, STANDARDS, a_stay, new_id, recorded

SESSIONS_AT_MOST = 10
MEETINGS_AFTER_THE_STAY = 6
VISITS = 3


def lives(stays: int, seed: int = 1) -> list[Recorded]:
    """What is told of so many stays from the admission on, stay by stay, each in the order of the days it happened."""
    dice = Random(seed)
    shelters = [new_id(dice) for _ in range(SHELTERS)]
    told: list[Event] = []
    for number in range(stays):
        shelter = number % SHELTERS
        told += _life(dice, FIRST_DAY + timedelta(days=number), shelters[shelter], STANDARDS[shelter % len(STANDARDS)])
    return list(recorded(told))


def _life(dice: Random, day: date, shelter: UUID, standard: str) -> list[Event]:
    events = list(a_stay(dice, day, shelter, standard))
    (admission,) = [event for event in events if isinstance(event, WomanAdmitted)]
    stay = admission.stay_id
    about = [event for event in events if event.case_id == stay]
    about += _notices(dice, admission, about)
    if not any(isinstance(event, StayAnnulled) for event in about):
        (left,) = [event.occurred_on for event in about if isinstance(event, WomanMovedOut)]
        people = [admission.person_id, *(event.person_id for event in about if isinstance(event, ChildArrived))]
        for person in people:
            about += _treatment(dice, stay, person, day, left)
        about += _advice(dice, stay, day, left)
        about += _aftercare(dice, stay, left)
    return sorted(about, key=attrgetter("occurred_on"))


def _notices(dice: Random, admission: WomanAdmitted, told: Sequence[Event]) -> Iterator[Event]:
    stay, home, case = admission.stay_id, admission.home_municipality, new_id(dice)
    for event in told:
        soon = event.occurred_on + timedelta(days=1)
        match event:
            case WomanAdmitted() | WomanMovedOut():
                notice = new_id(dice)
                yield notification.MunicipalityNotified(
                    occurred_on=soon,
                    stay_id=stay,
                    notice_id=notice,
                    notice="admission" if isinstance(event, WomanAdmitted) else "discharge",
                    municipality=home,
                    case_reference=case,
                    anonymous=admission.anonymous,
                )
                yield notification.NotificationAcknowledged(
                    occurred_on=soon, stay_id=stay, notice_id=notice, municipality=home, over="http"
                )
            case ChildArrived():
                yield notification.ChildNotificationSent(
                    occurred_on=soon,
                    stay_id=stay,
                    person_id=event.person_id,
                    notice_id=new_id(dice),
                    kind="first",
                    municipality=home,
                    case_reference=case,
                )


def _treatment(dice: Random, stay: UUID, person: UUID, day: date, left: date) -> Iterator[Event]:
    offered = day + timedelta(days=dice.randrange(3, 14))
    begun = offered + timedelta(days=dice.randrange(2, 8))
    yield psychology.TreatmentOffered(occurred_on=offered, stay_id=stay, person_id=person)
    yield psychology.PsychologistAssigned(
        occurred_on=begun, stay_id=stay, person_id=person, psychologist_id=new_id(dice), employer="shelter"
    )
    weeks = min(SESSIONS_AT_MOST, (left - begun).days // 7)
    for week in range(weeks):
        on = begun + timedelta(weeks=week)
        if dice.random() < 0.1:
            yield psychology.SessionMissed(occurred_on=on, stay_id=stay, person_id=person, session_id=new_id(dice))
        else:
            yield psychology.SessionHeld(occurred_on=on, stay_id=stay, person_id=person, session_id=new_id(dice), minutes=60)
    if weeks > 0:
        ended = begun + timedelta(weeks=weeks)
        yield psychology.TreatmentCompleted(occurred_on=ended, stay_id=stay, person_id=person, reason="by-agreement")


def _advice(dice: Random, stay: UUID, day: date, left: date) -> Iterator[Event]:
    begun = left - timedelta(days=dice.randrange(1, 5))
    yield coordinating_advice.InitialAdviceGiven(occurred_on=day + timedelta(days=5), stay_id=stay, by="shelter")
    yield coordinating_advice.AdviceOffered(occurred_on=begun, stay_id=stay)
    yield coordinating_advice.AdviceStarted(occurred_on=begun, stay_id=stay, variant="ordinary", by="shelter")
    for meeting in range(MEETINGS_AFTER_THE_STAY):
        on = left + timedelta(weeks=4 * meeting + 2)
        yield coordinating_advice.AdviceGiven(occurred_on=on, stay_id=stay, meeting_id=new_id(dice), minutes=90, by="shelter")
    yield coordinating_advice.AdviceEnded(occurred_on=left + timedelta(days=175), stay_id=stay, because="established")


def _aftercare(dice: Random, stay: UUID, left: date) -> Iterator[Event]:
    yield aftercare.AftercareOffered(occurred_on=left, stay_id=stay)
    yield aftercare.AftercareStarted(occurred_on=left + timedelta(days=3), stay_id=stay)
    for visit in range(VISITS):
        on = left + timedelta(days=30 * (visit + 1))
        yield aftercare.AftercareVisitMade(occurred_on=on, stay_id=stay, visit_id=new_id(dice), place="home")
    yield aftercare.AftercareEnded(occurred_on=left + timedelta(days=100), stay_id=stay, completed=True, because="course-over")

"""One person's treatment, and what can be told of it."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from havn_chassis.decider import Refused
from havn_events.event import Event
from havn_events.psychology import (
    ExtraHoursGranted,
    PsychologistAssigned,
    SessionCorrected,
    SessionHeld,
    SessionMissed,
    TreatmentClosed,
    TreatmentCompleted,
    TreatmentDeclined,
    TreatmentOffered,
    TreatmentOpened,
)
from psychology.domain.treatment.commands import (
    AssignPsychologist,
    CloseTreatment,
    Command,
    CompleteTreatment,
    CorrectSession,
    DeclineTreatment,
    GrantExtraHours,
    HoldSession,
    MissSession,
    OfferTreatment,
    OpenTreatment,
    TransferTreatment,
)
from psychology.domain.treatment.decider import TREATMENT

STAY, PERSON = UUID(int=1), UUID(int=2)
OBLIGATION, ANOTHER_OBLIGATION = UUID(int=3), UUID(int=4)
PSYCHOLOGIST, ANOTHER_PSYCHOLOGIST = UUID(int=5), UUID(int=6)
FIRST, SECOND = UUID(int=11), UUID(int=12)
ODENSE, AARHUS = "0461", "0751"
THE_DAY_BEFORE, ADMITTED, LATER = date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1)


def about(day: date = ADMITTED) -> dict[str, Any]:
    return {"stay_id": STAY, "person_id": PERSON, "occurred_on": day}


def opened(unit: Any = "minutes", ceiling: int = 600, obligation: UUID = OBLIGATION, day: date = ADMITTED) -> TreatmentOpened:
    return TreatmentOpened(
        **about(day), obligation_id=obligation, municipality=ODENSE, unit=unit, floor=min(ceiling, 4), ceiling=ceiling
    )


def offered(day: date = ADMITTED) -> TreatmentOffered:
    return TreatmentOffered(**about(day))


def declined() -> TreatmentDeclined:
    return TreatmentDeclined(**about(), reason="does-not-want")


def assigned() -> PsychologistAssigned:
    return PsychologistAssigned(**about(), psychologist_id=PSYCHOLOGIST, employer="independent")


def held(session: UUID, minutes: int, day: date = ADMITTED) -> SessionHeld:
    return SessionHeld(**about(day), session_id=session, minutes=minutes)


def missed(session: UUID) -> SessionMissed:
    return SessionMissed(**about(), session_id=session)


def corrected(session: UUID, minutes: int, before: int) -> SessionCorrected:
    return SessionCorrected(**about(), session_id=session, session_on=ADMITTED, minutes=minutes, minutes_before=before)


def granted(minutes: int) -> ExtraHoursGranted:
    return ExtraHoursGranted(**about(), minutes=minutes, municipality=ODENSE)


def completed(day: date = ADMITTED) -> TreatmentCompleted:
    return TreatmentCompleted(**about(day), reason="by-agreement")


def closed(day: date = ADMITTED) -> TreatmentClosed:
    return TreatmentClosed(**about(day))


def open_treatment(obligation: UUID = OBLIGATION) -> OpenTreatment:
    return OpenTreatment(**about(), obligation_id=obligation, municipality=ODENSE, unit="minutes", floor=240, ceiling=600)


def offer(day: date = ADMITTED, municipality: str | None = None) -> OfferTreatment:
    return OfferTreatment(**about(day), municipality=municipality)


def decline(day: date = ADMITTED, municipality: str | None = None) -> DeclineTreatment:
    return DeclineTreatment(**about(day), reason="other-treatment", municipality=municipality)


def assign(day: date = ADMITTED, municipality: str | None = None) -> AssignPsychologist:
    return AssignPsychologist(
        **about(day),
        psychologist_id=PSYCHOLOGIST,
        employer="independent",
        authorised=True,
        shelter_may_treat=frozenset(),
        municipality=municipality,
    )


def hold(session: UUID, minutes: int, day: date = ADMITTED) -> HoldSession:
    return HoldSession(**about(day), session_id=session, minutes=minutes)


def miss(session: UUID, day: date = ADMITTED) -> MissSession:
    return MissSession(**about(day), session_id=session)


def correct(session: UUID, minutes: int, day: date = ADMITTED) -> CorrectSession:
    return CorrectSession(**about(day), session_id=session, minutes=minutes)


def grant(minutes: int, municipality: str = ODENSE, day: date = ADMITTED) -> GrantExtraHours:
    return GrantExtraHours(**about(day), minutes=minutes, municipality=municipality)


def complete(day: date = ADMITTED) -> CompleteTreatment:
    return CompleteTreatment(**about(day), reason="hours-used")


def transfer(obligation: UUID = OBLIGATION, municipality: str = AARHUS) -> TransferTreatment:
    return TransferTreatment(**about(), obligation_id=obligation, municipality=municipality)


def close(obligation: UUID = OBLIGATION) -> CloseTreatment:
    return CloseTreatment(**about(), obligation_id=obligation)


def refusal(history: list[Event], command: Command) -> Refused:
    with pytest.raises(Refused) as caught:
        TREATMENT.decide(command, TREATMENT.fold(history))
    return caught.value


def left_after(history: list[Event]) -> int:
    treatment = TREATMENT.fold(history)
    assert treatment is not None
    return treatment.left()


THE_DAY_AFTER_THE_END = date(2024, 3, 2)

"""One woman's advice, and what can be told of it."""

from datetime import date, timedelta
from uuid import UUID

from coordinating_advice.domain.advice.commands import (
    BeginPhase,
    Command,
    DeclineAdvice,
    EndAdvice,
    ExtendWindow,
    GiveAdvice,
    GiveInitialAdvice,
    HandOverAdvice,
    NameAdviser,
    OfferAdvice,
    OpenWindow,
    StartAdvice,
    TakeOverAdvice,
)
from havn_events.codes import AdviceBy, AdvicePhase
from havn_events.coordinating_advice import (
    AdviceClosed,
    AdviceDeclined,
    AdviceEnded,
    AdviceExtended,
    AdviceGiven,
    AdviceHandedOver,
    AdviceOffered,
    AdviceOpened,
    AdvicePhaseBegan,
    AdviceReopened,
    AdviceStarted,
    AdviceTakenOver,
    AdviceTransferred,
    AdviceWindowOpened,
    AdviserNamed,
)

STAY = UUID(int=1)
MEETING = UUID(int=2)
SHELTERS, MUNICIPALITYS, THIRD = UUID(int=11), UUID(int=12), UUID(int=13)
ODENSE, GENTOFTE = "0461", "0157"
DAY = timedelta(days=1)

OPENED_ON = date(2024, 1, 10)
STARTED_ON = date(2024, 2, 1)
MOVED_OUT_ON = date(2024, 3, 15)
LAST_DAY = date(2024, 9, 15)
LATEST = date(2025, 3, 15)

OPENED = AdviceOpened(stay_id=STAY, occurred_on=OPENED_ON, municipality=ODENSE)
STARTED = AdviceStarted(stay_id=STAY, occurred_on=STARTED_ON, variant="ordinary", by="shelter")
WINDOW = AdviceWindowOpened(stay_id=STAY, occurred_on=MOVED_OUT_ON, moved_out_on=MOVED_OUT_ON, until=LAST_DAY)
CLOSED = AdviceClosed(stay_id=STAY, occurred_on=OPENED_ON, because="stay-annulled")
GONE_ON = AdviceClosed(stay_id=STAY, occurred_on=STARTED_ON, because="stay-continued")
REOPENED = AdviceReopened(stay_id=STAY, occurred_on=MOVED_OUT_ON)
DECLINED = AdviceDeclined(stay_id=STAY, occurred_on=STARTED_ON, reason="does-not-want")
OFFERED = AdviceOffered(stay_id=STAY, occurred_on=STARTED_ON)
HELD = AdviceGiven(stay_id=STAY, occurred_on=STARTED_ON, meeting_id=MEETING, minutes=45, by="shelter")
TRANSFERRED = AdviceTransferred(stay_id=STAY, occurred_on=STARTED_ON, municipality=GENTOFTE)


def ended(on: date) -> AdviceEnded:
    return AdviceEnded(stay_id=STAY, occurred_on=on, because="established")


def extended(until: date) -> AdviceExtended:
    return AdviceExtended(stay_id=STAY, occurred_on=MOVED_OUT_ON, until=until)


def initial(on: date = OPENED_ON, asked_by: str | None = None) -> GiveInitialAdvice:
    return GiveInitialAdvice(stay_id=STAY, occurred_on=on, by="shelter", asked_by=asked_by)


def offer() -> OfferAdvice:
    return OfferAdvice(stay_id=STAY, occurred_on=STARTED_ON)


def decline() -> DeclineAdvice:
    return DeclineAdvice(stay_id=STAY, occurred_on=STARTED_ON, reason="does-not-want")


def start(on: date = STARTED_ON) -> StartAdvice:
    return StartAdvice(stay_id=STAY, occurred_on=on, variant="ordinary", by="shelter", shelter_municipality=None)


def meeting(on: date, by: AdviceBy = "shelter", shelter_municipality: str | None = None) -> GiveAdvice:
    return GiveAdvice(
        stay_id=STAY,
        occurred_on=on,
        meeting_id=MEETING,
        minutes=45,
        by=by,
        shelter_municipality=shelter_municipality,
    )


def phase(name: AdvicePhase, on: date = MOVED_OUT_ON) -> BeginPhase:
    return BeginPhase(stay_id=STAY, occurred_on=on, phase=name)


def began(name: AdvicePhase, on: date = MOVED_OUT_ON) -> AdvicePhaseBegan:
    return AdvicePhaseBegan(stay_id=STAY, occurred_on=on, phase=name)


def hand_over(
    from_adviser: UUID = SHELTERS,
    to_adviser: UUID = MUNICIPALITYS,
    municipality: str = ODENSE,
    on: date = MOVED_OUT_ON,
) -> HandOverAdvice:
    return HandOverAdvice(
        stay_id=STAY,
        occurred_on=on,
        from_adviser_id=from_adviser,
        to_adviser_id=to_adviser,
        municipality=municipality,
    )


def handed_over(from_adviser: UUID, to_adviser: UUID) -> AdviceHandedOver:
    return AdviceHandedOver(
        stay_id=STAY,
        occurred_on=MOVED_OUT_ON,
        from_adviser_id=from_adviser,
        to_adviser_id=to_adviser,
        municipality=ODENSE,
    )


def name(adviser_id: UUID, asked_by: str | None = ODENSE) -> NameAdviser:
    return NameAdviser(stay_id=STAY, occurred_on=MOVED_OUT_ON, adviser_id=adviser_id, asked_by=asked_by)


def named(adviser_id: UUID) -> AdviserNamed:
    return AdviserNamed(stay_id=STAY, occurred_on=MOVED_OUT_ON, adviser_id=adviser_id)


def take_over(on: date = STARTED_ON, asked_by: str = GENTOFTE) -> TakeOverAdvice:
    return TakeOverAdvice(stay_id=STAY, occurred_on=on, adviser_id=MUNICIPALITYS, by="meeting", asked_by=asked_by)


def taken_over(on: date = STARTED_ON) -> AdviceTakenOver:
    return AdviceTakenOver(
        stay_id=STAY, occurred_on=on, from_municipality=ODENSE, municipality=GENTOFTE, adviser_id=MUNICIPALITYS, by="meeting"
    )


def extend(until: date, asked_by: str | None = ODENSE) -> ExtendWindow:
    return ExtendWindow(stay_id=STAY, occurred_on=MOVED_OUT_ON, until=until, asked_by=asked_by)


def end(on: date, because: str = "established") -> EndAdvice:
    return EndAdvice(stay_id=STAY, occurred_on=on, because=because)  # type: ignore[arg-type]


REPORTS: list[Command] = [
    initial(),
    offer(),
    decline(),
    start(),
    meeting(STARTED_ON),
    phase("pre"),
    hand_over(),
    extend(LAST_DAY + DAY),
    end(MOVED_OUT_ON),
]


def open_window(moved_out_on: date = MOVED_OUT_ON, until: date = LAST_DAY) -> OpenWindow:
    return OpenWindow(stay_id=STAY, occurred_on=MOVED_OUT_ON, municipality=ODENSE, moved_out_on=moved_out_on, until=until)

"""One person's treatment during and right after one stay: what is owed, used and left.

Floor, ceiling, unit and the municipality that owes it come from the obligation; no statute is known here. Hours are counted
in minutes, or, where the standard counts sessions, one for each session held whatever its length. A missed session is not an
hour used (assumed).

A direct transfer to another shelter continues the entitlement: each stay has a treatment of its own, and what was used and granted
in the others comes in with the command. A later stay without a transfer opens a new entitlement (assumed).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal
from uuid import UUID

from havn_chassis.decider import Decider, Refused
from havn_events.codes import Employer, TreatmentDeclinedReason, TreatmentEnd, Unit
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
    TreatmentReopened,
    TreatmentTransferred,
)

MINUTES_PER_SESSION = 60
"""What one session is worth where sessions are counted and extra hours are granted (assumed: Copenhagen gives 10 sessions for
the act's 10 hours)."""


@dataclass(frozen=True)
class Elsewhere:
    """What the same entitlement was used and granted at the other shelters that a direct transfer connects this stay with."""

    minutes: int = 0
    sessions: int = 0
    extra_minutes: int = 0


NOTHING_ELSEWHERE = Elsewhere()


@dataclass(frozen=True)
class _About:
    """Whose treatment, and the business date."""

    stay_id: UUID
    person_id: UUID
    occurred_on: date


@dataclass(frozen=True)
class _Report(_About):
    """A report from outside. ``admitted_on``: the stay's first day, as it is known now."""

    admitted_on: date | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class OpenTreatment(_About):
    """An obligation says that treatment is owed. ``floor`` and ``ceiling`` are in ``unit``."""

    obligation_id: UUID
    municipality: str
    unit: Unit
    floor: int
    ceiling: int


@dataclass(frozen=True)
class TransferTreatment(_About):
    """Another municipality owes the rest."""

    obligation_id: UUID
    municipality: str


@dataclass(frozen=True)
class FollowHome(_About):
    """Her home changed. Where every hour is used no obligation is left that would move, yet more can be granted."""

    municipality: str


@dataclass(frozen=True)
class CloseTreatment(_About):
    """The obligation was cancelled."""

    obligation_id: UUID


@dataclass(frozen=True)
class ReopenTreatment(_About):
    """The obligation is open again."""

    obligation_id: UUID


@dataclass(frozen=True)
class OfferTreatment(_Report):
    """``municipality``: the caller's, where the caller is a municipality."""

    municipality: str | None


@dataclass(frozen=True)
class DeclineTreatment(_Report):
    """``municipality``: the caller's, where the caller is a municipality."""

    reason: TreatmentDeclinedReason
    municipality: str | None


@dataclass(frozen=True)
class AssignPsychologist(_Report):
    """``shelter_may_treat``: the municipalities whose citizens the shelter's own psychologist may treat on the day: the
    shelter's own, and those that agreed to it.

    ``municipality``: the caller's, where the caller is a municipality.
    """

    psychologist_id: UUID
    employer: Employer
    authorised: bool
    shelter_may_treat: frozenset[str]
    municipality: str | None


@dataclass(frozen=True)
class HoldSession(_Report):
    """A session of ``minutes`` was held."""

    session_id: UUID
    minutes: int
    elsewhere: Elsewhere = NOTHING_ELSEWHERE


@dataclass(frozen=True)
class MissSession(_Report):
    """The person did not come."""

    session_id: UUID


@dataclass(frozen=True)
class CorrectSession(_Report):
    """The session took ``minutes`` in truth; 0 means that it was not held."""

    session_id: UUID
    minutes: int
    elsewhere: Elsewhere = NOTHING_ELSEWHERE


@dataclass(frozen=True)
class GrantExtraHours(_Report):
    """``municipality``, the caller's, raises the ceiling by ``minutes``."""

    minutes: int
    municipality: str


@dataclass(frozen=True)
class CompleteTreatment(_Report):
    """The treatment ended."""

    reason: TreatmentEnd


Report = (
    OfferTreatment
    | DeclineTreatment
    | AssignPsychologist
    | HoldSession
    | MissSession
    | CorrectSession
    | GrantExtraHours
    | CompleteTreatment
)
Command = OpenTreatment | TransferTreatment | FollowHome | CloseTreatment | ReopenTreatment | Report


@dataclass(frozen=True)
class Session:
    """A recorded session. ``minutes`` is what it counts after corrections; 0 when missed or not held."""

    day: date
    minutes: int


@dataclass(frozen=True)
class Treatment:
    """A treatment that was opened. ``ceiling`` is in ``unit``; ``extra_minutes`` were granted on top of it.

    ``ended`` says how it ended, ``ended_on`` its last day.
    """

    obligation_id: UUID
    opened_on: date
    municipality: str
    unit: Unit
    ceiling: int
    extra_minutes: int = 0
    offered_on: date | None = None
    psychologist: tuple[UUID, Employer] | None = None
    sessions: Mapping[UUID, Session] = field(default_factory=dict)
    ended: Literal["declined", "completed", "closed"] | None = None
    ended_on: date | None = None

    def counts(self, minutes: int) -> int:
        """What a session of ``minutes`` uses, in ``unit``."""
        return minutes if self.unit == "minutes" else min(minutes, 1)

    @property
    def used(self) -> int:
        """In ``unit``."""
        return sum(self.counts(session.minutes) for session in self.sessions.values())

    def left(self, elsewhere: Elsewhere = NOTHING_ELSEWHERE) -> int:
        """In ``unit``, never below 0, after what was used and granted elsewhere."""
        extra = self.extra_minutes + elsewhere.extra_minutes
        if self.unit == "minutes":
            return max(self.ceiling + extra - self.used - elsewhere.minutes, 0)
        return max(self.ceiling + extra // MINUTES_PER_SESSION - self.used - elsewhere.sessions, 0)

    @property
    def last_held_on(self) -> date | None:
        """The day of the latest session that was held."""
        return max((session.day for session in self.sessions.values() if session.minutes), default=None)


State = Treatment | None
"""``None``: no obligation has opened it yet."""


def not_open() -> Refused:
    """The same answer for a treatment that does not exist, is not here yet, or is another municipality's."""
    return Refused(
        "treatment-not-open",
        "No treatment is owed to this person that you may see. If she or the child was registered a moment ago, what is owed "
        "may not have arrived here yet: try again shortly. Otherwise check the stay, the person and who owes the treatment.",
        kind="absent",
    )


def decide(command: Command, state: State) -> list[Event]:
    """Raises Refused with the name of the rule that forbids the command."""
    match command:
        case OpenTreatment():
            return _open(command, state)
        case TransferTreatment():
            return _transfer(command, state)
        case FollowHome():
            return _transferred(command, state) if state is not None and state.ended is None else []
        case CloseTreatment():
            return _close(command, state)
        case ReopenTreatment():
            return _reopen(command, state)
        case OfferTreatment():
            return _offer(command, _opened(state, command.municipality))
        case DeclineTreatment():
            return _decline(command, _arrangeable(command, state))
        case AssignPsychologist():
            return _assign(command, _arrangeable(command, state))
        case HoldSession():
            return _hold(command, _recordable(command, state))
        case MissSession():
            return _miss(command, _recordable(command, state))
        case CorrectSession():
            return _correct(command, state)
        case GrantExtraHours():
            return _grant(command, _arrangeable(command, state))
        case CompleteTreatment():
            return _complete(command, _running(command, state))


def _open(command: OpenTreatment, state: State) -> list[Event]:
    if state is not None and state.obligation_id == command.obligation_id:
        return []
    return [
        TreatmentOpened(
            occurred_on=command.occurred_on,
            stay_id=command.stay_id,
            person_id=command.person_id,
            obligation_id=command.obligation_id,
            municipality=command.municipality,
            unit=command.unit,
            floor=command.floor,
            ceiling=command.ceiling,
        )
    ]


def _transfer(command: TransferTreatment, state: State) -> list[Event]:
    if state is None or state.obligation_id != command.obligation_id:
        return []
    return _transferred(command, state)


def _transferred(command: TransferTreatment | FollowHome, treatment: Treatment) -> list[Event]:
    if treatment.municipality == command.municipality:
        return []
    return [
        TreatmentTransferred(
            occurred_on=command.occurred_on,
            stay_id=command.stay_id,
            person_id=command.person_id,
            municipality=command.municipality,
        )
    ]


def _close(command: CloseTreatment, state: State) -> list[Event]:
    """Nothing to do for a treatment that already ended: declining, too, cancels the obligation."""
    if state is None or state.obligation_id != command.obligation_id or state.ended is not None:
        return []
    return [TreatmentClosed(occurred_on=command.occurred_on, stay_id=command.stay_id, person_id=command.person_id)]


def _reopen(command: ReopenTreatment, state: State) -> list[Event]:
    """A treatment that is running needs none; one that was declined stays so until it is owed anew."""
    if state is None or state.obligation_id != command.obligation_id or state.ended in (None, "declined"):
        return []
    return [TreatmentReopened(occurred_on=command.occurred_on, stay_id=command.stay_id, person_id=command.person_id)]


def _offer(command: OfferTreatment, treatment: Treatment) -> list[Event]:
    """What was declined may be offered again: she may think better of it."""
    if treatment.ended == "declined":
        _not_before_it_was_declined(command, treatment)
    else:
        _not_over_by_then(command, treatment)
        _not_offered(treatment)
    return [TreatmentOffered(occurred_on=command.occurred_on, stay_id=command.stay_id, person_id=command.person_id)]


def _not_before_it_was_declined(command: OfferTreatment, treatment: Treatment) -> None:
    if treatment.ended_on is not None and command.occurred_on < treatment.ended_on:
        raise Refused(
            "before-it-was-declined",
            f"The offer was declined on {treatment.ended_on}; one made again cannot lie before that day. Check the date.",
            field="occurred_on",
        )


def _not_offered(treatment: Treatment) -> None:
    if treatment.offered_on is not None:
        raise Refused(
            "already-offered", "The treatment was already offered. Record the answer, a psychologist or a session instead."
        )


def _decline(command: DeclineTreatment, treatment: Treatment) -> list[Event]:
    if treatment.ended == "completed":
        raise _ended()
    if treatment.offered_on is None:
        raise Refused("not-offered", "Only an offer can be declined. Record the offer first.")
    if command.occurred_on < treatment.offered_on:
        raise Refused(
            "before-the-offer", "The offer was made on a later day than this answer. Check the date.", field="occurred_on"
        )
    if treatment.used:
        raise Refused(
            "sessions-were-held",
            "Sessions were held, so the offer was not declined. Record the treatment as completed instead.",
        )
    return [
        TreatmentDeclined(
            occurred_on=command.occurred_on, stay_id=command.stay_id, person_id=command.person_id, reason=command.reason
        )
    ]


def _assign(command: AssignPsychologist, treatment: Treatment) -> list[Event]:
    """Odense 2.4: an authorised psychologist; the shelter's own treats its own municipality's citizens, others by agreement."""
    if not command.authorised:
        raise Refused(
            "psychologist-authorised",
            "Only an authorised psychologist may give the treatment (Odense 2.4). Choose one who holds an authorisation.",
            field="authorised",
            kind="invalid",
        )
    if command.employer == "shelter" and treatment.municipality not in command.shelter_may_treat:
        raise Refused(
            "agreement-needed",
            "The shelter's own psychologist treats citizens of the shelter's own municipality; others only while an agreement "
            "with their home municipality is in force (Odense 2.4). Have that municipality record its agreement, or choose "
            "another psychologist.",
            field="employer",
        )
    if treatment.psychologist == (command.psychologist_id, command.employer):
        raise Refused("already-assigned", "This psychologist already has the treatment. Nothing needs to be recorded.")
    return [
        PsychologistAssigned(
            occurred_on=command.occurred_on,
            stay_id=command.stay_id,
            person_id=command.person_id,
            psychologist_id=command.psychologist_id,
            employer=command.employer,
        )
    ]


def _hold(command: HoldSession, treatment: Treatment) -> list[Event]:
    _within_the_ceiling(treatment, command.minutes, command.elsewhere)
    return [
        SessionHeld(
            occurred_on=command.occurred_on,
            stay_id=command.stay_id,
            person_id=command.person_id,
            session_id=command.session_id,
            minutes=command.minutes,
        )
    ]


def _miss(command: MissSession, treatment: Treatment) -> list[Event]:
    return [
        SessionMissed(
            occurred_on=command.occurred_on,
            stay_id=command.stay_id,
            person_id=command.person_id,
            session_id=command.session_id,
        )
    ]


def _correct(command: CorrectSession, state: State) -> list[Event]:
    """Sessions of a completed or closed treatment can be corrected as well: a mistake may be found late."""
    treatment = _opened(state)
    _not_declined(treatment)
    session = treatment.sessions.get(command.session_id)
    if session is None:
        raise Refused("session-unknown", "No session with this id was recorded for this person. Check the id.", kind="absent")
    if command.occurred_on < session.day:
        raise Refused(
            "before-the-session",
            "A session cannot be corrected before the day it was held. Check the date.",
            field="occurred_on",
        )
    if command.minutes == session.minutes:
        raise Refused("correction-changes-nothing", "The session already counts this many minutes.", field="minutes")
    _within_the_ceiling(treatment, command.minutes, command.elsewhere, session.minutes)
    return [
        SessionCorrected(
            occurred_on=command.occurred_on,
            stay_id=command.stay_id,
            person_id=command.person_id,
            session_id=command.session_id,
            session_on=session.day,
            minutes=command.minutes,
            minutes_before=session.minutes,
        )
    ]


def _grant(command: GrantExtraHours, treatment: Treatment) -> list[Event]:
    if treatment.unit == "sessions" and command.minutes % MINUTES_PER_SESSION:
        raise Refused(
            "whole-sessions",
            f"This treatment is counted in sessions, so extra time is granted in steps of {MINUTES_PER_SESSION} minutes.",
            field="minutes",
            kind="invalid",
        )
    return [
        ExtraHoursGranted(
            occurred_on=command.occurred_on,
            stay_id=command.stay_id,
            person_id=command.person_id,
            minutes=command.minutes,
            municipality=command.municipality,
        )
    ]


def _complete(command: CompleteTreatment, treatment: Treatment) -> list[Event]:
    if treatment.last_held_on is not None and command.occurred_on < treatment.last_held_on:
        raise Refused(
            "before-the-last-session",
            "A session was held after this day, so the treatment was not completed yet. Check the date or correct the session.",
            field="occurred_on",
        )
    return [
        TreatmentCompleted(
            occurred_on=command.occurred_on, stay_id=command.stay_id, person_id=command.person_id, reason=command.reason
        )
    ]


def _opened(state: State, municipality: str | None = None) -> Treatment:
    if state is None or municipality not in (None, state.municipality):
        raise not_open()
    return state


def _not_declined(treatment: Treatment) -> None:
    if treatment.ended == "declined":
        raise Refused("treatment-declined", "The treatment was declined. Record that it was offered again, then what happened.")


def _ended() -> Refused:
    return Refused(
        "treatment-ended",
        "The treatment was completed or closed, so nothing new can be recorded about it. What happened up to the day it was "
        "closed can still be recorded with the day it happened.",
        field="occurred_on",
    )


def _running(command: _Report, state: State) -> Treatment:
    treatment = _opened(state)
    _not_declined(treatment)
    if treatment.ended is not None:
        raise _ended()
    _not_before_it_opened(command, treatment)
    return treatment


def _arrangeable(command: OfferTreatment | DeclineTreatment | AssignPsychologist | GrantExtraHours, state: State) -> Treatment:
    treatment = _opened(state, command.municipality)
    _not_over_by_then(command, treatment)
    return treatment


def _not_over_by_then(command: _Report, treatment: Treatment) -> None:
    """What happened up to the day on which the treatment was completed, or closed as by a transfer, can still be told, late."""
    _not_declined(treatment)
    _not_before_it_opened(command, treatment)
    if treatment.ended_on is not None and command.occurred_on > treatment.ended_on:
        raise _ended()


def _recordable(command: HoldSession | MissSession, state: State) -> Treatment:
    treatment = _opened(state)
    _not_over_by_then(command, treatment)
    if treatment.psychologist is None:
        raise Refused(
            "psychologist-not-assigned",
            "A session is held by an authorised psychologist who has the treatment. Record the psychologist first.",
        )
    if command.session_id in treatment.sessions:
        raise Refused(
            "session-recorded-twice",
            "A session with this id is already recorded. Correct that one, or use a new id for another session.",
            field="session_id",
        )
    return treatment


def _not_before_it_opened(command: _Report, treatment: Treatment) -> None:
    """Owed from the admission on, which may have been corrected since."""
    if command.occurred_on < (command.admitted_on or treatment.opened_on):
        raise Refused(
            "before-the-treatment-opened",
            "Treatment is owed from the first day of the stay, which is after this day. Check the date.",
            field="occurred_on",
        )


def _within_the_ceiling(treatment: Treatment, minutes: int, elsewhere: Elsewhere, minutes_before: int = 0) -> None:
    before, left = treatment.counts(minutes_before), treatment.left(elsewhere)
    if treatment.counts(minutes) - before > left:
        raise Refused(
            "over-the-ceiling",
            f"{left + before} {treatment.unit} are left for this session. "
            "More can be held once the municipality that owes the treatment has granted extra hours.",
            field="minutes",
        )


def evolve(state: State, event: Event) -> State:
    """The treatment after ``event``."""
    if isinstance(event, TreatmentOpened):
        return _after_opening(state, event)
    if state is None:
        raise ValueError(f"{event.type_name()} before TreatmentOpened: the stream is broken")
    match event:
        case TreatmentTransferred():
            return replace(state, municipality=event.municipality)
        case TreatmentClosed():
            return replace(state, ended="closed", ended_on=event.occurred_on)
        case TreatmentReopened():
            return replace(state, ended=None, ended_on=None)
        case TreatmentOffered():
            return replace(_not_declined_any_more(state), offered_on=event.occurred_on)
        case TreatmentDeclined():
            return replace(state, ended="declined", ended_on=event.occurred_on)
        case PsychologistAssigned():
            return replace(state, psychologist=(event.psychologist_id, event.employer))
        case SessionHeld():
            return _with_session(state, event.session_id, Session(event.occurred_on, event.minutes))
        case SessionMissed():
            return _with_session(state, event.session_id, Session(event.occurred_on, 0))
        case SessionCorrected():
            session = state.sessions[event.session_id]
            return _with_session(state, event.session_id, replace(session, minutes=event.minutes))
        case ExtraHoursGranted():
            return replace(state, extra_minutes=state.extra_minutes + event.minutes)
        case TreatmentCompleted():
            return replace(state, ended="completed", ended_on=event.occurred_on)
        case _:
            raise ValueError(f"{event.type_name()} is no event of a treatment: the stream is broken")


def _after_opening(state: State, event: TreatmentOpened) -> Treatment:
    """Opened anew by another obligation, it keeps what was used, granted and assigned; a declined one is offered anew."""
    opened = Treatment(
        obligation_id=event.obligation_id,
        opened_on=event.occurred_on,
        municipality=event.municipality,
        unit=event.unit,
        ceiling=event.ceiling,
    )
    if state is None:
        return opened
    return replace(
        opened,
        extra_minutes=state.extra_minutes,
        offered_on=None if state.ended == "declined" else state.offered_on,
        psychologist=state.psychologist,
        sessions=state.sessions,
    )


def _not_declined_any_more(treatment: Treatment) -> Treatment:
    return replace(treatment, ended=None, ended_on=None) if treatment.ended == "declined" else treatment


def _with_session(treatment: Treatment, session_id: UUID, session: Session) -> Treatment:
    return replace(treatment, sessions={**treatment.sessions, session_id: session})


TREATMENT: Decider[Command, State] = Decider(name="treatment", initial=None, decide=decide, evolve=evolve)

"""Aftercare for one family: offered at move-out, and a course of visits and invitations to the café if it is accepted.

Whether a family is owed an offer, and what completes a course, was settled by the rules that opened the obligations.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from uuid import UUID

from havn_chassis.decider import Decider, Refused, not_before_admission
from havn_events.aftercare import (
    AftercareClosed,
    AftercareCourseOpened,
    AftercareDeclined,
    AftercareEnded,
    AftercareOffered,
    AftercareOpened,
    AftercareStarted,
    AftercareVisitMade,
    CafeInvitationsDeclined,
    CafeInvitationSent,
)
from havn_events.codes import AftercareDeclinedReason, AftercareEnd, VisitPlace
from havn_events.event import Event


@dataclass(frozen=True)
class _About:
    """Whose aftercare, and the business date."""

    stay_id: UUID
    occurred_on: date


@dataclass(frozen=True)
class OpenAftercare(_About):
    """An obligation says that an offer is owed."""

    obligation_id: UUID


@dataclass(frozen=True)
class CloseOffer(_About):
    """The obligation to offer was cancelled."""

    obligation_id: UUID


@dataclass(frozen=True)
class OpenCourse(_About):
    """An obligation says what completes the course: so many visits, and a length that is reached on ``complete_from``."""

    obligation_id: UUID
    visits: int
    complete_from: date


@dataclass(frozen=True)
class GoOn(_About):
    """An obligation owes a course of which the standard does not say what completes it."""

    obligation_id: UUID


@dataclass(frozen=True)
class CloseCourse(_About):
    """The obligation to carry the course through was cancelled."""


@dataclass(frozen=True)
class CloseAftercare(_About):
    """The stay was annulled: nothing is owed after it."""


@dataclass(frozen=True)
class OfferAftercare(_About):
    """The shelter offered it. ``admitted_on``: the stay's first day."""

    admitted_on: date | None = None


@dataclass(frozen=True)
class DeclineAftercare(_About):
    """The family does not want it."""

    reason: AftercareDeclinedReason


@dataclass(frozen=True)
class StartAftercare(_About):
    """The family accepted."""


@dataclass(frozen=True)
class MakeVisit(_About):
    """The family was visited, or came to the shelter."""

    visit_id: UUID
    place: VisitPlace


@dataclass(frozen=True)
class EndAftercare(_About):
    """The course ended, complete or not."""

    because: AftercareEnd


@dataclass(frozen=True)
class InviteToCafe(_About):
    """The family was invited to the café at the shelter."""


@dataclass(frozen=True)
class DeclineCafeInvitations(_About):
    """The family wants no more invitations to the café."""


Command = (
    OpenAftercare
    | CloseOffer
    | OpenCourse
    | GoOn
    | CloseCourse
    | CloseAftercare
    | OfferAftercare
    | DeclineAftercare
    | StartAftercare
    | MakeVisit
    | EndAftercare
    | InviteToCafe
    | DeclineCafeInvitations
)


@dataclass(frozen=True)
class Course:
    """What completes a course: this many visits, and an end no sooner than this day."""

    visits: int
    complete_from: date

    def is_completed(self, ended_on: date, visits: int) -> bool:
        return ended_on >= self.complete_from and visits >= self.visits


@dataclass(frozen=True)
class Aftercare:
    """Aftercare that was opened. ``course``: ``None`` while no obligation says what completes it.

    ``completed`` is settled when the course ends, and again by what is told after that: a visit, or what completes it.
    ``invited_on``: the days of the invitations to the café. ``uninvited_on``: the day the family declined any more of them,
    ``None`` when an invitation of that day or later ended it.
    """

    obligation_id: UUID
    offered_on: date | None = None
    started_on: date | None = None
    visits: frozenset[UUID] = frozenset()
    last_visit_on: date | None = None
    ended_on: date | None = None
    ended_because: AftercareEnd | None = None
    completed: bool | None = None
    course: Course | None = None
    refused: Literal["declined", "closed"] | None = None
    declined_on: date | None = None
    invited_on: frozenset[date] = frozenset()
    uninvited_on: date | None = None


State = Aftercare | None
"""``None``: no obligation has opened it yet."""


def not_open() -> Refused:
    """No obligation to offer aftercare has arrived for this stay."""
    return Refused(
        "aftercare-not-open",
        "No aftercare is owed after this stay. If the move-out was registered a moment ago, what is owed may not have arrived "
        "here yet: try again shortly. Otherwise the shelter's standard does not give aftercare after such a stay.",
        kind="absent",
    )


def decide(command: Command, state: State) -> list[Event]:
    """Raises Refused with the name of the rule that forbids the command."""
    match command:
        case OpenAftercare():
            return _open(command, state)
        case CloseOffer():
            return _close_offer(command, state)
        case OpenCourse():
            return _open_course(command, state)
        case GoOn():
            return _go_on(command, state)
        case CloseCourse():
            return _close_course(command, state)
        case CloseAftercare():
            return _close(command, state)
        case OfferAftercare():
            return _offer(command, _known(state))
        case DeclineAftercare():
            return _decline(command, _opened(state))
        case StartAftercare():
            return _start(command, _opened(state))
        case MakeVisit():
            return _visit(command, _opened(state))
        case EndAftercare():
            return _end(command, _opened(state))
        case InviteToCafe():
            return _invite(command, _opened(state))
        case DeclineCafeInvitations():
            return _decline_invitations(command, _opened(state))


def _open(command: OpenAftercare, state: State) -> list[Event]:
    if state is not None and state.obligation_id == command.obligation_id:
        return []
    return [AftercareOpened(occurred_on=command.occurred_on, stay_id=command.stay_id, obligation_id=command.obligation_id)]


def _close_offer(command: CloseOffer, state: State) -> list[Event]:
    """Nothing to do once it was accepted, declined or closed: declining, too, cancels the obligation."""
    if state is None or state.obligation_id != command.obligation_id or state.started_on or state.refused:
        return []
    return [AftercareClosed(occurred_on=command.occurred_on, stay_id=command.stay_id)]


def _open_course(command: OpenCourse, state: State) -> list[Event]:
    """A course that ended before it was known what completes it is judged now, with the same day and the same reason."""
    course = Course(command.visits, command.complete_from)
    if state is None or state.started_on is None or state.course == course:
        return []
    opened = AftercareCourseOpened(
        occurred_on=command.occurred_on,
        stay_id=command.stay_id,
        obligation_id=command.obligation_id,
        visits=command.visits,
        complete_from=command.complete_from,
    )
    return [opened, *_ended_anew(command.stay_id, replace(state, course=course))]


def _go_on(command: GoOn, state: State) -> list[Event]:
    """What another version of the standard had closed is owed again; what runs needs no word of it."""
    if state is None or state.started_on is None or state.refused is None:
        return []
    return [AftercareOpened(occurred_on=command.occurred_on, stay_id=command.stay_id, obligation_id=command.obligation_id)]


def _close_course(command: CloseCourse, state: State) -> list[Event]:
    if state is None or state.started_on is None or state.ended_on or state.refused:
        return []
    return [AftercareClosed(occurred_on=command.occurred_on, stay_id=command.stay_id)]


def _close(command: CloseAftercare, state: State) -> list[Event]:
    """Whatever became of it: after an annulled stay nobody is offered anything, visited or invited."""
    if state is None or state.refused == "closed":
        return []
    return [AftercareClosed(occurred_on=command.occurred_on, stay_id=command.stay_id)]


def _offer(command: OfferAftercare, aftercare: Aftercare) -> list[Event]:
    """An offer may be dated before the move-out: it can be made while the family still lives at the shelter.

    What was declined may be offered again: a family may think better of it.
    """
    if aftercare.refused == "closed":
        raise _over()
    not_before_admission(command.occurred_on, command.admitted_on)
    if aftercare.declined_on is not None and command.occurred_on < aftercare.declined_on:
        raise Refused(
            "before-it-was-declined",
            f"The family declined on {aftercare.declined_on}; an offer made again cannot lie before that day. Check the date.",
            field="occurred_on",
        )
    if aftercare.offered_on is not None and aftercare.refused is None:
        raise Refused("already-offered", "Aftercare was already offered to this family. Record its answer instead.")
    return [AftercareOffered(occurred_on=command.occurred_on, stay_id=command.stay_id)]


def _decline(command: DeclineAftercare, aftercare: Aftercare) -> list[Event]:
    _answer(command, aftercare)
    return [AftercareDeclined(occurred_on=command.occurred_on, stay_id=command.stay_id, reason=command.reason)]


def _start(command: StartAftercare, aftercare: Aftercare) -> list[Event]:
    _answer(command, aftercare)
    return [AftercareStarted(occurred_on=command.occurred_on, stay_id=command.stay_id)]


def _answer(command: DeclineAftercare | StartAftercare, aftercare: Aftercare) -> None:
    if aftercare.started_on is not None:
        raise Refused("already-started", "The family accepted and aftercare has started. Record visits, or its end and why.")
    if aftercare.offered_on is None:
        raise Refused("not-offered", "Aftercare was not offered yet. Record the offer first, then the family's answer.")
    if command.occurred_on < aftercare.offered_on:
        raise Refused(
            "before-the-offer", "The offer was made on a later day than this answer. Check the date.", field="occurred_on"
        )


def _visit(command: MakeVisit, aftercare: Aftercare) -> list[Event]:
    """A visit up to the last day of an ended course may still be recorded; one that completes the course ends it anew."""
    started_on = _started(aftercare)
    if command.visit_id in aftercare.visits:
        raise Refused(
            "visit-recorded-twice",
            "A visit with this id is already recorded. Use a new id for another visit.",
            field="visit_id",
        )
    if command.occurred_on < started_on:
        raise _before_the_start("visit")
    if aftercare.ended_on is not None and command.occurred_on > aftercare.ended_on:
        raise Refused("aftercare-ended", "Aftercare ended on an earlier day than this visit. Check the date.", field="occurred_on")
    visit = AftercareVisitMade(
        occurred_on=command.occurred_on, stay_id=command.stay_id, visit_id=command.visit_id, place=command.place
    )
    return [visit, *_ended_anew(command.stay_id, replace(aftercare, visits=aftercare.visits | {command.visit_id}))]


def _end(command: EndAftercare, aftercare: Aftercare) -> list[Event]:
    started_on = _started(aftercare)
    if aftercare.ended_on is not None:
        raise Refused("aftercare-ended", "Aftercare has already ended. Visits up to that day can still be recorded.")
    if command.occurred_on < max(started_on, aftercare.last_visit_on or started_on):
        raise Refused(
            "before-the-last-visit",
            "Aftercare cannot end before it started or before a visit that was made. Check the date.",
            field="occurred_on",
        )
    return [_ended(command.stay_id, aftercare, command.occurred_on, command.because)]


def _invite(command: InviteToCafe, aftercare: Aftercare) -> list[Event]:
    """Also after the course ended: who is invited are former residents, and no end is given (Hellerup, Efterværn).

    A family that declined may think better of it; an invitation of before it declined is one told late.
    """
    if command.occurred_on < _started(aftercare):
        raise _before_the_start("invitation")
    if command.occurred_on in aftercare.invited_on:
        raise Refused(
            "already-invited-that-day",
            "An invitation to the café on this day is already recorded for this family. Check the date.",
            field="occurred_on",
        )
    return [CafeInvitationSent(occurred_on=command.occurred_on, stay_id=command.stay_id)]


def _decline_invitations(command: DeclineCafeInvitations, aftercare: Aftercare) -> list[Event]:
    if command.occurred_on < _started(aftercare):
        raise _before_the_start("answer")
    if aftercare.uninvited_on is not None:
        raise Refused(
            "cafe-invitations-already-declined",
            "The family already declined further invitations to the café. Record an invitation if it has thought better of it.",
        )
    return [CafeInvitationsDeclined(occurred_on=command.occurred_on, stay_id=command.stay_id)]


def _ended_anew(stay_id: UUID, aftercare: Aftercare) -> list[Event]:
    """The end once more where what is known by now makes another of it; what was completed stays so."""
    if aftercare.ended_on is None or aftercare.completed:
        return []
    assert aftercare.ended_because is not None
    ended = _ended(stay_id, aftercare, aftercare.ended_on, aftercare.ended_because)
    return [] if ended.completed is aftercare.completed else [ended]


def _ended(stay_id: UUID, aftercare: Aftercare, ended_on: date, because: AftercareEnd) -> AftercareEnded:
    completed = None if aftercare.course is None else aftercare.course.is_completed(ended_on, len(aftercare.visits))
    return AftercareEnded(occurred_on=ended_on, stay_id=stay_id, completed=completed, because=because)


def _known(state: State) -> Aftercare:
    if state is None:
        raise not_open()
    return state


def _opened(state: State) -> Aftercare:
    aftercare = _known(state)
    if aftercare.refused == "declined":
        raise Refused("aftercare-declined", "The family declined aftercare. Record that it was offered again, then its answer.")
    if aftercare.refused == "closed":
        raise _over()
    return aftercare


def _over() -> Refused:
    return Refused("aftercare-over", "Aftercare is owed no more after this stay, so nothing can be recorded about it.")


def _started(aftercare: Aftercare) -> date:
    if aftercare.started_on is None:
        raise Refused("not-started", "Aftercare has not started. Record its start first.")
    return aftercare.started_on


def _before_the_start(what: str) -> Refused:
    return Refused("before-the-start", f"Aftercare started on a later day than this {what}. Check the date.", field="occurred_on")


def evolve(state: State, event: Event) -> State:
    """The aftercare after ``event``."""
    if isinstance(event, AftercareOpened):
        return _after_opening(state, event)
    if state is None:
        raise ValueError(f"{event.type_name()} before AftercareOpened: the stream is broken")
    match event:
        case AftercareClosed():
            return replace(state, refused="closed", course=None)
        case AftercareOffered():
            return replace(state, offered_on=event.occurred_on, refused=None)
        case AftercareDeclined():
            return replace(state, refused="declined", declined_on=event.occurred_on)
        case AftercareStarted():
            return replace(state, started_on=event.occurred_on)
        case AftercareCourseOpened():
            return replace(state, course=Course(event.visits, event.complete_from), refused=None)
        case AftercareVisitMade():
            last = max(event.occurred_on, state.last_visit_on or event.occurred_on)
            return replace(state, visits=state.visits | {event.visit_id}, last_visit_on=last)
        case AftercareEnded():
            return replace(state, ended_on=event.occurred_on, ended_because=event.because, completed=event.completed)
        case CafeInvitationSent():
            ended = state.uninvited_on is not None and event.occurred_on >= state.uninvited_on
            uninvited_on = None if ended else state.uninvited_on
            return replace(state, invited_on=state.invited_on | {event.occurred_on}, uninvited_on=uninvited_on)
        case CafeInvitationsDeclined():
            thought_better = any(invited_on > event.occurred_on for invited_on in state.invited_on)
            return replace(state, uninvited_on=None if thought_better else event.occurred_on)
        case _:
            raise ValueError(f"{event.type_name()} is no event of aftercare: the stream is broken")


def _after_opening(state: State, event: AftercareOpened) -> Aftercare:
    """Opened anew by another obligation, it keeps what happened; after a decline it is offered anew."""
    if state is None:
        return Aftercare(obligation_id=event.obligation_id)
    offered_on = None if state.refused == "declined" else state.offered_on
    return replace(state, obligation_id=event.obligation_id, offered_on=offered_on, refused=None, declined_on=None)


AFTERCARE: Decider[Command, State] = Decider(name="aftercare", initial=None, decide=decide, evolve=evolve)

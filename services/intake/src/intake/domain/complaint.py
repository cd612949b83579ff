"""A complaint: filed, answered, forwarded to Ankestyrelsen where it can be and was not fully upheld, or withdrawn."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from havn_chassis.decider import Decider, Refused
from havn_events.codes import ComplaintAbout, ComplaintOutcome, ComplaintRoute, StayEnd
from havn_events.event import Event
from havn_events.intake import ComplaintAnswered, ComplaintFiled, ComplaintForwarded, ComplaintWithdrawn

OwnRoutes = Mapping[Literal["conditions", "case-handling"], ComplaintRoute]
"""Whom a standard names above the leader; refusal, discharge and expulsion go the same way everywhere."""


@dataclass(frozen=True)
class ComplaintTerm:
    """How long after receiving the decision it may be complained of, as the shelter's standard says; every day counts."""

    number: int
    unit: Literal["days", "weeks", "months"]


@dataclass(frozen=True)
class ConcernedCase:
    """What the complaint is about: a stay of the shelter, or an inquiry to it. ``began_on``: admitted or received.

    ``ended_because``: how a stay ended, None while it lasts and for an inquiry.
    """

    kind: Literal["stay", "inquiry"]
    began_on: date
    ended_because: StayEnd | None = None


@dataclass(frozen=True)
class FileComplaint:
    """A complaint was received on ``occurred_on``, in writing or by word of mouth.

    ``concerned`` is None when the shelter has no such stay or inquiry. ``decision_received_on``: the day the complainant
    received the decision, None when there was none or nobody knows; a complaint is late only where that day shows it.
    ``own_routes``: whom the shelter's standard names above the leader, for conditions and for case handling. ``term``: until when
    it may be complained of, None where the standard gives no term.
    """

    complaint_id: UUID
    shelter_id: UUID
    standard: str
    occurred_on: date
    concerns: UUID
    concerned: ConcernedCase | None
    about: ComplaintAbout
    form: Literal["written", "oral"]
    decision_received_on: date | None
    own_routes: OwnRoutes = field(default_factory=dict)
    term: ComplaintTerm | None = None


@dataclass(frozen=True)
class AnswerComplaint:
    """The shelter reassessed the matter and answered. ``expelled``: the stay is known by now to have ended with an expulsion."""

    shelter_id: UUID
    occurred_on: date
    outcome: ComplaintOutcome
    expelled: bool = False


@dataclass(frozen=True)
class ForwardComplaint:
    """Sent to Ankestyrelsen with the case's papers. ``expelled`` as in AnswerComplaint."""

    shelter_id: UUID
    occurred_on: date
    expelled: bool = False


@dataclass(frozen=True)
class WithdrawComplaint:
    """The complainant withdrew it."""

    shelter_id: UUID
    occurred_on: date


Command = FileComplaint | AnswerComplaint | ForwardComplaint | WithdrawComplaint


@dataclass(frozen=True)
class NoComplaint:
    """Nobody has complained."""


@dataclass(frozen=True)
class Complaint:
    """A complaint and what became of it so far."""

    complaint_id: UUID
    concerns: UUID
    shelter_id: UUID
    about: ComplaintAbout
    route: ComplaintRoute
    filed_on: date
    answered_on: date | None = None
    outcome: ComplaintOutcome | None = None
    final: bool = False
    forwarded: bool = False
    withdrawn: bool = False


State = NoComplaint | Complaint


def decide(command: Command, state: State) -> Sequence[Event]:
    """What follows from a report. Raises Refused."""
    if isinstance(command, FileComplaint):
        return _file(command, state)
    complaint = _own(command.shelter_id, state)
    if command.occurred_on < complaint.filed_on:
        raise Refused(
            "before-the-complaint",
            "This day is before the complaint was received; give the day it happened.",
            field="occurred_on",
        )
    if complaint.withdrawn:
        raise Refused("complaint-withdrawn", "The complaint is withdrawn; a new complaint needs a new id.")
    match command:
        case AnswerComplaint():
            return _answer(command, complaint)
        case ForwardComplaint():
            return _forward(command, complaint)
        case WithdrawComplaint():
            return _withdraw(command, complaint)


def _file(command: FileComplaint, state: State) -> Sequence[Event]:
    if isinstance(state, Complaint):
        raise Refused(
            "already-filed",
            "A complaint with this id is recorded; a new complaint needs a new id.",
            field="complaint_id",
        )
    if command.concerned is None:
        raise Refused(
            "unknown-case",
            "The shelter has no stay and no inquiry with this id; name the one the complaint is about.",
            field="concerns",
            kind="absent",
        )
    if command.about == "refusal" and command.concerned.kind == "stay":
        raise Refused(
            "refusal-concerns-an-inquiry",
            "A complaint of a refusal is about the inquiry that was refused; give the inquiry's id.",
            field="concerns",
        )
    if command.about in ("discharge", "expulsion") and command.concerned.kind == "inquiry":
        raise Refused(
            "discharge-concerns-a-stay",
            "A complaint of a discharge or an expulsion is about a stay; give the stay's id.",
            field="concerns",
        )
    expelled = command.concerned.ended_because == "expelled"
    if command.about == "expulsion" and not expelled:
        raise Refused(
            "no-expulsion",
            "The stay did not end with an expulsion; file it as a complaint of the discharge, or report the expulsion first.",
            field="about",
        )
    if command.about == "discharge" and expelled:
        raise Refused(
            "discharge-was-an-expulsion",
            "The stay ended with an expulsion, which Ankestyrelsen does not hear (Odense 4.2, Copenhagen 8); file it as a "
            "complaint of the expulsion.",
            field="about",
        )
    if command.occurred_on < command.concerned.began_on:
        raise Refused(
            "before-the-case",
            "The complaint cannot be received before the stay or inquiry it is about began; give the day it was received.",
            field="occurred_on",
        )
    decided = command.decision_received_on
    if decided is not None and command.occurred_on < decided:
        raise Refused(
            "decision-after-the-complaint",
            "The decision cannot be received after the complaint of it; give the day the complainant received the decision.",
            field="decision_received_on",
            kind="invalid",
        )
    return [
        ComplaintFiled(
            occurred_on=command.occurred_on,
            complaint_id=command.complaint_id,
            concerns=command.concerns,
            about=command.about,
            form=command.form,
            late=_is_late(command),
            route=route_of(command.about, command.own_routes),
            shelter_id=command.shelter_id,
            standard=command.standard,
        )
    ]


def last_day_to_complain(term: ComplaintTerm, decision_received_on: date) -> date:
    """The last day on which the shelter receives a complaint in time; months end on the same day, or on that month's last."""
    if term.unit == "months":
        return _months_on(decision_received_on, term.number)
    length = timedelta(days=term.number) if term.unit == "days" else timedelta(weeks=term.number)
    return min(decision_received_on, date.max - length) + length


def _months_on(day: date, number: int) -> date:
    months = day.month - 1 + number
    year, month = day.year + months // 12, months % 12 + 1
    if year > date.max.year:
        return date.max
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _is_late(command: FileComplaint) -> bool:
    if command.decision_received_on is None or command.term is None:
        return False
    return command.occurred_on > last_day_to_complain(command.term, command.decision_received_on)


def route_of(about: ComplaintAbout, own_routes: OwnRoutes) -> ComplaintRoute:
    """Where a complaint can be taken when the shelter's answer does not uphold it (Odense 4, Copenhagen 8).

    A standard may name somebody above the leader for conditions and for case handling; elsewhere the leader's answer ends it.
    """
    match about:
        case "refusal" | "discharge":
            return "ankestyrelsen"
        case "expulsion":
            return "none"
        case "conditions" | "case-handling" as about_the_shelter:
            return own_routes.get(about_the_shelter, "leader")


def _own(shelter_id: UUID, state: State) -> Complaint:
    """The complaint, if it is this shelter's; another shelter's looks like none."""
    if isinstance(state, NoComplaint) or state.shelter_id != shelter_id:
        raise Refused("unknown-complaint", "No complaint with this id is recorded; report the complaint first.", kind="absent")
    return state


def _answer(command: AnswerComplaint, complaint: Complaint) -> Sequence[Event]:
    """Final where nothing is forwarded. It is given anew, and then ends it, where the stay turned out to end with an expulsion."""
    turned_out_expelled = command.expelled and not complaint.final and not complaint.forwarded
    if complaint.answered_on is not None and not turned_out_expelled:
        raise Refused("already-answered", "The complaint is answered; its answer stands.")
    return [
        ComplaintAnswered(
            occurred_on=command.occurred_on,
            complaint_id=complaint.complaint_id,
            concerns=complaint.concerns,
            outcome=command.outcome,
            final=command.outcome == "upheld" or complaint.route != "ankestyrelsen" or command.expelled,
        )
    ]


def _forward(command: ForwardComplaint, complaint: Complaint) -> Sequence[Event]:
    match complaint.about:
        case "expulsion":
            raise Refused(
                "expulsion-is-not-forwarded",
                "Expulsion for breach of the house rules cannot be taken to Ankestyrelsen (Odense 4.2, Copenhagen 8).",
            )
        case "conditions" | "case-handling":
            raise Refused(
                "kind-is-not-forwarded",
                "Ankestyrelsen hears complaints of refusal and discharge; the shelter's answer ends this one here, and its route "
                "says where the complainant can take it.",
            )
    if command.expelled and not complaint.forwarded:
        raise Refused(
            "expulsion-is-not-forwarded",
            "The stay ended with an expulsion, which cannot be taken to Ankestyrelsen (Odense 4.2, Copenhagen 8). Report the "
            "answer again: it ends the complaint.",
        )
    if complaint.forwarded:
        raise Refused("already-forwarded", "The complaint is forwarded; it need not be reported again.")
    if complaint.answered_on is None:
        raise Refused("not-answered", "A complaint is reassessed and answered before it is forwarded; report the answer first.")
    if complaint.outcome == "upheld":
        raise Refused("upheld-is-not-forwarded", "The complaint was fully upheld, so there is nothing to forward.")
    if command.occurred_on < complaint.answered_on:
        raise Refused(
            "forwarded-before-the-answer",
            "The complaint cannot be forwarded on a day before it was answered; give the day it was sent.",
            field="occurred_on",
        )
    return [ComplaintForwarded(occurred_on=command.occurred_on, complaint_id=complaint.complaint_id, concerns=complaint.concerns)]


def _withdraw(command: WithdrawComplaint, complaint: Complaint) -> Sequence[Event]:
    if complaint.forwarded:
        raise Refused("withdrawn-after-forwarding", "The complaint lies with Ankestyrelsen and is withdrawn there.")
    if complaint.final:
        raise Refused("withdrawn-after-the-answer", "The complaint ended with its answer; there is nothing left to withdraw.")
    return [ComplaintWithdrawn(occurred_on=command.occurred_on, complaint_id=complaint.complaint_id, concerns=complaint.concerns)]


def evolve(state: State, event: Event) -> State:
    """The complaint after one more event."""
    if isinstance(event, ComplaintFiled):
        return Complaint(event.complaint_id, event.concerns, event.shelter_id, event.about, event.route, event.occurred_on)
    assert isinstance(state, Complaint)
    match event:
        case ComplaintAnswered():
            return replace(state, answered_on=event.occurred_on, outcome=event.outcome, final=event.final)
        case ComplaintForwarded():
            return replace(state, forwarded=True)
        case ComplaintWithdrawn():
            return replace(state, withdrawn=True)
    return state


COMPLAINT: Decider[Command, State] = Decider(name="complaint", initial=NoComplaint(), decide=decide, evolve=evolve)

"""An inquiry: received, interviewed, assessed by the shelter's leader, perhaps refused, perhaps helped to a place elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from havn_chassis.decider import Decider, Refused
from havn_events.codes import InquiryOutcome, ReferredBy, RefusalReason
from havn_events.event import Event
from havn_events.intake import InquiryAssessed, InquiryReceived, InterviewCorrected, InterviewHeld, StayRefused, WomanReferred

REFUSING: tuple[InquiryOutcome, ...] = ("no-free-room", "referred-or-not-admitted", "not-in-target-group")
"""The outcomes that a refusal of a stay can follow."""

CORRECTION = "POST /inquiries/{inquiry_id}/interview/correction"
"""The route that corrects the day of an interview."""


@dataclass(frozen=True)
class ReceiveInquiry:
    """Someone asked ``shelter_id`` for help on ``occurred_on``."""

    inquiry_id: UUID
    shelter_id: UUID
    occurred_on: date
    referred_by: ReferredBy
    home_municipality: str | None


@dataclass(frozen=True)
class HoldInterview:
    """The assessment interview was held on ``occurred_on``. ``standard``: the one the shelter follows."""

    shelter_id: UUID
    occurred_on: date
    standard: str


@dataclass(frozen=True)
class CorrectInterview:
    """The interview was held on ``interview_on``; another day was recorded."""

    shelter_id: UUID
    occurred_on: date
    interview_on: date


@dataclass(frozen=True)
class AssessInquiry:
    """The leader decided on ``occurred_on``.

    ``interview_on``: the day of the interview; it may be None where the interview is reported already, and reports it where it
    is not. ``standard``: the one the shelter follows.
    """

    shelter_id: UUID
    occurred_on: date
    interview_on: date | None
    outcome: InquiryOutcome
    standard: str


@dataclass(frozen=True)
class RefuseStay:
    """The leader refused a stay."""

    shelter_id: UUID
    occurred_on: date
    reason: RefusalReason


@dataclass(frozen=True)
class ReferWoman:
    """She was helped to a place elsewhere."""

    shelter_id: UUID
    occurred_on: date
    out_of_town: bool


Command = ReceiveInquiry | HoldInterview | CorrectInterview | AssessInquiry | RefuseStay | ReferWoman


@dataclass(frozen=True)
class NoInquiry:
    """Nobody has asked."""


@dataclass(frozen=True)
class Inquiry:
    """An inquiry and what became of it so far."""

    inquiry_id: UUID
    shelter_id: UUID
    received_on: date
    interview_on: date | None = None
    assessed_on: date | None = None
    outcome: InquiryOutcome | None = None
    refused: bool = False
    referred: bool = False


State = NoInquiry | Inquiry


def decide(command: Command, state: State) -> Sequence[Event]:
    """What follows from a report. Raises Refused."""
    if isinstance(command, ReceiveInquiry):
        return _receive(command, state)
    inquiry = _own(command.shelter_id, state)
    if command.occurred_on < inquiry.received_on:
        raise Refused(
            "before-the-inquiry",
            "This day is before the inquiry was received; give the day it happened.",
            field="occurred_on",
        )
    match command:
        case HoldInterview():
            return _hold(command, inquiry)
        case CorrectInterview():
            return _correct(command, inquiry)
        case AssessInquiry():
            return _assess(command, inquiry)
        case RefuseStay():
            return _refuse(command, inquiry)
        case ReferWoman():
            return _refer(command, inquiry)


def _receive(command: ReceiveInquiry, state: State) -> Sequence[Event]:
    if isinstance(state, Inquiry):
        raise Refused("already-received", "An inquiry with this id is recorded; a new inquiry needs a new id.", field="inquiry_id")
    return [
        InquiryReceived(
            occurred_on=command.occurred_on,
            inquiry_id=command.inquiry_id,
            shelter_id=command.shelter_id,
            referred_by=command.referred_by,
            home_municipality=command.home_municipality,
        )
    ]


def _own(shelter_id: UUID, state: State) -> Inquiry:
    """The inquiry, if it is this shelter's; another shelter's looks like none."""
    if isinstance(state, NoInquiry) or state.shelter_id != shelter_id:
        raise Refused("unknown-inquiry", "No inquiry with this id is recorded; report the inquiry first.", kind="absent")
    return state


def _hold(command: HoldInterview, inquiry: Inquiry) -> Sequence[Event]:
    if inquiry.interview_on is not None:
        raise Refused(
            "interview-already-reported",
            f"The interview is recorded; if its day is wrong, correct it with {CORRECTION}.",
        )
    return [_held(inquiry, command.occurred_on, command.standard)]


def _held(inquiry: Inquiry, on: date, standard: str) -> InterviewHeld:
    return InterviewHeld(occurred_on=on, inquiry_id=inquiry.inquiry_id, shelter_id=inquiry.shelter_id, standard=standard)


def _correct(command: CorrectInterview, inquiry: Inquiry) -> Sequence[Event]:
    if inquiry.interview_on is None:
        raise Refused("no-interview", "No interview is recorded; report it with its right day.")
    if command.interview_on == inquiry.interview_on:
        raise Refused(
            "interview-unchanged", "This is the recorded day of the interview; nothing is corrected.", field="interview_on"
        )
    if command.interview_on > command.occurred_on:
        raise Refused(
            "interview-after-the-correction",
            "The right day of the interview cannot lie after the day it is corrected on.",
            field="interview_on",
            kind="invalid",
        )
    _not_before_the_inquiry(command.interview_on, inquiry)
    if inquiry.assessed_on is not None and command.interview_on > inquiry.assessed_on:
        raise Refused(
            "interview-after-the-decision",
            "The decision is recorded on a day before this; give the day the interview was held.",
            field="interview_on",
        )
    return [InterviewCorrected(occurred_on=command.occurred_on, inquiry_id=inquiry.inquiry_id, interview_on=command.interview_on)]


def _not_before_the_inquiry(interview_on: date, inquiry: Inquiry) -> None:
    if interview_on < inquiry.received_on:
        raise Refused(
            "interview-before-the-inquiry",
            "The interview cannot be held before the inquiry was received; give the day of the interview.",
            field="interview_on",
        )


def _assess(command: AssessInquiry, inquiry: Inquiry) -> Sequence[Event]:
    if inquiry.outcome is not None:
        raise Refused("already-assessed", "This inquiry is assessed; its outcome stands.")
    interview_on = _day_of_interview(command, inquiry)
    if command.occurred_on < interview_on:
        raise Refused(
            "decided-before-the-interview",
            "The decision cannot fall before the interview; give both days as they were.",
            field="occurred_on",
            kind="invalid",
        )
    if command.outcome == "admitted" and inquiry.referred:
        raise Refused(
            "admitted-though-referred",
            "She is recorded as referred elsewhere; if she came back, record a new inquiry.",
            field="outcome",
        )
    assessed = InquiryAssessed(
        occurred_on=command.occurred_on,
        inquiry_id=inquiry.inquiry_id,
        outcome=command.outcome,
        interview_on=interview_on,
    )
    return [assessed] if inquiry.interview_on is not None else [_held(inquiry, interview_on, command.standard), assessed]


def _day_of_interview(command: AssessInquiry, inquiry: Inquiry) -> date:
    """The recorded one or, where none is, the one that comes with the assessment."""
    recorded, given = inquiry.interview_on, command.interview_on
    if recorded is not None:
        if given not in (None, recorded):
            raise Refused(
                "interview-on-another-day",
                f"The interview is recorded on another day; correct that first with {CORRECTION}, or leave the day out.",
                field="interview_on",
            )
        return recorded
    if given is None:
        raise Refused(
            "interview-day-missing",
            "No interview is recorded; give its day, or report the interview first.",
            field="interview_on",
            kind="invalid",
        )
    _not_before_the_inquiry(given, inquiry)
    return given


def _refuse(command: RefuseStay, inquiry: Inquiry) -> Sequence[Event]:
    if inquiry.refused:
        raise Refused("already-refused", "The refusal is recorded; it need not be reported again.")
    if inquiry.assessed_on is None:
        raise Refused("not-assessed", "A stay is refused after an assessment; report the assessment first.")
    if command.occurred_on < inquiry.assessed_on:
        raise Refused(
            "refused-before-the-assessment",
            "The refusal cannot be dated before the assessment; give the day she was told.",
            field="occurred_on",
        )
    if inquiry.outcome not in REFUSING:
        raise Refused("outcome-is-no-refusal", "The assessment did not end in a refusal, so no stay can be refused.")
    if (command.reason == "no-free-room") != (inquiry.outcome == "no-free-room"):
        raise Refused(
            "reason-contradicts-outcome",
            "The want of a free room is the reason exactly when it is the assessment's outcome; choose the reason that fits.",
            field="reason",
        )
    return [StayRefused(occurred_on=command.occurred_on, inquiry_id=inquiry.inquiry_id, reason=command.reason)]


def _refer(command: ReferWoman, inquiry: Inquiry) -> Sequence[Event]:
    if inquiry.referred:
        raise Refused("already-referred", "The referral is recorded; it need not be reported again.")
    if inquiry.outcome == "admitted":
        raise Refused("referred-though-admitted", "She was admitted here; a move to another shelter is reported on the stay.")
    return [WomanReferred(occurred_on=command.occurred_on, inquiry_id=inquiry.inquiry_id, out_of_town=command.out_of_town)]


def evolve(state: State, event: Event) -> State:
    """The inquiry after one more event."""
    if isinstance(event, InquiryReceived):
        return Inquiry(event.inquiry_id, event.shelter_id, event.occurred_on)
    assert isinstance(state, Inquiry)
    match event:
        case InterviewHeld():
            return replace(state, interview_on=event.occurred_on)
        case InterviewCorrected():
            return replace(state, interview_on=event.interview_on)
        case InquiryAssessed():
            return replace(state, interview_on=event.interview_on, assessed_on=event.occurred_on, outcome=event.outcome)
        case StayRefused():
            return replace(state, refused=True)
        case WomanReferred():
            return replace(state, referred=True)
    return state


INQUIRY: Decider[Command, State] = Decider(name="inquiry", initial=NoInquiry(), decide=decide, evolve=evolve)

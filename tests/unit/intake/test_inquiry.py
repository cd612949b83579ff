"""What may be reported about an inquiry."""

from datetime import date
from uuid import UUID

import pytest

from havn_chassis.decider import Refused
from havn_chassis.testing import given
from havn_events.codes import InquiryOutcome, RefusalReason
from havn_events.event import Event
from havn_events.intake import InquiryAssessed, InquiryReceived, InterviewCorrected, InterviewHeld, StayRefused, WomanReferred
from intake.domain.inquiry import (
    INQUIRY,
    AssessInquiry,
    Command,
    CorrectInterview,
    HoldInterview,
    ReceiveInquiry,
    ReferWoman,
    RefuseStay,
)

INQUIRY_ID = UUID(int=1)
SHELTER, OTHER_SHELTER = UUID(int=10), UUID(int=11)
BEFORE, DAY, AFTER, LATER = (date(2025, 5, n) for n in (5, 6, 7, 8))

RECEIVED = InquiryReceived(
    occurred_on=DAY, inquiry_id=INQUIRY_ID, shelter_id=SHELTER, referred_by="police", home_municipality="0461"
)
REFERRED = WomanReferred(occurred_on=DAY, inquiry_id=INQUIRY_ID, out_of_town=True)
REFUSED = StayRefused(occurred_on=DAY, inquiry_id=INQUIRY_ID, reason="no-free-room")


def assessed(outcome: InquiryOutcome, on: date = DAY, interview_on: date = DAY) -> InquiryAssessed:
    return InquiryAssessed(occurred_on=on, inquiry_id=INQUIRY_ID, outcome=outcome, interview_on=interview_on)


def held(on: date = DAY) -> InterviewHeld:
    return InterviewHeld(occurred_on=on, inquiry_id=INQUIRY_ID, shelter_id=SHELTER, standard="hellerup")


def corrected(to: date, on: date = AFTER) -> InterviewCorrected:
    return InterviewCorrected(occurred_on=on, inquiry_id=INQUIRY_ID, interview_on=to)


def receive() -> ReceiveInquiry:
    return ReceiveInquiry(INQUIRY_ID, SHELTER, DAY, "police", "0461")


def test_an_inquiry_is_received() -> None:
    given(INQUIRY).when(receive()).then([RECEIVED])


def test_the_same_inquiry_twice_is_refused() -> None:
    given(INQUIRY, [RECEIVED]).when(receive()).refused("already-received")


@pytest.mark.parametrize(
    "command",
    [
        AssessInquiry(SHELTER, DAY, DAY, "admitted", "hellerup"),
        HoldInterview(SHELTER, DAY, "hellerup"),
        CorrectInterview(SHELTER, DAY, DAY),
        RefuseStay(SHELTER, DAY, "no-free-room"),
        ReferWoman(SHELTER, DAY, True),
    ],
)
def test_nothing_is_reported_about_an_unknown_inquiry(command: Command) -> None:
    given(INQUIRY).when(command).refused("unknown-inquiry")


@pytest.mark.parametrize(
    "command",
    [
        AssessInquiry(OTHER_SHELTER, DAY, DAY, "admitted", "hellerup"),
        HoldInterview(OTHER_SHELTER, DAY, "hellerup"),
        CorrectInterview(OTHER_SHELTER, DAY, DAY),
        RefuseStay(OTHER_SHELTER, DAY, "no-free-room"),
        ReferWoman(OTHER_SHELTER, DAY, True),
    ],
)
def test_another_shelters_inquiry_looks_unknown(command: Command) -> None:
    own = given(INQUIRY).when(command).refusal
    other = given(INQUIRY, [RECEIVED]).when(command).refusal
    assert isinstance(own, Refused)
    assert isinstance(other, Refused)
    assert (own.rule, own.detail, own.field, own.kind) == (other.rule, other.detail, other.field, "absent")


@pytest.mark.parametrize("outcome", ["no-free-room", "advice-only", "admitted", "aftercare"])
@pytest.mark.parametrize("on", [DAY, AFTER])
def test_an_inquiry_is_assessed_on_the_day_or_later(outcome: InquiryOutcome, on: date) -> None:
    given(INQUIRY, [RECEIVED]).when(AssessInquiry(SHELTER, on, DAY, outcome, "hellerup")).then([held(), assessed(outcome, on)])


def test_an_assessment_before_the_inquiry_is_refused() -> None:
    given(INQUIRY, [RECEIVED]).when(AssessInquiry(SHELTER, BEFORE, BEFORE, "admitted", "hellerup")).refused("before-the-inquiry")


def test_an_interview_before_the_inquiry_is_refused() -> None:
    given(INQUIRY, [RECEIVED]).when(AssessInquiry(SHELTER, DAY, BEFORE, "admitted", "hellerup")).refused(
        "interview-before-the-inquiry"
    )


def test_a_decision_before_the_interview_is_refused() -> None:
    given(INQUIRY, [RECEIVED]).when(AssessInquiry(SHELTER, DAY, AFTER, "admitted", "hellerup")).refused(
        "decided-before-the-interview"
    )


def test_an_assessment_stands() -> None:
    given(INQUIRY, [RECEIVED, assessed("advice-only")]).when(AssessInquiry(SHELTER, DAY, DAY, "admitted", "hellerup")).refused(
        "already-assessed"
    )


def test_she_is_not_admitted_on_an_inquiry_that_ended_elsewhere() -> None:
    given(INQUIRY, [RECEIVED, REFERRED]).when(AssessInquiry(SHELTER, DAY, DAY, "admitted", "hellerup")).refused(
        "admitted-though-referred"
    )


def test_a_referred_inquiry_is_still_assessed() -> None:
    given(INQUIRY, [RECEIVED, REFERRED]).when(AssessInquiry(SHELTER, DAY, DAY, "no-free-room", "hellerup")).then(
        [held(), assessed("no-free-room")]
    )


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        ("no-free-room", "no-free-room"),
        ("not-in-target-group", "not-in-target-group"),
        ("referred-or-not-admitted", "substance-abuse"),
        ("referred-or-not-admitted", "other"),
    ],
)
def test_a_stay_is_refused_for_the_reason_of_the_assessment(outcome: InquiryOutcome, reason: RefusalReason) -> None:
    given(INQUIRY, [RECEIVED, assessed(outcome)]).when(RefuseStay(SHELTER, AFTER, reason)).then(
        [StayRefused(occurred_on=AFTER, inquiry_id=INQUIRY_ID, reason=reason)]
    )


@pytest.mark.parametrize(("outcome", "reason"), [("no-free-room", "other"), ("not-in-target-group", "no-free-room")])
def test_a_reason_that_contradicts_the_outcome_is_refused(outcome: InquiryOutcome, reason: RefusalReason) -> None:
    given(INQUIRY, [RECEIVED, assessed(outcome)]).when(RefuseStay(SHELTER, DAY, reason)).refused("reason-contradicts-outcome")


@pytest.mark.parametrize("outcome", ["admitted", "advice-only", "aftercare"])
def test_only_a_refusing_outcome_is_followed_by_a_refusal(outcome: InquiryOutcome) -> None:
    given(INQUIRY, [RECEIVED, assessed(outcome)]).when(RefuseStay(SHELTER, DAY, "other")).refused("outcome-is-no-refusal")


def test_a_stay_is_not_refused_before_it_is_assessed() -> None:
    given(INQUIRY, [RECEIVED]).when(RefuseStay(SHELTER, DAY, "other")).refused("not-assessed")


def test_a_refusal_dated_before_the_assessment_is_refused() -> None:
    given(INQUIRY, [RECEIVED, assessed("no-free-room", AFTER)]).when(RefuseStay(SHELTER, DAY, "no-free-room")).refused(
        "refused-before-the-assessment"
    )


def test_a_refusal_on_the_day_of_the_assessment_is_recorded() -> None:
    given(INQUIRY, [RECEIVED, assessed("no-free-room")]).when(RefuseStay(SHELTER, DAY, "no-free-room")).then([REFUSED])


def test_a_stay_is_refused_once() -> None:
    given(INQUIRY, [RECEIVED, assessed("no-free-room"), REFUSED]).when(RefuseStay(SHELTER, DAY, "no-free-room")).refused(
        "already-refused"
    )


@pytest.mark.parametrize("past", [[RECEIVED], [RECEIVED, assessed("no-free-room"), REFUSED]])
def test_she_is_helped_to_a_place_elsewhere(past: list[Event]) -> None:
    given(INQUIRY, past).when(ReferWoman(SHELTER, DAY, True)).then([REFERRED])


def test_she_is_referred_once() -> None:
    given(INQUIRY, [RECEIVED, REFERRED]).when(ReferWoman(SHELTER, DAY, True)).refused("already-referred")


def test_an_admitted_woman_is_not_referred() -> None:
    given(INQUIRY, [RECEIVED, assessed("admitted")]).when(ReferWoman(SHELTER, DAY, True)).refused("referred-though-admitted")


@pytest.mark.parametrize("on", [DAY, AFTER])
def test_an_interview_is_reported_by_itself(on: date) -> None:
    given(INQUIRY, [RECEIVED]).when(HoldInterview(SHELTER, on, "hellerup")).then([held(on)])


def test_an_interview_reported_before_the_inquiry_is_refused() -> None:
    given(INQUIRY, [RECEIVED]).when(HoldInterview(SHELTER, BEFORE, "hellerup")).refused("before-the-inquiry")


@pytest.mark.parametrize("past", [[held()], [held(), assessed("admitted")], [held(BEFORE), corrected(DAY)], [assessed("admitted")]])
@pytest.mark.parametrize("on", [DAY, AFTER])
def test_an_interview_is_reported_once(past: list[Event], on: date) -> None:
    given(INQUIRY, [RECEIVED, *past]).when(HoldInterview(SHELTER, on, "hellerup")).refused("interview-already-reported")


@pytest.mark.parametrize("again", [None, DAY])
@pytest.mark.parametrize("on", [DAY, AFTER])
def test_a_decision_after_a_reported_interview_names_its_day_or_none(again: date | None, on: date) -> None:
    given(INQUIRY, [RECEIVED, held()]).when(AssessInquiry(SHELTER, on, again, "admitted", "hellerup")).then(
        [assessed("admitted", on)]
    )


@pytest.mark.parametrize("other", [BEFORE, AFTER])
def test_a_decision_that_names_another_day_of_interview_is_refused_with_the_way_to_correct_it(other: date) -> None:
    refusal = given(INQUIRY, [RECEIVED, held()]).when(AssessInquiry(SHELTER, AFTER, other, "admitted", "hellerup")).refusal
    assert isinstance(refusal, Refused)
    assert (refusal.rule, refusal.field) == ("interview-on-another-day", "interview_on")
    assert "POST /inquiries/{inquiry_id}/interview/correction" in refusal.detail


def test_a_decision_without_any_interview_is_refused() -> None:
    refusal = given(INQUIRY, [RECEIVED]).when(AssessInquiry(SHELTER, DAY, None, "admitted", "hellerup")).refusal
    assert isinstance(refusal, Refused)
    assert (refusal.rule, refusal.field, refusal.kind) == ("interview-day-missing", "interview_on", "invalid")


def test_a_decision_before_the_reported_interview_is_refused() -> None:
    given(INQUIRY, [RECEIVED, held(AFTER)]).when(AssessInquiry(SHELTER, DAY, None, "admitted", "hellerup")).refused(
        "decided-before-the-interview"
    )


@pytest.mark.parametrize(
    ("past", "right"), [([held(AFTER)], DAY), ([held()], AFTER), ([held(AFTER), assessed("admitted", AFTER, AFTER)], DAY)]
)
def test_the_day_of_an_interview_is_corrected_to_an_earlier_or_a_later_one(past: list[Event], right: date) -> None:
    given(INQUIRY, [RECEIVED, *past]).when(CorrectInterview(SHELTER, AFTER, right)).then([corrected(right)])


@pytest.mark.parametrize("past", [[held()], [held(AFTER), corrected(DAY)]])
def test_a_correction_to_the_recorded_day_is_refused(past: list[Event]) -> None:
    given(INQUIRY, [RECEIVED, *past]).when(CorrectInterview(SHELTER, AFTER, DAY)).refused("interview-unchanged")


def test_the_right_day_of_an_interview_is_not_before_the_inquiry() -> None:
    given(INQUIRY, [RECEIVED, held()]).when(CorrectInterview(SHELTER, AFTER, BEFORE)).refused("interview-before-the-inquiry")


def test_the_right_day_of_an_interview_is_not_after_its_correction() -> None:
    given(INQUIRY, [RECEIVED, held(AFTER)]).when(CorrectInterview(SHELTER, AFTER, LATER)).refused("interview-after-the-correction")


@pytest.mark.parametrize(("decided_on", "rule"), [(AFTER, "interview-after-the-decision"), (LATER, None)])
def test_the_right_day_of_an_interview_is_not_after_the_decision(decided_on: date, rule: str | None) -> None:
    corrects = given(INQUIRY, [RECEIVED, held(), assessed("admitted", decided_on)]).when(CorrectInterview(SHELTER, LATER, LATER))
    if rule is None:
        corrects.then([corrected(LATER, on=LATER)])
    else:
        corrects.refused(rule)


def test_an_interview_that_was_never_reported_is_not_corrected() -> None:
    given(INQUIRY, [RECEIVED]).when(CorrectInterview(SHELTER, AFTER, DAY)).refused("no-interview")


def test_the_decision_names_the_corrected_day() -> None:
    given(INQUIRY, [RECEIVED, held(AFTER), corrected(DAY)]).when(AssessInquiry(SHELTER, AFTER, None, "admitted", "hellerup")).then(
        [assessed("admitted", AFTER)]
    )

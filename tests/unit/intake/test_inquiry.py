"""What may be reported about an inquiry."""

from datetime import date
from uuid import UUID

import pytest

from havn_chassis.decider import Refused
from havn_chassis.testing import given
from havn_events.codes import InquiryOutcome, RefusalReason
from havn_events.event import Event
from havn_events.intake import InquiryAssessed, InquiryReceived, StayRefused, WomanReferred
from intake.domain.inquiry import INQUIRY, AssessInquiry, ReceiveInquiry, ReferWoman, RefuseStay

INQUIRY_ID = UUID(int=1)
SHELTER, OTHER_SHELTER = UUID(int=10), UUID(int=11)
BEFORE, DAY, AFTER = date(2025, 5, 5), date(2025, 5, 6), date(2025, 5, 7)

RECEIVED = InquiryReceived(
    occurred_on=DAY, inquiry_id=INQUIRY_ID, shelter_id=SHELTER, referred_by="police", home_municipality="0461"
)
REFERRED = WomanReferred(occurred_on=DAY, inquiry_id=INQUIRY_ID, out_of_town=True)
REFUSED = StayRefused(occurred_on=DAY, inquiry_id=INQUIRY_ID, reason="no-free-room")


def assessed(outcome: InquiryOutcome, on: date = DAY) -> InquiryAssessed:
    return InquiryAssessed(occurred_on=on, inquiry_id=INQUIRY_ID, outcome=outcome, interview_on=DAY)


def receive() -> ReceiveInquiry:
    return ReceiveInquiry(INQUIRY_ID, SHELTER, DAY, "police", "0461")


def test_an_inquiry_is_received() -> None:
    given(INQUIRY).when(receive()).then([RECEIVED])


def test_the_same_inquiry_twice_is_refused() -> None:
    given(INQUIRY, [RECEIVED]).when(receive()).refused("already-received")


@pytest.mark.parametrize(
    "command",
    [
        AssessInquiry(SHELTER, DAY, DAY, "admitted"),
        RefuseStay(SHELTER, DAY, "no-free-room"),
        ReferWoman(SHELTER, DAY, True),
    ],
)
def test_nothing_is_reported_about_an_unknown_inquiry(command: AssessInquiry | RefuseStay | ReferWoman) -> None:
    given(INQUIRY).when(command).refused("unknown-inquiry")


@pytest.mark.parametrize(
    "command",
    [
        AssessInquiry(OTHER_SHELTER, DAY, DAY, "admitted"),
        RefuseStay(OTHER_SHELTER, DAY, "no-free-room"),
        ReferWoman(OTHER_SHELTER, DAY, True),
    ],
)
def test_another_shelters_inquiry_looks_unknown(command: AssessInquiry | RefuseStay | ReferWoman) -> None:
    own = given(INQUIRY).when(command).refusal
    other = given(INQUIRY, [RECEIVED]).when(command).refusal
    assert isinstance(own, Refused)
    assert isinstance(other, Refused)
    assert (own.rule, own.detail, own.field, own.kind) == (other.rule, other.detail, other.field, "absent")


@pytest.mark.parametrize("outcome", ["no-free-room", "advice-only", "admitted", "aftercare"])
@pytest.mark.parametrize("on", [DAY, AFTER])
def test_an_inquiry_is_assessed_on_the_day_or_later(outcome: InquiryOutcome, on: date) -> None:
    given(INQUIRY, [RECEIVED]).when(AssessInquiry(SHELTER, on, DAY, outcome)).then([assessed(outcome, on)])


def test_an_assessment_before_the_inquiry_is_refused() -> None:
    given(INQUIRY, [RECEIVED]).when(AssessInquiry(SHELTER, BEFORE, BEFORE, "admitted")).refused("before-the-inquiry")


def test_an_interview_before_the_inquiry_is_refused() -> None:
    given(INQUIRY, [RECEIVED]).when(AssessInquiry(SHELTER, DAY, BEFORE, "admitted")).refused("interview-before-the-inquiry")


def test_a_decision_before_the_interview_is_refused() -> None:
    given(INQUIRY, [RECEIVED]).when(AssessInquiry(SHELTER, DAY, AFTER, "admitted")).refused("decided-before-the-interview")


def test_an_assessment_stands() -> None:
    given(INQUIRY, [RECEIVED, assessed("advice-only")]).when(AssessInquiry(SHELTER, DAY, DAY, "admitted")).refused(
        "already-assessed"
    )


def test_she_is_not_admitted_on_an_inquiry_that_ended_elsewhere() -> None:
    given(INQUIRY, [RECEIVED, REFERRED]).when(AssessInquiry(SHELTER, DAY, DAY, "admitted")).refused("admitted-though-referred")


def test_a_referred_inquiry_is_still_assessed() -> None:
    given(INQUIRY, [RECEIVED, REFERRED]).when(AssessInquiry(SHELTER, DAY, DAY, "no-free-room")).then([assessed("no-free-room")])


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

"""What may be reported about a complaint, and when it is late."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Literal, get_args
from uuid import UUID

import pytest

from havn_chassis.decider import Refused
from havn_chassis.testing import given
from havn_events.codes import ComplaintAbout, ComplaintOutcome, ComplaintRoute, StayEnd
from havn_events.intake import ComplaintAnswered, ComplaintFiled, ComplaintForwarded, ComplaintWithdrawn
from intake.domain.complaint import (
    COMPLAINT,
    AnswerComplaint,
    ComplaintTerm,
    ConcernedCase,
    FileComplaint,
    ForwardComplaint,
    OwnRoutes,
    WithdrawComplaint,
    last_day_to_complain,
)

COMPLAINT_ID, CASE = UUID(int=1), UUID(int=2)
SHELTER, OTHER_SHELTER = UUID(int=10), UUID(int=11)
BEFORE, DAY, AFTER = date(2025, 5, 5), date(2025, 5, 6), date(2025, 5, 7)
STAY_CASE, INQUIRY_CASE = ConcernedCase("stay", DAY), ConcernedCase("inquiry", DAY)
EXPELLED = ConcernedCase("stay", DAY, "expelled")
ROUTES: dict[str, ComplaintRoute] = {
    "refusal": "ankestyrelsen",
    "discharge": "ankestyrelsen",
    "expulsion": "none",
    "conditions": "leader",
    "case-handling": "leader",
}

OWN_ROUTES: OwnRoutes = {
    "conditions": "centre-for-adults-and-families",
    "case-handling": "ombudsman",
}

FOUR_WEEKS = ComplaintTerm(4, "weeks")
FILE = FileComplaint(COMPLAINT_ID, SHELTER, "odense", DAY, CASE, STAY_CASE, "discharge", "oral", None)
FORWARDED = ComplaintForwarded(occurred_on=DAY, complaint_id=COMPLAINT_ID, concerns=CASE)
WITHDRAWN = ComplaintWithdrawn(occurred_on=DAY, complaint_id=COMPLAINT_ID, concerns=CASE)


def filed(about: ComplaintAbout = "discharge", late: bool = False, on: date = DAY) -> ComplaintFiled:
    return ComplaintFiled(
        occurred_on=on,
        complaint_id=COMPLAINT_ID,
        concerns=CASE,
        about=about,
        form="oral",
        late=late,
        route=ROUTES[about],
        shelter_id=SHELTER,
        standard="odense",
    )


def answered(outcome: ComplaintOutcome = "not-upheld", final: bool = False, on: date = DAY) -> ComplaintAnswered:
    return ComplaintAnswered(occurred_on=on, complaint_id=COMPLAINT_ID, concerns=CASE, outcome=outcome, final=final)


def test_a_complaint_is_filed() -> None:
    given(COMPLAINT).when(FILE).then([filed()])


@pytest.mark.parametrize(("filed_on", "late"), [(date(2025, 6, 2), False), (date(2025, 6, 3), False), (date(2025, 6, 4), True)])
def test_a_complaint_is_late_from_the_29th_day_after_the_decision_was_received(filed_on: date, late: bool) -> None:
    complaint = replace(FILE, occurred_on=filed_on, decision_received_on=DAY, term=FOUR_WEEKS)
    given(COMPLAINT).when(complaint).then([filed(late=late, on=filed_on)])


TERMS = [
    (FOUR_WEEKS, date(2025, 5, 6), date(2025, 6, 3)),
    (FOUR_WEEKS, date(2025, 3, 10), date(2025, 4, 7)),
    (FOUR_WEEKS, date(2025, 10, 6), date(2025, 11, 3)),
    (FOUR_WEEKS, date(2024, 2, 1), date(2024, 2, 29)),
    (FOUR_WEEKS, date(2023, 2, 1), date(2023, 3, 1)),
    (FOUR_WEEKS, date(2024, 12, 10), date(2025, 1, 7)),
    (ComplaintTerm(1, "weeks"), date(2025, 5, 6), date(2025, 5, 13)),
    (ComplaintTerm(14, "days"), date(2025, 5, 6), date(2025, 5, 20)),
    (ComplaintTerm(1, "days"), date(2024, 12, 31), date(2025, 1, 1)),
    (ComplaintTerm(1, "months"), date(2025, 5, 6), date(2025, 6, 6)),
    (ComplaintTerm(1, "months"), date(2024, 1, 31), date(2024, 2, 29)),
    (ComplaintTerm(3, "months"), date(2023, 11, 30), date(2024, 2, 29)),
    (ComplaintTerm(6, "months"), date(2024, 6, 15), date(2024, 12, 15)),
    (ComplaintTerm(12, "months"), date(2024, 12, 31), date(2025, 12, 31)),
]
"""The term, received on, and the last day to complain: across both clock changes, in a leap year and another, into a new year."""


@pytest.mark.parametrize("about", get_args(ComplaintAbout))
@pytest.mark.parametrize(("term", "received_on", "last_day"), TERMS)
def test_the_last_day_to_complain_is_the_last_one_that_is_not_late(
    about: ComplaintAbout, term: ComplaintTerm, received_on: date, last_day: date
) -> None:
    assert last_day_to_complain(term, received_on) == last_day
    kind = INQUIRY_CASE if about == "refusal" else EXPELLED if about == "expulsion" else STAY_CASE
    complaint = replace(
        FILE, about=about, concerned=replace(kind, began_on=date(2023, 1, 1)), decision_received_on=received_on, term=term
    )
    for days, late in ((-1, False), (0, False), (1, True)):
        on = last_day + timedelta(days=days)
        given(COMPLAINT).when(replace(complaint, occurred_on=on)).then([filed(about, late=late, on=on)])


@pytest.mark.parametrize("about", ["discharge", "conditions", "case-handling"])
def test_nothing_is_late_where_the_standard_gives_no_term(about: ComplaintAbout) -> None:
    years_later = date(2027, 5, 6)
    complaint = replace(FILE, about=about, occurred_on=years_later, decision_received_on=DAY)
    given(COMPLAINT).when(complaint).then([filed(about, on=years_later)])


@pytest.mark.parametrize("unit", ["days", "weeks", "months"])
def test_the_last_day_to_complain_ends_with_the_calendar(unit: Literal["days", "weeks", "months"]) -> None:
    assert last_day_to_complain(ComplaintTerm(1, unit), date.max) == date.max
    assert last_day_to_complain(ComplaintTerm(1, "months"), date(9999, 11, 30)) == date(9999, 12, 30)


def test_a_complaint_of_an_unknown_decision_day_is_not_late() -> None:
    complaint = replace(FILE, occurred_on=date(2026, 5, 6), term=FOUR_WEEKS)
    given(COMPLAINT).when(complaint).then([filed(on=date(2026, 5, 6))])


def test_the_same_complaint_twice_is_refused() -> None:
    given(COMPLAINT, [filed()]).when(FILE).refused("already-filed")


def test_a_complaint_about_a_case_the_shelter_does_not_have_is_refused() -> None:
    outcome = given(COMPLAINT).when(replace(FILE, concerned=None))
    outcome.refused("unknown-case")
    assert isinstance(outcome.refusal, Refused)
    assert outcome.refusal.kind == "absent"


def test_a_refusal_is_complained_of_on_the_inquiry() -> None:
    given(COMPLAINT).when(replace(FILE, about="refusal")).refused("refusal-concerns-an-inquiry")
    given(COMPLAINT).when(replace(FILE, about="refusal", concerned=INQUIRY_CASE)).then([filed("refusal")])


@pytest.mark.parametrize(("about", "stay"), [("discharge", STAY_CASE), ("expulsion", EXPELLED)])
def test_a_discharge_is_complained_of_on_the_stay(about: ComplaintAbout, stay: ConcernedCase) -> None:
    given(COMPLAINT).when(replace(FILE, about=about, concerned=INQUIRY_CASE)).refused("discharge-concerns-a-stay")
    given(COMPLAINT).when(replace(FILE, about=about, concerned=stay)).then([filed(about)])


@pytest.mark.parametrize("because", [None, "moved-out", "left-unplanned", "not-in-target-group"])
def test_an_expulsion_is_complained_of_only_where_there_was_one(because: StayEnd | None) -> None:
    stay = replace(STAY_CASE, ended_because=because)
    given(COMPLAINT).when(replace(FILE, about="expulsion", concerned=stay)).refused("no-expulsion")
    given(COMPLAINT).when(replace(FILE, about="discharge", concerned=stay)).then([filed()])


def test_an_expulsion_is_not_complained_of_as_a_discharge() -> None:
    given(COMPLAINT).when(replace(FILE, concerned=EXPELLED)).refused("discharge-was-an-expulsion")


@pytest.mark.parametrize(
    ("about", "case", "own_routes", "route"),
    [
        ("refusal", INQUIRY_CASE, {}, "ankestyrelsen"),
        ("refusal", INQUIRY_CASE, OWN_ROUTES, "ankestyrelsen"),
        ("discharge", STAY_CASE, OWN_ROUTES, "ankestyrelsen"),
        ("expulsion", EXPELLED, {}, "none"),
        ("expulsion", EXPELLED, OWN_ROUTES, "none"),
        ("conditions", STAY_CASE, {}, "leader"),
        ("conditions", STAY_CASE, OWN_ROUTES, "centre-for-adults-and-families"),
        ("case-handling", STAY_CASE, {}, "leader"),
        ("case-handling", STAY_CASE, OWN_ROUTES, "ombudsman"),
    ],
)
def test_each_complaint_goes_its_own_way(
    about: ComplaintAbout, case: ConcernedCase, own_routes: OwnRoutes, route: ComplaintRoute
) -> None:
    given(COMPLAINT).when(replace(FILE, about=about, concerned=case, own_routes=own_routes)).then(
        [filed(about).model_copy(update={"route": route})]
    )


@pytest.mark.parametrize("case", [STAY_CASE, INQUIRY_CASE])
def test_case_handling_is_complained_of_on_either(case: ConcernedCase) -> None:
    given(COMPLAINT).when(replace(FILE, about="case-handling", concerned=case)).then([filed("case-handling")])


def test_a_complaint_before_its_case_is_refused() -> None:
    given(COMPLAINT).when(replace(FILE, occurred_on=BEFORE)).refused("before-the-case")


def test_a_decision_received_after_the_complaint_is_refused() -> None:
    given(COMPLAINT).when(replace(FILE, decision_received_on=AFTER)).refused("decision-after-the-complaint")
    given(COMPLAINT).when(replace(FILE, decision_received_on=DAY)).then([filed()])


@pytest.mark.parametrize(
    ("about", "outcome", "final"),
    [
        ("discharge", "upheld", True),
        ("discharge", "partly-upheld", False),
        ("discharge", "not-upheld", False),
        ("refusal", "not-upheld", False),
        ("expulsion", "not-upheld", True),
        ("conditions", "not-upheld", True),
        ("case-handling", "partly-upheld", True),
    ],
)
def test_an_answer_is_final_when_upheld_or_never_forwarded(about: ComplaintAbout, outcome: ComplaintOutcome, final: bool) -> None:
    given(COMPLAINT, [filed(about)]).when(AnswerComplaint(SHELTER, AFTER, outcome)).then([answered(outcome, final, AFTER)])


def test_a_complaint_is_answered_once() -> None:
    given(COMPLAINT, [filed(), answered()]).when(AnswerComplaint(SHELTER, DAY, "upheld")).refused("already-answered")


@pytest.mark.parametrize("outcome", ["partly-upheld", "not-upheld"])
def test_what_is_not_fully_upheld_is_forwarded(outcome: ComplaintOutcome) -> None:
    given(COMPLAINT, [filed(), answered(outcome)]).when(ForwardComplaint(SHELTER, DAY)).then([FORWARDED])


def test_a_complaint_is_answered_before_it_is_forwarded() -> None:
    given(COMPLAINT, [filed()]).when(ForwardComplaint(SHELTER, DAY)).refused("not-answered")


def test_an_upheld_complaint_is_not_forwarded() -> None:
    given(COMPLAINT, [filed(), answered("upheld", final=True)]).when(ForwardComplaint(SHELTER, DAY)).refused(
        "upheld-is-not-forwarded"
    )


def test_an_expulsion_is_never_forwarded() -> None:
    given(COMPLAINT, [filed("expulsion"), answered(final=True)]).when(ForwardComplaint(SHELTER, DAY)).refused(
        "expulsion-is-not-forwarded"
    )


@pytest.mark.parametrize("about", ["conditions", "case-handling"])
def test_conditions_and_case_handling_are_not_forwarded(about: ComplaintAbout) -> None:
    given(COMPLAINT, [filed(about), answered(final=True)]).when(ForwardComplaint(SHELTER, DAY)).refused("kind-is-not-forwarded")


def test_a_discharge_that_turns_out_to_be_an_expulsion_is_not_forwarded_either() -> None:
    past = [filed(), answered()]
    given(COMPLAINT, past).when(ForwardComplaint(SHELTER, DAY, expelled=True)).refused("expulsion-is-not-forwarded")
    given(COMPLAINT, [*past, FORWARDED]).when(ForwardComplaint(SHELTER, DAY, expelled=True)).refused("already-forwarded")


def test_a_discharge_that_turns_out_to_be_an_expulsion_ends_with_the_answer() -> None:
    last = answered(final=True, on=AFTER)
    given(COMPLAINT, [filed()]).when(AnswerComplaint(SHELTER, AFTER, "not-upheld", expelled=True)).then([last])
    again = AnswerComplaint(SHELTER, AFTER, "not-upheld", expelled=True)
    given(COMPLAINT, [filed(), answered()]).when(again).then([last])
    given(COMPLAINT, [filed(), answered(), last]).when(again).refused("already-answered")
    given(COMPLAINT, [filed(), answered(), FORWARDED]).when(again).refused("already-answered")


def test_a_forwarding_dated_before_the_answer_is_refused() -> None:
    past = [filed(), answered(on=AFTER)]
    given(COMPLAINT, past).when(ForwardComplaint(SHELTER, DAY)).refused("forwarded-before-the-answer")
    given(COMPLAINT, past).when(ForwardComplaint(SHELTER, AFTER)).then(
        [ComplaintForwarded(occurred_on=AFTER, complaint_id=COMPLAINT_ID, concerns=CASE)]
    )


def test_a_complaint_is_forwarded_once() -> None:
    given(COMPLAINT, [filed(), answered(), FORWARDED]).when(ForwardComplaint(SHELTER, DAY)).refused("already-forwarded")


@pytest.mark.parametrize("past", [[filed()], [filed(), answered()]])
def test_an_open_complaint_is_withdrawn(past: list[ComplaintFiled | ComplaintAnswered]) -> None:
    given(COMPLAINT, past).when(WithdrawComplaint(SHELTER, DAY)).then([WITHDRAWN])


def test_what_lies_with_ankestyrelsen_is_not_withdrawn_here() -> None:
    given(COMPLAINT, [filed(), answered(), FORWARDED]).when(WithdrawComplaint(SHELTER, DAY)).refused("withdrawn-after-forwarding")


def test_a_complaint_that_ended_is_not_withdrawn() -> None:
    given(COMPLAINT, [filed(), answered("upheld", final=True)]).when(WithdrawComplaint(SHELTER, DAY)).refused(
        "withdrawn-after-the-answer"
    )


REPORTS = [AnswerComplaint(SHELTER, DAY, "upheld"), ForwardComplaint(SHELTER, DAY), WithdrawComplaint(SHELTER, DAY)]


@pytest.mark.parametrize("command", REPORTS)
def test_nothing_follows_a_withdrawal(command: AnswerComplaint | ForwardComplaint | WithdrawComplaint) -> None:
    given(COMPLAINT, [filed(), answered(), WITHDRAWN]).when(command).refused("complaint-withdrawn")


@pytest.mark.parametrize("command", REPORTS)
def test_nothing_is_dated_before_the_complaint(command: AnswerComplaint | ForwardComplaint | WithdrawComplaint) -> None:
    given(COMPLAINT, [filed(), answered()]).when(replace(command, occurred_on=BEFORE)).refused("before-the-complaint")


@pytest.mark.parametrize("command", REPORTS)
def test_another_shelters_complaint_looks_unknown(
    command: AnswerComplaint | ForwardComplaint | WithdrawComplaint,
) -> None:
    foreign = replace(command, shelter_id=OTHER_SHELTER)
    unknown = given(COMPLAINT).when(foreign).refusal
    other = given(COMPLAINT, [filed(), answered()]).when(foreign).refusal
    assert isinstance(unknown, Refused)
    assert isinstance(other, Refused)
    assert (unknown.rule, unknown.detail, other.kind) == ("unknown-complaint", other.detail, "absent")

"""What is owed to a woman who only asked: Hellerup's decision on the day of the assessment interview."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from havn_chassis.decider import Refused
from havn_events.orchestrator import (
    CaseOpened,
    FactNoted,
    ObligationDueSoon,
    ObligationMissed,
    ObligationOpened,
    ObligationRescheduled,
)
from orchestrator.domain.case import CASE, Opening, TakeFact
from orchestrator.domain.fact import BEFORE_A_STAY, Fact
from tests.unit.orchestrator.stay import RULEBOOK, SHELTER, STAY, Stay, happened, lines

RULE = "admission-decision"
ASKED, THE_DAY_BEFORE, INTERVIEW, THE_DAY_AFTER, TWO_DAYS_AFTER = (date(2025, 5, n) for n in (5, 5, 6, 7, 8))
COMPLAINT = UUID(int=70)


class Inquiry(Stay):
    """The case file of an inquiry, as far as there is one."""

    def __init__(self, standard: str = "hellerup") -> None:
        self.state = CASE.initial
        self.recorded = []
        self.opening = Opening(standard, SHELTER, None)
        self.take("InquiryReceived", ASKED)

    def interview(self, on: date = INTERVIEW, told_on: date | None = None) -> "Inquiry":
        self.take("InterviewHeld", on, told_on, self.opening)
        return self

    def decide(self, on: date, told_on: date | None = None) -> "Inquiry":
        self.take("InquiryAssessed", on, told_on)
        return self

    def correct(self, to: date, on: date) -> "Inquiry":
        self.take("InterviewCorrected", on, until=to)
        return self

    def complain(self, on: date, about: str = "refusal") -> None:
        attributes = {"complaint_about": about, "late": False}
        self.take("ComplaintFiled", on, None, self.opening, reference=COMPLAINT, attributes=attributes)

    def stands(self, rule: str = RULE) -> tuple[str, date | None, date | None]:
        """Its status, its last day, and the day it was missed."""
        [obligation] = [o for o in self.state.obligations.values() if o.rule == rule]
        return obligation.status, obligation.due, obligation.missed_on


def test_the_interview_opens_a_case_file_and_the_decision_is_owed_the_same_day_to_her_alone() -> None:
    inquiry = Inquiry().interview()

    opened, noted, owed, _ = (event for event, _ in inquiry.recorded)
    assert isinstance(opened, CaseOpened)
    assert (opened.standard, opened.shelter_id, opened.occurred_on) == ("hellerup", SHELTER, INTERVIEW)
    assert opened.home_municipality is None
    assert isinstance(noted, FactNoted)
    assert isinstance(owed, ObligationOpened)
    assert (owed.rule, owed.owed_by, owed.owed_to, owed.due, owed.counted_from) == (RULE, "shelter", "woman", INTERVIEW, INTERVIEW)
    assert (owed.person_id, owed.municipality, owed.reference, owed.anonymous) == (None, None, None, False)


@pytest.mark.parametrize("standard", ["serviceloven", "odense", "kobenhavn", "lokk"])
def test_where_an_inquiry_is_owed_nothing_there_is_no_case_file(standard: str) -> None:
    inquiry = Inquiry(standard).interview(date(2024, 5, 6)).correct(date(2024, 5, 5), date(2024, 5, 7)).decide(date(2024, 5, 8))

    assert inquiry.recorded == []
    assert inquiry.state == CASE.initial


@pytest.mark.parametrize("name", sorted(BEFORE_A_STAY - {"InterviewHeld"}))
def test_nothing_else_about_an_inquiry_opens_a_case_file(name: str) -> None:
    fact = Fact(name, UUID(int=9), INTERVIEW, until=INTERVIEW)
    assert list(CASE.decide(TakeFact(STAY, fact, None, RULEBOOK, INTERVIEW), CASE.initial)) == []


@pytest.mark.parametrize(("standard", "on"), [("nowhere", INTERVIEW), ("hellerup", date(2021, 12, 31))])
def test_an_interview_under_a_standard_that_is_not_in_the_rulebook_is_refused(standard: str, on: date) -> None:
    with pytest.raises(Refused) as refusal:
        Inquiry(standard).interview(on)
    assert refusal.value.rule == "standard-unknown"


def test_it_is_open_on_its_day_and_missed_on_the_day_after() -> None:
    inquiry = Inquiry().interview()

    inquiry.pass_day(THE_DAY_BEFORE)
    assert inquiry.stands() == ("open", INTERVIEW, None)
    inquiry.pass_day(INTERVIEW)
    assert inquiry.stands() == ("missed", INTERVIEW, THE_DAY_AFTER)
    [missed] = [event for event, _ in inquiry.recorded if isinstance(event, ObligationMissed)]
    assert (missed.escalated_to, missed.rests_on) == ("leader", None)


def test_decided_on_the_day_it_is_met() -> None:
    assert Inquiry().interview().decide(INTERVIEW).stands() == ("met", INTERVIEW, None)


def test_decided_on_the_day_after_it_is_met_late_and_the_miss_stays() -> None:
    assert Inquiry().interview().decide(THE_DAY_AFTER).stands() == ("met-late", INTERVIEW, THE_DAY_AFTER)


def test_decided_on_the_day_and_told_after_the_miss_it_is_met_in_time() -> None:
    inquiry = Inquiry().interview()
    inquiry.pass_day(INTERVIEW)

    assert inquiry.decide(INTERVIEW, TWO_DAYS_AFTER).stands() == ("met", INTERVIEW, THE_DAY_AFTER)


def test_an_interview_told_after_its_day_is_missed_at_once_and_met_by_a_decision_of_that_day() -> None:
    inquiry = Inquiry().interview(told_on=THE_DAY_AFTER)
    assert inquiry.stands() == ("missed", INTERVIEW, THE_DAY_AFTER)

    assert inquiry.decide(INTERVIEW, THE_DAY_AFTER).stands() == ("met", INTERVIEW, THE_DAY_AFTER)


def test_the_shelter_is_reminded_on_the_day_itself_and_once() -> None:
    inquiry = Inquiry().interview()
    inquiry.pass_day(THE_DAY_BEFORE)

    [reminder] = [event for event, _ in inquiry.recorded if isinstance(event, ObligationDueSoon)]
    assert (reminder.occurred_on, reminder.due, reminder.working_days, reminder.municipality) == (INTERVIEW, INTERVIEW, 0, None)


@pytest.mark.parametrize("told_on", [THE_DAY_AFTER, TWO_DAYS_AFTER])
def test_nobody_is_reminded_of_a_day_that_is_over(told_on: date) -> None:
    inquiry = Inquiry().interview(told_on=told_on)
    assert not [event for event, _ in inquiry.recorded if isinstance(event, ObligationDueSoon)]


def test_a_reminder_on_a_day_off_is_given_on_that_day() -> None:
    saturday = date(2025, 5, 10)
    inquiry = Inquiry().interview(saturday)

    [reminder] = [event for event, _ in inquiry.recorded if isinstance(event, ObligationDueSoon)]
    assert (reminder.occurred_on, reminder.due) == (saturday, saturday)


def test_a_later_interview_moves_the_day_visibly_and_is_reminded_of_again() -> None:
    inquiry = Inquiry().interview().correct(THE_DAY_AFTER, THE_DAY_AFTER)

    [moved] = [event for event, _ in inquiry.recorded if isinstance(event, ObligationRescheduled)]
    assert (moved.due_before, moved.due, moved.counted_from) == (INTERVIEW, THE_DAY_AFTER, THE_DAY_AFTER)
    assert inquiry.stands() == ("open", THE_DAY_AFTER, None)
    inquiry.pass_day(INTERVIEW)
    reminders = [event.due for event, _ in inquiry.recorded if isinstance(event, ObligationDueSoon)]
    assert reminders == [INTERVIEW, THE_DAY_AFTER]
    inquiry.pass_day(THE_DAY_AFTER)
    assert inquiry.stands() == ("missed", THE_DAY_AFTER, TWO_DAYS_AFTER)


def test_after_the_miss_a_later_interview_makes_it_open_again() -> None:
    inquiry = Inquiry().interview()
    inquiry.pass_day(INTERVIEW)

    inquiry.correct(THE_DAY_AFTER, THE_DAY_AFTER)

    assert inquiry.stands() == ("open", THE_DAY_AFTER, THE_DAY_AFTER)
    assert inquiry.decide(THE_DAY_AFTER).stands() == ("met", THE_DAY_AFTER, THE_DAY_AFTER)


def test_after_the_miss_a_later_interview_that_is_over_too_leaves_it_missed() -> None:
    inquiry = Inquiry().interview()
    inquiry.pass_day(INTERVIEW)

    assert inquiry.correct(THE_DAY_AFTER, TWO_DAYS_AFTER).stands()[:2] == ("missed", THE_DAY_AFTER)


def test_an_earlier_interview_shows_that_it_was_missed() -> None:
    inquiry = Inquiry().interview(THE_DAY_AFTER)

    assert inquiry.correct(INTERVIEW, THE_DAY_AFTER).stands() == ("missed", INTERVIEW, THE_DAY_AFTER)


def test_an_earlier_interview_shows_that_the_decision_was_late() -> None:
    inquiry = Inquiry().interview(THE_DAY_AFTER).decide(THE_DAY_AFTER)

    assert inquiry.correct(INTERVIEW, TWO_DAYS_AFTER).stands() == ("met-late", INTERVIEW, THE_DAY_AFTER)


def test_a_later_interview_shows_that_the_decision_was_in_time() -> None:
    inquiry = Inquiry().interview().decide(THE_DAY_AFTER)

    status, due, _ = inquiry.correct(THE_DAY_AFTER, TWO_DAYS_AFTER).stands()
    assert (status, due) == ("met", THE_DAY_AFTER)


def test_a_complaint_of_the_refusal_finds_the_case_file_open_and_each_is_closed_by_its_own() -> None:
    inquiry = Inquiry().interview()
    inquiry.pass_day(INTERVIEW)
    inquiry.complain(THE_DAY_AFTER)
    cases = [event for event, _ in inquiry.recorded if isinstance(event, CaseOpened)]
    assert len(cases) == 1
    assert inquiry.stands("complaint-answer")[:2] == ("open", date(2025, 6, 4))

    inquiry.take("ComplaintAnswered", TWO_DAYS_AFTER, reference=COMPLAINT, attributes={"outcome": "upheld", "final": True})
    assert inquiry.stands("complaint-answer")[0] == "met"
    assert inquiry.stands()[0] == "missed"


def test_the_decision_closes_no_complaint() -> None:
    inquiry = Inquiry().interview()
    inquiry.complain(INTERVIEW)

    inquiry.decide(INTERVIEW).take("StayRefused", INTERVIEW)

    assert inquiry.stands()[0] == "met"
    assert inquiry.stands("complaint-answer")[0] == "open"


def test_a_complaint_of_before_the_interview_has_opened_the_case_file() -> None:
    inquiry = Inquiry()
    inquiry.complain(ASKED, "conditions")

    assert inquiry.interview().stands() == ("open", INTERVIEW, None)
    assert inquiry.correct(THE_DAY_AFTER, THE_DAY_AFTER).stands() == ("open", THE_DAY_AFTER, None)


def test_a_correction_without_an_interview_in_the_case_file_moves_nothing() -> None:
    inquiry = Inquiry("odense").interview(date(2024, 5, 6))
    inquiry.complain(date(2024, 5, 7))
    before = inquiry.state.obligations

    inquiry.correct(date(2024, 5, 7), date(2024, 5, 8))

    assert inquiry.state.obligations == before


def test_another_standard_that_owes_it_counts_it_from_the_corrected_interview() -> None:
    inquiry = Inquiry().interview().correct(THE_DAY_AFTER, THE_DAY_AFTER)
    inquiry.change("serviceloven", THE_DAY_AFTER)
    assert inquiry.stands()[0] == "cancelled"

    inquiry.change("hellerup", THE_DAY_AFTER)

    statuses = [(o.status, o.due) for o in inquiry.state.obligations.values()]
    assert statuses == [("cancelled", THE_DAY_AFTER), ("open", THE_DAY_AFTER)]


@given(
    told_late_by=st.integers(0, 3),
    steps=st.lists(st.tuples(st.sampled_from(["correct", "decide", "pass"]), st.integers(0, 6)), max_size=8),
)
def test_whatever_is_corrected_and_told_in_whatever_order_the_right_days_decide(
    told_late_by: int, steps: list[tuple[str, int]]
) -> None:
    today = INTERVIEW + timedelta(days=told_late_by)
    inquiry, interview_on, decided_on = Inquiry().interview(told_on=today), INTERVIEW, None
    for step, days in steps:
        if step == "pass":
            for _ in range(days):
                inquiry.pass_day(today)
                today += timedelta(days=1)
        elif step == "correct":
            interview_on = today - timedelta(days=days)
            inquiry.correct(interview_on, today)
        elif decided_on is None:
            decided_on = today - timedelta(days=days)
            inquiry.decide(decided_on, today)

    if decided_on is None:
        expected = "missed" if interview_on < today else "open"
    else:
        expected = "met-late" if decided_on > interview_on else "met"
    assert inquiry.stands()[:2] == (expected, interview_on)


def test_it_is_explained_in_danish_and_english() -> None:
    inquiry = Inquiry().interview()
    inquiry.pass_day(INTERVIEW)
    inquiry.decide(TWO_DAYS_AFTER)

    assert lines(inquiry, RULE)[:3] == [
        "Afgørelse om indskrivning.",
        "Kilde: Hellerup Krisecenter: ydelseskatalog 2025, Henvendelse og visitation.",
        "Det står i krisecentrets egen standard.",
    ]
    assert "Dag 0 er tirsdag den 6. maj 2025: visitationssamtale holdt." in lines(inquiry, RULE)
    assert happened(inquiry, RULE, "en") == [
        "Tuesday 6 May 2025: arose from: assessment interview held.",
        "Tuesday 6 May 2025: a reminder of the last day, 0 working days before it was over.",
        "Wednesday 7 May 2025: not met in time; the last day was Tuesday 6 May 2025.",
        "Thursday 8 May 2025: met late by: inquiry assessed.",
        "It is now: met late.",
    ]


def test_a_moved_day_is_explained_by_the_correction() -> None:
    inquiry = Inquiry().interview().correct(THE_DAY_AFTER, THE_DAY_AFTER)

    assert (
        "Onsdag den 7. maj 2025: fristen blev flyttet fra tirsdag den 6. maj 2025 til onsdag den 7. maj 2025 ved: "
        "dagen for visitationssamtalen rettet."
    ) in happened(inquiry, RULE)

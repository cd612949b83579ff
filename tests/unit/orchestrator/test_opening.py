"""What opens a case, what follows from a fact, and what is not opened."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from havn_chassis.decider import Refused
from havn_events.orchestrator import CaseOpened, FactNoted, ObligationOpened
from havn_standards import Rulebook
from orchestrator.domain.case import Opening
from orchestrator.domain.fact import Fact
from tests.unit.orchestrator.story import CHILD, COMPLAINT, ODENSE, RULES, SHELTER, WOMAN, Story, day, only, rulebook, standard


def test_an_admission_opens_the_case_and_everything_that_follows_from_it() -> None:
    story = Story()
    opened = story.admit(day(3, 2), anonymous=True)
    assert opened == [
        ("opened", "notice", day(3, 5)),
        ("opened", "team", day(3, 2)),
        ("opened", "treatment", None),
        ("opened", "offer", None),
    ]
    case_opened, noted, first, *_ = story.events
    assert isinstance(case_opened, CaseOpened)
    assert (case_opened.standard, case_opened.standard_version, case_opened.home_municipality) == ("trial", "1", ODENSE)
    assert (case_opened.shelter_municipality, case_opened.transferred_from) == (None, None)
    assert isinstance(noted, FactNoted)
    assert isinstance(first, ObligationOpened)
    assert first.anonymous
    assert (first.counted_from, first.rests_on, first.municipality) == (day(3, 2), UUID(int=99), ODENSE)


def test_a_case_tells_the_shelters_municipality_and_the_stay_it_continues() -> None:
    story, before = Story(), UUID(int=98)
    admission = Fact("WomanAdmitted", UUID(int=99), day(3, 2), WOMAN, municipality=ODENSE)
    story.take(admission, None, Opening("trial", SHELTER, ODENSE, "0751", before))
    case_opened = story.events[0]
    assert isinstance(case_opened, CaseOpened)
    assert (case_opened.shelter_municipality, case_opened.transferred_from) == ("0751", before)


def test_a_fact_about_a_stay_that_was_never_opened_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        Story().fact("SessionHeld", day(3, 2), person_id=WOMAN, minutes=60)
    assert refusal.value.rule == "case-not-open"


def test_a_fact_about_an_inquiry_without_a_case_is_nothing_to_the_orchestrator() -> None:
    assert Story().fact("InquiryReceived", day(3, 2)) == []


def test_a_standard_that_is_not_in_the_rulebook_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        Story().take(Fact("WomanAdmitted", UUID(int=99), day(3, 2), WOMAN), None, Opening("unknown", SHELTER, ODENSE))
    assert refusal.value.rule == "standard-unknown"


def test_a_case_keeps_the_version_it_was_opened_under() -> None:
    story = Story(rulebook(*RULES))
    story.admit(day(3, 2))
    newer = standard(*[r for r in RULES if r.id != "child-notice"], version="2")
    story.book = Rulebook({"trial": [(date(2020, 1, 1), standard(*RULES)), (day(3, 10), newer)]})
    assert ("opened", "child-notice", day(3, 23)) in story.fact("ChildArrived", day(3, 20), person_id=CHILD)


def test_a_complaint_about_a_refusal_opens_a_case_without_a_municipality() -> None:
    story = Story()
    complaint = Fact("ComplaintFiled", UUID(int=7), day(3, 2), reference=COMPLAINT, attributes={"complaint_about": "refusal"})
    assert story.take(complaint, None, Opening("trial", SHELTER, None)) == [("opened", "answer", day(3, 30))]
    assert story.one("answer").municipality is None
    assert story.fact("StayRefused", day(3, 1), today=day(3, 3)) == []


def test_the_same_fact_twice_changes_nothing() -> None:
    story = Story()
    story.admit(day(3, 2))
    before = list(story.events)
    assert story.admit(day(3, 2)) == []
    assert story.events == before


def test_what_is_open_is_not_opened_a_second_time() -> None:
    story = only("review")
    story.admit(day(1, 1))
    assert story.fact("StayPlanAgreed", day(1, 10)) == [("opened", "review", day(4, 10))]
    assert story.fact("StayPlanAgreed", day(2, 1)) == []


def test_obligations_keep_the_business_date_of_a_backdated_admission_and_what_is_past_is_at_once_missed() -> None:
    story = only("notice")
    assert story.admit(day(3, 2), today=day(3, 6)) == [("opened", "notice", day(3, 5)), ("missed", "notice", day(3, 6))]


@pytest.mark.parametrize(("today", "missed"), [(day(3, 4), False), (day(3, 5), False), (day(3, 6), True)])
def test_a_deadline_is_past_at_registration_only_on_the_day_after(today: date, missed: bool) -> None:
    story = only("notice")
    story.admit(day(3, 2), today=today)
    assert (story.one("notice").status == "missed") is missed


@pytest.mark.parametrize(("stay_days", "owed"), [(13, False), (14, False), (15, True)])
def test_a_condition_on_the_length_of_the_stay(stay_days: int, owed: bool) -> None:
    story = only("aftercare")
    story.admit(day(1, 1))
    story.fact("WomanMovedOut", day(1, 1) + timedelta(days=stay_days), attributes={"stay_days": stay_days})
    assert bool(story.state.obligations) is owed

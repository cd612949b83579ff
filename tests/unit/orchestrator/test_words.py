"""Facts, days and terms in words."""

from datetime import date

import pytest

from havn_standards import Term
from orchestrator.reactions import REPORTS
from orchestrator.words import FACTS, amount_in_words, fact_name, in_words, term_in_words


def test_every_fact_that_is_noted_a_change_of_standard_and_a_transfer_have_names() -> None:
    transfer = {"StayContinued", "ChildFollowed", "ContinuationAnnulled", "ChildCameBack"}
    assert {report.type_name() for report in REPORTS} | {"StandardChanged"} | transfer == FACTS.keys()
    assert all(danish != english for danish, english in FACTS.values())
    assert fact_name("WomanAdmitted") == ("indskrivning", "admission")


def test_a_day_in_words() -> None:
    assert in_words(date(2026, 3, 2)) == ("mandag den 2. marts 2026", "Monday 2 March 2026")


@pytest.mark.parametrize(
    ("term", "words"),
    [
        (Term(working_days=1), ("1 hverdag", "1 working day")),
        (Term(working_days=3), ("3 hverdage", "3 working days")),
        (Term(weeks=2), ("2 uger", "2 weeks")),
        (Term(same_day=True), ("samme dag", "the same day")),
    ],
)
def test_a_term_in_words(term: Term, words: tuple[str, str]) -> None:
    assert term_in_words(term) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, ("0 minutter", "0 minutes")),
        (1, ("1 minut", "1 minute")),
        (59, ("59 minutter", "59 minutes")),
        (60, ("1 time", "1 hour")),
        (61, ("1 time 1 minut", "1 hour 1 minute")),
        (90, ("1 time 30 minutter", "1 hour 30 minutes")),
        (120, ("2 timer", "2 hours")),
        (600, ("10 timer", "10 hours")),
    ],
)
def test_minutes_in_words(minutes: int, words: tuple[str, str]) -> None:
    assert amount_in_words("minutes", minutes) == words


@pytest.mark.parametrize(
    ("sessions", "words"),
    [(0, ("0 samtaler", "0 sessions")), (1, ("1 samtale", "1 session")), (2, ("2 samtaler", "2 sessions"))],
)
def test_sessions_in_words(sessions: int, words: tuple[str, str]) -> None:
    assert amount_in_words("sessions", sessions) == words

"""What a person is told who wishes to complain."""

from datetime import date
from typing import get_args

import pytest

from havn_events.codes import ComplaintAbout, ComplaintRoute
from intake.domain.complaint import ComplaintTerm
from intake.words import FIRST, guide_in_words

FOUR_WEEKS = ComplaintTerm(4, "weeks")


def test_a_refusal_is_explained_with_its_last_day() -> None:
    danish, english = guide_in_words("refusal", "ankestyrelsen", FOUR_WEEKS, date(2025, 6, 3))
    assert danish.splitlines() == [
        "Du kan klage over afslaget til krisecentret, skriftligt eller mundtligt.",
        "Krisecentret skal have modtaget klagen senest den 3. juni 2025, 4 uger efter at du har modtaget afgørelsen.",
        "Kommer klagen senere, bliver den også taget imod, men registreret som for sent modtaget.",
        "Får du ikke fuldt medhold, sender krisecentret klagen videre til Ankestyrelsen sammen med sagens papirer.",
    ]
    assert english.splitlines()[1] == (
        "The shelter must have received the complaint by 3 June 2025, 4 weeks after you received the decision."
    )


def test_without_a_day_the_term_is_told_all_the_same() -> None:
    danish, english = guide_in_words("discharge", "ankestyrelsen", FOUR_WEEKS, None)
    assert "senest 4 uger efter, at du har modtaget afgørelsen" in danish
    assert "within 4 weeks of your receiving the decision" in english


def test_an_expulsion_goes_no_further_than_the_shelter() -> None:
    danish, english = guide_in_words("expulsion", "none", FOUR_WEEKS, date(2025, 1, 7))
    assert danish.splitlines()[-1] == "Krisecentrets svar afslutter klagen. Den kan ikke sendes videre til Ankestyrelsen."
    assert "7. januar 2025" in danish
    assert "7 January 2025" in english


@pytest.mark.parametrize("about", ["conditions", "case-handling"])
@pytest.mark.parametrize("route", ["leader", "centre-for-adults-and-families", "ombudsman"])
def test_conditions_and_case_handling_go_to_the_leader_and_have_no_term(about: ComplaintAbout, route: ComplaintRoute) -> None:
    danish, english = guide_in_words(about, route, None, None)
    assert danish.splitlines()[1] == "Der er ingen frist for at klage."
    assert "til lederen" in danish.splitlines()[0]
    assert "Ankestyrelsen" not in danish + english


@pytest.mark.parametrize("about", ["conditions", "case-handling"])
def test_where_there_may_be_no_decision_a_term_is_told_of_one(about: ComplaintAbout) -> None:
    """A standard of its own may give one, and what is no decision is complained of whenever it is."""
    danish, english = guide_in_words(about, "leader", ComplaintTerm(20, "days"), None)
    assert danish.splitlines()[1] == (
        "Klager du over en afgørelse, skal krisecentret have modtaget klagen senest 20 dage efter, at du har modtaget den."
    )
    assert english.splitlines()[1] == (
        "If it is a decision that you complain of, the shelter must have received the complaint within 20 days of your "
        "receiving it."
    )


@pytest.mark.parametrize("about", get_args(ComplaintAbout))
@pytest.mark.parametrize("route", get_args(ComplaintRoute))
@pytest.mark.parametrize(("term", "lines"), [(None, 3), (FOUR_WEEKS, 4)])
def test_every_way_is_said_in_both_languages(
    about: ComplaintAbout, route: ComplaintRoute, term: ComplaintTerm | None, lines: int
) -> None:
    danish, english = guide_in_words(about, route, term, None)
    assert len(danish.splitlines()) == lines
    assert len(danish.splitlines()) == len(english.splitlines())
    assert about in FIRST


@pytest.mark.parametrize(
    ("term", "danish", "english"),
    [
        (ComplaintTerm(1, "days"), "1 dag", "1 day"),
        (ComplaintTerm(14, "days"), "14 dage", "14 days"),
        (ComplaintTerm(1, "weeks"), "1 uge", "1 week"),
        (ComplaintTerm(6, "weeks"), "6 uger", "6 weeks"),
        (ComplaintTerm(1, "months"), "1 måned", "1 month"),
        (ComplaintTerm(2, "months"), "2 måneder", "2 months"),
    ],
)
def test_the_length_is_the_standards(term: ComplaintTerm, danish: str, english: str) -> None:
    within = guide_in_words("refusal", "ankestyrelsen", term, None)
    until = guide_in_words("refusal", "ankestyrelsen", term, date(2025, 6, 3))

    assert f"senest {danish} efter, at du" in within[0]
    assert f"within {english} of your" in within[1]
    assert f"2025, {danish} efter at du" in until[0]
    assert f"2025, {english} after you" in until[1]

"""What a person is told who wishes to complain."""

from datetime import date
from typing import get_args

import pytest

from havn_events.codes import ComplaintAbout, ComplaintRoute
from intake.words import FIRST, guide_in_words


def test_a_refusal_is_explained_with_its_last_day() -> None:
    danish, english = guide_in_words("refusal", "ankestyrelsen", date(2025, 6, 3))
    assert danish.splitlines() == [
        "Du kan klage over afslaget til krisecentret, skriftligt eller mundtligt.",
        "Krisecentret skal have modtaget klagen senest den 3. juni 2025, fire uger efter at du har modtaget afgørelsen.",
        "Kommer klagen senere, bliver den også taget imod, men registreret som for sent modtaget.",
        "Får du ikke fuldt medhold, sender krisecentret klagen videre til Ankestyrelsen sammen med sagens papirer.",
    ]
    assert english.splitlines()[1] == (
        "The shelter must have received the complaint by 3 June 2025, four weeks after you received the decision."
    )


def test_without_a_day_the_term_is_told_all_the_same() -> None:
    danish, english = guide_in_words("discharge", "ankestyrelsen", None)
    assert "senest fire uger efter, at du har modtaget afgørelsen" in danish
    assert "within four weeks of your receiving the decision" in english


def test_an_expulsion_goes_no_further_than_the_shelter() -> None:
    danish, english = guide_in_words("expulsion", "none", date(2025, 1, 7))
    assert danish.splitlines()[-1] == "Krisecentrets svar afslutter klagen. Den kan ikke sendes videre til Ankestyrelsen."
    assert "7. januar 2025" in danish
    assert "7 January 2025" in english


@pytest.mark.parametrize("about", ["conditions", "case-handling"])
@pytest.mark.parametrize("route", ["leader", "centre-for-adults-and-families", "ombudsman"])
def test_conditions_and_case_handling_go_to_the_leader_and_have_no_term(about: ComplaintAbout, route: ComplaintRoute) -> None:
    danish, english = guide_in_words(about, route, None)
    assert danish.splitlines()[1] == "Der er ingen frist for at klage."
    assert "til lederen" in danish.splitlines()[0]
    assert "Ankestyrelsen" not in danish + english


@pytest.mark.parametrize("about", get_args(ComplaintAbout))
@pytest.mark.parametrize("route", get_args(ComplaintRoute))
def test_every_way_is_said_in_both_languages(about: ComplaintAbout, route: ComplaintRoute) -> None:
    danish, english = guide_in_words(about, route, None)
    assert len(danish.splitlines()) == len(english.splitlines())
    assert about in FIRST

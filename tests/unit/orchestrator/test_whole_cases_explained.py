"""Whole cases, explained to a caseworker: what was counted, what happened, and what became of it."""

from datetime import date

import pytest

from tests.unit.orchestrator.stay import WOMAN, Stay, happened, lines


def test_a_missed_risk_assessment_over_store_bededag_in_danish() -> None:
    stay = Stay("odense", date(2023, 5, 3))
    stay.pass_day(date(2023, 5, 11))

    assert lines(stay, "risk-assessment") == [
        "Risikovurdering.",
        "Kilde: Kvalitetsstandard for Krisecenter Odense 2023-2025, 2.3.",
        "Pligten eller fristen er en læsning af kilden og står ikke ordret i den.",
        f"Bemærkning: {stay.why('risk-assessment').note_da}",
        "Sagen føres efter standarden Krisecenter Odense, version 2023-serviceloven-2020.",
        "Frist: 5 hverdage.",
        "Dag 0 er onsdag den 3. maj 2023: indskrivning.",
        "torsdag den 4. maj 2023: dag 1.",
        "fredag den 5. maj 2023: tælles ikke (Store bededag).",
        "lørdag den 6. maj 2023: tælles ikke (lørdag).",
        "søndag den 7. maj 2023: tælles ikke (søndag).",
        "mandag den 8. maj 2023: dag 2.",
        "tirsdag den 9. maj 2023: dag 3.",
        "onsdag den 10. maj 2023: dag 4.",
        "torsdag den 11. maj 2023: dag 5.",
        "Sidste dag er torsdag den 11. maj 2023.",
        "Onsdag den 3. maj 2023: opstod ved: indskrivning. Kommune: Odense.",
        "Fredag den 12. maj 2023: ikke opfyldt i tide; sidste dag var torsdag den 11. maj 2023.",
        "Status: ikke opfyldt i tide og stadig ikke opfyldt.",
    ]


def test_the_same_in_english() -> None:
    stay = Stay("odense", date(2023, 5, 3))
    stay.pass_day(date(2023, 5, 11))

    said = lines(stay, "risk-assessment", "en")

    assert said[0] == "Risk assessment."
    assert said[3] == f"Note: {stay.why('risk-assessment').note}"
    assert said[5:9] == [
        "Term: 5 working days.",
        "Day 0 is Wednesday 3 May 2023: admission.",
        "Thursday 4 May 2023: day 1.",
        "Friday 5 May 2023: not counted (Great Prayer Day).",
    ]
    assert said[-1] == "It is now: not met in time, and still not met."


def test_it_is_open_on_its_last_day_and_missed_the_day_after() -> None:
    stay = Stay("odense", date(2023, 5, 3))
    stay.pass_day(date(2023, 5, 10))
    assert happened(stay, "risk-assessment")[-1] == "Status: åben, ikke opfyldt endnu."

    stay.pass_day(date(2023, 5, 11))

    assert happened(stay, "risk-assessment")[-1] == "Status: ikke opfyldt i tide og stadig ikke opfyldt."


@pytest.mark.parametrize(("on", "state"), [(10, "opfyldt."), (11, "opfyldt."), (12, "opfyldt for sent.")])
def test_met_the_day_before_on_the_day_and_the_day_after(on: int, state: str) -> None:
    stay = Stay("odense", date(2023, 5, 3))
    stay.take("RiskAssessed", date(2023, 5, on), person_id=WOMAN)

    assert happened(stay, "risk-assessment")[-1] == f"Status: {state}"


def test_met_late_keeps_the_miss() -> None:
    stay = Stay("odense", date(2023, 5, 3))
    stay.pass_day(date(2023, 5, 11))
    stay.take("RiskAssessed", date(2023, 5, 15), person_id=WOMAN)

    assert happened(stay, "risk-assessment", "en") == [
        "Wednesday 3 May 2023: arose from: admission. Municipality: Odense.",
        "Friday 12 May 2023: not met in time; the last day was Thursday 11 May 2023.",
        "Monday 15 May 2023: met late by: risk assessed.",
        "It is now: met late.",
    ]


def test_what_was_told_later_says_when_it_was_recorded() -> None:
    stay = Stay("odense", date(2023, 5, 3), told_on=date(2023, 5, 9))

    assert happened(stay, "risk-assessment")[0].endswith("Kommune: Odense. (registreret tirsdag den 9. maj 2023)")


def test_a_corrected_admission_moves_the_day_visibly() -> None:
    stay = Stay("odense", date(2023, 5, 3))
    stay.take("AdmissionCorrected", date(2023, 5, 8), until=date(2023, 5, 4))

    assert (
        "Mandag den 8. maj 2023: fristen blev flyttet fra torsdag den 11. maj 2023 til fredag den 12. maj 2023 "
        "ved: indskrivningsdag rettet."
    ) in happened(stay, "risk-assessment")
    assert "Dag 0 er torsdag den 4. maj 2023: indskrivning." in lines(stay, "risk-assessment")


def test_a_shorter_stay_owes_none() -> None:
    stay = Stay("odense", date(2023, 5, 3))
    stay.take("WomanMovedOut", date(2023, 5, 5), attributes={"stay_days": 2, "destination": "family"})

    assert happened(stay, "risk-assessment")[1:] == ["Fredag den 5. maj 2023: bortfaldt ved: fraflytning.", "Status: bortfaldet."]


def test_an_obligation_without_a_day_is_explained_and_follows_her_home() -> None:
    stay = Stay("odense", date(2023, 5, 3))
    stay.take("HomeMunicipalityChanged", date(2023, 6, 1), municipality="0751")

    said = lines(stay, "psychology-woman")

    assert "Reglen sætter ingen frist." in said
    assert "Det står i loven." in said
    assert happened(stay, "psychology-woman")[1:] == [
        "Torsdag den 1. juni 2023: kommunen er fra denne dag Aarhus ved: skift af hjemkommune.",
        "Status: åben, ikke opfyldt endnu.",
    ]


def test_a_term_that_has_not_begun_says_so() -> None:
    stay = Stay("odense", date(2023, 5, 3))

    said = lines(stay, "psychology-woman-offer")

    assert "Fristen er ikke begyndt: den hændelse, den tælles fra, er ikke sket: fraflytning." in said
    assert "Pligten eller fristen er en læsning af kilden og står ikke ordret i den." in said


def test_a_fact_that_makes_it_missed_is_named() -> None:
    stay = Stay("odense", date(2023, 5, 3))
    stay.take("WomanMovedOut", date(2023, 6, 1), attributes={"stay_days": 29, "destination": "family"})

    assert "Torsdag den 1. juni 2023: ikke opfyldt, før det var for sent ved: fraflytning." in happened(stay, "stay-plan")


def test_a_window_is_extended_and_runs_out_as_met() -> None:
    stay = Stay("serviceloven", date(2023, 1, 2))
    stay.take("WomanMovedOut", date(2023, 3, 31), attributes={"stay_days": 88, "destination": "new-home"})
    stay.take("AdviceExtended", date(2023, 9, 1), until=date(2023, 12, 31))
    stay.pass_day(date(2023, 12, 31))

    said = lines(stay, "advice-window")

    assert said[5:9] == [
        "Frist: 6 måneder.",
        "Dag 0 er fredag den 31. marts 2023: fraflytning.",
        "Alle dage tælles med, også weekender og helligdage.",
        "Talt fra dag 0 ville sidste dag være lørdag den 30. september 2023. "
        "En senere hændelse har sat en anden: sidste dag er søndag den 31. december 2023.",
    ]
    assert happened(stay, "advice-window")[-2:] == [
        "Søndag den 31. december 2023: periodens sidste dag; den udløb som opfyldt. (registreret mandag den 1. januar 2024)",
        "Status: opfyldt.",
    ]


def test_weeks_are_not_counted_day_by_day() -> None:
    stay = Stay("serviceloven", date(2023, 1, 2))
    stay.take("WomanMovedOut", date(2023, 3, 31), attributes={"stay_days": 88, "destination": "new-home"})

    assert lines(stay, "psychology-woman-offer")[5:9] == [
        "Frist: 2 uger.",
        "Dag 0 er fredag den 31. marts 2023: fraflytning.",
        "Alle dage tælles med, også weekender og helligdage.",
        "Sidste dag er fredag den 14. april 2023.",
    ]
    assert "Fredag den 31. marts 2023: fristen blev sat til fredag den 14. april 2023 ved: fraflytning." in (
        happened(stay, "psychology-woman-offer")
    )


def test_what_is_owed_again_is_open() -> None:
    stay = Stay("serviceloven", date(2023, 1, 2))
    stay.take("SessionHeld", date(2023, 2, 1), person_id=WOMAN, minutes=600, attributes={"sessions": 1})
    assert happened(stay, "psychology-woman")[-1] == "Status: opfyldt."

    stay.take("SessionCorrected", date(2023, 2, 2), person_id=WOMAN, minutes=-60, attributes={"sessions": 0})

    assert happened(stay, "psychology-woman")[-2:] == [
        "Torsdag den 2. februar 2023: åben igen ved: psykologsamtale rettet.",
        "Status: åben, ikke opfyldt endnu.",
    ]


RAN_OUT = (
    "Standarden udløb lørdag den 19. april 2025 og gælder stadig for sagen: den følges, indtil en ny træder i kraft, og en åben "
    "sag beholder den."
)


@pytest.mark.parametrize(("day", "had_run_out"), [(18, False), (19, False), (20, True)])
def test_a_standard_that_had_run_out_says_so_after_its_last_day(day: int, had_run_out: bool) -> None:
    stay = Stay("odense", date(2025, 4, day))

    assert (RAN_OUT in lines(stay, "stay-plan")) is had_run_out
    english = "\n".join(lines(stay, "stay-plan", "en"))
    assert ("The standard ran out on Saturday 19 April 2025 and still holds for this case" in english) is had_run_out


def test_in_a_stay_of_before_only_what_arose_after_the_last_day_says_so() -> None:
    stay = Stay("odense", date(2025, 4, 1))
    stay.take("WomanMovedOut", date(2025, 4, 20), attributes={"stay_days": 19, "destination": "new-home"})

    assert RAN_OUT not in lines(stay, "stay-plan")
    assert RAN_OUT in lines(stay, "advice-window")


def test_a_standard_without_an_end_never_ran_out() -> None:
    assert not any("Standarden udløb" in line for line in lines(Stay("lokk", date(2026, 4, 20)), "stay-plan"))


def test_what_is_assumed_of_a_whole_standard_is_said_in_both_languages() -> None:
    stay = Stay("hellerup", date(2023, 5, 3))

    assert lines(stay, "psychology-woman")[4:6] == [
        "Sagen føres efter standarden Hellerup Krisecenter, version 2025-serviceloven-2020.",
        "Bemærkning til standarden: Kun kataloget for 2025 foreligger. "
        "At det samme blev lovet allerede i 2022 til 2024, er antaget.",
    ]
    assert lines(stay, "psychology-woman", "en")[5] == (
        "Note on the standard: Only the catalogue of 2025 is at hand. "
        "That its promises were already made in 2022 to 2024 is assumed."
    )

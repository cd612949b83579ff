"""`havn why`: what the orchestrator recorded, told to a caseworker. The explanations are those of whole cases."""

from datetime import date
from pathlib import Path

import pytest

from havn_cli.fact_names import FACTS, fact_name
from havn_cli.why import SAY
from havn_embedded.servers import free_port
from havn_standards.rule import KNOWN_FACTS
from tests.unit.cli.command import complaint
from tests.unit.cli.stay import WOMAN, Stay, happened, lines

ID = "0a4f6c1e-7d35-4b52-9c86-1f2e3d4c5b6a"


def test_a_missed_risk_assessment_over_store_bededag_in_danish() -> None:
    stay = Stay("odense", date(2023, 5, 3))
    stay.pass_day(date(2023, 5, 11))

    assert lines(stay, "risk-assessment") == [
        "Risikovurdering (risk-assessment)",
        "",
        "Kilde: Kvalitetsstandard for Krisecenter Odense 2023-2025, 2.3.",
        "Det står i krisecentrets egen standard.",
        f"Bemærkning (på engelsk): {stay.why('risk-assessment').note}",
        "Sagen er åbnet under standarden odense, version 2023-serviceloven-2020.",
        "",
        "Frist: 5 hverdage.",
        "Dag 0 er onsdag den 3. maj 2023.",
        "  torsdag 4. maj 2023: dag 1",
        "  fredag 5. maj 2023: tælles ikke (Store bededag)",
        "  lørdag 6. maj 2023: tælles ikke (weekend)",
        "  søndag 7. maj 2023: tælles ikke (weekend)",
        "  mandag 8. maj 2023: dag 2",
        "  tirsdag 9. maj 2023: dag 3",
        "  onsdag 10. maj 2023: dag 4",
        "  torsdag 11. maj 2023: dag 5",
        "Sidste dag er torsdag den 11. maj 2023.",
        "",
        "Hvad der er sket:",
        "  3. maj 2023: opstod på grund af: indskrivning. Kommune: Odense.",
        "  12. maj 2023: ikke opfyldt i tide; sidste dag var 11. maj 2023.",
        "",
        "Status: ikke opfyldt i tide og stadig ikke opfyldt.",
    ]


def test_the_same_in_english() -> None:
    stay = Stay("odense", date(2023, 5, 3))
    stay.pass_day(date(2023, 5, 11))

    said = lines(stay, "risk-assessment", "en")

    assert said[0] == "Risk assessment (risk-assessment)"
    assert said[7:11] == [
        "Term: 5 working days.",
        "Day 0 is Wednesday 3 May 2023.",
        "  Thursday 4 May 2023: day 1",
        "  Friday 5 May 2023: not counted (Great Prayer Day)",
    ]
    assert said[-1] == "It is now: not met in time, and still not met."


def test_it_is_open_on_its_last_day_and_missed_the_day_after() -> None:
    stay = Stay("odense", date(2023, 5, 3))
    stay.pass_day(date(2023, 5, 10))
    assert happened(stay, "risk-assessment")[-1] == "Status: åben, ikke opfyldt endnu."

    stay.pass_day(date(2023, 5, 11))

    assert happened(stay, "risk-assessment")[-1] == "Status: ikke opfyldt i tide og stadig ikke opfyldt."


@pytest.mark.parametrize(
    ("on", "state"), [(10, "opfyldt."), (11, "opfyldt."), (12, "opfyldt for sent.")]
)
def test_met_the_day_before_on_the_day_and_the_day_after(on: int, state: str) -> None:
    stay = Stay("odense", date(2023, 5, 3))
    stay.take("RiskAssessed", date(2023, 5, on), person_id=WOMAN)

    assert happened(stay, "risk-assessment")[-1] == f"Status: {state}"


def test_met_late_keeps_the_miss() -> None:
    stay = Stay("odense", date(2023, 5, 3))
    stay.pass_day(date(2023, 5, 11))
    stay.take("RiskAssessed", date(2023, 5, 15), person_id=WOMAN)

    assert happened(stay, "risk-assessment", "en") == [
        "3 May 2023: arose because of: admission. Municipality: Odense.",
        "12 May 2023: not met in time; the last day was 11 May 2023.",
        "15 May 2023: met late by: risk assessed.",
        "It is now: met late.",
    ]


def test_what_was_told_later_says_when_it_was_recorded() -> None:
    stay = Stay("odense", date(2023, 5, 3), told_on=date(2023, 5, 9))

    assert happened(stay, "risk-assessment")[0].endswith("Kommune: Odense. (registreret 9. maj 2023)")


def test_a_corrected_admission_moves_the_day_visibly() -> None:
    stay = Stay("odense", date(2023, 5, 3))
    stay.take("AdmissionCorrected", date(2023, 5, 8), until=date(2023, 5, 4))

    assert "8. maj 2023: fristen blev flyttet fra 11. maj 2023 til 12. maj 2023 på grund af: indskrivningsdag rettet." in happened(
        stay, "risk-assessment"
    )
    assert "Dag 0 er torsdag den 4. maj 2023." in lines(stay, "risk-assessment")


def test_a_shorter_stay_owes_none() -> None:
    stay = Stay("odense", date(2023, 5, 3))
    stay.take("WomanMovedOut", date(2023, 5, 5), attributes={"stay_days": 2, "destination": "family"})

    assert happened(stay, "risk-assessment")[1:] == ["5. maj 2023: bortfaldt på grund af: fraflytning.", "Status: bortfaldet."]


def test_an_obligation_without_a_day_is_explained_and_follows_her_home() -> None:
    stay = Stay("odense", date(2023, 5, 3))
    stay.take("HomeMunicipalityChanged", date(2023, 6, 1), municipality="0751")

    said = lines(stay, "psychology-woman")

    assert "Reglen sætter ingen frist." in said
    assert "Det står i loven." in said
    assert happened(stay, "psychology-woman")[1:] == [
        "1. juni 2023: kommunen er fra denne dag Aarhus, på grund af: skift af hjemkommune.",
        "Status: åben, ikke opfyldt endnu.",
    ]


def test_a_term_that_has_not_begun_says_so() -> None:
    stay = Stay("odense", date(2023, 5, 3))

    said = lines(stay, "psychology-woman-offer")

    assert "Fristen er ikke begyndt: den hændelse, den tælles fra, er ikke sket." in said
    assert "Pligten eller fristen er en læsning af kilden og står ikke ordret i den." in said


def test_a_fact_that_makes_it_missed_is_named() -> None:
    stay = Stay("odense", date(2023, 5, 3))
    stay.take("WomanMovedOut", date(2023, 6, 1), attributes={"stay_days": 29, "destination": "family"})

    assert "1. juni 2023: ikke opfyldt, før det var for sent: fraflytning (1. juni 2023)." in happened(stay, "stay-plan")


def test_a_window_is_extended_and_runs_out_as_met() -> None:
    stay = Stay("serviceloven", date(2023, 1, 2))
    stay.take("WomanMovedOut", date(2023, 3, 31), attributes={"stay_days": 88, "destination": "new-home"})
    stay.take("AdviceExtended", date(2023, 9, 1), until=date(2023, 12, 31))
    stay.pass_day(date(2023, 12, 31))

    said = lines(stay, "advice-window")

    assert said[said.index("Frist: 6 måneder.") : said.index("Hvad der er sket:") - 1] == [
        "Frist: 6 måneder.",
        "Dag 0 er fredag den 31. marts 2023.",
        "Alle dage tælles med, også weekender og helligdage.",
        "Talt fra dag 0 ville sidste dag være den 30. september 2023.",
        "Fristen er fastsat af en senere hændelse og er en anden end den, en optælling fra dag 0 giver.",
        "Sidste dag er søndag den 31. december 2023.",
    ]
    assert happened(stay, "advice-window")[-2:] == [
        "31. december 2023: periodens sidste dag; den er udløbet som opfyldt. (registreret 1. januar 2024)",
        "Status: opfyldt.",
    ]


def test_weeks_are_not_counted_day_by_day() -> None:
    stay = Stay("serviceloven", date(2023, 1, 2))
    stay.take("WomanMovedOut", date(2023, 3, 31), attributes={"stay_days": 88, "destination": "new-home"})

    said = lines(stay, "psychology-woman-offer")

    assert said[said.index("Frist: 2 uger.") : said.index("Hvad der er sket:") - 1] == [
        "Frist: 2 uger.",
        "Dag 0 er fredag den 31. marts 2023.",
        "Alle dage tælles med, også weekender og helligdage.",
        "Sidste dag er fredag den 14. april 2023.",
    ]
    assert "31. marts 2023: fristen blev flyttet fra ingen dag til 14. april 2023 på grund af: fraflytning." in happened(
        stay, "psychology-woman-offer"
    )


@pytest.mark.parametrize(
    ("fact", "word"),
    [(None, "en ændring i sagen"), ("StandardChanged", "sagen ført over til en anden standard"), ("GoalsSeen", "GoalsSeen")],
)
def test_what_no_rule_names_still_has_a_word(fact: str | None, word: str) -> None:
    assert fact_name(fact, "da") == word


def test_what_is_owed_again_is_open() -> None:
    stay = Stay("serviceloven", date(2023, 1, 2))
    stay.take("SessionHeld", date(2023, 2, 1), person_id=WOMAN, minutes=600, attributes={"sessions": 1})
    assert happened(stay, "psychology-woman")[-1] == "Status: opfyldt."

    stay.take("SessionCorrected", date(2023, 2, 2), person_id=WOMAN, minutes=-60, attributes={"sessions": 0})

    assert happened(stay, "psychology-woman")[-2:] == [
        "2. februar 2023: åben igen på grund af: psykologsamtale rettet.",
        "Status: åben, ikke opfyldt endnu.",
    ]


def test_both_languages_say_the_same_things() -> None:
    assert SAY["da"].keys() == SAY["en"].keys()


def test_every_event_that_standards_may_name_has_words() -> None:
    assert FACTS.keys() >= KNOWN_FACTS


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_an_address_it_says_where_to_get_one(folder: Path) -> None:
    assert "make run" in complaint("why", ID)
    assert "no SHELTER_TOKEN" in complaint("why", ID, ORCHESTRATOR="http://127.0.0.1:9")


def test_an_id_that_is_none(folder: Path) -> None:
    said = complaint("why", "secret-value", "--url", "http://127.0.0.1:9", "--token", "x")

    assert "obligation_id" in said
    assert "secret-value" not in said


@pytest.mark.parametrize(
    ("url", "token", "said"),
    [
        ("127.0.0.1:9", "x", "begins with http://"),
        ("http://", "x", "begins with http://"),
        ("http://127.0.0.1:9", "æ", "copy it whole"),
    ],
)
def test_an_address_or_token_that_is_none(folder: Path, url: str, token: str, said: str) -> None:
    assert said in complaint("why", ID, "--url", url, "--token", token)


def test_settings_come_from_the_folder_where_nobody_gives_others(folder: Path) -> None:
    (folder / ".havn").mkdir()
    (folder / ".havn" / "env").write_text(f"TODAY=2024-12-31\nORCHESTRATOR=http://127.0.0.1:{free_port()}\nSHELTER_TOKEN=x\n")

    assert complaint("why", ID).startswith("No orchestrator answers at this address.")
    assert "begins with http://" in complaint("why", ID, ORCHESTRATOR="nowhere")
    assert complaint("why", ID, "--url", f"http://127.0.0.1:{free_port()}", ORCHESTRATOR="nowhere").startswith("No orchestrator")

"""Why something is owed and due when it is, in sentences a caseworker understands, in both languages."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest

from havn_standards import Rulebook
from orchestrator.why import Why, explain

RULEBOOK = Rulebook.load()
FACT = UUID(int=9)

NOTE = (
    "Three working days from the decision to admit, as Copenhagen 2.2 tells it; Hellerup cites the subsection. "
    "Counted from the day of admission, on which the decision is read as made."
)
NOTE_DA = (
    "Tre hverdage fra afgørelsen om indskrivning, som København (2.2) gengiver pligten; det er Hellerup, der henviser til stykket. "
    "Talt fra indskrivningsdagen, som afgørelsen læses som truffet på."
)


def step(event: str, on: str, fact: str | None = None, **more: Any) -> dict[str, Any]:
    values: dict[str, Any] = dict.fromkeys(("due", "due_before", "late", "working_days", "municipality", "fact_recorded_at"))
    values |= {"type": event, "occurred_on": date.fromisoformat(on), "recorded_at": datetime.fromisoformat(f"{on}T11:00:00+00:00")}
    return values | {"fact": fact, "fact_id": FACT if fact else None, "fact_occurred_on": date.fromisoformat(on)} | more


def why(rule: str, steps: list[dict[str, Any]], due: str | None, counted_from: str | None, **more: Any) -> Why:
    obligation: dict[str, Any] = {
        "obligation_id": UUID(int=1),
        "rule": rule,
        "standard": "serviceloven",
        "standard_version": "2020",
        "due": due and date.fromisoformat(due),
        "counted_from": counted_from and date.fromisoformat(counted_from),
    }
    return explain(obligation | more, steps, RULEBOOK)


NOTICE = [
    step("ObligationOpened", "2026-04-01", "WomanAdmitted", due=date(2026, 4, 9)),
    step("ObligationDueSoon", "2026-04-08", due=date(2026, 4, 9), working_days=1),
    step("ObligationMissed", "2026-04-10", due=date(2026, 4, 9)),
    step("ObligationMet", "2026-04-13", "MunicipalityNotified", late=True),
]


def test_everything_is_said_in_danish() -> None:
    assert why("admission-notice", NOTICE, "2026-04-09", "2026-04-01").explanation_da.splitlines() == [
        "Orientering til hjemkommunen om indskrivning.",
        "Kilde: Lov om social service, § 109, stk. 4.",
        "Det står i loven.",
        f"Bemærkning: {NOTE_DA}",
        "Sagen føres efter standarden Serviceloven § 109, version 2020.",
        "Frist: 3 hverdage.",
        "Dag 0 er onsdag den 1. april 2026: indskrivning.",
        "torsdag den 2. april 2026: tælles ikke (Skærtorsdag).",
        "fredag den 3. april 2026: tælles ikke (Langfredag).",
        "lørdag den 4. april 2026: tælles ikke (lørdag).",
        "søndag den 5. april 2026: tælles ikke (søndag).",
        "mandag den 6. april 2026: tælles ikke (Anden påskedag).",
        "tirsdag den 7. april 2026: dag 1.",
        "onsdag den 8. april 2026: dag 2.",
        "torsdag den 9. april 2026: dag 3.",
        "Sidste dag er torsdag den 9. april 2026.",
        "Onsdag den 1. april 2026: opstod ved: indskrivning.",
        "Onsdag den 8. april 2026: påmindelse om fristen, 1 hverdag før den var ude.",
        "Fredag den 10. april 2026: ikke opfyldt i tide; sidste dag var torsdag den 9. april 2026.",
        "Mandag den 13. april 2026: opfyldt for sent ved: orientering sendt til kommunen.",
        "Status: opfyldt for sent.",
    ]


def test_everything_is_said_in_english() -> None:
    said = why("admission-notice", NOTICE, "2026-04-09", "2026-04-01").explanation_en.splitlines()
    assert said[:5] == [
        "Notice of admission to the home municipality.",
        "Source: Lov om social service, § 109, stk. 4.",
        "The act says so.",
        f"Note: {NOTE}",
        "The case is kept under the standard Serviceloven § 109, version 2020.",
    ]
    assert said[6:8] == ["Day 0 is Wednesday 1 April 2026: admission.", "Thursday 2 April 2026: not counted (Maundy Thursday)."]
    assert said[-5:] == [
        "Wednesday 1 April 2026: arose from: admission.",
        "Wednesday 8 April 2026: a reminder of the last day, 1 working day before it was over.",
        "Friday 10 April 2026: not met in time; the last day was Thursday 9 April 2026.",
        "Monday 13 April 2026: met late by: notice sent to the municipality.",
        "It is now: met late.",
    ]


@pytest.mark.parametrize(
    ("steps", "last"),
    [
        ([], "open, not met yet"),
        ([step("ObligationRescheduled", "2026-04-02", "AdmissionCorrected")], "open, not met yet"),
        ([step("ObligationMet", "2026-04-02", "AdviceEnded", late=False)], "met"),
        ([step("ObligationMet", "2026-04-02", late=False)], "met"),
        ([step("ObligationMissed", "2026-04-02")], "not met in time, and still not met"),
        ([step("ObligationMissed", "2026-04-02", "WomanMovedOut")], "not met in time, and still not met"),
        (
            [step("ObligationMissed", "2026-04-02"), step("ObligationReopened", "2026-04-03", "AdmissionCorrected")],
            "open, not met yet",
        ),
        ([step("ObligationCancelled", "2026-04-02", "StayAnnulled")], "owed no more"),
        ([step("ObligationTransferred", "2026-04-02", "HomeMunicipalityChanged")], "open, not met yet"),
    ],
)
def test_what_became_of_it_is_the_last_that_is_said(steps: list[dict[str, Any]], last: str) -> None:
    opened = step("ObligationOpened", "2026-04-01", "WomanMovedOut")
    explained = why("advice-window", [opened, *steps], "2026-10-01", "2026-04-01")
    assert explained.explanation_en.splitlines()[-1] == f"It is now: {last}."
    assert len(explained.explanation_da.splitlines()) == len(explained.explanation_en.splitlines())


def test_a_municipality_that_handed_it_over_is_told_so() -> None:
    opened = step("ObligationOpened", "2026-04-01", "WomanMovedOut")
    explained = why("advice-window", [opened], "2026-10-01", "2026-04-01", state="transferred")
    assert explained.explanation_en.endswith("It is now: owed by another municipality.")


def test_another_municipality_is_not_named_to_it() -> None:
    transferred = step("ObligationTransferred", "2026-04-02", "HomeMunicipalityChanged")
    steps = [step("ObligationOpened", "2026-04-01", "WomanMovedOut"), transferred]
    explained = why("advice-window", steps, "2026-10-01", "2026-04-01", state="transferred")
    assert "Torsdag den 2. april 2026: kommunen blev en anden ved: skift af hjemkommune." in explained.explanation_da
    assert "Thursday 2 April 2026: the municipality changed by: change of home municipality." in explained.explanation_en


def test_a_municipality_that_is_not_shown_the_facts_id_is_told_why_it_is_owed_no_more() -> None:
    cancelled = step("ObligationCancelled", "2026-04-02", "TreatmentDeclined", fact_id=None)
    explained = why("psychology-woman", [step("ObligationOpened", "2026-04-01", "WomanAdmitted"), cancelled], None, None)
    assert "Torsdag den 2. april 2026: bortfaldt ved: takket nej til psykologbehandling." in explained.explanation_da


def test_who_must_not_learn_which_shelter_it_is_is_told_no_note_and_not_that_the_standard_ran_out() -> None:
    obligation = {"obligation_id": UUID(int=1), "rule": "admission-notice", "standard": "hellerup", "due": date(2026, 4, 4)}
    obligation |= {"standard_version": "2025-serviceloven-2020", "counted_from": date(2026, 4, 1)}
    told, inside = (explain(obligation, NOTICE, RULEBOOK, outside=outside) for outside in (True, False))

    assert (told.note, told.note_da, told.standard) == (None, None, None)
    for word in ("Bemærkning", "Hellerup", "udløb", "Note", "ran out"):
        assert word in inside.explanation_da + inside.explanation_en
        assert word not in told.explanation_da + told.explanation_en


def test_a_day_that_a_fact_set_is_told_from_the_counted_one() -> None:
    opened = step("ObligationOpened", "2026-04-01", "WomanMovedOut")
    explained = why("advice-window", [opened], "2027-01-01", "2026-04-01")
    assert explained.due_by == "set-by-a-fact"
    assert (
        "Counted from day 0 the last day would be Thursday 1 October 2026. "
        "A later fact set another: the last day is Friday 1 January 2027."
    ) in explained.explanation_en
    assert "Every day counts, weekends and public holidays too." in explained.explanation_en


def test_what_has_not_begun_names_what_it_waits_for() -> None:
    opened = step("ObligationOpened", "2026-04-01", "WomanAdmitted")
    explained = why("psychology-woman-offer", [opened], None, None)
    assert explained.due_by == "not-known-yet"
    assert "ikke sket: fraflytning." in explained.explanation_da


def test_what_ended_because_the_child_was_grown_says_so() -> None:
    steps = [step("ObligationOpened", "2026-04-01", "ChildArrived"), step("ObligationCancelled", "2026-08-01")]
    explained = why("psychology-child", steps, None, None)
    assert "Lørdag den 1. august 2026: bortfaldt, fordi barnet var fyldt 18 år." in explained.explanation_da
    assert explained.due_by == "not-due-by-a-date"

"""What a treatment's explanation says of the sessions it rests on, in both languages."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from orchestrator.ledger import OwnTime, entries_of, own_rows
from orchestrator.why import Why, explain
from orchestrator.words import in_words
from tests.unit.orchestrator.stay import RULEBOOK, WOMAN, Stay, lines
from tests.unit.orchestrator.test_facts_together import ADMITTED, CHILD, january

HERS: dict[str, Any] = {"person_id": WOMAN}
ONE: dict[str, Any] = {"attributes": {"sessions": 1}}


def treated(standard: str = "serviceloven") -> Stay:
    """Two sessions, of which the first turned out shorter, and two hours granted."""
    stay = Stay(standard, ADMITTED)
    stay.take("SessionHeld", january(12), minutes=90, **HERS, **ONE)
    stay.take("SessionHeld", january(19), january(21), minutes=60, **HERS, **ONE)
    stay.take("SessionCorrected", january(22), until=january(12), minutes=-15, attributes={"sessions": 0}, **HERS)
    stay.take("ExtraHoursGranted", january(23), minutes=120, municipality="0461", **HERS)
    return stay


def account(stay: Stay, rule: str = "psychology-woman") -> list[str]:
    """From how much is owed to what is used and left."""
    said = lines(stay, rule)
    (first,) = (n for n, line in enumerate(said) if line.startswith("Omfang"))
    (last,) = (n for n, line in enumerate(said) if line.startswith("Brugt"))
    return said[first : last + 1]


def test_all_of_it_is_said_in_danish() -> None:
    assert lines(treated(), "psychology-woman")[-10:] == [
        "Reglen sætter ingen frist.",
        "Omfang: 10 timer.",
        "Bevilget ud over det: 2 timer, i alt højst 12 timer.",
        "Mandag den 12. januar 2026: psykologsamtale, 1 time 30 minutter.",
        "Mandag den 19. januar 2026: psykologsamtale, 1 time. (registreret onsdag den 21. januar 2026)",
        "Torsdag den 22. januar 2026: psykologsamtalen mandag den 12. januar 2026 rettet fra 1 time 30 minutter "
        "til 1 time 15 minutter.",
        "Fredag den 23. januar 2026: 2 timer bevilget ud over det.",
        "Brugt: 2 timer 15 minutter. Tilbage: 9 timer 45 minutter.",
        "Mandag den 5. januar 2026: opstod ved: indskrivning. Kommune: Odense.",
        "Status: åben, ikke opfyldt endnu.",
    ]


def test_all_of_it_is_said_in_english() -> None:
    assert lines(treated(), "psychology-woman", "en")[-9:] == [
        "Amount: 10 hours.",
        "Granted on top: 2 hours, at most 12 hours in all.",
        "Monday 12 January 2026: session with a psychologist, 1 hour 30 minutes.",
        "Monday 19 January 2026: session with a psychologist, 1 hour. (recorded Wednesday 21 January 2026)",
        "Thursday 22 January 2026: the session of Monday 12 January 2026 corrected from 1 hour 30 minutes to 1 hour 15 minutes.",
        "Friday 23 January 2026: 2 hours granted on top.",
        "Used: 2 hours 15 minutes. Left: 9 hours 45 minutes.",
        "Monday 5 January 2026: arose from: admission. Municipality: Odense.",
        "It is now: open, not met yet.",
    ]


def test_where_sessions_are_counted_they_are_what_is_owed_used_and_left() -> None:
    stay = Stay("kobenhavn", ADMITTED)
    stay.take("ChildArrived", ADMITTED, person_id=CHILD, attributes={"birth_month": "2020-01"})
    stay.take("SessionHeld", january(12), person_id=CHILD, minutes=45, **ONE)
    stay.take("ExtraHoursGranted", january(13), person_id=CHILD, minutes=60, municipality="0461")

    assert account(stay, "psychology-child") == [
        "Omfang: mindst 4 samtaler og højst 10 samtaler.",
        "Bevilget ud over det: 1 samtale, i alt højst 11 samtaler.",
        "Mandag den 12. januar 2026: psykologsamtale, 45 minutter.",
        "Tirsdag den 13. januar 2026: 1 time bevilget ud over det.",
        "Brugt: 1 samtale. Tilbage: 10 samtaler.",
    ]
    assert "Amount: at least 4 sessions and at most 10 sessions." in lines(stay, "psychology-child", "en")
    assert account(stay)[1:] == ["Brugt: 0 samtaler. Tilbage: 10 samtaler."], "hers is a ledger of her own"


def test_a_session_that_was_not_held_is_said_to_be_none() -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("SessionHeld", january(12), minutes=60, **HERS, **ONE)
    stay.take("SessionCorrected", january(13), until=january(12), minutes=-60, attributes={"sessions": -1}, **HERS)

    assert account(stay)[2:] == [
        "Tirsdag den 13. januar 2026: psykologsamtalen mandag den 12. januar 2026, 1 time, blev ikke holdt.",
        "Brugt: 0 minutter. Tilbage: 10 timer.",
    ]

    stay.take("SessionCorrected", january(14), until=january(12), minutes=45, attributes={"sessions": 1}, **HERS)
    assert "rettet fra 0 minutter til 45 minutter." in account(stay)[-2]


def test_a_correction_of_one_of_two_sessions_of_a_day_tells_what_they_take_in_all() -> None:
    """The history tells of which day a corrected session was, and not which one it was."""
    stay = Stay("serviceloven", ADMITTED)
    for minutes in (90, 60):
        stay.take("SessionHeld", january(12), minutes=minutes, **HERS, **ONE)
    stay.take("SessionCorrected", january(13), until=january(12), minutes=-60, attributes={"sessions": -1}, **HERS)

    assert account(stay)[-2] == (
        "Tirsdag den 13. januar 2026: psykologsamtalerne mandag den 12. januar 2026 rettet fra i alt 2 timer 30 minutter "
        "til i alt 1 time 30 minutter."
    )


def test_what_is_told_late_stands_on_its_own_day() -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("SessionHeld", january(19), minutes=60, **HERS, **ONE)
    stay.take("SessionHeld", january(12), january(20), minutes=45, **HERS, **ONE)

    assert [entry.occurred_on.day for entry in stay.why("psychology-woman").entries] == [12, 19]


def test_of_what_is_owed_no_more_nothing_is_left() -> None:
    stay = treated()
    stay.take("TreatmentCompleted", january(30), **HERS)

    assert account(stay)[-1] == "Brugt: 2 timer 15 minutter."
    assert lines(stay, "psychology-woman")[-1] == "Status: bortfaldet."


def test_what_is_no_treatment_has_no_ledger() -> None:
    why = treated().why("psychology-woman-offer")

    assert (why.unit, why.used, why.left, why.entries) == (None, None, None, ())
    assert "Omfang" not in why.explanation_da
    assert "Brugt" not in why.explanation_da


# --- a municipality ------------------------------------------------------------------------------------------------------------


def told_to(stay: Stay, municipality: str, since: date, **more: Any) -> Why:
    """What a municipality is told that owes it since that day."""
    stored: dict[str, Any] = {
        "obligation_id": UUID(int=1),
        "rule": "psychology-woman",
        "standard": "serviceloven",
        "standard_version": "2020",
        "due": None,
        "counted_from": None,
        "unit": "minutes",
        "floor": 600,
        "ceiling": 600,
        "granted": 120,
        "used": 135,
        "left": 585,
        "state": "open",
    }
    opened = {
        "type": "ObligationOpened",
        "occurred_on": ADMITTED,
        "recorded_at": datetime(2026, 1, 5, 11, tzinfo=UTC),
        "fact_occurred_on": ADMITTED,
        "fact": "WomanAdmitted",
    }
    blank = dict.fromkeys(("due", "due_before", "late", "working_days", "municipality", "fact_id", "fact_recorded_at"))
    rows = own_rows(stay.ledger(WOMAN), municipality, since)
    return explain(stored | more, [blank | opened], RULEBOOK, outside=True, ledger=rows, own_time=OwnTime(since, 60))


@pytest.mark.parametrize(("since", "sessions"), [(12, [12, 19]), (13, [19]), (19, [19]), (20, [])])
def test_a_municipality_reads_the_sessions_of_its_own_time_and_how_much_was_used_before(since: int, sessions: list[int]) -> None:
    why = told_to(treated(), "0461", january(since))

    assert [entry.occurred_on.day for entry in why.entries if entry.event == "SessionHeld"] == sessions
    assert [entry.event for entry in why.entries].count("SessionCorrected") == (since == 12)
    assert why.explanation_da.splitlines()[-4:-2] == [
        "Brugt: 2 timer 15 minutter. Tilbage: 9 timer 45 minutter.",
        f"Heraf før {in_words(january(since)).da}: 1 time 15 minutter.",
    ]
    assert f"Of that, before {in_words(january(since)).en}: 1 hour 15 minutes." in why.explanation_en


def test_it_reads_neither_our_ids_nor_when_we_were_told_nor_what_another_municipality_granted() -> None:
    hers, others = (told_to(treated(), code, ADMITTED) for code in ("0461", "0751"))

    assert {(entry.recorded_at, entry.fact_id) for entry in (*hers.entries, *others.entries)} == {(None, None)}
    assert "registreret" not in hers.explanation_da
    assert [entry.event for entry in hers.entries].count("ExtraHoursGranted") == 1
    assert "ExtraHoursGranted" not in [entry.event for entry in others.entries]


def test_where_all_was_used_in_its_own_time_nothing_is_said_of_a_time_before() -> None:
    assert "Heraf" not in told_to(treated(), "0461", ADMITTED, used=60, left=660).explanation_da


def test_a_municipality_that_owes_it_no_more_is_told_of_its_own_time_alone() -> None:
    why = told_to(Stay("serviceloven", ADMITTED), "0461", ADMITTED, granted=None, used=None, left=None, state="transferred")

    assert why.explanation_da.splitlines()[-4:-2] == ["Omfang: 10 timer.", "Brugt i kommunens tid: 1 time."]
    assert why.explanation_en.splitlines()[-3] == "Used in the municipality's time: 1 hour."
    assert (why.used, why.left, why.granted, why.used_in_own_time, why.entries) == (None, None, None, 60, ())


def test_entries_of_a_shelter_say_when_and_by_which_report() -> None:
    stay = treated()
    entries = entries_of(stay.ledger(WOMAN))

    assert [(e.event, e.minutes, e.minutes_before, e.sessions_that_day) for e in entries] == [
        ("SessionHeld", 90, None, 1),
        ("SessionHeld", 60, None, 1),
        ("SessionCorrected", 75, 90, 1),
        ("ExtraHoursGranted", 120, None, None),
    ]
    assert all(entry.recorded_at and entry.fact_id for entry in entries)
    assert [entry.session_on for entry in entries] == [january(12), january(19), january(12), None]

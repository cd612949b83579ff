"""Why something is owed and due when it is, and what a treatment rests on."""

from datetime import date
from uuid import UUID, uuid4

from havn_events import intake, psychology
from havn_events.coordinating_advice import AdviceExtended
from tests.component.orchestrator.running import (
    AARHUS,
    ODENSE,
    OTHER_SHELTER,
    Running,
    admitted,
    held,
    moved_home,
    moved_in,
    notified,
    rules_of,
)

HELLERUP = "2025-serviceloven-2020"


def test_why_tells_the_rule_the_days_and_the_facts(running: Running) -> None:
    stay = uuid4()
    running.apply(admitted(stay, uuid4()))
    running.set_day(date(2026, 3, 9))
    running.apply(notified(stay, date(2026, 3, 6)))
    notice = next(o for o in running.get(f"/cases/{stay}")["obligations"] if o["rule"] == "admission-notice")
    why = running.get(f"/obligations/{notice['obligation_id']}/why")
    assert (why["due"], why["counted_due"], why["due_by"]) == ("2026-03-05", "2026-03-05", "counted")
    assert [(d["day"], d["nth"]) for d in why["days"]] == [("2026-03-03", 1), ("2026-03-04", 2), ("2026-03-05", 3)]
    assert [(s["event"], s["occurred_on"], s["fact"]) for s in why["steps"]] == [
        ("ObligationOpened", "2026-03-02", "WomanAdmitted"),
        ("ObligationMissed", "2026-03-06", None),
        ("ObligationMet", "2026-03-06", "MunicipalityNotified"),
    ]
    assert why["title_da"] != why["title_en"]
    assert (why["basis"], why["standard"], bool(why["document"]), bool(why["section"])) == (
        "statute",
        "serviceloven",
        True,
        True,
    )


def test_why_says_when_the_due_day_was_set_by_a_fact(running: Running) -> None:
    stay = uuid4()
    running.set_day(date(2026, 8, 1))
    running.apply(
        admitted(stay, uuid4()),
        intake.WomanMovedOut(occurred_on=date(2026, 4, 1), stay_id=stay, destination="new-home", planned=True, stay_days=30),
        AdviceExtended(occurred_on=date(2026, 8, 1), stay_id=stay, until=date(2026, 12, 1)),
    )
    window = next(o for o in running.get(f"/cases/{stay}")["obligations"] if o["rule"] == "advice-window")
    why = running.get(f"/obligations/{window['obligation_id']}/why")
    assert (why["due"], why["counted_due"], why["due_by"]) == ("2026-12-01", "2026-10-01", "set-by-a-fact")
    treatment = next(o for o in running.get(f"/cases/{stay}")["obligations"] if o["rule"] == "psychology-woman")
    assert running.get(f"/obligations/{treatment['obligation_id']}/why")["due_by"] == "not-due-by-a-date"


def corrected(stay_id: UUID, person_id: UUID, on: date, session_on: date, minutes: int, before: int) -> psychology.SessionCorrected:
    return psychology.SessionCorrected(
        occurred_on=on,
        stay_id=stay_id,
        person_id=person_id,
        session_id=uuid4(),
        session_on=session_on,
        minutes=minutes,
        minutes_before=before,
    )


def granted(stay_id: UUID, person_id: UUID, on: date, minutes: int, municipality: str) -> psychology.ExtraHoursGranted:
    return psychology.ExtraHoursGranted(
        occurred_on=on, stay_id=stay_id, person_id=person_id, minutes=minutes, municipality=municipality
    )


def test_why_tells_of_a_treatment_each_session_and_what_is_left_and_a_municipality_its_own_part(running: Running) -> None:
    # given sessions before and after her home moved, one of them corrected, and hours granted by both municipalities
    stay, woman = uuid4(), uuid4()
    running.set_day(date(2026, 3, 31))
    running.apply(
        admitted(stay, woman, standard="odense"),
        moved_in(stay, child := uuid4()),
        held(stay, woman, date(2026, 3, 10), 90),
        held(stay, child, date(2026, 3, 10), 50),
        granted(stay, woman, date(2026, 3, 12), 60, ODENSE),
        moved_home(stay, date(2026, 3, 15)),
        held(stay, woman, date(2026, 3, 15), 60),
        corrected(stay, woman, date(2026, 3, 16), date(2026, 3, 10), 60, 90),
        granted(stay, woman, date(2026, 3, 20), 120, AARHUS),
    )
    path = f"/obligations/{rules_of(running, stay)['psychology-woman']['obligation_id']}"

    # then the shelter reads all of it, and nothing of the child's
    all_of_it = running.get(f"{path}/why")
    assert account(all_of_it["explanation_en"]) == [
        "Amount: 10 hours.",
        "Granted on top: 3 hours, at most 13 hours in all.",
        "Tuesday 10 March 2026: session with a psychologist, 1 hour 30 minutes. (recorded Tuesday 31 March 2026)",
        "Thursday 12 March 2026: 1 hour granted on top. (recorded Tuesday 31 March 2026)",
        "Sunday 15 March 2026: session with a psychologist, 1 hour. (recorded Tuesday 31 March 2026)",
        "Monday 16 March 2026: the session of Tuesday 10 March 2026 corrected from 1 hour 30 minutes to 1 hour. "
        "(recorded Tuesday 31 March 2026)",
        "Friday 20 March 2026: 2 hours granted on top. (recorded Tuesday 31 March 2026)",
        "Used: 2 hours. Left: 11 hours.",
    ]
    now = running.get(path)
    amounts = ("unit", "floor", "ceiling", "granted", "used", "left")
    assert [all_of_it[name] for name in amounts] == [now[name] for name in amounts] == ["minutes", 600, 600, 180, 120, 660]
    assert all_of_it["used_in_own_time"] is None
    assert all(entry["fact_id"] and entry["recorded_at"] for entry in all_of_it["entries"])

    # and the municipality that owes it, how much was used before, and the rest of its own time one by one
    after = running.get(f"{path}/why", "municipality", municipality=AARHUS)
    assert account(after["explanation_en"]) == [
        "Amount: 10 hours.",
        "Granted on top: 3 hours, at most 13 hours in all.",
        "Sunday 15 March 2026: session with a psychologist, 1 hour.",
        "Friday 20 March 2026: 2 hours granted on top.",
        "Used: 2 hours. Left: 11 hours.",
        "Of that, before Sunday 15 March 2026: 1 hour.",
    ]
    assert {(entry["fact_id"], entry["recorded_at"]) for entry in after["entries"]} == {(None, None)}
    assert [after[name] for name in amounts] == [now[name] for name in amounts]

    # and the one that owed it before, what its own part says and no more, whatever happens since
    before = running.get(f"{path}/why", "municipality", municipality=ODENSE)
    assert account(before["explanation_en"]) == ["Amount: 10 hours.", "Used in the municipality's time: 1 hour."]
    assert [before[name] for name in amounts] == ["minutes", 600, 600, None, None, None]
    assert before["used_in_own_time"] == running.get(path, "municipality", municipality=ODENSE)["parts"][0]["used"] == 60
    assert before["entries"] == []
    running.apply(held(stay, woman, date(2026, 3, 30), 45), granted(stay, woman, date(2026, 3, 31), 60, AARHUS))
    assert running.get(f"{path}/why", "municipality", municipality=ODENSE) == before


def test_why_tells_of_what_was_used_in_the_stay_before_when_it_counts_on(running: Running) -> None:
    woman, first, second = (uuid4() for _ in range(3))
    running.set_day(date(2026, 4, 1))
    running.apply(admitted(first, woman), held(first, woman, date(2026, 3, 4), 60))
    running.apply(admitted(second, woman, transferred_from=first, shelter_id=OTHER_SHELTER, occurred_on=date(2026, 3, 9)))
    running.apply(held(second, woman, date(2026, 3, 10), 45))

    owed = rules_of(running, second, OTHER_SHELTER)["psychology-woman"]
    path = f"/obligations/{owed['obligation_id']}/why"
    said = account(running.get(path, shelter=str(OTHER_SHELTER))["explanation_en"])
    assert [line.partition(":")[0] for line in said] == ["Amount", "Wednesday 4 March 2026", "Tuesday 10 March 2026", "Used"]
    assert said[-1] == "Used: 1 hour 45 minutes. Left: 8 hours 15 minutes."
    # and her municipality, how much was used before it owed it here
    own = account(running.get(path, "municipality", municipality=ODENSE)["explanation_en"])
    assert own[1:] == [
        "Tuesday 10 March 2026: session with a psychologist, 45 minutes.",
        "Used: 1 hour 45 minutes. Left: 8 hours 15 minutes.",
        "Of that, before Monday 9 March 2026: 1 hour.",
    ]


def account(explanation: str) -> list[str]:
    """From how much is owed up to how it arose."""
    said = explanation.splitlines()
    first = next(n for n, line in enumerate(said) if line.startswith("Amount"))
    return said[first : next(n for n, line in enumerate(said) if "arose from" in line)]


def test_the_leader_moves_a_stay_to_another_standard_and_both_stay_explained(running: Running) -> None:
    stay = uuid4()
    running.apply(admitted(stay, uuid4()))
    body = {"occurred_on": "2026-03-02", "standard": "odense", "version": "2023-serviceloven-2020"}
    path = f"/cases/{stay}/standard"
    running.post(path, body, role="shelter", status=403)
    running.post(path, body, shelter=OTHER_SHELTER, status=404)
    unknown = running.post(path, {**body, "version": "2099"}, status=422)
    assert unknown["errors"][0]["field"] == "version"
    receipt = running.post(path, body)
    assert receipt["events"][0] == "StandardChanged"
    case = running.get(f"/cases/{stay}")
    assert (case["standard"], case["standard_version"]) == ("odense", "2023-serviceloven-2020")
    rules = {o["rule"]: o for o in case["obligations"]}
    assert "needs-clarification" in rules
    moved = rules["admission-notice"]
    assert (moved["standard"], rules["psychology-woman"]["standard"]) == ("serviceloven", "serviceloven")
    why = running.get(f"/obligations/{rules['needs-clarification']['obligation_id']}/why")
    assert why["standard"] == "odense"
    changed = running.get(f"/cases/{stay}/history")["items"]
    assert ("StandardChanged", "StandardChanged", "odense") in [(e["type"], e["fact"], e["standard"]) for e in changed]


def test_a_rescheduled_obligation_is_explained_by_the_version_that_moved_it(running: Running) -> None:
    stay = uuid4()
    running.set_day(date(2026, 3, 6))
    running.apply(admitted(stay, uuid4(), occurred_on=date(2026, 3, 6)))
    running.post(f"/cases/{stay}/standard", {"occurred_on": "2026-03-06", "standard": "hellerup", "version": HELLERUP})
    notice = next(o for o in running.get(f"/cases/{stay}")["obligations"] if o["rule"] == "admission-notice")
    assert (notice["due"], notice["standard"]) == ("2026-03-09", "hellerup")
    why = running.get(f"/obligations/{notice['obligation_id']}/why")
    assert (why["due_by"], why["standard_version"]) == ("counted", HELLERUP)
    assert [step["fact"] for step in why["steps"]] == ["WomanAdmitted", "StandardChanged"]
    assert "Fredag den 6. marts 2026: fristen blev flyttet fra onsdag den 11. marts 2026" in why["explanation_da"]
    assert "by: the case moved to another version of its standard." in why["explanation_en"]

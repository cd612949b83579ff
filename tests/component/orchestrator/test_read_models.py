"""A case as it is shown: the read models are the folded state, whatever the batches."""

from datetime import date
from typing import Any
from uuid import uuid4

from havn_events import intake, psychology
from havn_events.coordinating_advice import InitialAdviceGiven
from havn_events.event import Event
from orchestrator.domain.case import CASE
from tests.component.orchestrator.running import (
    AARHUS,
    ADMITTED,
    ODENSE,
    OTHER_SHELTER,
    SHELTER,
    Running,
    admitted,
    held,
    moved_home,
    notified,
)


def test_a_case_shows_what_is_owed_used_and_left(running: Running) -> None:
    stay, woman, child = uuid4(), uuid4(), uuid4()
    running.set_day(date(2026, 3, 10))
    running.apply(
        admitted(stay, woman),
        intake.ChildArrived(occurred_on=ADMITTED, stay_id=stay, person_id=child, birth_month="2020-01", arrival="with-her"),
        held(stay, woman, date(2026, 3, 9), 90),
    )
    running.apply(
        psychology.SessionCorrected(
            occurred_on=date(2026, 3, 10),
            stay_id=stay,
            person_id=woman,
            session_id=uuid4(),
            session_on=date(2026, 3, 9),
            minutes=60,
            minutes_before=90,
        ),
        psychology.ExtraHoursGranted(
            occurred_on=date(2026, 3, 10), stay_id=stay, person_id=woman, minutes=120, municipality=ODENSE
        ),
    )
    case = running.get(f"/cases/{stay}")
    lines = {line["person_id"]: line for line in case["ledger"]}
    assert lines[str(woman)] == {
        "person_id": str(woman),
        "rule": "psychology-woman",
        "unit": "minutes",
        "owed": 600,
        "ceiling": 720,
        "used": 60,
        "left": 660,
    }
    assert (lines[str(child)]["owed"], lines[str(child)]["used"], lines[str(child)]["left"]) == (240, 0, 600)
    notice = next(o for o in case["obligations"] if o["rule"] == "admission-notice")
    assert (notice["state"], notice["due"], notice["missed_on"]) == ("missed", "2026-03-05", "2026-03-06")
    assert (notice["used"], notice["left"]) == (None, None)


def test_the_read_model_is_the_folded_state_whatever_the_batches(running: Running) -> None:
    running.set_day(date(2026, 12, 1))
    stays = [(uuid4(), uuid4()) for _ in range(2)]
    for number, (stay, woman) in enumerate(stays):
        story: list[Event] = [
            admitted(stay, woman),
            held(stay, woman, date(2026, 3, 9), 300),
            notified(stay, date(2026, 3, 4)),
            moved_home(stay, date(2026, 3, 15)),
            held(stay, woman, date(2026, 3, 20), 300),
            psychology.SessionCorrected(
                occurred_on=date(2026, 4, 5),
                stay_id=stay,
                person_id=woman,
                session_id=uuid4(),
                session_on=date(2026, 3, 20),
                minutes=0,
                minutes_before=300,
            ),
            moved_home(stay, date(2026, 4, 1), ODENSE),
            intake.AdmissionCorrected(occurred_on=date(2026, 4, 2), stay_id=stay, admitted_on=date(2026, 2, 20)),
            intake.WomanMovedOut(occurred_on=date(2026, 4, 3), stay_id=stay, destination="new-home", planned=True, stay_days=42),
        ]
        if number:
            running.apply(*story)
        else:
            for event in story:
                running.apply(event)
    for stay, woman in stays:
        state = running.context.unit("test").state(CASE, (stay,))[0]
        rows = running.context.rows("SELECT * FROM obligations WHERE case_id = %s", (stay,))
        assert {row["obligation_id"] for row in rows} == set(state.obligations)
        for row in rows:
            o = state.obligations[row["obligation_id"]]
            seen = (row["state"], row["municipality"], row["due"], row["counted_from"], row["closed_on"], row["missed_on"])
            assert seen == (o.status, o.municipality, o.due, o.counted_from, o.closed_on, o.missed_on)
            assert (row["remind_on"], row["ends_on"]) == (o.remind_on, o.ends_on)
            assert row["late"] is (o.status == "met-late")
        (ledger,) = running.context.rows("SELECT minutes, sessions FROM ledgers WHERE person_id = %s", (woman,))
        assert ledger == {"minutes": 300, "sessions": 1}
        treatment = next(o for o in state.obligations.values() if o.rule == "psychology-woman")
        parts = running.get(f"/obligations/{treatment.id}")["parts"]
        assert [(p["municipality"], p["since"], p["until"], p["used"]) for p in parts] == [
            (ODENSE, "2026-03-02", "2026-03-15", 300),
            (AARHUS, "2026-03-15", "2026-04-01", 0),
            (ODENSE, "2026-04-01", None, 0),
        ]


def test_a_corrected_move_out_moves_what_is_counted_from_it_and_is_told_why(running: Running) -> None:
    stay, woman = uuid4(), uuid4()
    moved_out = intake.WomanMovedOut(
        occurred_on=date(2026, 3, 10), stay_id=stay, destination="new-home", planned=False, stay_days=8
    )
    running.set_day(date(2026, 3, 20))
    running.apply(
        admitted(stay, woman, standard="hellerup"),
        notified(stay, date(2026, 3, 4)),
        intake.StayPlanAgreed(occurred_on=date(2026, 3, 5), stay_id=stay),
        InitialAdviceGiven(occurred_on=date(2026, 3, 12), stay_id=stay, by="municipality"),
        moved_out,
    )
    assert "aftercare-offer" not in running.states(stay)
    assert running.states(stay)["initial-advice"] == "met-late"

    running.apply(
        intake.MoveOutCorrected(occurred_on=date(2026, 3, 20), stay_id=stay, moved_out_on=date(2026, 3, 17), stay_days=15)
    )

    states = running.states(stay)
    assert (states["initial-advice"], states["aftercare-offer"], states["plan-review"]) == ("met", "missed", "cancelled")
    (window,) = running.context.rows("SELECT * FROM obligations WHERE case_id = %s AND rule = 'advice-window'", (stay,))
    assert (window["due"], window["counted_from"], window["state"]) == (date(2026, 9, 17), date(2026, 3, 17), "open")
    why = running.get(f"/obligations/{window['obligation_id']}/why")
    assert "day of the move-out corrected" in why["explanation_en"]
    assert "fraflytningsdag rettet" in why["explanation_da"]
    state = running.context.unit("test").state(CASE, (stay,))[0]
    for row in running.context.rows("SELECT * FROM obligations WHERE case_id = %s", (stay,)):
        o = state.obligations[row["obligation_id"]]
        seen = (row["state"], row["due"], row["counted_from"], row["closed_on"], row["missed_on"])
        assert seen == (o.status, o.due, o.counted_from, o.closed_on, o.missed_on)


def test_a_shelter_sees_its_own_cases_only_and_an_operator_counts(running: Running) -> None:
    stay = uuid4()
    running.apply(admitted(stay, uuid4()))
    obligation = running.get(f"/cases/{stay}")["obligations"][0]["obligation_id"]
    other: dict[str, Any] = {"shelter": str(OTHER_SHELTER)}
    for path in (f"/cases/{stay}", f"/cases/{stay}/history", f"/obligations/{obligation}", f"/obligations/{obligation}/why"):
        running.get(path, **other, status=404)
        running.get(path, "operator", status=403)
        running.get(path, "auditor", **other, status=404)
        running.get(path, "auditor", shelter=str(SHELTER))
        running.get(path, "leader")
    assert running.get("/obligations", **other)["items"] == []
    assert running.get("/summary", **other) == []
    assert running.get("/summary", "operator")


def test_the_history_has_everything_with_both_dates_page_by_page(running: Running) -> None:
    stay = uuid4()
    running.set_day(date(2026, 3, 31))
    running.apply(admitted(stay, uuid4()))
    everything = running.get(f"/cases/{stay}/history")["items"]
    first = running.get(f"/cases/{stay}/history?limit=3")
    rest = running.get(f"/cases/{stay}/history?after={first['next']}")
    assert first["items"] + rest["items"] == everything
    assert [entry["type"] for entry in everything[:2]] == ["CaseOpened", "FactNoted"]
    running.get(f"/cases/{stay}/history?after=WyI5OTk5OTk5OTk5OTk5OTk5OTk5OTkiXQ==", status=422)
    missed = next(entry for entry in everything if entry["type"] == "ObligationMissed")
    assert (missed["occurred_on"], missed["recorded_at"][:10]) == ("2026-03-06", "2026-03-31")

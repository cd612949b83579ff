"""From events to answers over a real PostgreSQL: batches, read models, days, and who may see what."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from havn_chassis.auth import Role
from havn_chassis.service import Context, application
from havn_embedded.tokens import Issuer
from havn_events import Recorded, coordinating_advice, intake, notification, psychology
from havn_events.coordinating_advice import AdviceExtended, InitialAdviceGiven
from havn_events.event import Event
from havn_events.orchestrator import CALENDAR
from havn_standards import Standard
from orchestrator.domain.calendar_days import CALENDAR_DAYS, PassDays
from orchestrator.domain.case import CASE
from orchestrator.main import compose
from orchestrator.sweep import sweep, turn_day
from tests.processes import eventually
from tests.support import settings_for

SHELTER, OTHER_SHELTER = uuid4(), uuid4()
ODENSE, AARHUS = "0461", "0751"
HELLERUP = "2025-serviceloven-2020"
ADMITTED = date(2026, 3, 2)
DUE = date(2026, 3, 5)


@dataclass
class Running:
    """The orchestrator with its database and a clock the test sets; upstream events are handed to its inbox in batches."""

    context: Context
    client: TestClient
    issuer: Issuer
    clock: Path
    headers: dict[str, str] = field(default_factory=dict)

    def set_day(self, day: date) -> None:
        self.clock.write_text(f"{day.isoformat()}T12:00:00+01:00")

    def apply(self, *events: Event) -> None:
        unit = self.context.unit("orchestrator")
        for event in events:
            recorded = Recorded.of(event, originator_id=uuid4(), originator_version=1, recorded_at=unit.now, actor="test")
            self.context.inboxes[0].react(recorded, unit)
        unit.commit()

    def turn(self, day: date) -> int:
        self.set_day(day)
        return turn_day(self.context.unit, self.context.rows, day)

    def get(self, path: str, role: Role = "shelter", status: int = 200, **who: str) -> Any:
        if role in ("shelter", "leader"):
            who = {"shelter": str(SHELTER), **who}
        token = self.issuer.token(role, "test", **who)
        answer = self.client.get(path, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status, answer.text
        return answer.json()

    def post(self, path: str, body: dict[str, Any], role: Role = "leader", status: int = 201, shelter: UUID = SHELTER) -> Any:
        token = self.issuer.token(role, "test", shelter=str(shelter))
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
        answer = self.client.post(path, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def states(self, case_id: UUID) -> dict[str, str]:
        rows = self.context.rows("SELECT rule, state FROM obligations WHERE case_id = %s", (case_id,))
        return {row["rule"]: row["state"] for row in rows}


@pytest.fixture
def running(database: str, issuer: Issuer, tmp_path: Path) -> Iterator[Running]:
    clock = tmp_path / "clock"
    clock.write_text(f"{ADMITTED.isoformat()}T12:00:00+01:00")
    service = compose({"HAVN_DAY_TICK_SECONDS": "3600"})
    context = Context(service, settings_for("orchestrator", database, issuer, tmp_path, HAVN_CLOCK_FILE=str(clock)))
    with TestClient(application(context)) as client:
        eventually(lambda: bool(context.rows("SELECT day FROM days")), what="the first day having passed")
        yield Running(context, client, issuer, clock)


def admitted(stay_id: UUID, woman_id: UUID, **more: Any) -> intake.WomanAdmitted:
    values: dict[str, Any] = {
        "occurred_on": ADMITTED,
        "stay_id": stay_id,
        "person_id": woman_id,
        "shelter_id": SHELTER,
        "standard": "serviceloven",
        "home_municipality": ODENSE,
        "own_municipality": False,
        "anonymous": False,
        "named_to_home_municipality": True,
    }
    return intake.WomanAdmitted(**values | more)


def held(stay_id: UUID, person_id: UUID, on: date, minutes: int) -> psychology.SessionHeld:
    return psychology.SessionHeld(occurred_on=on, stay_id=stay_id, person_id=person_id, session_id=uuid4(), minutes=minutes)


def notified(stay_id: UUID, on: date) -> notification.MunicipalityNotified:
    return notification.MunicipalityNotified(
        occurred_on=on,
        stay_id=stay_id,
        notice_id=uuid4(),
        notice="admission",
        municipality=ODENSE,
        case_reference=uuid4(),
        anonymous=False,
    )


def moved_home(stay_id: UUID, on: date, to: str = AARHUS) -> intake.HomeMunicipalityChanged:
    return intake.HomeMunicipalityChanged(occurred_on=on, stay_id=stay_id, home_municipality=to)


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


def test_a_day_passes_once_and_misses_what_was_due_on_it(running: Running) -> None:
    stay = uuid4()
    running.apply(admitted(stay, uuid4()))
    assert running.turn(DUE) == 1
    assert running.turn(DUE) == 0
    assert running.states(stay)["admission-notice"] == "open"
    assert running.turn(DUE + timedelta(days=1)) == 1
    assert running.states(stay)["admission-notice"] == "missed"
    assert running.turn(DUE + timedelta(days=1)) == 0
    assert running.get("/days") == {"last": DUE.isoformat()}


def test_days_slept_through_all_pass(running: Running) -> None:
    running.turn(date(2026, 3, 30))
    passed = [row["day"] for row in running.context.rows("SELECT day FROM days ORDER BY day")]
    assert passed == [date(2026, 3, 1) + timedelta(days=n) for n in range(29)]


def test_a_sweep_cut_short_after_the_day_passed_is_made_up_for(running: Running) -> None:
    stay = uuid4()
    running.apply(admitted(stay, uuid4()))
    running.set_day(date(2026, 3, 6))
    unit = running.context.unit("orchestrator")
    unit.execute(CALENDAR_DAYS, (CALENDAR,), PassDays(date(2026, 3, 6)))
    unit.commit()
    assert running.states(stay)["admission-notice"] == "open"
    assert running.turn(date(2026, 3, 6)) == 1


def test_a_sweep_goes_through_all_pages(running: Running) -> None:
    running.apply(*(admitted(uuid4(), uuid4()) for _ in range(401)))
    running.set_day(date(2026, 3, 7))
    assert sweep(running.context.unit, running.context.rows, DUE) == 401
    assert running.context.rows("SELECT count(*) AS n FROM obligations WHERE state = 'open' AND due <= %s", (DUE,)) == [{"n": 0}]


def test_obligations_are_listed_by_state_municipality_rule_and_day_page_by_page(running: Running) -> None:
    running.apply(*(admitted(uuid4(), uuid4()) for _ in range(3)), admitted(uuid4(), uuid4(), home_municipality=AARHUS))
    first = running.get(f"/obligations?municipality={ODENSE}&rule=admission-notice&limit=2")
    rest = running.get(f"/obligations?municipality={ODENSE}&rule=admission-notice&limit=2&after={first['next']}")
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    assert len({o["obligation_id"] for o in first["items"] + rest["items"]}) == 3
    assert len(running.get("/obligations?due_before=2026-03-05")["items"]) == 0
    assert len(running.get("/obligations?due_before=2026-03-06")["items"]) == 4
    running.turn(date(2026, 3, 6))
    assert {o["rule"] for o in running.get("/obligations?state=missed")["items"]} == {"admission-notice"}
    with_and_without_due = running.get("/obligations?limit=5")
    assert running.get(f"/obligations?limit=5&after={with_and_without_due['next']}")["items"]
    assert running.get("/obligations?after=WyJub25zZW5zZSIsICJ4Il0=", status=422)["errors"][0]["field"] == "after"


@pytest.mark.parametrize(("days", "found"), [(2, 0), (3, 1)])
def test_what_is_due_soon(running: Running, days: int, found: int) -> None:
    running.apply(admitted(uuid4(), uuid4()))
    assert len(running.get(f"/obligations/due-soon?days={days}")["items"]) == found


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


def test_each_municipality_sees_its_own_part(running: Running) -> None:
    stay, woman = uuid4(), uuid4()
    running.set_day(date(2026, 3, 31))
    running.apply(
        admitted(stay, woman, standard="odense"),
        held(stay, woman, date(2026, 3, 10), 120),
        moved_home(stay, date(2026, 3, 15)),
        held(stay, woman, date(2026, 3, 20), 60),
    )
    treatment = next(o for o in running.get(f"/cases/{stay}")["obligations"] if o["rule"] == "psychology-woman")
    path = f"/obligations/{treatment['obligation_id']}"
    before = running.get(path, "municipality", municipality=ODENSE)
    after = running.get(path, "municipality", municipality=AARHUS)
    assert (before["state"], before["used"], before["municipality"]) == ("transferred", None, ODENSE)
    assert [(p["municipality"], p["used"]) for p in before["parts"]] == [(ODENSE, 120)]
    assert (after["state"], after["used"], after["left"]) == ("open", 180, 420)
    assert [(p["municipality"], p["used"]) for p in after["parts"]] == [(AARHUS, 60)]
    running.get(path, "municipality", status=404, municipality="0101")
    for own in (ODENSE, AARHUS):
        steps = running.get(f"{path}/why", "municipality", municipality=own)["steps"]
        assert {step["municipality"] for step in steps} == {own, None}
    listed = f"/obligations?rule=psychology-woman&municipality={AARHUS}"
    assert running.get(listed, "municipality", municipality=ODENSE)["items"] == []
    assert len(running.get(listed, "municipality", municipality=AARHUS)["items"]) == 1
    rules = {o["rule"] for o in running.get(f"/cases/{stay}", "municipality", municipality=ODENSE)["obligations"]}
    assert "psychology-woman" in rules
    assert "risk-assessment" not in rules
    running.get(f"/cases/{stay}", "municipality", status=404, municipality="0101")
    running.get(f"/cases/{stay}/history", "municipality", status=403, municipality=ODENSE)


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


def told(running: Running, code: str) -> dict[str, Any]:
    """All that a municipality is answered about what it owes or owed."""
    page = running.get("/obligations?limit=200", "municipality", municipality=code)
    answers: dict[str, Any] = {"/obligations": page}
    for each in page["items"]:
        for path in (f"/obligations/{each['obligation_id']}", f"/obligations/{each['obligation_id']}/why"):
            answers[path] = running.get(path, "municipality", municipality=code)
    for day in ("2026-03-20", "2026-06-01", "2026-12-01"):
        answers[day] = running.get(f"/obligations?due_before={day}", "municipality", municipality=code)
    case = f"/cases/{page['items'][0]['case_id']}"
    return answers | {case: running.get(case, "municipality", municipality=code)}


def test_who_handed_it_over_learns_nothing_of_what_happens_since(running: Running) -> None:
    # given that her home has moved, and what she is owed with it
    stay, woman = uuid4(), uuid4()
    running.set_day(date(2026, 3, 31))
    running.apply(admitted(stay, woman, standard="odense"), moved_home(stay, date(2026, 3, 15)))
    before = told(running, ODENSE)
    # when she moves out, which sets and moves last days, and what is owed is missed
    running.apply(
        intake.WomanMovedOut(occurred_on=date(2026, 3, 15), stay_id=stay, destination="new-home", planned=True, stay_days=13)
    )
    running.turn(date(2026, 5, 1))
    after = told(running, AARHUS)
    # then the one that owes it now is told of the last days, and the one before of nothing new
    due = {each["rule"]: each["due"] for each in after["/obligations"]["items"]}
    assert due["psychology-woman-offer"] == "2026-03-29"
    assert "missed" in {each["state"] for each in after["/obligations"]["items"]}
    assert told(running, ODENSE) == before


def test_the_summary_counts_each_obligation_once_for_who_owes_it_and_once_for_who_handed_it_over(running: Running) -> None:
    stays = [(uuid4(), uuid4()) for _ in range(3)]
    running.set_day(date(2026, 3, 31))
    running.apply(*(admitted(*stay) for stay in stays), held(*stays[0], date(2026, 3, 9), 600), moved_home(stays[1][0], ADMITTED))
    lines = {(line["municipality"], line["rule"]): line for line in running.get("/summary")}
    odense, aarhus = lines[ODENSE, "psychology-woman"], lines[AARHUS, "psychology-woman"]
    assert (odense["owed"], odense["met"], odense["open"], odense["transferred"]) == (3, 1, 1, 1)
    assert (aarhus["owed"], aarhus["open"]) == (1, 1)
    notice = lines[ODENSE, "admission-notice"]
    assert (notice["owed"], notice["missed"], notice["transferred"]) == (3, 3, 0)
    own = running.get(f"/municipalities/{ODENSE}/summary", "municipality", municipality=ODENSE)
    assert {line["municipality"] for line in own} == {ODENSE}
    running.get(f"/municipalities/{ODENSE}/summary", "municipality", status=404, municipality=AARHUS)


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


def test_the_shelter_sees_what_it_is_reminded_of_until_it_is_done(running: Running) -> None:
    stay = uuid4()
    running.apply(admitted(stay, uuid4()))
    assert running.turn(date(2026, 3, 3)) == 1
    (reminder,) = running.get("/reminders")["items"]
    assert (reminder["rule"], reminder["due"], reminder["reminded_on"]) == ("admission-notice", "2026-03-05", "2026-03-03")
    assert reminder["working_days"] == 2
    assert running.turn(date(2026, 3, 4)) == 0
    assert len(running.get("/reminders", "leader")["items"]) == 1
    assert running.get("/reminders", shelter=str(OTHER_SHELTER))["items"] == []
    running.get("/reminders", "municipality", municipality=ODENSE, status=403)
    running.apply(notified(stay, date(2026, 3, 4)))
    assert running.get("/reminders")["items"] == []


def test_what_a_municipality_owes_is_on_its_feed_and_not_among_the_shelters_reminders(running: Running) -> None:
    stay = uuid4()
    running.set_day(date(2026, 4, 1))
    running.apply(
        admitted(stay, uuid4()),
        intake.WomanMovedOut(occurred_on=date(2026, 4, 1), stay_id=stay, destination="new-home", planned=True, stay_days=30),
    )
    running.turn(date(2026, 4, 14))
    rules = running.context.rows("SELECT rule FROM reminders JOIN obligations USING (obligation_id)")
    assert sorted(row["rule"] for row in rules) == ["advice-offer", "psychology-woman-offer", "psychology-woman-start"]
    assert running.get("/reminders")["items"] == []


def test_the_reminders_are_read_page_by_page(running: Running) -> None:
    running.apply(*(admitted(uuid4(), uuid4()) for _ in range(3)))
    running.turn(date(2026, 3, 3))
    first = running.get("/reminders?limit=2")
    rest = running.get(f"/reminders?limit=2&after={first['next']}")
    assert len({item["obligation_id"] for item in first["items"] + rest["items"]}) == 3
    assert rest["next"] is None


def test_the_leader_sees_what_the_shelter_missed_and_for_how_long(running: Running) -> None:
    stays = [uuid4() for _ in range(3)]
    running.apply(*(admitted(stay, uuid4()) for stay in stays))
    running.turn(date(2026, 3, 9))
    first = running.get("/escalations?limit=2", "leader")
    rest = running.get(f"/escalations?after={first['next']}", "leader")
    items = first["items"] + rest["items"]
    assert {item["case_id"] for item in items} == {str(stay) for stay in stays}
    assert {(item["rule"], item["missed_on"], item["days_overdue"], item["escalated_to"]) for item in items} == {
        ("admission-notice", "2026-03-06", 4, "leader")
    }
    running.apply(notified(stays[0], date(2026, 3, 9)))
    assert len(running.get("/escalations", "leader")["items"]) == 2
    assert running.get("/escalations", "leader", shelter=str(OTHER_SHELTER))["items"] == []
    running.get("/escalations", "shelter", status=403)


def test_what_was_not_offered_at_all_is_counted_by_municipality_and_rule(running: Running) -> None:
    offered, not_offered, elsewhere = uuid4(), uuid4(), uuid4()
    woman = uuid4()
    running.set_day(date(2026, 5, 1))
    running.apply(admitted(offered, woman), admitted(not_offered, uuid4()), admitted(elsewhere, uuid4(), home_municipality=AARHUS))
    for stay in (offered, not_offered, elsewhere):
        running.apply(
            notified(stay, ADMITTED),
            intake.WomanMovedOut(occurred_on=date(2026, 4, 1), stay_id=stay, destination="new-home", planned=True, stay_days=30),
        )
    running.apply(psychology.TreatmentOffered(occurred_on=date(2026, 4, 20), stay_id=offered, person_id=woman))
    running.apply(coordinating_advice.AdviceOffered(occurred_on=date(2026, 4, 20), stay_id=offered))
    answer = running.get("/not-offered")
    counts = {(line["municipality"], line["rule"]): (line["owed"], line["not_offered"]) for line in answer["counts"]}
    assert counts == {
        (ODENSE, "advice-offer"): (2, 1),
        (ODENSE, "initial-advice"): (2, 2),
        (ODENSE, "psychology-woman-offer"): (2, 1),
        (AARHUS, "advice-offer"): (1, 1),
        (AARHUS, "initial-advice"): (1, 1),
        (AARHUS, "psychology-woman-offer"): (1, 1),
    }
    assert len(answer["items"]) == 7
    first = running.get("/not-offered?limit=4")
    rest = running.get(f"/not-offered?limit=4&after={first['next']}")
    assert first["items"] + rest["items"] == answer["items"]
    assert len(running.get(f"/not-offered?municipality={AARHUS}")["items"]) == 3
    own = running.get("/not-offered", "municipality", municipality=AARHUS)
    assert {line["municipality"] for line in own["counts"]} == {AARHUS}
    assert len(own["items"]) == 3
    assert running.get("/not-offered", shelter=str(OTHER_SHELTER)) == {"counts": [], "items": [], "next": None}


def test_what_a_municipality_did_not_offer_stays_its_own_when_her_home_moves(running: Running) -> None:
    # given stays that end without an offer, whose homes move the day before it was due, on that day, the day after and a week later
    left, due = date(2026, 4, 1), date(2026, 4, 15)
    moves = [due + timedelta(days=days) for days in (-1, 0, 1, 7)]
    stays = {uuid4(): on for on in moves}
    running.set_day(date(2026, 5, 1))
    for stay, on in stays.items():
        out = intake.WomanMovedOut(occurred_on=left, stay_id=stay, destination="new-home", planned=True, stay_days=30)
        running.apply(admitted(stay, uuid4()), out, moved_home(stay, on))

    # then each counts for whoever owed it when it was lost, and for whoever has owed it since
    answer = running.get("/not-offered")
    assert {(line["municipality"], line["rule"], line["owed"], line["not_offered"]) for line in answer["counts"]} == {
        (ODENSE, "advice-offer", 4, 2),
        (ODENSE, "psychology-woman-offer", 4, 2),
        (AARHUS, "advice-offer", 4, 4),
        (AARHUS, "psychology-woman-offer", 4, 4),
    }
    assert len(answer["items"]) == 8
    of_odense = {str(stay) for stay, on in stays.items() if on > due}
    assert {item["case_id"] for item in running.get(f"/not-offered?municipality={ODENSE}")["items"]} == of_odense

    # and it is told so itself, of its own time alone
    told = running.get("/not-offered", "municipality", municipality=ODENSE)
    assert [(line["owed"], line["not_offered"]) for line in told["counts"]] == [(4, 2)] * 2
    assert [(item["state"], item["missed_on"]) for item in told["items"]] == [("transferred", "2026-04-16")] * 4

    # when the new one offers both to one of them
    late = next(stay for stay, on in stays.items() if on == moves[-1])
    woman = running.get(f"/cases/{late}")["obligations"][0]["person_id"]
    running.apply(psychology.TreatmentOffered(occurred_on=date(2026, 4, 20), stay_id=late, person_id=woman))
    running.apply(coordinating_advice.AdviceOffered(occurred_on=date(2026, 4, 20), stay_id=late))

    # then they were offered, and the former one is told nothing of that
    assert [line["not_offered"] for line in running.get("/not-offered")["counts"]] == [1, 1, 3, 3]
    assert running.get("/not-offered", "municipality", municipality=ODENSE) == told


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


def test_what_is_open_to_a_child_ends_by_the_turn_of_the_day_on_which_it_is_grown(running: Running) -> None:
    stay, child = uuid4(), uuid4()
    running.apply(
        admitted(stay, uuid4()),
        intake.ChildArrived(occurred_on=ADMITTED, stay_id=stay, person_id=child, birth_month="2008-03", arrival="with-her"),
    )
    running.turn(date(2026, 3, 31))
    assert running.states(stay)["psychology-child"] == "open"
    assert running.turn(date(2026, 4, 1)) == 1
    assert running.states(stay)["psychology-child"] == "cancelled"
    assert running.states(stay)["psychology-woman"] == "open"
    assert running.turn(date(2026, 4, 1)) == 0


def rules_of(running: Running, stay: UUID, shelter: UUID = SHELTER) -> dict[str, dict[str, Any]]:
    return {o["rule"]: o for o in running.get(f"/cases/{stay}", shelter=str(shelter))["obligations"]}


def test_a_direct_transfer_goes_on_with_what_municipalities_owe_and_a_later_stay_begins_anew(running: Running) -> None:
    woman, first, second, third, later = (uuid4() for _ in range(5))
    running.set_day(date(2026, 4, 1))
    running.apply(admitted(first, woman), held(first, woman, date(2026, 3, 4), 60))
    onward = {"shelter_id": OTHER_SHELTER, "occurred_on": date(2026, 3, 9)}
    running.apply(admitted(second, woman, transferred_from=first, **onward))
    running.apply(held(second, woman, date(2026, 3, 10), 45))
    running.apply(admitted(third, woman, transferred_from=second, occurred_on=date(2026, 3, 16)))
    running.apply(held(first, woman, date(2026, 3, 5), 30))
    running.apply(admitted(later, woman, occurred_on=date(2026, 4, 1)))

    used = {stay: rules_of(running, stay)["psychology-woman"]["used"] for stay in (first, third, later)}
    assert used == {first: 90, third: 135, later: 0}
    treatment = rules_of(running, second, OTHER_SHELTER)["psychology-woman"]
    assert (treatment["state"], treatment["used"], treatment["left"]) == ("cancelled", 135, 465)
    assert rules_of(running, third)["psychology-woman"]["state"] == "open"
    assert rules_of(running, first)["admission-notice"]["state"] == "missed"
    left = rules_of(running, first)["psychology-woman"]
    said = running.get(f"/obligations/{left['obligation_id']}/why")["explanation_en"]
    assert "Monday 9 March 2026: owed no more by: the stay went on at another shelter. (recorded" in said


def test_when_the_next_stay_is_annulled_the_one_before_owes_again(running: Running) -> None:
    woman, first, second = (uuid4() for _ in range(3))
    running.set_day(date(2026, 4, 1))
    running.apply(admitted(first, woman))
    running.apply(admitted(second, woman, transferred_from=first, shelter_id=OTHER_SHELTER, occurred_on=date(2026, 3, 9)))
    running.apply(held(first, woman, date(2026, 3, 5), 30))
    assert rules_of(running, first)["psychology-woman"]["state"] == "cancelled"

    running.apply(intake.StayAnnulled(stay_id=second, occurred_on=date(2026, 3, 10), reason="registered-by-mistake"))

    owed = rules_of(running, first)["psychology-woman"]
    assert (owed["state"], owed["used"], owed["left"]) == ("open", 30, 570)
    said = running.get(f"/obligations/{owed['obligation_id']}/why")["explanation_en"]
    assert "Tuesday 10 March 2026: open again by: the stay at the other shelter was annulled. (recorded" in said


def moved_in(stay: UUID, child: UUID, on: date = ADMITTED) -> intake.ChildArrived:
    return intake.ChildArrived(stay_id=stay, occurred_on=on, person_id=child, birth_month="2020-01", arrival="with-her")


def treatment_of(running: Running, stay: UUID, child: UUID, shelter: UUID = SHELTER) -> dict[str, Any]:
    owed = running.get(f"/cases/{stay}", shelter=str(shelter))["obligations"]
    return next(o for o in owed if (o["rule"], o["person_id"]) == ("psychology-child", str(child)))


def why_of(running: Running, treatment: dict[str, Any]) -> str:
    said: str = running.get(f"/obligations/{treatment['obligation_id']}/why")["explanation_en"]
    return said


def test_a_child_that_stays_behind_is_owed_its_treatment_until_it_arrives_at_one_of_the_next_shelters(running: Running) -> None:
    # given a woman with two children, one of whom stays with family while she goes on to two more shelters
    woman, along, behind, first, second, third = (uuid4() for _ in range(6))
    running.set_day(date(2026, 4, 1))
    running.apply(admitted(first, woman), moved_in(first, along), moved_in(first, behind))
    running.apply(intake.ChildMovedOut(stay_id=first, occurred_on=date(2026, 3, 5), person_id=behind, destination="family"))
    onward = {"shelter_id": OTHER_SHELTER, "occurred_on": date(2026, 3, 9)}
    running.apply(admitted(second, woman, transferred_from=first, **onward), moved_in(second, along, date(2026, 3, 9)))
    running.apply(held(first, behind, date(2026, 3, 10), 60))
    running.apply(admitted(third, woman, transferred_from=second, occurred_on=date(2026, 3, 16)))

    assert treatment_of(running, first, along)["state"] == "cancelled"
    waiting = treatment_of(running, first, behind)
    assert (waiting["state"], waiting["used"]) == ("open", 60)

    # when it follows
    running.apply(moved_in(third, behind, date(2026, 3, 20)))

    # then what it used counts there, and it is owed no more here
    there = treatment_of(running, third, behind)
    assert (there["state"], there["used"]) == ("open", 60)
    assert treatment_of(running, first, behind)["state"] == "cancelled"
    assert "Friday 20 March 2026: owed no more by: the child came along to another shelter." in why_of(running, waiting)
    # and the other, of whom the third shelter told nothing, is owed it where it was last
    assert treatment_of(running, second, along, OTHER_SHELTER)["state"] == "open"


def test_a_child_of_the_stay_before_that_is_told_of_late_is_owed_there_only_what_it_is_not_owed_here(running: Running) -> None:
    woman, child, first, second = (uuid4() for _ in range(4))
    running.set_day(date(2026, 4, 1))
    running.apply(admitted(first, woman), admitted(second, woman, transferred_from=first, shelter_id=OTHER_SHELTER))
    running.apply(moved_in(second, child), moved_in(first, child))

    assert treatment_of(running, first, child)["state"] == "cancelled"
    assert treatment_of(running, second, child, OTHER_SHELTER)["state"] == "open"


def test_where_the_stay_a_child_had_followed_to_is_annulled_it_is_owed_here_again_and_says_so_once(running: Running) -> None:
    woman, child, sibling, first, second = (uuid4() for _ in range(5))
    running.set_day(date(2026, 4, 1))
    running.apply(admitted(first, woman), moved_in(first, child), moved_in(first, sibling))
    running.apply(admitted(second, woman, transferred_from=first, shelter_id=OTHER_SHELTER))
    running.apply(moved_in(second, child), moved_in(second, sibling))

    running.apply(intake.StayAnnulled(stay_id=second, occurred_on=date(2026, 3, 10), reason="registered-by-mistake"))

    treatment = treatment_of(running, first, child)
    assert (treatment["state"], treatment_of(running, first, sibling)["state"]) == ("open", "open")
    again = "Tuesday 10 March 2026: open again by: the stay at the other shelter was annulled."
    assert why_of(running, treatment).count(again) == 1


def test_a_transfer_from_another_womans_stay_or_an_unknown_one_carries_nothing_over(running: Running) -> None:
    woman, stay, mistaken, unknown = (uuid4() for _ in range(4))
    running.set_day(date(2026, 3, 9))
    running.apply(admitted(stay, woman), held(stay, woman, date(2026, 3, 4), 60))
    running.apply(admitted(mistaken, uuid4(), transferred_from=stay), admitted(unknown, woman, transferred_from=uuid4()))

    assert rules_of(running, stay)["psychology-woman"]["state"] == "open"
    assert [rules_of(running, s)["psychology-woman"]["used"] for s in (mistaken, unknown)] == [0, 0]


def test_two_stays_that_name_each_other_count_what_is_reported_once(running: Running) -> None:
    woman, first, second = (uuid4() for _ in range(3))
    running.set_day(date(2026, 3, 9))
    running.apply(admitted(first, woman, transferred_from=second), admitted(second, woman, transferred_from=first))
    running.apply(admitted(first, woman, transferred_from=second))
    running.apply(held(second, woman, date(2026, 3, 4), 60), held(first, woman, date(2026, 3, 4), 30))

    assert {rules_of(running, stay)["psychology-woman"]["used"] for stay in (first, second)} == {90}


@pytest.mark.parametrize(
    ("named", "rule", "due"), [(True, "admission-notice", "2026-03-05"), (False, "admission-notice-anonymous", "2026-03-16")]
)
def test_anonymous_is_what_she_is_to_her_home_municipality(running: Running, named: bool, rule: str, due: str) -> None:
    stay, woman = uuid4(), uuid4()
    running.apply(admitted(stay, woman, standard="lokk", anonymous=True, named_to_home_municipality=named))

    notices = {r: o["due"] for r, o in rules_of(running, stay).items() if r.startswith("admission-notice")}
    assert notices == {rule: due}


STANDARDS = [standard for standard in compose({}).settings["rulebook"].standards if standard.id != "serviceloven"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("standard", STANDARDS, ids=lambda standard: f"{standard.id}-{standard.version}")
def test_a_municipality_learns_neither_the_shelter_nor_its_standard(running: Running, standard: Standard) -> None:
    # given a stay at a shelter with a standard of its own, and everything that a municipality may be told of
    stay, woman, child = uuid4(), uuid4(), uuid4()
    running.set_day(date(2026, 3, 10))
    running.apply(
        admitted(stay, woman, standard=standard.id, home_municipality=AARHUS),
        intake.ChildArrived(occurred_on=ADMITTED, stay_id=stay, person_id=child, birth_month="2020-01", arrival="with-her"),
        intake.ActionPlanRequested(occurred_on=ADMITTED, stay_id=stay),
        notified(stay, ADMITTED),
        intake.MoveOutPlanned(occurred_on=date(2026, 3, 9), stay_id=stay, planned_for=date(2026, 3, 20)),
    )
    # when it asks all it can
    listed = running.get("/obligations", "municipality", municipality=AARHUS)["items"]
    assert len(listed) > 6
    answers: list[Any] = [listed, running.get(f"/cases/{listed[0]['case_id']}", "municipality", municipality=AARHUS)]
    for path in [f"/obligations/{each['obligation_id']}{tail}" for each in listed for tail in ("", "/why")]:
        answers.append(running.get(path, "municipality", municipality=AARHUS))
    # then nothing names either, and the shelter's own staff, asking the same, is told
    named = {
        str(SHELTER),
        str(stay),
        str(woman),
        str(child),
        *("odense", "hellerup", "københavn", "kobenhavn", "copenhagen", "lokk"),
    }
    named |= {standard.title.lower(), standard.document.lower()}
    told = str(answers).lower()
    assert [name for name in named if name in told] == []
    assert standard.id in str(running.get(f"/cases/{stay}"))


def test_two_municipalities_share_no_id_and_each_asks_with_its_own(running: Running) -> None:
    # given that one owed her treatment, and another one owes the rest
    stay, woman = uuid4(), uuid4()
    running.set_day(date(2026, 3, 20))
    running.apply(admitted(stay, woman), notified(stay, ADMITTED), held(stay, woman, date(2026, 3, 9), 60))
    running.apply(moved_home(stay, date(2026, 3, 15)))
    # when both ask all they can, page by page
    told: dict[str, set[str]] = {}
    for code in (ODENSE, AARHUS):
        answers, items, cursor = [], [], ""
        while cursor is not None:
            page = running.get(f"/obligations?limit=1{cursor and '&after=' + cursor}", "municipality", municipality=code)
            items += page["items"]
            cursor = page["next"]
            answers.append(base64.urlsafe_b64decode(cursor or "").decode())
        assert len({each["obligation_id"] for each in items}) == len(items) > 1
        for each in items:
            for path in (f"/obligations/{each['obligation_id']}", f"/obligations/{each['obligation_id']}/why"):
                answers.append(str(running.get(path, "municipality", municipality=code)))
                running.get(path, "municipality", status=404, municipality=ODENSE if code == AARHUS else AARHUS)
        answers.append(str(running.get(f"/cases/{items[0]['case_id']}", "municipality", municipality=code)))
        told[code] = set(re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", str(answers) + str(items)))
    # then they cannot find out by an id that it is the same woman
    assert min(len(ids) for ids in told.values()) > 3
    assert told[ODENSE] & told[AARHUS] == set()
    assert {str(stay), str(woman)} & (told[ODENSE] | told[AARHUS]) == set()


def interviewed(inquiry: UUID, on: date = ADMITTED, standard: str = "hellerup") -> list[Event]:
    return [
        intake.InquiryReceived(
            occurred_on=on, inquiry_id=inquiry, shelter_id=SHELTER, referred_by="self", home_municipality=ODENSE
        ),
        intake.InterviewHeld(occurred_on=on, inquiry_id=inquiry, shelter_id=SHELTER, standard=standard),
    ]


def decided(inquiry: UUID, on: date) -> intake.InquiryAssessed:
    return intake.InquiryAssessed(occurred_on=on, inquiry_id=inquiry, outcome="not-in-target-group", interview_on=ADMITTED)


def test_the_decision_on_an_inquiry_is_owed_reminded_of_missed_escalated_explained_and_met_late(running: Running) -> None:
    inquiry = uuid4()
    running.apply(*interviewed(inquiry))
    next_day = ADMITTED + timedelta(days=1)

    case = running.get(f"/cases/{inquiry}")
    [owed] = case["obligations"]
    assert (case["standard"], case["ledger"], owed["rule"], owed["state"]) == ("hellerup", [], "admission-decision", "open")
    assert (owed["due"], owed["person_id"], owed["municipality"], owed["reference"]) == (ADMITTED.isoformat(), None, None, None)
    assert [item["reminded_on"] for item in running.get("/reminders")["items"]] == [ADMITTED.isoformat()]
    assert [item["rule"] for item in running.get("/obligations/due-soon?days=0")["items"]] == ["admission-decision"]

    assert running.turn(next_day) == 1
    [escalated] = running.get("/escalations", "leader")["items"]
    assert (escalated["rule"], escalated["days_overdue"], escalated["person_id"]) == ("admission-decision", 1, None)
    assert running.get("/reminders")["items"] == []

    running.apply(decided(inquiry, next_day))
    assert running.states(inquiry) == {"admission-decision": "met-late"}
    assert running.get("/escalations", "leader")["items"] == []
    explained = running.get(f"/obligations/{owed['obligation_id']}/why")
    assert "met late by: inquiry assessed" in explained["explanation_en"]
    assert "for sent ved: henvendelse vurderet" in explained["explanation_da"]
    assert running.get(f"/obligations/{owed['obligation_id']}")["parts"] == []
    [line] = running.get("/summary")
    assert (line["municipality"], line["rule"], line["owed"], line["met_late"]) == (None, "admission-decision", 1, 1)
    assert running.get("/not-offered")["counts"] == []
    told = [item["fact"] for item in running.get(f"/cases/{inquiry}/history")["items"] if item["type"] == "FactNoted"]
    assert told == ["InterviewHeld", "InquiryAssessed"]


def test_no_municipality_and_no_other_shelter_learns_that_she_asked(running: Running) -> None:
    inquiry = uuid4()
    running.apply(*interviewed(inquiry))
    [owed] = running.get(f"/cases/{inquiry}")["obligations"]

    for code in (ODENSE, "0157"):
        for path in (f"/cases/{inquiry}", f"/obligations/{owed['obligation_id']}", f"/obligations/{owed['obligation_id']}/why"):
            running.get(path, "municipality", status=404, municipality=code)
        assert running.get("/obligations", "municipality", municipality=code)["items"] == []
        assert running.get("/not-offered", "municipality", municipality=code)["counts"] == []
        assert running.get(f"/municipalities/{code}/summary", "municipality", municipality=code) == []
    running.get(f"/cases/{inquiry}", status=404, shelter=str(OTHER_SHELTER))
    assert running.get("/obligations", shelter=str(OTHER_SHELTER))["items"] == []


@pytest.mark.parametrize("standard", ["serviceloven", "odense", "kobenhavn", "lokk"])
def test_an_inquiry_to_a_shelter_that_promises_no_day_has_no_case_file(running: Running, standard: str) -> None:
    inquiry = uuid4()
    running.apply(*interviewed(inquiry, standard=standard), decided(inquiry, ADMITTED))
    running.apply(intake.InterviewCorrected(occurred_on=ADMITTED, inquiry_id=inquiry, interview_on=ADMITTED - timedelta(days=1)))

    assert running.states(inquiry) == {}
    running.get(f"/cases/{inquiry}", status=404)


def test_a_corrected_interview_moves_the_day_and_a_complaint_finds_the_case_file_open(running: Running) -> None:
    inquiry, next_day = uuid4(), ADMITTED + timedelta(days=1)
    running.apply(*interviewed(inquiry))
    running.turn(next_day)
    running.apply(intake.InterviewCorrected(occurred_on=next_day, inquiry_id=inquiry, interview_on=next_day))
    [owed] = running.get(f"/cases/{inquiry}")["obligations"]
    assert (owed["state"], owed["due"], owed["counted_from"]) == ("open", next_day.isoformat(), next_day.isoformat())

    running.apply(
        decided(inquiry, next_day),
        intake.StayRefused(occurred_on=next_day, inquiry_id=inquiry, reason="not-in-target-group"),
        intake.ComplaintFiled(
            occurred_on=next_day, complaint_id=uuid4(), concerns=inquiry, about="refusal", form="written", late=False,
            route="ankestyrelsen", shelter_id=SHELTER, standard="hellerup",
        ),
    )  # fmt: skip

    assert running.states(inquiry) == {"admission-decision": "met", "complaint-answer": "open"}
    types = [item["type"] for item in running.get(f"/cases/{inquiry}/history")["items"]]
    assert types.count("CaseOpened") == 1

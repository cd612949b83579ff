"""The orchestrator with its database, what upstream services tell it, and what it answers."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from fastapi.testclient import TestClient

from havn_chassis.auth import Role
from havn_chassis.service import Context
from havn_embedded.tokens import Issuer
from havn_events import Recorded, intake, notification, psychology
from havn_events.event import Event
from orchestrator.sweep import turn_day

SHELTER, OTHER_SHELTER = uuid4(), uuid4()
ODENSE, AARHUS = "0461", "0751"
ADMITTED = date(2026, 3, 2)


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


def rules_of(running: Running, stay: UUID, shelter: UUID = SHELTER) -> dict[str, dict[str, Any]]:
    return {o["rule"]: o for o in running.get(f"/cases/{stay}", shelter=str(shelter))["obligations"]}


def moved_in(stay: UUID, child: UUID, on: date = ADMITTED) -> intake.ChildArrived:
    return intake.ChildArrived(stay_id=stay, occurred_on=on, person_id=child, birth_month="2020-01", arrival="with-her")

"""`havn why` asked of a real orchestrator over HTTP and a real PostgreSQL."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import uvicorn

from havn_chassis.service import Context, application
from havn_embedded.servers import free_port
from havn_embedded.tokens import Issuer
from havn_events import Recorded, intake, psychology
from orchestrator.main import compose
from tests.processes import eventually
from tests.support import settings_for

SHELTER = UUID(int=1)
ADMITTED = date(2023, 5, 3)


@dataclass
class Asked:
    """A running orchestrator with one missed risk assessment and a treatment, and its settings as the command line reads them."""

    obligation_id: str
    treatment_id: str
    url: str
    token: str
    issuer: Issuer

    @property
    def settings(self) -> dict[str, str]:
        return {"ORCHESTRATOR": self.url, "SHELTER_TOKEN": self.token}


@pytest.fixture
def asked(database: str, issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked]:
    monkeypatch.chdir(tmp_path)
    clock = tmp_path / "clock"
    clock.write_text("2023-05-12T12:00:00+02:00")
    settings = settings_for("orchestrator", database, issuer, tmp_path, HAVN_CLOCK_FILE=str(clock))
    context = Context(compose({"HAVN_DAY_TICK_SECONDS": "3600"}), settings)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(application(context), port=port, log_config=None, ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        eventually(lambda: server.started, what="the orchestrator having started")
        yield Asked(*_admit(context), f"http://127.0.0.1:{port}", issuer.token("shelter", "test", shelter=str(SHELTER)), issuer)
    finally:
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()


def _admit(context: Context) -> tuple[str, str]:
    stay, woman = uuid4(), uuid4()
    admitted = intake.WomanAdmitted(
        occurred_on=ADMITTED,
        stay_id=stay,
        person_id=woman,
        shelter_id=SHELTER,
        standard="odense",
        home_municipality="0461",
        own_municipality=True,
        anonymous=False,
        named_to_home_municipality=True,
    )
    session = psychology.SessionHeld(
        occurred_on=date(2023, 5, 12), stay_id=stay, person_id=woman, session_id=uuid4(), minutes=90
    )
    unit = context.unit("orchestrator")
    for version, event in enumerate((admitted, session), 1):
        recorded = Recorded.of(event, originator_id=uuid4(), originator_version=version, recorded_at=unit.now, actor="test")
        context.inboxes[0].react(recorded, unit)
    unit.commit()
    rows = context.rows("SELECT rule, obligation_id FROM obligations WHERE case_id = %s", (stay,))
    owed = {row["rule"]: str(row["obligation_id"]) for row in rows}
    return owed["risk-assessment"], owed["psychology-woman"]


def havn(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, as the orchestrator's log is written to this one's standard output."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("ORCHESTRATOR", "SHELTER_TOKEN")}
    command = [sys.executable, "-m", "havn_cli", *arguments]
    return subprocess.run(command, env={**inherited, **environment}, capture_output=True, text=True, check=False, timeout=60)


def test_an_obligation_is_explained_by_a_running_orchestrator(asked: Asked) -> None:
    done = havn("why", asked.obligation_id, **asked.settings)

    assert (done.returncode, done.stderr) == (0, "")
    assert "fredag den 5. maj 2023: tælles ikke (Store bededag).\n" in done.stdout
    assert "Fredag den 12. maj 2023: ikke opfyldt i tide; sidste dag var torsdag den 11. maj 2023.\n" in done.stdout
    assert done.stdout.endswith("Status: ikke opfyldt i tide og stadig ikke opfyldt.\n")


def test_a_treatment_is_explained_with_its_sessions_and_what_is_left(asked: Asked) -> None:
    done = havn("why", asked.treatment_id, **asked.settings)

    assert "Omfang: 10 timer.\nFredag den 12. maj 2023: psykologsamtale, 1 time 30 minutter.\n" in done.stdout
    assert "Brugt: 1 time 30 minutter. Tilbage: 8 timer 30 minutter.\n" in done.stdout
    told = json.loads(havn("why", asked.treatment_id, "--json", **asked.settings).stdout)
    assert [(entry["event"], entry["minutes"]) for entry in told["entries"]] == [("SessionHeld", 90)]


def test_the_answer_itself_is_given_as_json(asked: Asked) -> None:
    done = havn("why", asked.obligation_id, "--json", "--url", f"{asked.url}/", "--token", asked.token)

    assert json.loads(done.stdout)["due"] == "2023-05-11"


def test_settings_are_read_from_the_folder(asked: Asked) -> None:
    Path(".havn").mkdir()
    Path(".havn/env").write_text("".join(f"{name}={value}\n" for name, value in asked.settings.items()))

    assert havn("why", asked.obligation_id, "--language", "en").stdout.startswith("Risk assessment.\n")


def test_a_refusal_says_what_to_do(asked: Asked) -> None:
    adviser = asked.issuer.token("adviser", "test", municipality="0461")
    for obligation_id, token, said in (
        (str(uuid4()), asked.token, "no such obligation"),
        (asked.obligation_id, "x", "make run"),
        (asked.obligation_id, adviser, "leader"),
    ):
        done = havn("why", obligation_id, "--url", asked.url, "--token", token)

        assert (done.returncode, done.stdout) == (1, "")
        assert said in done.stderr
        assert "Traceback" not in done.stderr

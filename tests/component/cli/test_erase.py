"""`havn erase` asked of a real intake over HTTP and a real PostgreSQL."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
import uvicorn

from havn_chassis.service import Context, application
from havn_embedded.servers import free_port
from havn_embedded.tokens import Issuer
from intake.identity import Vault
from intake.main import SERVICE
from intake.shelters import Shelters
from tests.component.cli.test_why import havn
from tests.processes import eventually
from tests.support import settings_for

SHELTER = UUID(int=1)


@dataclass
class Asked:
    """A running intake with one identified woman."""

    url: str
    issuer: Issuer
    woman: str

    def token(self, role: str) -> str:
        return self.issuer.token(role, "test", shelter=str(SHELTER))  # type: ignore[arg-type]

    def read(self) -> int:
        return self.post(f"/people/{self.woman}/identity/readings", {"purpose": "contact"})

    def post(self, path: str, body: dict[str, object]) -> int:
        headers = {"Authorization": f"Bearer {self.token('leader')}", "Idempotency-Key": str(uuid4())}
        return httpx.post(self.url + path, json=body, headers=headers, timeout=30).status_code


@pytest.fixture
def asked(database: str, issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked]:
    monkeypatch.chdir(tmp_path)
    service = replace(SERVICE, settings={"shelters": Shelters(), "vault": Vault(bytes(32))})
    port = free_port()
    context = Context(service, settings_for("intake", database, issuer, tmp_path))
    server = uvicorn.Server(uvicorn.Config(application(context), port=port, log_config=None, ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        eventually(lambda: server.started, what="intake having started")
        asked = Asked(f"http://127.0.0.1:{port}", issuer, str(uuid4()))
        admission = {"occurred_on": "2025-05-06", "stay_id": str(uuid4()), "person_id": asked.woman, "home_municipality": "0461"}
        assert asked.post("/stays", {**admission, "anonymous": False, "identity": {"name": "Testperson Alfa"}}) == 201
        yield asked
    finally:
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()


def test_the_leader_erases_and_once_more_is_harmless(asked: Asked) -> None:
    assert asked.read() == 200
    for _ in range(2):
        done = havn("erase", asked.woman, INTAKE=asked.url, LEADER_TOKEN=asked.token("leader"))

        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("The identity is erased.")
        assert asked.read() == 404


def test_a_refusal_says_what_to_do_and_erases_nothing(asked: Asked) -> None:
    for person, token, said in (
        (asked.woman, "x", "make run"),
        (asked.woman, asked.token("shelter"), "leader alone"),
        (str(uuid4()), asked.token("leader"), "nothing to erase"),
    ):
        done = havn("erase", person, "--url", f"{asked.url}/", "--token", token)

        assert (done.returncode, done.stdout) == (1, "")
        assert said in done.stderr
        assert "Traceback" not in done.stderr
    assert asked.read() == 200

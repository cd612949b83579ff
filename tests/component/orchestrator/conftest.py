"""The orchestrator over a real PostgreSQL, on the day of an admission."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from havn_chassis.service import Context, application
from havn_embedded.tokens import Issuer
from orchestrator.main import compose
from tests.component.orchestrator.running import ADMITTED, Running
from tests.processes import eventually
from tests.support import settings_for


@pytest.fixture
def running(database: str, issuer: Issuer, tmp_path: Path) -> Iterator[Running]:
    clock = tmp_path / "clock"
    clock.write_text(f"{ADMITTED.isoformat()}T12:00:00+01:00")
    service = compose({"HAVN_DAY_TICK_SECONDS": "3600"})
    context = Context(service, settings_for("orchestrator", database, issuer, tmp_path, HAVN_CLOCK_FILE=str(clock)))
    with TestClient(application(context)) as client:
        eventually(lambda: bool(context.rows("SELECT day FROM days")), what="the first day having passed")
        yield Running(context, client, issuer, clock)

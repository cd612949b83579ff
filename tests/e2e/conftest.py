"""The whole of Havn, as `make run` starts it, once for all end-to-end tests of a worker; the machine's own clock."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from havn_embedded.servers import Postgres
from havn_embedded.stack import DEMO_SHELTERS, Stack
from tests.conftest import ROOT, make_database
from tests.e2e.collector import Collector, collecting
from tests.processes import eventually

SHELTERS = json.dumps({shelter: {**setting, "cpr_numbers": True} for shelter, setting in json.loads(DEMO_SHELTERS).items()})
"""The demonstration's shelter, which here may hold CPR numbers."""


@dataclass(frozen=True)
class House:
    """The running platform and the callers a test needs."""

    stack: Stack
    collector: Collector
    database: str

    def call(
        self, method: str, service: str, path: str, body: dict[str, Any] | None = None, *, role: str = "shelter", **more: Any
    ) -> httpx.Response:
        """One request. ``municipality``: whose token; ``key``: the idempotency key; ``headers``: more headers."""
        token = self.stack.token(role, more.get("municipality"))
        headers = {"Authorization": f"Bearer {token}", **more.get("headers", {})}
        if method == "POST":
            headers["Idempotency-Key"] = more.get("key") or str(uuid4())
        return httpx.request(method, self.stack.urls[service] + path, json=body, headers=headers, timeout=30)

    def post(self, service: str, path: str, body: dict[str, Any], **more: Any) -> httpx.Response:
        """A report that must be accepted."""
        answer = self.call("POST", service, path, body, **more)
        assert answer.status_code == 201, answer.text
        return answer

    def get(self, service: str, path: str, **more: Any) -> Any:
        """What a route answers."""
        answer = self.call("GET", service, path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def settle(self) -> None:
        """Wait until every event is published and applied everywhere."""
        eventually(lambda: self._settled() and self._settled(), what="the platform being settled")

    def _settled(self) -> bool:
        positions = {service: self.get(service, "/positions", role="operator") for service in self.stack.urls}
        return all(
            all(position == here["head"] for position in here["relays"].values())
            and all(position == positions[name.split(".")[0]]["head"] for name, position in here["inboxes"].items())
            for here in positions.values()
        )

    def obligations(self, stay: UUID | str) -> dict[str, dict[str, Any]]:
        """A case's obligations by rule; for children, by rule and the first digits of the child's id."""
        case = self.get("orchestrator", f"/cases/{stay}")
        return {
            item["rule"] + (f":{item['person_id'][:8]}" if "child" in item["rule"] else ""): item for item in case["obligations"]
        }


@pytest.fixture(scope="session")
def house(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("house")
    with make_database(postgres) as database, collecting() as collector:
        stack = Stack(
            folder,
            ROOT / "deploy" / "nats" / "nats.conf",
            database_url=database,
            demonstration=False,
            environment={"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "HAVN_SHELTERS": SHELTERS},
        )
        try:
            stack.start()
            yield House(stack, collector, database)
        finally:
            stack.stop()

"""Two toy services as processes, on a PostgreSQL and a NATS that tests kill."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from psycopg import sql

from havn_embedded.servers import Nats
from havn_embedded.tokens import Issuer
from tests.processes import Running, eventually
from tests.support import environment_for


@dataclass
class Pair:
    """``intake`` publishes, ``orchestrator`` applies."""

    upstream: Running
    downstream: Running
    nats: Nats
    database: str
    token: str
    operator: str

    def report(self, stay: UUID | None = None, on: str = "2024-01-03", key: str | None = None) -> httpx.Response:
        """One report."""
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key or str(uuid4())}
        url = f"{self.upstream.url}/stays/{stay or uuid4()}/clarifications"
        return httpx.post(url, json={"occurred_on": on}, headers=headers, timeout=30)

    def ids(self, schema: str, query: str) -> list[str]:
        """One column of a query in a service's schema."""
        with psycopg.connect(self.database) as connection:
            connection.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(schema)))
            return [str(row[0]) for row in connection.execute(query.encode()).fetchall()]

    def sent(self) -> list[str]:
        """The upstream's event ids, in order."""
        column = "convert_from(state, 'UTF8')::json->>'id'"
        return self.ids("intake", f"SELECT {column} FROM intake_events ORDER BY notification_id")

    def applied(self) -> list[str]:
        """The event ids that the downstream applied, in order."""
        column = "convert_from(state, 'UTF8')::json->'data'->>'fact_id'"
        return self.ids("orchestrator", f"SELECT {column} FROM orchestrator_events ORDER BY notification_id")

    def eventually_applied_once_and_in_order(self, seconds: float = 30.0) -> None:
        """What was sent is applied: all of it, once, in order."""
        eventually(lambda: len(self.applied()) >= len(self.sent()), seconds, "everything being applied")
        assert self.applied() == self.sent()


@pytest.fixture
def pair(database: str, nats: Nats, issuer: Issuer, tmp_path: Path) -> Iterator[Pair]:
    environment = environment_for(database, nats.url, issuer, 1)
    upstream = Running(("tests.component.chassis.toy", "intake"), environment, tmp_path / "intake.log").start()
    downstream = Running(("tests.component.chassis.toy", "orchestrator"), environment, tmp_path / "orchestrator.log").start()
    upstream.wait_ready()
    downstream.wait_ready()
    token = issuer.token("shelter", "test", shelter=str(uuid4()))
    yield Pair(upstream, downstream, nats, database, token, issuer.token("operator", "test"))
    for running in (upstream, downstream):
        running.kill()

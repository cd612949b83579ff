"""What checking a token adds to a request."""

import asyncio
from typing import Annotated, Any
from uuid import uuid4

from fastapi import Depends, FastAPI

from havn_chassis.clock import SystemClock
from havn_chassis.http import Desk, Reader, install, read
from havn_chassis.service import Context
from havn_embedded.stack import DEMO_SHELTER
from orchestrator.main import compose
from tests.benchmarks.figures import Outcome, Pair, figure, rate, side_by_side
from tests.benchmarks.rig import Rig
from tests.support import settings_for

ALLOWED_MICROSECONDS = 200.0


def measure(rig: Rig) -> Outcome:
    """Timed: requests one after the other, handed to the app without a socket between: a route that asks for a token, beside one
    that does not. A hundred tokens take turns, each checked before. Floor: what the check may take.
    """
    requests = rig.some(4000)
    with rig.database() as database:
        context = Context(compose({}), settings_for("orchestrator", database, rig.issuer, rig.folder))
        app = _application(context)
        tokens = [rig.issuer.token("leader", str(uuid4()), shelter=str(DEMO_SHELTER)) for _ in range(100)]
        with asyncio.Runner() as runner:

            def microseconds(path: str) -> float:
                return 1e6 / rate(lambda: runner.run(_ask(app, path, tokens, requests)))

            pairs = side_by_side(rig.rounds, lambda: microseconds("/checked"), lambda: microseconds("/unchecked"))
        context.store.close()
    added = [Pair(pair.measured - pair.floor, ALLOWED_MICROSECONDS) for pair in pairs]
    return Outcome((figure("token check, hot", "what it may take", "µs/request", added, 1.0, at_most=True),))


def _application(context: Context) -> FastAPI:
    app = FastAPI()
    install(app)
    app.state.desk = Desk(context.store, SystemClock(), context.tokens, context.telemetry, {})

    @app.get("/checked")
    async def checked(_: Annotated[Reader, Depends(read("leader"))]) -> dict[str, str]:
        return {"status": "ready"}

    @app.get("/unchecked")
    async def unchecked() -> dict[str, str]:
        return {"status": "ready"}

    return app


async def _ask(app: FastAPI, path: str, tokens: list[str], requests: int) -> int:
    scopes = [_scope(path, token) for token in tokens]
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    for number in range(requests):
        await app(dict(scopes[number % len(scopes)]), receive, send)
    assert set(statuses) == {200}
    return len(statuses)


def _scope(path: str, token: str) -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"havn.example"), (b"authorization", f"Bearer {token}".encode())],
    }

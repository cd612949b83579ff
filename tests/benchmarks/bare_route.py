"""The least that a report over HTTP can cost in Python: ``python -m tests.benchmarks.bare_route`` serves one route."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from uuid import UUID

import uvicorn
from fastapi import FastAPI
from psycopg_pool import ConnectionPool
from pydantic import BaseModel

TABLE = "CREATE TABLE IF NOT EXISTS public.bare_admissions (id bigserial PRIMARY KEY, body text NOT NULL)"


class Admission(BaseModel):
    """The same body as intake's."""

    occurred_on: date
    stay_id: UUID
    person_id: UUID
    home_municipality: str
    anonymous: bool


def application(url: str) -> FastAPI:
    """One route; one insert and one commit for each request."""
    pool = ConnectionPool(url, min_size=1, max_size=12, open=False)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        pool.open(wait=True)
        with pool.connection() as connection:
            connection.execute(TABLE)
        yield
        pool.close()

    app = FastAPI(lifespan=lifespan)

    @app.get("/readyz")
    def ready() -> dict[str, str]:
        return {"status": "ready"}

    @app.post("/stays", status_code=201)
    def admit(body: Admission) -> dict[str, str]:
        with pool.connection() as connection:
            connection.execute("INSERT INTO public.bare_admissions (body) VALUES (%s)", (body.model_dump_json(),))
        return {"stay_id": str(body.stay_id)}

    return app


if __name__ == "__main__":
    port = int(os.environ["HAVN_HTTP_PORT"])
    uvicorn.run(application(os.environ["DATABASE_URL"]), host="127.0.0.1", port=port, access_log=False, log_config=None)

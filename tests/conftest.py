"""Real servers for every test that touches one: PostgreSQL and NATS from their wheels, started here, ended here."""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from havn_embedded.servers import Nats, Postgres
from havn_embedded.tokens import Issuer

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One PostgreSQL for this worker."""
    with tempfile.TemporaryDirectory(prefix="havn-pg-") as folder:
        server = Postgres(Path(folder) / "data")
        yield server
        server.stop()


@contextmanager
def make_database(postgres: Postgres) -> Iterator[str]:
    """An empty database, as a connection string; dropped afterwards."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield make_conninfo(postgres.url, dbname=name)
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    """An empty database of the test's own, as a connection string."""
    with make_database(postgres) as url:
        yield url


@pytest.fixture
def nats(tmp_path: Path) -> Iterator[Nats]:
    """An empty NATS server of the test's own, with the configuration that is shipped."""
    server = Nats(tmp_path / "nats", ROOT / "deploy" / "nats" / "nats.conf").start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    """Makes the tokens the services trust."""
    issuer = Issuer(tmp_path_factory.mktemp("issuer")).start()
    yield issuer
    issuer.stop()

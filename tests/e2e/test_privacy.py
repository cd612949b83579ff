"""Canary names, numbers and places, put through every text field of every route, are nowhere but encrypted in the vault."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg import sql

from tests.e2e.conftest import House

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("house")]

NAME = "Zeta Testperson Kanariefugl"
CPR = "0101901234"
PHONE = "+45 00000042"
EMAIL = "zeta@kanariefugl.example"
ADDRESS = "Kanariestien 42, 4. tv"
SHELTER_LOCATION = "Skjulestedet bag Kanariemosen 7"
CANARIES = (NAME, "Kanariefugl", "KANARIEFUGL", "kanariefugl", CPR, "010190-1234", "00000042", ADDRESS, SHELTER_LOCATION)
IDENTITY = {"name": NAME, "cpr": CPR, "phone": PHONE, "email": EMAIL, "note": f"{NAME} {CPR} {ADDRESS} {SHELTER_LOCATION}"}
PLANTED = ("Plantet Gulspurv", "0202901234", "00000043")


def _routes(house: House) -> Iterator[tuple[str, str, str, Any]]:
    """Service, method, path and, where there is a body, one with a canary in each field that takes anything, however deep."""
    for service, url in house.stack.urls.items():
        description = httpx.get(f"{url}/openapi.json", timeout=30).json()
        schemas = description.get("components", {}).get("schemas", {})
        for path, methods in description["paths"].items():
            for method, operation in methods.items():
                schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
                yield service, method.upper(), path, _filled(schema, schemas)


def _filled(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _filled(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return _filled(schema[choice][0], schemas)
    if "properties" in schema:
        filled = {name: _filled(part, schemas) for name, part in schema["properties"].items()}
        texts = [name for name, value in filled.items() if isinstance(value, str)]
        return {**filled, **{name: CANARIES[n % len(CANARIES)] for n, name in enumerate(texts)}}
    if schema.get("type") == "array":
        return [_filled(schema.get("items", {}), schemas)]
    return NAME


def _place(path: str) -> str:
    while "{" in path:
        begin, end = path.index("{"), path.index("}")
        path = path[:begin] + str(uuid4()) + path[end + 1 :]
    return path


def _everything_stored(house: House) -> Iterator[tuple[str, bytes]]:
    with psycopg.connect(house.database) as connection:
        tables = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'"
        ).fetchall()
        for schema, table in tables:
            with connection.cursor() as cursor, cursor.copy(
                sql.SQL("COPY (SELECT to_jsonb(t)::text FROM {} t) TO STDOUT").format(sql.Identifier(schema, table))
            ) as copy:
                rows = b"".join(bytes(block) for block in copy)
            yield f"table {schema}.{table}", rows
            yield f"table {schema}.{table}, bytes read as text", _unhexed(rows)
    for file in house.stack.folder.rglob("*"):
        if file.is_file() and "issuer" not in file.parts:
            yield f"file {file.relative_to(house.stack.folder)}", file.read_bytes()
    for service, url in house.stack.urls.items():
        yield f"metrics of {service}", httpx.get(f"{url}/metrics", timeout=30).content
    yield "exported spans", house.collector.raw()
    for file in _database_files(house, "**/*"):
        yield f"database file {file}", _content(file)


def _database_files(house: House, pattern: str) -> list[Path]:
    """The server's files, with all that was committed written to them."""
    with psycopg.connect(house.database, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    return [file for file in Path(row[0]).glob(pattern) if file.is_file()]


def _content(file: Path) -> bytes:
    """A file's bytes; none of one that PostgreSQL has removed since it was listed."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


def _found(house: House, canaries: tuple[str, ...]) -> dict[str, str]:
    """Where a canary is, as text, percent-encoded or in hexadecimal."""
    forms = {form: c for c in canaries for form in (c.encode(), quote(c).encode(), c.encode().hex().encode())}
    return {place: c for place, content in _everything_stored(house) for form, c in forms.items() if form in content}


def _unhexed(rows: bytes) -> bytes:
    parts = [part.split(b'"', 1)[0] for part in rows.split(b'"\\\\\\\\x')[1:]]
    return b"\n".join(bytes.fromhex(part.decode()) for part in parts)


def test_no_canary_is_stored_sent_logged_counted_or_traced(house: House) -> None:
    # given an admission with an identity, accepted into the vault
    today = datetime.now(UTC).date().isoformat()
    stay, woman = str(uuid4()), str(uuid4())
    admission = {"stay_id": stay, "person_id": woman, "occurred_on": today, "home_municipality": "0101", "anonymous": False}
    house.post("intake", "/stays", {**admission, "identity": IDENTITY}, key=f"key of {NAME} {CPR}")
    reading = house.call("POST", "intake", f"/people/{woman}/identity/readings", {"purpose": "contact"}, role="leader")
    assert reading.json() == {"person_id": woman, **IDENTITY}

    # when every route is sent canaries: in each field, as an unknown field, in the path, the query and the headers
    answers: list[str] = []
    for service, method, path, filled in _routes(house):
        for body in (filled, {**IDENTITY, "identity": IDENTITY, NAME: CPR}, [NAME, ADDRESS], SHELTER_LOCATION):
            headers = {"Idempotency-Key": f"{NAME} {CPR}", "If-Match": CPR, "User-Agent": NAME, "X-Name": NAME, "Referer": ADDRESS}
            for role in ("leader", "municipality"):
                token = house.stack.token(role, "0101" if role == "municipality" else None)
                answer = httpx.request(
                    method,
                    house.stack.urls[service] + _place(path),
                    json=body if method == "POST" else None,
                    params={"after": NAME, "municipality": CPR, "status": NAME, "year": CPR, "place": SHELTER_LOCATION},
                    headers={**headers, "Authorization": f"Bearer {token}"},
                    timeout=30,
                )
                assert answer.status_code < 500, (service, method, path, answer.text)
                answers.append(answer.text)
        httpx.request(method, f"{house.stack.urls[service]}/{NAME}/{CPR}", params={NAME: CPR}, timeout=30)
        httpx.request("KANARIEFUGL", house.stack.urls[service] + _place(path), timeout=30)
    house.settle()
    subprocess.run(["sync"], check=True)

    # then no answer echoes one, and nothing that Havn keeps, sends or tells holds one
    for canary in CANARIES:
        assert not any(canary in answer for answer in answers)
    assert _found(house, CANARIES) == {}


def test_the_search_finds_a_canary_where_there_is_one(house: House) -> None:
    with psycopg.connect(house.database) as connection:
        connection.execute("CREATE TABLE public.leak (value text, raw bytea)")
        connection.execute("INSERT INTO public.leak VALUES (%s, %s)", (PLANTED[0], PLANTED[1].encode()))
        connection.commit()
        log = house.stack.folder / "leak.log"
        log.write_text(PLANTED[2])
        try:
            places = {"database file" if place.startswith("database file") else place for place in _found(house, PLANTED)}
        finally:
            log.unlink()
            connection.execute("DROP TABLE public.leak")
            connection.commit()
    assert places == {"table public.leak", "table public.leak, bytes read as text", "file leak.log", "database file"}


def test_an_erased_identity_cannot_be_read_any_more(house: House) -> None:
    # given a woman who is known, and what is counted and owed because of her
    today = datetime.now(UTC).date().isoformat()
    stay, woman, inquiry = str(uuid4()), str(uuid4()), str(uuid4())
    house.post("intake", "/inquiries", {"inquiry_id": inquiry, "occurred_on": today, "referred_by": "self"})
    body = {"stay_id": stay, "person_id": woman, "occurred_on": today, "home_municipality": "0101", "anonymous": False}
    house.post("intake", "/stays", {**body, "inquiry_id": inquiry, "identity": IDENTITY})
    house.settle()
    with psycopg.connect(house.database) as connection:
        row = connection.execute("SELECT wrapped_key FROM intake_keys.data_keys WHERE person_id = %s", (woman,)).fetchone()
    assert row is not None
    key = bytes(row[0])
    assert _places_of(house, key) != []
    before = _remaining(house, stay, today[:4])

    # when the leader erases her, twice
    command = [sys.executable, "-m", "havn_cli", "erase", woman]
    settings = ["--url", house.stack.urls["intake"], "--token", house.stack.token("leader")]
    for _ in range(2):
        done = subprocess.run([*command, *settings], capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
    house.settle()

    # then nothing opens her identity any more, it is not taken in again, and all else is as it was
    reading = house.call("POST", "intake", f"/people/{woman}/identity/readings", {"purpose": "contact"}, role="leader")
    assert reading.status_code == 404
    assert _places_of(house, key) == []
    assert _found(house, CANARIES) == {}
    again = house.call("POST", "intake", "/stays", {**body, "stay_id": str(uuid4()), "identity": IDENTITY})
    assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (409, "identity-erased")
    assert _remaining(house, stay, today[:4]) == before
    assert house.obligations(stay)["admission-notice"]["state"] == "met"


def _places_of(house: House, key: bytes) -> list[str]:
    """Where a wrapped key lies; what is said of the write-ahead log in docs/operations.md is tested with the vault."""
    files = [*house.stack.folder.rglob("*"), *_database_files(house, "base/**/*"), *_database_files(house, "global/*")]
    found = [str(file) for file in files if file.is_file() and key in _content(file)]
    return found + (["exported spans"] if key in house.collector.raw() else [])


def _remaining(house: House, stay: str, year: str) -> tuple[Any, ...]:
    return (
        house.get("intake", f"/stays/{stay}"),
        house.get("intake", "/inquiries/counts?year=" + year),
        house.get("orchestrator", f"/cases/{stay}"),
    )

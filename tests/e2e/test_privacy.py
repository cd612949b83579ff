"""Canary names and numbers, put through every text field of every route, are nowhere but encrypted in the vault."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
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
CANARIES = (NAME, "Kanariefugl", "KANARIEFUGL", CPR, "00000042")


def _routes(house: House) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    for service, url in house.stack.urls.items():
        description = httpx.get(f"{url}/openapi.json", timeout=30).json()
        for path, methods in description["paths"].items():
            for method, operation in methods.items():
                schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
                name = schema.get("$ref", "").rsplit("/", 1)[-1]
                fields = description["components"]["schemas"].get(name, {}).get("properties", {}) if name else {}
                yield service, method.upper(), path, fields


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


def _unhexed(rows: bytes) -> bytes:
    parts = [part.split(b'"', 1)[0] for part in rows.split(b'"\\\\\\\\x')[1:]]
    return b"\n".join(bytes.fromhex(part.decode()) for part in parts)


def test_no_canary_is_stored_sent_logged_counted_or_traced(house: House) -> None:
    # given an admission with an identity, accepted into the vault
    today = datetime.now(UTC).date().isoformat()
    stay, woman = str(uuid4()), str(uuid4())
    identity = {"name": NAME, "cpr": CPR, "phone": PHONE, "note": f"{NAME} {CPR}"}
    admission = {"stay_id": stay, "person_id": woman, "occurred_on": today, "home_municipality": "0101", "anonymous": False}
    house.post("intake", "/stays", {**admission, "identity": identity}, key=f"key of {NAME} {CPR}")
    reading = house.call("POST", "intake", f"/people/{woman}/identity/readings", {"purpose": "contact"}, role="leader")
    assert reading.json()["name"] == NAME

    # when every route is sent canaries: in each field, as an unknown field, in the path, the query and the headers
    answers: list[str] = []
    for service, method, path, fields in _routes(house):
        for body in ({field: CANARIES[n % len(CANARIES)] for n, field in enumerate(fields)}, {NAME: CPR}, [NAME], NAME):
            headers = {"Idempotency-Key": f"{NAME} {CPR}", "If-Match": CPR, "User-Agent": NAME, "X-Name": NAME}
            for role in ("leader", "municipality"):
                token = house.stack.token(role, "0101" if role == "municipality" else None)
                answer = httpx.request(
                    method,
                    house.stack.urls[service] + _place(path),
                    json=body if method == "POST" else None,
                    params={"after": NAME, "municipality": CPR, "status": NAME, "year": CPR},
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
    found = {
        place: canary for place, content in _everything_stored(house) for canary in CANARIES if canary.encode() in content
    }
    assert found == {}


def test_the_search_finds_a_canary_where_there_is_one(house: House) -> None:
    with psycopg.connect(house.database) as connection:
        connection.execute("CREATE TABLE public.leak (value text, raw bytea)")
        connection.execute("INSERT INTO public.leak VALUES (%s, %s)", (NAME, CPR.encode()))
        connection.commit()
        log = house.stack.folder / "leak.log"
        log.write_text(PHONE)
        try:
            places = {p for p, content in _everything_stored(house) for canary in CANARIES if canary.encode() in content}
        finally:
            log.unlink()
            connection.execute("DROP TABLE public.leak")
            connection.commit()
    assert places == {"table public.leak", "table public.leak, bytes read as text", "file leak.log"}


def test_an_erased_identity_cannot_be_read_any_more(house: House) -> None:
    today = datetime.now(UTC).date().isoformat()
    stay, woman = str(uuid4()), str(uuid4())
    body = {"stay_id": stay, "person_id": woman, "occurred_on": today, "home_municipality": "0101", "anonymous": False}
    house.post("intake", "/stays", {**body, "identity": {"name": NAME}})
    assert house.call("DELETE", "intake", f"/people/{woman}/identity", role="leader").status_code == 204
    reading = house.call("POST", "intake", f"/people/{woman}/identity/readings", {"purpose": "contact"}, role="leader")
    assert reading.status_code == 404
    house.settle()
    assert house.obligations(stay)["admission-notice"]["state"] == "met"



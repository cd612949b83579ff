"""HTTP manners against a real PostgreSQL: accepted means committed, once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from havn_chassis.service import Context, application
from havn_embedded.tokens import Issuer
from tests.component.chassis.toy import UPSTREAM
from tests.support import settings_for

STAY = uuid4()


@pytest.fixture
def client(database: str, issuer: Issuer, tmp_path: Path) -> Iterator[TestClient]:
    context = Context(UPSTREAM, settings_for("intake", database, issuer, tmp_path))
    with TestClient(application(context), raise_server_exceptions=False) as client:
        client.headers["Authorization"] = f"Bearer {issuer.token('shelter', 'test', shelter=str(uuid4()))}"
        yield client


def report(client: TestClient, key: str, on: str = "2024-01-03", **headers: str) -> "tuple[int, dict[str, object], str | None]":
    answer = client.post(f"/stays/{STAY}/clarifications", json={"occurred_on": on}, headers={"Idempotency-Key": key, **headers})
    return answer.status_code, answer.json(), answer.headers.get("etag")


def test_an_accepted_report_is_committed_with_its_view(client: TestClient, database: str) -> None:
    assert report(client, "key-number-1") == (201, {"version": 1, "events": ["NeedsClarified"]}, '"1"')
    store = client.app.state.context.store  # type: ignore[attr-defined]
    assert store.head() > 0
    assert store.rows("SELECT times FROM counts WHERE case_id = %s", (STAY,)) == [{"times": 1}]


def test_the_same_key_gives_the_first_answer_again(client: TestClient) -> None:
    first = report(client, "key-number-1")
    assert report(client, "key-number-1") == first
    assert report(client, "key-number-2")[1]["version"] == 2
    assert report(client, "key-number-1") == first


def test_the_same_key_at_once_from_many_commits_once(client: TestClient) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: report(client, "key-number-1"), range(16)))
    assert {str(answer) for answer in answers} == {str((201, {"version": 1, "events": ["NeedsClarified"]}, '"1"'))}
    store = client.app.state.context.store  # type: ignore[attr-defined]
    assert len(store.events_after(0, 100)) == 1


def test_different_keys_at_once_are_all_kept_until_the_rule_says_no(client: TestClient) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: report(client, f"key-number-{n}"), range(8)))
    assert sorted(answer[0] for answer in answers) == [201, 201, 201, 409, 409, 409, 409, 409]


def test_the_same_key_of_one_who_works_for_two_shelters_is_two_keys(client: TestClient, issuer: Issuer) -> None:
    first = report(client, "key-number-1")
    token = issuer.token("shelter", "test", shelter=str(uuid4()))
    second = report(client, "key-number-1", Authorization=f"Bearer {token}")
    assert (first[1]["version"], second[1]["version"]) == (1, 2)


def test_the_same_key_for_another_request_is_refused(client: TestClient) -> None:
    report(client, "key-number-1")
    status, body, _ = report(client, "key-number-1", on="2024-01-04")
    assert (status, body["type"]) == (422, "https://havn.example/problems/idempotency-key-reused")


def test_a_repeat_is_answered_even_when_the_rule_would_now_refuse(client: TestClient) -> None:
    first = [report(client, f"key-number-{n}") for n in range(3)]
    assert report(client, "key-number-9")[0] == 409
    assert report(client, "key-number-0") == first[0]


def test_a_stale_version_is_refused_and_a_present_one_is_not(client: TestClient) -> None:
    report(client, "key-number-1")
    assert report(client, "key-number-2", **{"If-Match": '"7"'})[0] == 412
    assert report(client, "key-number-2", **{"If-Match": '"1"'})[0] == 201


def test_a_day_in_the_future_is_refused(client: TestClient) -> None:
    status, body, _ = report(client, "key-number-1", on="2099-01-01")
    assert (status, body["errors"][0]["rule"]) == (422, "not-in-the-future")  # type: ignore[index]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"occurred_on": 7}', b'{"occurred_on": "2024-02-30"}', b'{"occurred_on": "2024-02-03T00:00:00"}',
     b'{"occurred_on": "2024-01-03", "Zeta Testperson": 1}', b"\xff\xfe", b'{"occurred_on": "Zeta Testperson"}'],
)  # fmt: skip
def test_malformed_bodies_are_refused_without_an_echo(client: TestClient, content: bytes) -> None:
    answer = client.post(
        f"/stays/{STAY}/clarifications",
        content=content,
        headers={"Idempotency-Key": "key-number-1", "Content-Type": "application/json"},
    )
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Testperson" not in answer.text
    assert client.app.state.context.store.head() == 0  # type: ignore[attr-defined]


def test_a_body_over_the_limit_is_refused(client: TestClient) -> None:
    answer = client.post(f"/stays/{STAY}/clarifications", content=b" " * 70_000, headers={"Idempotency-Key": "key-number-1"})
    assert answer.status_code == 413


def test_without_a_token_nothing_is_said(client: TestClient, issuer: Issuer) -> None:
    for authorization in ("", "Bearer x", "Basic eA==", "Bearer " + issuer.token("shelter", "x", shelter=str(uuid4()))[:-4]):
        answer = client.post(f"/stays/{STAY}/clarifications", json={}, headers={"Authorization": authorization})
        assert answer.status_code == 401


def test_another_role_is_not_allowed(client: TestClient, issuer: Issuer) -> None:
    token = issuer.token("municipality", "x", municipality="0157")
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "key-number-1"}
    answer = client.post(f"/stays/{STAY}/clarifications", json={"occurred_on": "2024-01-03"}, headers=headers)
    assert answer.status_code == 403


def test_latency_is_measured_by_route_and_never_by_path(client: TestClient) -> None:
    report(client, "key-number-1")
    client.get("/nothing/010190-1234")
    metrics = client.get("/metrics").text
    assert 'route="/stays/{stay_id}/clarifications"' in metrics
    assert "010190" not in metrics
    assert str(STAY) not in metrics


def test_the_description_says_that_a_token_is_needed_and_what_each_parameter_is_for(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    [needed] = described["security"]
    assert described["components"]["securitySchemes"][next(iter(needed))]["scheme"] == "bearer"
    operation = described["paths"]["/stays/{stay_id}/clarifications"]["post"]
    assert [each["name"] for each in operation["parameters"] if each["in"] != "path" and "description" not in each] == []

"""Access tokens against a real issuer over HTTP: discovery, keys that change, and an issuer that is away."""

import asyncio
import json
import time
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from fastapi.testclient import TestClient
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from havn_chassis import keys
from havn_chassis.auth import Caller, IssuerAway, NotAuthenticated, Tokens
from havn_chassis.service import Context, application
from havn_chassis.settings import SettingMissing, Settings
from havn_embedded.servers import free_port
from havn_embedded.tokens import Issuer
from tests.component.chassis.toy import UPSTREAM
from tests.support import environment_for, settings_for


class Watched(Issuer):
    """Counts how often its keys are fetched, and in ``tries`` how often discovery is asked. ``also``: further keys; ``told``: what
    discovery says instead.
    """

    fetched = 0
    tries = 0
    also: tuple[dict[str, Any], ...] = ()
    told: Mapping[str, Any] = MappingProxyType({})

    @property
    def jwks(self) -> dict[str, Any]:
        self.fetched += 1
        return {"keys": [*super().jwks["keys"], *self.also]}

    @property
    def described(self) -> dict[str, Any]:
        self.tries += 1
        return {**super().described, **self.told}


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    issuer = Watched(tmp_path / "issuer").start()
    yield issuer
    issuer.stop()


@pytest.fixture(autouse=True)
def quiet_issuer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "FETCH_SECONDS", 1.0)


def leader(issuer: Issuer, **claims: Any) -> str:
    return "Bearer " + issuer.token("leader", "somebody", **{"shelter": str(uuid4()), **claims})


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 20))


async def refused(tokens: Tokens, authorization: str) -> bool:
    try:
        await tokens.caller(authorization)
    except NotAuthenticated:
        return True
    return False


def test_keys_are_found_by_discovery_once_and_a_checked_token_is_remembered(watched: Watched) -> None:
    async def story() -> None:
        tokens = Tokens(watched.url, "havn")
        callers = [await tokens.caller(leader(watched)) for _ in range(20)]
        assert {(caller.role, caller.scopes) for caller in callers} == {
            ("leader", frozenset(["havn:read", "havn:report", "havn:decide"]))
        }
        again = leader(watched)
        assert await tokens.caller(again) is await tokens.caller(again)
        assert watched.fetched == 1

    run(story())


def test_the_subject_goes_no_further_than_its_digest(watched: Watched) -> None:
    async def story() -> None:
        caller: Caller = await Tokens(watched.url, "havn").caller(leader(watched, sub="Zeta Testperson"))
        assert "Zeta" not in repr(caller)
        assert len(caller.subject) == 16

    run(story())


def test_a_new_key_is_fetched_at_once_and_the_old_ones_tokens_end_with_it(watched: Watched) -> None:
    async def story() -> None:
        tokens = Tokens(watched.url, "havn")
        old = leader(watched)
        await tokens.caller(old)
        watched.rotate()
        await tokens.caller(old)

        tokens.keys._looked_at = time.monotonic() - keys.UNKNOWN_KEY_SECONDS
        await tokens.caller(leader(watched))
        assert await refused(tokens, old)
        assert watched.fetched == 2

    run(story())


def test_a_remembered_token_of_a_withdrawn_key_ends_when_the_keys_are_renewed_by_age(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "FRESH_SECONDS", 0.2)

    async def story() -> None:
        tokens, stopping = Tokens(watched.url, "havn"), asyncio.Event()
        renewing = asyncio.create_task(tokens.keys.keep_fresh(stopping))
        old = leader(watched)
        await tokens.caller(old)
        watched.rotate()
        while not await refused(tokens, old):
            await asyncio.sleep(0.02)
        stopping.set()
        await renewing

    run(story())


def test_tokens_with_unknown_keys_make_one_request_and_no_more_for_a_while(watched: Watched) -> None:
    async def story() -> None:
        tokens = Tokens(watched.url, "havn")
        await tokens.caller(leader(watched))
        tokens.keys._looked_at = float("-inf")
        own = ec.generate_private_key(ec.SECP256R1())
        forged = ["Bearer " + jwt.encode({}, own, "ES256", {"kid": str(n)}) for n in range(30)]
        assert all(await asyncio.gather(*(refused(tokens, token) for token in forged[:15])))
        assert all([await refused(tokens, token) for token in forged[15:]])
        assert watched.fetched == 2

    run(story())


def test_the_last_known_keys_go_on_while_the_issuer_is_away(watched: Watched) -> None:
    async def story() -> None:
        tokens, later = Tokens(watched.url, "havn"), leader(watched)
        await tokens.caller(leader(watched))
        await asyncio.to_thread(watched.stop)
        assert not await tokens.keys._fetched()
        await tokens.caller(later)

    run(story())


def test_without_a_key_nobody_is_let_in_and_nobody_is_told_the_token_is_wrong(watched: Watched) -> None:
    async def story() -> None:
        tokens = Tokens(f"http://127.0.0.1:{free_port()}", "havn")
        with pytest.raises(IssuerAway):
            await tokens.caller(leader(watched))
        with pytest.raises(NotAuthenticated):
            await tokens.caller(None)

    run(story())


def test_a_service_starts_without_its_issuer_and_says_what_it_waits_for(database: str, issuer: Issuer, tmp_path: Path) -> None:
    settings = settings_for("intake", database, issuer, tmp_path, HAVN_ISSUER=f"http://127.0.0.1:{free_port()}")
    with TestClient(application(Context(UPSTREAM, settings)), raise_server_exceptions=False) as client:
        answer = client.get("/positions", headers={"Authorization": f"Bearer {issuer.token('operator', 'x')}"})
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (503, "issuer-away")
        assert answer.headers["Retry-After"]
        assert client.get("/positions").status_code == 401
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503


@pytest.mark.parametrize(
    "told", [{"issuer": "https://other.example"}, {"jwks_uri": "http://192.0.2.1/jwks"}, {"jwks_uri": "file:///etc/passwd"}]
)
def test_an_issuer_that_describes_another_or_sends_elsewhere_is_not_believed(watched: Watched, told: dict[str, Any]) -> None:
    watched.told = told

    async def story() -> None:
        with pytest.raises(IssuerAway):
            await Tokens(watched.url, "havn").caller(leader(watched))

    run(story())
    assert watched.fetched == 0


@contextmanager
def serving(content: bytes) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing is written."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/jwks"
    server.shutdown()
    server.server_close()


HALF_A_KEY = b'{"kty": "EC", "crv": "P-256", "kid": "k"'


@pytest.mark.parametrize(
    "nonsense",
    [
        b"", b"null", b"[]", b"{}", b"\xff", b"[" * 200_000, b'{"keys":' * 20_000, b'{"keys": ' + b"9" * 5_000 + b"}",
        b'{"keys": null}', b'{"keys": "x"}', b'{"keys": {}}', b'{"keys": [null]}', b'{"keys": ["x"]}', b'{"keys": [[]]}',
        b'{"keys": [' + HALF_A_KEY + b"}]}", b'{"keys": [' + HALF_A_KEY + b', "x": 5, "y": null}]}',
    ],
)  # fmt: skip
def test_an_issuer_that_publishes_nonsense_ends_nothing_and_the_known_keys_go_on(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, nonsense: bytes
) -> None:
    with serving(nonsense) as elsewhere:
        run(nothing_ends(watched, monkeypatch, {"jwks_uri": elsewhere}))


@pytest.mark.parametrize(
    "told",
    [
        {"jwks_uri": 5}, {"jwks_uri": None}, {"jwks_uri": ["https://x"]}, {"jwks_uri": "http://[::1"}, {"issuer": None},
        {"jwks_uri": "https://127.0.0.1:99999999/jwks"}, {"jwks_uri": f"https://{'x' * 300}.example/"},
        {"jwks_uri": "https://a\n.example/"}, {"jwks_uri": "https://xn--\udcff.example/"}, {"jwks_uri": "https://127.0.0.1:0/"},
    ],
)  # fmt: skip
def test_an_issuer_that_describes_itself_with_nonsense_ends_nothing_and_the_known_keys_go_on(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, told: dict[str, Any]
) -> None:
    run(nothing_ends(watched, monkeypatch, told))


async def nothing_ends(watched: Watched, monkeypatch: pytest.MonkeyPatch, told: dict[str, Any]) -> None:
    monkeypatch.setattr(keys, "FRESH_SECONDS", 0.05)
    monkeypatch.setattr(keys, "RETRY_SECONDS", 0.05)
    tokens, stopping, known = Tokens(watched.url, "havn"), asyncio.Event(), leader(watched)
    await tokens.caller(known)
    watched.told, watched.tries = told, 0
    renewing = asyncio.create_task(tokens.keys.keep_fresh(stopping))
    while watched.tries < 3 and not renewing.done():
        await asyncio.sleep(0.02)
    assert not renewing.done()
    assert not await tokens.keys._fetched()
    await tokens.caller(leader(watched))

    watched.told = {}
    watched.rotate()
    while await refused(tokens, leader(watched)):
        await asyncio.sleep(0.02)
    assert await refused(tokens, known)
    stopping.set()
    await renewing


def test_a_key_for_another_algorithm_or_another_use_is_passed_over(watched: Watched) -> None:
    private, curve = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())
    as_rsa: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(private.public_key()))
    as_ec: dict[str, Any] = json.loads(ECAlgorithm.to_jwk(curve.public_key()))
    watched.also = (
        {**as_rsa, "kid": "rsa", "alg": "RS256"}, {**as_ec, "kid": "enc", "use": "enc"}, {**as_ec, "kid": "384", "alg": "ES384"}
    )  # fmt: skip
    claims = jwt.decode(leader(watched)[7:], options={"verify_signature": False})

    async def story() -> None:
        tokens = Tokens(watched.url, "havn")
        await tokens.caller(leader(watched))
        assert await refused(tokens, "Bearer " + jwt.encode(claims, private, "RS256", {"kid": "rsa"}))
        for kid in ("enc", "384"):
            assert await refused(tokens, "Bearer " + jwt.encode(claims, curve, "ES256", {"kid": kid}))

    run(story())


@pytest.mark.parametrize(("late_by", "let_in"), [(-5, True), (20, True), (40, False)])
def test_a_token_ends_with_half_a_minute_for_clocks_that_differ(watched: Watched, late_by: int, let_in: bool) -> None:
    async def story() -> None:
        token = leader(watched, exp=int(time.time()) - late_by)
        assert await refused(Tokens(watched.url, "havn"), token) is not let_in

    run(story())


@pytest.mark.parametrize(("typ", "let_in"), [("at+jwt", True), ("JWT", True), (None, True), ("logout+jwt", False), (7, False)])
def test_the_type_of_an_access_token_is_taken_and_no_other(watched: Watched, typ: Any, let_in: bool) -> None:
    claims = jwt.decode(leader(watched)[7:], options={"verify_signature": False})
    token = jwt.encode(claims, watched._key, "ES256", {"kid": watched.key_id, "typ": typ})

    async def story() -> None:
        assert await refused(Tokens(watched.url, "havn"), f"Bearer {token}") is not let_in

    run(story())


def test_the_address_of_the_issuer_is_safe_or_the_service_does_not_start(issuer: Issuer) -> None:
    environment = environment_for("postgresql://", None, issuer, 1)
    for address in ("", "identity.example", "http://identity.example", "ftp://127.0.0.1", "https://[x", "https://x:70000"):
        with pytest.raises(SettingMissing, match="HAVN_ISSUER"):
            Settings.from_environment("intake", {**environment, "HAVN_ISSUER": address})
    assert Settings.from_environment("intake", {**environment, "HAVN_ISSUER": "https://id.example"}).audience == "havn"


def test_the_development_issuer_gives_tokens_to_its_client_only(watched: Watched) -> None:
    form = {"grant_type": "client_credentials", "role": "municipality", "municipality": "0461"}
    endpoint = httpx.get(watched.url + keys.DISCOVERY).json()["token_endpoint"]
    assert httpx.post(endpoint, data=form).status_code == 401
    assert httpx.post(endpoint, data=form, auth=("havn", "guessed")).status_code == 401
    assert httpx.post(endpoint, data={**form, "role": "king"}, auth=("havn", watched.secret)).status_code == 400
    given = httpx.post(endpoint, data=form, auth=("havn", watched.secret)).json()["access_token"]

    async def story() -> None:
        caller = await Tokens(watched.url, "havn").caller(f"Bearer {given}")
        assert (caller.role, caller.municipality) == ("municipality", "0461")

    run(story())

"""A development issuer on the loopback interface: what a city's OpenID Connect provider is elsewhere.

It serves discovery, its public keys, and tokens against a client secret (OAuth 2.0 client credentials, RFC 6749 section 4.4).
"""

import base64
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Self, get_args
from urllib.parse import parse_qs
from uuid import NAMESPACE_URL, uuid5

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from havn_chassis.auth import Role, Scope
from havn_chassis.keys import DISCOVERY

AUDIENCE = "havn"
DAYS = 30
MAX_BODY_BYTES = 4096
CLIENT = "havn"

SCOPES: Mapping[Role, tuple[Scope, ...]] = {
    "shelter": ("havn:read", "havn:report"),
    "leader": ("havn:read", "havn:report", "havn:decide"),
    "psychologist": ("havn:read", "havn:report"),
    "adviser": ("havn:read", "havn:report"),
    "municipality": ("havn:read", "havn:report", "havn:decide"),
    "operator": ("havn:read", "havn:operate"),
    "auditor": ("havn:read",),
}
"""What a token for each role may be used for, unless it is asked for less."""


class Issuer:
    """A signing key in a folder of its own, and the server that publishes its public half. ``secret``: what a client shows."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._private = folder / "issuer.pem"
        self._key = _stored(self._private) if self._private.exists() else self._made()
        self.secret = secrets.token_urlsafe(24)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> Self:
        """Serve until stopped."""
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, name="issuer", daemon=True).start()
        return self

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def rotate(self) -> None:
        """Sign with a new key from now on, and publish that one alone."""
        self._key = self._made()

    def _made(self) -> ec.EllipticCurvePrivateKey:
        key = ec.generate_private_key(ec.SECP256R1())
        self._private.touch(mode=0o600)
        self._private.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        return key

    @property
    def jwks(self) -> dict[str, Any]:
        """The public key, as it is published."""
        jwk: dict[str, Any] = json.loads(ECAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [{**jwk, "kid": self.key_id, "use": "sig", "alg": "ES256"}]}

    @property
    def key_id(self) -> str:
        """The key's name, which is another for each key."""
        jwk: dict[str, Any] = json.loads(ECAlgorithm.to_jwk(self._key.public_key()))
        return str(jwk["x"][:16])

    @property
    def described(self) -> dict[str, Any]:
        """What discovery answers."""
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/jwks",
            "token_endpoint": f"{self.url}/token",
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "scopes_supported": list(get_args(Scope)),
        }

    def token(self, role: Role, subject: str, **claims: str | int) -> str:
        """A token for one role. ``claims``: what the role has beside it (``shelter``, ...), and any claim that is to be another.

        A psychologist's or an adviser's id follows from the subject where none is given.
        """
        now = int(time.time())
        professional: dict[str, Any] = {role: str(uuid5(NAMESPACE_URL, subject))} if role in ("psychologist", "adviser") else {}
        payload: dict[str, Any] = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": subject,
            "role": role,
            "scope": " ".join(SCOPES[role]),
            "iat": now,
            "exp": now + DAYS * 86400,
            **professional,
            **claims,
        }
        return jwt.encode(payload, self._key, algorithm="ES256", headers={"kid": self.key_id, "typ": "at+jwt"})

    def answer(self, authorization: str | None, form: Mapping[str, list[str]]) -> tuple[int, dict[str, Any]]:
        """What a client that asks for a token gets. ``role`` and what goes with it come as further parameters."""
        shown = base64.b64encode(f"{CLIENT}:{self.secret}".encode()).decode()
        if not hmac.compare_digest((authorization or "").encode(), f"Basic {shown}".encode()):
            return 401, {"error": "invalid_client"}
        asked = {name: values[0] for name, values in form.items()}
        role = asked.pop("role", "")
        if asked.pop("grant_type", "") != "client_credentials":
            return 400, {"error": "unsupported_grant_type"}
        known: Role | None = next((known for known in SCOPES if known == role), None)
        if known is None or asked.keys() - {"shelter", "municipality", "psychologist", "adviser", "scope"}:
            return 400, {"error": "invalid_request"}
        token = self.token(known, f"development-{role}", **asked)
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": DAYS * 86400}


def _stored(file: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{file} holds no elliptic curve key; remove it to have a new one made")
    return key


def _handler(issuer: Issuer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            if self.path == DISCOVERY:
                self._send(200, issuer.described)
            elif self.path == "/jwks":
                self._send(200, issuer.jwks)
            else:
                self._send(404, {"error": "not_found"})

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.path != "/token" or not length.isdecimal() or int(length) > MAX_BODY_BYTES:
                self._send(404, {"error": "not_found"})
                return
            form = parse_qs(self.rfile.read(int(length)).decode("latin-1"))
            self._send(*issuer.answer(self.headers.get("Authorization"), form))

        def _send(self, status: int, body: Mapping[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing of a request is written anywhere."""

    return Handler

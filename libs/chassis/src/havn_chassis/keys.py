"""The issuer's public keys: found by OpenID Connect discovery, fetched beside the requests, kept while the issuer is away."""

import asyncio
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import jwt
from pydantic import BaseModel

from havn_chassis.telemetry import log

ALGORITHM = "ES256"
"""The one signature that is accepted; keys for any other are passed over."""
DISCOVERY = "/.well-known/openid-configuration"
FRESH_SECONDS = 300.0
"""How old the keys may become while the issuer answers, and so how long one that was withdrawn may still count."""
RETRY_SECONDS = 5.0
UNKNOWN_KEY_SECONDS = 30.0
"""A token that names an unknown key makes the keys be fetched at once, at most this often."""
NO_KEYS_SECONDS = 1.0
FETCH_SECONDS = 5.0
MAX_BYTES = 256 * 1024
_LOOPBACK = frozenset(["127.0.0.1", "::1", "localhost"])


class _Described(BaseModel):
    issuer: str
    jwks_uri: str


class _Published(BaseModel):
    keys: list[dict[str, Any]]


M = TypeVar("M", bound=BaseModel)


def is_safe(url: str) -> bool:
    """Whether keys may be fetched there: HTTPS, or HTTP that does not leave the machine."""
    try:
        parts = urlsplit(url)
        reachable = parts.port != 0
    except ValueError:
        return False
    if parts.scheme == "http":
        return reachable and parts.hostname in _LOOPBACK
    return reachable and parts.scheme == "https" and bool(parts.hostname)


class IssuerKeys:
    """The keys of one issuer, by their ids. Used from one event loop.

    ``changed`` is called whenever the keys are others than before. ``ca_file``: whom to trust for the issuer's certificate.
    """

    def __init__(self, issuer: str, ca_file: Path | None, changed: Callable[[], None]) -> None:
        self._issuer = issuer
        self._tls = ssl.create_default_context(cafile=ca_file) if issuer.startswith("https:") else True
        self._changed = changed
        self._keys: dict[str, jwt.PyJWK] | None = None
        self._published: _Published | None = None
        self._looked_at = float("-inf")
        self._under_way: asyncio.Task[bool] | None = None

    @property
    def known(self) -> bool:
        """Whether the issuer has been reached since the start."""
        return self._keys is not None

    def get(self, key_id: object) -> jwt.PyJWK | None:
        """The key of that id, as far as it is known."""
        return self._keys.get(key_id) if self._keys is not None and isinstance(key_id, str) else None

    async def keep_fresh(self, stopping: asyncio.Event) -> None:
        """Fetch the keys now, and again before they are too old, until told to stop."""
        while not stopping.is_set():
            pause = FRESH_SECONDS if await self._fetched() else RETRY_SECONDS
            try:
                await asyncio.wait_for(stopping.wait(), pause)
            except TimeoutError:
                continue

    async def look_again(self) -> None:
        """For a token that names an unknown key: back when the keys have been fetched, or at once where that was tried just now."""
        if self._under_way is None:
            pause = UNKNOWN_KEY_SECONDS if self.known else NO_KEYS_SECONDS
            if time.monotonic() - self._looked_at < pause:
                return
        self._looked_at = time.monotonic()
        await self._fetched()

    async def _fetched(self) -> bool:
        before = self._under_way
        if before is None:
            self._under_way = before = asyncio.create_task(self._fetch(), name="issuer-keys")
        await asyncio.shield(before)
        return before.result()

    async def _fetch(self) -> bool:
        try:
            async with asyncio.timeout(2 * FETCH_SECONDS), self._client() as client:
                described = await _read(client, self._issuer.rstrip("/") + DISCOVERY, _Described)
                if described.issuer != self._issuer:
                    raise ValueError("another issuer describes itself there")
                self._take(await _read(client, described.jwks_uri, _Published))
        except (httpx.HTTPError, httpx.InvalidURL, jwt.PyJWTError, OSError, ValueError, KeyError, TypeError) as error:
            log.warning("issuer-keys-not-fetched", error=type(error).__name__)
            return False
        finally:
            self._under_way = None
        return True

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(verify=self._tls, timeout=FETCH_SECONDS, trust_env=False)

    def _take(self, published: _Published) -> None:
        if published == self._published:
            return
        usable = (jwt.PyJWK(key) for key in published.keys if _is_usable(key))
        self._keys = {str(key.key_id): key for key in usable}
        self._published = published
        self._changed()


def _is_usable(key: dict[str, Any]) -> bool:
    return (
        (key.get("kty"), key.get("crv")) == ("EC", "P-256")
        and key.get("alg", ALGORITHM) == ALGORITHM
        and key.get("use", "sig") == "sig"
        and isinstance(key.get("kid"), str)
    )


async def _read(client: httpx.AsyncClient, url: str, model: type[M]) -> M:
    """A document of that shape. Raises ValueError for anything else, and for a place that is not safe."""
    if not is_safe(url):
        raise ValueError("not a safe place for keys")
    content = b""
    async with client.stream("GET", url) as answer:
        answer.raise_for_status()
        if answer.status_code != httpx.codes.OK:
            raise ValueError("not the document itself")
        async for part in answer.aiter_bytes():
            content += part
            if len(content) > MAX_BYTES:
                raise ValueError("too large")
    return model.model_validate_json(content)

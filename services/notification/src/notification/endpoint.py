"""Requests to an address that a municipality named: never to where we do not mean to go, and never longer than allowed.

The name is looked up once for each request, every address of it is checked, and the request goes to the address that was checked.
"""

import asyncio
import base64
import hashlib
import hmac
import socket
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from types import TracebackType
from typing import Self
from uuid import UUID

import certifi
import httpx

from havn_chassis.decider import Refused

SECRET_PREFIX = "whsec_"
ORIGIN = "havn.example"
UNICAST = IPv6Network("2000::/3")
"""All of IPv6 that is given out for the internet; NAT64, site-local and translated addresses lie outside."""


class Endpoint:
    """One municipality's endpoint. Its connections and its name look-ups are its own, so that its slowness is too."""

    def __init__(self, url: str, *, private_allowed: bool, seconds: float) -> None:
        self._url = httpx.URL(url)
        self._private_allowed = private_allowed
        self._seconds = seconds
        self._lookup = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lookup")
        self._client = httpx.AsyncClient(
            verify=_tls(), timeout=seconds, trust_env=False, follow_redirects=False, limits=httpx.Limits(max_connections=1)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._lookup.shutdown(wait=False, cancel_futures=True)
        await self._client.aclose()

    async def request(self, method: str, headers: Mapping[str, str], body: bytes = b"") -> tuple[int, httpx.Headers]:
        """Status and headers of the answer; its body is not read.

        Raises Refused for an address that is not allowed, and httpx.HTTPError, OSError or TimeoutError for no answer in time.
        """
        async with asyncio.timeout(self._seconds):
            address = await self._address()
            host = self._url.netloc.decode("ascii")
            async with self._client.stream(
                method,
                self._url.copy_with(host=address),
                headers={**headers, "Host": host, "User-Agent": "Havn"},
                content=body or None,
                extensions={"sni_hostname": self._url.host},
            ) as answer:
                return answer.status_code, answer.headers

    async def _address(self) -> str:
        host, port = self._url.host, self._url.port or 443
        found = await asyncio.get_running_loop().run_in_executor(
            self._lookup, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        check(self._url, addresses, private_allowed=self._private_allowed)
        return str(addresses[0])


def check(url: httpx.URL, addresses: list[IPv4Address | IPv6Address], *, private_allowed: bool) -> None:
    """Raises Refused unless the URL is https and all its addresses public; on one's own machine http and private ones may be."""
    if url.scheme != "https" and not (private_allowed and all(address.is_loopback for address in addresses)):
        raise Refused("webhook-url-not-https", "A webhook's URL begins with https://.", field="url", kind="invalid")
    if not private_allowed and not all(_public(address) for address in addresses):
        raise _not_public()


def _public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner:
            return _public(inner)
        if address.teredo or address not in UNICAST:
            return False
    return address.is_global and not address.is_multicast


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    # The public authorities, whatever the environment names for the platform's own connections.
    return ssl.create_default_context(cafile=certifi.where())


async def shake_hands(endpoint: Endpoint) -> None:
    """Ask the endpoint whether it wants our messages, as the CloudEvents webhook specification has it. Raises Refused."""
    try:
        status, headers = await endpoint.request("OPTIONS", {"WebHook-Request-Origin": ORIGIN})
    except socket.gaierror as error:
        # As for a name inside: which ones there are is nobody's to find out.
        raise _not_public() from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError, UnicodeError) as error:
        raise _not_validated() from error
    if not 200 <= status < 300 or headers.get("WebHook-Allowed-Origin") not in (ORIGIN, "*"):
        raise _not_validated()


def _not_public() -> Refused:
    return Refused(
        "webhook-address-not-public",
        "The host of the webhook's URL must be found and reachable on the internet: all its addresses must be public.",
        field="url",
        kind="invalid",
    )


def _not_validated() -> Refused:
    return Refused(
        "webhook-not-validated",
        f"The endpoint must answer OPTIONS in time with status 200 and the header WebHook-Allowed-Origin: {ORIGIN}.",
        field="url",
    )


def signed(secret: str, message_id: UUID, sent_at: datetime, body: bytes) -> dict[str, str]:
    """The headers of Standard Webhooks: HMAC-SHA256 over id, second and body, with the secret's bytes as the key."""
    second = str(int(sent_at.timestamp()))
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    digest = hmac.digest(key, f"{message_id}.{second}.".encode() + body, hashlib.sha256)
    return {
        "webhook-id": str(message_id),
        "webhook-timestamp": second,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }

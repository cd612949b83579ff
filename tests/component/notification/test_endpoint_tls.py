"""Whom a webhook is handed to: only the one whose name an authority that is trusted has confirmed. Real TLS on loopback."""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import certifi
import httpx
import pytest
from cryptography import x509

from notification import endpoint
from tests.certificates import issue_certificates

NAME = "localhost"


class Receiver(BaseHTTPRequestHandler):
    """Takes every message."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@contextlib.contextmanager
def receiving(certificates: Path, names_asked_for: list[str | None]) -> Iterator[str]:
    """A receiver with this certificate where ``localhost`` leads to; its URL."""
    family, _, _, _, address = socket.getaddrinfo(NAME, 0, type=socket.SOCK_STREAM)[0]
    server = type("Server", (HTTPServer,), {"address_family": family})((address[0], 0), Receiver)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificates / "tls.crt", certificates / "tls.key")
    tls.sni_callback = lambda _, name, __: names_asked_for.append(name)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"https://{NAME}:{server.server_port}/havn"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def trust(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Set ``certifi.where`` to trust another list of authorities than the public ones."""
    endpoint._tls.cache_clear()
    yield monkeypatch
    endpoint._tls.cache_clear()


async def post(url: str) -> int:
    async with endpoint.Endpoint(url, private_allowed=True, seconds=10) as municipality:
        status, _ = await municipality.request("POST", {}, b"{}")
        return status


def test_the_name_of_the_url_is_asked_for_and_confirmed(tmp_path: Path, trust: pytest.MonkeyPatch) -> None:
    # given a receiver with a certificate of its own name, by an authority that is trusted
    certificates = issue_certificates(tmp_path / "own", x509.DNSName(NAME))
    trust.setattr(certifi, "where", lambda: str(certificates / "ca.crt"))
    asked: list[str | None] = []
    with receiving(certificates, asked) as url:
        # when a message is handed to it, then it takes it, and was asked for by its name though its address was looked up before
        assert asyncio.run(post(url)) == 204
    assert asked == [NAME]


def test_another_ones_certificate_is_not_taken(tmp_path: Path, trust: pytest.MonkeyPatch) -> None:
    certificates = issue_certificates(tmp_path / "other", x509.DNSName("somebody-else.invalid"))
    trust.setattr(certifi, "where", lambda: str(certificates / "ca.crt"))
    with receiving(certificates, []) as url, pytest.raises(httpx.ConnectError, match="Hostname mismatch"):
        asyncio.run(post(url))


def test_a_certificate_by_an_authority_that_is_not_trusted_is_not_taken(tmp_path: Path, trust: pytest.MonkeyPatch) -> None:
    certificates = issue_certificates(tmp_path / "own", x509.DNSName(NAME))
    trusted = issue_certificates(tmp_path / "trusted", x509.DNSName(NAME))
    trust.setattr(certifi, "where", lambda: str(trusted / "ca.crt"))
    with receiving(certificates, []) as url, pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        asyncio.run(post(url))


def test_what_the_environment_trusts_for_the_platforms_own_connections_is_not_trusted_here(
    tmp_path: Path, trust: pytest.MonkeyPatch
) -> None:
    certificates = issue_certificates(tmp_path / "own", x509.DNSName(NAME))
    trust.setenv("SSL_CERT_FILE", str(certificates / "ca.crt"))
    with receiving(certificates, []) as url, pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        asyncio.run(post(url))

"""Requests that no client of ours sends, over real sockets to a real process: refused in time, and nobody else notices."""

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest

from havn_chassis.connections import HEAD_SECONDS
from havn_chassis.http import BODY_SECONDS
from havn_embedded.servers import Postgres
from havn_embedded.tokens import Issuer
from tests.conftest import make_database
from tests.processes import Running, eventually
from tests.support import environment_for

PATH = f"/stays/{uuid4()}/clarifications"
IN_TIME = 8.0
"""Seconds within which what is refused at once is refused, on a loaded machine."""


@dataclass
class Place:
    """The running service, and one who behaves."""

    running: Running
    token: str

    def is_well(self) -> bool:
        """Whether a report is accepted."""
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": str(uuid4())}
        path = f"/stays/{uuid4()}/clarifications"
        answer = httpx.post(self.running.url + path, json={"occurred_on": "2024-01-03"}, headers=headers, timeout=5)
        return answer.status_code == 201

    def head(self, *lines: str, token: str | None = None) -> bytes:
        """The head of a report, with more lines."""
        first = (f"POST {PATH} HTTP/1.1", "Host: havn", f"Authorization: Bearer {token or self.token}")
        return "\r\n".join([*first, f"Idempotency-Key: {uuid4()}", "Content-Type: application/json", *lines, "", ""]).encode()

    def visit(self, *pieces: bytes) -> bytes:
        """What is answered to these pieces, nothing where the connection is closed. Fails where neither happens in time."""
        with socket.create_connection(("127.0.0.1", self.running.port), timeout=IN_TIME) as guest:
            try:
                for piece in pieces:
                    guest.sendall(piece)
                return guest.recv(65536)
            except (ConnectionResetError, BrokenPipeError):
                return b""


@pytest.fixture(scope="module")
def place(postgres: Postgres, issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with make_database(postgres) as database:
        environment = environment_for(database, None, issuer, 0)
        running = Running(("tests.component.chassis.toy", "intake"), environment, tmp_path_factory.mktemp("guests") / "log")
        running.start().wait_alive()
        place = Place(running, issuer.token("shelter", "test", shelter=str(uuid4())))
        try:
            eventually(place.is_well, what="the service accepting reports")
            yield place
        finally:
            running.stop()


def _with_body(body: bytes) -> Callable[[Place], list[bytes]]:
    return lambda place: [place.head(f"Content-Length: {len(body)}"), body]


CHUNK = b"400\r\n" + b" " * 1024 + b"\r\n"
AT_ONCE: dict[str, Callable[[Place], list[bytes]]] = {
    "100,000 brackets": _with_body(b"[" * 100_000),
    "as many brackets as a body may hold": _with_body(b"[" * 65_000),
    "as many nested objects as a body may hold": _with_body(b'{"a":' * 13_000),
    "a number of 60,000 digits": _with_body(b'{"occurred_on": ' + b"9" * 60_000 + b"}"),
    "a body that is not UTF-8": _with_body(b'{"occurred_on": "\xff\xfe"}'),
    "a lone surrogate": _with_body(rb'{"occurred_on": "\ud800"}'),
    "ten megabytes": _with_body(b" " * 10_000_000),
    "a length that is no number": lambda place: [place.head("Content-Length: 1e3")],
    "a length of 5,000 digits": lambda place: [place.head("Content-Length: " + "9" * 5000)],
    "two lengths": lambda place: [place.head("Content-Length: 2", "Content-Length: 3"), b"{}"],
    "a length and chunks": lambda place: [place.head("Content-Length: 2", "Transfer-Encoding: chunked"), b"0\r\n\r\n"],
    "chunks without end": lambda place: [place.head("Transfer-Encoding: chunked"), *[CHUNK] * 100],
    "a chunk of 2^64 bytes": lambda place: [place.head("Transfer-Encoding: chunked"), b"ffffffffffffffff\r\n", b" " * 100_000],
    "a chunk's length without end": lambda place: [place.head("Transfer-Encoding: chunked"), b"1;" + b"a" * 1_000_000],
    "a million headers": lambda place: [place.head()[:-2], b"".join(b"X-%d: y\r\n" % n for n in range(1_000_000)), b"\r\n"],
    "a header of a megabyte": lambda place: [place.head("X: " + "y" * 1_000_000)],
    "a header that is not ASCII": lambda place: [place.head("traceparent: ").replace(b"traceparent: ", b"traceparent: \xff\xfe")],
    "a token that is not ASCII": lambda place: [place.head().replace(b"Bearer ", b"Bearer \xff\xfe")],
    "a query of a megabyte": lambda _: [b"GET /positions?after=" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: havn\r\n\r\n"],
    "a path that is not UTF-8": lambda _: [b"GET /stays/%ff%fe%00 HTTP/1.1\r\nHost: havn\r\n\r\n"],
    "bytes that are no HTTP": lambda _: [bytes(range(256)) * 100],
    "TLS": lambda _: [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 600, b"\r\n\r\n"],
}


@pytest.mark.parametrize("guest", AT_ONCE)
def test_what_is_too_large_too_deep_or_malformed_is_refused_at_once(place: Place, guest: str) -> None:
    answer = place.visit(*AT_ONCE[guest](place))
    assert answer == b"" or answer.split(b" ")[1].startswith(b"4"), answer[:200]
    assert place.is_well()


def test_chunks_without_end_are_not_read_for_ever_by_one_who_is_not_let_in(place: Place) -> None:
    for token in (None, "x.y.z"):
        head = place.head("Transfer-Encoding: chunked", token=token)
        with socket.create_connection(("127.0.0.1", place.running.port), timeout=IN_TIME) as guest:
            guest.sendall(head)
            with pytest.raises((ConnectionResetError, BrokenPipeError)):
                guest.sendall(CHUNK * 100_000)


TRICKLES: dict[str, tuple[Callable[[Place], list[bytes]], float]] = {
    "nothing at all": (lambda _: [b""], HEAD_SECONDS),
    "a head, a byte now and then": (lambda _: [b"GET /healthz HTTP/1.1\r\nX: ", b"y"], HEAD_SECONDS),
    "headers, one now and then": (lambda _: [b"GET /healthz HTTP/1.1\r\n", b"X: y\r\n"], HEAD_SECONDS),
    "a body, a byte now and then": (lambda place: [place.head("Content-Length: 5000"), b" "], BODY_SECONDS),
    "chunks, one now and then": (lambda place: [place.head("Transfer-Encoding: chunked"), b"1\r\n \r\n"], BODY_SECONDS),
    "a body that never comes": (lambda place: [place.head("Content-Length: 5000"), b""], BODY_SECONDS),
    "a second request, a byte now and then": (
        lambda _: [b"GET /healthz HTTP/1.1\r\nHost: havn\r\n\r\nGET /healthz HTTP/1.1\r\nX: ", b"y"], HEAD_SECONDS
    ),
}  # fmt: skip


def test_what_comes_too_slowly_is_ended_in_time_and_everybody_else_is_served_meanwhile(place: Place) -> None:
    # given many of each at once
    guests = [(name, *trickle) for name, trickle in TRICKLES.items() for _ in range(10)]

    def stay(guest: tuple[str, Callable[[Place], list[bytes]], float]) -> tuple[str, float, bytes]:
        name, pieces, seconds = guest
        begun = time.monotonic()
        with socket.create_connection(("127.0.0.1", place.running.port), timeout=1) as connection:
            first, again = (*pieces(place), b"")[:2]
            connection.settimeout(0.5)
            said = b""
            try:
                connection.sendall(first)
                while time.monotonic() - begun < seconds + IN_TIME:
                    try:
                        heard = connection.recv(65536)
                        if not heard:
                            break
                        said += heard
                    except TimeoutError:
                        connection.sendall(again)
            except (ConnectionResetError, BrokenPipeError):
                pass
        return name, time.monotonic() - begun - seconds, said

    with ThreadPoolExecutor(len(guests)) as pool:
        stays = [pool.submit(stay, guest) for guest in guests]
        # when somebody else reports meanwhile
        while not all(each.done() for each in stays):
            assert place.is_well()
            time.sleep(0.5)
    # then each was ended when its time was over, with an answer that says so or without one
    for name, over, said in (each.result() for each in stays):
        assert over < IN_TIME, name
        statuses = {line.split(b" ")[1] for line in said.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")}
        assert statuses <= ({b"200"} if "second" in name else {b"408"}), (name, said)
    assert place.is_well()

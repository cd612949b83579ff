"""A NATS client that keeps no rules: it says whatever a stranger might, and tells all that the server answers."""

import base64
import json
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import nkeys

from tests.processes import PATIENCE_SECONDS

REFUSED = re.compile(r"-ERR 'Permissions Violation for (Publish|Subscription) to \"(\S+)\"")


@dataclass(frozen=True)
class Message:
    """What arrived on a subscription, ``sid`` being its number. ``header``: headers as they came, a status in its first line."""

    sid: int
    subject: str
    reply: str
    header: bytes
    payload: bytes

    @property
    def good(self) -> bool:
        """Whether it is what was asked for, and no refusal by the server or by JetStream."""
        return not re.match(rb"NATS/1.0 [45]", self.header) and b'"error"' not in self.payload


class Lines:
    """One connection: ``seed`` for a municipality, ``user`` and ``password`` for the platform."""

    def __init__(self, port: int, *, seed: str | None = None, user: str | None = None, password: str | None = None) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        self._lines = self._socket.makefile("rb")
        self.info: dict[str, Any] = json.loads(self._lines.readline().removeprefix(b"INFO "))
        options: dict[str, Any] = {"verbose": False, "pedantic": False, "headers": True, "no_responders": True}
        if seed:
            pair = nkeys.from_seed(bytearray(seed.encode()))
            signature = base64.b64encode(pair.sign(self.info["nonce"].encode())).decode()
            options |= {"nkey": pair.public_key.decode(), "sig": signature}
        if user:
            options |= {"user": user, "pass": password}
        self._sids = 0
        self.messages: list[Message] = []
        self.errors: list[str] = []
        self._say(f"CONNECT {json.dumps(options)}\r\n".encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._lines.close()
        self._socket.close()

    def subscribe(self, subject: str, queue: str = "") -> int:
        """Ask for everything on a subject; the subscription's number."""
        self._sids += 1
        self._say(f"SUB {subject} {queue} {self._sids}\r\n".encode())
        return self._sids

    def publish(self, subject: str, payload: bytes = b"", reply: str = "", **headers: str) -> None:
        """Say something on a subject. ``headers``: with ``_`` for ``-``."""
        if not headers:
            self._say(f"PUB {subject} {reply} {len(payload)}\r\n".encode() + payload + b"\r\n")
            return
        fields = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        head = f"NATS/1.0\r\n{fields}\r\n".encode()
        self._say(f"HPUB {subject} {reply} {len(head)} {len(head) + len(payload)}\r\n".encode() + head + payload + b"\r\n")

    def publish_all(self, subjects: Iterable[str]) -> None:
        """Say nothing on each of these subjects."""
        self._say(b"".join(f"PUB {subject} 0\r\n\r\n".encode() for subject in subjects))

    def flush(self) -> Self:
        """Read until the server has handled everything that was said. Raises ConnectionError where it hangs up instead."""
        self._say(b"PING\r\n")
        while self._read() != "PONG":
            pass
        return self

    def await_message(self, sid: int) -> Message:
        """The next message of a subscription, which is taken. Raises TimeoutError or ConnectionError where none comes."""
        while not (found := [message for message in self.messages if message.sid == sid]):
            self._read()
        self.messages.remove(found[0])
        return found[0]

    def request(self, subject: str, payload: bytes = b"", inbox: str = "_INBOX.answer") -> Message:
        """Ask, and wait for the first answer."""
        sid = self.subscribe(inbox)
        self.publish(subject, payload, inbox)
        answer = self.await_message(sid)
        self._say(f"UNSUB {sid}\r\n".encode())
        return answer

    def refused(self) -> set[str]:
        """The subjects that the server refused to publish on or to subscribe to."""
        return {found[2] for error in self.errors if (found := REFUSED.match(error))}

    def await_end(self) -> None:
        """Read until the server hangs up. Raises TimeoutError where it does not."""
        try:
            while True:
                self._read()
        except ConnectionError:
            return

    def _say(self, text: bytes) -> None:
        self._socket.sendall(text)

    def _read(self) -> str:
        raw = self._lines.readline()
        if not raw:
            raise ConnectionError("the server hung up")
        line = raw.decode().strip()
        word, _, rest = line.partition(" ")
        if word == "PING":
            self._say(b"PONG\r\n")
        elif word == "-ERR":
            self.errors.append(line)
        elif word in ("MSG", "HMSG"):
            headed = word == "HMSG"
            subject, sid, *more = rest.split(" ")
            size, head = int(more[-1]), int(more[-2]) if headed else 0
            reply = more[0] if len(more) == 2 + headed else ""
            body = self._lines.read(size + 2)[:-2]
            self.messages.append(Message(int(sid), subject, reply, body[:head], body[head:]))
        return line

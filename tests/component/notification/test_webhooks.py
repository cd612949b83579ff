"""Webhooks against real HTTP receivers on this machine: validated, signed, in order, tried again, suspended, and each alone."""

import base64
import contextlib
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet, MultiFernet
from fastapi.testclient import TestClient

from havn_chassis.service import Context, application
from havn_embedded.tokens import Issuer
from notification.delivery import PATIENCE, PRIVATE_ALLOWED
from notification.domain.webhook import Patience
from notification.main import SERVICE
from notification.sealing import SEALING
from tests.component.notification.test_notification import GENTOFTE, ODENSE, House, events_of, eventually
from tests.support import settings_for

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
SEALED_WITH = MultiFernet([Fernet(Fernet.generate_key())])
QUICK = Patience(
    first=timedelta(milliseconds=20),
    longest=timedelta(milliseconds=100),
    in_all=timedelta(milliseconds=700),
    attempt=timedelta(seconds=2),
)


@dataclass
class Receiver:
    """A municipality's endpoint. ``statuses``: what it answers next, 204 when there are none; ``hangs``: it never answers."""

    allowed: str = "havn.example"
    statuses: list[int] = field(default_factory=list)
    always: int = 204
    hangs: bool = False
    asked: list[dict[str, str]] = field(default_factory=list)
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def bodies(self) -> list[Any]:
        return [json.loads(body) for _, body in self.received]


@contextlib.contextmanager
def receiving(receiver: Receiver) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self, status: int, **headers: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": "0", **{n.replace("_", "-"): v for n, v in headers.items()}}.items():
                self.send_header(name, value)
            self.end_headers()

        def do_OPTIONS(self) -> None:
            receiver.asked.append({name.lower(): value for name, value in self.headers.items()})
            self._answer(200, WebHook_Allowed_Origin=receiver.allowed)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
            if receiver.hangs:
                receiver.released.wait(30)
                self.close_connection = True
                return
            self._answer(receiver.statuses.pop(0) if receiver.statuses else receiver.always, Location=receiver.url + "/elsewhere")

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/havn"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.released.set()
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def housed(
    database: str,
    issuer: Issuer,
    folder: Path,
    *,
    patience: Patience = QUICK,
    private: bool = True,
    sealing: MultiFernet | None = SEALED_WITH,
) -> Iterator[House]:
    settings = {**SERVICE.settings, PATIENCE: patience, PRIVATE_ALLOWED: private, SEALING: sealing}
    service = replace(SERVICE, settings=settings)
    context = Context(service, settings_for("notification", database, issuer, folder))
    with TestClient(application(context), raise_server_exceptions=False) as client:
        house = House(client, context, issuer)
        house.case_opens()
        yield house


@pytest.fixture
def house(database: str, issuer: Issuer, tmp_path: Path) -> Iterator[House]:
    with housed(database, issuer, tmp_path) as house:
        yield house


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(Receiver()) as receiver:
        yield receiver


def register(house: House, url: str, code: str = ODENSE, secret: str = SECRET, key: str | None = None) -> Any:
    token = house.issuer.token("municipality", "municipality", municipality=code)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key or str(uuid4())}
    return house.client.put("/webhook", json={"url": url, "secret": secret}, headers=headers)


def rule_of(answer: Any) -> str:
    rule: str = answer.json()["type"].rpartition("/")[2]
    return rule


def test_what_the_feed_holds_is_delivered_in_order_and_signed_byte_for_byte(house: House, receiver: Receiver) -> None:
    house.happens(house.opened("admission-notice"))
    assert register(house, receiver.url).status_code == 201
    for _ in range(5):
        house.happens(house.opened("psychology-woman", "home-municipality"))
    eventually(lambda: len(receiver.received) == 6)
    page = house.municipality("/feed").json()
    assert receiver.bodies() == page["items"]
    for headers, body in receiver.received:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{expected}"
        assert headers["webhook-id"] == json.loads(body)["id"]
        assert headers["content-type"] == "application/cloudevents+json"
    assert receiver.asked[0]["webhook-request-origin"] == "havn.example"
    eventually(lambda: house.municipality("/webhook").json()["delivered"] == page["next"])
    shown = house.municipality("/webhook")
    assert (shown.json()["state"], SECRET in shown.text) == ("delivering", False)
    assert house.municipality("/webhook", GENTOFTE).status_code == 404


@pytest.mark.parametrize("failure", [500, 302, 404])
def test_what_is_not_taken_is_sent_again_before_anything_else(house: House, receiver: Receiver, failure: int) -> None:
    receiver.statuses = [204, failure, failure]
    assert register(house, receiver.url).status_code == 201
    for _ in range(3):
        house.happens(house.opened("psychology-woman", "home-municipality"))
    eventually(lambda: len(receiver.received) == 5)
    first, second, third = [item["id"] for item in house.municipality("/feed").json()["items"]]
    assert [body["id"] for body in receiver.bodies()] == [first, second, second, second, third]
    eventually(lambda: house.municipality("/webhook").json()["state"] == "delivering")


def test_an_endpoint_that_fails_to_the_end_is_suspended_and_resumes_when_registered_again(house: House, receiver: Receiver) -> None:
    receiver.always = 500
    assert register(house, receiver.url).status_code == 201
    house.happens(house.opened("psychology-woman", "home-municipality"))
    eventually(lambda: house.municipality("/webhook").json()["state"] == "failing")
    eventually(lambda: house.municipality("/webhook").json()["state"] == "suspended")
    assert [event.type_name() for event in events_of(house)] == ["WebhookRegistered", "MunicipalityInformed", "WebhookSuspended"]
    assert 'havn_webhooks{state="suspended"} 1.0' in house.client.get("/metrics").text
    tried = len(receiver.received)
    assert tried >= 3
    receiver.always = 204
    house.happens(house.opened("psychology-woman", "home-municipality"))
    assert len(receiver.received) == tried
    assert register(house, receiver.url).status_code == 201
    eventually(lambda: len(receiver.received) == tried + 2)
    assert [body["id"] for body in receiver.bodies()[tried:]] == [i["id"] for i in house.municipality("/feed").json()["items"]]


def test_one_that_hangs_delays_no_other(database: str, issuer: Issuer, tmp_path: Path, receiver: Receiver) -> None:
    with (
        receiving(Receiver(hangs=True)) as hanging,
        housed(database, issuer, tmp_path, patience=replace(QUICK, attempt=timedelta(seconds=25))) as house,
    ):
        assert register(house, hanging.url, GENTOFTE).status_code == 201
        assert register(house, receiver.url).status_code == 201
        house.happens(house.opened("psychology-woman", "home-municipality", municipality=GENTOFTE))
        eventually(lambda: len(hanging.received) == 1)
        for _ in range(3):
            house.happens(house.opened("psychology-woman", "home-municipality"))
        eventually(lambda: len(receiver.received) == 3)
        assert house.municipality("/webhook", GENTOFTE).json()["failures"] == 0, "it hangs still"


def test_one_that_hangs_is_given_up_and_suspended_too(house: House) -> None:
    with receiving(Receiver(hangs=True)) as hanging:
        assert register(house, hanging.url).status_code == 201
        house.happens(house.opened("psychology-woman", "home-municipality"))
        eventually(lambda: house.municipality("/webhook").json()["state"] == "suspended")


def test_delivery_goes_on_where_it_stood_after_a_restart(database: str, issuer: Issuer, tmp_path: Path, receiver: Receiver) -> None:
    with housed(database, issuer, tmp_path) as house:
        assert register(house, receiver.url).status_code == 201
        house.happens(house.opened("psychology-woman", "home-municipality"))
        eventually(lambda: house.municipality("/webhook").json()["delivered"] != "WyIwIl0=")
    with housed(database, issuer, tmp_path) as house:
        house.happens(house.opened("psychology-woman", "home-municipality"))
        eventually(lambda: len(receiver.received) == 2)
        assert len({body["id"] for body in receiver.bodies()}) == 2


def test_an_endpoint_that_does_not_want_the_feed_is_not_registered(house: House, receiver: Receiver) -> None:
    receiver.allowed = "another.example"
    assert (register(house, receiver.url).status_code, rule_of(register(house, receiver.url))) == (409, "webhook-not-validated")
    assert house.municipality("/webhook").status_code == 404
    assert events_of(house) == []


def test_the_same_key_answers_the_same_and_asks_the_endpoint_once(house: House, receiver: Receiver) -> None:
    # given a registration whose answer was lost
    first = register(house, receiver.url, key="registered-once")
    # when it is repeated, and the endpoint would not want the feed any more
    receiver.allowed = "another.example"
    again = register(house, receiver.url, key="registered-once")
    # then the first answer is given, and nobody was asked a second time
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert (len(receiver.asked), len(events_of(house))) == (1, 1)
    # and the same key with another endpoint is refused
    assert register(house, receiver.url + "/other", key="registered-once").status_code == 422


def test_outside_ones_own_machine_only_https_to_public_addresses_is_taken(
    database: str, issuer: Issuer, tmp_path: Path, receiver: Receiver
) -> None:
    with housed(database, issuer, tmp_path, private=False) as house:
        assert rule_of(register(house, receiver.url)) == "webhook-url-not-https"
        for url in ("https://127.0.0.1/", "https://10.0.0.1/x", "https://169.254.169.254/", "https://[::ffff:10.0.0.1]/"):
            assert rule_of(register(house, url)) == "webhook-address-not-public"
    assert receiver.asked == []


@pytest.mark.parametrize("url", ["ftp://a.example/", "https://", "https://u:p@a.example/", "https://a.example/#x", "http://a b/"])
def test_what_is_no_plain_url_is_refused(house: House, url: str) -> None:
    answer = register(house, url)
    assert (answer.status_code, "a.example" in answer.text) == (422, False)


@pytest.mark.parametrize("secret", ["whsec_", "x" * 40, "whsec_" + base64.b64encode(b"x" * 23).decode()])
def test_a_secret_that_is_too_short_or_in_another_form_is_refused(house: House, receiver: Receiver, secret: str) -> None:
    answer = register(house, receiver.url, secret=secret)
    assert answer.status_code == 422
    assert len(secret) < 10 or secret not in answer.text


def test_the_database_holds_no_secret_in_clear(house: House, receiver: Receiver) -> None:
    assert register(house, receiver.url).status_code == 201
    [row] = house.context.rows("SELECT to_jsonb(webhooks) AS whole, sealed_secret FROM webhooks")
    for form in (SECRET, SECRET.removeprefix("whsec_"), KEY.hex()):
        assert form not in str(row["whole"])
        assert form.encode().hex() not in str(row["whole"])
    assert SEALED_WITH.decrypt(row["sealed_secret"]).decode() == SECRET


def test_without_a_key_no_webhook_is_registered_and_no_endpoint_asked(
    database: str, issuer: Issuer, tmp_path: Path, receiver: Receiver
) -> None:
    with housed(database, issuer, tmp_path, sealing=None) as house:
        answer = register(house, receiver.url)
        assert (answer.status_code, rule_of(answer)) == (409, "webhooks-not-offered")
        assert house.municipality("/webhook").status_code == 404
    assert receiver.asked == []


@pytest.mark.parametrize("other", [None, MultiFernet([Fernet(Fernet.generate_key())])])
def test_with_another_key_nothing_is_delivered_and_the_endpoint_is_suspended(
    database: str, issuer: Issuer, tmp_path: Path, receiver: Receiver, other: MultiFernet | None
) -> None:
    with housed(database, issuer, tmp_path) as house:
        assert register(house, receiver.url).status_code == 201
    with housed(database, issuer, tmp_path, sealing=other) as house:
        house.happens(house.opened("psychology-woman", "home-municipality"))
        eventually(lambda: house.municipality("/webhook").json()["state"] == "suspended")
    assert receiver.received == []

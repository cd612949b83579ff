"""Who may: every row of docs/who-may.md tried on the running services, and every false token on every route."""

import hmac
import json
import re
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI
from fastapi.testclient import TestClient

from aftercare.main import SERVICE as AFTERCARE
from coordinating_advice.main import SERVICE as ADVICE
from havn_chassis.auth import ROLES, Role
from havn_chassis.service import Context, Service, application
from havn_embedded.tokens import Issuer
from havn_events import Recorded
from havn_events import intake as reported
from havn_events.event import Event
from havn_events.orchestrator import CaseOpened, FactNoted, ObligationOpened
from intake.bodies import WORDS_OF_ROLES
from intake.identity import Vault
from intake.main import SERVICE as INTAKE
from intake.shelters import Shelters
from notification.delivery import PRIVATE_ALLOWED
from notification.main import SERVICE as NOTIFICATION
from notification.sealing import SEALING
from orchestrator.main import compose
from psychology.main import SERVICE as PSYCHOLOGY
from tests.component.chassis.toy import UPSTREAM
from tests.component.notification.test_webhooks import SEALED_WITH, SECRET, Receiver, receiving
from tests.processes import eventually
from tests.support import settings_for

TABLES = Path(__file__).resolve().parents[2] / "docs" / "who-may.md"
DAY = date(2026, 3, 2)
EVERYWHERE = "every service"
NEEDED = {"/inquiries/counts": {"year": "2026"}, "/complaints/guide": {"about": "refusal"}}
"""What a question must say to be answered."""
CELLS = ("own", "yes", "-", "open")
SERVICES: Mapping[str, Service] = {
    "intake": replace(INTAKE, settings={"shelters": Shelters({}), "vault": Vault(bytes(range(32)))}),
    "orchestrator": compose({"HAVN_DAY_TICK_SECONDS": "3600"}),
    "notification": replace(NOTIFICATION, settings={**NOTIFICATION.settings, PRIVATE_ALLOWED: True, SEALING: SEALED_WITH}),
    "psychology": PSYCHOLOGY,
    "coordinating-advice": ADVICE,
    "aftercare": AFTERCARE,
}


@dataclass(frozen=True)
class Row:
    """One route, the scope it needs, and what each role may do there."""

    method: str
    path: str
    scope: str
    cells: Mapping[Role, str]

    @property
    def is_open(self) -> bool:
        return set(self.cells.values()) == {"open"}


@cache
def tables() -> Mapping[str, tuple[Row, ...]]:
    """The tables of docs/who-may.md by their headings."""
    found: dict[str, tuple[Row, ...]] = {}
    for section in TABLES.read_text().split("\n## ")[1:]:
        title, _, body = section.partition("\n")
        lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in body.splitlines() if line.startswith("|")]
        assert lines[0] == ["route", "scope", *ROLES], title
        found[title] = tuple(
            Row(route.split("`")[1].split(" ")[0], route.strip("`").split(" ")[1], scope, dict(zip(ROLES, cells, strict=True)))
            for route, scope, *cells in lines[2:]
        )
    return found


def rows_of(service: str) -> tuple[Row, ...]:
    """Reading first, erasing last."""
    order = ("GET", "PUT", "POST", "DELETE")
    return tuple(sorted((*tables()[EVERYWHERE], *tables()[service]), key=lambda row: order.index(row.method)))


@dataclass
class World:
    """A shelter's side of things: whose they are, and their ids by the names that routes give them."""

    municipality: str
    shelter: UUID = field(default_factory=uuid4)
    psychologist: UUID = field(default_factory=uuid4)
    adviser: UUID = field(default_factory=uuid4)
    ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("stay_id", "person_id", "child_id", "inquiry_id", "complaint_id", "session_id", "case_id", "obligation_id"):
            self.ids[name] = str(uuid4())
        self.ids |= {"case_id": self.ids["stay_id"], "notice_id": self.ids["obligation_id"]}
        self.ids |= {"shelter_id": str(self.shelter), "code": self.municipality}

    def id(self, name: str) -> UUID:
        return UUID(self.ids[name])

    @property
    def claims(self) -> dict[str, str]:
        return {
            "shelter": str(self.shelter),
            "municipality": self.municipality,
            "psychologist": str(self.psychologist),
            "adviser": str(self.adviser),
        }


@dataclass
class House:
    """One running service, two shelters' things in it, and whoever calls."""

    name: str
    context: Context
    client: TestClient
    issuer: Issuer
    own: World
    other: World
    schema: dict[str, Any]
    endpoint: str

    def token(self, role: Role, world: World, **claims: str | int) -> str:
        return self.issuer.token(role, f"{role} of {world.municipality}", **{**world.claims, **claims})

    def ask(self, row: Row, ids: Mapping[str, str], authorization: str | None) -> Any:
        headers = {"Idempotency-Key": str(uuid4())} | ({"Authorization": authorization} if authorization else {})
        path = re.sub(r"\{(\w+)\}", lambda found: ids[found[1]], row.path)
        params = NEEDED.get(row.path)
        body = self.body(row) if row.method in ("POST", "PUT") else None
        return self.client.request(row.method, path, json=body, headers=headers, params=params)

    def post(self, world: World, role: Role, path: str, **body: Any) -> None:
        self.send(world, role, "POST", path, occurred_on=DAY.isoformat(), **body)

    def send(self, world: World, role: Role, method: str, path: str, **body: Any) -> None:
        """Something that is there before the table is walked."""
        headers = {"Authorization": f"Bearer {self.token(role, world)}", "Idempotency-Key": str(uuid4())}
        answer = self.client.request(method, path, json=body, headers=headers)
        assert answer.status_code == 201, answer.text

    def hear(self, *events: Event) -> None:
        unit = self.context.unit("orchestrator")
        for event in events:
            recorded = Recorded.of(event, originator_id=uuid4(), originator_version=1, recorded_at=unit.now, actor="test")
            self.context.inboxes[0].react(recorded, unit)
        unit.commit()

    def body(self, row: Row) -> Any:
        """A valid body for the route, made from its own description."""
        described = self.schema["paths"][row.path][row.method.lower()].get("requestBody")
        return None if described is None else self._sample("", described["content"]["application/json"]["schema"])

    def _sample(self, name: str, schema: Mapping[str, Any]) -> Any:
        if "$ref" in schema:
            return self._sample(name, self.schema["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
        if "anyOf" in schema:
            return self._sample(name, schema["anyOf"][0])
        if name in KNOWN:
            return KNOWN[name]
        if name == "url":
            return self.endpoint
        if name == "concerns":
            return self.own.ids["stay_id"]
        if name in ("psychologist_id", "adviser_id", "from_adviser_id", "to_adviser_id"):
            return str(self.own.psychologist if name == "psychologist_id" else self.own.adviser)
        if "enum" in schema or "const" in schema:
            return schema.get("const") or schema["enum"][0]
        match schema["type"], schema.get("format"):
            case "object", _:
                return {each: self._sample(each, schema["properties"][each]) for each in schema.get("required", ())}
            case "string", "date":
                return DAY.isoformat()
            case "string", "uuid":
                return str(uuid4())
            case "boolean", _:
                return True
            case "integer", _:
                return max(1, schema.get("minimum", 1))
        raise LookupError(f"say in KNOWN what {name} may be")


KNOWN: Mapping[str, Any] = {
    "home_municipality": "0461",
    "municipality": "0461",
    "birth_month": "2020-01",
    "interview_on": DAY.isoformat(),
    "version": "2025-serviceloven-2020",
    "minutes": 60,
    "secret": SECRET,
}


def opened(world: World, rule: str, obligation_id: UUID | None = None, **more: Any) -> ObligationOpened:
    values: dict[str, Any] = {
        "occurred_on": DAY,
        "stay_id": world.id("stay_id"),
        "obligation_id": obligation_id or uuid4(),
        "rule": rule,
        "person_id": None,
        "municipality": world.municipality,
        "owed_by": "home-municipality",
        "owed_to": "woman",
        "due": None,
        "counted_from": DAY,
        "standard": "odense",
        "standard_version": "1",
        "document": "Testdokument",
        "section": "1",
        "rests_on": uuid4(),
    }
    return ObligationOpened(**values | more)


def lives_in(world: World) -> FactNoted:
    return FactNoted(
        occurred_on=DAY,
        stay_id=world.id("stay_id"),
        fact="WomanAdmitted",
        fact_id=uuid4(),
        person_id=None,
        reference=None,
        minutes=None,
        until=None,
        municipality=world.municipality,
        attributes={},
    )


def case_opened(world: World) -> CaseOpened:
    return CaseOpened(
        occurred_on=DAY,
        stay_id=world.id("stay_id"),
        standard="odense",
        standard_version="1",
        shelter_id=world.shelter,
        home_municipality=world.municipality,
    )


# What is there before, service by service.


def furnish_intake(house: House, world: World) -> None:
    stay, woman = world.ids["stay_id"], world.ids["person_id"]
    house.post(world, "shelter", "/inquiries", inquiry_id=world.ids["inquiry_id"], referred_by="self")
    house.post(
        world, "shelter", "/stays", stay_id=stay, person_id=woman, home_municipality=world.municipality, anonymous=False,
        identity={"name": "Testperson Alfa"},
    )  # fmt: skip
    house.post(
        world, "shelter", f"/stays/{stay}/children", child_id=world.ids["child_id"], birth_month="2020-01", arrival="with-her"
    )
    complaint = {"complaint_id": world.ids["complaint_id"], "concerns": stay, "about": "conditions", "form": "written"}
    house.post(world, "shelter", "/complaints", **complaint)


def furnish_orchestrator(house: House, world: World) -> None:
    house.hear(
        reported.WomanAdmitted(
            occurred_on=DAY,
            stay_id=world.id("stay_id"),
            person_id=world.id("person_id"),
            shelter_id=world.shelter,
            standard="serviceloven",
            home_municipality=world.municipality,
            own_municipality=False,
            anonymous=False,
            named_to_home_municipality=True,
        )
    )
    query = "SELECT obligation_id FROM obligations WHERE case_id = %s AND municipality = %s AND rule = 'psychology-woman'"
    [row] = house.context.rows(query, (world.id("stay_id"), world.municipality))
    world.ids["obligation_id"] = str(row["obligation_id"])


def furnish_notification(house: House, world: World) -> None:
    notice = opened(world, "admission-notice", world.id("notice_id"), owed_by="shelter", owed_to="home-municipality")
    child = opened(world, "child-notice", person_id=world.id("child_id"), owed_by="shelter", owed_to="home-municipality")
    world.ids["obligation_id"] = str(uuid4())
    plan = opened(world, "action-plan", world.id("obligation_id"), owed_by="acting-municipality")
    house.hear(case_opened(world), notice, child, plan, lives_in(world))
    query = "SELECT case_reference FROM case_references WHERE stay_id = %s AND municipality = %s"
    [row] = house.context.rows(query, (world.id("stay_id"), world.municipality))
    world.ids["case_reference"] = str(row["case_reference"])
    house.send(world, "municipality", "PUT", "/webhook", url=house.endpoint, secret=SECRET)


def furnish_psychology(house: House, world: World) -> None:
    terms: dict[str, Any] = {"person_id": world.id("person_id"), "unit": "minutes", "floor": 600, "ceiling": 600}
    house.hear(case_opened(world), opened(world, "psychology-woman", **terms))
    path = f"/stays/{world.ids['stay_id']}/people/{world.ids['person_id']}/treatment"
    house.post(
        world, "shelter", f"{path}/psychologist",
        psychologist_id=str(world.psychologist), employer="independent", authorised=True,
    )  # fmt: skip
    house.post(world, "psychologist", f"{path}/sessions", session_id=world.ids["session_id"], minutes=45)
    house.post(world, "municipality", "/agreements", shelter_id=world.ids["shelter_id"])


def furnish_advice(house: House, world: World) -> None:
    house.hear(case_opened(world), opened(world, "initial-advice"))
    house.post(world, "municipality", f"/stays/{world.ids['stay_id']}/advice/adviser", adviser_id=str(world.adviser))


def furnish_aftercare(house: House, world: World) -> None:
    offer = opened(world, "aftercare-offer", person_id=world.id("person_id"), owed_by="shelter", owed_to="woman-and-children")
    house.hear(case_opened(world), offer)


FURNISH: Mapping[str, Callable[[House, World], None]] = {
    "intake": furnish_intake,
    "orchestrator": furnish_orchestrator,
    "notification": furnish_notification,
    "psychology": furnish_psychology,
    "coordinating-advice": furnish_advice,
    "aftercare": furnish_aftercare,
}


@pytest.fixture(params=SERVICES)
def house(request: pytest.FixtureRequest, database: str, issuer: Issuer, tmp_path: Path) -> Iterator[House]:
    name: str = request.param
    clock = tmp_path / "clock"
    clock.write_text("2026-03-20T12:00:00+01:00")
    context = Context(SERVICES[name], settings_for(name, database, issuer, tmp_path, HAVN_CLOCK_FILE=str(clock)))
    app = application(context)
    with TestClient(app, raise_server_exceptions=False) as client, receiving(Receiver()) as receiver:
        house = House(name, context, client, issuer, World("0461"), World("0751"), app.openapi(), receiver.url)
        for world in (house.own, house.other):
            FURNISH[name](house, world)
        yield house


def routes_of(app: FastAPI) -> set[tuple[str, str]]:
    """Every route of an app, also those that its description does not show."""
    shown = {(method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods}
    return shown | {
        (method, path)
        for method in ("GET", "PUT", "POST", "DELETE")
        for path in ("/openapi.json", "/healthz", "/readyz", "/metrics")
        if any(
            route.matches({"type": "http", "path": path, "method": method, "root_path": "", "headers": []})[0].name == "FULL"
            for route in app.routes
        )
    }


def missing(routes: set[tuple[str, str]], service: str) -> list[str]:
    """Routes without a row, and rows without a route."""
    rows = {(row.method, row.path) for row in rows_of(service)}
    return sorted(f"{method} {path}" for method, path in routes ^ rows)


def nothing_of(row: Row, world: World) -> dict[str, str]:
    """Ids of the same form that belong to nobody."""
    return {name: str(uuid4()) if name != "code" else world.ids[name] for name in world.ids}


def answered(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.text


def faults(house: House, row: Row, role: Role) -> list[str]:
    """Where the service does otherwise than the table says."""
    cell = row.cells[role]
    authorization = None if cell == "open" else f"Bearer {house.token(role, house.own)}"
    own = house.ask(row, house.own.ids, authorization)
    other = house.ask(row, house.other.ids, authorization)
    none = house.ask(row, nothing_of(row, house.own), authorization)
    match cell:
        case "open":
            holds = own.status_code in (200, 503)
        case "-":
            holds = own.status_code == 403 and answered(own) == answered(other) == answered(none)
        case "own":
            holds = _is_answered(own) and other.status_code == 404 and ("{code}" in row.path or answered(other) == answered(none))
        case "yes":
            holds = _is_answered(own) and not any(each in own.text for each in _of_others(house, row))
        case _:
            holds = False
    return [] if holds else [f"{row.method} {row.path} {role}: {cell}, but {answered(own)}, {answered(other)}, {answered(none)}"]


def _is_answered(answer: Any) -> bool:
    """Accepted, or refused for what the thing is and not for who asks; never for a body that the test made badly."""
    problem = "" if answer.status_code < 400 else answer.json()["type"].rpartition("/")[2]
    return answer.status_code in (200, 201, 204, 409, 422) and problem != "invalid-request"


def _of_others(house: House, row: Row) -> set[str]:
    """The other shelter's ids, which no list may hold."""
    return {value for name, value in house.other.ids.items() if name != "code"} if row.method == "GET" else set()


# The walk.


def test_every_route_has_a_row_and_every_row_a_route(house: House) -> None:
    app: FastAPI = house.client.app  # type: ignore[assignment]
    assert missing(routes_of(app), house.name) == []
    assert all(set(row.cells.values()) <= set(CELLS) for row in rows_of(house.name))


def test_a_route_without_a_row_is_noticed(house: House) -> None:
    app: FastAPI = house.client.app  # type: ignore[assignment]
    assert missing(routes_of(app) | {("GET", "/new")}, house.name) == ["GET /new"]
    assert missing(routes_of(app) - {("GET", "/positions")}, house.name) == ["GET /positions"]


def test_every_role_may_what_the_table_says_and_nothing_else(house: House) -> None:
    assert [fault for row in rows_of(house.name) for role in ROLES for fault in faults(house, row, role)] == []


def test_a_table_that_says_otherwise_is_noticed(house: House) -> None:
    row = next(row for row in rows_of(house.name) if row.path == "/positions")
    for role, cell in (("operator", "-"), ("operator", "own"), ("leader", "yes"), ("leader", "own")):
        assert faults(house, replace(row, cells={**row.cells, role: cell}), role) != []  # type: ignore[arg-type, dict-item]


def test_what_auditors_ask_is_recorded_without_anything_of_a_person(house: House) -> None:
    rows = [row for row in rows_of(house.name) if row.cells["auditor"] in ("own", "yes")]
    now = house.context.clock.now()
    for row in rows:
        house.ask(row, house.own.ids, f"Bearer {house.token('auditor', house.own)}")
        house.ask(row, house.other.ids, f"Bearer {house.token('auditor', house.own)}")
        house.ask(row, house.own.ids, f"Bearer {house.token('leader', house.own)}")

    recorded = house.context.rows("SELECT * FROM audited_reads ORDER BY route")
    assert [each["route"] for each in recorded] == sorted(f"{row.method} {row.path}" for row in rows for _ in range(2))
    assert all(each["shelter_id"] == house.own.shelter and len(each["subject"]) == 16 for each in recorded)
    assert {each["read_at"] for each in recorded} == {now}
    asked_for = {value for name, value in house.own.ids.items() if name not in ("code", "shelter_id")}
    assert not any(value in str(recorded) for value in (*asked_for, "auditor of"))

    leader = {"Authorization": f"Bearer {house.token('leader', house.own)}"}
    shown = house.client.get("/audited-reads?limit=200", headers=leader).json()["items"]
    assert sorted(each["route"] for each in shown) == [each["route"] for each in recorded]
    others = {"Authorization": f"Bearer {house.token('leader', house.other)}"}
    assert house.client.get("/audited-reads", headers=others).json() == {"items": [], "next": None}


# False tokens.


def _b64(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def false_tokens(house: House, role: Role) -> dict[str, str | None]:
    """What somebody might try, by name; each would be let in with a token of the issuer's own."""
    good = house.token(role, house.own)
    claims = jwt.decode(good, options={"verify_signature": False})
    head, payload, signature = good.split(".")
    public = house.issuer._key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    own = ec.generate_private_key(ec.SECP256R1())
    kid, known = house.issuer.key_id, {"kid": house.issuer.key_id}
    hs256 = f"{_b64({'alg': 'HS256', 'kid': kid})}.{payload}"
    as_leader = _b64({**claims, "role": "leader" if role != "leader" else "shelter"})
    return {
        "none at all": None,
        "another scheme": f"Basic {good}",
        "no token": "Bearer",
        "no JWT": "Bearer x.y.z",
        "cut off": f"Bearer {good[:-6]}",
        "forged": "Bearer " + jwt.encode(claims, own, "ES256", known),
        "rewritten": f"Bearer {head}.{as_leader}.{signature}",
        "expired": f"Bearer {house.token(role, house.own, exp=int(time.time()) - 60)}",
        "not yet": f"Bearer {house.token(role, house.own, nbf=int(time.time()) + 3600)}",
        "wrong audience": f"Bearer {house.token(role, house.own, aud='another')}",
        "wrong issuer": f"Bearer {house.token(role, house.own, iss='https://issuer.example')}",
        "alg none": f"Bearer {_b64({'alg': 'none', 'kid': kid})}.{payload}.",
        "alg None": f"Bearer {_b64({'alg': 'None', 'kid': kid})}.{payload}.",
        "HS256 with the public key": f"Bearer {hs256}.{_hmac(public, hs256)}",
        "HS256 with the key set": f"Bearer {hs256}.{_hmac(json.dumps(house.issuer.jwks).encode(), hs256)}",
        "unknown key": "Bearer " + jwt.encode(claims, own, "ES256", {"kid": "unknown"}),
        "no key": "Bearer " + jwt.encode(claims, own, "ES256"),
        "a key of its own": "Bearer " + jwt.encode(claims, own, "ES256", {**known, "jku": "https://keys.example"}),
        "critical extension": "Bearer " + jwt.encode(claims, house.issuer._key, "ES256", {**known, "crit": ["b64"], "b64": True}),
        "unknown role": "Bearer " + jwt.encode({**claims, "role": "king"}, house.issuer._key, "ES256", known),
        "no subject": "Bearer "
        + jwt.encode({k: v for k, v in claims.items() if k != "sub"}, house.issuer._key, "ES256", known),
        "never ends": "Bearer " + jwt.encode({k: v for k, v in claims.items() if k != "exp"}, house.issuer._key, "ES256", known),
    }


def _hmac(key: bytes, message: str) -> str:
    return urlsafe_b64encode(hmac.new(key, message.encode(), sha256).digest()).rstrip(b"=").decode()


def test_every_role_that_may_read_an_identity_has_its_words_in_the_access_log() -> None:
    [row] = [row for row in rows_of("intake") if row.path.endswith("/identity/readings")]
    assert {role for role in ROLES if row.cells[role] != "-"} == WORDS_OF_ROLES.keys()


def test_a_false_token_is_answered_the_same_whatever_exists(house: House) -> None:
    places = (house.own.ids, house.other.ids, {name: str(uuid4()) if name != "code" else "0101" for name in house.own.ids})
    answers: dict[tuple[int, str], set[str]] = {}
    for row in rows_of(house.name):
        if row.is_open:
            continue
        role = next(role for role in ROLES if row.cells[role] != "-")
        for attempt, authorization in false_tokens(house, role).items():
            for ids in places:
                answers.setdefault(answered(house.ask(row, ids, authorization)), set()).add(f"{row.method} {row.path}: {attempt}")
    assert [status for status, _ in answers] == [401], answers


def test_a_scope_that_is_missing_is_answered_as_a_role_that_may_not(house: House) -> None:
    stripped: set[tuple[int, str]] = set()
    for row in rows_of(house.name):
        for role in ROLES:
            if row.cells[role] in ("own", "yes"):
                others = " ".join({"havn:read", "havn:report", "havn:decide", "havn:operate"} - {f"havn:{row.scope}"})
                for scope in ("", others, "read", f"havn:{row.scope}x"):
                    token = f"Bearer {house.token(role, house.own, scope=scope)}"
                    stripped |= {answered(house.ask(row, ids, token)) for ids in (house.own.ids, nothing_of(row, house.own))}
    forbidden = house.client.get("/positions", headers={"Authorization": f"Bearer {house.token('leader', house.own)}"})
    assert stripped == {answered(forbidden)}


def test_a_token_without_what_binds_its_role_is_none(issuer: Issuer, database: str, tmp_path: Path) -> None:
    with TestClient(application(Context(UPSTREAM, settings_for("intake", database, issuer, tmp_path)))) as client:
        eventually(lambda: client.get("/positions").status_code == 401)
        for role in ROLES:
            wrong = {"psychologist": "x", "adviser": "x"} if role in ("psychologist", "adviser") else {}
            token = issuer.token(role, "somebody", **wrong)
            answer = client.get("/positions", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == (200 if role == "operator" else 401)

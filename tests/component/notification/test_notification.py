"""The notification service on a real PostgreSQL, and its feed and confirmations on a real NATS."""

import asyncio
import contextlib
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import nats as nats_client
import pytest
from fastapi.testclient import TestClient
from nats.js.errors import NotFoundError

from havn_chassis.service import Context, application
from havn_embedded.servers import Nats
from havn_embedded.tokens import Issuer
from havn_events import Recorded
from havn_events.event import Event
from havn_events.municipal import MUNICIPAL_EVENT, ChildNotice, ObligationNews, StayNotice, own_id
from havn_events.municipalities import MUNICIPALITIES
from havn_events.orchestrator import (
    CaseOpened,
    DayPassed,
    FactNoted,
    ObligationCancelled,
    ObligationDueSoon,
    ObligationMet,
    ObligationMissed,
    ObligationOpened,
    ObligationRescheduled,
    ObligationTransferred,
)
from havn_nats.accounts import inbox_prefix
from havn_nats.credentials import Credential, reload
from notification.main import SERVICE
from tests.processes import PATIENCE_SECONDS
from tests.support import settings_for

ODENSE, GENTOFTE = "0461", "0157"
ADMITTED_ON = date(2025, 3, 3)
DUE = date(2025, 3, 6)
TRACE = "0af7651916cd43dd8448eb211c80319c"


@dataclass
class House:
    """A running service, the upstream that feeds it, and callers."""

    client: TestClient
    context: Context
    issuer: Issuer
    stay_id: UUID = field(default_factory=uuid4)
    shelter_id: UUID = field(default_factory=uuid4)
    position: int = 0

    def case_opens(self) -> None:
        """What every stay begins with; its shelter is known from it."""
        self.happens(
            CaseOpened(
                stay_id=self.stay_id,
                occurred_on=ADMITTED_ON,
                standard="odense",
                standard_version="2023",
                shelter_id=self.shelter_id,
                home_municipality=ODENSE,
            )
        )

    def happens(self, *events: Event) -> None:
        """Apply what the orchestrator recorded, as the inbox does."""
        unit = self.context.unit("notification")
        for event in events:
            self.position += 1
            recorded = Recorded.of(
                event,
                originator_id=event.case_id,
                originator_version=self.position,
                recorded_at=unit.now,
                actor="orchestrator",
                traceparent=f"00-{TRACE}-b7ad6b7169203331-01",
            )
            self.context.inboxes[0].react(recorded, unit)
        unit.commit()

    def today(self) -> date:
        return self.context.today()

    def get(self, role: Any, path: str, **claims: str) -> Any:
        return self.client.get(path, headers={"Authorization": f"Bearer {self.issuer.token(role, role, **claims)}"})

    def post(self, role: Any, path: str, body: dict[str, Any] | None = None, **claims: str) -> Any:
        token = self.issuer.token(role, role, **claims)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
        return self.client.post(path, json=body, headers=headers)

    def municipality(self, path: str, code: str = ODENSE) -> Any:
        return self.get("municipality", path, municipality=code)

    def acknowledges(self, notice_id: UUID, code: str = ODENSE) -> Any:
        return self.post("municipality", f"/notices/{notice_id}/acknowledgement", municipality=code)

    def shelter_sees(self) -> list[dict[str, Any]]:
        answer = self.get("shelter", f"/stays/{self.stay_id}/notices", shelter=str(self.shelter_id))
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def opened(self, rule: str, owed_by: Any = "shelter", **more: Any) -> ObligationOpened:
        values: dict[str, Any] = {
            "stay_id": self.stay_id,
            "occurred_on": ADMITTED_ON,
            "obligation_id": uuid4(),
            "rule": rule,
            "person_id": None,
            "municipality": ODENSE,
            "owed_by": owed_by,
            "owed_to": "home-municipality",
            "due": DUE,
            "counted_from": ADMITTED_ON,
            "standard": "odense",
            "standard_version": "2023",
            "document": "Kvalitetsstandard",
            "section": "2.1",
            "rests_on": uuid4(),
        }
        return ObligationOpened(**(values | more))

    def later(self, event: type[Any], opened: ObligationOpened, **more: Any) -> Any:
        """What became of an obligation."""
        values = {
            "stay_id": self.stay_id,
            "occurred_on": ADMITTED_ON,
            "obligation_id": opened.obligation_id,
            "rule": opened.rule,
            "person_id": opened.person_id,
            "municipality": opened.municipality,
            "rests_on": uuid4(),
        }
        return event(**(values | more))

    def reminded(self, opened: ObligationOpened, due: date) -> ObligationDueSoon:
        return ObligationDueSoon(
            stay_id=self.stay_id,
            occurred_on=ADMITTED_ON,
            obligation_id=opened.obligation_id,
            rule=opened.rule,
            person_id=opened.person_id,
            municipality=opened.municipality,
            due=due,
            working_days=2,
        )

    def fact(self, name: str, **more: Any) -> FactNoted:
        values: dict[str, Any] = {
            "stay_id": self.stay_id,
            "occurred_on": ADMITTED_ON,
            "fact": name,
            "fact_id": uuid4(),
            "person_id": None,
            "reference": None,
            "minutes": None,
            "until": None,
            "municipality": None,
            "attributes": {},
        }
        return FactNoted(**(values | more))


def house_of(database: str, issuer: Issuer, folder: Path, nats_url: str | None = None) -> Iterator[House]:
    context = Context(SERVICE, settings_for("notification", database, issuer, folder, nats_url))
    with TestClient(application(context), raise_server_exceptions=False) as client:
        house = House(client, context, issuer)
        house.case_opens()
        yield house


@pytest.fixture
def house(database: str, issuer: Issuer, tmp_path: Path) -> Iterator[House]:
    yield from house_of(database, issuer, tmp_path)


@pytest.fixture
def connected(database: str, nats: Nats, issuer: Issuer, tmp_path: Path) -> Iterator[House]:
    with contextlib.contextmanager(house_of)(database, issuer, tmp_path, nats.url) as house:
        eventually(lambda: house.client.get("/readyz").status_code == 200)
        yield house


def eventually(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until it holds; fail when it does not in time."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not come to hold"
        time.sleep(0.05)


def events_of(house: House) -> list[Event]:
    return [Recorded.from_bytes(row.raw).event for row in house.context.store.events_after(0, 1000)]


def news_of(house: House) -> list[tuple[str, str, str, date | None]]:
    """Change, rule, municipality and due day of all news."""
    return [
        (e.change, e.rule, e.municipality, e.due)  # type: ignore[attr-defined]
        for e in events_of(house)
        if e.type_name() == "MunicipalityInformed"
    ]


def test_nobody_is_told_of_an_inquiry(house: House) -> None:
    house.stay_id = uuid4()
    owed = house.opened("admission-decision", owed_to="woman", municipality=None)
    house.happens(
        CaseOpened(
            stay_id=house.stay_id,
            occurred_on=ADMITTED_ON,
            standard="hellerup",
            standard_version="2025-serviceloven-2020",
            shelter_id=house.shelter_id,
            home_municipality=None,
        ),
        house.fact("InterviewHeld"),
        owed,
        house.reminded(owed, ADMITTED_ON),
        house.later(ObligationMissed, owed, due=ADMITTED_ON),
        house.fact("InterviewCorrected", until=DUE),
        house.later(ObligationRescheduled, owed, due=DUE, due_before=ADMITTED_ON, counted_from=DUE),
        house.later(ObligationMet, owed, late=True),
    )

    assert events_of(house) == []
    assert house.context.rows("SELECT stay_id FROM stays WHERE stay_id = %s", (house.stay_id,)) == []
    assert house.municipality("/notices").json()["items"] == []


# Notices are sent as soon as they are owed.


@pytest.mark.parametrize(("rule", "notice"), [("admission-notice", "admission"), ("discharge-notice", "discharge")])
@pytest.mark.parametrize("anonymous", [False, True])
def test_a_notice_is_sent_as_soon_as_it_is_owed(house: House, rule: str, notice: str, anonymous: bool) -> None:
    opened = house.opened(rule, anonymous=anonymous)
    house.happens(opened)
    [sent] = events_of(house)
    assert sent.type_name() == "MunicipalityNotified"
    assert sent.model_dump(include={"notice_id", "notice", "municipality", "anonymous", "occurred_on"}) == {
        "notice_id": opened.obligation_id,
        "notice": notice,
        "municipality": ODENSE,
        "anonymous": anonymous,
        "occurred_on": house.today(),
    }
    [listed] = house.municipality("/notices").json()["items"]
    assert date.fromisoformat(listed.pop("sent_at")[:10]) >= house.today() - timedelta(days=1)
    assert listed == {
        "notice_id": str(own_id(ODENSE, opened.obligation_id)),
        "municipality": ODENSE,
        "case_reference": str(sent.case_reference),  # type: ignore[attr-defined]
        "notice": notice,
        "child_notification": None,
        "sent_on": house.today().isoformat(),
        "acknowledge_by": None,
        "state": "unacknowledged",
        "acknowledged_on": None,
        "acknowledged_at": None,
        "acknowledged_over": None,
        "escalated_on": None,
    }


def test_the_same_event_twice_sends_one_notice(house: House) -> None:
    opened = house.opened("admission-notice")
    house.happens(opened)
    house.happens(opened)
    assert len(house.shelter_sees()) == 1


def test_what_no_municipality_has_a_part_in_leads_to_nothing(house: House) -> None:
    house.happens(
        house.opened("admission-notice", municipality=None),
        house.opened("psychology-woman", "home-municipality", municipality=None),
        house.opened("complaint-answer"),
        house.opened("risk-assessment"),
    )
    assert events_of(house) == []


def test_a_case_reference_is_the_municipalitys_own_and_no_id_of_the_stay(house: House) -> None:
    house.happens(
        house.opened("admission-notice"),
        house.opened("discharge-notice"),
        house.opened("discharge-notice", municipality=GENTOFTE),
    )
    odenses = {item["case_reference"] for item in house.municipality("/notices").json()["items"]}
    gentoftes = {item["case_reference"] for item in house.municipality("/notices", GENTOFTE).json()["items"]}
    assert len(odenses) == len(gentoftes) == 1
    assert len(odenses | gentoftes | {str(house.stay_id)}) == 3


def test_an_annulled_stay_is_told_to_those_who_were_told(house: House) -> None:
    house.happens(house.opened("admission-notice"), house.fact("StayAnnulled"))
    assert [item["notice"] for item in house.shelter_sees()] in (["admission", "retraction"], ["retraction", "admission"])


def test_a_corrected_move_out_is_told_to_the_municipality_that_was_told_she_left(house: House) -> None:
    house.happens(house.opened("admission-notice", anonymous=True), house.fact("MoveOutCorrected", until=DUE))
    assert [item["notice"] for item in house.shelter_sees()] == ["admission"]

    owed = house.opened("discharge-notice", municipality=GENTOFTE, anonymous=True)
    house.happens(owed, house.fact("MoveOutCorrected", until=DUE))

    *_, discharge, corrected = events_of(house)
    assert corrected.model_dump(include={"notice", "municipality", "anonymous", "case_reference"}) == {
        "notice": "correction",
        "municipality": GENTOFTE,
        "anonymous": True,
        "case_reference": discharge.case_reference,  # type: ignore[attr-defined]
    }
    assert "correction" not in [item["notice"] for item in house.municipality("/notices").json()["items"]]


def test_lifted_anonymity_is_told_under_the_same_reference(house: House) -> None:
    house.happens(house.opened("admission-notice", anonymous=True), house.fact("AnonymityLifted"))
    admission, lifted = events_of(house)
    assert lifted.model_dump(include={"notice", "anonymous", "case_reference"}) == {
        "notice": "correction",
        "anonymous": False,
        "case_reference": admission.case_reference,  # type: ignore[attr-defined]
    }


# News of what a municipality owes.


def test_a_municipality_is_told_of_all_that_becomes_of_what_it_owes(house: House) -> None:
    owed = house.opened("psychology-woman", "home-municipality")
    moved = DUE + timedelta(days=1)
    house.happens(
        owed,
        house.later(ObligationRescheduled, owed, due=moved, due_before=DUE, counted_from=ADMITTED_ON),
        house.reminded(owed, due=moved),
        house.later(ObligationMissed, owed, due=moved),
        house.later(ObligationTransferred, owed, municipality=GENTOFTE, from_municipality=ODENSE),
        house.later(ObligationMet, owed, municipality=GENTOFTE, late=True),
        house.later(ObligationCancelled, owed, municipality=GENTOFTE),
    )
    assert news_of(house) == [
        ("opened", "psychology-woman", ODENSE, DUE),
        ("rescheduled", "psychology-woman", ODENSE, moved),
        ("due-soon", "psychology-woman", ODENSE, moved),
        ("missed", "psychology-woman", ODENSE, moved),
        ("transferred-from", "psychology-woman", ODENSE, moved),
        ("transferred-to", "psychology-woman", GENTOFTE, moved),
        ("met", "psychology-woman", GENTOFTE, moved),
        ("cancelled", "psychology-woman", GENTOFTE, moved),
    ]


def test_what_becomes_of_the_shelters_obligations_is_no_news(house: House) -> None:
    owed = house.opened("stay-plan")
    met = house.later(ObligationMet, owed, late=False)
    house.happens(owed, house.reminded(owed, due=DUE), met, house.later(ObligationCancelled, owed))
    assert events_of(house) == []


# Child notifications.


def notify(house: House, child: UUID, kind: str = "first", notice_id: UUID | None = None) -> Any:
    body = {"occurred_on": house.today().isoformat(), "notice_id": str(notice_id or uuid4()), "kind": kind}
    return house.post("shelter", f"/stays/{house.stay_id}/children/{child}/notifications", body, shelter=str(house.shelter_id))


def test_a_child_notification_is_sent_by_the_shelter_when_it_is_owed(house: House) -> None:
    child, notice_id = uuid4(), uuid4()
    refused = notify(house, child)
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (404, "child-notification-not-owed")
    house.happens(house.opened("child-notice", person_id=child))
    answer = notify(house, child, notice_id=notice_id)
    assert (answer.status_code, answer.json()) == (201, {"version": 2, "events": ["ChildNotificationSent"]})
    [seen] = house.shelter_sees()
    assert (seen["notice_id"], seen["notice"], seen["child_notification"], seen["child_id"]) == (
        str(notice_id),
        "child",
        "first",
        str(child),
    )
    [listed] = house.municipality("/notices").json()["items"]
    assert "child_id" not in listed


def test_child_notifications_follow_the_home_municipality(house: House) -> None:
    child = uuid4()
    house.happens(house.opened("child-notice", person_id=child), house.fact("HomeMunicipalityChanged", municipality=GENTOFTE))
    assert notify(house, child).status_code == 201
    assert house.municipality("/notices").json()["items"] == []
    assert len(house.municipality("/notices", GENTOFTE).json()["items"]) == 1


# Confirmation.


def test_a_municipality_confirms_its_own_notice_and_may_do_so_twice(house: House) -> None:
    opened = house.opened("admission-notice")
    house.happens(opened)
    others = house.acknowledges(opened.obligation_id, GENTOFTE)
    assert (others.status_code, others.json()["type"].rpartition("/")[2]) == (404, "notice-not-found")
    first, second = house.acknowledges(opened.obligation_id), house.acknowledges(opened.obligation_id)
    assert (first.status_code, first.json()["events"]) == (201, ["NotificationAcknowledged"])
    assert (second.status_code, second.json()["events"]) == (201, [])
    [seen] = house.shelter_sees()
    assert (seen["state"], seen["acknowledged_on"], seen["acknowledged_over"]) == (
        "acknowledged",
        house.today().isoformat(),
        "http",
    )


def test_a_notice_that_never_was_is_answered_like_anothers(house: House) -> None:
    assert house.acknowledges(uuid4()).json()["type"].rpartition("/")[2] == "notice-not-found"


@pytest.mark.parametrize("role", ["shelter", "leader", "operator", "adviser"])
def test_nobody_confirms_for_a_municipality(house: House, role: str) -> None:
    opened = house.opened("admission-notice")
    house.happens(opened)
    path = f"/notices/{opened.obligation_id}/acknowledgement"
    assert house.post(role, path, shelter=str(house.shelter_id)).status_code == 403


def test_a_municipality_lists_its_own_only(house: House) -> None:
    house.happens(house.opened("admission-notice"))
    assert house.municipality(f"/notices?municipality={ODENSE}").status_code == 200
    assert house.municipality(f"/notices?municipality={ODENSE}", GENTOFTE).status_code == 404
    assert house.municipality("/notices", GENTOFTE).json() == {"items": [], "next": None}


def test_notices_are_listed_by_state_and_in_pages(house: House) -> None:
    opened = [house.opened("admission-notice") for _ in range(3)]
    house.happens(*opened)
    house.acknowledges(opened[0].obligation_id)
    assert len(house.municipality("/notices?state=unacknowledged").json()["items"]) == 2
    assert len(house.municipality("/notices?state=acknowledged").json()["items"]) == 1
    seen, cursor = [], ""
    while cursor is not None:
        page = house.municipality(f"/notices?limit=1{cursor and '&after=' + cursor}").json()
        seen += [item["notice_id"] for item in page["items"]]
        cursor = page["next"]
    assert sorted(seen) == sorted(str(own_id(ODENSE, event.obligation_id)) for event in opened)


@pytest.mark.parametrize("cursor", ["WyIxIl0=", "WyIxIiwgIjIiXQ==", "e30=", "!"])
def test_a_cursor_that_is_none_is_refused(house: House, cursor: str) -> None:
    assert house.municipality(f"/notices?after={cursor}").status_code == 422


# Escalation.


def day_passed(day: date) -> DayPassed:
    return DayPassed(occurred_on=day)


def test_a_notice_is_raised_when_its_two_days_are_over_and_not_before(house: House) -> None:
    house.happens(house.opened("admission-notice"))
    house.happens(day_passed(house.today()), day_passed(house.today() + timedelta(days=1)))
    assert [item["state"] for item in house.shelter_sees()] == ["unacknowledged"]
    house.happens(day_passed(house.today() + timedelta(days=2)))
    [seen] = house.shelter_sees()
    assert (seen["state"], seen["escalated_on"]) == ("escalated", house.today().isoformat())


def test_a_notice_is_raised_once_however_many_days_pass(house: House) -> None:
    house.happens(house.opened("admission-notice"))
    days = [day_passed(house.today() + timedelta(days=n)) for n in range(2, 5)]
    house.happens(*days)
    house.happens(*days)
    assert [event.type_name() for event in events_of(house)] == ["MunicipalityNotified", "NotificationEscalated"]


def test_a_confirmed_notice_is_not_raised_and_a_raised_one_can_be_confirmed(house: House) -> None:
    confirmed, raised = house.opened("admission-notice"), house.opened("discharge-notice")
    house.happens(confirmed, raised)
    house.acknowledges(confirmed.obligation_id)
    house.happens(day_passed(house.today() + timedelta(days=2)))
    [escalated] = house.municipality("/notices?state=escalated").json()["items"]
    assert escalated["notice_id"] == str(own_id(ODENSE, raised.obligation_id))
    assert house.acknowledges(UUID(escalated["notice_id"])).status_code == 201
    assert house.municipality("/notices?state=escalated").json()["items"] == []


def test_the_metrics_count_notices_by_state(house: House) -> None:
    house.happens(house.opened("admission-notice"))
    assert 'havn_notices{state="unacknowledged"} 1.0' in house.client.get("/metrics").text
    assert 'havn_notices{state="escalated"} 0.0' in house.client.get("/metrics").text


# The feed and confirmation over NATS.


def feed_of(url: str, code: str, expected: int) -> list[tuple[dict[str, str], bytes]]:
    """Headers and payload of what the municipality's feed holds."""

    async def fetch() -> list[tuple[dict[str, str], bytes]]:
        connection = await nats_client.connect(url)
        try:
            subscription = await connection.jetstream().subscribe(f"havn.feed.m{code}", stream="FEED", ordered_consumer=True)
            return [
                (dict(message.headers or {}), message.data)
                for message in [await subscription.next_msg(timeout=PATIENCE_SECONDS) for _ in range(expected)]
            ]
        finally:
            await connection.close()

    return asyncio.run(fetch())


def request(url: str, subject: str, payload: bytes, headers: dict[str, str] | None = None) -> Any:
    async def ask() -> bytes:
        connection = await nats_client.connect(url)
        try:
            return (await connection.request(subject, payload, timeout=PATIENCE_SECONDS, headers=headers)).data
        finally:
            await connection.close()

    return json.loads(asyncio.run(ask()))


def test_each_municipality_reads_its_own_feed_and_nothing_else_leaves(connected: House, nats: Nats) -> None:
    child = uuid4()
    owed = connected.opened("psychology-woman", "home-municipality")
    admission = connected.opened("admission-notice", anonymous=True)
    connected.happens(
        admission,
        owed,
        connected.opened("child-notice", person_id=child),
        connected.later(ObligationTransferred, owed, municipality=GENTOFTE, from_municipality=ODENSE),
    )
    assert notify(connected, child).status_code == 201
    assert connected.acknowledges(admission.obligation_id).status_code == 201
    eventually(lambda: connected.context.relays[1].lag() == 0)
    odenses = feed_of(nats.url, ODENSE, 4)
    read = [MUNICIPAL_EVENT.validate_json(payload) for _, payload in odenses]
    assert [type(message) for message in read] == [StayNotice, ObligationNews, ObligationNews, ChildNotice]
    assert [headers["ce-type"] for headers, _ in odenses] == [
        "dk.havn.municipal.StayNotice.v1",
        "dk.havn.municipal.ObligationNews.v1",
        "dk.havn.municipal.ObligationNews.v1",
        "dk.havn.municipal.ChildNotice.v1",
    ]
    assert len({message.case_reference for message in read}) == 1
    [(headers, payload)] = feed_of(nats.url, GENTOFTE, 1)
    news = MUNICIPAL_EVENT.validate_json(payload)
    assert isinstance(news, ObligationNews)
    assert (news.change, news.due, news.case_reference == read[0].case_reference) == ("transferred-to", DUE, False)
    for inside in (str(connected.stay_id), str(child), str(owed.obligation_id), TRACE):
        assert all(inside not in str(headers) + payload.decode() for headers, payload in [*odenses, (headers, payload)])
    theirs, ours = random_ids(f"{headers}{payload.decode()}"), random_ids(str(odenses))
    assert len(ours) > len(theirs) > 2
    assert theirs & ours == set()
    assert set(headers) == {
        "Nats-Expected-Stream", "Nats-Msg-Id", "ce-specversion", "ce-id", "ce-source", "ce-type", "ce-time", "ce-datacontenttype"
    }  # fmt: skip


def random_ids(text: str) -> set[str]:
    """Whatever is so long that it is not the same by chance: UUIDs, trace ids, span ids."""
    return set(re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,}", text))


def test_a_municipality_confirms_over_nats(connected: House, nats: Nats) -> None:
    opened = connected.opened("admission-notice")
    connected.happens(opened)
    body = json.dumps({"notice_id": str(own_id(ODENSE, opened.obligation_id))}).encode()
    others = request(nats.url, f"havn.acknowledge.{GENTOFTE}", body)
    assert others["type"].rpartition("/")[2] == "notice-not-found"
    assert request(nats.url, f"havn.acknowledge.{ODENSE}", body) == {"acknowledged": True}
    assert request(nats.url, f"havn.acknowledge.{ODENSE}", body) == {"acknowledged": True}
    [seen] = connected.shelter_sees()
    assert (seen["state"], seen["acknowledged_over"]) == ("acknowledged", "nats")


def as_municipality(nats: Nats, credential: Credential, code: str, subject: str, body: bytes) -> Any:
    """What a municipality is answered when it asks with its own credential; ``None`` where the server does not let it."""

    async def ask() -> bytes | None:
        connection = await nats_client.connect(
            nats.address, nkeys_seed_str=credential.seed, inbox_prefix=inbox_prefix(code).encode(), error_cb=quiet
        )
        try:
            return (await connection.request(subject, body, timeout=2)).data
        except (nats_client.errors.TimeoutError, nats_client.errors.NoRespondersError):
            return None
        finally:
            await connection.close()

    async def quiet(_: Exception) -> None:
        pass

    return json.loads(asyncio.run(ask()) or b"null")


def test_a_municipality_confirms_with_its_own_credential_and_for_itself_only(connected: House, nats: Nats) -> None:
    odense, gentofte = nats.credentials.grant(ODENSE), nats.credentials.grant(GENTOFTE)
    assert reload(nats.pid_file)
    opened = connected.opened("admission-notice")
    connected.happens(opened)
    body = json.dumps({"notice_id": str(opened.obligation_id)}).encode()
    claimed = json.dumps({"notice_id": str(opened.obligation_id), "municipality": ODENSE}).encode()

    others = as_municipality(nats, gentofte, GENTOFTE, f"havn.acknowledge.{GENTOFTE}", body)
    pretended = as_municipality(nats, gentofte, GENTOFTE, f"havn.acknowledge.{GENTOFTE}", claimed)
    forged = as_municipality(nats, gentofte, GENTOFTE, f"havn.acknowledge.{ODENSE}", body)
    assert [others["type"].rpartition("/")[2], pretended["type"].rpartition("/")[2], forged] == [
        "notice-not-found",
        "malformed-acknowledgement",
        None,
    ]
    assert connected.shelter_sees()[0]["state"] == "unacknowledged"

    assert as_municipality(nats, odense, ODENSE, f"havn.acknowledge.{ODENSE}", body) == {"acknowledged": True}
    assert connected.shelter_sees()[0]["state"] == "acknowledged"


def consumers_of(url: str) -> dict[str, str | None]:
    """The consumers on the feed's stream and the subject that each gets."""

    async def ask() -> dict[str, str | None]:
        connection = await nats_client.connect(url)
        try:
            with contextlib.suppress(NotFoundError):
                return {each.name: each.config.filter_subject for each in await connection.jetstream().consumers_info("FEED")}
            return {}
        finally:
            await connection.close()

    return asyncio.run(ask())


def test_every_municipality_has_a_consumer_of_its_own_before_anything_is_sent(connected: House, nats: Nats) -> None:
    expected = {f"m{code}": f"havn.feed.m{code}" for code in MUNICIPALITIES}
    eventually(lambda: consumers_of(nats.url) == expected)
    assert connected.context.store.head() == 0


def test_what_is_no_confirmation_gets_a_problem_that_repeats_nothing(connected: House, nats: Nats) -> None:
    for payload in (b"", b"\xff\xfe", b"[]", b"null", b'{"notice_id": "1"}', b'{"notice_id": 7, "x": 1}'):
        for headers in (None, {"content-type": "application/json"}):
            assert request(nats.url, f"havn.acknowledge.{ODENSE}", payload, headers) == {
                "type": "https://havn.example/problems/malformed-acknowledgement",
                "title": "Malformed request",
                "detail": 'Send the JSON object {"notice_id": "<uuid>"}.',
            }


def test_another_shelters_stay_is_answered_exactly_as_an_unknown_one(house: House) -> None:
    foreign = house.get("shelter", f"/stays/{house.stay_id}/notices", shelter=str(uuid4()))
    unknown = house.get("shelter", f"/stays/{uuid4()}/notices", shelter=str(house.shelter_id))
    assert (foreign.status_code, foreign.json()) == (unknown.status_code, unknown.json())
    assert foreign.status_code == 404

"""Intake from the outside: reports over HTTP, the read models they lead to, and the vault."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from psycopg import sql

from havn_chassis.service import Context, application
from havn_embedded.tokens import Issuer
from intake.identity import Vault
from intake.main import SERVICE
from intake.shelters import Shelter, Shelters
from tests.support import settings_for

SHELTER, OTHER_SHELTER = UUID(int=10), UUID(int=11)
STAY, WOMAN, CHILD, INQUIRY, COMPLAINT = (UUID(int=n) for n in range(1, 6))
IDENTITY = {"name": "Testperson Alfa", "cpr": "0101010001", "phone": "12 34 56 78", "note": "Hunden hedder Testhund"}
SETTINGS = {
    "shelters": Shelters({SHELTER: Shelter(standard="kobenhavn", municipality="0101", identified_to_home_municipality=True)}),
    "vault": Vault(bytes(range(32))),
}


@dataclass
class Desk:
    """Somebody at a shelter's desk."""

    client: TestClient
    token: str

    def post(self, path: str, body: dict[str, Any], key: str | None = None) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key or str(uuid4())}
        answer = self.client.post(path, json=json.loads(json.dumps(body, default=str)), headers=headers)
        return answer.status_code, answer.json()

    def get(self, path: str, **params: Any) -> tuple[int, dict[str, Any]]:
        answer = self.client.get(path, params=params, headers={"Authorization": f"Bearer {self.token}"})
        return answer.status_code, answer.json()

    def delete(self, path: str) -> int:
        return self.client.delete(path, headers={"Authorization": f"Bearer {self.token}"}).status_code

    def report(self, path: str, on: str = "2025-05-06", **body: Any) -> list[str]:
        status, answer = self.post(path, {"occurred_on": on, **body})
        assert status == 201, answer
        events: list[str] = answer["events"]
        return events

    def refused(self, path: str, on: str = "2025-05-06", **body: Any) -> tuple[int, str]:
        status, answer = self.post(path, {"occurred_on": on, **body})
        return status, answer["type"].rpartition("/")[2]

    def admit(self, **more: Any) -> list[str]:
        body: dict[str, Any] = {"stay_id": STAY, "person_id": WOMAN, "home_municipality": "0101", "anonymous": False, **more}
        return self.report("/stays", **body)


@pytest.fixture
def context(database: str, issuer: Issuer, tmp_path: Path) -> Context:
    return Context(replace(SERVICE, settings=SETTINGS), settings_for("intake", database, issuer, tmp_path))


@pytest.fixture
def client(context: Context) -> Iterator[TestClient]:
    with TestClient(application(context), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def desk(client: TestClient, issuer: Issuer) -> Desk:
    return Desk(client, issuer.token("shelter", "anna", shelter=str(SHELTER)))


@pytest.fixture
def leader(client: TestClient, issuer: Issuer) -> Desk:
    return Desk(client, issuer.token("leader", "berit", shelter=str(SHELTER)))


@pytest.fixture
def elsewhere(client: TestClient, issuer: Issuer) -> Desk:
    return Desk(client, issuer.token("leader", "carla", shelter=str(OTHER_SHELTER)))


def test_an_inquiry_is_followed_to_its_end_and_counted(desk: Desk, leader: Desk, elsewhere: Desk) -> None:
    turned_away, undecided = uuid4(), uuid4()
    for inquiry in (INQUIRY, turned_away, undecided):
        body: dict[str, Any] = {"inquiry_id": inquiry, "referred_by": "police", "home_municipality": "0461"}
        assert desk.report("/inquiries", **body) == ["InquiryReceived"]
    for inquiry, outcome in ((INQUIRY, "admitted"), (turned_away, "no-free-room")):
        assert desk.report(f"/inquiries/{inquiry}/assessment", outcome=outcome, interview_on="2025-05-06") == ["InquiryAssessed"]
    assert desk.refused(f"/inquiries/{turned_away}/refusal", reason="no-free-room") == (403, "not-allowed")
    assert leader.report(f"/inquiries/{turned_away}/refusal", reason="no-free-room") == ["StayRefused"]
    assert desk.report(f"/inquiries/{turned_away}/referral", out_of_town=True) == ["WomanReferred"]
    counts = {"received": 3, "undecided": 1, "outcomes": {"admitted": 1, "no-free-room": 1}, "refused": 1, "referred": 1}
    nothing = {"received": 0, "undecided": 0, "outcomes": {}, "refused": 0, "referred": 0}
    assert desk.get("/inquiries/counts", year=2025) == (200, {"year": 2025, **counts})
    assert desk.get("/inquiries/counts", year=2024) == (200, {"year": 2024, **nothing})
    assert desk.get("/inquiries/counts", year=2026) == (200, {"year": 2026, **nothing})
    assert elsewhere.get("/inquiries/counts", year=2025) == (200, {"year": 2025, **nothing})


def test_a_stay_is_reported_from_admission_to_move_out(desk: Desk, leader: Desk, context: Context) -> None:
    desk.report("/inquiries", inquiry_id=INQUIRY, referred_by="self")
    assert desk.admit(anonymous=True, inquiry_id=INQUIRY) == ["WomanAdmitted"]
    at = f"/stays/{STAY}"
    events = [
        desk.report(f"{at}/corrections", "2025-05-07", admitted_on="2025-05-05"),
        desk.report(f"{at}/children", child_id=CHILD, birth_month="2019-03", arrival="with-her"),
        desk.report(f"{at}/people/{WOMAN}/contact-persons", role="primary", profession="pedagogue"),
        desk.report(f"{at}/people/{CHILD}/contact-persons", role="primary", profession="social-worker"),
        desk.report(f"{at}/risk-assessments", level="high"),
        desk.report(f"{at}/needs-clarification"),
        desk.report(f"{at}/stay-plan"),
        desk.report(f"{at}/action-plan/request"),
        desk.report(f"{at}/action-plan", "2025-06-20"),
        desk.report(f"{at}/plan-reviews", "2025-06-21", plan="action-plan"),
        desk.report(f"{at}/plan-reviews", "2025-06-21", plan="stay-plan"),
        desk.report(f"{at}/home-municipality", "2025-06-22", home_municipality="0461"),
        leader.report(f"{at}/anonymity/outweighing", "2025-06-22", reason="child-needs-support"),
        desk.report(f"{at}/anonymity/lifting", "2025-06-23", identity=IDENTITY),
        desk.report(f"{at}/move-out-plan", "2025-06-24", planned_for="2025-07-01"),
        desk.report(f"{at}/move-out-plan/rescheduling", "2025-06-25", planned_for="2025-07-02"),
        desk.report(f"{at}/move-out-plan/cancellation", "2025-06-26"),
        desk.report(f"{at}/move-out-plan", "2025-06-27", planned_for="2025-07-03"),
        desk.report(f"{at}/children/{CHILD}/departure", "2025-07-02", destination="family"),
        desk.report(f"{at}/move-out", "2025-07-03", destination="new-home"),
    ]
    assert [names for names, in events] == [
        "AdmissionCorrected", "ChildArrived", "ContactPersonAssigned", "ContactPersonAssigned", "RiskAssessed",
        "NeedsClarified",
        "StayPlanAgreed", "ActionPlanRequested", "ActionPlanMade", "PlanReviewed", "PlanReviewed", "HomeMunicipalityChanged",
        "AnonymityOutweighed",
        "AnonymityLifted", "MoveOutPlanned", "MoveOutRescheduled", "MoveOutCancelled", "MoveOutPlanned", "ChildMovedOut",
        "WomanMovedOut",
    ]  # fmt: skip
    assert desk.get(at) == (
        200,
        {
            "stay_id": str(STAY),
            "person_id": str(WOMAN),
            "status": "moved-out",
            "admitted_on": "2025-05-05",
            "home_municipality": "0461",
            "own_municipality": True,
            "standard": "kobenhavn",
            "anonymous": False,
            "named_to_home_municipality": True,
            "anonymity_outweighed_on": "2025-06-22",
            "anonymity_outweighed_because": "child-needs-support",
            "move_out_planned_for": "2025-07-03",
            "moved_out_on": "2025-07-03",
            "destination": "new-home",
            "ended_because": "moved-out",
            "children": [
                {
                    "person_id": str(CHILD),
                    "birth_month": "2019-03",
                    "arrived_on": "2025-05-06",
                    "left_on": "2025-07-02",
                    "destination": "family",
                }
            ],
        },
    )
    stored = [json.loads(row.raw) for row in context.store.events_after(0, 100)]
    assert [(event["type"], event["data"]["planned"], event["data"]["stay_days"]) for event in stored[-1:]] == [
        ("WomanMovedOut", True, 59)
    ]
    assert {event["actor"].split(":")[0] for event in stored if event["type"] != "AnonymityOutweighed"} == {"shelter"}


def test_the_list_follows_each_stays_status(desk: Desk) -> None:
    desk.admit()
    at = f"/stays/{STAY}"

    def status() -> tuple[str, str | None]:
        item = desk.get("/stays")[1]["items"][0]
        return item["status"], item["move_out_planned_for"]

    assert status() == ("staying", None)
    desk.report(f"{at}/move-out-plan", planned_for="2025-05-20")
    assert status() == ("move-out-planned", "2025-05-20")
    desk.report(f"{at}/move-out-plan/rescheduling", planned_for="2025-05-21")
    assert status() == ("move-out-planned", "2025-05-21")
    desk.report(f"{at}/move-out-plan/cancellation")
    assert status() == ("staying", None)
    desk.report(f"{at}/move-out", "2025-05-09", destination="family")
    assert status() == ("moved-out", None)
    desk.report(f"{at}/move-out-plan", "2025-05-08", planned_for="2025-05-09")
    assert status() == ("moved-out", "2025-05-09")
    desk.report(f"{at}/annulment", reason="duplicate")
    assert status() == ("annulled", "2025-05-09")


def test_the_list_is_paged_by_day_of_admission_and_filtered(desk: Desk) -> None:
    stays = [UUID(int=n) for n in (103, 101, 102)]
    for stay, on in zip(stays, ("2025-05-01", "2025-05-02", "2025-05-02"), strict=True):
        desk.report("/stays", on, stay_id=stay, person_id=uuid4(), home_municipality="0461", anonymous=True)
    desk.report(f"/stays/{stays[1]}/move-out", "2025-05-03", destination="family")
    seen, cursor = [], None
    for _ in range(3):
        page = desk.get("/stays", limit=1, **({"after": cursor} if cursor else {}))[1]
        seen += [item["stay_id"] for item in page["items"]]
        cursor = page["next"]
    assert (seen, cursor) == ([str(stay) for stay in stays], None)
    assert [item["stay_id"] for item in desk.get("/stays", status="staying")[1]["items"]] == [str(stays[0]), str(stays[2])]


@pytest.mark.parametrize("cursor", ["W10=", "WyJhIl0=", "WyJhIiwgImIiXQ==", "WyIyMDI1LTAxLTAxIiwgImIiXQ==", "abc"])
def test_a_made_up_cursor_is_refused(desk: Desk, cursor: str) -> None:
    for path in ("/stays", "/complaints"):
        status, answer = desk.get(path, after=cursor)
        assert (status, answer["errors"][0]["rule"]) == (422, "cursor")


def test_another_shelters_stay_looks_unknown(desk: Desk, elsewhere: Desk) -> None:
    desk.admit(identity=IDENTITY)
    desk.report("/inquiries", inquiry_id=INQUIRY, referred_by="self")
    body: dict[str, Any] = {"occurred_on": "2025-05-06"}
    for path in ("/needs-clarification", "/stay-plan", "/action-plan", "/anonymity/lifting"):
        assert elsewhere.post(f"/stays/{STAY}{path}", body) == elsewhere.post(f"/stays/{uuid4()}{path}", body)
    body |= {"identity": {"cpr": "wrong"}}
    path = "/anonymity/lifting"
    assert elsewhere.post(f"/stays/{STAY}{path}", body) == elsewhere.post(f"/stays/{uuid4()}{path}", body)
    assert elsewhere.get(f"/stays/{STAY}") == elsewhere.get(f"/stays/{uuid4()}")
    assert elsewhere.get(f"/stays/{STAY}")[0] == 404
    assert elsewhere.get("/stays")[1]["items"] == []
    filed: dict[str, Any] = {"complaint_id": COMPLAINT, "concerns": STAY, "about": "discharge", "form": "oral"}
    assert elsewhere.refused("/complaints", **filed) == (404, "unknown-case")
    admission: dict[str, Any] = {
        "stay_id": uuid4(),
        "person_id": WOMAN,
        "home_municipality": "0461",
        "anonymous": True,
        "inquiry_id": INQUIRY,
    }
    assert elsewhere.refused("/stays", **admission) == (404, "unknown-inquiry")
    reading = {"purpose": "contact"}
    assert elsewhere.post(f"/people/{WOMAN}/identity/readings", reading)[0] == 404
    assert elsewhere.delete(f"/people/{WOMAN}/identity") == 404


def test_a_shelter_that_is_not_listed_follows_the_national_standard(elsewhere: Desk) -> None:
    elsewhere.admit(anonymous=True)
    stay = elsewhere.get(f"/stays/{STAY}")[1]
    assert (stay["standard"], stay["own_municipality"], stay["named_to_home_municipality"]) == ("serviceloven", False, False)


def test_whether_an_anonymous_woman_is_named_to_her_municipality_depends_on_the_shelter(desk: Desk) -> None:
    desk.admit(anonymous=True, home_municipality="0461")
    stay = desk.get(f"/stays/{STAY}")[1]
    assert (stay["own_municipality"], stay["anonymous"], stay["named_to_home_municipality"]) == (False, True, True)
    body: dict[str, Any] = {"stay_id": uuid4(), "person_id": WOMAN, "home_municipality": "0461", "anonymous": True}
    refused = desk.refused("/stays", **body, anonymous_to_home_municipality=True)
    assert refused == (409, "home-municipality-learns-who-she-is")


def test_the_leader_alone_decides_that_her_anonymity_must_yield(elsewhere: Desk, client: TestClient, issuer: Issuer) -> None:
    elsewhere.admit(anonymous=True)
    at, body = f"/stays/{STAY}", {"reason": "child-exposed-to-violence"}
    colleague = Desk(client, issuer.token("shelter", "dorte", shelter=str(OTHER_SHELTER)))
    assert colleague.refused(f"{at}/anonymity/outweighing", **body) == (403, "not-allowed")
    assert elsewhere.get(at)[1]["named_to_home_municipality"] is False
    assert elsewhere.report(f"{at}/anonymity/outweighing", **body) == ["AnonymityOutweighed"]
    stay = elsewhere.get(at)[1]
    assert (stay["anonymous"], stay["named_to_home_municipality"]) == (True, True)
    assert (stay["anonymity_outweighed_on"], stay["anonymity_outweighed_because"]) == ("2025-05-06", body["reason"])


def test_the_change_in_her_goals_is_told_for_each_dimension(desk: Desk, elsewhere: Desk) -> None:
    # given
    dimensions = ("network", "communities", "health", "economy", "housing", "job_or_education")

    def scores(*values: int) -> dict[str, int]:
        return dict(zip(dimensions, values, strict=True))

    desk.admit()
    at = f"/stays/{STAY}/goals"
    assert desk.get(at) == (200, {"measurements": []})

    # when measured at the move-out first, then at the move-in, which is corrected twice
    assert desk.report(at, "2025-05-26", occasion="move-out", scores=scores(0, 1, 4, 2, 0, 3)) == ["GoalsMeasured"]
    assert desk.get(at)[1]["measurements"][0]["change"] is None
    desk.report(at, "2025-05-08", occasion="move-in", scores=scores(4, 4, 4, 4, 4, 4))
    desk.report(at, "2025-05-07", occasion="move-in", scores=scores(3, 3, 3, 3, 3, 3))
    desk.report(at, "2025-05-07", occasion="move-in", scores=scores(2, 1, 3, 2, 4, 3))

    # then
    assert desk.get(at)[1]["measurements"] == [
        {
            "occasion": "move-in",
            "measured_on": "2025-05-07",
            "scores": scores(2, 1, 3, 2, 4, 3),
            "change": None,
            "replaced": [
                {"measured_on": "2025-05-08", "scores": scores(4, 4, 4, 4, 4, 4)},
                {"measured_on": "2025-05-07", "scores": scores(3, 3, 3, 3, 3, 3)},
            ],
        },
        {
            "occasion": "move-out",
            "measured_on": "2025-05-26",
            "scores": scores(0, 1, 4, 2, 0, 3),
            "change": scores(-2, 0, 1, 0, -4, 0),
            "replaced": [],
        },
    ]
    assert elsewhere.get(at) == elsewhere.get(f"/stays/{uuid4()}/goals")
    assert desk.refused(at, "2025-05-06", occasion="midway", scores=scores(0, 0, 0, 0, 0, 0)) == (409, "goals-out-of-order")


@pytest.mark.parametrize("score", [-1, 5, 1.5, "2", True, None])
def test_a_score_is_a_whole_number_from_0_to_4(desk: Desk, score: object) -> None:
    desk.admit()
    scores = dict.fromkeys(("network", "communities", "economy", "housing", "job_or_education"), 0) | {"health": score}
    status, answer = desk.post(f"/stays/{STAY}/goals", {"occurred_on": "2025-05-06", "occasion": "move-in", "scores": scores})
    assert (status, [error["field"] for error in answer["errors"]]) == (422, ["body.scores.health"])


def test_a_concern_is_counted_and_nobody_is_named(desk: Desk, elsewhere: Desk) -> None:
    concerns = [str(UUID(int=n)) for n in (302, 301)]
    for concern, on in zip(concerns, ("2025-05-05", "2025-05-06"), strict=True):
        assert desk.report("/concerns", on, concern_id=concern) == ["ConcernRaised"]
    assert desk.refused("/concerns", concern_id=concerns[0]) == (409, "concern-already-raised")
    assert desk.refused("/concerns", concern_id=str(uuid4()), complainant="Testperson Alfa") == (422, "invalid-request")
    page = desk.get("/concerns", limit=1)[1]
    assert page["items"] == [{"concern_id": concerns[0], "raised_on": "2025-05-05"}]
    assert desk.get("/concerns", after=page["next"])[1]["items"] == [{"concern_id": concerns[1], "raised_on": "2025-05-06"}]
    assert elsewhere.get("/concerns")[1]["items"] == []


@pytest.mark.parametrize("role", ["psychologist", "adviser", "municipality", "operator"])
def test_only_a_shelter_reports_and_asks(client: TestClient, issuer: Issuer, role: Any) -> None:
    stranger = Desk(client, issuer.token(role, "dorte", **({"municipality": "0461"} if role == "municipality" else {})))
    body: dict[str, Any] = {"stay_id": STAY, "person_id": WOMAN, "home_municipality": "0461", "anonymous": True}
    assert stranger.refused("/stays", **body) == (403, "not-allowed")
    assert stranger.get("/stays")[0] == 403
    assert stranger.post(f"/people/{WOMAN}/identity/readings", {"purpose": "contact"})[0] == 403


def test_complaints_wait_until_they_are_closed(desk: Desk) -> None:
    desk.admit()
    expelled_from = uuid4()
    desk.admit(stay_id=expelled_from)
    desk.report(f"/stays/{expelled_from}/move-out", "2025-05-08", destination="unknown", because="expelled")
    ids = [UUID(int=n) for n in (201, 202, 203)]
    for complaint, on, about in zip(
        ids, ("2025-06-05", "2025-06-04", "2025-06-06"), ("discharge", "expulsion", "discharge"), strict=True
    ):
        desk.report(
            "/complaints",
            on,
            complaint_id=complaint,
            concerns=expelled_from if about == "expulsion" else STAY,
            about=about,
            form="oral",
            decision_received_on="2025-05-08",
        )

    items = desk.get("/complaints")[1]["items"]
    assert [item["route"] for item in items] == ["none", "ankestyrelsen", "ankestyrelsen"]
    not_expelled: dict[str, Any] = {"complaint_id": uuid4(), "concerns": STAY, "about": "expulsion", "form": "oral"}
    assert desk.refused("/complaints", "2025-06-04", **not_expelled) == (409, "no-expulsion")

    def waiting() -> list[tuple[str, str, str, bool]]:
        items = desk.get("/complaints")[1]["items"]
        return [(item["complaint_id"], item["status"], item["last_day"], item["late"]) for item in items]

    first, expulsion, withdrawn = (str(complaint) for complaint in ids)
    assert waiting() == [
        (expulsion, "to-answer", "2025-07-02", False),
        (first, "to-answer", "2025-07-03", False),
        (withdrawn, "to-answer", "2025-07-04", True),
    ]
    assert desk.report(f"/complaints/{expulsion}/answer", "2025-06-10", outcome="not-upheld") == ["ComplaintAnswered"]
    assert desk.report(f"/complaints/{first}/answer", "2025-06-10", outcome="not-upheld") == ["ComplaintAnswered"]
    assert desk.report(f"/complaints/{withdrawn}/withdrawal", "2025-06-10") == ["ComplaintWithdrawn"]
    assert waiting() == [(first, "to-forward", "2025-07-03", False)]
    assert desk.refused(f"/complaints/{expulsion}/forwarding", "2025-06-11") == (409, "expulsion-is-not-forwarded")
    assert desk.report(f"/complaints/{first}/forwarding", "2025-06-11") == ["ComplaintForwarded"]
    assert waiting() == []


def test_a_refusal_is_complained_of_on_its_inquiry(desk: Desk) -> None:
    desk.report("/inquiries", inquiry_id=INQUIRY, referred_by="self")
    filed: dict[str, Any] = {"complaint_id": COMPLAINT, "concerns": INQUIRY, "about": "refusal", "form": "written"}
    assert desk.refused("/complaints", "2025-05-05", **filed) == (409, "before-the-case")
    assert desk.report("/complaints", **filed) == ["ComplaintFiled"]


# The vault


def read(desk: Desk, person: UUID = WOMAN, purpose: str = "contact") -> tuple[int, dict[str, Any]]:
    return desk.post(f"/people/{person}/identity/readings", {"purpose": purpose})


def test_an_identity_is_read_back_and_each_reading_is_recorded(desk: Desk, leader: Desk, context: Context) -> None:
    desk.admit(identity=IDENTITY)
    desk.report(f"/stays/{STAY}/children", child_id=CHILD, birth_month="2019-03", arrival="with-her", identity={"name": "Testbarn"})
    assert read(desk) == (200, {"person_id": str(WOMAN), **IDENTITY})
    assert read(leader, CHILD, "handover") == (
        200,
        {"person_id": str(CHILD), "name": "Testbarn", "cpr": None, "phone": None, "note": None},
    )
    reads = context.store.rows("SELECT * FROM identity_reads ORDER BY id")
    assert [(row["shelter_id"], row["person_id"], row["purpose"], row["reader"].split(":")[0]) for row in reads] == [
        (SHELTER, WOMAN, "contact", "shelter"),
        (SHELTER, CHILD, "handover", "leader"),
    ]
    assert "anna" not in reads[0]["reader"]


def test_an_unknown_identity_is_not_read(desk: Desk, context: Context) -> None:
    desk.admit(anonymous=True)
    assert read(desk)[0] == 404
    assert context.store.rows("SELECT * FROM identity_reads") == []


def test_a_reading_needs_a_known_purpose(desk: Desk) -> None:
    desk.admit(identity=IDENTITY)
    assert read(desk, purpose="curiosity")[0] == 422


def test_an_identity_is_erased_by_the_leader_alone(desk: Desk, leader: Desk, context: Context) -> None:
    desk.admit(identity=IDENTITY)
    assert desk.delete(f"/people/{WOMAN}/identity") == 403
    assert leader.delete(f"/people/{WOMAN}/identity") == 204
    assert read(desk)[0] == 404
    assert context.store.rows("SELECT 1 FROM identity_keys") == context.store.rows("SELECT 1 FROM identity_values") == []
    assert leader.delete(f"/people/{WOMAN}/identity") == 404
    assert desk.get(f"/stays/{STAY}")[1]["status"] == "staying"


def test_each_shelter_keeps_its_own_record_of_a_person(desk: Desk, elsewhere: Desk) -> None:
    desk.admit(identity={"name": "Testperson Alfa"})
    elsewhere.admit(stay_id=uuid4(), transferred_from=STAY, identity={"name": "Testperson Alfa Beta"})
    assert elsewhere.delete(f"/people/{WOMAN}/identity") == 204
    assert read(desk)[1]["name"] == "Testperson Alfa"


def test_a_later_stay_replaces_what_was_recorded(desk: Desk) -> None:
    desk.admit(identity=IDENTITY)
    desk.admit(stay_id=uuid4(), identity={"name": "Testperson Beta"})
    assert read(desk)[1] == {"person_id": str(WOMAN), "name": "Testperson Beta", "cpr": None, "phone": None, "note": None}


def test_nothing_enters_the_vault_when_the_report_is_refused(desk: Desk, elsewhere: Desk, context: Context) -> None:
    desk.admit(anonymous=True)
    assert desk.refused(f"/stays/{STAY}/anonymity/lifting", "2025-05-05", identity=IDENTITY) == (409, "before-admission")
    identified: dict[str, Any] = {
        "stay_id": uuid4(),
        "person_id": WOMAN,
        "home_municipality": "0101",
        "anonymous": True,
        "identity": IDENTITY,
    }
    assert elsewhere.refused("/stays", **identified) == (422, "anonymous-means-no-identity")
    again: dict[str, Any] = {
        "stay_id": STAY,
        "person_id": WOMAN,
        "home_municipality": "0101",
        "anonymous": False,
        "identity": IDENTITY,
    }
    assert desk.refused("/stays", **again) == (409, "already-admitted")
    assert context.store.rows("SELECT 1 FROM identity_keys") == context.store.rows("SELECT 1 FROM identity_values") == []


@pytest.mark.parametrize(
    ("identity", "rule"),
    [({"cpr": "010101-0001"}, "cpr-form"), ({}, "invalid-request"), ({"phone": "ring bare"}, "invalid-request")],
)
def test_an_identity_of_wrong_form_is_refused_without_an_echo(desk: Desk, identity: dict[str, str], rule: str) -> None:
    body: dict[str, Any] = {
        "occurred_on": "2025-05-06",
        "stay_id": STAY,
        "person_id": WOMAN,
        "home_municipality": "0101",
        "anonymous": False,
    }
    status, answer = desk.post("/stays", {**body, "identity": identity})
    assert (status, answer["type"].rpartition("/")[2]) == (422, rule)
    assert answer["errors"][0]["field"].startswith(("identity.cpr", "body.identity"))
    assert not any(value in json.dumps(answer) for value in identity.values())


def test_a_repeated_report_answers_the_same_and_its_identity_is_in_the_vault_alone(
    desk: Desk, context: Context, capfd: pytest.CaptureFixture[str]
) -> None:
    body: dict[str, Any] = {
        "occurred_on": "2025-05-06",
        "stay_id": STAY,
        "person_id": WOMAN,
        "home_municipality": "0101",
        "anonymous": False,
    }
    body["identity"] = IDENTITY
    first = desk.post("/stays", body, key="the-same-key")
    assert first == desk.post("/stays", body, key="the-same-key") == (201, {"version": 1, "events": ["WomanAdmitted"]})
    assert desk.post("/stays", {**body, "identity": {"name": "Testperson Beta"}}, key="the-same-key")[0] == 422
    read(desk)
    everything = capfd.readouterr()
    shown = (everything.out + everything.err).encode() + dump(context)
    assert str(WOMAN).encode() in shown
    for value in IDENTITY.values():
        assert value.encode() not in shown
        assert value.encode().hex().encode() not in shown


def dump(context: Context) -> bytes:
    """Every row of every table of the service, byte columns both as bytes and in hexadecimal."""
    tables = context.store.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'intake'")
    assert {"intake_events", "idempotency", "identity_values", "identity_keys"} <= {row["table_name"] for row in tables}
    raw = b""
    for table in tables:
        query = sql.SQL("SELECT * FROM {}").format(sql.Identifier(table["table_name"])).as_string()
        for row in context.store.rows(query):
            for value in row.values():
                raw += bytes(value) + bytes(value).hex().encode() if isinstance(value, bytes | memoryview) else str(value).encode()
    return raw


def test_without_a_vault_only_reports_without_identity_are_taken(database: str, issuer: Issuer, tmp_path: Path) -> None:
    service = replace(SERVICE, settings={**SETTINGS, "vault": None})
    with TestClient(application(Context(service, settings_for("intake", database, issuer, tmp_path)))) as client:
        desk = Desk(client, issuer.token("shelter", "anna", shelter=str(SHELTER)))
        body: dict[str, Any] = {"stay_id": STAY, "person_id": WOMAN, "home_municipality": "0101", "anonymous": False}
        assert desk.refused("/stays", **body, identity=IDENTITY) == (409, "no-vault")
        assert desk.report("/stays", **body) == ["WomanAdmitted"]
        assert read(desk)[0] == 409

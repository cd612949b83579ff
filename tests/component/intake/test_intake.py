"""Intake from the outside: reports over HTTP, the read models they lead to, and the vault."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg import sql

from havn_chassis.service import Context, application
from havn_embedded.servers import Postgres
from havn_embedded.tokens import Issuer
from intake.identity import Person, SealedIdentity, Vault, VaultUnreadable
from intake.main import SERVICE
from intake.shelters import Shelter, Shelters, TermSaid
from tests.support import settings_for

SHELTER, OTHER_SHELTER, COPENHAGEN, SIX_WEEKS = UUID(int=10), UUID(int=11), UUID(int=12), UUID(int=13)
STAY, WOMAN, CHILD, INQUIRY, COMPLAINT = (UUID(int=n) for n in range(1, 6))
IDENTITY = {
    "name": "Testperson Alfa",
    "cpr": "0101010001",
    "phone": "12 34 56 78",
    "email": "alfa@test.example",
    "note": "Hunden hedder Testhund",
}
NOTHING_ELSE = dict.fromkeys(IDENTITY)
NAMED_TO_HOME = {"anonymous": True, "anonymous_to_home_municipality": False}
"""Anonymous to everybody but her home municipality."""
SETTINGS = {
    "shelters": Shelters(
        {
            SHELTER: Shelter(
                standard="kobenhavn",
                municipality="0101",
                anonymous_to_home_municipality=False,
                complaint_routes={"conditions": "centre-for-adults-and-families"},
                cpr_numbers=True,
            ),
            COPENHAGEN: Shelter(standard="kobenhavn", municipality="0101", anonymous_to_home_municipality=False),
            SIX_WEEKS: Shelter(
                standard="gammelby",
                complaint_terms={"refusal": TermSaid(weeks=6, document="Gammelbys standard", section="7", basis="standard")},
            ),
        }
    ),
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

    def refused_or_not(self, path: str, on: str = "2025-05-06", **body: Any) -> int:
        return self.post(path, {"occurred_on": on, **body})[0]

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


@pytest.fixture
def six_weeks(client: TestClient, issuer: Issuer) -> Desk:
    """At a shelter whose standard gives six weeks to complain of a refusal, and no other term."""
    return Desk(client, issuer.token("shelter", "dorte", shelter=str(SIX_WEEKS)))


def test_an_inquiry_is_followed_to_its_end_and_counted(desk: Desk, leader: Desk, elsewhere: Desk) -> None:
    turned_away, undecided = uuid4(), uuid4()
    for inquiry in (INQUIRY, turned_away, undecided):
        body: dict[str, Any] = {"inquiry_id": inquiry, "referred_by": "police", "home_municipality": "0461"}
        assert desk.report("/inquiries", **body) == ["InquiryReceived"]
    for inquiry, outcome in ((INQUIRY, "admitted"), (turned_away, "no-free-room")):
        assert desk.report(f"/inquiries/{inquiry}/assessment", outcome=outcome, interview_on="2025-05-06") == [
            "InterviewHeld", "InquiryAssessed",
        ]  # fmt: skip
    assert desk.refused(f"/inquiries/{turned_away}/refusal", reason="no-free-room") == (403, "not-allowed")
    assert leader.report(f"/inquiries/{turned_away}/refusal", reason="no-free-room") == ["StayRefused"]
    assert desk.report(f"/inquiries/{turned_away}/referral", out_of_town=True) == ["WomanReferred"]
    counts = {"received": 3, "undecided": 1, "outcomes": {"admitted": 1, "no-free-room": 1}, "refused": 1, "referred": 1}
    nothing = {"received": 0, "undecided": 0, "outcomes": {}, "refused": 0, "referred": 0}
    assert desk.get("/inquiries/counts", year=2025) == (200, {"year": 2025, **counts})
    assert desk.get("/inquiries/counts", year=2024) == (200, {"year": 2024, **nothing})
    assert desk.get("/inquiries/counts", year=2026) == (200, {"year": 2026, **nothing})
    assert elsewhere.get("/inquiries/counts", year=2025) == (200, {"year": 2025, **nothing})


def test_an_interview_is_reported_corrected_and_followed_by_the_decision(desk: Desk, elsewhere: Desk, context: Context) -> None:
    desk.report("/inquiries", "2025-05-05", inquiry_id=INQUIRY, referred_by="self")
    at = f"/inquiries/{INQUIRY}"
    assert elsewhere.refused(f"{at}/interview") == (404, "unknown-inquiry")
    assert desk.report(f"{at}/interview") == ["InterviewHeld"]
    assert desk.refused(f"{at}/interview") == (409, "interview-already-reported")
    assert elsewhere.refused(f"{at}/interview/correction", interview_on="2025-05-05") == (404, "unknown-inquiry")
    assert desk.report(f"{at}/interview/correction", "2025-05-07", interview_on="2025-05-05") == ["InterviewCorrected"]
    assert desk.refused(f"{at}/assessment", outcome="admitted", interview_on="2025-05-06") == (409, "interview-on-another-day")
    assert desk.report(f"{at}/assessment", outcome="admitted") == ["InquiryAssessed"]

    [held, _, assessed] = stored(context, "InterviewHeld", "InterviewCorrected", "InquiryAssessed")
    assert (held["shelter_id"], held["standard"], held["occurred_on"]) == (str(SHELTER), "kobenhavn", "2025-05-06")
    assert (assessed["interview_on"], assessed["occurred_on"]) == ("2025-05-05", "2025-05-06")


def test_a_decision_without_an_interview_is_refused_and_changes_nothing(desk: Desk, elsewhere: Desk, context: Context) -> None:
    desk.report("/inquiries", inquiry_id=INQUIRY, referred_by="self")
    at = f"/inquiries/{INQUIRY}"

    assert desk.refused(f"{at}/assessment", outcome="admitted") == (422, "interview-day-missing")
    assert elsewhere.refused(f"{at}/assessment", outcome="admitted") == (404, "unknown-inquiry")
    assert desk.refused(f"{at}/interview", "2999-01-01") == (422, "not-in-the-future")
    assert desk.refused(f"{at}/interview/correction", interview_on="2025-05-06") == (409, "no-interview")
    assert stored(context, "InterviewHeld", "InterviewCorrected", "InquiryAssessed") == []


def stored(context: Context, *names: str) -> list[dict[str, Any]]:
    """What was recorded under these names, in the order of recording."""
    rows = context.rows("SELECT state FROM intake_events ORDER BY notification_id", ())
    events = [json.loads(bytes(row["state"])) for row in rows]
    return [event["data"] for event in events if event["type"] in names]


def test_a_stay_is_reported_from_admission_to_move_out(desk: Desk, leader: Desk, context: Context) -> None:
    desk.report("/inquiries", inquiry_id=INQUIRY, referred_by="self")
    assert desk.admit(**NAMED_TO_HOME, inquiry_id=INQUIRY) == ["WomanAdmitted"]
    at = f"/stays/{STAY}"
    events = [
        desk.report(f"{at}/corrections", "2025-05-07", admitted_on="2025-05-05"),
        desk.report(f"{at}/children", child_id=CHILD, birth_month="2019-03", arrival="with-her"),
        desk.report(f"{at}/people/{WOMAN}/contact-persons", role="primary", profession="pedagogue"),
        desk.report(f"{at}/people/{CHILD}/contact-persons", role="primary", profession="social-worker"),
        desk.report(f"{at}/risk-assessments", level="high"),
        desk.report(f"{at}/risk-assessments", level="low", child_id=CHILD),
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
        "RiskAssessed", "NeedsClarified",
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


def test_a_corrected_move_out_shows_its_right_day_and_keeps_where_she_went(desk: Desk, elsewhere: Desk, context: Context) -> None:
    desk.admit()
    at = f"/stays/{STAY}"
    body: dict[str, Any] = {"moved_out_on": "2025-05-15"}
    assert desk.refused(f"{at}/move-out/correction", **body) == (409, "no-move-out")
    desk.report(f"{at}/move-out", "2025-05-20", destination="new-home", because="expelled")
    assert desk.refused(f"{at}/move-out/correction", moved_out_on="2999-01-01")[0] == 422
    other = {"occurred_on": "2025-05-21", **body}
    assert elsewhere.post(f"{at}/move-out/correction", other) == elsewhere.post(f"/stays/{uuid4()}/move-out/correction", other)

    assert desk.report(f"{at}/move-out/correction", "2025-05-21", **body) == ["MoveOutCorrected"]

    stay = desk.get(at)[1]
    told = {key: stay[key] for key in ("status", "moved_out_on", "destination", "ended_because")}
    assert told == {"status": "moved-out", "moved_out_on": "2025-05-15", "destination": "new-home", "ended_because": "expelled"}
    [moved_out, corrected] = stored(context, "WomanMovedOut", "MoveOutCorrected")
    assert (moved_out["stay_days"], corrected["stay_days"]) == (14, 9)
    assert desk.refused(f"{at}/move-out", destination="family") == (409, "already-moved-out")
    desk.report(f"{at}/annulment", reason="duplicate")
    assert desk.refused(f"{at}/move-out/correction", moved_out_on="2025-05-16") == (409, "stay-annulled")


def test_the_list_is_paged_by_day_of_admission_and_filtered(desk: Desk) -> None:
    stays = [UUID(int=n) for n in (103, 101, 102)]
    for stay, on in zip(stays, ("2025-05-01", "2025-05-02", "2025-05-02"), strict=True):
        desk.report("/stays", on, stay_id=stay, person_id=uuid4(), home_municipality="0461", **NAMED_TO_HOME)
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
    desk.admit(**NAMED_TO_HOME, home_municipality="0461")
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
        return [(item["complaint_id"], item["status"], item["received_on"], item["late"]) for item in items]

    first, expulsion, withdrawn = (str(complaint) for complaint in ids)
    assert waiting() == [
        (expulsion, "to-answer", "2025-06-04", False),
        (first, "to-answer", "2025-06-05", False),
        (withdrawn, "to-answer", "2025-06-06", True),
    ]
    assert desk.report(f"/complaints/{expulsion}/answer", "2025-06-10", outcome="not-upheld") == ["ComplaintAnswered"]
    assert desk.report(f"/complaints/{first}/answer", "2025-06-10", outcome="not-upheld") == ["ComplaintAnswered"]
    assert desk.report(f"/complaints/{withdrawn}/withdrawal", "2025-06-10") == ["ComplaintWithdrawn"]
    assert waiting() == [(first, "to-forward", "2025-06-05", False)]
    assert desk.refused(f"/complaints/{expulsion}/forwarding", "2025-06-11") == (409, "expulsion-is-not-forwarded")
    assert desk.report(f"/complaints/{first}/forwarding", "2025-06-11") == ["ComplaintForwarded"]
    assert waiting() == []


def test_what_turns_out_to_be_an_expulsion_is_not_forwarded_and_ends_with_the_answer(desk: Desk) -> None:
    desk.admit()
    desk.report("/complaints", "2025-05-07", complaint_id=COMPLAINT, concerns=STAY, about="discharge", form="oral")
    desk.report(f"/complaints/{COMPLAINT}/answer", "2025-05-08", outcome="not-upheld")
    desk.report(f"/stays/{STAY}/move-out", "2025-05-07", destination="unknown", because="expelled")

    assert desk.refused(f"/complaints/{COMPLAINT}/forwarding", "2025-05-09") == (409, "expulsion-is-not-forwarded")
    assert desk.report(f"/complaints/{COMPLAINT}/answer", "2025-05-09", outcome="not-upheld") == ["ComplaintAnswered"]
    assert desk.get("/complaints")[1]["items"] == []


def test_conditions_go_where_the_shelters_setting_says(desk: Desk) -> None:
    desk.admit()
    for about in ("conditions", "case-handling"):
        desk.report("/complaints", complaint_id=uuid4(), concerns=STAY, about=about, form="oral")

    routes = {item["about"]: item["route"] for item in desk.get("/complaints")[1]["items"]}
    assert routes == {"conditions": "centre-for-adults-and-families", "case-handling": "leader"}


def test_a_guide_says_to_whom_and_until_when_before_anybody_complains(desk: Desk, elsewhere: Desk) -> None:
    status, guide = desk.get("/complaints/guide", about="refusal", decision_received_on="2024-02-01")
    assert (status, guide["first"], guide["route"], guide["last_day"]) == (200, "shelter", "ankestyrelsen", "2024-02-29")
    assert "senest den 29. februar 2024" in guide["explanation_da"]
    assert "by 29 February 2024" in guide["explanation_en"]

    def told(at: Desk, about: str) -> tuple[str, str, str | None]:
        guide = at.get("/complaints/guide", about=about, decision_received_on="2025-05-06")[1]
        return guide["first"], guide["route"], guide["last_day"]

    assert told(desk, "expulsion") == ("shelter", "none", "2025-06-03")
    assert told(desk, "conditions") == ("leader", "centre-for-adults-and-families", None)
    assert told(elsewhere, "conditions") == ("leader", "leader", None)
    assert desk.get("/complaints/guide", about="refusal")[1]["last_day"] is None
    assert desk.get("/complaints/guide")[0] == 422
    assert desk.get("/complaints/guide", about="refusal", decision_received_on="9999-12-31")[1]["last_day"] == "9999-12-31"


def test_the_guide_tells_the_term_of_the_shelters_own_standard(desk: Desk, six_weeks: Desk) -> None:
    asked = {"about": "refusal", "decision_received_on": "2025-05-06"}
    guide = six_weeks.get("/complaints/guide", **asked)[1]
    assert guide["term"] == {
        "number": 6,
        "unit": "weeks",
        "document": "Gammelbys standard",
        "section": "7",
        "basis": "standard",
    }
    assert (guide["last_day"], "senest den 17. juni 2025, 6 uger efter" in guide["explanation_da"]) == ("2025-06-17", True)
    national = desk.get("/complaints/guide", **asked)[1]["term"]
    assert (national["number"], national["unit"], national["section"], national["basis"]) == (4, "weeks", "4.1", "assumed")
    for no_term in (six_weeks.get("/complaints/guide", about="discharge"), desk.get("/complaints/guide", about="conditions")):
        assert (no_term[1]["term"], no_term[1]["last_day"]) == (None, None)
        assert "Der er ingen frist for at klage." in no_term[1]["explanation_da"]


@pytest.mark.parametrize(("received_on", "late"), [("2025-06-16", False), ("2025-06-17", False), ("2025-06-18", True)])
def test_a_complaint_is_late_by_the_term_of_the_shelters_own_standard(six_weeks: Desk, received_on: str, late: bool) -> None:
    six_weeks.report("/inquiries", on="2025-05-05", inquiry_id=INQUIRY, referred_by="self")
    filed: dict[str, Any] = {"complaint_id": COMPLAINT, "concerns": INQUIRY, "about": "refusal", "form": "written"}
    six_weeks.report("/complaints", on=received_on, decision_received_on="2025-05-06", **filed)

    assert [item["late"] for item in six_weeks.get("/complaints")[1]["items"]] == [late]


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
        {"person_id": str(CHILD), **NOTHING_ELSE, "name": "Testbarn"},
    )
    reads = context.store.rows("SELECT * FROM identity_readings ORDER BY id")
    assert [(row["shelter_id"], row["person_id"], row["purpose"], row["role"], row["fields"]) for row in reads] == [
        (SHELTER, WOMAN, "contact", "shelter", list(IDENTITY)),
        (SHELTER, CHILD, "handover", "leader", ["name"]),
    ]
    assert [row["reader"].split(":")[0] for row in reads] == ["shelter", "leader"]
    assert "anna" not in reads[0]["reader"]


def test_an_unknown_identity_is_not_read(desk: Desk, context: Context) -> None:
    desk.admit(**NAMED_TO_HOME)
    assert read(desk)[0] == 404
    assert context.store.rows("SELECT * FROM identity_readings") == []


def test_a_reading_needs_a_known_purpose(desk: Desk) -> None:
    desk.admit(identity=IDENTITY)
    assert read(desk, purpose="curiosity")[0] == 422


def test_an_identity_is_erased_by_the_leader_alone(desk: Desk, leader: Desk, context: Context) -> None:
    desk.admit(identity=IDENTITY)
    assert desk.delete(f"/people/{WOMAN}/identity") == 403
    assert leader.delete(f"/people/{WOMAN}/identity") == 204
    assert read(desk)[0] == 404
    assert context.store.rows("SELECT 1 FROM identity_values") == []
    (kept,) = context.store.rows("SELECT * FROM intake_keys.data_keys")
    assert (kept["person_id"], kept["wrapped_key"], kept["master"], kept["erased_at"] is None) == (WOMAN, None, None, False)
    assert leader.delete(f"/people/{WOMAN}/identity") == 204
    assert context.store.rows("SELECT * FROM intake_keys.data_keys") == [kept]
    assert leader.delete(f"/people/{CHILD}/identity") == 404
    assert desk.get(f"/stays/{STAY}")[1]["status"] == "staying"


def test_an_erased_identity_is_not_recorded_again_and_nothing_of_such_a_report(desk: Desk, leader: Desk, context: Context) -> None:
    body: dict[str, Any] = {"person_id": WOMAN, "home_municipality": "0101", "anonymous": False, "identity": IDENTITY}
    first = {"occurred_on": "2025-05-06", "stay_id": STAY, **body}
    assert desk.post("/stays", first, key="first-report")[0] == 201
    assert leader.delete(f"/people/{WOMAN}/identity") == 204
    head = context.store.head()

    assert desk.refused("/stays", **{**body, "stay_id": uuid4()}) == (409, "identity-erased")
    child: dict[str, Any] = {"child_id": CHILD, "birth_month": "2019-03", "arrival": "with-her", "identity": {"name": "Testbarn"}}

    assert context.store.head() == head
    assert context.store.rows("SELECT 1 FROM identity_values") == []
    assert desk.post("/stays", first, key="first-report") == (201, {"version": 1, "events": ["WomanAdmitted"]})
    assert read(desk)[0] == 404
    desk.admit(stay_id=uuid4())
    desk.report(f"/stays/{STAY}/children", **child)
    assert read(desk, CHILD)[0] == 200


def test_the_key_of_an_erased_person_is_in_no_file_of_the_tables(
    desk: Desk, leader: Desk, context: Context, database: str, postgres: Postgres
) -> None:
    desk.admit(identity=IDENTITY)
    desk.report(f"/stays/{STAY}/children", child_id=CHILD, birth_month="2019-03", arrival="with-her", identity={"name": "Testbarn"})
    keys = context.store.rows("SELECT person_id, wrapped_key FROM intake_keys.data_keys")
    mine, childs = (next(bytes(row["wrapped_key"]) for row in keys if row["person_id"] == person) for person in (WOMAN, CHILD))

    assert (found_in_tables(database, mine), found_in_tables(database, childs)) == (True, True)
    assert leader.delete(f"/people/{WOMAN}/identity") == 204

    assert (found_in_tables(database, mine), found_in_tables(database, childs)) == (False, True)
    assert read(desk, CHILD)[1]["name"] == "Testbarn"


def found_in_tables(database: str, wanted: bytes) -> bool:
    """Whether a file of the server's tables, past and present rows alike, holds these bytes; its write-ahead log is none."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    return any(wanted in file.read_bytes() for file in Path(row[0]).glob("base/*/*") if file.is_file())


def test_after_a_new_master_key_what_was_erased_opens_from_no_copy(
    desk: Desk, leader: Desk, context: Context, database: str, tmp_path: Path
) -> None:
    # given two people, and a thief who copied everything but the file with the master key
    desk.admit(identity=IDENTITY)
    desk.report(f"/stays/{STAY}/children", child_id=CHILD, birth_month="2019-03", arrival="with-her", identity={"name": "Testbarn"})
    copied = stolen(context, WOMAN)
    assert leader.delete(f"/people/{WOMAN}/identity") == 204

    # when the keys are wrapped anew, twice, and the old master key is destroyed
    old, new = bytes(range(32)), bytes(reversed(range(32)))
    file = tmp_path / "vault.key"
    file.write_text("\n".join(base64.b64encode(key).decode() for key in (new, old)))
    environment = {**os.environ, "DATABASE_URL": database, "HAVN_VAULT_KEY_FILE": str(file)}
    said = [
        subprocess.run(
            [sys.executable, "-m", "intake.rewrap"], env=environment, capture_output=True, text=True, check=True, timeout=60
        ).stdout
        for _ in range(2)
    ]

    # then
    assert [json.loads(line)["keys"] for line in said] == [1, 0]
    assert Vault(old).open(copied)["name"] == IDENTITY["name"]
    with pytest.raises(VaultUnreadable):
        Vault(new).open(copied)
    assert Vault(new).open(stolen(context, CHILD)) == {"name": "Testbarn"}
    with pytest.raises(VaultUnreadable):
        Vault(old).open(stolen(context, CHILD))


def stolen(context: Context, person_id: UUID) -> SealedIdentity:
    """A person's rows as they lie in the database."""
    (key,) = context.store.rows("SELECT * FROM intake_keys.data_keys WHERE person_id = %s", (person_id,))
    values = context.store.rows("SELECT field, sealed FROM identity_values WHERE person_id = %s", (person_id,))
    sealed = {row["field"]: bytes(row["sealed"]) for row in values}
    return SealedIdentity(Person(SHELTER, person_id), key["version"], key["master"], bytes(key["wrapped_key"]), sealed)


def test_what_its_key_does_not_open_is_said_to_be_unreadable(desk: Desk, context: Context) -> None:
    desk.admit(identity=IDENTITY)
    with psycopg.connect(context.store.url) as connection:
        connection.execute("UPDATE intake_keys.data_keys SET version = version + 1")
    status, answer = read(desk)
    assert (status, answer["type"].rpartition("/")[2]) == (409, "identity-unreadable")
    with psycopg.connect(context.store.url) as connection:
        connection.execute("UPDATE intake_keys.data_keys SET version = version - 1, master = 'another'")
    assert read(desk)[0] == 409


def test_wrapping_anew_without_its_settings_says_what_is_missing() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "HAVN_VAULT_KEY_FILE")}
    done = subprocess.run(
        [sys.executable, "-m", "intake.rewrap"], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert "HAVN_VAULT_KEY_FILE" in done.stderr


def test_erasing_and_recording_at_the_same_time_ends_erased(desk: Desk, leader: Desk) -> None:
    desk.admit(identity=IDENTITY)
    body: dict[str, Any] = {"person_id": WOMAN, "home_municipality": "0101", "anonymous": False, "identity": IDENTITY}
    with ThreadPoolExecutor(4) as pool:
        reports = [pool.submit(desk.refused_or_not, "/stays", **body, stay_id=uuid4()) for _ in range(12)]
        erasures = [pool.submit(leader.delete, f"/people/{WOMAN}/identity") for _ in range(3)]
    assert {erasure.result() for erasure in erasures} == {204}
    assert {report.result() for report in reports} <= {201, 409}
    assert read(desk)[0] == 404


def test_a_reading_may_ask_for_some_fields_and_records_those(desk: Desk, leader: Desk) -> None:
    desk.admit(identity=IDENTITY)
    path = f"/people/{WOMAN}/identity/readings"
    asked = desk.post(path, {"purpose": "contact", "fields": ["phone", "email"]})
    assert asked == (200, {"person_id": str(WOMAN), **NOTHING_ELSE, "phone": IDENTITY["phone"], "email": IDENTITY["email"]})
    for fields in ([], ["address"]):
        assert desk.post(path, {"purpose": "contact", "fields": fields})[0] == 422
    assert [item["fields"] for item in leader.get(f"/people/{WOMAN}/access-log")[1]["items"]] == [["phone", "email"]]


def test_her_access_log_tells_when_in_which_role_and_why_and_not_who(
    desk: Desk, leader: Desk, elsewhere: Desk, context: Context
) -> None:
    desk.admit(identity={"name": "Testperson Alfa"})
    read(desk)
    read(leader, purpose="notification")
    desk.post(f"/people/{WOMAN}/identity/readings", {})
    path = f"/people/{WOMAN}/access-log"

    first = leader.get(path, limit=1)[1]
    second = leader.get(path, after=first["next"])[1]

    assert second["next"] is None
    items = first["items"] + second["items"]
    times = [item.pop("read_at") for item in items]
    assert times == sorted(times)
    assert items == [
        {
            "role": "shelter",
            "role_da": "Krisecentrets personale",
            "role_en": "The shelter's staff",
            "purpose": "contact",
            "purpose_da": "Kontakt til personen",
            "purpose_en": "Contact with the person",
            "fields": ["name"],
        },
        {
            "role": "leader",
            "role_da": "Krisecentrets leder",
            "role_en": "The shelter's leader",
            "purpose": "notification",
            "purpose_da": "Orientering eller underretning til kommunen",
            "purpose_en": "A notice or notification to the municipality",
            "fields": ["name"],
        },
    ]
    for row in context.store.rows("SELECT reader FROM identity_readings"):
        assert row["reader"].partition(":")[2] not in json.dumps(items)
    assert desk.get(path)[0] == 403
    assert elsewhere.get(path) == (200, {"items": [], "next": None})
    leader.delete(f"/people/{WOMAN}/identity")
    assert len(leader.get(path)[1]["items"]) == 2


@pytest.mark.parametrize("cursor", ["W10=", "WyJhIl0=", "WyItMSJd", "WyI5MjIzMzcyMDM2ODU0Nzc1ODA4Il0="])
def test_a_made_up_cursor_of_an_access_log_is_refused(leader: Desk, cursor: str) -> None:
    status, answer = leader.get(f"/people/{WOMAN}/access-log", after=cursor)
    assert (status, answer["type"].rpartition("/")[2]) == (422, "cursor")


def test_a_shelter_that_may_not_hold_cpr_numbers_records_none(elsewhere: Desk, desk: Desk, context: Context) -> None:
    body: dict[str, Any] = {"occurred_on": "2025-05-06", "person_id": WOMAN, "home_municipality": "0101", "anonymous": False}
    status, answer = elsewhere.post("/stays", {**body, "stay_id": STAY, "identity": IDENTITY})
    assert (status, [(error["field"], error["rule"]) for error in answer["errors"]]) == (
        422,
        [("identity.cpr", "cpr-numbers-not-held")],
    )
    assert IDENTITY["cpr"] not in json.dumps(answer)
    assert context.store.head() == 0
    for table in ("identity_values", "intake_keys.data_keys", "idempotency"):
        assert context.store.rows(f"SELECT 1 FROM {table}") == []
    without = {name: value for name, value in IDENTITY.items() if name != "cpr"}
    assert elsewhere.post("/stays", {**body, "stay_id": STAY, "identity": without})[0] == 201
    assert desk.post("/stays", {**body, "stay_id": uuid4(), "identity": IDENTITY})[0] == 201


def test_a_cpr_number_is_kept_as_ten_digits(desk: Desk) -> None:
    desk.admit(identity={"cpr": "010101-0001"})
    assert read(desk)[1]["cpr"] == "0101010001"


def test_in_copenhagen_she_is_anonymous_to_everybody_but_her_home_municipality(
    client: TestClient, issuer: Issuer, context: Context
) -> None:
    desk = Desk(client, issuer.token("shelter", "dorte", shelter=str(COPENHAGEN)))
    body: dict[str, Any] = {"stay_id": STAY, "person_id": WOMAN, "home_municipality": "0461", "anonymous": True}
    assert desk.refused("/stays", **body) == (422, "home-municipality-not-answered")
    asks_for_more = {**body, "anonymous_to_home_municipality": True}
    assert desk.refused("/stays", **asks_for_more) == (409, "home-municipality-learns-who-she-is")
    assert context.store.head() == 0
    assert desk.report("/stays", **body, anonymous_to_home_municipality=False, identity={"name": "Testperson Alfa"}) == [
        "WomanAdmitted"
    ]
    stay = desk.get(f"/stays/{STAY}")[1]
    assert (stay["anonymous"], stay["named_to_home_municipality"]) == (True, True)


def test_each_shelter_keeps_its_own_record_of_a_person(desk: Desk, elsewhere: Desk) -> None:
    desk.admit(identity={"name": "Testperson Alfa"})
    elsewhere.admit(stay_id=uuid4(), transferred_from=STAY, identity={"name": "Testperson Alfa Beta"})
    assert elsewhere.delete(f"/people/{WOMAN}/identity") == 204
    assert read(desk)[1]["name"] == "Testperson Alfa"


def test_a_later_stay_replaces_what_was_recorded(desk: Desk) -> None:
    desk.admit(identity=IDENTITY)
    desk.admit(stay_id=uuid4(), identity={"name": "Testperson Beta"})
    assert read(desk)[1] == {"person_id": str(WOMAN), **NOTHING_ELSE, "name": "Testperson Beta"}


def test_nothing_enters_the_vault_when_the_report_is_refused(desk: Desk, elsewhere: Desk, context: Context) -> None:
    desk.admit(**NAMED_TO_HOME)
    assert desk.refused(f"/stays/{STAY}/anonymity/lifting", "2025-05-05", identity=IDENTITY) == (409, "before-admission")
    identified: dict[str, Any] = {
        "stay_id": uuid4(),
        "person_id": WOMAN,
        "home_municipality": "0101",
        "anonymous": True,
        "identity": {"name": "Testperson Alfa"},
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
    keys, values = "SELECT 1 FROM intake_keys.data_keys", "SELECT 1 FROM identity_values"
    assert context.store.rows(keys) == context.store.rows(values) == []


@pytest.mark.parametrize(
    ("identity", "rule"),
    [
        ({"cpr": "310201-0001"}, "cpr-form"),
        ({"email": "ingen adresse"}, "invalid-request"),
        ({}, "invalid-request"),
        ({"phone": "ring bare"}, "invalid-request"),
    ],
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
    tables = context.store.rows(
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema IN ('intake', 'intake_keys')"
    )
    assert {"intake_events", "idempotency", "identity_values", "data_keys"} <= {row["table_name"] for row in tables}
    raw = b""
    for table in tables:
        query = sql.SQL("SELECT * FROM {}").format(sql.Identifier(table["table_schema"], table["table_name"])).as_string()
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

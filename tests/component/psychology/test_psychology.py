"""Psychology on a real PostgreSQL: obligations come in, reports are taken, and what is left can be asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from havn_chassis.service import Context, application
from havn_embedded.tokens import Issuer
from havn_events import Recorded
from havn_events.codes import Unit
from havn_events.event import Event
from havn_events.municipal import own_id
from havn_events.orchestrator import (
    CaseOpened,
    ChildCameBack,
    ChildFollowed,
    ContinuationAnnulled,
    FactNoted,
    ObligationCancelled,
    ObligationOpened,
    ObligationReopened,
    ObligationTransferred,
    StayContinued,
)
from psychology.main import SERVICE
from psychology.reactions import IncompleteObligation
from tests.support import settings_for

ODENSE, AARHUS = "0461", "0751"
ADMITTED = date(2024, 1, 3)
LATER = date(2024, 2, 1)

SHELTER = UUID(int=7)
PSYCHOLOGIST = str(UUID(int=31))


@dataclass
class Desk:
    """The running service, and the people who call it."""

    context: Context
    client: TestClient
    tokens: dict[str, str]

    def hear(self, event: Event) -> None:
        """Apply an event of the orchestrator."""
        unit = self.context.unit("orchestrator")
        recorded = Recorded.of(event, originator_id=uuid4(), originator_version=1, recorded_at=unit.now, actor="operator:test")
        self.context.inboxes[0].react(recorded, unit)
        unit.commit()

    def post(self, who: str, path: str, **body: object) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[who]}", "Idempotency-Key": str(uuid4())}
        return self.client.post(path, json={"occurred_on": "2024-01-10", **body}, headers=headers)

    def get(self, who: str, path: str) -> Any:
        return self.client.get(path, headers={"Authorization": f"Bearer {self.tokens[who]}"})


@pytest.fixture
def desk(database: str, issuer: Issuer, tmp_path: Path) -> Iterator[Desk]:
    context = Context(SERVICE, settings_for("psychology", database, issuer, tmp_path))
    tokens = {
        "shelter": issuer.token("shelter", "test", shelter=str(SHELTER)),
        "another shelter": issuer.token("shelter", "test", shelter=str(uuid4())),
        "leader": issuer.token("leader", "test", shelter=str(SHELTER)),
        "psychologist": issuer.token("psychologist", "test", psychologist=PSYCHOLOGIST),
        "another psychologist": issuer.token("psychologist", "another"),
        "auditor": issuer.token("auditor", "test", shelter=str(SHELTER)),
        "odense": issuer.token("municipality", "test", municipality=ODENSE),
        "aarhus": issuer.token("municipality", "test", municipality=AARHUS),
        "operator": issuer.token("operator", "test"),
        "adviser": issuer.token("adviser", "test"),
    }
    with TestClient(application(context), raise_server_exceptions=False) as client:
        yield Desk(context, client, tokens)


@dataclass(frozen=True)
class Person:
    """Somebody who is owed treatment."""

    stay_id: UUID
    person_id: UUID
    obligation_id: UUID

    @property
    def path(self) -> str:
        return f"/stays/{self.stay_id}/people/{self.person_id}/treatment"


def obligation(
    person: Person, rule: str = "psychology-woman", unit: Unit | None = "minutes", floor: int = 600, ceiling: int = 600
) -> ObligationOpened:
    return ObligationOpened(
        occurred_on=ADMITTED,
        stay_id=person.stay_id,
        obligation_id=person.obligation_id,
        rule=rule,
        person_id=person.person_id,
        municipality=ODENSE,
        owed_by="home-municipality",
        owed_to="woman",
        due=None,
        counted_from=ADMITTED,
        standard="odense",
        standard_version="1",
        document="Testdokument",
        section="2.4",
        rests_on=uuid4(),
        unit=unit,
        floor=floor,
        ceiling=ceiling,
    )


def transferred(person: Person, rule: str = "psychology-woman") -> ObligationTransferred:
    return ObligationTransferred(
        occurred_on=LATER,
        stay_id=person.stay_id,
        obligation_id=person.obligation_id,
        rule=rule,
        person_id=person.person_id,
        municipality=AARHUS,
        from_municipality=ODENSE,
        rests_on=uuid4(),
    )


def cancelled(person: Person, rule: str = "psychology-woman") -> ObligationCancelled:
    return ObligationCancelled(
        occurred_on=LATER,
        stay_id=person.stay_id,
        obligation_id=person.obligation_id,
        rule=rule,
        person_id=person.person_id,
        municipality=ODENSE,
        rests_on=uuid4(),
    )


def case(stay: UUID, **more: Any) -> CaseOpened:
    values: dict[str, Any] = {
        "occurred_on": ADMITTED,
        "stay_id": stay,
        "standard": "odense",
        "standard_version": "1",
        "shelter_id": SHELTER,
        "home_municipality": ODENSE,
    }
    return CaseOpened(**values | more)


def continued(person: Person, continued_in: UUID) -> StayContinued:
    return StayContinued(
        occurred_on=LATER, stay_id=person.stay_id, person_id=person.person_id, continued_in=continued_in, rests_on=uuid4()
    )


def followed(child: Person, continued_in: UUID) -> ChildFollowed:
    return ChildFollowed(**continued(child, continued_in).model_dump())


def somebody(desk: Desk, *, stay: dict[str, Any] | None = None, person_id: UUID | None = None, **terms: Any) -> Person:
    person = Person(uuid4(), person_id or uuid4(), uuid4())
    desk.hear(case(person.stay_id, **(stay or {})))
    desk.hear(obligation(person, **terms))
    return person


def assign(desk: Desk, person: Person) -> Any:
    body = {"psychologist_id": PSYCHOLOGIST, "employer": "independent", "authorised": True}
    return desk.post("shelter", person.path + "/psychologist", **body)


def ask(desk: Desk, person: Person) -> dict[str, Any]:
    answer: dict[str, Any] = desk.get("shelter", person.path).json()
    return answer


def hold(desk: Desk, person: Person, minutes: int) -> Any:
    return desk.post("psychologist", person.path + "/sessions", session_id=str(uuid4()), minutes=minutes)


def assign_the_shelters(desk: Desk, person: Person, on: str = "2024-01-10") -> Any:
    body = {"occurred_on": on, "psychologist_id": str(uuid4()), "employer": "shelter", "authorised": True}
    return desk.post("shelter", person.path + "/psychologist", **body)


def rule_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rsplit("/", 1)[1]


def test_the_life_of_a_treatment(desk: Desk) -> None:
    person = somebody(desk)
    assert ask(desk, person)["status"] == "open"
    assert desk.post("odense", person.path + "/offer").json() == {"events": ["TreatmentOffered"]}
    assert ask(desk, person)["status"] == "offered"
    assert assign(desk, person).status_code == 201
    session = str(uuid4())
    assert desk.post("psychologist", person.path + "/sessions", session_id=session, minutes=500).status_code == 201
    assert desk.post("psychologist", person.path + "/missed-sessions", session_id=str(uuid4())).status_code == 201
    over = desk.post("leader", person.path + "/sessions", session_id=str(uuid4()), minutes=101)
    assert rule_of(over) == (409, "over-the-ceiling")
    assert "100 minutes are left" in over.json()["detail"]
    assert desk.post("odense", person.path + "/extra-hours", minutes=60).status_code == 201
    assert desk.post("shelter", person.path + f"/sessions/{session}/correction", minutes=450).status_code == 201
    assert desk.post("leader", person.path + "/completion", reason="by-agreement").status_code == 201
    answer = desk.get("shelter", person.path)
    assert answer.headers["etag"] == '"8"'
    treatment = answer.json()
    held = next(row for row in treatment.pop("sessions") if row["session_id"] == session)
    assert held == {
        "session_id": session,
        "day": "2024-01-10",
        "minutes": 450,
        "minutes_recorded": 500,
        "corrected_on": "2024-01-10",
    }
    assert {name: treatment[name] for name in ("status", "floor", "ceiling", "extra_minutes", "used", "left", "reason")} == {
        "status": "completed",
        "floor": 600,
        "ceiling": 600,
        "extra_minutes": 60,
        "used": 450,
        "left": 210,
        "reason": "by-agreement",
    }


def test_the_view_counts_as_the_decider_does(desk: Desk) -> None:
    person = somebody(desk, unit="sessions", floor=4, ceiling=3, rule="psychology-child")
    assign(desk, person)
    first, second = str(uuid4()), str(uuid4())
    desk.post("psychologist", person.path + "/sessions", session_id=first, minutes=120)
    desk.post("psychologist", person.path + "/missed-sessions", session_id=second)
    assert (ask(desk, person)["used"], ask(desk, person)["left"]) == (1, 2)
    desk.post("psychologist", person.path + f"/sessions/{second}/correction", minutes=45)
    assert (ask(desk, person)["used"], ask(desk, person)["left"]) == (2, 1)
    desk.post("psychologist", person.path + f"/sessions/{first}/correction", minutes=0)
    desk.post("odense", person.path + "/extra-hours", minutes=120)
    assert (ask(desk, person)["used"], ask(desk, person)["left"]) == (1, 4)
    desk.post("psychologist", person.path + f"/sessions/{second}/correction", minutes=90)
    assert (ask(desk, person)["used"], ask(desk, person)["left"]) == (1, 4)


def test_after_a_transfer_the_new_municipality_sees_it_and_the_old_one_does_not(desk: Desk) -> None:
    person = somebody(desk)
    assign(desk, person)
    desk.post("psychologist", person.path + "/sessions", session_id=str(uuid4()), minutes=200)
    desk.hear(transferred(person))
    for day, minutes in ((LATER - timedelta(days=1), 10), (LATER, 20), (LATER + timedelta(days=1), 30)):
        held = {"session_id": str(uuid4()), "minutes": minutes, "occurred_on": day.isoformat()}
        assert desk.post("psychologist", person.path + "/sessions", **held).status_code == 201
    seen = desk.get("aarhus", person.path).json()
    assert (seen["used"], seen["left"], [session["minutes"] for session in seen["sessions"]]) == (260, 340, [20, 30])
    assert [session["minutes"] for session in desk.get("shelter", person.path).json()["sessions"]] == [200, 10, 20, 30]
    assert rule_of(desk.get("odense", person.path)) == (404, "treatment-not-open")
    [row] = desk.get("aarhus", "/treatments").json()["items"]
    assert row["person_id"] == str(own_id(AARHUS, person.person_id))
    assert desk.get("aarhus", f"/stays/{row['stay_id']}/people/{row['person_id']}/treatment").json()["left"] == 340
    assert desk.get("odense", "/treatments").json() == {"items": [], "next": None}
    assert desk.get("odense", f"/treatments?municipality={AARHUS}").json() == {"items": [], "next": None}


def test_a_foreign_treatment_is_answered_exactly_as_an_unknown_one(desk: Desk) -> None:
    person = somebody(desk)
    unknown = f"/stays/{uuid4()}/people/{uuid4()}/treatment"
    assert desk.get("aarhus", person.path).json() == desk.get("aarhus", unknown).json()
    reports: dict[str, dict[str, Any]] = {
        "/offer": {},
        "/decline": {"reason": "does-not-want"},
        "/psychologist": {"psychologist_id": str(uuid4()), "employer": "municipality", "authorised": True},
        "/extra-hours": {"minutes": 60},
    }
    for report, body in reports.items():
        foreign = desk.post("aarhus", person.path + report, **body)
        assert (foreign.status_code, foreign.json()) == (404, desk.post("aarhus", unknown + report, **body).json())
    assert ask(desk, person)["status"] == "open"


def test_another_shelters_treatment_is_answered_exactly_as_an_unknown_one(desk: Desk) -> None:
    person = somebody(desk)
    unknown = f"/stays/{uuid4()}/people/{uuid4()}/treatment"
    assert desk.get("another shelter", person.path).json() == desk.get("another shelter", unknown).json()
    foreign = desk.post("another shelter", person.path + "/offer")
    assert (foreign.status_code, foreign.json()) == (404, desk.post("another shelter", unknown + "/offer").json())
    assert desk.get("another shelter", "/treatments").json() == {"items": [], "next": None}
    assert len(desk.get("leader", "/treatments").json()["items"]) == 1


def test_declining_cancels_the_obligation_and_the_reason_stays(desk: Desk) -> None:
    person = somebody(desk)
    desk.post("shelter", person.path + "/offer")
    desk.post("shelter", person.path + "/decline", reason="had-it-at-another-shelter")
    desk.hear(cancelled(person))
    assert (ask(desk, person)["status"], ask(desk, person)["reason"]) == ("declined", "had-it-at-another-shelter")


def test_who_declined_is_offered_it_again_and_treated(desk: Desk) -> None:
    person = somebody(desk)
    desk.post("shelter", person.path + "/offer")
    desk.post("shelter", person.path + "/decline", reason="other-treatment")
    desk.hear(cancelled(person))
    assert rule_of(assign(desk, person)) == (409, "treatment-declined")
    assert rule_of(desk.post("shelter", person.path + "/decline", reason="other-treatment")) == (409, "treatment-declined")
    again = {"occurred_on": LATER.isoformat()}
    assert desk.post("shelter", person.path + "/offer", **again).status_code == 201
    told = ask(desk, person)
    assert (told["status"], told["offered_on"], told["ended_on"], told["reason"]) == ("offered", LATER.isoformat(), None, None)
    assign(desk, person)
    held = desk.post("psychologist", person.path + "/sessions", session_id=str(uuid4()), minutes=60, **again)
    assert (held.status_code, ask(desk, person)["left"]) == (201, 540)


def test_a_cancelled_obligation_closes_and_another_one_opens_it_anew_with_what_was_used(desk: Desk) -> None:
    person = somebody(desk)
    assign(desk, person)
    desk.post("psychologist", person.path + "/sessions", session_id=str(uuid4()), minutes=60)
    desk.hear(cancelled(person))
    assert ask(desk, person)["status"] == "closed"
    after = (LATER + timedelta(days=1)).isoformat()
    refused = desk.post("psychologist", person.path + "/sessions", session_id=str(uuid4()), minutes=60, occurred_on=after)
    assert rule_of(refused) == (409, "treatment-ended")
    desk.hear(obligation(Person(person.stay_id, person.person_id, uuid4())))
    assert (ask(desk, person)["status"], ask(desk, person)["left"]) == ("running", 540)


def test_a_completed_treatment_whose_obligation_is_open_again_goes_on(desk: Desk) -> None:
    person = somebody(desk)
    assign(desk, person)
    hold(desk, person, 60)
    desk.post("psychologist", person.path + "/completion", reason="by-agreement")
    assert ask(desk, person)["status"] == "completed"

    desk.hear(ObligationReopened(**cancelled(person).model_dump()))

    shown = ask(desk, person)
    assert (shown["status"], shown["left"], shown["ended_on"], shown["reason"]) == ("running", 540, None, None)


# From shelter to shelter


def test_a_direct_transfer_continues_what_is_owed(desk: Desk) -> None:
    # given 300 of 600 minutes used, and 60 granted, at the shelter she comes straight from
    first = somebody(desk, stay={"shelter_id": uuid4()})
    second = somebody(desk, person_id=first.person_id)
    desk.hear(continued(first, second.stay_id))
    assert desk.post("odense", first.path + "/psychologist", psychologist_id=PSYCHOLOGIST, employer="independent", authorised=True)
    assert hold(desk, first, 240).status_code == 201
    assert desk.post("odense", first.path + "/extra-hours", minutes=60).status_code == 201
    assign(desk, second)
    # when a session of the first shelter is recorded late, after what was owed there went on here
    desk.hear(cancelled(first))
    assert hold(desk, first, 60).status_code == 201
    # then it counts here too
    here = ask(desk, second)
    assert (here["used"], here["carried_over"], here["left"]) == (0, 300, 360)
    assert rule_of(hold(desk, second, 361)) == (409, "over-the-ceiling")
    assert hold(desk, second, 360).status_code == 201
    here = ask(desk, second)
    assert (here["used"], here["carried_over"], here["left"]) == (360, 300, 0)
    # and what is used here is not left there either
    assert rule_of(hold(desk, first, 1)) == (409, "over-the-ceiling")
    there = desk.get("psychologist", first.path).json()
    assert (there["used"], there["carried_over"], there["left"]) == (300, 0, 0)


def test_what_was_recorded_in_an_annulled_stay_is_not_used_here(desk: Desk) -> None:
    first = somebody(desk)
    second = somebody(desk, person_id=first.person_id)
    desk.hear(continued(first, second.stay_id))
    for person, minutes in ((first, 100), (second, 200)):
        assign(desk, person)
        hold(desk, person, minutes)
    desk.hear(cancelled(first))
    assert ask(desk, first)["left"] == 300

    desk.hear(ContinuationAnnulled(**continued(first, second.stay_id).model_dump()))
    desk.hear(ObligationReopened(**cancelled(first).model_dump()))

    assert (ask(desk, first)["left"], ask(desk, second)["carried_over"]) == (500, 0)
    assert rule_of(hold(desk, first, 501)) == (409, "over-the-ceiling")
    assert hold(desk, first, 500).status_code == 201


def test_a_child_is_carried_over_by_itself_and_over_several_transfers(desk: Desk) -> None:
    child = uuid4()
    first = somebody(desk, person_id=child, rule="psychology-child")
    second = somebody(desk, person_id=child, rule="psychology-child")
    third = somebody(desk, person_id=child, unit="sessions", floor=4, ceiling=10)
    desk.hear(followed(first, second.stay_id))
    desk.hear(followed(second, third.stay_id))
    sibling = Person(third.stay_id, uuid4(), uuid4())
    desk.hear(obligation(sibling, rule="psychology-child"))
    for person, sessions in ((first, 1), (second, 2)):
        assign(desk, person)
        assert {hold(desk, person, 50).status_code for _ in range(sessions)} == {201}
    assert (ask(desk, third)["carried_over"], ask(desk, third)["left"]) == (3, 7)
    assert (ask(desk, sibling)["carried_over"], ask(desk, sibling)["left"]) == (0, 600)
    listed = {row["stay_id"]: row["carried_over"] for row in desk.get("shelter", "/treatments").json()["items"]}
    assert (listed[str(first.stay_id)], listed[str(second.stay_id)]) == (0, 50)


def test_a_child_that_came_back_is_counted_apart_from_the_annulled_stay_and_its_mother_as_before(desk: Desk) -> None:
    first, second = somebody(desk), uuid4()
    child = Person(first.stay_id, uuid4(), uuid4())
    desk.hear(case(second))
    for person in (first, child):
        there = Person(second, person.person_id, uuid4())
        desk.hear(continued(person, second) if person is first else followed(person, second))
        for each in (person, there):
            if each is not first:
                desk.hear(obligation(each, rule="psychology-child"))
            assign(desk, each)
        hold(desk, there, 60)
    assert (ask(desk, first)["left"], ask(desk, child)["left"]) == (540, 540)

    back = {"occurred_on": LATER, "stay_id": child.stay_id, "person_id": child.person_id, "rests_on": uuid4()}
    desk.hear(ChildCameBack(**back))

    assert (ask(desk, first)["left"], ask(desk, child)["left"]) == (540, 600)


def test_who_goes_on_to_a_third_stay_instead_of_the_second_is_counted_there(desk: Desk) -> None:
    first = somebody(desk)
    second, third = (somebody(desk, person_id=first.person_id) for _ in range(2))
    assign(desk, first)
    hold(desk, first, 100)
    desk.hear(continued(first, second.stay_id))
    desk.hear(continued(first, third.stay_id))

    assert (ask(desk, second)["carried_over"], ask(desk, third)["carried_over"]) == (0, 100)


def test_a_new_stay_without_a_transfer_opens_a_new_entitlement(desk: Desk) -> None:
    first = somebody(desk)
    assign(desk, first)
    hold(desk, first, 300)
    again = somebody(desk, person_id=first.person_id)
    assert (ask(desk, again)["carried_over"], ask(desk, again)["left"]) == (0, 600)


def test_stays_that_were_said_to_continue_each_other_count_once(desk: Desk) -> None:
    stay, other, person_id = uuid4(), uuid4(), uuid4()
    people = [Person(stay, person_id, uuid4()), Person(other, person_id, uuid4())]
    for one, next_one in ((stay, other), (other, stay)):
        desk.hear(case(one))
        desk.hear(continued(Person(one, person_id, uuid4()), next_one))
    for person in people:
        desk.hear(obligation(person))
        assign(desk, person)
    hold(desk, people[0], 100)
    assert (ask(desk, people[0])["carried_over"], ask(desk, people[1])["carried_over"]) == (0, 100)


# The shelter's own psychologist (Odense 2.4)


def test_the_shelters_psychologist_treats_its_own_municipalitys_citizens(desk: Desk) -> None:
    own = somebody(desk, stay={"shelter_municipality": ODENSE})
    assert assign_the_shelters(desk, own).status_code == 201
    foreign = somebody(desk, stay={"shelter_municipality": AARHUS})
    assert rule_of(assign_the_shelters(desk, foreign)) == (409, "agreement-needed")


@pytest.mark.parametrize(
    ("on", "status"), [("2024-01-09", 409), ("2024-01-10", 201), ("2024-01-19", 201), ("2024-01-20", 409), ("2024-01-21", 409)]
)
def test_others_are_treated_while_an_agreement_is_in_force(desk: Desk, on: str, status: int) -> None:
    assert desk.post("odense", "/agreements", shelter_id=str(SHELTER)).json()["events"] == ["AgreementMade"]
    ended = desk.post("odense", f"/agreements/{SHELTER}/ending", occurred_on="2024-01-20")
    assert ended.json()["events"] == ["AgreementEnded"]
    assert assign_the_shelters(desk, somebody(desk), on).status_code == status


def test_an_agreement_is_for_one_shelter_and_one_municipality(desk: Desk) -> None:
    desk.post("odense", "/agreements", shelter_id=str(uuid4()))
    desk.post("aarhus", "/agreements", shelter_id=str(SHELTER))
    assert rule_of(assign_the_shelters(desk, somebody(desk))) == (409, "agreement-needed")


def test_agreements_are_seen_by_those_who_made_them(desk: Desk) -> None:
    other = uuid4()
    for who, shelter in (("odense", SHELTER), ("odense", other), ("aarhus", SHELTER)):
        assert desk.post(who, "/agreements", shelter_id=str(shelter)).status_code == 201
    assert rule_of(desk.post("odense", "/agreements", shelter_id=str(SHELTER))) == (409, "already-agreed")

    def seen(who: str) -> list[tuple[str, str]]:
        return sorted((row["municipality"], row["shelter_id"]) for row in desk.get(who, "/agreements").json()["items"])

    assert seen("odense") == sorted([(ODENSE, str(SHELTER)), (ODENSE, str(other))])
    assert seen("shelter") == [(ODENSE, str(SHELTER)), (AARHUS, str(SHELTER))]
    assert seen("auditor") == seen("shelter")
    page = desk.get("auditor", "/agreements?limit=1").json()
    rest = desk.get("auditor", f"/agreements?limit=1&after={page['next']}").json()
    assert (len(page["items"]), len(rest["items"]), rest["next"]) == (1, 1, None)
    assert desk.get("auditor", "/agreements?after=WyJ4IiwieSJd").status_code == 422
    assert desk.post("shelter", "/agreements", shelter_id=str(SHELTER)).status_code == 403
    assert rule_of(desk.post("aarhus", f"/agreements/{other}/ending")) == (404, "no-agreement")


@pytest.mark.parametrize("rule", ["psychology-woman-offer", "admission-notice"])
def test_other_obligations_are_none_of_its_business(desk: Desk, rule: str) -> None:
    person = Person(uuid4(), uuid4(), uuid4())
    for event in (obligation(person, rule), transferred(person, rule), cancelled(person, rule)):
        desk.hear(event)
    assert desk.get("shelter", person.path).status_code == 404
    assert desk.context.store.head() == 0


def test_an_obligation_that_does_not_say_how_much_is_not_guessed(desk: Desk) -> None:
    person = Person(uuid4(), uuid4(), uuid4())
    with pytest.raises(IncompleteObligation):
        desk.hear(obligation(person, unit=None))
    with pytest.raises(IncompleteObligation):
        desk.hear(obligation(person).model_copy(update={"municipality": None}))
    with pytest.raises(IncompleteObligation):
        desk.hear(obligation(person).model_copy(update={"person_id": None}))


def test_the_list_is_paged_and_filtered(desk: Desk) -> None:
    people = [somebody(desk) for _ in range(3)]
    assign(desk, people[0])
    running = desk.get("auditor", "/treatments?status=running").json()["items"]
    assert [row["person_id"] for row in running] == [str(people[0].person_id)]
    first = desk.get("shelter", f"/treatments?municipality={ODENSE}&limit=2").json()
    second = desk.get("shelter", f"/treatments?municipality={ODENSE}&limit=2&after={first['next']}").json()
    listed = [row["person_id"] for row in first["items"] + second["items"]]
    assert (sorted(listed), second["next"]) == (sorted(str(person.person_id) for person in people), None)


@pytest.mark.parametrize("query", ["municipality=0411", "status=unknown", "after=W10=", "after=WyJ4IiwieSJd", "limit=0"])
def test_a_question_that_makes_no_sense_is_refused(desk: Desk, query: str) -> None:
    assert desk.get("auditor", f"/treatments?{query}").status_code == 422


@pytest.mark.parametrize(
    "who, report",
    [
        ("adviser", "/offer"),
        ("operator", "/offer"),
        ("odense", "/sessions"),
        ("odense", "/missed-sessions"),
        ("odense", "/completion"),
        ("shelter", "/extra-hours"),
        ("psychologist", "/extra-hours"),
        ("psychologist", "/offer"),
        ("psychologist", "/psychologist"),
        ("auditor", "/sessions"),
    ],
)
def test_each_report_is_for_some_roles_only(desk: Desk, who: str, report: str) -> None:
    assert desk.post(who, somebody(desk).path + report).status_code == 403


@pytest.mark.parametrize("who", ["adviser", "operator"])
def test_advisers_and_operators_may_not_ask(desk: Desk, who: str) -> None:
    assert desk.get(who, "/treatments").status_code == 403


def test_a_psychologist_has_the_treatments_that_she_is_named_for_and_no_others(desk: Desk) -> None:
    named, unnamed = somebody(desk), somebody(desk)
    assign(desk, named)
    session = {"session_id": str(uuid4()), "minutes": 50}

    assert [row["person_id"] for row in desk.get("psychologist", "/treatments").json()["items"]] == [str(named.person_id)]
    assert desk.get("another psychologist", "/treatments").json()["items"] == []
    for who, person in (("psychologist", unnamed), ("another psychologist", named)):
        assert rule_of(desk.get(who, person.path)) == (404, "treatment-not-open")
        assert rule_of(desk.post(who, person.path + "/sessions", **session)) == (404, "treatment-not-open")
    assert desk.post("psychologist", named.path + "/sessions", **session).status_code == 201

    desk.post("shelter", named.path + "/psychologist", psychologist_id=str(uuid4()), employer="independent", authorised=True)
    assert rule_of(desk.get("psychologist", named.path)) == (404, "treatment-not-open")


@pytest.mark.parametrize(
    "report, body, field",
    [
        ("/sessions", {"session_id": str(UUID(int=1)), "minutes": 0}, "body.minutes"),
        ("/sessions/00000000-0000-0000-0000-000000000001/correction", {"minutes": -1}, "body.minutes"),
        ("/psychologist", {"psychologist_id": str(UUID(int=1)), "employer": "shelter", "authorised": "yes"}, "body.authorised"),
        ("/decline", {"reason": "Testperson Alfa"}, "body.reason"),
    ],
)
def test_a_value_that_cannot_be_right_is_named(desk: Desk, report: str, body: dict[str, object], field: str) -> None:
    answer = desk.post("shelter", somebody(desk).path + report, **body)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])
    assert "Testperson" not in answer.text


def test_the_shelters_psychologist_treats_in_the_stay_for_which_the_municipality_agreed(desk: Desk) -> None:
    person, neighbour = somebody(desk), somebody(desk)
    at = f"/stays/{person.stay_id}/agreement"
    assert rule_of(assign_the_shelters(desk, person)) == (409, "agreement-needed")

    assert desk.post("shelter", f"{at}/request").json()["events"] == ["AgreementRequested"]
    assert desk.post("odense", f"{at}/answer", agreed=False).json()["events"] == ["AgreementAnswered"]
    assert rule_of(assign_the_shelters(desk, person)) == (409, "agreement-needed")

    assert desk.post("shelter", f"{at}/request", occurred_on="2024-01-11").status_code == 201
    assert desk.get("odense", at).json()["waits_since"] == "2024-01-11"
    assert desk.post("odense", f"{at}/answer", occurred_on="2024-01-12", agreed=True).status_code == 201
    told = desk.get("shelter", at).json()
    assert told["waits_since"] is None
    assert [(each["municipality"], each["agreed"], each["answered_on"]) for each in told["answers"]] == [
        (ODENSE, False, "2024-01-10"),
        (ODENSE, True, "2024-01-12"),
    ]
    assert rule_of(desk.get("aarhus", at)) == (404, "no-treatment-owed")
    assert rule_of(assign_the_shelters(desk, person, "2024-01-11")) == (409, "agreement-needed")
    assert rule_of(assign_the_shelters(desk, neighbour, "2024-01-12")) == (409, "agreement-needed")
    assert rule_of(desk.post("shelter", f"{at}/request", occurred_on="2024-01-12")) == (409, "agreement-not-needed")
    assert assign_the_shelters(desk, person, "2024-01-12").status_code == 201


def test_a_request_is_answered_by_the_owing_municipality_alone(desk: Desk) -> None:
    person = somebody(desk)
    desk.post("shelter", f"/stays/{person.stay_id}/agreement/request")
    foreign = desk.post("aarhus", f"/stays/{person.stay_id}/agreement/answer", agreed=True)
    unknown = desk.post("aarhus", f"/stays/{uuid4()}/agreement/answer", agreed=True)
    assert (foreign.status_code, foreign.text) == (unknown.status_code, unknown.text)
    assert rule_of(foreign) == (404, "no-treatment-owed")
    for who in ("shelter", "leader", "psychologist", "operator"):
        assert desk.post(who, f"/stays/{person.stay_id}/agreement/answer", agreed=True).status_code == 403


def test_a_session_of_the_days_that_a_corrected_admission_adds_is_recorded(desk: Desk) -> None:
    # given a treatment, and a stay that began two days before the day it was registered with
    anna = somebody(desk)
    by = {"psychologist_id": PSYCHOLOGIST, "employer": "independent", "authorised": True}
    desk.post("shelter", f"{anna.path}/psychologist", **by)
    session = {"session_id": str(uuid4()), "minutes": 60, "occurred_on": (ADMITTED - timedelta(days=1)).isoformat()}
    refused = desk.post("psychologist", f"{anna.path}/sessions", **session)
    assert refused.json()["type"].endswith("/before-the-treatment-opened")
    # when the day of admission is corrected
    desk.hear(noted(anna, "AdmissionCorrected", until=ADMITTED - timedelta(days=2)))
    # then the session of the day between is recorded
    assert desk.post("psychologist", f"{anna.path}/sessions", **session).status_code == 201
    assert desk.get("shelter", anna.path).json()["used"] == 60


def test_when_every_hour_is_used_and_her_home_changes_the_new_municipality_may_grant_more(desk: Desk) -> None:
    # given a treatment that is used up
    anna = somebody(desk)
    by = {"psychologist_id": PSYCHOLOGIST, "employer": "independent", "authorised": True}
    desk.post("shelter", f"{anna.path}/psychologist", **by)
    for _ in range(10):
        session = desk.post("psychologist", f"{anna.path}/sessions", session_id=str(uuid4()), minutes=60)
        assert session.status_code == 201
    # when her home changes, of which no obligation is left to tell
    desk.hear(noted(anna, "HomeMunicipalityChanged", municipality=AARHUS))
    # then the new municipality may grant more, and the one before may not
    more = {"minutes": 60, "occurred_on": LATER.isoformat()}
    assert desk.post("odense", f"{anna.path}/extra-hours", **more).status_code == 404
    assert desk.post("aarhus", f"{anna.path}/extra-hours", **more).status_code == 201
    told = desk.get("aarhus", anna.path).json()
    assert (told["municipality"], told["used"], told["left"], told["sessions"]) == (AARHUS, 600, 60, [])


def noted(person: Person, fact: str, *, until: date | None = None, municipality: str | None = None) -> FactNoted:
    return FactNoted(
        occurred_on=LATER,
        stay_id=person.stay_id,
        fact=fact,
        fact_id=uuid4(),
        person_id=None,
        reference=None,
        minutes=None,
        until=until,
        municipality=municipality,
        attributes={},
    )

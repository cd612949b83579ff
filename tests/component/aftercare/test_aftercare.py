"""Aftercare on a real PostgreSQL: obligations come in, reports are taken, and families can be listed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from aftercare.main import SERVICE
from havn_chassis.service import Context, application
from havn_embedded.tokens import Issuer
from havn_events import Recorded
from havn_events.orchestrator import CaseOpened, FactNoted, ObligationCancelled, ObligationEvent, ObligationOpened
from tests.support import settings_for

MOVED_OUT = date(2024, 1, 3)

SHELTER = UUID(int=7)


@dataclass
class Desk:
    """The running service, and the people who call it."""

    context: Context
    client: TestClient
    tokens: dict[str, str]

    def hear(self, event: ObligationEvent | CaseOpened | FactNoted) -> None:
        """Apply an event of the orchestrator."""
        unit = self.context.unit("orchestrator")
        recorded = Recorded.of(event, originator_id=uuid4(), originator_version=1, recorded_at=unit.now, actor="operator:test")
        self.context.inboxes[0].react(recorded, unit)
        unit.commit()

    def post(self, path: str, *, who: str = "shelter", on: str = "2024-01-03", **body: object) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[who]}", "Idempotency-Key": str(uuid4())}
        return self.client.post(path, json={"occurred_on": on, **body}, headers=headers)

    def get(self, path: str, who: str = "shelter") -> Any:
        return self.client.get(path, headers={"Authorization": f"Bearer {self.tokens[who]}"})


@pytest.fixture
def desk(database: str, issuer: Issuer, tmp_path: Path) -> Iterator[Desk]:
    context = Context(SERVICE, settings_for("aftercare", database, issuer, tmp_path))
    tokens = {
        "shelter": issuer.token("shelter", "test", shelter=str(SHELTER)),
        "another shelter": issuer.token("shelter", "test", shelter=str(uuid4())),
        "leader": issuer.token("leader", "test", shelter=str(SHELTER)),
        "psychologist": issuer.token("psychologist", "test"),
        "municipality": issuer.token("municipality", "test", municipality="0157"),
        "operator": issuer.token("operator", "test"),
        "auditor": issuer.token("auditor", "test", shelter=str(SHELTER)),
        "adviser": issuer.token("adviser", "test"),
    }
    with TestClient(application(context), raise_server_exceptions=False) as client:
        yield Desk(context, client, tokens)


def owed(stay: UUID, rule: str = "aftercare-offer", obligation_id: UUID | None = None, **more: Any) -> ObligationOpened:
    return ObligationOpened(
        occurred_on=MOVED_OUT,
        stay_id=stay,
        obligation_id=obligation_id or uuid4(),
        rule=rule,
        person_id=uuid4(),
        municipality="0157",
        owed_by="shelter",
        owed_to="woman-and-children",
        due=MOVED_OUT,
        counted_from=MOVED_OUT,
        standard="hellerup",
        standard_version="1",
        document="Testdokument",
        section="Efterværn",
        rests_on=uuid4(),
        **more,
    )


def course(stay: UUID, visits: int = 3, complete_from: date = date(2024, 4, 3)) -> ObligationOpened:
    return owed(stay, "aftercare-course", course_visits=visits, course_complete_from=complete_from)


def case(stay: UUID) -> CaseOpened:
    return CaseOpened(
        occurred_on=MOVED_OUT,
        stay_id=stay,
        standard="hellerup",
        standard_version="1",
        shelter_id=SHELTER,
        home_municipality="0461",
    )


def cancelled(opened: ObligationOpened) -> ObligationCancelled:
    return ObligationCancelled(
        occurred_on=MOVED_OUT,
        stay_id=opened.stay_id,
        obligation_id=opened.obligation_id,
        rule=opened.rule,
        person_id=opened.person_id,
        municipality=opened.municipality,
        rests_on=uuid4(),
    )


def a_family(desk: Desk) -> str:
    stay = uuid4()
    desk.hear(case(stay))
    desk.hear(owed(stay))
    return f"/stays/{stay}/aftercare"


def status(desk: Desk, path: str) -> str:
    answer: str = desk.get(path).json()["status"]
    return answer


def rule_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rsplit("/", 1)[1]


def test_the_life_of_a_course(desk: Desk) -> None:
    path = a_family(desk)
    assert status(desk, path) == "open"
    assert desk.post(path + "/offer").json() == {"version": 2, "events": ["AftercareOffered"]}
    assert status(desk, path) == "offered"
    assert desk.post(path + "/start", who="leader").status_code == 201
    desk.hear(course(stay_of(path)))
    assert status(desk, path) == "running"
    for on, place in (("2024-03-01", "home"), ("2024-01-20", "shelter")):
        assert desk.post(path + "/visits", on=on, visit_id=str(uuid4()), place=place).status_code == 201
    assert desk.post(path + "/end", on="2024-04-03", because="no-contact").status_code == 201
    answer = desk.get(path)
    assert answer.headers["etag"] == '"7"'
    family = answer.json()
    assert (family["status"], family["completed"], family["visits"]) == ("ended", False, 2)
    assert (family["last_visit_on"], family["ended_on"]) == ("2024-03-01", "2024-04-03")
    late = desk.post(path + "/visits", on="2024-02-01", visit_id=str(uuid4()), place="home")
    assert late.json() == {"version": 9, "events": ["AftercareVisitMade", "AftercareEnded"]}
    family = desk.get(path).json()
    assert (family["completed"], family["visits"], family["ended_on"]) == (True, 3, "2024-04-03")


def left(desk: Desk, path: str) -> tuple[int, int | None, str | None]:
    """Visits made and left, and the day from which the course can be completed, as both questions answer."""
    one = desk.get(path).json()
    [listed] = [family for family in desk.get("/aftercare").json()["items"] if family["stay_id"] == one["stay_id"]]
    assert listed == one
    return one["visits"], one["visits_left"], one["complete_from"]


def test_how_many_visits_are_left_and_from_which_day_it_can_be_complete(desk: Desk) -> None:
    path = accepted(desk)
    assert left(desk, path) == (0, None, None)
    desk.hear(course(stay_of(path), 2))
    for made, to_make in ((0, 2), (1, 1), (2, 0), (3, 0)):
        assert left(desk, path) == (made, to_make, "2024-04-03")
        desk.post(path + "/visits", visit_id=str(uuid4()), place="home")
    desk.hear(course(stay_of(path), 5, date(2024, 7, 3)))
    assert left(desk, path) == (4, 1, "2024-07-03")


def test_a_course_that_ended_before_its_obligation_came_is_judged_then(desk: Desk) -> None:
    path = accepted(desk)
    for _ in range(3):
        desk.post(path + "/visits", visit_id=str(uuid4()), place="shelter")
    desk.post(path + "/end", on="2024-04-03", because="course-over")
    assert (status(desk, path), desk.get(path).json()["completed"]) == ("ended", None)
    owed_course = course(stay_of(path))
    desk.hear(owed_course)
    assert (status(desk, path), desk.get(path).json()["completed"]) == ("ended", True)
    head = desk.context.store.head()
    desk.hear(owed_course)
    assert desk.context.store.head() == head


def test_a_closed_course_that_is_owed_again_goes_on(desk: Desk) -> None:
    path = accepted(desk)
    first = course(stay_of(path))
    desk.hear(first)
    desk.hear(cancelled(first))
    assert (status(desk, path), left(desk, path)) == ("closed", (0, None, None))
    desk.hear(course(stay_of(path), 5))
    assert (status(desk, path), left(desk, path)) == ("running", (0, 5, "2024-04-03"))


def test_an_obligation_that_says_nothing_of_a_course_changes_nothing(desk: Desk) -> None:
    path = accepted(desk)
    head = desk.context.store.head()
    desk.hear(owed(stay_of(path), "aftercare-course"))
    assert (desk.context.store.head(), left(desk, path)) == (head, (0, None, None))


def stay_of(path: str) -> UUID:
    return UUID(path.split("/")[2])


def accepted(desk: Desk) -> str:
    path = a_family(desk)
    for report in ("/offer", "/start"):
        desk.post(path + report)
    return path


def invitations(desk: Desk, path: str) -> tuple[int, str | None, str | None]:
    """How many, the last, and since when the family wants no more, as both questions answer."""
    one = desk.get(path).json()
    [listed] = [family for family in desk.get("/aftercare").json()["items"] if family["stay_id"] == one["stay_id"]]
    assert listed == one
    return one["invitations"], one["last_invited_on"], one["invitations_declined_on"]


def test_invitations_to_the_cafe_are_counted_whenever_they_are_told(desk: Desk) -> None:
    path, another = accepted(desk), accepted(desk)
    assert invitations(desk, path) == (0, None, None)
    invited = desk.post(path + "/cafe-invitations", on="2024-05-15", who="leader")
    assert (invited.status_code, invited.json()) == (201, {"version": 4, "events": ["CafeInvitationSent"]})
    assert rule_of(desk.post(path + "/cafe-invitations", on="2024-05-15")) == (409, "already-invited-that-day")
    assert desk.post(path + "/cafe-invitations", on="2024-05-14").status_code == 201
    assert invitations(desk, path) == (2, "2024-05-15", None)
    desk.post(path + "/end", on="2024-06-01", because="course-over")
    assert desk.post(path + "/cafe-invitations", on="2024-11-15").status_code == 201
    assert (invitations(desk, path), status(desk, path)) == ((3, "2024-11-15", None), "ended")
    assert invitations(desk, another) == (0, None, None)


DECLINED, THE_DAY_BEFORE, THE_DAY_AFTER = "2024-06-10", "2024-06-09", "2024-06-11"


@pytest.mark.parametrize(("on", "since"), [(THE_DAY_BEFORE, DECLINED), (DECLINED, None), (THE_DAY_AFTER, None)])
def test_a_family_that_wants_no_more_invitations_may_think_better_of_it(desk: Desk, on: str, since: str | None) -> None:
    path = accepted(desk)
    declined = desk.post(path + "/cafe-invitations/decline", on=DECLINED)
    assert (declined.status_code, declined.json()) == (201, {"version": 4, "events": ["CafeInvitationsDeclined"]})
    assert rule_of(desk.post(path + "/cafe-invitations/decline", on=THE_DAY_AFTER)) == (409, "cafe-invitations-already-declined")
    assert invitations(desk, path) == (0, None, DECLINED)
    assert desk.post(path + "/cafe-invitations", on=on).status_code == 201
    assert invitations(desk, path) == (1, on, since)
    again = desk.post(path + "/cafe-invitations/decline", on="2024-07-01")
    assert again.status_code == (201 if since is None else 409)


@pytest.mark.parametrize(("on", "since"), [(THE_DAY_BEFORE, None), (DECLINED, DECLINED), (THE_DAY_AFTER, THE_DAY_AFTER)])
def test_what_it_declined_before_the_last_invitation_is_told_late(desk: Desk, on: str, since: str | None) -> None:
    path = accepted(desk)
    for invited_on in ("2024-02-01", DECLINED, "2024-03-01"):
        desk.post(path + "/cafe-invitations", on=invited_on)
    assert desk.post(path + "/cafe-invitations/decline", on=on).status_code == 201
    assert invitations(desk, path) == (3, DECLINED, since)
    again = desk.post(path + "/cafe-invitations/decline", on="2024-07-01")
    assert again.status_code == (201 if since is None else 409)


@pytest.mark.parametrize("report", ["/cafe-invitations", "/cafe-invitations/decline"])
def test_nobody_is_invited_before_aftercare_started_or_once_it_is_owed_no_more(desk: Desk, report: str) -> None:
    path = a_family(desk)
    desk.post(path + "/offer")
    assert rule_of(desk.post(path + report)) == (409, "not-started")
    desk.post(path + "/start")
    assert rule_of(desk.post(path + report, on="2024-01-02")) == (409, "before-the-start")
    opened = course(stay_of(path))
    desk.hear(opened)
    desk.hear(cancelled(opened))
    assert rule_of(desk.post(path + report)) == (409, "aftercare-over")


def test_nothing_is_known_before_the_case_arrives(desk: Desk) -> None:
    path = f"/stays/{uuid4()}/aftercare"
    assert rule_of(desk.get(path)) == (404, "stay-unknown")
    assert rule_of(desk.post(path + "/offer")) == (404, "stay-unknown")


def test_the_case_file_of_an_inquiry_is_no_stay(desk: Desk) -> None:
    inquiry = uuid4()
    desk.hear(case(inquiry).model_copy(update={"home_municipality": None}))
    path = f"/stays/{inquiry}/aftercare"
    assert rule_of(desk.get(path)) == (404, "stay-unknown")
    assert rule_of(desk.post(path + "/offer")) == (404, "stay-unknown")


def test_another_shelters_family_is_answered_exactly_as_an_unknown_one(desk: Desk) -> None:
    path, unknown = a_family(desk), f"/stays/{uuid4()}/aftercare"
    assert desk.get(path, "another shelter").json() == desk.get(unknown, "another shelter").json()
    foreign = desk.post(path + "/offer", who="another shelter")
    assert (foreign.status_code, foreign.json()) == (404, desk.post(unknown + "/offer", who="another shelter").json())
    assert desk.get("/aftercare", "another shelter").json() == {"items": [], "next": None}
    assert len(desk.get("/aftercare", "leader").json()["items"]) == 1


def test_declining_cancels_the_obligation_and_the_reason_stays(desk: Desk) -> None:
    stay, obligation_id = uuid4(), uuid4()
    opened = owed(stay, obligation_id=obligation_id)
    desk.hear(case(stay))
    desk.hear(opened)
    path = f"/stays/{stay}/aftercare"
    desk.post(path + "/offer")
    desk.post(path + "/decline", reason="moved-too-far")
    desk.hear(cancelled(opened))
    assert (status(desk, path), desk.get(path).json()["reason"]) == ("declined", "moved-too-far")
    desk.hear(owed(stay))
    assert (status(desk, path), desk.get(path).json()["reason"]) == ("open", None)


def test_a_family_that_declined_is_offered_it_again_and_accepts(desk: Desk) -> None:
    stay = uuid4()
    desk.hear(case(stay))
    desk.hear(owed(stay))
    path = f"/stays/{stay}/aftercare"
    desk.post(path + "/offer")
    desk.post(path + "/decline", reason="moved-too-far")
    assert rule_of(desk.post(path + "/start")) == (409, "aftercare-declined")
    desk.post(path + "/offer")
    assert (status(desk, path), desk.get(path).json()["reason"]) == ("offered", None)
    desk.post(path + "/start")
    assert status(desk, path) == "running"


def test_a_cancelled_offer_closes_it_and_another_obligation_opens_it_anew(desk: Desk) -> None:
    stay = uuid4()
    opened = owed(stay)
    desk.hear(case(stay))
    desk.hear(opened)
    path = f"/stays/{stay}/aftercare"
    desk.post(path + "/offer")
    desk.hear(cancelled(opened))
    assert status(desk, path) == "closed"
    assert rule_of(desk.post(path + "/start")) == (409, "aftercare-over")
    desk.hear(owed(stay))
    assert status(desk, path) == "offered"


def test_a_cancelled_course_closes_it(desk: Desk) -> None:
    stay = uuid4()
    desk.hear(case(stay))
    desk.hear(owed(stay))
    path = f"/stays/{stay}/aftercare"
    desk.post(path + "/offer")
    desk.post(path + "/start")
    opened = course(stay)
    desk.hear(opened)
    assert status(desk, path) == "running"
    desk.hear(cancelled(opened))
    assert status(desk, path) == "closed"


def noted(stay: UUID, fact: str) -> FactNoted:
    return FactNoted(
        occurred_on=MOVED_OUT,
        stay_id=stay,
        fact=fact,
        fact_id=uuid4(),
        person_id=None,
        reference=None,
        minutes=None,
        until=MOVED_OUT,
        municipality=None,
        attributes={},
    )


def test_an_annulled_stay_closes_it_also_after_the_course_ended(desk: Desk) -> None:
    path = accepted(desk)
    stay = stay_of(path)
    desk.post(path + "/end", on="2024-06-01", because="no-contact")
    assert (desk.get(path).json()["ended_because"], status(desk, path)) == ("no-contact", "ended")
    desk.hear(noted(stay, "WomanMovedOut"))
    assert desk.post(path + "/cafe-invitations", on="2024-06-02").status_code == 201
    desk.hear(noted(stay, "StayAnnulled"))
    assert status(desk, path) == "closed"
    assert rule_of(desk.post(path + "/cafe-invitations", on="2024-06-03")) == (409, "aftercare-over")


def test_a_stay_without_aftercare_is_annulled_without_a_trace(desk: Desk) -> None:
    stay = uuid4()
    desk.hear(case(stay))
    desk.hear(noted(stay, "StayAnnulled"))
    assert desk.context.store.head() == 0


@pytest.mark.parametrize("because", [None, "they were tired"])
def test_an_end_says_why_in_a_code(desk: Desk, because: str | None) -> None:
    path = accepted(desk)
    answer = desk.post(path + "/end", on="2024-06-01", **({} if because is None else {"because": because}))
    assert answer.status_code == 422
    assert "tired" not in answer.text


def test_other_obligations_are_none_of_its_business(desk: Desk) -> None:
    other = owed(uuid4(), "discharge-notice")
    desk.hear(other)
    desk.hear(cancelled(other))
    assert desk.context.store.head() == 0


def test_the_list_is_paged_and_filtered(desk: Desk) -> None:
    paths = [a_family(desk) for _ in range(3)]
    desk.post(paths[0] + "/offer")
    offered = desk.get("/aftercare?status=offered", "auditor").json()["items"]
    assert [f"/stays/{row['stay_id']}/aftercare" for row in offered] == [paths[0]]
    first = desk.get("/aftercare?limit=2").json()
    second = desk.get(f"/aftercare?limit=2&after={first['next']}").json()
    listed = [f"/stays/{row['stay_id']}/aftercare" for row in first["items"] + second["items"]]
    assert (sorted(listed), second["next"]) == (sorted(paths), None)


@pytest.mark.parametrize("query", ["status=unknown", "after=W10=", "after=WyJ4Il0=", "limit=201"])
def test_a_question_that_makes_no_sense_is_refused(desk: Desk, query: str) -> None:
    assert desk.get(f"/aftercare?{query}").status_code == 422


@pytest.mark.parametrize("who", ["psychologist", "municipality", "adviser", "operator"])
def test_only_the_shelter_reports(desk: Desk, who: str) -> None:
    path = a_family(desk)
    for report in ("/offer", "/decline", "/start", "/visits", "/end", "/cafe-invitations", "/cafe-invitations/decline"):
        assert desk.post(path + report, who=who).status_code == 403


@pytest.mark.parametrize("who", ["psychologist", "municipality", "adviser", "operator"])
def test_only_the_shelter_and_its_auditor_ask(desk: Desk, who: str) -> None:
    assert desk.get(a_family(desk), who).status_code == 403
    assert desk.get("/aftercare", who).status_code == 403


def test_a_value_that_cannot_be_right_is_named_and_never_echoed(desk: Desk) -> None:
    answer = desk.post(a_family(desk) + "/visits", visit_id=str(uuid4()), place="Testvej 1")
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, ["body.place"])
    assert "Testvej" not in answer.text


def test_a_day_that_is_written_wrongly_is_refused_in_words_for_people(desk: Desk) -> None:
    answer = desk.post(a_family(desk) + "/offer", on="02-07-2024")
    [error] = answer.json()["errors"]
    assert (error["field"], error["detail"]) == ("body.occurred_on", "A day is written YYYY-MM-DD")

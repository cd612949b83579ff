"""The coordinating-advice service on a real PostgreSQL."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from coordinating_advice.main import SERVICE
from havn_chassis.service import Context, application
from havn_embedded.tokens import Issuer
from havn_events import Recorded
from havn_events.event import Event
from havn_events.municipal import own_id
from havn_events.orchestrator import (
    CaseOpened,
    ContinuationAnnulled,
    FactNoted,
    ObligationCancelled,
    ObligationOpened,
    ObligationRescheduled,
    ObligationTransferred,
    StayContinued,
)
from tests.support import settings_for

ODENSE, GENTOFTE = "0461", "0157"
DAY = timedelta(days=1)
ADMITTED_ON = date(2025, 1, 6)
STARTED_ON = date(2025, 2, 3)
MOVED_OUT_ON = date(2025, 3, 3)
LAST_DAY = date(2025, 9, 3)
LATEST = date(2026, 3, 3)
ADVISER = str(UUID(int=41))


@dataclass
class House:
    """A running service, the upstream that feeds it, and callers."""

    client: TestClient
    context: Context
    issuer: Issuer
    stay_id: UUID = field(default_factory=uuid4)
    shelter_id: UUID = field(default_factory=uuid4)
    position: int = 0

    def case_opens(self, **more: Any) -> None:
        """What every stay begins with; its shelter is known from it."""
        self.happens(
            CaseOpened(
                stay_id=self.stay_id,
                occurred_on=ADMITTED_ON,
                standard="odense",
                standard_version="2023",
                shelter_id=self.shelter_id,
                home_municipality=ODENSE,
                **more,
            )
        )

    def happens(self, *events: Event) -> None:
        """Apply what the orchestrator recorded, as the inbox does."""
        unit = self.context.unit("coordinating-advice")
        for event in events:
            self.position += 1
            recorded = Recorded.of(
                event,
                originator_id=event.case_id,
                originator_version=self.position,
                recorded_at=unit.now,
                actor="orchestrator",
            )
            self.context.inboxes[0].react(recorded, unit)
        unit.commit()

    def reports(
        self, what: str, on: date, role: Any = "shelter", code: str = ODENSE, adviser: str = ADVISER, **body: Any
    ) -> Any:
        token = self.issuer.token(role, role, shelter=str(self.shelter_id), municipality=code, adviser=adviser)
        return self.client.post(
            f"/stays/{self.stay_id}/advice/{what}",
            json={"occurred_on": on.isoformat(), **body},
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())},
        )

    def get(self, path: str, role: Any = "shelter", code: str = ODENSE, adviser: str = ADVISER) -> Any:
        token = self.issuer.token(role, role, shelter=str(self.shelter_id), municipality=code, adviser=adviser)
        return self.client.get(path, headers={"Authorization": f"Bearer {token}"})

    def advice(self, role: Any = "shelter", code: str = ODENSE) -> dict[str, Any]:
        answer = self.get(f"/stays/{self.stay_id}/advice", role, code)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def holds_meeting(self, on: date, minutes: int = 45, **more: Any) -> Any:
        return self.reports("meetings", on, meeting_id=str(uuid4()), minutes=minutes, **({"by": "shelter"} | more))

    def _about(self, event: type[Any], rule: str, on: date, **more: Any) -> Any:
        values: dict[str, Any] = {
            "stay_id": self.stay_id,
            "occurred_on": on,
            "obligation_id": uuid4(),
            "rule": rule,
            "person_id": None,
            "municipality": ODENSE,
            "rests_on": uuid4(),
        }
        return event(**(values | more))

    def opened(self, rule: str, on: date, **more: Any) -> Any:
        values: dict[str, Any] = {
            "owed_by": "home-municipality",
            "owed_to": "woman",
            "due": None,
            "counted_from": on,
            "standard": "odense",
            "standard_version": "2023",
            "document": "Kvalitetsstandard",
            "section": "2.5",
        }
        return self._about(ObligationOpened, rule, on, **(values | more))

    def window(self, **more: Any) -> Any:
        return self.opened("advice-window", MOVED_OUT_ON, **({"due": LAST_DAY} | more))

    def rescheduled(self, moved_out_on: date | None, until: date | None, rule: str = "advice-window") -> Any:
        return self._about(ObligationRescheduled, rule, MOVED_OUT_ON, due=until, due_before=LAST_DAY, counted_from=moved_out_on)

    def transferred(self, on: date, rule: str = "advice-window", to: str = GENTOFTE) -> Any:
        return self._about(ObligationTransferred, rule, on, municipality=to, from_municipality=ODENSE)

    def cancelled(self, rule: str) -> Any:
        return self._about(ObligationCancelled, rule, MOVED_OUT_ON)

    def fact(self, name: str, municipality: str | None = None, until: date | None = None) -> FactNoted:
        return FactNoted(
            stay_id=self.stay_id,
            occurred_on=MOVED_OUT_ON,
            fact=name,
            fact_id=uuid4(),
            person_id=None,
            reference=None,
            minutes=None,
            until=until,
            municipality=municipality,
            attributes={},
        )


@pytest.fixture
def house(database: str, issuer: Issuer, tmp_path: Path) -> Iterator[House]:
    context = Context(SERVICE, settings_for("coordinating-advice", database, issuer, tmp_path))
    with TestClient(application(context), raise_server_exceptions=False) as client:
        house = House(client, context, issuer)
        house.case_opens()
        yield house


@pytest.fixture
def started(house: House) -> House:
    house.happens(house.opened("initial-advice", ADMITTED_ON), house.window())
    assert house.reports("start", STARTED_ON, variant="cti", by="shelter").status_code == 201
    return house


def rule_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition("/")[2]


def types(house: House) -> list[str]:
    return [Recorded.from_bytes(row.raw).type for row in house.context.store.events_after(0, 1000)]


# From the orchestrator.


def test_before_anything_is_owed_there_is_no_advice(house: House) -> None:
    assert rule_of(house.get(f"/stays/{house.stay_id}/advice")) == (404, "advice-not-open")
    assert rule_of(house.reports("offer", ADMITTED_ON)) == (404, "advice-not-open")


@pytest.mark.parametrize("rule", ["initial-advice", "advice-start"])
def test_the_first_obligation_opens_the_advice(house: House, rule: str) -> None:
    house.happens(house.opened(rule, ADMITTED_ON), house.opened("initial-advice", ADMITTED_ON))
    assert types(house) == ["AdviceOpened"]
    assert house.advice()["status"] == "open"


def test_what_is_no_advice_or_owed_by_nobody_opens_nothing(house: House) -> None:
    house.happens(
        house.opened("psychology-woman", ADMITTED_ON, due=LAST_DAY),
        house.opened("advice-offer", MOVED_OUT_ON, due=LAST_DAY),
        house.opened("initial-advice", ADMITTED_ON, municipality=None),
        house.window(municipality=None),
        house.window(due=None),
        house.window(counted_from=None),
    )
    assert types(house) == []


def test_the_window_opens_and_a_correction_moves_it(house: House) -> None:
    house.happens(house.opened("initial-advice", ADMITTED_ON), house.window())
    seen = house.advice()
    assert [seen[key] for key in ("moved_out_on", "until", "latest_until")] == [
        day.isoformat() for day in (MOVED_OUT_ON, LAST_DAY, LATEST)
    ]
    house.happens(
        house.rescheduled(MOVED_OUT_ON, LAST_DAY),
        house.rescheduled(MOVED_OUT_ON, None),
        house.rescheduled(MOVED_OUT_ON + DAY, LAST_DAY + DAY, rule="advice-start"),
    )
    assert house.advice() == seen
    house.happens(house.rescheduled(MOVED_OUT_ON + DAY, LAST_DAY + DAY))
    moved = house.advice()
    assert (moved["moved_out_on"], moved["until"]) == (
        (MOVED_OUT_ON + DAY).isoformat(),
        (LAST_DAY + DAY).isoformat(),
    )


def test_an_annulled_stay_closes_the_advice_and_a_cancelled_obligation_does_not(house: House) -> None:
    house.happens(house.opened("initial-advice", ADMITTED_ON), house.cancelled("advice-start"), house.fact("MoveOutCancelled"))
    assert house.advice()["status"] == "open"
    house.happens(house.fact("StayAnnulled"))
    assert house.advice()["status"] == "closed"
    assert rule_of(house.reports("offer", ADMITTED_ON)) == (409, "advice-closed")


def test_a_direct_transfer_closes_it_with_its_window_and_an_annulled_one_opens_it_again(house: House) -> None:
    onward: dict[str, Any] = {"stay_id": house.stay_id, "occurred_on": MOVED_OUT_ON, "person_id": uuid4()}
    onward |= {"continued_in": uuid4(), "rests_on": uuid4()}
    house.happens(house.opened("initial-advice", ADMITTED_ON), house.window(), StayContinued(**onward))
    assert house.advice()["status"] == "closed"
    after = house.reports("offer", MOVED_OUT_ON + timedelta(days=1))
    assert rule_of(after) == (409, "advice-goes-on-elsewhere")
    assert house.reports("offer", MOVED_OUT_ON).status_code == 201

    house.happens(ContinuationAnnulled(**onward))

    assert house.advice()["status"] == "offered"


# Reports.


def test_the_whole_course_is_told_by_one_question(house: House) -> None:
    house.happens(house.opened("initial-advice", ADMITTED_ON))
    from_adviser, to_adviser = str(uuid4()), str(uuid4())
    statuses = []
    for report in (
        lambda: house.reports("initial", ADMITTED_ON, by="shelter"),
        lambda: house.reports("offer", ADMITTED_ON),
        lambda: house.reports("decline", ADMITTED_ON + DAY, reason="does-not-want"),
        lambda: house.reports("start", STARTED_ON, variant="ordinary", by="shelter"),
        lambda: house.happens(house.window()),
        lambda: house.holds_meeting(MOVED_OUT_ON + DAY, 45),
        lambda: house.reports("adviser", STARTED_ON, role="municipality", adviser_id=from_adviser),
        lambda: house.holds_meeting(MOVED_OUT_ON + 2 * DAY, 30, role="adviser", adviser=from_adviser),
        lambda: house.reports(
            "handover",
            MOVED_OUT_ON + 3 * DAY,
            role="municipality",
            from_adviser_id=from_adviser,
            to_adviser_id=to_adviser,
            municipality=ODENSE,
        ),
        lambda: house.reports("extension", MOVED_OUT_ON, role="municipality", until=LATEST.isoformat()),
        lambda: house.reports("end", LATEST, role="municipality", because="last-day"),
    ):
        answer = report()
        assert answer is None or answer.status_code == 201, answer.text
        statuses.append(house.advice()["status"])
    assert statuses == ["open", "offered", "declined", *["started"] * 7, "ended"]
    assert house.advice() == {
        "stay_id": str(house.stay_id),
        "status": "ended",
        "municipality": ODENSE,
        "initial_advice_on": ADMITTED_ON.isoformat(),
        "offered_on": ADMITTED_ON.isoformat(),
        "declined_on": None,
        "declined_because": None,
        "started_on": STARTED_ON.isoformat(),
        "variant": "ordinary",
        "started_by": "shelter",
        "phase": None,
        "phase_began_on": None,
        "adviser_id": to_adviser,
        "taken_over_on": None,
        "taken_over_at": None,
        "taken_over_by": None,
        "moved_out_on": MOVED_OUT_ON.isoformat(),
        "until": LATEST.isoformat(),
        "latest_until": LATEST.isoformat(),
        "shelter_advises": "all",
        "ended_on": LATEST.isoformat(),
        "ended_because": "last-day",
        "meetings": 2,
        "minutes": 75,
        "handed_on": None,
    }


def test_a_decline_keeps_its_reason(house: House) -> None:
    house.happens(house.opened("initial-advice", ADMITTED_ON))
    house.reports("decline", ADMITTED_ON, reason="has-it-elsewhere")
    assert house.advice()["declined_because"] == "has-it-elsewhere"


@pytest.mark.parametrize("days", [-1, 1])
def test_a_corrected_move_out_moves_its_day_and_leaves_what_was_granted_and_recorded(started: House, days: int) -> None:
    # given a meeting on the day after the move-out, and a window extended as far as can be
    assert started.holds_meeting(MOVED_OUT_ON + DAY).status_code == 201
    assert started.reports("extension", MOVED_OUT_ON, role="municipality", until=LATEST.isoformat()).status_code == 201
    # when the day of the move-out is corrected, and its window keeps the last day
    right = MOVED_OUT_ON + days * DAY
    started.happens(started.rescheduled(right, LATEST))
    # then the right day and the granted one are shown, and 12 months are counted from the right day
    advice = started.advice()
    latest = LATEST + days * DAY
    seen = (advice["moved_out_on"], advice["until"], advice["latest_until"])
    assert seen == (right.isoformat(), LATEST.isoformat(), latest.isoformat())
    answer = started.reports("extension", MOVED_OUT_ON, role="municipality", until=(LATEST + DAY).isoformat())
    assert answer.status_code == (409 if days < 0 else 201)
    assert started.holds_meeting(LATEST).status_code == 201


def test_the_echo_of_an_extension_is_no_news(started: House) -> None:
    assert started.reports("extension", MOVED_OUT_ON, role="municipality", until=LATEST.isoformat()).status_code == 201
    before = types(started)
    started.happens(started.rescheduled(MOVED_OUT_ON, LATEST))
    assert types(started) == before


def test_a_refusal_names_rule_and_field_and_not_what_was_sent(started: House) -> None:
    answer = started.reports("extension", MOVED_OUT_ON, role="municipality", until=(LATEST + DAY).isoformat())
    assert rule_of(answer) == (409, "extension-beyond-12-months")
    assert answer.json()["errors"][0]["field"] == "until"
    assert (LATEST + DAY).isoformat() not in answer.text


@pytest.mark.parametrize("minutes", [0, -1, 1441, "45", 1.5, True])
def test_minutes_are_whole_and_at_least_one(started: House, minutes: object) -> None:
    answer = started.reports("meetings", MOVED_OUT_ON, meeting_id=str(uuid4()), minutes=minutes, by="shelter")
    assert answer.status_code == 422


# Who may.


@pytest.mark.parametrize("role", ["shelter", "leader", "adviser"])
def test_only_a_municipality_extends(started: House, role: str) -> None:
    assert started.reports("extension", MOVED_OUT_ON, role=role, until=LATEST.isoformat()).status_code == 403


@pytest.mark.parametrize("role", ["shelter", "leader", "adviser"])
def test_only_a_municipality_names_an_adviser_and_hands_over(started: House, role: str) -> None:
    assert started.reports("adviser", MOVED_OUT_ON, role=role, adviser_id=str(uuid4())).status_code == 403
    assert started.reports("handover", MOVED_OUT_ON, role=role).status_code == 403


def test_an_adviser_has_the_advice_that_she_was_named_for_until_it_is_handed_over(started: House) -> None:
    named, other, next_one = str(uuid4()), str(uuid4()), str(uuid4())
    path = f"/stays/{started.stay_id}/advice"
    assert rule_of(started.get(path, "adviser", adviser=named)) == (404, "advice-not-open")

    assert started.reports("adviser", MOVED_OUT_ON, role="municipality", adviser_id=named).status_code == 201
    assert started.get(path, "adviser", adviser=named).status_code == 200
    assert len(started.get("/advice", "adviser", adviser=named).json()["items"]) == 1
    assert started.holds_meeting(MOVED_OUT_ON, role="adviser", adviser=named).status_code == 201
    assert rule_of(started.get(path, "adviser", adviser=other)) == (404, "advice-not-open")
    assert started.get("/advice", "adviser", adviser=other).json()["items"] == []
    assert rule_of(started.holds_meeting(MOVED_OUT_ON, role="adviser", adviser=other)) == (404, "advice-not-open")

    again = started.reports("adviser", MOVED_OUT_ON, role="municipality", adviser_id=named)
    assert rule_of(again) == (409, "adviser-already-named")
    ids = {"from_adviser_id": named, "to_adviser_id": next_one}
    assert started.reports("handover", MOVED_OUT_ON, role="municipality", municipality=ODENSE, **ids).status_code == 201
    assert rule_of(started.get(path, "adviser", adviser=named)) == (404, "advice-not-open")
    assert started.get(path, "adviser", adviser=next_one).status_code == 200


def test_only_the_owing_municipality_extends(started: House) -> None:
    answer = started.reports("extension", MOVED_OUT_ON, role="municipality", code=GENTOFTE, until=LATEST.isoformat())
    assert rule_of(answer) == (404, "advice-not-open")


@pytest.mark.parametrize("role", ["psychologist", "operator"])
def test_others_neither_report_nor_ask(started: House, role: str) -> None:
    assert started.reports("offer", ADMITTED_ON, role=role).status_code == 403
    assert started.get(f"/stays/{started.stay_id}/advice", role).status_code == 403


def test_for_another_municipality_the_stay_does_not_exist(started: House) -> None:
    answer = started.get(f"/stays/{started.stay_id}/advice", "municipality", GENTOFTE)
    assert rule_of(answer) == (404, "advice-not-open")
    assert started.get("/advice", "municipality", GENTOFTE).json() == {"items": [], "next": None}
    assert started.get(f"/advice?municipality={ODENSE}", "municipality", GENTOFTE).status_code == 404


# Across municipalities.


def test_each_municipality_sees_its_own_share(started: House) -> None:
    moved = MOVED_OUT_ON + 30 * DAY
    started.holds_meeting(moved - DAY, 60)
    started.happens(started.transferred(moved), started.transferred(moved, rule="advice-start"))
    started.holds_meeting(moved, 30)
    started.holds_meeting(moved - 2 * DAY, 15)
    started.reports("extension", moved, role="municipality", code=GENTOFTE, until=LATEST.isoformat())
    started.reports("end", moved + DAY, because="established")

    whole = started.advice()
    assert (whole["municipality"], whole["meetings"], whole["minutes"], whole["status"]) == (GENTOFTE, 3, 105, "ended")
    new = started.advice("municipality", GENTOFTE)
    assert (new["meetings"], new["minutes"], new["until"], new["handed_on"]) == (1, 30, LATEST.isoformat(), None)
    old = started.advice("municipality", ODENSE)
    assert (old["municipality"], old["meetings"], old["minutes"], old["status"]) == (ODENSE, 2, 75, "transferred")
    assert (old["started_on"], old["moved_out_on"], old["handed_on"]) == (
        STARTED_ON.isoformat(),
        MOVED_OUT_ON.isoformat(),
        moved.isoformat(),
    )
    assert [old[key] for key in ("until", "adviser_id", "ended_on", "ended_because")] == [None] * 4
    assert rule_of(started.reports("offer", moved, role="municipality", code=ODENSE)) == (404, "advice-not-open")


def test_the_municipality_that_owes_the_offer_when_the_window_is_over_can_make_it(house: House) -> None:
    moved = LAST_DAY + DAY
    house.happens(house.window(), house.opened("advice-offer", MOVED_OUT_ON, due=MOVED_OUT_ON + 14 * DAY))
    assert types(house) == ["AdviceOpened", "AdviceWindowOpened"]
    house.happens(house.transferred(moved, rule="advice-offer"))

    assert house.reports("offer", moved, role="municipality", code=GENTOFTE).status_code == 201
    assert rule_of(house.reports("offer", moved, role="municipality", code=ODENSE)) == (404, "advice-not-open")


def test_what_happened_from_the_day_of_the_transfer_is_not_the_former_municipalitys(house: House) -> None:
    house.happens(house.opened("initial-advice", ADMITTED_ON), house.transferred(STARTED_ON, rule="initial-advice"))
    house.reports("initial", STARTED_ON - DAY, by="shelter")
    house.reports("start", STARTED_ON, variant="cti", by="municipality")
    old = house.advice("municipality", ODENSE)
    assert old["initial_advice_on"] == (STARTED_ON - DAY).isoformat()
    assert [old[key] for key in ("started_on", "variant", "started_by")] == [None] * 3


def test_what_happens_since_takes_nothing_away_from_what_the_former_municipality_is_told(house: House) -> None:
    # given an offer that she declined and, in another stay, a phase, before her home moved
    house.happens(house.opened("initial-advice", ADMITTED_ON))
    house.reports("offer", ADMITTED_ON)
    house.reports("decline", ADMITTED_ON + DAY, reason="does-not-want")
    house.happens(house.transferred(STARTED_ON, rule="initial-advice"))
    before = house.advice("municipality", ODENSE)
    assert (before["offered_on"], before["declined_on"]) == (str(ADMITTED_ON), str(ADMITTED_ON + DAY))
    # when it is offered again, accepted, and goes on
    house.reports("offer", STARTED_ON)
    house.reports("start", STARTED_ON, variant="cti", by="municipality")
    house.reports("phases", STARTED_ON + DAY, phase="pre")
    house.happens(house.opened("advice-window", MOVED_OUT_ON, due=LAST_DAY, municipality=GENTOFTE))
    assert house.advice("municipality", GENTOFTE)["phase"] == "pre"
    # then the one that handed it on is told what it was told then, and after the next change the second one too
    assert house.advice("municipality", ODENSE) == before
    house.happens(house.transferred(MOVED_OUT_ON + DAY, to="0101"))
    second = house.advice("municipality", GENTOFTE)
    assert (second["phase"], second["offered_on"], second["moved_out_on"]) == ("pre", str(STARTED_ON), str(MOVED_OUT_ON))
    house.reports("phases", MOVED_OUT_ON + DAY, phase="transition")
    assert house.advice("municipality", GENTOFTE) == second


def test_after_a_transfer_and_back_both_shares_are_the_first_ones(started: House) -> None:
    there, back = MOVED_OUT_ON + 10 * DAY, MOVED_OUT_ON + 20 * DAY
    started.happens(started.transferred(there), started.transferred(back, to=ODENSE))
    for on in (there - DAY, there, back):
        started.holds_meeting(on, 10)
    odenses = started.advice("municipality", ODENSE)
    assert (odenses["status"], odenses["minutes"]) == ("started", 20)
    gentoftes = started.advice("municipality", GENTOFTE)
    assert (gentoftes["status"], gentoftes["minutes"]) == ("transferred", 10)


def test_when_her_home_changes_before_the_move_the_new_municipality_owes_the_advice_that_is_under_way(house: House) -> None:
    house.happens(house.opened("initial-advice", ADMITTED_ON))
    house.reports("initial", ADMITTED_ON, by="shelter")
    house.reports("start", STARTED_ON, variant="ordinary", by="shelter")
    house.happens(house.fact("HomeMunicipalityChanged", municipality=GENTOFTE))

    new = house.advice("municipality", GENTOFTE)
    assert (new["status"], new["municipality"]) == ("started", GENTOFTE)
    assert house.advice("municipality", ODENSE)["status"] == "transferred"


# The list.


def test_a_municipality_lists_whose_advice_it_owes_and_owed(house: House) -> None:
    stays = []
    for _ in range(3):
        house.stay_id = uuid4()
        house.case_opens()
        house.happens(house.opened("initial-advice", ADMITTED_ON))
        stays.append(str(house.stay_id))
    house.reports("offer", ADMITTED_ON)
    house.happens(house.transferred(STARTED_ON, rule="initial-advice"))
    seen, cursor = [], ""
    while cursor is not None:
        page = house.get(f"/advice?limit=2{cursor and '&after=' + cursor}", "municipality").json()
        seen += [(item["stay_id"], item["status"]) for item in page["items"]]
        cursor = page["next"]
    owed = sorted([(stays[0], "open"), (stays[1], "open"), (stays[2], "transferred")])
    assert seen == [(str(own_id(ODENSE, UUID(stay))), status) for stay, status in owed]
    assert house.get(f"/stays/{seen[0][0]}/advice", "municipality").json()["stay_id"] == seen[0][0]
    assert len(house.get("/advice?status=open", "municipality").json()["items"]) == 2
    assert len(house.get("/advice?status=transferred", "municipality").json()["items"]) == 1
    assert len(house.get("/advice", "auditor").json()["items"]) == 3
    [gentoftes] = house.get(f"/advice?municipality={GENTOFTE}", "auditor").json()["items"]
    assert (gentoftes["stay_id"], gentoftes["status"]) == (stays[2], "offered")


@pytest.mark.parametrize("cursor", ["WyIxIl0=", "W10=", "e30=", "!"])
def test_a_cursor_that_is_none_is_refused(house: House, cursor: str) -> None:
    assert house.get(f"/advice?after={cursor}", "auditor").status_code == 422


# Whom the shelter advises after the move-out, and the phases of Critical Time Intervention.


@pytest.mark.parametrize(
    ("own", "on", "status"),
    [
        (GENTOFTE, MOVED_OUT_ON, 201),
        (GENTOFTE, MOVED_OUT_ON + DAY, 409),
        (None, MOVED_OUT_ON + DAY, 409),
        (ODENSE, MOVED_OUT_ON + DAY, 201),
    ],
)
def test_after_the_move_out_the_shelter_advises_its_own_citizens_only(house: House, own: str | None, on: date, status: int) -> None:
    house.stay_id = uuid4()
    house.case_opens(shelter_municipality=own)
    house.happens(house.opened("initial-advice", ADMITTED_ON), house.window(shelter_advises_after="own-citizens"))
    assert house.reports("start", STARTED_ON, variant="ordinary", by="shelter").status_code == 201
    answer = house.holds_meeting(on)
    assert answer.status_code == status
    if status == 409:
        assert rule_of(answer) == (409, "after-move-out-the-municipality-advises")
        assert house.holds_meeting(on, by="municipality").status_code == 201
    assert house.advice()["shelter_advises"] == "own-citizens"


def test_the_phases_of_an_intensive_course_are_told(started: House) -> None:
    assert rule_of(started.reports("phases", STARTED_ON, phase="transition")) == (409, "phases-in-order")
    assert started.reports("phases", STARTED_ON, phase="pre").json()["events"] == ["AdvicePhaseBegan"]
    assert started.reports("phases", MOVED_OUT_ON, phase="transition").status_code == 201
    told = started.advice()
    assert (told["variant"], told["phase"], told["phase_began_on"]) == ("cti", "transition", MOVED_OUT_ON.isoformat())


def test_a_former_municipality_does_not_see_a_phase_that_began_after_it(started: House) -> None:
    started.happens(started.transferred(MOVED_OUT_ON))
    started.reports("phases", MOVED_OUT_ON, phase="pre")
    assert started.advice()["phase"] == "pre"
    assert started.advice("municipality", ODENSE)["phase"] is None


# Across municipalities.


def test_the_receiving_municipality_confirms_that_it_took_over_and_both_times_are_the_evidence(started: House) -> None:
    started.happens(started.transferred(MOVED_OUT_ON))
    adviser, before = str(uuid4()), started.context.clock.now()
    assert started.advice("municipality", GENTOFTE)["taken_over_on"] is None

    answer = started.reports("takeover", MOVED_OUT_ON + DAY, "municipality", GENTOFTE, adviser_id=adviser, by="meeting")

    assert (answer.status_code, answer.json()["events"]) == (201, ["AdviceTakenOver"])
    shown = started.advice("municipality", GENTOFTE)
    assert (shown["taken_over_on"], shown["taken_over_by"], shown["adviser_id"]) == (str(MOVED_OUT_ON + DAY), "meeting", adviser)
    assert datetime.fromisoformat(shown["taken_over_at"]) >= before
    assert (started.advice("municipality")["taken_over_on"], started.advice("municipality")["adviser_id"]) == (None, None)

    # and after the next change it is to be confirmed anew
    started.happens(started.transferred(MOVED_OUT_ON + 2 * DAY, to="0101"))
    assert started.advice()["taken_over_on"] is None


def test_a_former_municipality_takes_over_as_little_as_a_stranger(started: House) -> None:
    started.happens(started.transferred(MOVED_OUT_ON))
    body: dict[str, Any] = {"adviser_id": str(uuid4()), "by": "meeting"}
    former = started.reports("takeover", MOVED_OUT_ON, "municipality", ODENSE, **body)
    stranger = started.reports("takeover", MOVED_OUT_ON, "municipality", "0101", **body)
    started.stay_id = uuid4()
    unknown = started.reports("takeover", MOVED_OUT_ON, "municipality", GENTOFTE, **body)
    assert (former.status_code, former.text) == (stranger.status_code, stranger.text) == (unknown.status_code, unknown.text)
    assert rule_of(unknown) == (404, "advice-not-open")


# By case reference.


def test_nothing_happened_before_the_admission_which_may_be_corrected(house: House) -> None:
    # given a stay whose day of admission is corrected to the day before
    house.happens(house.opened("initial-advice", ADMITTED_ON))
    right = ADMITTED_ON - DAY
    assert rule_of(house.reports("initial", right, by="shelter")) == (409, "before-admission")
    house.happens(house.fact("AdmissionCorrected", until=right))
    # when advice of two days before and of that day is reported, then that day's counts
    assert rule_of(house.reports("initial", right - DAY, by="shelter")) == (409, "before-admission")
    assert house.reports("initial", right, by="shelter").status_code == 201

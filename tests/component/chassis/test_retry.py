"""What an operator is told who has a parked case applied again, over HTTP and on a real PostgreSQL."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from havn_chassis.clock import SystemClock
from havn_chassis.decider import Refused
from havn_chassis.inbox import Arrival, Reactions
from havn_chassis.service import Context, Service, application
from havn_chassis.store import UnitOfWork
from havn_embedded.tokens import Issuer
from havn_events import Recorded
from havn_events.event import Event
from havn_events.intake import NeedsClarified, StayPlanAgreed
from tests.component.chassis.toy import NOTES, CountView, Note, divide_by_zero
from tests.support import settings_for

CASE = uuid4()
DAY = date(2024, 1, 3)
STILL_PARKED = "https://havn.example/problems/still-parked"


@dataclass
class House:
    """A service with two upstreams, whose reaction to an agreed stay plan is the test's, and an operator."""

    client: TestClient
    context: Context
    answer: Callable[[UnitOfWork], None]

    def parks(self, upstream: str, *events: Event, raw: bytes | None = None) -> None:
        """Events of an upstream that wait."""
        for position, event in enumerate(events, start=1):
            recorded = Recorded.of(
                event, originator_id=uuid4(), originator_version=1, recorded_at=self.context.clock.now(), actor="test"
            )
            values = (f"{upstream}.0", position, event.case_id, recorded.to_bytes() if raw is None else raw)
            self.context.store.transact(
                lambda cursor, values=values: cursor.execute(  # type: ignore[misc]
                    "INSERT INTO parked VALUES (%s, %s, %s, 'test', now(), %s)", values
                )
            )

    def retries(self) -> Any:
        """The operator asks."""
        return self.client.post(f"/parked/{CASE}/retry")

    def waiting(self) -> list[str]:
        """The upstreams of what is parked."""
        return [row["upstream"] for row in self.context.store.rows("SELECT upstream FROM parked ORDER BY upstream, position")]

    def noted(self) -> int:
        """How many notes there are."""
        return len(self.context.store.events_after(0, 100))


@pytest.fixture
def house(database: str, issuer: Issuer, tmp_path: Path) -> Iterator[House]:
    reactions = Reactions()

    @reactions.to(NeedsClarified)
    def note(event: NeedsClarified, unit: UnitOfWork) -> None:
        assert unit.source
        unit.execute(NOTES, (event.stay_id,), Note(event.stay_id, unit.source.id, event.occurred_on))

    @reactions.to(StayPlanAgreed)
    def answer(event: StayPlanAgreed, unit: UnitOfWork) -> None:
        made.answer(unit)

    service = Service(name="orchestrator", upstreams=("intake", "psychology"), reactions=reactions, views=(CountView(),))
    context = Context(service, settings_for("orchestrator", database, issuer, tmp_path))
    with TestClient(application(context), raise_server_exceptions=False) as client:
        client.headers["Authorization"] = f"Bearer {issuer.token('operator', 'operator')}"
        made = House(client, context, lambda unit: None)
        yield made


def clarified(case: UUID = CASE) -> NeedsClarified:
    """An event that leads to a note."""
    return NeedsClarified(stay_id=case, occurred_on=DAY)


def agreed() -> StayPlanAgreed:
    """An event that leads to what the test says."""
    return StayPlanAgreed(stay_id=CASE, occurred_on=DAY)


def fails(error: Exception) -> Callable[[UnitOfWork], None]:
    """A reaction that fails."""

    def reaction(unit: UnitOfWork) -> None:
        raise error

    return reaction


def writes_what_is_refused(unit: UnitOfWork) -> None:
    """A reaction whose write the database refuses."""
    unit.work.append(divide_by_zero)


@pytest.mark.parametrize(
    "reaction",
    [
        *(fails(error("Zeta Testperson")) for error in (AttributeError, ZeroDivisionError, RuntimeError, KeyError, ValueError)),
        fails(Refused("some-rule", "Zeta Testperson", kind="invalid")),
        writes_what_is_refused,
    ],
    ids=["attribute", "zero-division", "runtime", "key", "value", "refused", "database"],
)
def test_whatever_keeps_an_event_from_being_applied_is_answered_as_still_parked(
    house: House, reaction: Callable[[UnitOfWork], None]
) -> None:
    # given a case whose second event fails
    house.answer = reaction
    house.parks("intake", clarified(), agreed(), clarified())
    # when it is retried
    answer = house.retries()
    # then all of it stays parked, and that is the answer, without what the error held
    assert (answer.status_code, answer.json()["type"]) == (409, STILL_PARKED)
    assert answer.json()["detail"] == "What came from intake.0 still cannot be applied and stays parked. Events applied: 0."
    assert "Testperson" not in answer.text
    assert (house.waiting(), house.noted()) == (["intake.0"] * 3, 0)


def test_an_event_that_can_still_not_be_read_is_answered_as_still_parked(house: House) -> None:
    house.parks("intake", clarified(), raw=b'{"source": "intake"}')
    assert (house.retries().status_code, house.waiting()) == (409, ["intake.0"])


@pytest.mark.parametrize(("well", "ill"), [("intake", "psychology"), ("psychology", "intake")])
def test_what_one_upstream_sent_is_applied_though_what_another_sent_is_not_and_both_are_told(
    house: House, well: str, ill: str
) -> None:
    # given a case that waits behind two upstreams, one of which sent what fails
    house.answer = fails(ZeroDivisionError())
    house.parks(well, clarified(), clarified())
    house.parks(ill, agreed())
    # when it is retried
    answer = house.retries()
    # then it is told what was applied and what was not
    assert answer.status_code == 409
    assert answer.json()["detail"] == f"What came from {ill}.0 still cannot be applied and stays parked. Events applied: 2."
    assert (house.waiting(), house.noted()) == ([f"{ill}.0"], 2)
    # and once that is repaired, the rest is applied
    house.answer = lambda unit: None
    assert house.retries().json() == {"applied": 1}
    assert house.waiting() == []


def changes_its_stream_each_time(unit: UnitOfWork) -> None:
    """A reaction to whose stream somebody else appends whenever it was read."""
    assert unit.source
    note = Note(CASE, unit.source.id, DAY)
    unit.execute(NOTES, (CASE,), note)
    other = UnitOfWork.begin(unit.store, SystemClock(), "other", {})
    other.execute(NOTES, (CASE,), note)
    other.commit()


def test_a_stream_that_keeps_changing_is_answered_with_try_again_unless_something_was_applied(house: House) -> None:
    # given a case whose stream changes whenever it was read
    house.answer = changes_its_stream_each_time
    house.parks("psychology", agreed())
    # then nothing was recorded, and trying again may help
    answer = house.retries()
    assert (answer.status_code, answer.json()["type"]) == (503, "https://havn.example/problems/busy")
    # but where another upstream's event was applied, that is told
    house.parks("intake", clarified())
    answer = house.retries()
    assert (answer.status_code, answer.json()["type"]) == (409, STILL_PARKED)
    assert answer.json()["detail"].endswith("Events applied: 1.")
    assert house.waiting() == ["psychology.0"]


def test_of_two_retries_at_once_one_applies_the_case(house: House) -> None:
    # given a case with one event that waits
    house.parks("intake", clarified())
    together = Barrier(2)

    def retry(_: int) -> int:
        together.wait(20)
        applied: int = house.retries().json()["applied"]
        return applied

    # when two operators retry it at once
    with ThreadPoolExecutor(2) as pool:
        applied = list(pool.map(retry, range(2)))
    # then it is applied once
    assert sorted(applied) == [0, 1]
    assert (house.waiting(), house.noted()) == ([], 1)


def test_another_case_is_left_alone(house: House) -> None:
    other = uuid4()
    house.parks("intake", clarified(other))
    assert house.retries().json() == {"applied": 0}
    assert house.waiting() == ["intake.0"]


def test_an_arrival_parked_by_its_inbox_is_applied_by_a_retry(house: House) -> None:
    # given an event that failed when it came, and another behind it
    house.answer = fails(AttributeError())
    inbox = house.context.inboxes[0]
    arrivals = []
    for position, event in enumerate([agreed(), clarified()], start=1):
        recorded = Recorded.of(event, originator_id=uuid4(), originator_version=1, recorded_at=SystemClock().now(), actor="test")
        arrivals.append(Arrival(position, recorded.to_bytes()))
    assert inbox.apply(0, arrivals) == 2
    assert house.waiting() == ["intake.0", "intake.0"]
    # when the defect is repaired and the case retried
    house.answer = lambda unit: None
    # then both are applied
    assert house.retries().json() == {"applied": 2}
    assert (house.waiting(), house.noted()) == ([], 1)

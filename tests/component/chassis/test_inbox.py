"""What one inbox does with what it takes from its upstream's log, on a real PostgreSQL."""

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID, uuid4

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from havn_chassis.clock import SystemClock
from havn_chassis.decider import Refused
from havn_chassis.inbox import Arrival, Inbox, Reactions
from havn_chassis.store import Store, UnitOfWork, VersionConflict
from havn_chassis.telemetry import Telemetry
from havn_events import Recorded
from havn_events.intake import NeedsClarified
from tests.component.chassis.toy import NOTES, REACTIONS, CountView, Note
from tests.processes import PATIENCE_SECONDS

X, Y = uuid4(), uuid4()


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """A downstream's store."""
    store = Store(database, "orchestrator", (CountView(),))
    store.create()
    yield store
    store.close()


def inbox_of(store: Store, reactions: Reactions = REACTIONS) -> Inbox:
    """An inbox that is handed its arrivals by the test; its road is not there."""

    def no_jetstream() -> JetStreamContext:
        raise AssertionError("there is none")

    async def no_log(upstream: str, partition: int, after: int) -> tuple[list[Arrival], int]:
        raise AssertionError("there is none")

    telemetry = Telemetry("orchestrator", None)
    return Inbox(store, "intake", reactions, no_jetstream, no_log, SystemClock(), telemetry, {}, partition=0, poll_seconds=1.0)


def good(position: int, stay: UUID) -> Arrival:
    """An event that leads to a note."""
    event = NeedsClarified(stay_id=stay, occurred_on=date(2024, 1, 3))
    recorded = Recorded.of(event, originator_id=uuid4(), originator_version=1, recorded_at=SystemClock().now(), actor="test")
    return Arrival(position, recorded.to_bytes())


def unknown(position: int, stay: UUID) -> Arrival:
    """An event of a later release."""
    return Arrival(position, good(position, stay).raw.replace(b"NeedsClarified", b"NeedsClarifiedLater"))


def parked(store: Store) -> list[tuple[int, UUID | None]]:
    """What is parked: positions and cases."""
    return [(row["position"], row["case_id"]) for row in store.rows("SELECT position, case_id FROM parked ORDER BY position")]


def noted(store: Store) -> list[UUID]:
    """The case of each note, in order."""
    return [Recorded.from_bytes(row.raw).case_id for row in store.events_after(0, 100)]


def test_what_comes_before_a_poison_of_its_case_is_applied_though_both_come_at_once(store: Store) -> None:
    # given a batch in which an event cannot be read, behind one of its case that can
    inbox = inbox_of(store)
    # when it is applied, then only that one waits
    assert inbox.apply(0, [good(1, X), good(2, Y), unknown(3, X)]) == 3
    assert noted(store) == [X, Y]
    assert parked(store) == [(3, X)]
    # and whatever comes later of its case waits behind it, in the next batch and in the same
    assert inbox.apply(3, [good(4, X), good(5, Y), unknown(6, Y), good(7, Y)]) == 7
    assert noted(store) == [X, Y, Y]
    assert parked(store) == [(3, X), (4, X), (6, Y), (7, Y)]


def test_an_event_whose_case_cannot_be_read_parks_no_other(store: Store) -> None:
    # given something unreadable between two events of a case
    assert inbox_of(store).apply(0, [good(1, X), Arrival(2, b"not an event"), good(3, X)]) == 3
    # then it waits alone
    assert noted(store) == [X, X]
    assert parked(store) == [(2, None)]


def park(store: Store, *arrivals: Arrival) -> None:
    """Arrivals of the case X that wait."""
    for arrival in arrivals:
        store.transact(
            lambda cursor, arrival=arrival: cursor.execute(  # type: ignore[misc]
                "INSERT INTO parked VALUES ('intake.0', %s, %s, 'test', now(), %s)", (arrival.position, X, arrival.raw)
            )
        )


def test_a_case_that_waits_for_nothing_has_nothing_to_retry(store: Store) -> None:
    assert inbox_of(store).retry(X) == 0


def test_of_many_retries_at_once_one_applies_the_case(store: Store) -> None:
    # given a case with two events that wait
    park(store, good(1, X), good(2, X))
    inbox = inbox_of(store)
    together = threading.Barrier(4)

    def retry(_: int) -> int:
        together.wait(PATIENCE_SECONDS)
        return inbox.retry(X)

    # when it is retried four times at once
    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(retry, range(4)))
    # then one of them applied both, and each is noted once
    assert sorted(applied) == [0, 0, 0, 2]
    assert noted(store) == [X, X]
    assert store.rows("SELECT times FROM counts WHERE case_id = %s", (X,)) == [{"times": 2}]
    assert parked(store) == []


class Overtaken:
    """A reaction that, the first time, waits while the test does something else."""

    def __init__(self, *, once: bool = False) -> None:
        self.reactions = Reactions()
        self.began = threading.Event()
        self.goes_on = threading.Event()
        self.applied = 0

        @self.reactions.to(NeedsClarified)
        def note(event: NeedsClarified, unit: UnitOfWork) -> None:
            if not self.began.is_set():
                self.began.set()
                assert self.goes_on.wait(PATIENCE_SECONDS)
            if once and unit.state(NOTES, (event.stay_id,))[1]:
                raise Refused("once", "There is one note.")
            assert unit.source
            unit.execute(NOTES, (event.stay_id,), Note(event.stay_id, unit.source.id, event.occurred_on))


@pytest.mark.parametrize("once", [False, True], ids=["that-could-be-applied-twice", "that-is-refused-the-second-time"])
def test_a_retry_that_read_what_waits_before_another_applied_it_applies_nothing(store: Store, once: bool) -> None:
    # given a retry that has read a parked event, and has not yet looked at the stream that it leads to
    park(store, good(1, X))
    overtaken = Overtaken(once=once)
    inbox = inbox_of(store, overtaken.reactions)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(inbox.retry, X)
        assert overtaken.began.wait(PATIENCE_SECONDS)
        # when another one applies it meanwhile
        try:
            assert inbox.retry(X) == 1
        finally:
            overtaken.goes_on.set()
        # then there is nothing left for the first, and that is no failure
        assert slow.result(PATIENCE_SECONDS) == 0
    assert noted(store) == [X]
    assert parked(store) == []


def test_what_is_parked_behind_while_a_retry_is_under_way_stays_for_the_next(store: Store) -> None:
    # given a retry that has read the one event that waits
    park(store, good(1, X))
    overtaken = Overtaken()
    inbox = inbox_of(store, overtaken.reactions)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(inbox.retry, X)
        assert overtaken.began.wait(PATIENCE_SECONDS)
        # when another is parked behind it
        try:
            assert inbox.apply(0, [good(2, X)]) == 2
        finally:
            overtaken.goes_on.set()
        assert slow.result(PATIENCE_SECONDS) == 1
    # then that one waits, and the next retry applies it
    assert parked(store) == [(2, X)]
    assert inbox.retry(X) == 1
    assert noted(store) == [X, X]


def test_a_retry_of_a_stream_that_keeps_changing_gives_up_and_leaves_the_case_parked(store: Store) -> None:
    # given a stream that somebody else appends to whenever it has been read
    reactions = Reactions()

    @reactions.to(NeedsClarified)
    def note_behind_another(event: NeedsClarified, unit: UnitOfWork) -> None:
        assert unit.source
        note = Note(event.stay_id, unit.source.id, event.occurred_on)
        unit.execute(NOTES, (event.stay_id,), note)
        other = UnitOfWork.begin(store, SystemClock(), "other", {})
        other.execute(NOTES, (event.stay_id,), note)
        other.commit()

    park(store, good(1, X))
    # when the case is retried, then it says so
    with pytest.raises(VersionConflict):
        inbox_of(store, reactions).retry(X)
    assert parked(store) == [(1, X)]


@pytest.mark.parametrize(
    ("position", "prev", "read"),
    [
        ("7", "0", (7, 0)),
        ("9" * 18, "8" * 18, (10**18 - 1, int("8" * 18))),
        ("9" * 19, "7", None),
        ("7", "9" * 19, None),
        ("9" * 5000, "7", None),
        ("", "7", None),
        ("-7", "0", None),
        ("7", "x", None),
    ],
)
def test_a_number_that_cannot_be_a_position_makes_a_message_a_stray(
    store: Store, position: str, prev: str, read: tuple[int, int] | None
) -> None:
    event = good(7, X)
    message = Msg(Client(), data=event.raw, headers={"havn-position": position, "havn-prev": prev})
    assert inbox_of(store)._numbers_of_event(message) == read


def test_an_upstream_that_falls_silent_while_its_events_are_applied_is_left_only_when_they_are(database: str) -> None:
    # given an upstream that answers once, and reactions that take their time
    stay, source = uuid4(), uuid4()
    event = NeedsClarified(stay_id=stay, occurred_on=date(2024, 1, 3))
    recorded = Recorded.of(event, originator_id=source, originator_version=1, recorded_at=SystemClock().now(), actor="test")
    reactions = Reactions()

    @reactions.to(NeedsClarified)
    def note_slowly(event: NeedsClarified, unit: UnitOfWork) -> None:
        assert unit.source
        time.sleep(0.3)
        unit.execute(NOTES, (event.stay_id,), Note(event.stay_id, unit.source.id, event.occurred_on))

    async def log_of_upstream(upstream: str, partition: int, after: int) -> tuple[list[Arrival], int]:
        if after:
            raise TimeoutError
        return [Arrival(7, recorded.to_bytes())], 9

    def no_jetstream() -> JetStreamContext:
        raise AssertionError("the log is asked over plain NATS")

    store = Store(database, "orchestrator")
    store.create()
    telemetry = Telemetry("orchestrator", None)
    inbox = Inbox(
        store, "intake", reactions, no_jetstream, log_of_upstream, SystemClock(), telemetry, {}, partition=0, poll_seconds=1.0
    )  # fmt: skip

    async def left_at() -> tuple[int, int]:
        with pytest.raises(TimeoutError):
            await inbox.catch_up()
        return inbox.position(), len(store.events_after(0, 10))

    try:
        # when it catches up, then by the time it gives up what had come is applied, and nothing of it is still under way
        assert asyncio.run(left_at()) == (7, 1)
    finally:
        store.close()

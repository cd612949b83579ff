"""What one inbox does with what it takes from its upstream's log, on a real PostgreSQL."""

import asyncio
import time
from datetime import date
from uuid import uuid4

import pytest
from nats.js import JetStreamContext

from havn_chassis.clock import SystemClock
from havn_chassis.inbox import Arrival, Inbox, Reactions
from havn_chassis.store import Store, UnitOfWork
from havn_chassis.telemetry import Telemetry
from havn_events import Recorded
from havn_events.intake import NeedsClarified
from tests.component.chassis.toy import NOTES, Note


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

"""Two toy services for the chassis's own tests: ``intake`` records that needs were clarified; ``orchestrator`` counts it."""

import asyncio
import signal
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from psycopg import Cursor
from psycopg.rows import DictRow

from havn_chassis.decider import Decider, Refused
from havn_chassis.http import Body, Call, allow
from havn_chassis.inbox import Reactions
from havn_chassis.service import Context, Service
from havn_chassis.store import UnitOfWork
from havn_events import Recorded
from havn_events.event import Day, Event
from havn_events.intake import NeedsClarified, StayPlanAgreed
from havn_events.orchestrator import FactNoted

POISON = date(2001, 1, 1)


@dataclass(frozen=True)
class Clarify:
    """Needs clarified on a day."""

    stay_id: UUID
    on: date


@dataclass(frozen=True)
class Note:
    """Note a fact."""

    stay_id: UUID
    fact_id: UUID
    on: date


@dataclass(frozen=True)
class Count:
    """How many there were."""

    times: int = 0


def _decide(command: object, state: Count) -> Sequence[Event]:
    match command:
        case Clarify(stay_id, on):
            if state.times >= 3:
                raise Refused("three-times", "Needs are clarified at most three times.", field="occurred_on")
            return [NeedsClarified(stay_id=stay_id, occurred_on=on)]
        case Note(stay_id, fact_id, on):
            if on == POISON:
                raise ValueError("poison")
            return [
                FactNoted(
                    stay_id=stay_id, occurred_on=on, fact="NeedsClarified", fact_id=fact_id, person_id=None, reference=None,
                    minutes=None, until=None, municipality=None, attributes={},
                )
            ]  # fmt: skip
    raise TypeError("unknown command")


def _evolve(state: Count, _: Event) -> Count:
    return replace(state, times=state.times + 1)


CLARIFICATION: Decider[object, Count] = Decider("clarification", Count(), _decide, _evolve)
NOTES: Decider[object, Count] = Decider("notes", Count(), _decide, _evolve)


class CountView:
    """How often were this stay's needs clarified?"""

    schema = "CREATE TABLE IF NOT EXISTS counts (case_id uuid PRIMARY KEY, times int NOT NULL)"

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        cursor.executemany(
            "INSERT INTO counts VALUES (%s, 1) ON CONFLICT (case_id) DO UPDATE SET times = counts.times + 1",
            [(event.case_id,) for event in recorded],
        )


class Clarification(Body):
    """A report."""

    occurred_on: Day


router = APIRouter()


@router.post("/stays/{stay_id}/clarifications", status_code=201)
def clarify(stay_id: UUID, body: Clarification, call: Annotated[Call, Depends(allow("shelter", "leader"))]) -> Response:
    """Report that needs were clarified."""
    return call.handle(CLARIFICATION, (stay_id,), Clarify(stay_id, body.occurred_on))


REACTIONS = Reactions(preload=lambda event: [(NOTES, NOTES.stream_id(event.case_id))])


@REACTIONS.to(NeedsClarified)
def when_needs_clarified_note_it(event: NeedsClarified, unit: UnitOfWork) -> None:
    """Note each one."""
    assert unit.source
    unit.execute(NOTES, (event.stay_id,), Note(event.stay_id, unit.source.id, event.occurred_on))


def divide_by_zero(cursor: Cursor[DictRow]) -> None:
    """A write that the database refuses."""
    cursor.execute("SELECT 1 / 0")


@REACTIONS.to(StayPlanAgreed)
def when_plan_agreed_break(event: StayPlanAgreed, unit: UnitOfWork) -> None:
    """Stands for a reaction that leads to something the database refuses."""
    unit.work.append(divide_by_zero)


async def close_connection_on_signal(context: Context) -> None:
    """SIGUSR1 closes the connection to NATS for good, as the client does when it gives up."""
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, told.set)
    await told.wait()
    await context.jetstream()._nc.close()


UPSTREAM = Service(name="intake", views=(CountView(),), routers=(router,))
DOWNSTREAM = Service(
    name="orchestrator",
    upstreams=("intake",),
    reactions=REACTIONS,
    views=(CountView(),),
    background=(close_connection_on_signal,),
)
ANOTHER = Service(name="aftercare", upstreams=("intake",), reactions=REACTIONS, views=(CountView(),))

if __name__ == "__main__":
    import sys

    from havn_chassis.service import run

    run({"intake": UPSTREAM, "orchestrator": DOWNSTREAM, "aftercare": ANOTHER}[sys.argv[1]])

"""Applying events: the inbox beside the least that a database can be asked to do for an event."""

from itertools import islice

import psycopg

from tests.benchmarks.figures import Outcome, figure, rate, side_by_side
from tests.benchmarks.rig import Rig, batches, numbered
from tests.benchmarks.stays import stay_events

BATCH = 500


def measure(rig: Rig) -> Outcome:
    """Timed: ``Inbox.apply`` of intake's events in batches of 500, from bytes to the commit with all views and the position.

    Floor: the same bytes, one row and one commit for each event, over one psycopg connection.
    """
    each_round = rig.some(2000)
    events = numbered(stay_events(each_round * (rig.rounds + 2)))
    batch = min(BATCH, each_round)
    incoming = batches(events, batch)
    written = iter(events)
    with (
        rig.database() as database,
        rig.orchestrator(database) as orchestrator,
        psycopg.connect(database, autocommit=True) as bare,
    ):
        bare.execute("CREATE TABLE public.bare (id bigserial PRIMARY KEY, raw bytea NOT NULL)")

        def apply() -> int:
            taken = list(islice(incoming, each_round // batch))
            for each in taken:
                orchestrator.apply(each)
            return sum(map(len, taken))

        def insert() -> int:
            taken = list(islice(written, each_round))
            for event in taken:
                bare.execute("INSERT INTO public.bare (raw) VALUES (%s)", (event.arrival.raw,))
            return len(taken)

        pairs = side_by_side(rig.rounds, lambda: rate(apply), lambda: rate(insert))
        orchestrator.assert_nothing_parked()
    return Outcome((figure("orchestrator applies events", "insert and commit for each", "events/s", pairs, 1.2),))

"""The store's one transaction, with two writers at once, on a real PostgreSQL."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import Cursor
from psycopg.conninfo import make_conninfo
from psycopg.rows import DictRow

from havn_chassis.clock import SystemClock
from havn_chassis.database import SILENCE
from havn_chassis.store import AlreadyApplied, Step, Store, UnitOfWork, VersionConflict
from havn_events import Recorded
from tests.component.chassis.toy import CLARIFICATION, Clarify, divide_by_zero

DAY = date(2024, 1, 3)


class VersionView:
    """A view whose key is the stream's version: two writers of one version collide on it too."""

    schema = "CREATE TABLE IF NOT EXISTS versions (case_id uuid, version int, PRIMARY KEY (case_id, version))"

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        cursor.executemany("INSERT INTO versions VALUES (%s, %s)", [(r.case_id, r.originator_version) for r in recorded])


@pytest.fixture
def store(database: str, tmp_path: Path) -> Iterator[Store]:
    store = Store(database, "intake", (VersionView(),))
    store.create()
    yield store
    store.close()


def unit(store: Store) -> UnitOfWork:
    return UnitOfWork.begin(store, SystemClock(), "test", {})


def test_the_loser_of_a_race_hears_of_the_stream_and_nothing_of_it_is_kept(store: Store) -> None:
    stay = uuid4()
    first, second = unit(store), unit(store)
    for one in (first, second):
        one.execute(CLARIFICATION, (stay,), Clarify(stay, DAY))
    first.commit(Step("upstream.0", 0, 1))
    with pytest.raises(VersionConflict):
        second.commit(Step("upstream.0", 1, 2))
    assert store.rows("SELECT version FROM versions") == [{"version": 1}]
    assert (store.applied("upstream.0"), len(store.events_after(0, 10))) == (1, 1)


def test_a_step_begins_where_the_last_one_ended_and_nowhere_else(store: Store) -> None:
    unit(store).commit(Step("upstream.0", 0, 5))
    late = unit(store)
    late.execute(CLARIFICATION, (uuid4(),), Clarify(uuid4(), DAY))
    for before, after in ((0, 5), (0, 9), (4, 9), (6, 9)):
        with pytest.raises(AlreadyApplied):
            late.commit(Step("upstream.0", before, after))
    assert (store.head(), store.applied("upstream.0")) == (0, 5)
    late.commit(Step("upstream.0", 5, 9))
    assert (len(store.events_after(0, 10)), store.applied("upstream.0")) == (1, 9)


def test_what_was_decided_after_a_savepoint_can_be_forgotten(store: Store) -> None:
    stay = uuid4()
    one = unit(store)
    one.execute(CLARIFICATION, (stay,), Clarify(stay, DAY))
    mark = one.savepoint()
    one.execute(CLARIFICATION, (stay,), Clarify(stay, DAY))
    one.rollback_to(mark)
    assert one.state(CLARIFICATION, (stay,))[1] == 1
    one.execute(CLARIFICATION, (stay,), Clarify(stay, DAY))
    one.commit()
    assert store.rows("SELECT version FROM versions ORDER BY version") == [{"version": 1}, {"version": 2}]


def test_a_view_that_fails_undoes_everything(store: Store) -> None:
    stay = uuid4()
    one = unit(store)
    one.execute(CLARIFICATION, (stay,), Clarify(stay, DAY))
    one.work.append(divide_by_zero)
    with pytest.raises(Exception, match="division by zero"):
        one.commit(Step("upstream.0", 0, 1))
    assert (store.head(), store.applied("upstream.0"), store.rows("SELECT * FROM versions")) == (0, 0, [])


def test_recorded_at_is_the_units_one_instant(store: Store) -> None:
    stay, before = uuid4(), datetime.now(UTC)
    one = unit(store)
    one.execute(CLARIFICATION, (stay,), Clarify(stay, DAY))
    one.commit()
    recorded = Recorded.from_bytes(store.events_after(0, 1)[0].raw)
    assert before <= recorded.recorded_at == one.now


def noticing(connection: psycopg.Connection[Any]) -> dict[str, str]:
    return {name: value for name, value in connection.info.get_parameters().items() if name in SILENCE}


AS_THE_CHASSIS_SAYS = {name: str(value) for name, value in SILENCE.items()}


def test_a_pooled_connection_notices_silence(store: Store) -> None:
    with store._datastore.get_connection() as connection:
        assert noticing(connection) == AS_THE_CHASSIS_SAYS


def test_what_a_database_url_says_of_silence_itself_wins(database: str) -> None:
    store = Store(make_conninfo(database, tcp_user_timeout=7000, connect_timeout=9), "intake")
    store.create()
    with store._datastore.get_connection() as connection:
        assert noticing(connection) == {**AS_THE_CHASSIS_SAYS, "tcp_user_timeout": "7000", "connect_timeout": "9"}
    store.close()

"""What must stay true while processes, NATS and its storage die. Each test fails when its invariant is broken."""

import asyncio
import os
import shutil
import signal
import threading
import time
from typing import Any
from uuid import uuid4

import httpx
import nats
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.faults.conftest import Pair
from tests.processes import PATIENCE_SECONDS, Running, eventually

pytestmark = pytest.mark.slow


def metrics(running: Running) -> str:
    """What the service says of itself."""
    return httpx.get(f"{running.url}/metrics", timeout=PATIENCE_SECONDS).text


def parked(running: Running, operator: dict[str, str]) -> Any:
    """The cases that the service has parked; ``operator``: whose login it is."""
    return httpx.get(f"{running.url}/parked", headers=operator, timeout=PATIENCE_SECONDS).json()


class Load:
    """Reports one after the other from a thread, with a key that is repeated until an answer comes."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._ending = threading.Event()
        self.accepted = 0
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._ending.is_set():
            stay, key = uuid4(), str(uuid4())
            while True:
                try:
                    status = self._pair.report(stay, key=key).status_code
                except httpx.TransportError:
                    if self._ending.wait(0.05):
                        return
                    continue
                if status == 201:
                    self.accepted += 1
                    break
                assert status == 503, status

    def end(self) -> None:
        self._ending.set()
        self._thread.join(timeout=PATIENCE_SECONDS)


def test_every_accepted_report_is_committed_published_and_applied_once_and_in_order(pair: Pair) -> None:
    for _ in range(30):
        assert pair.report().status_code == 201
    pair.eventually_applied_once_and_in_order()
    assert len(pair.applied()) == 30


def test_a_publisher_killed_again_and_again_loses_and_doubles_nothing(pair: Pair) -> None:
    load = Load(pair)
    for _ in range(4):
        reached = load.accepted
        eventually(lambda: load.accepted > reached + 15, what="reports being accepted")  # noqa: B023
        pair.upstream.kill()
        pair.upstream.start().wait_ready()
    load.end()
    assert len(pair.sent()) >= load.accepted
    pair.eventually_applied_once_and_in_order()


def test_a_consumer_killed_again_and_again_loses_and_doubles_nothing(pair: Pair) -> None:
    load = Load(pair)
    for _ in range(4):
        reached = load.accepted
        eventually(lambda: load.accepted > reached + 15, what="reports being accepted")  # noqa: B023
        pair.downstream.kill()
        pair.downstream.start().wait_ready()
    load.end()
    pair.eventually_applied_once_and_in_order()


def test_nats_away_stops_no_report_and_all_is_applied_when_it_is_back(pair: Pair) -> None:
    pair.report()
    pair.nats.kill()
    for _ in range(10):
        assert pair.report().status_code == 201
    assert httpx.get(f"{pair.upstream.url}/readyz", timeout=PATIENCE_SECONDS).status_code == 200
    assert "havn_nats_connected 0.0" in metrics(pair.upstream)
    pair.nats.start()
    pair.eventually_applied_once_and_in_order()
    assert len(pair.applied()) == 11
    assert "havn_nats_connected 1.0" in metrics(pair.upstream)


def test_deleting_jetstreams_storage_under_load_loses_and_doubles_nothing(pair: Pair) -> None:
    load = Load(pair)
    for _ in range(2):
        reached = load.accepted
        eventually(lambda: load.accepted > reached + 20, what="reports being accepted")  # noqa: B023
        pair.nats.kill()
        shutil.rmtree(pair.nats.storage)
        pair.nats.start()
    load.end()
    pair.eventually_applied_once_and_in_order()


def test_what_was_lost_with_the_storage_comes_back_though_nothing_new_is_published(pair: Pair) -> None:
    pair.downstream.kill()
    for _ in range(5):
        pair.report()
    eventually(lambda: pair.ids("intake", "SELECT position FROM relay_positions") != [], what="the relay having published")
    pair.nats.kill()
    shutil.rmtree(pair.nats.storage)
    pair.nats.start()
    pair.downstream.start().wait_ready()
    pair.eventually_applied_once_and_in_order()


def test_a_new_consumer_builds_itself_from_history(pair: Pair) -> None:
    for _ in range(20):
        pair.report()
    pair.eventually_applied_once_and_in_order()
    pair.downstream.kill()
    with psycopg.connect(pair.database) as connection:
        connection.execute("DROP SCHEMA orchestrator CASCADE")
    pair.downstream.start().wait_ready()
    pair.eventually_applied_once_and_in_order()
    assert len(pair.applied()) == 20


def test_a_poison_event_parks_its_case_and_not_the_stream_and_can_be_retried(pair: Pair) -> None:
    poisoned, healthy = uuid4(), uuid4()
    assert pair.report(poisoned, on="2001-01-01").status_code == 201
    assert pair.report(poisoned).status_code == 201
    assert pair.report(healthy).status_code == 201
    eventually(lambda: len(pair.applied()) == 1, what="the healthy case being applied")
    operator = {"Authorization": f"Bearer {pair.operator}"}
    eventually(lambda: parked(pair.downstream, operator) != [], what="the case being parked")
    waiting = parked(pair.downstream, operator)
    assert [(case["case_id"], case["events"], case["reason"]) for case in waiting] == [(str(poisoned), 2, "ValueError")]
    assert "havn_parked_cases 1.0" in metrics(pair.downstream)
    retry = f"{pair.downstream.url}/parked/{poisoned}/retry"
    refused = httpx.post(retry, headers=operator, timeout=PATIENCE_SECONDS)
    assert (refused.status_code, len(pair.applied())) == (409, 1)
    with psycopg.connect(pair.database) as connection:
        connection.execute(
            "UPDATE orchestrator.parked SET raw = replace(convert_from(raw, 'UTF8'), '2001-01-01', '2001-01-02')::bytea"
        )
    assert httpx.post(retry, headers=operator, timeout=PATIENCE_SECONDS).json() == {"applied": 2}
    assert len(pair.applied()) == 3
    assert parked(pair.downstream, operator) == []


def test_sigterm_drains_and_ends_with_status_0(pair: Pair) -> None:
    load = Load(pair)
    eventually(lambda: load.accepted > 10, what="reports being accepted")
    assert pair.upstream.stop() == 0
    assert pair.downstream.stop() == 0
    load.end()
    pair.upstream.start().wait_ready()
    pair.downstream.start().wait_ready()
    pair.eventually_applied_once_and_in_order()


def test_a_killed_leaders_standby_takes_over(pair: Pair) -> None:
    standby = Running(pair.downstream.command, pair.downstream.environment, pair.downstream.log).start().wait_ready()
    try:
        pair.report()
        pair.eventually_applied_once_and_in_order()
        pair.downstream.kill()
        for _ in range(5):
            pair.report()
        pair.eventually_applied_once_and_in_order()
    finally:
        standby.end(signal.SIGKILL)


def test_a_leader_that_hangs_is_taken_over_from_and_does_no_harm_when_it_goes_on(pair: Pair) -> None:
    hanging = pair.downstream
    log = hanging.log.with_name("standby.log")
    standby = Running(hanging.command, hanging.environment, log).start().wait_ready()
    lock = (
        "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
        "AND objid = (hashtext('havn:orchestrator:inbox:intake.0')::bigint & 4294967295)::oid"
    )
    try:
        pair.report()
        pair.eventually_applied_once_and_in_order()
        [before] = pair.ids("orchestrator", lock)
        os.kill(hanging.pid, signal.SIGSTOP)
        for _ in range(5):
            assert pair.report().status_code == 201
        pair.eventually_applied_once_and_in_order(25)
        [after] = pair.ids("orchestrator", lock)
        assert after != before

        os.kill(hanging.pid, signal.SIGCONT)
        for _ in range(5):
            assert pair.report().status_code == 201
        eventually(lambda: "leadership-lost" in hanging.log.read_text(), what="the old leader seeing that it no longer leads")
        pair.eventually_applied_once_and_in_order()
        assert hanging.ready()
        assert pair.ids("orchestrator", lock) == [after]
        assert "leadership-lost" not in log.read_text()
    finally:
        standby.end(signal.SIGKILL)


def test_a_nats_server_that_falls_silent_is_given_up(pair: Pair) -> None:
    pair.report()
    pair.eventually_applied_once_and_in_order()
    os.kill(pair.nats.pid, signal.SIGSTOP)
    try:
        for _ in range(5):
            assert pair.report().status_code == 201
        for running in (pair.upstream, pair.downstream):
            eventually(lambda: "havn_nats_connected 0.0" in metrics(running), what="the silence being noticed")  # noqa: B023
    finally:
        pair.nats.kill()
    pair.nats.start()
    pair.eventually_applied_once_and_in_order()


def test_without_the_database_the_answer_is_503_with_retry_after(pair: Pair) -> None:
    name = conninfo_to_dict(pair.database)["dbname"]
    with psycopg.connect(make_conninfo(pair.database, dbname="postgres"), autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false'.encode())
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        try:
            answer = pair.report()
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
            assert httpx.get(f"{pair.upstream.url}/readyz", timeout=PATIENCE_SECONDS).status_code == 503
        finally:
            connection.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true'.encode())
    eventually(lambda: pair.report().status_code == 201, what="reports being accepted again")
    pair.eventually_applied_once_and_in_order()


def test_a_gap_and_strays_on_the_road_are_noticed_and_the_log_fills_them(pair: Pair) -> None:
    pair.report()
    pair.eventually_applied_once_and_in_order()

    async def disturb() -> None:
        connection = await nats.connect(pair.nats.url)
        js = connection.jetstream()
        subject = "havn.event.intake.0.NeedsClarified"
        await js.publish(subject, b"not an event", headers={"havn-position": "2", "havn-prev": "1"})
        await js.publish(subject, b'{"source": "intake"}', headers={"havn-position": "99", "havn-prev": "98"})
        await js.publish(subject, b"\xff\x00")
        await connection.close()

    asyncio.run(disturb())
    for _ in range(5):
        assert pair.report().status_code == 201
    pair.eventually_applied_once_and_in_order()
    assert len(pair.applied()) == 6
    counted = metrics(pair.downstream)
    assert 'havn_stray_messages_total{upstream="intake.0"} 2.0' in counted
    assert 'havn_inbox_gaps_total{upstream="intake.0"}' in counted
    assert pair.ids("orchestrator", "SELECT reason FROM strays") == ["not an event of Havn"] * 2


def test_a_dead_consumer_slows_no_other(pair: Pair) -> None:
    pair.downstream.kill()
    other = Running(("tests.component.chassis.toy", "aftercare"), pair.downstream.environment, pair.downstream.log).start()
    try:
        other.wait_ready()
        for _ in range(10):
            pair.report()
        column = "convert_from(state, 'UTF8')::json->'data'->>'fact_id'"
        query = f"SELECT {column} FROM aftercare_events ORDER BY notification_id"
        eventually(lambda: pair.ids("aftercare", query) == pair.sent(), what="the living consumer having applied everything")
        assert pair.applied() == []
    finally:
        other.kill()


def test_a_connection_that_is_closed_for_good_ends_the_process(pair: Pair) -> None:
    os.kill(pair.downstream.pid, signal.SIGUSR1)
    eventually(lambda: not pair.downstream.alive(), what="the process ending by itself")
    assert pair.downstream.stop() == 1
    assert pair.upstream.alive()


def test_sigterm_ends_a_process_though_nats_is_away(pair: Pair) -> None:
    pair.report()
    pair.nats.kill()
    time.sleep(1)
    assert (pair.upstream.stop(), pair.downstream.stop()) == (0, 0)


def test_sigterm_ends_a_process_that_never_reached_nats(pair: Pair) -> None:
    pair.nats.kill()
    pair.upstream.kill()
    pair.upstream.start().wait_alive()
    assert pair.upstream.stop() == 0


def test_what_a_dead_upstream_has_published_is_applied_all_the_same(pair: Pair) -> None:
    pair.downstream.kill()
    for _ in range(5):
        pair.report()
    published = "SELECT position FROM relay_positions"
    eventually(lambda: pair.ids("intake", published) == pair.ids("intake", "SELECT max(notification_id) FROM intake_events"))
    pair.upstream.kill()
    pair.downstream.start().wait_ready()
    pair.eventually_applied_once_and_in_order()

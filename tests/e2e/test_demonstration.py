"""`make run` as a newcomer sees it: a year is lived through, its counts are the published ones, a second run goes on from there."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import nats
import psutil
import pytest

from havn_events.municipal import MUNICIPAL_EVENT, ChildNotice, ObligationNews, StayNotice
from tests.processes import PATIENCE_SECONDS, eventually

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demonstration")]


def start(folder: Path, output: Path, *options: str) -> subprocess.Popen[bytes]:
    environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "NATS_URL")}
    with output.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "havn_embedded", "run", *options],
            cwd=folder,
            env={**environment, "COLUMNS": "160"},
            stdout=file,
            stderr=file,
        )


def children_of(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    found: list[psutil.Process] = psutil.Process(process.pid).children(recursive=True)
    return found


async def next_on_the_feed(settings: dict[str, str]) -> StayNotice | ChildNotice | ObligationNews:
    """What a newcomer who follows the feed reads next."""
    connection = await nats.connect(
        settings["FEED_URL"], nkeys_seed=settings["FEED_SEED_FILE"], inbox_prefix=settings["FEED_INBOX_PREFIX"].encode()
    )
    feed = await connection.jetstream().pull_subscribe_bind(f"m{settings['FEED_MUNICIPALITY']}", "FEED")
    [message] = await feed.fetch(1, timeout=20)
    await message.ack_sync()
    await connection.close()
    return MUNICIPAL_EVENT.validate_json(message.data)


def test_the_year_is_played_and_a_second_run_continues_until_ctrl_c(tmp_path: Path) -> None:
    # when it is run for the first time
    first = start(tmp_path, tmp_path / "first.txt", "--once")
    assert first.wait(timeout=420) == 0, (tmp_path / "first.txt").read_text()[-3000:]

    # then every count that was compared is the published one
    printed = (tmp_path / "first.txt").read_text()
    assert printed.count("✓") >= 40
    assert "✗" not in printed
    together = re.search(r"together\W+(\d+)\W+(\d+)\W+(\d+)\W+(\d+)\W+(\d+)\W+(\d+)\W+(\d+)", printed)
    assert together, printed[-3000:]
    owed, met, late, missed, still_open, cancelled, handed_over = map(int, together.groups())
    assert owed == met + late + missed + still_open + cancelled + handed_over
    assert missed > 0
    assert late > 0

    # when it is run again, and something is reported
    second = start(tmp_path, tmp_path / "second.txt")
    eventually(lambda: "Running." in (tmp_path / "second.txt").read_text(), 120, "the second run being up")
    processes = children_of(second)
    settings = dict(line.split("=", 1) for line in (tmp_path / ".havn" / "env").read_text().splitlines())
    answer = httpx.post(
        f"{settings['INTAKE']}/stays",
        json={
            "stay_id": "0f3b2c1e-8a54-4c2e-9b1d-2f6a7c8d9e01",
            "person_id": "0f3b2c1e-8a54-4c2e-9b1d-2f6a7c8d9e02",
            "occurred_on": "2024-12-30",
            "home_municipality": "0101",
            "anonymous": False,
        },
        headers={"Authorization": f"Bearer {settings['SHELTER_TOKEN']}", "Idempotency-Key": "a-first-post"},
        timeout=PATIENCE_SECONDS,
    )
    assert answer.status_code == 201

    # then its municipality reads of it with the credential that lies ready
    told = asyncio.run(next_on_the_feed(settings))
    assert (type(told), told.municipality, told.occurred_on.isoformat()) == (StayNotice, "0101", settings["TODAY"])
    assert re.search(rf"together\W+{owed}\b", (tmp_path / "second.txt").read_text())

    # then Ctrl-C ends it and everything that it started
    second.send_signal(signal.SIGINT)
    assert second.wait(timeout=60) == 0
    end = time.monotonic() + 10
    while any(process.is_running() for process in processes) and time.monotonic() < end:
        time.sleep(0.1)
    assert [process.pid for process in processes if process.is_running()] == []

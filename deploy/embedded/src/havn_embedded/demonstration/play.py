"""Plays the year through the platform's HTTP interfaces, one day after the other, with the platform's clock set to each."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import httpx
import nats
import pydantic_core
from nats.aio.client import Client
from nats.js.client import JetStreamContext
from nats.js.errors import NotFoundError
from rich.progress import Progress

from havn_chassis.clock import COPENHAGEN
from havn_embedded.demonstration.residents import LAST
from havn_embedded.demonstration.year import CALLS_FILE, UNACKNOWLEDGED_FILE, data_file

NOON = time_of_day(12, tzinfo=COPENHAGEN)
SETTLE_SECONDS = 60.0
LOOK_EVERY_SECONDS = 0.01
REQUEST_SECONDS = 60.0
REDELIVER_SECONDS = 40.0
FEED = "FEED"

Line = Mapping[str, Any]


class DemonstrationFailed(RuntimeError):
    """The platform refused a line, did not come to rest, or came to other counts."""


class Stack(Protocol):
    """What the demonstration needs of a running platform. ``urls``: each service's address by its name."""

    @property
    def urls(self) -> Mapping[str, str]: ...

    @property
    def nats_url(self) -> str | None: ...

    def token(self, role: str, of: str | None = None) -> str: ...

    def set_clock(self, instant: datetime) -> None: ...


def play(stack: Stack, progress: Progress, played: Path) -> None:
    """Make every call that ``played``, which holds the number of lines made so far, does not count yet.

    Ends with the clock on the last day of the year. A second run goes on where the first stopped; a line that was made and not
    yet counted is made again with the same key, which changes nothing. Raises DemonstrationFailed.
    """
    calls: Sequence[Line] = [json.loads(line) for line in data_file(CALLS_FILE).splitlines()]
    done = int(played.read_text()) if played.exists() else 0
    task = progress.add_task("", total=len(calls), completed=done)
    with Platform(stack) as platform, Municipalities(str(stack.nats_url)) as municipalities:
        if done:
            platform.live(_day(calls[done - 1]))
            _end_day(platform, municipalities)
        for day, lines in groupby(enumerate(calls[done:], done + 1), key=lambda entry: _day(entry[1])):
            platform.live(day)
            progress.update(task, description=day.isoformat())
            for number, line in lines:
                if line.get("settle"):
                    platform.settle()
                platform.send(number, line)
                played.write_text(str(number))
                progress.advance(task)
            _end_day(platform, municipalities)
        platform.live(LAST)
        platform.settle()
        platform.check_nothing_parked()
        progress.update(task, description=LAST.isoformat())


def _day(line: Line) -> date:
    return date.fromisoformat(line["on"])


def _end_day(platform: "Platform", municipalities: "Municipalities") -> None:
    platform.settle()
    municipalities.confirm()


class Platform:
    """The six services over HTTP."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._client = httpx.Client(timeout=REQUEST_SECONDS)
        self._tokens: dict[tuple[str, str | None], str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.close()

    def live(self, day: date) -> None:
        """Move the clock to noon of that day and wait until the orchestrator has passed the day before."""
        self._stack.set_clock(datetime.combine(day, NOON))
        yesterday = (day - timedelta(days=1)).isoformat()
        end = time.monotonic() + SETTLE_SECONDS
        while self.ask("orchestrator", "/days")["last"] != yesterday:
            if time.monotonic() > end:
                raise DemonstrationFailed(f"the orchestrator did not pass {yesterday} in {SETTLE_SECONDS:.0f} s")
            time.sleep(LOOK_EVERY_SECONDS)

    def settle(self) -> None:
        """Wait until everything that was committed has reached everyone. Raises DemonstrationFailed, naming who lags."""
        end = time.monotonic() + SETTLE_SECONDS
        before: Mapping[str, Any] = {}
        while True:
            now = {service: self.ask(service, "/positions") for service in self._stack.urls}
            behind = lagging(now)
            if not behind and now == before:
                return
            if time.monotonic() > end:
                raise DemonstrationFailed(
                    f"not settled after {SETTLE_SECONDS:.0f} s: {', '.join(behind) or 'the services never came to rest'}"
                )
            if behind:
                time.sleep(LOOK_EVERY_SECONDS)
            before = now

    def check_nothing_parked(self) -> None:
        """Raises DemonstrationFailed when events of a case wait, because they could not be applied."""
        for service in self._stack.urls:
            parked = self.ask(service, "/parked")
            if parked:
                raise DemonstrationFailed(f"{service} holds back {len(parked)} cases; the first: {parked[0]}")

    def send(self, number: int, line: Line) -> None:
        """Make one call. Raises DemonstrationFailed for any answer but 2xx."""
        role = line["role"]
        name, of = next(iter(role.items())) if isinstance(role, Mapping) else (role, None)
        headers = {"Authorization": f"Bearer {self._token(name, of)}", "Idempotency-Key": line["key"]}
        url = self._stack.urls[line["service"]] + line["path"]
        answer = self._client.request(line["method"], url, json=line["body"], headers=headers)
        if not answer.is_success:
            raise DemonstrationFailed(
                f"line {number}: {line['service']} answered {answer.status_code} to {line['method']} {line['path']}: {answer.text}"
            )

    def ask(self, service: str, path: str, role: str = "operator", **params: str | int) -> Any:
        """What a GET answers. Raises DemonstrationFailed for any answer but 2xx."""
        headers = {"Authorization": f"Bearer {self._token(role)}"}
        answer = self._client.get(self._stack.urls[service] + path, params=params, headers=headers)
        if not answer.is_success:
            raise DemonstrationFailed(f"{service} answered {answer.status_code} to GET {path}: {answer.text}")
        return answer.json()

    def ask_all(self, service: str, path: str, role: str = "operator", **params: str | int) -> list[dict[str, Any]]:
        """Every item of a paged list."""
        items: list[dict[str, Any]] = []
        page = self.ask(service, path, role, limit=200, **params)
        items += page["items"]
        while page["next"]:
            page = self.ask(service, path, role, limit=200, after=page["next"], **params)
            items += page["items"]
        return items

    def _token(self, role: str, of: str | None = None) -> str:
        if (role, of) not in self._tokens:
            self._tokens[role, of] = self._stack.token(role, of)
        return self._tokens[role, of]


def lagging(positions: Mapping[str, Any]) -> list[str]:
    """Who has not yet published, or not yet applied, what is committed. ``positions``: each service's answer by its name."""
    behind: list[str] = []
    for service, at in positions.items():
        behind += [f"relay {name} of {service}" for name, position in at["relays"].items() if position < at["head"]]
        for inbox, position in at["inboxes"].items():
            upstream = inbox.rpartition(".")[0]
            if position < positions[upstream]["head"]:
                behind.append(f"inbox {inbox} of {service}")
    return behind


class Municipalities:
    """The municipalities' own systems: each reads its feed and confirms the notices in it, but for the days nobody looks."""

    def __init__(self, nats_url: str) -> None:
        self._url = nats_url
        self._runner = asyncio.Runner()
        self._unread = {(day["municipality"], day["on"]) for day in json.loads(data_file(UNACKNOWLEDGED_FILE))}
        self._feeds: dict[str, JetStreamContext.PullSubscription] = {}
        self._read: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._connection: Client = self._runner.run(_connect(self._url))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._runner.run(self._connection.close())
        self._runner.close()

    def confirm(self) -> None:
        """Read everything that is on the feeds now and confirm the notices in it. Raises DemonstrationFailed."""
        self._runner.run(self._confirm())

    async def _confirm(self) -> None:
        jetstream = self._connection.jetstream()
        try:
            info = await jetstream.stream_info(FEED, subjects_filter="havn.feed.>")
        except NotFoundError:
            return
        for subject, count in sorted((info.state.subjects or {}).items()):
            if subject not in self._feeds:
                await self._open(jetstream, subject, count)
            while self._read[subject] < count:
                await self._read_some(subject, count - self._read[subject])

    async def _open(self, jetstream: JetStreamContext, subject: str, count: int) -> None:
        feed = await jetstream.pull_subscribe_bind(subject.rpartition(".")[2], FEED)
        consumer = await feed.consumer_info()
        self._feeds[subject] = feed
        self._read[subject] = count - (consumer.num_pending or 0) - (consumer.num_ack_pending or 0)

    async def _read_some(self, subject: str, waiting: int) -> None:
        code = subject.rpartition(".m")[2]
        try:
            messages = await self._feeds[subject].fetch(waiting, timeout=REDELIVER_SECONDS)
        except TimeoutError:
            raise DemonstrationFailed(f"the feed of municipality {code} holds {waiting} messages that do not arrive") from None
        for message in messages:
            news = pydantic_core.from_json(message.data)
            if "notice_id" in news and (code, news["occurred_on"]) not in self._unread:
                await self._acknowledge(code, news["notice_id"])
            await message.ack_sync()
            self._read[subject] += 1

    async def _acknowledge(self, code: str, notice_id: str) -> None:
        request = pydantic_core.to_json({"notice_id": notice_id})
        reply = await self._connection.request(f"havn.acknowledge.{code}", request, timeout=REQUEST_SECONDS)
        answer = pydantic_core.from_json(reply.data)
        if answer.get("acknowledged") is not True:
            raise DemonstrationFailed(f"the confirmation of a notice by municipality {code} was refused: {answer}")


async def _connect(url: str) -> Client:
    return await nats.connect(url, connect_timeout=REQUEST_SECONDS)

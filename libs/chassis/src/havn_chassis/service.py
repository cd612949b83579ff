"""One service as a process: its store, relay, inboxes, log and HTTP, started and stopped together."""

import asyncio
import ctypes
import gc
import os
import platform
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import nats.errors
import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Response
from faststream import StreamMessage
from faststream.nats import NatsBroker
from faststream.nats.annotations import NatsMessage
from nats.aio.client import Client
from nats.js import JetStreamContext
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from pydantic import AwareDatetime, BaseModel

from havn_chassis import history, leader
from havn_chassis.audit import AUDITED_READS
from havn_chassis.auth import Tokens
from havn_chassis.clock import Clock, FileClock, SystemClock, business_day
from havn_chassis.connections import Connection
from havn_chassis.decider import Decider, Refused
from havn_chassis.http import MANNERS, PROBLEMS, Api, Desk, Outermost, Page, Reader, install, number, problem, read
from havn_chassis.inbox import Arrival, Inbox, Reactions
from havn_chassis.municipal_ids import MUNICIPAL_IDS
from havn_chassis.relay import Feed, Relay
from havn_chassis.settings import Settings
from havn_chassis.stays import STAYS
from havn_chassis.store import Store, StoreAway, UnitOfWork, VersionConflict, View
from havn_chassis.streams import log_subject
from havn_chassis.telemetry import Telemetry, configure_logging, log
from havn_events.event import Event

DRAIN_SECONDS = 10
CONNECT_SECONDS = 5.0
_M_ARENA_MAX = -8
"""``mallopt``'s name for how many heaps there may be, from ``malloc.h``."""
PING_SECONDS = 5
"""A NATS server that leaves two of these unanswered is given up: a lost one says nothing."""


async def undecoded(message: StreamMessage[Any]) -> bytes:
    """A decoder that leaves a NATS body as it came: what claims to be JSON and is not must still get an answer."""
    body: bytes = message.body
    return body


@dataclass(frozen=True)
class SqlGauge:
    """A metric read from the service's own tables at each scrape: one row for each label value, with ``label`` and ``value``."""

    name: str
    help: str
    label: str
    query: str


@dataclass(frozen=True)
class Service:
    """What a service is composed of. ``upstreams``: the services whose events it reacts to.

    ``own_stays_only``: routes about a stay answer a shelter for its own stays only, as the orchestrator's CaseOpened told.
    """

    name: str
    upstreams: tuple[str, ...] = ()
    reactions: Reactions = field(default_factory=Reactions)
    views: tuple[View, ...] = ()
    tables: tuple[str, ...] = ()
    routers: tuple[APIRouter, ...] = ()
    feeds: tuple[Feed, ...] = ()
    subscribers: tuple[Callable[[NatsBroker, "Context"], None], ...] = ()
    background: tuple[Callable[["Context"], Awaitable[None]], ...] = ()
    gauges: tuple[SqlGauge, ...] = ()
    own_stays_only: bool = False
    settings: Mapping[str, object] = field(default_factory=dict)


class Positions(BaseModel):
    """How far a service is: the head of its log, what its relays published, what its inboxes applied."""

    head: int
    relays: dict[str, int]
    inboxes: dict[str, int]


class ParkedCase(BaseModel):
    """A case whose events wait, and why. ``case_id`` is ``None`` for events that could not be read at all."""

    case_id: UUID | None
    upstream: str
    reason: str
    events: int


class AuditedRead(BaseModel):
    """One question of an auditor: when, a digest of who, and its route's template; not what it was about."""

    read_at: AwareDatetime
    subject: str
    route: str


class AuditedReads(BaseModel):
    """A page of questions."""

    items: list[AuditedRead]
    next: str | None


class Retried(BaseModel):
    """How many parked events were applied."""

    applied: int


class Context:
    """A running service, as its background work and NATS subscribers see it."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self.service = service
        self.settings = settings
        self.clock: Clock = FileClock(settings.clock_file) if settings.clock_file else SystemClock()
        self.telemetry = Telemetry(service.name, settings.otlp_endpoint)
        tables = (*service.tables, STAYS, AUDITED_READS, MUNICIPAL_IDS)
        self.store = Store(settings.database_url, service.name, service.views, tables)
        self.tokens = Tokens(settings.issuer, settings.audience, settings.issuer_ca_file)
        self.stopping = asyncio.Event()
        self.failed = False
        self.composed = dict(service.settings)
        self.broker = NatsBroker(
            settings.nats_url,
            name=f"havn-{service.name}",
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.2,  # type: ignore[arg-type]
            connect_timeout=2,
            ping_interval=PING_SECONDS,
            closed_cb=self._closed,
            logger=None,
            graceful_timeout=DRAIN_SECONDS,
        )
        self._connection: Client | None = None
        self._jetstream: JetStreamContext | None = None
        self.inboxes = [
            Inbox(
                self.store,
                upstream,
                service.reactions,
                self.jetstream,
                self._fetch_log,
                self.clock,
                self.telemetry,
                self.composed,
                partition=partition,
                poll_seconds=settings.poll_seconds,
            )
            for upstream in service.upstreams
            for partition in range(settings.partitions)
        ]
        self.relays = [
            Relay(
                self.store,
                self.jetstream,
                self.telemetry,
                partitions=settings.partitions,
                replicas=settings.stream_replicas,
                poll_seconds=settings.poll_seconds,
                hold_back=self._rebuilding,
                feed=feed,
            )
            for feed in (None, *service.feeds)
        ]

    def jetstream(self) -> JetStreamContext:
        """JetStream, or TimeoutError while NATS has not been reached yet."""
        if self._jetstream is None:
            raise TimeoutError("NATS has not been reached yet")
        return self._jetstream

    @property
    def connected(self) -> bool:
        """Whether NATS answers."""
        return self._connection is not None and self._connection.is_connected

    @property
    def has_been_connected(self) -> bool:
        """Whether NATS has answered this process: what it needs to begin; later it may be away, and reports are still accepted."""
        return self._connection is not None

    def today(self) -> date:
        """The present Copenhagen day."""
        return business_day(self.clock.now())

    def setting(self, name: str) -> Any:
        """A setting the service was composed with."""
        return self.composed[name]

    def unit(self, actor: str) -> UnitOfWork:
        """A unit of work at the present instant."""
        return UnitOfWork.begin(self.store, self.clock, actor, self.composed)

    def rows(self, query: str, params: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """What a query on the service's own tables answers."""
        return self.store.rows(query, params)

    async def execute(self, decider: Decider[Any, Any], ids: Sequence[UUID], command: object, *, actor: str) -> Sequence[Event]:
        """Decide and commit one command off the event loop. Raises Refused or StoreAway."""

        def attempt() -> Sequence[Event]:
            for _ in range(8):
                unit = self.unit(actor)
                events = unit.execute(decider, ids, command)
                with suppress(VersionConflict):
                    unit.commit()
                    return events
            raise VersionConflict

        return await asyncio.to_thread(attempt)

    async def lead(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run ``work`` for ever, in one process at a time."""
        await leader.lead(self.settings.database_url, f"{self.service.name}:{name}", work, self.stopping)

    def _rebuilding(self) -> bool:
        return any(inbox.far_behind for inbox in self.inboxes)

    async def _fetch_log(self, upstream: str, partition: int, after: int) -> tuple[list[Arrival], int]:
        if self._connection is None:
            raise TimeoutError("NATS has not been reached yet")
        return await history.fetch(self._connection, upstream, partition, after)

    async def _closed(self) -> None:
        if not self.stopping.is_set():
            log.error("nats-connection-closed-for-good")
            self._fail()

    async def start(self) -> list[asyncio.Task[None]]:
        """Make the tables, then start everything that runs beside HTTP."""
        await self._until_there(self.store.create)
        tasks = [asyncio.create_task(self._connect_and_serve(), name="nats")]
        tasks.append(asyncio.create_task(self.tokens.keys.keep_fresh(self.stopping), name="keys"))
        for relay in self.relays:
            tasks.append(asyncio.create_task(self.lead(f"relay:{relay.name}", relay.run)))
        for inbox in self.inboxes:
            tasks.append(asyncio.create_task(self.lead(f"inbox:{inbox.name}", inbox.run)))
        for work in self.service.background:
            tasks.append(asyncio.create_task(work(self)))  # type: ignore[arg-type]
        for task in tasks:
            task.add_done_callback(self._ended)
        return tasks

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            log.error("background-work-failed", exc_info=error)
            self._fail()

    def _fail(self) -> None:
        self.failed = True
        os.kill(os.getpid(), signal.SIGTERM)

    async def _until_there(self, create: Callable[[], None]) -> None:
        while True:
            try:
                await asyncio.to_thread(create)
                return
            except StoreAway:
                log.warning("waits-for-database")
                await asyncio.sleep(0.5)

    async def _connect_and_serve(self) -> None:
        for partition in range(self.settings.partitions):
            self._serve_log(partition)
        for subscribe in self.service.subscribers:
            subscribe(self.broker, self)
        self._connection = await self.broker.connect()
        self._jetstream = self._connection.jetstream(timeout=CONNECT_SECONDS)
        await self.broker.start()

    def _serve_log(self, partition: int) -> None:
        @self.broker.subscriber(log_subject(self.service.name, partition), queue=self.service.name, decoder=undecoded)
        async def serve(message: NatsMessage) -> bytes:
            return await asyncio.to_thread(history.answer, self.store, message.body, partition, self.settings.partitions)

    async def stop(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        """Stop taking in, finish what is under way, give everything back."""
        self.stopping.set()
        _, unfinished = await asyncio.wait(tasks, timeout=0.2)
        await asyncio.gather(*(leader.end(task) for task in unfinished))
        try:
            await asyncio.wait_for(self.broker.stop(), DRAIN_SECONDS)
        except (TimeoutError, nats.errors.Error) as error:
            log.warning("nats-not-drained", error=type(error).__name__)
        if self._connection:
            await self._connection.close()
        self.store.close()
        await asyncio.to_thread(self.telemetry.shutdown)


def _common_routes(context: Context) -> APIRouter:
    router = APIRouter(tags=["operations"])
    store = context.store
    connected = Gauge("havn_nats_connected", "Whether NATS is connected", registry=context.telemetry.registry)
    parked = Gauge("havn_parked_cases", "Cases whose events wait", registry=context.telemetry.registry)
    gauges = {
        gauge: Gauge(gauge.name, gauge.help, [gauge.label], registry=context.telemetry.registry) for gauge in context.service.gauges
    }

    @router.get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz", include_in_schema=False)
    def readyz() -> Response:
        try:
            store.rows("SELECT 1")
        except StoreAway:
            return problem(503, "database-away", "Try again", "The database does not answer.", headers={"Retry-After": "2"})
        if not context.has_been_connected:
            return problem(503, "nats-away", "Try again", "NATS has not answered yet.", headers={"Retry-After": "2"})
        if not context.tokens.keys.known:
            return problem(503, "issuer-away", "Try again", "The issuer of tokens has not answered.", headers={"Retry-After": "2"})
        return Response(b'{"status":"ready"}', media_type="application/json")

    @router.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        connected.set(context.connected)
        parked.set(store.rows("SELECT count(DISTINCT case_id) AS n FROM parked")[0]["n"])
        for gauge, metric in gauges.items():
            for row in store.rows(gauge.query):
                metric.labels(row["label"]).set(row["value"])
        return Response(generate_latest(context.telemetry.registry), media_type=CONTENT_TYPE_LATEST)

    @router.get("/positions", responses=PROBLEMS)
    def positions(_: Annotated[Reader, Depends(read("operator", scope="havn:operate"))]) -> Positions:
        """How far this service is: for operators, and for whoever waits until everything is applied."""
        head = store.head()
        return Positions(
            head=head,
            relays={relay.name: head - relay.lag() for relay in context.relays},
            inboxes={inbox.name: inbox.position() for inbox in context.inboxes},
        )

    @router.get("/parked", responses=PROBLEMS)
    def parked_cases(_: Annotated[Reader, Depends(read("operator", scope="havn:operate"))]) -> list[ParkedCase]:
        """The cases whose events wait, and why."""
        query = (
            "SELECT case_id, upstream, (array_agg(reason ORDER BY position))[1] AS reason, count(*) AS events "
            "FROM parked GROUP BY case_id, upstream ORDER BY min(parked_at) LIMIT 1000"
        )
        return [ParkedCase(**row) for row in store.rows(query)]

    @router.get("/audited-reads", responses=PROBLEMS)
    def audited_reads(reads: Annotated[Reader, Depends(read("leader"))], page: Annotated[Page, Depends()]) -> AuditedReads:
        """What your shelter's auditors asked this service, the oldest first."""
        [after] = page.after_key(number) or [0]
        query = "SELECT id, read_at, subject, route FROM audited_reads WHERE shelter_id = %s AND id > %s ORDER BY id LIMIT %s"
        rows = reads.all(query, (reads.caller.shelter, after, page.limit + 1))
        return AuditedReads.model_validate(page.of(rows, key=lambda row: [row["id"]]))

    @router.post("/parked/{case_id}/retry", responses=PROBLEMS)
    def retry(case_id: UUID, _: Annotated[Reader, Depends(read("operator", scope="havn:operate"))]) -> Retried:
        """Apply a parked case's events again, in order, upstream by upstream. What still fails stays parked."""
        applied, waiting = 0, []
        for inbox in context.inboxes:
            try:
                applied += inbox.retry(case_id)
            except (StoreAway, MemoryError):
                raise
            except Exception as error:
                if isinstance(error, VersionConflict) and not applied:
                    raise
                log.error("case-still-parked", upstream=inbox.name, case_id=str(case_id), exc_info=error)
                waiting.append(inbox.name)
        if waiting:
            raise Refused(
                "still-parked",
                f"What came from {', '.join(waiting)} still cannot be applied and stays parked. Events applied: {applied}.",
            )
        return Retried(applied=applied)

    return router


def application(context: Context) -> FastAPI:
    """The HTTP side of a running service."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tasks = await context.start()
        try:
            yield
        finally:
            await context.stop(tasks)

    app = Api(
        title=f"Havn: {context.service.name}",
        version="1",
        description=MANNERS,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        responses=PROBLEMS,
    )
    app.state.desk = Desk(
        context.store, context.clock, context.tokens, context.telemetry, context.composed, context.service.own_stays_only
    )
    app.state.context = context
    install(app)
    app.include_router(_common_routes(context))
    for router in context.service.routers:
        app.include_router(router)
    app.add_middleware(Outermost, telemetry=context.telemetry)
    return app


def look_less_often_for_cycles() -> None:
    """Events and states are made by the thousand and have no cycles; the default thresholds spend a fifth of the time looking."""
    gc.set_threshold(50_000, 50, 100)


def share_memory_between_threads() -> None:
    """glibc gives each thread a heap of its own, and what they have freed stays with the process; two serve them all."""
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def run(service: Service) -> None:
    """Run the service until SIGTERM or SIGINT, then drain. Exits 1 when it could not go on by itself."""
    share_memory_between_threads()
    settings = Settings.from_environment(service.name, os.environ)
    configure_logging(service.name, settings.log_level)
    context = Context(service, settings)
    look_less_often_for_cycles()
    config = uvicorn.Config(
        application(context),
        host=settings.http_host,
        port=settings.http_port,
        http=Connection,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        server_header=False,
    )
    # uvicorn drains on the signal, then raises it again under the handler that it found.
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: None)
    server = uvicorn.Server(config)
    with asyncio.Runner() as runner:
        runner.run(server.serve())
        runner.run(_end_what_is_left())
    sys.exit(int(context.failed or not server.started))


async def _end_what_is_left() -> None:
    """A client library's task that swallows its one cancellation would keep the process from ending."""
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        log.warning("ends-what-is-left", task=getattr(task.get_coro(), "__qualname__", "unknown"))
        await leader.end(task)

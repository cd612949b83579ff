"""The manners of every route: who may, idempotency, versions, pages, and problems that say what to do and never what was sent."""

import asyncio
import base64
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID, uuid5

import pydantic_core
from fastapi import Depends, FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from opentelemetry.trace import SpanKind
from psycopg import Cursor
from psycopg.rows import DictRow
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from havn_chassis.audit import record_read
from havn_chassis.auth import ROLES, Caller, IssuerAway, NotAllowed, NotAuthenticated, Role, Tokens
from havn_chassis.auth import Scope as TokenScope
from havn_chassis.clock import Clock, business_day
from havn_chassis.decider import Decider, Refused
from havn_chassis.municipal_ids import resolve
from havn_chassis.stays import check_own
from havn_chassis.store import AlreadyApplied, KeyTaken, Store, StoreAway, UnitOfWork, VersionConflict, Work
from havn_chassis.telemetry import Telemetry, log, traceparent_of
from havn_events.municipal import own_id

S = TypeVar("S")

MAX_BODY_BYTES = 64 * 1024
BODY_SECONDS = 10.0
"""How long a request's body may take to arrive, whatever its size."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
RETRY_AFTER_SECONDS = 2
CONFLICT_TRIES = 8
PROBLEM_TYPE = "https://havn.example/problems/"

KeyHeader = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=200,
        description="Of your own choice, and new for each new report. The same request sent again with the same key is recorded "
        "once and answered the same, however much later.",
    ),
]
IfMatchHeader = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=40,
        description="The `ETag` that you go on from. Where it changed since, nothing is recorded and the answer is 412.",
    ),
]
MANNERS = (
    "Every error is a problem of RFC 9457 (`application/problem+json`): its `type` is stable, `detail` says what to do, `errors` "
    "names the fields. After 503, wait the seconds of `Retry-After` and send the same request again with the same Idempotency-Key. "
    "A list is read page by page: ask with `after` set to the `next` of the page before, until `next` is null; that of the feed "
    "never is."
)
"""What every description of an API begins with."""


class Body(BaseModel):
    """A request body: closed, frozen, and silent about its values when it is wrong."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Receipt(BaseModel):
    """What an accepted report led to. ``events``: their names; ``version``: the stream's, for ``If-Match``.

    A municipality is told no version, since it would count what others did; for ``If-Match`` it has the ``ETag``.
    """

    version: int | None = None
    events: list[str]


class FieldProblem(BaseModel):
    """One field of the request, the rule it breaks, and what to do."""

    field: str
    rule: str
    detail: str


class Problem(BaseModel):
    """RFC 9457 problem details. ``type`` is stable; ``errors`` names each field that is wrong."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []


class StaleVersion(Exception):
    """If-Match names a version that is not the present one."""


class KeyReused(Exception):
    """The idempotency key was used before, with another request."""


class Busy(Exception):
    """The stream kept changing; nothing was committed."""


@dataclass(frozen=True)
class Desk:
    """What the routes of one service stand on; one for each process, kept in ``app.state.desk``."""

    store: Store
    clock: Clock
    tokens: Tokens
    telemetry: Telemetry
    settings: dict[str, object]
    own_stays_only: bool = False


@dataclass(frozen=True)
class Reader:
    """A caller who asks."""

    desk: Desk
    caller: Caller
    now: datetime

    @property
    def today(self) -> date:
        """The Copenhagen day of the request."""
        return business_day(self.now)

    def setting(self, name: str) -> Any:
        """A setting the service was composed with."""
        return self.desk.settings[name]

    def shown(self, known_id: UUID) -> UUID:
        """The id as this caller is shown it: a municipality its own one, everybody else ours."""
        return known_id if self.caller.municipality is None else own_id(self.caller.municipality, known_id)

    def tag(self, stream_id: UUID, version: int, own_part: object = None) -> str:
        """The ETag of a stream's version; a municipality's cannot be counted with.

        ``own_part``: where others act on the stream, what the municipality may know of its state; its tag changes with that alone.
        """
        code = self.caller.municipality
        if code is None:
            return f'"{version}"'
        return f'"{own_id(code, uuid5(stream_id, str(version) if own_part is None else repr(own_part)))}"'

    def all(self, query: str, params: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Every row a query answers."""
        return self.desk.store.rows(query, params)

    def one(self, query: str, params: Sequence[Any] = ()) -> dict[str, Any] | None:
        """The first row a query answers."""
        return next(iter(self.all(query, params)), None)

    def admitted_on(self, stay_id: UUID) -> date | None:
        """The stay's first day, as it is known now; None for one that has not arrived here."""
        row = self.one("SELECT admitted_on FROM stays WHERE stay_id = %s", (stay_id,))
        return None if row is None else row["admitted_on"]

    def state(self, decider: Decider[Any, S], ids: Sequence[UUID]) -> tuple[S, int]:
        """State and version of a stream."""
        stream_id = decider.stream_id(*ids)
        return self.desk.store.load_many([(decider, stream_id)])[stream_id]


@dataclass(frozen=True)
class Call(Reader):
    """A caller who reports, with the key that makes the report safe to repeat.

    The key is kept as a digest, and the request as a digest keyed with it: neither can be read back from the database.
    """

    key: bytes
    fingerprint: bytes
    if_match: str | None
    traceparent: str | None

    def handle(
        self,
        decider: Decider[Any, S],
        ids: Sequence[UUID],
        command: object,
        also: Work | None = None,
        own_part: Callable[[S], object] | None = None,
    ) -> Response:
        """Decide, commit, answer 201 with a Receipt; the same key answers the same again.

        ``also`` writes other rows in the same transaction. ``own_part``: as in ``tag``, of a state. Raises Refused, StaleVersion,
        KeyReused, Busy or StoreAway.
        """
        stream_id = decider.stream_id(*ids)

        def tag_of(state: S, version: int) -> str:
            return self.tag(stream_id, version, None if own_part is None else own_part(state))

        for _ in range(CONFLICT_TRIES):
            unit = UnitOfWork.begin(self.desk.store, self.desk.clock, self.caller.actor, self.desk.settings, self.traceparent)
            try:
                before = unit.state(decider, ids)
                events = unit.execute(decider, ids, command)
                self._match(tag_of(*before))
            except (Refused, StaleVersion):
                answered = self.answered()
                if answered:
                    return answered
                raise
            state, version = unit.state(decider, ids)
            told = version if self.caller.municipality is None else None
            receipt = Receipt(version=told, events=[event.type_name() for event in events])
            body, etag = pydantic_core.to_json(receipt, exclude_none=True), tag_of(state, version)
            unit.work.append(self._remember(201, etag, body))
            if also:
                unit.work.append(also)
            try:
                unit.commit()
            except VersionConflict:
                continue
            except KeyTaken:
                answered = self.answered()
                if answered:
                    return answered
                continue
            return _answer(201, etag, body)
        raise Busy

    def _match(self, tag: str) -> None:
        if self.if_match is not None and self.if_match not in ("*", tag):
            raise StaleVersion

    def answered(self) -> Response | None:
        """The first answer to this key, where there was one. Raises KeyReused when it was given for another request."""
        row = self.one(
            "SELECT fingerprint, status, etag, body FROM idempotency WHERE caller = %s AND key = %s",
            (self.caller.keyholder, self.key),
        )
        if row is None:
            return None
        if bytes(row["fingerprint"]) != self.fingerprint:
            raise KeyReused
        return _answer(row["status"], row["etag"], bytes(row["body"]))

    def _remember(self, status: int, etag: str, body: bytes) -> Work:
        values = (self.caller.keyholder, self.key, self.fingerprint, status, etag, body)

        def write(cursor: Cursor[DictRow]) -> None:
            cursor.execute(
                "INSERT INTO idempotency (caller, key, fingerprint, status, etag, body) VALUES (%s, %s, %s, %s, %s, %s)", values
            )

        return write


def _answer(status: int, etag: str, body: bytes) -> Response:
    return Response(body, status, {"ETag": etag}, "application/json")


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def _admitted(roles: tuple[Role, ...], scope: TokenScope) -> Callable[[Request], Awaitable[Caller]]:
    """A dependency of its own, so that it is settled before anything else of the request is looked at.

    What an auditor asks is recorded first. Only what asks the database leaves the event loop: a thread for each dependency costs
    more than what it would do there. A municipality's own ids in the path become ours before the route sees them.
    """
    if not roles or set(roles) - set(ROLES):
        raise TypeError(f"a route names at least one of the roles {', '.join(ROLES)}")

    async def admit(request: Request) -> Caller:
        desk = _desk(request)
        caller = await desk.tokens.caller(request.headers.get("authorization"))
        if caller.role not in roles or scope not in caller.scopes:
            raise NotAllowed
        if caller.role == "auditor":
            route = f"{request.method} {request.scope['route'].path}"
            await run_in_threadpool(record_read, desk.store, caller, route, desk.clock.now())
        if caller.municipality is not None:
            request.scope["havn.municipality"] = caller.municipality
            await run_in_threadpool(_resolve_path, desk.store, caller.municipality, request.path_params)
        if desk.own_stays_only and caller.shelter and "stay_id" in request.path_params:
            await run_in_threadpool(check_own, desk.store, caller.shelter, str(request.path_params["stay_id"]))
        return caller

    return admit


def _resolve_path(store: Store, municipality: str, path_params: dict[str, Any]) -> None:
    asked = {name: found for name, value in path_params.items() if (found := _uuid(str(value)))}
    ours = resolve(store.rows, municipality, asked.values())
    path_params.update({name: str(ours[value]) for name, value in asked.items()})


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def allow(*roles: Role, scope: TokenScope = "havn:report") -> Callable[..., Awaitable[Call]]:
    """A dependency: the call of someone with one of these roles and the scope. Every POST has exactly one."""
    admitted = _admitted(roles, scope)

    async def call(
        request: Request, caller: Annotated[Caller, Depends(admitted)], key: KeyHeader, if_match: IfMatchHeader = None
    ) -> Call:
        desk = _desk(request)
        body = await request.body()
        secret = hashlib.sha256(key.encode()).digest()
        return Call(
            desk=desk,
            caller=caller,
            now=desk.clock.now(),
            key=hashlib.sha256(b"key:" + key.encode()).digest(),
            fingerprint=hashlib.blake2b(request.url.path.encode() + b"\n" + body, key=secret, digest_size=32).digest(),
            if_match=if_match,
            traceparent=request.scope.get("havn.traceparent"),
        )

    return call


def read(*roles: Role, scope: TokenScope = "havn:read") -> Callable[..., Awaitable[Reader]]:
    """A dependency: the question of someone with one of these roles and the scope."""
    admitted = _admitted(roles, scope)

    async def reader(request: Request, caller: Annotated[Caller, Depends(admitted)]) -> Reader:
        desk = _desk(request)
        return Reader(desk=desk, caller=caller, now=desk.clock.now())

    return reader


def number(text: str) -> int:
    """A position or serial number, as a part of a cursor. Raises ValueError."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise ValueError("no number")
    return int(text)


class Page:
    """One page of a list. ``after``: the ``next`` of the page before, opaque; ``limit``: how many items at most.

    A cursor holds ids as the caller is shown them.
    """

    def __init__(
        self,
        request: Request,
        after: Annotated[
            str | None, Query(max_length=400, pattern=r"^[A-Za-z0-9_=-]+$", description="The `next` of an earlier page, as it was.")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=200, description="How many items at most.")] = 50,
    ) -> None:
        self.limit = limit
        self._after = after
        self._request = request

    def after_key(self, *kinds: Callable[[str], Any]) -> list[Any] | None:
        """What the page before ended with, each part read by its kind, with our ids; None on the first page.

        Raises Refused for what is no ``next`` of this list; a kind raises ValueError for what it cannot be.
        """
        if self._after is None:
            return None
        try:
            key = json.loads(base64.urlsafe_b64decode(self._after.encode()))
            if not isinstance(key, list) or not all(isinstance(part, str) and "\x00" not in part for part in key):
                raise ValueError("not a key")
            parts = [kind(part) for kind, part in zip(kinds, key, strict=True)]
        except ValueError:
            raise Refused(
                "cursor",
                "The cursor is the `next` of an earlier page of this list; take it from there.",
                field="after",
                kind="invalid",
            ) from None
        return self._ours(parts)

    @property
    def _municipality(self) -> str | None:
        municipality: str | None = self._request.scope.get("havn.municipality")
        return municipality

    def _ours(self, key: list[Any]) -> list[Any]:
        municipality = self._municipality
        if municipality is None:
            return key
        ours = resolve(_desk(self._request).store.rows, municipality, (part for part in key if isinstance(part, UUID)))
        return [ours[part] if isinstance(part, UUID) else part for part in key]

    def _shown(self, part: object) -> str:
        municipality = self._municipality
        return str(own_id(municipality, part) if municipality is not None and isinstance(part, UUID) else part)

    def of(self, rows: Sequence[Mapping[str, Any]], key: Callable[[Mapping[str, Any]], list[Any]]) -> dict[str, Any]:
        """The page's items and where the next one begins. Hand in up to ``limit + 1`` rows, with our ids.

        An id of what is no municipality's, such as a shelter, stands in the key as text.
        """
        items = list(rows[: self.limit])
        more = len(rows) > self.limit
        return {"items": items, "next": self._cursor(key(items[-1])) if more else None}

    def _cursor(self, key: list[Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps([self._shown(part) for part in key]).encode()).decode()


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": title, "content": {"application/problem+json": {}}}
    for status, title in {
        400: "Malformed request",
        401: "No valid token",
        403: "Not allowed",
        404: "No such thing",
        408: "Too slow",
        409: "Not in this state",
        412: "Stale version",
        413: "Too large",
        422: "A value that cannot be right",
        503: "Try again",
    }.items()
}


def problem(
    status: int, rule: str, title: str, detail: str, errors: Sequence[FieldProblem] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """An RFC 9457 answer."""
    body = Problem(type=PROBLEM_TYPE + rule, title=title, status=status, detail=detail, errors=list(errors))
    return Response(pydantic_core.to_json(body), status, dict(headers or {}), "application/problem+json")


_STATUS = {
    "absent": (404, "No such thing"),
    "conflict": (409, "Not in this state"),
    "invalid": (422, "A value that cannot be right"),
}

_OWN_WORDS = frozenset(
    [
        "missing",
        "literal_error",
        "enum",
        "greater_than",
        "greater_than_equal",
        "less_than",
        "less_than_equal",
        "string_too_short",
        "string_too_long",
        "string_pattern_mismatch",
        "int_type",
        "bool_type",
        "string_type",
        "value_error",
        "multiple_of",
        "extra_forbidden",
    ]
)


def _field_problem(error: Mapping[str, Any]) -> FieldProblem:
    kind = str(error["type"])
    loc = [str(part) for part in error["loc"]]
    if kind == "extra_forbidden":
        loc = loc[:-1]
    if kind == "json_invalid":
        loc = loc[:1]
    detail = _in_words(str(error["msg"])) if kind in _OWN_WORDS else f"This is not a valid {kind.split('_')[0]}."
    return FieldProblem(field=".".join(loc), rule=kind.replace("_", "-"), detail=detail)


def _in_words(message: str) -> str:
    """A validator's own words, without what pydantic puts before them."""
    words = message.removeprefix("Value error, ")
    return words[:1].upper() + words[1:]


class Api(FastAPI):
    """An app whose description says that its routes need a token."""

    def openapi(self) -> dict[str, Any]:
        """The description, with the token that every route in it asks for."""
        described = super().openapi()
        described["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
        described["security"] = [{"token": []}]
        return described


def install(app: FastAPI) -> None:
    """Give an app the problem answers and the outer layers."""

    @app.exception_handler(Refused)
    def _refused(_: Request, error: Refused) -> Response:
        status, title = _STATUS[error.kind]
        errors = [FieldProblem(field=error.field, rule=error.rule, detail=error.detail)] if error.field else []
        return problem(status, error.rule, title, error.detail, errors)

    @app.exception_handler(RequestValidationError)
    def _invalid(_: Request, error: RequestValidationError) -> Response:
        fields = [_field_problem(item) for item in error.errors()]
        if any(field.rule == "json-invalid" for field in fields):
            return problem(400, "malformed-json", "Malformed request", "The body is not JSON; send one JSON object in UTF-8.")
        return problem(422, "invalid-request", "A value that cannot be right", "See `errors` for each field and its rule.", fields)

    @app.exception_handler(NotAuthenticated)
    def _unauthenticated(_: Request, __: NotAuthenticated) -> Response:
        headers = {"WWW-Authenticate": "Bearer"}
        return problem(401, "no-valid-token", "No valid token", "Send a valid bearer token.", headers=headers)

    @app.exception_handler(NotAllowed)
    def _not_allowed(_: Request, __: NotAllowed) -> Response:
        return problem(403, "not-allowed", "Not allowed", "Your role, or the scope of your token, does not allow this.")

    @app.exception_handler(IssuerAway)
    def _issuer_away(_: Request, __: IssuerAway) -> Response:
        return _try_again("issuer-away", "Tokens cannot be checked yet: their issuer does not answer.")

    @app.exception_handler(StaleVersion)
    def _stale(_: Request, __: StaleVersion) -> Response:
        return problem(412, "stale-version", "Stale version", "It changed since you read it: read it again, then decide again.")

    @app.exception_handler(KeyReused)
    def _reused(_: Request, __: KeyReused) -> Response:
        detail = "This Idempotency-Key was used for another request; take a new key for a new request."
        return problem(422, "idempotency-key-reused", "A value that cannot be right", detail)

    @app.exception_handler(Busy)
    def _busy(_: Request, __: Busy) -> Response:
        return _try_again("busy", "Too many changes at once; nothing was recorded.")

    @app.exception_handler(AlreadyApplied)
    def _applied(_: Request, __: AlreadyApplied) -> Response:
        return _try_again("busy", "Another process is doing this; nothing was recorded.")

    @app.exception_handler(VersionConflict)
    def _conflict(_: Request, __: VersionConflict) -> Response:
        return _try_again("busy", "Too many changes at once; nothing was recorded.")

    @app.exception_handler(StoreAway)
    def _away(_: Request, __: StoreAway) -> Response:
        return _try_again(
            "database-away", "The database does not answer. Send the same request again with the same Idempotency-Key."
        )

    @app.exception_handler(HTTPException)
    def _http(_: Request, error: HTTPException) -> Response:
        titles = {
            404: ("not-found", "No such thing"),
            405: ("method-not-allowed", "Method not allowed"),
            400: ("malformed", "Malformed request"),
            408: ("too-slow", "Too slow"),
            413: ("too-large", "Too large"),
        }
        rule, title = titles.get(error.status_code, ("http-error", "Request refused"))
        return problem(error.status_code, rule, title, "See the API's description at /openapi.json.", headers=error.headers)

    @app.exception_handler(Exception)
    def _defect(_: Request, error: Exception) -> Response:
        log.error("defect", exc_info=error)
        return problem(500, "defect", "Our mistake", "Something is wrong with Havn, not with your request. It has been recorded.")


def _try_again(rule: str, detail: str) -> Response:
    return problem(503, rule, "Try again", detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


class Outermost:
    """Around every request: limits on its size and its time, its span, and its latency. Knows routes by template, never by path.

    A request that is answered before its body is there ends its connection: nobody reads what may never end.
    """

    def __init__(self, app: ASGIApp, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        begun = time.perf_counter()
        status = 0

        body = _Body(receive)

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if not body.is_whole and (b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"):
                    message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
            await send(message)

        traceparent = headers.get(b"traceparent", b"").decode("latin-1") or None
        method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
        with self._telemetry.span(method, SpanKind.SERVER, traceparent, {"http.request.method": method}) as span:
            scope["havn.traceparent"] = traceparent_of(span)
            try:
                if int(headers.get(b"content-length", b"0") or b"0") > MAX_BODY_BYTES:
                    await _too_large()(scope, receive, watched)
                else:
                    await self._app(scope, body.receive, watched)
            finally:
                route = getattr(scope.get("route"), "path", "unmatched")
                span.update_name(f"{method} {route}")
                span.set_attributes({"http.route": route, "http.response.status_code": status})
                self._telemetry.request_seconds.labels(method, route, str(status)).observe(time.perf_counter() - begun)


def _too_large() -> Response:
    return problem(413, "too-large", "Too large", f"A request's body has at most {MAX_BODY_BYTES} bytes.")


class _Body:
    """A request's body as it comes in. Raises HTTPException 413 where it is too large, 408 where it takes too long."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._seen = 0
        self._until = asyncio.get_running_loop().time() + BODY_SECONDS
        self.is_whole = False

    async def receive(self) -> Message:
        """The next piece, or, once all of it is there, whatever else the server tells."""
        if self.is_whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408) from None
        self._seen += len(message.get("body", b""))
        if self._seen > MAX_BODY_BYTES:
            raise HTTPException(413)
        self.is_whole = message["type"] == "http.request" and not message.get("more_body", False)
        return message


__all__ = [
    "PROBLEMS",
    "Body",
    "Call",
    "Caller",
    "Depends",
    "Desk",
    "Page",
    "Problem",
    "Reader",
    "Receipt",
    "allow",
    "install",
    "read",
]

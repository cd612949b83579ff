"""Traces, logs and metrics that say what happened to which case, and never to whom.

Exceptions are logged by type and place, without their message: a message may quote what was sent.
"""

import logging
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_PROPAGATOR = TraceContextTextMapPropagator()

log = structlog.get_logger("havn")


def parent_context(traceparent: str | None) -> Context | None:
    """The context that continues a stored or received trace. Only ``traceparent`` comes in; baggage and tracestate stay out."""
    return _PROPAGATOR.extract({"traceparent": traceparent}) if traceparent else None


def traceparent_of(span: Span) -> str | None:
    """The W3C header that continues this span's trace, or ``None`` when nothing is traced."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier, trace.set_span_in_context(span))
    return carrier.get("traceparent")


class Telemetry:
    """One process's tracer and metrics."""

    def __init__(self, service: str, otlp_endpoint: str | None) -> None:
        self._provider: TracerProvider | None = None
        if otlp_endpoint:
            self._provider = TracerProvider(resource=Resource.create({"service.name": f"havn-{service}"}))
            exporter = OTLPSpanExporter(endpoint=f"{otlp_endpoint.rstrip('/')}/v1/traces")
            self._provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=500))
        provider = self._provider or trace.NoOpTracerProvider()
        self._tracer = provider.get_tracer("havn")
        self.registry = CollectorRegistry()
        self.request_seconds = Histogram(
            "havn_request_seconds", "HTTP request latency", ["method", "route", "status"], registry=self.registry
        )
        self.relay_lag = Gauge("havn_relay_lag_events", "Committed, not yet published", ["relay"], registry=self.registry)
        self.inbox_lag = Gauge("havn_inbox_lag_events", "Published, not yet applied", ["upstream"], registry=self.registry)
        self.inbox_applied = Counter("havn_inbox_applied_events", "Applied events", ["upstream"], registry=self.registry)
        self.inbox_gaps = Counter("havn_inbox_gaps", "Gaps filled from an upstream's log", ["upstream"], registry=self.registry)
        self.strays = Counter("havn_stray_messages", "Messages that are no event of Havn", ["upstream"], registry=self.registry)

    @contextmanager
    def span(
        self, name: str, kind: SpanKind, traceparent: str | None, attributes: Mapping[str, str | int] | None = None
    ) -> Iterator[Span]:
        """A span continuing ``traceparent``; exceptions pass through without being written into it."""
        with self._tracer.start_as_current_span(
            name,
            context=parent_context(traceparent),
            kind=kind,
            attributes=dict(attributes or {}),
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(trace.StatusCode.ERROR)
                raise

    @property
    def tracing(self) -> bool:
        """Whether spans go anywhere."""
        return self._provider is not None

    def shutdown(self) -> None:
        """Export what is left."""
        if self._provider:
            self._provider.shutdown()


def _trace_ids(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = f"{context.trace_id:032x}"
        event["span_id"] = f"{context.span_id:016x}"
    return event


def _exception_without_message(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    given = event.pop("exc_info", None)
    if not given:
        return event
    error = given if isinstance(given, BaseException) else (given[1] if isinstance(given, tuple) else sys.exc_info()[1])
    if error is not None:
        event["error"] = type(error).__name__
        frames = traceback.extract_tb(error.__traceback__)[-8:]
        event["at"] = [f"{frame.filename.rsplit('site-packages/')[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def configure_logging(service: str, level: str) -> None:
    """JSON lines on standard output, for our own logger and everything that uses the standard library's."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _trace_ids,
        _exception_without_message,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                lambda _, __, event: {"service": service, **event},
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "uvicorn.access", "faststream"):
        logging.getLogger(noisy).setLevel(logging.WARNING)

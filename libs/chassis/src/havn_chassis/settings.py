"""What a service is told by its environment. Read once, in ``main.py``; nothing else reads the environment."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from havn_chassis.keys import is_safe

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LAST_PORT = 65535


class SettingMissing(RuntimeError):
    """The environment lacks a setting, or holds one that cannot be right."""


def seconds(environment: Mapping[str, str], name: str, default: float) -> float:
    """A time above zero. Raises SettingMissing, naming the variable."""
    try:
        value = float(environment.get(name) or default)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise SettingMissing(f"{name} must be a number of seconds above 0")
    return value


@dataclass(frozen=True)
class Settings:
    """One service's settings.

    ``issuer``: the OpenID Connect issuer's address, ``audience``: whom its tokens must be for, ``issuer_ca_file``: whom to trust
    for its certificate.
    ``clock_file``: a file holding the instant to live in, instead of the machine's clock (demonstrations only).
    ``partitions``: into how many ordered parts a service's stream is cut; the same everywhere.
    ``stream_replicas``: copies JetStream keeps. ``poll_seconds``: how long a relay or inbox sleeps at most before it looks itself.
    """

    service: str
    database_url: str
    nats_url: str
    http_host: str
    http_port: int
    issuer: str
    audience: str
    issuer_ca_file: Path | None
    clock_file: Path | None
    otlp_endpoint: str | None
    partitions: int
    stream_replicas: int
    poll_seconds: float
    log_level: str

    @classmethod
    def from_environment(cls, service: str, environment: Mapping[str, str]) -> "Settings":
        """Raises SettingMissing, naming the variable."""

        def needed(name: str) -> str:
            value = environment.get(name, "")
            if not value:
                raise SettingMissing(f"{service} needs the environment variable {name}")
            return value

        def number(name: str, default: int) -> int:
            value = environment.get(name) or str(default)
            if not value.isdigit() or int(value) < 1:
                raise SettingMissing(f"{name} must be a whole number from 1")
            return int(value)

        def file(name: str) -> Path | None:
            path = Path(environment[name]) if environment.get(name) else None
            if path is not None and not path.is_file():
                raise SettingMissing(f"{name} names no file")
            return path

        issuer = needed("HAVN_ISSUER")
        if not is_safe(issuer):
            raise SettingMissing("HAVN_ISSUER must be an address that begins with https://, or http:// on this machine")
        http_port = number("HAVN_HTTP_PORT", 8080)
        if http_port > LAST_PORT:
            raise SettingMissing(f"HAVN_HTTP_PORT must be at most {LAST_PORT}")
        log_level = environment.get("HAVN_LOG_LEVEL") or "INFO"
        if log_level not in LOG_LEVELS:
            raise SettingMissing(f"HAVN_LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}")
        return cls(
            service=service,
            database_url=needed("DATABASE_URL"),
            nats_url=needed("NATS_URL"),
            http_host=environment.get("HAVN_HTTP_HOST") or "127.0.0.1",
            http_port=http_port,
            issuer=issuer,
            audience=environment.get("HAVN_AUDIENCE") or "havn",
            issuer_ca_file=file("HAVN_ISSUER_CA_FILE"),
            clock_file=file("HAVN_CLOCK_FILE"),
            otlp_endpoint=environment.get("OTEL_EXPORTER_OTLP_ENDPOINT") or None,
            partitions=number("HAVN_PARTITIONS", 1),
            stream_replicas=number("HAVN_STREAM_REPLICAS", 1),
            poll_seconds=seconds(environment, "HAVN_POLL_SECONDS", 1.0),
            log_level=log_level,
        )

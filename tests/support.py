"""What several tests need to set a service up."""

from pathlib import Path

from havn_chassis.settings import Settings
from havn_embedded.servers import free_port
from havn_embedded.tokens import Issuer


def environment_for(database: str, nats_url: str | None, issuer: Issuer, port: int) -> dict[str, str]:
    """The environment of a service under test; without NATS, a port that nothing listens on."""
    return {
        "DATABASE_URL": database,
        "NATS_URL": nats_url or f"nats://127.0.0.1:{free_port()}",
        "HAVN_ISSUER": issuer.url,
        "HAVN_HTTP_PORT": str(port),
        "HAVN_POLL_SECONDS": "0.2",
    }


def settings_for(service: str, database: str, issuer: Issuer, folder: Path, nats_url: str | None = None, **more: str) -> Settings:
    """The settings of a service under test."""
    return Settings.from_environment(service, {**environment_for(database, nats_url, issuer, free_port()), **more})

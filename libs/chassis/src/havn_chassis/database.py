"""How PostgreSQL is connected to: a server or a link that falls silent ends the connection within seconds."""

from typing import Any, Final

from psycopg.conninfo import conninfo_to_dict

SILENCE: Final = {
    "connect_timeout": 3,
    "tcp_user_timeout": 10_000,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
"""libpq's parameters, in seconds; ``tcp_user_timeout`` in milliseconds. Without them a lost machine is noticed after hours."""


def parameters(url: str) -> dict[str, Any]:
    """A connection string's parameters for psycopg, with those of SILENCE that it leaves out."""
    return {**SILENCE, **conninfo_to_dict(url)}

"""What auditors read, without a person in it: who by digest, of which shelter, which kind of question, and when."""

from datetime import datetime

from psycopg import Cursor
from psycopg.rows import DictRow

from havn_chassis.auth import Caller
from havn_chassis.store import Store

AUDITED_READS = """
CREATE TABLE IF NOT EXISTS audited_reads (
    id bigserial PRIMARY KEY,
    read_at timestamptz NOT NULL,
    shelter_id uuid NOT NULL,
    subject text NOT NULL,
    route text NOT NULL
);
CREATE INDEX IF NOT EXISTS audited_reads_of_shelter ON audited_reads (shelter_id, id);
"""
"""``subject``: the digest of the token's; ``route``: the method and the template, never the path."""


def record_read(store: Store, caller: Caller, route: str, now: datetime) -> None:
    """One row, committed before anything is answered. Raises StoreAway, and then nothing is."""
    values = (now, caller.shelter, caller.subject, route)

    def write(cursor: Cursor[DictRow]) -> None:
        cursor.execute("INSERT INTO audited_reads (read_at, shelter_id, subject, route) VALUES (%s, %s, %s, %s)", values)

    store.transact(write)

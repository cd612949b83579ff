"""Under which id does a municipality know a stay, a person, an obligation or a notice?

Under one of its own (``havn_events.municipal.own_id``), so that two municipalities that compare what they were told find no id in
common. What a municipality is shown carries these; what it asks with is turned back here.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import DictRow

from havn_events.municipal import own_id

MUNICIPAL_IDS = """
CREATE TABLE IF NOT EXISTS municipal_ids (
    municipality text NOT NULL,
    own_id uuid NOT NULL,
    id uuid NOT NULL,
    PRIMARY KEY (municipality, own_id)
)
"""

Query = Callable[[str, Sequence[Any]], list[dict[str, Any]]]


def remember(cursor: Cursor[DictRow], known: Iterable[tuple[str, UUID]]) -> None:
    """Municipality by municipality, the ids that it may ask with, in the transaction that lets it know of them."""
    pairs = list(dict.fromkeys(known))
    if pairs:
        cursor.execute(
            "INSERT INTO municipal_ids (municipality, own_id, id) "
            "SELECT * FROM unnest(%s::text[], %s::uuid[], %s::uuid[]) ON CONFLICT DO NOTHING",
            ([municipality for municipality, _ in pairs], [own_id(*pair) for pair in pairs], [known_id for _, known_id in pairs]),
        )


def resolve(rows: Query, municipality: str, asked: Iterable[UUID]) -> dict[UUID, UUID]:
    """The house's ids for those a municipality asks with. What is no id of its own stays as it is."""
    wanted = set(asked)
    query = "SELECT own_id, id FROM municipal_ids WHERE municipality = %s AND own_id = ANY(%s)"
    found = {row["own_id"]: row["id"] for row in rows(query, (municipality, list(wanted)))} if wanted else {}
    return {each: found.get(each, each) for each in wanted}

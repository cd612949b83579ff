"""At which shelter is a stay?

For services that learn of stays from the orchestrator: a shelter sees and touches its own only.
"""

from uuid import UUID

from psycopg import Cursor
from psycopg.rows import DictRow

from havn_chassis.decider import Refused
from havn_chassis.inbox import Reactions
from havn_chassis.store import Store, UnitOfWork
from havn_events.orchestrator import CaseOpened

STAYS = """
CREATE TABLE IF NOT EXISTS stays (
    stay_id uuid PRIMARY KEY,
    shelter_id uuid NOT NULL,
    shelter_municipality text
)
"""
"""The table: each stay's shelter, and that shelter's own municipality.

A service that sets ``own_stays_only`` has it.
"""


def remember_shelters(reactions: Reactions) -> None:
    """React to CaseOpened by remembering the stay's shelter."""

    @reactions.to(CaseOpened)
    def when_a_case_opens_remember_its_shelter(event: CaseOpened, unit: UnitOfWork) -> None:
        def write(cursor: Cursor[DictRow]) -> None:
            cursor.execute(
                "INSERT INTO stays (stay_id, shelter_id, shelter_municipality) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                (event.stay_id, event.shelter_id, event.shelter_municipality),
            )

        unit.work.append(write)


def check_own(store: Store, shelter: UUID, stay_id: str) -> None:
    """Raises Refused for a stay of another shelter, exactly as for one that is unknown."""
    try:
        wanted = UUID(stay_id)
    except ValueError:
        return
    if not store.rows("SELECT 1 FROM stays WHERE stay_id = %s AND shelter_id = %s", (wanted, shelter)):
        raise Refused(
            "stay-unknown",
            "There is no such stay of your shelter here. If it was registered a moment ago, it may not have arrived yet: "
            "try again shortly.",
            kind="absent",
        )

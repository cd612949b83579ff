"""At which shelter is a stay, and since when?

For services that learn of stays from the orchestrator: a shelter sees and touches its own only, and nothing is reported of a day
before the admission.
"""

from uuid import UUID

from psycopg import Cursor
from psycopg.rows import DictRow

from havn_chassis.decider import Refused
from havn_chassis.inbox import Reactions
from havn_chassis.store import Store, UnitOfWork
from havn_events.orchestrator import CaseOpened, FactNoted

STAYS = """
CREATE TABLE IF NOT EXISTS stays (
    stay_id uuid PRIMARY KEY,
    shelter_id uuid NOT NULL,
    shelter_municipality text,
    admitted_on date NOT NULL
)
"""
"""The table: each stay's shelter, that shelter's own municipality, and the day of admission, corrected or not.

A service that sets ``own_stays_only`` has it.
"""


def remember_shelters(reactions: Reactions) -> None:
    """React to CaseOpened by remembering the stay's shelter and its first day.

    A case without a home municipality is an inquiry's, and no stay.
    """

    @reactions.to(CaseOpened)
    def when_a_case_opens_remember_its_shelter(event: CaseOpened, unit: UnitOfWork) -> None:
        def write(cursor: Cursor[DictRow]) -> None:
            cursor.execute(
                "INSERT INTO stays (stay_id, shelter_id, shelter_municipality, admitted_on) VALUES (%s, %s, %s, %s) "
                "ON CONFLICT DO NOTHING",
                (event.stay_id, event.shelter_id, event.shelter_municipality, event.occurred_on),
            )

        if event.home_municipality is not None:
            unit.work.append(write)


def follow_corrected_admission(event: FactNoted, unit: UnitOfWork) -> None:
    """Remember the right day of admission; a service does so in its reaction to FactNoted."""
    if event.fact != "AdmissionCorrected":
        return

    def write(cursor: Cursor[DictRow]) -> None:
        cursor.execute("UPDATE stays SET admitted_on = %s WHERE stay_id = %s", (event.until, event.stay_id))

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

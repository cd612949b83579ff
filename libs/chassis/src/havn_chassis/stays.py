"""At which shelter is a stay, which one does it continue, and by which reference does each municipality know it?

For services that learn of stays from the orchestrator: a shelter sees and touches its own only. A municipality is never told a
stay's id: it names the stay by the case reference of its feed.
"""

from collections.abc import Mapping
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import DictRow

from havn_chassis.decider import Refused
from havn_chassis.inbox import Reactions
from havn_chassis.store import Store, UnitOfWork
from havn_events.event import Event
from havn_events.notification import ChildNotificationSent, MunicipalityInformed, MunicipalityNotified
from havn_events.orchestrator import CaseOpened

STAYS = """
CREATE TABLE IF NOT EXISTS stays (
    stay_id uuid PRIMARY KEY,
    shelter_id uuid NOT NULL,
    shelter_municipality text,
    transferred_from uuid
)
"""
"""The table: each stay's shelter, that shelter's own municipality, and the stay at another shelter that it continues.

A service that sets ``own_stays_only`` has it.
"""

CASE_REFERENCES = """
CREATE TABLE IF NOT EXISTS case_references (
    municipality text NOT NULL,
    case_reference uuid NOT NULL,
    stay_id uuid NOT NULL,
    PRIMARY KEY (municipality, case_reference)
);
CREATE UNIQUE INDEX IF NOT EXISTS case_references_of_stay ON case_references (stay_id, municipality)
"""
"""The table: the random reference by which each municipality that was told of a stay knows it."""

TOLD: tuple[type[Event], ...] = (MunicipalityNotified, ChildNotificationSent, MunicipalityInformed)
"""The events that carry a case reference."""

_NAMES_A_STAY = ("stay_id", "case_id")
"""What routes call a stay in their path."""


def remember_case_reference(event: Event, unit: UnitOfWork) -> None:
    """Remember the reference by which the municipality that an event of TOLD went to knows its stay."""
    unit.work.append(lambda cursor: write_case_reference(cursor, event))


def write_case_reference(cursor: Cursor[DictRow], event: Event) -> None:
    """The row of one event of TOLD."""
    assert isinstance(event, MunicipalityNotified | ChildNotificationSent | MunicipalityInformed)
    cursor.execute(
        "INSERT INTO case_references (municipality, case_reference, stay_id) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (event.municipality, event.case_reference, event.stay_id),
    )


def remember_case_references(reactions: Reactions) -> None:
    """React to what notification tells municipalities by remembering their case references."""
    reactions.to(*TOLD)(remember_case_reference)


def find_stay(store: Store, municipality: str, path_params: Mapping[str, str]) -> dict[str, str]:
    """The parameters of a path in which the municipality named a stay by its own case reference, with the stay's id for it.

    Empty where it named none, or none of its own.
    """
    found = {}
    for name in _NAMES_A_STAY:
        try:
            reference = UUID(str(path_params[name]))
        except (KeyError, ValueError):
            continue
        query = "SELECT stay_id FROM case_references WHERE municipality = %s AND case_reference = %s"
        for row in store.rows(query, (municipality, reference)):
            found[name] = str(row["stay_id"])
    return found


def remember_shelters(reactions: Reactions) -> None:
    """React to CaseOpened by remembering the stay's shelter."""

    @reactions.to(CaseOpened)
    def when_a_case_opens_remember_its_shelter(event: CaseOpened, unit: UnitOfWork) -> None:
        def write(cursor: Cursor[DictRow]) -> None:
            cursor.execute(
                "INSERT INTO stays (stay_id, shelter_id, shelter_municipality, transferred_from) VALUES (%s, %s, %s, %s) "
                "ON CONFLICT DO NOTHING",
                (event.stay_id, event.shelter_id, event.shelter_municipality, event.transferred_from),
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

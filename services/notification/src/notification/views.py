"""What was sent to whom, and who confirmed it."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import DictRow

from havn_chassis.store import View
from havn_events import Recorded
from havn_events.notification import (
    ChildNotificationSent,
    MunicipalityNotified,
    NotificationAcknowledged,
    NotificationEscalated,
)
from notification.domain.notices import notice_not_found


class NoticesView:
    """Which notices was this municipality sent, and which has it not confirmed?"""

    schema = """
    CREATE TABLE IF NOT EXISTS notices (
        notice_id uuid PRIMARY KEY,
        stay_id uuid NOT NULL,
        municipality text NOT NULL,
        case_reference uuid NOT NULL,
        notice text NOT NULL,
        child_id uuid,
        child_notification text,
        sent_on date NOT NULL,
        acknowledged_on date,
        acknowledged_over text,
        escalated_on date,
        state text NOT NULL GENERATED ALWAYS AS (
            CASE WHEN acknowledged_on IS NOT NULL THEN 'acknowledged'
                 WHEN escalated_on IS NOT NULL THEN 'escalated'
                 ELSE 'unacknowledged' END
        ) STORED
    );
    CREATE INDEX IF NOT EXISTS notices_of_municipality ON notices (municipality, sent_on, notice_id);
    CREATE INDEX IF NOT EXISTS notices_by_day ON notices (sent_on, notice_id);
    CREATE INDEX IF NOT EXISTS notices_of_stay ON notices (stay_id, sent_on, notice_id);
    CREATE INDEX IF NOT EXISTS notices_waiting ON notices (sent_on) WHERE state = 'unacknowledged';
    """

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """Sent first, so that what is confirmed or raised in the same transaction finds its row."""
        events = [r.event for r in recorded]
        cursor.executemany(
            "INSERT INTO notices "
            "(notice_id, stay_id, municipality, case_reference, notice, child_id, child_notification, sent_on) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [_sent(event) for event in events if isinstance(event, MunicipalityNotified | ChildNotificationSent)],
        )
        cursor.executemany(
            "UPDATE notices SET acknowledged_on = %s, acknowledged_over = %s WHERE notice_id = %s",
            [(e.occurred_on, e.over, e.notice_id) for e in events if isinstance(e, NotificationAcknowledged)],
        )
        cursor.executemany(
            "UPDATE notices SET escalated_on = %s WHERE notice_id = %s",
            [(e.occurred_on, e.notice_id) for e in events if isinstance(e, NotificationEscalated)],
        )


def _sent(event: MunicipalityNotified | ChildNotificationSent) -> tuple[object, ...]:
    about: tuple[object, ...] = (
        ("child", event.person_id, event.kind) if isinstance(event, ChildNotificationSent) else (event.notice, None, None)
    )
    return (
        event.notice_id,
        event.stay_id,
        event.municipality,
        event.case_reference,
        *about,
        event.occurred_on,
    )


def stay_of(rows: Callable[[str, Sequence[Any]], list[dict[str, Any]]], notice_id: UUID, municipality: str) -> UUID:
    """The stay that a municipality's notice is about. Raises Refused ``notice-not-found``, also for another's notice."""
    found = rows("SELECT stay_id FROM notices WHERE notice_id = %s AND municipality = %s", (notice_id, municipality))
    if not found:
        raise notice_not_found()
    stay_id: UUID = found[0]["stay_id"]
    return stay_id


VIEWS: tuple[View, ...] = (NoticesView(),)

"""What was sent to whom, and who confirmed it."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import DictRow

from havn_chassis.municipal_ids import remember
from havn_chassis.store import View
from havn_events import Recorded
from havn_events.notification import (
    ChildNotificationSent,
    MunicipalityAnswered,
    MunicipalityInformed,
    MunicipalityNotified,
    NotificationAcknowledged,
    NotificationEscalated,
    PaymentDecided,
    WebhookSuspended,
)
from notification.bell import RING
from notification.domain.notices.sending import notice_not_found
from notification.messages import feed_event


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
        sent_at timestamptz NOT NULL,
        acknowledge_by date,
        acknowledged_on date,
        acknowledged_at timestamptz,
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
            "(notice_id, stay_id, municipality, case_reference, notice, child_id, child_notification, acknowledge_by, "
            "sent_on, sent_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (*_sent(r.event), r.recorded_at)
                for r in recorded
                if isinstance(r.event, MunicipalityNotified | ChildNotificationSent)
            ],
        )
        remember(
            cursor,
            [(e.municipality, e.notice_id) for e in events if isinstance(e, MunicipalityNotified | ChildNotificationSent)],
        )
        cursor.executemany(
            "UPDATE notices SET acknowledged_on = %s, acknowledged_at = %s, acknowledged_over = %s WHERE notice_id = %s",
            [
                (e.occurred_on, r.recorded_at, e.over, e.notice_id)
                for r in recorded
                if isinstance(e := r.event, NotificationAcknowledged)
            ],
        )
        cursor.executemany(
            "UPDATE notices SET escalated_on = %s WHERE notice_id = %s",
            [(e.occurred_on, e.notice_id) for e in events if isinstance(e, NotificationEscalated)],
        )


def _sent(event: MunicipalityNotified | ChildNotificationSent) -> tuple[object, ...]:
    about: tuple[object, ...] = (
        ("child", event.person_id, event.kind, None)
        if isinstance(event, ChildNotificationSent)
        else (event.notice, None, None, event.acknowledge_by)
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


class CaseReferencesView:
    """By which random reference does each municipality that was told of a stay know it?"""

    schema = """
    CREATE TABLE IF NOT EXISTS case_references (
        municipality text NOT NULL,
        case_reference uuid NOT NULL,
        stay_id uuid NOT NULL,
        PRIMARY KEY (municipality, case_reference)
    );
    """

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """One row for each stay and municipality."""
        cursor.executemany(
            "INSERT INTO case_references (municipality, case_reference, stay_id) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [
                (e.municipality, e.case_reference, e.stay_id)
                for r in recorded
                if isinstance(e := r.event, MunicipalityNotified | ChildNotificationSent | MunicipalityInformed)
            ],
        )


class AnswersView:
    """What does each municipality owe under its case reference, and what did it answer and decide?

    ``recorded_at``: the instant an answer or a decision was recorded, which with its day is the evidence.
    """

    schema = """
    CREATE TABLE IF NOT EXISTS duties (
        obligation_id uuid NOT NULL,
        municipality text NOT NULL,
        stay_id uuid NOT NULL,
        rule text NOT NULL,
        due date,
        told_on date NOT NULL,
        change text NOT NULL,
        answer text,
        answered_on date,
        recorded_at timestamptz,
        PRIMARY KEY (obligation_id, municipality)
    );
    CREATE INDEX IF NOT EXISTS duties_of_stay ON duties (stay_id, municipality);
    CREATE TABLE IF NOT EXISTS payments (
        stay_id uuid NOT NULL,
        municipality text NOT NULL,
        decided_on date NOT NULL,
        recorded_at timestamptz NOT NULL,
        decision text NOT NULL,
        ground text NOT NULL
    );
    CREATE INDEX IF NOT EXISTS payments_of_stay ON payments (stay_id, municipality);
    """

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """One row for each duty of a municipality and for each of its decisions."""
        owing = [event for event in (r.event for r in recorded) if isinstance(event, MunicipalityInformed)]
        remember(cursor, {(event.municipality, event.obligation_id) for event in owing})
        for each in recorded:
            match each.event:
                case MunicipalityInformed() as told:
                    cursor.execute(
                        "INSERT INTO duties (obligation_id, municipality, stay_id, rule, due, told_on, change) "
                        "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (obligation_id, municipality) "
                        "DO UPDATE SET due = excluded.due, change = excluded.change, told_on = CASE excluded.change "
                        "WHEN 'transferred-to' THEN excluded.told_on ELSE duties.told_on END",
                        (
                            told.obligation_id,
                            told.municipality,
                            told.stay_id,
                            told.rule,
                            told.due,
                            told.occurred_on,
                            told.change,
                        ),
                    )
                case MunicipalityAnswered() as said:
                    cursor.execute(
                        "UPDATE duties SET answer = %s, answered_on = %s, recorded_at = %s "
                        "WHERE obligation_id = %s AND municipality = %s",
                        (said.answer, said.occurred_on, each.recorded_at, said.obligation_id, said.municipality),
                    )
                case PaymentDecided() as decided:
                    cursor.execute(
                        "INSERT INTO payments VALUES (%s, %s, %s, %s, %s, %s)",
                        (
                            decided.stay_id,
                            decided.municipality,
                            decided.occurred_on,
                            each.recorded_at,
                            decided.decision,
                            decided.ground,
                        ),
                    )


class FeedView:
    """What was each municipality sent, in which order? Every message as the CloudEvent that leaves, byte for byte.

    Positions count each municipality's own messages from 1, so that they tell nothing of the others. A transaction holds the log's
    lock when it writes, so they follow the order of the commits. ``RING`` tells those who wait.
    """

    schema = """
    CREATE TABLE IF NOT EXISTS feed (
        municipality text NOT NULL,
        position bigint NOT NULL,
        id uuid NOT NULL,
        message text NOT NULL,
        PRIMARY KEY (municipality, position)
    );
    """

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """One row for each message that leaves the house."""
        messages = [message for message in map(feed_event, recorded) if message]
        if not messages:
            return
        cursor.executemany(
            "INSERT INTO feed (municipality, position, id, message) "
            "SELECT %s, coalesce(max(position), 0) + 1, %s, %s FROM feed WHERE municipality = %s",
            [(m.data.municipality, m.id, m.model_dump_json(), m.data.municipality) for m in messages],
        )
        cursor.execute(
            "SELECT pg_notify(%s, municipality) FROM unnest(%s::text[]) AS municipality",
            (RING, sorted({m.data.municipality for m in messages})),
        )


class WebhooksView:
    """Where does each municipality want its feed delivered, how far is that, and what stands in the way?"""

    schema = """
    CREATE TABLE IF NOT EXISTS webhooks (
        municipality text PRIMARY KEY,
        registration_id uuid NOT NULL,
        url text NOT NULL,
        sealed_secret bytea NOT NULL,
        registered_at timestamptz NOT NULL,
        position bigint NOT NULL DEFAULT 0,
        failures int NOT NULL DEFAULT 0,
        failing_since timestamptz,
        next_try_at timestamptz,
        suspended_at timestamptz,
        state text NOT NULL GENERATED ALWAYS AS (
            CASE WHEN suspended_at IS NOT NULL THEN 'suspended' WHEN failures > 0 THEN 'failing' ELSE 'delivering' END
        ) STORED
    );
    """

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """Suspended, unless it was registered anew meanwhile."""
        cursor.executemany(
            "UPDATE webhooks SET suspended_at = %s, next_try_at = NULL WHERE registration_id = %s",
            [(r.recorded_at, e.registration_id) for r in recorded if isinstance(e := r.event, WebhookSuspended)],
        )


VIEWS: tuple[View, ...] = (NoticesView(), CaseReferencesView(), AnswersView(), FeedView(), WebhooksView())

"""What psychology can be asked: how much is left for whom, and which sessions it went to."""

from collections.abc import Sequence

from psycopg import Cursor
from psycopg.rows import DictRow

from havn_chassis.municipal_ids import remember
from havn_chassis.store import View
from havn_events import Recorded
from havn_events.psychology import (
    AgreementAnswered,
    AgreementEnded,
    AgreementMade,
    ExtraHoursGranted,
    PsychologistAssigned,
    SessionCorrected,
    SessionHeld,
    SessionMissed,
    TreatmentClosed,
    TreatmentCompleted,
    TreatmentDeclined,
    TreatmentOffered,
    TreatmentOpened,
    TreatmentReopened,
    TreatmentTransferred,
)
from psychology.domain.treatment.state import MINUTES_PER_SESSION


class TreatmentsView:
    """How many minutes, or sessions, are used, by whom, and which municipality owes the rest?

    ``owed_since``: the day from which that one does, NULL where it always did.
    """

    schema = """
        CREATE TABLE IF NOT EXISTS treatments (
            stay_id uuid NOT NULL,
            person_id uuid NOT NULL,
            municipality text NOT NULL,
            unit text NOT NULL,
            floor int NOT NULL,
            ceiling int NOT NULL,
            extra_minutes int NOT NULL DEFAULT 0,
            minutes_used int NOT NULL DEFAULT 0,
            sessions_held int NOT NULL DEFAULT 0,
            opened_on date NOT NULL,
            owed_since date,
            offered_on date,
            psychologist_id uuid,
            employer text,
            ended text,
            ended_on date,
            reason text,
            used int GENERATED ALWAYS AS (CASE unit WHEN 'minutes' THEN minutes_used ELSE sessions_held END) STORED,
            status text GENERATED ALWAYS AS (coalesce(ended,
                CASE WHEN psychologist_id IS NOT NULL THEN 'running'
                WHEN offered_on IS NOT NULL THEN 'offered' ELSE 'open' END)) STORED,
            PRIMARY KEY (stay_id, person_id)
        );
        CREATE INDEX IF NOT EXISTS treatments_municipality ON treatments (municipality, stay_id, person_id);
    """

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """Adds to what is there, so that it never has to be read first."""
        owing = [event for event in (r.event for r in recorded) if isinstance(event, TreatmentOpened | TreatmentTransferred)]
        remember(cursor, [(event.municipality, known) for event in owing for known in (event.stay_id, event.person_id)])
        for record in recorded:
            match record.event:
                case TreatmentOpened() as event:
                    _open(cursor, event)
                case TreatmentTransferred() as event:
                    _set(cursor, event, "municipality = %s, owed_since = %s", event.municipality, event.occurred_on)
                case TreatmentOffered() as event:
                    _set(cursor, event, f"offered_on = %s, {_NO_LONGER_DECLINED}", event.occurred_on)
                case PsychologistAssigned() as event:
                    _set(cursor, event, "psychologist_id = %s, employer = %s", event.psychologist_id, event.employer)
                case SessionHeld() as event:
                    _use(cursor, event, event.minutes, 1)
                case SessionCorrected() as event:
                    sessions = (event.minutes > 0) - (event.minutes_before > 0)
                    _use(cursor, event, event.minutes - event.minutes_before, sessions)
                case ExtraHoursGranted() as event:
                    _set(cursor, event, "extra_minutes = extra_minutes + %s", event.minutes)
                case TreatmentDeclined() as event:
                    _end(cursor, event, "declined", event.reason)
                case TreatmentCompleted() as event:
                    _end(cursor, event, "completed", event.reason)
                case TreatmentClosed() as event:
                    _end(cursor, event, "closed", None)
                case TreatmentReopened() as event:
                    _set(cursor, event, "ended = NULL, ended_on = NULL, reason = NULL")


_NO_LONGER_DECLINED = ", ".join(
    f"{column} = CASE WHEN ended = 'declined' THEN NULL ELSE {column} END" for column in ("ended", "ended_on", "reason")
)


def _open(cursor: Cursor[DictRow], event: TreatmentOpened) -> None:
    cursor.execute(
        "INSERT INTO treatments (stay_id, person_id, municipality, unit, floor, ceiling, opened_on) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (stay_id, person_id) DO UPDATE SET "
        "municipality = excluded.municipality, unit = excluded.unit, floor = excluded.floor, ceiling = excluded.ceiling, "
        "opened_on = excluded.opened_on, offered_on = CASE WHEN treatments.ended = 'declined' THEN NULL "
        "ELSE treatments.offered_on END, ended = NULL, ended_on = NULL, reason = NULL",
        (event.stay_id, event.person_id, event.municipality, event.unit, event.floor, event.ceiling, event.occurred_on),
    )


def _use(cursor: Cursor[DictRow], event: SessionHeld | SessionCorrected, minutes: int, sessions: int) -> None:
    _set(cursor, event, "minutes_used = minutes_used + %s, sessions_held = sessions_held + %s", minutes, sessions)


def _end(
    cursor: Cursor[DictRow], event: TreatmentDeclined | TreatmentCompleted | TreatmentClosed, how: str, reason: str | None
) -> None:
    _set(cursor, event, "ended = %s, ended_on = %s, reason = %s", how, event.occurred_on, reason)


def _set(
    cursor: Cursor[DictRow],
    event: TreatmentTransferred
    | TreatmentOffered
    | PsychologistAssigned
    | SessionHeld
    | SessionCorrected
    | ExtraHoursGranted
    | TreatmentDeclined
    | TreatmentCompleted
    | TreatmentClosed
    | TreatmentReopened,
    assignments: str,
    *values: object,
) -> None:
    query = f"UPDATE treatments SET {assignments} WHERE stay_id = %s AND person_id = %s"
    cursor.execute(query.encode(), (*values, event.stay_id, event.person_id))


class SessionsView:
    """Which sessions were held, missed and corrected? ``minutes`` counts now; ``minutes_recorded`` was reported first."""

    schema = """
        CREATE TABLE IF NOT EXISTS sessions (
            stay_id uuid NOT NULL,
            person_id uuid NOT NULL,
            session_id uuid NOT NULL,
            day date NOT NULL,
            minutes int NOT NULL,
            minutes_recorded int NOT NULL,
            corrected_on date,
            PRIMARY KEY (stay_id, person_id, session_id)
        )
    """

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """A missed session has 0 minutes."""
        for record in recorded:
            match record.event:
                case SessionHeld() as event:
                    _insert(cursor, event, event.minutes)
                case SessionMissed() as event:
                    _insert(cursor, event, 0)
                case SessionCorrected() as event:
                    cursor.execute(
                        "UPDATE sessions SET minutes = %s, corrected_on = %s "
                        "WHERE stay_id = %s AND person_id = %s AND session_id = %s",
                        (event.minutes, event.occurred_on, event.stay_id, event.person_id, event.session_id),
                    )


def _insert(cursor: Cursor[DictRow], event: SessionHeld | SessionMissed, minutes: int) -> None:
    cursor.execute(
        "INSERT INTO sessions (stay_id, person_id, session_id, day, minutes, minutes_recorded) VALUES (%s, %s, %s, %s, %s, %s)",
        (event.stay_id, event.person_id, event.session_id, event.occurred_on, minutes, minutes),
    )


class AgreementsView:
    """Whose citizens may a shelter's own psychologist treat, and when? ``until`` is the first day it is not in force any more."""

    schema = """
        CREATE TABLE IF NOT EXISTS agreements (
            municipality text NOT NULL,
            shelter_id uuid NOT NULL,
            since date NOT NULL,
            until date
        );
        CREATE INDEX IF NOT EXISTS agreements_of_shelter ON agreements (shelter_id, municipality, since)
    """

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """One row for each time it was in force."""
        for record in recorded:
            match record.event:
                case AgreementMade() as event:
                    cursor.execute(
                        "INSERT INTO agreements (municipality, shelter_id, since) VALUES (%s, %s, %s)",
                        (event.municipality, event.shelter_id, event.occurred_on),
                    )
                case AgreementEnded() as event:
                    cursor.execute(
                        "UPDATE agreements SET until = %s WHERE municipality = %s AND shelter_id = %s AND until IS NULL",
                        (event.occurred_on, event.municipality, event.shelter_id),
                    )


CONTINUATIONS = """
CREATE TABLE IF NOT EXISTS continuations (
    before uuid NOT NULL,
    person_id uuid NOT NULL,
    stay_id uuid NOT NULL,
    PRIMARY KEY (before, person_id)
)
"""
"""The table: in which stay somebody went on from the one before, as long as that was not annulled."""


class StayAgreementsView:
    """Which municipality agreed that the shelter's own psychologist treats in this stay, and when was what recorded?"""

    schema = """
        CREATE TABLE IF NOT EXISTS stay_agreements (
            stay_id uuid NOT NULL,
            municipality text NOT NULL,
            agreed boolean NOT NULL,
            answered_on date NOT NULL,
            answered_at timestamptz NOT NULL
        );
        CREATE INDEX IF NOT EXISTS stay_agreements_of_stay ON stay_agreements (stay_id)
    """

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """One row for each answer."""
        cursor.executemany(
            "INSERT INTO stay_agreements VALUES (%s, %s, %s, %s, %s)",
            [
                (e.stay_id, e.municipality, e.agreed, e.occurred_on, r.recorded_at)
                for r in recorded
                if isinstance(e := r.event, AgreementAnswered)
            ],
        )



_CONNECTED = """
WITH RECURSIVE earlier AS (
    SELECT person_id, stay_id, before FROM continuations
    UNION
    SELECT e.person_id, e.stay_id, c.before
    FROM earlier e JOIN continuations c ON c.stay_id = e.before AND c.person_id = e.person_id
), connected AS (
    SELECT person_id, stay_id, before AS other, true AS is_earlier FROM earlier WHERE before <> stay_id
    UNION ALL
    SELECT person_id, before, stay_id, false FROM earlier WHERE before <> stay_id
)
"""
"""Each stay of somebody with every other one that direct transfers connect it with, however many lie between."""

ELSEWHERE = f"""{_CONNECTED}
SELECT coalesce(sum(t.minutes_used), 0) AS minutes, coalesce(sum(t.sessions_held), 0) AS sessions,
       coalesce(sum(t.extra_minutes), 0) AS extra_minutes
FROM connected c JOIN treatments t ON t.stay_id = c.other AND t.person_id = c.person_id
WHERE c.stay_id = %s AND c.person_id = %s
"""
"""What one person used and was granted in the connected stays. Parameters: the stay and the person."""

LEDGERS = f"""{_CONNECTED}, elsewhere AS (
    SELECT c.stay_id, o.person_id, sum(o.extra_minutes) AS extra_minutes,
           sum(o.minutes_used) AS minutes, sum(o.sessions_held) AS sessions,
           sum(o.minutes_used) FILTER (WHERE c.is_earlier) AS minutes_before,
           sum(o.sessions_held) FILTER (WHERE c.is_earlier) AS sessions_before
    FROM connected c JOIN treatments o ON o.stay_id = c.other AND o.person_id = c.person_id GROUP BY c.stay_id, o.person_id
), ledgers AS (
    SELECT t.*,
           coalesce(CASE unit WHEN 'minutes' THEN e.minutes_before ELSE e.sessions_before END, 0) AS carried_over,
           greatest(0, CASE unit
               WHEN 'minutes' THEN t.ceiling + t.extra_minutes + coalesce(e.extra_minutes, 0) - t.minutes_used
                   - coalesce(e.minutes, 0)
               ELSE t.ceiling + (t.extra_minutes + coalesce(e.extra_minutes, 0)) / {MINUTES_PER_SESSION} - t.sessions_held
                   - coalesce(e.sessions, 0) END) AS remaining
    FROM treatments t LEFT JOIN elsewhere e USING (stay_id, person_id)
)
"""
"""Makes ``ledgers``: the treatments, with what was carried over from earlier stays and what is left of the whole entitlement."""

VIEWS: tuple[View, ...] = (TreatmentsView(), SessionsView(), AgreementsView(), StayAgreementsView())

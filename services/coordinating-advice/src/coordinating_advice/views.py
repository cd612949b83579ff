"""Who advises her, until when, and how much advice each municipality gave."""

from collections.abc import Sequence
from datetime import datetime

from psycopg import Cursor
from psycopg.rows import DictRow

from havn_chassis.municipal_ids import remember
from havn_chassis.store import View
from havn_events import Recorded
from havn_events.coordinating_advice import (
    AdviceClosed,
    AdviceDeclined,
    AdviceEnded,
    AdviceExtended,
    AdviceGiven,
    AdviceHandedOver,
    AdviceOffered,
    AdviceOpened,
    AdvicePhaseBegan,
    AdviceReopened,
    AdviceStarted,
    AdviceTakenOver,
    AdviceTransferred,
    AdviceWindowOpened,
    AdviserNamed,
    InitialAdviceGiven,
)
from havn_events.event import Event

CAN_CHANGE = ("offered_on", "declined_on", "declined_because", "phase", "phase_began_on", "moved_out_on", "shelter_advises")
"""What is told to a municipality that owed the advice before as it was when it handed it on: what happens since changes it."""


class AdviceView:
    """Who advises her, until when? ``advice_handed_on``: what ``CAN_CHANGE`` was for each municipality that owes it no more."""

    schema = """
    CREATE TABLE IF NOT EXISTS advice (
        stay_id uuid PRIMARY KEY,
        municipality text NOT NULL,
        initial_advice_on date,
        offered_on date,
        declined_on date,
        declined_because text,
        started_on date,
        variant text,
        started_by text,
        phase text,
        phase_began_on date,
        adviser_id uuid,
        taken_over_on date,
        taken_over_at timestamptz,
        taken_over_by text,
        moved_out_on date,
        until date,
        shelter_advises text,
        ended_on date,
        ended_because text,
        closed_on date,
        status text NOT NULL GENERATED ALWAYS AS (
            CASE WHEN closed_on IS NOT NULL THEN 'closed'
                 WHEN ended_on IS NOT NULL THEN 'ended'
                 WHEN started_on IS NOT NULL THEN 'started'
                 WHEN declined_on IS NOT NULL THEN 'declined'
                 WHEN offered_on IS NOT NULL THEN 'offered'
                 ELSE 'open' END
        ) STORED
    );
    CREATE TABLE IF NOT EXISTS advice_handed_on (
        stay_id uuid NOT NULL,
        municipality text NOT NULL,
        offered_on date,
        declined_on date,
        declined_because text,
        phase text,
        phase_began_on date,
        moved_out_on date,
        shelter_advises text,
        PRIMARY KEY (stay_id, municipality)
    );
    """

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """One row for each stay, changed event by event."""
        for each in recorded:
            self._write(cursor, each.event, each.recorded_at)

    def _write(self, cursor: Cursor[DictRow], event: Event, recorded_at: datetime) -> None:
        match event:
            case AdviceOpened():
                query = "INSERT INTO advice (stay_id, municipality) VALUES (%s, %s)"
                cursor.execute(query, (event.stay_id, event.municipality))
            case AdviceTransferred():
                cursor.execute(_HAND_ON, (event.stay_id,))
                query = (
                    "UPDATE advice SET municipality = %s, taken_over_on = NULL, taken_over_at = NULL, taken_over_by = NULL "
                    "WHERE stay_id = %s"
                )
                cursor.execute(query, (event.municipality, event.stay_id))
            case AdviceWindowOpened():
                query = "UPDATE advice SET moved_out_on = %s, until = %s, shelter_advises = %s WHERE stay_id = %s"
                cursor.execute(query, (event.moved_out_on, event.until, event.shelter_advises, event.stay_id))
            case InitialAdviceGiven():
                query = "UPDATE advice SET initial_advice_on = %s WHERE stay_id = %s"
                cursor.execute(query, (event.occurred_on, event.stay_id))
            case AdviceOffered():
                query = "UPDATE advice SET offered_on = %s, declined_on = NULL, declined_because = NULL WHERE stay_id = %s"
                cursor.execute(query, (event.occurred_on, event.stay_id))
            case AdviceDeclined():
                query = "UPDATE advice SET declined_on = %s, declined_because = %s WHERE stay_id = %s"
                cursor.execute(query, (event.occurred_on, event.reason, event.stay_id))
            case AdviceStarted():
                query = (
                    "UPDATE advice SET started_on = %s, variant = %s, started_by = %s, declined_on = NULL, "
                    "declined_because = NULL WHERE stay_id = %s"
                )
                cursor.execute(query, (event.occurred_on, event.variant, event.by, event.stay_id))
            case AdvicePhaseBegan():
                query = "UPDATE advice SET phase = %s, phase_began_on = %s WHERE stay_id = %s"
                cursor.execute(query, (event.phase, event.occurred_on, event.stay_id))
            case AdviserNamed():
                cursor.execute("UPDATE advice SET adviser_id = %s WHERE stay_id = %s", (event.adviser_id, event.stay_id))
            case AdviceHandedOver():
                query = "UPDATE advice SET adviser_id = %s WHERE stay_id = %s"
                cursor.execute(query, (event.to_adviser_id, event.stay_id))
            case AdviceTakenOver():
                query = (
                    "UPDATE advice SET adviser_id = %s, taken_over_on = %s, taken_over_at = %s, taken_over_by = %s "
                    "WHERE stay_id = %s"
                )
                cursor.execute(query, (event.adviser_id, event.occurred_on, recorded_at, event.by, event.stay_id))
            case AdviceExtended():
                cursor.execute("UPDATE advice SET until = %s WHERE stay_id = %s", (event.until, event.stay_id))
            case AdviceEnded():
                query = "UPDATE advice SET ended_on = %s, ended_because = %s WHERE stay_id = %s"
                cursor.execute(query, (event.occurred_on, event.because, event.stay_id))
            case AdviceClosed():
                query = "UPDATE advice SET closed_on = %s WHERE stay_id = %s"
                cursor.execute(query, (event.occurred_on, event.stay_id))
            case AdviceReopened():
                cursor.execute("UPDATE advice SET closed_on = NULL WHERE stay_id = %s", (event.stay_id,))


_HAND_ON = (
    f"INSERT INTO advice_handed_on (stay_id, municipality, {', '.join(CAN_CHANGE)}) "
    f"SELECT stay_id, municipality, {', '.join(CAN_CHANGE)} FROM advice WHERE stay_id = %s "
    f"ON CONFLICT (stay_id, municipality) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in CAN_CHANGE)}"
).encode()


class ShareView:
    """How much advice did each municipality give, while it owed it?

    A share runs from ``since`` (``NULL``: from the beginning) to the day before ``before`` (``NULL``: still). A meeting belongs
    to the share that its own day falls in, however late it is recorded.
    """

    schema = """
    CREATE TABLE IF NOT EXISTS advice_shares (
        stay_id uuid NOT NULL,
        municipality text NOT NULL,
        since date,
        before date
    );
    CREATE INDEX IF NOT EXISTS advice_shares_of_stay ON advice_shares (stay_id);
    CREATE INDEX IF NOT EXISTS advice_shares_of_municipality ON advice_shares (municipality, stay_id);
    CREATE TABLE IF NOT EXISTS advice_meetings (
        stay_id uuid NOT NULL,
        meeting_id uuid NOT NULL,
        held_on date NOT NULL,
        minutes int NOT NULL,
        PRIMARY KEY (stay_id, meeting_id)
    );
    """

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """Shares as they begin and end, and the meetings."""
        owing = [event for event in (r.event for r in recorded) if isinstance(event, AdviceOpened | AdviceTransferred)]
        remember(cursor, [(event.municipality, event.stay_id) for event in owing])
        for event in (r.event for r in recorded):
            match event:
                case AdviceOpened():
                    query = "INSERT INTO advice_shares (stay_id, municipality) VALUES (%s, %s)"
                    cursor.execute(query, (event.stay_id, event.municipality))
                case AdviceTransferred():
                    query = "UPDATE advice_shares SET before = %s WHERE stay_id = %s AND before IS NULL"
                    cursor.execute(query, (event.occurred_on, event.stay_id))
                    query = "INSERT INTO advice_shares (stay_id, municipality, since) VALUES (%s, %s, %s)"
                    cursor.execute(query, (event.stay_id, event.municipality, event.occurred_on))
                case AdviceGiven():
                    query = "INSERT INTO advice_meetings VALUES (%s, %s, %s, %s)"
                    cursor.execute(query, (event.stay_id, event.meeting_id, event.occurred_on, event.minutes))


ADVICE_AND_SHARES = f"""
WITH shares AS (
    SELECT s.stay_id,
           CASE WHEN bool_or(s.before IS NULL) THEN NULL ELSE max(s.before) END AS handed_on,
           count(m.meeting_id) AS meetings,
           coalesce(sum(m.minutes), 0) AS minutes
    FROM advice_shares s
    LEFT JOIN advice_meetings m ON m.stay_id = s.stay_id
        AND (s.since IS NULL OR m.held_on >= s.since) AND (s.before IS NULL OR m.held_on < s.before)
    WHERE %s::text IS NULL OR s.municipality = %s
    GROUP BY s.stay_id
), shown AS (
    SELECT a.stay_id, a.municipality, a.initial_advice_on, a.started_on, a.variant, a.started_by, a.adviser_id, a.taken_over_on,
           a.taken_over_at, a.taken_over_by, a.until, a.ended_on, a.ended_because,
           {", ".join(f"told.{name}" for name in CAN_CHANGE)}, shares.handed_on, shares.meetings, shares.minutes,
           CASE WHEN shares.handed_on IS NULL THEN a.status ELSE 'transferred' END AS shown_status
    FROM advice a JOIN shares USING (stay_id) JOIN LATERAL (
        SELECT {", ".join(f"a.{name}" for name in CAN_CHANGE)} WHERE shares.handed_on IS NULL
        UNION ALL
        SELECT {", ".join(CAN_CHANGE)} FROM advice_handed_on h
        WHERE shares.handed_on IS NOT NULL AND h.stay_id = a.stay_id AND h.municipality = %s
    ) told ON true
)
SELECT * FROM shown
"""
"""Each stay's advice, with the meetings in one municipality's share, or in all. Parameters: its code or None, three times.

``handed_on``: the day from which another municipality owes the rest, ``NULL`` where the one asked about still does.
"""

VIEWS: tuple[View, ...] = (AdviceView(), ShareView())

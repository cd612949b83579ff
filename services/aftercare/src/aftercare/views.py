"""What aftercare can be asked: which families are in it, and how often they were visited and invited."""

from collections.abc import Sequence

from psycopg import Cursor
from psycopg.rows import DictRow

from havn_chassis.store import View
from havn_events import Recorded
from havn_events.aftercare import (
    AftercareClosed,
    AftercareCourseOpened,
    AftercareDeclined,
    AftercareEnded,
    AftercareOffered,
    AftercareOpened,
    AftercareStarted,
    AftercareVisitMade,
    CafeInvitationsDeclined,
    CafeInvitationSent,
)


class FamiliesView:
    """Which families are in aftercare, since when, and how many visits were made and invitations sent?

    ``course_visits``, ``complete_from``: what completes the course, NULL while no obligation says so.
    """

    schema = """
        CREATE TABLE IF NOT EXISTS families (
            stay_id uuid PRIMARY KEY,
            opened_on date NOT NULL,
            offered_on date,
            started_on date,
            ended_on date,
            ended_because text,
            completed boolean,
            visits int NOT NULL DEFAULT 0,
            course_visits int,
            complete_from date,
            last_visit_on date,
            invitations int NOT NULL DEFAULT 0,
            last_invited_on date,
            invitations_declined_on date,
            refused text,
            reason text,
            status text GENERATED ALWAYS AS (coalesce(refused,
                CASE WHEN ended_on IS NOT NULL THEN 'ended'
                WHEN started_on IS NOT NULL THEN 'running'
                WHEN offered_on IS NOT NULL THEN 'offered' ELSE 'open' END)) STORED
        );
        CREATE INDEX IF NOT EXISTS families_status ON families (status, stay_id);
    """

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """Adds to what is there, so that it never has to be read first."""
        for record in recorded:
            match record.event:
                case AftercareOpened() as event:
                    cursor.execute(
                        "INSERT INTO families (stay_id, opened_on) VALUES (%s, %s) "
                        "ON CONFLICT (stay_id) DO UPDATE SET opened_on = excluded.opened_on, "
                        "offered_on = CASE WHEN families.refused = 'declined' THEN NULL ELSE families.offered_on END, "
                        "refused = NULL, reason = NULL",
                        (event.stay_id, event.occurred_on),
                    )
                case AftercareOffered() as event:
                    cursor.execute(
                        "UPDATE families SET offered_on = %s, refused = NULL, reason = NULL WHERE stay_id = %s",
                        (event.occurred_on, event.stay_id),
                    )
                case AftercareStarted() as event:
                    cursor.execute("UPDATE families SET started_on = %s WHERE stay_id = %s", (event.occurred_on, event.stay_id))
                case AftercareCourseOpened() as event:
                    cursor.execute(
                        "UPDATE families SET course_visits = %s, complete_from = %s, refused = NULL WHERE stay_id = %s",
                        (event.visits, event.complete_from, event.stay_id),
                    )
                case AftercareVisitMade() as event:
                    cursor.execute(
                        "UPDATE families SET visits = visits + 1, last_visit_on = greatest(last_visit_on, %s) WHERE stay_id = %s",
                        (event.occurred_on, event.stay_id),
                    )
                case AftercareEnded() as event:
                    cursor.execute(
                        "UPDATE families SET ended_on = %s, ended_because = %s, completed = %s WHERE stay_id = %s",
                        (event.occurred_on, event.because, event.completed, event.stay_id),
                    )
                case AftercareDeclined() as event:
                    cursor.execute(
                        "UPDATE families SET refused = 'declined', reason = %s WHERE stay_id = %s",
                        (event.reason, event.stay_id),
                    )
                case CafeInvitationSent() as event:
                    cursor.execute(
                        "UPDATE families SET invitations = invitations + 1, last_invited_on = greatest(last_invited_on, %s), "
                        "invitations_declined_on = CASE WHEN invitations_declined_on > %s THEN invitations_declined_on END "
                        "WHERE stay_id = %s",
                        (event.occurred_on, event.occurred_on, event.stay_id),
                    )
                case CafeInvitationsDeclined() as event:
                    cursor.execute(
                        "UPDATE families SET invitations_declined_on = %s "
                        "WHERE stay_id = %s AND (last_invited_on IS NULL OR last_invited_on <= %s)",
                        (event.occurred_on, event.stay_id, event.occurred_on),
                    )
                case AftercareClosed() as event:
                    cursor.execute(
                        "UPDATE families SET refused = 'closed', course_visits = NULL, complete_from = NULL WHERE stay_id = %s",
                        (event.stay_id,),
                    )


VIEWS: tuple[View, ...] = (FamiliesView(),)

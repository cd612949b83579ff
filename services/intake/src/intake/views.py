"""Read models of intake, by the question they answer. Written in the transaction that commits the events."""

from collections.abc import Sequence

from psycopg import Cursor, sql
from psycopg.rows import DictRow

from havn_chassis.store import View
from havn_events.envelope import Recorded
from havn_events.event import Event
from havn_events.intake import (
    AdmissionCorrected,
    AnonymityLifted,
    AnonymityOutweighed,
    ChildArrived,
    ChildMovedOut,
    ComplaintAnswered,
    ComplaintFiled,
    ComplaintForwarded,
    ComplaintWithdrawn,
    ConcernRaised,
    GoalsMeasured,
    HomeMunicipalityChanged,
    InquiryAssessed,
    InquiryReceived,
    MoveOutCancelled,
    MoveOutCorrected,
    MoveOutPlanned,
    MoveOutRescheduled,
    StayAnnulled,
    StayRefused,
    WomanAdmitted,
    WomanMovedOut,
    WomanReferred,
)
from intake.domain.stay.commands import DIMENSIONS


class StaysView:
    """Who stays at a shelter, and how far is each stay?"""

    schema = """
CREATE TABLE IF NOT EXISTS stays (
    stay_id uuid PRIMARY KEY,
    shelter_id uuid NOT NULL,
    person_id uuid NOT NULL,
    status text NOT NULL,
    admitted_on date NOT NULL,
    home_municipality text NOT NULL,
    own_municipality boolean NOT NULL,
    standard text NOT NULL,
    anonymous boolean NOT NULL,
    named_to_home_municipality boolean NOT NULL,
    anonymity_outweighed_on date,
    anonymity_outweighed_because text,
    move_out_planned_for date,
    moved_out_on date,
    destination text,
    ended_because text
);
CREATE INDEX IF NOT EXISTS stays_of_shelter ON stays (shelter_id, admitted_on, stay_id);
CREATE TABLE IF NOT EXISTS children (
    stay_id uuid NOT NULL,
    person_id uuid NOT NULL,
    birth_month text NOT NULL,
    arrived_on date NOT NULL,
    left_on date,
    destination text,
    PRIMARY KEY (stay_id, person_id)
);
"""

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """Follow the stays."""
        for item in recorded:
            self._write(cursor, item.event)

    def _write(self, cursor: Cursor[DictRow], event: Event) -> None:
        match event:
            case WomanAdmitted():
                cursor.execute(
                    "INSERT INTO stays (stay_id, shelter_id, person_id, status, admitted_on, home_municipality, "
                    "own_municipality, standard, anonymous, named_to_home_municipality) "
                    "VALUES (%s, %s, %s, 'staying', %s, %s, %s, %s, %s, %s)",
                    (
                        event.stay_id,
                        event.shelter_id,
                        event.person_id,
                        event.occurred_on,
                        event.home_municipality,
                        event.own_municipality,
                        event.standard,
                        event.anonymous,
                        event.named_to_home_municipality,
                    ),
                )
            case AdmissionCorrected():
                cursor.execute("UPDATE stays SET admitted_on = %s WHERE stay_id = %s", (event.admitted_on, event.stay_id))
            case StayAnnulled():
                cursor.execute("UPDATE stays SET status = 'annulled' WHERE stay_id = %s", (event.stay_id,))
            case HomeMunicipalityChanged():
                cursor.execute(
                    "UPDATE stays SET home_municipality = %s WHERE stay_id = %s", (event.home_municipality, event.stay_id)
                )
            case AnonymityLifted():
                cursor.execute(
                    "UPDATE stays SET anonymous = false, named_to_home_municipality = true WHERE stay_id = %s", (event.stay_id,)
                )
            case AnonymityOutweighed():
                cursor.execute(
                    "UPDATE stays SET named_to_home_municipality = true, anonymity_outweighed_on = %s, "
                    "anonymity_outweighed_because = %s WHERE stay_id = %s",
                    (event.occurred_on, event.reason, event.stay_id),
                )
            case MoveOutPlanned() | MoveOutRescheduled():
                cursor.execute(
                    "UPDATE stays SET move_out_planned_for = %s, status = CASE status WHEN 'staying' THEN 'move-out-planned' "
                    "ELSE status END WHERE stay_id = %s",
                    (event.planned_for, event.stay_id),
                )
            case MoveOutCancelled():
                cursor.execute(
                    "UPDATE stays SET move_out_planned_for = NULL, status = CASE status WHEN 'move-out-planned' THEN 'staying' "
                    "ELSE status END WHERE stay_id = %s",
                    (event.stay_id,),
                )
            case WomanMovedOut():
                cursor.execute(
                    "UPDATE stays SET status = 'moved-out', moved_out_on = %s, destination = %s, ended_because = %s "
                    "WHERE stay_id = %s",
                    (event.occurred_on, event.destination, event.ended_because, event.stay_id),
                )
            case MoveOutCorrected():
                cursor.execute("UPDATE stays SET moved_out_on = %s WHERE stay_id = %s", (event.moved_out_on, event.stay_id))
            case ChildArrived():
                cursor.execute(
                    "INSERT INTO children (stay_id, person_id, birth_month, arrived_on) VALUES (%s, %s, %s, %s)",
                    (event.stay_id, event.person_id, event.birth_month, event.occurred_on),
                )
            case ChildMovedOut():
                cursor.execute(
                    "UPDATE children SET left_on = %s, destination = %s WHERE stay_id = %s AND person_id = %s",
                    (event.occurred_on, event.destination, event.stay_id, event.person_id),
                )


class GoalsView:
    """What goals were measured, in the order of recording? For each occasion the last row counts."""

    schema = """
CREATE TABLE IF NOT EXISTS goals (
    id bigserial PRIMARY KEY,
    stay_id uuid NOT NULL,
    occasion text NOT NULL,
    measured_on date NOT NULL,
    network int NOT NULL,
    communities int NOT NULL,
    health int NOT NULL,
    economy int NOT NULL,
    housing int NOT NULL,
    job_or_education int NOT NULL
);
CREATE INDEX IF NOT EXISTS goals_of_stay ON goals (stay_id, id);
"""

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """One row for each measurement."""
        columns = ("measured_on", "stay_id", "occasion", *DIMENSIONS)
        for item in recorded:
            if isinstance(item.event, GoalsMeasured):
                values = item.event.model_dump(exclude={"again"})
                cursor.execute(
                    sql.SQL("INSERT INTO goals ({}) VALUES ({})").format(
                        sql.SQL(", ").join(map(sql.Identifier, columns)), sql.SQL(", ").join(sql.Placeholder() for _ in columns)
                    ),
                    [values["occurred_on"], *(values[name] for name in columns[1:])],
                )


class InquiriesView:
    """How many asked, and what became of it?"""

    schema = """
CREATE TABLE IF NOT EXISTS inquiries (
    inquiry_id uuid PRIMARY KEY,
    shelter_id uuid NOT NULL,
    received_on date NOT NULL,
    outcome text,
    refused boolean NOT NULL DEFAULT false,
    referred boolean NOT NULL DEFAULT false
);
CREATE INDEX IF NOT EXISTS inquiries_of_shelter ON inquiries (shelter_id, received_on);
"""

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """Follow the inquiries."""
        for item in recorded:
            match item.event:
                case InquiryReceived() as event:
                    cursor.execute(
                        "INSERT INTO inquiries (inquiry_id, shelter_id, received_on) VALUES (%s, %s, %s)",
                        (event.inquiry_id, event.shelter_id, event.occurred_on),
                    )
                case InquiryAssessed() as event:
                    cursor.execute("UPDATE inquiries SET outcome = %s WHERE inquiry_id = %s", (event.outcome, event.inquiry_id))
                case StayRefused() as event:
                    cursor.execute("UPDATE inquiries SET refused = true WHERE inquiry_id = %s", (event.inquiry_id,))
                case WomanReferred() as event:
                    cursor.execute("UPDATE inquiries SET referred = true WHERE inquiry_id = %s", (event.inquiry_id,))


class ComplaintsView:
    """Which complaints wait for the shelter, and since when?"""

    schema = """
CREATE TABLE IF NOT EXISTS complaints (
    complaint_id uuid PRIMARY KEY,
    shelter_id uuid NOT NULL,
    concerns uuid NOT NULL,
    about text NOT NULL,
    route text NOT NULL,
    late boolean NOT NULL,
    status text NOT NULL,
    received_on date NOT NULL
);
CREATE INDEX IF NOT EXISTS complaints_of_shelter ON complaints (shelter_id, received_on, complaint_id);
"""

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """Follow the complaints."""
        for item in recorded:
            match item.event:
                case ComplaintFiled() as event:
                    cursor.execute(
                        "INSERT INTO complaints "
                        "(complaint_id, shelter_id, concerns, about, route, late, status, received_on) "
                        "VALUES (%s, %s, %s, %s, %s, %s, 'to-answer', %s)",
                        (
                            event.complaint_id,
                            event.shelter_id,
                            event.concerns,
                            event.about,
                            event.route,
                            event.late,
                            event.occurred_on,
                        ),
                    )
                case ComplaintAnswered() as event:
                    self._set(cursor, event, "closed" if event.final else "to-forward")
                case ComplaintForwarded() as event:
                    self._set(cursor, event, "closed")
                case ComplaintWithdrawn() as event:
                    self._set(cursor, event, "closed")

    @staticmethod
    def _set(cursor: Cursor[DictRow], event: ComplaintAnswered | ComplaintForwarded | ComplaintWithdrawn, status: str) -> None:
        cursor.execute("UPDATE complaints SET status = %s WHERE complaint_id = %s", (status, event.complaint_id))


class ConcernsView:
    """Which concerns about a shelter went to Socialtilsyn?"""

    schema = """
CREATE TABLE IF NOT EXISTS concerns (
    concern_id uuid PRIMARY KEY,
    shelter_id uuid NOT NULL,
    raised_on date NOT NULL
);
CREATE INDEX IF NOT EXISTS concerns_of_shelter ON concerns (shelter_id, raised_on, concern_id);
"""

    def write(self, cursor: Cursor[DictRow], recorded: Sequence[Recorded]) -> None:
        """One row for each."""
        for item in recorded:
            if isinstance(item.event, ConcernRaised):
                cursor.execute(
                    "INSERT INTO concerns (concern_id, shelter_id, raised_on) VALUES (%s, %s, %s)",
                    (item.event.concern_id, item.event.shelter_id, item.event.occurred_on),
                )


VIEWS: tuple[View, ...] = (StaysView(), GoalsView(), InquiriesView(), ComplaintsView(), ConcernsView())

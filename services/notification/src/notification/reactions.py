"""What the orchestrator's events lead to: notices sent, news of what is owed, and what nobody confirmed."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import DictRow

from havn_chassis.decider import Decider
from havn_chassis.inbox import Reactions
from havn_chassis.stays import follow_corrected_admission, remember_shelters
from havn_chassis.store import UnitOfWork
from havn_events.codes import NoticeKind
from havn_events.event import Event, StayEvent
from havn_events.orchestrator import (
    DayPassed,
    FactNoted,
    ObligationCancelled,
    ObligationDueSoon,
    ObligationMet,
    ObligationMissed,
    ObligationOpened,
    ObligationReopened,
    ObligationRescheduled,
    ObligationTransferred,
)
from notification.domain.notices.commands import (
    Command,
    Escalate,
    FollowHome,
    InformOfCancelled,
    InformOfDueSoon,
    InformOfDuty,
    InformOfMet,
    InformOfMissed,
    InformOfNewDate,
    InformOfReopened,
    InformOfTransfer,
    LiftAnonymity,
    OweChildNotification,
    SendCorrections,
    SendNotice,
)
from notification.domain.notices.decider import NOTICES

ACKNOWLEDGE_WITHIN_DAYS: Final = "acknowledge_within_days"
"""The setting: how many calendar days a municipality has to confirm a notice before it is raised."""

NOTICE_OF: dict[str, NoticeKind] = {"admission-notice": "admission", "discharge-notice": "discharge"}
"""The obligations that are met by a notice, which is sent as soon as it is owed."""

HOMES = """
CREATE TABLE IF NOT EXISTS homes (
    stay_id uuid NOT NULL,
    since date NOT NULL,
    municipality text NOT NULL,
    PRIMARY KEY (stay_id, since)
)
"""
"""The table: her home municipality, each from its day on."""

MUNICIPAL = frozenset({"home-municipality", "acting-municipality"})


def _streams(event: Event) -> Sequence[tuple[Decider[Any, Any], UUID]]:
    return [(NOTICES, NOTICES.stream_id(event.stay_id))] if isinstance(event, StayEvent) else []


REACTIONS: Reactions = Reactions(preload=_streams)

remember_shelters(REACTIONS)


def acknowledge_by(sent_on: date, due: date | None) -> date | None:
    """The last day to confirm a notice so that its silence is raised before the legal deadline is over.

    That is the day before ``due``; ``None`` without a deadline, or where it is due when it is sent, or was before.
    """
    return None if due is None or due <= sent_on else due - timedelta(days=1)


def _execute(unit: UnitOfWork, command: Command) -> None:
    unit.execute(NOTICES, (command.stay_id,), command)


@REACTIONS.to(ObligationOpened)
def when_something_is_owed_tell_the_municipality(event: ObligationOpened, unit: UnitOfWork) -> None:
    """Send the notice that is owed, remember the child notification that is, or tell the municipality what it owes.

    An obligation that no municipality has a part in leads to nothing.
    """
    if event.municipality is None:
        return
    if event.owed_by in MUNICIPAL:
        _execute(
            unit,
            InformOfDuty(
                stay_id=event.stay_id,
                occurred_on=event.occurred_on,
                obligation_id=event.obligation_id,
                municipality=event.municipality,
                rule=event.rule,
                due=event.due,
                fresh_reference=unit.fresh_id(),
            ),
        )
    elif event.rule in NOTICE_OF:
        _execute(
            unit,
            SendNotice(
                stay_id=event.stay_id,
                occurred_on=unit.today,
                notice_id=event.obligation_id,
                notice=NOTICE_OF[event.rule],
                municipality=event.municipality,
                anonymous=event.anonymous,
                fresh_reference=unit.fresh_id(),
                acknowledge_by=acknowledge_by(unit.today, event.due),
            ),
        )
    elif event.rule == "child-notice" and event.person_id is not None:
        _execute(
            unit,
            OweChildNotification(
                stay_id=event.stay_id,
                occurred_on=event.occurred_on,
                person_id=event.person_id,
                obligation_id=event.obligation_id,
                municipality=event.municipality,
            ),
        )


@REACTIONS.to(ObligationRescheduled)
def when_its_date_moves_tell_the_municipality(event: ObligationRescheduled, unit: UnitOfWork) -> None:
    """Tell the municipality of the new date."""
    command = InformOfNewDate(
        stay_id=event.stay_id, occurred_on=event.occurred_on, obligation_id=event.obligation_id, due=event.due
    )
    _execute(unit, command)


@REACTIONS.to(ObligationDueSoon, ObligationMet, ObligationMissed, ObligationReopened, ObligationCancelled)
def when_its_state_changes_tell_the_municipality(
    event: ObligationDueSoon | ObligationMet | ObligationMissed | ObligationReopened | ObligationCancelled, unit: UnitOfWork
) -> None:
    """Remind the municipality of what it owes, and tell it what became of it."""
    stay_id, occurred_on, obligation_id = event.stay_id, event.occurred_on, event.obligation_id
    command: Command
    match event:
        case ObligationDueSoon():
            command = InformOfDueSoon(stay_id=stay_id, occurred_on=occurred_on, obligation_id=obligation_id)
        case ObligationMet():
            command = InformOfMet(stay_id=stay_id, occurred_on=occurred_on, obligation_id=obligation_id)
        case ObligationMissed():
            command = InformOfMissed(stay_id=stay_id, occurred_on=occurred_on, obligation_id=obligation_id)
        case ObligationReopened():
            command = InformOfReopened(stay_id=stay_id, occurred_on=occurred_on, obligation_id=obligation_id)
        case ObligationCancelled():
            command = InformOfCancelled(stay_id=stay_id, occurred_on=occurred_on, obligation_id=obligation_id)
    _execute(unit, command)


@REACTIONS.to(ObligationTransferred)
def when_another_municipality_owes_it_tell_both(event: ObligationTransferred, unit: UnitOfWork) -> None:
    """Tell the one that owed it and the one that owes it now, each under its own case reference."""
    if event.municipality is None:
        return
    command = InformOfTransfer(
        stay_id=event.stay_id,
        occurred_on=event.occurred_on,
        obligation_id=event.obligation_id,
        municipality=event.municipality,
        fresh_reference=unit.fresh_id(),
    )
    _execute(unit, command)


@REACTIONS.to(FactNoted)
def when_the_stay_itself_changes_tell_those_who_were_told(event: FactNoted, unit: UnitOfWork) -> None:
    """Tell of a corrected or annulled stay and of lifted anonymity; child notifications follow a new home municipality.

    Of a corrected move-out only those are told who were told that she left: whoever was her home before need not learn of it.

    Her home municipality is remembered: it decides on her own payment.
    """
    follow_corrected_admission(event, unit)
    match event.fact:
        case "AdmissionCorrected" | "MoveOutCorrected" | "StayAnnulled":
            command = SendCorrections(
                stay_id=event.stay_id,
                occurred_on=unit.today,
                fact_id=event.fact_id,
                retracted=event.fact == "StayAnnulled",
                discharge_only=event.fact == "MoveOutCorrected",
            )
            _execute(unit, command)
        case "AnonymityLifted":
            _execute(unit, LiftAnonymity(stay_id=event.stay_id, occurred_on=unit.today, fact_id=event.fact_id))
        case "WomanAdmitted" if event.municipality is not None:
            _remember_home(event.stay_id, event.occurred_on, event.municipality, unit)
        case "HomeMunicipalityChanged" if event.municipality is not None:
            _remember_home(event.stay_id, event.occurred_on, event.municipality, unit)
            move = FollowHome(stay_id=event.stay_id, occurred_on=event.occurred_on, municipality=event.municipality)
            _execute(unit, move)


def _remember_home(stay_id: UUID, since: date, municipality: str, unit: UnitOfWork) -> None:
    def write(cursor: Cursor[DictRow]) -> None:
        cursor.execute(
            "INSERT INTO homes (stay_id, since, municipality) VALUES (%s, %s, %s) "
            "ON CONFLICT (stay_id, since) DO UPDATE SET municipality = excluded.municipality",
            (stay_id, since, municipality),
        )

    unit.work.append(write)


@REACTIONS.to(DayPassed)
def when_a_day_is_over_escalate_what_nobody_confirmed(event: DayPassed, unit: UnitOfWork) -> None:
    """Raise every notice that could be confirmed in time until that day and was not."""
    sent_by = event.occurred_on - timedelta(days=unit.setting(ACKNOWLEDGE_WITHIN_DAYS))
    waiting = unit.rows(
        "SELECT notice_id, stay_id FROM notices "
        "WHERE state = 'unacknowledged' AND (sent_on <= %s OR acknowledge_by <= %s) ORDER BY sent_on, notice_id",
        (sent_by, event.occurred_on),
    )
    unit.preload([(NOTICES, NOTICES.stream_id(row["stay_id"])) for row in waiting])
    for row in waiting:
        command = Escalate(
            stay_id=row["stay_id"],
            occurred_on=unit.today,
            notice_id=row["notice_id"],
            sent_by=sent_by,
            day=event.occurred_on,
        )
        _execute(unit, command)

"""What an obligation means to psychology."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import DictRow

from havn_chassis.decider import Decider
from havn_chassis.inbox import Reactions
from havn_chassis.stays import follow_corrected_admission, remember_shelters
from havn_chassis.store import UnitOfWork
from havn_events.event import Event
from havn_events.orchestrator import (
    ChildCameBack,
    ChildFollowed,
    ContinuationAnnulled,
    FactNoted,
    ObligationCancelled,
    ObligationEvent,
    ObligationOpened,
    ObligationReopened,
    ObligationTransferred,
    StayContinued,
)
from psychology.domain.treatment.commands import CloseTreatment, FollowHome, OpenTreatment, ReopenTreatment, TransferTreatment
from psychology.domain.treatment.decider import TREATMENT

TREATMENT_RULES = frozenset({"psychology-woman", "psychology-child"})
"""The obligations that psychology meets."""


class IncompleteObligation(ValueError):
    """An obligation to treat that does not say whom, how much, or who owes it."""


def _treatments(event: Event) -> Sequence[tuple[Decider[Any, Any], UUID]]:
    if not isinstance(event, ObligationEvent) or event.rule not in TREATMENT_RULES or event.person_id is None:
        return []
    return [(TREATMENT, TREATMENT.stream_id(event.stay_id, event.person_id))]


REACTIONS = Reactions(preload=_treatments)


remember_shelters(REACTIONS)


@REACTIONS.to(ObligationOpened)
def when_treatment_is_owed_open_it(event: ObligationOpened, unit: UnitOfWork) -> None:
    """Raises IncompleteObligation."""
    if event.rule not in TREATMENT_RULES:
        return
    if event.unit is None or event.floor is None or event.ceiling is None:
        raise IncompleteObligation("an obligation to treat says how much is owed: unit, floor and ceiling")
    person_id, municipality = _owed(event)
    unit.execute(
        TREATMENT,
        (event.stay_id, person_id),
        OpenTreatment(
            stay_id=event.stay_id,
            person_id=person_id,
            occurred_on=event.occurred_on,
            obligation_id=event.obligation_id,
            municipality=municipality,
            unit=event.unit,
            floor=event.floor,
            ceiling=event.ceiling,
        ),
    )


@REACTIONS.to(ObligationTransferred)
def when_another_municipality_owes_it_transfer_the_treatment(event: ObligationTransferred, unit: UnitOfWork) -> None:
    """Raises IncompleteObligation."""
    if event.rule not in TREATMENT_RULES:
        return
    person_id, municipality = _owed(event)
    unit.execute(
        TREATMENT,
        (event.stay_id, person_id),
        TransferTreatment(
            stay_id=event.stay_id,
            person_id=person_id,
            occurred_on=event.occurred_on,
            obligation_id=event.obligation_id,
            municipality=municipality,
        ),
    )


@REACTIONS.to(FactNoted)
def when_the_stay_itself_changes_follow_it(event: FactNoted, unit: UnitOfWork) -> None:
    """The right day of admission is remembered; a treatment that goes on is her home municipality's, used up or not."""
    follow_corrected_admission(event, unit)
    if event.fact != "HomeMunicipalityChanged" or event.municipality is None:
        return
    for row in unit.rows("SELECT person_id FROM treatments WHERE stay_id = %s ORDER BY person_id", (event.stay_id,)):
        ids = (event.stay_id, row["person_id"])
        unit.execute(TREATMENT, ids, FollowHome(*ids, event.occurred_on, event.municipality))


@REACTIONS.to(ObligationCancelled)
def when_treatment_is_owed_no_more_close_it(event: ObligationCancelled, unit: UnitOfWork) -> None:
    """Nothing happens to a treatment that was never opened or already ended. Raises IncompleteObligation."""
    if event.rule not in TREATMENT_RULES:
        return
    person_id, _ = _owed(event)
    unit.execute(
        TREATMENT,
        (event.stay_id, person_id),
        CloseTreatment(
            stay_id=event.stay_id,
            person_id=person_id,
            occurred_on=event.occurred_on,
            obligation_id=event.obligation_id,
        ),
    )


@REACTIONS.to(ObligationReopened)
def when_treatment_is_owed_again_reopen_it(event: ObligationReopened, unit: UnitOfWork) -> None:
    """After a correction below the floor, or when she did not go on elsewhere after all. Raises IncompleteObligation."""
    if event.rule not in TREATMENT_RULES:
        return
    person_id, _ = _owed(event)
    unit.execute(
        TREATMENT,
        (event.stay_id, person_id),
        ReopenTreatment(
            stay_id=event.stay_id,
            person_id=person_id,
            occurred_on=event.occurred_on,
            obligation_id=event.obligation_id,
        ),
    )


@REACTIONS.to(StayContinued, ChildFollowed)
def when_somebody_goes_on_elsewhere_count_both_stays_together(event: StayContinued | ChildFollowed, unit: UnitOfWork) -> None:
    """For this person; who goes on to a third stay instead is counted there."""

    def write(cursor: Cursor[DictRow]) -> None:
        cursor.execute(
            "INSERT INTO continuations (before, person_id, stay_id) VALUES (%s, %s, %s) "
            "ON CONFLICT (before, person_id) DO UPDATE SET stay_id = excluded.stay_id",
            (event.stay_id, event.person_id, event.continued_in),
        )

    unit.work.append(write)


@REACTIONS.to(ContinuationAnnulled, ChildCameBack)
def when_somebody_did_not_go_on_count_them_apart(event: ContinuationAnnulled | ChildCameBack, unit: UnitOfWork) -> None:
    """What was recorded in an annulled stay stays there (assumed)."""

    def write(cursor: Cursor[DictRow]) -> None:
        cursor.execute(
            "DELETE FROM continuations WHERE before = %s AND person_id = %s", (event.stay_id, event.person_id)
        )

    unit.work.append(write)


def _owed(event: ObligationEvent) -> tuple[UUID, str]:
    if event.person_id is None or event.municipality is None:
        raise IncompleteObligation("an obligation to treat says to whom and by which municipality it is owed")
    return event.person_id, event.municipality

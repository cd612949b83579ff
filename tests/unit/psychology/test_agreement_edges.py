"""What identifies an agreement, and events that say nothing about it."""

from uuid import UUID

from havn_events.orchestrator import DayPassed
from psychology.domain.agreement import AGREEMENT, agreement_ids
from tests.unit.psychology.test_agreement import AARHUS, AFTER, SHELTER, made


def test_an_agreement_keeps_its_id_for_good_and_shares_it_with_no_other() -> None:
    assert agreement_ids(AARHUS, SHELTER) == (UUID("bfc02ed3-596e-5954-86c3-ab555badbf5a"),)
    assert len({agreement_ids(AARHUS, SHELTER), agreement_ids("0461", SHELTER), agreement_ids(AARHUS, UUID(int=8))}) == 3


def test_an_event_of_another_kind_changes_nothing() -> None:
    assert AGREEMENT.fold([made(), DayPassed(occurred_on=AFTER)]) == AGREEMENT.fold([made()])

"""How long one attempt may take, and events that say nothing about a registration."""

from havn_events.orchestrator import DayPassed
from notification.domain.webhook import WEBHOOK, Patience
from tests.unit.notification.test_webhook import NOW, REGISTERED, SECOND


def test_an_attempt_may_take_ten_seconds() -> None:
    assert Patience().attempt == 10 * SECOND


def test_an_event_of_another_kind_changes_nothing() -> None:
    assert WEBHOOK.fold([REGISTERED, DayPassed(occurred_on=NOW.date())]) == WEBHOOK.fold([REGISTERED])

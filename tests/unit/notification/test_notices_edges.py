"""Notices: whom lifted anonymity tells nothing, and events that say nothing about them."""

import pytest

from havn_chassis.testing import given
from havn_events.orchestrator import DayPassed
from notification.domain.notices.commands import LiftAnonymity
from notification.domain.notices.decider import NOTICES
from notification.domain.notices.state import concerning
from tests.unit.notification.test_notices import (
    DAY,
    FACT,
    GENTOFTE,
    GENTOFTES,
    NEXT_NOTICE,
    ODENSE,
    SENT_ON,
    STAY,
    answer,
    answered,
    asked,
    child_owed,
    child_sent,
    informed,
    notified,
)


def test_who_was_told_of_the_child_alone_is_not_told_that_anonymity_was_lifted() -> None:
    lifted = LiftAnonymity(stay_id=STAY, occurred_on=SENT_ON, fact_id=FACT)
    given(NOTICES, [child_owed(), child_sent()]).when(lifted).then_nothing()


def test_an_event_of_another_kind_changes_nothing() -> None:
    history = [notified(), DayPassed(occurred_on=SENT_ON + DAY)]
    assert NOTICES.fold(history) == NOTICES.fold([notified()])


@pytest.mark.parametrize("change", ["due-soon", "rescheduled", "missed"])
def test_later_news_of_the_same_question_leaves_the_day_on_which_it_was_asked(change: str) -> None:
    history = [asked(), asked(change, on=SENT_ON + 2 * DAY)]
    given(NOTICES, history).when(answer(on=SENT_ON)).then([answered(on=SENT_ON)])
    given(NOTICES, history).when(answer(on=SENT_ON - DAY)).refused("before-it-was-asked")


def test_what_concerns_a_municipality_is_changed_by_its_own_notices_and_duties_alone() -> None:
    """So the ETag of one municipality tells nothing of another."""
    odense, gentofte = (concerning(municipality, NOTICES.fold([notified()])) for municipality in (ODENSE, GENTOFTE))
    told = notified(NEXT_NOTICE, municipality=GENTOFTE, reference=GENTOFTES)
    asked_for_a_plan = informed("opened", municipality=GENTOFTE, reference=GENTOFTES)
    for more in (told, asked_for_a_plan):
        after = NOTICES.fold([notified(), more])
        assert concerning(ODENSE, after) == odense
        assert concerning(GENTOFTE, after) != gentofte

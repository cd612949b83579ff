"""Facts of one minute, and the municipality that an event names."""

import pytest

from havn_events import coordinating_advice, notification, psychology
from havn_events.event import Event
from orchestrator.domain.fact import fact_of
from tests.unit.orchestrator.test_fact import EVENT_ID, IN_PERSON, IN_STAY, OTHER, PERSON, SESSION_ON


@pytest.mark.parametrize(("before", "after", "sessions"), [(0, 1, 1), (1, 0, -1), (1, 2, 0), (2, 1, 0)])
def test_a_session_of_one_minute_is_a_session(before: int, after: int, sessions: int) -> None:
    corrected = psychology.SessionCorrected(
        **IN_PERSON, session_id=OTHER, session_on=SESSION_ON, minutes=after, minutes_before=before
    )
    assert fact_of(corrected, EVENT_ID).attributes == {"sessions": sessions}


@pytest.mark.parametrize(
    "event",
    [
        notification.NotificationAcknowledged(**IN_STAY, notice_id=OTHER, municipality="0461", over="http"),
        notification.NotificationEscalated(**IN_STAY, notice_id=OTHER, municipality="0461"),
        coordinating_advice.AdviceHandedOver(**IN_STAY, from_adviser_id=OTHER, to_adviser_id=PERSON, municipality="0461"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_the_municipality_that_an_event_names_is_told(event: Event) -> None:
    assert fact_of(event, EVENT_ID).municipality == "0461"

"""Puts the notification service together.

HAVN_ACKNOWLEDGE_WITHIN_DAYS: how many calendar days a municipality has to confirm a notice before it is raised; 2 by default,
so that it is raised before the three days of an admission notice are over.
"""

import os
from collections.abc import Mapping

from havn_chassis.relay import Feed
from havn_chassis.service import Service, SqlGauge, run
from havn_chassis.settings import SettingMissing
from notification.api import router
from notification.feed import DURABLES, STREAM, SUBJECTS, subscribe, to_feed
from notification.reactions import ACKNOWLEDGE_WITHIN_DAYS, REACTIONS
from notification.views import VIEWS

NOTICES_BY_STATE = SqlGauge(
    name="havn_notices",
    help="Notices by what became of them",
    label="state",
    query=(
        "SELECT label, count(notice_id) AS value FROM unnest(ARRAY['unacknowledged', 'acknowledged', 'escalated']) AS label "
        "LEFT JOIN notices ON notices.state = label GROUP BY label"
    ),
)


def acknowledge_within_days(environment: Mapping[str, str]) -> int:
    """Whole calendar days from 1, 2 where nothing is set. Raises SettingMissing for anything else."""
    value = environment.get("HAVN_ACKNOWLEDGE_WITHIN_DAYS") or "2"
    if not value.isdecimal() or int(value) < 1:
        raise SettingMissing("HAVN_ACKNOWLEDGE_WITHIN_DAYS must be a whole number of days from 1")
    return int(value)


SERVICE = Service(
    name="notification",
    upstreams=("orchestrator",),
    reactions=REACTIONS,
    views=VIEWS,
    routers=(router,),
    own_stays_only=True,
    feeds=(Feed(stream=STREAM, subjects=SUBJECTS, route=to_feed, durables=DURABLES),),
    subscribers=(subscribe,),
    gauges=(NOTICES_BY_STATE,),
    settings={ACKNOWLEDGE_WITHIN_DAYS: acknowledge_within_days(os.environ)},
)


def main() -> None:
    """Run the service."""
    run(SERVICE)

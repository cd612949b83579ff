"""Puts the notification service together.

HAVN_ACKNOWLEDGE_WITHIN_DAYS: how many calendar days a municipality has to confirm a notice before it is raised; 2 by default,
so that it is raised before the three days of an admission notice are over.

HAVN_WEBHOOK_TRY_SECONDS: how long deliveries to a failing endpoint are tried before it is suspended; a day by default.

HAVN_WEBHOOK_KEY_FILE: what seals the webhooks' secrets; without it none can be registered.

HAVN_WEBHOOK_PRIVATE_ADDRESSES: ``allowed`` on one's own machine: webhooks to private addresses, over plain HTTP to itself.
"""

import os
from collections.abc import Mapping
from datetime import timedelta

from havn_chassis.relay import Feed
from havn_chassis.service import Service, SqlGauge, run
from havn_chassis.settings import SettingMissing
from notification.api import router
from notification.bell import BELL, Bell, listen
from notification.case_api import router as case_router
from notification.delivery import PATIENCE, PRIVATE_ALLOWED, deliver
from notification.domain.webhook import Patience
from notification.feed import DURABLES, STREAM, SUBJECTS, subscribe, to_feed
from notification.municipal_api import router as municipal_router
from notification.reactions import ACKNOWLEDGE_WITHIN_DAYS, HOMES, REACTIONS
from notification.sealing import SEALING, sealing
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
WEBHOOKS_BY_STATE = SqlGauge(
    name="havn_webhooks",
    help="Municipalities' endpoints by how delivery goes",
    label="state",
    query=(
        "SELECT label, count(municipality) AS value FROM unnest(ARRAY['delivering', 'failing', 'suspended']) AS label "
        "LEFT JOIN webhooks ON webhooks.state = label GROUP BY label"
    ),
)


def acknowledge_within_days(environment: Mapping[str, str]) -> int:
    """Whole calendar days from 1, 2 where nothing is set. Raises SettingMissing for anything else."""
    value = environment.get("HAVN_ACKNOWLEDGE_WITHIN_DAYS") or "2"
    if not value.isdecimal() or int(value) < 1:
        raise SettingMissing("HAVN_ACKNOWLEDGE_WITHIN_DAYS must be a whole number of days from 1")
    return int(value)


def patience(environment: Mapping[str, str]) -> Patience:
    """A day of tries where nothing is set. Raises SettingMissing for anything but whole seconds from 1."""
    value = environment.get("HAVN_WEBHOOK_TRY_SECONDS") or "86400"
    if not value.isdecimal() or not 1 <= int(value) <= 7 * 86400:
        raise SettingMissing("HAVN_WEBHOOK_TRY_SECONDS must be a whole number of seconds from 1 to those of a week")
    return Patience(in_all=timedelta(seconds=int(value)))


def private_allowed(environment: Mapping[str, str]) -> bool:
    """Only for the one word. Raises SettingMissing for another."""
    value = environment.get("HAVN_WEBHOOK_PRIVATE_ADDRESSES") or "refused"
    if value not in ("allowed", "refused"):
        raise SettingMissing("HAVN_WEBHOOK_PRIVATE_ADDRESSES must be allowed or refused")
    return value == "allowed"


SERVICE = Service(
    name="notification",
    upstreams=("orchestrator",),
    reactions=REACTIONS,
    views=VIEWS,
    routers=(router, municipal_router, case_router),
    tables=(HOMES,),
    own_stays_only=True,
    feeds=(Feed(stream=STREAM, subjects=SUBJECTS, route=to_feed, durables=DURABLES),),
    subscribers=(subscribe,),
    background=(listen, deliver),
    gauges=(NOTICES_BY_STATE, WEBHOOKS_BY_STATE),
    settings={
        ACKNOWLEDGE_WITHIN_DAYS: acknowledge_within_days(os.environ),
        BELL: Bell(),
        PATIENCE: patience(os.environ),
        PRIVATE_ALLOWED: private_allowed(os.environ),
        SEALING: sealing(os.environ),
    },
)


def main() -> None:
    """Run the service."""
    run(SERVICE)

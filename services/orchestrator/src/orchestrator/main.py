"""Composition root of the orchestrator."""

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from havn_chassis.service import Service, SqlGauge, run
from havn_chassis.settings import seconds
from havn_standards import Rulebook, is_working_day
from orchestrator.api import router
from orchestrator.reactions import REACTIONS
from orchestrator.sweep import run_days
from orchestrator.views import VIEWS

UPSTREAMS = ("intake", "notification", "psychology", "coordinating-advice", "aftercare")

OVERDUE = SqlGauge(
    name="havn_overdue_unswept",
    help="Open obligations whose due day has passed: zero once the day is swept",
    label="state",
    query="SELECT 'open' AS label, count(*) AS value FROM obligations WHERE state = 'open' AND due <= (SELECT max(day) FROM days)",
)

OBLIGATIONS_BY_STATE = SqlGauge(
    name="havn_obligations",
    help="Obligations by what became of them",
    label="state",
    query="SELECT label, count(obligation_id) AS value "
    "FROM unnest(ARRAY['open', 'met', 'met-late', 'missed', 'cancelled']) AS label "
    "LEFT JOIN obligations ON obligations.state = label GROUP BY label",
)


def compose(environment: Mapping[str, str]) -> Service:
    """The orchestrator with its rulebook.

    ``HAVN_STANDARD_FILES``: files of a shelter's own standards, separated as in a search path. ``HAVN_DAY_TICK_SECONDS``: how
    often it looks whether a new day has begun. Raises SettingMissing, and StandardInvalid with every fault in every file.
    """
    files = [Path(name) for name in environment.get("HAVN_STANDARD_FILES", "").split(os.pathsep) if name]
    return Service(
        name="orchestrator",
        upstreams=UPSTREAMS,
        reactions=REACTIONS,
        views=VIEWS,
        routers=(router,),
        background=(run_days,),
        gauges=(OBLIGATIONS_BY_STATE, OVERDUE),
        settings={
            "rulebook": Rulebook.load(files),
            "day_tick_seconds": seconds(environment, "HAVN_DAY_TICK_SECONDS", 1.0),
        },
    )


SERVICE = compose(os.environ)


def main() -> None:
    """Run until told to stop. The calendar, which is slow to load, is there before the first deadline is."""
    is_working_day(date(2026, 1, 1))
    run(SERVICE)

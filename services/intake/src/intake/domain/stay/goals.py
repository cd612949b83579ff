"""How far she has come: her goals, measured on three occasions (Rambøll 2015)."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import get_args

from havn_chassis.decider import Refused
from havn_events.codes import GoalsOccasion
from havn_events.event import Event
from havn_events.intake import GoalsMeasured
from intake.domain.stay.commands import MeasureGoals
from intake.domain.stay.state import Measurement, Stay
from intake.domain.stay.within import within_the_stay

OCCASIONS: tuple[GoalsOccasion, ...] = get_args(GoalsOccasion)
"""When goals are measured, in their order (Rambøll 2015)."""


def measure_goals(command: MeasureGoals, stay: Stay) -> Sequence[Event]:
    """Measured again, an occasion's new scores take the place of the old ones, which stay on record."""
    if command.occasion != "move-out":
        within_the_stay(command, stay)
    place = OCCASIONS.index(command.occasion)
    too_early = any(stay.goals[o].on > command.occurred_on for o in OCCASIONS[:place] if o in stay.goals)
    too_late = any(stay.goals[o].on < command.occurred_on for o in OCCASIONS[place + 1 :] if o in stay.goals)
    if too_early or too_late:
        raise Refused(
            "goals-out-of-order",
            f"Goals are measured in this order: {', '.join(OCCASIONS)}; another measurement lies on the wrong side of this day. "
            "Check the occasion and the day.",
            field="occurred_on",
        )
    known = stay.goals.get(command.occasion)
    if known == Measurement(command.occurred_on, command.scores):
        raise Refused("goals-unchanged", "These scores are recorded for this occasion and day; nothing is corrected.")
    return [
        GoalsMeasured(
            occurred_on=command.occurred_on,
            stay_id=stay.stay_id,
            occasion=command.occasion,
            **asdict(command.scores),
            again=known is not None,
        )
    ]

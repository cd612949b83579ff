"""A concern about a shelter that somebody took to the social supervisory authority (Odense 4.3, Copenhagen 8).

Anybody may raise one, anonymously if wanted. Who did, and what it says, is between them and the authority; nothing of it is here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from havn_chassis.decider import Decider, Refused
from havn_events.event import Event
from havn_events.intake import ConcernRaised


@dataclass(frozen=True)
class RaiseConcern:
    """The shelter learnt that a concern was taken to Socialtilsyn on ``occurred_on``."""

    concern_id: UUID
    shelter_id: UUID
    occurred_on: date


def decide(command: RaiseConcern, raised: bool) -> Sequence[Event]:
    """What follows from a report. Raises Refused."""
    if raised:
        raise Refused("concern-already-raised", "A concern with this id is recorded; another needs another id.", field="concern_id")
    return [ConcernRaised(occurred_on=command.occurred_on, concern_id=command.concern_id, shelter_id=command.shelter_id)]


def evolve(_: bool, event: Event) -> bool:
    """Whether the concern is recorded."""
    return isinstance(event, ConcernRaised)


CONCERN: Decider[RaiseConcern, bool] = Decider(name="concern", initial=False, decide=decide, evolve=evolve)

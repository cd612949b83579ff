"""What a case file can be told to do."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from havn_standards import Rulebook
from orchestrator.domain.fact import Fact


@dataclass(frozen=True, slots=True)
class Opening:
    """What a case file is opened with. ``home_municipality``: ``None`` for an inquiry, of which none is told."""

    standard: str
    shelter_id: UUID
    home_municipality: str | None
    shelter_municipality: str | None = None
    transferred_from: UUID | None = None


@dataclass(frozen=True, slots=True)
class TakeFact:
    """Take a fact into the case. ``opening`` comes with the facts that may open a case; ``today`` is the Copenhagen day."""

    case_id: UUID
    fact: Fact
    opening: Opening | None
    rulebook: Rulebook
    today: date


@dataclass(frozen=True, slots=True)
class CheckDeadlines:
    """What a Copenhagen day that is over leads to: what was due on ``day`` or before is closed, what is due soon is told."""

    case_id: UUID
    day: date
    rulebook: Rulebook


@dataclass(frozen=True, slots=True)
class ChangeStandard:
    """Keep the stay under another version of its standard, or under another standard, from ``occurred_on``."""

    case_id: UUID
    occurred_on: date
    standard: str | None
    version: str
    rulebook: Rulebook
    today: date


@dataclass(frozen=True, slots=True)
class ContinueElsewhere:
    """She went straight from this stay into ``continued_in``, where ``admission_id`` tells of her admission on ``occurred_on``."""

    case_id: UUID
    occurred_on: date
    continued_in: UUID
    woman_id: UUID
    admission_id: UUID
    rulebook: Rulebook
    today: date


@dataclass(frozen=True, slots=True)
class ComeBack:
    """The stay ``continued_in``, into which she went from this one, was annulled, as ``annulment_id`` tells."""

    case_id: UUID
    occurred_on: date
    continued_in: UUID
    annulment_id: UUID
    rulebook: Rulebook
    today: date


Command = TakeFact | CheckDeadlines | ChangeStandard | ContinueElsewhere | ComeBack

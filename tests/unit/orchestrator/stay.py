"""A whole case, decided by the orchestrator's decider and explained by its ``explain``."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal
from uuid import UUID

from havn_events.event import Event
from havn_events.orchestrator import FactNoted, ObligationOpened, ObligationRescheduled
from havn_standards import Rulebook
from orchestrator.domain.case import CASE, Case, ChangeStandard, CheckDeadlines, Command, ContinueElsewhere, Opening, TakeFact
from orchestrator.domain.fact import Fact
from orchestrator.domain.state import Ledger
from orchestrator.why import Why, explain

STAY, WOMAN, SHELTER = (UUID(int=n) for n in range(1, 4))
RULEBOOK = Rulebook.load()


class Stay:
    """A case file and when each event was recorded: at noon of the day it was told on."""

    def __init__(self, standard: str, admitted_on: date, told_on: date | None = None) -> None:
        self.state: Case = CASE.initial
        self.recorded: list[tuple[Event, date]] = []
        opening = Opening(standard, SHELTER, "0461")
        self.take("WomanAdmitted", admitted_on, told_on, opening, person_id=WOMAN, attributes={"anonymous": False})

    def take(self, name: str, on: date, told_on: date | None = None, opening: Opening | None = None, **more: Any) -> None:
        fact = Fact(name, UUID(int=100 + len(self.recorded)), on, **more)
        self._decide(TakeFact(STAY, fact, opening, RULEBOOK, told_on or on), told_on or on)

    def pass_day(self, day: date) -> None:
        self._decide(CheckDeadlines(STAY, day, RULEBOOK), date.fromordinal(day.toordinal() + 1))

    def change(self, standard: str, on: date) -> None:
        self._decide(ChangeStandard(STAY, on, standard, RULEBOOK.standard(standard, on).version, RULEBOOK, on), on)

    def go_on(self, on: date) -> None:
        self._decide(ContinueElsewhere(STAY, on, UUID(int=50), WOMAN, UUID(int=51), RULEBOOK, on), on)

    def _decide(self, command: Command, today: date) -> None:
        events = list(CASE.decide(command, self.state))
        self.state = CASE.fold(events, self.state)
        self.recorded += [(event, today) for event in events]

    def why(self, rule: str) -> Why:
        """The explanation of the first obligation under the rule."""
        opened = next(event for event, _ in self.recorded if isinstance(event, ObligationOpened) and event.rule == rule)
        now = self.state.obligations[opened.obligation_id]
        stored = opened.model_dump() | {"due": now.due, "counted_from": now.counted_from, "state": now.status}
        if now.unit is not None:
            assert now.person_id is not None
            granted = self.state.ledgers.get(now.person_id, Ledger()).extra(now.unit)
            stored |= {"granted": granted, "used": self.state.used(now), "left": self.state.left(now)}
        timeline = [self._row(*entry) for entry in self._about(opened.obligation_id)]
        return explain(stored, timeline, RULEBOOK, ledger=self.ledger(now.person_id) if now.unit is not None else [])

    def ledger(self, person_id: UUID | None) -> list[Mapping[str, Any]]:
        """The sessions, corrections and grants of one person, as the case's history keeps them."""
        return [
            {
                "fact": event.fact,
                "occurred_on": event.occurred_on,
                "recorded_at": datetime(told_on.year, told_on.month, told_on.day, 11, tzinfo=UTC),
                "session_on": event.until or event.occurred_on,
                "minutes": event.minutes,
                "sessions": event.attributes.get("sessions"),
                "municipality": event.municipality,
                "fact_id": event.fact_id,
            }
            for event, told_on in self.recorded
            if isinstance(event, FactNoted) and event.person_id == person_id and event.minutes is not None
        ]

    def _about(self, obligation_id: UUID) -> Sequence[tuple[Event, date]]:
        return [(event, on) for event, on in self.recorded if getattr(event, "obligation_id", None) == obligation_id]

    def _row(self, event: Any, told_on: date) -> Mapping[str, Any]:
        rests_on = getattr(event, "rests_on", None)
        noted = next((e for e, _ in self.recorded if isinstance(e, FactNoted) and e.fact_id == rests_on), None)
        return {
            "type": event.type_name(),
            "occurred_on": event.occurred_on,
            "recorded_at": datetime(told_on.year, told_on.month, told_on.day, 11, tzinfo=UTC),
            "due": getattr(event, "due", None),
            "due_before": event.due_before if isinstance(event, ObligationRescheduled) else None,
            "late": getattr(event, "late", None),
            "working_days": getattr(event, "working_days", None),
            "municipality": event.municipality,
            "fact": noted and noted.fact,
            "fact_id": rests_on,
            "fact_occurred_on": noted and noted.occurred_on,
            "fact_recorded_at": None,
        }


def lines(stay: Stay, rule: str, language: Literal["da", "en"] = "da") -> list[str]:
    why = stay.why(rule)
    return (why.explanation_da if language == "da" else why.explanation_en).splitlines()


def happened(stay: Stay, rule: str, language: Literal["da", "en"] = "da") -> list[str]:
    """What became of it, and the state it ended in."""
    return lines(stay, rule, language)[-len(stay.why(rule).steps) - 1 :]

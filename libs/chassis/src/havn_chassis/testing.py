"""Given / when / then for deciders."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from havn_chassis.decider import Decider, Refused
from havn_events.event import Event

C = TypeVar("C")
S = TypeVar("S")


@dataclass(frozen=True)
class Outcome:
    """What a command led to: events, or a refusal."""

    events: list[Event] | None
    refusal: Refused | None

    def then(self, expected: Sequence[Event]) -> None:
        """Exactly these events."""
        assert self.refusal is None, f"refused: {self.refusal}"
        assert self.events == list(expected)

    def then_nothing(self) -> None:
        """Nothing to do."""
        self.then([])

    def refused(self, rule: str) -> None:
        """Refused under that rule."""
        assert self.refusal is not None, f"not refused but: {self.events}"
        assert self.refusal.rule == rule


@dataclass(frozen=True)
class Given(Generic[C, S]):
    """A stream's past."""

    decider: Decider[C, S]
    history: Sequence[Event]

    def when(self, command: C) -> Outcome:
        """Decide the command on the folded past."""
        try:
            return Outcome(list(self.decider.decide(command, self.decider.fold(self.history))), None)
        except Refused as refusal:
            return Outcome(None, refusal)


def given(decider: Decider[Any, Any], history: Sequence[Event] = ()) -> Given[Any, Any]:
    """The past of one stream."""
    return Given(decider, history)

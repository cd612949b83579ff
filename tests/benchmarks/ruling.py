"""What the rules cost: deciding the lifecycle of a stay beside folding what was decided."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from havn_events import Recorded
from havn_events.event import Event
from havn_standards import Rulebook, is_working_day
from orchestrator.domain.case import CASE, Case, TakeFact
from orchestrator.domain.fact import ECHOES, fact_of
from orchestrator.reactions import opening_of
from tests.benchmarks.figures import Figure, Outcome, figure, rate, side_by_side
from tests.benchmarks.lives import lives
from tests.benchmarks.rig import Rig
from tests.benchmarks.stays import stay_events


@dataclass(frozen=True)
class Told:
    """One stay's facts as commands, and the events that the rules made of them."""

    commands: Sequence[TakeFact]
    decided: Sequence[Event]


def measure(rig: Rig) -> Outcome:
    """Timed: each fact of stays decided under its standard and evolved into the case, no database. Facts a second.

    Floor: the bare fold of the events that came of them, with no rule looked at; the same facts a second. Once over whole lives of
    stays, and once over intake's part of them alone, in which nearly every fact opens duties.
    """
    rulebook = Rulebook.load()
    whole, part = _stays(rulebook, lives(rig.some(160))), _stays(rulebook, stay_events(rig.some(10_000)))
    is_working_day(whole[0].commands[0].today)
    return Outcome(
        (
            _rules_beside_the_fold(rig, "rules applied to the facts of stays", whole),
            _rules_beside_the_fold(rig, "rules applied to intake's facts alone", part),
        )
    )


def _rules_beside_the_fold(rig: Rig, what: str, stays: Sequence[Told]) -> Figure:
    facts = sum(len(stay.commands) for stay in stays)

    def decide() -> int:
        for stay in stays:
            _decide(stay.commands)
        return facts

    def fold() -> int:
        for stay in stays:
            CASE.fold(stay.decided)
        return facts

    pairs = side_by_side(rig.rounds, lambda: rate(decide), lambda: rate(fold))
    return figure(what, "bare fold of what they lead to", "facts/s", pairs, 0.3)


def _stays(rulebook: Rulebook, events: Sequence[Recorded]) -> list[Told]:
    by_case: dict[UUID, list[Recorded]] = defaultdict(list)
    for recorded in events:
        if type(recorded.event) not in ECHOES:
            by_case[recorded.case_id].append(recorded)
    commands = [[_command(rulebook, recorded) for recorded in case] for case in by_case.values()]
    return [Told(told, _decide(told)) for told in commands]


def _command(rulebook: Rulebook, recorded: Recorded) -> TakeFact:
    event = recorded.event
    return TakeFact(recorded.case_id, fact_of(event, recorded.id), opening_of(event), rulebook, event.occurred_on)


def _decide(commands: Sequence[TakeFact]) -> list[Event]:
    state: Case = CASE.initial
    decided: list[Event] = []
    for command in commands:
        events = CASE.decide(command, state)
        state = CASE.fold(events, state)
        decided += events
    return decided

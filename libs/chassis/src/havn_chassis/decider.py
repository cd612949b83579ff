"""The shape of a decider, and the words in which it refuses. Pure: a domain module may import this and the events, nothing else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Generic, Literal, TypeVar, cast
from uuid import NAMESPACE_URL, UUID, uuid5

from havn_events.event import Event

C = TypeVar("C")
S = TypeVar("S")

Kind = Literal["absent", "conflict", "invalid"]


class Refused(Exception):
    """A command that may not happen.

    ``rule``: a stable kebab-case name of the rule, published as the problem's type. ``detail``: what was wrong, which rule, what to
    do; never the value that was sent. ``field``: the field of the request it is about. ``kind``: ``absent`` (there is no such
    thing: 404), ``conflict`` (not in this state: 409) or ``invalid`` (a value that can never be right: 422).
    """

    def __init__(self, rule: str, detail: str, *, field: str | None = None, kind: Kind = "conflict") -> None:
        super().__init__(rule)
        self.rule = rule
        self.detail = detail
        self.field = field
        self.kind: Kind = kind


def not_before_admission(occurred_on: date, admitted_on: date | None) -> None:
    """Raises Refused for a report of a day before the stay began. ``None``: when it began is not known here yet."""
    if admitted_on is not None and occurred_on < admitted_on:
        raise Refused(
            "before-admission",
            "This day is before her admission; give the day it happened, or have the day of admission corrected first.",
            field="occurred_on",
        )


def changed(state: S, **fields: object) -> S:
    """The state, a dataclass without slots, with these fields changed. Raises TypeError for a field that it does not have.

    ``dataclasses.replace`` for large states: it does not go through every field, and a replay is full of it.
    """
    copy = object.__new__(type(state))
    copy.__dict__.update(state.__dict__, **fields)
    if len(copy.__dict__) != len(state.__dict__):
        raise TypeError(f"{type(state).__name__} has no such field")
    return copy


@lru_cache(maxsize=8192)
def _stream_id(name: str, ids: tuple[UUID, ...]) -> UUID:
    return uuid5(NAMESPACE_URL, f"havn:{name}:" + ":".join(str(i) for i in ids))


class Decided(list[Event], Generic[S]):
    """Events decided on the state ``before``, and the state ``after`` them, from a decider that folds as it decides."""

    def __init__(self, before: S) -> None:
        super().__init__()
        self.before = before
        self.after = before


@dataclass(frozen=True)
class Decider(Generic[C, S]):
    """One kind of stream: ``decide(command, state) -> events`` and ``evolve(state, event) -> state``.

    ``decide`` raises Refused, or returns no events when there is nothing to do. ``name`` is part of every stream's id.
    """

    name: str
    initial: S
    decide: Callable[[C, S], Sequence[Event]]
    evolve: Callable[[S, Event], S]

    def stream_id(self, *ids: UUID) -> UUID:
        """The id of the stream about these things; two kinds of stream about the same thing never share one."""
        return _stream_id(self.name, ids)

    def fold(self, events: Sequence[Event], state: S | None = None) -> S:
        """The state after these events. What was folded while it was decided, on this very state, is not folded again."""
        folded = self.initial if state is None else state
        if isinstance(events, Decided) and events.before is folded:
            return cast(S, events.after)
        for event in events:
            folded = self.evolve(folded, event)
        return folded

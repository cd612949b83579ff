"""What a benchmark answers, and how two things are measured side by side on a machine that is never quiet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True)
class Figure:
    """One row of the table.

    ``measured`` and ``floor`` are medians in ``unit``; ``ratio`` is the median of the rounds' own ratios, given in ``ratios``.
    ``reach``: what the ratio is to reach, at least, or at most where ``at_most``.
    """

    what: str
    beside: str
    unit: str
    measured: float
    floor: float
    ratio: float
    reach: float
    at_most: bool
    ratios: tuple[float, ...]

    @property
    def reached(self) -> bool:
        """Whether the ratio is where it should be."""
        return self.ratio <= self.reach if self.at_most else self.ratio >= self.reach


@dataclass(frozen=True)
class Memory:
    """A process's resident memory in MB, and what it should stay below; ``None`` where it is only told."""

    process: str
    rss_mb: float
    below_mb: float | None


@dataclass(frozen=True)
class Outcome:
    """What one benchmark found."""

    figures: tuple[Figure, ...] = ()
    memory: tuple[Memory, ...] = ()


@dataclass(frozen=True)
class Pair:
    """Two figures of one round, in the same unit."""

    measured: float
    floor: float


def side_by_side(rounds: int, measured: Callable[[], float], floor: Callable[[], float]) -> list[Pair]:
    """Both in turn, A B A B, after one unmeasured round that warms caches and connections."""
    measured()
    floor()
    return [Pair(measured(), floor()) for _ in range(rounds)]


def figure(what: str, beside: str, unit: str, pairs: Sequence[Pair], reach: float, *, at_most: bool = False) -> Figure:
    """The row that these rounds make."""
    ratios = tuple(pair.measured / pair.floor for pair in pairs)
    return Figure(
        what=what,
        beside=beside,
        unit=unit,
        measured=median(pair.measured for pair in pairs),
        floor=median(pair.floor for pair in pairs),
        ratio=median(ratios),
        reach=reach,
        at_most=at_most,
        ratios=ratios,
    )


def rate(work: Callable[[], int]) -> float:
    """How many a second: ``work`` answers how many it did."""
    begun = perf_counter()
    done = work()
    return done / (perf_counter() - begun)

"""The benchmarks' rig works: the shorter of them run with little to do, and what they measure is thrown away."""

from collections.abc import Iterator

import pytest

from tests.benchmarks.__main__ import BENCHMARKS
from tests.benchmarks.rig import Rig, rigged

SHORT = ("apply", "relay", "admission", "notice", "rules", "token")


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with rigged(share=200, rounds=1) as found:
        yield found


@pytest.mark.parametrize("name", SHORT)
def test_a_benchmark_finds_something_to_measure_and_something_beside_it(rig: Rig, name: str) -> None:
    outcome = BENCHMARKS[name](rig)

    assert outcome.figures
    assert all(figure.measured != 0 and figure.floor > 0 for figure in outcome.figures)

"""``python -m tests.mutation [package ...]``: run the fast tests against every mutant and print the score.

Each mutant is tried first with the changed function put in place of the original, against the tests that ran its lines; where
what is changed runs at import, with everything imported anew, against all fast tests of the package. A survivor must
be explained in ``explained.toml``, else the run fails.
"""

import random
import time
import tomllib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from os.path import relpath
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.trial import KILLED, SURVIVED, TIMEOUT, verdicts_of

ROOT = Path(__file__).parents[2]
EXPLAINED = Path(__file__).with_name("explained.toml")
SERVICES = ("intake", "notification", "psychology", "coordinating-advice", "aftercare", "orchestrator")


@dataclass(frozen=True)
class Package:
    """What is changed, and the tests that must notice."""

    name: str
    source: Path
    tests: Path

    def mutants(self) -> list[Mutant]:
        """All of them, file by file."""
        top = next(parent for parent in self.source.parents if parent.name == "src")
        return [
            mutant
            for path in sorted(self.source.rglob("*.py"))
            if path.name != "__init__.py"
            for mutant in mutants_of(path, ".".join(path.relative_to(top).with_suffix("").parts))
        ]


PACKAGES = [Package("libs/standards", ROOT / "libs/standards/src/havn_standards", ROOT / "tests/unit/standards")] + [
    Package(
        f"services/{name}",
        ROOT / f"services/{name}/src/{name.replace('-', '_')}/domain",
        ROOT / "tests/unit" / name.replace("-", "_"),
    )
    for name in SERVICES
]


@dataclass(frozen=True)
class Score:
    """What became of the mutants of one package."""

    package: str
    drawn: str
    verdicts: dict[str, int]
    survivors: Sequence[Mutant]
    unexplained: frozenset[str]
    stale: Sequence[str]
    seconds: float

    @property
    def holds(self) -> bool:
        """Every survivor is explained and every explanation fits a survivor."""
        return not self.unexplained and not self.stale

    def lines(self) -> list[str]:
        """For people to read: the score, then each survivor."""
        counts, tried = Counter(self.verdicts.values()), len(self.verdicts)
        return [
            f"{self.package}: {tried} mutants{self.drawn}, {counts[KILLED]} killed, {counts[SURVIVED]} survived "
            f"({counts[SURVIVED] - len(self.unexplained)} of them explained), {counts[TIMEOUT]} timeouts; "
            f"{100 * (tried - counts[SURVIVED]) / max(tried, 1):.1f} % noticed, in {self.seconds:.0f} s",
            *(
                f"  {'SURVIVED' if m.name in self.unexplained else 'explained'} {relpath(m.path)}:{m.line} {m.name}"
                for m in self.survivors
            ),
            *(f"  STALE explanation, no such survivor: {name}" for name in self.stale),
        ]


def explanations(path: Path) -> dict[str, str]:
    """Why each named mutant may survive."""
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("accepted", [])
    return {name: entry["reason"] for entry in entries for name in entry["mutants"]}


def score_of(package: Package, explained: dict[str, str], sample: int | None, seed: int) -> Score:
    """Try the mutants of one package, in a process of its own."""
    every = package.mutants()
    chosen = every if sample is None else random.Random(seed).sample(every, min(sample, len(every)))
    began = time.monotonic()
    with ProcessPoolExecutor(1, get_context("fork")) as apart:
        verdicts = apart.submit(_verdicts, package, frozenset(mutant.name for mutant in chosen)).result()
    survivors = [mutant for mutant in chosen if verdicts[mutant.name] == SURVIVED]
    names, modules = {mutant.name for mutant in every}, tuple(f"{mutant.module}:" for mutant in every)
    return Score(
        package.name,
        "" if sample is None else f" (a sample of {len(chosen)} of {len(every)}, seed {seed})",
        verdicts,
        survivors,
        frozenset(mutant.name for mutant in survivors) - explained.keys(),
        [n for n in explained if n.startswith(modules) and (n not in names or verdicts.get(n, SURVIVED) != SURVIVED)],
        time.monotonic() - began,
    )


def _verdicts(package: Package, names: frozenset[str]) -> dict[str, int]:
    return verdicts_of([mutant for mutant in package.mutants() if mutant.name in names], package.tests)


def main(
    packages: Annotated[list[str] | None, typer.Argument(help="libs/standards or services/NAME; without any, all of them.")] = None,
    sample: Annotated[int | None, typer.Option(min=1, help="Only so many mutants of each package, drawn by the seed.")] = None,
    seed: Annotated[int, typer.Option(help="The seed of the draw.")] = 0,
) -> None:
    """Run the fast tests against every mutant. Fails when a survivor is not explained, or an explanation fits no survivor."""
    console = Console(soft_wrap=True, highlight=False, markup=False)
    known = {package.name: package for package in PACKAGES}
    if unknown := set(packages or known) - known.keys():
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: the packages are {', '.join(known)}")
    scores = []
    for name in packages or known:
        scores.append(score_of(known[name], explanations(EXPLAINED), sample, seed))
        for line in scores[-1].lines():
            console.print(line)
    raise typer.Exit(int(not all(score.holds for score in scores)))


if __name__ == "__main__":
    typer.run(main)

"""``python -m tests.mutation [package ...]``: run the fast tests against every mutant and print the score.

Each mutant is tried in a process of its own: first with the changed function put in place of the original, against the tests
that ran its line; where these stay green, or what is changed runs at import, with everything imported anew, against all fast
tests of the package. A survivor must be explained in ``explained.toml``, else the run fails.
"""

import ast
import gc
import importlib.abc
import importlib.util
import inspect
import os
import random
import select
import signal
import sys
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import _lru_cache_wrapper
from pathlib import Path
from types import CodeType, FunctionType
from typing import Annotated, Any

import coverage
import pytest
import typer
from _pytest.runner import runtestprotocol
from hypothesis import settings
from rich.console import Console

from tests.mutation.mutants import Mutant, mutants_of

ROOT = Path(__file__).parents[2]
EXPLAINED = Path(__file__).with_name("explained.toml")
OURS = ("havn_", "intake", "notification", "psychology", "coordinating_advice", "aftercare", "orchestrator", "tests.unit")
SERVICES = ("intake", "notification", "psychology", "coordinating-advice", "aftercare", "orchestrator")
SOURCES = {"libs/standards": ROOT / "libs/standards/src/havn_standards"} | {
    f"services/{name}": ROOT / f"services/{name}/src/{name.replace('-', '_')}/domain" for name in SERVICES
}
QUICK_SECONDS, ANEW_SECONDS = 20, 60
KILLED, SURVIVED, TIMEOUT, BROKEN = 1, 0, 2, 3
PYTEST = ("-p", "no:cacheprovider", "-p", "no:xdist", "-W", "ignore::pytest.PytestAssertRewriteWarning")


@dataclass
class Trial:
    """Runs within one pytest session: which test covers which line, then every mutant."""

    mutants: Sequence[Mutant]
    tests: str
    verdicts: dict[str, int] = field(default_factory=dict)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of pytest's own loop."""
        measured = coverage.Coverage(data_file=None, source=[str(m.path.parent) for m in self.mutants])
        took: dict[str, float] = {}
        measured.start()
        for position, item in enumerate(session.items):
            measured.switch_context(item.nodeid)
            began = time.monotonic()
            if not _passes(item, session.items[position + 1 : position + 2]):
                raise pytest.UsageError(f"{item.nodeid} fails without any mutant")
            took[item.nodeid] = time.monotonic() - began
        measured.stop()
        for mutant in {m.path: m for m in self.mutants}.values():
            unchanged = replace(mutant, tree=ast.parse(mutant.path.read_text(encoding="utf-8")))
            if _in_child(lambda same=unchanged: _fails_anew(same, self.tests), ANEW_SECONDS):  # type: ignore[misc]
                raise pytest.UsageError(f"the tests fail when {mutant.module} is imported anew without any change")
        lines = {m.path: measured.get_data().contexts_by_lineno(str(m.path)) for m in self.mutants}
        items = {item.nodeid: item for item in session.items}
        for mutant in self.mutants:
            covering = sorted({test for test in lines[mutant.path].get(mutant.line, []) if test in took}, key=took.__getitem__)
            self.verdicts[mutant.name] = self._try(mutant, [items[test] for test in covering])
        return True

    def _try(self, mutant: Mutant, covering: Sequence[pytest.Item]) -> int:
        verdict = SURVIVED
        if covering and mutant.function is not None:
            verdict = _in_child(lambda: _put_in_place(mutant) and not _all_pass(covering), QUICK_SECONDS)
        return verdict or _in_child(lambda: _fails_anew(mutant, self.tests), ANEW_SECONDS)


def _passes(item: pytest.Item, following: Sequence[pytest.Item]) -> bool:
    reports = runtestprotocol(item, log=False, nextitem=following[0] if following else None)
    return not any(report.failed for report in reports)


def _all_pass(items: Sequence[pytest.Item]) -> bool:
    return all(_passes(item, items[position + 1 : position + 2]) for position, item in enumerate(items))


def _in_child(fails: Callable[[], bool], seconds: float) -> int:
    """Whether a test fails, found in a copy of this process that is ended after so many seconds."""
    child = os.fork()
    if child == 0:
        silent = os.open(os.devnull, os.O_RDWR)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        try:
            verdict = KILLED if fails() else SURVIVED
        except BaseException:
            verdict = BROKEN
        os._exit(verdict)
    watched = os.pidfd_open(child)
    ended = select.select([watched], [], [], seconds)[0]
    os.close(watched)
    if not ended:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not ended:
        return TIMEOUT
    if (verdict := os.waitstatus_to_exitcode(status)) not in (KILLED, SURVIVED):
        raise pytest.UsageError("a mutant could not be tried")
    return verdict


def _put_in_place(mutant: Mutant) -> bool:
    """Give the function its changed code, and forget what it answered before; False where it is not found."""
    new = _code_of(compile(mutant.tree, str(mutant.path), "exec"), mutant.function)
    functions = [
        found
        for found in gc.get_objects()
        if isinstance(found, FunctionType)
        and found.__code__.co_qualname == mutant.function
        and Path(found.__code__.co_filename) == mutant.path
    ]
    for function in functions:
        function.__code__ = new
    for cache in [found for found in gc.get_objects() if isinstance(found, _lru_cache_wrapper)]:
        if inspect.unwrap(cache).__module__.startswith(OURS):
            cache.cache_clear()
    return bool(functions)


def _code_of(code: CodeType, qualified: str | None) -> CodeType:
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    for found in inner:
        if found.co_qualname == qualified:
            return found
        if str(qualified).startswith(f"{found.co_qualname}."):
            return _code_of(found, qualified)
    raise LookupError(qualified)


def _fails_anew(mutant: Mutant, tests: str) -> bool:
    """Import everything of ours again with the mutant, and run all fast tests of the package."""
    for name in [name for name in sys.modules if name.startswith(OURS)]:
        del sys.modules[name]
    sys.meta_path.insert(0, _Finder(mutant))
    return bool(pytest.main([tests, "-x", "-q", *PYTEST]))


@dataclass
class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    mutant: Mutant

    def find_spec(self, fullname: str, path: object, target: object = None) -> Any:
        """Only the module that is changed."""
        if fullname != self.mutant.module:
            return None
        return importlib.util.spec_from_file_location(
            fullname,
            self.mutant.path,
            loader=self,
            submodule_search_locations=[str(self.mutant.path.parent)] if self.mutant.path.name == "__init__.py" else None,
        )

    def exec_module(self, module: Any) -> None:
        """Run the changed source."""
        exec(compile(self.mutant.tree, str(self.mutant.path), "exec"), module.__dict__)


def _mutants(folder: Path) -> list[Mutant]:
    source = next(parent for parent in folder.parents if parent.name == "src")
    found = []
    for path in sorted(folder.rglob("*.py")):
        if path.name != "__init__.py":
            found += mutants_of(path, ".".join(path.relative_to(source).with_suffix("").parts))
    return found


def _explained() -> dict[str, str]:
    entries = tomllib.loads(EXPLAINED.read_text(encoding="utf-8")).get("accepted", [])
    return {name: entry["reason"] for entry in entries for name in entry["mutants"]}


def _try_all(package: str, mutants: Sequence[Mutant]) -> dict[str, int]:
    tests = ROOT / "tests" / "unit" / package.split("/")[1].replace("-", "_")
    trial = Trial(mutants, str(tests))
    code = pytest.main([str(tests), "-q", "-s", "--no-header", "--no-summary", *PYTEST], [trial])
    if len(trial.verdicts) != len(mutants):
        raise typer.Exit(int(code) or 1)
    return trial.verdicts


def main(
    packages: Annotated[list[str] | None, typer.Argument(help="libs/standards or services/NAME; without any, all of them.")] = None,
    sample: Annotated[int | None, typer.Option(min=1, help="Only so many mutants of each package, drawn by the seed.")] = None,
    seed: Annotated[int, typer.Option(help="The seed of the draw.")] = 0,
) -> None:
    """Run the fast tests against every mutant. Fails when a survivor is not explained, or an explanation fits no survivor."""
    console = Console(soft_wrap=True, highlight=False, markup=False)
    settings.register_profile("mutants", derandomize=True, database=None)
    settings.load_profile("mutants")
    explained, failed = _explained(), False
    for package in packages or SOURCES:
        if package not in SOURCES:
            raise typer.BadParameter(f"the packages are {', '.join(SOURCES)}")
        every = _mutants(SOURCES[package])
        chosen = every if sample is None else random.Random(seed).sample(every, min(sample, len(every)))
        began = time.monotonic()
        verdicts = _try_all(package, chosen)
        counts = Counter(verdicts.values())
        survivors = [m for m in chosen if verdicts[m.name] == SURVIVED]
        stale = [n for n in explained if verdicts.get(n, SURVIVED) != SURVIVED] + (
            [n for n in explained if n.startswith(tuple({m.module for m in every})) and n not in {m.name for m in every}]
        )
        new = [m for m in survivors if m.name not in explained]
        drawn = "" if sample is None else f" (a sample of {len(chosen)} of {len(every)}, seed {seed})"
        console.print(
            f"{package}: {len(chosen)} mutants{drawn}, {counts[KILLED]} killed, {counts[SURVIVED]} survived "
            f"({len(survivors) - len(new)} of them explained), {counts[TIMEOUT]} timeouts; "
            f"{100 * (counts[KILLED] + counts[TIMEOUT]) / len(chosen):.1f} % noticed, in {time.monotonic() - began:.0f} s"
        )
        by_file = defaultdict(list)
        for mutant in survivors:
            by_file[mutant.path].append(mutant)
        for path, found in by_file.items():
            for mutant in found:
                mark = "explained" if mutant.name in explained else "SURVIVED"
                console.print(f"  {mark} {path.relative_to(ROOT)}:{mutant.line} {mutant.name}")
        for name in stale:
            console.print(f"  STALE explanation, no such survivor: {name}")
        failed = failed or bool(new or stale)
    raise typer.Exit(int(failed))


if __name__ == "__main__":
    typer.run(main)

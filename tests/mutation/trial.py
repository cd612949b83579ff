"""Trying mutants: each in a process of its own, a copy of one in which everything is imported and all tests have run once."""

import ast
import gc
import importlib.abc
import importlib.util
import inspect
import os
import resource
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import _lru_cache_wrapper, partial
from math import ceil
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import coverage
import pytest
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, settings

from tests.mutation.mutants import Mutant

OURS = ("havn_", "intake", "notification", "psychology", "coordinating_advice", "aftercare", "orchestrator", "tests.unit")
BELOW = ("havn_events", "havn_chassis")
"""What imports nothing that is changed, and need not be imported anew."""

LEAST_SECONDS, TIMES_AS_LONG = 2, 5
SURVIVED, KILLED, TIMEOUT, UNDECIDED, BROKEN = range(5)
_OUTSIDE_TESTS = ""
"""What coverage calls the time before the first test: imports, and tables that tests are made from."""

PYTEST = ("-q", "-m", "not timed", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "ignore::pytest.PytestAssertRewriteWarning")


def verdicts_of(mutants: Sequence[Mutant], tests: Path) -> dict[str, int]:
    """Whether each mutant, by name, is noticed by the tests of a folder. ``RuntimeError`` where they do not pass by themselves."""
    settings.register_profile("mutants", derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    settings.load_profile("mutants")
    measured = coverage.Coverage(data_file=None, source=[str(mutant.path.parent) for mutant in mutants])
    trial = _Trial(mutants, str(tests), measured)
    measured.start()
    code = pytest.main([str(tests), "-s", "--no-header", "--no-summary", *PYTEST], [trial])
    if len(trial.verdicts) != len(mutants):
        raise RuntimeError(f"The mutants were not tried; pytest ended with {code!s}.")
    return trial.verdicts


@dataclass
class _Trial:
    """Runs within one pytest session: which test covers which line, then every mutant."""

    mutants: Sequence[Mutant]
    tests: str
    measured: coverage.Coverage
    verdicts: dict[str, int] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)
    seconds_anew: dict[str, float] = field(default_factory=dict)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of pytest's own loop."""
        lines = self._lines(session.items)
        items = {item.nodeid: item for item in session.items}
        places = _Places()
        gc.collect()
        gc.freeze()
        for mutant in self.mutants:
            ran = {test for line in range(mutant.line, mutant.end_line + 1) for test in lines[mutant.path].get(line, ())}
            tests = [(items[test], self.took[test]) for test in sorted(ran & self.took.keys(), key=self.took.__getitem__)]
            verdict = UNDECIDED
            if tests and mutant.function is not None:
                verdict = _in_child(mutant.name, partial(places.try_in_place, mutant, tests))
            if verdict == UNDECIDED or (verdict == SURVIVED and (_OUTSIDE_TESTS in ran or _is_decorated(mutant))):
                verdict = self._anew(mutant)
            self.verdicts[mutant.name] = verdict
        return True

    def _anew(self, mutant: Mutant) -> int:
        """With everything imported anew, once it is known that the tests pass like that without any change."""
        if mutant.module not in self.seconds_anew:
            began = os.times().children_user
            if _in_child(mutant.module, lambda: _anew(mutant, mutant.tree, self.tests, 60)) != SURVIVED:
                raise pytest.UsageError(f"the tests fail when {mutant.module} is imported anew without any change")
            self.seconds_anew[mutant.module] = os.times().children_user - began
        return _in_child(mutant.name, lambda: _anew(mutant, mutant.made(), self.tests, self.seconds_anew[mutant.module]))

    def _lines(self, items: Sequence[pytest.Item]) -> dict[Path, dict[int, list[str]]]:
        """Which test ran which line of which file, each without answers that are kept from the one before."""
        caches = _caches()
        for position, item in enumerate(items):
            self.measured.switch_context(item.nodeid)
            began = time.process_time()
            for cache in caches:
                cache.cache_clear()
            if not _passes(item, items[position + 1 : position + 2]):
                raise pytest.UsageError(f"{item.nodeid} fails without any mutant")
            self.took[item.nodeid] = time.process_time() - began
        self.measured.stop()
        return {path: self.measured.get_data().contexts_by_lineno(str(path)) for path in {m.path for m in self.mutants}}


def _passes(item: pytest.Item, following: Sequence[pytest.Item]) -> bool:
    reports = runtestprotocol(item, log=False, nextitem=following[0] if following else None)
    return not any(report.failed for report in reports)


def _all_pass(tests: Sequence[tuple[pytest.Item, float]]) -> bool:
    """Each within the time it may take, given how long it took without any mutant."""
    for position, (item, seconds) in enumerate(tests):
        _allow(seconds)
        if not _passes(item, [following for following, _ in tests[position + 1 : position + 2]]):
            return False
    return True


def _allow(seconds: float) -> None:
    """Have this process ended when it uses much more of the processor than that from here on: other work does not count."""
    ends = ceil(time.process_time() + LEAST_SECONDS + TIMES_AS_LONG * seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (ends, resource.RLIM_INFINITY))


def _in_child(what: str, tried: Callable[[], int]) -> int:
    """The verdict, found in a copy of this process."""
    child = os.fork()
    if child == 0:
        silent = os.open(os.devnull, os.O_RDWR)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        verdict = BROKEN
        try:
            verdict = tried()
        finally:
            os._exit(verdict)
    _, status = os.waitpid(child, 0)
    ended = os.waitstatus_to_exitcode(status)
    if ended == -signal.SIGXCPU:
        return TIMEOUT
    if ended not in (SURVIVED, KILLED, UNDECIDED):
        raise pytest.UsageError(f"{what} could not be tried: its process ended with {ended}")
    return ended


def _caches() -> list[Any]:
    found = [known for known in gc.get_objects() if isinstance(known, _lru_cache_wrapper)]
    return [cache for cache in found if inspect.unwrap(cache).__module__.startswith(OURS)]


class _Places:
    """Every function there is, by file and name, and what remembers answers."""

    def __init__(self) -> None:
        self.caches = _caches()
        self.functions: dict[tuple[str, str], list[FunctionType]] = defaultdict(list)
        for function in gc.get_objects():
            if isinstance(function, FunctionType):
                self.functions[function.__code__.co_filename, function.__code__.co_qualname].append(function)

    def try_in_place(self, mutant: Mutant, tests: Sequence[tuple[pytest.Item, float]]) -> int:
        """Give the function its changed code, forget what was answered before, and run these tests."""
        assert mutant.function is not None
        functions = self.functions[str(mutant.path), mutant.function]
        new = _code_of(compile(mutant.made(), str(mutant.path), "exec"), mutant.function)
        if not functions or any(len(function.__code__.co_freevars) != len(new.co_freevars) for function in functions):
            return UNDECIDED
        for function in functions:
            function.__code__ = new
        for cache in self.caches:
            cache.cache_clear()
        return SURVIVED if _all_pass(tests) else KILLED


def _code_of(code: CodeType, qualified: str) -> CodeType:
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    for found in inner:
        if found.co_qualname == qualified:
            return found
        if qualified.startswith(f"{found.co_qualname}."):
            return _code_of(found, qualified)
    raise LookupError(qualified)


def _is_decorated(mutant: Mutant) -> bool:
    """Whether an answer of the function may be kept where it cannot be made to forget it, as by a cached property."""
    name = str(mutant.function).rpartition(".")[2]
    functions = [node for node in ast.walk(mutant.tree) if isinstance(node, ast.FunctionDef) and node.name == name]
    return any(node.decorator_list for node in functions)


def _anew(mutant: Mutant, tree: ast.Module, tests: str, seconds: float) -> int:
    """Import everything that may use the module again, with this for its source, and run all tests of the folder."""
    _allow(seconds)
    for name, module in list(sys.modules.items()):
        if (name.startswith(OURS) and not name.startswith(BELOW)) or str(getattr(module, "__file__", "")).startswith(tests):
            del sys.modules[name]
    sys.meta_path.insert(0, _Finder(mutant.module, mutant.path, tree))
    return KILLED if pytest.main([tests, "-x", *PYTEST]) else SURVIVED


@dataclass
class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    module: str
    path: Path
    tree: ast.Module

    def find_spec(self, fullname: str, path: object, target: object = None) -> Any:
        """Only the module that is changed."""
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self) if fullname == self.module else None

    def exec_module(self, module: Any) -> None:
        """Run the changed source."""
        exec(compile(self.tree, str(self.path), "exec"), module.__dict__)

"""House rules that can be read off the source. Each is a function from source to the violations in it, and each is shown one."""

import ast
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EVERYTHING = ("libs/*/src/**/*.py", "services/*/src/**/*.py")
PURE = ("services/*/src/*/domain/**/*.py", "libs/standards/src/**/*.py")

Rule = Callable[[ast.Module], Iterable[tuple[int, str]]]


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


# The rules


CLOCKS = {"now", "utcnow", "today", "fromtimestamp"}
CLOCK_AND_DICE = {"time", "random", "secrets"}
RANDOM_IDS = {"uuid1", "uuid4"}


def clocks_and_chance(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Time comes in as data and ids come in from outside: a domain asks no clock and throws no dice."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, n.name) for n in names if n.name.split(".")[0] in CLOCK_AND_DICE)
            case ast.ImportFrom(module=str(module), names=names):
                taken = [f"{module}.{n.name}" for n in names if module in CLOCK_AND_DICE or n.name in RANDOM_IDS]
                yield from ((node.lineno, name) for name in taken)
            case ast.Attribute(attr=attr, value=value) if attr in CLOCKS and _last_name(value) in {"date", "datetime"}:
                yield node.lineno, f"{_last_name(value)}.{attr}"
            case ast.Call(func=ast.Attribute(attr=attr), args=[], keywords=[]) if attr in CLOCKS:
                yield node.lineno, f"{attr}()"
            case ast.Attribute(attr=attr) if attr in RANDOM_IDS:
                yield node.lineno, attr


def prints(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """What a service says, it says in its log."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="print")):
                yield node.lineno, "print"


BROAD = {"", "Exception", "BaseException"}


def swallowed_errors(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Whoever catches everything raises it again or says what it was; whoever catches one thing does something about it."""
    for node in ast.walk(tree):
        match node:
            case ast.ExceptHandler():
                caught = {_last_name(each) for each in _caught(node)} or {""}
                if caught & BROAD and not _raised_or_used(node):
                    yield node.lineno, "catches everything and says nothing"
                elif all(_does_nothing(statement) for statement in node.body):
                    yield node.lineno, "catches and does nothing"
            case ast.Call(func=func, args=args) if _last_name(func) == "suppress" and {_last_name(a) for a in args} & BROAD:
                yield node.lineno, "suppresses everything"


def _caught(handler: ast.ExceptHandler) -> list[ast.expr]:
    match handler.type:
        case None:
            return []
        case ast.Tuple(elts=elements):
            return elements
        case one:
            return [one]


def _raised_or_used(handler: ast.ExceptHandler) -> bool:
    inside = [node for statement in handler.body for node in ast.walk(statement)]
    return any(isinstance(node, ast.Raise) or (isinstance(node, ast.Name) and node.id == handler.name) for node in inside)


def _does_nothing(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Pass) or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))


def undocumented(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every module, and every public class and function of it, says what it means."""
    if not ast.get_docstring(tree):
        yield 1, "the module"
    for node in tree.body:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if not name.startswith("_") and not ast.get_docstring(node):
                    yield node.lineno, name


STANDARDS_OF_THEIR_OWN = {
    file.stem for file in (ROOT / "libs/standards/src/havn_standards/data").glob("*.toml") if file.stem != "serviceloven"
}


def standards_by_name(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """What one standard says differently is data: the next one is another file, and no other code."""
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if text in STANDARDS_OF_THEIR_OWN:
                yield node.lineno, text


def waits_for_silence(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every connection to PostgreSQL has what notices a server or a road that falls silent."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="connect", value=value), keywords=keywords) if _last_name(value) in CONNECTING:
                unpacked = [each.value for each in keywords if each.arg is None]
                if not any(isinstance(each, ast.Call) and _last_name(each.func) == "parameters" for each in unpacked):
                    yield node.lineno, "connects without parameters()"


CONNECTING = {"psycopg", "Connection", "AsyncConnection"}


# The house


def sources(patterns: Iterable[str]) -> list[Path]:
    return sorted({file for pattern in patterns for file in ROOT.glob(pattern)})


def violations(rule: Rule, files: Iterable[Path]) -> list[str]:
    return [
        f"{file.relative_to(ROOT)}:{line} {what}"
        for file in files
        for line, what in rule(ast.parse(file.read_text(encoding="utf-8")))
    ]


@pytest.mark.parametrize("service", ["intake", "notification", "psychology", "coordinating-advice", "aftercare", "orchestrator"])
def test_the_rules_read_the_domain_of_every_service(service: str) -> None:
    module = service.replace("-", "_")

    assert [file for file in sources(PURE) if file.is_relative_to(ROOT / "services" / service / "src" / module / "domain")]
    assert ROOT / "services" / service / "src" / module / "api.py" in sources(EVERYTHING)


def test_domains_and_standards_ask_no_clock_and_throw_no_dice() -> None:
    assert violations(clocks_and_chance, sources(PURE)) == []


def test_nothing_prints() -> None:
    assert violations(prints, sources(EVERYTHING)) == []


def test_no_error_is_swallowed() -> None:
    assert violations(swallowed_errors, sources(EVERYTHING)) == []


def test_no_code_asks_which_standard_it_is() -> None:
    assert len(STANDARDS_OF_THEIR_OWN) == 4
    assert violations(standards_by_name, sources(EVERYTHING)) == []


def test_every_connection_notices_silence() -> None:
    assert violations(waits_for_silence, sources(EVERYTHING)) == []


def test_everything_public_is_documented() -> None:
    documented = [file for file in sources(EVERYTHING) if file.name != "__main__.py"]

    assert violations(undocumented, documented) == []


# The canaries


CANARIES: list[tuple[Rule, str]] = [
    (clocks_and_chance, "from datetime import date\ndate.today()"),
    (clocks_and_chance, "from datetime import datetime\ndatetime.now()"),
    (clocks_and_chance, "import datetime\ndatetime.datetime.utcnow()"),
    (clocks_and_chance, "import datetime as dt\nfield(default_factory=dt.date.today)"),
    (clocks_and_chance, "def decide(clock): return clock.now()"),
    (clocks_and_chance, "import time"),
    (clocks_and_chance, "from time import monotonic"),
    (clocks_and_chance, "import random"),
    (clocks_and_chance, "from secrets import token_hex"),
    (clocks_and_chance, "from uuid import UUID, uuid4"),
    (clocks_and_chance, "import uuid\nuuid.uuid1()"),
    (prints, "def f():\n    print('here')"),
    (swallowed_errors, "try:\n    f()\nexcept Exception:\n    pass"),
    (swallowed_errors, "try:\n    f()\nexcept:\n    done = True"),
    (swallowed_errors, "try:\n    f()\nexcept (ValueError, Exception):\n    log.info('oh')"),
    (swallowed_errors, "try:\n    f()\nexcept BaseException as error:\n    log.info('oh')"),
    (swallowed_errors, "for x in y:\n    try:\n        f()\n    except Exception:\n        continue"),
    (swallowed_errors, "try:\n    f()\nexcept ValueError:\n    ..."),
    (swallowed_errors, "with contextlib.suppress(Exception):\n    f()"),
    (standards_by_name, 'if standard == "kobenhavn": ...'),
    (standards_by_name, 'ASKING = frozenset({"odense", "lokk"})'),
    (waits_for_silence, "import psycopg\npsycopg.connect(url, autocommit=True)"),
    (waits_for_silence, "from psycopg import AsyncConnection\nAsyncConnection.connect(**given)"),
    (undocumented, "x = 1"),
    (undocumented, '"""A module."""\nclass Bare:\n    x = 1'),
    (undocumented, '"""A module."""\ndef bare(): ...'),
    (undocumented, '"""A module."""\nasync def bare(): ...'),
]

INNOCENT: list[tuple[Rule, str]] = [
    (standards_by_name, 'def f():\n    """As odense has it."""\n    return "serviceloven"'),
    (clocks_and_chance, "def decide(command, draft): return command.today, draft.now(command)"),
    (clocks_and_chance, "from uuid import UUID, uuid5\nfrom datetime import date\ndate.fromisoformat('2024-01-03')"),
    (prints, "def fingerprint(): ...\nconsole.print('here')"),
    (swallowed_errors, "try:\n    f()\nexcept Exception as error:\n    log.error('oh', exc_info=error)"),
    (swallowed_errors, "try:\n    f()\nexcept Exception:\n    undo()\n    raise"),
    (swallowed_errors, "try:\n    f()\nexcept ValueError:\n    return None"),
    (waits_for_silence, "psycopg.AsyncConnection.connect(**parameters(url), autocommit=True)\nbroker.connect()"),
    (undocumented, '"""A module."""\ndef _bare(): ...\ndef told():\n    """What."""\n    def inner(): ...'),
]


@pytest.mark.parametrize(("rule", "source"), CANARIES)
def test_a_rule_finds_what_breaks_it(rule: Rule, source: str) -> None:
    assert list(rule(ast.parse(source)))


@pytest.mark.parametrize(("rule", "source"), INNOCENT)
def test_a_rule_leaves_the_rest_alone(rule: Rule, source: str) -> None:
    assert list(rule(ast.parse(source))) == []

"""What is given on the command line, read and checked."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from havn_cli.faults import Fault
from havn_events.municipalities import MUNICIPALITIES
from havn_standards.rule import ATTRIBUTES, KNOWN_FACTS, Scalar

OwnFiles: TypeAlias = Annotated[
    list[Path] | None,
    typer.Option("--file", envvar="HAVN_STANDARD_FILES", help="A shelter's own standard; may be given more than once."),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="JSON instead of text.")]

_TRUTH = {"true": True, "false": False}


def day(text: str) -> date:
    """A day written year-month-day. Raises Fault."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Fault("This is not a day of the calendar: write it as year-month-day, for example 2023-05-03.") from None


def event(name: str) -> str:
    """The name of an event that standards may name. Raises Fault."""
    if name not in KNOWN_FACTS:
        raise Fault(f"No standard knows an event of this name. They know: {', '.join(sorted(KNOWN_FACTS))}.")
    return name


def municipality(code: str) -> str:
    """A municipality's four digits. Raises Fault."""
    if code not in MUNICIPALITIES:
        raise Fault("No Danish municipality has this code: `havn municipality list` shows all of them.")
    return code


def attributes(given: Iterable[str]) -> Mapping[str, Scalar]:
    """``name=value`` pairs as the attributes of a fact. Raises Fault."""
    read: dict[str, Scalar] = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals:
            raise Fault("An attribute is written name=value, for example anonymous=true.")
        if name in read:
            raise Fault(f"The attribute {name} is given more than once; give it once.")
        read[name] = _value(name, value)
    return read


def _value(name: str, value: str) -> Scalar:
    kind = ATTRIBUTES.get(name)
    if kind is None:
        raise Fault(f"No rule asks about an attribute of this name. Rules ask about: {', '.join(sorted(ATTRIBUTES))}.")
    if isinstance(kind, frozenset):
        if value not in kind:
            raise Fault(f"{name} is one of: {', '.join(sorted(kind))}.")
        return value
    if kind is bool:
        if value not in _TRUTH:
            raise Fault(f"{name} is true or false.")
        return _TRUTH[value]
    if not (value.isascii() and value.isdigit()):
        raise Fault(f"{name} is a whole number.")
    return int(value)

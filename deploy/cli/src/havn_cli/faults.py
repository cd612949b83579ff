"""Faults, told to people: on standard error, with what to do, and exit status 1."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from havn_nats.credentials import NotDone
from havn_standards import CalendarUnknown, StandardInvalid, StandardUnknown

KNOWN_STANDARDS = "`havn standards list` shows every standard and version"


class Fault(Exception):
    """What was wrong and what to do about it; never the value that was given."""


@contextmanager
def told() -> Iterator[None]:
    """Say what was wrong and end with status 1."""
    try:
        yield
    except (Fault, NotDone, StandardInvalid) as error:
        message = str(error)
    except StandardUnknown as error:
        message = _sentence(f"{error}; {KNOWN_STANDARDS}.")
    except CalendarUnknown as error:
        message = _sentence(f"{error}. Ask for an earlier or a later day, so that nothing has to be counted outside these years.")
    else:
        return
    typer.echo(message, err=True)
    raise typer.Exit(1)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]

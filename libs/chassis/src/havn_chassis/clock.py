"""The one clock of a process. Made in ``main.py``; everything else is given instants and days."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


class Clock(Protocol):
    """Tells the present instant, aware, in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FileClock:
    """The instant written in a file (ISO 8601 with offset), so that a demonstration can live through a year in minutes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        instant = datetime.fromisoformat(self._path.read_text().strip())
        if instant.tzinfo is None:
            raise ValueError("the clock file must hold an instant with its offset")
        return instant.astimezone(UTC)


def business_day(instant: datetime) -> date:
    """The day in Europe/Copenhagen that an instant falls on."""
    return instant.astimezone(COPENHAGEN).date()

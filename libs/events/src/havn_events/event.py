"""What every event is: frozen, named, versioned, and known to one registry.

An event's class is the single source of its stored, published and documented shape. A changed shape is a new version with an
upcaster from the one before; a changed meaning is a new name.
"""

import re
from abc import abstractmethod
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


class UnknownEvent(LookupError):
    """The registry holds no event of that name, or none of that version."""


class DuplicateEvent(TypeError):
    """Two classes claim the same event name."""


_WRITTEN_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(value: object) -> object:
    if type(value) is date or (isinstance(value, str) and _WRITTEN_DAY.fullmatch(value)):
        return value
    raise ValueError("a day is written YYYY-MM-DD")


Day = Annotated[date, BeforeValidator(_day)]
"""A business date: a calendar day in Europe/Copenhagen, written YYYY-MM-DD."""

MunicipalityCode = Annotated[str, Field(pattern=r"^0[1-8][0-9]{2}$")]
"""The four digits of a Danish municipality; that it exists is checked where it is taken in."""

Minutes = Annotated[int, Field(strict=True, ge=1, le=24 * 60)]
"""A length of one meeting, in whole minutes."""


class Event(BaseModel):
    """A fact in the past tense.

    ``occurred_on`` is the business date: the day it happened in Europe/Copenhagen, not the day it was recorded.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    owner: ClassVar[str]
    version: ClassVar[int] = 1
    upcasters: ClassVar[dict[int, Upcaster]] = {}

    occurred_on: Day

    @classmethod
    def type_name(cls) -> str:
        """The event's name in the language, for example ``WomanAdmitted``."""
        return cls.__name__

    @property
    @abstractmethod
    def case_id(self) -> UUID:
        """What the event belongs to: events of one case are applied in order and parked together."""

    def __init_subclass__(cls, *, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)

    @classmethod
    def __pydantic_init_subclass__(cls, *, abstract: bool = False, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if not abstract:
            _register(cls)


class StayEvent(Event, abstract=True):
    """A fact about one stay."""

    stay_id: UUID

    @property
    def case_id(self) -> UUID:
        return self.stay_id


class PersonEvent(StayEvent, abstract=True):
    """A fact about one person, the woman or a child, of one stay."""

    person_id: UUID


_REGISTRY: dict[str, type[Event]] = {}


def _register(event: type[Event]) -> None:
    name = event.type_name()
    if name in _REGISTRY:
        raise DuplicateEvent(f"two events are called {name}; choose another name")
    missing = set(range(1, event.version)) - set(event.upcasters)
    if missing:
        raise TypeError(f"{name} is at version {event.version} and cannot be read from {sorted(missing)}")
    _REGISTRY[name] = event


def known_events() -> dict[str, type[Event]]:
    """Every registered event by name, sorted by name."""
    return dict(sorted(_REGISTRY.items()))


def event_class(name: str) -> type[Event]:
    """The class of that name. Raises UnknownEvent."""
    try:
        return _REGISTRY[name]
    except KeyError:
        raise UnknownEvent("no event of that name is known here") from None


def read_event(name: str, version: int, data: dict[str, Any]) -> Event:
    """An event from its stored shape, lifted step by step to the current version.

    Raises UnknownEvent for a name or a (newer) version that this release does not know, and pydantic's ValidationError for a
    shape that is not the event's.
    """
    cls = event_class(name)
    if not 1 <= version <= cls.version:
        raise UnknownEvent(f"{name} is known here up to version {cls.version}; upgrade this service")
    for step in range(version, cls.version):
        data = cls.upcasters[step](data)
    return cls.model_validate(data)

"""What the municipalities of one stay were told so far, and what each owes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from havn_events.codes import NoticeKind


@dataclass(frozen=True)
class Notice:
    """One notice or, ``kind`` None, child notification."""

    municipality: str
    sent_on: date
    kind: NoticeKind | None = None
    acknowledge_by: date | None = None
    acknowledged: bool = False
    escalated: bool = False


@dataclass(frozen=True)
class Child:
    """Where notifications about a child go, since when if that changed, and whether that municipality had its first."""

    municipality: str
    obligation_id: UUID
    moved_on: date | None = None
    first_sent: bool = False


@dataclass(frozen=True)
class Duty:
    """One obligation of a municipality, which was told of it on ``told_on``. ``is_open``: neither met, cancelled nor answered."""

    municipality: str
    rule: str
    due: date | None
    told_on: date
    is_open: bool


@dataclass(frozen=True)
class Notices:
    """All that was told about the stay: case references by municipality code, the rest by their ids."""

    references: Mapping[str, UUID] = field(default_factory=dict)
    notices: Mapping[UUID, Notice] = field(default_factory=dict)
    children: Mapping[UUID, Child] = field(default_factory=dict)
    duties: Mapping[UUID, Duty] = field(default_factory=dict)
    anonymous: bool = False


def concerning(municipality: str, state: Notices) -> object:
    """What concerns this municipality alone: its notices and what it owes."""
    notices = [(known, notice) for known, notice in state.notices.items() if notice.municipality == municipality]
    return notices, [(known, duty) for known, duty in state.duties.items() if duty.municipality == municipality]

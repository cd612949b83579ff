"""The year's tables: counted from what is known of each resident, and as they were published."""

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from havn_embedded.demonstration.year import data_file

PUBLISHED_FILE = "hellerup-2024.toml"
COPENHAGEN = "0101"
IN_HOVEDSTADEN_BESIDES = "0400"
OUT_OF_HOVEDSTADEN = frozenset({"0253", "0259", "0265", "0269"})
LAST_OF_HOVEDSTADEN = "0270"

T = TypeVar("T")
Tables = dict[str, dict[str, float]]


@dataclass(frozen=True)
class ChildStay:
    """One child's stay. ``birth_month`` is YYYY-MM; ``treated``: a session was held while the child lived there."""

    birth_month: str
    arrived_on: date
    left_on: date | None
    destination: str | None
    treated: bool
    notified_further: bool

    @property
    def years(self) -> int:
        """Whole years on arrival, as far as months tell; the published table does not say on which day age is counted."""
        year, month = self.birth_month.split("-")
        return ((self.arrived_on.year - int(year)) * 12 + self.arrived_on.month - int(month)) // 12


@dataclass(frozen=True)
class ResidentStay:
    """One resident's stay. ``treated``: a session was held while she lived there."""

    home_municipality: str
    admitted_on: date
    moved_out_on: date | None
    destination: str | None
    treated: bool
    aftercare_accepted: bool
    children: tuple[ChildStay, ...]

    @property
    def days(self) -> int:
        """Nights from admission to move-out."""
        assert self.moved_out_on is not None
        return (self.moved_out_on - self.admitted_on).days


def published() -> Tables:
    """The published tables."""
    return tomllib.loads(data_file(PUBLISHED_FILE))


def counted(year: int, rooms: int, outcomes: Mapping[str, int], stays: Sequence[ResidentStay]) -> Tables:
    """The same tables over the platform's facts. ``outcomes``: the year's inquiries by what became of them."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    there = [stay for stay in stays if stay.admitted_on <= last and not _over(stay.moved_out_on, first)]
    gone = [stay for stay in there if _over(stay.moved_out_on, last + timedelta(days=1))]
    children = [c for stay in there for c in stay.children if c.arrived_on <= last and not _over(c.left_on, first)]
    children_gone = [child for child in children if _over(child.left_on, last + timedelta(days=1))]
    nights = sum((min(_end(stay, last), last + timedelta(days=1)) - max(stay.admitted_on, first)).days for stay in there)
    return {
        "inquiries": dict(outcomes),
        "lived-there": {"residents": len(there), "children": len(children)},
        "moved-out": {"residents": len(gone), "children": len(children_gone)},
        "home-region": _by(gone, lambda stay: _region(stay.home_municipality)),
        "children-brought": _by(gone, lambda stay: ("none", "one", "two", "three or more")[min(len(stay.children), 3)]),
        "psychology-during-stay": _by(gone, lambda stay: _yes(stay.treated)),
        "destination": _by(gone, lambda stay: str(stay.destination)),
        "stay-days": _by(gone, lambda stay: _length(stay.days)),
        "aftercare": _by(gone, lambda stay: "accepted" if stay.aftercare_accepted else "not-accepted"),
        "children-age": _by(children_gone, lambda child: _age(child.years)),
        "children-psychology-during-stay": _by(children_gone, lambda child: _yes(child.treated)),
        "children-further-notification": _by(children_gone, lambda child: _yes(child.notified_further)),
        "children-destination": _by(children_gone, lambda child: str(child.destination)),
        "measures": {
            "mean-stay-days": round(sum(stay.days for stay in gone) / len(gone)) if gone else 0,
            "occupancy-percent": round(100 * nights / (rooms * (last - first + timedelta(days=1)).days), 1),
        },
    }


def _over(day: date | None, before: date) -> bool:
    return day is not None and day < before


def _end(stay: ResidentStay, last: date) -> date:
    return stay.moved_out_on or last + timedelta(days=1)


def _by(rows: Iterable[T], label: Callable[[T], str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for row in rows:
        found[label(row)] = found.get(label(row), 0) + 1
    return found


def _yes(answer: bool) -> str:
    return "yes" if answer else "no"


def _region(code: str) -> str:
    """Codes up to 0270 are Region Hovedstaden's but for four of Zealand's; so is Bornholm's."""
    if code == COPENHAGEN:
        return "copenhagen"
    near = code <= LAST_OF_HOVEDSTADEN and code not in OUT_OF_HOVEDSTADEN
    return "elsewhere-in-hovedstaden" if near or code == IN_HOVEDSTADEN_BESIDES else "other-region"


def _length(days: int) -> str:
    classes = ((29, "1-to-29"), (89, "30-to-89"), (179, "90-to-179"), (269, "180-to-269"), (366, "270-to-366"))
    return next((name for longest, name in classes if days <= longest), "over-366")


def _age(years: int) -> str:
    return next((name for oldest, name in ((2, "0-to-2"), (5, "3-to-5"), (9, "6-to-9")) if years <= oldest), "10-and-over")

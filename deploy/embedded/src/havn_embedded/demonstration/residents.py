"""The plan of the year: 46 invented residents in 11 rooms, made to fit the published tables.

What cannot hold at once: 37 of 46 residents moved out and 34 inquiries of the year ended in an admission, which leaves 12
residents on the morning of 1 January, in 11 rooms. So one woman here asked in the last days of 2023 and moved in on 3 January:
11 lived there at the turn of the year, 35 moved in, and 34 of these on an inquiry of 2024. Every other count holds exactly.

A stay's days are the nights from admission to move-out. Occupancy counts nights: 4,002 of 11 rooms and 366 nights.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Final

from havn_events.codes import Destination, RiskLevel

FIRST, LAST = date(2024, 1, 1), date(2024, 12, 31)
NIGHTS = 366
ROOMS = 11
ROOMS_EMPTY_AT_YEAR_END = (3, 2)
"""How many nights the two rooms that are empty at the year's end stand empty."""
EMPTY_BETWEEN_STAYS = 19
"""Nights that rooms stand empty between one resident and the next."""

NEW: Final = "new-home"
OWN: Final = "own-home-without-perpetrator"
SHELTER: Final = "other-shelter"
FAMILY: Final = "family"
NETWORK: Final = "other-network"
GUEST_HOUSE: Final = "guest-house"
BACK: Final = "back-to-perpetrator"
UNKNOWN: Final = "unknown"

MOVED_OUT: tuple[tuple[int, Destination, int], ...] = (
    (2, BACK, 0), (3, SHELTER, 0), (5, BACK, 0), (6, SHELTER, 0), (8, UNKNOWN, 0), (10, BACK, 1), (12, GUEST_HOUSE, 0),
    (14, SHELTER, 2), (15, FAMILY, 0), (18, NETWORK, 1), (21, NEW, 0), (25, GUEST_HOUSE, 0), (29, NETWORK, 0),
    (34, NEW, 0), (38, BACK, 0), (44, NEW, 1), (52, NETWORK, 0), (57, OWN, 1), (63, NEW, 0), (71, FAMILY, 1), (80, NEW, 1),
    (87, SHELTER, 0), (96, NEW, 1), (108, NEW, 2), (133, NEW, 1), (158, NEW, 2),
    (121, NETWORK, 0), (146, OWN, 0), (172, NEW, 1), (191, NEW, 1), (223, NEW, 2), (258, NEW, 1), (301, NEW, 2),
    (344, NEW, 1), (392, NEW, 1), (427, NEW, 1), (491, NEW, 0),
)  # fmt: skip
"""Days, destination and children of everyone who moved out; the last 11 moved in before the year began."""

STAYING_CHILDREN = (1, 0, 2, 0, 0, 1, 0, 1, 0)
"""Children of the residents who are still there when the year ends."""

COPENHAGEN, GENTOFTE = "0101", "0157"
HOME_OF_MOVED_OUT = (
    *(COPENHAGEN,) * 8, *(GENTOFTE,) * 5, *("0147",) * 4, *("0159",) * 2, *("0173",) * 3, "0230", "0230", "0163", "0151",
    "0217", "0219", "0167", "0185", "0265", "0461", "0751", "0330", "0259", "0621",
)  # fmt: skip
"""One municipality short: the woman whose home municipality changes has hers below."""
HOME_OF_STAYING = (COPENHAGEN, COPENHAGEN, GENTOFTE, GENTOFTE, "0147", "0159", "0175", "0190", "0259")
HOME_CHANGE_DAYS = 158
HOME_BEFORE, HOME_AFTER = "0159", "0173"
"""The woman who stays 158 days moves her home from Gladsaxe to Lyngby-Taarbæk."""

CHILD_AGES = (*(0, 0, 0, 1, 1, 1, 2, 2, 2), *(3, 3, 3, 4, 4, 5, 5, 5), *(6, 6, 7, 7, 8, 9), 12)


@dataclass
class Child:
    """A child of a resident. ``months_old`` on the day it arrives; ``treated``: a psychologist sees it during the stay."""

    number: int
    months_old: int
    arrives_on: date
    arrival: str = "with-her"
    treated: bool = False
    further_notification: bool = False


@dataclass
class Resident:
    """One resident. ``moves_out_on`` and ``destination`` are None while she stays on."""

    number: int
    admitted_on: date
    moves_out_on: date | None
    destination: Destination | None
    home: str = ""
    asked: bool = False
    risk: RiskLevel = "medium"
    inquiry_id: str | None = None
    children: list[Child] = field(default_factory=list)

    @property
    def days(self) -> int:
        """Nights until she moved out, or until the year's end."""
        return ((self.moves_out_on or LAST + timedelta(days=1)) - self.admitted_on).days

    @property
    def aftercare_owed(self) -> bool:
        """More than 14 days, not on to another shelter or back to the violent partner (Hellerup's statistics)."""
        return self.moves_out_on is not None and self.days > 14 and self.destination not in (SHELTER, BACK)


def plan(random: Random) -> list[Resident]:
    """The residents of the year in the order of their admission."""
    residents = _rooms(random)
    residents.sort(key=lambda resident: (resident.admitted_on, resident.days))
    for number, resident in enumerate(residents):
        resident.number = number
        resident.asked = resident.admitted_on >= FIRST
        resident.risk = random.choice(("low", "medium", "medium", "high", "high"))
    _give_homes(random, residents)
    _give_children(random, residents)
    return residents


def _rooms(random: Random) -> list[Resident]:
    """Fill the rooms one stay after the other, so that 24 nights of the year stay empty."""
    later, earlier = list(MOVED_OUT[:-ROOMS]), list(MOVED_OUT[-ROOMS:])
    rooms: list[list[tuple[int, Destination, int]]] = [[] for _ in range(ROOMS)]
    for stay in sorted(later, reverse=True):
        min(rooms, key=lambda room: (len(room) >= 3, sum(days for days, _, _ in room))).append(stay)
    for room in rooms:
        random.shuffle(room)
    still_there = ROOMS - len(ROOMS_EMPTY_AT_YEAR_END)
    turnovers = [(number, turn) for number, room in enumerate(rooms) for turn in range(len(room) + (number < still_there))]
    empty = {(0, 0), *random.sample(turnovers[1:], EMPTY_BETWEEN_STAYS - 1)}
    earlier.sort()
    first_to_leave = earlier.pop(0)
    random.shuffle(earlier)
    earlier.insert(0, first_to_leave)
    # The two rooms without a last resident need a first one whose stay is longer than the nights that are left.
    for number, days in ((still_there, 392), (still_there + 1, 427)):
        at = next(index for index, stay in enumerate(earlier) if stay[0] == days)
        earlier[number], earlier[at] = earlier[at], earlier[number]
    children = list(STAYING_CHILDREN)
    residents: list[Resident] = []
    for number, room in enumerate(rooms):
        gaps = sum((number, turn) in empty for turn in range(len(room) + 1))
        left = NIGHTS - gaps - sum(days for days, _, _ in room)
        first = earlier[number]
        if number >= still_there:
            nights = left - ROOMS_EMPTY_AT_YEAR_END[number - still_there]
        else:
            nights = 1 if number == 0 else random.randint(8, min(first[0] - 12, left - 30) * 3 // 4)
        day = FIRST + timedelta(days=nights)
        residents.append(_resident(day - timedelta(days=first[0]), first))
        for turn, stay in enumerate(room):
            day += timedelta(days=(number, turn) in empty)
            residents.append(_resident(day, stay))
            day += timedelta(days=stay[0])
        if number < still_there:
            day += timedelta(days=(number, len(room)) in empty)
            staying = Resident(0, day, None, None)
            staying.children = [Child(0, 0, day) for _ in range(children.pop(0))]
            residents.append(staying)
    return residents


def _resident(admitted_on: date, stay: tuple[int, Destination, int]) -> Resident:
    days, destination, children = stay
    resident = Resident(0, admitted_on, admitted_on + timedelta(days=days), destination)
    resident.children = [Child(0, 0, admitted_on) for _ in range(children)]
    return resident


def _give_homes(random: Random, residents: list[Resident]) -> None:
    moved_out, staying = list(HOME_OF_MOVED_OUT), list(HOME_OF_STAYING)
    random.shuffle(moved_out)
    random.shuffle(staying)
    for resident in residents:
        if resident.moves_out_on and resident.days == HOME_CHANGE_DAYS:
            resident.home = HOME_BEFORE
        else:
            resident.home = (moved_out if resident.moves_out_on else staying).pop()


def _give_children(random: Random, residents: list[Resident]) -> None:
    """Twelve children see a psychologist, all of them in stays of at least 80 days; ten get a further notification."""
    ages = list(CHILD_AGES)
    random.shuffle(ages)
    moved_out = [child for resident in residents if resident.moves_out_on for child in resident.children]
    staying = [(resident, child) for resident in residents if not resident.moves_out_on for child in resident.children]
    for child in moved_out:
        child.months_old = ages.pop() * 12 + random.randint(0, 11)
    for _, child in staying:
        child.months_old = random.randint(1, 8 * 12)
    mother, born = next((r, c) for r, c in staying if r.days > 40)
    born.arrival, born.months_old = "born-during-stay", 0
    born.arrives_on = mother.admitted_on + timedelta(days=20)
    mother, later = next((r, c) for r, c in reversed(staying) if c is not born and r.days > 20)
    later.arrival, later.arrives_on = "later", mother.admitted_on + timedelta(days=6)
    long = [c for r in residents if r.moves_out_on and r.days >= 80 for c in r.children]
    for child in random.sample(long, 12):
        child.treated = True
    for child in random.sample([c for r in residents if r.moves_out_on and r.days >= 14 for c in r.children], 10):
        child.further_notification = True
    staying[0][1].treated = True
    for number, child in enumerate(child for resident in residents for child in resident.children):
        child.number = number

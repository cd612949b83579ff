"""What is owed, granted, used and left of a treatment, session by session, for its explanation.

The entries are a case's own record of one person, what was recorded in a stay before and counts on here included.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from pydantic import BaseModel

from havn_standards import copenhagen_day
from orchestrator.words import RECORDED, Text, amount_in_words, capital, filled, in_words, joined

ENTRIES = """
SELECT fact, occurred_on, recorded_at, coalesce(session_on, occurred_on) AS session_on, minutes, sessions, municipality, fact_id
FROM case_history
WHERE case_id = %s AND person_id = %s AND fact IN ('SessionHeld', 'SessionCorrected', 'ExtraHoursGranted') ORDER BY version
"""

_OWED = Text("Omfang: {floor}.", "Amount: {floor}.")
_OWED_FROM_TO = Text("Omfang: mindst {floor} og højst {ceiling}.", "Amount: at least {floor} and at most {ceiling}.")
_GRANTED = Text("Bevilget ud over det: {granted}, i alt højst {ceiling}.", "Granted on top: {granted}, at most {ceiling} in all.")
_USED = Text("Brugt: {used}.", "Used: {used}.")
_USED_AND_LEFT = Text("Brugt: {used}. Tilbage: {left}.", "Used: {used}. Left: {left}.")
_USED_BEFORE = Text("Heraf før {since}: {before}.", "Of that, before {since}: {before}.")
_USED_IN_OWN_TIME = Text("Brugt i kommunens tid: {used}.", "Used in the municipality's time: {used}.")
_ENTRIES = {
    "held": Text("{day}: psykologsamtale, {minutes}.", "{day}: session with a psychologist, {minutes}."),
    "corrected": Text(
        "{day}: psykologsamtalen {session_on} rettet fra {before} til {minutes}.",
        "{day}: the session of {session_on} corrected from {before} to {minutes}.",
    ),
    "corrected-in-all": Text(
        "{day}: psykologsamtalerne {session_on} rettet fra i alt {before} til i alt {minutes}.",
        "{day}: the sessions of {session_on} corrected from {before} in all to {minutes} in all.",
    ),
    "not-held": Text(
        "{day}: psykologsamtalen {session_on}, {before}, blev ikke holdt.",
        "{day}: the session of {session_on}, {before}, was not held.",
    ),
    "granted": Text("{day}: {minutes} bevilget ud over det.", "{day}: {minutes} granted on top."),
}


class Entry(BaseModel):
    """A session, a correction or a grant. ``event``: what reported it.

    ``minutes``: what the session took or the grant adds; of a correction what the sessions of ``session_on`` take in all since,
    and ``minutes_before`` what they took in all before it. ``sessions_that_day``: how many had been reported of that day.
    ``recorded_at`` and ``fact_id`` are not told to a municipality.
    """

    event: Literal["SessionHeld", "SessionCorrected", "ExtraHoursGranted"]
    occurred_on: date
    recorded_at: datetime | None
    session_on: date | None
    minutes: int
    minutes_before: int | None
    sessions_that_day: int | None
    fact_id: UUID | None


class OwnTime(NamedTuple):
    """Since when the municipality that asks owes it, or first did, and what was used while it did."""

    since: date
    used: int


def entries_of(rows: Iterable[Mapping[str, Any]], *, outside: bool = False) -> tuple[Entry, ...]:
    """The entries by business date, from rows in the order of recording: a correction's tell the difference alone."""
    minutes: Counter[date] = Counter()
    sessions: Counter[date] = Counter()
    found = []
    for row in rows:
        on, fact = row["session_on"], row["fact"]
        before = minutes[on]
        granted, corrected = fact == "ExtraHoursGranted", fact == "SessionCorrected"
        if not granted:
            minutes[on] += row["minutes"]
            sessions[on] += not corrected
        found.append(
            Entry(
                event=fact,
                occurred_on=row["occurred_on"],
                recorded_at=None if outside else row["recorded_at"],
                session_on=None if granted else on,
                minutes=row["minutes"] if not corrected else minutes[on],
                minutes_before=before if corrected else None,
                sessions_that_day=None if granted else sessions[on],
                fact_id=None if outside else row["fact_id"],
            )
        )
    return tuple(sorted(found, key=lambda entry: entry.occurred_on))


def own_rows(rows: Iterable[Mapping[str, Any]], municipality: str, since: date) -> list[Mapping[str, Any]]:
    """What a municipality that owes it since that day may know one by one: the sessions of that time, and what it granted."""
    return [row for row in rows if row["session_on"] >= since and row["municipality"] in (None, municipality)]


def amount_sentences(obligation: Mapping[str, Any]) -> Iterable[Text]:
    """How much is owed, and what was granted on top."""
    unit, floor, ceiling, granted = (obligation.get(name) for name in ("unit", "floor", "ceiling", "granted"))
    if unit is None or floor is None or ceiling is None:
        return
    yield filled(
        _OWED if floor == ceiling else _OWED_FROM_TO,
        floor=amount_in_words(unit, floor),
        ceiling=amount_in_words(unit, ceiling),
    )
    if granted:
        yield filled(_GRANTED, granted=amount_in_words(unit, granted), ceiling=amount_in_words(unit, ceiling + granted))


def entry_sentences(entries: Sequence[Entry]) -> Iterable[Text]:
    """One sentence for each entry, with the day of recording where that was a later one."""
    for entry in entries:
        sentence = _ENTRIES[_kind(entry)]
        recorded = entry.occurred_on if entry.recorded_at is None else copenhagen_day(entry.recorded_at)
        if recorded > entry.occurred_on:
            sentence = joined(sentence, RECORDED)
        yield capital(
            filled(
                sentence,
                day=in_words(entry.occurred_on),
                session_on=in_words(entry.session_on or entry.occurred_on),
                minutes=amount_in_words("minutes", entry.minutes),
                before=amount_in_words("minutes", entry.minutes_before or 0),
                recorded=in_words(recorded),
            )
        )


def _kind(entry: Entry) -> str:
    match entry.event:
        case "SessionHeld":
            return "held"
        case "ExtraHoursGranted":
            return "granted"
    if entry.sessions_that_day != 1:
        return "corrected-in-all"
    return "corrected" if entry.minutes else "not-held"


def used_sentences(obligation: Mapping[str, Any], own_time: OwnTime | None) -> Iterable[Text]:
    """What is used and, unless it is owed no more, left. A municipality that owes it no more is told of its own time alone."""
    unit, used, left = (obligation.get(name) for name in ("unit", "used", "left"))
    if unit is None:
        return
    if used is None:
        if own_time is not None:
            yield filled(_USED_IN_OWN_TIME, used=amount_in_words(unit, own_time.used))
        return
    goes_on = obligation.get("state") != "cancelled" and left is not None
    yield filled(_USED_AND_LEFT if goes_on else _USED, used=amount_in_words(unit, used), left=amount_in_words(unit, left or 0))
    if own_time is not None and used > own_time.used:
        yield filled(_USED_BEFORE, since=in_words(own_time.since), before=amount_in_words(unit, used - own_time.used))

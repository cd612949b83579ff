"""What one more fact changes in a case file: what is noted and used, who is there, and which day is the right one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from havn_chassis.decider import changed
from havn_events.orchestrator import FactNoted
from orchestrator.domain.fact import CONTINUES, Fact
from orchestrator.domain.state import LEDGER, NOTHING_USED, TAKES_BACK, Case, Home, Ledger, Noted, TakenBack

GROWN_AT = 18
"""In years: what is owed to children is not owed to a child that has reached this age."""


def with_fact(state: Case, event: FactNoted) -> Case:
    """The case file after one more fact."""
    changes: dict[str, Any] = {"seen": state.seen | {event.fact_id}, **_noted(state, event)}
    if state.gone_on:
        fact = _fact(event)
        changes["gone_on"] = {person: replace(gone, told_since=(*gone.told_since, fact)) for person, gone in state.gone_on.items()}
    if event.fact in CONTINUES:
        changes["counts_on"] = (*state.counts_on, _fact(event))
    match event.fact:
        case "SessionHeld" | "SessionCorrected" | "ExtraHoursGranted":
            assert event.person_id is not None
            ledger = _counted(state.ledgers.get(event.person_id, NOTHING_USED), event)
            changes["ledgers"] = {**state.ledgers, event.person_id: ledger}
            if event.fact == "SessionCorrected":
                told = [fact for fact in changes["counts_on"] if fact.person_id == event.person_id]
                changes["noted"] = _still_held(changes["noted"], event.person_id, told if ledger.sessions > 0 else [])
        case "WomanAdmitted":
            changes |= {"woman_id": event.person_id, "admission_id": event.fact_id, "admitted_on": event.occurred_on}
            changes["anonymous"] = event.attributes.get("anonymous") is True
            changes["homes"] = state.homes or first_home(event.municipality)
        case "AdmissionCorrected":
            changes |= {"admitted_on": event.until, "noted": _admitted(state.noted, event.until)}
            changes["corrections"] = state.corrections | {event.fact_id}
        case "MoveOutCorrected":
            changes["noted"] = _moved_out(changes["noted"], event.until, state.admitted_on)
            changes["corrections"] = state.corrections | {event.fact_id}
        case "AdviceExtended" if event.until is not None:
            changes["extended_to"] = max(event.until, state.extended_to or event.until)
        case "InterviewCorrected":
            changes["noted"] = _interviewed(changes["noted"], event.until)
        case "AnonymityLifted" | "AnonymityOutweighed":
            changes["anonymous"] = False
        case "ChildArrived":
            assert event.person_id is not None
            changes["children"] = state.children | {event.person_id}
            if "birth_month" in event.attributes:
                changes["grown_on"] = {event.person_id: _grown_on(str(event.attributes["birth_month"])), **state.grown_on}
        case "HomeMunicipalityChanged":
            assert event.municipality is not None
            home = Home(event.occurred_on, event.municipality, event.fact_id)
            changes["homes"] = tuple(sorted((*state.homes, home), key=lambda h: h.since))
        case "StayAnnulled":
            changes["annulled"] = True
    return changed(state, **changes)


def first_home(municipality: str | None) -> tuple[Home, ...]:
    """Her home municipality from the beginning of time."""
    return () if municipality is None else (Home(date.min, municipality, None),)


def _grown_on(birth_month: str) -> date:
    """The day after the month in which a child turns 18, of which only the month of birth is known."""
    year, month = map(int, birth_month.split("-"))
    return date(year + GROWN_AT + month // 12, month % 12 + 1, 1)


def _fact(event: FactNoted) -> Fact:
    return Fact(
        name=event.fact,
        id=event.fact_id,
        occurred_on=event.occurred_on,
        person_id=event.person_id,
        reference=event.reference,
        minutes=event.minutes,
        until=event.until,
        municipality=event.municipality,
        attributes=event.attributes,
    )


def _noted(state: Case, event: FactNoted) -> dict[str, Any]:
    """What is noted with one more fact, and what is taken back: by it, or it by a later one that is known already."""
    on, fact_id = event.occurred_on, event.fact_id
    new = Noted(event.fact, event.person_id, event.reference, event.attributes, on, fact_id, on, fact_id)
    gone = state.noted_until(event.fact, event.person_id, on) if event.fact in TAKES_BACK else {}
    taken_back = [
        replace(known, on=on) if known.is_earlier(event.fact, event.person_id, on) else known for known in state.taken_back
    ]
    taken_back += [TakenBack(n, on) for n in gone.values()]
    noted = dict(state.noted)
    for key in gone:
        known = noted.pop(key)
        if known.last_on > on:
            noted[key] = replace(known, on=known.last_on, fact_id=known.last_id)
    gone_on = state.taken_back_on(event.fact, event.person_id, on)
    if gone_on is None:
        key = (event.fact, event.person_id, event.reference, *sorted(event.attributes.items()))
        noted[key] = _with_one_more(noted.get(key), new)
    else:
        taken_back.append(TakenBack(new, gone_on))
    return {"noted": noted, "taken_back": tuple(taken_back)}


def _with_one_more(known: Noted | None, new: Noted) -> Noted:
    if known is None:
        return new
    if new.on < known.on:
        return replace(known, on=new.on, fact_id=new.fact_id)
    return replace(known, last_on=new.on, last_id=new.fact_id) if new.on >= known.last_on else known


def _admitted(noted: Mapping[tuple[object, ...], Noted], on: date | None) -> Mapping[tuple[object, ...], Noted]:
    """The admission with the right day, and with it the length of a stay that is over."""
    assert on is not None

    def corrected(entry: Noted) -> Noted:
        match entry.fact:
            case "WomanAdmitted":
                return replace(entry, on=on, last_on=on)
            case "WomanMovedOut":
                return replace(entry, attributes={**entry.attributes, "stay_days": (entry.on - on).days})
        return entry

    return {key: corrected(entry) for key, entry in noted.items()}


def _moved_out(
    noted: Mapping[tuple[object, ...], Noted], on: date | None, admitted_on: date | None
) -> Mapping[tuple[object, ...], Noted]:
    """The move-out with the right day, and with it the length of the stay."""
    assert on is not None
    length = {} if admitted_on is None else {"stay_days": (on - admitted_on).days}

    def corrected(entry: Noted) -> Noted:
        if entry.fact != "WomanMovedOut":
            return entry
        return replace(entry, on=on, last_on=on, attributes={**entry.attributes, **length})

    return {key: corrected(entry) for key, entry in noted.items()}


def _interviewed(noted: Mapping[tuple[object, ...], Noted], on: date | None) -> Mapping[tuple[object, ...], Noted]:
    """The interview with the right day."""
    assert on is not None
    return {key: replace(entry, on=on, last_on=on) if entry.fact == "InterviewHeld" else entry for key, entry in noted.items()}


def _still_held(
    noted: Mapping[tuple[object, ...], Noted], person_id: UUID, told: Sequence[Fact]
) -> Mapping[tuple[object, ...], Noted]:
    """A session that turned out not to have been held is not looked back upon: the next that was is the earliest."""
    sessions = Counter[date]()
    for fact in told:
        if fact.name in LEDGER:
            sessions[fact.until or fact.occurred_on] += int(fact.attributes["sessions"])
    held = sorted((fact.occurred_on, fact.id) for fact in told if fact.name == "SessionHeld" and sessions[fact.occurred_on] > 0)
    left = dict(noted)
    for key, entry in noted.items():
        if (entry.fact, entry.person_id) == ("SessionHeld", person_id):
            del left[key]
            if held:
                (on, fact_id), (last_on, last_id) = held[0], held[-1]
                left[key] = replace(entry, on=on, fact_id=fact_id, last_on=last_on, last_id=last_id)
    return left


def _counted(ledger: Ledger, event: FactNoted) -> Ledger:
    assert event.minutes is not None
    if event.fact == "ExtraHoursGranted":
        return replace(ledger, granted=ledger.granted + event.minutes)
    sessions = int(event.attributes["sessions"])
    entries = (*ledger.entries, (event.occurred_on, event.minutes, sessions))
    return Ledger(ledger.minutes + event.minutes, ledger.sessions + sessions, ledger.granted, entries)

"""The year as calls to the platform: deterministic, one JSON line a call, in the order in which they are made.

``python -m havn_embedded.demonstration.year`` writes the data files anew. A line holds the day it is reported on, the service,
the caller's role, path, idempotency key and body; ``settle`` marks a line that needs what was sent before it that day to have
reached every service. The player confirms the municipalities' notices, but for those in the file ``unacknowledged``.
"""

import json
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from havn_embedded.demonstration.residents import (
    BACK,
    COPENHAGEN,
    FIRST,
    GENTOFTE,
    HOME_AFTER,
    HOME_CHANGE_DAYS,
    LAST,
    NEW,
    OWN,
    ROOMS,
    UNKNOWN,
    Child,
    Resident,
    plan,
)

SEED = 2024
CALLS_FILE = "year-2024.jsonl"
UNACKNOWLEDGED_FILE = "unacknowledged-2024.json"

INQUIRIES = {
    "no-free-room": 74,
    "referred-or-not-admitted": 69,
    "advice-only": 17,
    "not-in-target-group": 29,
    "aftercare": 14,
}
"""The inquiries that did not lead to a stay; those that did follow from the admissions."""

DECIDED_THE_DAY_AFTER = (9, 19)
"""Which of those who were not in the target group waited a day for the decision that was owed on the day of the interview."""
ASKING_FROM = (None, None, COPENHAGEN, COPENHAGEN, COPENHAGEN, GENTOFTE, GENTOFTE, "0147", "0159", "0173", "0230", "0265", "0461")

NO_OFFER = (2, 6, 18, 34)
"""Days of the stays in which the woman was never offered treatment."""
OFFERED_AFTERWARDS = (3, 8, 14)
OFFERED_TOO_LATE = 21
TREATED_AFTERWARDS = 29
NOT_TREATED = frozenset({*NO_OFFER, *OFFERED_AFTERWARDS, OFFERED_TOO_LATE, TREATED_AFTERWARDS, 5, 10, 12, 15, 25, 38, 52})
FULL_TREATMENTS = 10
CHILDREN_NOT_OFFERED = 5
AFTERCARE_ACCEPTED = 15
AFTERCARE_NOT_OFFERED = 2
CAFE_INVITATIONS = (date(2024, 5, 15), date(2024, 11, 15))
"""The two days of the year on which families in aftercare, and those whose course has ended, are invited to the café."""
ADVICE_OFFERED_AFTERWARDS = {6: 5, 10: 19, 12: 9, 38: 4}
"""How many days after the move the advice was offered, by the days of a stay that ended unplanned; after others it never was."""
ADVICE_DECLINED_AFTERWARDS = 38
ANONYMOUS_DAYS = 44
COMPLAINT_OF_DISCHARGE_DAYS = 87
LONGEST_REVIEW = 84

Role = str | dict[str, str]


@dataclass(frozen=True)
class Call:
    """One call. ``last``: made at the end of its day, when what was sent before has reached every service."""

    on: date
    service: str
    role: Role
    path: str
    body: dict[str, Any]
    last: bool = False


@dataclass
class Writer:
    """Collects the calls. Nothing later than the year's end is written down."""

    random: Random
    calls: list[Call] = field(default_factory=list)
    not_before: date = date.min

    def id(self) -> str:
        """A UUID shaped like version 4."""
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def report(
        self,
        service: str,
        role: Role,
        path: str,
        occurred_on: date,
        /,
        *,
        on: date | None = None,
        last: bool = False,
        **body: Any,
    ) -> None:
        """A report of what happened on ``occurred_on``, made that day, or on the later day ``on``.

        What other services are told on the day that the stay itself is registered waits for that.
        """
        reported = max(on or occurred_on, self.not_before)
        last = last or (service != "intake" and reported == self.not_before)
        if reported <= LAST:
            written = {name: value.isoformat() if isinstance(value, date) else value for name, value in body.items()}
            self.calls.append(
                Call(reported, service, role, path, {"occurred_on": occurred_on.isoformat(), **written}, last)
            )


def calls() -> list[Call]:
    """Every call of the year and of the stays that reach into it, in the order in which they are made."""
    random = Random(SEED)
    writer = Writer(random)
    residents = plan(random)
    _Inquiries(writer, residents).write()
    stays = [_Stay(writer, resident, fate) for resident, fate in zip(residents, _fates(random, residents), strict=True)]
    for stay in stays:
        stay.write()
    return [call for _, call in sorted(enumerate(writer.calls), key=lambda entry: (entry[1].on, entry[1].last, entry[0]))]


def lines(ordered: Sequence[Call]) -> Iterator[str]:
    """The calls as JSON lines, without line ends. Keys come from a generator of their own."""
    keys = Random(f"keys of {SEED}")
    settled_on = date.min
    for call in ordered:
        line: dict[str, Any] = {
            "on": call.on.isoformat(),
            "service": call.service,
            "role": call.role,
            "method": "POST",
            "path": call.path,
            "key": str(UUID(int=keys.getrandbits(128), version=4)),
            "body": call.body,
        }
        if call.last and call.on != settled_on:
            line["settle"] = True
            settled_on = call.on
        yield json.dumps(line, separators=(", ", ": "))


def unacknowledged(ordered: Sequence[Call]) -> list[dict[str, str]]:
    """Days on which a municipality reads none of its mail: what it is sent on them stays unconfirmed."""
    admissions = [call for call in ordered if call.path == "/stays" and call.on >= FIRST]
    return [{"municipality": call.body["home_municipality"], "on": call.on.isoformat()} for call in admissions[3::7]]


def data_file(name: str) -> str:
    """The text of a committed data file."""
    return (files(__package__) / "data" / name).read_text("utf-8")


def write(folder: Path) -> None:
    """Write both data files into ``folder``."""
    ordered = calls()
    (folder / CALLS_FILE).write_text("".join(f"{line}\n" for line in lines(ordered)), "utf-8")
    (folder / UNACKNOWLEDGED_FILE).write_text(json.dumps(unacknowledged(ordered), indent=1) + "\n", "utf-8")


def months_after(day: date, months: int) -> date:
    """The same day ``months`` months on, or that month's last day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def weekday(day: date) -> date:
    """The day, or the Monday after a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def after(day: date, days: int) -> date:
    """So many days later."""
    return day + timedelta(days=days)


class _Inquiries:
    """Who asked, and what became of it. Who found a room free asked on a day when one was free or was left."""

    def __init__(self, writer: Writer, residents: Sequence[Resident]) -> None:
        self.writer = writer
        self.random = writer.random
        self.residents = residents

    def write(self) -> None:
        days = [after(FIRST, n) for n in range((LAST - FIRST).days + 1)]
        free = [day for day in days if self._is_room_free(day)]
        full = [day for day in days if day not in free]
        complained = False
        for outcome, count in INQUIRIES.items():
            choice = {"no-free-room": full, "referred-or-not-admitted": free}.get(outcome, days)
            for n, day in enumerate(sorted(self.random.choice(choice) for _ in range(count))):
                decided_on = after(day, 1 if outcome == "not-in-target-group" and n in DECIDED_THE_DAY_AFTER else 0)
                inquiry = self._inquire(day, outcome, self.random.choice(ASKING_FROM), decided_on)
                self._turn_away(inquiry, decided_on, outcome)
                if outcome == "not-in-target-group" and not complained and day >= date(2024, 4, 1):
                    self._complain_of_refusal(inquiry, day)
                    complained = True
        for resident in self.residents:
            if resident.asked:
                asked_on = after(resident.admitted_on, -self._days_before(resident))
                resident.inquiry_id = self._inquire(asked_on, "admitted", resident.home, asked_on)

    def _days_before(self, resident: Resident) -> int:
        """The first to move in asked before the year began; everybody else asked in it."""
        if resident.admitted_on == min(r.admitted_on for r in self.residents if r.asked):
            return 4
        return min(self.random.choice((0, 0, 1, 1, 2, 3)), (resident.admitted_on - FIRST).days)

    def _is_room_free(self, day: date) -> bool:
        there = sum(r.admitted_on <= day and (r.moves_out_on is None or day < r.moves_out_on) for r in self.residents)
        return there < ROOMS or any(r.moves_out_on == day for r in self.residents)

    def _inquire(self, day: date, outcome: str, home: str | None, decided_on: date) -> str:
        """The interview is held the day she asks, and reported with its decision."""
        inquiry = self.writer.id()
        by = self.random.choice(("self", "self", "self", "police", "caseworker", "emergency-ward", "other-shelter", "other"))
        body: dict[str, Any] = {"inquiry_id": inquiry, "referred_by": by, "home_municipality": home}
        self.writer.report("intake", "shelter", "/inquiries", day, **body)
        path = f"/inquiries/{inquiry}/assessment"
        self.writer.report("intake", "leader", path, decided_on, interview_on=day, outcome=outcome)
        return inquiry

    def _turn_away(self, inquiry: str, day: date, outcome: str) -> None:
        reasons = {
            "no-free-room": ("no-free-room",),
            "not-in-target-group": ("not-in-target-group", "substance-abuse", "severe-mental-illness"),
        }
        if outcome in reasons:
            reason = self.random.choice(reasons[outcome])
            self.writer.report("intake", "leader", f"/inquiries/{inquiry}/refusal", day, reason=reason)
        if outcome in (*reasons, "referred-or-not-admitted") and self.random.random() < 0.6:
            away = self.random.random() < 0.3
            self.writer.report("intake", "shelter", f"/inquiries/{inquiry}/referral", day, out_of_town=away)

    def _complain_of_refusal(self, inquiry: str, day: date) -> None:
        """Answered and forwarded within four weeks."""
        complaint = self.writer.id()
        received = after(day, 6)
        self.writer.report(
            "intake", "leader", "/complaints", received,
            complaint_id=complaint, concerns=inquiry, about="refusal", form="written", decision_received_on=after(day, 1),
        )  # fmt: skip
        path = f"/complaints/{complaint}"
        self.writer.report("intake", "leader", f"{path}/answer", after(received, 12), outcome="partly-upheld")
        self.writer.report("intake", "leader", f"{path}/forwarding", after(received, 15))


@dataclass
class _Fate:
    """How well the promises are kept in one stay, and how it goes on after it."""

    reported_late_by: int = 0
    contact: str = "in-time"
    stay_plan: str = "in-time"
    action_plan: str = "none"
    initial_advice: str = "in-time"
    advice: str = "in-time"
    window: str = "runs"
    plan_changes: str = "none"
    full_treatment: bool = False
    treatment_turns: str = "none"
    aftercare: str = "none"
    children_declined: frozenset[int] = frozenset()


def _fates(random: Random, residents: Sequence[Resident]) -> list[_Fate]:
    fates = [_Fate() for _ in residents]

    def deal(name: str, among: Iterable[Resident], *values: str) -> None:
        """Give each value to one of these residents."""
        for resident, value in zip(random.sample(list(among), len(values)), values, strict=True):
            setattr(fates[resident.number], name, value)

    moved_out = [r for r in residents if r.moves_out_on]
    staying = [r for r in residents if not r.moves_out_on]
    prepared = [r for r in moved_out if _is_prepared(r)]
    deal("contact", [r for r in residents if r.days > 5], *("late",) * 4, "half")
    deal("stay_plan", [r for r in residents if r.days > 60], *("late",) * 3, *("never",) * 2, "unreviewed", "reviewed-late")
    deal("action_plan", [r for r in residents if r.days > 60], *("in-time",) * 3, "late", "never")
    settling = [r for r in prepared if r.days != HOME_CHANGE_DAYS]
    deal("initial_advice", staying, *("never",) * 3)
    deal("initial_advice", [r for r in moved_out if r.days != HOME_CHANGE_DAYS], *("never",) * 6)
    deal("initial_advice", [r for r in settling if fates[r.number].initial_advice == "in-time"], *("late",) * 5)
    deal("advice", settling, *("late",) * 5, *("never",) * 4, *("declined",) * 3)
    started = [r for r in prepared if fates[r.number].advice in ("in-time", "late") and r.moves_out_on]
    early = [r for r in started if r.moves_out_on and r.moves_out_on < date(2024, 6, 28)]
    deal("window", early, "extended", "last-day")
    settled = [r for r in started if r.destination in (NEW, OWN) and fates[r.number].window == "runs"]
    deal("window", settled, *("established",) * 8)
    long = [r for r in prepared if r.days > 90]
    deal("plan_changes", long, *("rescheduled",) * 4, "cancelled")
    treated = [r for r in moved_out if r.days not in NOT_TREATED]
    for resident in random.sample([r for r in treated if r.days > 60], FULL_TREATMENTS):
        fates[resident.number].full_treatment = True
    deal("treatment_turns", [r for r in treated if fates[r.number].full_treatment], "granted")
    shorter = [r for r in treated if not fates[r.number].full_treatment]
    deal("treatment_turns", shorter, "corrected", "agreed", "agreed", "agreed", "stopped", "stopped")
    owed = [r for r in moved_out if r.aftercare_owed]
    declined = len(owed) - AFTERCARE_ACCEPTED - AFTERCARE_NOT_OFFERED - 1
    by_the_end = [r for r in owed if r.moves_out_on and r.moves_out_on <= date(2024, 12, 20)]
    deal("aftercare", by_the_end, *("accepted",) * AFTERCARE_ACCEPTED)
    rest = [r for r in owed if fates[r.number].aftercare == "none"]
    deal("aftercare", rest, *("not-offered",) * AFTERCARE_NOT_OFFERED, "unanswered", *("declined",) * declined)
    accepted = [r for r in owed if fates[r.number].aftercare == "accepted"]
    deal("aftercare", [r for r in accepted if r.moves_out_on and r.moves_out_on < date(2024, 6, 15)], "left", "stopped")
    fates[next(r.number for r in moved_out if r.days == 63)].reported_late_by = 5
    fates[staying[-1].number].reported_late_by = 6
    untreated = [child for r in moved_out for child in r.children if not child.treated]
    offerable = [child.number for r in moved_out for child in r.children if not child.treated and r.days != 18]
    declining = frozenset(random.sample(offerable, len(untreated) - CHILDREN_NOT_OFFERED))
    for fate in fates:
        fate.children_declined = declining
    return fates


def _is_prepared(resident: Resident) -> bool:
    """Her move-out is planned ahead; who goes within two weeks, or back, or nobody knows where, leaves unplanned."""
    return resident.moves_out_on is not None and resident.days > 14 and resident.destination not in (BACK, UNKNOWN)


class _Stay:
    """One stay, from the admission to the end of the year."""

    def __init__(self, writer: Writer, resident: Resident, fate: _Fate) -> None:
        self.writer = writer
        self.random = writer.random
        self.resident = resident
        self.fate = fate
        self.stay, self.woman = writer.id(), writer.id()
        self.children = [(child, writer.id()) for child in resident.children]
        self.begins = resident.admitted_on
        self.ends = resident.moves_out_on or LAST
        self.path = f"/stays/{self.stay}"
        self.home_changes_on = after(self.begins, 70) if resident.days == HOME_CHANGE_DAYS and resident.moves_out_on else date.max
        self.adviser = writer.id()
        self.adviser_named = False
        self.preparation = date.max
        self.psychologists: dict[str, str] = {}

    def home(self, day: date) -> str:
        return HOME_AFTER if day >= self.home_changes_on else self.resident.home

    def write(self) -> None:
        self.writer.not_before = after(self.begins, self.fate.reported_late_by)
        self._admit()
        self._receive_children()
        self._plan_the_stay()
        self._treat_her()
        for child, person in self.children:
            self._treat_child(child, person)
        self._advise_and_move_out()
        self._care_after()
        self.writer.not_before = date.min

    def _intake(self, path: str, day: date, **body: Any) -> None:
        self.writer.report("intake", "shelter", self.path + path, day, **body)

    def _admit(self) -> None:
        body: dict[str, Any] = {
            "stay_id": self.stay,
            "person_id": self.woman,
            "home_municipality": self.resident.home,
            "anonymous": self.resident.days == ANONYMOUS_DAYS,
        }
        if body["anonymous"]:
            body["anonymous_to_home_municipality"] = False
        if self.resident.inquiry_id:
            body["inquiry_id"] = self.resident.inquiry_id
        self.writer.report("intake", "shelter", "/stays", self.begins, **body)
        self._assign_contacts(self.woman, self.begins, self.fate.contact)
        self._intake("/risk-assessments", after(self.begins, 1 if self.resident.days > 3 else 0), level=self.resident.risk)
        if self.resident.days > 5:
            self._intake("/needs-clarification", after(self.begins, self.random.randint(2, 5)))
        if self.home_changes_on < date.max:
            self._intake("/home-municipality", self.home_changes_on, home_municipality=HOME_AFTER)

    def _assign_contacts(self, person: str, day: date, fate: str) -> None:
        path = f"/people/{person}/contact-persons"
        self._intake(path, day, role="primary", profession="pedagogue")
        if fate != "half":
            self._intake(path, after(day, fate == "late"), role="secondary", profession="social-worker")

    def _receive_children(self) -> None:
        for child, person in self.children:
            year, month = divmod(child.arrives_on.year * 12 + child.arrives_on.month - 1 - child.months_old, 12)
            body = {"child_id": person, "birth_month": f"{year}-{month + 1:02d}", "arrival": child.arrival}
            self._intake("/children", child.arrives_on, **body)
            self._assign_contacts(person, child.arrives_on, "late" if child.number % 11 == 4 else "in-time")
            told = after(child.arrives_on, self.random.choice((0, 1, 1, 2, 2, 3)))
            self._notify(person, child.arrives_on, told, "first")
            if child.further_notification:
                told = after(child.arrives_on, self.random.randint(6, min(40, self.resident.days - 3)))
                self._notify(person, child.arrives_on, told, "supplementary")

    def _notify(self, person: str, arrived_on: date, day: date, kind: str) -> None:
        self.writer.report(
            "notification", "shelter", f"{self.path}/children/{person}/notifications", day,
            last=day == arrived_on, notice_id=self.writer.id(), kind=kind,
        )  # fmt: skip

    def _plan_the_stay(self) -> None:
        if self.resident.days < 20 or self.fate.stay_plan == "never":
            return
        offset = 38 if self.fate.stay_plan == "late" else self.random.randint(10, min(28, self.resident.days - 2))
        agreed = after(self.begins, offset)
        self._intake("/stay-plan", agreed)
        review = after(agreed, self.random.randint(70, LONGEST_REVIEW))
        if self.fate.stay_plan == "reviewed-late":
            review = after(agreed, 105)
        while review < self.ends and self.fate.stay_plan != "unreviewed":
            self._intake("/plan-reviews", review, plan="stay-plan")
            review = after(review, self.random.randint(70, LONGEST_REVIEW))
        if self.fate.action_plan != "none":
            wanted = after(self.begins, 21)
            self._intake("/action-plan/request", wanted)
            made = {"in-time": 75, "late": 110}.get(self.fate.action_plan)
            if made:
                self._intake("/action-plan", weekday(after(wanted, made - 3)))

    # Psychology

    def _psychology(self, person: str, path: str, day: date, role: Role, **body: Any) -> None:
        self.writer.report("psychology", role, f"{self.path}/people/{person}/treatment{path}", weekday(day), **body)

    def _municipality(self, day: date) -> Role:
        return {"municipality": self.home(weekday(day))}

    def _offer(self, person: str, day: date, decline: str | None = None) -> None:
        self._psychology(person, "/offer", day, self._municipality(day))
        if decline:
            self._psychology(person, "/decline", after(day, 2), "shelter", reason=decline)

    def _treat_her(self) -> None:
        days, person = self.resident.days, self.woman
        soon = after(self.begins, min(self.random.randint(2, 9), max(1, days // 2)))
        if self.resident.moves_out_on is None:
            self._treat_resident_who_stays(soon)
        elif days in NO_OFFER:
            return
        elif days in OFFERED_AFTERWARDS:
            self._offer(person, after(self.ends, 6), "does-not-want")
        elif days == OFFERED_TOO_LATE:
            self._offer(person, after(self.ends, 22), "does-not-want")
        elif days == TREATED_AFTERWARDS:
            self._offer(person, soon)
            self._hold_sessions(person, after(self.ends, 4), 6)
        elif days in NOT_TREATED:
            self._offer(person, soon, "stay-too-short" if days < 30 else "had-it-at-another-shelter")
        else:
            self._offer(person, soon)
            sessions = 10 if self.fate.full_treatment else self.random.randint(3, 7)
            self._hold_sessions(person, after(soon, self.random.randint(3, 9)), sessions)

    def _treat_resident_who_stays(self, soon: date) -> None:
        if self.resident.number % 3:
            self._offer(self.woman, soon)
            self._hold_sessions(self.woman, after(soon, 9), self.random.randint(4, 9))

    def _hold_sessions(self, person: str, first: date, count: int, child: bool = False) -> None:
        own = self.home(first) == GENTOFTE
        self.psychologists[person] = self.writer.id()
        self._psychology(
            person, "/psychologist", after(first, -1), "shelter" if own else self._municipality(after(first, -1)),
            psychologist_id=self.psychologists[person],
            employer="shelter" if own else self.random.choice(("municipality", "independent")), authorised=True,
        )  # fmt: skip
        turns = "none" if child else self.fate.treatment_turns
        day = weekday(after(first, 1))
        for number in range(count):
            if number == 2 and self.random.random() < 0.25:
                self._psychology(person, "/missed-sessions", day, self._psychologist(person), session_id=self.writer.id())
                day = weekday(after(day, 7))
            minutes = 60 if count == 10 else self.random.choice((45, 50, 60))
            self._hold(person, day, 60 if turns == "corrected" and number == 1 else minutes, turns, number)
            held, day = day, weekday(after(day, self.random.choice((7, 7, 7, 10, 14))))
        if turns == "granted":
            self._psychology(person, "/extra-hours", after(held, 3), self._municipality(after(held, 3)), minutes=120)
            self._hold(person, after(held, 14), 60, turns, count)
            held = weekday(after(held, 14))
        reason = {"agreed": "by-agreement", "stopped": "stopped-coming"}.get(turns)
        if reason or (count == 10 and turns == "none"):
            self._psychology(person, "/completion", after(held, 7), self._psychologist(person), reason=reason or "hours-used")

    def _psychologist(self, person: str) -> Role:
        return {"psychologist": self.psychologists[person]}

    def _hold(self, person: str, day: date, minutes: int, turns: str, number: int) -> None:
        session = self.writer.id()
        self._psychology(person, "/sessions", day, self._psychologist(person), session_id=session, minutes=minutes)
        if turns == "corrected" and number == 1:
            path = f"/sessions/{session}/correction"
            self._psychology(person, path, after(day, 2), self._psychologist(person), minutes=45)

    def _treat_child(self, child: Child, person: str) -> None:
        soon = after(child.arrives_on, min(self.random.randint(4, 12), max(2, self.resident.days // 3)))
        if child.treated:
            self._offer(person, soon)
            self._hold_sessions(person, after(soon, self.random.randint(3, 9)), self.random.choice((3, 5, 6, 6, 7, 8)), True)
        elif child.number in self.fate.children_declined:
            reason = "stay-too-short" if self.resident.days < 30 else self.random.choice(("other-treatment", "does-not-want"))
            self._offer(person, soon, reason)

    # Advice and the move-out

    def _advice(self, path: str, day: date, role: Role, **body: Any) -> None:
        self.writer.report("coordinating-advice", role, f"{self.path}/advice{path}", day, **body)

    def _by_adviser(self, path: str, day: date, **body: Any) -> None:
        """Reported by the adviser, whom her municipality named before anything else of the advice happened."""
        if not self.adviser_named:
            named = min(day, max(after(self.begins, 2), after(self.preparation, -2)))
            self._advice("/adviser", named, {"municipality": self.home(named)}, adviser_id=self.adviser)
            self.adviser_named = True
        self._advice(path, day, {"adviser": self.adviser}, **body)

    def _advise_and_move_out(self) -> None:
        preparation = None
        if _is_prepared(self.resident):
            preparation = self._prepare_move_out()
        elif self.resident.moves_out_on is None and self.resident.number % 4 == 0 and self.resident.days > 40:
            preparation = date(2024, 12, 12)
            self._intake("/move-out-plan", preparation, planned_for=date(2025, 1, 20))
        self.preparation = preparation or date.max
        self._give_initial_advice(preparation)
        if preparation and self.resident.moves_out_on:
            self._start_advice(preparation)
        if self.resident.moves_out_on:
            for child, person in self.children:
                left = after(self.ends, -2 if child.number == 9 else 0)
                self._intake(f"/children/{person}/departure", left, destination=self.resident.destination)
            self._intake("/move-out", self.ends, destination=self.resident.destination)
        if preparation and self.resident.moves_out_on and self.fate.advice in ("in-time", "late"):
            self._advise_after_move_out()
        if self.resident.moves_out_on and not preparation:
            self._offer_advice_afterwards()
        if self.resident.moves_out_on and self.resident.days == COMPLAINT_OF_DISCHARGE_DAYS:
            self._complain_of_discharge()

    def _prepare_move_out(self) -> date:
        """The day on which preparation began, for good where it was called off before."""
        ends, days = self.ends, self.resident.days
        began = after(ends, -self.random.randint(min(7, days // 3), min(45, days // 2)))
        if self.fate.plan_changes == "cancelled":
            self._intake("/move-out-plan", after(began, -30), planned_for=after(began, -2))
            self._intake("/move-out-plan/cancellation", after(began, -18))
        if self.fate.plan_changes == "rescheduled":
            self._intake("/move-out-plan", began, planned_for=after(ends, -3))
            self._intake("/move-out-plan/rescheduling", after(ends, -4), planned_for=ends)
        else:
            self._intake("/move-out-plan", began, planned_for=ends)
        return began

    def _give_initial_advice(self, preparation: date | None) -> None:
        if self.fate.initial_advice == "never":
            return
        latest = preparation or self.ends
        day = after(self.begins, self.random.randint(2, 12))
        if self.fate.plan_changes == "cancelled" and preparation:
            latest = after(preparation, -30)
        day = max(after(self.begins, 1), min(day, after(latest, -1)))
        if self.fate.initial_advice == "late":
            day = after(latest, self.random.randint(1, 4))
        if self.home_changes_on < date.max:
            day = after(self.home_changes_on, 7)
        if self.random.random() < 0.35:
            self._advice("/initial", day, {"municipality": self.home(day)}, by="municipality")
        else:
            self._by_adviser("/initial", day, by="shelter")

    def _start_advice(self, preparation: date) -> None:
        match self.fate.advice:
            case "declined":
                self._advice("/decline", preparation, "shelter", reason=self.random.choice(("does-not-want", "has-it-elsewhere")))
            case "in-time" | "late":
                offset = self.random.randint(2, 5) if self.fate.advice == "late" else -self.random.choice((0, 0, 0, 1, 2))
                day = max(after(preparation, offset), after(self.begins, 2))
                variant = "cti" if self.resident.number % 9 == 2 else "ordinary"
                self._by_adviser("/start", day, variant=variant, by="shelter")
                self._meet(after(day, 1))

    def _meet(self, day: date) -> None:
        minutes = self.random.choice((30, 45, 60, 90))
        by = "shelter" if day <= self.ends else "municipality"
        self._by_adviser("/meetings", day, meeting_id=self.writer.id(), minutes=minutes, by=by)

    def _advise_after_move_out(self) -> None:
        """Meetings about every fourth week, until she is established, the window ends or the year does."""
        ends, window = self.ends, months_after(self.ends, 6)
        if self.resident.home != GENTOFTE and self.resident.destination in (NEW, OWN):
            day = after(ends, self.random.randint(6, 12))
            ids = {"from_adviser_id": self.adviser, "to_adviser_id": self.writer.id()}
            self._advice("/handover", day, {"municipality": self.home(day)}, municipality=self.home(day), **ids)
            self.adviser = ids["to_adviser_id"]
        until = {"extended": months_after(ends, 10), "established": after(ends, self.random.randint(60, 150))}.get(
            self.fate.window, window
        )
        day = weekday(after(ends, 14))
        while day < min(until, after(window, -20) if self.fate.window == "extended" else until):
            self._meet(day)
            day = weekday(after(day, self.random.randint(24, 35)))
        match self.fate.window:
            case "extended":
                day = after(window, -14)
                self._advice("/extension", day, {"municipality": self.home(day)}, until=until)
                self._meet(weekday(after(window, 12)))
            case "established":
                self._by_adviser("/end", until, because="established")
            case "last-day":
                self._by_adviser("/end", window, because="last-day")

    def _offer_advice_afterwards(self) -> None:
        """By her municipality, to some of those who left before anybody prepared it."""
        days = self.resident.days
        if days in ADVICE_OFFERED_AFTERWARDS:
            day = weekday(after(self.ends, ADVICE_OFFERED_AFTERWARDS[days]))
            self._advice("/offer", day, {"municipality": self.home(day)})
            if days == ADVICE_DECLINED_AFTERWARDS:
                self._advice("/decline", after(day, 2), {"municipality": self.home(day)}, reason="does-not-want")

    def _complain_of_discharge(self) -> None:
        """Answered a week too late."""
        complaint, received = self.writer.id(), after(self.ends, 4)
        self.writer.report(
            "intake", "leader", "/complaints", received,
            complaint_id=complaint, concerns=self.stay, about="discharge", form="oral", decision_received_on=self.ends,
        )  # fmt: skip
        self.writer.report("intake", "leader", f"/complaints/{complaint}/answer", after(received, 35), outcome="upheld")

    # Aftercare

    def _aftercare(self, path: str, day: date, *, on: date | None = None, last: bool = False, **body: Any) -> None:
        self.writer.report("aftercare", "shelter", f"{self.path}/aftercare{path}", day, on=on, last=last, **body)

    def _care_after(self) -> None:
        fate, ends = self.fate.aftercare, self.ends
        if fate in ("none", "not-offered"):
            return
        offered = after(ends, 2 if fate == "unanswered" else 0)
        told_later = ends < LAST and self.resident.number % 2 == 0
        self._aftercare("/offer", offered, on=after(offered, told_later), last=not told_later)
        if fate == "declined":
            reason = self.random.choice(("does-not-want", "moved-too-far", "has-help-elsewhere"))
            self._aftercare("/decline", after(offered, 1), last=True, reason=reason)
        if fate in ("accepted", "left", "stopped"):
            self._accompany(after(offered, self.random.randint(1, 4)), fate)

    def _accompany(self, start: date, fate: str) -> None:
        self._aftercare("/start", start, last=True)
        visits = 1 if fate == "stopped" else 2 if fate == "left" else self.random.choice((3, 3, 4))
        day = start
        for _ in range(visits):
            day = weekday(after(day, self.random.randint(21, 34)))
            self._aftercare("/visits", day, visit_id=self.writer.id(), place=self.random.choice(("home", "home", "shelter")))
        if fate == "stopped":
            self._aftercare("/end", after(day, 10), because="family-wants-no-more")
            self._aftercare("/cafe-invitations/decline", after(day, 10))
        elif fate == "accepted":
            self._aftercare("/end", max(after(day, 7), after(months_after(start, 3), 2)), because="course-over")
        self._invite_to_cafe(start, fate)

    def _invite_to_cafe(self, start: date, fate: str) -> None:
        """Who stopped wants no invitations, and the family that was left is forgotten."""
        if fate == "accepted":
            for day in CAFE_INVITATIONS:
                if day >= start:
                    self._aftercare("/cafe-invitations", day)


if __name__ == "__main__":
    write(Path(__file__).parent / "data")

"""What psychology says is left and what the orchestrator says is left, over transfers, corrections, grants and annulments."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from havn_chassis.decider import Refused
from havn_chassis.service import Context
from havn_embedded.tokens import Issuer
from havn_events import Recorded, intake
from havn_events.event import Event
from orchestrator.domain.case import CASE
from orchestrator.main import compose
from psychology.domain.treatment.commands import (
    AssignPsychologist,
    Command,
    CorrectSession,
    Elsewhere,
    GrantExtraHours,
    HoldSession,
)
from psychology.domain.treatment.decider import TREATMENT
from psychology.main import SERVICE as PSYCHOLOGY
from psychology.views import ELSEWHERE, LEDGERS
from tests.support import settings_for

ODENSE = "0461"
BEGIN = date(2026, 3, 2)


@dataclass
class Two:
    """Both services on one database; what one decides, the other hears."""

    orchestrator: Context
    psychology: Context

    def report(self, event: Event) -> None:
        """Something is reported to the orchestrator, and both hear what follows."""
        heads = self._heads()
        unit = self.orchestrator.unit("intake")
        recorded = Recorded.of(event, originator_id=uuid4(), originator_version=1, recorded_at=unit.now, actor="test")
        self.orchestrator.inboxes[0].react(recorded, unit)
        unit.commit()
        self._pass_on(*heads)

    def treat(self, command: Command) -> None:
        """Psychology is told, as over HTTP; a refusal changes nothing."""
        heads = self._heads()
        unit = self.psychology.unit("psychologist:test")
        try:
            unit.execute(TREATMENT, (command.stay_id, command.person_id), command)
        except Refused:
            return
        unit.commit()
        self._pass_on(*heads)

    def elsewhere(self, stay: UUID, person: UUID) -> Elsewhere:
        (row,) = self.psychology.rows(ELSEWHERE, (stay, person))
        return Elsewhere(int(row["minutes"]), int(row["sessions"]), int(row["extra_minutes"]))

    def left(self, stay: UUID, person: UUID) -> dict[str, tuple[str, int]]:
        """By both: open or not, and how much is left."""
        state, _ = self.orchestrator.unit("test").state(CASE, (stay,))
        (owed,) = [o for o in state.obligations.values() if o.rule == "psychology-woman" and o.status != "cancelled"]
        (row,) = self.psychology.rows(f"{LEDGERS} SELECT ended, remaining FROM ledgers WHERE stay_id = %s", (stay,))
        assert row["ended"] is None
        return {"orchestrator": ("owed", state.left(owed)), "psychology": ("owed", int(row["remaining"]))}

    def _heads(self) -> tuple[int, int]:
        return self.orchestrator.store.head(), self.psychology.store.head()

    def _pass_on(self, decided: int, treated: int) -> None:
        while (decided, treated) != self._heads():
            decided = self._hear(self.orchestrator, decided, self.psychology)
            treated = self._hear(self.psychology, treated, self.orchestrator)

    @staticmethod
    def _hear(speaker: Context, after: int, listener: Context) -> int:
        rows = speaker.store.events_after(after, 1000)
        unit = listener.unit(speaker.store.service)
        for row in rows:
            listener.inboxes[0].react(Recorded.from_bytes(row.raw), unit)
        unit.commit()
        return rows[-1].position if rows else after


@pytest.fixture
def two(database: str, issuer: Issuer, tmp_path: Path) -> Iterator[Two]:
    clock = tmp_path / "clock"
    clock.write_text("2026-06-01T12:00:00+02:00")
    contexts = [
        Context(service, settings_for(service.name, database, issuer, tmp_path, HAVN_CLOCK_FILE=str(clock)))
        for service in (compose({}), PSYCHOLOGY)
    ]
    for context in contexts:
        context.store.create()
    yield Two(*contexts)
    for context in contexts:
        context.store.close()


@dataclass
class Journey:
    """One woman's stays, one after the other, and every session of hers."""

    two: Two
    woman: UUID = field(default_factory=uuid4)
    stays: dict[UUID, bool] = field(default_factory=dict)
    sessions: list[tuple[UUID, UUID]] = field(default_factory=list)

    @property
    def present(self) -> UUID:
        """The latest stay that was not annulled."""
        return [stay for stay, annulled in self.stays.items() if not annulled][-1]

    def admit(self) -> None:
        """Into a stay that goes on with the one she is in; treated there from the first day."""
        stay, before, on = uuid4(), self.present if self.stays else None, BEGIN + timedelta(days=len(self.stays))
        self.stays[stay] = False
        self.two.report(
            intake.WomanAdmitted(
                occurred_on=on,
                stay_id=stay,
                person_id=self.woman,
                shelter_id=uuid4(),
                standard="serviceloven",
                home_municipality=ODENSE,
                own_municipality=False,
                anonymous=False,
                named_to_home_municipality=True,
                transferred_from=before,
            )
        )
        self.two.treat(
            AssignPsychologist(
                stay,
                self.woman,
                on,
                psychologist_id=uuid4(),
                employer="independent",
                authorised=True,
                shelter_may_treat=frozenset(),
                municipality=None,
            )
        )

    def hold(self, which: int, minutes: int) -> None:
        stay = list(self.stays)[which % len(self.stays)]
        session = uuid4()
        day = BEGIN + timedelta(days=which % len(self.stays))
        self.sessions.append((stay, session))
        self.two.treat(HoldSession(stay, self.woman, day, session, minutes, self.two.elsewhere(stay, self.woman)))

    def correct(self, which: int, minutes: int) -> None:
        if self.sessions:
            stay, session = self.sessions[which % len(self.sessions)]
            elsewhere = self.two.elsewhere(stay, self.woman)
            self.two.treat(CorrectSession(stay, self.woman, date(2026, 6, 1), session, minutes, elsewhere))

    def grant(self, minutes: int) -> None:
        self.two.treat(GrantExtraHours(self.present, self.woman, date(2026, 6, 1), minutes, ODENSE))

    def annul(self, which: int) -> None:
        stay = list(self.stays)[which % len(self.stays)]
        if not self.stays[stay] and list(self.stays.values()).count(False) > 1:
            self.stays[stay] = True
            on = BEGIN + timedelta(days=len(self.stays))
            self.two.report(intake.StayAnnulled(stay_id=stay, occurred_on=on, reason="registered-by-mistake"))


which = st.integers(0, 3)
steps = st.one_of(
    st.tuples(st.just("admit")),
    st.tuples(st.just("hold"), which, st.integers(1, 300)),
    st.tuples(st.just("correct"), which, st.integers(0, 300)),
    st.tuples(st.just("grant"), st.integers(1, 120)),
    st.tuples(st.just("annul"), which),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], print_blob=True)
@given(story=st.lists(steps, min_size=3, max_size=10))
def test_both_ledgers_say_the_same_of_the_stay_she_is_in(two: Two, story: list[tuple[Any, ...]]) -> None:
    journey = Journey(two)
    journey.admit()
    for name, *values in story:
        getattr(journey, name)(*values)
        said = two.left(journey.present, journey.woman)
        assert said["psychology"] == said["orchestrator"]


def test_of_three_stays_the_one_in_the_middle_is_annulled_and_then_the_last(two: Two) -> None:
    journey = Journey(two)
    journey.admit()
    journey.hold(0, 100)
    journey.admit()
    journey.hold(1, 50)
    journey.admit()
    journey.hold(2, 20)
    first, _, last = journey.stays

    journey.annul(1)
    assert two.left(last, journey.woman) == {"orchestrator": ("owed", 430), "psychology": ("owed", 430)}
    assert not two.orchestrator.rows(
        "SELECT 1 FROM obligations WHERE case_id = %s AND rule = 'psychology-woman' AND state <> 'cancelled'", (first,)
    )

    journey.annul(2)
    assert journey.present == first
    assert two.left(first, journey.woman) == {"orchestrator": ("owed", 500), "psychology": ("owed", 500)}


@dataclass
class Childhood:
    """A child whose mother goes from shelter to shelter; it arrives where it does, or stays behind."""

    mother: Journey
    child: UUID = field(default_factory=uuid4)
    stays: list[UUID] = field(default_factory=list)
    sessions: list[tuple[UUID, UUID]] = field(default_factory=list)

    @property
    def on(self) -> date:
        return BEGIN + timedelta(days=len(self.mother.stays))

    @property
    def standing(self) -> list[UUID]:
        """The stays that the child arrived in and that were not annulled."""
        return [stay for stay, annulled in self.mother.stays.items() if stay in self.stays and not annulled]

    def admit(self) -> None:
        self.mother.admit()

    def annul(self, which: int) -> None:
        self.mother.annul(which)

    def arrive(self) -> None:
        stay = self.mother.present
        if stay in self.stays:
            return
        self.stays.append(stay)
        self.mother.two.report(
            intake.ChildArrived(
                occurred_on=self.on, stay_id=stay, person_id=self.child, birth_month="2018-01", arrival="with-her"
            )
        )
        self.mother.two.treat(
            AssignPsychologist(
                stay,
                self.child,
                self.on,
                psychologist_id=uuid4(),
                employer="independent",
                authorised=True,
                shelter_may_treat=frozenset(),
                municipality=None,
            )
        )

    def hold(self, which: int, minutes: int) -> None:
        two, stay, session = self.mother.two, self.stays[which % len(self.stays)], uuid4()
        self.sessions.append((stay, session))
        two.treat(HoldSession(stay, self.child, self.on, session, minutes, two.elsewhere(stay, self.child)))

    def correct(self, which: int, minutes: int) -> None:
        if self.sessions:
            two, (stay, session) = self.mother.two, self.sessions[which % len(self.sessions)]
            two.treat(CorrectSession(stay, self.child, date(2026, 6, 1), session, minutes, two.elsewhere(stay, self.child)))

    def left(self, stay: UUID) -> tuple[list[int], list[int]]:
        """By the orchestrator and by psychology, where it is owed there."""
        two = self.mother.two
        state, _ = two.orchestrator.unit("test").state(CASE, (stay,))
        owed = [o for o in state.obligations.values() if o.rule == "psychology-child" and o.status != "cancelled"]
        rows = two.psychology.rows(
            f"{LEDGERS} SELECT ended, remaining FROM ledgers WHERE stay_id = %s AND person_id = %s", (stay, self.child)
        )
        return [state.left(o) for o in owed], [int(row["remaining"]) for row in rows if row["ended"] is None]


childrens_steps = st.one_of(
    st.tuples(st.just("admit")),
    st.tuples(st.just("arrive")),
    st.tuples(st.just("hold"), which, st.integers(1, 300)),
    st.tuples(st.just("correct"), which, st.integers(0, 300)),
    st.tuples(st.just("annul"), which),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], print_blob=True)
@given(story=st.lists(childrens_steps, min_size=3, max_size=12))
def test_both_ledgers_say_the_same_of_a_child_in_the_last_stay_it_arrived_in(two: Two, story: list[tuple[Any, ...]]) -> None:
    childhood = Childhood(Journey(two))
    childhood.admit()
    childhood.arrive()
    for name, *values in story:
        getattr(childhood, name)(*values)
        if childhood.standing:
            by_orchestrator, by_psychology = childhood.left(childhood.standing[-1])
            assert by_orchestrator == by_psychology != []


def test_a_child_that_is_back_in_the_first_stay_has_left_what_it_had_not_used_there(two: Two) -> None:
    childhood = Childhood(Journey(two))
    childhood.admit()
    childhood.arrive()
    childhood.hold(0, 100)
    childhood.admit()
    childhood.arrive()
    childhood.hold(1, 60)
    childhood.admit()

    childhood.annul(1)

    assert childhood.left(next(iter(childhood.mother.stays))) == ([500], [500])

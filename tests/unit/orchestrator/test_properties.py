"""What holds of a case whatever happens to it, under the packaged standards."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from havn_events.event import Event
from havn_events.orchestrator import FactNoted, ObligationDueSoon, ObligationOpened, StandardChanged
from havn_standards import Rulebook
from orchestrator.domain.case import (
    CASE,
    Case,
    ChangeStandard,
    CheckDeadlines,
    ComeBack,
    Command,
    ContinueElsewhere,
    Opening,
    TakeFact,
)
from orchestrator.domain.fact import Fact

STAY, WOMAN, CHILD, SHELTER, COMPLAINT, NEXT = (UUID(int=n) for n in range(1, 7))
RULEBOOK = Rulebook.load()
BEGIN = date(2026, 1, 5)

Happening = tuple[str, dict[str, Any]]

_PLAIN = [
    "StayPlanAgreed",
    "ActionPlanRequested",
    "ActionPlanMade",
    "NeedsClarified",
    "AnonymityLifted",
    "MoveOutPlanned",
    "MoveOutCancelled",
    "StayAnnulled",
    "InitialAdviceGiven",
    "AdviceDeclined",
    "AdviceStarted",
    "AftercareOffered",
    "AftercareStarted",
    "AftercareDeclined",
    "PlanReviewed",
]
_OF_A_PERSON = [
    "RiskAssessed",
    "TreatmentOffered",
    "TreatmentDeclined",
    "TreatmentCompleted",
    "SessionMissed",
    "ChildNotificationSent",
]

people = st.sampled_from([WOMAN, CHILD])
municipalities = st.sampled_from(["0461", "0751", "0101"])
days = st.integers(0, 400).map(lambda n: BEGIN + timedelta(days=n))


def happening(name: str, **more: Any) -> st.SearchStrategy[Happening]:
    return st.tuples(st.just(name), st.fixed_dictionaries(more))


def attributes(**values: list[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({key: st.sampled_from(options) for key, options in values.items()})


happenings: st.SearchStrategy[Happening] = st.one_of(
    st.sampled_from([(name, {}) for name in _PLAIN]),
    st.sampled_from(_OF_A_PERSON).flatmap(lambda name: happening(name, person_id=people)),
    happening("SessionHeld", person_id=people, minutes=st.integers(30, 120), attributes=attributes(sessions=[1])),
    happening("SessionCorrected", person_id=people, minutes=st.integers(-120, 60), attributes=attributes(sessions=[-1, 0])),
    happening("ExtraHoursGranted", person_id=people, minutes=st.integers(1, 300)),
    happening("HomeMunicipalityChanged", municipality=municipalities),
    happening("AdmissionCorrected", until=days),
    happening("MunicipalityNotified", attributes=attributes(notice=["admission", "discharge", "correction"])),
    happening("ContactPersonAssigned", person_id=people, attributes=attributes(profession=["pedagogue", "social-worker"])),
    happening("WomanMovedOut", attributes=attributes(stay_days=[3, 14, 15, 100], destination=["family", "other-shelter"])),
    happening("AdviceExtended", until=days),
    happening("AdviceEnded", attributes=attributes(ended_because=["established", "last-day", "declined"])),
    happening("AftercareEnded", attributes=attributes(completed=[True, False])),
    happening("ComplaintFiled", reference=st.just(COMPLAINT), attributes=attributes(complaint_about=["refusal", "expulsion"])),
    happening("ComplaintAnswered", reference=st.just(COMPLAINT), attributes=attributes(final=[True, False])),
    happening("ComplaintForwarded", reference=st.just(COMPLAINT)),
)
standards = st.sampled_from(sorted({s.id for s in RULEBOOK.standards}))
moves = st.sampled_from(["", "", "", "on", "back"])
reports = st.lists(
    st.tuples(happenings, st.integers(0, 20), st.integers(0, 30), st.booleans(), st.none() | standards, moves), max_size=40
)


@settings(max_examples=120, deadline=None)
@given(standard=standards, birth_month=st.sampled_from(["2007-12", "2008-02", "2020-01"]), happened=reports)
def test_whatever_happens(
    standard: str, birth_month: str, happened: list[tuple[Happening, int, int, bool, str | None, str]]
) -> None:
    today = BEGIN
    events: list[Event] = []
    state: Case = CASE.initial

    def decide(command: Command) -> None:
        nonlocal state
        before = state
        decided = list(CASE.decide(command, state))
        assert before == state
        for event in decided:
            assert event.occurred_on <= today
            state = CASE.evolve(state, event)
        events.extend(decided)

    opening = Opening(standard, SHELTER, "0461")
    decide(TakeFact(STAY, Fact("WomanAdmitted", UUID(int=99), BEGIN, WOMAN, municipality="0461"), opening, RULEBOOK, today))
    arrival = Fact("ChildArrived", UUID(int=98), BEGIN, CHILD, attributes={"birth_month": birth_month})
    decide(TakeFact(STAY, arrival, None, RULEBOOK, today))
    for number, ((name, more), passed, backdated, swept, other, move) in enumerate(happened):
        today += timedelta(days=passed)
        on = max(BEGIN, today - timedelta(days=backdated))
        if swept:
            decide(CheckDeadlines(STAY, today - timedelta(days=1), RULEBOOK))
        fact = Fact(name, UUID(int=1000 + number), on, **more)
        decide(TakeFact(STAY, fact, None, RULEBOOK, today))
        if other is not None:
            version = RULEBOOK.standard(other, today).version
            decide(ChangeStandard(STAY, max(state.standard_since, on), other, version, RULEBOOK, today))
        if move == "on":
            decide(ContinueElsewhere(STAY, on, NEXT, WOMAN, UUID(int=2000 + number), RULEBOOK, today))
        elif move == "back":
            decide(ComeBack(STAY, on, NEXT, UUID(int=3000 + number), RULEBOOK, today))
            assert state.annulled or state.continued_in is None
        count = len(events)
        decide(TakeFact(STAY, fact, None, RULEBOOK, today))
        assert len(events) == count
    decide(CheckDeadlines(STAY, today - timedelta(days=1), RULEBOOK))
    _holds(state, events, today)


def _holds(state: Case, events: list[Event], today: date) -> None:
    assert CASE.fold(events) == state
    opened = [event.obligation_id for event in events if isinstance(event, ObligationOpened)]
    assert sorted(opened) == sorted(state.obligations)
    reminders = [(event.obligation_id, event.due) for event in events if isinstance(event, ObligationDueSoon)]
    assert len(reminders) == len(set(reminders))
    ends = [event.occurred_on for event in events if isinstance(event, FactNoted) and event.fact == "WomanMovedOut"]
    if len(ends) == 1 and not any(isinstance(event, StandardChanged) for event in events):
        _owes_nothing_beyond(ends[0], state)
    for obligation in state.obligations.values():
        assert (obligation.closed_on is None) is (obligation.status in ("open", "missed"))
        assert (obligation.missed_on is not None) or obligation.status not in ("missed", "met-late")
        if obligation.status == "open":
            assert obligation.due is None or obligation.due >= today
        if obligation.status == "met" and obligation.due is not None and obligation.closed_on is not None:
            assert obligation.closed_on <= obligation.due
        if obligation.is_unfinished and obligation.municipal:
            assert obligation.municipality == state.homes[-1].municipality
        if obligation.unit is not None and obligation.floor is not None and obligation.ceiling is not None:
            used, left = state.used(obligation), state.left(obligation)
            ledger = state.ledgers.get(obligation.person_id or WOMAN)
            granted = ledger.granted if ledger else 0
            assert used >= 0
            assert left == max(0, obligation.ceiling + (granted if obligation.unit == "minutes" else granted // 60) - used)
            if obligation.status != "cancelled":
                assert (obligation.status == "met") is (used >= obligation.floor)


def _owes_nothing_beyond(end: date, state: Case) -> None:
    """What the end of the stay cancels is not open after it, and missed only where it was over before she left."""
    for obligation in state.obligations.values():
        rule = RULEBOOK.version(obligation.standard, obligation.standard_version).rule(obligation.rule)
        if any(trigger.fact == "WomanMovedOut" for trigger in rule.cancelled_by):
            assert obligation.status != "open"
            assert obligation.status != "missed" or (obligation.due is not None and obligation.due < end)

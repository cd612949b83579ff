"""What holds of a case whatever happens to it, under the packaged standards."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from havn_events.event import Event
from havn_events.orchestrator import (
    FactNoted,
    ObligationCancelled,
    ObligationDueSoon,
    ObligationMet,
    ObligationMissed,
    ObligationOpened,
    ObligationReopened,
    ObligationRescheduled,
    ObligationTransferred,
)
from havn_standards import Rulebook
from orchestrator.domain.case import (
    CASE,
    Case,
    ChangeStandard,
    CheckDeadlines,
    ComeBack,
    Command,
    ContinueElsewhere,
    FollowElsewhere,
    Obligation,
    Opening,
    TakeFact,
)
from orchestrator.domain.fact import Fact

STAY, WOMAN, CHILD, SHELTER, COMPLAINT, NEXT = (UUID(int=n) for n in range(1, 7))
RULEBOOK = Rulebook.load()
BEGIN = date(2026, 1, 5)
LONG_AFTER = date(2045, 1, 1)
"""Every last day is over by then, and every child is grown up."""

_ENDS = (ObligationMet, ObligationMissed, ObligationCancelled, ObligationReopened)

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
    "AdviceOffered",
    "AdviceDeclined",
    "AdviceStarted",
    "AftercareOffered",
    "AftercareStarted",
    "AftercareDeclined",
    "CafeInvitationSent",
    "CafeInvitationsDeclined",
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
    happening("MoveOutCorrected", until=days),
    happening("MunicipalityNotified", attributes=attributes(notice=["admission", "discharge", "correction"])),
    happening("ContactPersonAssigned", person_id=people, attributes=attributes(profession=["pedagogue", "social-worker"])),
    happening("WomanMovedOut", attributes=attributes(stay_days=[3, 14, 15, 100], destination=["family", "other-shelter"])),
    happening("AdviceExtended", until=days),
    happening("AdviceEnded", attributes=attributes(ended_because=["established", "last-day", "declined"])),
    happening(
        "AftercareEnded", attributes=attributes(completed=[True, False], course_ended_because=["course-over", "no-contact"])
    ),
    happening("ComplaintFiled", reference=st.just(COMPLAINT), attributes=attributes(complaint_about=["refusal", "expulsion"])),
    happening("ComplaintAnswered", reference=st.just(COMPLAINT), attributes=attributes(final=[True, False])),
    happening("ComplaintForwarded", reference=st.just(COMPLAINT)),
)
standards = st.sampled_from(sorted({s.id for s in RULEBOOK.standards}))
moves = st.sampled_from(["", "", "", "", "on", "followed", "back"])
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

    def sweep_twice(day: date) -> None:
        decide(CheckDeadlines(STAY, day, RULEBOOK))
        count = len(events)
        decide(CheckDeadlines(STAY, day, RULEBOOK))
        assert len(events) == count

    opening = Opening(standard, SHELTER, "0461")
    decide(TakeFact(STAY, Fact("WomanAdmitted", UUID(int=99), BEGIN, WOMAN, municipality="0461"), opening, RULEBOOK, today))
    arrival = Fact("ChildArrived", UUID(int=98), BEGIN, CHILD, attributes={"birth_month": birth_month})
    decide(TakeFact(STAY, arrival, None, RULEBOOK, today))
    for number, ((name, more), passed, backdated, swept, other, move) in enumerate(happened):
        today += timedelta(days=passed)
        on = max(BEGIN, today - timedelta(days=backdated))
        if swept:
            sweep_twice(today - timedelta(days=1))
        if name == "MoveOutCorrected":
            more = {"until": min(on, more["until"])}
        fact = Fact(name, UUID(int=1000 + number), on, **more)
        decide(TakeFact(STAY, fact, None, RULEBOOK, today))
        if other is not None:
            version = RULEBOOK.standard(other, today).version
            decide(ChangeStandard(STAY, max(state.standard_since, on), other, version, RULEBOOK, today))
        if move == "on":
            decide(ContinueElsewhere(STAY, on, NEXT, WOMAN, UUID(int=2000 + number), RULEBOOK, today))
        elif move == "followed":
            decide(FollowElsewhere(STAY, on, CHILD, NEXT, UUID(int=2000 + number), RULEBOOK, today))
        elif move == "back":
            decide(ComeBack(STAY, on, frozenset({NEXT}), frozenset(), UUID(int=3000 + number), RULEBOOK, today))
            assert state.annulled or not state.gone_on
        count = len(events)
        decide(TakeFact(STAY, fact, None, RULEBOOK, today))
        assert len(events) == count
    sweep_twice(today - timedelta(days=1))
    _holds(state, events, today)
    today = LONG_AFTER
    sweep_twice(today - timedelta(days=1))
    _holds(state, events, today)
    for obligation in state.obligations.values():
        _ended_in_one_way(obligation, events)


def _ended_in_one_way(obligation: Obligation, events: list[Event]) -> None:
    """Told by its own events alone: what has a last day has ended, and whoever owed it last was handed it over."""
    of_it = [event for event in events if getattr(event, "obligation_id", None) == obligation.id]
    last_days = [event.due for event in of_it if isinstance(event, ObligationOpened | ObligationRescheduled)]
    ends = [event for event in of_it if isinstance(event, _ENDS)]
    if not ends or isinstance(ends[-1], ObligationReopened):
        assert obligation.status == "open"
        assert last_days[-1] is None
    else:
        assert obligation.status == _ended(ends[-1])
    handed_to = [event.municipality for event in of_it if isinstance(event, ObligationOpened | ObligationTransferred)]
    assert obligation.municipality == handed_to[-1]


def _ended(end: Event) -> str:
    if isinstance(end, ObligationMet):
        return "met-late" if end.late else "met"
    return "missed" if isinstance(end, ObligationMissed) else "cancelled"


def _holds(state: Case, events: list[Event], today: date) -> None:
    assert CASE.fold(events) == state
    opened = [event.obligation_id for event in events if isinstance(event, ObligationOpened)]
    assert sorted(opened) == sorted(state.obligations)
    reminders = [(event.obligation_id, event.due) for event in events if isinstance(event, ObligationDueSoon)]
    assert len(reminders) == len(set(reminders))
    for obligation in state.obligations.values():
        assert (obligation.closed_on is None) is (obligation.status in ("open", "missed"))
        assert (obligation.missed_on is not None) or obligation.status not in ("missed", "met-late")
        if obligation.status == "open":
            assert obligation.due is None or obligation.due >= today
        if obligation.status == "met" and obligation.due is not None and obligation.closed_on is not None:
            assert obligation.closed_on <= obligation.due
        if obligation.municipal and obligation.reference is None and obligation.person_id in state.gone_on:
            assert obligation.status != "open"
        if obligation.is_unfinished and obligation.municipal:
            assert obligation.municipality == state.homes[-1].municipality
        if obligation.unit is not None and obligation.floor is not None and obligation.ceiling is not None:
            used, left = state.used(obligation), state.left(obligation)
            granted = _noted_minutes(events, obligation, {"ExtraHoursGranted"})
            owed = obligation.ceiling + (granted if obligation.unit == "minutes" else granted // 60)
            assert used >= 0
            assert left >= 0
            assert (used + left == owed) if used <= owed else left == 0
            if obligation.unit == "minutes":
                noted = _noted_minutes(events, obligation, {"SessionHeld", "SessionCorrected"})
                assert used == noted or (noted < 0 and used == 0)
            if obligation.status != "cancelled":
                assert (obligation.status == "met") is (used >= obligation.floor)


def _noted_minutes(events: list[Event], obligation: Obligation, facts: set[str]) -> int:
    noted = (event for event in events if isinstance(event, FactNoted) and event.fact in facts)
    return sum(event.minutes or 0 for event in noted if event.person_id == obligation.person_id)


DURING_A_STAY: list[Happening] = [
    ("StayPlanAgreed", {}),
    ("PlanReviewed", {"attributes": {"plan": "stay-plan"}}),
    ("ActionPlanMade", {}),
    ("PlanReviewed", {"attributes": {"plan": "action-plan"}}),
    ("NeedsClarified", {}),
    ("RiskAssessed", {"person_id": WOMAN}),
    ("AdmissionCorrected", {}),
]
told_of_a_stay = st.lists(
    st.tuples(st.sampled_from(DURING_A_STAY), st.integers(0, 150), st.integers(0, 60), st.booleans()), min_size=1, max_size=8
)


@settings(max_examples=150, deadline=None)
@given(
    standard=st.sampled_from(["odense", "kobenhavn", "hellerup"]),
    wrong_by=st.integers(0, 40),
    length=st.integers(0, 150),
    told_after=st.integers(0, 30),
    happened=told_of_a_stay,
)
def test_nothing_of_a_stay_is_owed_beyond_it_in_whatever_order_it_is_told(
    standard: str, wrong_by: int, length: int, told_after: int, happened: list[tuple[Happening, int, int, bool]]
) -> None:
    """What the end of the stay cancels is not open after it, and missed only where it was over before she left."""
    admitted_on = BEGIN + timedelta(days=min(wrong_by, length))
    end = BEGIN + timedelta(days=length)
    moved_out: dict[str, Any] = {"attributes": {"stay_days": length, "destination": "family"}}
    facts = [("WomanMovedOut", moved_out, end, told_after, False)]
    for (name, more), day, delay, swept in happened:
        if name == "AdmissionCorrected":
            more = {"until": BEGIN + timedelta(days=day % (length + 1))}
        facts.append((name, more, min(end, max(admitted_on, BEGIN + timedelta(days=day))), delay, swept))
    state = CASE.initial
    today = admitted_on
    admission = Fact("WomanAdmitted", UUID(int=99), admitted_on, WOMAN, municipality="0461")
    opening = Opening(standard, SHELTER, "0461")
    state = CASE.fold(list(CASE.decide(TakeFact(STAY, admission, opening, RULEBOOK, today), state)), state)
    for number, (name, more, on, delay, swept) in enumerate(sorted(facts, key=lambda f: f[2] + timedelta(days=f[3]))):
        today = max(today, on + timedelta(days=delay))
        commands: list[Command] = [CheckDeadlines(STAY, today - timedelta(days=1), RULEBOOK)] if swept else []
        commands.append(TakeFact(STAY, Fact(name, UUID(int=1000 + number), on, **more), None, RULEBOOK, today))
        for command in commands:
            state = CASE.fold(list(CASE.decide(command, state)), state)
    state = CASE.fold(list(CASE.decide(CheckDeadlines(STAY, today + timedelta(days=400), RULEBOOK), state)), state)

    for obligation in state.obligations.values():
        rule = RULEBOOK.version(obligation.standard, obligation.standard_version).rule(obligation.rule)
        if any(trigger.fact == "WomanMovedOut" for trigger in rule.cancelled_by):
            assert obligation.status != "open"
            assert obligation.status != "missed" or (obligation.due is not None and obligation.due < end)


SESSION: dict[str, Any] = {"person_id": WOMAN, "minutes": 60, "attributes": {"sessions": 1}}
TOLD_IN_ANY_ORDER: list[Happening] = [
    ("NeedsClarified", {}),
    ("RiskAssessed", {"person_id": WOMAN}),
    ("ContactPersonAssigned", {"person_id": WOMAN, "attributes": {"profession": "pedagogue"}}),
    ("ContactPersonAssigned", {"person_id": WOMAN, "attributes": {"profession": "social-worker"}}),
    ("PlanReviewed", {"attributes": {"plan": "stay-plan"}}),
    ("TreatmentOffered", {"person_id": WOMAN}),
    ("SessionHeld", SESSION),
    ("SessionMissed", {"person_id": WOMAN}),
    ("AdviceStarted", {}),
    ("AftercareOffered", {}),
]
told_in_any_order = st.lists(
    st.tuples(st.sampled_from(TOLD_IN_ANY_ORDER), st.integers(0, 150), st.integers(0, 60)), min_size=1, max_size=12
)


def _became_of(standard: str, told: list[tuple[date, Fact]]) -> list[tuple[object, ...]]:
    """What each obligation came to when each fact is told on its day, the turn of every day swept."""
    admission = Fact("WomanAdmitted", UUID(int=99), BEGIN, WOMAN, municipality="0461")
    commands: list[Command] = [TakeFact(STAY, admission, Opening(standard, SHELTER, "0461"), RULEBOOK, BEGIN)]
    for on, fact in told:
        commands += [CheckDeadlines(STAY, on - timedelta(days=1), RULEBOOK), TakeFact(STAY, fact, None, RULEBOOK, on)]
    commands.append(CheckDeadlines(STAY, BEGIN + timedelta(days=600), RULEBOOK))
    state = CASE.initial
    for command in commands:
        state = CASE.fold(list(CASE.decide(command, state)), state)
    return sorted((o.rule, str(o.opened_on), o.status, str(o.closed_on)) for o in state.obligations.values())


@settings(max_examples=200, deadline=None)
@given(
    standard=standards,
    length=st.integers(0, 150),
    told_after=st.integers(0, 60),
    advice_ended=st.none() | st.tuples(st.integers(0, 60), st.integers(0, 60)),
    happened=told_in_any_order,
)
def test_what_becomes_of_it_does_not_hang_on_when_it_is_told(
    standard: str,
    length: int,
    told_after: int,
    advice_ended: tuple[int, int] | None,
    happened: list[tuple[Happening, int, int]],
) -> None:
    """Told at once or weeks later, in whatever order: met, missed or owed no more, and since the same day."""
    end = BEGIN + timedelta(days=length)
    moved_out: dict[str, Any] = {"stay_days": length, "destination": "family"}
    facts = [
        (BEGIN, Fact("StayPlanAgreed", UUID(int=1000), BEGIN)),
        (end + timedelta(days=told_after), Fact("WomanMovedOut", UUID(int=1002), end, attributes=moved_out)),
    ]
    if advice_ended is not None:
        on = end + timedelta(days=advice_ended[0])
        ended = Fact("AdviceEnded", UUID(int=1003), on, attributes={"ended_because": "established"})
        facts.append((on + timedelta(days=advice_ended[1]), ended))
    for number, ((name, more), day, delay) in enumerate(happened):
        on = min(end, BEGIN + timedelta(days=day))
        facts.append((on + timedelta(days=delay), Fact(name, UUID(int=1010 + number), on, **more)))
    at_once = sorted(((fact.occurred_on, fact) for _, fact in facts), key=lambda told: (told[0], told[1].name == "WomanMovedOut"))
    later = sorted(facts, key=lambda told: told[0])

    assert _became_of(standard, later) == _became_of(standard, at_once)


BEFORE_OR_AFTER_THE_MOVE: list[Happening] = [
    ("InitialAdviceGiven", {}),
    ("MunicipalityNotified", {"attributes": {"notice": "admission"}}),
    ("RiskAssessed", {"person_id": WOMAN}),
    ("AdviceStarted", {}),
    ("AftercareOffered", {}),
]
BEFORE_THE_MOVE = [
    *TOLD_IN_ANY_ORDER,
    *BEFORE_OR_AFTER_THE_MOVE,
    ("MoveOutPlanned", {}),
    ("AdviceOffered", {}),
    ("ActionPlanMade", {}),
    ("PlanReviewed", {"attributes": {"plan": "action-plan"}}),
]
AFTER_THE_MOVE = [
    *BEFORE_OR_AFTER_THE_MOVE,
    ("AftercareDeclined", {}),
    ("AdviceDeclined", {}),
    ("AdviceEnded", {"attributes": {"ended_because": "established"}}),
    ("TreatmentDeclined", {"person_id": WOMAN}),
    ("MunicipalityNotified", {"attributes": {"notice": "discharge"}}),
]
a_day, a_delay = st.integers(0, 150), st.integers(0, 60)


def _became_of_the_right_length(standard: str, told: list[tuple[date, Fact]]) -> list[tuple[object, ...]]:
    """As ``_became_of``, but what the move-out opens keeps the day it was opened on, and may end no sooner.

    What a rule on the length opened by the wrong one is left out: what was done about it stays done. Of what is owed no more only
    what the move-out ends is held to a day, and not the day on which advice was offered: which of several offers and answers is
    looked back upon hangs on the day it was opened on.
    """
    kept = RULEBOOK.standard(standard, BEGIN)
    opened_by_it, ended_by_it = kept.rules_opened_by("WomanMovedOut"), {r.id for r in kept.rules_cancelled_by("WomanMovedOut")}
    rules = {rule.id: any(trigger.when.tests for trigger in rule.opened_by) for rule in opened_by_it}
    became: list[tuple[object, ...]] = []
    for rule, opened_on, status, closed_on in _became_of(standard, told):
        is_of_a_day = rule != "advice-offer" and (status != "cancelled" or rule in ended_by_it)
        on = closed_on if is_of_a_day else ""
        if rule not in rules:
            became.append((rule, opened_on, status, on))
        elif not rules[str(rule)]:
            became.append((rule, status, on))
    return sorted(became, key=str)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    standard=standards,
    lengths=st.tuples(st.integers(0, 150), st.integers(0, 190)),
    told_after=a_delay,
    corrected_after=a_delay,
    before=st.lists(st.tuples(st.sampled_from(BEFORE_THE_MOVE), a_day, a_delay), max_size=8),
    after=st.lists(st.tuples(st.sampled_from(AFTER_THE_MOVE), a_delay, a_delay), max_size=4, unique_by=lambda each: each[0][0]),
)
def test_a_corrected_move_out_leads_to_what_the_right_day_would_have_led_to(
    standard: str,
    lengths: tuple[int, int],
    told_after: int,
    corrected_after: int,
    before: list[tuple[Happening, int, int]],
    after: list[tuple[Happening, int, int]],
) -> None:
    """Whether it was recorded too early or too late, and whatever was told before the correction or after it.

    Advice that she declined is not ended, and she declines once: what two refusals lead to hangs on which is told first.
    """
    assume(lengths[0] != lengths[1])
    assume(not {"AdviceDeclined", "AdviceEnded"} <= {name for (name, _), *_ in after})
    right, wrong = (BEGIN + timedelta(days=length) for length in lengths)
    told_on = max(right, wrong) + timedelta(days=told_after)
    corrected_on = told_on + timedelta(days=corrected_after)
    facts = [(BEGIN, Fact("StayPlanAgreed", UUID(int=1000), BEGIN))]
    dated = [(each, min(right, BEGIN + timedelta(days=day)), delay) for each, day, delay in before]
    dated += [(each, right + timedelta(days=day), delay) for each, day, delay in after]
    for number, ((name, more), on, delay) in enumerate(dated):
        facts.append((on + timedelta(days=delay), Fact(name, UUID(int=1010 + number), on, **more)))

    def moved_out(on: date) -> tuple[date, Fact]:
        attributes: dict[str, Any] = {"stay_days": (on - BEGIN).days, "destination": "family"}
        return told_on, Fact("WomanMovedOut", UUID(int=1002), on, attributes=attributes)

    corrected = (corrected_on, Fact("MoveOutCorrected", UUID(int=1003), corrected_on, until=right))
    with_correction = sorted([*facts, moved_out(wrong), corrected], key=lambda told: told[0])
    by_the_right_day = sorted([*facts, moved_out(right)], key=lambda told: told[0])

    assert _became_of_the_right_length(standard, with_correction) == _became_of_the_right_length(standard, by_the_right_day)

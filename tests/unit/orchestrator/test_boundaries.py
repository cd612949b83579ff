"""Every rule with a term, of every published standard: the day before it is due, the day, the day after."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from havn_events.orchestrator import ObligationOpened
from havn_standards import Rule, Rulebook, Standard, due
from orchestrator.domain.case import CASE, Case, CheckDeadlines
from orchestrator.domain.draft import Draft

STAY, WOMAN, OWED, FACT = (UUID(int=n) for n in range(1, 5))
RULEBOOK = Rulebook.load()
DAYS = [date(2024, 1, 31), date(2026, 4, 1), date(2026, 12, 23)]
TERMS = [
    pytest.param(standard, rule, day, id=f"{standard.id}/{standard.version}/{rule.id}/{day}")
    for standard in RULEBOOK.standards
    for rule in standard.rules
    if rule.due is not None and rule.amount is None
    for day in DAYS
]


def opened(standard: Standard, rule: Rule, day: date) -> tuple[Draft, date]:
    """The obligation alone, as its rule opens it on that day, and its last day."""
    assert rule.due is not None
    last = due(rule.due, day, standard.closing_days)
    event = ObligationOpened(
        occurred_on=day,
        stay_id=STAY,
        obligation_id=OWED,
        rule=rule.id,
        person_id=WOMAN,
        municipality="0461",
        owed_by=rule.owed_by,
        owed_to=rule.owed_to,
        due=last,
        counted_from=day,
        standard=standard.id,
        standard_version=standard.version,
        document=rule.source.document,
        section=rule.source.section,
        rests_on=FACT,
        unit=None,
        floor=None,
        ceiling=None,
        reference=None,
        anonymous=False,
        shelter_advises_after=rule.shelter_advises_after,
        remind_on=None,
        ends_on=None,
    )
    state = CASE.fold([event], Case(standard=standard.id, standard_version=standard.version))
    return Draft(STAY, RULEBOOK, standard, last, state), last


@pytest.mark.parametrize(("standard", "rule", "day"), TERMS)
def test_it_runs_out_on_the_day_after_its_last_day_and_only_once(standard: Standard, rule: Rule, day: date) -> None:
    draft, last = opened(standard, rule, day)
    state = draft.state

    assert list(CASE.decide(CheckDeadlines(STAY, last - timedelta(days=1), RULEBOOK), state)) == []
    events = list(CASE.decide(CheckDeadlines(STAY, last, RULEBOOK), state))
    after = CASE.fold(events, state)

    assert after.obligations[OWED].status == ("met" if rule.last_day_meets else "missed")
    assert after.obligations[OWED].missed_on == (None if rule.last_day_meets else last + timedelta(days=1))
    assert list(CASE.decide(CheckDeadlines(STAY, last, RULEBOOK), after)) == []


@pytest.mark.parametrize(("standard", "rule", "day"), TERMS)
@pytest.mark.parametrize(("later", "status"), [(-1, "met"), (0, "met"), (1, "met-late")])
def test_it_is_met_in_time_up_to_its_last_day(standard: Standard, rule: Rule, day: date, later: int, status: str) -> None:
    draft, last = opened(standard, rule, day)

    draft.meet(draft.state.obligations[OWED], last + timedelta(days=later), FACT)

    assert draft.state.obligations[OWED].status == ("met" if rule.last_day_meets else status)


@pytest.mark.parametrize(("standard", "rule", "day"), TERMS)
@pytest.mark.parametrize(("later", "status"), [(-1, "cancelled"), (0, "cancelled"), (1, "missed")])
def test_it_can_be_cancelled_up_to_its_last_day(standard: Standard, rule: Rule, day: date, later: int, status: str) -> None:
    draft, last = opened(standard, rule, day)

    draft.cancel(draft.state.obligations[OWED], last + timedelta(days=later), FACT)

    assert draft.state.obligations[OWED].status == ("met" if rule.last_day_meets and later == 1 else status)

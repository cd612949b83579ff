"""Coordinating advice as such must be offered: to whoever moved out, however she left, within two weeks of it."""

from datetime import date
from typing import Any

import pytest

from havn_events.orchestrator import ObligationTransferred
from orchestrator.domain.transfer import counts_on
from tests.unit.orchestrator.stay import Stay, happened, lines
from tests.unit.orchestrator.test_facts_together import ADMITTED, LEFT, MOVED_OUT, STANDARDS, became, ended, march, the
from tests.unit.orchestrator.test_in_every_order import NOTICE, Told, in_every_order, states

LAST_DAY = march(24)
"""Two weeks after she left on the 10th."""
OFFER = "advice-offer"
ANSWERED = ["AdviceOffered", "AdviceStarted", "AdviceDeclined"]


def left_unplanned(standard: str = "serviceloven") -> Stay:
    """The municipality was told of her and initial advice was given; then she left, and no move had been planned."""
    stay = Stay(standard, ADMITTED)
    stay.take("MunicipalityNotified", date(2026, 1, 6), **NOTICE)
    stay.take("InitialAdviceGiven", date(2026, 1, 9))
    stay.take("WomanMovedOut", LEFT, **MOVED_OUT)
    return stay


@pytest.mark.parametrize("standard", STANDARDS)
@pytest.mark.parametrize(("over", "status"), [(23, "open"), (24, "missed"), (25, "missed")])
def test_what_nobody_offered_is_missed_when_two_weeks_are_over(standard: str, over: int, status: str) -> None:
    stay = left_unplanned(standard)
    assert (the(stay, OFFER).due, the(stay, OFFER).status) == (LAST_DAY, "open")

    stay.pass_day(march(over))

    assert the(stay, OFFER).status == status
    assert the(stay, OFFER).missed_on == (march(25) if status == "missed" else None)


def test_half_a_year_later_it_alone_tells_that_she_was_never_asked() -> None:
    stay = left_unplanned()
    stay.pass_day(date(2026, 9, 10))

    hers = {o.rule: o.status for o in stay.state.obligations.values() if "advice" in o.rule}
    assert hers == {"initial-advice": "met", OFFER: "missed", "advice-window": "met"}


@pytest.mark.parametrize("answer", ANSWERED)
@pytest.mark.parametrize(("on", "status"), [(23, "met"), (24, "met"), (25, "met-late")])
def test_an_offer_a_beginning_and_an_answer_meet_it(answer: str, on: int, status: str) -> None:
    stay = left_unplanned()
    stay.pass_day(march(on - 1))
    stay.take(answer, march(on))

    assert (the(stay, OFFER).status, the(stay, OFFER).closed_on) == (status, march(on))


@pytest.mark.parametrize("answer", ANSWERED)
@pytest.mark.parametrize("on", [ADMITTED, march(9), LEFT])
def test_what_was_offered_before_she_moved_counts(answer: str, on: date) -> None:
    told: Told = [(answer, on, {}), ("WomanMovedOut", LEFT, MOVED_OUT)]

    stays = in_every_order("serviceloven", *told)
    assert {(the(stay, OFFER).status, the(stay, OFFER).closed_on) for stay in stays} == {("met", on)}


@pytest.mark.parametrize(("again", "met_on"), [(6, 6), (10, 10), (11, 5), (24, 5), (25, 5), (30, 5)])
@pytest.mark.parametrize("again_by", ["AdviceOffered", "AdviceStarted"])
def test_an_answer_tells_of_an_offer_also_when_she_thinks_better_of_it(again: int, met_on: int, again_by: str) -> None:
    """Refused on the 5th, moved on the 10th; taken back before the move, only what took it back is looked back upon."""
    told: Told = [("AdviceDeclined", march(5), {}), ("WomanMovedOut", LEFT, MOVED_OUT), (again_by, march(again), {})]

    stays = in_every_order("serviceloven", *told)
    assert states(stays, OFFER) == {"met"}
    assert march(met_on) in {the(stay, OFFER).closed_on for stay in stays}
    assert {the(stay, OFFER).closed_on for stay in stays} <= {march(5), march(met_on)}


@pytest.mark.parametrize(
    ("started", "of_start", "of_offer"),
    [(4, "met", "met"), (5, "met", "met"), (6, "met-late", "met"), (24, "met-late", "met"), (25, "met-late", "met-late")],
)
def test_advice_that_begins_late_was_offered(started: int, of_start: str, of_offer: str) -> None:
    """Planned on the 5th. To begin by then is one promise, the offer as such another."""
    told: Told = [
        ("MoveOutPlanned", march(5), {}),
        ("AdviceStarted", march(started), {}),
        ("WomanMovedOut", LEFT, MOVED_OUT),
    ]

    stays = in_every_order("serviceloven", *told)
    assert (states(stays, "advice-start"), states(stays, OFFER)) == ({of_start}, {of_offer})


def test_what_was_neither_begun_nor_offered_breaks_both_promises() -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("MoveOutPlanned", march(5))
    stay.take("WomanMovedOut", LEFT, **MOVED_OUT)
    stay.pass_day(LAST_DAY)

    assert (the(stay, "advice-start").status, the(stay, OFFER).status) == ("missed", "missed")


def test_what_was_offered_but_not_begun_when_she_planned_to_leave_is_missed_once() -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("AdviceOffered", march(3))
    stay.take("MoveOutPlanned", march(5))
    stay.take("WomanMovedOut", LEFT, **MOVED_OUT)
    stay.pass_day(LAST_DAY)

    assert (the(stay, "advice-start").status, the(stay, OFFER).status) == ("missed", "met")


@pytest.mark.parametrize("moved", [23, 24, 25, 30])
@pytest.mark.parametrize("offered", [None, 20])
def test_another_municipality_owes_the_offer_from_the_day_her_home_moves_there(moved: int, offered: int | None) -> None:
    stay = left_unplanned()
    if offered:
        stay.take("AdviceOffered", march(offered))
    stay.pass_day(march(moved - 1))
    stay.take("HomeMunicipalityChanged", march(moved), municipality="0751")
    stay.pass_day(LAST_DAY)

    handed_over = [event for event, _ in stay.recorded if isinstance(event, ObligationTransferred) and event.rule == OFFER]
    if offered:
        assert (the(stay, OFFER).status, the(stay, OFFER).municipality, handed_over) == ("met", "0461", [])
    else:
        assert (the(stay, OFFER).status, the(stay, OFFER).municipality) == ("missed", "0751")
        assert [(event.from_municipality, event.occurred_on) for event in handed_over] == [("0461", march(moved))]
        assert the(stay, OFFER).due == LAST_DAY


@pytest.mark.parametrize("over", [None, LAST_DAY])
def test_an_annulled_stay_owes_no_offer(over: date | None) -> None:
    stay = left_unplanned()
    if over:
        stay.pass_day(over)
    stay.take("StayAnnulled", march(26))

    assert the(stay, OFFER).status == "cancelled"


def test_an_offer_told_after_the_stay_was_annulled_opens_and_meets_nothing() -> None:
    stay = Stay("serviceloven", ADMITTED)
    stay.take("StayAnnulled", march(1))
    stay.take("WomanMovedOut", LEFT, **MOVED_OUT)
    stay.take("AdviceOffered", march(12))

    assert OFFER not in {o.rule for o in stay.state.obligations.values()}


# --- the next stay -------------------------------------------------------------------------------------------------------------


def next_stay(before: Stay, on: date, *, direct: bool) -> Stay:
    """Her stay at another shelter. Straight from the one before, it begins with the facts that count on."""
    stay = Stay("serviceloven", on)
    for fact in counts_on(before.state) if direct else ():
        stay.take(fact.name, fact.occurred_on, on, attributes=fact.attributes)
    return stay


def went_on(*facts: tuple[str, dict[str, Any]]) -> Stay:
    """She was told these things on the 3rd and the days after it, and was admitted elsewhere on the day she left."""
    before = Stay("serviceloven", ADMITTED)
    for number, (name, more) in enumerate(facts):
        before.take(name, march(3 + number), **more)
    before.take("WomanMovedOut", LEFT, attributes={"stay_days": 64, "destination": "other-shelter"})
    return before


def test_what_is_not_offered_when_she_goes_straight_to_another_shelter_is_owed_from_there() -> None:
    before = went_on()
    before.go_on(LEFT)
    assert the(before, OFFER).status == "cancelled"

    after = next_stay(before, LEFT, direct=True)
    after.take("WomanMovedOut", march(20), attributes={"stay_days": 10, "destination": "new-home"})
    assert (the(after, OFFER).status, the(after, OFFER).due) == ("open", date(2026, 4, 3))


Step = tuple[str, dict[str, Any]]
OFFERED: Step = ("AdviceOffered", {})
STARTED: Step = ("AdviceStarted", {})
DECLINED: Step = ("AdviceDeclined", {})
ENDED: Step = ("AdviceEnded", ended("other"))


@pytest.mark.parametrize(
    ("told", "direct", "status"),
    [
        ([OFFERED], True, "met"),
        ([STARTED], True, "met"),
        ([OFFERED, DECLINED], True, "met"),
        ([DECLINED], True, "open"),
        ([STARTED, ENDED], True, "open"),
        ([OFFERED], False, "open"),
        ([STARTED], False, "open"),
    ],
)
def test_an_offer_counts_on_after_a_direct_transfer_and_never_in_a_new_stay(told: list[Step], direct: bool, status: str) -> None:
    """A refusal, and advice that came to its end, are not carried over: the next shelter asks her again."""
    after = next_stay(went_on(*told), LEFT, direct=direct)
    after.take("WomanMovedOut", march(20), attributes={"stay_days": 10, "destination": "new-home"})

    assert the(after, OFFER).status == status
    assert the(after, OFFER).closed_on == (march(3) if status == "met" else None)


# --- what a caseworker reads ---------------------------------------------------------------------------------------------------


def test_a_caseworker_reads_why_and_that_nobody_asked_her() -> None:
    stay = left_unplanned()
    stay.pass_day(LAST_DAY)

    danish, english = lines(stay, OFFER), lines(stay, OFFER, "en")
    assert danish[:3] == [
        "Tilbud om koordinerende rådgivning.",
        "Kilde: Lov om social service, § 109, stk. 7.",
        "Pligten eller fristen er en læsning af kilden og står ikke ordret i den.",
    ]
    assert "Frist: 2 uger." in danish
    assert "Dag 0 er tirsdag den 10. marts 2026: fraflytning." in danish
    assert "Sidste dag er tirsdag den 24. marts 2026." in danish
    assert happened(stay, OFFER)[-2:] == [
        "Onsdag den 25. marts 2026: ikke opfyldt i tide; sidste dag var tirsdag den 24. marts 2026.",
        "Status: ikke opfyldt i tide og stadig ikke opfyldt.",
    ]
    assert english[0] == "Offer of coordinating advice."


def test_the_municipality_is_reminded_two_working_days_before_the_last_day() -> None:
    stay = left_unplanned()
    stay.pass_day(march(18))
    assert became(stay, OFFER) == ["ObligationOpened"]
    stay.pass_day(march(19))

    assert became(stay, OFFER) == ["ObligationOpened", "ObligationDueSoon"]
    assert "Fredag den 20. marts 2026: påmindelse om fristen, 2 hverdage før den var ude." in lines(stay, OFFER)

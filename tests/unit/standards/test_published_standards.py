"""The packaged standards, rule by rule: what opens and closes each, and the last day it is met in time."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from havn_standards import Rule, Rulebook, Standard, Trigger, count, due
from orchestrator.words import term_in_words

BOOK = Rulebook.load()
IN_FORCE = {standard.id: standard for standard in BOOK.standards}

# Day 0, then the last day in time and the day after it, on which it is missed; "-" where no term runs.
# 2024-01-31: a Wednesday, at the end of a month, before a leap day. 2025-04-14: the Monday before Easter, which is on
# 20 April. 2023-05-03: the Wednesday before the last Store Bededag.
DUE = """
rule                                    2024-01-31              2025-04-14              2023-05-03
serviceloven/admission-notice           2024-02-05 2024-02-06   2025-04-22 2025-04-23   2023-05-09 2023-05-10
serviceloven/child-notice               2024-02-03 2024-02-04   2025-04-17 2025-04-18   2023-05-06 2023-05-07
serviceloven/action-plan                2024-04-30 2024-05-01   2025-07-14 2025-07-15   2023-08-03 2023-08-04
serviceloven/payment-decision           -          -            -          -            -          -
serviceloven/psychology-woman           -          -            -          -            -          -
serviceloven/psychology-child           -          -            -          -            -          -
serviceloven/psychology-woman-offer     2024-02-14 2024-02-15   2025-04-28 2025-04-29   2023-05-17 2023-05-18
serviceloven/psychology-child-offer     2024-02-14 2024-02-15   2025-04-28 2025-04-29   2023-05-17 2023-05-18
serviceloven/psychology-woman-start     2024-02-14 2024-02-15   2025-04-28 2025-04-29   2023-05-17 2023-05-18
serviceloven/psychology-child-start     2024-02-14 2024-02-15   2025-04-28 2025-04-29   2023-05-17 2023-05-18
serviceloven/psychologist-agreement     -          -            -          -            -          -
serviceloven/initial-advice             -          -            -          -            -          -
serviceloven/advice-start               2024-01-31 2024-02-01   2025-04-14 2025-04-15   2023-05-03 2023-05-04
serviceloven/advice-offer               2024-02-14 2024-02-15   2025-04-28 2025-04-29   2023-05-17 2023-05-18
serviceloven/advice-window              2024-07-31 2024-08-01   2025-10-14 2025-10-15   2023-11-03 2023-11-04
serviceloven/discharge-notice           2024-02-05 2024-02-06   2025-04-22 2025-04-23   2023-05-09 2023-05-10
serviceloven/complaint-answer           2024-02-28 2024-02-29   2025-05-12 2025-05-13   2023-05-31 2023-06-01
hellerup/admission-decision             2024-01-31 2024-02-01   2025-04-14 2025-04-15   2023-05-03 2023-05-04
hellerup/admission-notice               2024-02-03 2024-02-04   2025-04-17 2025-04-18   2023-05-06 2023-05-07
hellerup/child-notice                   2024-02-03 2024-02-04   2025-04-17 2025-04-18   2023-05-06 2023-05-07
hellerup/contact-persons                2024-01-31 2024-02-01   2025-04-14 2025-04-15   2023-05-03 2023-05-04
hellerup/contact-persons-child          2024-01-31 2024-02-01   2025-04-14 2025-04-15   2023-05-03 2023-05-04
hellerup/stay-plan                      2024-02-29 2024-03-01   2025-05-14 2025-05-15   2023-06-03 2023-06-04
hellerup/plan-review                    2024-04-30 2024-05-01   2025-07-14 2025-07-15   2023-08-03 2023-08-04
hellerup/aftercare-offer                2024-01-31 2024-02-01   2025-04-14 2025-04-15   2023-05-03 2023-05-04
hellerup/aftercare-course               2024-07-31 2024-08-01   2025-10-14 2025-10-15   2023-11-03 2023-11-04
hellerup/cafe-invitation                2024-07-31 2024-08-01   2025-10-14 2025-10-15   2023-11-03 2023-11-04
odense/admission-notice                 2024-02-03 2024-02-04   2025-04-17 2025-04-18   2023-05-06 2023-05-07
odense/child-notice                     2024-02-03 2024-02-04   2025-04-17 2025-04-18   2023-05-06 2023-05-07
odense/contact-persons                  2024-01-31 2024-02-01   2025-04-14 2025-04-15   2023-05-03 2023-05-04
odense/contact-persons-child            2024-01-31 2024-02-01   2025-04-14 2025-04-15   2023-05-03 2023-05-04
odense/risk-assessment                  2024-02-07 2024-02-08   2025-04-24 2025-04-25   2023-05-11 2023-05-12
odense/needs-clarification              2024-02-07 2024-02-08   2025-04-24 2025-04-25   2023-05-11 2023-05-12
odense/stay-plan                        -          -            -          -            -          -
odense/discharge-notice                 2024-02-05 2024-02-06   2025-04-22 2025-04-23   2023-05-09 2023-05-10
odense/advice-window                    2024-07-31 2024-08-01   2025-10-14 2025-10-15   2023-11-03 2023-11-04
odense/complaint-answer                 2024-02-28 2024-02-29   2025-05-12 2025-05-13   2023-05-31 2023-06-01
kobenhavn/admission-notice              2024-02-05 2024-02-06   2025-04-22 2025-04-23   2023-05-09 2023-05-10
kobenhavn/contact-persons               2024-01-31 2024-02-01   2025-04-14 2025-04-15   2023-05-03 2023-05-04
kobenhavn/risk-assessment               2024-01-31 2024-02-01   2025-04-14 2025-04-15   2023-05-03 2023-05-04
kobenhavn/stay-plan                     -          -            -          -            -          -
kobenhavn/action-plan                   2024-04-30 2024-05-01   2025-07-14 2025-07-15   2023-08-03 2023-08-04
kobenhavn/plan-review                   2024-04-30 2024-05-01   2025-07-14 2025-07-15   2023-08-03 2023-08-04
kobenhavn/action-plan-review            2024-04-30 2024-05-01   2025-07-14 2025-07-15   2023-08-03 2023-08-04
kobenhavn/psychology-woman              -          -            -          -            -          -
kobenhavn/psychology-child              -          -            -          -            -          -
kobenhavn/advice-window                 2024-07-31 2024-08-01   2025-10-14 2025-10-15   2023-11-03 2023-11-04
kobenhavn/discharge-notice              2024-02-05 2024-02-06   2025-04-22 2025-04-23   2023-05-09 2023-05-10
kobenhavn/complaint-answer              2024-02-28 2024-02-29   2025-05-12 2025-05-13   2023-05-31 2023-06-01
lokk/admission-notice                   2024-02-05 2024-02-06   2025-04-22 2025-04-23   2023-05-09 2023-05-10
lokk/admission-notice-anonymous         2024-02-14 2024-02-15   2025-04-28 2025-04-29   2023-05-17 2023-05-18
lokk/risk-assessment                    2024-01-31 2024-02-01   2025-04-14 2025-04-15   2023-05-03 2023-05-04
lokk/risk-assessment-child              2024-01-31 2024-02-01   2025-04-14 2025-04-15   2023-05-03 2023-05-04
lokk/stay-plan                          -          -            -          -            -          -
lokk/aftercare-offer                    2024-01-31 2024-02-01   2025-04-14 2025-04-15   2023-05-03 2023-05-04
"""

# rule | one for each | owed by > owed to | opened by | met by | missed by | cancelled by | the rest
MEANING = """
serviceloven/admission-notice | woman | shelter > home-municipality | WomanAdmitted | MunicipalityNotified(notice=admission) | | |
serviceloven/child-notice | child | shelter > home-municipality | ChildArrived | ChildNotificationSent | | |
serviceloven/action-plan | woman | acting-municipality > woman | ActionPlanRequested | ActionPlanMade or MunicipalityAnswered(answer=action-plan-made) | | MunicipalityAnswered(answer=action-plan-not-wanted) |
serviceloven/payment-decision | woman | home-municipality > woman | PaymentReliefRequested | PaymentDecided | | | looks back
serviceloven/psychology-woman | woman | home-municipality > woman | WomanAdmitted | | | TreatmentDeclined | 600 to 600 minutes
serviceloven/psychology-child | child | home-municipality > child | ChildArrived | | | TreatmentDeclined | 240 to 600 minutes
serviceloven/psychology-woman-offer | woman | home-municipality > woman | WomanAdmitted | TreatmentOffered or SessionHeld or TreatmentDeclined | | | from WomanMovedOut, looks back
serviceloven/psychology-child-offer | child | home-municipality > child | ChildArrived | TreatmentOffered or SessionHeld or TreatmentDeclined | | | from WomanMovedOut, looks back
serviceloven/psychology-woman-start | woman | home-municipality > woman | WomanAdmitted | SessionHeld or SessionMissed | | TreatmentDeclined or TreatmentCompleted | from WomanMovedOut, looks back
serviceloven/psychology-child-start | child | home-municipality > child | ChildArrived | SessionHeld or SessionMissed | | TreatmentDeclined or TreatmentCompleted | from WomanMovedOut, looks back
serviceloven/psychologist-agreement | woman | home-municipality > woman | AgreementRequested | AgreementAnswered | | |
serviceloven/initial-advice | woman | home-municipality > woman | MunicipalityNotified(notice=admission) | InitialAdviceGiven | MoveOutPlanned or WomanMovedOut | | looks back
serviceloven/advice-start | woman | home-municipality > woman | MoveOutPlanned | AdviceStarted | | AdviceDeclined or MoveOutCancelled | looks back
serviceloven/advice-offer | woman | home-municipality > woman | WomanMovedOut | AdviceOffered or AdviceStarted or AdviceDeclined | | | looks back
serviceloven/advice-window | woman | home-municipality > woman | WomanMovedOut | AdviceEnded(ended_because not declined, other) | | AdviceDeclined or AdviceEnded(ended_because=declined, other) | looks back, last day meets
serviceloven/discharge-notice | woman | shelter > home-municipality | WomanMovedOut | MunicipalityNotified(notice=discharge) | | | looks back
serviceloven/complaint-answer | complaint | shelter > complainant | ComplaintFiled(complaint_about=refusal, discharge) | ComplaintAnswered(final=True) or ComplaintForwarded | | ComplaintWithdrawn |
hellerup/admission-decision | inquiry | shelter > woman | InterviewHeld | InquiryAssessed | | |
hellerup/admission-notice | woman | shelter > home-municipality | WomanAdmitted | MunicipalityNotified(notice=admission) | | |
hellerup/child-notice | child | shelter > home-municipality | ChildArrived | ChildNotificationSent | | |
hellerup/contact-persons | woman | shelter > woman | WomanAdmitted | ContactPersonAssigned(profession=pedagogue) and ContactPersonAssigned(profession=social-worker) | | |
hellerup/contact-persons-child | child | shelter > child | ChildArrived | ContactPersonAssigned(profession=pedagogue) and ContactPersonAssigned(profession=social-worker) | | |
hellerup/stay-plan | woman | shelter > woman | WomanAdmitted | StayPlanAgreed | | WomanMovedOut |
hellerup/plan-review | woman | shelter > woman | StayPlanAgreed or PlanReviewed(plan=stay-plan) | PlanReviewed(plan=stay-plan) | | WomanMovedOut |
hellerup/aftercare-offer | woman | shelter > woman-and-children | WomanMovedOut(stay_days>14; destination not other-shelter, other-social-institution, back-to-perpetrator) | AftercareOffered or AftercareStarted or AftercareDeclined | | | looks back
hellerup/aftercare-course | woman | shelter > woman-and-children | AftercareStarted | AftercareEnded(completed=True) | AftercareEnded(completed=False; course_ended_because=course-over, other) | AftercareEnded(completed=False; course_ended_because not course-over, other) | 3 visits over 3 months
hellerup/cafe-invitation | woman | shelter > woman-and-children | AftercareStarted or CafeInvitationSent | CafeInvitationSent | | CafeInvitationsDeclined |
odense/admission-notice | woman | shelter > home-municipality | WomanAdmitted | MunicipalityNotified(notice=admission) | | |
odense/child-notice | child | shelter > home-municipality | ChildArrived | ChildNotificationSent | | |
odense/contact-persons | woman | shelter > woman | WomanAdmitted | ContactPersonAssigned(profession not coordinating-adviser) and ContactPersonAssigned(profession=coordinating-adviser) | | |
odense/contact-persons-child | child | shelter > child | ChildArrived | ContactPersonAssigned | | |
odense/risk-assessment | woman | shelter > woman | WomanAdmitted | RiskAssessed | | WomanMovedOut | looks back
odense/needs-clarification | woman | shelter > woman | WomanAdmitted | NeedsClarified | | WomanMovedOut |
odense/stay-plan | woman | shelter > woman | WomanAdmitted | StayPlanAgreed | WomanMovedOut | |
odense/discharge-notice | woman | shelter > home-municipality | WomanMovedOut | MunicipalityNotified(notice=discharge) | | | looks back
odense/advice-window | woman | home-municipality > woman | WomanMovedOut | AdviceEnded(ended_because not declined, other) | | AdviceDeclined or AdviceEnded(ended_because=declined, other) | looks back, last day meets, shelter advises own citizens
odense/complaint-answer | complaint | shelter > complainant | ComplaintFiled(complaint_about=refusal, discharge) | ComplaintAnswered(final=True) or ComplaintForwarded | | ComplaintWithdrawn |
kobenhavn/admission-notice | woman | shelter > home-municipality | WomanAdmitted | MunicipalityNotified(notice=admission) | | |
kobenhavn/contact-persons | woman | shelter > woman | WomanAdmitted | ContactPersonAssigned | | |
kobenhavn/risk-assessment | woman | shelter > woman | WomanAdmitted | RiskAssessed | | | looks back
kobenhavn/stay-plan | woman | shelter > woman | WomanAdmitted | StayPlanAgreed | WomanMovedOut | |
kobenhavn/action-plan | woman | acting-municipality > woman | ActionPlanRequested | ActionPlanMade or MunicipalityAnswered(answer=action-plan-made) | | MunicipalityAnswered(answer=action-plan-not-wanted) |
kobenhavn/plan-review | woman | shelter > woman | StayPlanAgreed or PlanReviewed(plan=stay-plan) | PlanReviewed(plan=stay-plan) | | WomanMovedOut |
kobenhavn/action-plan-review | woman | acting-municipality > woman | ActionPlanMade or PlanReviewed(plan=action-plan) or MunicipalityAnswered(answer=action-plan-made, action-plan-reviewed) | PlanReviewed(plan=action-plan) or MunicipalityAnswered(answer=action-plan-reviewed) | | WomanMovedOut or MunicipalityAnswered(answer=action-plan-not-wanted) |
kobenhavn/psychology-woman | woman | home-municipality > woman | WomanAdmitted | | | TreatmentDeclined | 10 to 10 sessions
kobenhavn/psychology-child | child | home-municipality > child | ChildArrived | | | TreatmentDeclined | 4 to 10 sessions
kobenhavn/advice-window | woman | home-municipality > woman | WomanMovedOut | AdviceEnded(ended_because not declined, other) | | AdviceDeclined or AdviceEnded(ended_because=declined, other) | looks back, last day meets
kobenhavn/discharge-notice | woman | shelter > home-municipality | WomanMovedOut | MunicipalityNotified(notice=discharge) | | | looks back
kobenhavn/complaint-answer | complaint | shelter > complainant | ComplaintFiled(complaint_about=refusal, discharge) | ComplaintAnswered(final=True) or ComplaintForwarded | | ComplaintWithdrawn |
lokk/admission-notice | woman | shelter > home-municipality | WomanAdmitted(anonymous not True) | MunicipalityNotified(notice=admission) | | |
lokk/admission-notice-anonymous | woman | shelter > home-municipality | WomanAdmitted(anonymous=True) | MunicipalityNotified(notice=admission) | | |
lokk/risk-assessment | woman | shelter > woman | WomanAdmitted | RiskAssessed | | | looks back
lokk/risk-assessment-child | child | shelter > child | ChildArrived | RiskAssessed | | |
lokk/stay-plan | woman | shelter > woman | WomanAdmitted | StayPlanAgreed | WomanMovedOut | |
lokk/aftercare-offer | woman | shelter > woman-and-children | WomanMovedOut | AftercareOffered or AftercareStarted or AftercareDeclined | | | looks back
"""  # noqa: E501

DUE_ROWS = [line.split() for line in DUE.strip().splitlines()]
DAYS0 = DUE_ROWS[0][1:]
CASES = [
    (name, day0, cells[2 * position], cells[2 * position + 1])
    for name, *cells in DUE_ROWS[1:]
    for position, day0 in enumerate(DAYS0)
]
MEANINGS = {row[0]: row[1:] for row in ([cell.strip() for cell in line.split("|")] for line in MEANING.splitlines()[1:])}


def own_rules(standard: Standard) -> list[Rule]:
    inherited = IN_FORCE[standard.parent].rules if standard.parent else ()
    return [rule for rule in standard.rules if rule not in inherited]


OWN = {f"{standard.id}/{rule.id}": (standard, rule) for standard in BOOK.standards for rule in own_rules(standard)}


def test_every_rule_of_every_standard_is_in_the_tables() -> None:
    assert [name for name, *_ in DUE_ROWS[1:]] == list(MEANINGS)
    assert sorted(MEANINGS) == sorted(OWN)


@pytest.mark.parametrize(("name", "day0", "in_time", "missed"), CASES)
def test_a_rule_is_met_in_time_up_to_its_due_day(name: str, day0: str, in_time: str, missed: str) -> None:
    standard, rule = OWN[name]
    if rule.due is None:
        assert (in_time, missed) == ("-", "-")
        return
    last = due(rule.due, date.fromisoformat(day0), standard.closing_days)

    assert last - timedelta(days=1) < date.fromisoformat(in_time) <= last
    assert date.fromisoformat(missed) > last
    assert date.fromisoformat(missed) - timedelta(days=1) == last
    assert count(rule.due, date.fromisoformat(day0), standard.closing_days).due == last


def told(trigger: Trigger) -> str:
    signs = {"any-of": "=", "none-of": " not ", "more-than": ">"}
    tests = [f"{test.attribute}{signs[test.relation]}{', '.join(map(str, test.values))}" for test in trigger.when.tests]
    return trigger.fact + (f"({'; '.join(tests)})" if tests else "")


@pytest.mark.parametrize("name", MEANINGS)
def test_a_rule_means_what_the_table_says(name: str) -> None:
    _, rule = OWN[name]
    rest = [
        f"{rule.amount.floor} to {rule.amount.ceiling} {rule.amount.unit}" if rule.amount else "",
        f"from {rule.due_from}" if rule.due_from else "",
        "looks back" if rule.looks_back else "",
        "last day meets" if rule.last_day_meets else "",
        "shelter advises own citizens" if rule.shelter_advises_after == "own-citizens" else "",
        f"{rule.course.visits} visits over {term_in_words(rule.course.lasts).en}" if rule.course else "",
    ]

    assert MEANINGS[name] == [
        rule.per,
        f"{rule.owed_by} > {rule.owed_to}",
        " or ".join(map(told, rule.opened_by)),
        (" and " if rule.meets == "all" else " or ").join(map(told, rule.met_by)),
        " or ".join(map(told, rule.missed_by)),
        " or ".join(map(told, rule.cancelled_by)),
        ", ".join(filter(None, rest)),
    ]


@pytest.mark.parametrize(
    ("standard_id", "before", "first", "last", "version"),
    [
        ("serviceloven", "2019-12-31", "2020-01-01", "2050-12-31", "2020"),
        ("odense", "2023-04-19", "2023-04-20", "2025-04-20", "2023-serviceloven-2020"),
        ("kobenhavn", "2022-12-31", "2023-01-01", "2025-01-01", "2023-serviceloven-2020"),
        ("hellerup", "2021-12-31", "2022-01-01", "2026-01-01", "2025-serviceloven-2020"),
        ("lokk", "2019-12-31", "2020-01-01", "2026-01-01", "2012-serviceloven-2020"),
    ],
)
def test_each_standard_is_in_force_from_its_first_day(standard_id: str, before: str, first: str, last: str, version: str) -> None:
    with pytest.raises(LookupError):
        BOOK.standard(standard_id, date.fromisoformat(before))
    assert {BOOK.standard(standard_id, date.fromisoformat(day)).version for day in (first, last)} == {version}


@pytest.mark.parametrize(
    ("started_on", "complete_from"),
    [
        ("2024-01-10", "2024-04-10"),
        ("2023-11-30", "2024-02-29"),
        ("2022-11-30", "2023-02-28"),
        ("2024-01-31", "2024-04-30"),
        ("2024-10-01", "2025-01-01"),
        ("2024-12-31", "2025-03-31"),
    ],
)
def test_hellerups_course_is_long_enough_after_three_months(started_on: str, complete_from: str) -> None:
    standard = IN_FORCE["hellerup"]

    first_day = standard.complete_from(standard.rule("aftercare-course"), date.fromisoformat(started_on))
    assert first_day == date.fromisoformat(complete_from)
    assert standard.complete_from(standard.rule("aftercare-offer"), date.fromisoformat(started_on)) is None


@pytest.mark.parametrize("stay_days", [13, 14, 15])
@pytest.mark.parametrize(
    ("destination", "eligible"),
    [
        ("new-home", True),
        ("own-home-without-perpetrator", True),
        ("family", True),
        ("other-network", True),
        ("guest-house", True),
        ("unknown", True),
        ("other-shelter", False),
        ("other-social-institution", False),
        ("back-to-perpetrator", False),
    ],
)
def test_hellerup_offers_aftercare_after_more_than_14_days(stay_days: int, destination: str, eligible: bool) -> None:
    opens = IN_FORCE["hellerup"].rule("aftercare-offer").opened_by[0]

    assert opens.matches("WomanMovedOut", {"stay_days": stay_days, "destination": destination}) is (eligible and stay_days > 14)


@pytest.mark.parametrize(
    ("attributes", "opened"),
    [
        ({"anonymous": True}, ["admission-notice-anonymous"]),
        ({"anonymous": False}, ["admission-notice"]),
        ({}, ["admission-notice"]),
    ],
)
def test_lokk_owes_exactly_one_notice(attributes: Mapping[str, object], opened: list[str]) -> None:
    assert [
        rule.id
        for rule in IN_FORCE["lokk"].rules_opened_by("WomanAdmitted")
        if "notice" in rule.id and any(trigger.matches("WomanAdmitted", attributes) for trigger in rule.opened_by)
    ] == opened


@pytest.mark.parametrize("standard", BOOK.standards, ids=lambda standard: standard.id)
def test_every_standard_keeps_what_the_act_demands(standard: Standard) -> None:
    statute = {rule.id for rule in IN_FORCE["serviceloven"].rules if rule.source.basis == "statute"}

    assert statute <= {rule.id for rule in standard.rules}
    assert standard.closing_days == frozenset()


def test_a_shelter_never_takes_more_time_for_a_notice_than_the_act_gives_it_unless_it_is_lokk() -> None:
    for standard in (IN_FORCE[name] for name in ("odense", "kobenhavn", "hellerup")):
        for day0 in (date(2024, 1, 1) + timedelta(days=offset) for offset in range(366)):
            own, national = (book.rule("admission-notice").due for book in (standard, IN_FORCE["serviceloven"]))
            assert own is not None
            assert national is not None
            assert due(own, day0) <= due(national, day0)

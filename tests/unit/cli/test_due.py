"""`havn due` against a calendar worked by hand."""

from pathlib import Path
from typing import Any

import pytest

from havn_cli.words import term_en
from havn_standards import Term
from tests.unit.cli.command import answer, complaint, havn

Row = tuple[str, str, str, str, str, list[str], list[str]]

ADMITTED, MOVED_OUT = "WomanAdmitted", "WomanMovedOut"
NOTICE, RISK, DISCHARGE = "admission-notice", "risk-assessment", "discharge-notice"


def obligation(rule: str, *arguments: str) -> dict[str, Any]:
    told = answer("due", *arguments)
    (found,) = (line for line in (*told["opens"], *told["counts"]) if line["rule"] == rule)
    assert isinstance(found, dict)
    return found


WORKED_BY_HAND: dict[str, Row] = {
    "Easter 2023, two days before": (
        *("kobenhavn", ADMITTED, "2023-04-04", NOTICE, "2023-04-12"),
        ["2023-04-05", "2023-04-11", "2023-04-12"],
        [
            "2023-04-06 holiday Skærtorsdag",
            "2023-04-07 holiday Langfredag",
            "2023-04-08 weekend lørdag",
            "2023-04-09 weekend søndag",
            "2023-04-10 holiday Anden påskedag",
        ],
    ),
    "an interview on a Saturday, decided the same day": (
        *("hellerup", "InterviewHeld", "2025-05-10", "admission-decision", "2025-05-10"),
        [],
        [],
    ),
    "Easter 2023, the day before": (
        *("kobenhavn", ADMITTED, "2023-04-05", NOTICE, "2023-04-13"),
        ["2023-04-11", "2023-04-12", "2023-04-13"],
        [
            "2023-04-06 holiday Skærtorsdag",
            "2023-04-07 holiday Langfredag",
            "2023-04-08 weekend lørdag",
            "2023-04-09 weekend søndag",
            "2023-04-10 holiday Anden påskedag",
        ],
    ),
    "Easter 2024 with the clock change on Easter Sunday": (
        *("odense", ADMITTED, "2024-03-25", RISK, "2024-04-04"),
        ["2024-03-26", "2024-03-27", "2024-04-02", "2024-04-03", "2024-04-04"],
        [
            "2024-03-28 holiday Skærtorsdag",
            "2024-03-29 holiday Langfredag",
            "2024-03-30 weekend lørdag",
            "2024-03-31 weekend søndag",
            "2024-04-01 holiday Anden påskedag",
        ],
    ),
    "admitted on Easter Sunday 2024": (
        *("kobenhavn", ADMITTED, "2024-03-31", NOTICE, "2024-04-04"),
        ["2024-04-02", "2024-04-03", "2024-04-04"],
        ["2024-04-01 holiday Anden påskedag"],
    ),
    "moved out on Easter Monday 2024": (
        *("serviceloven", MOVED_OUT, "2024-04-01", DISCHARGE, "2024-04-04"),
        ["2024-04-02", "2024-04-03", "2024-04-04"],
        [],
    ),
    "Christmas 2023, three working days": (
        *("kobenhavn", ADMITTED, "2023-12-22", NOTICE, "2023-12-29"),
        ["2023-12-27", "2023-12-28", "2023-12-29"],
        [
            "2023-12-23 weekend lørdag",
            "2023-12-24 weekend søndag",
            "2023-12-25 holiday Juledag",
            "2023-12-26 holiday Anden juledag",
        ],
    ),
    "Christmas 2023, five working days into 2024": (
        *("odense", ADMITTED, "2023-12-22", RISK, "2024-01-03"),
        ["2023-12-27", "2023-12-28", "2023-12-29", "2024-01-02", "2024-01-03"],
        [
            "2023-12-23 weekend lørdag",
            "2023-12-24 weekend søndag",
            "2023-12-25 holiday Juledag",
            "2023-12-26 holiday Anden juledag",
            "2023-12-30 weekend lørdag",
            "2023-12-31 weekend søndag",
            "2024-01-01 holiday Nytårsdag",
        ],
    ),
    "Christmas 2024, with both Eves as working days": (
        *("odense", ADMITTED, "2024-12-23", RISK, "2025-01-02"),
        ["2024-12-24", "2024-12-27", "2024-12-30", "2024-12-31", "2025-01-02"],
        [
            "2024-12-25 holiday Juledag",
            "2024-12-26 holiday Anden juledag",
            "2024-12-28 weekend lørdag",
            "2024-12-29 weekend søndag",
            "2025-01-01 holiday Nytårsdag",
        ],
    ),
    "Store Bededag 2023, five working days": (
        *("odense", ADMITTED, "2023-05-03", RISK, "2023-05-11"),
        ["2023-05-04", "2023-05-08", "2023-05-09", "2023-05-10", "2023-05-11"],
        ["2023-05-05 holiday Store bededag", "2023-05-06 weekend lørdag", "2023-05-07 weekend søndag"],
    ),
    "Store Bededag 2023, the day before": (
        *("kobenhavn", ADMITTED, "2023-05-04", NOTICE, "2023-05-10"),
        ["2023-05-08", "2023-05-09", "2023-05-10"],
        ["2023-05-05 holiday Store bededag", "2023-05-06 weekend lørdag", "2023-05-07 weekend søndag"],
    ),
    "no Store Bededag in 2024, five working days": (
        *("odense", ADMITTED, "2024-04-24", RISK, "2024-05-01"),
        ["2024-04-25", "2024-04-26", "2024-04-29", "2024-04-30", "2024-05-01"],
        ["2024-04-27 weekend lørdag", "2024-04-28 weekend søndag"],
    ),
    "no Store Bededag in 2024, the day before": (
        *("kobenhavn", ADMITTED, "2024-04-25", NOTICE, "2024-04-30"),
        ["2024-04-26", "2024-04-29", "2024-04-30"],
        ["2024-04-27 weekend lørdag", "2024-04-28 weekend søndag"],
    ),
    "over a leap day": (
        *("kobenhavn", ADMITTED, "2024-02-27", NOTICE, "2024-03-01"),
        ["2024-02-28", "2024-02-29", "2024-03-01"],
        [],
    ),
    "the same days of a year without one": (
        *("kobenhavn", ADMITTED, "2023-02-27", NOTICE, "2023-03-02"),
        ["2023-02-28", "2023-03-01", "2023-03-02"],
        [],
    ),
    "admitted on a leap day": (
        *("kobenhavn", ADMITTED, "2024-02-29", NOTICE, "2024-03-05"),
        ["2024-03-01", "2024-03-04", "2024-03-05"],
        ["2024-03-02 weekend lørdag", "2024-03-03 weekend søndag"],
    ),
    "three calendar days over a leap day": (
        *("odense", ADMITTED, "2024-02-27", NOTICE, "2024-03-01"),
        ["2024-02-28", "2024-02-29", "2024-03-01"],
        [],
    ),
    "clocks forward 2023, working days": (
        *("kobenhavn", ADMITTED, "2023-03-24", NOTICE, "2023-03-29"),
        ["2023-03-27", "2023-03-28", "2023-03-29"],
        ["2023-03-25 weekend lørdag", "2023-03-26 weekend søndag"],
    ),
    "clocks forward 2023, calendar days": (
        *("hellerup", ADMITTED, "2023-03-25", NOTICE, "2023-03-28"),
        ["2023-03-26", "2023-03-27", "2023-03-28"],
        [],
    ),
    "clocks back 2023, working days": (
        *("odense", ADMITTED, "2023-10-27", RISK, "2023-11-03"),
        ["2023-10-30", "2023-10-31", "2023-11-01", "2023-11-02", "2023-11-03"],
        ["2023-10-28 weekend lørdag", "2023-10-29 weekend søndag"],
    ),
    "clocks back 2023, calendar days": (
        *("odense", ADMITTED, "2023-10-28", NOTICE, "2023-10-31"),
        ["2023-10-29", "2023-10-30", "2023-10-31"],
        [],
    ),
    "clocks forward 2024, calendar days": (
        *("odense", ADMITTED, "2024-03-30", NOTICE, "2024-04-02"),
        ["2024-03-31", "2024-04-01", "2024-04-02"],
        [],
    ),
    "clocks back 2024, admitted on the day": (
        *("kobenhavn", ADMITTED, "2024-10-27", NOTICE, "2024-10-30"),
        ["2024-10-28", "2024-10-29", "2024-10-30"],
        [],
    ),
    "clocks back 2024, calendar days": (
        *("odense", ADMITTED, "2024-10-26", NOTICE, "2024-10-29"),
        ["2024-10-27", "2024-10-28", "2024-10-29"],
        [],
    ),
}


@pytest.mark.parametrize("name", WORKED_BY_HAND)
def test_the_due_day_and_every_day_on_the_way_are_those_worked_by_hand(name: str) -> None:
    standard, event, on, rule, due, counted, skipped = WORKED_BY_HAND[name]

    told = obligation(rule, "--standard", standard, "--event", event, "--on", on)

    assert told["due"] == due
    assert [day["day"] for day in told["days"] if "counted" in day] == counted
    assert [day["counted"] for day in told["days"] if "counted" in day] == list(range(1, len(counted) + 1))
    assert [f"{day['day']} {day['skipped']} {day['name_da']}" for day in told["days"] if "skipped" in day] == skipped
    assert [day["day"] for day in told["days"]] == sorted([*counted, *(day[:10] for day in skipped)])


@pytest.mark.parametrize(
    ("standard", "event", "on", "rule", "due", "days"),
    [
        ("hellerup", ADMITTED, "2024-01-31", "stay-plan", "2024-02-29", 29),
        ("hellerup", ADMITTED, "2023-01-31", "stay-plan", "2023-02-28", 28),
        ("hellerup", ADMITTED, "2024-02-29", "stay-plan", "2024-03-29", 29),
        ("hellerup", ADMITTED, "2024-02-28", "stay-plan", "2024-03-28", 29),
        ("serviceloven", MOVED_OUT, "2023-08-31", "advice-window", "2024-02-29", 182),
        ("serviceloven", MOVED_OUT, "2024-08-31", "advice-window", "2025-02-28", 181),
        ("serviceloven", MOVED_OUT, "2024-02-29", "advice-window", "2024-08-29", 182),
        ("serviceloven", MOVED_OUT, "2024-02-15", "psychology-woman-offer", "2024-02-29", 14),
        ("odense", ADMITTED, "2024-02-29", "contact-persons", "2024-02-29", 0),
    ],
)
def test_months_weeks_and_the_same_day(standard: str, event: str, on: str, rule: str, due: str, days: int) -> None:
    told = obligation(rule, "--standard", standard, "--event", event, "--on", on)

    assert (told["due"], len(told["days"])) == (due, days)
    assert [day["counted"] for day in told["days"]] == list(range(1, days + 1))


@pytest.mark.parametrize(
    ("on", "due"), [("2024-03-11", "2024-04-08"), ("2024-10-07", "2024-11-04"), ("2024-02-02", "2024-03-01")]
)
def test_four_weeks_for_a_complaint(on: str, due: str) -> None:
    about = ("--attribute", "complaint_about=refusal")

    told = obligation("complaint-answer", "--standard", "odense", "--event", "ComplaintFiled", "--on", on, *about)

    assert (told["due"], told["term"], len(told["days"])) == (due, "4 weeks", 28)


def test_an_obligation_without_a_day_says_so() -> None:
    told = obligation("psychology-woman", "--standard", "odense", "--event", ADMITTED, "--on", "2023-05-03")

    assert (told["due"], told["term"], told["days"]) == (None, None, [])
    assert told["how"] == "The rule sets no day: open until a fact closes it."


def test_what_is_counted_from_another_event_says_from_which() -> None:
    told = obligation("psychology-woman-offer", "--standard", "odense", "--event", ADMITTED, "--on", "2023-05-03")

    assert (told["due"], told["term"], told["days"]) == (None, "2 weeks", [])
    assert "WomanMovedOut" in told["how"]


def test_an_event_that_begins_a_term_opened_earlier_counts_it() -> None:
    told = answer("due", "--standard", "odense", "--event", MOVED_OUT, "--on", "2024-05-02")

    assert {line["rule"]: line["due"] for line in told["counts"]} == {
        "psychology-woman-offer": "2024-05-16",
        "psychology-child-offer": "2024-05-16",
        "psychology-woman-start": "2024-05-16",
        "psychology-child-start": "2024-05-16",
    }
    assert {line["rule"]: line["due"] for line in told["opens"]} == {
        "advice-offer": "2024-05-16",
        "advice-window": "2024-11-02",
        "discharge-notice": "2024-05-07",
    }
    assert {line["rule"]: "window" in line["how"] for line in told["opens"]} == {
        "advice-offer": False,
        "advice-window": True,
        "discharge-notice": False,
    }


@pytest.mark.parametrize(
    ("attributes", "rule", "due"),
    [
        ([], NOTICE, "2023-05-09"),
        (["--attribute", "anonymous=false"], NOTICE, "2023-05-09"),
        (["--attribute", "anonymous=true"], "admission-notice-anonymous", "2023-05-17"),
    ],
)
def test_an_attribute_decides_which_rule_opens(attributes: list[str], rule: str, due: str) -> None:
    told = answer("due", "--standard", "lokk", "--event", ADMITTED, "--on", "2023-05-03", *attributes)

    notices = {NOTICE, "admission-notice-anonymous"}
    assert {line["rule"]: line["due"] for line in told["opens"] if line["rule"] in notices} == {rule: due}
    assert [line["rule"] for line in told["not_opened"]] == list(notices - {rule})


@pytest.mark.parametrize(("stay_days", "offered"), [("14", False), ("15", True)])
def test_hellerup_offers_aftercare_after_more_than_14_days(stay_days: str, offered: bool) -> None:
    attributes = ("--attribute", f"stay_days={stay_days}", "--attribute", "destination=new-home")

    told = answer("due", "--standard", "hellerup", "--event", MOVED_OUT, "--on", "2024-05-02", *attributes)

    assert ("aftercare-offer" in {line["rule"] for line in told["opens"]}) is offered
    assert [line["needs"] for line in told["not_opened"] if line["rule"] == "aftercare-offer"] == (
        []
        if offered
        else ["stay_days is more than 14, destination is not other-shelter or other-social-institution or back-to-perpetrator"]
    )


OWN = """
id = "testhus"
version = "1"
title = "Testhus Alfa"
document = "Testhus Alfas egen standard"
in_force_from = 2024-01-01
parent = "serviceloven"
closing_days = [[12, 24]]
[[rules]]
id = "welcome"
title_da = "Velkomst"
title_en = "Welcome"
opened_by = [{ fact = "WomanAdmitted" }]
per = "woman"
owed_by = "shelter"
owed_to = "woman"
due = { working_days = 1 }
met_by = [{ fact = "NeedsClarified" }]
[rules.source]
document = "Testhus Alfas egen standard"
section = "1"
basis = "standard"
"""


def test_a_shelters_own_standard_with_a_closing_day(tmp_path: Path) -> None:
    file = tmp_path / "testhus.toml"
    file.write_text(OWN)
    asked = ("--standard", "testhus", "--event", ADMITTED, "--on", "2024-12-23")

    told = obligation("welcome", *asked, "--file", str(file))

    assert told["due"] == "2024-12-27"
    assert [(day["day"], day.get("skipped"), day.get("name_en")) for day in told["days"]] == [
        ("2024-12-24", "closing-day", "closing day"),
        ("2024-12-25", "holiday", "Christmas Day"),
        ("2024-12-26", "holiday", "Second Day of Christmas"),
        ("2024-12-27", None, None),
    ]
    assert answer("due", *asked, HAVN_STANDARD_FILES=str(file)) == answer("due", *asked, "--file", str(file))


OF_A_COURSE = OWN + """
[[rules]]
id = "aftercare-course"
title_da = "Efterværnsforløb"
title_en = "Course of aftercare"
opened_by = [{ fact = "AftercareStarted" }]
per = "woman"
owed_by = "shelter"
owed_to = "woman-and-children"
due = { months = 2 }
due_from = "AftercareVisitMade"
met_by = [{ fact = "AftercareEnded", when = { completed = true } }]
course = { visits = 2, lasts = { months = 1 } }
source = { document = "Testhus Alfas egen standard", section = "2", basis = "standard" }
"""


def test_a_course_is_long_enough_from_a_day_counted_from_its_start_and_from_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "testhus.toml"
    file.write_text(OF_A_COURSE)
    asked = ("--standard", "testhus", "--on", "2024-01-31", "--file", str(file), "--event")

    started, visited = (obligation("aftercare-course", *asked, event) for event in ("AftercareStarted", "AftercareVisitMade"))

    assert (started["due"], started["course_visits"], started["course_complete_from"]) == (None, 2, "2024-02-29")
    assert (visited["due"], "course_visits" in visited, "course_complete_from" in visited) == ("2024-03-31", False, False)


def test_an_event_that_no_rule_waits_for_opens_nothing_and_says_so() -> None:
    result = havn("due", "--standard", "odense", "--event", "AdviceGiven", "--on", "2023-05-03")

    assert result.exit_code == 0
    assert '"opens": []' in result.stdout
    assert result.stderr == "No rule of this standard is opened by this event or counted from it.\n"


def test_the_last_day_that_can_be_counted() -> None:
    told = obligation(NOTICE, "--standard", "serviceloven", "--event", ADMITTED, "--on", "2050-12-27")

    assert told["due"] == "2050-12-30"


@pytest.mark.parametrize("on", ["2005-12-31", "2050-12-28", "2051-01-01", "2051-06-01"])
def test_a_day_outside_the_known_calendar_is_an_error(on: str) -> None:
    said = complaint("due", "--standard", "serviceloven", "--event", ADMITTED, "--on", on)

    assert said.startswith("The Danish calendar is known from 2006 to 2050")


def test_a_year_outside_the_known_calendar_is_an_error_also_where_nothing_is_counted() -> None:
    assert "2006 to 2050" in complaint("due", "--standard", "odense", "--event", "AdviceGiven", "--on", "2051-01-01")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"--standard": "secret-value"}, "There is no standard with this id; `havn standards list`"),
        ({"--on": "2023-04-19"}, "Standard odense came into force on 2023-04-20"),
        ({"--on": "2023-02-29"}, "not a day of the calendar"),
        ({"--on": "secret-value"}, "for example 2023-05-03"),
        ({"--event": "secret-value"}, "They know: ActionPlanMade, "),
        ({"--attribute": "secret-value"}, "for example anonymous=true"),
        ({"--attribute": "secret-value=1"}, "Rules ask about: anonymous, "),
        ({"--attribute": "anonymous=secret-value"}, "anonymous is true or false."),
        ({"--attribute": "stay_days=secret-value"}, "stay_days is a whole number."),
        ({"--attribute": "destination=secret-value"}, "destination is one of: back-to-perpetrator, "),
        ({"--file": "no-such-file.toml"}, "cannot be read"),
    ],
)
def test_a_fault_says_what_to_do_and_never_the_value(asked: dict[str, str], told: str) -> None:
    good = {"--standard": "odense", "--event": ADMITTED, "--on": "2023-05-03"}

    said = complaint("due", *(word for pair in (good | asked).items() for word in pair))

    assert told in said
    assert "secret-value" not in said


def test_an_attribute_is_given_once() -> None:
    twice = ("--attribute", "late=true", "--attribute", "late=false")

    assert "more than once" in complaint("due", "--standard", "odense", "--event", ADMITTED, "--on", "2023-05-03", *twice)


@pytest.mark.parametrize(
    ("term", "words"),
    [
        (Term(working_days=1), "1 working day"),
        (Term(working_days=2), "2 working days"),
        (Term(days=1), "1 day"),
        (Term(days=14), "14 days"),
        (Term(weeks=1), "1 week"),
        (Term(weeks=4), "4 weeks"),
        (Term(months=1), "1 month"),
        (Term(months=6), "6 months"),
        (Term(same_day=True), "the same day"),
    ],
)
def test_a_term_in_words(term: Term, words: str) -> None:
    assert term_en(term) == words


def test_a_course_of_aftercare_says_how_many_visits_and_from_which_day_it_is_long_enough() -> None:
    told = obligation("aftercare-course", "--standard", "hellerup", "--event", "AftercareStarted", "--on", "2023-11-30")

    assert (told["course_visits"], told["course_complete_from"]) == (3, "2024-02-29")
    offered = obligation("cafe-invitation", "--standard", "hellerup", "--event", "AftercareStarted", "--on", "2023-11-30")
    assert not {"course_visits", "course_complete_from"} & set(offered)

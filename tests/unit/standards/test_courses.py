"""What completes a course of aftercare: told by the rule that owes it, and by no other."""

from datetime import date

import pytest

from havn_standards import Rulebook
from tests.unit.standards.test_rulebook import Write, message_of, rule, write

__all__ = ["write"]

COURSE = {
    "id": '"aftercare-course"',
    "opened_by": '[{ fact = "AftercareStarted" }]',
    "met_by": '[{ fact = "AftercareEnded", when = { completed = true } }]',
    "course": "{ visits = 5, lasts = { months = 6 } }",
}
NOT_ITS_RULE = 'course: is for the rule "aftercare-course" alone, with per = "woman", opened by AftercareStarted and met by'


@pytest.mark.parametrize(
    ("lasts", "complete_from"),
    [
        ("{ days = 10 }", date(2025, 4, 20)),
        ("{ weeks = 12 }", date(2025, 7, 3)),
        ("{ months = 6 }", date(2025, 10, 10)),
        ("{ working_days = 1 }", date(2025, 4, 14)),
    ],
)
def test_a_course_lasts_any_length_that_a_standard_can_say(write: Write, lasts: str, complete_from: date) -> None:
    """Begun on Thursday 10 April 2025; the standard is closed on the Friday after."""
    file = write("testhavn.toml", rule(**{**COURSE, "course": f"{{ visits = 1, lasts = {lasts} }}"}), closing_days="[[4, 11]]")

    standard = Rulebook.load([file]).standard("testhavn", date(2025, 1, 1))

    owed = standard.rule("aftercare-course")
    assert owed.course is not None
    assert (owed.course.visits, standard.complete_from(owed, date(2025, 4, 10))) == (1, complete_from)


def test_a_course_is_inherited_and_another_put_in_its_place(write: Write) -> None:
    parent = write("parent.toml", rule(**COURSE))
    heir = write("heir.toml", id='"heir"', parent='"testhavn"')
    other = rule(**{**COURSE, "course": "{ visits = 2, lasts = { weeks = 8 } }"})
    book = Rulebook.load([parent, heir, write("other.toml", other, id='"other"', parent='"testhavn"')])

    courses = [book.standard(name, date(2025, 1, 1)).rule("aftercare-course").course for name in ("testhavn", "heir", "other")]
    assert [course and (course.visits, course.lasts.months, course.lasts.weeks) for course in courses] == [
        (5, 6, None),
        (5, 6, None),
        (2, None, 8),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"id": '"visits-after-the-move"'},
        {"opened_by": '[{ fact = "AftercareOffered" }]'},
        {"opened_by": '[{ fact = "AftercareStarted" }, { fact = "AftercareOffered" }]'},
        {"met_by": '[{ fact = "AftercareEnded" }]'},
        {"met_by": '[{ fact = "AftercareEnded", when = { completed = false } }]'},
        {"met_by": '[{ fact = "AftercareEnded", when = { course_ended_because = "course-over" } }]'},
        {"met_by": '[{ fact = "AftercareVisitMade", when = { completed = true } }]'},
        {"per": '"child"'},
        {"per": '"complaint"'},
    ],
)
def test_a_course_that_aftercare_would_not_be_told_of_is_a_fault(write: Write, changes: dict[str, str]) -> None:
    assert NOT_ITS_RULE in message_of(write("testhavn.toml", rule(**{**COURSE, **changes})))


@pytest.mark.parametrize("asked", ["completed = true", "completed = [true, false]", "completed = false"])
def test_a_rule_that_waits_for_a_completed_course_says_what_completes_it(write: Write, asked: str) -> None:
    met_by = f'[{{ fact = "AftercareVisitMade" }}, {{ fact = "AftercareEnded", when = {{ {asked} }} }}]'
    told = message_of(write("testhavn.toml", rule(**{**COURSE, "met_by": met_by, "course": None})))

    assert told == (
        "testhavn.toml: rule aftercare-course: course: is missing; say what completes the course, such as "
        "{ visits = 3, lasts = { months = 3 } }"
    )


@pytest.mark.parametrize("told_not", ["true", "false", "[true, false]"])
@pytest.mark.parametrize("field", ["met_by", "missed_by", "cancelled_by"])
def test_what_is_not_said_yet_is_neither_completed_nor_not(write: Write, field: str, told_not: str) -> None:
    """An end that is told before its obligation has arrived would miss or cancel what it completes a moment later."""
    asked = f'[{{ fact = "AftercareEnded", when = {{ completed_not = {told_not} }} }}]'

    assert message_of(write("testhavn.toml", rule(**{**COURSE, field: asked}))) == (
        f"testhavn.toml: rule aftercare-course: {field}[0].when: 'completed_not' also holds while nobody has said it yet; "
        "write 'completed' with what it is to be"
    )


@pytest.mark.parametrize("met_by", ['[{ fact = "AftercareEnded" }]', '[{ fact = "AftercareVisitMade" }]'])
def test_a_rule_that_waits_for_no_completed_course_needs_none(write: Write, met_by: str) -> None:
    Rulebook.load([write("testhavn.toml", rule(**{**COURSE, "course": None, "met_by": met_by}))])


THANKS = rule(opened_by=COURSE["met_by"], met_by='[{ fact = "CafeInvitationSent" }]')
"""Another rule that asks whether the course was completed."""

NEVER_SAID = 'asks whether a course was completed, and no rule "aftercare-course" of this standard says what completes one'


def test_another_rule_may_ask_whether_the_course_was_completed(write: Write) -> None:
    parent = write("testhavn.toml", rule(**COURSE), THANKS)
    Rulebook.load([parent, write("heir.toml", THANKS, id='"heir"', parent='"testhavn"')])


@pytest.mark.parametrize("field", ["opened_by", "missed_by", "cancelled_by"])
def test_another_rule_asks_in_vain_where_no_rule_says_what_completes_a_course(write: Write, field: str) -> None:
    asked = f'[{{ fact = "WomanMovedOut" }}, {COURSE["met_by"][1:-1]}]'
    told = message_of(write("testhavn.toml", rule(**{field: asked})))

    assert told == f"testhavn.toml: rule welcome-talk: {field}[1].when: {NEVER_SAID}"


@pytest.mark.parametrize(
    ("own", "header"),
    [
        ((), {"without": '["aftercare-course"]'}),
        ((rule(**{**COURSE, "course": None, "met_by": '[{ fact = "AftercareEnded" }]'}),), {}),
    ],
)
def test_another_rule_asks_in_vain_where_the_parents_course_is_left_out_or_replaced(
    write: Write, own: tuple[str, ...], header: dict[str, str]
) -> None:
    parent = write("testhavn.toml", rule(**COURSE))
    told = message_of(parent, write("heir.toml", THANKS, *own, id='"heir"', parent='"testhavn"', **header))

    assert told == f"heir.toml: rule welcome-talk: opened_by[0].when: {NEVER_SAID}"


def test_in_a_file_whose_parent_cannot_be_read_nothing_is_asked_in_vain(write: Write) -> None:
    assert NEVER_SAID not in message_of(write("heir.toml", THANKS, parent='"nowhere"'))
    assert NEVER_SAID not in message_of(write("heir.toml", THANKS, parent="4"))


@pytest.mark.parametrize("course", [COURSE["course"], None])
@pytest.mark.parametrize(
    "wrong",
    [{"per": '"nobody"'}, {"opened_by": '[{ fact = "Nope" }]'}, {"met_by": '[{ fact = "Nope" }]'}, {"id": '"No Id"'}],
)
def test_of_a_course_nothing_is_guessed_from_what_cannot_be_read(write: Write, wrong: dict[str, str], course: str | None) -> None:
    told = message_of(write("testhavn.toml", rule(**{**COURSE, "course": course, **wrong})))

    assert ("course: is missing" in told) is (course is None and not {"opened_by", "met_by"} & set(wrong))
    assert NOT_ITS_RULE not in told


@pytest.mark.parametrize("number", [1, 1_000_000])
def test_a_number_that_can_be_counted_up_to(write: Write, number: int) -> None:
    amount = f'{{ unit = "minutes", floor = {number}, ceiling = {number} }}'
    course = rule(**{**COURSE, "course": f"{{ visits = {number}, lasts = {{ months = 6 }} }}"})
    Rulebook.load([write("testhavn.toml", course, rule(met_by=None, amount=amount))])


def test_a_number_that_no_read_model_holds_is_a_fault(write: Write) -> None:
    course = rule(**{**COURSE, "course": "{ visits = 1000001, lasts = { months = 6 } }"})
    amount = '{ unit = "minutes", floor = 1, ceiling = 1000001 }'
    told = message_of(write("testhavn.toml", course, rule(met_by=None, amount=amount)))

    assert told.splitlines() == [
        "testhavn.toml: rule aftercare-course: course.visits: is 1000000 or less",
        "testhavn.toml: rule welcome-talk: amount.ceiling: is 1000000 or less",
    ]


def test_a_course_may_be_met_by_something_else_than_its_end_as_well(write: Write) -> None:
    met_by = '[{ fact = "AftercareEnded", when = { completed = true } }, { fact = "AftercareDeclined" }]'
    standard = Rulebook.load([write("testhavn.toml", rule(**{**COURSE, "met_by": met_by}))]).standard("testhavn", date(2025, 1, 1))
    assert standard.rule("aftercare-course").course is not None

"""Rules in words: terms, conditions and what meets an obligation."""

from collections.abc import Iterable

from havn_standards import Rule, Standard, Term, Trigger
from havn_standards.rule import AttributeTest, Course, Scalar

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_UNITS = {
    "working_days": ("working day", "working days"),
    "days": ("day", "days"),
    "weeks": ("week", "weeks"),
    "months": ("month", "months"),
}


def term_en(term: Term) -> str:
    """The term in English, for example ``5 working days``."""
    for unit, (one, several) in _UNITS.items():
        number: int | None = getattr(term, unit)
        if number is not None:
            return f"{number} {one if number == 1 else several}"
    return "the same day"


def rule_term(rule: Rule) -> str:
    """The rule's term in English with what it is counted from, where that is not the event that opens it."""
    if rule.due is None:
        return "no day is set"
    start = f", counted from {rule.due_from}" if rule.due_from else ""
    meaning = "; a window that ends as met" if rule.last_day_meets else ""
    return term_en(rule.due) + start + meaning


def reminder(standard: Standard, rule: Rule) -> str:
    """When those who owe it are reminded, for example ``2 working days ahead``."""
    working_days = standard.reminds_ahead(rule)
    if working_days is None:
        return "none"
    return f"{term_en(Term(working_days=working_days))} ahead" if working_days else "on the last working day up to it"


def met_by(rule: Rule) -> str:
    """What meets the obligation: a ledger's floor, or any or all of its facts."""
    if rule.amount is not None:
        return f"at least {rule.amount.floor} and at most {rule.amount.ceiling} {rule.amount.unit} used"
    return triggers(rule.met_by, " and " if rule.meets == "all" else " or ")


def completed_by(course: Course) -> str:
    """What completes a course of aftercare, for example ``at least 3 visits and at least 3 months``."""
    visits = f"{course.visits} {'visit' if course.visits == 1 else 'visits'}"
    return f"at least {visits} and at least {term_en(course.lasts)}"


def triggers(those: Iterable[Trigger], between: str = " or ") -> str:
    """Facts with their conditions, for example ``MunicipalityNotified (notice is admission)``."""
    return between.join(trigger.fact + _condition(trigger) for trigger in those)


def _condition(trigger: Trigger) -> str:
    return f" ({needs(trigger)})" if trigger.when.tests else ""


def needs(trigger: Trigger) -> str:
    """The trigger's condition, for example ``stay_days is more than 14``."""
    return ", ".join(_test(test) for test in trigger.when.tests)


def _test(test: AttributeTest) -> str:
    relation = {"any-of": "is", "none-of": "is not", "more-than": "is more than"}[test.relation]
    return f"{test.attribute} {relation} {' or '.join(_scalar(value) for value in test.values)}"


def _scalar(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

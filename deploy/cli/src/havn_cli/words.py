"""Rules in words: terms, conditions and what meets an obligation."""

from collections.abc import Iterable

from havn_standards import Rule, Term, Trigger
from havn_standards.rule import AttributeTest, Scalar

_UNITS = {
    "working_days": (("hverdag", "hverdage"), ("working day", "working days")),
    "days": (("dag", "dage"), ("day", "days")),
    "weeks": (("uge", "uger"), ("week", "weeks")),
    "months": (("måned", "måneder"), ("month", "months")),
}


def term_da(term: Term) -> str:
    """The term in Danish, for example ``5 hverdage``."""
    return _term(term, 0, "samme dag")


def term_en(term: Term) -> str:
    """The term in English, for example ``5 working days``."""
    return _term(term, 1, "the same day")


def _term(term: Term, language: int, same_day: str) -> str:
    for unit, names in _UNITS.items():
        number: int | None = getattr(term, unit)
        if number is not None:
            one, several = names[language]
            return f"{number} {one if number == 1 else several}"
    return same_day


def rule_term(rule: Rule) -> str:
    """The rule's term in English with what it is counted from, where that is not the event that opens it."""
    if rule.due is None:
        return "no day is set"
    start = f", counted from {rule.due_from}" if rule.due_from else ""
    meaning = "; a window that ends as met" if rule.last_day_meets else ""
    return term_en(rule.due) + start + meaning


def met_by(rule: Rule) -> str:
    """What meets the obligation: a ledger's floor, or any or all of its facts."""
    if rule.amount is not None:
        return f"at least {rule.amount.floor} and at most {rule.amount.ceiling} {rule.amount.unit} used"
    return triggers(rule.met_by, " and " if rule.meets == "all" else " or ")


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

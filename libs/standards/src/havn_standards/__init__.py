"""The rulebook of Havn: what is owed in a shelter stay, by whom, and until when."""

from havn_standards.calendar import (
    CalendarUnknown,
    Count,
    CountedDay,
    Term,
    copenhagen_day,
    count,
    days_ahead,
    due,
    is_working_day,
    working_days_left,
)
from havn_standards.rule import Amount, Condition, Rule, Source, Trigger
from havn_standards.standard import Rulebook, RuleUnknown, Standard, StandardInvalid, StandardUnknown

__all__ = [
    "Amount",
    "CalendarUnknown",
    "Condition",
    "Count",
    "CountedDay",
    "Rule",
    "RuleUnknown",
    "Rulebook",
    "Source",
    "Standard",
    "StandardInvalid",
    "StandardUnknown",
    "Term",
    "Trigger",
    "copenhagen_day",
    "count",
    "days_ahead",
    "due",
    "is_working_day",
    "working_days_left",
]

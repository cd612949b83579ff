"""Days in words, in Danish and in English."""

from datetime import date
from typing import Literal

Language = Literal["da", "en"]

_WEEKDAYS = {
    "da": ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    "da": (
        *("januar", "februar", "marts", "april", "maj", "juni"),
        *("juli", "august", "september", "oktober", "november", "december"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}


def weekday(day: date, language: Language) -> str:
    """For example ``onsdag`` or ``Wednesday``."""
    return _WEEKDAYS[language][day.weekday()]


def in_words(day: date, language: Language) -> str:
    """For example ``3. maj 2023`` or ``3 May 2023``."""
    return f"{day.day}{'.' if language == 'da' else ''} {_MONTHS[language][day.month - 1]} {day.year}"

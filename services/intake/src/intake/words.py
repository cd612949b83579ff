"""How a complaint is made, in Danish and in English, as the shelter tells whoever wishes to complain."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from havn_events.codes import ComplaintAbout, ComplaintRoute
from intake.domain.complaint import ComplaintTerm

FIRST: Mapping[ComplaintAbout, Literal["shelter", "leader"]] = {
    "refusal": "shelter",
    "discharge": "shelter",
    "expulsion": "shelter",
    "conditions": "leader",
    "case-handling": "leader",
}
"""To whom a complaint is made: of a decision to the shelter, of anything else to its leader (Odense 4, Copenhagen 8)."""

_MADE = {
    "refusal": (
        "Du kan klage over afslaget til krisecentret, skriftligt eller mundtligt.",
        "You can complain of the refusal to the shelter, in writing or by word of mouth.",
    ),
    "discharge": (
        "Du kan klage over udskrivningen til krisecentret, skriftligt eller mundtligt.",
        "You can complain of the discharge to the shelter, in writing or by word of mouth.",
    ),
    "expulsion": (
        "Du kan klage over bortvisningen til krisecentret, skriftligt eller mundtligt.",
        "You can complain of the expulsion to the shelter, in writing or by word of mouth.",
    ),
    "conditions": (
        "Du kan klage over forhold på krisecentret til lederen, skriftligt eller mundtligt.",
        "You can complain of conditions at the shelter to its leader, in writing or by word of mouth.",
    ),
    "case-handling": (
        "Du kan klage over sagsbehandlingen til lederen, skriftligt eller mundtligt.",
        "You can complain of the case handling to the shelter's leader, in writing or by word of mouth.",
    ),
}

_NEXT: Mapping[ComplaintRoute, tuple[str, str]] = {
    "ankestyrelsen": (
        "Får du ikke fuldt medhold, sender krisecentret klagen videre til Ankestyrelsen sammen med sagens papirer.",
        "If it is not fully upheld, the shelter sends it on to the national appeals board (Ankestyrelsen) with the case's papers.",
    ),
    "leader": ("Lederens svar afslutter klagen.", "The leader's answer ends the complaint."),
    "centre-for-adults-and-families": (
        "Er du ikke enig i lederens svar, kan du sende klagen til kommunens Center for Udsatte Voksne og Familier.",
        "If you do not agree with the leader's answer, you can send it to the municipality's centre for adults and families "
        "(Center for Udsatte Voksne og Familier).",
    ),
    "ombudsman": (
        "Du kan også klage til kommunens borgerrådgiver.",
        "You can also complain to the municipality's ombudsman (borgerrådgiver).",
    ),
    "none": (
        "Krisecentrets svar afslutter klagen. Den kan ikke sendes videre til Ankestyrelsen.",
        "The shelter's answer ends the complaint. It cannot be taken to the national appeals board (Ankestyrelsen).",
    ),
}

_NO_TERM = ("Der er ingen frist for at klage.", "There is no term for complaining.")
_LATER = (
    "Kommer klagen senere, bliver den også taget imod, men registreret som for sent modtaget.",
    "A complaint that comes later is taken in all the same, but recorded as late.",
)

_LENGTHS = {
    "days": (("dag", "dage"), ("day", "days")),
    "weeks": (("uge", "uger"), ("week", "weeks")),
    "months": (("måned", "måneder"), ("month", "months")),
}
_MONTHS = (
    ("januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november", "december"),
    (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
)


def guide_in_words(
    about: ComplaintAbout, route: ComplaintRoute, term: ComplaintTerm | None, last_day: date | None
) -> tuple[str, str]:
    """How to complain, a sentence a line. ``term``: None where there is none. ``last_day``: its last day, None if not known."""
    until = (_NO_TERM,) if term is None else (_within(about, term) if last_day is None else _by(last_day, term), _LATER)
    danish, english = zip(_MADE[about], *until, _NEXT[route], strict=True)
    return "\n".join(danish), "\n".join(english)


def _within(about: ComplaintAbout, term: ComplaintTerm) -> tuple[str, str]:
    """Of conditions and of case handling there may be no decision that could be received, and then nothing is late."""
    danish, english = _length(term)
    if FIRST[about] == "leader":
        return (
            f"Klager du over en afgørelse, skal krisecentret have modtaget klagen senest {danish} efter, at du har modtaget den.",
            f"If it is a decision that you complain of, the shelter must have received the complaint within {english} of your "
            "receiving it.",
        )
    return (
        f"Krisecentret skal have modtaget klagen senest {danish} efter, at du har modtaget afgørelsen.",
        f"The shelter must have received the complaint within {english} of your receiving the decision.",
    )


def _by(day: date, term: ComplaintTerm) -> tuple[str, str]:
    danish, english = (names[day.month - 1] for names in _MONTHS)
    after_da, after_en = _length(term)
    return (
        f"Krisecentret skal have modtaget klagen senest den {day.day}. {danish} {day.year}, "
        f"{after_da} efter at du har modtaget afgørelsen.",
        f"The shelter must have received the complaint by {day.day} {english} {day.year}, "
        f"{after_en} after you received the decision.",
    )


def _length(term: ComplaintTerm) -> tuple[str, str]:
    """For example ``4 uger`` and ``4 weeks``."""
    (one_da, several_da), (one_en, several_en) = _LENGTHS[term.unit]
    if term.number == 1:
        return f"1 {one_da}", f"1 {one_en}"
    return f"{term.number} {several_da}", f"{term.number} {several_en}"

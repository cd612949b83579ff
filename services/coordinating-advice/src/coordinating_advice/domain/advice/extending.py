"""How long the window may become."""

from calendar import monthrange
from datetime import date

from coordinating_advice.domain.advice.commands import ExtendWindow
from coordinating_advice.domain.advice.standing import must_not_be_ended
from coordinating_advice.domain.advice.state import Advice
from havn_chassis.decider import Refused
from havn_events.coordinating_advice import AdviceExtended
from havn_events.event import Event

LONGEST_WINDOW_MONTHS = 12
"""The longest window, counted from move-out (Odense 2.5, Copenhagen 3.5)."""


def months_after(day: date, months: int) -> date:
    """The same day ``months`` months on, or that month's last day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def latest_extension(moved_out_on: date) -> date:
    """The last day that a window may ever be extended to."""
    return months_after(moved_out_on, LONGEST_WINDOW_MONTHS)


def extend(command: ExtendWindow, state: Advice) -> Event:
    """The window ends later, at most 12 months after the move-out."""
    must_not_be_ended(state)
    if state.window is None:
        raise Refused(
            "extension-without-window",
            "The window opens when she moves out; until then there is nothing to extend. Record the move-out first.",
        )
    if command.until <= state.window.until:
        raise Refused(
            "extension-not-later",
            f"The window runs to {state.window.until} already; an extension must end on a later day.",
            field="until",
        )
    latest = latest_extension(state.window.moved_out_on)
    if command.until > latest:
        raise Refused(
            "extension-beyond-12-months",
            f"The window can be extended to at most 12 months after move-out, here to {latest} (Odense 2.5).",
            field="until",
        )
    return AdviceExtended(stay_id=command.stay_id, occurred_on=command.occurred_on, until=command.until)

"""How her advice stood on a day: whether it was open, started, ended, or past its window."""

from coordinating_advice.domain.advice.commands import Report
from coordinating_advice.domain.advice.state import Advice
from havn_chassis.decider import Refused, not_before_admission


def must_be_open(command: Report, state: Advice) -> None:
    """Raises Refused where there is no advice that the caller may report about, or not on that day."""
    foreign = command.asked_by is not None and command.asked_by != state.municipality
    if state.municipality is None or foreign:
        raise not_open()
    not_before_admission(command.occurred_on, command.admitted_on)
    if state.closed_because == "stay-annulled":
        raise Refused("advice-closed", "The stay was annulled, and nothing more can be recorded about its advice.")
    if state.closed_on is not None and command.occurred_on > state.closed_on:
        raise Refused(
            "advice-goes-on-elsewhere",
            f"She went straight to another shelter on {state.closed_on}, and the advice goes on there. Record it there; "
            "what happened up to that day can still be recorded here.",
            field="occurred_on",
        )


def not_open() -> Refused:
    """The one answer for a stay without advice yet and for one whose advice another municipality owes."""
    return Refused(
        "advice-not-open",
        "No advice is open for this stay. It opens by itself when the home municipality has been told of the stay; "
        "if the admission was recorded just now, try again shortly.",
        kind="absent",
    )


def must_not_be_ended(state: Advice) -> None:
    """Raises Refused for advice that has ended."""
    if state.ended_on is not None:
        raise Refused("advice-ended", "The advice has ended; a new stay opens a new entitlement.")


def must_follow_start(command: Report, state: Advice) -> None:
    """Raises Refused for a day before the advice started."""
    if state.started_on is None:
        raise Refused("advice-not-started", "The advice has not started. Record its start first.")
    if command.occurred_on < state.started_on:
        raise Refused(
            "before-start",
            f"The advice started on {state.started_on}; this cannot have happened before that day.",
            field="occurred_on",
        )


def must_be_within(command: Report, state: Advice) -> None:
    """Raises Refused for a day after the window."""
    if state.window is not None and command.occurred_on > state.window.until:
        raise Refused(
            "after-the-window",
            f"The window's last day was {state.window.until}. Give the day it happened, or have the municipality extend "
            "the window first.",
            field="occurred_on",
        )

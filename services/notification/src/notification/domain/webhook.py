"""One municipality's endpoint: registered, tried again and again when it fails, and suspended in the end."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from havn_chassis.decider import Decider
from havn_events.event import Event
from havn_events.notification import WebhookRegistered, WebhookSuspended


@dataclass(frozen=True)
class Patience:
    """How long a failing endpoint is tried.

    ``first``: the longest wait after the first failure; it doubles with each until ``longest``. ``in_all``: from the first failure
    to the last attempt. ``attempt``: how long one attempt may take.
    """

    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(hours=1)
    in_all: timedelta = timedelta(days=1)
    attempt: timedelta = timedelta(seconds=10)


def next_try(patience: Patience, failures: int, failing_since: datetime, now: datetime, chance: float) -> datetime | None:
    """When to try again after so many failures in a row, the last of them ``now``; ``None`` after the final one.

    ``chance``, from 0 to below 1, spreads the waits over their upper half. The last attempt comes when ``in_all`` is over.
    """
    last = failing_since + patience.in_all
    if now >= last:
        return None
    longest: timedelta = min(patience.longest, patience.first * 2 ** min(failures - 1, 40))
    return min(last, now + longest * (0.5 + chance / 2))


@dataclass(frozen=True, kw_only=True)
class RegisterWebhook:
    """The endpoint proved that it wants the feed."""

    registration_id: UUID
    occurred_on: date
    municipality: str


@dataclass(frozen=True, kw_only=True)
class SuspendWebhook:
    """The endpoint failed to the end."""

    registration_id: UUID
    occurred_on: date
    municipality: str


@dataclass(frozen=True)
class Webhook:
    """One registration."""

    active: bool = False


def decide(command: RegisterWebhook | SuspendWebhook, state: Webhook) -> Sequence[Event]:
    """What the command leads to; suspending what is not active leads to nothing."""
    names = {
        "registration_id": command.registration_id,
        "occurred_on": command.occurred_on,
        "municipality": command.municipality,
    }
    match command:
        case RegisterWebhook():
            return [WebhookRegistered.model_validate(names)]
        case SuspendWebhook():
            return [WebhookSuspended.model_validate(names)] if state.active else []


def evolve(state: Webhook, event: Event) -> Webhook:
    """The state after the event."""
    match event:
        case WebhookRegistered():
            return replace(state, active=True)
        case WebhookSuspended():
            return replace(state, active=False)
        case _:
            return state


WEBHOOK: Decider[RegisterWebhook | SuspendWebhook, Webhook] = Decider(
    name="webhook", initial=Webhook(), decide=decide, evolve=evolve
)

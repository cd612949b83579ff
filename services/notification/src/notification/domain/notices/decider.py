"""What the municipalities of one stay were told, under which case reference, whether they confirmed it, and what they answered.

Each municipality knows the stay by a reference of its own, random and kept for all it is told. Notices and child
notifications are acknowledged one by one; news of what it owes is not.
"""

from collections.abc import Sequence

from havn_chassis.decider import Decider
from havn_events.event import Event
from notification.domain.notices.children import follow, owe, send_about_child
from notification.domain.notices.commands import (
    Acknowledge,
    Answer,
    Command,
    Escalate,
    FollowHome,
    InformOfDuty,
    LiftAnonymity,
    OweChildNotification,
    SendChildNotification,
    SendCorrections,
    SendNotice,
)
from notification.domain.notices.duties import answer, inform, inform_of_duty
from notification.domain.notices.evolving import evolve
from notification.domain.notices.sending import acknowledge, correct, escalate, send
from notification.domain.notices.state import Notices


def decide(command: Command, state: Notices) -> Sequence[Event]:
    """What the command leads to. Raises Refused for a child notification, an acknowledgement or an answer that cannot be."""
    match command:
        case SendNotice():
            return send(command, state)
        case SendCorrections():
            return correct(command, state, anonymous=state.anonymous)
        case LiftAnonymity():
            return correct(command, state, anonymous=False) if state.anonymous else []
        case OweChildNotification():
            return owe(command, state)
        case FollowHome():
            return follow(command, state)
        case SendChildNotification():
            return send_about_child(command, state)
        case Acknowledge():
            return acknowledge(command, state)
        case Escalate():
            return escalate(command, state)
        case Answer():
            return answer(command, state)
        case InformOfDuty():
            return inform_of_duty(command, state)
        case _:
            duty = state.duties.get(command.obligation_id)
            return [] if duty is None else inform(command, duty, state)


NOTICES: Decider[Command, Notices] = Decider(name="notices", initial=Notices(), decide=decide, evolve=evolve)

"""One person's treatment during and right after one stay: what is owed, used and left.

Floor, ceiling, unit and the municipality that owes it come from the obligation; no statute is known here. Hours are counted
in minutes, or, where the standard counts sessions, one for each session held whatever its length. A missed session is not an
hour used (assumed).

A direct transfer to another shelter continues the entitlement: each stay has a treatment of its own, and what was used and granted
in the others comes in with the command. A later stay without a transfer opens a new entitlement (assumed).
"""

from havn_chassis.decider import Decider
from havn_events.event import Event
from psychology.domain.treatment.arranging import assign, decline, offer
from psychology.domain.treatment.commands import (
    AssignPsychologist,
    CloseTreatment,
    Command,
    CompleteTreatment,
    CorrectSession,
    DeclineTreatment,
    FollowHome,
    GrantExtraHours,
    HoldSession,
    MissSession,
    OfferTreatment,
    OpenTreatment,
    ReopenTreatment,
    TransferTreatment,
)
from psychology.domain.treatment.evolving import evolve
from psychology.domain.treatment.owing import close, open_treatment, reopen, transfer, transferred
from psychology.domain.treatment.standing import arrangeable, opened, recordable, running
from psychology.domain.treatment.state import State
from psychology.domain.treatment.using import complete, correct, grant, hold, miss


def decide(command: Command, state: State) -> list[Event]:
    """Raises Refused with the name of the rule that forbids the command."""
    match command:
        case OpenTreatment():
            return open_treatment(command, state)
        case TransferTreatment():
            return transfer(command, state)
        case FollowHome():
            return transferred(command, state) if state is not None and state.ended is None else []
        case CloseTreatment():
            return close(command, state)
        case ReopenTreatment():
            return reopen(command, state)
        case OfferTreatment():
            return offer(command, opened(state, command.municipality))
        case DeclineTreatment():
            return decline(command, arrangeable(command, state))
        case AssignPsychologist():
            return assign(command, arrangeable(command, state))
        case HoldSession():
            return hold(command, recordable(command, state))
        case MissSession():
            return miss(command, recordable(command, state))
        case CorrectSession():
            return correct(command, state)
        case GrantExtraHours():
            return grant(command, arrangeable(command, state))
        case CompleteTreatment():
            return complete(command, running(command, state))


TREATMENT: Decider[Command, State] = Decider(name="treatment", initial=None, decide=decide, evolve=evolve)

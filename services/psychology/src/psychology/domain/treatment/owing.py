"""What the obligation makes of a treatment: opened, handed to another municipality, closed, opened again."""

from havn_events.event import Event
from havn_events.psychology import TreatmentClosed, TreatmentOpened, TreatmentReopened, TreatmentTransferred
from psychology.domain.treatment.commands import CloseTreatment, FollowHome, OpenTreatment, ReopenTreatment, TransferTreatment
from psychology.domain.treatment.state import State, Treatment


def open_treatment(command: OpenTreatment, state: State) -> list[Event]:
    """An obligation opens it; the same one opens it once."""
    if state is not None and state.obligation_id == command.obligation_id:
        return []
    return [
        TreatmentOpened(
            occurred_on=command.occurred_on,
            stay_id=command.stay_id,
            person_id=command.person_id,
            obligation_id=command.obligation_id,
            municipality=command.municipality,
            unit=command.unit,
            floor=command.floor,
            ceiling=command.ceiling,
        )
    ]


def transfer(command: TransferTreatment, state: State) -> list[Event]:
    """The obligation that opened it moved to another municipality."""
    if state is None or state.obligation_id != command.obligation_id:
        return []
    return transferred(command, state)


def transferred(command: TransferTreatment | FollowHome, treatment: Treatment) -> list[Event]:
    """From the day on that municipality owes the rest, where it did not already."""
    if treatment.municipality == command.municipality:
        return []
    return [
        TreatmentTransferred(
            occurred_on=command.occurred_on,
            stay_id=command.stay_id,
            person_id=command.person_id,
            municipality=command.municipality,
        )
    ]


def close(command: CloseTreatment, state: State) -> list[Event]:
    """Nothing to do for a treatment that already ended: declining, too, cancels the obligation."""
    if state is None or state.obligation_id != command.obligation_id or state.ended is not None:
        return []
    return [TreatmentClosed(occurred_on=command.occurred_on, stay_id=command.stay_id, person_id=command.person_id)]


def reopen(command: ReopenTreatment, state: State) -> list[Event]:
    """A treatment that is running needs none; one that was declined stays so until it is owed anew."""
    if state is None or state.obligation_id != command.obligation_id or state.ended in (None, "declined"):
        return []
    return [TreatmentReopened(occurred_on=command.occurred_on, stay_id=command.stay_id, person_id=command.person_id)]

"""Who advises her: named, handed over from one adviser to another, taken over by the next municipality."""

from coordinating_advice.domain.advice.commands import HandOverAdvice, NameAdviser, TakeOverAdvice
from coordinating_advice.domain.advice.standing import must_be_within, must_follow_start, must_not_be_ended
from coordinating_advice.domain.advice.state import Advice
from havn_chassis.decider import Refused
from havn_events.coordinating_advice import AdviceHandedOver, AdviceTakenOver, AdviserNamed
from havn_events.event import Event


def name_adviser(command: NameAdviser, state: Advice) -> Event:
    """Another adviser than before has the advice."""
    must_not_be_ended(state)
    if state.adviser_id == command.adviser_id:
        raise Refused("adviser-already-named", "This adviser has the advice already. Nothing needs to be recorded.")
    return AdviserNamed(stay_id=command.stay_id, occurred_on=command.occurred_on, adviser_id=command.adviser_id)


def hand_over(command: HandOverAdvice, state: Advice) -> Event:
    """From the adviser who has the advice to one of the municipality that owes it."""
    must_not_be_ended(state)
    if command.from_adviser_id == command.to_adviser_id:
        raise Refused(
            "handover-to-same-adviser",
            "A handover goes from one adviser to another, and both ids are the same.",
            field="to_adviser_id",
            kind="invalid",
        )
    must_follow_start(command, state)
    if command.municipality != state.municipality:
        raise Refused(
            "handover-to-other-municipality",
            "Only an adviser of the municipality that owes the advice can take it over.",
            field="municipality",
        )
    if state.adviser_id not in (None, command.from_adviser_id):
        raise Refused(
            "handover-from-other-adviser",
            "Another adviser took over earlier; the handover must come from the adviser who has the advice now.",
            field="from_adviser_id",
        )
    must_be_within(command, state)
    return AdviceHandedOver(
        stay_id=command.stay_id,
        occurred_on=command.occurred_on,
        from_adviser_id=command.from_adviser_id,
        to_adviser_id=command.to_adviser_id,
        municipality=command.municipality,
    )


def take_over(command: TakeOverAdvice, state: Advice) -> Event:
    """The municipality that owes the rest confirms, once, that it took over from the one before."""
    must_not_be_ended(state)
    if len(state.owed) < 2:
        raise Refused(
            "nothing-to-take-over",
            "No other municipality owed the advice before. From the shelter's adviser it is taken over by a handover.",
        )
    (_, before), (since, municipality) = state.owed[-2:]
    if state.taken_over:
        raise Refused("already-taken-over", "That your municipality took over is recorded; it need not be reported again.")
    if command.occurred_on < since:
        raise Refused(
            "before-the-transfer",
            f"Your municipality owes the advice since {since}, and cannot have taken it over before that day.",
            field="occurred_on",
        )
    must_be_within(command, state)
    return AdviceTakenOver(
        stay_id=command.stay_id,
        occurred_on=command.occurred_on,
        from_municipality=before,
        municipality=municipality,
        adviser_id=command.adviser_id,
        by=command.by,
    )

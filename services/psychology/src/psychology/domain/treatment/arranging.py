"""A treatment is offered, declined or taken up by a psychologist."""

from havn_chassis.decider import Refused
from havn_events.event import Event
from havn_events.psychology import PsychologistAssigned, TreatmentDeclined, TreatmentOffered
from psychology.domain.treatment.commands import AssignPsychologist, DeclineTreatment, OfferTreatment
from psychology.domain.treatment.standing import ended, not_over_by_then
from psychology.domain.treatment.state import Treatment


def offer(command: OfferTreatment, treatment: Treatment) -> list[Event]:
    """What was declined may be offered again: she may think better of it."""
    if treatment.ended == "declined":
        _not_before_it_was_declined(command, treatment)
    else:
        not_over_by_then(command, treatment)
        _not_offered(treatment)
    return [TreatmentOffered(occurred_on=command.occurred_on, stay_id=command.stay_id, person_id=command.person_id)]


def _not_before_it_was_declined(command: OfferTreatment, treatment: Treatment) -> None:
    if treatment.ended_on is not None and command.occurred_on < treatment.ended_on:
        raise Refused(
            "before-it-was-declined",
            f"The offer was declined on {treatment.ended_on}; one made again cannot lie before that day. Check the date.",
            field="occurred_on",
        )


def _not_offered(treatment: Treatment) -> None:
    if treatment.offered_on is not None:
        raise Refused(
            "already-offered", "The treatment was already offered. Record the answer, a psychologist or a session instead."
        )


def decline(command: DeclineTreatment, treatment: Treatment) -> list[Event]:
    """Only what was offered is declined, and not after a session was held."""
    if treatment.ended == "completed":
        raise ended()
    if treatment.offered_on is None:
        raise Refused("not-offered", "Only an offer can be declined. Record the offer first.")
    if command.occurred_on < treatment.offered_on:
        raise Refused(
            "before-the-offer", "The offer was made on a later day than this answer. Check the date.", field="occurred_on"
        )
    if treatment.used:
        raise Refused(
            "sessions-were-held",
            "Sessions were held, so the offer was not declined. Record the treatment as completed instead.",
        )
    return [
        TreatmentDeclined(
            occurred_on=command.occurred_on, stay_id=command.stay_id, person_id=command.person_id, reason=command.reason
        )
    ]


def assign(command: AssignPsychologist, treatment: Treatment) -> list[Event]:
    """Odense 2.4: an authorised psychologist; the shelter's own treats its own municipality's citizens, others by agreement."""
    if not command.authorised:
        raise Refused(
            "psychologist-authorised",
            "Only an authorised psychologist may give the treatment (Odense 2.4). Choose one who holds an authorisation.",
            field="authorised",
            kind="invalid",
        )
    if command.employer == "shelter" and treatment.municipality not in command.shelter_may_treat:
        raise Refused(
            "agreement-needed",
            "The shelter's own psychologist treats citizens of the shelter's own municipality; others only while an agreement "
            "with their home municipality is in force (Odense 2.4). Have that municipality record its agreement, or choose "
            "another psychologist.",
            field="employer",
        )
    if treatment.psychologist == (command.psychologist_id, command.employer):
        raise Refused("already-assigned", "This psychologist already has the treatment. Nothing needs to be recorded.")
    return [
        PsychologistAssigned(
            occurred_on=command.occurred_on,
            stay_id=command.stay_id,
            person_id=command.person_id,
            psychologist_id=command.psychologist_id,
            employer=command.employer,
        )
    ]

"""She moves in, and on which day she did."""

from collections.abc import Sequence

from havn_chassis.decider import Refused
from havn_events.event import Event
from havn_events.intake import AdmissionCorrected, WomanAdmitted
from intake.domain.stay.commands import AdmitWoman, CorrectAdmission
from intake.domain.stay.home_municipality import named_to_home_municipality
from intake.domain.stay.state import NoStay, State, Stay


def admit(command: AdmitWoman, state: State) -> Sequence[Event]:
    """She moved in, once, with what the shelter knows of her."""
    if not isinstance(state, NoStay):
        raise Refused("already-admitted", "A stay with this id is recorded; a new stay needs a new id.", field="stay_id")
    named = named_to_home_municipality(command)
    if command.identified and not named:
        raise Refused(
            "anonymous-means-no-identity",
            "An anonymous admission carries no name, CPR number, phone or note; leave it out, or admit her identified.",
            field="identity",
            kind="invalid",
        )
    if command.inquiry_id is not None and not command.inquiry_known:
        raise Refused(
            "unknown-inquiry",
            "The shelter has no inquiry with this id; report the inquiry first, or leave it out.",
            field="inquiry_id",
            kind="absent",
        )
    if command.transferred_from == command.stay_id:
        raise Refused(
            "transferred-from-itself",
            "A stay cannot continue itself; give the id of the stay she came from.",
            field="transferred_from",
            kind="invalid",
        )
    return [
        WomanAdmitted(
            occurred_on=command.occurred_on,
            stay_id=command.stay_id,
            person_id=command.person_id,
            shelter_id=command.shelter_id,
            standard=command.standard,
            home_municipality=command.home_municipality,
            own_municipality=command.home_municipality == command.shelter_municipality,
            shelter_municipality=command.shelter_municipality,
            anonymous=command.anonymous,
            named_to_home_municipality=named,
            inquiry_id=command.inquiry_id,
            transferred_from=command.transferred_from,
        )
    ]


def correct_admission(command: CorrectAdmission, stay: Stay) -> Sequence[Event]:
    """The right day of admission, where nothing recorded lies on the wrong side of it."""
    if command.admitted_on == stay.admitted_on:
        raise Refused("admission-unchanged", "This is the recorded day of admission; nothing is corrected.", field="admitted_on")
    if command.admitted_on > command.occurred_on:
        raise Refused(
            "admitted-after-the-correction",
            "The right day of admission cannot lie after the day it is corrected on.",
            field="admitted_on",
            kind="invalid",
        )
    if any(command.admitted_on > child.arrived_on for child in stay.children.values()):
        raise Refused(
            "admitted-after-a-child",
            "A child is recorded as arrived before this day; if that is wrong too, annul the stay and report it anew.",
            field="admitted_on",
        )
    if stay.moved_out_on is not None and command.admitted_on > stay.moved_out_on:
        raise Refused(
            "admitted-after-move-out",
            "She moved out before this day; give the day she was admitted.",
            field="admitted_on",
        )
    return [AdmissionCorrected(occurred_on=command.occurred_on, stay_id=stay.stay_id, admitted_on=command.admitted_on)]

"""Which municipality is her home, and whether it may learn who she is."""

from collections.abc import Sequence

from havn_chassis.decider import Refused
from havn_events.event import Event
from havn_events.intake import AnonymityLifted, AnonymityOutweighed, HomeMunicipalityChanged
from intake.domain.stay.commands import AdmitWoman, ChangeHomeMunicipality, LiftAnonymity, OutweighAnonymity
from intake.domain.stay.state import Stay


def named_to_home_municipality(command: AdmitWoman) -> bool:
    """Whether her home municipality may learn who she is; where it must, that is never read out of what nobody said."""
    wish = command.anonymous_to_home_municipality
    if not command.anonymous:
        if wish:
            raise Refused(
                "identified-is-not-anonymous",
                "She is admitted identified, so her home municipality learns who she is; admit her anonymously, or leave this out.",
                field="anonymous_to_home_municipality",
                kind="invalid",
            )
        return True
    if command.may_be_anonymous_to_home_municipality:
        return wish is False
    if wish is None:
        raise Refused(
            "home-municipality-not-answered",
            "At this shelter she may be anonymous to everybody but her home municipality, which learns who she is. Ask her, and "
            "report false here if she is admitted on these terms; else help her to a shelter where she can stay anonymous to it.",
            field="anonymous_to_home_municipality",
            kind="invalid",
        )
    if wish:
        raise Refused(
            "home-municipality-learns-who-she-is",
            "At this shelter she may be anonymous to everybody but her home municipality, which learns who she is while the stay "
            "does not become public. Admit her on these terms, or help her to a shelter where she can stay anonymous to it.",
            field="anonymous_to_home_municipality",
        )
    return True


def change_home_municipality(command: ChangeHomeMunicipality, stay: Stay) -> Sequence[Event]:
    """She moved to another municipality; changes come in the order of their days."""
    if command.home_municipality == stay.home_municipality:
        raise Refused(
            "home-municipality-unchanged",
            "This is her home municipality already; give the one she moved to.",
            field="home_municipality",
        )
    if stay.home_changed_on is not None and command.occurred_on < stay.home_changed_on:
        raise Refused(
            "home-municipality-out-of-order",
            "A change on a later day is recorded; changes of home municipality are reported in the order of their days.",
            field="occurred_on",
        )
    return [
        HomeMunicipalityChanged(occurred_on=command.occurred_on, stay_id=stay.stay_id, home_municipality=command.home_municipality)
    ]


def lift_anonymity(command: LiftAnonymity, stay: Stay) -> Sequence[Event]:
    """She is no longer anonymous."""
    if not stay.anonymous:
        raise Refused("not-anonymous", "She is not anonymous, so there is no anonymity to lift.")
    return [AnonymityLifted(occurred_on=command.occurred_on, stay_id=stay.stay_id)]


def outweigh_anonymity(command: OutweighAnonymity, stay: Stay) -> Sequence[Event]:
    """Her anonymity yields, once for each reason."""
    if not stay.anonymous:
        raise Refused("not-anonymous", "She is not anonymous, so there is no anonymity to lift.")
    if command.reason in stay.outweighed:
        raise Refused(
            "anonymity-already-outweighed",
            "This decision is recorded with this reason; it need not be reported again.",
            field="reason",
        )
    return [AnonymityOutweighed(occurred_on=command.occurred_on, stay_id=stay.stay_id, reason=command.reason)]

"""What an obligation means to aftercare."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from aftercare.domain.aftercare import AFTERCARE, CloseAftercare, CloseCourse, CloseOffer, GoOn, OpenAftercare, OpenCourse
from havn_chassis.decider import Decider
from havn_chassis.inbox import Reactions
from havn_chassis.stays import follow_corrected_admission, remember_shelters
from havn_chassis.store import UnitOfWork
from havn_events.event import Event
from havn_events.orchestrator import FactNoted, ObligationCancelled, ObligationEvent, ObligationOpened

OFFER_RULE = "aftercare-offer"
"""The obligation to offer aftercare to the family."""

COURSE_RULE = "aftercare-course"
"""The obligation to carry an accepted course through."""


def _families(event: Event) -> Sequence[tuple[Decider[Any, Any], UUID]]:
    match event:
        case FactNoted(fact="StayAnnulled"):
            return [(AFTERCARE, AFTERCARE.stream_id(event.stay_id))]
        case ObligationEvent() if event.rule in (OFFER_RULE, COURSE_RULE):
            return [(AFTERCARE, AFTERCARE.stream_id(event.stay_id))]
    return []


REACTIONS = Reactions(preload=_families)


remember_shelters(REACTIONS)

@REACTIONS.to(FactNoted)
def when_the_stay_itself_changes_follow_it(event: FactNoted, unit: UnitOfWork) -> None:
    """An annulled stay owes no aftercare, nor invitations to the café once the course has ended."""
    follow_corrected_admission(event, unit)
    if event.fact == "StayAnnulled":
        unit.execute(AFTERCARE, (event.stay_id,), CloseAftercare(event.stay_id, event.occurred_on))


@REACTIONS.to(ObligationOpened)
def when_aftercare_is_owed_open_it(event: ObligationOpened, unit: UnitOfWork) -> None:
    """Nothing happens when the same is already open, nor to one that runs where the standard does not say what completes it."""
    about = (event.stay_id, event.occurred_on, event.obligation_id)
    visits, complete_from = event.course_visits, event.course_complete_from
    if event.rule == OFFER_RULE:
        unit.execute(AFTERCARE, (event.stay_id,), OpenAftercare(*about))
    if event.rule == COURSE_RULE:
        course = GoOn(*about) if visits is None or complete_from is None else OpenCourse(*about, visits, complete_from)
        unit.execute(AFTERCARE, (event.stay_id,), course)


@REACTIONS.to(ObligationCancelled)
def when_aftercare_is_owed_no_more_close_it(event: ObligationCancelled, unit: UnitOfWork) -> None:
    """Nothing happens to aftercare that was never opened or is settled."""
    if event.rule == OFFER_RULE:
        unit.execute(AFTERCARE, (event.stay_id,), CloseOffer(event.stay_id, event.occurred_on, event.obligation_id))
    if event.rule == COURSE_RULE:
        unit.execute(AFTERCARE, (event.stay_id,), CloseCourse(event.stay_id, event.occurred_on))

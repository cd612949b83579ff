"""How each event changes a stay."""

from dataclasses import replace
from types import MappingProxyType
from uuid import UUID

from havn_events.event import Event
from havn_events.intake import (
    ActionPlanMade,
    ActionPlanRequested,
    AdmissionCorrected,
    AnonymityLifted,
    AnonymityOutweighed,
    ChildArrived,
    ChildMovedOut,
    GoalsMeasured,
    HomeMunicipalityChanged,
    MoveOutCancelled,
    MoveOutCorrected,
    MoveOutPlanned,
    MoveOutRescheduled,
    NeedsClarified,
    PaymentReliefRequested,
    StayAnnulled,
    StayPlanAgreed,
    WomanAdmitted,
    WomanMovedOut,
)
from intake.domain.stay.commands import DIMENSIONS, Scores
from intake.domain.stay.state import AnnulledStay, Child, Measurement, State, Stay
from intake.domain.stay.within import happens_only_within


def evolve(state: State, event: Event) -> State:
    """The stay after one more event."""
    if isinstance(event, WomanAdmitted):
        return Stay(
            stay_id=event.stay_id,
            woman=event.person_id,
            shelter_id=event.shelter_id,
            admitted_on=event.occurred_on,
            home_municipality=event.home_municipality,
            anonymous=event.anonymous,
            named=event.named_to_home_municipality,
        )
    assert isinstance(state, Stay)
    if happens_only_within(event):
        state = replace(state, last_within_on=max(event.occurred_on, state.last_within_on or event.occurred_on))
    match event:
        case AdmissionCorrected():
            return replace(state, admitted_on=event.admitted_on)
        case StayAnnulled():
            return AnnulledStay(state.shelter_id)
        case ChildArrived():
            return _with_child(state, event.person_id, Child(event.occurred_on))
        case ChildMovedOut():
            return _with_child(state, event.person_id, replace(state.children[event.person_id], left_on=event.occurred_on))
        case NeedsClarified():
            return replace(state, needs_clarified=True)
        case StayPlanAgreed():
            return replace(state, stay_plan_on=event.occurred_on)
        case PaymentReliefRequested():
            return replace(state, payment_relief_wanted_on=event.occurred_on)
        case ActionPlanRequested():
            return replace(state, action_plan_wanted_on=event.occurred_on)
        case ActionPlanMade():
            return replace(state, action_plan_on=event.occurred_on)
        case HomeMunicipalityChanged():
            return replace(state, home_municipality=event.home_municipality, home_changed_on=event.occurred_on)
        case AnonymityLifted():
            return replace(state, anonymous=False, named=True)
        case AnonymityOutweighed():
            return replace(state, named=True, outweighed=state.outweighed | {event.reason})
        case GoalsMeasured():
            measurement = Measurement(event.occurred_on, Scores(**{name: getattr(event, name) for name in DIMENSIONS}))
            return replace(state, goals=MappingProxyType({**state.goals, event.occasion: measurement}))
        case MoveOutPlanned():
            return replace(state, planned_on=event.occurred_on, plan_changed_on=event.occurred_on)
        case MoveOutRescheduled():
            return replace(state, plan_changed_on=event.occurred_on)
        case MoveOutCancelled():
            return replace(state, planned_on=None, plan_changed_on=event.occurred_on)
        case WomanMovedOut():
            return replace(state, moved_out_on=event.occurred_on)
        case MoveOutCorrected():
            return replace(state, moved_out_on=event.moved_out_on)
    return state


def _with_child(stay: Stay, child_id: UUID, child: Child) -> Stay:
    return replace(stay, children=MappingProxyType({**stay.children, child_id: child}))

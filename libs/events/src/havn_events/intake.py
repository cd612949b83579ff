"""What the shelter reports about inquiries, stays, plans, move-outs and complaints. Owner: intake."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from havn_events.codes import (
    AnnulmentReason,
    ChildArrival,
    ComplaintAbout,
    ComplaintOutcome,
    ComplaintRoute,
    ContactRole,
    Destination,
    GoalsOccasion,
    InquiryOutcome,
    OutweighingReason,
    Plan,
    Profession,
    ReferredBy,
    RefusalReason,
    RiskLevel,
    StayEnd,
)
from havn_events.event import Day, Event, MunicipalityCode, PersonEvent, StayEvent

BirthMonth = Annotated[str, Field(pattern=r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$")]
"""Year and month of birth, YYYY-MM: enough to know when a child turns 18, too little to point at it."""

StandardId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
"""The id of the quality standard that the shelter has published."""


GoalScore = Annotated[int, Field(strict=True, ge=0, le=4)]
"""0: no problem; 4: a total problem."""


class InquiryEvent(Event, abstract=True):
    """A fact about one inquiry, before any stay."""

    owner = "intake"
    inquiry_id: UUID

    @property
    def case_id(self) -> UUID:
        return self.inquiry_id


class InquiryReceived(InquiryEvent):
    """Someone asked for help, at any hour."""

    shelter_id: UUID
    referred_by: ReferredBy
    home_municipality: MunicipalityCode | None


class InterviewHeld(InquiryEvent):
    """The assessment interview was held on ``occurred_on``; at Hellerup the decision is owed the same day.

    ``standard`` is the one the shelter follows.
    """

    shelter_id: UUID
    standard: StandardId


class InterviewCorrected(InquiryEvent):
    """The day of the interview was recorded wrongly; ``interview_on`` is the right one."""

    interview_on: Day


class InquiryAssessed(InquiryEvent):
    """The leader decided, after the interview on ``interview_on`` (Odense 2.1, Hellerup: the same day)."""

    outcome: InquiryOutcome
    interview_on: Day


class StayRefused(InquiryEvent):
    """The leader refused a stay; the refusal can be complained of (Odense 4.1)."""

    reason: RefusalReason


class WomanReferred(InquiryEvent):
    """She was helped to a place elsewhere."""

    out_of_town: bool


class _Stay(StayEvent, abstract=True):
    owner = "intake"


class _Person(PersonEvent, abstract=True):
    owner = "intake"


class WomanAdmitted(_Person):
    """She moved in; ``occurred_on`` is the day of admission. ``person_id`` is hers.

    ``standard`` is the one her shelter follows; ``own_municipality`` says whether her home municipality is the shelter's own,
    which is ``shelter_municipality``. ``named_to_home_municipality``: the home municipality is told who she is, which an anonymous
    woman may refuse at some shelters (Odense 2.2, LOKK) and not at others (Copenhagen). ``transferred_from``: the stay at another
    shelter that she comes straight from.
    """

    shelter_id: UUID
    standard: StandardId
    home_municipality: MunicipalityCode
    own_municipality: bool
    shelter_municipality: MunicipalityCode | None = None
    anonymous: bool
    named_to_home_municipality: bool
    inquiry_id: UUID | None = None
    transferred_from: UUID | None = None


class AdmissionCorrected(_Stay):
    """The day of admission was recorded wrongly; ``admitted_on`` is the right one."""

    admitted_on: Day


class StayAnnulled(_Stay):
    """The stay should not have been recorded, or she was not in the target group after all."""

    reason: AnnulmentReason


class ChildArrived(_Person):
    """A child moved in or was born; ``person_id`` is the child's."""

    birth_month: BirthMonth
    arrival: ChildArrival


class ChildMovedOut(_Person):
    """A child moved out, perhaps on another day than its mother."""

    destination: Destination


class ContactPersonAssigned(_Person):
    """A contact person for the woman or a child (Odense 2, Hellerup's team of pedagogue and social worker)."""

    role: ContactRole
    profession: Profession


class RiskAssessed(_Person):
    """Her risk was assessed, or a child's, the first time or again (Odense 2.3, LOKK)."""

    level: RiskLevel


class NeedsClarified(_Stay):
    """Her needs for advice and support are clarified (Odense 2.3)."""


class StayPlanAgreed(_Stay):
    """The stay plan is agreed with her."""


class ActionPlanRequested(_Stay):
    """She wants the municipality's action plan (Social Services Act § 141)."""


class ActionPlanMade(_Stay):
    """The municipality made the action plan."""


class PaymentReliefRequested(_Stay):
    """She applied to her home municipality to have her own payment reduced or waived (Odense 2.6)."""


class PlanReviewed(_Stay):
    """A plan was reviewed with her (Copenhagen 3.2, 3.3: every third month)."""

    plan: Plan


class HomeMunicipalityChanged(_Stay):
    """From ``occurred_on`` another municipality is her home municipality and owes what is left."""

    home_municipality: MunicipalityCode


class AnonymityLifted(_Stay):
    """She no longer wishes to be anonymous; earlier notices stand as they were sent."""


class AnonymityOutweighed(_Stay):
    """The leader decided that her anonymity must yield, and why (Odense 2.2: the heightened duty to notify about children)."""

    reason: OutweighingReason


class GoalsMeasured(_Stay):
    """Where she stands in six dimensions (Rambøll 2015), each from 0, no problem, to 4, a total problem.

    ``again``: the occasion was measured before, and this takes the place of what was recorded then.
    """

    occasion: GoalsOccasion
    network: GoalScore
    communities: GoalScore
    health: GoalScore
    economy: GoalScore
    housing: GoalScore
    job_or_education: GoalScore
    again: bool


class MoveOutPlanned(_Stay):
    """Preparation of the move-out began; ``planned_for`` is the expected day."""

    planned_for: Day


class MoveOutRescheduled(_Stay):
    """The expected day of the move-out changed."""

    planned_for: Day


class MoveOutCancelled(_Stay):
    """She stays; no move-out is planned any more."""


class WomanMovedOut(_Stay):
    """She moved out on ``occurred_on``.

    ``stay_days``: calendar days from admission to move-out. ``ended_because``: how the stay ended.
    """

    destination: Destination
    planned: bool
    stay_days: Annotated[int, Field(ge=0)]
    ended_because: StayEnd = "moved-out"


class MoveOutCorrected(_Stay):
    """The day of the move-out was recorded wrongly; ``moved_out_on`` is the right one, ``stay_days`` the length by it."""

    moved_out_on: Day
    stay_days: Annotated[int, Field(ge=0)]


class ComplaintEvent(Event, abstract=True):
    """A fact about one complaint. ``concerns`` is the stay, or the inquiry when a stay was refused."""

    owner = "intake"
    complaint_id: UUID
    concerns: UUID

    @property
    def case_id(self) -> UUID:
        return self.concerns


class ComplaintFiled(ComplaintEvent):
    """A complaint was received on ``occurred_on``, in writing or by word of mouth (Odense 4.1, Copenhagen 8).

    ``late``: received after the last day by the shelter's standard; recorded all the same. ``route``: where it can be taken next.
    """

    about: ComplaintAbout
    form: Literal["written", "oral"]
    late: bool
    route: ComplaintRoute
    shelter_id: UUID
    standard: StandardId


class ComplaintAnswered(ComplaintEvent):
    """The shelter reassessed and answered. ``final``: fully upheld, or of a kind that is not forwarded."""

    outcome: ComplaintOutcome
    final: bool


class ComplaintForwarded(ComplaintEvent):
    """Sent to Ankestyrelsen with the case's papers, because it was not fully upheld."""


class ComplaintWithdrawn(ComplaintEvent):
    """The complainant withdrew it."""


class ConcernRaised(Event):
    """Somebody took a concern about a shelter to the social supervisory authority (Socialtilsyn), anonymously or not.

    It belongs to no stay and names nobody (Odense 4.3, Copenhagen 8): that it was raised is all that is known here.
    """

    owner = "intake"
    concern_id: UUID
    shelter_id: UUID

    @property
    def case_id(self) -> UUID:
        return self.concern_id

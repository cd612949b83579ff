"""The closed lists of codes that events use instead of free text, so that no text about a person can enter an event."""

from typing import Literal

ReferredBy = Literal["self", "police", "caseworker", "emergency-ward", "other-shelter", "other"]

InquiryOutcome = Literal["no-free-room", "referred-or-not-admitted", "advice-only", "admitted", "not-in-target-group", "aftercare"]
"""What became of an inquiry, as Hellerup's yearly statistics count them."""

RefusalReason = Literal["no-free-room", "not-in-target-group", "substance-abuse", "severe-mental-illness", "other"]

Destination = Literal[
    "new-home",
    "own-home-without-perpetrator",
    "other-shelter",
    "other-social-institution",
    "family",
    "other-network",
    "guest-house",
    "back-to-perpetrator",
    "unknown",
]

StayEnd = Literal["moved-out", "left-unplanned", "expelled", "not-in-target-group"]
"""How a stay ended. ``expelled``: for breach of the house rules, which Ankestyrelsen does not hear (Odense 4.2, Copenhagen 8)."""

ChildArrival = Literal["with-her", "later", "born-during-stay"]
Profession = Literal["pedagogue", "social-worker", "psychologist", "coordinating-adviser", "other"]
ContactRole = Literal["primary", "secondary"]
RiskLevel = Literal["low", "medium", "high"]
Plan = Literal["stay-plan", "action-plan"]
AnnulmentReason = Literal["registered-by-mistake", "duplicate", "not-in-target-group"]

ComplaintAbout = Literal["refusal", "discharge", "expulsion", "conditions", "case-handling"]
ComplaintRoute = Literal["ankestyrelsen", "leader", "centre-for-adults-and-families", "ombudsman", "none"]
"""Where a complaint can be taken when the shelter's answer does not uphold it; ``leader``: the leader's answer ends it."""
ComplaintOutcome = Literal["upheld", "partly-upheld", "not-upheld"]

GoalsOccasion = Literal["move-in", "midway", "move-out"]
"""When goals are measured, in this order (Rambøll 2015)."""
OutweighingReason = Literal["child-needs-support", "child-exposed-to-violence", "unborn-child", "court-or-police"]
"""Why a child's safety, or an authority that must be involved, outweighs her anonymity (Odense 2.2)."""

NoticeKind = Literal["admission", "discharge", "correction", "retraction"]
"""``retraction``: the stay was annulled, and nothing that was told of it holds."""
ChildNotificationKind = Literal["first", "supplementary", "final"]
AcknowledgedOver = Literal["http", "nats"]
ObligationChange = Literal[
    "opened", "rescheduled", "due-soon", "transferred-to", "transferred-from", "met", "missed", "reopened", "cancelled"
]

MunicipalAnswer = Literal["action-plan-made", "action-plan-not-wanted", "action-plan-reviewed"]
"""What a municipality answers to what it is asked for. ``action-plan-not-wanted``: she wants none after all."""
PaymentDecision = Literal["full", "reduced", "waived"]
"""Her own payment for the stay: the whole national rate, part of it, or nothing (Odense 2.6, Copenhagen 2.3)."""
PaymentGround = Literal["able-to-pay", "keeps-own-home", "limited-means", "no-income"]

TreatmentDeclinedReason = Literal["stay-too-short", "other-treatment", "had-it-at-another-shelter", "does-not-want"]
TreatmentEnd = Literal["by-agreement", "hours-used", "stopped-coming"]
Employer = Literal["shelter", "municipality", "independent"]

AdviceBy = Literal["shelter", "municipality"]
AdviceVariant = Literal["ordinary", "cti"]
"""``cti``: Critical Time Intervention, whose intensity falls over time (Odense 2.5)."""
AdvicePhase = Literal["pre", "transition", "try-out", "transfer"]
"""The phases of Critical Time Intervention, in their order; its intensity falls from one to the next."""
ShelterAdvises = Literal["all", "own-citizens"]
"""Whom the shelter advises after their move-out (Odense 2.5: only citizens of its own municipality)."""
AdviceDeclinedReason = Literal["does-not-want", "stays-with-perpetrator", "has-it-elsewhere"]
AdviceClosedBecause = Literal["stay-annulled", "stay-continued"]

TakenOverBy = Literal["meeting", "call", "in-writing"]
"""How one municipality's adviser took over from another's; a meeting has both of them there."""
AdviceEnd = Literal["established", "last-day", "declined", "other"]

AftercareDeclinedReason = Literal["does-not-want", "moved-too-far", "has-help-elsewhere"]
AftercareEnd = Literal["course-over", "family-wants-no-more", "moved-too-far", "no-contact", "other"]
"""Why aftercare ended. ``course-over`` and ``other``: the shelter ended it, complete or not; the rest lies with the family."""
VisitPlace = Literal["home", "shelter"]

Party = Literal["shelter", "home-municipality", "acting-municipality"]
OwedTo = Literal["woman", "child", "woman-and-children", "home-municipality", "complainant"]
Unit = Literal["minutes", "sessions"]
EscalatedTo = Literal["leader"]
"""Who is told of a miss besides those who owe it: the shelter's leader."""

"""What events are called to a caseworker, in Danish and in English."""

from havn_cli.dates import Language

FACTS: dict[str, tuple[str, str]] = {
    "InquiryReceived": ("henvendelse modtaget", "inquiry received"),
    "InquiryAssessed": ("henvendelse vurderet", "inquiry assessed"),
    "StayRefused": ("afslag på ophold", "stay refused"),
    "WomanReferred": ("henvist til et andet sted", "referred elsewhere"),
    "WomanAdmitted": ("indskrivning", "admission"),
    "AdmissionCorrected": ("indskrivningsdag rettet", "day of admission corrected"),
    "StayAnnulled": ("ophold annulleret", "stay annulled"),
    "ChildArrived": ("barn flyttet ind", "child moved in"),
    "ChildMovedOut": ("barn fraflyttet", "child moved out"),
    "ContactPersonAssigned": ("kontaktperson tildelt", "contact person assigned"),
    "RiskAssessed": ("risikovurdering foretaget", "risk assessed"),
    "NeedsClarified": ("behov afklaret", "needs clarified"),
    "StayPlanAgreed": ("opholdsplan aftalt", "stay plan agreed"),
    "ActionPlanRequested": ("handleplan ønsket", "action plan asked for"),
    "ActionPlanMade": ("handleplan lavet", "action plan made"),
    "PlanReviewed": ("plan gennemgået", "plan reviewed"),
    "HomeMunicipalityChanged": ("skift af hjemkommune", "change of home municipality"),
    "AnonymityLifted": ("anonymitet ophævet", "anonymity lifted"),
    "MoveOutPlanned": ("fraflytning planlagt", "move-out planned"),
    "MoveOutRescheduled": ("fraflytning udsat eller fremrykket", "move-out rescheduled"),
    "MoveOutCancelled": ("fraflytning aflyst", "move-out cancelled"),
    "WomanMovedOut": ("fraflytning", "move-out"),
    "ComplaintFiled": ("klage modtaget", "complaint received"),
    "ComplaintAnswered": ("klage besvaret", "complaint answered"),
    "ComplaintForwarded": ("klage sendt videre", "complaint forwarded"),
    "ComplaintWithdrawn": ("klage trukket tilbage", "complaint withdrawn"),
    "MunicipalityNotified": ("orientering sendt til kommunen", "notice sent to the municipality"),
    "ChildNotificationSent": ("underretning om barnet sendt", "child notification sent"),
    "NotificationAcknowledged": ("orientering bekræftet af kommunen", "notice acknowledged by the municipality"),
    "NotificationEscalated": ("orientering rykket for", "notice escalated"),
    "TreatmentOffered": ("psykologbehandling tilbudt", "psychological treatment offered"),
    "TreatmentDeclined": ("psykologbehandling afslået", "psychological treatment declined"),
    "PsychologistAssigned": ("psykolog tildelt", "psychologist assigned"),
    "SessionHeld": ("psykologsamtale holdt", "session with a psychologist held"),
    "SessionMissed": ("udeblivelse fra psykologsamtale", "session with a psychologist missed"),
    "SessionCorrected": ("psykologsamtale rettet", "session with a psychologist corrected"),
    "ExtraHoursGranted": ("flere psykologtimer bevilget", "extra hours with a psychologist granted"),
    "TreatmentCompleted": ("psykologbehandling afsluttet", "psychological treatment completed"),
    "InitialAdviceGiven": ("indledende rådgivning givet", "initial advice given"),
    "AdviceOffered": ("koordinerende rådgivning tilbudt", "coordinating advice offered"),
    "AdviceDeclined": ("koordinerende rådgivning afslået", "coordinating advice declined"),
    "AdviceStarted": ("koordinerende rådgivning påbegyndt", "coordinating advice started"),
    "AdviceGiven": ("koordinerende rådgivning givet", "coordinating advice given"),
    "AdviceHandedOver": ("koordinerende rådgivning overdraget", "coordinating advice handed over"),
    "AdviceExtended": ("koordinerende rådgivning forlænget", "coordinating advice extended"),
    "AdviceEnded": ("koordinerende rådgivning afsluttet", "coordinating advice ended"),
    "AftercareOffered": ("efterværn tilbudt", "aftercare offered"),
    "AftercareDeclined": ("efterværn afslået", "aftercare declined"),
    "AftercareStarted": ("efterværn påbegyndt", "aftercare started"),
    "AftercareVisitMade": ("besøg i efterværn", "aftercare visit made"),
    "AftercareEnded": ("efterværn afsluttet", "aftercare ended"),
    "StandardChanged": ("sagen ført over til en anden standard", "case moved to another standard"),
}

_NAMELESS = ("en ændring i sagen", "a change in the case")


def fact_name(fact: str | None, language: Language) -> str:
    """What the event is called; its own name where it has no other."""
    danish, english = _NAMELESS if fact is None else FACTS.get(fact, (fact, fact))
    return danish if language == "da" else english

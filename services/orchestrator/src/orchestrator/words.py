"""Facts, days and terms in words, in Danish and in English, for the explanations a caseworker reads."""

from datetime import date
from typing import NamedTuple

from havn_events.codes import Unit
from havn_standards import Term


class Text(NamedTuple):
    """The same in Danish and in English."""

    da: str
    en: str


FACTS: dict[str, tuple[str, str]] = {
    "InquiryReceived": ("henvendelse modtaget", "inquiry received"),
    "InterviewHeld": ("visitationssamtale holdt", "assessment interview held"),
    "InterviewCorrected": ("dagen for visitationssamtalen rettet", "day of the assessment interview corrected"),
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
    "PaymentReliefRequested": ("ansøgt om nedsat egenbetaling", "applied for relief of her own payment"),
    "PlanReviewed": ("plan gennemgået", "plan reviewed"),
    "HomeMunicipalityChanged": ("skift af hjemkommune", "change of home municipality"),
    "AnonymityLifted": ("anonymitet ophævet", "anonymity lifted"),
    "AnonymityOutweighed": ("anonymiteten måtte vige", "anonymity outweighed"),
    "GoalsMeasured": ("mål målt", "goals measured"),
    "MoveOutPlanned": ("fraflytning planlagt", "move-out planned"),
    "MoveOutRescheduled": ("fraflytning udsat eller fremrykket", "move-out rescheduled"),
    "MoveOutCancelled": ("fraflytning aflyst", "move-out cancelled"),
    "WomanMovedOut": ("fraflytning", "move-out"),
    "MoveOutCorrected": ("fraflytningsdag rettet", "day of the move-out corrected"),
    "ComplaintFiled": ("klage modtaget", "complaint received"),
    "ComplaintAnswered": ("klage besvaret", "complaint answered"),
    "ComplaintForwarded": ("klage sendt videre", "complaint forwarded"),
    "ComplaintWithdrawn": ("klage trukket tilbage", "complaint withdrawn"),
    "MunicipalityNotified": ("orientering sendt til kommunen", "notice sent to the municipality"),
    "ChildNotificationSent": ("underretning om barnet sendt", "child notification sent"),
    "NotificationAcknowledged": ("orientering bekræftet af kommunen", "notice acknowledged by the municipality"),
    "NotificationEscalated": ("orientering rykket for", "notice escalated"),
    "MunicipalityAnswered": ("kommunen har svaret", "the municipality answered"),
    "PaymentDecided": ("egenbetaling afgjort af kommunen", "own payment decided by the municipality"),
    "TreatmentOffered": ("psykologbehandling tilbudt", "psychological treatment offered"),
    "TreatmentDeclined": ("takket nej til psykologbehandling", "psychological treatment declined"),
    "PsychologistAssigned": ("psykolog tildelt", "psychologist assigned"),
    "SessionHeld": ("psykologsamtale holdt", "session with a psychologist held"),
    "SessionMissed": ("udeblivelse fra psykologsamtale", "session with a psychologist missed"),
    "SessionCorrected": ("psykologsamtale rettet", "session with a psychologist corrected"),
    "ExtraHoursGranted": ("flere psykologtimer bevilget", "extra hours with a psychologist granted"),
    "TreatmentCompleted": ("psykologbehandling afsluttet", "psychological treatment completed"),
    "AgreementRequested": (
        "kommunen spurgt, om krisecentrets psykolog må behandle",
        "the municipality asked whether the shelter's psychologist may treat",
    ),
    "AgreementAnswered": (
        "kommunen har svaret om krisecentrets psykolog",
        "the municipality answered about the shelter's psychologist",
    ),
    "InitialAdviceGiven": ("indledende rådgivning givet", "initial advice given"),
    "AdviceOffered": ("koordinerende rådgivning tilbudt", "coordinating advice offered"),
    "AdviceDeclined": ("takket nej til koordinerende rådgivning", "coordinating advice declined"),
    "AdviceStarted": ("koordinerende rådgivning påbegyndt", "coordinating advice started"),
    "AdviceGiven": ("koordinerende rådgivning givet", "coordinating advice given"),
    "AdvicePhaseBegan": ("ny fase i den koordinerende rådgivning", "next phase of coordinating advice"),
    "AdviceHandedOver": ("koordinerende rådgivning overdraget", "coordinating advice handed over"),
    "AdviceTakenOver": (
        "koordinerende rådgivning overtaget fra en anden kommune",
        "coordinating advice taken over from another municipality",
    ),
    "AdviserNamed": ("rådgiver udpeget", "adviser named"),
    "AdviceExtended": ("koordinerende rådgivning forlænget", "coordinating advice extended"),
    "AdviceEnded": ("koordinerende rådgivning afsluttet", "coordinating advice ended"),
    "AftercareOffered": ("efterværn tilbudt", "aftercare offered"),
    "AftercareDeclined": ("takket nej til efterværn", "aftercare declined"),
    "AftercareStarted": ("efterværn påbegyndt", "aftercare started"),
    "AftercareVisitMade": ("besøg i efterværn", "aftercare visit made"),
    "AftercareEnded": ("efterværn afsluttet", "aftercare ended"),
    "CafeInvitationSent": ("inviteret til efterværnscafé", "invited to the aftercare café"),
    "CafeInvitationsDeclined": ("takket nej til flere invitationer til efterværnscafé", "further café invitations declined"),
    "StayContinued": ("opholdet fortsatte på et andet krisecenter", "the stay went on at another shelter"),
    "ChildFollowed": ("barnet kom med til et andet krisecenter", "the child came along to another shelter"),
    "ContinuationAnnulled": (
        "opholdet på det andet krisecenter blev annulleret",
        "the stay at the other shelter was annulled",
    ),
    "ChildCameBack": ("opholdet på det andet krisecenter blev annulleret", "the stay at the other shelter was annulled"),
    "StandardChanged": ("sagen flyttet til en anden udgave af standarden", "the case moved to another version of its standard"),
}
"""What each fact is called."""

_WEEKDAYS = (
    ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"),
    ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
)
_MONTHS = (
    ("januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november", "december"),
    (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
)
_UNITS = {
    "working_days": (Text("hverdag", "working day"), Text("hverdage", "working days")),
    "days": (Text("dag", "day"), Text("dage", "days")),
    "weeks": (Text("uge", "week"), Text("uger", "weeks")),
    "months": (Text("måned", "month"), Text("måneder", "months")),
}
_MINUTES_PER_HOUR = 60
_AMOUNTS = {
    "hours": (Text("time", "hour"), Text("timer", "hours")),
    "minutes": (Text("minut", "minute"), Text("minutter", "minutes")),
    "sessions": (Text("samtale", "session"), Text("samtaler", "sessions")),
}
RECORDED = Text(" (registreret {recorded})", " (recorded {recorded})")
"""Said after a sentence whose fact was recorded on a later day."""
_SAME_DAY = Text("samme dag", "the same day")
_NOTHING = Text("ukendt hændelse", "an unknown event")


def fact_name(fact: str | None) -> Text:
    """For example ``indskrivning`` and ``admission``."""
    return _NOTHING if fact is None else Text(*FACTS[fact])


def in_words(day: date) -> Text:
    """For example ``onsdag den 3. maj 2023`` and ``Wednesday 3 May 2023``."""
    weekdays, months = (names[day.weekday()] for names in _WEEKDAYS), (names[day.month - 1] for names in _MONTHS)
    (weekday_da, weekday_en), (month_da, month_en) = weekdays, months
    return Text(f"{weekday_da} den {day.day}. {month_da} {day.year}", f"{weekday_en} {day.day} {month_en} {day.year}")


def number_of(unit: str, number: int) -> Text:
    """For example ``5 hverdage`` and ``5 working days``."""
    return _counted(_UNITS[unit], number)


def amount_in_words(unit: Unit, number: int) -> Text:
    """For example ``1 time 30 minutter`` and ``1 hour 30 minutes``, ``4 samtaler`` and ``4 sessions``."""
    if unit == "sessions":
        return _counted(_AMOUNTS["sessions"], number)
    hours, minutes = divmod(number, _MINUTES_PER_HOUR)
    if hours == 0:
        return _counted(_AMOUNTS["minutes"], minutes)
    whole = _counted(_AMOUNTS["hours"], hours)
    if minutes == 0:
        return whole
    rest = _counted(_AMOUNTS["minutes"], minutes)
    return Text(f"{whole.da} {rest.da}", f"{whole.en} {rest.en}")


def visits_in_words(number: int) -> Text:
    """For example ``3 besøg`` and ``3 visits``."""
    return _counted((Text("besøg", "visit"), Text("besøg", "visits")), number)


def _counted(names: tuple[Text, Text], number: int) -> Text:
    one, several = names
    name = one if number == 1 else several
    return Text(f"{number} {name.da}", f"{number} {name.en}")


def term_in_words(term: Term) -> Text:
    """For example ``5 hverdage`` and ``5 working days``."""
    for unit in _UNITS:
        number: int | None = getattr(term, unit)
        if number is not None:
            return number_of(unit, number)
    return _SAME_DAY


def joined(sentence: Text, more: Text) -> Text:
    """One after the other."""
    return Text(sentence.da + more.da, sentence.en + more.en)


def filled(sentence: Text, **parts: Text) -> Text:
    """The sentence with each part in its place, in both languages."""
    return Text(
        sentence.da.format(**{name: part.da for name, part in parts.items()}),
        sentence.en.format(**{name: part.en for name, part in parts.items()}),
    )


def capital(sentence: Text) -> Text:
    """With a capital letter where Danish days begin with a small one."""
    return Text(sentence.da[0].upper() + sentence.da[1:], sentence.en)

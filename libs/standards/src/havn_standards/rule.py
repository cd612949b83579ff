"""The vocabulary of a standard: which fact opens an obligation, who owes it to whom, and what closes it.

Whoever applies a standard needs to know these words and nothing of the law behind them.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, Strict, ValidationInfo, field_validator, model_validator

from havn_standards.calendar import Frozen, Term

KNOWN_FACTS: frozenset[str] = frozenset(
    {
        "InquiryReceived",
        "InterviewHeld",
        "InquiryAssessed",
        "StayRefused",
        "WomanReferred",
        "WomanAdmitted",
        "AdmissionCorrected",
        "StayAnnulled",
        "ChildArrived",
        "ChildMovedOut",
        "ContactPersonAssigned",
        "RiskAssessed",
        "NeedsClarified",
        "StayPlanAgreed",
        "ActionPlanRequested",
        "ActionPlanMade",
        "PaymentReliefRequested",
        "PlanReviewed",
        "HomeMunicipalityChanged",
        "AnonymityLifted",
        "MoveOutPlanned",
        "MoveOutRescheduled",
        "MoveOutCancelled",
        "WomanMovedOut",
        "MoveOutCorrected",
        "ComplaintFiled",
        "ComplaintAnswered",
        "ComplaintForwarded",
        "ComplaintWithdrawn",
        "MunicipalityNotified",
        "ChildNotificationSent",
        "NotificationAcknowledged",
        "NotificationEscalated",
        "MunicipalityAnswered",
        "PaymentDecided",
        "TreatmentOffered",
        "TreatmentDeclined",
        "PsychologistAssigned",
        "SessionHeld",
        "SessionMissed",
        "SessionCorrected",
        "ExtraHoursGranted",
        "TreatmentCompleted",
        "AgreementRequested",
        "AgreementAnswered",
        "InitialAdviceGiven",
        "AdviceOffered",
        "AdviceDeclined",
        "AdviceStarted",
        "AdviceGiven",
        "AdviceHandedOver",
        "AdviceExtended",
        "AdviceEnded",
        "AftercareOffered",
        "AftercareDeclined",
        "AftercareStarted",
        "AftercareVisitMade",
        "AftercareEnded",
        "CafeInvitationSent",
        "CafeInvitationsDeclined",
    }
)
"""The event types a standard may name."""

OF_AN_INQUIRY = frozenset({"InterviewHeld", "InquiryAssessed", "StayRefused"})
"""What a rule for each inquiry may name: its case file is opened by the interview, and holds only what can come after it."""

Scalar: TypeAlias = bool | int | str
_Kind: TypeAlias = type[bool] | type[int] | frozenset[str]

ATTRIBUTES: Mapping[str, _Kind] = MappingProxyType(
    {
        "anonymous": bool,
        "destination": frozenset(
            {
                "new-home",
                "own-home-without-perpetrator",
                "other-shelter",
                "other-social-institution",
                "family",
                "other-network",
                "guest-house",
                "back-to-perpetrator",
                "unknown",
            }
        ),
        "stay_days": int,
        "notice": frozenset({"admission", "discharge", "correction", "retraction"}),
        "profession": frozenset({"pedagogue", "social-worker", "psychologist", "coordinating-adviser", "other"}),
        "complaint_about": frozenset({"refusal", "discharge", "expulsion", "conditions", "case-handling"}),
        "outcome": frozenset({"upheld", "partly-upheld", "not-upheld"}),
        "final": bool,
        "completed": bool,
        "ended_because": frozenset({"established", "last-day", "declined", "other"}),
        "course_ended_because": frozenset({"course-over", "family-wants-no-more", "moved-too-far", "no-contact", "other"}),
        "own_municipality": bool,
        "late": bool,
        "born": bool,
        "plan": frozenset({"stay-plan", "action-plan"}),
        "answer": frozenset({"action-plan-made", "action-plan-not-wanted", "action-plan-reviewed"}),
    }
)
"""The attributes of a fact that a condition may test: true or false, a whole number, or one of these words."""

COURSE = "aftercare-course"
"""The rule that owes a course of aftercare and says what completes it."""

_LONGER_THAN_DAYS = "stay_longer_than_days"
_NOT = "_not"
_SHOWN = 40
_OF_A_TERM = ("due_from", "last_day_meets", "remind_working_days")
_NO_COURSE = "is missing; say what completes the course, such as { visits = 3, lasts = { months = 3 } }"
_NOT_ITS_RULE = (
    f'is for the rule "{COURSE}" alone, with per = "woman", opened by AftercareStarted and met by AftercareEnded when '
    "completed = true; aftercare is told of no other"
)
_ONLY_OF_AN_INQUIRY = f'with per = "inquiry" takes only: {", ".join(sorted(OF_AN_INQUIRY))}'

KEBAB = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
LINE = r"^\S(.*\S)?$"
Kebab = Annotated[str, Field(pattern=KEBAB, min_length=2, max_length=60)]
Line = Annotated[str, Field(min_length=1, max_length=200, pattern=LINE)]
_Positive = Annotated[int, Strict(), Field(ge=1, le=1_000_000)]
"""How many visits, minutes or sessions; what is more fits into no column of a read model."""
WorkingDaysAhead = Annotated[int, Strict(), Field(ge=0, le=60)]
"""How many working days before a last day somebody is reminded; 0: on the last working day up to it."""


ComplaintRoutes: TypeAlias = dict[
    Literal["conditions", "case-handling"], Literal["leader", "centre-for-adults-and-families", "ombudsman"]
]
"""Who hears what the leader's answer did not settle; refusal and discharge are Ankestyrelsen's, and expulsion nobody's."""


About: TypeAlias = Literal["refusal", "discharge", "expulsion", "conditions", "case-handling"]
"""What a complaint can be about."""


def _known_fact(name: str) -> str:
    if name not in KNOWN_FACTS:
        alike = get_close_matches(name, sorted(KNOWN_FACTS))
        raise ValueError(f"is not a known event type{f'; {alike[0]} is one' if alike else ''}")
    return name


Fact = Annotated[str, AfterValidator(_known_fact)]


class AttributeTest(Frozen):
    """One line of a condition: the attribute is one of the values, is none of them, or exceeds the one number."""

    attribute: str
    relation: Literal["any-of", "none-of", "more-than"]
    values: tuple[Scalar, ...]

    @field_validator("attribute")
    @classmethod
    def _is_known(cls, attribute: str) -> str:
        if attribute not in ATTRIBUTES:
            raise ValueError(f"'{attribute[:_SHOWN]}' is not an attribute a condition may use")
        return attribute

    @field_validator("values", mode="before")
    @classmethod
    def _are_scalars(cls, values: object) -> object:
        given = values if isinstance(values, list | tuple) else [values]
        if not given or not all(isinstance(value, bool | int | str) for value in given):
            raise ValueError("needs at least one value; a value is a text, a whole number, true or false")
        return given

    @model_validator(mode="after")
    def _fits_the_attribute(self) -> Self:
        kind = ATTRIBUTES[self.attribute]
        if isinstance(kind, frozenset):
            if not kind.issuperset(self.values):
                raise ValueError(f"'{self.attribute}' is one of: {', '.join(sorted(kind))}")
        elif not all(type(value) is kind for value in self.values):
            raise ValueError(f"'{self.attribute}' is {'true or false' if kind is bool else 'a whole number'}")
        if (self.attribute, self.relation) == ("completed", "none-of"):
            raise ValueError("'completed_not' also holds while nobody has said it yet; write 'completed' with what it is to be")
        if self.relation == "more-than" and (kind is not int or len(self.values) != 1):
            raise ValueError(f"'{_LONGER_THAN_DAYS}' takes one whole number of days")
        return self

    def holds(self, value: object) -> bool:
        if self.relation == "more-than":
            return isinstance(value, int) and not isinstance(value, bool) and value > int(self.values[0])
        found = any(isinstance(value, bool) is isinstance(allowed, bool) and value == allowed for allowed in self.values)
        return found is (self.relation == "any-of")


class Condition(Frozen):
    """What must hold of a fact's attributes; an empty condition always holds.

    Written as a mapping: `notice = "admission"` or `notice = ["admission", "discharge"]` asks for one of these values,
    `destination_not = ["family"]` for none of them, `stay_longer_than_days = 14` for more than 14 in `stay_days`.
    An attribute that is absent or None is never one of the values, always none of them, and never more than a number; whether
    a course was `completed` is absent while nobody can say it, so that `completed_not` is no condition.
    """

    tests: tuple[AttributeTest, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _read_mapping(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or "tests" in data:
            return data
        return {"tests": tuple(_as_test(str(key), value) for key, value in data.items())}

    def holds(self, attributes: Mapping[str, object]) -> bool:
        return not self.tests or all(test.holds(attributes.get(test.attribute)) for test in self.tests)


class Trigger(Frozen):
    """A fact of this event type whose attributes fulfil the condition."""

    fact: Fact
    when: Condition = Condition()

    @field_validator("when")
    @classmethod
    def _stay_days_belong_to_move_out(cls, when: Condition, info: ValidationInfo) -> Condition:
        asks_how_long = any(test.attribute == "stay_days" for test in when.tests)
        if asks_how_long and info.data.get("fact", "WomanMovedOut") != "WomanMovedOut":
            raise ValueError("only WomanMovedOut tells the length of the stay")
        return when

    def matches(self, fact: str, attributes: Mapping[str, object]) -> bool:
        return self.fact == fact and self.when.holds(attributes)


class Amount(Frozen):
    """A ledger: the floor is what must be used before the obligation is met, the ceiling what may be used of it."""

    unit: Literal["minutes", "sessions"]
    floor: _Positive
    ceiling: _Positive

    @field_validator("ceiling")
    @classmethod
    def _is_not_below_the_floor(cls, ceiling: int, info: ValidationInfo) -> int:
        if ceiling < info.data.get("floor", ceiling):
            raise ValueError("the floor is above the ceiling")
        return ceiling


class Course(Frozen):
    """What completes a course of aftercare: at least so many visits, and at least such a length counted from its start."""

    visits: _Positive
    lasts: Term

    @field_validator("lasts")
    @classmethod
    def _is_a_length(cls, lasts: Term) -> Term:
        if lasts.same_day:
            raise ValueError("is a length of time; the same day is none")
        return lasts


def _beside_the_english(note_da: str | None, info: ValidationInfo) -> str | None:
    if "note" in info.data and (note_da is None) is not (info.data["note"] is None):
        raise ValueError("a note is told in English and in Danish: give both note and note_da, or neither")
    return note_da


Note = Annotated[str, Field(min_length=1, max_length=500)]
NoteInDanish = Annotated[Note | None, Field(validate_default=True), AfterValidator(_beside_the_english)]
"""Stands after a field `note`, and says the same to a caseworker: both are given, or neither."""


class Source(Frozen):
    """Where a rule comes from: a document and a section of it.

    `basis` is "statute" when an act says it, "standard" when the shelter's own standard does, and "assumed" when the
    duty, or the day it falls due, is our reading; the note then says what was read into it, `note_da` the same in Danish.
    The act's duty stays "statute" where only the day it is counted from is our reading: no standard may leave it out.
    """

    document: Line
    section: Line
    basis: Literal["statute", "standard", "assumed"]
    note: Note | None = Field(default=None, validate_default=True)
    note_da: NoteInDanish = None

    @field_validator("note")
    @classmethod
    def _explains_what_is_assumed(cls, note: str | None, info: ValidationInfo) -> str | None:
        if note is None and info.data.get("basis") == "assumed":
            raise ValueError("an assumed rule needs a note that says what is assumed")
        return note


class ComplaintTerm(Frozen):
    """How long after the decision was received a complaint of it is in time, and where that is said.

    The complainant counts it on a calendar, so no day is left out.
    """

    within: Term
    source: Source

    @field_validator("within")
    @classmethod
    def _is_counted_on_a_calendar(cls, within: Term) -> Term:
        if within.working_days is not None or within.same_day:
            raise ValueError("is counted on a calendar: in days, weeks or months")
        return within


ComplaintTerms: TypeAlias = dict[About, ComplaintTerm]


def _of_an_inquiry_if_per_says_so(trigger: Trigger, info: ValidationInfo) -> Trigger:
    if info.data.get("per") == "inquiry" and trigger.fact not in OF_AN_INQUIRY:
        raise ValueError(_ONLY_OF_AN_INQUIRY)
    return trigger


_TriggerOfARule = Annotated[Trigger, AfterValidator(_of_an_inquiry_if_per_says_so)]


class Rule(Frozen):
    """One kind of obligation.

    `per`: one obligation for the woman, for each child (the fact's person), for each complaint (its reference) or for each
    inquiry, which only the shelter can owe: no municipality is told that she asked.
    `due`: the term, counted from the opening fact's business date or from that of the `due_from` fact; until that
    fact arrives the obligation is open without a due date. No term: open until a fact closes it.
    `met_by`: the facts that meet it, any one of them or all (`meets`). `missed_by`: facts that make it missed at once.
    `cancelled_by`: facts after which it is no longer owed. A fact that both meets and opens, such as a review owed
    again and again, first closes the open obligation and then opens the next.
    `amount`: a ledger, met when its floor is used; it has no meeting facts of its own.
    `looks_back`: a meeting fact noted before the obligation was opened meets it at once.
    `last_day_meets`: a window; its last day ends it as met, not as missed.
    `remind_working_days`: so many working days before its last day those who owe it are reminded; None leaves it to the
    standard, which reminds of no window.
    `escalate_to_leader`: whether the shelter's leader is told when it is missed; None: if the shelter owes it.
    `shelter_advises_after`: whom the shelter's adviser may advise after their move-out, for the rule that owes it.
    `course`: what completes a course of aftercare, for the rule that owes it.

    A field is judged beside those before it, and without waiting for any other: each fault is told whatever else is wrong.
    """

    id: Kebab
    title_da: Line
    title_en: Line
    per: Literal["woman", "child", "complaint", "inquiry"]
    opened_by: tuple[_TriggerOfARule, ...]
    owed_by: Literal["shelter", "home-municipality", "acting-municipality"]
    owed_to: Literal["woman", "child", "woman-and-children", "home-municipality", "complainant"]
    due_from: Fact | None = None
    last_day_meets: Annotated[bool, Strict()] = False
    remind_working_days: WorkingDaysAhead | None = None
    due: Term | None = Field(default=None, validate_default=True)
    met_by: tuple[_TriggerOfARule, ...] = ()
    meets: Literal["any", "all"] = "any"
    amount: Amount | None = Field(default=None, validate_default=True)
    missed_by: tuple[_TriggerOfARule, ...] = ()
    cancelled_by: tuple[_TriggerOfARule, ...] = ()
    looks_back: Annotated[bool, Strict()] = False
    escalate_to_leader: Annotated[bool, Strict()] | None = None
    shelter_advises_after: Literal["all", "own-citizens"] = "all"
    course: Course | None = Field(default=None, validate_default=True)
    source: Source

    @field_validator("owed_by", "owed_to")
    @classmethod
    def _is_no_municipality_for_an_inquiry(cls, party: str, info: ValidationInfo) -> str:
        if info.data.get("per") == "inquiry" and party.endswith("-municipality"):
            raise ValueError('with per = "inquiry" only the shelter owes, and no municipality is told that somebody asked')
        return party

    @field_validator("due_from")
    @classmethod
    def _is_counted_from_a_fact_of_an_inquiry(cls, fact: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("per") == "inquiry" and fact is not None and fact not in OF_AN_INQUIRY:
            raise ValueError(_ONLY_OF_AN_INQUIRY)
        return fact

    @field_validator("opened_by")
    @classmethod
    def _is_opened_by_something(cls, triggers: tuple[Trigger, ...]) -> tuple[Trigger, ...]:
        if not triggers:
            raise ValueError("nothing opens it: name facts in opened_by")
        return triggers

    @field_validator("due")
    @classmethod
    def _is_there_where_it_is_asked_for(cls, due: Term | None, info: ValidationInfo) -> Term | None:
        asking = [name for name in _OF_A_TERM if name not in info.data or info.data[name] != cls.model_fields[name].default]
        if due is None and asking:
            raise ValueError(f"is missing; without a term there is no {' and no '.join(asking)}")
        return due

    @field_validator("meets")
    @classmethod
    def _has_several_facts(cls, meets: str, info: ValidationInfo) -> str:
        if meets == "all" and "met_by" in info.data and len(info.data["met_by"]) < 2:
            raise ValueError('"all" needs at least two facts in met_by')
        return meets

    @field_validator("amount")
    @classmethod
    def _is_used_by_a_person(cls, amount: Amount | None, info: ValidationInfo) -> Amount | None:
        if info.data.get("per") == "inquiry" and amount is not None:
            raise ValueError('with per = "inquiry" there is nobody who could use it; name facts in met_by')
        return amount

    @field_validator("amount")
    @classmethod
    def _is_the_only_way_to_meet_it(cls, amount: Amount | None, info: ValidationInfo) -> Amount | None:
        has_facts = "met_by" not in info.data or bool(info.data["met_by"])
        if amount is None and not has_facts:
            raise ValueError("nothing can meet it: name facts in met_by, or an amount")
        if amount is not None and has_facts:
            raise ValueError("an amount is met by its floor, not by facts in met_by")
        return amount

    @field_validator("course")
    @classmethod
    def _is_told_where_a_course_is_owed(cls, course: Course | None, info: ValidationInfo) -> Course | None:
        known = info.data
        is_begun = {trigger.fact for trigger in known["opened_by"]} == {"AftercareStarted"} if "opened_by" in known else None
        is_met = any(map(_asks_for_completion, known["met_by"])) if "met_by" in known else None
        is_the_familys = known["per"] == "woman" if "per" in known else None
        is_its_rule = known["id"] == COURSE if "id" in known else None
        if course is None and is_begun and any(map(asks_about_completion, known.get("met_by", ()))):
            raise ValueError(_NO_COURSE)
        if course is not None and False in (is_begun, is_met, is_the_familys, is_its_rule):
            raise ValueError(_NOT_ITS_RULE)
        return course

    @property
    def is_escalated(self) -> bool:
        """Whether the shelter's leader is told when it is missed."""
        return self.owed_by == "shelter" if self.escalate_to_leader is None else self.escalate_to_leader

    @cached_property
    def opening_facts(self) -> frozenset[str]:
        """The facts that open it, each under some condition."""
        return frozenset(trigger.fact for trigger in self.opened_by)

    @cached_property
    def is_recurring(self) -> bool:
        """What meets it opens it again, as a review does."""
        return any(trigger.fact in self.opening_facts for trigger in self.met_by)


def asks_about_completion(trigger: Trigger) -> bool:
    """Nothing says whether a course was completed unless a rule says what completes it."""
    return any(test.attribute == "completed" for test in trigger.when.tests)


def _asks_for_completion(trigger: Trigger) -> bool:
    wanted = ("completed", "any-of", (True,))
    return trigger.fact == "AftercareEnded" and any((t.attribute, t.relation, t.values) == wanted for t in trigger.when.tests)


def _as_test(key: str, value: object) -> dict[str, object]:
    if key == _LONGER_THAN_DAYS:
        return {"attribute": "stay_days", "relation": "more-than", "values": value}
    if key.endswith(_NOT):
        return {"attribute": key.removesuffix(_NOT), "relation": "none-of", "values": value}
    return {"attribute": key, "relation": "any-of", "values": value}

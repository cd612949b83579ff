"""Who owes what to whom until when, under which rule, and what became of it. Owner: orchestrator."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from havn_events.codes import EscalatedTo, OwedTo, Party, ShelterAdvises, Unit
from havn_events.event import Day, Event, MunicipalityCode, StayEvent
from havn_events.intake import BirthMonth, StandardId

RuleId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,59}$")]
"""The id of a rule in a standard, for example ``admission-notice``."""

StandardVersion = Annotated[str, Field(pattern=r"^[0-9a-z]+([.-][0-9a-z]+)*$", max_length=200)]
"""A standard's version, with its parents' where it has any, for example ``2023-serviceloven-2020``."""

FactName = Annotated[str, Field(pattern=r"^([A-Z][a-z]+){2,8}$")]
"""The name of an event, for example ``WomanAdmitted``."""

AttributeName = Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,39}$")]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
"""A value of one of the closed lists in ``codes``."""


class _Stay(StayEvent, abstract=True):
    owner = "orchestrator"


class CaseOpened(_Stay):
    """The case file of a stay, or of an inquiry, was opened under one version of one standard, which it keeps.

    ``home_municipality``: ``None`` for an inquiry, of which no municipality is told.
    ``shelter_municipality``: the shelter's own. ``transferred_from``: the stay at another shelter that this one continues.
    """

    standard: StandardId
    standard_version: StandardVersion
    shelter_id: UUID
    home_municipality: MunicipalityCode | None
    shelter_municipality: MunicipalityCode | None = None
    transferred_from: UUID | None = None


class FactNoted(_Stay):
    """A fact of another service was taken into the case file.

    ``fact`` is its name, ``fact_id`` its event id, ``occurred_on`` its business date. ``attributes`` are the coded values that
    rules may ask about; ``minutes`` what it adds to (or, negative, takes from) a ledger; ``until`` the other day it names: a
    window's new last day, the day a move-out is planned for, the right day of admission or of the interview, the corrected
    session's own day.
    """

    fact: FactName
    fact_id: UUID
    person_id: UUID | None
    reference: UUID | None
    minutes: int | None
    until: Day | None
    municipality: MunicipalityCode | None
    attributes: dict[AttributeName, Code | BirthMonth | int | bool]


class StandardChanged(_Stay):
    """From ``occurred_on`` the stay is kept under another standard, or another version of it, as the leader decided.

    What changes with it rests on ``change_id``: obligations cancelled, rescheduled and opened. What was closed stays as it was.
    """

    change_id: UUID
    standard: StandardId
    standard_version: StandardVersion
    standard_before: StandardId
    standard_version_before: StandardVersion


class StayContinued(_Stay):
    """She went straight from this stay to another shelter, where she was admitted on ``occurred_on``.

    What municipalities owe her goes on in the stay ``continued_in``, with what was used and given so far. ``person_id`` is hers;
    ``rests_on``: the admission there.
    """

    person_id: UUID
    continued_in: UUID
    rests_on: UUID


class ChildFollowed(_Stay):
    """A child of this stay arrived on ``occurred_on`` in the stay at another shelter in which hers goes on.

    What municipalities owe it goes on there, in ``continued_in``. A child that does not come along keeps here what it is owed.
    ``rests_on``: its arrival there.
    """

    person_id: UUID
    continued_in: UUID
    rests_on: UUID


class ContinuationAnnulled(_Stay):
    """She did not go on in the stay ``continued_in`` after all: it was annulled. What she left to it is owed here again.

    ``person_id`` is hers; ``rests_on``: the annulment.
    """

    person_id: UUID
    continued_in: UUID
    rests_on: UUID


class ChildCameBack(_Stay):
    """The stay to which a child had followed was annulled. What it left to it is owed here again. ``rests_on``: the annulment."""

    person_id: UUID
    rests_on: UUID


class ObligationEvent(_Stay, abstract=True):
    """A fact about one obligation. ``person_id``: the woman or child it is owed to, where it is owed to one person.

    ``municipality``: the one that owes it or is told, ``None`` where the case has none.
    """

    obligation_id: UUID
    rule: RuleId
    person_id: UUID | None
    municipality: MunicipalityCode | None


class ObligationOpened(ObligationEvent):
    """Somebody owes something from now on.

    ``due`` is the last day on which it is met in time, ``None`` while the day it counts from is not known. ``counted_from`` is
    day 0. ``floor`` and ``ceiling`` are in ``unit``. ``anonymous``: she is anonymous to her home municipality on that day.
    ``shelter_advises_after``: whom the shelter may advise after their move-out, for the obligation to advise them then.
    ``course_visits``, ``course_complete_from``: how many visits complete a course of aftercare, and the first day on which it is
    long enough, for the obligation to carry it through.
    ``remind_on``: the first day on which those who owe it are reminded, ``None`` where nobody is. ``ends_on``: the first day on
    which it is owed no more, whatever happens: for a child, the day after the month in which it turns 18.
    """

    owed_by: Party
    owed_to: OwedTo
    due: Day | None
    counted_from: Day | None
    standard: StandardId
    standard_version: StandardVersion
    document: str
    section: str
    rests_on: UUID
    reference: UUID | None = None
    unit: Unit | None = None
    floor: int | None = None
    ceiling: int | None = None
    anonymous: bool = False
    shelter_advises_after: ShelterAdvises = "all"
    course_visits: Annotated[int, Field(strict=True, ge=1)] | None = None
    course_complete_from: Day | None = None
    remind_on: Day | None = None
    ends_on: Day | None = None


class ObligationRescheduled(ObligationEvent):
    """Its due day moved, visibly: by a fact that it counts from, by a correction, or by another version of its standard.

    ``standard`` and ``standard_version``: those it is owed under from now on, where they changed.
    ``remind_on``: as in ``ObligationOpened``, ``None`` also where those who owe it were reminded of this very day before.
    """

    due: Day | None
    due_before: Day | None
    counted_from: Day | None
    rests_on: UUID
    standard: StandardId | None = None
    standard_version: StandardVersion | None = None
    remind_on: Day | None = None


class ObligationDueSoon(ObligationEvent):
    """Those who owe it are reminded, once for each due day: ``working_days`` are left after ``occurred_on``, ``due`` included."""

    due: Day
    working_days: Annotated[int, Field(ge=0)]


class ObligationTransferred(ObligationEvent):
    """From ``occurred_on`` another municipality owes it: ``municipality``, after ``from_municipality``."""

    from_municipality: MunicipalityCode
    rests_on: UUID


class ObligationMet(ObligationEvent):
    """It was met on ``occurred_on``. ``late``: after its due day; the miss stays in the history."""

    late: bool
    rests_on: UUID | None


class ObligationMissed(ObligationEvent):
    """It was not met in time. ``due`` is the day it should have been met; ``occurred_on`` the day it was missed.

    ``escalated_to``: who is told besides those who owe it, as the rule says.
    """

    due: Day | None
    rests_on: UUID | None
    escalated_to: EscalatedTo | None = None


class ObligationReopened(ObligationEvent):
    """It is owed again: what met it, cancelled it or made it missed was corrected or taken back, or its due day moved."""

    rests_on: UUID


class ObligationCancelled(ObligationEvent):
    """It is owed no more, without having been met. ``rests_on``: ``None`` where its time ran out by the day alone (``ends_on``)."""

    rests_on: UUID | None


CALENDAR = UUID("00000000-0000-4000-8000-000000000001")
"""The one case that all DayPassed events belong to."""


class DayPassed(Event):
    """The Copenhagen day ``occurred_on`` is over. One for each day, none left out."""

    owner: ClassVar[str] = "orchestrator"

    @property
    def case_id(self) -> UUID:
        return CALENDAR

"""Psychological treatment, counted in minutes. Owner: psychology."""

from typing import Annotated
from uuid import UUID, uuid5

from pydantic import Field, StrictBool

from havn_events.codes import Employer, TreatmentDeclinedReason, TreatmentEnd, Unit
from havn_events.event import Day, Event, Minutes, MunicipalityCode, PersonEvent, StayEvent


class _Person(PersonEvent, abstract=True):
    owner = "psychology"


class TreatmentOpened(_Person):
    """A person is owed treatment; floor and ceiling come from the obligation, in ``unit``."""

    obligation_id: UUID
    municipality: MunicipalityCode
    unit: Unit
    floor: Annotated[int, Field(ge=1)]
    ceiling: Annotated[int, Field(ge=1)]


class TreatmentTransferred(_Person):
    """Another municipality owes the rest from ``occurred_on``; what is used stays used."""

    municipality: MunicipalityCode


class TreatmentClosed(_Person):
    """The obligation was cancelled, for example because the stay was annulled."""


class TreatmentReopened(_Person):
    """The obligation is open again: a correction took away what met it, or it goes on in this stay after all."""


class TreatmentOffered(_Person):
    """Treatment was offered (Odense 2.4)."""


class TreatmentDeclined(_Person):
    """The offer was declined; the reason is kept for the statistics."""

    reason: TreatmentDeclinedReason


class PsychologistAssigned(_Person):
    """An authorised psychologist took on the treatment (Odense 2.4)."""

    psychologist_id: UUID
    employer: Employer


class SessionHeld(_Person):
    """A session of that many minutes was held by the assigned psychologist."""

    session_id: UUID
    minutes: Minutes


class SessionMissed(_Person):
    """She or the child did not come. Not an hour used (assumed)."""

    session_id: UUID


class SessionCorrected(_Person):
    """A session's minutes were recorded wrongly. ``minutes`` 0 means that it was not held at all. ``session_on``: its own day."""

    session_id: UUID
    session_on: Day
    minutes: Annotated[int, Field(strict=True, ge=0, le=24 * 60)]
    minutes_before: Annotated[int, Field(ge=0)]


class ExtraHoursGranted(_Person):
    """The municipality raised the ceiling by ``minutes``."""

    minutes: Annotated[int, Field(strict=True, ge=1, le=6000)]
    municipality: MunicipalityCode


class TreatmentCompleted(_Person):
    """The treatment ended."""

    reason: TreatmentEnd


class AgreementRequested(StayEvent):
    """The shelter asked whether its own psychologist may treat in this stay (Odense 2.4)."""

    owner = "psychology"


class AgreementAnswered(StayEvent):
    """The municipality that owes the treatment agreed to it, or did not."""

    owner = "psychology"
    municipality: MunicipalityCode
    agreed: StrictBool


class AgreementEvent(Event, abstract=True):
    """A fact about what one municipality and one shelter agreed on. It belongs to no stay."""

    owner = "psychology"
    municipality: MunicipalityCode
    shelter_id: UUID

    @property
    def case_id(self) -> UUID:
        return uuid5(self.shelter_id, self.municipality)


class AgreementMade(AgreementEvent):
    """From ``occurred_on`` the shelter's own psychologist may treat the municipality's citizens (Odense 2.4)."""


class AgreementEnded(AgreementEvent):
    """From ``occurred_on`` the shelter's own psychologist takes on none of the municipality's citizens any more."""

"""What an obligation, a psychologist, a shelter and a municipality may tell of a treatment."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from havn_events.codes import Employer, TreatmentDeclinedReason, TreatmentEnd, Unit


@dataclass(frozen=True)
class Elsewhere:
    """What the same entitlement was used and granted at the other shelters that a direct transfer connects this stay with."""

    minutes: int = 0
    sessions: int = 0
    extra_minutes: int = 0


NOTHING_ELSEWHERE = Elsewhere()


@dataclass(frozen=True)
class _About:
    """Whose treatment, and the business date."""

    stay_id: UUID
    person_id: UUID
    occurred_on: date


@dataclass(frozen=True)
class _Report(_About):
    """A report from outside. ``admitted_on``: the stay's first day, as it is known now."""

    admitted_on: date | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class OpenTreatment(_About):
    """An obligation says that treatment is owed. ``floor`` and ``ceiling`` are in ``unit``."""

    obligation_id: UUID
    municipality: str
    unit: Unit
    floor: int
    ceiling: int


@dataclass(frozen=True)
class TransferTreatment(_About):
    """Another municipality owes the rest."""

    obligation_id: UUID
    municipality: str


@dataclass(frozen=True)
class FollowHome(_About):
    """Her home changed. Where every hour is used no obligation is left that would move, yet more can be granted."""

    municipality: str


@dataclass(frozen=True)
class CloseTreatment(_About):
    """The obligation was cancelled."""

    obligation_id: UUID


@dataclass(frozen=True)
class ReopenTreatment(_About):
    """The obligation is open again."""

    obligation_id: UUID


@dataclass(frozen=True)
class OfferTreatment(_Report):
    """``municipality``: the caller's, where the caller is a municipality."""

    municipality: str | None


@dataclass(frozen=True)
class DeclineTreatment(_Report):
    """``municipality``: the caller's, where the caller is a municipality."""

    reason: TreatmentDeclinedReason
    municipality: str | None


@dataclass(frozen=True)
class AssignPsychologist(_Report):
    """``shelter_may_treat``: the municipalities whose citizens the shelter's own psychologist may treat on the day: the
    shelter's own, and those that agreed to it.

    ``municipality``: the caller's, where the caller is a municipality.
    """

    psychologist_id: UUID
    employer: Employer
    authorised: bool
    shelter_may_treat: frozenset[str]
    municipality: str | None


@dataclass(frozen=True)
class HoldSession(_Report):
    """A session of ``minutes`` was held."""

    session_id: UUID
    minutes: int
    elsewhere: Elsewhere = NOTHING_ELSEWHERE


@dataclass(frozen=True)
class MissSession(_Report):
    """The person did not come."""

    session_id: UUID


@dataclass(frozen=True)
class CorrectSession(_Report):
    """The session took ``minutes`` in truth; 0 means that it was not held."""

    session_id: UUID
    minutes: int
    elsewhere: Elsewhere = NOTHING_ELSEWHERE


@dataclass(frozen=True)
class GrantExtraHours(_Report):
    """``municipality``, the caller's, raises the ceiling by ``minutes``."""

    minutes: int
    municipality: str


@dataclass(frozen=True)
class CompleteTreatment(_Report):
    """The treatment ended."""

    reason: TreatmentEnd


Report = (
    OfferTreatment
    | DeclineTreatment
    | AssignPsychologist
    | HoldSession
    | MissSession
    | CorrectSession
    | GrantExtraHours
    | CompleteTreatment
)
Command = OpenTreatment | TransferTreatment | FollowHome | CloseTreatment | ReopenTreatment | Report

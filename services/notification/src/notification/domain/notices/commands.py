"""What the municipalities of one stay are to be told, and what they say."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from havn_events.codes import AcknowledgedOver, ChildNotificationKind, MunicipalAnswer, NoticeKind


@dataclass(frozen=True, kw_only=True)
class _Command:
    stay_id: UUID
    occurred_on: date


@dataclass(frozen=True, kw_only=True)
class SendNotice(_Command):
    """Tell the municipality of the admission or the move-out.

    ``acknowledge_by``: the last day to confirm it, where a legal deadline sets one.
    ``fresh_reference``: a random id, its case reference if it has none yet.
    """

    notice_id: UUID
    notice: NoticeKind
    municipality: str
    anonymous: bool
    fresh_reference: UUID
    acknowledge_by: date | None = None


@dataclass(frozen=True, kw_only=True)
class SendCorrections(_Command):
    """Tell all who were told anything that it changed, or, ``retracted``, that it does not hold: the stay was annulled.

    ``fact_id``: the corrected admission or move-out, or the annulment. ``discharge_only``: only those who were told that she left.
    """

    fact_id: UUID
    retracted: bool = False
    discharge_only: bool = False


@dataclass(frozen=True, kw_only=True)
class LiftAnonymity(_Command):
    """Tell all who were told of an anonymous stay that she lifted it: what they were sent may now be linked to her."""

    fact_id: UUID


@dataclass(frozen=True, kw_only=True)
class OweChildNotification(_Command):
    """The shelter owes the municipality a notification about this child."""

    person_id: UUID
    obligation_id: UUID
    municipality: str


@dataclass(frozen=True, kw_only=True)
class FollowHome(_Command):
    """From ``occurred_on`` another municipality is the children's home municipality, and gets what is sent about them."""

    municipality: str


@dataclass(frozen=True, kw_only=True)
class SendChildNotification(_Command):
    """The shelter notified about this child. ``admitted_on``: the stay's first day."""

    person_id: UUID
    notice_id: UUID
    kind: ChildNotificationKind
    fresh_reference: UUID
    admitted_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class InformOfDuty(_Command):
    """Tell the municipality that it owes something from now on. ``due``: the last day in time."""

    obligation_id: UUID
    municipality: str
    rule: str
    due: date | None
    fresh_reference: UUID


@dataclass(frozen=True, kw_only=True)
class InformOfNewDate(_Command):
    """Tell the municipality that what it owes is due on another day."""

    obligation_id: UUID
    due: date | None


@dataclass(frozen=True, kw_only=True)
class InformOfDueSoon(_Command):
    """Remind the municipality of what it owes: the last day in time is near."""

    obligation_id: UUID


@dataclass(frozen=True, kw_only=True)
class InformOfMet(_Command):
    """Tell the municipality that what it owed was met."""

    obligation_id: UUID


@dataclass(frozen=True, kw_only=True)
class InformOfMissed(_Command):
    """Tell the municipality that what it owes was not met in time."""

    obligation_id: UUID


@dataclass(frozen=True, kw_only=True)
class InformOfReopened(_Command):
    """Tell the municipality that it owes this again."""

    obligation_id: UUID


@dataclass(frozen=True, kw_only=True)
class InformOfCancelled(_Command):
    """Tell the municipality that it owes this no more."""

    obligation_id: UUID


@dataclass(frozen=True, kw_only=True)
class InformOfTransfer(_Command):
    """Tell both municipalities that the second owes it from now on."""

    obligation_id: UUID
    municipality: str
    fresh_reference: UUID


@dataclass(frozen=True, kw_only=True)
class Acknowledge(_Command):
    """The municipality confirms that it received the notice."""

    notice_id: UUID
    municipality: str
    over: AcknowledgedOver


@dataclass(frozen=True, kw_only=True)
class Escalate(_Command):
    """Raise the notice if nobody confirmed it and its time is over.

    That is so when it was sent on ``sent_by`` or before, or was to be confirmed by ``day``, the day that is over.
    """

    notice_id: UUID
    sent_by: date
    day: date


@dataclass(frozen=True, kw_only=True)
class Answer(_Command):
    """The municipality answers what it owes an answer to."""

    obligation_id: UUID
    municipality: str
    answer: MunicipalAnswer


Change = InformOfNewDate | InformOfDueSoon | InformOfMet | InformOfMissed | InformOfReopened | InformOfCancelled | InformOfTransfer
Command = (
    SendNotice
    | SendCorrections
    | LiftAnonymity
    | OweChildNotification
    | FollowHome
    | SendChildNotification
    | InformOfDuty
    | Change
    | Acknowledge
    | Escalate
    | Answer
)

"""The thin events that leave the house: what one municipality gets on its own feed.

They carry a case reference that is the municipality's own, what happened, what is owed and until when; never who or where. No id
in them is in another municipality's.
"""

from typing import Annotated, Literal, Self
from uuid import UUID, uuid5

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from havn_events.codes import ChildNotificationKind, NoticeKind, ObligationChange
from havn_events.event import Day, MunicipalityCode
from havn_events.orchestrator import RuleId


def own_id(municipality: str, known_id: UUID) -> UUID:
    """The id under which this municipality, and no other, knows what has ``known_id`` in the house.

    Always the same one, everywhere. It cannot be turned back, and those of two municipalities do not show that they mean the same.
    """
    return uuid5(known_id, municipality)


class _Municipal(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    municipality: Annotated[MunicipalityCode, Field(description="The municipality's four digits.")]
    case_reference: Annotated[
        UUID,
        Field(
            description="The stay, by a random reference of this municipality's own: the same in all that it is told of the stay. "
            "GET /cases/{case_reference} tells the rest."
        ),
    ]
    occurred_on: Annotated[Day, Field(description="The day it happened, in Denmark.")]


class StayNotice(_Municipal):
    """A stay was opened, closed, corrected or retracted. Acknowledge ``notice_id``."""

    kind: Literal["stay-notice"] = "stay-notice"
    notice_id: Annotated[UUID, Field(description="What is to be acknowledged.")]
    notice: Annotated[
        NoticeKind,
        Field(
            description="admission, discharge: she moved in, or out. correction: her day of admission or of discharge was "
            "corrected, or her anonymity lifted; all under this case reference is about the same stay. retraction: the stay was "
            "annulled, and nothing that was told of it holds."
        ),
    ]
    anonymous: Annotated[
        bool, Field(description="Whether she is anonymous to the municipality. Who she is, the shelter tells outside Havn.")
    ]


class ChildNotice(_Municipal):
    """A child notification. Acknowledge ``notice_id``."""

    kind: Literal["child-notice"] = "child-notice"
    notice_id: Annotated[UUID, Field(description="What is to be acknowledged.")]
    notification: Annotated[
        ChildNotificationKind,
        Field(description="A notification by section 153 was sent about a child; its text comes outside Havn."),
    ]


class ObligationNews(_Municipal):
    """Something changed in what the municipality owes. ``due``: the last day in time."""

    kind: Literal["obligation-news"] = "obligation-news"
    obligation_id: Annotated[UUID, Field(description="What is owed, by an id of this municipality's own.")]
    change: Annotated[
        ObligationChange,
        Field(
            description="opened: owed from now on. rescheduled: due is another day. due-soon: a reminder. transferred-to: another "
            "municipality owed it before. transferred-from: another municipality owes the rest. met. missed: not met in time, and "
            "still owed. reopened: owed again. cancelled: owed no more."
        ),
    ]
    rule: Annotated[
        RuleId,
        Field(
            description="Which rule it is owed under, for example initial-advice. The orchestrator's "
            "GET /obligations/{obligation_id}/why says what it is, in Danish and English."
        ),
    ]
    due: Annotated[Day | None, Field(description="The last day in time; null while no day is known, or where there is none.")]


MunicipalEvent = Annotated[StayNotice | ChildNotice | ObligationNews, Field(discriminator="kind")]
MUNICIPAL_EVENT: TypeAdapter[StayNotice | ChildNotice | ObligationNews] = TypeAdapter(
    MunicipalEvent, config=ConfigDict(hide_input_in_errors=True)
)
MUNICIPAL_TYPES: tuple[type[_Municipal], ...] = (StayNotice, ChildNotice, ObligationNews)


def municipal_type(event: _Municipal) -> str:
    """CloudEvents type, for example ``dk.havn.municipal.StayNotice.v1``."""
    return f"dk.havn.municipal.{type(event).__name__}.v1"


class FeedEvent(BaseModel):
    """One message of the feed as a CloudEvents 1.0 event in structured JSON: over HTTP, and in a webhook's body.

    ``id`` is the same over NATS, HTTP and webhooks. ``time``: the instant it was recorded. ``type`` is that of
    ``data``, with the version of its shape; another shape has another version.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    specversion: Literal["1.0"] = "1.0"
    id: Annotated[UUID, Field(description="A message may come more than once: drop what has an id that you have.")]
    source: Literal["/havn/notification"] = "/havn/notification"
    type: str
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    data: MunicipalEvent

    @model_validator(mode="after")
    def _of_one_type(self) -> Self:
        if self.type != municipal_type(self.data):
            raise ValueError("the type is not that of the data")
        return self

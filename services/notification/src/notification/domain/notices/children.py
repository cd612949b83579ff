"""Notifications about a child: to which municipality, and in which order."""

from collections.abc import Sequence

from havn_chassis.decider import Refused, not_before_admission
from havn_events.event import Event
from havn_events.notification import ChildNotificationOwed, ChildNotificationSent
from notification.domain.notices.commands import FollowHome, OweChildNotification, SendChildNotification
from notification.domain.notices.state import Notices


def owe(command: OweChildNotification, state: Notices) -> Sequence[Event]:
    """The municipality that gets what is sent about a child, where it did not already."""
    child = state.children.get(command.person_id)
    if child is not None and child.municipality == command.municipality:
        return []
    return [
        ChildNotificationOwed(
            stay_id=command.stay_id,
            occurred_on=command.occurred_on,
            person_id=command.person_id,
            obligation_id=command.obligation_id,
            municipality=command.municipality,
        )
    ]


def follow(command: FollowHome, state: Notices) -> Sequence[Event]:
    """With her home the notifications go to another municipality, where no later change is known."""
    return [
        ChildNotificationOwed(
            stay_id=command.stay_id,
            occurred_on=command.occurred_on,
            person_id=person_id,
            obligation_id=child.obligation_id,
            municipality=command.municipality,
        )
        for person_id, child in state.children.items()
        if child.municipality != command.municipality and (child.moved_on is None or child.moved_on <= command.occurred_on)
    ]


def send_about_child(command: SendChildNotification, state: Notices) -> Sequence[Event]:
    """The first notification about a child goes first, and once."""
    child = state.children.get(command.person_id)
    if child is None:
        raise Refused(
            "child-notification-not-owed",
            "No notification is owed about a child with this id in this stay. It opens by itself when the child's arrival "
            "has been recorded; if that was just now, try again shortly.",
            kind="absent",
        )
    not_before_admission(command.occurred_on, command.admitted_on)
    if command.notice_id in state.notices:
        raise Refused("notice-already-sent", "A notice with this id was sent already.", field="notice_id")
    if command.kind == "first" and child.first_sent:
        raise Refused(
            "first-notification-already-sent",
            "The municipality has the first notification about this child; send what is new as a supplementary one.",
            field="kind",
        )
    if command.kind != "first" and not child.first_sent:
        raise Refused(
            "first-notification-not-sent",
            "The home municipality has no notification about this child yet; send the first one before this.",
            field="kind",
        )
    return [
        ChildNotificationSent(
            stay_id=command.stay_id,
            occurred_on=command.occurred_on,
            person_id=command.person_id,
            notice_id=command.notice_id,
            kind=command.kind,
            municipality=child.municipality,
            case_reference=state.references.get(child.municipality, command.fresh_reference),
        )
    ]

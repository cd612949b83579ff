"""One woman's initial and coordinating advice, from the day it is owed to its last day (Social Services Act § 109, Odense 2.5).

The window runs 6 months from move-out; her municipality may extend it to at most 12 (Odense 2.5, Copenhagen 3.5).
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never, get_args
from uuid import UUID

from havn_chassis.decider import Decider, Refused, not_before_admission
from havn_events.codes import (
    AdviceBy,
    AdviceClosedBecause,
    AdviceDeclinedReason,
    AdviceEnd,
    AdvicePhase,
    AdviceVariant,
    ShelterAdvises,
    TakenOverBy,
)
from havn_events.coordinating_advice import (
    AdviceClosed,
    AdviceDeclined,
    AdviceEnded,
    AdviceExtended,
    AdviceGiven,
    AdviceHandedOver,
    AdviceOffered,
    AdviceOpened,
    AdvicePhaseBegan,
    AdviceReopened,
    AdviceStarted,
    AdviceTakenOver,
    AdviceTransferred,
    AdviceWindowOpened,
    AdviserNamed,
    InitialAdviceGiven,
)
from havn_events.event import Event

LONGEST_WINDOW_MONTHS = 12
"""The longest window, counted from move-out (Odense 2.5, Copenhagen 3.5)."""

PHASES: tuple[AdvicePhase, ...] = get_args(AdvicePhase)
"""The phases of Critical Time Intervention in their order, each less intensive than the one before (Odense 2.5)."""


@dataclass(frozen=True, kw_only=True)
class _Command:
    stay_id: UUID
    occurred_on: date


@dataclass(frozen=True, kw_only=True)
class OpenAdvice(_Command):
    """The municipality owes her advice from now on."""

    municipality: str


@dataclass(frozen=True, kw_only=True)
class OpenWindow(_Command):
    """She moved out, or her window moved: it runs to ``until``. Opens the advice too, where no move-out was prepared.

    ``shelter_advises``: whom the shelter may advise after their move-out; ``None`` where only the dates moved.
    """

    municipality: str
    moved_out_on: date
    until: date
    shelter_advises: ShelterAdvises | None = None


@dataclass(frozen=True, kw_only=True)
class TransferAdvice(_Command):
    """Another municipality owes the rest."""

    municipality: str


@dataclass(frozen=True, kw_only=True)
class FollowHome(_Command):
    """Her home changed. Before the window there may be no obligation that would move: what was owed so far is met."""

    municipality: str


@dataclass(frozen=True, kw_only=True)
class CloseAdvice(_Command):
    """Nothing is owed in this stay any more: it was annulled, or what is owed goes on in the stay at another shelter."""

    because: AdviceClosedBecause


@dataclass(frozen=True, kw_only=True)
class ReopenAdvice(_Command):
    """She did not go on at another shelter after all."""


@dataclass(frozen=True, kw_only=True)
class _Report(_Command):
    """A report from outside. ``asked_by``: the municipality that reports, ``None`` for the shelter's people.

    ``admitted_on``: the stay's first day.
    """

    asked_by: str | None = None
    admitted_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class GiveInitialAdvice(_Report):
    """She was introduced to the advice and to where she can turn."""

    by: AdviceBy


@dataclass(frozen=True, kw_only=True)
class OfferAdvice(_Report):
    """Coordinating advice was offered."""


@dataclass(frozen=True, kw_only=True)
class DeclineAdvice(_Report):
    """She does not want it."""

    reason: AdviceDeclinedReason


@dataclass(frozen=True, kw_only=True)
class StartAdvice(_Report):
    """Coordinating advice began. ``shelter_municipality``: the shelter's own, where it has one."""

    variant: AdviceVariant
    by: AdviceBy
    shelter_municipality: str | None


@dataclass(frozen=True, kw_only=True)
class GiveAdvice(_Report):
    """One meeting was held. ``by``: whose adviser held it. ``shelter_municipality``: the shelter's own, where it has one."""

    meeting_id: UUID
    minutes: int
    by: AdviceBy
    shelter_municipality: str | None


@dataclass(frozen=True, kw_only=True)
class BeginPhase(_Report):
    """The next phase of Critical Time Intervention began."""

    phase: AdvicePhase


@dataclass(frozen=True, kw_only=True)
class NameAdviser(_Report):
    """The municipality named who advises her."""

    adviser_id: UUID


@dataclass(frozen=True, kw_only=True)
class HandOverAdvice(_Report):
    """An adviser of ``municipality`` took over."""

    from_adviser_id: UUID
    to_adviser_id: UUID
    municipality: str


@dataclass(frozen=True, kw_only=True)
class TakeOverAdvice(_Report):
    """The municipality that owes the rest since her home changed has taken over: ``adviser_id`` advises her from now on."""

    adviser_id: UUID
    by: TakenOverBy


@dataclass(frozen=True, kw_only=True)
class ExtendWindow(_Report):
    """The municipality extended the window to ``until``."""

    until: date


@dataclass(frozen=True, kw_only=True)
class EndAdvice(_Report):
    """The advice ended."""

    because: AdviceEnd


Report = (
    GiveInitialAdvice
    | OfferAdvice
    | DeclineAdvice
    | StartAdvice
    | GiveAdvice
    | BeginPhase
    | NameAdviser
    | HandOverAdvice
    | TakeOverAdvice
    | ExtendWindow
    | EndAdvice
)
Command = OpenAdvice | OpenWindow | TransferAdvice | FollowHome | CloseAdvice | ReopenAdvice | Report


@dataclass(frozen=True)
class Window:
    """The months after move-out. ``until`` is the last day; ``extended_to`` every last day it was extended to.

    ``shelter_advises``: whom the shelter may still advise.
    """

    moved_out_on: date
    until: date
    extended_to: frozenset[date] = frozenset()
    shelter_advises: ShelterAdvises = "all"


@dataclass(frozen=True)
class Advice:
    """What happened so far. ``municipality`` is the one that owes it, ``None`` until the advice is open.

    ``owed``: every municipality that owed it, each with the day from which it did, in the order of the reports. ``taken_over``:
    whether the present one confirmed that it took over from the one before. ``phases``: those of Critical Time Intervention that
    began; the last one on ``phase_began_on``.
    """

    municipality: str | None = None
    owed: tuple[tuple[date, str], ...] = ()
    taken_over: bool = False
    closed_because: AdviceClosedBecause | None = None
    closed_on: date | None = None
    initial_given: bool = False
    declined: bool = False
    started_on: date | None = None
    variant: AdviceVariant | None = None
    phases: tuple[AdvicePhase, ...] = ()
    phase_began_on: date | None = None
    window: Window | None = None
    adviser_id: UUID | None = None
    meetings: frozenset[UUID] = frozenset()
    ended_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Owed by a municipality, and not closed."""
        return self.municipality is not None and self.closed_because is None

    def municipality_on(self, day: date) -> str | None:
        """The one that owed the advice on that day; the first one before it did, too."""
        return next((code for since, code in reversed(self.owed) if since <= day), self.owed[0][1] if self.owed else None)


def months_after(day: date, months: int) -> date:
    """The same day ``months`` months on, or that month's last day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def latest_extension(moved_out_on: date) -> date:
    """The last day that a window may ever be extended to."""
    return months_after(moved_out_on, LONGEST_WINDOW_MONTHS)


def decide(command: Command, state: Advice) -> Sequence[Event]:
    """What the command leads to. Raises Refused for a report that the state rules out; the orchestrator's news never is."""
    match command:
        case OpenAdvice():
            return _open(command, state)
        case OpenWindow():
            return _open_window(command, state)
        case TransferAdvice():
            return _transfer(command, state)
        case FollowHome():
            return _transfer(command, state) if state.window is None and state.ended_on is None else []
        case CloseAdvice():
            return _close(command, state)
        case ReopenAdvice():
            goes_on_elsewhere = state.closed_because == "stay-continued"
            return [AdviceReopened(stay_id=command.stay_id, occurred_on=command.occurred_on)] if goes_on_elsewhere else []
        case _:
            _must_be_open(command, state)
            return [_report(command, state)]


def _open(command: OpenAdvice, state: Advice) -> Sequence[Event]:
    """What is owed anew by another municipality than before shows that the home changed while nothing was owed."""
    if state.municipality is not None:
        transfer = TransferAdvice(stay_id=command.stay_id, occurred_on=command.occurred_on, municipality=command.municipality)
        return _transfer(transfer, state)
    return [
        AdviceOpened(stay_id=command.stay_id, occurred_on=command.occurred_on, municipality=command.municipality),
    ]


def _close(command: CloseAdvice, state: Advice) -> Sequence[Event]:
    """A stay from which she went on elsewhere may be annulled afterwards; then nothing about it can be recorded any more."""
    if state.municipality is None or command.because == state.closed_because or state.closed_because == "stay-annulled":
        return []
    return [AdviceClosed(stay_id=command.stay_id, occurred_on=command.occurred_on, because=command.because)]


def _open_window(command: OpenWindow, state: Advice) -> Sequence[Event]:
    if state.closed_because is not None or (state.window is not None and not _moves(state.window, command)):
        return []
    opening = OpenAdvice(stay_id=command.stay_id, occurred_on=command.occurred_on, municipality=command.municipality)
    window = AdviceWindowOpened(
        stay_id=command.stay_id,
        occurred_on=command.occurred_on,
        moved_out_on=command.moved_out_on,
        until=command.until,
        shelter_advises=command.shelter_advises or (state.window.shelter_advises if state.window else "all"),
    )
    return [*_open(opening, state), window]


def _moves(window: Window, command: OpenWindow) -> bool:
    """Whether these dates are news, and not the echo of an extension that was recorded here."""
    if command.moved_out_on != window.moved_out_on:
        return True
    return command.until != window.until and command.until not in window.extended_to


def _transfer(command: TransferAdvice | FollowHome, state: Advice) -> Sequence[Event]:
    if not state.is_open or state.municipality == command.municipality:
        return []
    return [
        AdviceTransferred(stay_id=command.stay_id, occurred_on=command.occurred_on, municipality=command.municipality),
    ]


def _must_be_open(command: Report, state: Advice) -> None:
    foreign = command.asked_by is not None and command.asked_by != state.municipality
    if state.municipality is None or foreign:
        raise not_open()
    not_before_admission(command.occurred_on, command.admitted_on)
    if state.closed_because == "stay-annulled":
        raise Refused("advice-closed", "The stay was annulled, and nothing more can be recorded about its advice.")
    if state.closed_on is not None and command.occurred_on > state.closed_on:
        raise Refused(
            "advice-goes-on-elsewhere",
            f"She went straight to another shelter on {state.closed_on}, and the advice goes on there. Record it there; "
            "what happened up to that day can still be recorded here.",
            field="occurred_on",
        )


def not_open() -> Refused:
    """The one answer for a stay without advice yet and for one whose advice another municipality owes."""
    return Refused(
        "advice-not-open",
        "No advice is open for this stay. It opens by itself when the home municipality has been told of the stay; "
        "if the admission was recorded just now, try again shortly.",
        kind="absent",
    )


def _report(command: Report, state: Advice) -> Event:
    match command:
        case GiveInitialAdvice():
            return _initial(command, state)
        case OfferAdvice():
            return _offer(command, state)
        case DeclineAdvice():
            return _decline(command, state)
        case StartAdvice():
            return _start(command, state)
        case GiveAdvice():
            return _meeting(command, state)
        case BeginPhase():
            return _begin_phase(command, state)
        case NameAdviser():
            return _name(command, state)
        case HandOverAdvice():
            return _handover(command, state)
        case TakeOverAdvice():
            return _take_over(command, state)
        case ExtendWindow():
            return _extend(command, state)
        case EndAdvice():
            return _end(command, state)
        case _ as never:
            assert_never(never)


def _initial(command: GiveInitialAdvice, state: Advice) -> Event:
    _must_not_be_ended(state)
    if state.initial_given:
        raise Refused("initial-advice-already-given", "The initial advice is recorded already; it is given once.")
    return InitialAdviceGiven(stay_id=command.stay_id, occurred_on=command.occurred_on, by=command.by)


def _offer(command: OfferAdvice, state: Advice) -> Event:
    _must_not_be_ended(state)
    if state.started_on is not None:
        raise Refused("advice-already-started", "The advice has started and needs no further offer.")
    return AdviceOffered(stay_id=command.stay_id, occurred_on=command.occurred_on)


def _decline(command: DeclineAdvice, state: Advice) -> Event:
    _must_not_be_ended(state)
    if state.started_on is not None:
        raise Refused(
            "decline-after-start",
            "The advice has started, so it can no longer be declined. Record its end instead, because it was declined.",
        )
    if state.declined:
        raise Refused("advice-already-declined", "It is recorded already that she declined; offer it again first.")
    return AdviceDeclined(stay_id=command.stay_id, occurred_on=command.occurred_on, reason=command.reason)


def _start(command: StartAdvice, state: Advice) -> Event:
    _must_not_be_ended(state)
    if state.started_on is not None:
        raise Refused("advice-already-started", "The advice has started already; record its meetings.")
    _must_be_within(command, state)
    _must_be_the_shelters_to_give(command, state)
    return AdviceStarted(stay_id=command.stay_id, occurred_on=command.occurred_on, variant=command.variant, by=command.by)


def _meeting(command: GiveAdvice, state: Advice) -> Event:
    _must_follow_start(command, state)
    if command.meeting_id in state.meetings:
        raise Refused("meeting-already-recorded", "A meeting with this id is recorded already.", field="meeting_id")
    if state.ended_on is not None and command.occurred_on > state.ended_on:
        raise Refused(
            "meeting-after-end",
            "The advice had ended by that day. Give the day the meeting was held, on or before the day the advice ended.",
            field="occurred_on",
        )
    _must_be_within(command, state)
    _must_be_the_shelters_to_give(command, state)
    return AdviceGiven(
        stay_id=command.stay_id,
        occurred_on=command.occurred_on,
        meeting_id=command.meeting_id,
        minutes=command.minutes,
        by=command.by,
    )


def _must_be_the_shelters_to_give(command: StartAdvice | GiveAdvice, state: Advice) -> None:
    """After the move-out some shelters advise citizens of their own municipality only (Odense 2.5)."""
    window = state.window
    if command.by != "shelter" or window is None or window.shelter_advises == "all":
        return
    if command.occurred_on > window.moved_out_on and state.municipality_on(command.occurred_on) != command.shelter_municipality:
        raise Refused(
            "after-move-out-the-municipality-advises",
            "After the move-out this shelter advises citizens of its own municipality only (Odense 2.5). Hand the advice over to "
            "the home municipality's adviser, and record what that adviser gives as given by the municipality.",
            field="by",
        )


def _begin_phase(command: BeginPhase, state: Advice) -> Event:
    _must_not_be_ended(state)
    _must_follow_start(command, state)
    if state.variant != "cti":
        raise Refused("not-cti", "Only advice that was started as Critical Time Intervention has phases.")
    _must_be_within(command, state)
    if state.phases == PHASES or command.phase != PHASES[len(state.phases)]:
        raise Refused(
            "phases-in-order",
            f"The phases begin once each, in this order: {', '.join(PHASES)}. So far {len(state.phases)} of them began.",
            field="phase",
        )
    if state.phase_began_on is not None and command.occurred_on < state.phase_began_on:
        raise Refused(
            "phase-before-the-last-one",
            f"The phase before began on {state.phase_began_on}; this one cannot have begun before that day.",
            field="occurred_on",
        )
    return AdvicePhaseBegan(stay_id=command.stay_id, occurred_on=command.occurred_on, phase=command.phase)


def _name(command: NameAdviser, state: Advice) -> Event:
    _must_not_be_ended(state)
    if state.adviser_id == command.adviser_id:
        raise Refused("adviser-already-named", "This adviser has the advice already. Nothing needs to be recorded.")
    return AdviserNamed(stay_id=command.stay_id, occurred_on=command.occurred_on, adviser_id=command.adviser_id)


def _handover(command: HandOverAdvice, state: Advice) -> Event:
    _must_not_be_ended(state)
    if command.from_adviser_id == command.to_adviser_id:
        raise Refused(
            "handover-to-same-adviser",
            "A handover goes from one adviser to another, and both ids are the same.",
            field="to_adviser_id",
            kind="invalid",
        )
    _must_follow_start(command, state)
    if command.municipality != state.municipality:
        raise Refused(
            "handover-to-other-municipality",
            "Only an adviser of the municipality that owes the advice can take it over.",
            field="municipality",
        )
    if state.adviser_id not in (None, command.from_adviser_id):
        raise Refused(
            "handover-from-other-adviser",
            "Another adviser took over earlier; the handover must come from the adviser who has the advice now.",
            field="from_adviser_id",
        )
    _must_be_within(command, state)
    return AdviceHandedOver(
        stay_id=command.stay_id,
        occurred_on=command.occurred_on,
        from_adviser_id=command.from_adviser_id,
        to_adviser_id=command.to_adviser_id,
        municipality=command.municipality,
    )


def _take_over(command: TakeOverAdvice, state: Advice) -> Event:
    _must_not_be_ended(state)
    if len(state.owed) < 2:
        raise Refused(
            "nothing-to-take-over",
            "No other municipality owed the advice before. From the shelter's adviser it is taken over by a handover.",
        )
    (_, before), (since, municipality) = state.owed[-2:]
    if state.taken_over:
        raise Refused("already-taken-over", "That your municipality took over is recorded; it need not be reported again.")
    if command.occurred_on < since:
        raise Refused(
            "before-the-transfer",
            f"Your municipality owes the advice since {since}, and cannot have taken it over before that day.",
            field="occurred_on",
        )
    _must_be_within(command, state)
    return AdviceTakenOver(
        stay_id=command.stay_id,
        occurred_on=command.occurred_on,
        from_municipality=before,
        municipality=municipality,
        adviser_id=command.adviser_id,
        by=command.by,
    )


def _extend(command: ExtendWindow, state: Advice) -> Event:
    _must_not_be_ended(state)
    if state.window is None:
        raise Refused(
            "extension-without-window",
            "The window opens when she moves out; until then there is nothing to extend. Record the move-out first.",
        )
    if command.until <= state.window.until:
        raise Refused(
            "extension-not-later",
            f"The window runs to {state.window.until} already; an extension must end on a later day.",
            field="until",
        )
    latest = latest_extension(state.window.moved_out_on)
    if command.until > latest:
        raise Refused(
            "extension-beyond-12-months",
            f"The window can be extended to at most 12 months after move-out, here to {latest} (Odense 2.5).",
            field="until",
        )
    return AdviceExtended(stay_id=command.stay_id, occurred_on=command.occurred_on, until=command.until)


def _end(command: EndAdvice, state: Advice) -> Event:
    _must_not_be_ended(state)
    _must_follow_start(command, state)
    _must_be_within(command, state)
    if command.because == "last-day" and (state.window is None or command.occurred_on != state.window.until):
        raise Refused(
            "not-the-last-day",
            "The advice ends by its last day only on the last day of its window; give that day, or another reason.",
            field="because",
        )
    return AdviceEnded(stay_id=command.stay_id, occurred_on=command.occurred_on, because=command.because)


def _must_not_be_ended(state: Advice) -> None:
    if state.ended_on is not None:
        raise Refused("advice-ended", "The advice has ended; a new stay opens a new entitlement.")


def _must_follow_start(command: Report, state: Advice) -> None:
    if state.started_on is None:
        raise Refused("advice-not-started", "The advice has not started. Record its start first.")
    if command.occurred_on < state.started_on:
        raise Refused(
            "before-start",
            f"The advice started on {state.started_on}; this cannot have happened before that day.",
            field="occurred_on",
        )


def _must_be_within(command: Report, state: Advice) -> None:
    if state.window is not None and command.occurred_on > state.window.until:
        raise Refused(
            "after-the-window",
            f"The window's last day was {state.window.until}. Give the day it happened, or have the municipality extend "
            "the window first.",
            field="occurred_on",
        )


def evolve(state: Advice, event: Event) -> Advice:
    """The state after the event."""
    match event:
        case AdviceOpened() | AdviceTransferred():
            owed = (*state.owed, (event.occurred_on, event.municipality))
            return replace(state, municipality=event.municipality, owed=owed, taken_over=False)
        case AdviceWindowOpened():
            return replace(state, window=Window(event.moved_out_on, event.until, shelter_advises=event.shelter_advises))
        case AdviceClosed():
            return replace(state, closed_because=event.because, closed_on=event.occurred_on)
        case AdviceReopened():
            return replace(state, closed_because=None, closed_on=None)
        case InitialAdviceGiven():
            return replace(state, initial_given=True)
        case AdviceOffered():
            return replace(state, declined=False)
        case AdviceDeclined():
            return replace(state, declined=True)
        case AdviceStarted():
            return replace(state, started_on=event.occurred_on, variant=event.variant)
        case AdvicePhaseBegan():
            return replace(state, phases=(*state.phases, event.phase), phase_began_on=event.occurred_on)
        case AdviceGiven():
            return replace(state, meetings=state.meetings | {event.meeting_id})
        case AdviserNamed():
            return replace(state, adviser_id=event.adviser_id)
        case AdviceHandedOver():
            return replace(state, adviser_id=event.to_adviser_id)
        case AdviceTakenOver():
            return replace(state, adviser_id=event.adviser_id, taken_over=True)
        case AdviceExtended() if state.window is not None:
            extended_to = state.window.extended_to | {event.until}
            return replace(state, window=replace(state.window, until=event.until, extended_to=extended_to))
        case AdviceEnded():
            return replace(state, ended_on=event.occurred_on)
        case _:
            return state


ADVICE: Decider[Command, Advice] = Decider(name="advice", initial=Advice(), decide=decide, evolve=evolve)

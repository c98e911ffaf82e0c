"""What changes after a roster is published: call-outs, open places that are offered, swaps.

Each goes through the same rules as planning does. A swap is proposed by one of two people and
accepted by the other; both shifts change hands at once or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Refused, command
from domain.workforce import shift_rules
from domain.workforce.events.roster import (
    CallOutReason,
    RosterCalledOut,
    RosterOfferTaken,
    RosterOfferWithdrawn,
    RosterShiftOffered,
    RosterSwapEnded,
    RosterSwapped,
    RosterSwapProposed,
    SwapEnd,
)
from domain.workforce.events.schedule import ReleaseReason
from domain.workforce.roster import (
    Placed,
    Roster,
    RosterStatus,
    arranging,
    booked_for,
    joining,
    of_the_person,
    of_their_time,
    place_of,
    placed_on,
    roster,
)
from domain.workforce.roster_planning import MOST_PEOPLE
from domain.workforce.shift_rules import Place

# --- commands ----------------------------------------------------------------------------------


@command("roster_id")
class CallOut(Command):
    """Record that someone does not come to a shift; their place is open."""

    roster_id: UUID
    shift: int
    staff_id: UUID
    reason: CallOutReason
    called_at: datetime


@command("roster_id")
class OfferShift(Command):
    """Offer the open places of a shift to these people; where nobody is named, to anybody."""

    roster_id: UUID
    shift: int
    offered_to: tuple[UUID, ...] = ()


@command("roster_id")
class TakeShift(Command):
    """Take a shift that is offered."""

    roster_id: UUID
    shift: int
    staff_id: UUID


@command("roster_id")
class WithdrawOffer(Command):
    """Do not offer a shift any more."""

    roster_id: UUID
    shift: int


@command("roster_id")
class ProposeSwap(Command):
    """Propose that two people do each other's shift."""

    roster_id: UUID
    shift: int
    staff_id: UUID
    other_shift: int
    other_staff_id: UUID


@command("roster_id")
class AcceptSwap(Command):
    """Let two people do each other's shift, as it was proposed."""

    roster_id: UUID
    swap: int


@command("roster_id")
class EndSwap(Command):
    """Let a proposed swap not come about."""

    roster_id: UUID
    swap: int
    ended: SwapEnd = SwapEnd.DECLINED


# --- call-outs and offers ----------------------------------------------------------------------


@roster.decides(consulting=of_their_time)
def call_out(state: Roster, command: CallOut, at: Circumstances) -> Decision:
    place = _published(state, command.roster_id, at)
    placed = placed_on(state, command.shift)
    _is_on(placed, command.staff_id, "staff_id")
    rules.happened("roster", "called_at", command.called_at, at)
    yield RosterCalledOut(
        roster_id=command.roster_id,
        facility_id=place.facility_id,
        department_id=place.department_id,
        shift=placed.shift,
        staff_id=command.staff_id,
        staff_ids=_without(placed, command.staff_id),
        reason=command.reason,
        called_at=command.called_at,
    )
    released = booked_for(place, placed.shift, command.staff_id, at)
    yield arranging(command.staff_id, releases=released, reason=ReleaseReason.CALLED_OUT)


@roster.decides
def offer(state: Roster, command: OfferShift, at: Circumstances) -> Decision:
    place = _published(state, command.roster_id, at)
    placed = placed_on(state, command.shift)
    rules.at_most("roster", "offered_to", command.offered_to, MOST_PEOPLE)
    offered_to = tuple(dict.fromkeys(command.offered_to))
    if placed.offered_to == offered_to:
        return
    if not placed.open_places:
        raise Refused(
            "shift.full", "The shift has no open place.", field="shift", value=command.shift
        )
    yield RosterShiftOffered(
        roster_id=command.roster_id,
        facility_id=place.facility_id,
        department_id=place.department_id,
        shift=placed.shift,
        open_places=placed.open_places,
        offered_to=offered_to,
    )


@roster.decides(consulting=of_the_person)
def take(state: Roster, command: TakeShift, at: Circumstances) -> Decision:
    place = _published(state, command.roster_id, at)
    placed = placed_on(state, command.shift)
    if command.staff_id in placed.staff_ids:
        return
    if placed.offered_to is None or (
        placed.offered_to and command.staff_id not in placed.offered_to
    ):
        raise Refused(
            "shift.not_offered",
            "The shift is not offered to them.",
            field="staff_id",
            value=command.staff_id,
        )
    if not placed.open_places:
        raise Refused(
            "shift.full", "The shift has no open place left.", field="shift", value=command.shift
        )
    warnings = joining(place, placed, command.staff_id, at)
    yield RosterOfferTaken(
        roster_id=command.roster_id,
        facility_id=place.facility_id,
        department_id=place.department_id,
        shift=placed.shift,
        staff_id=command.staff_id,
        staff_ids=(*placed.staff_ids, command.staff_id),
        open_places=placed.open_places - 1,
        warnings=warnings,
    )
    booking = shift_rules.booking(place, placed.shift)
    yield arranging(command.staff_id, books=(booking,), published=True)


@roster.decides
def withdraw_offer(state: Roster, command: WithdrawOffer, at: Circumstances) -> Decision:
    place = _published(state, command.roster_id, at)
    if placed_on(state, command.shift).offered_to is not None:
        yield RosterOfferWithdrawn(
            roster_id=command.roster_id,
            facility_id=place.facility_id,
            department_id=place.department_id,
            shift=command.shift,
        )


# --- swaps -------------------------------------------------------------------------------------


@roster.decides
def propose(state: Roster, command: ProposeSwap, at: Circumstances) -> Decision:
    place = _published(state, command.roster_id, at)
    placed = placed_on(state, command.shift)
    other = placed_on(state, command.other_shift, "other_shift")
    _can_swap(placed, command.staff_id, other, command.other_staff_id)
    yield RosterSwapProposed(
        roster_id=command.roster_id,
        facility_id=place.facility_id,
        department_id=place.department_id,
        swap=state.last_swap + 1,
        shift=placed.shift,
        staff_id=command.staff_id,
        other_shift=other.shift,
        other_staff_id=command.other_staff_id,
    )


def _of_the_swap(state: Roster, command: AcceptSwap) -> Iterable[UUID]:
    proposed = state.swaps.get(command.swap)
    both = () if proposed is None else (proposed.staff_id, proposed.other_staff_id)
    return shift_rules.consulted(state.facility_id, both)


@roster.decides(consulting=_of_the_swap)
def accept(state: Roster, command: AcceptSwap, at: Circumstances) -> Decision:
    """Looks at the roster as it is now: one of them may have given their shift away since."""
    place = _published(state, command.roster_id, at)
    proposed = _proposed(state, command.swap)
    one, two = proposed.staff_id, proposed.other_staff_id
    placed = placed_on(state, proposed.shift.shift)
    other = placed_on(state, proposed.other_shift.shift, "other_shift")
    _can_swap(placed, one, other, two)
    gives, gets = (
        booked_for(place, placed.shift, one, at),
        booked_for(place, other.shift, two, at),
    )
    found = shift_rules.findings(place, one, [other.shift], at, without=gives)
    found += shift_rules.findings(place, two, [placed.shift], at, without=gets)
    news = shift_rules.gate_news(place, found, (placed.shift, other.shift), at)
    warnings = shift_rules.refuse_hard(found, news)
    yield RosterSwapped(
        roster_id=command.roster_id,
        facility_id=place.facility_id,
        department_id=place.department_id,
        swap=command.swap,
        shift=placed.shift,
        staff_id=one,
        staff_ids=(*_without(placed, one), two),
        other_shift=other.shift,
        other_staff_id=two,
        other_staff_ids=(*_without(other, two), one),
        warnings=warnings,
    )
    reason = ReleaseReason.SWAPPED
    for staff_id, released, shift in ((one, gives, other.shift), (two, gets, placed.shift)):
        books = (shift_rules.booking(place, shift),)
        yield arranging(staff_id, books=books, releases=released, reason=reason, published=True)


@roster.decides
def end_swap(state: Roster, command: EndSwap, at: Circumstances) -> Decision:
    place = _published(state, command.roster_id, at)
    _proposed(state, command.swap)
    yield RosterSwapEnded(
        roster_id=command.roster_id,
        facility_id=place.facility_id,
        department_id=place.department_id,
        swap=command.swap,
        ended=command.ended,
    )


# --- rules -------------------------------------------------------------------------------------


def _published(state: Roster, roster_id: UUID, at: Circumstances) -> Place:
    place = place_of(state, roster_id, at)
    if state.status is not RosterStatus.PUBLISHED:
        raise Refused("roster.not_published", "The roster is not published yet; change its plan.")
    return place


def _proposed(state: Roster, swap: int) -> RosterSwapProposed:
    proposed = state.swaps.get(swap)
    if proposed is None:
        raise Refused("swap.unknown", "There is no such swap to decide.", field="swap", value=swap)
    return proposed


def _is_on(placed: Placed, staff_id: UUID, named: str) -> None:
    if staff_id not in placed.staff_ids:
        raise Refused(
            "shift.not_theirs", "They are not on this shift.", field=named, value=staff_id
        )


def _can_swap(placed: Placed, staff_id: UUID, other: Placed, other_staff_id: UUID) -> None:
    _is_on(placed, staff_id, "staff_id")
    _is_on(other, other_staff_id, "other_staff_id")
    if placed.shift.shift == other.shift.shift or staff_id == other_staff_id:
        raise Refused("swap.with_itself", "A swap is of two people's two shifts.")
    for one, theirs in ((staff_id, other), (other_staff_id, placed)):
        if one in theirs.staff_ids:
            raise Refused(
                "swap.there_already", "One of them is on both shifts.", field="staff_id", value=one
            )


def _without(placed: Placed, staff_id: UUID) -> tuple[UUID, ...]:
    return tuple(each for each in placed.staff_ids if each != staff_id)

"""What happens to a roster after it is published: call-outs, offers, swaps."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.kernel import Command, Refused
from domain.workforce.events.roster import CallOutReason, RosterSwapped, SwapEnd
from domain.workforce.roster_changes import (
    AcceptSwap,
    CallOut,
    EndSwap,
    OfferShift,
    ProposeSwap,
    TakeShift,
    WithdrawOffer,
)
from tests.domain.rostering import (
    BLOM,
    CHO,
    DIAZ,
    EVANS,
    MONDAY,
    NOW,
    THE_ROSTER,
    Hospital,
    a_day,
    a_night,
)

TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def hospital() -> Hospital:
    """Blom works Monday's day, Cho its night and Diaz Tuesday's day; the roster is published."""
    made = Hospital()
    made.drafts()
    made.plans(a_day(MONDAY, BLOM), a_night(MONDAY, CHO), a_day(TUESDAY, DIAZ))
    made.publishes()
    return made


def refused(hospital: Hospital, command: Command) -> str:
    with pytest.raises(Refused) as refusal:
        hospital.does(command)
    return refusal.value.code


def out(shift: int = 1, staff_id: object = BLOM) -> CallOut:
    return CallOut(
        roster_id=THE_ROSTER,
        shift=shift,
        staff_id=staff_id,  # type: ignore[arg-type]
        reason=CallOutReason.SICK,
        called_at=NOW,
    )


def offering(shift: int = 1, *offered_to: object) -> OfferShift:
    return OfferShift(roster_id=THE_ROSTER, shift=shift, offered_to=offered_to)  # type: ignore[arg-type]


def taking(staff_id: object, shift: int = 1) -> TakeShift:
    return TakeShift(roster_id=THE_ROSTER, shift=shift, staff_id=staff_id)  # type: ignore[arg-type]


def swapping(shift: int, staff_id: object, other_shift: int, other_staff_id: object) -> ProposeSwap:
    return ProposeSwap(
        roster_id=THE_ROSTER,
        shift=shift,
        staff_id=staff_id,  # type: ignore[arg-type]
        other_shift=other_shift,
        other_staff_id=other_staff_id,  # type: ignore[arg-type]
    )


accepting = AcceptSwap(roster_id=THE_ROSTER, swap=1)


# --- call-outs and offers ------------------------------------------------------------------------


def test_who_calls_out_is_free_and_their_place_is_open(hospital: Hospital) -> None:
    hospital.does(out())
    assert hospital.on(1) == ()
    assert hospital.hours(BLOM) == 0
    assert refused(hospital, out()) == "shift.not_theirs"


def test_nobody_calls_out_of_a_roster_that_nobody_was_told_of() -> None:
    hospital = Hospital()
    hospital.drafts()
    hospital.plans(a_day(MONDAY, BLOM))
    assert refused(hospital, out()) == "roster.not_published"


def test_an_open_place_is_taken_by_whoever_may_and_by_one_alone(hospital: Hospital) -> None:
    hospital.does(out())
    assert refused(hospital, taking(EVANS)) == "shift.not_offered"
    hospital.does(offering())
    assert hospital.does(offering()) == []
    assert refused(hospital, taking(CHO)) == "shift.rest"
    hospital.does(taking(EVANS))
    assert hospital.does(taking(EVANS)) == []
    assert hospital.on(1) == (EVANS,)
    assert refused(hospital, taking(DIAZ)) == "shift.not_offered"


def test_an_offer_to_some_is_none_to_others(hospital: Hospital) -> None:
    hospital.does(out())
    hospital.does(offering(1, EVANS))
    assert refused(hospital, taking(BLOM)) == "shift.not_offered"
    hospital.does(WithdrawOffer(roster_id=THE_ROSTER, shift=1))
    assert hospital.does(WithdrawOffer(roster_id=THE_ROSTER, shift=1)) == []
    assert refused(hospital, taking(EVANS)) == "shift.not_offered"


def test_a_shift_without_an_open_place_is_neither_offered_nor_taken(hospital: Hospital) -> None:
    assert refused(hospital, offering()) == "shift.full"
    hospital.does(out())
    hospital.does(offering())
    hospital.assigns(EVANS, 1)
    assert refused(hospital, taking(DIAZ)) == "shift.full"


def test_an_offer_stands_while_a_place_is_open() -> None:
    hospital = Hospital()
    hospital.drafts()
    hospital.plans(a_day(MONDAY, needed=2))
    hospital.publishes()
    hospital.does(offering())
    hospital.does(taking(BLOM))
    hospital.does(taking(CHO))
    assert hospital.on(1) == (BLOM, CHO)


# --- swaps ---------------------------------------------------------------------------------------


def test_two_people_do_each_others_shift(hospital: Hospital) -> None:
    hospital.does(swapping(1, BLOM, 3, DIAZ))
    hospital.does(accepting)
    assert (hospital.on(1), hospital.on(3)) == ((DIAZ,), (BLOM,))
    assert hospital.hours(BLOM) == hospital.hours(DIAZ) == 12
    assert refused(hospital, accepting) == "swap.unknown"
    (swapped,) = [each for each in hospital.facts if isinstance(each, RosterSwapped)]
    assert swapped.warnings == ()


def test_a_swap_that_breaks_rest_is_refused_and_nothing_changes_hands(hospital: Hospital) -> None:
    hospital.plans(a_night(TUESDAY, EVANS))
    hospital.does(swapping(4, EVANS, 1, BLOM))
    hospital.plans(a_day(TUESDAY + timedelta(days=1), BLOM))
    assert refused(hospital, accepting) == "shift.rest"
    assert (hospital.on(1), hospital.on(4)) == ((BLOM,), (EVANS,))
    assert hospital.hours(BLOM) == 24


def test_a_swap_looks_at_who_is_on_the_shifts_when_it_is_accepted(hospital: Hospital) -> None:
    hospital.does(swapping(1, BLOM, 3, DIAZ))
    hospital.does(out())
    assert refused(hospital, accepting) == "shift.not_theirs"
    hospital.does(EndSwap(roster_id=THE_ROSTER, swap=1, ended=SwapEnd.WITHDRAWN))
    assert refused(hospital, accepting) == "swap.unknown"


def test_a_swap_is_of_two_people_and_two_shifts(hospital: Hospital) -> None:
    hospital.plans(a_day(TUESDAY + timedelta(days=2), BLOM, CHO, needed=2))
    assert refused(hospital, swapping(1, BLOM, 1, BLOM)) == "swap.with_itself"
    assert refused(hospital, swapping(1, BLOM, 4, BLOM)) == "swap.with_itself"
    assert refused(hospital, swapping(1, BLOM, 4, CHO)) == "swap.there_already"
    assert refused(hospital, swapping(1, CHO, 4, CHO)) == "shift.not_theirs"
    assert refused(hospital, swapping(1, BLOM, 9, CHO)) == "shift.unknown"

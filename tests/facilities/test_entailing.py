"""Commands that follow from a decision, and what a decision consults: told of a ward and diaries.

Who is put on duty has it in their diary, whichever ward it was; a diary that has no room for it
keeps them off duty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

import pytest
from eventsourcing.persistence import Tracking

from domain.kernel import (
    Aggregate,
    Circumstances,
    Command,
    Decision,
    Entail,
    Fact,
    Refused,
    Reserve,
    Standing,
    command,
    fact,
)
from facilities.exchange.parcels import Counted
from facilities.ledger import Ledger, Pending
from facilities.service import Outcome, Service, new_id
from tests.facilities.scenes import keyed, said_by

# --- the trial's own words ---------------------------------------------------------------------


@fact("trial_ward.opened")
class WardOpened(Fact):
    """There is a ward."""

    ward_id: UUID


@fact("trial_ward.staffed")
class WardStaffed(Fact):
    """Some people are on duty on a day."""

    ward_id: UUID
    people: tuple[UUID, ...]
    day: int
    freshest: int


@fact("trial_diary.written")
class DiaryWritten(Fact):
    """A day of a person's is taken."""

    person_id: UUID
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ward:
    facility_id: UUID | None = None
    opened: bool = False
    days: tuple[int, ...] = ()

    def evolve(self, fact: WardOpened | WardStaffed) -> Ward:
        match fact:
            case WardOpened():
                return replace(self, opened=True)
            case WardStaffed():
                return replace(self, days=(*self.days, fact.day))


@dataclass(frozen=True, slots=True, kw_only=True)
class Diary:
    facility_id: UUID | None = None
    days: tuple[int, ...] = ()

    def evolve(self, fact: DiaryWritten) -> Diary:
        return replace(self, days=(*self.days, fact.day))


@dataclass(frozen=True, slots=True, kw_only=True)
class DiaryStanding(Standing):
    """What others may know of a diary: how many days of it are taken."""

    taken: int


def _known(state: Diary, its_id: UUID) -> Standing:
    return DiaryStanding(
        kind="trial_diary", id=its_id, open=True, status="open", taken=len(state.days)
    )


ward = Aggregate("trial_ward", Ward())
diary = Aggregate("trial_diary", Diary(), standing=_known)


@command("ward_id", creates=True)
class OpenWard(Command):
    """Let there be a ward."""

    ward_id: UUID


@command("ward_id")
class Staff(Command):
    """Put people on duty on a day."""

    ward_id: UUID
    people: tuple[UUID, ...]
    day: int
    named: str = ""


@command("ward_id")
class Knock(Command):
    """Ask to be let in; whoever is not is written down."""

    ward_id: UUID
    person_id: UUID


@command("person_id", creates=True)
class Write(Command):
    """Take a day of a person's."""

    person_id: UUID
    day: int
    back_to: UUID | None = None


@command("person_id")
class Rewrite(Command):
    """Write into a diary that is there."""

    person_id: UUID


@ward.decides
def open_ward(state: Ward, command: OpenWard, at: Circumstances) -> Decision:
    if not state.opened:
        yield WardOpened(ward_id=command.ward_id)


def _diaries(state: Ward, command: Staff) -> tuple[UUID, ...]:
    return tuple(map(diary_of, command.people))


@ward.decides(consulting=_diaries)
def staff(state: Ward, command: Staff, at: Circumstances) -> Decision:
    taken = [
        each.taken
        for each in (at.standings.get(diary_of(person)) for person in command.people)
        if isinstance(each, DiaryStanding)
    ]
    if command.named:
        yield Reserve("trial_name", command.named, "trial_ward.name")
    yield WardStaffed(
        ward_id=command.ward_id,
        people=command.people,
        day=command.day,
        freshest=min(taken, default=0),
    )
    for person in command.people:
        if command.named == "absent":
            yield Entail(Rewrite(person_id=diary_of(person)))
        back_to = command.ward_id if command.named == "circle" else None
        yield Entail(Write(person_id=diary_of(person), day=command.day, back_to=back_to))


@ward.decides
def knock(state: Ward, command: Knock, at: Circumstances) -> Decision:
    refusal = Refused("trial_ward.knock", "Here nobody comes in.")
    raise refusal.noting(Write(person_id=command.person_id, day=0))


@diary.decides
def write(state: Diary, command: Write, at: Circumstances) -> Decision:
    if command.day in state.days:
        raise Refused("trial_diary.taken", "The day is taken.", field="day", value=command.day)
    yield DiaryWritten(person_id=command.person_id, day=command.day)
    if command.back_to is not None:
        yield Entail(Staff(ward_id=command.back_to, people=(), day=command.day))


@diary.decides
def rewrite(state: Diary, command: Rewrite, at: Circumstances) -> Decision:
    yield DiaryWritten(person_id=command.person_id, day=0)


def diary_of(person: UUID) -> UUID:
    return uuid5(person, "diary")


ANN, BEN = UUID(int=1), UUID(int=2)


class Overtaken(Counted):
    """A ledger in which somebody else is faster, once."""

    def __init__(self, ledger: Ledger, faster: Callable[[], object]) -> None:
        super().__init__(ledger)
        self._faster: Callable[[], object] | None = faster

    def append(self, pending: Sequence[Pending], tracking: Tracking | None = None) -> list[int]:
        faster, self._faster = self._faster, None
        if faster is not None:
            faster()
        return super().append(pending, tracking)


@pytest.fixture
def a_ward(service: Service) -> UUID:
    ward_id = new_id()
    service.execute(OpenWard(ward_id=ward_id), said_by())
    return ward_id


def told(ledger: Ledger) -> list[tuple[str, int]]:
    return [(each.fact.name, each.version) for each in ledger.read(0, 100)]


# --- what is entailed --------------------------------------------------------------------------


def test_what_a_decision_entails_happens_with_it_under_its_command(
    service: Service, ledger: Ledger, a_ward: UUID
) -> None:
    outcome = service.execute(Staff(ward_id=a_ward, people=(ANN, BEN), day=3), said_by())
    assert outcome.facts == ("trial_ward.staffed",)
    assert (outcome.stream_id, outcome.version) == (a_ward, 2)
    events = ledger.read(0, 100)[1:]
    assert [each.fact.name for each in events] == [
        "trial_diary.written",
        "trial_diary.written",
        "trial_ward.staffed",
    ]
    assert len({each.command_id for each in events}) == 1
    assert outcome.position == ledger.head()


def test_where_what_is_entailed_is_refused_nothing_happens(
    service: Service, ledger: Ledger, a_ward: UUID
) -> None:
    service.execute(Staff(ward_id=a_ward, people=(BEN,), day=3), said_by())
    before = told(ledger)
    with pytest.raises(Refused) as refusal:
        service.execute(Staff(ward_id=a_ward, people=(ANN, BEN), day=3), said_by())
    assert refusal.value.code == "trial_diary.taken"
    assert told(ledger) == before


def test_one_refused_in_a_batch_leaves_no_trace_for_those_after_it(
    service: Service, ledger: Ledger, a_ward: UUID
) -> None:
    def staffing(*people: UUID, day: int, named: str = "") -> Staff:
        return Staff(ward_id=a_ward, people=people, day=day, named=named)

    answers = service.execute_all(
        [
            (staffing(BEN, day=3), said_by()),
            (staffing(ANN, BEN, day=3, named="east"), said_by()),
            (staffing(ANN, day=3, named="east"), said_by()),
        ]
    )
    assert [type(each) for each in answers] == [Outcome, Refused, Outcome]
    assert [each.version for each in answers if isinstance(each, Outcome)] == [2, 3]
    assert told(ledger)[1:] == [
        ("trial_diary.written", 1),
        ("trial_ward.staffed", 2),
        ("natural_key.reserved", 1),
        ("trial_diary.written", 1),
        ("trial_ward.staffed", 3),
    ]


def test_a_command_that_entails_can_be_sent_again_under_its_key(
    service: Service, ledger: Ledger, a_ward: UUID
) -> None:
    context = keyed()
    first = service.execute(Staff(ward_id=a_ward, people=(ANN,), day=3), context)
    again = service.execute(Staff(ward_id=a_ward, people=(ANN,), day=3), context)
    assert again.replayed
    assert again == replace(first, replayed=True)
    assert len(told(ledger)) == 3


def test_what_is_entailed_for_something_that_is_not_there_is_refused(
    service: Service, ledger: Ledger, a_ward: UUID
) -> None:
    with pytest.raises(Refused) as refusal:
        service.execute(Staff(ward_id=a_ward, people=(ANN,), day=3, named="absent"), said_by())
    assert refusal.value.code == "trial_diary.unknown"
    assert len(told(ledger)) == 1


def test_a_stream_does_not_entail_itself_in_a_circle(service: Service, a_ward: UUID) -> None:
    with pytest.raises(AssertionError, match="entailed by its own stream"):
        service.execute(Staff(ward_id=a_ward, people=(ANN,), day=3, named="circle"), said_by())


def test_two_who_entail_the_same_at_once_do_not_both_happen(
    service: Service, ledger: Ledger, a_ward: UUID
) -> None:
    """The slower one's batch was decided on before the faster one was stored."""
    elsewhere = new_id()
    service.execute(OpenWard(ward_id=elsewhere), said_by())
    slower = Overtaken(
        ledger,
        lambda: service.execute(Staff(ward_id=elsewhere, people=(ANN,), day=3), said_by()),
    )
    with pytest.raises(Refused) as refusal:
        slower.serve(service).execute(Staff(ward_id=a_ward, people=(ANN,), day=3), said_by())
    assert refusal.value.code == "trial_diary.taken"


# --- what is consulted -------------------------------------------------------------------------


def test_a_decision_knows_the_standing_of_what_it_consults(
    service: Service, ledger: Ledger, a_ward: UUID
) -> None:
    for day in (1, 2):
        service.execute(Staff(ward_id=a_ward, people=(ANN,), day=day), said_by())
    service.execute(Staff(ward_id=a_ward, people=(ANN,), day=3), said_by())
    assert ledger.read(0, 100)[-1].fact.freshest == 2


def test_what_is_consulted_is_as_the_commands_before_it_left_it(
    service: Service, ledger: Ledger, a_ward: UUID
) -> None:
    service.execute_all(
        [(Staff(ward_id=a_ward, people=(BEN,), day=day), said_by()) for day in (1, 2, 3)]
    )
    staffed = [each.fact for each in ledger.read(0, 100) if isinstance(each.fact, WardStaffed)]
    assert [each.freshest for each in staffed] == [0, 1, 2]


# --- all or nothing, and what is news about a refusal --------------------------------------------


def test_many_commands_are_recorded_together_or_not_at_all(
    service: Service, ledger: Ledger, a_ward: UUID
) -> None:
    staffing = [
        (Staff(ward_id=a_ward, people=(ANN,), day=1), said_by()),
        (Staff(ward_id=a_ward, people=(ANN,), day=1), said_by()),
        (Staff(ward_id=a_ward, people=(BEN,), day=1), said_by()),
    ]
    before = ledger.head()
    first, second, third = service.execute_together(staffing)
    assert isinstance(first, Outcome)
    assert isinstance(second, Refused)
    assert isinstance(third, Outcome)
    assert ledger.head() == before
    together = [staffing[0], staffing[2]]
    assert all(
        isinstance(each, Outcome) for each in service.execute_together(together, rehearsed=True)
    )
    assert ledger.head() == before
    answers = service.execute_together(together)
    assert [each.position for each in answers if isinstance(each, Outcome)][-1] == ledger.head()
    assert service.execute_together([]) == []


def test_what_is_news_about_a_refusal_is_recorded_where_it_was_no_rehearsal(
    service: Service, ledger: Ledger, a_ward: UUID
) -> None:
    knocking, context = Knock(ward_id=a_ward, person_id=diary_of(ANN)), said_by()
    with pytest.raises(Refused):
        service.rehearse(knocking, context)
    assert ledger.load([diary_of(ANN)]) == {}
    with pytest.raises(Refused, match="nobody comes in"):
        service.execute(knocking, context)
    (written,) = [each for each in ledger.read(0, 100) if each.fact.name == "trial_diary.written"]
    assert written.causation_id == context.command_id
    assert written.command_id != context.command_id
    # Told once more it is no news, and that is nobody's concern.
    with pytest.raises(Refused, match="nobody comes in"):
        service.execute(knocking, said_by())
    assert ledger.head() == written.position


def test_news_is_recorded_though_nothing_else_of_the_batch_is(
    service: Service, ledger: Ledger, a_ward: UUID
) -> None:
    knocking = Knock(ward_id=a_ward, person_id=diary_of(ANN))
    staffing = Staff(ward_id=a_ward, people=(BEN,), day=1)
    answers = service.execute_together([(staffing, said_by()), (knocking, said_by())])
    assert isinstance(answers[1], Refused)
    assert told(ledger)[1:] == [("trial_diary.written", 1)]

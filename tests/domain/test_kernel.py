"""The vocabulary itself: what may be declared, and what a decision may know of others."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, dataclass
from datetime import date, datetime
from typing import Any, get_type_hints
from uuid import UUID

import pytest

import tests.whole_domain  # noqa: F401 - so that nothing is left out
from domain import kernel
from domain.kernel import (
    Aggregate,
    Circumstances,
    Command,
    Decision,
    Fact,
    Refused,
    Standing,
    command,
    fact,
    foreign_id,
    upcaster,
)
from domain.revenue.claim import Claim, claim
from domain.revenue.events.payer import PayerRenamed
from domain.revenue.payer import RegisterPayer, payer
from tests.domain.places import CARDIOLOGY, HILLTOP, RADIOLOGY, RIVERSIDE
from tests.grammar import NOW, a_closed, an_open


@pytest.fixture(autouse=True)
def _what_is_declared_here_is_forgotten() -> Iterator[None]:
    registries: list[dict[Any, Any]] = [
        kernel.FACTS,
        kernel.UPCASTERS,
        kernel.AGGREGATES,
        kernel.DECISIONS,
        kernel.CONSULTED,
    ]
    before = [dict(each) for each in registries]
    yield
    for each, was in zip(registries, before, strict=True):
        each.clear()
        each.update(was)


# --- identities --------------------------------------------------------------------------------


def test_what_comes_from_outside_has_the_same_id_every_time() -> None:
    assert foreign_id("synthea/claim", "a", 1) == foreign_id("synthea/claim", "a", 1)
    assert foreign_id("synthea/claim", "a", 1) != foreign_id("synthea/claim", "a1")


def test_ids_from_outside_never_change() -> None:
    assert foreign_id("synthea/claim", "a") == UUID("1a4473d1-d2c9-5359-a3aa-4a81ee985be8")


# --- facts and commands ------------------------------------------------------------------------


def test_a_fact_knows_its_permanent_name_and_what_it_is_about() -> None:
    @fact("lamp.lit", version=2, effective="lit_on", person="lit_by")
    class LampLit(Fact):
        lit_on: str
        lit_by: str

    assert (LampLit.name, LampLit.schema_version) == ("lamp.lit", 2)
    assert (LampLit.effective, LampLit.person) == ("lit_on", "lit_by")
    assert kernel.FACTS["lamp.lit"] is LampLit


def test_facts_cannot_be_changed() -> None:
    renamed = PayerRenamed(payer_id=RIVERSIDE, legal_name="Aether")
    with pytest.raises(FrozenInstanceError):
        renamed.legal_name = "Beacon"  # type: ignore[misc]


@pytest.mark.parametrize("named", ["effective", "person"])
def test_a_fact_cannot_name_a_field_it_does_not_have(named: str) -> None:
    class LampLit(Fact):
        lit_on: str

    with pytest.raises(TypeError, match=r"lamp\.lit has no field 'nothing'"):
        fact("lamp.lit", **{named: "nothing"})(LampLit)  # type: ignore[arg-type]


def test_two_facts_cannot_share_a_name() -> None:
    class Another(Fact):
        pass

    with pytest.raises(TypeError, match=r"two facts are called .payer\.renamed."):
        fact("payer.renamed")(Another)


def test_an_upcaster_reads_an_old_version_as_the_next() -> None:
    @upcaster(PayerRenamed, from_version=1)
    def with_a_reason(stored: dict[str, Any]) -> dict[str, Any]:
        return {**stored, "reason": "unknown"}

    assert kernel.UPCASTERS["payer.renamed", 1]({"legal_name": "Aether"}) == {
        "legal_name": "Aether",
        "reason": "unknown",
    }
    assert with_a_reason({}) == {"reason": "unknown"}


DECLARED = {
    name: each for name, each in kernel.FACTS.items() if each.__module__.startswith("domain.")
}


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_every_fact_says_by_a_day_or_an_instant_when_it_happened(name: str) -> None:
    declared: Any = DECLARED[name]
    if declared.effective is not None:
        for part in declared.effective.split("."):
            declared = get_type_hints(declared)[part]
        assert declared in (date, datetime)


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_every_fact_is_named_for_the_aggregate_that_folds_it(name: str) -> None:
    assert re.fullmatch("[a-z_]+[.][a-z_]+", name)
    assert kernel.aggregate_of(name).name == name.partition(".")[0]


def test_a_command_knows_its_stream_and_whether_it_begins_one() -> None:
    assert RegisterPayer.name == "RegisterPayer"
    assert RegisterPayer.stream == "payer_id"
    assert RegisterPayer.creates


def test_a_command_cannot_be_for_a_stream_it_does_not_name() -> None:
    class Light(Command):
        lamp_id: UUID

    with pytest.raises(TypeError, match="Light has no field 'house_id'"):
        command("house_id")(Light)


# --- refusals ----------------------------------------------------------------------------------


@command("lamp_id")
class SwitchLamp(Command):
    """Some people switch a lamp."""

    lamp_id: UUID
    by: tuple[UUID, ...]


@command("room_id")
class DimRoom(Command):
    """Whose one room it is follows from the house."""

    house_id: UUID

    @property
    def room_id(self) -> UUID:
        return foreign_id("room", self.house_id)


def test_a_refusal_travels_between_processes_whole() -> None:
    refusal = Refused("lamp.broken", "The lamp is broken.", lamp_id=RIVERSIDE)
    for copied in (pickle.loads(pickle.dumps(refusal)), copy.copy(refusal)):
        assert (copied.code, copied.message) == ("lamp.broken", "The lamp is broken.")
        assert copied.details == {"lamp_id": RIVERSIDE}
        assert str(copied) == "The lamp is broken."


def test_a_refusal_tells_field_value_and_rule_whatever_its_decision_named() -> None:
    """By itself it names the thing it is about; what was named stays."""
    switching = SwitchLamp(lamp_id=RIVERSIDE, by=())
    of_what_it_is = Refused("lamp.broken", "The lamp is broken.", status="broken").about(switching)
    assert of_what_it_is.details == {
        "field": "lamp_id",
        "value": RIVERSIDE,
        "rule": "The lamp is broken.",
        "status": "broken",
    }
    of_a_list = Refused("lamp.nobody", "Somebody switches it.", field="by").about(switching)
    assert (of_a_list.details["field"], of_a_list.details["value"]) == ("by", 0)
    named = {"field": "watts", "value": 4, "rule": "must be 3"}
    assert Refused("lamp.watts", "Watts must be 3.", **named).about(switching).details == named


def test_what_is_called_by_what_it_is_of_is_named_by_that() -> None:
    dimming = DimRoom(house_id=RIVERSIDE)
    assert Refused("room.dark", "It is dark.").about(dimming).details["field"] == "house_id"


# --- what a decision may know of others --------------------------------------------------------


def knowing(*standings: Standing) -> Circumstances:
    return Circumstances(NOW, {each.id: each for each in standings})


def test_what_is_open_can_be_referred_to() -> None:
    cardiology = an_open("department", CARDIOLOGY, facility_id=RIVERSIDE)
    assert knowing(cardiology).open("department", CARDIOLOGY, within=RIVERSIDE) is cardiology


def test_what_is_closed_is_known_but_takes_no_new_work() -> None:
    at = knowing(a_closed("staff_member", CARDIOLOGY))
    assert at.known("staff_member", CARDIOLOGY).status == "closed"
    with pytest.raises(Refused, match="The staff member is closed") as refusal:
        at.open("staff_member", CARDIOLOGY)
    assert refusal.value.code == "staff_member.not_open"
    assert refusal.value.details["field"] == "staff_member_id"


def test_a_refusal_names_the_field_the_command_has() -> None:
    with pytest.raises(Refused) as refusal:
        knowing().open("department", RADIOLOGY, named="into_department_id")
    assert refusal.value.details["field"] == "into_department_id"


@pytest.mark.parametrize(
    "known",
    [
        pytest.param([], id="nothing is known of it"),
        pytest.param([an_open("payer", CARDIOLOGY)], id="it is something else"),
        pytest.param(
            [an_open("department", CARDIOLOGY, facility_id=HILLTOP)], id="it is elsewhere"
        ),
    ],
)
def test_what_is_not_here_is_unknown(known: list[Standing]) -> None:
    with pytest.raises(Refused, match="no such department at this facility") as refusal:
        knowing(*known).known("department", CARDIOLOGY, within=RIVERSIDE)
    assert refusal.value.code == "department.unknown"


def test_what_belongs_to_the_whole_system_is_known_everywhere() -> None:
    aether = an_open("payer", CARDIOLOGY)
    assert knowing(aether).open("payer", CARDIOLOGY, within=RIVERSIDE) is aether


def test_what_is_nowhere_is_unknown() -> None:
    with pytest.raises(Refused, match=r"There is no such payer\.$"):
        knowing().known("payer", RIVERSIDE)


# --- aggregates --------------------------------------------------------------------------------


def test_facts_are_folded_by_the_aggregate_they_are_named_for() -> None:
    assert kernel.aggregate_of("claim.paid") is claim
    with pytest.raises(KeyError):
        kernel.aggregate_of("lamp.lit")


def test_folding_begins_from_nothing_or_from_what_was_folded() -> None:
    renamed = PayerRenamed(payer_id=RIVERSIDE, legal_name="Aether")
    again = PayerRenamed(payer_id=RIVERSIDE, legal_name="Beacon")
    assert claim.fold([]) == Claim()
    assert payer.fold([again], payer.fold([renamed])) == payer.fold([renamed, again])


def test_two_aggregates_cannot_share_a_name() -> None:
    with pytest.raises(TypeError, match="two aggregates are called 'claim'"):
        Aggregate("claim", Claim())


def test_a_command_is_decided_once() -> None:
    @dataclass(frozen=True)
    class Lamp:
        facility_id: UUID | None = None

        def evolve(self, fact: Any) -> Lamp:
            return self

    lamp = Aggregate("lamp", Lamp())

    def register(state: Lamp, command: RegisterPayer, at: Circumstances) -> Decision:
        return ()

    register.__annotations__ = {"state": Lamp, "command": RegisterPayer}
    with pytest.raises(TypeError, match="two decisions answer RegisterPayer"):
        lamp.decides(register)


def test_a_decision_says_whom_it_consults() -> None:
    @dataclass(frozen=True)
    class Lamp:
        facility_id: UUID | None = None

        def evolve(self, fact: Any) -> Lamp:
            return self

    @command("house_id")
    class LightUp(Command):
        house_id: UUID

    def light_up(state: Lamp, command: LightUp, at: Circumstances) -> Decision:
        return ()

    light_up.__annotations__ = {"state": Lamp, "command": LightUp}
    lamp = Aggregate("lamp", Lamp())
    lamp.decides(consulting=lambda state, command: [RIVERSIDE])(light_up)
    assert kernel.DECISIONS[LightUp] == (lamp, light_up)
    assert kernel.CONSULTED[LightUp](Lamp(), LightUp(house_id=HILLTOP)) == [RIVERSIDE]

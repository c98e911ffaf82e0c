"""A catalog item: what the whole system knows of something that is bought, kept and used.

Its life: it is **listed** under one code, **identified** by others, **revised** as its label or its
handling changes, **classed** by how much it counts, given **substitutes**, and **retired**. No two
items are known by the same code.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, assert_never
from uuid import UUID

from domain import rules
from domain.kernel import (
    Aggregate,
    Circumstances,
    Command,
    Decision,
    Entail,
    Refused,
    Reserve,
    Standing,
    command,
)
from domain.supply import item_codes
from domain.supply.controlled_code import ScheduleCode, ScheduledStanding
from domain.supply.events.catalog import (
    AbcClass,
    CatalogItemClassed,
    CatalogItemFact,
    CatalogItemIdentified,
    CatalogItemListed,
    CatalogItemRetired,
    CatalogItemRevised,
    CatalogItemSubstitutesNamed,
    ControlledSchedule,
    ItemCode,
    Pack,
)
from domain.supply.item_codes import ItemSystem

MOST_PACKS = 20
MOST_SUBSTITUTES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """How an item is described and handled."""

    description: str = ""
    unit: str = "each"
    packs: tuple[Pack, ...] = ()
    unspsc: str | None = None
    manufacturer: str | None = None
    lot_tracked: bool = False
    expiry_tracked: bool = False
    cold_chain: bool = False
    controlled_schedule: ControlledSchedule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogItem:
    """What a catalog item has become. It belongs to no facility."""

    listed: bool = False
    retired: bool = False
    item_system: str = ""
    item_code: str = ""
    label: Label = Label()
    codes: tuple[ItemCode, ...] = ()
    abc_class: AbcClass | None = None
    substitutes: tuple[UUID, ...] = ()
    listed_on: date = rules.EARLIEST

    @property
    def facility_id(self) -> None:
        return None

    def evolve(self, fact: CatalogItemFact) -> CatalogItem:
        match fact:
            case CatalogItemListed():
                return replace(
                    self,
                    listed=True,
                    item_system=fact.item_system,
                    item_code=fact.item_code,
                    label=_label(fact),
                    codes=(ItemCode(system=fact.item_system, code=fact.item_code),),
                    listed_on=fact.listed_on,
                )
            case CatalogItemRevised():
                return replace(self, label=_label(fact))
            case CatalogItemIdentified():
                return replace(self, codes=fact.codes_after)
            case CatalogItemClassed():
                return replace(self, abc_class=fact.abc_class)
            case CatalogItemSubstitutesNamed():
                return replace(self, substitutes=fact.substitutes)
            case CatalogItemRetired():
                return replace(self, retired=True)
            case _:
                assert_never(fact)


def _label(fact: CatalogItemListed | CatalogItemRevised | Revisable) -> Label:
    return Label(**{each.name: getattr(fact, each.name) for each in fields(Label)})


def _standing(state: CatalogItem, catalog_item_id: UUID) -> Standing:
    return ScheduledStanding(
        kind="catalog_item",
        id=catalog_item_id,
        open=not state.retired,
        status="retired" if state.retired else "listed",
        schedule=state.label.controlled_schedule,
    )


catalog_item = Aggregate("catalog_item", CatalogItem(), standing=_standing)


# --- commands ----------------------------------------------------------------------------------


@command("catalog_item_id", creates=True)
class ListCatalogItem(Command):
    """Add an item to the catalog, under the code it is known by first.

    `packs` are what it also comes in, in numbers of its smallest `unit`.
    """

    catalog_item_id: UUID
    item_system: ItemSystem
    item_code: str
    description: str
    listed_on: date
    unit: str = "each"
    packs: tuple[Pack, ...] = ()
    unspsc: str | None = None
    manufacturer: str | None = None
    lot_tracked: bool = False
    expiry_tracked: bool = False
    cold_chain: bool = False
    controlled_schedule: ControlledSchedule | None = None


@command("catalog_item_id")
class ReviseCatalogItem(Command):
    """Say anew how an item is described and handled: all of it."""

    catalog_item_id: UUID
    description: str
    revised_on: date
    unit: str = "each"
    packs: tuple[Pack, ...] = ()
    unspsc: str | None = None
    manufacturer: str | None = None
    lot_tracked: bool = False
    expiry_tracked: bool = False
    cold_chain: bool = False
    controlled_schedule: ControlledSchedule | None = None


Revisable = ListCatalogItem | ReviseCatalogItem


@command("catalog_item_id")
class IdentifyCatalogItem(Command):
    """Let an item be known by one more code."""

    catalog_item_id: UUID
    system: ItemSystem
    code: str
    identified_on: date


@command("catalog_item_id")
class ClassCatalogItem(Command):
    """Say how much an item counts."""

    catalog_item_id: UUID
    abc_class: AbcClass
    classed_on: date


@command("catalog_item_id")
class NameCatalogItemSubstitutes(Command):
    """Say which items may be used in place of this one, the best first."""

    catalog_item_id: UUID
    substitutes: tuple[UUID, ...]
    named_on: date


@command("catalog_item_id")
class RetireCatalogItem(Command):
    """Buy an item no more."""

    catalog_item_id: UUID
    reason: str
    retired_on: date


# --- decisions ---------------------------------------------------------------------------------


@catalog_item.decides
def list_item(state: CatalogItem, command: ListCatalogItem, at: Circumstances) -> Decision:
    if state.listed:
        raise Refused("catalog_item.already_listed", "This catalog item exists.")
    rules.happened("catalog_item", "listed_on", command.listed_on, at)
    code = item_codes.normal(command.item_system, command.item_code, "item_code")
    yield _reserved(command.item_system, code)
    listed = CatalogItemListed(
        catalog_item_id=command.catalog_item_id,
        item_system=command.item_system,
        item_code=code,
        listed_on=command.listed_on,
        **_checked(command),
    )
    yield listed
    yield from _scheduling(state, listed, command.listed_on)


@catalog_item.decides
def revise(state: CatalogItem, command: ReviseCatalogItem, at: Circumstances) -> Decision:
    _since_listing(state, "revised_on", command.revised_on, at)
    checked = _checked(command)
    if Label(**checked) != state.label:
        revised = CatalogItemRevised(
            catalog_item_id=command.catalog_item_id,
            item_system=state.item_system,
            item_code=state.item_code,
            revised_on=command.revised_on,
            **checked,
        )
        yield revised
        yield from _scheduling(state, revised, command.revised_on)


@catalog_item.decides
def identify(state: CatalogItem, command: IdentifyCatalogItem, at: Circumstances) -> Decision:
    _since_listing(state, "identified_on", command.identified_on, at)
    code = ItemCode(
        system=command.system.value, code=item_codes.normal(command.system, command.code, "code")
    )
    if code in state.codes:
        return
    yield _reserved(command.system, code.code)
    identified = CatalogItemIdentified(
        catalog_item_id=command.catalog_item_id,
        item_system=state.item_system,
        item_code=state.item_code,
        system=code.system,
        code=code.code,
        identified_on=command.identified_on,
        codes_after=(*state.codes, code),
    )
    yield identified
    yield from _scheduling(state, identified, command.identified_on)


@catalog_item.decides
def class_item(state: CatalogItem, command: ClassCatalogItem, at: Circumstances) -> Decision:
    _since_listing(state, "classed_on", command.classed_on, at)
    if command.abc_class is not state.abc_class:
        yield CatalogItemClassed(
            catalog_item_id=command.catalog_item_id,
            item_system=state.item_system,
            item_code=state.item_code,
            abc_class=command.abc_class,
            classed_on=command.classed_on,
        )


def _substitutes(state: CatalogItem, command: NameCatalogItemSubstitutes) -> tuple[UUID, ...]:  # noqa: ARG001
    return command.substitutes


@catalog_item.decides(consulting=_substitutes)
def name_substitutes(
    state: CatalogItem, command: NameCatalogItemSubstitutes, at: Circumstances
) -> Decision:
    _since_listing(state, "named_on", command.named_on, at)
    rules.at_most("catalog_item", "substitutes", command.substitutes, MOST_SUBSTITUTES)
    substitutes = tuple(dict.fromkeys(command.substitutes))
    for each in substitutes:
        at.open("catalog_item", each, named="substitutes")
        if each == command.catalog_item_id:
            rule = "must be other items than the one they stand for"
            raise rules.refusal("catalog_item.substitutes", "substitutes", str(each), rule)
    if substitutes != state.substitutes:
        yield CatalogItemSubstitutesNamed(
            catalog_item_id=command.catalog_item_id,
            item_system=state.item_system,
            item_code=state.item_code,
            substitutes=substitutes,
            named_on=command.named_on,
        )


@catalog_item.decides
def retire(state: CatalogItem, command: RetireCatalogItem, at: Circumstances) -> Decision:
    rules.happened("catalog_item", "retired_on", command.retired_on, at)
    rules.in_order("catalog_item", "listed_on", state.listed_on, "retired_on", command.retired_on)
    if not state.retired:
        yield CatalogItemRetired(
            catalog_item_id=command.catalog_item_id,
            item_system=state.item_system,
            item_code=state.item_code,
            reason=rules.text("catalog_item", "reason", command.reason),
            retired_on=command.retired_on,
        )


# --- rules -------------------------------------------------------------------------------------


def _since_listing(state: CatalogItem, named: str, when: date, at: Circumstances) -> None:
    if state.retired:
        raise Refused("catalog_item.retired", "The item is retired.")
    rules.happened("catalog_item", named, when, at)
    rules.in_order("catalog_item", "listed_on", state.listed_on, named, when)


def _scheduling(
    state: CatalogItem,
    fact: CatalogItemListed | CatalogItemRevised | CatalogItemIdentified,
    on: date,
) -> Iterator[Entail]:
    """What its codes, and those of its packs, are told where it is a controlled substance, or was
    one until now."""
    after = state.evolve(fact)
    if state.label.controlled_schedule is None and after.label.controlled_schedule is None:
        return
    codes = [(each.system, each.code) for each in after.codes]
    packs = (*state.label.packs, *after.label.packs)
    codes += [(ItemSystem.GTIN.value, pack.gtin) for pack in packs if pack.gtin is not None]
    for system, code in dict.fromkeys(codes):
        yield Entail(
            ScheduleCode(
                system=system,
                code=code,
                catalog_item_id=fact.catalog_item_id,
                scheduled_on=on,
            )
        )


def _reserved(system: ItemSystem, code: str) -> Reserve:
    return Reserve("catalog_item", f"{system.value}/{code}", "catalog_item.code_taken")


def _checked(command: Revisable) -> dict[str, Any]:
    """What a command says of the label, checked and without surrounding blanks."""
    rules.at_most("catalog_item", "packs", command.packs, MOST_PACKS)
    return {
        "description": rules.text("catalog_item", "description", command.description, longest=500),
        "unit": rules.text("catalog_item", "unit", command.unit, longest=40),
        "packs": tuple(map(_pack, command.packs)),
        "unspsc": command.unspsc and item_codes.unspsc(command.unspsc, "unspsc"),
        "manufacturer": rules.optional("catalog_item", "manufacturer", command.manufacturer),
        "lot_tracked": command.lot_tracked,
        "expiry_tracked": command.expiry_tracked,
        "cold_chain": command.cold_chain,
        "controlled_schedule": command.controlled_schedule,
    }


def _pack(pack: Pack) -> Pack:
    return Pack(
        unit=rules.text("catalog_item", "packs", pack.unit, longest=40),
        quantity=rules.quantity("catalog_item", "packs", pack.quantity),
        gtin=pack.gtin and item_codes.gtin(pack.gtin, "packs"),
    )

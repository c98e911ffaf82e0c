"""The catalog: what the system knows of an item, and the codes it is known by."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from domain.kernel import Command, Entail, Reserve
from domain.supply import item_codes
from domain.supply.catalog_item import (
    CatalogItem,
    ClassCatalogItem,
    IdentifyCatalogItem,
    ListCatalogItem,
    NameCatalogItemSubstitutes,
    RetireCatalogItem,
    ReviseCatalogItem,
    _substitutes,
    catalog_item,
)
from domain.supply.controlled_code import ScheduleCode
from domain.supply.events.catalog import (
    AbcClass,
    CatalogItemClassed,
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
from tests.domain.places import FEBRUARY_1, MARCH_1, NEW_YEAR, TOMORROW_EVERYWHERE
from tests.grammar import Given, a_closed, an_open, given

MORPHINE, HYDROMORPHONE, NALOXONE = (UUID(int=each) for each in (91, 92, 93))
THE_GTIN, A_BOX = "09506000134352", "19506000134359"

listing = ListCatalogItem(
    catalog_item_id=MORPHINE,
    item_system=ItemSystem.NDC,
    item_code="0409-1893-01",
    description=" Morphine 10 mg/mL ",
    listed_on=NEW_YEAR,
    unit="vial",
    packs=(Pack(unit=" box ", quantity=25, gtin="9506000134352"),),
    unspsc="51142005",
    manufacturer="Hospira",
    lot_tracked=True,
    expiry_tracked=True,
    controlled_schedule=ControlledSchedule.CII,
)
listed = CatalogItemListed(
    catalog_item_id=MORPHINE,
    item_system="NDC",
    item_code="00409-1893-01",
    description="Morphine 10 mg/mL",
    unit="vial",
    packs=(Pack(unit="box", quantity=25, gtin=THE_GTIN),),
    unspsc="51142005",
    manufacturer="Hospira",
    lot_tracked=True,
    expiry_tracked=True,
    cold_chain=False,
    controlled_schedule=ControlledSchedule.CII,
    listed_on=NEW_YEAR,
)
revising = ReviseCatalogItem(
    catalog_item_id=MORPHINE,
    description="Morphine 10 mg/mL",
    revised_on=FEBRUARY_1,
    unit="vial",
    packs=listed.packs,
    unspsc="51142005",
    manufacturer="Hospira",
    lot_tracked=True,
    expiry_tracked=True,
    controlled_schedule=ControlledSchedule.CII,
)
identifying = IdentifyCatalogItem(
    catalog_item_id=MORPHINE, system=ItemSystem.GTIN, code="9506000134352", identified_on=MARCH_1
)
classing = ClassCatalogItem(catalog_item_id=MORPHINE, abc_class=AbcClass.A, classed_on=MARCH_1)
naming = NameCatalogItemSubstitutes(
    catalog_item_id=MORPHINE, substitutes=(HYDROMORPHONE, HYDROMORPHONE), named_on=MARCH_1
)
retiring = RetireCatalogItem(catalog_item_id=MORPHINE, reason="Not made", retired_on=MARCH_1)


def told(system: str, code: str, on: date) -> Entail:
    """What a code is told of the item it means."""
    return Entail(ScheduleCode(system=system, code=code, catalog_item_id=MORPHINE, scheduled_on=on))


def morphine() -> Given:
    return given(CatalogItem, listed).knowing(
        an_open("catalog_item", HYDROMORPHONE), an_open("catalog_item", MORPHINE)
    )


# --- the item ------------------------------------------------------------------------------------


def test_an_item_is_listed_once_under_a_code_of_its_own() -> None:
    reserved = Reserve("catalog_item", "NDC/00409-1893-01", "catalog_item.code_taken")
    given(CatalogItem).when(listing).records(
        reserved, listed, told("NDC", "00409-1893-01", NEW_YEAR), told("GTIN", THE_GTIN, NEW_YEAR)
    )
    morphine().when(listing).refused("catalog_item.already_listed")


@pytest.mark.parametrize(
    ("command", "code", "field"),
    [
        (replace(listing, description=" "), "catalog_item.text", "description"),
        (replace(listing, unit=""), "catalog_item.text", "unit"),
        (replace(listing, manufacturer=""), "catalog_item.text", "manufacturer"),
        (replace(listing, item_code="0409"), "catalog_item.ndc", "item_code"),
        (replace(listing, unspsc="5114"), "catalog_item.unspsc", "unspsc"),
        (replace(listing, listed_on=TOMORROW_EVERYWHERE), "catalog_item.date", "listed_on"),
        (replace(listing, packs=(Pack(unit="", quantity=1),)), "catalog_item.text", "packs"),
        (replace(listing, packs=(Pack(unit="x", quantity=0),)), "catalog_item.quantity", "packs"),
        (
            replace(listing, packs=(Pack(unit="x", quantity=1, gtin="9506000134353"),)),
            "catalog_item.gtin",
            "packs",
        ),
        (
            replace(listing, packs=(Pack(unit="x", quantity=1),) * 21),
            "catalog_item.packs",
            "packs",
        ),
    ],
)
def test_an_item_says_what_it_is(command: Command, code: str, field: str) -> None:
    given(CatalogItem).when(command).refused(code, field=field)


def test_an_item_is_revised_where_something_changes() -> None:
    morphine().when(revising).records_nothing()
    morphine().when(replace(revising, cold_chain=True)).records_a(
        CatalogItemRevised, cold_chain=True, description="Morphine 10 mg/mL", item_system="NDC"
    )
    changed = morphine().when(replace(revising, cold_chain=True)).then()
    assert changed.state.label.cold_chain


def test_an_item_is_known_by_more_than_one_code() -> None:
    known = morphine().when(identifying)
    known.records_a(
        CatalogItemIdentified,
        system="GTIN",
        code=THE_GTIN,
        codes_after=(
            ItemCode(system="NDC", code="00409-1893-01"),
            ItemCode(system="GTIN", code=THE_GTIN),
        ),
    )
    assert known.decided[0] == Reserve(
        "catalog_item", f"GTIN/{THE_GTIN}", "catalog_item.code_taken"
    )
    known.then().when(identifying).records_nothing()
    morphine().when(replace(identifying, code="9506000134353")).refused(
        "catalog_item.gtin", field="code", rule="must end with the check digit 2"
    )


def test_an_item_is_classed_and_retired_once() -> None:
    classed = morphine().when(classing)
    classed.records_a(CatalogItemClassed, abc_class=AbcClass.A)
    classed.then().when(classing).records_nothing()
    retired = morphine().when(retiring)
    retired.records_a(CatalogItemRetired, reason="Not made")
    retired.then().when(retiring).records_nothing()
    for command in (revising, identifying, classing, naming):
        retired.then().when(command).refused("catalog_item.retired")
    assert catalog_item.standing is not None
    assert not catalog_item.standing(retired.then().state, MORPHINE).open
    assert catalog_item.standing(morphine().state, MORPHINE).status == "listed"
    assert morphine().state.facility_id is None


def test_nothing_happens_to_an_item_before_it_was_listed() -> None:
    morphine().when(replace(classing, classed_on=date(2025, 1, 1))).refused(
        "catalog_item.date_order", field="classed_on"
    )


def test_substitutes_are_other_items_that_are_still_bought() -> None:
    named = morphine().when(naming)
    named.records_a(CatalogItemSubstitutesNamed, substitutes=(HYDROMORPHONE,))
    named.then().when(naming).records_nothing()
    assert named.then().when(replace(naming, substitutes=())).then().state.substitutes == ()
    assert _substitutes(morphine().state, naming) == naming.substitutes
    morphine().when(replace(naming, substitutes=(MORPHINE,))).refused("catalog_item.substitutes")
    morphine().when(replace(naming, substitutes=(NALOXONE,))).refused("catalog_item.unknown")
    morphine().knowing(a_closed("catalog_item", NALOXONE)).when(
        replace(naming, substitutes=(NALOXONE,))
    ).refused("catalog_item.not_open")
    morphine().when(replace(naming, substitutes=(HYDROMORPHONE,) * 21)).refused(
        "catalog_item.substitutes", field="substitutes"
    )


# --- codes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["96385074", "036000291452", "9506000134352", "19506000134359"])
def test_a_gtin_is_kept_with_fourteen_digits(code: str) -> None:
    given(CatalogItem).when(
        replace(listing, item_system=ItemSystem.GTIN, item_code=code)
    ).records_a(CatalogItemListed, item_code=code.zfill(14))


@pytest.mark.parametrize("code", ["950600013435", "95060001343521", "95O6000134352", "1"])
def test_a_gtin_with_a_wrong_digit_is_no_gtin(code: str) -> None:
    given(CatalogItem).when(replace(listing, item_system=ItemSystem.GTIN, item_code=code)).refused(
        "catalog_item.gtin", field="item_code"
    )


@pytest.mark.parametrize(
    ("printed", "billed"),
    [
        ("0409-1893-01", "00409-1893-01"),
        ("50242-040-62", "50242-0040-62"),
        ("60575-4112-1", "60575-4112-01"),
        ("00409-1893-01", "00409-1893-01"),
        (" 00409189301 ", "00409-1893-01"),
    ],
)
def test_an_ndc_is_kept_as_it_is_billed(printed: str, billed: str) -> None:
    assert item_codes.normal(ItemSystem.NDC, printed) == billed


@pytest.mark.parametrize("code", ["0409189301", "0409-189-01", "040A-1893-01", "0409-1893"])
def test_an_ndc_of_which_nobody_can_tell_where_the_zero_is_missing_is_refused(code: str) -> None:
    given(CatalogItem).when(replace(listing, item_code=code)).refused("catalog_item.ndc")


def test_other_codes_are_kept_as_they_are() -> None:
    assert item_codes.normal(ItemSystem.UNSPSC, " 51142005") == "51142005"
    for system in (ItemSystem.UDI_DI, ItemSystem.OWN):
        assert item_codes.normal(system, " +A999/1 ") == "+A999/1"
        given(CatalogItem).when(replace(listing, item_system=system, item_code=" ")).refused(
            "catalog_item.code", field="item_code"
        )

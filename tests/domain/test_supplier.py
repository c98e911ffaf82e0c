"""The life of a supplier."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.kernel import AGGREGATES, Reserve
from domain.supply.events.ordering import (
    SupplierRegistered,
    SupplierReinstated,
    SupplierRetired,
    SupplierSuspended,
    SupplierTermsAgreed,
)
from domain.supply.supplier import (
    AgreeSupplierTerms,
    RegisterSupplier,
    ReinstateSupplier,
    RetireSupplier,
    Supplier,
    SuspendSupplier,
)
from tests.domain.places import DAY_BEFORE_NEW_YEAR, FEBRUARY_1, MARCH_1, NEW_YEAR
from tests.domain.supplies import ACME, the_supplier_is
from tests.grammar import given

registering = RegisterSupplier(
    supplier_id=ACME, legal_name="Acme Medical", lead_time_days=7, registered_on=NEW_YEAR
)
registered = SupplierRegistered(
    supplier_id=ACME,
    legal_name="Acme Medical",
    identifier=None,
    lead_time_days=7,
    phone=None,
    registered_on=NEW_YEAR,
)
suspending = SuspendSupplier(supplier_id=ACME, suspended_on=FEBRUARY_1, reason="late again")
suspended = SupplierSuspended(supplier_id=ACME, suspended_on=FEBRUARY_1, reason="late again")
reinstating = ReinstateSupplier(supplier_id=ACME, reinstated_on=MARCH_1)
reinstated = SupplierReinstated(supplier_id=ACME, reinstated_on=MARCH_1)
retiring = RetireSupplier(supplier_id=ACME, retired_on=MARCH_1, reason="bought up")
retired = SupplierRetired(supplier_id=ACME, retired_on=MARCH_1, reason="bought up")
agreeing = AgreeSupplierTerms(supplier_id=ACME, lead_time_days=14, agreed_on=FEBRUARY_1)


def test_a_supplier_is_registered_once() -> None:
    given(Supplier).when(registering).records(registered)
    given(Supplier, registered).when(registering).refused("supplier.already_registered")


def test_a_number_among_suppliers_belongs_to_one() -> None:
    given(Supplier).when(replace(registering, identifier="0614141000005", phone="555")).records(
        Reserve("supplier_identifier", "0614141000005", "supplier.identifier_in_use"),
        replace(registered, identifier="0614141000005", phone="555"),
    )


@pytest.mark.parametrize("days", [-1, 731])
def test_an_impossible_lead_time_is_refused(days: int) -> None:
    given(Supplier).when(replace(registering, lead_time_days=days)).refused(
        "supplier.lead_time", field="lead_time_days", value=days
    )


def test_another_lead_time_is_agreed_on() -> None:
    agreed = SupplierTermsAgreed(supplier_id=ACME, lead_time_days=14, agreed_on=FEBRUARY_1)
    given(Supplier, registered).when(agreeing).records(agreed)
    given(Supplier, registered, agreed).when(agreeing).records_nothing()


def test_a_supplier_is_suspended_and_reinstated() -> None:
    given(Supplier, registered).when(suspending).records(suspended)
    given(Supplier, registered, suspended).when(suspending).records_nothing()
    given(Supplier, registered, suspended).when(reinstating).records(reinstated)
    given(Supplier, registered).when(reinstating).records_nothing()
    assert given(Supplier, registered, suspended, reinstated).state.status == "active"


def test_a_retired_supplier_stays_so() -> None:
    given(Supplier, registered).when(retiring).records(retired)
    given(Supplier, registered, retired).when(retiring).records_nothing()
    for command in (agreeing, suspending, reinstating):
        given(Supplier, registered, retired).when(command).refused("supplier.retired")


def test_nothing_happens_to_a_supplier_before_it_is_registered() -> None:
    early: date = DAY_BEFORE_NEW_YEAR
    given(Supplier, registered).when(replace(retiring, retired_on=early)).refused(
        "supplier.date_order", field="retired_on"
    )


def test_others_know_how_long_a_supplier_takes() -> None:
    supplier = AGGREGATES["supplier"]
    assert supplier.standing is not None
    assert supplier.standing(given(Supplier, registered).state, ACME) == the_supplier_is()
    assert not supplier.standing(given(Supplier, registered, suspended).state, ACME).open

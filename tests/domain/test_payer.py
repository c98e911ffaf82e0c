"""The life of a payer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.kernel import Reserve
from domain.revenue.events.claim import SELF_PAY
from domain.revenue.events.payer import (
    PayerFact,
    PayerKind,
    PayerRegistered,
    PayerRenamed,
    PayerRetired,
    PayerStanding,
)
from domain.revenue.payer import Payer, RegisterPayer, RenamePayer, RetirePayer, payer
from tests.domain.places import AETHER_HEALTH, FEBRUARY_1, TOMORROW_EVERYWHERE
from tests.grammar import given

registering = RegisterPayer(payer_id=AETHER_HEALTH, legal_name=" Aether Health ")
registered = PayerRegistered(
    payer_id=AETHER_HEALTH,
    legal_name="Aether Health",
    kind=PayerKind.COMMERCIAL,
    identifier=None,
    phone=None,
)
renaming = RenamePayer(payer_id=AETHER_HEALTH, legal_name="Aether Mutual")
renamed = PayerRenamed(payer_id=AETHER_HEALTH, legal_name="Aether Mutual")
retiring = RetirePayer(payer_id=AETHER_HEALTH, retired_on=FEBRUARY_1, reason="Merged")
retired = PayerRetired(payer_id=AETHER_HEALTH, retired_on=FEBRUARY_1, reason="Merged")


def test_a_payer_is_registered() -> None:
    given(Payer).when(registering).records(registered)


def test_what_a_payer_is_routed_by_is_its_own() -> None:
    given(Payer).when(
        replace(registering, kind=PayerKind.MEDICARE, identifier=" 60054 ", phone="1-800")
    ).records(
        Reserve("payer_identifier", "60054", "payer.identifier_in_use"),
        replace(registered, kind=PayerKind.MEDICARE, identifier="60054", phone="1-800"),
    )


def test_a_payer_is_registered_once() -> None:
    given(Payer, registered).when(registering).refused("payer.already_registered")


def test_what_stands_for_no_payer_is_not_registered_as_one() -> None:
    given(Payer).when(replace(registering, payer_id=SELF_PAY)).refused("payer.self_pay")


@pytest.mark.parametrize("field", ["legal_name", "identifier", "phone"])
def test_a_payer_says_who_it_is(field: str) -> None:
    given(Payer).when(replace(registering, **{field: ""})).refused(  # type: ignore[arg-type]
        "payer.text", field=field
    )


def test_a_payer_goes_by_another_name() -> None:
    given(Payer, registered).when(renaming).records(renamed)
    given(Payer, registered, renamed).when(renaming).records_nothing()
    given(Payer, registered, retired).when(renaming).refused("payer.retired")


def test_a_payer_is_retired() -> None:
    given(Payer, registered).when(retiring).records(retired)
    given(Payer, registered, retired).when(retiring).records_nothing()


def test_a_payer_is_not_retired_tomorrow_or_without_a_reason() -> None:
    given(Payer, registered).when(replace(retiring, retired_on=TOMORROW_EVERYWHERE)).refused(
        "payer.date"
    )
    given(Payer, registered).when(replace(retiring, reason="")).refused("payer.text")


@pytest.mark.parametrize(
    ("history", "status"),
    [
        ((registered, renamed), "registered"),
        ((registered, retired), "retired"),
        ((retired, registered, retired), "retired"),
    ],
)
def test_new_claims_go_to_a_payer_until_it_is_retired(
    history: tuple[PayerFact, ...], status: str
) -> None:
    assert payer.standing is not None
    assert payer.standing(payer.fold(history), AETHER_HEALTH) == PayerStanding(
        kind="payer",
        id=AETHER_HEALTH,
        open=status == "registered",
        status=status,
        payer_kind=registered.kind,
    )

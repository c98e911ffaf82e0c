"""A payer's fee schedule comes in from a CSV file or a workbook, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.revenue.events.contract import ContractTerms, FilingLimit, contract_of
from domain.revenue.payer import RegisterPayer
from domain.revenue.payer_contract import AgreeContractTerms, PayerContract, payer_contract
from facilities.exchange.fee_schedules import FeeScheduleReport, import_fee_schedules
from facilities.exchange.mapping import BadMapping
from facilities.ledger import Ledger
from facilities.service import Context, Service, new_id
from tests.domain.places import AETHER_HEALTH, NEW_YEAR
from tests.facilities.exchange.exports import CLERK
from tests.facilities.exchange.workbook import Value, write

HEADER = ["procedure", "modifier", "amount"]
SAID = {
    "payer": ":AETHER-1",
    "schedule": ":2026",
    "currency": ":USD",
    "valid_from": ":2026-01-01",
}
KNEE: list[Value] = ["27447", None, "$1,450.00"]
VISIT: list[Value] = ["99213", None, 92.5]
VISIT_APART: list[Value] = ["99213", "25", 70]


class Desk:
    """A payer with whom terms are agreed, and a folder for its lists."""

    def __init__(self, folder: Path, ledger: Ledger, service: Service) -> None:
        self.folder, self.ledger, self.service = folder, ledger, service
        for command in (
            RegisterPayer(
                payer_id=AETHER_HEALTH, legal_name="Aether Health", identifier="AETHER-1"
            ),
            AgreeContractTerms(
                payer_id=AETHER_HEALTH,
                valid_from=NEW_YEAR,
                terms=ContractTerms(filing=FilingLimit(count=90)),
            ),
        ):
            service.execute(command, Context(actor=CLERK, command_id=new_id()))

    def takes(
        self,
        *rows: list[Value],
        header: Sequence[str] = HEADER,
        said: dict[str, str] = SAID,
        **more: Any,
    ) -> FeeScheduleReport:
        file = write(self.folder / "fees.xlsx", [header, *rows])
        return import_fee_schedules(file, said, self.service, self.ledger, CLERK, **more)

    @property
    def contract(self) -> PayerContract:
        stream_id = contract_of(AETHER_HEALTH)
        return payer_contract.fold(each.fact for each in self.ledger.load([stream_id])[stream_id])


@pytest.fixture
def desk(tmp_path: Path, ledger: Ledger, service: Service) -> Desk:
    return Desk(tmp_path, ledger, service)


def rules_of(report: FeeScheduleReport) -> list[tuple[int | None, str | None, str]]:
    return [(each.line, each.column, each.rule) for each in report.rejected]


def test_a_schedule_is_listed_and_put_in_force_once(desk: Desk) -> None:
    rehearsed = desk.takes(KNEE, VISIT, VISIT_APART, dry_run=True)
    assert (rehearsed.fee_schedules, rehearsed.fees, rehearsed.events_appended) == (1, 3, 0)
    assert desk.contract.schedules == {}
    report = desk.takes(KNEE, VISIT, VISIT_APART)
    assert (report.fee_schedules, report.fees, report.events_appended) == (1, 3, 2)
    schedule = desk.contract.schedules["2026"]
    assert schedule.valid_from == date(2026, 1, 1)
    assert schedule.allows("27447", ()) == Decimal("1450.00")
    assert schedule.allows("99213", ("25",)) == Decimal("70.00")
    assert desk.takes(KNEE, VISIT, VISIT_APART).events_appended == 0
    (refused,) = desk.takes(KNEE, VISIT).rejected
    assert "in force since 2026-01-01" in refused.rule


def test_columns_are_mapped_and_a_file_may_hold_several_schedules(desk: Desk) -> None:
    said = {"payer": f":{AETHER_HEALTH}", "schedule": "Plan", "valid_from": "From", "amount": "Fee"}
    report = desk.takes(
        ["2026", "99213", date(2026, 1, 1), "92.50", "USD"],
        ["2027", "99213", date(2027, 1, 1), "95", "USD"],
        header=["Plan", "procedure", "From", "Fee", "currency"],
        said=said,
    )
    assert (report.fee_schedules, report.fees) == (2, 2)
    assert {*desk.contract.schedules} == {"2026", "2027"}


def test_every_bad_row_is_named_and_nothing_is_imported(desk: Desk) -> None:
    report = desk.takes(
        KNEE,
        ["knee", None, "10"],
        ["99213", "long", "10"],
        ["99214", None, "ten"],
        ["99215", None, "1.005"],
        ["27447", None, "9.00"],
    )
    assert [(line, column) for line, column, _ in rules_of(report)] == [
        (3, "procedure"),
        (4, "modifier"),
        (5, "amount"),
        (6, "amount"),
        (7, "procedure"),
    ]
    assert (report.fee_schedules, desk.contract.schedules) == (0, {})
    skipped = desk.takes(KNEE, ["knee", None, "10"], skip_bad=True)
    assert (skipped.fee_schedules, desk.contract.schedules) == (0, {})


def test_what_names_no_payer_or_no_currency_is_refused(desk: Desk) -> None:
    stranger = {**SAID, "payer": f":{UUID(int=7)}"}
    assert rules_of(desk.takes(KNEE, said=stranger)) == [(2, None, "names no payer")]
    assert rules_of(desk.takes(KNEE, said={**SAID, "currency": ":XXX"}))[0][2].startswith("must be")
    nobody = {name: value for name, value in SAID.items() if name != "payer"}
    with pytest.raises(BadMapping, match="payer"):
        desk.takes(KNEE, said=nobody)
    assert rules_of(desk.takes())[0][2] == "the file has no rows"
    mixed = desk.takes(
        [*KNEE, "USD"],
        [*VISIT, "CHF"],
        header=[*HEADER, "currency"],
        said={**SAID, "currency": "currency"},
    )
    assert rules_of(mixed)[0][1] == "currency"

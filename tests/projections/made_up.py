"""How the commands of a health system in which anything may happen are made up: by the name and the
type of their fields, of what there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

from domain import identifiers
from domain.identifiers import IdentifierKind
from domain.kernel import DECISIONS, Command
from domain.money import decimal_text
from domain.organization.events import Address
from domain.organization.facility import OpenFacility
from domain.revenue.estimate import CompareEstimate
from domain.revenue.events.claim import Code
from domain.revenue.events.contract import AppealLevel, Fee
from domain.revenue.events.estimate import EstimatedService
from domain.revenue.events.remittance import RemittedClaim
from domain.revenue.patient_account import (
    AgreePaymentPlan,
    GrantAssistance,
    IssueStatement,
    PayInstallment,
)
from domain.revenue.payer_contract import ListFees
from domain.revenue.preparation import AuthorizeClaim
from domain.supply import recall, transfer_case, transfer_sending
from domain.supply.events.catalog import Pack
from domain.supply.inbound_receipt import LotReceived
from domain.supply.item_codes import ItemSystem
from tests.projections import made_up_rosters, personal_files
from tests.projections.how_often import AT_MOST, EAGER
from tests.projections.referring import NOBODY, PATIENTS, arrivals, referred_to, under_control
from tests.projections.remitted import made_up_remitted

if TYPE_CHECKING:
    from tests.projections.health_system import HealthSystem

NOW = datetime(2026, 3, 14, 15, 0, tzinfo=UTC)
OPENED_ON = date(2025, 1, 1)
CURRENCIES = ("USD", "USD", "JPY", "KWD")

SELDOM_TOLD = {"valid_to": 0.8, "controlled_schedule": 0.9, "purpose": 0.0, "expires_at": 0.0}
"""How often what may be left out is, where that is not two times in five."""

MADE_UP_IN_LISTS = {Fee, AppealLevel, EstimatedService}
"""Of what a list of them is made up with one in it; of others it is left empty."""


def _valid(kind: IdentifierKind, *candidates: str) -> tuple[str, ...]:
    return tuple(each for each in candidates if identifiers.valid(kind, each))


NUMBERS = {
    IdentifierKind.NPI: _valid(
        IdentifierKind.NPI, *(f"{number}" for number in range(1234567890, 1234567950))
    ),
    IdentifierKind.CCN: ("100001", "10021F"),
    IdentifierKind.CLIA: ("10D2345678", "11D2345678"),
    IdentifierKind.TIN: ("123456789", "234567891"),
    IdentifierKind.DEA: _valid(
        IdentifierKind.DEA, *(f"AB{number}" for number in range(1234560, 1234580))
    ),
}


GTINS = ("09506000134352", "00036000291452", "00000096385074")
ITEM_CODES = {
    ItemSystem.GTIN: GTINS,
    ItemSystem.NDC: ("0409-1893-01", "50242-040-62", "60575-4112-1"),
    ItemSystem.UDI_DI: ("+A99912345", "+B99912345"),
    ItemSystem.UNSPSC: ("51142005", "42132203"),
    ItemSystem.OWN: ("own 1", "own 2", "own 3"),
}


@cache
def hints_of(kind: Any) -> dict[str, Any]:
    """The types of the fields of a kind of command."""
    return get_type_hints(kind)


class MadeUp:
    """The commands that are made up, of what there is in a health system."""

    def __init__(self, system: HealthSystem) -> None:
        self._system, self._random = system, system.random
        self._deciding: type[Command] = OpenFacility

    def command(self, kind: type[Command], among: tuple[UUID, ...] = ()) -> Command | None:
        """A command of a kind, for one of the things of its kind (`among` these, where some are
        named); None where it is for nothing that there is."""
        chosen = self._for_what(kind, among)
        if chosen is None:
            return None
        if kind is AuthorizeClaim:
            of_claim = self._system.states[chosen[kind.stream]][1]
            whose = (of_claim.patient_id, of_claim.payer_id, of_claim.facility_id)
            theirs = [
                each
                for each, of in self._system.all("prior_authorization").items()
                if (of.patient_id, of.payer_id, of.facility_id) == whose
            ]
            chosen["authorization_id"] = self._random.choice(theirs or [NOBODY])
        if kind in (PayInstallment, CompareEstimate):
            account = self._system.states[chosen[kind.stream]][1]
            theirs = [
                each
                for each, of in self._system.all("claim").items()
                if (of.patient_id, of.facility_id) == (account.patient_id, account.facility_id)
            ]
            chosen["claim_id"] = self._random.choice(theirs or [NOBODY])
        if kind in (IssueStatement, AgreePaymentPlan, GrantAssistance):
            chosen = self._an_account()
        return self.whole(kind, chosen)

    def whole(self, kind: type[Command], chosen: Mapping[str, Any]) -> Command:
        """A command of a kind, with what is chosen already, and the rest made up."""
        self._deciding, hints, values = kind, hints_of(cast(Any, kind)), dict(chosen)
        named = [each.name for each in fields(cast(Any, kind))]
        for each in named:
            if each not in values:
                values[each] = self.value(each, hints[each], values)
        return kind(**{each: values[each] for each in named})

    def _for_what(self, kind: type[Command], among: tuple[UUID, ...]) -> dict[str, Any] | None:
        name, random = DECISIONS[kind][0].name, self._random
        there = list(among) or list(self._system.all(name))
        if kind.derived:
            chooses = made_up_rosters.chooses_who(kind)
            return {} if chooses else personal_files.whose(self._system, hints_of(cast(Any, kind)))
        if kind.creates:
            if len(there) >= AT_MOST.get(name, 8) or (name in EAGER and random.random() < 0.8):
                return None
            return {kind.stream: self._system.new_id()}
        if not there:
            return None
        # Of those whose lives are long, the last few go on living.
        return {kind.stream: random.choice(there[-2:] if name in EAGER else there)}

    def _an_account(self) -> dict[str, Any]:
        """A patient's account: of one who has a claim, where there is one."""
        claims = [(each, of) for each, of in self._system.all("claim").items() if of.balance > 0]
        if not claims:
            facility_id, patient_id = referred_to(self._system, "facility_id", {}), PATIENTS[0]
            claim_id = self._system.new_id()
        else:
            claim_id, of = self._random.choice(claims)
            facility_id, patient_id = of.facility_id, of.patient_id
        return {
            "facility_id": facility_id,
            "patient_id": patient_id,
            "claim_id": claim_id,
            "claims": (claim_id,),
            "first_due_on": NOW.date() - timedelta(days=10),
            "agreed_on": NOW.date() - timedelta(days=20),
        }

    def value(self, name: str, hint: Any, chosen: Mapping[str, Any]) -> Any:
        """A value for a field, by its name and type and what is chosen already."""
        random = self._random
        there_is = self._system.all
        rostered = made_up_rosters.made_up(self._deciding, random, name, hint, chosen, there_is)
        if rostered is not None:
            return rostered
        made_up = personal_files.made_up(self._system, self._deciding, name, hint, chosen)
        if made_up is not None:
            return made_up
        if get_origin(hint) in (Union, UnionType):
            if random.random() < SELDOM_TOLD.get(name, 0.4):
                return None
            (hint,) = [each for each in get_args(hint) if each is not NoneType]
        if name == "packs":
            return (Pack(unit="box", quantity=10, gtin=random.choice(GTINS)),)
        if name == "substitutes":
            return tuple(random.sample([*self._system.all("catalog_item")], 1))
        if hint == tuple[UUID, ...]:
            there = list(self._system.all("facility"))
            return tuple(random.sample(there, random.randrange(3)))
        if get_origin(hint) is tuple and get_args(hint)[0] is LotReceived:
            return arrivals(self._system, chosen)
        if get_origin(hint) is tuple:
            part = get_args(hint)[0]
            if part is Code:
                return (Code(system="ICD-10-CM", value="J45"),)
            return (self.value(name, part, chosen),) if part in MADE_UP_IN_LISTS else ()
        if hint is UUID:
            return referred_to(self._system, name, chosen)
        if name == "last_in_effect_on":
            return date(1999, 12, 31)
        eager = DECISIONS[self._deciding][0].name in EAGER
        if hint is date and eager:
            return OPENED_ON if name == "valid_from" else NOW.date()
        if hint is datetime:
            return NOW + timedelta(hours=random.choice((-1, 1, 20, 400)))
        if hint is date:
            # What begins does so early, so that something can happen to it afterwards.
            early = name in ("opened_on", "registered_on", "listed_on", "valid_from", "service_on")
            return OPENED_ON + timedelta(
                days=random.randrange(0 if early else 60, 100 if early else 430)
            )
        if hint is Decimal:
            return self._amount(chosen)
        if hint is int:
            return self._number(name, chosen)
        if hint is bool:
            return random.random() < 0.5
        if hint is str:
            return self._text(name, chosen)
        if hint is Address:
            return Address(lines=("1 Main Street",), city=random.choice("ABC"), region="NY")
        if hint is RemittedClaim:
            claim = self._system.states.get(chosen.get("claim_id", NOBODY), (None, None))[1]
            return made_up_remitted(random, claim)
        if hint is Code:
            return Code(system="CPT", value="99213")
        if is_dataclass(hint):
            inner = get_type_hints(hint)
            made: Any = hint
            return made(**{part: self.value(part, inner[part], chosen) for part in inner})
        assert issubclass(hint, StrEnum), f"nothing to make up for {name}: {hint}"
        return random.choice(list(hint))

    def _amount(self, chosen: Mapping[str, Any]) -> Decimal:
        state = self._system.states.get(chosen.get("claim_id", NOBODY), (None, None))[1]
        currency = state.currency if state is not None else "USD"
        if state is not None and state.balance > 0 and self._random.random() < 0.3:
            return Decimal(state.balance)
        return Decimal(decimal_text(self._random.choice((0, 1, 1050, 9999, 12_345)), currency))

    def _number(self, name: str, chosen: Mapping[str, Any]) -> int:
        if name in ("retention_years", "unsealed"):
            return {"retention_years": 6}.get(name, 0)
        if name == "quantity" and self._deciding is transfer_sending.ApproveTransfer:
            asked = self._system.states[chosen["transfer_id"]][1].quantity
            kept = self._system.states.get(chosen["stock_item_id"], (None, None))[1]
            return int(max(1, min(asked, 0 if kept is None else kept.available)))
        if name == "quantity" and self._deciding is transfer_case.ResolveDiscrepancy:
            lots = self._system.states[chosen["transfer_id"]][1].lots.values()
            return int(min((each.unresolved for each in lots), default=1))
        order = self._system.states.get(chosen.get("purchase_order_id", NOBODY), (None, None))[1]
        if name == "quantity" and order is not None and chosen.get("stock_item_id") in order.lines:
            return int(order.lines[chosen["stock_item_id"]].outstanding)
        least, most = {
            "change": (-10, 10),
            "loss": (1, 2),
            "tolerance": (0, 3),
            "share": (20, 60),
            "fiscal_year_start": (1, 12),
            "year": (2025, 2025),
            "units": (1, 3),
            "line": (1, 3),
            "entry": (1, 8),
            "place": (1, 3),
            "claims": (2, 3),
            "fees": (1, 1),
            "installments": (1, 3),
            "installment": (1, 2),
            "denial": (1, 2),
            "overpayment": (1, 2),
            "adjudication": (1, 2),
        }.get(name, (0, 30))
        return self._random.randint(least, most)

    def _text(self, name: str, chosen: Mapping[str, Any]) -> str:
        random = self._random
        match name:
            case "zone":
                return random.choice(("UTC", "America/New_York"))
            case "item_system":
                return "GTIN"
            case "currency":
                return random.choice(CURRENCIES) if self._deciding is not ListFees else "USD"
            case "value":
                return random.choice(NUMBERS[chosen["kind"]])
            case "npi" | "rendering_npi" | "attending_npi" | "referring_npi":
                return random.choice(NUMBERS[IdentifierKind.NPI])
            case "control_number":
                return f"C-{random.randrange(10**6)}"
            case "category" | "status" | "entity":
                return {"category": "A3", "status": "21", "entity": "85"}[name]
            case "place_of_service" | "type_of_bill" | "revenue_code":
                return {"place_of_service": "11", "type_of_bill": "0131"}.get(name, "0450")
            case "admission_type" | "admission_source" | "discharge_status":
                return "1"
            case "login":
                return random.choice(("ana", "ben", "cleo", "dov"))
            case "issuer":
                return "https://issuer.example"
            case "subject":
                return random.choice("AB")
            case "procedure" | "modifier":
                return {"procedure": "99213", "modifier": "25"}[name]
            case "reason_code":
                return "45"
            case "lot" if "transfer_id" in chosen and "stock_item_id" not in chosen:
                return str(random.choice([*self._system.states[chosen["transfer_id"]][1].lots, ""]))
            case "unspsc":
                return "51142005"
            case "gtin":
                return random.choice(GTINS)
            case "item_code" | "code" if DECISIONS[self._deciding][0].name == "catalog_item":
                return random.choice(ITEM_CODES[chosen.get("item_system") or chosen["system"]])
            case "item_code":
                return random.choice(GTINS[:2])
            case "lot":
                kept = chosen.get("stock_item_id") or under_control(self._system, chosen)
                _stock_item, state = self._system.states.get(kept, (None, None))
                tracked = state is not None and state.lot_tracked
                return random.choice(("L1", "L2", "L3")) if tracked else ""
            case "month":
                return "2025-03"
            case "period":
                return random.choice(("2026-02", "2026-03"))
            case "number" if self._deciding is recall.IssueRecall:
                return f"Z-{random.randrange(10_000)}"
            case "order_number":
                return f"PO-{random.randrange(10_000)}"
            case _:
                return f"{name} {random.choice('AB')}"

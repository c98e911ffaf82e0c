"""A small health system in memory, in which anything may happen: what properties are held to.

Commands of every kind are made up, with arguments by the name and the type of their fields, and
decided by the aggregates themselves; what these refuse does not happen. A seed tells it all, also
which context's desks are the busy ones: in the long lives of one the others would not get far.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from random import Random
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from domain import identifiers
from domain.access import account, grant  # noqa: F401 - as those below
from domain.identifiers import IdentifierKind
from domain.kernel import (
    DECISIONS,
    Aggregate,
    Circumstances,
    Command,
    Entail,
    Fact,
    Recorded,
    Refused,
    Release,
    Reserve,
    Standing,
)
from domain.money import decimal_text
from domain.organization import department, facility  # noqa: F401 - their decisions are registered
from domain.organization.events import Address, FacilityKind
from domain.organization.facility import OpenFacility
from domain.privacy import erasure, legal_hold, read_log, retention  # noqa: F401
from domain.revenue import (  # noqa: F401
    acknowledgment,
    adjudication,
    denial,
    drafting,
    estimate,
    giving_up,
    payer,
    posting,
    preparation,
    prior_authorization,
    remittance,
    submission,
    trading_partner,
)
from domain.revenue.accounting_period import ClosePeriod
from domain.revenue.estimate import CompareEstimate
from domain.revenue.events.claim import Code
from domain.revenue.events.contract import AppealLevel, Fee, contract_of
from domain.revenue.events.estimate import EstimatedService
from domain.revenue.events.patient_account import account_of
from domain.revenue.events.period import period_of
from domain.revenue.events.remittance import RemittedClaim
from domain.revenue.patient_account import (
    AgreePaymentPlan,
    GrantAssistance,
    IssueStatement,
    PayInstallment,
)
from domain.revenue.payer_contract import AgreeContractTerms, ListFees
from domain.revenue.preparation import AuthorizeClaim
from domain.supply import (  # noqa: F401
    catalog_item,
    controlled_acts,
    controlled_losses,
    controlled_register,
    controlled_transfers,
    inbound_receipt,
    inbound_request,
    purchase_order_drafting,
    purchase_order_receiving,
    recall,
    recall_response,
    register_receipt,
    requisition,
    requisition_approval,
    requisition_items,
    stock_bins,
    stock_closing,
    stock_control,
    stock_count,
    stock_exceptions,
    stock_holds,
    stock_item,
    stock_par,
    stock_recall,
    stock_transfers,
    supplier,
    transfer_case,
    transfer_sending,
)
from domain.supply.events.catalog import Pack
from domain.supply.events.recall import RecallIssued
from domain.supply.inbound_receipt import LotReceived
from domain.supply.item_codes import ItemSystem
from domain.workforce import staff_member  # noqa: F401
from domain.workforce.roster_publication import DraftRoster
from facilities.process import Process
from facilities.processes.denials import denials
from facilities.processes.recall import recalls
from facilities.processes.transfer import transfers
from tests.projections import made_up_rosters, personal_files
from tests.projections.grammar import Envelopes
from tests.projections.remitted import made_up_remitted

NOW = datetime(2026, 3, 14, 15, 0, tzinfo=UTC)
OPENED_ON = date(2025, 1, 1)
CURRENCIES = ("USD", "USD", "JPY", "KWD")

AT_MOST = {
    "facility": 5,
    "department": 6,
    "staff_member": 12,
    "payer": 3,
    "claim": 6,
    "supplier": 2,
    "account": 4,
    "grant": 8,
    "remittance": 4,
}
"""How many there are of each kind; the rest of what happens, happens to them."""

OFTEN = {
    **personal_files.OFTEN,
    "claim": 24,
    "payer_contract": 4,
    "stock_item": 4,
    "staff_member": 4,
    "grant": 4,
    "account": 1,
    "erasure": 1,
    "legal_hold": 1,
    "retention_rule": 1,
    "transfer": 4,
    "inbound_transfer": 6,
    "controlled_register": 1,
    "estimate": 1,
}
"""How often something happens to an aggregate of a kind."""

TOLD = {
    stock_transfers.DispatchStock,
    stock_transfers.DeliverStock,
    transfer_sending.AskForTransfer,
    transfer_case.NoteArrival,
    transfer_case.NoteLateRefusal,
    inbound_receipt.AnnounceTransfer,
    inbound_request.NoteApproval,
    inbound_request.NoteRefusal,
    inbound_receipt.NoteSettlement,
    inbound_receipt.ReceiveLateArrival,
    inbound_request.WithdrawProposal,
    requisition_items.WithdrawProposedItem,
    recall_response.NotifyOfRecall,
    register_receipt.EnterReceipt,
    stock_control.PutUnderControl,
    stock_control.IssueControlled,
    stock_control.AdjustControlled,
    stock_control.WriteOffControlled,
    stock_control.DispatchControlled,
    stock_control.DeliverControlled,
    controlled_transfers.SendControlled,
    controlled_transfers.TakeInControlled,
    controlled_transfers.LoseInTransit,
    stock_recall.RecallLot,
}
"""What only a process says, or another decision entails: it is not made up."""

EAGER = {
    "erasure",
    "requisition",
    "purchase_order",
    "transfer",
    "inbound_transfer",
    "prior_authorization",
    "payer_contract",
    "patient_account",
    "estimate",
    "recall_response",
    "stock_count",
    "controlled_register",
} | personal_files.EAGER
"""Whose lives are long: where one of their commands is tried and refused, the others are, until
something happens. All of it happens today: each step comes after the last."""

SELDOM = {
    **personal_files.SELDOM,
    "SuspendFacility": 4,
    "CloseFacility": 4,
    "CloseDepartment": 4,
    "MergeDepartment": 2,
    "SeparateStaffMember": 24,
    "RetirePayer": 4,
    "CloseClaim": 4,
    "ResolveDenial": 8,
    "TakeBackDenials": 8,
    "RetireSupplier": 24,
    "SuspendSupplier": 8,
    "WithdrawRequisition": 8,
    "RejectRequisition": 8,
    "CancelPurchaseOrder": 8,
    "WithdrawErasure": 8,
    "CloseAccount": 24,
    "RevokeGrant": 12,
    "ClosePurchaseOrder": 4,
    "DropOrderedItem": 4,
    "DropRequestedItem": 4,
    "DismissProposal": 4,
    "WithdrawRequest": 8,
    "DeclineTransfer": 8,
    "CancelTransfer": 8,
    "TerminateRecall": 12,
    "AbandonStockCount": 8,
    "WithdrawEstimate": 8,
    "QuarantineStock": 4,
}
"""What stops the work is tried once where other things are tried so many times."""


REFERRED_TO = (
    "facility",
    "department",
    "staff",
    "payer",
    "supplier",
    "stock_item",
    "account",
    "remittance",
    "authorization",
    "claim",
)
"""What a field can refer to, by what is in its name."""

SELDOM_TOLD = {"valid_to": 0.8, "purpose": 0.0, "expires_at": 0.0}
"""How often what may be left out is, where that is not two times in five."""

SEEN_BY = ("counted_by", "wasted_by", "dispatched_by", "taken_in_by", "witnessed_by")
"""Fields that name one of the two people a controlled substance takes."""

LATER = {"ExpireGrant": timedelta(days=30)}
"""What is decided on when so much time has passed."""

NOBODY = UUID(int=0)
PATIENTS = (UUID(int=901), UUID(int=902))
"""Whom claims and authorizations are for: few, so that they meet."""

CALLED = {"staff": "staff_member", "authorization": "prior_authorization"}
"""The aggregates that fields call by another name."""

MADE_UP_IN_LISTS = {Fee, AppealLevel, EstimatedService}
"""Of what a list of them is made up with one in it; of others it is left empty."""

EVERYWHERE = {"organization"}
"""The contexts whose desks are busy in every system; of the others it is one."""

BUSY = 8
"""So many times more happens at a desk that is busy."""


def _desk(kind: type[Command]) -> str:
    """The context a command is of."""
    return kind.__module__.split(".")[1]


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


@dataclass(frozen=True, kw_only=True)
class KnownLot:
    """A lot that a facility has or had."""

    facility_id: UUID
    stock_item_id: UUID
    lot: str


class HealthSystem:
    """What has happened so far: the events, and what every aggregate has become by them."""

    def __init__(self, seed: int, word: str = "", without: Collection[type[Command]] = ()) -> None:
        """With a `word` (supply) only that context's commands are made up: more of each.
        Commands of some kinds are never given."""
        self.random = Random(seed)
        self.events: list[Recorded[Any]] = []
        self.states: dict[UUID, tuple[Aggregate[Any], Any]] = {}
        self._standings: dict[UUID, Standing] = {}
        self._reserved: dict[tuple[str, str], UUID] = {}
        self._envelopes = Envelopes()
        self._deciding: type[Command] = OpenFacility
        self._unseen: deque[Recorded[Any]] = deque()
        # What is set going by facts, some time after them.
        self._processes = (transfers, denials, recalls(self._lots, self._recalls))
        # In one order, whatever was imported first: a seed is to tell it all.
        self._kinds = sorted(
            (
                each
                for each in DECISIONS
                if each.__module__.startswith(f"domain.{word}")
                and each not in TOLD
                and each not in without
            ),
            key=lambda each: each.__name__,
        )
        self._kinds = [each for each in self._kinds if each not in made_up_rosters.ENTAILED]
        self._hints = {each: get_type_hints(each) for each in self._kinds}
        # Lives are long: in one system some desks are busy, in the next one others.
        desks = sorted({_desk(each) for each in self._kinds} - EVERYWHERE)
        self._busy = {*EVERYWHERE, desks[seed % len(desks)]}
        self._weights = [self._weight(each) for each in self._kinds]
        for currency in CURRENCIES:
            self.does(
                OpenFacility(
                    facility_id=self.new_id(),
                    legal_name=f"{currency} House",
                    kind=FacilityKind.HOSPITAL,
                    zone="UTC",
                    opened_on=OPENED_ON,
                    currency=currency,
                )
            )

    def lives(self, commands: int) -> HealthSystem:
        """So many commands are tried. Processes react in order, and not at once."""
        for _ in range(commands):
            if self._unseen and self.random.random() < 0.6:
                self.reacts()
            (kind,) = self.random.choices(self._kinds, self._weights)
            for each in self._tried(kind):
                if self._tries(each):
                    break
            if kind is DraftRoster:
                latest = (*self.all("roster"),)[-1:]
                for each in made_up_rosters.BUSY if latest else ():
                    of_the_roster = DECISIONS[each][0].name == "roster"
                    self._tries(each, latest if of_the_roster else ())
        return self

    def reacts(self) -> None:
        """The processes see the first event that they have not seen yet."""
        event = self._unseen.popleft()
        for process in self._processes:
            for command in process.commands(event):
                self._told(process, event, command)

    def settles(self) -> HealthSystem:
        """The processes see everything that has happened, and what follows from it."""
        while self._unseen:
            self.reacts()
        return self

    def _lots(self, item_system: str, item_code: str, _position: int) -> list[KnownLot]:
        return [
            KnownLot(facility_id=item.facility_id, stock_item_id=stock_item_id, lot=lot)
            for stock_item_id, item in self.all("stock_item").items()
            if (item.item_system, item.item_code) == (item_system, item_code)
            for lot in item.lots
        ]

    def _recalls(self, item_system: str, item_code: str, position: int) -> list[RecallIssued]:
        return [
            event.fact
            for event in self.events
            if isinstance(event.fact, RecallIssued)
            and (event.fact.item_system, event.fact.item_code) == (item_system, item_code)
            and event.position <= position
            and self.states[event.stream_id][1].status == "in_force"
        ]

    def _told(self, process: Process, event: Recorded[Any], command: Command) -> None:
        try:
            self._decide_or_undo(command)
        except Refused as refusal:
            for instead in process.instead(event, command, refusal):
                self._told(process, event, instead)

    def _tries(self, kind: type[Command], among: tuple[UUID, ...] = ()) -> bool:
        made = self._made_up(kind, among)
        return made is not None and self.does(made)

    def _tried(self, kind: type[Command]) -> list[type[Command]]:
        """A kind of command, and those of the same eager aggregate that are tried after it."""
        name = DECISIONS[kind][0].name
        if name not in EAGER:
            return [kind]
        others = [
            each
            for each in self._kinds
            if DECISIONS[each][0].name == name
            and (each is kind or each.__name__ not in SELDOM or self.random.random() < 0.02)
        ]
        chance = {each: self.random.random() ** (1 / self._weight(each)) for each in others}
        return sorted(others, key=lambda each: chance[each], reverse=True)

    def all(self, name: str) -> Mapping[UUID, Any]:
        """The states of the aggregates of this name, by stream."""
        return {
            each: state
            for each, (aggregate, state) in self.states.items()
            if aggregate.name == name
        }

    def does(self, command: Command) -> bool:
        """Decide on a command, and record what is decided; nothing where it is refused. Answers
        whether something happened."""
        written = len(self.events)
        try:
            self._decide_or_undo(command)
        except Refused:
            return False
        return len(self.events) > written

    def _decide_or_undo(self, command: Command) -> None:
        before = dict(self.states), dict(self._standings), dict(self._reserved), len(self.events)
        envelopes = self._envelopes.mark()
        try:
            self._decide(command)
        except Refused:
            self.states, self._standings, self._reserved, written = before
            del self.events[written:]
            self._envelopes.back_to(envelopes)
            raise
        seen = {each for process in self._processes for each in process.facts}
        self._unseen += [each for each in self.events[before[3] :] if each.fact.name in seen]

    def _decide(self, command: Command) -> None:
        aggregate, decide = DECISIONS[type(command)]
        stream_id: UUID = getattr(command, command.stream)
        _known, state = self.states.get(stream_id, (aggregate, aggregate.initial))
        now = NOW + LATER.get(command.name, timedelta())
        decided = tuple(
            decide(state, command, Circumstances(now, self._standings, self._somebody()))
        )
        for each in decided:
            match each:
                case Reserve():
                    key = each.kind, each.value
                    if self._reserved.setdefault(key, stream_id) != stream_id:
                        raise Refused(each.code, "It is taken.")
                case Release():
                    self._reserved.pop((each.kind, each.value), None)
                case Fact():
                    self.events.append(self._envelopes.around(each))
                    state = state.evolve(each)
                case Entail():
                    pass
        if decided:
            self.states[stream_id] = (aggregate, state)
            if aggregate.standing is not None:
                self._standings[stream_id] = aggregate.standing(state, stream_id)
        for each in decided:
            if isinstance(each, Entail):
                self._decide(each.command)

    def _somebody(self) -> str:
        """Who gives the next command: another one than who gave the last."""
        return f"clerk {len(self.events) % 5}"

    def new_id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    # --- making commands up ---------------------------------------------------------------------

    def _weight(self, kind: type[Command]) -> int:
        often = OFTEN.get(DECISIONS[kind][0].name, 2) * (BUSY if _desk(kind) in self._busy else 1)
        return 24 * often // SELDOM.get(kind.__name__, 1)

    def _made_up(self, kind: type[Command], among: tuple[UUID, ...] = ()) -> Command | None:
        name = DECISIONS[kind][0].name
        there = list(among) or list(self.all(name))
        chosen: dict[str, Any] = {}
        if kind.derived and not made_up_rosters.chooses_who(kind):
            chosen = personal_files.whose(self, self._hints[kind])
        elif kind.derived:
            pass
        elif kind.creates:
            if len(there) >= AT_MOST.get(name, 8) or (name in EAGER and self.random.random() < 0.8):
                return None
            chosen[kind.stream] = self.new_id()
        elif there:
            # Of those whose lives are long, the last few go on living.
            chosen[kind.stream] = self.random.choice(there[-2:] if name in EAGER else there)
        else:
            return None
        hints, self._deciding = self._hints[kind], kind
        if kind is AgreeContractTerms:
            payer_id = self._referred_to("payer_id", chosen)
            chosen = {"payer_id": payer_id, "contract_id": contract_of(payer_id)}
        if kind is AuthorizeClaim:
            of_claim = self.states[chosen[kind.stream]][1]
            whose = (of_claim.patient_id, of_claim.payer_id, of_claim.facility_id)
            there = [
                each
                for each, of in self.all("prior_authorization").items()
                if (of.patient_id, of.payer_id, of.facility_id) == whose
            ]
            chosen["authorization_id"] = self.random.choice(there or [NOBODY])
        if kind in (PayInstallment, CompareEstimate):
            account = self.states[chosen[kind.stream]][1]
            theirs = [
                each
                for each, of in self.all("claim").items()
                if (of.patient_id, of.facility_id) == (account.patient_id, account.facility_id)
            ]
            chosen["claim_id"] = self.random.choice(theirs or [NOBODY])
        if kind in (IssueStatement, AgreePaymentPlan, GrantAssistance):
            chosen = self._an_account()
        if kind is ClosePeriod:
            facility_id = self._referred_to("facility_id", {})
            period_id = period_of(facility_id, "2025-03")
            chosen = {"period_id": period_id, "facility_id": facility_id, "month": "2025-03"}
        for each in fields(kind):  # type: ignore[arg-type]
            if each.name not in chosen:
                chosen[each.name] = self._value(each.name, hints[each.name], chosen)
        named = {each.name for each in fields(kind)}  # type: ignore[arg-type]
        return kind(**{name: value for name, value in chosen.items() if name in named})

    def _an_account(self) -> dict[str, Any]:
        """A patient's account: of one who has a claim, where there is one."""
        claims = [(each, of) for each, of in self.all("claim").items() if of.balance > 0]
        if not claims:
            facility_id, patient_id = self._referred_to("facility_id", {}), PATIENTS[0]
            claim_id = self.new_id()
        else:
            claim_id, of = self.random.choice(claims)
            facility_id, patient_id = of.facility_id, of.patient_id
        return {
            "account_id": account_of(facility_id, patient_id),
            "facility_id": facility_id,
            "patient_id": patient_id,
            "claim_id": claim_id,
            "claims": (claim_id,),
            "first_due_on": NOW.date() - timedelta(days=10),
            "agreed_on": NOW.date() - timedelta(days=20),
        }

    def _value(self, name: str, hint: Any, chosen: Mapping[str, Any]) -> Any:
        random = self.random
        rostered = made_up_rosters.made_up(self._deciding, random, name, hint, chosen, self.all)
        if rostered is not None:
            return rostered
        made_up = personal_files.made_up(self, self._deciding, name, hint, chosen)
        if made_up is not None:
            return made_up
        if get_origin(hint) in (Union, UnionType):
            if random.random() < SELDOM_TOLD.get(name, 0.4):
                return None
            (hint,) = [each for each in get_args(hint) if each is not NoneType]
        if name == "packs":
            return (Pack(unit="box", quantity=10, gtin=random.choice(GTINS)),)
        if name == "substitutes":
            return tuple(random.sample([*self.all("catalog_item")], 1))
        if hint == tuple[UUID, ...]:
            there = list(self.all("facility"))
            return tuple(random.sample(there, random.randrange(3)))
        if get_origin(hint) is tuple and get_args(hint)[0] is LotReceived:
            return self._arrivals(chosen)
        if get_origin(hint) is tuple:
            part = get_args(hint)[0]
            if part is Code:
                return (Code(system="ICD-10-CM", value="J45"),)
            return (self._value(name, part, chosen),) if part in MADE_UP_IN_LISTS else ()
        if hint is UUID:
            return self._referred_to(name, chosen)
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
            claim = self.states.get(chosen.get("claim_id", UUID(int=0)), (None, None))[1]
            return made_up_remitted(random, claim)
        if hint is Code:
            return Code(system="CPT", value="99213")
        if is_dataclass(hint):
            inner = get_type_hints(hint)
            made: Any = hint
            return made(**{part: self._value(part, inner[part], chosen) for part in inner})
        assert issubclass(hint, StrEnum), f"nothing to make up for {name}: {hint}"
        return random.choice(list(hint))

    def _referred_to(self, name: str, chosen: Mapping[str, Any]) -> UUID:
        """One of those the field can mean, or someone unknown: patients and encounters are."""
        if name == "reservation_id" and "stock_item_id" in chosen and self.random.random() < 0.7:
            held = [each for each, _ in self.states[chosen["stock_item_id"]][1].reservations]
            return self.random.choice(held) if held else self.new_id()
        if name == "stock_item_id" and (lines := self._lines_of(chosen) or self._kept(chosen)):
            return self.random.choice(lines)
        if name in SEEN_BY and self.all("staff_member"):
            return self.random.choice(list(self.all("staff_member")))
        if name == "from_facility_id":
            return self.random.choice(self._having(chosen["facility_id"]))
        if name == "patient_id":
            return self.random.choice(PATIENTS)
        for kind in REFERRED_TO:
            if kind in name:
                there = self.all(CALLED.get(kind, kind))
                within = self.facility_of(chosen)
                if kind in ("department", "stock_item") and within is not None:
                    there = {each: of for each, of in there.items() if of.facility_id == within}
                return self.random.choice(list(there)) if there else self.new_id()
        return self.new_id()

    def _lines_of(self, chosen: Mapping[str, Any]) -> list[UUID]:
        """The items of the order or requisition that a command is mostly about."""
        states = [self.states[each][1] for each in chosen.values() if each in self.states]
        lines = [each for state in states for each in getattr(state, "lines", ())]
        return [each for each in lines if isinstance(each, UUID) and self.random.random() < 0.8]

    def _having(self, facility_id: UUID) -> list[UUID]:
        """The facilities that have some of what a facility keeps; where there are none, all."""
        kept = self.all("stock_item").values()
        here = {of.item_code for of in kept if of.facility_id == facility_id}
        have = [of.facility_id for of in kept if of.available and of.item_code in here]
        others = [each for each in have if each != facility_id]
        return others or [each for each in self.all("facility") if each != facility_id]

    def _kept(self, chosen: Mapping[str, Any]) -> list[UUID]:
        """The items at a facility that a transfer can be about: those that both sides keep."""
        its_id = chosen.get("transfer_id") or chosen.get("from_facility_id")
        if its_id is None:
            return []
        kept = self.all("stock_item")
        there = {of.item_code for of in kept.values() if of.facility_id == its_id and of.available}
        there |= {getattr(self.states[its_id][1], "item_code", "")}
        here = self.facility_of(chosen)
        return [
            each for each, of in kept.items() if of.facility_id == here and of.item_code in there
        ]

    def _under_control(self, chosen: Mapping[str, Any]) -> UUID:
        """The stock item of a controlled substance's register."""
        return UUID(str(self.states[chosen["register_id"]][1].stock_item_id))

    def _arrivals(self, chosen: Mapping[str, Any]) -> tuple[LotReceived, ...]:
        """What comes of a transfer: all of it, or some of it fit and some damaged."""
        state = self.states[chosen["inbound_transfer_id"]][1]
        return tuple(
            LotReceived(lot=each, fit=self.random.randint(0, of.quantity), damaged=0)
            for each, of in state.lots.items()
            if self.random.random() < 0.5
        )

    def facility_of(self, chosen: Mapping[str, Any]) -> UUID | None:
        """Where a command is about to happen."""
        if "facility_id" in chosen:
            return UUID(str(chosen["facility_id"]))
        states = [self.states[each][1] for each in chosen.values() if each in self.states]
        return states[0].facility_id if states else None

    def _amount(self, chosen: Mapping[str, Any]) -> Decimal:
        state = self.states.get(chosen.get("claim_id", NOBODY), (None, None))[1]
        currency = state.currency if state is not None else "USD"
        if state is not None and state.balance > 0 and self.random.random() < 0.3:
            return Decimal(state.balance)
        return Decimal(decimal_text(self.random.choice((0, 1, 1050, 9999, 12_345)), currency))

    def _number(self, name: str, chosen: Mapping[str, Any]) -> int:
        if name in ("retention_years", "unsealed"):
            return {"retention_years": 6}.get(name, 0)
        if name == "quantity" and self._deciding is transfer_sending.ApproveTransfer:
            asked = self.states[chosen["transfer_id"]][1].quantity
            kept = self.states.get(chosen["stock_item_id"], (None, None))[1]
            return int(max(1, min(asked, 0 if kept is None else kept.available)))
        if name == "quantity" and self._deciding is transfer_case.ResolveDiscrepancy:
            lots = self.states[chosen["transfer_id"]][1].lots.values()
            return int(min((each.unresolved for each in lots), default=1))
        order = self.states.get(chosen.get("purchase_order_id", UUID(int=0)), (None, None))[1]
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
            "adjudication": (1, 2),
        }.get(name, (0, 30))
        return self.random.randint(least, most)

    def _text(self, name: str, chosen: Mapping[str, Any]) -> str:
        random = self.random
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
                return str(random.choice([*self.states[chosen["transfer_id"]][1].lots, ""]))
            case "unspsc":
                return "51142005"
            case "gtin":
                return random.choice(GTINS)
            case "item_code" | "code" if DECISIONS[self._deciding][0].name == "catalog_item":
                return random.choice(ITEM_CODES[chosen.get("item_system") or chosen["system"]])
            case "item_code":
                return random.choice(GTINS[:2])
            case "lot":
                kept = chosen.get("stock_item_id") or self._under_control(chosen)
                _stock_item, state = self.states.get(kept, (None, None))
                tracked = state is not None and state.lot_tracked
                return random.choice(("L1", "L2", "L3")) if tracked else ""
            case "period":
                return random.choice(("2026-02", "2026-03"))
            case "number" if self._deciding is recall.IssueRecall:
                return f"Z-{random.randrange(10_000)}"
            case "order_number":
                return f"PO-{random.randrange(10_000)}"
            case _:
                return f"{name} {random.choice('AB')}"


for limits, others in (
    (AT_MOST, made_up_rosters.AT_MOST),
    (OFTEN, made_up_rosters.OFTEN),
    (SELDOM, made_up_rosters.SELDOM),
):
    limits.update(others)

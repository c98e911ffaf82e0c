"""Payment posting: a remittance that was read whole is posted, claim by claim and once.

A numbered procedure for one transaction:

1. Find the facility that is paid and the payer (`parties`).
2. Receive the remittance under an id that is made of the payer, its trace number, its amount and
   the payee, so that it is the same in whatever file it comes. One that says something else under
   the same id is received under another, and quarantined. One that is posted already, and one that
   is held in quarantine as a whole, ends here.
3. Match each claim: by our control number at the facility, then by asking for it elsewhere, then by
   the payer's number. Post its decision; or open it first, where that was asked for.
4. Where that is refused, quarantine the claim under the rule. Nothing of it is posted then.
5. Say that every claim has found its place.

What was interrupted goes on where it was when the same file is given again: a claim knows the
places it was posted from, and a remittance the places it keeps in quarantine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import chain, islice
from uuid import UUID

from domain import rules
from domain.kernel import Command, Refused, foreign_id
from domain.revenue.adjudication import AdjudicateClaim, OpenRemittedClaim
from domain.revenue.events.remittance import ProviderAdjustment, RemittedClaim
from domain.revenue.quarantine import QuarantineRemittedClaim
from domain.revenue.remittance import CompleteRemittance, ReceiveRemittance, Remittance, remittance
from facilities.exchange.lanes import Lanes
from facilities.exchange.parcels import Counted
from facilities.exchange.x12.matching import Find, Numbers, nowhere
from facilities.exchange.x12.parties import Parties, holders
from facilities.exchange.x12.remittance_reader import Payment
from facilities.exchange.x12.report import Figures, Quarantined
from facilities.scope import Actor
from facilities.service import Answer, Context, Outcome, Service, new_id

CLAIMS_AT_ONCE = 150
"""How many claims are posted in one append: about a thousand facts."""


@dataclass(slots=True)
class Read:
    """What was read of a transaction, before anything of it is posted."""

    file: str
    transaction: str
    payment: Payment = field(default_factory=Payment)
    claims: int = 0
    billed: Decimal = Decimal("0.00")
    paid: Decimal = Decimal("0.00")
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()
    content: str = ""

    def quarantined(
        self, claim: str | None, rule: str, found: object, expected: object
    ) -> Quarantined:
        return Quarantined(
            file=self.file,
            transaction=self.transaction,
            claim=claim,
            rule=rule,
            found=str(found),
            expected=str(expected),
        )


class RemittanceDesk:
    """Posts what was read."""

    def __init__(
        self,
        service: Service,
        ledger: Counted,
        actor: Actor,
        *,
        facility_id: UUID | None = None,
        open_unknown: bool = False,
        find: Find = nowhere,
    ) -> None:
        self._service, self._ledger, self._actor = ledger.serve(service), ledger, actor
        self._opens, self._find, self._run = open_unknown, find, new_id()
        self._source = "x12"
        self._parties = Parties(ledger.load, self._does, facility_id, open_unknown=open_unknown)

    def post(self, read: Read, claims: Iterator[RemittedClaim], figures: Figures) -> None:
        """Post a transaction; the figures are told what is posted and what is in quarantine."""
        self._source = f"x12:{read.file}:{read.transaction}"
        day = self._day(read.payment)
        facility_id = self._parties.facility(read.payment.payee, day)
        if facility_id is None:
            payee = read.payment.payee
            found, expected = payee.npi or payee.name, "a facility of ours"
            figures.quarantined.append(
                read.quarantined(None, "remittance.payee_unknown", found, expected)
            )
            return
        remittance_id, state, refused = self._received(read, facility_id, day)
        if refused is not None:
            figures.quarantined.append(read.quarantined(None, *_told(refused)))
            return
        if state.held is None and not state.posted:
            figures.quarantined += self._posted(remittance_id, state, claims, read)
            self._does(CompleteRemittance(remittance_id=remittance_id))
            state = self._state(remittance_id)
        figures.posted_claims += state.posted_claims
        if state.held is not None:
            held = state.held
            figures.quarantined.append(read.quarantined(None, held.rule, held.found, held.expected))
        for kept in state.quarantine.values():
            number = kept.remitted.control_number
            figures.quarantined.append(
                read.quarantined(number, kept.rule, kept.found, kept.expected)
            )

    # --- the remittance --------------------------------------------------------------------------

    def _received(
        self, read: Read, facility_id: UUID, day: date
    ) -> tuple[UUID, Remittance, Answer | None]:
        payment = read.payment
        payer = (payment.originator, *payment.payer.identifiers, payment.payer.name)[0]
        payee = (*payment.payee.identifiers, payment.payee.name)[0]
        known_by = (payer, payment.trace_number, f"{payment.amount:.2f}", payee)
        remittance_id, known_as = foreign_id("x12/835", *known_by), None
        state = self._state(remittance_id)
        if state.received and state.content != read.content:
            known_as = remittance_id
            remittance_id = foreign_id("x12/835", *known_by, read.content)
            state = self._state(remittance_id)
        if state.received:
            return remittance_id, state, None
        receiving = ReceiveRemittance(
            remittance_id=remittance_id,
            facility_id=facility_id,
            payer_id=self._parties.payer(payment),
            payer_name=payment.payer.name or "(unnamed payer)",
            trace_number=payment.trace_number,
            payment=payment.amount,
            method=payment.method,
            billed=read.billed,
            paid=read.paid,
            claims=read.claims,
            provider_adjustments=read.provider_adjustments,
            content=read.content,
            known_as=known_as,
            paid_on=day,
        )
        (answer,) = self._all([receiving])
        refused = None if isinstance(answer, Outcome) else answer
        return remittance_id, self._state(remittance_id), refused

    def _day(self, payment: Payment) -> date:
        """The day of a payment: the first it may be of that is one and has come; else today."""
        now = self._service.now()
        latest = (now + timedelta(hours=14)).date()
        told = (each for each in payment.days if rules.EARLIEST <= each <= latest)
        return next(told, now.date())

    def _state(self, remittance_id: UUID) -> Remittance:
        stored = self._ledger.load([remittance_id]).get(remittance_id, ())
        return remittance.fold(each.fact for each in stored)

    # --- its claims ------------------------------------------------------------------------------

    def _posted(
        self, remittance_id: UUID, state: Remittance, claims: Iterator[RemittedClaim], read: Read
    ) -> list[Quarantined]:
        """Post all claims, while the next are read. Those that are called alike keep their order.

        Returns what could not even be kept in quarantine.
        """
        places = enumerate(claims, 1)
        with Lanes[list[Quarantined]]() as lanes:
            while batch := list(islice(places, CLAIMS_AT_ONCE)):
                called = {each for _, remitted in batch for each in _numbers(remitted) if each}
                lanes.give(partial(self._post, remittance_id, state, batch, read), called)
            return [*chain.from_iterable(lanes.finished())]

    def _post(
        self,
        remittance_id: UUID,
        state: Remittance,
        batch: Sequence[tuple[int, RemittedClaim]],
        read: Read,
    ) -> list[Quarantined]:
        """Post some claims; what is refused is kept in quarantine.

        Returns what could not even be kept there.
        """
        assert state.facility_id is not None, "a remittance that was received is somewhere"
        known = self._known(state.facility_id, [each for _, each in batch])
        commands: list[Command] = []
        for place, remitted in batch:
            if place in state.places:
                continue
            number = remitted.control_number
            if number not in known:
                if not self._opens:
                    commands.append(_unknown(remittance_id, place, remitted))
                    continue
                known[number] = foreign_id("x12/claim", state.facility_id, number)
                commands.append(self._opening(remittance_id, state, place, remitted, known[number]))
                continue
            commands.append(
                AdjudicateClaim(
                    claim_id=known[number],
                    remittance_id=remittance_id,
                    place=place,
                    remitted=remitted,
                    adjudicated_on=state.paid_on,
                    method=state.method,
                    reference=state.trace_number,
                )
            )
        kept = [
            _kept(command, answer)
            for command, answer in zip(commands, self._all(commands), strict=True)
            if not isinstance(answer, Outcome)
        ]
        return [
            read.quarantined(each.remitted.control_number, each.rule, each.found, each.expected)
            for each, answer in zip(kept, self._all(kept), strict=True)
            if not isinstance(answer, Outcome)
        ]

    def _known(self, facility_id: UUID, claims: Sequence[RemittedClaim]) -> dict[str, UUID]:
        """The claims that are there, by our control numbers: at the facility, else elsewhere."""
        keys = {each.control_number: f"{facility_id}/{each.control_number}" for each in claims}
        held = holders(self._ledger.load, "claim_control_number", keys.values())
        known = {number: held[key] for number, key in keys.items() if key in held}
        elsewhere = [_numbers(each) for each in claims if each.control_number not in known]
        found: Mapping[Numbers, UUID] = self._find(elsewhere) if elsewhere else {}
        for numbers in elsewhere:
            if numbers in found:
                known.setdefault(numbers.ours, found[numbers])
        return known

    def _opening(
        self,
        remittance_id: UUID,
        state: Remittance,
        place: int,
        remitted: RemittedClaim,
        claim_id: UUID,
    ) -> OpenRemittedClaim:
        assert state.facility_id is not None
        assert state.payer_id is not None, "with open_unknown every payer is known"
        person = (state.payer_id, remitted.member_number) if remitted.member_number else (claim_id,)
        return OpenRemittedClaim(
            claim_id=claim_id,
            facility_id=state.facility_id,
            payer_id=state.payer_id,
            patient_id=foreign_id("x12/patient", *person),
            remittance_id=remittance_id,
            place=place,
            remitted=remitted,
            adjudicated_on=state.paid_on,
            method=state.method,
            reference=state.trace_number,
        )

    # --- sending ---------------------------------------------------------------------------------

    def _does(self, command: Command) -> bool:
        (answer,) = self._all([command])
        return isinstance(answer, Outcome)

    def _all(self, commands: Iterable[Command]) -> list[Answer]:
        return self._service.execute_all(
            [
                (
                    each,
                    Context(actor=self._actor, correlation_id=self._run, source=self._source[:200]),
                )
                for each in commands
            ]
        )


def _numbers(remitted: RemittedClaim) -> Numbers:
    return Numbers(remitted.control_number, remitted.payer_control_number)


def _unknown(remittance_id: UUID, place: int, remitted: RemittedClaim) -> QuarantineRemittedClaim:
    return QuarantineRemittedClaim(
        remittance_id=remittance_id,
        place=place,
        remitted=remitted,
        rule="remittance.claim_unknown",
        found=remitted.control_number,
        expected="the control number of a claim of ours, or the payer's",
    )


def _kept(command: Command, answer: Answer) -> QuarantineRemittedClaim:
    """What is kept of a claim whose posting was refused."""
    assert isinstance(command, AdjudicateClaim | OpenRemittedClaim | QuarantineRemittedClaim)
    rule, found, expected = _told(answer)
    return QuarantineRemittedClaim(
        remittance_id=command.remittance_id,
        place=command.place,
        remitted=command.remitted,
        rule=rule,
        found=found[:200],
        expected=expected[:200],
    )


def _told(answer: Answer) -> tuple[str, str, str]:
    """The rule that was broken, what was found, and what is expected."""
    if isinstance(answer, Refused):
        details = answer.details
        found = details.get("found", details.get("value", ""))
        return answer.code, str(found), str(details.get("expected", details.get("rule", answer)))
    return "remittance.not_posted", "", str(answer)

"""How a claim of Synthea's is posted: one claim and its transactions become commands, in order.

The order of the file is the order of the claim's ledger. A numbered procedure:

1. The claim is drafted at its place of service; its control number is their id of it.
2. A CHARGE adds a line. Whoever its TRANSFERTYPE names owes it.
3. Any other row is about the latest line of its claim with the row's PROCEDURECODE; a row without
   such a line is bad.
4. A PAYMENT is by whoever owes the line now, a copay by the patient.
5. A TRANSFEROUT waits for the TRANSFERIN whose TRANSFEROUTID is its CHARGEID; then both are one
   transfer, from whoever owes the line now. A half without the other is bad, as are halves of two
   claims, two lines or two amounts.
6. An adjustment is contractual (group CO, reason 45: more than the fee arrangement allows): Synthea
   knows no other. It is borne by whoever owes the line.
7. The claim is submitted before the first of its entries that only a sent claim can have: anything
   but a charge or a copay. It is sent to its payer, or to the patient where nobody insures them.
8. It is closed when every status it has is CLOSED.

Days are those at the facility. A charge and a copay are of FROMDATE, the day of service. Of
money that comes later the file does not tell the day: it is of the day the claim was last billed
(LASTBILLEDDATE1), or of FROMDATE where that is later. A claim is closed on the last of its days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.kernel import Command
from domain.revenue.drafting import ChargeClaim, DraftClaim
from domain.revenue.events.claim import AdjustmentGroup, Code, Party, PaymentMethod
from domain.revenue.posting import AdjustClaim, PayClaim, TransferClaim
from domain.revenue.submission import CloseClaim, SubmitClaim
from facilities.exchange.codes import SNOMED
from facilities.exchange.parcels import Draft, Letter, Need, Place, Sender, Thing
from facilities.exchange.synthea_claims import PARTIES, Bill, Transaction
from facilities.exchange.tables import BadRow

CONTRACTUAL = "45"
"""X12 code list 139: charge exceeds fee schedule, maximum allowable or contracted arrangement."""


@dataclass(slots=True)
class _Line:
    """A line of the claim, and who owes what is left of it."""

    number: int
    owed_by: Party


class Posting:
    """Writes the letters of one claim."""

    def __init__(self, bill: Bill, organization: str, zone: ZoneInfo, sender: Sender) -> None:
        self._bill, self._zone, self._sender = bill, zone, sender
        self._organization = organization
        self._claim_id = sender.stream("claim", bill.id)
        self._letters: list[Letter] = []
        self._lines: dict[str, _Line] = {}
        self._line_count = 0
        self._going_out: dict[str, Transaction] = {}
        self._taken_in: dict[str, Transaction] = {}
        self._submitted = False
        self._last_day = bill.service_at.astimezone(zone).date()

    def letters(self) -> list[Letter]:
        """All of the claim's commands. Raises BadRow for the row that keeps the claim out."""
        bill = self._bill
        self._draft(bill)
        for each in bill.transactions:
            if each.place_of_service != self._organization:
                rule = "must be where the first row of its claim is"
                raise each.bad(rule, "PLACEOFSERVICE", each.place_of_service)
            match each.type:
                case "CHARGE":
                    self._charge(each)
                case "PAYMENT":
                    self._pay(each)
                case "TRANSFEROUT":
                    self._line(each)
                    self._going_out[each.charge_id] = each
                case "TRANSFERIN":
                    self._transfer(each)
                case _:
                    self._adjust(each, each.amount)
            self._adjust(each, each.adjustment)
        for each in self._going_out.values():
            raise each.bad("no TRANSFERIN of its claim takes it in", "CHARGEID", each.charge_id)
        self._submit()
        if bill.closed:
            close = CloseClaim(claim_id=self._claim_id, closed_on=self._last_day)
            self._write(close, "close", bill.id, bill.place)
        return self._letters

    def _draft(self, bill: Bill) -> None:
        command = DraftClaim(
            claim_id=self._claim_id,
            facility_id=self._sender.stream("organization", self._organization),
            patient_id=self._sender.stream("patient", bill.patient),
            service_on=self._last_day,
            payer_id=self._named("payer", bill.payer),
            secondary_payer_id=self._named("payer", bill.secondary_payer),
            department_id=self._department(bill.department),
            rendering_staff_id=self._named("provider", bill.provider),
            claim_type=bill.type,
            control_number=bill.id,
            diagnoses=tuple(Code(system=SNOMED, value=each) for each in bill.diagnoses if each),
        )
        self._write(command, "draft", bill.id, bill.place)

    def _charge(self, row: Transaction) -> None:
        party = self._party(row)
        self._line_count += 1
        self._lines[row.procedure.value] = _Line(self._line_count, party)
        command = ChargeClaim(
            claim_id=self._claim_id,
            procedure=row.procedure,
            unit_amount=row.unit_amount,
            service_on=self._seen(row.began_at),
            units=row.units,
            description=row.description,
            modifiers=row.modifiers,
            diagnosis_pointers=self._pointers(row),
            owed_by=party,
            department_id=self._department(row.department),
            rendering_staff_id=self._named("provider", row.provider),
        )
        self._write(command, "charge", row.id, row.place)

    def _pay(self, row: Transaction) -> None:
        line, method = self._line(row), row.method or PaymentMethod.CASH
        copay = method is PaymentMethod.COPAY
        if not copay:
            self._submit()
        command = PayClaim(
            claim_id=self._claim_id,
            amount=row.amount,
            paid_by=Party.PATIENT if copay else line.owed_by,
            method=method,
            received_on=self._seen(row.began_at) if copay else self._later(row),
            line=line.number,
        )
        self._write(command, "payment", row.id, row.place)

    def _adjust(self, row: Transaction, amount: Decimal) -> None:
        if not amount:
            return
        line = self._line(row)
        self._submit()
        command = AdjustClaim(
            claim_id=self._claim_id,
            amount=amount,
            group=AdjustmentGroup.CONTRACTUAL_OBLIGATION,
            reason_code=CONTRACTUAL,
            adjusted_on=self._later(row),
            borne_by=line.owed_by,
            line=line.number,
        )
        self._write(command, "adjustment", row.id, row.place)

    def _transfer(self, row: Transaction) -> None:
        line = self._line(row)
        out = self._other_half(row)
        self._submit()
        to_party = self._party(row)
        if to_party is line.owed_by:
            raise row.bad("must not be who owes the line already", "TRANSFERTYPE", row.party)
        command = TransferClaim(
            claim_id=self._claim_id,
            amount=row.amount,
            from_party=line.owed_by,
            to_party=to_party,
            transferred_on=max(self._later(row), self._later(out)),
            line=line.number,
        )
        line.owed_by = to_party
        self._write(command, "transfer", row.id, row.place)

    def _other_half(self, row: Transaction) -> Transaction:
        out = self._going_out.pop(row.transfer_out, None)
        if out is None:
            rule = "names no TRANSFEROUT that comes before it in its claim"
            if taken := self._taken_in.get(row.transfer_out):
                rule = f"was taken in by line {taken.place.line} already"
            raise row.bad(rule, "TRANSFEROUTID", row.transfer_out)
        self._taken_in[row.transfer_out] = row
        if out.amount != row.amount:
            rule = f"must be what line {out.place.line} transfers out ({out.amount})"
            raise row.bad(rule, "TRANSFERS", row.amount)
        if out.procedure != row.procedure:
            rule = f"must be that of its TRANSFEROUT in line {out.place.line}"
            raise row.bad(rule, "PROCEDURECODE", row.procedure.value)
        return out

    def _submit(self) -> None:
        """Send the claim, once, where it was ever billed and there is something to send."""
        bill = self._bill
        if self._submitted or bill.billed_at is None or not self._line_count:
            return
        self._submitted = True
        command = SubmitClaim(
            claim_id=self._claim_id,
            submitted_on=self._seen(bill.billed_at),
            submitted_to=Party.PATIENT if bill.payer is None else Party.PAYER,
        )
        self._write(command, "submission", bill.id, bill.place)

    # --- what the rows leave to be found ---------------------------------------------------------

    def _line(self, row: Transaction) -> _Line:
        line = self._lines.get(row.procedure.value)
        if line is None:
            rule = "names no CHARGE that comes before it in its claim"
            raise row.bad(rule, "PROCEDURECODE", row.procedure.value)
        return line

    def _party(self, row: Transaction) -> Party:
        party = PARTIES[row.party]
        if party is Party.SECONDARY_PAYER and self._bill.secondary_payer is None:
            raise row.bad("its claim has no secondary payer", "TRANSFERTYPE", row.party)
        return party

    def _pointers(self, row: Transaction) -> tuple[int, ...]:
        """Places among the claim's diagnoses, of which the empty ones are left out."""
        diagnoses = self._bill.diagnoses
        for number in row.pointers:
            if not diagnoses[number - 1]:
                rule = "must be the number of one of its claim's diagnoses"
                raise row.bad(rule, "DIAGNOSISREF1", number)
        return tuple(sum(map(bool, diagnoses[:number])) for number in row.pointers)

    def _named(self, kind: str, their_id: str | None) -> UUID | None:
        return None if their_id is None else self._sender.stream(kind, their_id)

    def _department(self, code: str | None) -> UUID | None:
        if code is None:
            return None
        return self._sender.stream("department", self._organization, code)

    def _seen(self, instant: datetime) -> date:
        """The day an instant was at the facility; the claim lasts at least until then."""
        day = instant.astimezone(self._zone).date()
        self._last_day = max(self._last_day, day)
        return day

    def _later(self, row: Transaction) -> date:
        """The day of money that comes after the claim was sent."""
        return self._seen(max(row.began_at, self._bill.billed_at or row.began_at))

    def _write(self, command: Command, what: str, their_id: str, place: Place) -> None:
        self._letters.append(self._sender.letter(command, what, their_id, place))


# --- what is posted ----------------------------------------------------------------------------


def claim_draft(
    bill: Bill, organization: str | None, zones: Mapping[str, ZoneInfo], sender: Sender
) -> Draft:
    """A claim that is to be posted, and what has to be there for it."""

    def write() -> list[Letter]:
        if organization is None:
            rule = "nothing on file tells at which organization it was"
            raise BadRow(bill.place.rejected(rule, "Id", bill.id))
        return Posting(bill, organization, zones[organization], sender).letters()

    claim_id = sender.stream("claim", bill.id)
    return Draft(("claim", bill.id), claim_id, bill.place, write, _needs(bill, organization))


def _needs(bill: Bill, organization: str | None) -> list[Need]:
    """Whatever the claim's rows name, once each, and where it is named first."""
    needs: dict[Thing, Need] = {}

    def need(kind: str, name: str | None, place: Place, column: str) -> None:
        if name is not None:
            needs.setdefault((kind, name), Need((kind, name), place, column))

    for each in bill.transactions[:1]:
        need("organization", organization, each.place, "PLACEOFSERVICE")
    need("organization", organization, bill.place, "PROVIDERID")
    need("payer", bill.payer, bill.place, "PRIMARYPATIENTINSURANCEID")
    need("payer", bill.secondary_payer, bill.place, "SECONDARYPATIENTINSURANCEID")
    rows: list[Bill | Transaction] = [bill, *bill.transactions]
    for row in rows:
        need("provider", row.provider, row.place, "PROVIDERID")
        if row.department is not None:
            need("department", f"{organization}/{row.department}", row.place, "DEPARTMENTID")
    return list(needs.values())

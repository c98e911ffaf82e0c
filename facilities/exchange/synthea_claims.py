"""Synthea's claims.csv and claims_transactions.csv, row by row.

What a transaction row says depends on its TYPE:

| TYPE        | its amount  | tells                                               |
|-------------|-------------|-----------------------------------------------------|
| CHARGE      | AMOUNT      | a line: UNITS times UNITAMOUNT, asked of TRANSFERTYPE |
| PAYMENT     | PAYMENTS    | money that came in by METHOD                        |
| ADJUSTMENT  | ADJUSTMENTS | what is no longer asked for                         |
| TRANSFEROUT | TRANSFERS   | one half of a transfer, named by its CHARGEID       |
| TRANSFERIN  | TRANSFERS   | the other half (TRANSFEROUTID), to TRANSFERTYPE     |

ADJUSTMENTS may stand in any row. Money in a column that is not the row's own is refused rather than
passed over. OUTSTANDING is not read: the ledger knows what is outstanding. TODATE is only checked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from domain.revenue.events.claim import ClaimType, Code, Party, PaymentMethod
from facilities.exchange.codes import coded
from facilities.exchange.parcels import Place
from facilities.exchange.reading import Reading, place_of
from facilities.exchange.report import Rejected
from facilities.exchange.tables import BadRow, Row

CURRENCY = "USD"
ZERO = Decimal(0)
PRIVATE = frozenset({"NOTES"})
NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands where a TODATE is missing."""

DIAGNOSES = tuple(f"DIAGNOSIS{number}" for number in range(1, 9))
POINTERS = tuple(f"DIAGNOSISREF{number}" for number in range(1, 5))
STATUSES = ("STATUS1", "STATUS2", "STATUSP")

CLAIM_COLUMNS = (
    *("Id", "PATIENTID", "PROVIDERID", "PRIMARYPATIENTINSURANCEID", "SECONDARYPATIENTINSURANCEID"),
    *("DEPARTMENTID", "SERVICEDATE", "LASTBILLEDDATE1", "LASTBILLEDDATEP"),
    *("HEALTHCARECLAIMTYPEID1", *DIAGNOSES, *STATUSES),
)
TRANSACTION_COLUMNS = (
    *("ID", "CLAIMID", "CHARGEID", "PATIENTID", "TYPE", "METHOD", "FROMDATE", "TODATE"),
    *("PLACEOFSERVICE", "DEPARTMENTID", "PROVIDERID", "PROCEDURECODE", "NOTES", "MODIFIER1"),
    *("MODIFIER2", *POINTERS, "UNITS", "UNITAMOUNT", "TRANSFEROUTID", "TRANSFERTYPE"),
    *("AMOUNT", "PAYMENTS", "ADJUSTMENTS", "TRANSFERS"),
)

CLAIM_TYPES = {
    "": ClaimType.PROFESSIONAL,
    "0": ClaimType.PROFESSIONAL,
    "1": ClaimType.PROFESSIONAL,
    "2": ClaimType.INSTITUTIONAL,
}
PARTIES = {"1": Party.PAYER, "2": Party.SECONDARY_PAYER, "p": Party.PATIENT}
"""Who is meant by a TRANSFERTYPE."""
METHODS = {
    "CASH": PaymentMethod.CASH,
    "CC": PaymentMethod.CARD,
    "CHECK": PaymentMethod.CHECK,
    "ECHECK": PaymentMethod.ELECTRONIC,
    "COPAY": PaymentMethod.COPAY,
}
AMOUNTS = {
    "CHARGE": "AMOUNT",
    "PAYMENT": "PAYMENTS",
    "ADJUSTMENT": "ADJUSTMENTS",
    "TRANSFERIN": "TRANSFERS",
    "TRANSFEROUT": "TRANSFERS",
}
"""In which column the amount of each TYPE stands."""

_CLAIM_FIELDS = {
    "id": "Id",
    "service_on": "SERVICEDATE",
    "submitted_on": "LASTBILLEDDATE1",
    "closed_on": "LASTBILLEDDATE1",
    "diagnoses.value": "DIAGNOSIS1",
    "department_id": "DEPARTMENTID",
    "rendering_staff_id": "PROVIDERID",
    "payer_id": "PRIMARYPATIENTINSURANCEID",
    "secondary_payer_id": "SECONDARYPATIENTINSURANCEID",
    "facility_id": "PROVIDERID",
}
_TRANSACTION_FIELDS = {
    "procedure.value": "PROCEDURECODE",
    "description": "NOTES",
    "units": "UNITS",
    "unit_amount": "UNITAMOUNT",
    "modifiers": "MODIFIER1",
    "department_id": "DEPARTMENTID",
    "rendering_staff_id": "PROVIDERID",
    "facility_id": "PLACEOFSERVICE",
    "service_on": "FROMDATE",
    "received_on": "FROMDATE",
    "adjusted_on": "FROMDATE",
    "transferred_on": "FROMDATE",
    "owed_by": "TRANSFERTYPE",
    "to_party": "TRANSFERTYPE",
}
_FIELDS_OF = {each: {**_TRANSACTION_FIELDS, "amount": own} for each, own in AMOUNTS.items()}


@dataclass(frozen=True, slots=True)
class Transaction:
    """A row of claims_transactions.csv. `place_of_service` is an organization."""

    id: str
    place: Place
    charge_id: str
    type: str
    amount: Decimal
    adjustment: Decimal
    unit_amount: Decimal
    units: int
    party: str
    """The TRANSFERTYPE of a charge or a TRANSFERIN, one of `PARTIES`."""
    method: PaymentMethod | None
    transfer_out: str
    began_at: datetime
    place_of_service: str
    department: str | None
    provider: str | None
    procedure: Code
    description: str | None
    modifiers: tuple[str, ...]
    pointers: tuple[int, ...]

    def bad(self, rule: str, column: str | None = None, value: object = None) -> BadRow:
        return BadRow(self.place.rejected(rule, column, value))


@dataclass(slots=True)
class Bill:
    """A row of claims.csv with its transactions, in the order of the file."""

    id: str
    place: Place
    patient: str
    provider: str | None
    payer: str | None
    secondary_payer: str | None
    department: str | None
    diagnoses: tuple[str, ...]
    """All eight of them; empty where there is none."""
    service_at: datetime
    billed_at: datetime | None
    closed: bool
    type: ClaimType
    encounter: str | None
    transactions: list[Transaction] = field(default_factory=list)


def blamed(bills: Mapping[str, Bill], reading: Reading) -> Callable[[Row, Rejected], None]:
    """Who pays for a bad transaction: its whole claim, which is never half imported.

    1. The claim the row names is refused, and the rejection says for which row.
    2. A row that names a claim nobody knows keeps nothing else out.
    3. A row that is too damaged to tell may belong to any claim: the folder is broken.
    """

    def blame(row: Row, rejected: Rejected) -> None:
        claim_id = row.text("CLAIMID").lower()
        thing = ("claim", claim_id)
        if reading.known(*thing):
            if thing not in reading.refusals.things:
                place = bills[claim_id].place if claim_id in bills else place_of(row, {})
                rule = f"its row in line {rejected.line} of {rejected.file} was rejected"
                reading.refusals.add(place.rejected(rule, "Id", claim_id), thing)
        elif row.damaged or not row.is_uuid("CLAIMID"):
            rule = "nothing can be imported without it: it may belong to any claim"
            reading.give_up(place_of(row, {}).rejected(rule))

    return blame


def read_claim(row: Row, reading: Reading, uninsured: frozenset[str]) -> Bill:
    """A claim. Its payer is None where nobody insures the patient: empty, "0", or one of
    the payers that stand for no insurance (`uninsured`)."""
    service_at = row.instant("SERVICEDATE")
    if service_at is None:
        raise row.bad("SERVICEDATE", "must not be empty")
    statuses = [row.one_of(each, ("", "OPEN", "BILLED", "CLOSED")) for each in STATUSES]
    billed_at = row.instant("LASTBILLEDDATE1") or row.instant("LASTBILLEDDATEP")
    return Bill(
        id=row.uuid("Id"),
        place=place_of(row, _CLAIM_FIELDS),
        patient=row.uuid("PATIENTID"),
        provider=_provider(row, reading),
        payer=_payer(row, "PRIMARYPATIENTINSURANCEID", reading, uninsured),
        secondary_payer=_payer(row, "SECONDARYPATIENTINSURANCEID", reading, uninsured),
        department=row.text("DEPARTMENTID") or None,
        diagnoses=tuple(row.text(each) for each in DIAGNOSES),
        service_at=service_at,
        billed_at=billed_at,
        closed={"CLOSED"} == {each for each in statuses if each},
        type=CLAIM_TYPES[row.one_of("HEALTHCARECLAIMTYPEID1", CLAIM_TYPES)],
        encounter=row.text("APPOINTMENTID").lower() or None,
    )


def read_transaction(
    row: Row, reading: Reading, bills: Mapping[str, Bill]
) -> tuple[Bill | None, Transaction]:
    """A transaction, and the claim it belongs to (None: one that was refused)."""
    claim_id = reading.reference(row, "CLAIMID", "claim")
    its_type = row.one_of("TYPE", AMOUNTS)
    amount, adjustment = _amounts(row, its_type)
    began_at = row.instant("FROMDATE")
    if began_at is None:
        raise row.bad("FROMDATE", "must not be empty")
    row.instant("TODATE")
    charge, party, method, units, unit_amount = its_type == "CHARGE", "", None, 1, ZERO
    if its_type == "PAYMENT":
        method = METHODS[row.one_of("METHOD", METHODS)]
    if charge or its_type == "TRANSFERIN":
        party = row.one_of("TRANSFERTYPE", PARTIES)
    if charge:
        units, unit_amount = _price(row, amount)
    bill = bills.get(claim_id)
    patient = row.uuid("PATIENTID")
    if bill is not None and patient != bill.patient:
        raise row.bad("PATIENTID", "must be the patient of its claim")
    return bill, Transaction(
        id=row.uuid("ID"),
        place=place_of(row, _FIELDS_OF[its_type], PRIVATE),
        charge_id=_charge_id(row, reading),
        type=its_type,
        amount=amount,
        adjustment=adjustment,
        unit_amount=unit_amount,
        units=units,
        party=party,
        method=method,
        transfer_out=row.required("TRANSFEROUTID") if its_type == "TRANSFERIN" else "",
        began_at=began_at,
        place_of_service=reading.reference(row, "PLACEOFSERVICE", "organization"),
        department=row.text("DEPARTMENTID") or None,
        provider=_provider(row, reading),
        procedure=coded(row.required("PROCEDURECODE")),
        description=row.text("NOTES") or None,
        modifiers=tuple(m for each in ("MODIFIER1", "MODIFIER2") if (m := row.text(each))),
        pointers=tuple(_pointer(row, each) for each in POINTERS if row.text(each)),
    )


def _charge_id(row: Row, reading: Reading) -> str:
    charge_id = row.required("CHARGEID")
    reading.alone(row, "CHARGEID", "charge", charge_id)
    return charge_id


def _provider(row: Row, reading: Reading) -> str | None:
    return reading.reference(row, "PROVIDERID", "provider") if row.text("PROVIDERID") else None


def _payer(row: Row, column: str, reading: Reading, uninsured: frozenset[str]) -> str | None:
    if row.text(column) in ("", "0"):
        return None
    payer = reading.reference(row, column, "payer")
    return None if payer in uninsured else payer


def _amounts(row: Row, its_type: str) -> tuple[Decimal, Decimal]:
    """The amount of a row of this type, and what it adjusts beside that."""
    money = ("AMOUNT", "PAYMENTS", "ADJUSTMENTS", "TRANSFERS")
    found = {each: row.amount(each, CURRENCY) for each in money}
    own = AMOUNTS[its_type]
    amount = found[own] if found[own] is not None else found["AMOUNT"]
    if amount is None:
        raise row.bad(own, "must not be empty")
    if found["AMOUNT"] and found["AMOUNT"] != amount:
        raise row.bad("AMOUNT", f"must be what {own} says ({amount})")
    for each in ("PAYMENTS", "TRANSFERS"):
        if each != own and found[each]:
            raise row.bad(each, f"must be empty where TYPE is {its_type}")
    if not amount and its_type not in ("CHARGE", "ADJUSTMENT"):
        raise row.bad(own, "must be more than zero")
    return amount, ZERO if its_type == "ADJUSTMENT" else found["ADJUSTMENTS"] or ZERO


def _price(row: Row, amount: Decimal) -> tuple[int, Decimal]:
    """How many units were charged at how much; checked against the amount."""
    units = row.quantity("UNITS")
    unit_amount = row.amount("UNITAMOUNT", CURRENCY)
    if unit_amount is None:
        if units != 1:
            raise row.bad("UNITAMOUNT", "must not be empty")
        return 1, amount
    if units * unit_amount != amount:
        raise row.bad("AMOUNT", f"must be UNITS times UNITAMOUNT ({units * unit_amount})")
    return units, unit_amount


def _pointer(row: Row, column: str) -> int:
    number = row.text(column)
    if f"DIAGNOSIS{number}" not in DIAGNOSES:
        raise row.bad(column, "must be the number of one of its claim's diagnoses")
    return int(number)

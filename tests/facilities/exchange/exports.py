"""Small folders of Synthea files, written by the test that imports them.

`Export` is a good folder: a hospital and a clinic, two providers, four payers, two encounters, two
claims and two supplies. A test changes a cell, adds a row, or damages a file, and imports it.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from facilities.exchange.report import ImportReport, Rejected
from facilities.exchange.synthea import import_synthea
from facilities.ledger import Ledger
from facilities.scope import Actor, Role
from facilities.service import Service

DATA = Path(os.environ.get("ALMONER_TEST_DATA") or Path(__file__).parents[4] / "shared" / "data")
CLERK = Actor("mailroom", Role.SERVICE)


def their(kind: str, number: int = 1) -> str:
    """An id as Synthea would have made it."""
    return str(uuid5(UUID(int=0), f"{kind} {number}"))


HOSPITAL, CLINIC = their("organization", 1), their("organization", 2)
DOCTOR, NURSE = their("provider", 1), their("provider", 2)
MEDICARE, AETNA, CIGNA, NO_INSURANCE = (their("payer", number) for number in range(1, 5))
ANN, BOB = their("patient", 1), their("patient", 2)
VISIT, STAY = their("encounter", 1), their("encounter", 2)
VISIT_CLAIM, STAY_CLAIM = their("claim", 1), their("claim", 2)
CHECK_UP, X_RAY = "162673000", "168731009"

Table = list[dict[str, str]]


def organization(its_id: str, name: str, **changed: str) -> dict[str, str]:
    return {
        "Id": its_id,
        "NAME": name,
        "ADDRESS": "1 MAIN STREET",
        "CITY": "BOSTON",
        "STATE": "MA",
        "ZIP": "02101",
        "LAT": "42.36",
        "LON": "-71.06",
        "PHONE": "6175550100",
        **changed,
    }


def provider(its_id: str, at: str, name: str) -> dict[str, str]:
    return {"Id": its_id, "ORGANIZATION": at, "NAME": name, "SPECIALITY": "GENERAL PRACTICE"}


def payer(its_id: str, name: str) -> dict[str, str]:
    return {"Id": its_id, "NAME": name, "PHONE": "1-800-555-0100"}


def encounter(its_id: str, at: str, began: str) -> dict[str, str]:
    return {"Id": its_id, "START": began, "ORGANIZATION": at, "PROVIDER": DOCTOR}


def claim(its_id: str, patient: str, seen: str, **changed: str) -> dict[str, str]:
    return {
        "Id": its_id,
        "PATIENTID": patient,
        "PROVIDERID": DOCTOR,
        "PRIMARYPATIENTINSURANCEID": AETNA,
        "SECONDARYPATIENTINSURANCEID": "0",
        "DEPARTMENTID": "20",
        **{f"DIAGNOSIS{number}": "" for number in range(1, 9)},
        "DIAGNOSIS1": "195662009",
        "APPOINTMENTID": VISIT,
        "SERVICEDATE": seen,
        "STATUS1": "CLOSED",
        "STATUS2": "",
        "STATUSP": "CLOSED",
        "LASTBILLEDDATE1": seen,
        "LASTBILLEDDATEP": seen,
        "HEALTHCARECLAIMTYPEID1": "1",
        **changed,
    }


def transaction(number: int, of: str, its_type: str, **changed: str) -> dict[str, str]:
    """A row of an amount, in its own column; CHARGEID is the row's number in the file."""
    return {
        "ID": their("transaction", number),
        "CLAIMID": of,
        "CHARGEID": str(number),
        "PATIENTID": ANN,
        "TYPE": its_type,
        "AMOUNT": "",
        "METHOD": "",
        "FROMDATE": "2023-01-27T16:17:47Z",
        "TODATE": "1970-01-01T00:00:00Z",
        "PLACEOFSERVICE": HOSPITAL,
        "PROCEDURECODE": CHECK_UP,
        "MODIFIER1": "",
        "MODIFIER2": "",
        **{f"DIAGNOSISREF{place}": "" for place in range(1, 5)},
        "DIAGNOSISREF1": "1",
        "UNITS": "1",
        "DEPARTMENTID": "20",
        "NOTES": "General examination of patient (procedure)",
        "UNITAMOUNT": "",
        "TRANSFEROUTID": "",
        "TRANSFERTYPE": "",
        "PAYMENTS": "",
        "ADJUSTMENTS": "",
        "TRANSFERS": "",
        "PROVIDERID": DOCTOR,
        **changed,
    }


def charge(number: int, of: str, amount: str, **changed: str) -> dict[str, str]:
    asked = {"AMOUNT": amount, "UNITAMOUNT": amount, "TRANSFERTYPE": "1", **changed}
    return transaction(number, of, "CHARGE", **asked)


def payment(number: int, of: str, amount: str, method: str, **changed: str) -> dict[str, str]:
    return transaction(number, of, "PAYMENT", **{"PAYMENTS": amount, "METHOD": method, **changed})


def transfer_out(number: int, of: str, amount: str, **changed: str) -> dict[str, str]:
    return transaction(number, of, "TRANSFEROUT", **{"TRANSFERS": amount, **changed})


def transfer_in(
    number: int, of: str, amount: str, out: int, to: str = "p", **changed: str
) -> dict[str, str]:
    told = {"AMOUNT": amount, "TRANSFERS": amount, "TRANSFEROUTID": str(out), "TRANSFERTYPE": to}
    return transaction(number, of, "TRANSFERIN", **{**told, **changed})


def supply(of: str, code: str, quantity: str, day: str = "2023-01-27") -> dict[str, str]:
    return {
        "DATE": day,
        "PATIENT": ANN,
        "ENCOUNTER": of,
        "CODE": code,
        "DESCRIPTION": "Isolation gown",
        "QUANTITY": quantity,
    }


GOWNS = "469673003"
VISIT_AT, STAY_AT = "2023-01-27T16:17:47Z", "2023-02-01T03:00:00Z"
AT_CLINIC = {
    "PATIENTID": BOB,
    "PLACEOFSERVICE": CLINIC,
    "FROMDATE": STAY_AT,
    "DEPARTMENTID": "2",
    "PROVIDERID": NURSE,
    "PROCEDURECODE": X_RAY,
}
"""What every row of the stay says."""


@dataclass
class Export:
    """A folder, and the tables that are going to be written there."""

    folder: Path
    ledger: Ledger
    service: Service
    tables: dict[str, Table]

    def rows(self, name: str) -> Table:
        return self.tables[f"{name}.csv"]

    def change(self, name: str, row: int, **cells: str) -> Export:
        """Change cells of a row, the first being 0: line 2 of the file."""
        self.rows(name)[row].update(cells)
        return self

    def add(self, name: str, *rows: dict[str, str]) -> Export:
        self.rows(name).extend(rows)
        return self

    def without(self, *names: str) -> Export:
        for name in names:
            del self.tables[f"{name}.csv"]
        return self

    def without_column(self, name: str, column: str) -> Export:
        for row in self.rows(name):
            del row[column]
        return self

    def write(self) -> Export:
        self.folder.mkdir(exist_ok=True)
        for file in self.folder.iterdir():
            file.unlink()
        for name, rows in self.tables.items():
            (self.folder / name).write_bytes(as_csv(rows))
        return self

    def damage(self, name: str, how: Callable[[bytes], bytes]) -> Export:
        """Write all tables, and one of them otherwise. Import with `imports_as_it_is`."""
        self.write()
        file = self.folder / f"{name}.csv"
        file.write_bytes(how(file.read_bytes()))
        return self

    def imports(self, **options: Any) -> ImportReport:
        return self.write().imports_as_it_is(**options)

    def imports_as_it_is(self, **options: Any) -> ImportReport:
        return import_synthea(self.folder, self.service, self.ledger, CLERK, **options)

    def is_refused(self, **options: Any) -> Sequence[Rejected]:
        """Everything that was turned away; nothing was imported."""
        return self._refused(self.imports(**options))

    def is_refused_as_it_is(self, **options: Any) -> Sequence[Rejected]:
        return self._refused(self.imports_as_it_is(**options))

    def _refused(self, report: ImportReport) -> Sequence[Rejected]:
        assert report.rejected
        assert report == ImportReport(rejected=report.rejected)
        assert self.ledger.head() == 0
        return report.rejected


def as_csv(rows: Table, columns: Sequence[str] | None = None) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns or list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def good_tables() -> dict[str, Table]:
    """A check-up at the hospital, which is paid by copay, insurer and patient; and a stay at the
    clinic, which begins in January there, is paid by the patient alone, and is not closed."""
    return {
        "organizations.csv": [
            organization(HOSPITAL, "GENERAL HOSPITAL"),
            organization(CLINIC, "HARBOR CLINIC", STATE="CA", CITY="OAKLAND"),
        ],
        "providers.csv": [
            provider(DOCTOR, HOSPITAL, "Ada Marlow"),
            provider(NURSE, CLINIC, "Ben Orton"),
        ],
        "payers.csv": [
            payer(MEDICARE, "Medicare"),
            payer(AETNA, "Aetna"),
            payer(CIGNA, "Cigna Health"),
            payer(NO_INSURANCE, "NO_INSURANCE"),
        ],
        "encounters.csv": [encounter(VISIT, HOSPITAL, VISIT_AT), encounter(STAY, CLINIC, STAY_AT)],
        "claims.csv": [
            claim(VISIT_CLAIM, ANN, VISIT_AT),
            claim(
                STAY_CLAIM,
                BOB,
                STAY_AT,
                APPOINTMENTID=STAY,
                PRIMARYPATIENTINSURANCEID="0",
                STATUS1="BILLED",
                STATUSP="BILLED",
                DEPARTMENTID="2",
                PROVIDERID=NURSE,
                HEALTHCARECLAIMTYPEID1="2",
            ),
        ],
        "claims_transactions.csv": [
            charge(0, VISIT_CLAIM, "100.00"),
            charge(1, STAY_CLAIM, "80.00", TRANSFERTYPE="p", **AT_CLINIC),
            payment(2, VISIT_CLAIM, "20.00", "COPAY"),
            payment(3, VISIT_CLAIM, "50.00", "ECHECK"),
            transfer_out(4, VISIT_CLAIM, "30.00"),
            transfer_in(5, VISIT_CLAIM, "30.00", out=4),
            payment(6, STAY_CLAIM, "15.50", "CASH", **AT_CLINIC),
            payment(7, VISIT_CLAIM, "30.00", "CC"),
        ],
        "supplies.csv": [
            supply(VISIT, GOWNS, "12"),
            supply(VISIT, GOWNS, "12"),
        ],
    }

"""835 files in the tests: written segment by segment, in whatever separators are asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from facilities.exchange.x12.importing import import_x12
from facilities.exchange.x12.report import X12Report
from facilities.ledger import Ledger
from facilities.scope import Actor, Role
from facilities.service import Service

CLERK = Actor("mailroom", Role.SERVICE)
AN_NPI = "1234567893"


def unwatched(_file: str, _patients: Iterable[UUID]) -> None:
    """Nobody keeps a log of what goes out."""


def isa(sender: str = "PAYER", separators: str = "*:~", control: int = 1) -> str:
    element, component = separators[0], separators[1]
    return element.join(
        (
            "ISA",
            "00",
            " " * 10,
            "00",
            " " * 10,
            "ZZ",
            f"{sender:<15}",
            "ZZ",
            f"{'US':<15}",
            "260201",
            "1200",
            "^",
            "00501",
            f"{control:09}",
            "0",
            "P",
            component,
        )
    )


@dataclass(frozen=True)
class A835:
    """A remittance file. `claims` are segments without separators of their own."""

    claims: tuple[str, ...] = ()
    payment: str = "0"
    trace: str = "TRACE-1"
    plb: str = ""
    day: str = "20260201"
    npi: str = AN_NPI
    separators: str = "*:~"
    between: str = "\n"
    before: str = ""
    segments: tuple[str, ...] = field(default=())

    def paying(self, *claims: str, plb: str = "") -> A835:
        """With these claims, and a payment that they come to."""
        paid = sum(Decimal(each.split("*")[4]) for each in claims)
        lowered = Decimal(plb.split("*")[-1]) if plb else Decimal(0)
        return replace(self, claims=claims, payment=str(paid - lowered), plb=plb)

    def text(self) -> str:
        inner = [
            "ST*835*0001",
            f"BPR*I*{self.payment}*C*ACH*CCP***********{self.day}".rstrip("*"),
            f"TRN*1*{self.trace}*1999999999",
            "N1*PR*AETHER HEALTH*XV*AH001",
            f"N1*PE*RIVERSIDE GENERAL HOSPITAL*XX*{self.npi}",
            "N3*1 MAIN STREET",
            "N4*ALBANY*NY*12207",
            "LX*1",
            *(segment for claim in self.claims for segment in claim.split("|")),
            *([self.plb] if self.plb else []),
        ]
        whole = [
            isa(),
            "GS*HP*PAYER*US*20260201*1200*1*X*005010X221A1",
            *inner,
            f"SE*{len(inner) + 1}*0001",
            "GE*1*1",
            "IEA*1*000000001",
        ]
        said = "".join(f"{each}~{self.between}" for each in whole)
        said = said.translate(str.maketrans("*:~", self.separators))
        return self.before + said

    def write(self, folder: Path, name: str = "remittance.835") -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        path.write_bytes(self.text().encode())
        return path


def paid(number: str, charge: str, amount: str, *more: str, status: str = "1") -> str:
    """A claim with one line, of which `amount` is paid and `more` tells the rest (CAS, ...)."""
    return "|".join(
        (
            f"CLP*{number}*{status}*{charge}*{amount}**12*ICN-{number}*11*1",
            "NM1*QC*1*DOE*JANE****MI*M-1",
            "DTM*232*20260105",
            f"SVC*HC:99213*{charge}*{amount}**1",
            "DTM*472*20260105",
            *more,
        )
    )


@dataclass
class Mailroom:
    """Files come in, and are imported."""

    folder: Path
    service: Service
    ledger: Ledger
    files: int = 0

    def receives(
        self, *files: A835 | Path, open_unknown: bool = True, dry_run: bool = False
    ) -> X12Report:
        paths = []
        for each in files:
            self.files += 1
            name = f"{self.files:03}.835"
            paths.append(each if isinstance(each, Path) else each.write(self.folder, name))
        return import_x12(
            paths, self.service, self.ledger, CLERK, open_unknown=open_unknown, dry_run=dry_run
        )

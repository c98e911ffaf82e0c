"""A payer that answers an 837: with a 999, a 277CA that takes every claim in, and an 835; and a 276
with a 277. One that is asked after another payer pays what that one left to others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO

from facilities.exchange.x12.interchanges import Interchanges, Segment, element
from tests.facilities.exchange.x12.remittance_files import A835, isa


@dataclass
class Received:
    """A claim as the payer read it: its lines are (number, procedure, charge).

    `left` is what the payer before left to others, by the number of the line.
    """

    number: str
    charge: Decimal
    lines: list[tuple[str, str, Decimal]] = field(default_factory=list)
    left: dict[str, Decimal] = field(default_factory=dict)


@dataclass
class SimulatedPayer:
    """Pays four fifths of every line. Of the rest it leaves a `share` of the charge to others; what
    remains is more than the contract allows."""

    claims: list[Received] = field(default_factory=list)
    group: str = ""
    transaction: str = ""
    npi: str = ""
    asked: list[str] = field(default_factory=list)
    share: Decimal = Decimal(0)
    second: bool = False

    def reads(self, sent: str) -> SimulatedPayer:
        for transaction in Interchanges(BytesIO(sent.encode())):
            self.group = transaction.envelope.group_control_number
            self.transaction = transaction.control_number
            for segment in transaction:
                self._read(segment)
        return self

    def _read(self, segment: Segment) -> None:
        match segment[0]:
            case "SBR" if element(segment, 1) == "S":
                self.second = True
            case "CAS" if element(segment, 1) == "PR" and self.claims[-1].lines:
                claim = self.claims[-1]
                line, amounts = claim.lines[-1][0], segment[3::3]
                left = sum((Decimal(each) for each in amounts), Decimal(0))
                claim.left[line] = claim.left.get(line, Decimal(0)) + left
            case "TRN":
                self.asked.append(element(segment, 2))
            case "NM1" if element(segment, 1) in ("85", "1P"):
                self.npi = element(segment, 9)
            case "CLM":
                charge = Decimal(element(segment, 2))
                self.claims.append(Received(element(segment, 1), charge))
            case "SV1":
                charge = Decimal(element(segment, 2))
                self.claims[-1].lines.append(("", element(segment, 1), charge))
            case "SV2":
                charge = Decimal(element(segment, 3))
                self.claims[-1].lines.append(("", element(segment, 2), charge))
            case "REF" if element(segment, 1) == "6R":
                _, procedure, charge = self.claims[-1].lines[-1]
                self.claims[-1].lines[-1] = (element(segment, 2), procedure, charge)
            case _:
                pass

    def acknowledges(self) -> str:
        """The 999: it could be read."""
        return _interchange(
            "FA",
            "005010X231A1",
            "ST*999*0001*005010X231A1",
            f"AK1*HC*{self.group}*005010X222A1",
            f"AK2*837*{self.transaction}*005010X222A1",
            "IK5*A",
            "AK9*A*1*1*1",
        )

    def cannot_read(self) -> str:
        """The 999: a name is missing, and all of it is turned back."""
        return _interchange(
            "FA",
            "005010X231A1",
            "ST*999*0001*005010X231A1",
            f"AK1*HC*{self.group}*005010X222A1",
            f"AK2*837*{self.transaction}*005010X222A1",
            "IK3*NM1*17**8",
            "IK4*3*1035*1",
            "IK5*R*5",
            "AK9*R*1*1*0",
        )

    def tells_where_they_stand(self, *statuses: str) -> str:
        """The 277, which answers a 276: one status for each claim it asked about."""
        return _interchange(
            "HN",
            "005010X212",
            "ST*277*0001*005010X212",
            "BHT*0010*08*1*20260201*1200*DG",
            "HL*1**20*1",
            "NM1*PR*2*AETHER HEALTH*****PI*AH001",
            "HL*2*1*21*1",
            "NM1*41*2*RIVERSIDE*****46*US",
            "HL*3*2*19*1",
            f"NM1*1P*2*RIVERSIDE*****XX*{self.npi}",
            *(
                segment
                for place, (number, status) in enumerate(zip(self.asked, statuses, strict=True), 4)
                for segment in (
                    f"HL*{place}*3*22*0",
                    "NM1*IL*1*DOE*JANE****MI*M-1",
                    f"TRN*2*{number}",
                    f"STC*{status}*20260201**100*0",
                    f"REF*1K*ICN-{number}",
                )
            ),
        )

    def takes_in(self) -> str:
        """The 277CA: every claim is accepted into adjudication, under a number of the payer's."""
        return _interchange(
            "HN",
            "005010X214",
            "ST*277*0001*005010X214",
            "BHT*0085*08*1*20260201*1200*TH",
            "HL*1**20*1",
            "NM1*PR*2*AETHER HEALTH*****46*AH001",
            "HL*2*1*21*1",
            "NM1*41*2*RIVERSIDE*****46*US",
            "HL*3*2*19*1",
            f"NM1*85*2*RIVERSIDE*****XX*{self.npi}",
            *(
                segment
                for place, claim in enumerate(self.claims, 4)
                for segment in (
                    f"HL*{place}*3*PT",
                    "NM1*QC*1*DOE*JANE****MI*M-1",
                    f"TRN*2*{claim.number}",
                    f"STC*A2:20*20260201*WQ*{claim.charge}",
                    f"REF*1K*ICN-{claim.number}",
                )
            ),
        )

    def remits(self) -> A835:
        """The 835: what was asked for, priced."""
        return A835(npi=self.npi).paying(*("|".join(self._remitted(each)) for each in self.claims))

    def _remitted(self, claim: Received) -> Iterator[str]:
        cent, status = Decimal("0.01"), "2" if self.second else "1"
        paid = [
            claim.left.get(number, Decimal(0)) if self.second else (charge * 4 / 5).quantize(cent)
            for number, _, charge in claim.lines
        ]
        yield f"CLP*{claim.number}*{status}*{claim.charge}*{sum(paid)}**12*ICN-{claim.number}*11*1"
        for (number, procedure, charge), amount in zip(claim.lines, paid, strict=True):
            shared = Decimal(0) if self.second else (charge * self.share).quantize(cent)
            yield f"SVC*{procedure}*{charge}*{amount}"
            yield f"CAS*{'OA*23' if self.second else 'CO*45'}*{charge - amount - shared}"
            if shared:
                yield f"CAS*PR*2*{shared}"
            yield f"REF*6R*{number}"


def _interchange(code: str, guide: str, *inner: str) -> str:
    whole = [
        isa(),
        f"GS*{code}*PAYER*US*20260201*1200*1*X*{guide}",
        *inner,
        f"SE*{len(inner) + 1}*0001",
        "GE*1*1",
        "IEA*1*000000001",
    ]
    return "".join(f"{each}~\n" for each in whole)

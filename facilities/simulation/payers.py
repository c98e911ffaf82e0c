"""Payers that never were, and how each of them pays."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from domain.revenue.events.payer import PayerKind
from domain.revenue.payer import RegisterPayer
from facilities.simulation.run import Run, Story


@dataclass(frozen=True, slots=True)
class Insurer:
    """A simulated payer.

    Of a hundred patients `share` are insured with it. It allows `allows` percent of what is
    charged, of which the patient bears `patients` percent, and answers after about `lag` days,
    some by remittances (`electronic`) and some on paper.
    """

    name: str
    kind: PayerKind
    share: int
    allows: int
    patients: int
    lag: int
    electronic: bool = False


_INSURERS = (
    Insurer("Northgate Mutual", PayerKind.COMMERCIAL, 24, 62, 22, 21, electronic=True),
    Insurer("Federal Elder Care (simulated)", PayerKind.MEDICARE, 28, 44, 20, 14, electronic=True),
    Insurer("State Assistance Plan (simulated)", PayerKind.MEDICAID, 16, 35, 0, 30),
    Insurer("Cobalt Shield Insurance", PayerKind.COMMERCIAL, 12, 58, 26, 28, electronic=True),
    Insurer("Lantern Health Cooperative", PayerKind.COMMERCIAL, 8, 66, 15, 18),
    Insurer(
        "Twin Programs Plan (simulated)", PayerKind.DUAL_ELIGIBLE, 5, 41, 0, 25, electronic=True
    ),
    Insurer("Service Members' Care (simulated)", PayerKind.OTHER_GOVERNMENT, 4, 48, 10, 35),
    Insurer("Quarry Workers' Fund", PayerKind.COMMERCIAL, 3, 70, 30, 45),
)


@dataclass(frozen=True, slots=True)
class Payers:
    """The payers of a simulation: five to eight of them, the large ones first."""

    run: Run
    insurers: tuple[Insurer, ...]

    @classmethod
    def of(cls, run: Run) -> Payers:
        return cls(run, _INSURERS[: run.dice("payers").between(5, len(_INSURERS))])

    def id(self, insurer: Insurer) -> UUID:
        return self.run.id("payer", insurer.name)

    def stories(self) -> list[tuple[str, Story]]:
        return [(each.name, self._life(each)) for each in self.insurers]

    def _life(self, insurer: Insurer) -> Story:
        """It is registered, and stays."""
        payer_id = self.id(insurer)
        yield (
            self.run.first_day,
            RegisterPayer(
                payer_id=payer_id,
                legal_name=insurer.name,
                kind=insurer.kind,
                identifier=f"SIM-{payer_id.hex[:10].upper()}",
            ),
        )

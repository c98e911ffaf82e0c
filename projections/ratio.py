"""A figure that is a quotient, told with what it is divided by what."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A figure, and what it is made of. Where there is nothing to divide by it is not told."""

    numerator: Decimal
    denominator: Decimal

    @property
    def value(self) -> Decimal | None:
        return rounded(self.numerator / self.denominator) if self.denominator else None

    def to_json(self) -> dict[str, str | None]:
        value = self.value
        return {
            "numerator": str(rounded(self.numerator)),
            "denominator": str(rounded(self.denominator)),
            "value": None if value is None else str(value),
        }


def rounded(value: Decimal) -> Decimal:
    """To four places, the even one where two are as near."""
    return value.quantize(Decimal("0.0001"), ROUND_HALF_EVEN)

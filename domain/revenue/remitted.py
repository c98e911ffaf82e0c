"""What a payer says, held against itself: the sums of a remittance, and what it means.

The three levels of the 835 implementation guide (X12 005010X221A1, section 1.10.2.1, balancing):

* a line:         charge - paid = the sum of the line's adjustments,
* a claim:        charge (CLP03) - paid (CLP04) = the sum of all of its adjustments,
* a transaction:  payment (BPR02) = the sum of what was paid (CLP04) - the provider adjustments.

Beyond these, the charges of the lines come to the claim's charge, where there are lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from domain import rules
from domain.kernel import Refused
from domain.replacing import replace
from domain.revenue.events.adjustment_reasons import SHARES
from domain.revenue.events.remittance import (
    AdjudicationOutcome,
    ProviderAdjustment,
    RemittedAdjustment,
    RemittedClaim,
)

ZERO = Decimal(0)

REVERSAL = "22"
"""Claim status code: reversal of a previous payment (X12 835, CLP02)."""

PREDETERMINATION = "25"
"""Claim status code: predetermination, pricing only; it moves no money."""


def total(adjustments: Iterable[RemittedAdjustment]) -> Decimal:
    """What adjustments come to."""
    return sum((each.amount for each in adjustments), ZERO)


def adjustments_of(remitted: RemittedClaim) -> Iterator[RemittedAdjustment]:
    """All adjustments of a claim: its lines', then its own."""
    for line in remitted.lines:
        yield from line.adjustments
    yield from remitted.adjustments


def booked(remitted: RemittedClaim, currency: str) -> RemittedClaim:
    """The claim with amounts as they are booked in a currency, with its decimal places.

    Refuses with ``remittance.amount`` what is finer, absurdly large or no number.
    """

    def adjustments(given: tuple[RemittedAdjustment, ...]) -> tuple[RemittedAdjustment, ...]:
        return tuple(replace(each, amount=exact(currency, "amount", each.amount)) for each in given)

    return replace(
        remitted,
        charge=exact(currency, "charge", remitted.charge),
        paid=exact(currency, "paid", remitted.paid),
        patient_responsibility=exact(
            currency, "patient_responsibility", remitted.patient_responsibility
        ),
        adjustments=adjustments(remitted.adjustments),
        lines=tuple(
            replace(
                each,
                charge=exact(currency, "charge", each.charge),
                paid=exact(currency, "paid", each.paid),
                adjustments=adjustments(each.adjustments),
            )
            for each in remitted.lines
        ),
    )


def exact(currency: str, named: str, value: Decimal) -> Decimal:
    """An amount of either sign as it is booked; refuses with ``remittance.amount``."""
    size = rules.amount("remittance", named, abs(value), currency, zero_allowed=True)
    return -size if value < 0 else size


def balanced(remitted: RemittedClaim) -> None:
    """Refuses a claim that is not balanced, naming what was found and what was expected.

    ``remittance.line_not_balanced``, ``remittance.claim_not_balanced``,
    ``remittance.lines_not_the_claim``.
    """
    for number, line in enumerate(remitted.lines, 1):
        difference, explained = line.charge - line.paid, total(line.adjustments)
        if difference != explained:
            rule = "the adjustments of a line must come to what was charged and not paid"
            raise out_of_balance("line_not_balanced", explained, difference, rule, line=number)
    difference, explained = remitted.charge - remitted.paid, total(adjustments_of(remitted))
    if difference != explained:
        rule = "the adjustments of a claim must come to what was charged and not paid"
        raise out_of_balance("claim_not_balanced", explained, difference, rule)
    charged = sum((each.charge for each in remitted.lines), ZERO)
    if remitted.lines and charged != remitted.charge:
        rule = "the charges of the lines must come to the claim's charge"
        raise out_of_balance("lines_not_the_claim", charged, remitted.charge, rule)


def payment_balanced(
    payment: Decimal, paid: Decimal, provider_adjustments: Iterable[ProviderAdjustment]
) -> None:
    """Refuses with ``remittance.payment_not_balanced`` a payment its claims do not come to."""
    expected = paid - sum((each.amount for each in provider_adjustments), ZERO)
    if payment != expected:
        rule = "the payment must be what the claims were paid less the provider adjustments"
        raise out_of_balance("payment_not_balanced", payment, expected, rule)


def out_of_balance(
    code: str, found: object, expected: object, rule: str, **details: object
) -> Refused:
    """The refusal of what payers say and does not fit."""
    message = f"{rule[0].upper()}{rule[1:]}: {found} instead of {expected}."
    return Refused(
        f"remittance.{code}",
        message,
        found=str(found),
        expected=str(expected),
        rule=rule,
        **details,
    )


def denied(adjustments: Iterable[RemittedAdjustment]) -> Decimal:
    """How much was denied: what is taken away for reasons that are not about sharing or pricing."""
    return max(ZERO, total(each for each in adjustments if denies(each)))


def denies(adjustment: RemittedAdjustment) -> bool:
    """Whether an adjustment denies what it takes away, rather than sharing or pricing it."""
    return adjustment.reason_code not in SHARES[adjustment.group]


def outcome(paid: Decimal, refused: Decimal) -> AdjudicationOutcome:
    """What a payer's decision comes to where it denied `refused`.

    What is shared with the patient or priced by contract is paid; it is denied where nothing was
    paid (X12 RFI 1423: by payment, group and reason, and not by the claim's status code).
    """
    if refused == 0:
        return AdjudicationOutcome.PAID
    return AdjudicationOutcome.PARTIALLY_PAID if paid > 0 else AdjudicationOutcome.DENIED

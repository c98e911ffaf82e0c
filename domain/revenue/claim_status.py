"""How far a claim has come, and what that tells of who has it."""

from __future__ import annotations

from enum import StrEnum


class ClaimStatus(StrEnum):
    """How far a claim has come."""

    ABSENT = "absent"
    DRAFTED = "drafted"
    SCRUBBED = "scrubbed"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PENDED = "pended"
    DENIED = "denied"
    APPEALED = "appealed"
    ADJUDICATED = "adjudicated"
    CLOSED = "closed"


SENT = frozenset(
    {ClaimStatus.SUBMITTED, ClaimStatus.ACCEPTED, ClaimStatus.REJECTED, ClaimStatus.PENDED}
)
"""Where a claim is on its way: something is expected of whoever was asked to pay."""

TAKEN_IN = frozenset(
    {
        ClaimStatus.ACCEPTED,
        ClaimStatus.PENDED,
        ClaimStatus.DENIED,
        ClaimStatus.APPEALED,
        ClaimStatus.ADJUDICATED,
    }
)
"""Where the payer has the claim: an original would be a duplicate there."""

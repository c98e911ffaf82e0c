"""Routes of the privacy office: legal holds and erasures, for the whole system to decide on."""

from domain.privacy import erasure, legal_hold
from projections.privacy import erasures, legal_holds
from web.api import Does, Lists, Row

HOLD = "/legal-holds/<uuid:hold_id>"
ERASURE = "/erasures/<uuid:erasure_id>"

ROUTES: tuple[Row, ...] = (
    Does("/legal-holds", legal_hold.PlaceLegalHold),
    Does(f"{HOLD}/release", legal_hold.ReleaseLegalHold),
    Does("/erasures", erasure.RequestErasure),
    Does(f"{ERASURE}/approvals", erasure.ApproveErasure),
    Does(f"{ERASURE}/withdrawal", erasure.WithdrawErasure),
    Lists("/system/legal-holds", legal_holds),
    Lists("/system/erasures", erasures),
)

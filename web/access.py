"""Routes of access: accounts, grants, and broken glass."""

from domain.access import account, grant
from projections.access import account_directory, broken_glass, facility_grants, grant_register
from web.api import Does, Lists, Row, Shows

FACILITY = "/facilities/<uuid:facility_id>"
ACCOUNT = "/accounts/<uuid:account_id>"
GRANT = "/grants/<uuid:grant_id>"

ROUTES: tuple[Row, ...] = (
    Does("/accounts", account.OpenAccount),
    Does(f"{ACCOUNT}/unlocking", account.UnlockAccount),
    Does(f"{ACCOUNT}/identities", account.LinkIdentity),
    Does(f"{ACCOUNT}/identity-removals", account.UnlinkIdentity),
    Does(f"{ACCOUNT}/closure", account.CloseAccount),
    Lists("/system/accounts", account_directory),
    Shows(f"/system{ACCOUNT}", account_directory, "account_id"),
    Does("/grants", grant.GiveGrant),
    Does(f"{GRANT}/revocation", grant.RevokeGrant),
    Lists("/system/grants", grant_register),
    Shows(f"/system{GRANT}", grant_register, "grant_id"),
    Lists(f"{FACILITY}/grants", facility_grants),
    Lists("/system/broken-glass", broken_glass),
)

-- Accounts come in by password, or with tokens that are good for what a grant gives them.

-- A token of a grant is good for as long as the ledger says that the grant is (web/bearers.py).
ALTER TABLE access.tokens
    ADD account_id   uuid,
    ADD grant_id     uuid,
    ADD kind         text NOT NULL DEFAULT 'token' CHECK (kind IN ('token', 'session')),
    ADD label        text,
    ADD last_used_at timestamptz,
    ADD CHECK ((account_id IS NULL) = (grant_id IS NULL));
CREATE INDEX tokens_account ON access.tokens (account_id) WHERE account_id IS NOT NULL;

COMMENT ON COLUMN access.tokens.last_used_at IS 'To within a minute.';

-- What is kept of a password: its argon2 hash, which tells its own parameters.
CREATE TABLE access.passwords (
    account_id uuid        PRIMARY KEY,
    hash       text        NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- Attempts that failed one after the other, by the SHA-256 of the login that was tried, whether there
-- is such an account or not: so nobody learns which there are.
CREATE TABLE access.attempts (
    login        bytea       PRIMARY KEY,
    failures     integer     NOT NULL,
    failed_at    timestamptz NOT NULL,
    locked_until timestamptz
);

GRANT SELECT, INSERT, UPDATE, DELETE ON access.passwords, access.attempts TO almoner_app;

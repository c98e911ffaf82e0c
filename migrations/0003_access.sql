-- Who may use the API. A token is 256 random bits; only its SHA-256 is kept.

CREATE TABLE access.tokens (
    token_id     uuid        PRIMARY KEY,
    digest       bytea       NOT NULL UNIQUE,
    actor        text        NOT NULL,
    role         text        NOT NULL,
    facility_ids uuid[],
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    revoked_at   timestamptz,
    CHECK (facility_ids IS NULL OR cardinality(facility_ids) > 0)
);

COMMENT ON COLUMN access.tokens.facility_ids IS 'The facilities it is good for; NULL is the whole system.';

GRANT SELECT, INSERT, UPDATE ON access.tokens TO almoner_app;

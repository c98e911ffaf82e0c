-- Seals: what proves that the ledger is as it was. See facilities/seals.
--
-- All events, by position, are the leaves of one growing Merkle tree. What serves requests adds
-- seals and reads them; nobody changes or removes one.

-- As the login itself: it may make schemas, but not always let the owner do so.
SET LOCAL ROLE NONE;
CREATE SCHEMA audit AUTHORIZATION almoner_owner;
SET LOCAL ROLE almoner_owner;
GRANT USAGE ON SCHEMA audit TO almoner_app;

CREATE TABLE audit.keys (
    key_id       text PRIMARY KEY COLLATE "C",
    introduction text NOT NULL
);

CREATE TABLE audit.seals (
    number         bigint PRIMARY KEY CHECK (number > 0),
    first_position bigint NOT NULL,
    last_position  bigint NOT NULL UNIQUE,
    tree_size      bigint NOT NULL UNIQUE,
    peaks          bytea  NOT NULL,
    statement      text   NOT NULL
);

-- Of each event a seal took in: its position (8 bytes) and its hash (32).
CREATE TABLE audit.leaves (
    number bigint PRIMARY KEY REFERENCES audit.seals,
    leaves bytea  NOT NULL
);
-- Hashes do not compress, and proofs look at a part of them.
ALTER TABLE audit.leaves ALTER COLUMN leaves SET STORAGE EXTERNAL;

-- Complete subtrees of 2**level leaves, so that a proof need not hash what lies under them.
CREATE TABLE audit.subtrees (
    level smallint NOT NULL,
    place bigint   NOT NULL,
    hash  bytea    NOT NULL,
    PRIMARY KEY (level, place)
);

-- Up to which seal somebody held the ledger against its seals and found nothing.
CREATE TABLE audit.verifications (
    verified_at timestamptz PRIMARY KEY DEFAULT clock_timestamp(),
    number      bigint NOT NULL,
    seal        text   NOT NULL
);

COMMENT ON COLUMN audit.keys.introduction IS 'The signed statement that introduces the key.';
COMMENT ON COLUMN audit.seals.statement IS 'The signed statement; the other columns only help to find it.';
COMMENT ON COLUMN audit.seals.peaks IS 'The roots of the tree''s complete subtrees, the largest first.';
COMMENT ON COLUMN audit.verifications.seal IS 'The SHA-256 of the seal''s statement.';

CREATE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'seals are immutable: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

DO $$
DECLARE
    each text;
BEGIN
    FOREACH each IN ARRAY ARRAY['keys', 'seals', 'leaves', 'subtrees', 'verifications'] LOOP
        EXECUTE format(
            'CREATE TRIGGER %1$I_are_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.%1$I '
            'FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()', each);
        EXECUTE format('GRANT SELECT, INSERT ON audit.%I TO almoner_app', each);
    END LOOP;
END $$;

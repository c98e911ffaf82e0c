-- The keys of persons: what opens the personal values in events. See facilities/privacy.
--
-- Outside of the events' schema, so that it can be dumped, kept and destroyed apart from them. A key
-- of nobody is one whose person was erased: it opens nothing any more.

-- As the login itself: it may make schemas, but not always let the owner do so.
SET LOCAL ROLE NONE;
CREATE SCHEMA privacy AUTHORIZATION almoner_owner;
SET LOCAL ROLE almoner_owner;
GRANT USAGE ON SCHEMA privacy TO almoner_app, almoner_projector;

CREATE TABLE privacy.keys (
    key_id    uuid PRIMARY KEY,
    person_id uuid UNIQUE,
    wrapped   bytea,
    master    text COLLATE "C",
    made_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    erased_at timestamptz,
    CHECK ((wrapped IS NULL) = (person_id IS NULL) AND (wrapped IS NULL) = (master IS NULL)),
    CHECK (wrapped IS NOT NULL OR erased_at IS NOT NULL)
);
CREATE INDEX keys_erased ON privacy.keys (erased_at) WHERE erased_at IS NOT NULL;

COMMENT ON TABLE privacy.keys IS 'Each person''s key, wrapped by a master key.';
COMMENT ON COLUMN privacy.keys.key_id IS 'Random: it stands in events, and says nothing of the person.';
COMMENT ON COLUMN privacy.keys.master IS 'Which master key wraps it.';
COMMENT ON COLUMN privacy.keys.erased_at IS 'Since then nothing is opened with it.';

-- A key is given once: only the owner wraps it anew, or destroys it.
GRANT SELECT, INSERT ON privacy.keys TO almoner_app;
GRANT SELECT ON privacy.keys TO almoner_projector;

-- The log of reads: who looked at what of whom. See facilities/privacy/reads.py.
--
-- Persons stand in it by the numbers of their keys, which say nothing of who they are. What serves
-- requests adds to it; nobody changes or removes a row.
CREATE TABLE audit.reads (
    number   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY CHECK (number > 0),
    read_id  uuid        NOT NULL UNIQUE,
    read_at  timestamptz NOT NULL,
    actor    text        NOT NULL,
    role     text        NOT NULL,
    what     text        NOT NULL,
    asked    text        NOT NULL,
    why      text,
    outcome  smallint    NOT NULL,
    source   text        NOT NULL,
    persons  uuid[]      NOT NULL
);
CREATE INDEX reads_persons ON audit.reads USING gin (persons);
CREATE INDEX reads_actor ON audit.reads (actor, number);

COMMENT ON TABLE audit.reads IS 'Every read of personal data. Only ever added to.';
COMMENT ON COLUMN audit.reads.outcome IS 'As HTTP has it: 200 where something was told.';
COMMENT ON COLUMN audit.reads.persons IS 'Whose data was told, by the numbers of their keys.';

CREATE TRIGGER reads_are_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.reads
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
GRANT SELECT, INSERT ON audit.reads TO almoner_app;

-- The ledger: one row per event, one total order for the whole health system.
--
-- What people filter by are columns; the fact itself is `state`, the exact bytes that were decided.
-- Nobody but ledger.append() writes here, and nobody changes or removes a row.

CREATE TABLE ledger.events (
    position       bigint      GENERATED ALWAYS AS IDENTITY,
    stream_id      uuid        NOT NULL,
    version        integer     NOT NULL,
    fact           text        NOT NULL COLLATE "C",
    fact_version   smallint    NOT NULL,
    facility_id    uuid,
    effective_at   timestamptz NOT NULL,
    recorded_at    timestamptz NOT NULL,
    actor          text        NOT NULL,
    role           text        NOT NULL,
    command_id     uuid        NOT NULL,
    command_digest bytea,
    correlation_id uuid        NOT NULL,
    causation_id   uuid,
    reason         text,
    source         text,
    state          bytea       NOT NULL,
    PRIMARY KEY (stream_id, version)
);

CREATE UNIQUE INDEX events_position ON ledger.events (position);
CREATE INDEX events_facility ON ledger.events (facility_id, position);
CREATE INDEX events_recorded ON ledger.events USING brin (recorded_at) WITH (pages_per_range = 16);
-- A command's first event carries its digest: idempotency without a table of its own.
CREATE UNIQUE INDEX events_command ON ledger.events (command_id) WHERE command_digest IS NOT NULL;

COMMENT ON TABLE ledger.events IS 'Every decision, forever. Written by ledger.append() only.';
COMMENT ON COLUMN ledger.events.effective_at IS 'When it happened in the world; a day counts from midnight UTC.';
COMMENT ON COLUMN ledger.events.recorded_at IS 'When the ledger learned of it, by the database clock.';
COMMENT ON COLUMN ledger.events.command_digest IS 'SHA-256 of the command, on its first event only.';

-- How far each process has followed the ledger; saved with the facts it causes.
CREATE TABLE ledger.tracking (
    application_name text   PRIMARY KEY,
    notification_id  bigint NOT NULL
);

CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are immutable: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER events_are_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.events
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- Appends events, in order, as one statement. A procedure in four steps:
--   1. Take the writers' lock, shared, *before* any position is drawn. Writers never wait for each
--      other; a reader that meets a gap can see who is still writing, and wait for just those.
--   2. Record how far the calling process has followed the ledger, where it is one. Going
--      backwards is a unique_violation.
--   3. Insert the events; position and recorded time are the database's. A version that exists is
--      a unique_violation, as is a command id.
--   4. Return their positions, in order.
-- It runs with its owner's rights, so that the application needs no right to INSERT.
CREATE FUNCTION ledger.append(
    stream_ids uuid[], versions integer[], facts text[], fact_versions smallint[],
    facility_ids uuid[], effective_ats timestamptz[], actors text[], roles text[],
    command_ids uuid[], command_digests bytea[], correlation_ids uuid[], causation_ids uuid[],
    reasons text[], sources text[], states bytea[],
    tracking_name text DEFAULT NULL, tracking_position bigint DEFAULT NULL
) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    learned timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(4709331206311637874);
    learned := clock_timestamp();
    IF tracking_name IS NOT NULL THEN
        INSERT INTO ledger.tracking AS t VALUES (tracking_name, tracking_position)
        ON CONFLICT (application_name) DO UPDATE SET notification_id = tracking_position
        WHERE t.notification_id < tracking_position;
        IF NOT FOUND THEN
            RAISE unique_violation USING
                MESSAGE = format('%s has followed the ledger further than %s already',
                                 tracking_name, tracking_position),
                CONSTRAINT = 'tracking_goes_forward';
        END IF;
    END IF;
    RETURN QUERY
    INSERT INTO ledger.events (
        stream_id, version, fact, fact_version, facility_id, effective_at, recorded_at, actor, role,
        command_id, command_digest, correlation_id, causation_id, reason, source, state)
    SELECT e.stream_id, e.version, e.fact, e.fact_version, e.facility_id,
           coalesce(e.effective_at, learned), learned, e.actor, e.role,
           e.command_id, e.command_digest, e.correlation_id, e.causation_id, e.reason, e.source,
           e.state
    FROM unnest(stream_ids, versions, facts, fact_versions, facility_ids, effective_ats, actors,
                roles, command_ids, command_digests, correlation_ids, causation_ids, reasons,
                sources, states)
         WITH ORDINALITY AS e (stream_id, version, fact, fact_version, facility_id, effective_at,
                actor, role, command_id, command_digest, correlation_id, causation_id, reason,
                source, state, place)
    ORDER BY e.place
    RETURNING position;
END $$;

-- The same rows for people who ask in SQL, with the fact as JSON.
CREATE VIEW ledger.readable AS
SELECT position, stream_id, version, fact, fact_version, facility_id, effective_at, recorded_at,
       actor, role, command_id, correlation_id, causation_id, reason, source,
       convert_from(state, 'UTF8')::jsonb AS content
FROM ledger.events;

REVOKE ALL ON FUNCTION ledger.append FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.append TO almoner_app;
GRANT SELECT ON ledger.events, ledger.readable, ledger.tracking TO almoner_app, almoner_projector;

-- Many writers' events in one statement, where one that loses costs the others nothing; and fewer
-- bytes an event.

-- An event as a writer hands it over. `opens`: it is the first of its request, which is what one
-- writer wants stored all or nothing. No correlation_id: it is the command's.
CREATE TYPE ledger.new_event AS (
    stream_id      uuid,
    version        integer,
    fact_version   smallint,
    command_id     uuid,
    opens          boolean,
    fact           text,
    facility_id    uuid,
    effective_at   timestamptz,
    actor          text,
    role           text,
    command_digest bytea,
    correlation_id uuid,
    causation_id   uuid,
    reason         text,
    source         text,
    state          bytea
);

-- Appends the events of many requests, in order, as one statement, each request all or nothing.
-- Returns a position for each event; for those of a request that has lost -1 where a version is
-- taken, and -2 where a command was given before. A procedure in five steps:
--   1. Take the writers' lock, shared, *before* any position is drawn. Writers never wait for each
--      other; a reader that meets a gap can see who is still writing, and wait for just those.
--   2. Record how far the calling process has followed the ledger, where it is one. Going
--      backwards is a unique_violation, and so is then a request that has lost: nothing is stored.
--   3. Has any of it been stored before, or do two of the requests want the same? Where not,
--      insert all; position and recorded time are the database's.
--   4. A single request has lost.
--   5. Otherwise each request is appended by itself, and sees what those before it stored.
-- What another transaction stores between 3 and the insert is a unique_violation: called again, it
-- is seen. It runs with its owner's rights, so that the application needs no right to INSERT.
--
-- Plans are made once, and for the ledger as it will be: made for a small table and kept, they
-- would read all of a large one.
CREATE FUNCTION ledger.append(
    events ledger.new_event[], tracking_name text DEFAULT NULL, tracking_position bigint DEFAULT NULL
) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    learned timestamptz;
    verdict bigint;
    requests integer;
    first integer;
    last integer;
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

    SELECT min(CASE
            WHEN e.command_digest IS NOT NULL AND (
                SELECT true FROM ledger.events s
                WHERE s.command_id = e.command_id AND s.command_digest IS NOT NULL) THEN -2
            WHEN (
                SELECT true FROM ledger.events s
                WHERE s.stream_id = e.stream_id AND s.version = e.version) THEN -1
        END), count(*) FILTER (WHERE e.opens)
    INTO verdict, requests FROM unnest(events) AS e;

    IF verdict IS NULL AND (requests = 1 OR (
        SELECT count(*) = count(DISTINCT (e.stream_id, e.version))
           AND count(e.command_digest)
             = count(DISTINCT e.command_id) FILTER (WHERE e.command_digest IS NOT NULL)
        FROM unnest(events) AS e))
    THEN
        RETURN QUERY
        INSERT INTO ledger.events (
            stream_id, version, fact, fact_version, facility_id, effective_at, recorded_at, actor,
            role, command_id, command_digest, correlation_id, causation_id, reason, source, state)
        SELECT e.stream_id, e.version, e.fact, e.fact_version, e.facility_id,
               coalesce(e.effective_at, learned), learned, e.actor, e.role, e.command_id,
               e.command_digest, nullif(e.correlation_id, e.command_id), e.causation_id, e.reason,
               e.source, e.state
        FROM unnest(events) AS e
        RETURNING position;
    ELSIF requests > 1 THEN
        FOR first, last IN
            SELECT e.place, coalesce(lead(e.place) OVER (ORDER BY e.place) - 1, cardinality(events))
            FROM (SELECT opens, row_number() OVER () AS place FROM unnest(events)) AS e
            WHERE e.opens ORDER BY e.place
        LOOP
            RETURN QUERY SELECT ledger.append(events[first : last]);
        END LOOP;
    ELSIF tracking_name IS NOT NULL THEN
        RAISE unique_violation USING
            MESSAGE = CASE verdict WHEN -1 THEN 'a version is taken'
                                   ELSE 'the command was given before' END;
    ELSE
        RETURN QUERY SELECT verdict FROM unnest(events);
    END IF;
END $$;

REVOKE ALL ON FUNCTION ledger.append(ledger.new_event[], text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.append(ledger.new_event[], text, bigint) TO almoner_app;

-- Most events begin what they correlate with: nothing is written down then.
ALTER TABLE ledger.events ALTER correlation_id DROP NOT NULL;
COMMENT ON COLUMN ledger.events.correlation_id IS 'What it belongs to; NULL is its own command.';

CREATE OR REPLACE VIEW ledger.readable AS
SELECT position, stream_id, version, fact, fact_version, facility_id, effective_at, recorded_at,
       actor, role, command_id, coalesce(correlation_id, command_id) AS correlation_id,
       causation_id, reason, source, convert_from(state, 'UTF8')::jsonb AS content
FROM ledger.events;

-- A facility's events by blocks of 4,096 positions: those of one block share an entry, which takes
-- a sixth of the room. `LedgerRecorder.select_facility` reads it.
DROP INDEX ledger.events_facility;
CREATE INDEX events_facility ON ledger.events (facility_id, (position / 4096));

-- A request of a hundred events and more that comes alone is looked at by its first one. Whether another
-- version or command of it is taken the unique indexes find out as they are written: a unique_violation,
-- and nothing of it is stored. To smaller ones an answer is worth more than the look it costs.
CREATE OR REPLACE FUNCTION ledger.append(
    events ledger.new_event[], tracking_name text DEFAULT NULL, tracking_position bigint DEFAULT NULL
) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    learned timestamptz;
    looked_at ledger.new_event[] := events;
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

    IF cardinality(events) >= 100
        AND NOT EXISTS (SELECT FROM unnest(events[2:]) AS e WHERE e.opens)
    THEN
        looked_at := events[:1];
    END IF;

    SELECT min(CASE
            WHEN e.premises IS NOT NULL AND EXISTS (
                SELECT FROM unnest(e.premises, e.premise_versions, e.premise_positions)
                    AS p (stream_id, version, position)
                WHERE (
                    SELECT s.position FROM ledger.events s
                    WHERE s.stream_id = p.stream_id AND s.version = p.version
                ) IS DISTINCT FROM p.position OR (
                    SELECT true FROM ledger.events s
                    WHERE s.stream_id = p.stream_id AND s.version = p.version + 1)) THEN -3
            WHEN e.token_digest IS NOT NULL AND (
                SELECT true FROM access.tokens t
                WHERE t.digest = e.token_digest
                  AND t.facility_ids IS NOT DISTINCT FROM e.token_facility_ids
                  AND t.revoked_at IS NULL
                  AND (t.expires_at IS NULL OR t.expires_at > now())) IS NULL THEN -3
            WHEN e.command_digest IS NOT NULL AND (
                SELECT true FROM ledger.events s
                WHERE s.command_id = e.command_id AND s.command_digest IS NOT NULL) THEN -2
            WHEN (
                SELECT true FROM ledger.events s
                WHERE s.stream_id = e.stream_id AND s.version = e.version) THEN -1
        END), count(*) FILTER (WHERE e.opens)
    INTO verdict, requests FROM unnest(looked_at) AS e;

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

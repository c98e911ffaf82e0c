-- What an auditor looks for, by blocks. Of every 16 pages of events this index knows the positions and
-- effective times they span and, as Bloom filters, the actors, roles, facts, commands, correlations and
-- causes that occur in them: a search for something rare leaves out most blocks without reading them.
--
-- A block is summarized by VACUUM once it is full. An append pays for a look at whether its block is
-- summarized already, which it is not, since events are only ever added at the end.
CREATE INDEX events_dimensions ON ledger.events USING brin (
    position,
    effective_at,
    actor          text_bloom_ops (n_distinct_per_range = 256),
    role           text_bloom_ops (n_distinct_per_range = 16),
    fact           text_bloom_ops (n_distinct_per_range = 64),
    command_id     uuid_bloom_ops (n_distinct_per_range = 512),
    correlation_id uuid_bloom_ops (n_distinct_per_range = 512),
    causation_id   uuid_bloom_ops (n_distinct_per_range = 512)
) WITH (pages_per_range = 16);

-- What is not summarized yet has to be read. So VACUUM comes by after so many events, and not after a
-- share of the ledger, which grows with it.
ALTER TABLE ledger.events SET (
    autovacuum_vacuum_insert_threshold = 100000,
    autovacuum_vacuum_insert_scale_factor = 0
);

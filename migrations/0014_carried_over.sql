-- Where a stream is to be read from: its last fact that carries all it has become until then. Whoever
-- looks for it in a stream of thousands must not look at each of them.
CREATE INDEX events_carrying ON ledger.events (stream_id, version)
    WHERE fact = 'stock_item.year_closed';

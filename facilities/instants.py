"""Which position of the ledger an instant stands for, when people ask what was known by then.

Recorded times follow the positions, but not strictly: an append takes its time before its positions
and may be slow to take these, so that an event recorded earlier can stand behind one recorded
later. By how much is bounded by how long an append may last.
"""

LONGEST_APPEND = "2 minutes"
"""More than an append may last: the application's transactions end after one."""

POSITION_AT = f"""
WITH RECURSIVE narrowed (low, high) AS (
    SELECT 0::bigint, coalesce(max(position), 0) + 1 FROM ledger.events
    UNION ALL
    SELECT CASE WHEN beyond THEN low ELSE position END,
           CASE WHEN beyond THEN (low + high) / 2 ELSE high END
    FROM narrowed CROSS JOIN LATERAL (
        SELECT position,
               position >= high OR recorded_at > %(instant)s + interval '{LONGEST_APPEND}' AS beyond
        FROM ledger.events WHERE position >= (low + high) / 2 ORDER BY position LIMIT 1
    ) AS next
    WHERE high - low > 1
)
SELECT coalesce((
    SELECT position FROM ledger.events
    WHERE position < (SELECT min(high) FROM narrowed) AND recorded_at <= %(instant)s
    ORDER BY position DESC LIMIT 1
), 0)
"""
"""The last position recorded at or before an instant; 0 where there is none. In two steps:

1. Halve the ledger until two neighbours are found of which one was recorded more than
   LONGEST_APPEND after the instant and the one before it was not. What was recorded by the instant
   took its position before the later one did, so none of it stands behind that.
2. Go back from there to the first event recorded by the instant, past what that time held.

Neither grows with the ledger: some thirty looks into the index of positions, and the events of two
minutes. A largest position asked for by recorded time alone is looked up from the end of the
ledger, past everything recorded since, and a block-range index is read in full where new blocks
are not summarized yet.
"""

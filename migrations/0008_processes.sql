-- Processes that stopped at an event, for whoever looks why. How far each is is in ledger.tracking.
CREATE TABLE ledger.stalled_processes (
    process  text PRIMARY KEY,
    position bigint NOT NULL,
    reason   text NOT NULL,
    since    timestamptz NOT NULL DEFAULT now()
);

GRANT SELECT, INSERT, UPDATE, DELETE ON ledger.stalled_processes TO almoner_app;

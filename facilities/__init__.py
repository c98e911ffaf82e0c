"""A facility at work: its ledger, who may act in it, its standing procedures, its mailroom."""

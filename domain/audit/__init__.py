"""What was taken out of the ledger, by whom, and why."""

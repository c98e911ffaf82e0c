"""The mailroom's desk for X12: what payers and clearinghouses send, and what is sent to them."""

"""Seals: what an auditor is shown to prove that no event was altered, added, moved or removed.

All events, in the order of their positions, are the leaves of one Merkle tree that grows (RFC
9162). A seal is a signed statement of how large the tree is and what its root is; each names the
one before it. Seals are rows of the schema `audit`, and files outside of the database.
"""

"""Claims and what surrounds them: who owes what for which care."""

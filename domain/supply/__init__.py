"""What a facility keeps in stock and what becomes of it."""

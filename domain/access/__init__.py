"""Who may act in the health system: accounts, and what is granted to them."""

"""What happens in revenue, a module for each story: `claim` (with its payers), `remittance`."""

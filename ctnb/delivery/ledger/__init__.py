"""The ledger: the durable record of what was sent."""

"""Activities act: ledger writes and deliveries."""

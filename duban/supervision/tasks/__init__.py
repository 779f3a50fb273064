"""One task from its issue to its end: what it knows, what people tell it, what it leaves in the ledger."""

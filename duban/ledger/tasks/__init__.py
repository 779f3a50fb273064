"""Tasks: what is recorded of them, and how the ledger stands with each."""

"""Proof that the ledger is as it was written."""

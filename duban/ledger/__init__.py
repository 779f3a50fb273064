"""The ledger remembers: tables, every query, migrations."""

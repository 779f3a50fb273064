"""The database underneath: connections, transactions, its schema, its own programs."""

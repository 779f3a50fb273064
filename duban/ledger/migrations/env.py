"""Runs the migrations on the connection that ``duban.ledger.migration`` hands over; there is no other way in."""

from alembic import context

from duban.ledger.tables.schema import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite changes a table by making it anew
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()

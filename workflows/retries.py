"""How activities are retried, by name and reason."""

from datetime import timedelta

from temporalio.common import RetryPolicy

UNTIL_RECORDED = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
"""A record is never given up: while the database is away the workflow waits, and nothing is lost."""

UNTIL_STARTED = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
"""A plan is never left half issued; a refusal of the ledger is not retried (it is raised as such)."""

UNTIL_ROUND_DONE = RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=5))
"""A round of delivering that broke off is begun again; single messages are retried by the ledger's dates."""

RECORD_TIMEOUT = timedelta(seconds=30)
"""One transaction, with the wait for a lock."""

"""The rules of supervision, pure: no clock, no I/O, no environment, no temporalio.

Everything a rule needs is handed in: the state of a task, an event, the policy
and a moment. The result is a new state and what is to be entered in the ledger.
The centre is ``tasks.advance``; what an office lays down is in ``rules``.
"""

"""Keeps the whole of an installation in one file, and puts it back.

First the ledger is copied, then Temporal's own state, while everything runs. So the copy of Temporal never lacks what
the copy of the ledger has: whatever is missing in the ledger then stands in the workflows' histories, from where
`reconcile --mend` records it, word for word. The other way round the ledger would hold entries that the workflows have
not decided yet; they would decide again, at another moment, and every such task would have to be ended and begun anew
from the ledger.
"""

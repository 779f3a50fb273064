"""对账: what the ledger has, compared with what the workflows say, and mended where they differ.

The workflow is the truth about what should happen, the ledger about what happened. Where one has lost a part, the other
still has it: entries stand in the histories as inputs of the activity that records them, and the state after each entry
stands in the ledger.
"""

"""变更: one decision brought to many running tasks and plans, message by message.

What is to change is drawn up elsewhere and kept in the ledger as an order (``duban.orders``) before anybody is told.
Each target decides for itself, enters the change on its own timeline, and recognises a message that it has had: so an
order may be broken off anywhere, resumed, and given twice.
"""

"""The questions of the product: lists, figures, what awaits a body."""

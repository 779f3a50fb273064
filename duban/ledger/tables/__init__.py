"""The tables, and what they are made of."""

"""Deadlines as people write them."""

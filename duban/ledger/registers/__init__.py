"""Registers: what they open, and what asks them to."""

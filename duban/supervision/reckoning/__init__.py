"""Figures of what was done: states of items, points of bodies."""

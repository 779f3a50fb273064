"""Figures, measured beside the bare engine in the same run. ``make bench`` prints them all."""

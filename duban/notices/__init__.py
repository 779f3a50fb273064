"""Notices speak: what a person reads, and the channels that carry it."""

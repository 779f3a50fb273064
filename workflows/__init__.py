"""Workflows wait: one thin file per workflow."""

"""Finds, fetches and runs a Temporal server."""

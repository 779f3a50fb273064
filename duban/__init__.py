"""Duban (督办): durable supervision of reform plans."""

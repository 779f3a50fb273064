"""Tests mirror the rooms; the fixtures that start servers are in conftest.py."""

"""Intake reads plans as offices write them and names every problem at once."""

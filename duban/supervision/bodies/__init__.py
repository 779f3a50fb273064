"""The office's bodies and persons, and who is who towards a task."""

"""One row of a plan file, cell by cell."""

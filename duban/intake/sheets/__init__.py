"""One table of a plan file: its heading, its columns, which rows are tasks."""

"""One module per command of starter.py."""

"""What is issued, amended and closed as a whole."""

"""Plans: registered, amended, ordered to change."""

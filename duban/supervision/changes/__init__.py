"""Other rules, bodies, calendars and plans reach what is under way."""

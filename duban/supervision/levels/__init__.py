"""Behind: stretches of lag, and the reminders given for them."""

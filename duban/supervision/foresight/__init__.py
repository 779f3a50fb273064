"""What would come, before anything is issued: of a plan, of a year."""

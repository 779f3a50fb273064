"""Days and hours: calendars and business time."""

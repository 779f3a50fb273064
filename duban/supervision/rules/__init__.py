"""What an office's document lays down, as data: levels, limits, authority, procedures, what comes round, points."""

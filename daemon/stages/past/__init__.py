"""What the calendars tell of the time before the window."""

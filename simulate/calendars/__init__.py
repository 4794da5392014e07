"""What stands in the calendars, in memory and as files."""

"""What the user says through the calendar: commands, gestures, entries of the journal."""

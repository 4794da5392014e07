"""Time zones: by name, by VTIMEZONE, as Windows calls them, and the gaps of daylight saving time."""

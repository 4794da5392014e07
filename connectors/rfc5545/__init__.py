"""iCalendar (RFC 5545): read, written, and its recurrences laid out in time.  Pure."""

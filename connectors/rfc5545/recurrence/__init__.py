"""Recurrence rules (RFC 5545, 3.3.10): parsed, and their starts counted by arithmetic."""

"""Figures of days and weeks: meetings, focus time, and what became of it."""

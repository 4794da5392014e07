"""Time to think slowly: a weekly goal, in blocks."""

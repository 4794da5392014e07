"""The library of questions, and what on the calendar calls for which."""

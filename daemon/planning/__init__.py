"""The part that decides: pure functions from what is wanted and what stands to a plan."""

"""The commands that only look: how things are, weeks, reports, the journal."""

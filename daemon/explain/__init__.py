"""Why something is there, or why nothing is."""

"""HTTP with a deadline for the whole request, bounds on what comes in, and one origin."""

"""A leader's year, lived with unbusy and without it: `make simulate` measures whether it helps, and what it costs."""

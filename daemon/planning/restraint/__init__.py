"""What keeps a plan from doing too much or on doubtful ground: limits, rewrite wars, stale sources, clocks."""

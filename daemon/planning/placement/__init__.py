"""Where flexible wants go: exact, level by level."""

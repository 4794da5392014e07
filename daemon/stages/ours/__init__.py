"""Which events are ours: by name where the mark is gone; and which of them still stand."""

"""Which events are ours: by name where the mark is gone, by every owner that was used, and which of them still stand."""

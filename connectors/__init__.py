"""The connectors: for each kind of store, talk (I/O, error translation) and codec (pure)."""

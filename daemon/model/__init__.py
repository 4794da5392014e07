"""The shared vocabulary: plain immutable data and pure functions, no I/O, no clock.

Everything else in the project may import from here; nothing here imports from elsewhere in it.
"""

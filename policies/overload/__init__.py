"""Busy mode: flags on days and weeks over their limits, and the way out."""

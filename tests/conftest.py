"""Tests draw the same examples on every run, so that a change is what makes one fail; torture draws new ones."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("same", derandomize=True)
settings.register_profile("new", print_blob=True)
settings.load_profile("new" if os.environ.get("UNBUSY_TORTURE") else "same")

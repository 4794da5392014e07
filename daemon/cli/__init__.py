"""The command line: `main` is the command `unbusy`."""

from __future__ import annotations

from daemon.cli.app import main

__all__ = ["main"]

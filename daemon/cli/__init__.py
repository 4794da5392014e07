"""The command line: `main` is the command `unbusy`."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from shutil import get_terminal_size

WIDTHS = (80, 100)
"""Columns of the help that is kept as text; more than the last make no difference."""

GARBAGE = gc.get_threshold()
"""How often Python itself looks for circles of what is no longer used: right for the daemon.  A command ends before."""
_SELDOM = 100_000


def main(argv: list[str] | None = None) -> int:
    """See `daemon.cli.app`.

    `unbusy --help` is shown as `make man` has kept it: it is what people and scripts ask first, and needs no program.
    """
    if (sys.argv[1:] if argv is None else argv) in (["--help"], ["-h"]):
        with suppress(OSError):
            sys.stdout.write(_kept(get_terminal_size().columns))
            sys.stdout.flush()
            return 0
    gc.set_threshold(_SELDOM)
    from daemon.cli import app

    return app.main(argv)


def usage_file(columns: int) -> str:
    """Where the help for a terminal of these columns is kept."""
    return os.path.join(os.path.dirname(__file__), "help", f"usage-{min(columns, WIDTHS[-1])}.txt")  # noqa: PTH118, PTH120  pathlib takes longer to load than this does in all


def _kept(columns: int) -> str:
    """OSError where there is none."""
    with open(usage_file(columns), encoding="utf-8") as file:  # noqa: PTH123  as above
        return file.read()

"""What is printed for people: wrapped to the terminal, in colours that it wants, and a word on what takes its time.

None of it holds in a pipe or a file: there a line is a line, without colours.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import RLock
from time import monotonic
from typing import TextIO

from click import echo

WIDEST = 40
"""Cells of a column of a table at most; what is longer sticks out."""

NARROWEST = 20
"""Cells of the last column, below which it goes on under the first."""

PATIENCE = 2.0
"""Seconds that nothing needs to be said."""

_LAST_LINE = RLock()
_TOLD: list[str] = []
"""What stands in it now, if anything."""


def columns(stream: TextIO) -> int | None:
    """The cells of a line; None for what is not a terminal, or does not say."""
    if not stream.isatty():
        return None
    said = os.environ.get("COLUMNS", "")
    try:
        return int(said) if said.isdecimal() and int(said) else os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError):
        return None


def coloured(stream: TextIO) -> bool:
    """Whether colours are wanted: by a terminal that has them, and nowhere with NO_COLOR (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def put(line: str, *, err: bool = False, hang: int | None = None) -> None:
    """Print a line.  On a terminal it goes on under its text (`hang`: under that cell) where it is too long."""
    stream = sys.stderr if err else sys.stdout
    most = columns(stream)
    if most:
        from daemon.views.cells import lead, wrapped

        line = "\n".join(wrapped(line, most, min(lead(line) if hang is None else hang, most // 2)))
    echo(line, err=err, color=coloured(stream))


def put_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows of cells under each other; the last cell of each is wrapped in its column."""
    from daemon.views.cells import width

    sizes = [
        max((w for cell in column if (w := width(cell)) <= WIDEST), default=0) for column in zip(*rows, strict=True)
    ]
    start, most = sum(sizes[:-1]) + 2 * len(sizes[:-1]), columns(sys.stdout)
    hang = start if not most or most - start >= NARROWEST else 4
    for row in rows:
        padded = (cell + " " * (size - width(cell)) for cell, size in zip(row, sizes, strict=True))
        put("  ".join(padded).rstrip(), hang=hang)


@contextmanager
def waiting(what: str, whole: int = 0, *, after: float = PATIENCE, every: float = 1.0) -> Iterator[Callable[[], None]]:
    """Say in the last line of the terminal what is being done, once it takes longer than `after` seconds.

    It is said anew `every` so many, and taken away at the end.  What is given is to be called after each part, of
    which there are `whole`.  Off a terminal nothing is said.
    """
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda: None
        return
    from threading import Event, Thread

    done: list[None] = []
    over = Event()

    def tell() -> None:
        begun, last = monotonic(), ""
        while not over.wait(every if last else after):
            part = f", {min(len(done), whole)} of {whole}" if whole > 1 else ""
            last = f"{what}{part} … {monotonic() - begun:.0f} s"
            with _LAST_LINE:
                _over(last)
        if last:
            _over("")

    thread = Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield lambda: done.append(None)
    finally:
        over.set()
        thread.join()


@contextmanager
def still() -> Iterator[None]:
    """While somebody is asked, the last line of the terminal is theirs."""
    with _LAST_LINE:
        if _TOLD:
            _over("")
        yield


def _over(text: str) -> None:
    """Write over the line in which the cursor stands (ECMA-48, EL)."""
    sys.stderr.write(f"\r{text}\x1b[K")
    sys.stderr.flush()
    _TOLD[:] = [text] if text else []

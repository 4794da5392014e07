"""Two writers of one event: what another program takes back again and again is left as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile

from daemon.model.owner import Field
from daemon.model.plan import Change, Delete, Problem, Update
from daemon.model.words import title

OFTEN = 3
"""After so many rewrites within a day nothing more is written to an event."""

Written = Mapping[str, Sequence[Mapping[Field, str]]]
"""By UID: the base of each write within the last day, newest first; {} for a deletion."""


def uncontested(changes: Sequence[Change], written: Written) -> tuple[tuple[Change, ...], tuple[Problem, ...]]:
    """The changes without those that were made and taken back too often, and a problem for each of them."""
    fought = [c for c in changes if isinstance(c, Update | Delete) and _rewrites(c, written) >= OFTEN]
    problems = (
        Problem(
            c.calendar,
            f"another program has rewritten {title(c.before.event)} ({c.wish}) {OFTEN} times within a day; "
            "it is left as it is",
            "find the program that writes to this calendar, or edit the event, which makes it yours",
            1,
        )
        for c in fought
    )
    return tuple(c for c in changes if c not in fought), tuple(problems)


def _rewrites(change: Update | Delete, written: Written) -> int:
    """How often the last thing that we wrote to it was this very change."""
    wanted = {f: change.mark.base[f] for f in change.fields}
    before = written.get(change.uid, ())
    return len(list(takewhile(lambda base: bool(base) == bool(wanted) and wanted.items() <= base.items(), before)))

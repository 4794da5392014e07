"""The real command line in a process that kills itself, with SIGKILL, at a named point: crashing.py POINT AFTER ARGS…

Points are those of `power`; AFTER is how many times it is passed before.
"""

from __future__ import annotations

import os
import signal
import sys

from connectors.local.vdir import Vdir
from daemon.cli import main
from daemon.journal import JournalFolder
from daemon.ledger.sqlite.drawer import SqliteDrawer
from daemon.ledger.sqlite.mirror import SqliteIntake, SqliteMirror
from daemon.ledger.sqlite.own import SqliteOwn
from daemon.ledger.sqlite.runs import SqliteRuns
from power import JOURNAL, RECORDS, WRITES, Killed, Power, names


class Axe(Power):
    """Where the state machine goes on with another process, this one ends."""

    def at(self, point: str) -> None:
        try:
            super().at(point)
        except Killed:
            os.kill(os.getpid(), signal.SIGKILL)


def wire(power: Power) -> None:
    """Every effect of this process passes its points."""
    ledger = (SqliteIntake, SqliteMirror, SqliteOwn, SqliteRuns, SqliteDrawer)
    for owner, effects in ((Vdir, WRITES), *((part, names(RECORDS)) for part in ledger), (JournalFolder, JOURNAL)):
        for name in (n for n in effects if n in vars(owner)):
            setattr(owner, name, power.wired(name, getattr(owner, name)))


if __name__ == "__main__":
    axe = Axe()
    axe.cut([sys.argv[1]], int(sys.argv[2]), Killed())
    wire(axe)
    sys.exit(main(sys.argv[3:]))

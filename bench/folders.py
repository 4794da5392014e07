"""What is measured on: 10,000 events over ten years or 50,000 over twenty, and programs that are set to read them.

All answer for the same four weeks from Monday 2 March 2026.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from bench.timing import Figures, run

FIRST, DAYS = "2026-03-02", 28
TOOLS = os.environ.get("UNBUSY_TOOLS", str(Path(__file__).parents[2] / "shared" / "tools"))
"""The folder of make_calendar.py, which writes synthetic calendars."""

UNBUSY = """\
timezone = "Europe/Berlin"
state = "{base}/state"
lookback = "1d"
horizon = "27d"

[accounts.work]
type = "{kind}"
path = "{read}"
emails = ["dana.kessler@example.com"]

[accounts.mine]
type = "vdir"
path = "{base}/mine"
emails = ["dana.kessler@example.com"]
write = "mine"
"""
KHAL = """\
[calendars]
[[work]]
path = {read}
readonly = True

[locale]
local_timezone = Europe/Berlin
default_timezone = Europe/Berlin
longdateformat = %Y-%m-%d
dateformat = %Y-%m-%d

[sqlite]
path = {base}/khal.db
"""


class Folders:
    """A calendar folder, or a calendar file, and what the programs keep beside it."""

    def __init__(self, base: Path, programs: Path, events: int, years: int = 10, *, one_file: bool = False) -> None:
        """`programs` holds their environments.  With events, the tool must be there; see `tool`."""
        self.base, self.programs = base, programs
        self.read = base / ("calendar.ics" if one_file else "calendar")
        base.mkdir()
        (base / "mine").mkdir()
        if events:
            layout = ["--layout", "single" if one_file else "vdir", "--anchor", FIRST, "--out", str(self.read)]
            run([sys.executable, str(tool()), "--events", str(events), "--years", str(years), *layout])
        else:
            self.read.mkdir()
        kind = "ics" if one_file else "vdir"
        (base / "unbusy.toml").write_text(UNBUSY.format(base=base, read=self.read, kind=kind))
        (base / "khal.conf").write_text(KHAL.format(base=base, read=self.read))

    def unbusy(self, *command: str) -> list[str]:
        """A command line of unbusy at 07:00 on the first day."""
        name = str(self.programs / "unbusy" / "bin" / "unbusy")
        return [name, "--config", str(self.base / "unbusy.toml"), "--now", f"{FIRST}T07:00+01:00", *command]

    def plan(self, *, cached: bool) -> Figures:
        """`unbusy plan`, with the ledger of the run before or without any."""
        if not cached:
            for file in (self.base / "state").glob("ledger*"):
                file.unlink()
        return run(self.unbusy("plan"))[0]

    def khal(self, *, cached: bool) -> Figures:
        """`khal list` of the same weeks, with the cache of the run before or without any."""
        if not cached:
            (self.base / "khal.db").unlink(missing_ok=True)
        name = str(self.programs / "peers" / "bin" / "khal")
        return run([name, "-c", str(self.base / "khal.conf"), "list", FIRST, f"{DAYS}d"])[0]

    def occurrences(self) -> Figures:
        """The same weeks by icalendar and recurring-ical-events, which keep no cache."""
        return run([*self.script("peers", "reading.py"), str(self.read), FIRST, str(DAYS)])[0]

    def cycles(self, times: int) -> list[tuple[float, float]]:
        """Milliseconds of a daemon's cycle with nothing new, and of a look at every file."""
        given = [str(self.base / "unbusy.toml"), f"{FIRST}T07:00+01:00", str(times), str(self.read)]
        return _pairs(run([*self.script("unbusy", "cycle.py"), *given])[1])

    def expansions(self, times: int) -> list[tuple[float, float]]:
        """Milliseconds in which we expand all series, and dateutil does."""
        given = [str(self.read), FIRST, str(DAYS), str(times)]
        return _pairs(run([sys.executable, "-m", "bench.expansion", *given])[1])

    def script(self, environment: str, name: str) -> list[str]:
        """A program of this folder in one of the environments; its neighbours here are no modules to it."""
        return [str(self.programs / environment / "bin" / "python"), "-P", str(Path(__file__).with_name(name))]


def _pairs(said: str) -> list[tuple[float, float]]:
    return [(ours, theirs) for ours, theirs in json.loads(said)]


def tool() -> Path:
    """The program that makes calendars; it need not be there."""
    return Path(TOOLS) / "make_calendar.py"

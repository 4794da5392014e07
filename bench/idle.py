"""`python -m bench.idle`: what the daemon holds at rest, and at most, by the kinds of accounts that it has.

Real servers on loopback (Radicale, the Google server of the tests, a file on the web), with meetings over two years
each, every policy switched on; after the first cycle and two more that SIGHUP asks for, as after weeks of service.
"""

from __future__ import annotations

import json
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import PIPE, Popen

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from gcal import google_server
from proxy import answers, proxied
from servers import PASSWORD, radicale

EVENTS = 1000
CYCLES = 3
TOP = """\
timezone = "Europe/Warsaw"
state = "{base}/state"
interval = "24h"
[policies]
{policies}
"""
ALL = "breaks focus overload reflection preparation advisors objectives"
"""Those that need no more than to be switched on."""

EVENT = """\
BEGIN:VEVENT
UID:{n}@{kind}
DTSTAMP:20260101T000000Z
DTSTART:{start:%Y%m%dT%H%M%SZ}
DTEND:{end:%Y%m%dT%H%M%SZ}
SUMMARY:Meeting {n}
DESCRIPTION:{text}
ORGANIZER:mailto:bob@example.com
ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@example.com
ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob{n}@example.com
{rule}END:VEVENT
"""
GOALS = {"vdir": 48, "caldav": 64, "vdir, ics, caldav, google": 80}
"""MiB at rest."""


def events(kind: str) -> Iterator[str]:
    """Realistic meetings over two years around today, one in twenty a series."""
    first = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=365)
    for n in range(EVENTS):
        start = first + timedelta(hours=17.5 * n)
        rule = "RRULE:FREQ=WEEKLY;COUNT=20\n" if n % 20 == 0 else ""
        yield EVENT.format(
            n=n, kind=kind, start=start, end=start + timedelta(minutes=45), rule=rule, text="What is open. " * 16
        )


def calendar(*components: str) -> bytes:
    """A calendar of these."""
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//bench//bench//EN\n{''.join(components)}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


class Bench:
    """The accounts, by kind, as tables of a config; the first that can be written to is."""

    def __init__(self, base: Path, stack: ExitStack) -> None:
        self.base, self._stack = base, stack
        (base / "secret").write_text(PASSWORD)

    def table(self, kind: str, *, write: bool) -> str:
        """The table of a kind; its server is started now."""
        told: list[str] = getattr(self, kind)()
        target = {"google": "primary"}.get(kind, "Work")
        lines = [f"[accounts.{kind}]", f'type = "{kind}"', 'emails = ["ada@example.com"]', *told]
        return "\n".join([*lines, *([f'write = "{target}"'] if write else [])])

    def vdir(self) -> list[str]:
        """A file for each event."""
        (self.base / "calendars" / "Work").mkdir(parents=True)
        for n, event in enumerate(events("vdir")):
            (self.base / "calendars" / "Work" / f"{n}.ics").write_bytes(calendar(event))
        return [f'path = "{self.base}/calendars"']

    def caldav(self) -> list[str]:
        """Radicale; the events go straight into its storage."""
        account = self._stack.enter_context(radicale()).account()
        account.make_calendar("Work")
        for n, event in enumerate(events("caldav")):
            (account.folder / "Work" / f"{n}.ics").write_bytes(calendar(event))
        command = f'password_command = ["cat", "{self.base}/secret"]'
        return [f'url = "{account.url}"', f'username = "{account.username}"', command]

    def ics(self) -> list[str]:
        """All of them in one file on the web."""
        site = self._stack.enter_context(proxied("http://127.0.0.1:1"))
        site.fail(answers(200, {"Content-Type": "text/calendar"}, calendar(*events("ics"))), until=10_000)
        return [f'url = "{site.origin}/a.ics"']

    def google(self) -> list[str]:
        """The strict server of the tests."""
        server = self._stack.enter_context(google_server(lambda: datetime.now(UTC)))
        first = server.clock().replace(minute=0, second=0, microsecond=0) - timedelta(days=365)
        for n in range(EVENTS):
            start = first + timedelta(hours=17.5 * n)
            times = {"start": start, "end": start + timedelta(minutes=45)}
            body = {name: {"dateTime": at.isoformat(), "timeZone": "Europe/Warsaw"} for name, at in times.items()}
            guests = [
                {"email": server.user, "self": True, "responseStatus": "accepted"},
                {"email": f"bob{n}@example.com"},
            ]
            server.deliver({"id": f"event{n:05d}", "summary": f"Meeting {n}", "attendees": guests} | body)
        (self.base / "google").write_text(json.dumps(server.secret()))
        return [f'endpoint = "{server.url}"', f'password_command = ["cat", "{self.base}/google"]']


def held(kinds: Sequence[str]) -> tuple[int, int]:
    """KiB at rest and at most, of a daemon with these accounts."""
    with tempfile.TemporaryDirectory() as base, ExitStack() as stack:
        bench = Bench(Path(base), stack)
        writing = next(kind for kind in kinds if kind != "ics")
        policies = "\n".join(f"{policy}.enabled = true" for policy in ALL.split())
        tables = [bench.table(kind, write=kind == writing) for kind in kinds]
        config = Path(base) / "unbusy.toml"
        config.write_text("\n".join([TOP.format(base=base, policies=policies), *tables]))
        command = [sys.executable, "-m", "daemon", "--config", str(config)]
        with Popen([*command, "-v", "run", "--observe"], stderr=PIPE, text=True) as process:  # noqa: S603  our own
            try:
                for n in range(CYCLES):
                    if n:
                        process.send_signal(signal.SIGHUP)
                    cycle(process)
                time.sleep(1)
                return figure(process.pid, "VmRSS"), figure(process.pid, "VmHWM")
            finally:
                process.kill()


def cycle(process: Popen[str]) -> None:
    """Wait for the end of one; SystemExit with what was said when it fails."""
    said = []
    for line in process.stderr or ():
        said.append(line)
        if "occurrences read" in line:
            if "problems" in line:
                break
            return
    sys.exit("".join(said))


def figure(process: int, name: str) -> int:
    """KiB, as proc(5) has it."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def main() -> int:
    """Print the figures as a table; 1 when a goal is missed."""
    missed = False
    sys.stdout.write("| accounts | at rest | at most | goal at rest |\n| --- | --- | --- | --- |\n")
    for kinds, goal in GOALS.items():
        rest, most = (kib / 1024 for kib in held(kinds.split(", ")))
        verdict = "met" if rest <= goal else "missed"
        missed = missed or rest > goal
        sys.stdout.write(f"| {kinds} | {rest:.1f} MiB | {most:.1f} MiB | {goal} MiB: {verdict} |\n")
        sys.stdout.flush()
    return missed


if __name__ == "__main__":
    sys.exit(main())

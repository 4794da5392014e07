"""`python -m bench.google`: what a Google calendar of 10,000 events costs, at the strict server of the tests.

Requests, with the one for an access token; CPU time and memory of whole processes, as the kernel counts them.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from bench.timing import rest, run
from gcal import GoogleServer, google_server

EVENTS = 10_000
CONFIG = """\
timezone = "Europe/Warsaw"
state = "{base}/state"
[accounts.google]
type = "google"
write = "primary"
endpoint = "{server.url}"
emails = ["{server.user}"]
password_command = ["cat", "{base}/secret"]
"""


def main() -> None:
    """Print the figures as a table."""
    with google_server(lambda: datetime.now(UTC)) as server, tempfile.TemporaryDirectory() as base:
        fill(server)
        (Path(base) / "secret").write_text(json.dumps(server.secret()))
        (Path(base) / "unbusy.toml").write_text(CONFIG.format(base=base, server=server))
        sys.stdout.write("| measured | requests | CPU | memory |\n| --- | --- | --- | --- |\n")
        for line in measured(server, [sys.executable, "-m", "daemon", "--config", f"{base}/unbusy.toml"]):
            sys.stdout.write(f"{line}\n")


def measured(server: GoogleServer, unbusy: list[str]) -> Iterator[str]:
    """A first plan, a quiet one, and the daemon at rest."""
    for name in (f"first `plan` of {EVENTS:,} events", "a quiet `plan`"):
        server.desk.seen.clear()
        figures, _ = run([*unbusy, "plan"])
        yield f"| {name} | {len(server.requests())} | {figures.cpu:.0f} ms | {figures.memory:.0f} MiB |"
    server.desk.seen.clear()
    figures = rest([*unbusy, "run", "--observe"])
    yield f"| `run` at rest | {len(server.requests())} | {figures.cpu:.0f} ms | {figures.memory:.0f} MiB |"


def fill(server: GoogleServer) -> None:
    """Meetings over ten years around today, one in twenty of them a series."""
    first = server.clock().replace(minute=0, second=0, microsecond=0) - timedelta(days=5 * 365)
    for n in range(EVENTS):
        start = first + timedelta(hours=int(n * 8.7))
        body = {
            "id": f"event{n:05d}",
            "summary": f"Meeting {n}",
            "description": "What is open, and who takes it. " * 8,
            "start": {"dateTime": start.isoformat(), "timeZone": "Europe/Warsaw"},
            "end": {"dateTime": (start + timedelta(minutes=45)).isoformat(), "timeZone": "Europe/Warsaw"},
            "attendees": [
                {"email": server.user, "self": True, "responseStatus": "accepted"},
                {"email": "bob@example.com"},
            ],
        }
        server.deliver(body | ({"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=20"]} if n % 20 == 0 else {}))


if __name__ == "__main__":
    main()

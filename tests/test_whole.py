"""The command line on real servers, from the first plan to the last trace; another program makes the gestures."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from servers import PASSWORD, Calendar, Server, unfolded
from typing_in import ROOT

CONFIG = """\
timezone = "Europe/Warsaw"
state = "{state}"
horizon = "1d"

[accounts.work]
type = "caldav"
url = "{url}"
username = "{user}"
emails = ["ada@example.com"]
write = "Work"
password_command = ["echo", "{password}"]

[policies.overload]
enabled = false
[policies.reflection]
enabled = false
"""
MEETING = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//other//other//EN
BEGIN:VEVENT
UID:staff
DTSTAMP:20261101T000000Z
DTSTART:20261201T080000Z
DTEND:20261201T100000Z
SUMMARY:Staff
ORGANIZER:mailto:bob@example.com
ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@example.com
ATTENDEE:mailto:bob@example.com
X-KEPT:yes
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n").encode()


def unbusy(config: Path, *args: str) -> Any:
    """The answer as JSON, or what was said."""
    done = subprocess.run(
        [sys.executable, "-m", "daemon", "--config", config, "--now", "2026-11-30T07:00", *args],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    return json.loads(done.stdout) if "--json" in args else done.stdout + done.stderr


def moved(work: Calendar, name: str) -> None:
    """Another program moves an event by an hour, as it lies there."""
    lines = [x.replace("T090000", "T100000").replace("T110000", "T120000") if x.startswith("DT") else x
             for x in unfolded(work.get(name))]  # fmt: skip
    work.put(name, "\r\n".join([*lines, ""]).encode())


def test_from_the_first_plan_to_the_last_trace(server: Server, tmp_path: Path) -> None:
    account = server.account()
    work = account.make_calendar("Work")
    work.put("staff.ics", MEETING)
    stood = work.raw()
    config = tmp_path / "config.toml"
    config.write_text(
        CONFIG.format(state=tmp_path / "state", url=account.url, user=account.username, password=PASSWORD)
    )
    planned = unbusy(config, "plan", "--json")
    assert [c["action"] for c in planned["changes"]] == ["create"] * 4
    assert work.raw() == stood
    unbusy(config, "apply", "--yes")
    assert {c["uid"] for c in planned["changes"]} == {n.removesuffix(".ics") for n in work.raw().keys() - stood.keys()}
    assert unbusy(config, "plan", "--json")["changes"] == []

    mine = sorted(work.raw().keys() - stood.keys())
    at_nine = next(n for n in mine if any("T090000" in x for x in unfolded(work.get(n)) if x.startswith("DTSTART")))
    moved(work, at_nine)
    kept = work.get(at_nine)
    gone = next(n for n in mine if n != at_nine)
    work.delete(gone)
    unbusy(config, "apply", "--yes")
    assert unbusy(config, "plan", "--json")["changes"] == []
    assert work.get(at_nine) == kept
    assert gone not in work.names()

    assert unbusy(config, "explain", "2026-12-01T09:30")
    unbusy(config, "undo", "--yes")
    assert at_nine in work.names()
    unbusy(config, "purge", "--yes")
    assert work.raw() == stood

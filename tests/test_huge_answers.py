"""A server whose answers are huge, or built to be a burden: the process stays small, and the other account is served.

A whole `plan` in a process of its own; Monday 07:00 of week 2026-W49.  The first account is a folder; the second one is
on a server on loopback, and was read before, when it was empty.  With UNBUSY_TORTURE in the environment each answer is
as large as it may be; else an eighth of that.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connectors.http.web import LARGEST
from davsite import CLOSE, OPEN, ROW, WORK, DavSite, serving
from living import EVENT, ONLY_FOCUS, Life
from making import moment, span
from typing_in import ROOT

MOST = 256
"""MiB that a process may take."""

PART = 1 if os.environ.get("UNBUSY_TORTURE") else 8
SIZE = LARGEST // PART
CHILD = """\
import sys
from daemon.cli.app import main
try:
    code = main(sys.argv[1:])
except SystemExit as end:
    code = end.code
print(*(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")), file=sys.stderr)
sys.exit(code)
"""
HOME = '[accounts.home]\ntype = "{}"\nurl = "{}"\n'

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is told by /proc")


@dataclass(frozen=True)
class Planned:
    """What `plan` said, and the peak in MiB."""

    said: dict[str, Any]
    peak: float

    @property
    def problems(self) -> list[str]:
        """Of the second account."""
        return [f"{p['where']}: {p['what']}" for p in self.said["problems"] if p["where"].startswith("home")]


def plans(life: Life) -> Planned:
    config = str(life.base / "config.toml")
    done = subprocess.run(
        [sys.executable, "-c", CHILD, "--config", config, "--now", "2026-11-30T07:00", "plan", "--json"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr
    return Planned(json.loads(done.stdout), int(done.stderr.split()[-1]) / 1024)


def fed(base: Path, site: DavSite, kind: str) -> Life:
    url = {"caldav": site.url, "ics": f"{site.url}home/Work.ics"}[kind]
    return Life(base, policies=ONLY_FOCUS + HOME.format(kind, url))


@contextmanager
def known(base: Path, kind: str, site: DavSite) -> Iterator[tuple[DavSite, Path]]:
    """A server, and a state that knows it."""
    with serving(site):
        life = fed(base, site, kind)
        assert not life.plan().problems
        yield site, base / "state"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DavSite, Path]]:
    with known(tmp_path_factory.mktemp("dav"), "caldav", DavSite()) as found:
        yield found


@pytest.fixture(scope="module")
def feeder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DavSite, Path]]:
    with known(tmp_path_factory.mktemp("feed"), "ics", DavSite(answers={"get": feed(1)})) as found:
        yield found


def scene(base: Path, found: tuple[DavSite, Path], kind: str, *, new: bool = False) -> tuple[DavSite, Life]:
    """The server as it was before, and a user of their own; `new`: who has never met it."""
    site, state = found
    site.answers.clear()
    for name in list(site.stored):
        site.answer("DELETE", f"{WORK}{name}", "", b"", {})
    site.asked.clear()
    life = fed(base, site, kind)
    if not new:
        shutil.copytree(state, base / "state")
    return site, life


# -- lists ------------------------------------------------------------------------------------------------------------


def rows(count: int, more: str = "") -> bytes:
    each = (ROW.format(f"{WORK}{n:06}.ics", f'<getetag>"{n}"</getetag>') for n in range(count))
    return f"{OPEN}{''.join(each)}{more}{CLOSE}".encode()


def filled(before: str, what: str, after: str = "") -> bytes:
    return f"{OPEN}{before}{what * (SIZE // len(what))}{after}{CLOSE}".encode()


def nested(before: str, after: str) -> bytes:
    return f"{OPEN}{before}{'<a>' * (SIZE // 7)}{'</a>' * (SIZE // 7)}{after}{CLOSE}".encode()


def numbered(before: str, what: str, after: str = "") -> bytes:
    return (before + "".join(what.format(n) for n in range(SIZE // (len(what) + 6))) + after).encode()


PROP = "<response><propstat><prop>"
PORP = "</prop></propstat></response>"
LISTS: dict[str, Callable[[], bytes]] = {
    "150,000 resources": lambda: rows(150_000 if PART == 1 else 101_000),
    "deep nesting": lambda: nested("", ""),
    "deep nesting in a property": lambda: nested(f"{PROP}<getetag>", f"</getetag>{PORP}"),
    "a long text that has no end": lambda: filled("<response><href>/x", "a"),
    "a long comment": lambda: filled("<!--", "a", "-->"),
    "many addresses in a row": lambda: filled("<response>", f"<href>{WORK}a</href>", "</response>"),
    "many elements in a row": lambda: filled(f"{PROP}<getetag>", "<a/>", f"</getetag>{PORP}"),
    "many names": lambda: numbered(OPEN, "<p{}/>", CLOSE),
    "many names of attributes": lambda: numbered(OPEN, "<p p{}=''/>", CLOSE),
    "many namespaces": lambda: numbered(OPEN, "<p xmlns:p{}='x'/>", CLOSE),
    "many attributes": lambda: numbered("<multistatus xmlns='DAV:' ", "a{}='' ", ">" + CLOSE),
    "more than an answer may hold": lambda: OPEN.encode() + b" " * LARGEST,
}  # fmt: skip
FIRST = ("150,000 resources", "deep nesting in a property", "many names")


@pytest.mark.parametrize("what", LISTS)
def test_a_list_that_is_a_burden_costs_only_its_own_account(
    server: tuple[DavSite, Path], tmp_path: Path, what: str
) -> None:
    site, life = scene(tmp_path, server, "caldav")
    site.answers |= dict.fromkeys(("sync", "listing"), LISTS[what]())
    found = plans(life)
    assert (found.peak < MOST, len(found.problems), bool(found.said["changes"])) == (True, 1, True), found


@pytest.mark.parametrize("what", FIRST)
def test_so_does_one_of_calendars(server: tuple[DavSite, Path], tmp_path: Path, what: str) -> None:
    site, life = scene(tmp_path, server, "caldav", new=True)
    site.answers["home"] = LISTS[what]()
    found = plans(life)
    assert (found.peak < MOST, len(found.problems)) == (True, 1), found


def test_a_list_that_is_cut_off_again_and_again_is_given_up(server: tuple[DavSite, Path], tmp_path: Path) -> None:
    """Each of its 400 pages would have a token for the next one."""
    site, life = scene(tmp_path, server, "caldav")
    pages = iter(range(1, 401))
    full = f"<response><href>{WORK}</href><status>HTTP/1.1 507 Full</status></response>"
    site.answers["sync"] = lambda: rows(250, f"{full}<sync-token>{next(pages)}</sync-token>")
    site.put("a.ics", event(1, "Tue 12:00-12:30").encode())
    found = plans(life)
    assert (found.peak < MOST, found.problems, bool(found.said["changes"])) == (True, [], True), found
    assert [kind for kind in site.asked if kind in ("sync", "listing")] == ["sync", "sync", "listing"]


# -- contents ---------------------------------------------------------------------------------------------------------


def event(n: int, when: str, more: str = "") -> str:
    at = span(when)
    return EVENT.format(uid=f"m{n}", start=at.start, end=at.end, title=f"Meeting {n}", more=more)


def feed(count: int, more: str = "") -> bytes:
    """Events of an hour at noon, over two years."""
    inner = event(0, "Tue 12:00-13:00", more).partition("BEGIN:VEVENT")[2].partition("END:VEVENT")[0]
    days = [
        f"{moment('Tue 12:00').replace(year=2026 + n // 12 % 2, month=n % 12 + 1, day=n % 28 + 1):%Y%m%d}"
        for n in range(672)
    ]
    each = (inner.replace("UID:m0", f"UID:m{n}").replace("20261201", days[n % len(days)]) for n in range(count))
    body = "".join(f"BEGIN:VEVENT{one}END:VEVENT\n" for one in each)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{body}END:VCALENDAR\n".encode()


LONG = "DESCRIPTION:" + "x" * (20 * 2**20) + "\n"


def test_an_event_of_20_mib_is_named_and_its_neighbour_is_read(server: tuple[DavSite, Path], tmp_path: Path) -> None:
    site, life = scene(tmp_path, server, "caldav")
    site.put("a.ics", event(1, "Tue 12:00-12:30", LONG).encode())
    site.put("b.ics", event(2, "Tue 13:00-13:30").encode())
    found = plans(life)
    assert found.problems == ["home/Work/a.ics: is larger than 1 MiB"]
    assert (found.peak < MOST, bool(found.said["changes"])) == (True, True), found


def test_very_many_tiny_resources_are_read_in_portions(server: tuple[DavSite, Path], tmp_path: Path) -> None:
    """As many as a calendar may have."""
    site, life = scene(tmp_path, server, "caldav")
    for n in range(96_000 // PART):
        site.put(f"{n}.ics", event(n, "Tue 12:00-12:30").encode())
    found = plans(life)
    assert found.problems[0].startswith("home/Work: still being read: 5,000 of"), found
    assert found.peak < MOST, found


FEEDS: dict[str, tuple[Callable[[], bytes], bool]] = {
    "events as they are": (lambda: feed(SIZE // 340), False),
    "more events than are read": (lambda: feed(101_000), True),
    "one of 20 MiB": (lambda: feed(1, LONG), False),
    "one line": (lambda: b"BEGIN:VCALENDAR\nX-A:" + b"x" * (SIZE - 100) + b"\nEND:VCALENDAR\n", True),
    "nothing but lines": (lambda: b"BEGIN:VCALENDAR\n" + b"A:\n" * (SIZE // 3 - 100) + b"END:VCALENDAR\n", True),
    "deep nesting": (lambda: b"BEGIN:VCALENDAR\n" + b"BEGIN:A\n" * (SIZE // 8 - 100) + b"END:VCALENDAR\n", True),
    "nothing but alarms": (lambda: feed(1, "BEGIN:VALARM\nEND:VALARM\n" * (SIZE // 24)), True),
    "nothing but people": (lambda: feed(1, "ATTENDEE:a:b\n" * (SIZE // 13)), True),
    "nothing but dates": (lambda: feed(1, "RDATE:20261201\n" * (SIZE // 15)), True),
    "empty events": (lambda: b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nEND:VEVENT\n" * (SIZE // 26), True),
    "events without an end": (lambda: b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nA:\nB:\nC:\n" * (SIZE // 22), True),
}  # fmt: skip
"""What comes, and whether it is refused."""


@pytest.mark.parametrize("what", FEEDS)
def test_a_feed_that_is_a_burden_costs_only_its_own_account(
    feeder: tuple[DavSite, Path], tmp_path: Path, what: str
) -> None:
    site, life = scene(tmp_path, feeder, "ics")
    make, refused = FEEDS[what]
    site.answers["get"] = make()
    found = plans(life)
    assert found.peak < MOST, found
    assert not refused or (len(found.problems), bool(found.said["changes"])) == (1, True), found

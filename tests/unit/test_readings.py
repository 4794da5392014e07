"""What resources said is kept: it is not read twice, and never stands in for what would be read now."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.rfc5545 import codec
from daemon.ledger import readings as kept
from daemon.ledger.readings import readings
from daemon.model.event import ResourceRef
from daemon.model.protocols import Reading, Resource
from daemon.model.times import TimeRange
from daemon.system.outsiders import Guarded
from making import ZONE, span
from reading import CORPUS, needs_corpus
from remembering import Drawer

WEEK = span("Mon 00:00-23:00")
DAILY = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20261101T000000Z\r\n"
    "DTSTART;TZID=Europe/Warsaw:20261130T100000\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY\r\nSUMMARY:{}\r\n"
    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:p1@example.com\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


class Reader:
    """Reads, and counts how often."""

    def __init__(self) -> None:
        self.read_before: list[str] = []

    def read(self, resource: Resource, window: TimeRange, zone: ZoneInfo) -> Reading:
        self.read_before.append(resource.ref.href)
        return codec.reading(resource, window, zone)


def resource(name: str, text: str = "Daily", version: str = "1") -> Resource:
    return Resource(ResourceRef("work/Work", name, version), DAILY.format(text).encode())


@pytest.fixture
def drawer() -> Drawer:
    return Drawer()


def look(drawer: Drawer, *there: Resource, span: TimeRange = WEEK, zone: ZoneInfo = ZONE) -> list[str]:
    """What had to be read; what is said is what would be read now."""
    reader = Reader()
    said = list(readings(drawer, "n", reader, there, span, zone))
    assert said == [(r, codec.reading(r, span, zone)) for r in there]
    return reader.read_before


def test_what_stays_is_read_once(drawer: Drawer) -> None:
    assert look(drawer, resource("a"), resource("b")) == ["a", "b"]
    assert look(drawer, resource("a"), resource("b")) == []
    assert look(drawer, resource("a")) == []
    assert look(drawer, resource("a"), resource("b")) == ["b"]


OTHER = {
    "other bytes": lambda d: look(d, resource("a", "Other")),
    "another version of the same bytes": lambda d: look(d, resource("a", version="2")),
    "another start": lambda d: look(d, resource("a"), span=TimeRange(WEEK.start + timedelta(hours=1), WEEK.end)),
    "another end": lambda d: look(d, resource("a"), span=TimeRange(WEEK.start, WEEK.end + timedelta(days=1))),
    "another zone of the user's": lambda d: look(d, resource("a"), zone=ZoneInfo("Asia/Tokyo")),
}


@pytest.mark.parametrize("again", OTHER.values(), ids=OTHER)
def test_it_is_read_anew_for(again: Callable[[Drawer], list[str]], drawer: Drawer) -> None:
    look(drawer, resource("a"))
    assert again(drawer) == ["a"]


@pytest.mark.parametrize("what", ["_code", "_rules"])
def test_it_is_read_anew_by_other_code_and_by_other_rules_of_zones(
    what: str, drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(drawer, resource("a"))
    monkeypatch.setattr(kept, what, lambda *_: "other")
    assert look(drawer, resource("a")) == ["a"]


def test_what_stands_around_a_connector_is_not_the_code_that_reads(
    drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(kept, "_code", lambda module: asked.append(module) or "")
    assert list(readings(drawer, "n", Guarded(Reader(), "others"), (), WEEK, ZONE)) == []
    assert asked == [Reader.__module__]


def test_code_is_known_by_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "alone.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    __import__("alone")
    before = kept._files("alone")
    assert kept._files("alone") == before
    os.utime(tmp_path / "alone.py", ns=(1, 1))
    assert kept._files("alone") != before
    assert "codec.py" in kept._files("connectors.rfc5545.codec")


@pytest.mark.parametrize("lies", ["x", "====", "eJw=", "A" * 1000, "eJyrVkrMKU1VslIyMFSqBQAZ1gOd"])
def test_what_cannot_be_unpacked_is_read_again(lies: str, drawer: Drawer) -> None:
    look(drawer, resource("a"))
    drawer.put("n", lies)
    assert look(drawer, resource("a")) == ["a"]
    assert look(drawer, resource("a")) == []


def test_what_was_cut_off_is_read_again(drawer: Drawer) -> None:
    look(drawer, resource("a"))
    whole = drawer.get("n")
    for end in range(0, len(whole), 7):
        drawer.put("n", whole[:end])
        assert look(drawer, resource("a")) == ["a"]


@needs_corpus
def test_any_calendar_says_the_same_when_it_was_kept(drawer: Drawer) -> None:
    files = sorted(CORPUS.glob("*/*.ics"))[::40]
    there = [Resource(ResourceRef("a/b", f"{n}.ics", "1"), f.read_bytes()) for n, f in enumerate(files)]
    span = TimeRange(WEEK.start.replace(year=1997), WEEK.end.replace(year=1998))
    look(drawer, *there, span=span)
    assert drawer.get("n")
    assert look(drawer, *there, span=span) == []

"""Several hundred calendars from other projects' tests: what is agreed on is met, and nothing does harm.

The corpus is not part of the project: it is read from $UNBUSY_CORPUS, else from ../shared/corpus.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.rfc5545.lines import calendars, normal
from connectors.rfc5545.reader import read
from connectors.rfc5545.scan import reach
from daemon.model.event import Event, ResourceRef
from daemon.model.times import TimeRange
from reading import CORPUS, differ, needs_corpus, span, uid_of

pytestmark = needs_corpus

UTC_ZONE = ZoneInfo("UTC")
EXPECTED = json.loads((CORPUS / "expected.json").read_text()) if (CORPUS / "expected.json").exists() else []
FILES = sorted(p.relative_to(CORPUS).as_posix() for p in CORPUS.glob("*/*.ics"))
WINDOWS = ("2026-03-01..2026-05-01", "1997-06-01..1998-08-01", "2015-01-01..2016-03-01")


DECIDED_OTHERWISE = {
    "handmade/exrule": "EXRULE takes away what it gives: RFC 2445, 4.8.5.2; engines that do not know it list all",
    "handmade/rrule-until-date-for-datetime": "a day as UNTIL holds that day: 3.3.10 says inclusive",
    "kcalendarcore/RecurrenceRule__LibICal__LibICal_TestCase57": "EXRULE; its own X-EXPECT-NUMEVENTS is 23, as ours",
}
"""Where two engines or more agree on what is not protective, or not what the writer meant (docs/reading.md)."""
MET = [e for e in EXPECTED if e["file"].removesuffix(".ics") not in DECIDED_OTHERWISE]


def window_of(entry: dict[str, str]) -> TimeRange:
    return TimeRange(datetime.fromisoformat(entry["window_start"]), datetime.fromisoformat(entry["window_end"]))


def found(payload: bytes, window: TimeRange) -> list[tuple[str, str, str]]:
    """As expected.json writes occurrences; times without a zone are in UTC."""
    events = read(payload, ResourceRef("a/b", "c.ics", ""), window, UTC_ZONE).events
    return sorted((uid_of(e), *stamps(e)) for e in events)


def stamps(event: Event) -> tuple[str, str]:
    if event.dates:
        return str(event.dates.first), str(event.dates.end)
    return f"{event.span.start:%Y-%m-%dT%H:%M:%S}", f"{event.span.end:%Y-%m-%dT%H:%M:%S}"


def expected(entry: dict) -> list[tuple[str, str, str]]:
    """What ends before it starts is a moment for us."""
    rows = [(o["uid"], o["start_utc"].rstrip("Z"), o["end_utc"].rstrip("Z")) for o in entry["occurrences"]]
    return sorted((uid, start, max(start, end)) for uid, start, end in rows)


def test_every_window_is_met_in_any_order_twice() -> None:
    order = [*MET, *MET]
    random.Random(7).shuffle(order)  # noqa: S311 an order, no secret
    payloads = {e["file"]: (CORPUS / e["file"]).read_bytes() for e in EXPECTED}
    wrong = [(e["file"], e["window_start"]) for e in order if found(payloads[e["file"]], window_of(e)) != expected(e)]
    assert wrong == []
    assert len(MET) > 800
    others = [e for e in EXPECTED if e not in MET]
    differing = {e["file"] for e in others if found(payloads[e["file"]], window_of(e)) != expected(e)}
    assert differing == {f"{name}.ics" for name in DECIDED_OTHERWISE}


def reversed_events(payload: bytes) -> bytes:
    """The same calendar with its events in reverse order."""
    stream = normal(payload)
    out, end = [], len(stream)
    for cal in reversed(calendars(stream)):
        if len(cal.events) < 2:
            continue
        out.append(stream[cal.events[-1][1] : end])
        gaps = [stream[a[1] : b[0]] for a, b in zip(cal.events, cal.events[1:], strict=False)]
        for place, gap in zip(cal.events, [*gaps, b""], strict=True):
            out.append(stream[place[0] : place[1]] + gap)
        end = cal.events[0][0]
    return b"".join([stream[:end], *reversed(out)])


def test_every_window_is_met_with_the_events_reversed() -> None:
    wrong, changed = [], 0
    for entry in MET:
        payload = (CORPUS / entry["file"]).read_bytes()
        turned = reversed_events(payload)
        changed += turned != payload
        if found(turned, window_of(entry)) != expected(entry):
            wrong.append((entry["file"], entry["window_start"]))
    assert wrong == []
    assert changed > 100


GOOD = "".join(
    f"BEGIN:VEVENT\r\nUID:good-{n}@example.com\r\nDTSTART:202603{n + 1:02}T090000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\n"
    for n in range(20)
).encode()


@pytest.mark.parametrize("window", WINDOWS)
def test_no_file_raises_or_is_touched_and_the_scan_hides_nothing(window: str) -> None:
    hidden = []
    when = span(window)
    for name in FILES:
        payload = (CORPUS / name).read_bytes()
        copy = bytes(bytearray(payload))
        seen = read(payload, ResourceRef("a/b", name, ""), when, ZoneInfo("Europe/Berlin"))
        assert payload == copy
        days = reach(payload)
        if days and seen.events and (days[0] > when.end.toordinal() or days[1] < when.start.toordinal()):
            hidden.append(name)
    assert hidden == []


ALL = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo
from connectors.rfc5545.reader import read
from daemon.model.event import ResourceRef
from daemon.model.times import TimeRange
window = TimeRange(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
for path in Path(sys.argv[1]).rglob("*.ics"):
    read(path.read_bytes(), ResourceRef("a/b", path.name, ""), window, ZoneInfo("Europe/Berlin"))
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
def test_reading_all_of_it_takes_little_memory() -> None:
    done = subprocess.run([sys.executable, "-c", ALL, str(CORPUS)], check=True, capture_output=True)
    assert int(done.stdout) < 300 * 1024  # kB


@pytest.mark.parametrize("before", [True, False], ids=["the good before", "the good after"])
def test_twenty_good_events_beside_any_file_are_seen(before: bool) -> None:
    when, lost = span("2026-03-01..2026-04-01"), []
    good = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + GOOD + b"END:VCALENDAR\r\n"
    for name in FILES:
        bad = (CORPUS / name).read_bytes().removeprefix(b"\xef\xbb\xbf")
        if b"\n" not in bad or bad[:2] in (b"\xff\xfe", b"\xfe\xff"):
            continue  # one stream has one kind of line end and one encoding
        payload = good + bad if before else bad.rstrip(b"\r\n") + b"\r\n" + good
        seen = read(payload, ResourceRef("a/b", name, ""), when, ZoneInfo("Europe/Berlin"))
        if len({e.ref.uid for e in seen.events if e.ref.uid.startswith("good-")}) < 20:
            lost.append(name)
    assert lost == []


BEYOND_THE_LIBRARY = frozenset(
    {
        "allenporter-ical/compat__testdata__calendar_labs_same_day_dtend",
        "allenporter-ical/rrule-exdate-mismatch",
        "collective-icalendar/calendars__example",
        "handmade/exrule",
        "handmade/leap-second",
        "handmade/rrule-until-date-for-datetime",
        "handmade/time-24-00",
        "handmade/vtimezone-no-subcomponents",
        "horde-icalendar/duration0",
        "horde-icalendar/vTimezone__SpanishHolidays",
        "ical.net/Recurrence__MinutelyCount3",
        "ical.net/Serialization__Encoding1",
        "ical.net/Serialization__ProdID1",
        "kcalendarcore/RecurrenceRule__KAlarm_3.4__KAlarm_TestCase03",
        "kcalendarcore/RecurrenceRule__KAlarm_3.4__KAlarm_TestCase04",
        "kcalendarcore/RecurrenceRule__LibICal__LibICal_TestCase48",
        "kcalendarcore/RecurrenceRule__LibICal__LibICal_TestCase51",
        "kcalendarcore/RecurrenceRule__RFC2445__RFC2445_RRULETest36U",
        "recurring-ical-events/Germany_Holidays",
        "ruby-icalendar/recurrence",
    }
)
"""Where the library gives up or says something else; what we say is what other engines agree on (see above)."""


@pytest.mark.parametrize("part", range(4))
def test_the_library_reads_the_same(part: int) -> None:
    """Half of all windows: the library takes its time."""
    found = {
        e["file"].removesuffix(".ics")
        for e in EXPECTED[part::8]
        if differ((CORPUS / e["file"]).read_bytes(), window_of(e), UTC_ZONE)
    }
    assert found <= BEYOND_THE_LIBRARY

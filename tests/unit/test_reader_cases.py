"""What real programs write beside the RFC, kind by kind: tests/corpus/KIND holds calendars and what they mean.

`want` in KIND/expected.json are the occurrences from 30 November to 13 December 2026 (or in `window`), for somebody
in Berlin, each as 'mm-dd hh:mm/hh:mm' in that zone or as days, with what else is to be known of it.  `files` are
resources of one calendar.  `problems`: one that has each of these words, and no other.
"""

from __future__ import annotations

import json
import random
from datetime import date
from pathlib import Path

import pytest

from connectors.rfc5545.codec import reading
from connectors.rfc5545.lines import calendars, normal
from connectors.rfc5545.scan import reach
from daemon.model.event import Event, PartStat, ResourceRef, ShowAs
from daemon.model.protocols import Reading, Resource
from daemon.model.times import DateRange
from daemon.planning.overridden import in_force
from reading import BERLIN

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
SPECS = {
    f"{path.parent.name}/{name}": (path.parent, spec | {"files": spec.get("files", [f"{name}.ics"])})
    for path in sorted(CORPUS.glob("*/expected.json"))
    for name, spec in json.loads(path.read_text()).items()
}
ME = "ada@example.com"


def window_of(spec: dict) -> DateRange:
    first, end = spec.get("window", ("2026-11-30", "2026-12-14"))
    return DateRange(date.fromisoformat(first), date.fromisoformat(end))


def shown(event: Event) -> str:
    words = [f"{event.dates.first:%m-%d}..{event.dates.end:%m-%d}"] if event.dates else []
    if not words:
        start, end = (m.astimezone(BERLIN) for m in (event.span.start, event.span.end))
        words = [f"{start:%m-%d %H:%M}/{end:%H:%M}"]
    words += ["uncertain"] if event.uncertain else []
    words += ["cancelled"] if event.cancelled else []
    words += ["free"] if event.show_as is ShowAs.FREE else []
    words += ["declined"] if any(a.address == ME and a.partstat is PartStat.DECLINED for a in event.attendees) else []
    return " ".join(words)


def readings(spec: dict, payloads: list[bytes]) -> list[Reading]:
    when = window_of(spec).span(BERLIN)
    refs = (ResourceRef("a/b", f"{n}.ics", "") for n in range(len(payloads)))
    return [reading(Resource(ref, payload), when, BERLIN) for ref, payload in zip(refs, payloads, strict=True)]


def told(found: list[Reading]) -> list[str]:
    return [shown(e) for e in sorted(in_force(found), key=lambda e: (e.span, e.ref))]


@pytest.mark.parametrize("name", SPECS)
def test_it_is_read_as_it_is_meant(name: str) -> None:
    folder, spec = SPECS[name]
    found = readings(spec, [(folder / file).read_bytes() for file in spec["files"]])
    assert told(found) == spec["want"], spec["says"]
    problems = [problem.what for one in found for problem in one.problems]
    assert len(problems) == len(spec.get("problems", ())), problems
    assert all(word in what for word, what in zip(spec.get("problems", ()), problems, strict=True))


def turned(payload: bytes) -> bytes:
    """The same calendar with its events in reverse order, in CRLF."""
    stream = normal(payload)
    events = [stream[begin:end] for begin, end in calendars(stream)[0].events]
    head, rest = stream.split(events[0], 1)[0], stream.rsplit(events[-1], 1)[1]
    return (head + b"".join(reversed(events)) + rest).replace(b"\n", b"\r\n")


def test_the_order_of_events_of_resources_and_of_readings_is_nothing() -> None:
    names = [*SPECS, *SPECS]
    random.Random(7).shuffle(names)  # noqa: S311 an order, no secret
    for name in names:
        folder, spec = SPECS[name]
        payloads = [turned((folder / file).read_bytes()) for file in reversed(spec["files"])]
        assert told(readings(spec, payloads)) == spec["want"], name


def test_the_scan_hides_none_of_it() -> None:
    for name, (folder, spec) in SPECS.items():
        when = window_of(spec).span(BERLIN)
        payloads = [(folder / file).read_bytes() for file in spec["files"]]
        for payload, found in zip(payloads, readings(spec, payloads), strict=True):
            days = reach(payload)
            near = not days or (days[0] <= when.end.toordinal() and days[1] >= when.start.toordinal())
            assert near or not (found.events or found.overrides), name


def test_each_kind_has_four_cases_at_least() -> None:
    kinds = [name.partition("/")[0] for name in SPECS]
    assert all(kinds.count(kind) >= 4 for kind in kinds)
    assert set(CORPUS.glob("*/*.ics")) == {folder / file for folder, spec in SPECS.values() for file in spec["files"]}

"""What resources said when they were last read, so that a run does not expand again what the run before it has.

Expanding series is the dearest part of a look at a calendar.  What a resource says hangs on its bytes, the span, the
user's zone, the code that reads it, and the rules of time zones on this machine: a reading counts while all of them are
the same.  It may be lost at any time; then the resource is read again.
"""

from __future__ import annotations

import sys
import zoneinfo
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path
from zlib import compress, decompressobj, error
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from daemon.ledger.ports import Drawer
from daemon.model.event import Event
from daemon.model.protocols import Reader, Reading, Resource
from daemon.model.times import DateRange, TimeRange

_MOST = 2**26  # bytes of readings that are unpacked: what is more was not kept by us
_FAST = 1  # level of zlib


class _Again(Struct, frozen=True, array_like=True):
    """Another occurrence of a series, which is as the first one but for its time."""

    recurrence_id: str
    span: TimeRange
    dates: DateRange | None


class _Run(Struct, frozen=True, array_like=True):
    """An occurrence, and those after it that are alike."""

    first: Event
    rest: tuple[_Again, ...]


class _Said(Struct, frozen=True, array_like=True):
    """A reading with its occurrences in runs; `seal`: a digest of what was read."""

    seal: str
    bare: Reading
    runs: tuple[_Run, ...]


class Readings(Struct, frozen=True):
    """What was kept: by href, what was said; `by`: a digest of all that it hangs on beside the bytes."""

    by: str
    said: dict[str, _Said]


def readings(
    drawer: Drawer, name: str, reader: Reader, resources: Iterable[Resource], span: TimeRange, zone: ZoneInfo
) -> Iterator[tuple[Resource, Reading]]:
    """Each resource with what it says in the span, as `Reader.read` has it; what is new is kept under the name."""
    code = _code(type(getattr(reader, "inner", reader)).__module__)
    by = _digest(span.start.isoformat(), span.end.isoformat(), zone.key, code, _rules())
    known, found = _kept(drawer, name, by), dict[str, _Said]()
    for resource in resources:
        seal, said = _digest(resource.ref.version, resource.payload), known.get(resource.ref.href)
        if said is None or said.seal != seal:
            said = _packed(seal, reader.read(resource, span, zone))
        found[resource.ref.href] = said
        yield resource, replace(said.bare, events=tuple(_unpacked(said.runs)))
    if found != known:
        _keep(drawer, name, Readings(by, found))


def _packed(seal: str, reading: Reading) -> _Said:
    runs: list[tuple[Event, list[_Again]]] = []
    for event in reading.events:
        again = _Again(event.ref.recurrence_id, event.span, event.dates)
        if runs and _occurrence(runs[-1][0], again) == event:
            runs[-1][1].append(again)
        else:
            runs.append((event, []))
    return _Said(seal, replace(reading, events=()), tuple(_Run(first, tuple(rest)) for first, rest in runs))


def _unpacked(runs: Iterable[_Run]) -> Iterator[Event]:
    for run in runs:
        yield run.first
        yield from (_occurrence(run.first, again) for again in run.rest)


def _occurrence(first: Event, again: _Again) -> Event:
    ref = replace(first.ref, recurrence_id=again.recurrence_id)
    return replace(first, ref=ref, span=again.span, dates=again.dates)


def _kept(drawer: Drawer, name: str, by: str) -> dict[str, _Said]:
    """What was kept, if it holds still."""
    with suppress(ValueError, error, RecursionError, msgspec.ValidationError):
        if text := drawer.get(name):
            kept = _decoded(text)
            return kept.said if kept.by == by else {}
    return {}


def _keep(drawer: Drawer, name: str, readings: Readings) -> None:
    """Keep it in place of what was; what is no Unicode is not kept."""
    with suppress(UnicodeEncodeError):
        packed = compress(msgspec.json.encode(readings), _FAST)
        drawer.put(name, b2a_base64(packed, newline=False).decode())


@lru_cache(maxsize=8)
def _decoded(text: str) -> Readings:
    """A daemon asks for the same again at each cycle."""
    return msgspec.json.decode(decompressobj().decompress(a2b_base64(text), _MOST), type=Readings)


def _digest(*parts: str | bytes) -> str:
    found = blake2b(digest_size=16)
    for part in parts:
        found.update(part if isinstance(part, bytes) else part.encode(errors="surrogatepass"))
        found.update(b"\0")
    return found.hexdigest()


@cache
def _code(reader: str) -> str:
    """Which code reads: the module of a reader, with its neighbours, and what all of ours are made of."""
    return _digest(sys.version, *(_files(name) for name in (reader, "connectors.rfc5545.reader", "daemon.model.event")))


def _files(module: str) -> str:
    """The files beside a module, with the time and the size of each; of one in no package, itself."""
    there = sys.modules.get(module)
    path = Path(getattr(there, "__file__", None) or "/nowhere")
    files = path.parent.glob("*.py") if getattr(there, "__package__", "") else [path]
    return repr(sorted((file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in files if file.exists()))


def _rules() -> str:
    """Which rules of time zones this machine has."""
    return repr([Path(folder).stat().st_mtime_ns for folder in zoneinfo.TZPATH if Path(folder).exists()])

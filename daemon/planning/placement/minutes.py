"""Placement works on whole minutes since 1970 (UTC): plain integers, exact and fast.

Every zone in use today has an offset that is a multiple of 15 minutes, so a 15-minute grid of local wall time is
one of UTC too, and days on which clocks change need no rule of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from daemon.model.times import MINUTE, TimeRange

Span = tuple[int, int]
"""Half-open [start, end) in minutes since the epoch."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SLOT = 15
FINE = 5


def to_span(r: TimeRange) -> Span:
    """The smallest span of whole minutes around a range."""
    return (r.start - EPOCH) // MINUTE, -((EPOCH - r.end) // MINUTE)


def to_range(span: Span) -> TimeRange:
    """The reverse."""
    return TimeRange(EPOCH + timedelta(minutes=span[0]), EPOCH + timedelta(minutes=span[1]))


def ceil_to(minute: int, step: int) -> int:
    """The first grid minute not before this one."""
    return -(-minute // step) * step


def union(spans: Iterable[Span]) -> list[Span]:
    """Sorted spans that neither overlap nor touch."""
    out: list[Span] = []
    for start, end in sorted(s for s in spans if s[0] < s[1]):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def cut(spans: Iterable[Span], holes: Iterable[Span]) -> list[Span]:
    """What is left of the union of `spans` without `holes`."""
    out: list[Span] = []
    blocked = union(holes)
    for span_start, end in union(spans):
        start = span_start
        for a, b in blocked:
            if b <= start:
                continue
            if a >= end:
                break
            if a > start:
                out.append((start, a))
            start = max(start, b)
        if start < end:
            out.append((start, end))
    return out


def shared(span: Span, spans: Iterable[Span]) -> int:
    """Minutes that a span has in common with disjoint others."""
    start, end = span
    return sum([min(b, end) - max(a, start) for a, b in spans if a < end and start < b])


def hits(span: Span, spans: Iterable[Span]) -> bool:
    """Whether a span overlaps any of the others."""
    return any(a < span[1] and span[0] < b for a, b in spans)

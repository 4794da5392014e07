"""One day in minutes: what is free, in stretches of which length; lunch; what is left of a block."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Span = tuple[int, int]
"""From minute to minute after midnight, the end not in it."""

LONG = 120
BREAK = 5
"""Meetings with a shorter gap between them are one run."""
LUNCH, A_LUNCH = (11 * 60 + 30, 14 * 60), 30
"""In this span so many minutes in a row are lunch."""


def merged(spans: Iterable[Span], gap: int = 1) -> list[Span]:
    """Their union, in order; spans with less than `gap` minutes between them are one."""
    out: list[Span] = []
    for start, end in sorted(s for s in spans if s[0] < s[1]):
        if out and start < out[-1][1] + gap:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def free(within: Span, busy: Iterable[Span]) -> list[Span]:
    """What is left of a span, in stretches."""
    out, at = [], within[0]
    for start, end in merged(busy):
        if start > at and at < within[1]:
            out.append((at, min(start, within[1])))
        at = max(at, end)
    return [*out, (at, within[1])] if at < within[1] else out


def minutes(spans: Iterable[Span]) -> int:
    """Minutes of the union."""
    return sum(end - start for start, end in merged(spans))


def inside(spans: Iterable[Span], within: Span) -> list[Span]:
    """The part of each that lies inside."""
    cut = ((max(a, within[0]), min(b, within[1])) for a, b in spans)
    return [s for s in cut if s[0] < s[1]]


def long_minutes(within: Span, busy: Iterable[Span]) -> int:
    """Minutes in free stretches of two hours and more."""
    return sum(b - a for a, b in free(within, busy) if b - a >= LONG)


def long_stretches(within: Span, busy: Iterable[Span]) -> int:
    """How many times two hours fit into what is free."""
    return sum((b - a) // LONG for a, b in free(within, busy))


def longest_run(busy: Iterable[Span]) -> int:
    """From the start of a meeting to the end of the last that follows without a break."""
    return max((b - a for a, b in merged(busy, BREAK)), default=0)


def has_lunch(busy: Iterable[Span]) -> bool:
    """Whether half an hour of lunch is left."""
    return any(b - a >= A_LUNCH for a, b in free(LUNCH, busy))


def lunch_lost(others: Sequence[Span], ours: Sequence[Span]) -> bool:
    """Whether there would be lunch without ours, and is none with it."""
    return has_lunch(others) and not has_lunch([*others, *ours])

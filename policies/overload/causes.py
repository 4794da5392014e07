"""What a flag says: the limits that are broken, what is near its limit, and what is usual."""

from __future__ import annotations

from collections.abc import Sequence

from daemon.model.figures.measure import LONG
from daemon.model.figures.told import Limits, Told
from daemon.model.snapshot import Snapshot
from daemon.model.times import Week
from daemon.model.words import hours, listed, percent
from policies.overload.options import OverloadOptions
from policies.overload.spans import Span, week_span
from policies.overload.spells import Weeks

FIRST_LINE = 119
"""Most characters of the first line."""


def said(weeks: Weeks, span: Span) -> str:
    """The causes with their limits, on the first line as many as it holds; then what is near, then what is usual.

    '3 h in meetings without a break (limit 3 h). Near its limits: 5 h 45 in meetings.'
    """
    broken, near = span.over, _near(span)
    lines = _causes(span, [cause(span, name) for name in broken])
    if near:
        close = listed([figure(span, name) for name in near])
        also = f"Near its limits: {close}." if lines else f"{span.name} is near its limits: {close}."
        lines = _joined(lines, also)
    if span.key.startswith("week/") and (usual := _usual(weeks)):
        lines = _joined(lines, usual)
    return "\n".join(lines) or f"{span.name} is within its limits again."


def _near(span: Span) -> list[str]:
    """What is near its limit; a share says no more than the time that it comes from."""
    close = span.leave.broken(span.figures)
    return [n for n in close if n not in span.over and (n != "in_hours" or "meeting" not in close)]


def _causes(span: Span, causes: Sequence[str]) -> list[str]:
    for n in range(len(causes), 0, -1):
        first = f"{span.name} has {listed(causes[:n])}."
        if len(first) <= FIRST_LINE or n == 1:
            return [first, *([f"And {listed(causes[n:])}."] if causes[n:] else [])]
    return []


def _joined(lines: Sequence[str], more: str) -> list[str]:
    """A sentence more: on the last line where it has room, else on a line of its own."""
    if lines and len(f"{lines[-1]} {more}") <= FIRST_LINE:
        return [*lines[:-1], f"{lines[-1]} {more}"]
    return [*lines, more]


def cause(span: Span, name: str) -> str:
    """What a span comes to, and the limit that it breaks by that: '26 h 30 in meetings (limit 20 h)'."""
    return f"{figure(span, name)}{_limit(span, name)}"


def figure(span: Span, name: str) -> str:
    """What a span comes to by one limit: '26 h 30 in meetings'."""
    figures = span.figures
    match name:
        case "meeting":
            return f"{hours(figures.meeting)} in meetings"
        case "in_hours":
            return f"{percent(100 * figures.in_hours // max(1, span.working))} of its working time in meetings"
        case "longest_run":
            return f"{hours(figures.longest_run)} in meetings without a break"
        case "after_hours":
            return f"{hours(figures.after_hours)} in meetings after hours"
        case _:
            return f"{_few(figures.long_blocks, span.limits.long_blocks)} free stretches of {hours(LONG)} it needs"


def _few(there: int, needed: int) -> str:
    """'only 1 of the 2', 'none of the 2', '2 of the 2'."""
    return f"{'none' if not there else f'only {there}' if there < needed else there} of the {needed}"


def _limit(span: Span, name: str) -> str:
    """' (limit 20 h)'; a number of stretches has said it already."""
    return f" (limit {limit(span, name)})" if name != "long_blocks" else ""


def limit(span: Span, name: str) -> str:
    """'20 h', '50 %'."""
    return percent(100 * span.share) if name == "in_hours" else hours(getattr(span.limits, name) or 0)


def tell(snapshot: Snapshot, options: OverloadOptions, weeks: Sequence[Week]) -> Told:
    """As `PolicyKind.tell` has it."""
    spans = {week: week_span(snapshot, options, week) for week in weeks}
    return Told(
        limits=Limits(
            day=int(options.day_meetings), week=int(options.week_meetings), after_hours=int(options.week_after_hours),
            share=options.week_share, long_blocks=options.week_long_blocks,
        ),
        over={week: tuple(cause(span, name) for name in span.over) for week, span in spans.items() if span.over},
    )  # fmt: skip


def _usual(weeks: Weeks) -> str:
    """The user's own median, over the last weeks that are over and in which they were there."""
    known, over = weeks.usual(weeks.options.compare_weeks)
    if len(over) < 2 or not known:
        return ""
    return f"The median of your {len(over)} weeks up to week {int(over[-1].key[-2:])} is {hours(known)}."

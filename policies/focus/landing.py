"""The way into an absence and out of it: time to hand over before, and to come back after.

Both are held as soon as the absence is known, so that nobody books over them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from daemon.model.event import ShowAs
from daemon.model.options import Minutes
from daemon.model.owner import Subject
from daemon.model.proposal import Content, Flexible, Level, Want
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY, MINUTE, TimeRange, local_day, minus, minutes_of
from daemon.model.words import day as day_name
from policies.focus.options import FocusOptions
from policies.questions.fixed import fixed

POLICY = "focus"
LANDING, HANDOVER = Subject("landing", "Landing"), Subject("handover", "Handover")
LONG = 3
"""Working days of absence from which there is a way into it and out of it."""
LAST_HOURS = timedelta(hours=3)
SHORTEST, GRID = 30, 15
"""Minutes: no landing is shorter, and where one may begin."""


class Absence(tuple[date, ...]):
    """The working days of an absence, in order; days off may lie between them."""

    __slots__ = ()


def landings(snapshot: Snapshot, options: FocusOptions) -> Iterator[Want]:
    """A handover on the last day before each long absence of the window, a landing on the first day after."""
    for away in absences(snapshot):
        before, after = _next(snapshot, away[0], -1), _next(snapshot, away[-1], 1)
        if options.handover and before and before >= snapshot.today:
            yield _handover(snapshot, options, away, before)
        if options.landing and after and after >= snapshot.today:
            yield _landing(snapshot, options, away, after)


def keys(snapshot: Snapshot) -> Iterator[str]:
    """`landing/2026-12-14`, by the day of return, and `handover/2026-12-07`, by the first day away."""
    yield from (f"{name}/{d}" for d in _days(snapshot) for name in ("landing", "handover"))


def absences(snapshot: Snapshot) -> Iterator[Absence]:
    """The long ones in the window.  A pause is none, and days off alone are none either."""
    away: list[date] = []
    for d in _days(snapshot):
        working = snapshot.working(d)
        if not working or d in snapshot.days_off:
            continue
        if not minus(working, snapshot.absences):
            away.append(d)
            continue
        if len(away) >= LONG:
            yield Absence(away)
        away = []
    if len(away) >= LONG:
        yield Absence(away)


def _days(snapshot: Snapshot) -> Iterator[date]:
    first, last = (local_day(t, snapshot.zone) for t in (snapshot.window.start, snapshot.window.end - MINUTE))
    return (first + n * DAY for n in range((last - first).days + 1))


def _next(snapshot: Snapshot, day: date, step: int) -> date | None:
    """The nearest day in a direction on which the user is there, in the window."""
    inside = set(_days(snapshot))
    there = (day + n * step * DAY for n in range(1, len(inside)))
    return next((d for d in there if d in inside and snapshot.present(d)), None)


def _landing(snapshot: Snapshot, options: FocusOptions, away: Sequence[date], day: date) -> Want:
    present = snapshot.present(day)
    return _want(
        f"landing/{day}",
        _content(snapshot, options.landing_title, f"After {_away(away)}: time to come back in.", "landing-changed"),
        Flexible(minutes=_length(snapshot, present, options.landing), windows=present),
        LANDING,
    )


def _length(snapshot: Snapshot, present: Sequence[TimeRange], length: Minutes) -> int:
    """As long as it is to be; else as the longest gap of its day, if that is long enough to land in."""
    gaps = [_on_grid(gap) for gap in minus(present, snapshot.busy)]
    longest = max(gaps, default=0)
    return int(length) if longest >= length or longest < SHORTEST else longest


def _on_grid(gap: TimeRange) -> int:
    """Minutes of a gap from the first moment on the grid."""
    late = -(gap.start.minute % -GRID)
    return (gap.minutes - late) // GRID * GRID


def _handover(snapshot: Snapshot, options: FocusOptions, away: Sequence[date], day: date) -> Want:
    return _want(
        f"handover/{away[0]}",
        _content(snapshot, options.handover_title, f"Before {_away(away)}: time to hand over.", "handover-decides"),
        Flexible(minutes=int(options.handover), windows=_last(snapshot.present(day), int(options.handover)), late=True),
        HANDOVER,
    )


def _last(present: Sequence[TimeRange], length: int) -> tuple[TimeRange, ...]:
    """The last three hours of a day's work."""
    left, pieces = int(LAST_HOURS / MINUTE), list[TimeRange]()
    for span in reversed(present):
        piece = TimeRange(max(span.start, span.end - left * MINUTE), span.end)
        left -= minutes_of([piece])
        pieces += [piece] if piece.minutes >= length else []
        if left <= 0:
            break
    return tuple(reversed(pieces))


def _want(key: str, content: Content, when: Flexible, about: Subject) -> Want:
    return Want(policy=POLICY, key=key, content=content, when=when, level=Level.LUNCH, about=(about,))


def _content(snapshot: Snapshot, title: str, reason: str, question: str) -> Content:
    rows = fixed(snapshot, question)
    texts, ids = tuple(text for _, text in rows), tuple(name for name, _ in rows)
    return Content(title=title, reason=reason, questions=texts, question_ids=ids, show_as=ShowAs.BUSY)


def _away(away: Sequence[date]) -> str:
    return f"{len(away)} working days away ({day_name(away[0])} – {day_name(away[-1])})"

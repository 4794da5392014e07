"""Busy mode: says ahead of time which days and weeks are over the limits, what made them so, and the way out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from math import ceil
from typing import Annotated

from msgspec import Meta

from daemon.model.figures.measure import LONG, DayMinutes, day_minutes, long_blocks
from daemon.model.options import FaultsError, Minutes, PolicyOptions
from daemon.model.proposal import Content, Fixed, Flexible, Level, Want
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY, DateRange, Week, at, weeks_in
from daemon.model.words import day, hours, listed, percent
from policies.overload.bounds import Bounds, reached
from policies.overload.relief import relief, way_out
from policies.questions.choosing import Asked, in_turn
from policies.questions.prompts import Evidence, Slot

POLICY = "overload"


class OverloadOptions(PolicyOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[policies.overload]`."""

    day_title: Annotated[str, Meta(min_length=1, description="The title of the flag on an overloaded day.")] = (
        "Overloaded day"
    )
    day_meetings: Annotated[
        Minutes,
        Meta(description="A day with this much time in meetings is overloaded; 0 is no limit, here and below."),
    ] = Minutes(360)
    day_share: Annotated[
        float, Meta(ge=0, le=1, description="So is one with this part of its working time in meetings.")
    ] = 0.75
    day_run: Annotated[Minutes, Meta(description="So is one with this long in meetings without a 5-minute break.")] = (
        Minutes(120)
    )
    week_title: Annotated[str, Meta(min_length=1, description="The title of the flag on an overloaded week.")] = (
        "Overloaded week"
    )
    week_meetings: Annotated[Minutes, Meta(description="A week with this much time in meetings is overloaded.")] = (
        Minutes(1200)
    )
    week_share: Annotated[
        float, Meta(ge=0, le=1, description="So is one with this part of its working time in meetings.")
    ] = 0.5
    week_after_hours: Annotated[Minutes, Meta(description="So is one with this much meeting time after hours.")] = (
        Minutes(120)
    )
    week_long_blocks: Annotated[
        int, Meta(ge=0, le=20, description="So is one in which meetings leave fewer stretches of 2 hours free.")
    ] = 2
    leave_at: Annotated[
        float,
        Meta(gt=0, le=1, description="A flag goes once all is below this part of its limit, so it is no flicker."),
    ] = 0.9
    compare_weeks: Annotated[
        int, Meta(ge=0, le=52, description="A week's flag names the median of so many weeks before; 0 for none.")
    ] = 4
    questions: Annotated[int, Meta(ge=0, le=3, description="Most questions as overloaded weeks begin and end.")] = 2
    look_back_title: Annotated[str, Meta(min_length=1, description="The title of the look back after them.")] = (
        "After the overload"
    )
    look_back: Annotated[Minutes, Meta(description="Its length; 0m for none.")] = Minutes(15)

    def __post_init__(self) -> None:
        """ValueError for a length that no slot could have."""
        if self.look_back and not Minutes(5) <= self.look_back <= Minutes(240):
            raise FaultsError({"look_back": f"{self.look_back}: a slot takes 5m to 4h, or 0m for none"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """A day or a week to be judged: its days, its limits, and the lower ones under which a standing flag goes.

    `share`: the limit of that name, from which the one for `in_hours` comes.
    """

    key: str
    name: str
    days: tuple[DayMinutes, ...]
    share: float
    limits: Bounds
    leave: Bounds


def propose(snapshot: Snapshot, options: OverloadOptions) -> tuple[Want, ...]:
    """The flags from the day of `now` on, and the look back once the overloaded weeks are over."""
    standing = frozenset(own.mark.key for own in snapshot.own(POLICY))
    measured = {week: day_minutes(snapshot, week.days) for week in snapshot.weeks}
    days = [_day(options, grid) for row in measured.values() for grid in row if grid.day >= snapshot.today]
    weeks = {week: _week(options, week, row) for week, row in measured.items()}
    full = {week: span for week, span in weeks.items() if _flagged(snapshot, span, standing)}
    flags = standing | {span.key for span in full.values()}
    return (
        *(_day_flag(snapshot, options, span) for span in days if _flagged(snapshot, span, standing)),
        *_week_flags(snapshot, options, full, flags),
        *_look_back(snapshot, options, flags),
    )


def keys(snapshot: Snapshot, options: OverloadOptions) -> Iterator[str]:
    """`day/2026-12-03`, `week/2026-W49`, and `after/2026-W49` for the look back."""
    del options
    for week in weeks_in(snapshot.window, snapshot.zone, snapshot.profile.week_starts):
        yield from (f"day/{day}" for day in week.days)
        yield from (f"{name}/{week.key}" for name in ("week", "after"))


def _day(options: OverloadOptions, grid: DayMinutes) -> _Span:
    def bounds(part: float) -> Bounds:
        return Bounds(
            meeting=_minutes(options.day_meetings * part),
            in_hours=_minutes(options.day_share * grid.working.bit_count() * part),
            longest_run=_minutes(options.day_run * part),
        )

    return _Span(
        key=f"day/{grid.day}",
        name=day(grid.day),
        days=(grid,),
        share=options.day_share,
        limits=bounds(1),
        leave=bounds(options.leave_at),
    )


def _week(options: OverloadOptions, week: Week, days: tuple[DayMinutes, ...]) -> _Span:
    """Of long blocks no more are asked for than there would be without any meeting; a count has no 90 %."""
    possible = sum(long_blocks(grid.working & ~grid.solo) for grid in days)

    def bounds(part: float) -> Bounds:
        return Bounds(
            meeting=_minutes(options.week_meetings * part),
            in_hours=_minutes(options.week_share * _working(days) * part),
            after_hours=_minutes(options.week_after_hours * part),
            long_blocks=min(options.week_long_blocks, possible),
        )

    return _Span(
        key=_week_key(week),
        name=f"Week {week.key}",
        days=days,
        share=options.week_share,
        limits=bounds(1),
        leave=bounds(options.leave_at),
    )


def _working(days: Iterable[DayMinutes]) -> int:
    return sum(grid.working.bit_count() for grid in days)


def _minutes(limit: float) -> int | None:
    """The first whole minute that reaches a limit; None for no limit."""
    return ceil(limit - 1e-9) if limit else None


def _week_key(week: Week) -> str:
    return f"week/{week.key}"


def _flagged(snapshot: Snapshot, span: _Span, standing: frozenset[str]) -> bool:
    """Over a limit; once the flag stands, until it is under all the lower ones.

    A day's flag neither comes nor goes once that day has begun.  Days and weeks wholly away have none.
    """
    stands = span.key in standing
    days = [grid.day for grid in span.days]
    if days == [snapshot.today] and snapshot.now >= _begins(snapshot, snapshot.today):
        return stands
    if not _working(span.days) and any(snapshot.working(day) for day in days):
        return False
    return bool((span.leave if stands else span.limits).broken(reached(span.days)))


def _begins(snapshot: Snapshot, day: date) -> datetime:
    """Its first working minute; midnight, on a day off."""
    working = snapshot.working(day)
    return working[0].start if working else at(day, time(), snapshot.zone)


def _day_flag(snapshot: Snapshot, options: OverloadOptions, span: _Span) -> Want:
    (grid,) = span.days
    content = Content(title=options.day_title, reason=_reason(snapshot, span))
    return Want(policy=POLICY, key=span.key, content=content, when=Fixed(DateRange(grid.day, grid.day + DAY)))


def _week_flags(
    snapshot: Snapshot, options: OverloadOptions, full: Mapping[Week, _Span], flags: frozenset[str]
) -> Iterator[Want]:
    """One from the first to the last working day of each; the first of several in a row asks how to go into them."""
    usual = _usual(snapshot, options) if full else ""
    for week, span in full.items():
        days = [day for day in week.days if snapshot.working(day)] or week.days
        if days[-1] < snapshot.today:
            continue
        begins = _week_key(Week(week.first - 7 * DAY)) not in flags
        asked = _questions(options, week, Evidence.OVERLOAD_BEGINS) if begins else ()
        content = Content(
            title=options.week_title,
            reason=_reason(snapshot, span, usual),
            questions=tuple(q.text for q in asked),
            question_ids=tuple(q.id for q in asked),
        )
        yield Want(policy=POLICY, key=span.key, content=content, when=Fixed(DateRange(days[0], days[-1] + DAY)))


def _look_back(snapshot: Snapshot, options: OverloadOptions, flags: frozenset[str]) -> Iterator[Want]:
    """On the first working day after the last overloaded week, unless the current week is one too."""
    past = [w for w in weeks_in(snapshot.window, snapshot.zone, snapshot.profile.week_starts) if w < snapshot.this_week]
    full = [week for week in past if _week_key(week) in flags]
    if not options.look_back or not full or _week_key(snapshot.this_week) in flags:
        return
    last = full[-1]
    since = (day for week in (*past, *snapshot.weeks) if week > last for day in week.days if snapshot.present(day))
    day = next(since, None)
    if day is None or day < snapshot.today:
        return
    figures = _causes(_week(options, last, day_minutes(snapshot, last.days)))
    asked = _questions(options, last, Evidence.OVERLOAD_ENDS)
    content = Content(
        title=options.look_back_title,
        reason=f"Week {last.key} was overloaded{': ' if figures else ''}{figures}. "
        f"A moment to see what made it so and what prevents the next.",
        questions=tuple(q.text for q in asked),
        question_ids=tuple(q.id for q in asked),
    )
    when = Flexible(minutes=int(options.look_back), windows=snapshot.present(day))
    yield Want(policy=POLICY, key=f"after/{last.key}", content=content, when=when, level=Level.REVIEW)


def _questions(options: OverloadOptions, week: Week, evidence: Evidence) -> tuple[Asked, ...]:
    """Different ones from week to week."""
    return in_turn(Slot.OVERLOAD, evidence, week.first.toordinal() // 7, options.questions)


# -- words -------------------------------------------------------------------------------------------------------


def _reason(snapshot: Snapshot, span: _Span, usual: str = "") -> str:
    """What made it so, on the first line; then the way out.

    It speaks of a flag that stands: it goes by the lower limits, and reads the same before and after it is written.
    """
    causes = _causes(span)
    if not causes:
        return f"{span.name} is within its limits again. Its flag stays until the day is over."
    found = relief(snapshot, [grid.day for grid in span.days], span.leave)
    return f"{span.name} has {causes}.{usual}\n\n{way_out(snapshot, span.days, found)}"


def _causes(span: _Span) -> str:
    """The figures that reach the lower limits, each with its limit."""
    figures, most = reached(span.days), span.limits
    share = 100 * figures.in_hours // max(1, _working(span.days))
    words = {
        "meeting": f"{hours(figures.meeting)} in meetings (limit {hours(most.meeting or 0)})",
        "in_hours": f"{percent(share)} of its working time in meetings (limit {percent(100 * span.share)})",
        "longest_run": f"{hours(figures.longest_run)} in meetings without a break "
        f"(limit {hours(most.longest_run or 0)})",
        "after_hours": f"{hours(figures.after_hours)} in meetings after hours (limit {hours(most.after_hours or 0)})",
        "long_blocks": f"{figures.long_blocks} of the {most.long_blocks} free stretches of {hours(LONG)} that it needs",
    }
    return listed([words[name] for name in span.leave.broken(figures)])


def _usual(snapshot: Snapshot, options: OverloadOptions) -> str:
    """The user's own median, over the last weeks that lie wholly in the window and were not wholly away."""
    weeks = weeks_in(snapshot.window, snapshot.zone, snapshot.profile.week_starts)
    whole = [w for w in weeks if w < snapshot.this_week and w.span(snapshot.zone).start >= snapshot.window.start]
    rows = (
        [day_minutes(snapshot, week.days) for week in whole[-options.compare_weeks :]] if options.compare_weeks else []
    )
    known = sorted(reached(row).meeting for row in rows if _working(row))
    median = (known[(len(known) - 1) // 2] + known[len(known) // 2]) // 2 if len(known) > 1 else 0
    return f" The median of the {len(known)} weeks up to {whole[-1].key} is {hours(median)}." if median else ""

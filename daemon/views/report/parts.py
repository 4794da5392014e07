"""What the page is made of, one part after the other: what it says, its picture, and the table behind that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct

from daemon.model.figures.erosion import Share
from daemon.model.figures.heat import Heat
from daemon.model.figures.metrics import DayFigures, WeekFigures
from daemon.model.times import local_day
from daemon.model.words import day, hours, one_line, share, weekday
from daemon.views.report import Report, pictures
from daemon.views.report import wording as say
from daemon.views.report.pictures import Picture

MOST = 6
"""Rows of a table of meetings or people at most; the rest is one more."""


class Tile(NamedTuple):
    """A figure, and what it is held against."""

    name: str
    value: str
    note: str


class Row(NamedTuple):
    """A line of a table; `share`: how long the bar under its name is, None for none."""

    name: str
    cells: tuple[str, ...]
    share: float | None = None


class Table(Struct, frozen=True, kw_only=True):
    """Figures in rows; `kind`: of the bars."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    kind: str = "took"


class Said(NamedTuple):
    """A line of the user's own, or about somebody."""

    when: str
    words: str
    note: str = ""


class Part(Struct, frozen=True, kw_only=True):
    """A part of the page.  `wide`: over both columns."""

    heading: str
    said: tuple[str, ...] = ()
    picture: Picture | None = None
    legend: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = ()
    quotes: tuple[Said, ...] = ()
    wide: bool = False


def lead(report: Report) -> tuple[str, ...]:
    """What this week came to, in a sentence or two."""
    focus, goal, ahead = report.rows[-1].focus, report.goal, _ahead_of(report)
    aim = f" of the {hours(goal)} that you want" if goal else ""
    back = f", {hours(focus.repaid)} of which came back" if focus.repaid else ""
    said = [
        f"You kept {hours(focus.kept)}{aim} for focus so far." if focus.kept else "",
        f"Meetings took {hours(focus.taken)}{back}." if focus.taken else "",
        f"{hours(ahead)} of focus are ahead." if ahead else "",
    ]
    return tuple(filter(None, [" ".join(filter(None, said))]))


def _ahead_of(report: Report) -> int:
    return sum(d.minutes(Heat.AHEAD) for d in report.heat)


def tiles(report: Report) -> Iterator[Tile]:
    """The figures of this week."""
    row = report.rows[-1]
    figures, goal = row.figures, report.goal
    note = f"goal {hours(goal)}" if goal else "this week"
    yield Tile("Focus kept", hours(row.focus.kept), note)
    yield Tile("In meetings", hours(figures.total("meeting")), f"{share(figures.share)} of your working time")
    limit = report.told.limits.after_hours if report.told.limits else 0
    yield Tile("After hours", hours(figures.total("after_hours")), f"limit {hours(limit)}" if limit else "in meetings")
    yield Tile("Long free stretches", str(figures.long_blocks), "of two hours and more")


def parts(report: Report, zone: ZoneInfo) -> Iterator[Part]:
    """All parts that have anything to say."""
    yield _heat(report, zone)
    yield _load(report)
    if report.trends:
        yield _trend(report)
    yield from _ahead(report)
    if any(row.focus.losses for row in report.rows):
        yield _took(report)
    if report.costs:
        yield _costs(report)
    if report.told.not_met:
        rows = tuple(Said(one.name, say.not_met(one)) for one in report.told.not_met)
        yield Part(heading="Not met for a while", quotes=rows)
    yield from _own(report)


# -- this week --------------------------------------------------------------------------------------------------------


def _heat(report: Report, zone: ZoneInfo) -> Part:
    kinds = [heat for heat in _LEGEND if any(d.minutes(heat) for d in report.heat)]
    shown = [d for d in report.heat if d.stretches]
    says = "; ".join(
        f"{weekday(d.day)} {', '.join(f'{hours(n)} {h}' for h in kinds if h is not Heat.FREE and (n := d.minutes(h)))}"
        for d in shown
        if any(d.minutes(h) for h in kinds if h is not Heat.FREE)
    )
    alt = f"Heat map of the week. {says or 'Nothing is booked'}."
    return Part(
        heading="The week",
        picture=pictures.heat(report.heat, local_day(report.now, zone), zone, alt),
        legend=tuple((pictures.class_of(heat), heat.value.capitalize()) for heat in kinds),
        tables=(
            Table(
                caption="Time of each day",
                heads=("Day", *(heat.value.capitalize() for heat in kinds)),
                rows=tuple(Row(day(d.day), tuple(_clock(d.minutes(heat)) for heat in kinds)) for d in shown),
            ),
        ),
    )


_LEGEND = (Heat.MEETING, Heat.KEPT, Heat.LOST, Heat.AHEAD, Heat.LATE, Heat.BUSY, Heat.FREE)


def _load(report: Report) -> Part:
    limit = report.told.limits.day if report.told.limits else 0
    weeks = [report.rows[-1].figures, *([report.ahead] if report.ahead else [])]
    days = [d for week in weeks for d in week.days if d.working or d.meeting]
    over = [d for d in days if limit and d.meeting >= limit]
    said = f"{len(over)} of {len(days)} days reach your limit of {hours(limit)}." if limit else ""
    return Part(
        heading="Load by day, this week and next",
        said=(said,) if said else (),
        picture=pictures.load(
            [w.days for w in weeks], limit, f"Time in meetings on each day. {said} {_fullest(days)}".strip()
        ),
        legend=(("meeting", "In working time"), ("after-hours", "After hours")),
        tables=(
            Table(
                caption="Time in meetings",
                heads=("Day", "All", "After hours", "Of working time", "Longest run"),
                rows=tuple(
                    Row(day(d.day), (_clock(d.meeting), _clock(d.after_hours), share(d.share), _clock(d.longest_run)))
                    for d in days
                ),
            ),
        ),
    )


def _fullest(days: Sequence[DayFigures]) -> str:
    most = max(days, key=lambda d: d.meeting, default=None)
    return f"The fullest is {day(most.day)} with {hours(most.meeting)}." if most and most.meeting else ""


# -- behind and ahead -------------------------------------------------------------------------------------------------


def _trend(report: Report) -> Part:
    weeks = report.trends[-1].weeks
    said = f"{'; '.join(map(say.trend, report.trends))}."
    return Part(
        heading="Focus kept against your goal",
        said=(said,),
        picture=pictures.kept(weeks, f"Focus kept in each of {len(weeks)} weeks. {said}"),
        legend=(("focus-kept", "Kept"), ("goal", "Goal")),
        tables=(
            Table(
                caption="Focus kept",
                heads=("Week", "Kept", "Goal", "Share"),
                rows=tuple(Row(w.week.key, (_clock(w.kept), _clock(w.goal), share(w.kept / w.goal))) for w in weeks),
            ),
        ),
    )


def _ahead(report: Report) -> Iterator[Part]:
    said, over = say.forecast(report), say.over(report)
    if report.ahead and said:
        text = " ".join(said)
        this = report.rows[-1].figures
        yield Part(
            heading="Next week",
            said=(text, f"Over your limits: {'; '.join(over)}.") if over else (text,),
            tables=(_beside(this, report.ahead, report),),
        )


def _beside(this: WeekFigures, ahead: WeekFigures, report: Report) -> Table:
    limits = report.told.limits
    most = {"meeting": limits.week, "after_hours": limits.after_hours} if limits else {}

    def row(name: str, figure: str) -> Row:
        limit = most.get(figure, 0)
        return Row(name, (*(_clock(w.total(figure)) for w in (this, ahead)), hours(limit) if limit else ""))

    shares = (share(this.share), share(ahead.share), share(limits.share) if limits and limits.share else "")
    least = f"at least {limits.long_blocks}" if limits and limits.long_blocks else ""
    return Table(
        caption="This week and the next, as booked by now",
        heads=("As booked", "This week", "Next week", "Limit"),
        rows=(
            row("In meetings", "meeting"), Row("Of working time", shares), row("After hours", "after_hours"),
            row("Focus booked", "focus_booked"),
            Row("Free stretches of two hours", (str(this.long_blocks), str(ahead.long_blocks), least)),
        ),
    )  # fmt: skip


# -- who and what -----------------------------------------------------------------------------------------------------


def _took(report: Report) -> Part:
    count = len(report.rows)
    return Part(
        heading="What took focus time",
        said=(f"In {f'the last {count} weeks' if count > 1 else 'this week'}. {' '.join(say.headline(report))}",),
        tables=(
            _shares("Meeting", list(say.series(report, discreet=True))),
            _shares("Organizer", list(say.organizers(report, discreet=True))),
            _shares("Notice", list(say.notices(report))),
        ),
        wide=True,
    )


def _shares(by: str, rows: Sequence[tuple[str, Share]]) -> Table:
    most = max((part.minutes for _, part in rows), default=1)
    shown = [
        Row(name, (_clock(part.minutes), _times(len(part.losses))), part.minutes / most) for name, part in rows[:MOST]
    ]
    if rest := [part for _, part in rows[MOST:]]:
        minutes, times = sum(part.minutes for part in rest), sum(len(part.losses) for part in rest)
        shown.append(Row(f"{len(rest)} more", (_clock(minutes), _times(times))))
    return Table(caption=f"Focus time by {by.lower()}", heads=(by, "Time", "Times"), rows=tuple(shown), kind="loss")


def _costs(report: Report) -> Part:
    rows = report.costs[:MOST]
    most = max((c.minutes for c in rows), default=1)
    return Part(
        heading="Costliest series",
        said=("Recurring meetings of four weeks, this one included: your time, and that of all who are invited.",),
        tables=(
            Table(
                caption="Series by your time",
                heads=("Series", "Times", "You", "Everybody"),
                rows=tuple(
                    Row(
                        say.named(c.latest, report.me, discreet=True),
                        (_times(c.times), hours(c.minutes), hours(c.people_minutes)),
                        c.minutes / most,
                    )
                    for c in rows
                ),
            ),
        ),
    )


def _own(report: Report) -> Iterator[Part]:
    shown = {d for row in report.rows for d in row.figures.week.days}
    aims = tuple(
        Said(f"Week {int(aim.week.key[-2:])}", one_line(aim.words), say.outcome(aim))
        for aim in report.told.aims
        if aim.week.first in shown
    )
    if aims:
        yield Part(heading="What you set out to do", quotes=aims)
    words = tuple(Said(day(q.day), q.words) for q in report.told.words if q.day in shown)
    if words:
        yield Part(heading="Your own words", quotes=words[-MOST * 2 :])


def _clock(minutes: int) -> str:
    return hours(minutes) if minutes else "·"


def _times(count: int) -> str:
    return f"{count}×"

"""The end of a spell: a look back with its record, and what the weekly review says while it lasts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, time, timedelta

from daemon.model.event import Event
from daemon.model.figures.measure import DayMinutes
from daemon.model.owner import Field
from daemon.model.proposal import Content, Flexible, Level, Want
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.text import typed
from daemon.model.times import DAY, MINUTE, TimeRange, Week, at, within
from daemon.model.words import cited, hours, listed, title
from daemon.model.words import day as day_name
from policies.overload.causes import figure, limit
from policies.overload.options import POLICY, OverloadOptions
from policies.overload.spans import quiet
from policies.overload.spells import USUAL, Weeks
from policies.overload.way_out import steps
from policies.questions.choosing import Asked
from policies.questions.prompts import Evidence, Finding, Slot, library

CAUSES, RULES = ("busy-made", "busy-signs"), ("busy-prevent", "busy-rule")
"""The ids of what a look back asks: one question for the cause, one for a rule, which the next flag quotes."""
WITHIN = 3
"""In so many weeks after a spell a calm one has its look back."""
LATE = timedelta(hours=48)
"""What is booked with less notice is late."""
SIGNIFICANT = 30
"""Minutes from which a part of the record is told."""


def look_back(snapshot: Snapshot, options: OverloadOptions, weeks: Weeks) -> Iterator[Want]:
    """On the Wednesday of the first calm week after a spell, made in the morning of that day."""
    spell = last_spell(weeks)
    if not spell or not options.look_back or not weeks.counts(spell) or _day(snapshot) != snapshot.today:
        return
    key, windows = f"after/{spell[-1].key}", _afternoon(snapshot, snapshot.today)
    stands = [own for own in snapshot.own(POLICY) if own.mark.key == key]
    if all(own.asked.first_day(snapshot.zone) == snapshot.today for own in stands) and (
        stands or _comes(weeks, spell, windows)
    ):
        both = (q for ids in (CAUSES, RULES) for q in drawn(Evidence.OVERLOAD_ENDS, spell[-1], ids))
        asked = tuple(both)[: options.questions]
        content = Content(
            title=options.look_back_title,
            reason=record(weeks, spell),
            questions=tuple(q.text for q in asked),
            question_ids=tuple(q.id for q in asked),
        )
        when = Flexible(minutes=int(options.look_back), windows=windows)
        yield Want(policy=POLICY, key=key, content=content, when=when, level=Level.REVIEW)


def _comes(weeks: Weeks, spell: tuple[Week, ...], windows: Iterable[TimeRange]) -> bool:
    """Whether it is made now, on its day: in a calm week not long after the spell, where it still fits."""
    snapshot, length = weeks.snapshot, weeks.options.look_back * MINUTE
    soon = snapshot.this_week.first <= spell[-1].first + WITHIN * 7 * DAY
    fits = any(w.end - max(w.start, snapshot.now) >= length for w in windows)
    ripe = snapshot.now >= snapshot.morning(snapshot.today)
    return soon and fits and ripe and quiet(weeks.options, weeks.span(snapshot.this_week))


def last_spell(weeks: Weeks) -> tuple[Week, ...]:
    """The weeks of the last spell that is over: each up to the first calm week; () where none is.

    This week ends one as soon as it looks calm.
    """
    snapshot, spell, ended = weeks.snapshot, list[Week](), tuple[Week, ...]()
    for week in (*weeks.past, snapshot.this_week):
        span = weeks.span(week)
        if span.over:
            spell.append(week)
            ended = ()
        elif spell and span.calm:
            ended, spell = tuple(spell), []
        elif spell:
            spell.append(week)
    return ended


def _day(snapshot: Snapshot) -> date | None:
    """The third working day of this week, or the next one on which the user is there."""
    working = [day for day in snapshot.this_week.days if snapshot.working(day)]
    later = working[min(2, len(working) - 1) :] if working else []
    return next((day for day in later if snapshot.present(day)), None)


def _afternoon(snapshot: Snapshot, day: date) -> tuple[TimeRange, ...]:
    """The working time after 12:00 in which the user is there; all of it, where none is later."""
    present = snapshot.present(day)
    noon = at(day, time(12), snapshot.zone)
    return within(present, [TimeRange(noon, max(noon, present[-1].end))]) or present


def drawn(evidence: Evidence, week: Week, ids: Collection[str] = ()) -> tuple[Asked, ...]:
    """One question (of these, if any are named), another one each week; () where the library has none."""
    pool = [p for p in library() if p.evidence is evidence and Slot.OVERLOAD in p.slots and (not ids or p.id in ids)]
    chosen = pool[week.first.toordinal() // 7 % len(pool)] if pool else None
    return (Asked(chosen.id, chosen.worded(Finding(evidence)), evidence),) if chosen else ()


def rule_before(weeks: Weeks, week: Week) -> str:
    """The rule that the user wrote in the last look back, if this is the first busy week since; else ''."""
    snapshot = weeks.snapshot
    for own in reversed([o for o in snapshot.own(POLICY) if o.mark.key.startswith("after/")]):
        then = own.event.when.first_day(snapshot.zone)
        elsewhere = snapshot.main not in ("", own.event.ref.calendar) and not weeks.options.calendar
        since = (w for w in (*weeks.past, snapshot.this_week) if then < w.first and w < week)
        if then < snapshot.today and not any(weeks.span(w).over for w in since) and not weeks.before(week):
            words = "" if elsewhere else _rule(own)
            return f"On {day_name(then)} you wrote: {words}" if words else ""
    return ""


def _rule(own: OwnEvent) -> str:
    said = typed(own.event.description, own.mark.base[Field.TEXT], own.mark.questions)
    return next((cited(a.text) for a in said if a.id in RULES), "")


# -- in the weekly review ----------------------------------------------------------------------------------------


def spell_lines(snapshot: Snapshot, options: OverloadOptions) -> tuple[str, ...]:
    """What a weekly review says of busy weeks while they last: how long, how much, and what could go next week.

    () in a week that is neither over a limit nor part of a spell.
    """
    weeks = Weeks(snapshot, options)
    this, spell = weeks.span(snapshot.this_week), weeks.before(snapshot.this_week)
    if not this.over and (this.calm or not spell):
        return ()
    name = next(iter(this.over or this.leave.broken(this.figures)))
    known = spell == weeks.past and len(spell) >= USUAL
    time = "over four weeks" if known else f"{len(spell) + 1} weeks"
    much = hours(this.figures.meeting) if name == "meeting" else figure(this, name)
    most = f", your limit is {limit(this, name)}" if name != "long_blocks" else ""
    begins = f"Busy for {time}" if spell else "A busy week"
    ahead = weeks.span(snapshot.this_week.next())
    return (f"{begins}: {much}{most}.", *(() if ahead.calm else steps(snapshot, options, ahead)))


# -- the record --------------------------------------------------------------------------------------------------


def record(weeks: Weeks, spell: tuple[Week, ...]) -> str:
    """What the weeks of a spell came to, and what of it the weeks before did not have: by notice, series, organizer."""
    numbers = [int(week.key[-2:]) for week in spell]
    name = f"Week {numbers[0]}" if len(spell) == 1 else f"Weeks {numbers[0]}–{numbers[-1]}"
    figures = listed([hours(weeks.span(week).figures.meeting) for week in spell])
    usual, before = weeks.usual(USUAL, before=spell[0])
    if not before:
        return f"{name}: {figures}."
    return f"{name}: {figures}; your median is {hours(usual)}.{_new(weeks, spell, before)}"


def _new(weeks: Weeks, spell: Iterable[Week], before: tuple[Week, ...]) -> str:
    """Single meetings, and series that did not meet in the weeks before; each with its minutes of these weeks."""
    known = {e.ref.uid for week in before for e, _ in _meetings(weeks, week) if e.series}
    new = [(e, n) for week in spell for e, n in _meetings(weeks, week) if not e.series or e.ref.uid not in known]
    total = sum(n for _, n in new)
    parts = list(_parts(weeks.snapshot, new))
    if not total or not parts:
        return ""
    which = "the week before" if len(before) == 1 else f"the {len(before)} weeks before"
    said = ", and ".join([", ".join(parts[:-1]), parts[-1]] if parts[1:] else parts)
    return f"\nOf {hours(total)} that {which} did not have, {said}."


def _meetings(weeks: Weeks, week: Week) -> Iterator[tuple[Event, int]]:
    days: tuple[DayMinutes, ...] = weeks.span(week).days
    yield from ((e, minutes.bit_count()) for grid in days for e, minutes in grid.meetings)


def _parts(snapshot: Snapshot, new: list[tuple[Event, int]]) -> Iterator[str]:
    late = sum(n for e, n in new if e.created and _ahead(e, e.created) < LATE)
    if late >= SIGNIFICANT:
        yield f"{hours(late)} were booked less than 48 h ahead"
    series: dict[str, list[tuple[Event, int]]] = defaultdict(list)
    for event, n in new:
        if event.series:
            series[event.ref.uid].append((event, n))
    if series:
        most = max(series.values(), key=lambda row: (sum(n for _, n in row), row[-1][0].ref))
        yield f"{hours(sum(n for _, n in most))} came from one series, {title(most[-1][0], snapshot.zone)}"
    mine = sum(n for e, n in new if e.mine)
    if mine >= SIGNIFICANT:
        yield f"{hours(mine)} you called yourself"


def _ahead(event: Event, booked: datetime) -> timedelta:
    return event.span.start - booked

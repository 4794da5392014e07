"""The weekly habits of this week and the next: so many of them, one a day at most, at the best free time of each.

Their number is what the week still owes; where they lie is for placement to say.  Self-care stays in busy weeks, when
it is needed most; what is for others rests then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from daemon.model.event import ShowAs
from daemon.model.figures.measure import measure_week
from daemon.model.figures.owing import owed
from daemon.model.proposal import Blocks, Content, Level, Rank, Want
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.text import FOOTER
from daemon.model.times import DAY, TimeRange, Week, minus, within
from daemon.model.words import hours
from policies.habits import first_meeting
from policies.habits.options import HabitsOptions
from policies.habits.presets import Habit

POLICY = "habits"
WEEKS = 2
"""So many weeks have their habits: this one and the next."""
ORDINALS = 30
"""So many events of one habit may have been asked for in a week, those included that are gone."""
LEAVE = 0.9
"""What rests in a busy week comes into one only under this part of each limit, so that it does not come and go."""

Days = Mapping[date, tuple[TimeRange, ...]]
"""By day, in order: the times in which a habit may lie and the user is there; of days that have room for one."""


def propose(snapshot: Snapshot, options: HabitsOptions) -> Iterator[Want]:
    """One want for each habit and week that still owes some of it; its key is 'walk/2026-W49'."""
    for habit in options.habits:
        if habit.first_meeting:
            yield from first_meeting.wants(snapshot, habit, POLICY)
            continue
        for week in snapshot.weeks[:WEEKS]:
            stands = _standing(snapshot, habit, week)
            if not (habit.rests and _busy(snapshot, options, week, stands=bool(stands))):
                yield from _wants(snapshot, habit, week, stands)


def keys(snapshot: Snapshot, options: HabitsOptions) -> Iterator[str]:
    """`walk/2026-W49/1` and on; of what comes before the first meeting `three-minutes/2026-12-03`."""
    for habit in options.habits:
        for week in snapshot.all_weeks:
            if habit.first_meeting:
                yield from (f"{habit.name}/{day}" for day in week.days)
            else:
                yield from (f"{habit.name}/{week.key}/{n}" for n in range(1, ORDINALS + 1))


def windows(snapshot: Snapshot, habit: Habit, week: Week) -> Days:
    """See `Days`."""
    found = {day: minus(_spans(snapshot, habit, day), snapshot.away) for day in week.days}
    return {day: spans for day, spans in found.items() if _has_room(spans, habit)}


def _spans(snapshot: Snapshot, habit: Habit, day: date) -> tuple[TimeRange, ...]:
    """Its times on a day, as the config says: outside of working time too, where it names days or times.

    What is for others lies in working time.
    """
    on = day.weekday() in habit.days if habit.days else bool(snapshot.working(day))
    if not on:
        return ()
    if not habit.between:
        return snapshot.working(day)
    there = habit.between.on(day, snapshot.zone)
    return within(there, snapshot.working(day)) if habit.visible else there


def _has_room(spans: tuple[TimeRange, ...], habit: Habit) -> bool:
    return any(span.minutes >= habit.minutes for span in spans)


def _standing(snapshot: Snapshot, habit: Habit, week: Week) -> tuple[OwnEvent, ...]:
    """Its events that lie in a week, whenever they were asked for."""
    mine = (o for o in snapshot.own(POLICY) if o.mark.key.startswith(f"{habit.name}/"))
    return tuple(o for o in mine if snapshot.week_of(o.event.when) == week)


def _wants(snapshot: Snapshot, habit: Habit, week: Week, stands: tuple[OwnEvent, ...]) -> Iterator[Want]:
    days = windows(snapshot, habit, week)
    ahead = {day: left for day, spans in days.items() if _has_room(left := _left(snapshot, spans), habit)}
    on = {o.event.when.first_day(snapshot.zone) for o in stands}
    count = min(_owed(snapshot, habit, week, len(days)), len(ahead.keys() | on))
    if count < 1 or not ahead:
        return
    minutes = int(habit.minutes)
    blocks = Blocks(
        week=week, total=count * minutes, shortest=minutes, ideal=minutes, longest=minutes, per_day=minutes,
        windows=tuple(span for spans in ahead.values() for span in spans), each=True,
        prefer=_apart(snapshot, habit, ahead, on) if habit.per_week > 1 else (),
    )  # fmt: skip
    key = f"{habit.name}/{week.key}"
    level = Level.NETWORK if habit.visible else Level.HABIT  # what is for others comes after self-care
    yield Want(policy=POLICY, key=key, content=_content(habit), when=blocks, level=level, rank=Rank.HABIT)


def _left(snapshot: Snapshot, spans: tuple[TimeRange, ...]) -> tuple[TimeRange, ...]:
    past = TimeRange(min(snapshot.now, snapshot.window.start), snapshot.now)
    return minus(spans, [past])


def _owed(snapshot: Snapshot, habit: Habit, week: Week, days: int) -> int:
    """How many are still to come: those that were kept, moved out or turned down are not asked for again.

    One that the user has made longer or shorter is still one.
    """
    goal = min(habit.per_week, days) * habit.minutes
    name = f"{habit.name}/"
    rest = owed(snapshot, goal, week.span(snapshot.zone), policy=POLICY, keys=f"{name}{week.key}/", of=name)
    return (rest + habit.minutes // 2) // habit.minutes


def _apart(snapshot: Snapshot, habit: Habit, ahead: Days, on: set[date]) -> tuple[TimeRange, ...]:
    """The better times: of days on which one stands, and of others that have room and are not next to such a day."""
    turned_down = {s.day for s in snapshot.skips if s.policy == POLICY and s.key.startswith(f"{habit.name}/")}
    chosen, taken = set(on), on | turned_down
    for day, spans in ahead.items():
        if _has_room(minus(spans, snapshot.busy), habit) and not {day - DAY, day, day + DAY} & taken:
            chosen.add(day)
            taken |= {day}
    return tuple(span for day in ahead for span in ahead[day] if day in chosen)


def _busy(snapshot: Snapshot, options: HabitsOptions, week: Week, *, stands: bool) -> bool:
    """Whether a week is over one of the limits, or near one that it has yet to leave."""
    figures, part = measure_week(snapshot, week), 1 if stands else LEAVE
    limit = options.busy_meetings
    over = bool(limit) and figures.total("meeting") >= part * limit
    return over or figures.share >= part * options.busy_share


def _content(habit: Habit) -> Content:
    often = {1: "Once", 2: "Twice"}.get(habit.per_week, f"{habit.per_week} times")
    at = f", {habit.between.replace(',', ' or ')}" if habit.between else ""
    wish = f"{often} a week{at}: {hours(habit.minutes)}, as you wish it."
    reason = habit.why or wish if habit.visible else "\n".join(filter(None, [wish, habit.why]))
    return Content(
        title=habit.title,
        reason=reason,
        questions=(habit.question,) if habit.question else (),
        show_as=ShowAs(habit.show_as),
        visible=habit.visible,
        last="" if habit.visible else FOOTER,
    )

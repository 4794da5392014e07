"""Time to think slowly: a weekly goal, held in blocks at the times that the user prefers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from daemon.model.event import ShowAs
from daemon.model.proposal import Blocks, Content, Level, Want
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY, DateRange, TimeRange, Week, local_day, weeks_in
from daemon.model.user.command import Command, Verb
from daemon.model.words import TITLE, cited, day, hours, one_line
from policies.focus.options import SLOT, FocusOptions
from policies.focus.owed import POLICY, goal_of, held, missing, named, owed, rests, room, windows
from policies.focus.showing import hardening, is_light, shown

LATELY = timedelta(days=7)
ORDINALS = 40
"""So many blocks of one week may have had an event, those included that were withdrawn or deleted since."""
QUESTIONS = ("Where did you stop?", "What is the very next step?")


def propose(snapshot: Snapshot, options: FocusOptions) -> tuple[Want, ...]:
    """One want for each week that still owes focus time and has working time left; its key is the week's.

    And one for what the user asked for by name, in the week of its last day.
    """
    wants = (_want(snapshot, options, week) for week in snapshot.weeks)
    asked_for = (_named(snapshot, options, c, week) for week in snapshot.weeks for c in named(snapshot, week))
    return tuple(want for want in (*wants, *asked_for) if want)


def keys(snapshot: Snapshot, options: FocusOptions) -> Iterator[str]:
    """`2026-W49/1` and on, and the same under each command that asks for focus time."""
    del options
    weeks = weeks_in(snapshot.window, snapshot.zone, snapshot.profile.week_starts)
    for name in (*(week.key for week in weeks), *(c.key for c in snapshot.commands if c.verb is Verb.FOCUS)):
        yield from (f"{name}/{n}" for n in range(1, ORDINALS + 1))


def _named(snapshot: Snapshot, options: FocusOptions, command: Command, week: Week) -> Want | None:
    total = missing(snapshot, command)
    until = DateRange(command.by, command.by + DAY).span(snapshot.zone).end
    spans = tuple(TimeRange(s.start, min(s.end, until)) for s in windows(snapshot, week) if s.start < until)
    if total < SLOT or not spans:
        return None
    shortest, ideal, longest = (min(total, int(n)) for n in (options.shortest, options.block.ideal, options.block.max))
    blocks = Blocks(
        week=week, total=total, shortest=shortest, ideal=ideal, longest=longest, per_day=int(options.per_day),
        windows=spans, prefer=_preferred(snapshot, options, week), buffer=int(options.buffer), slack=int(options.slack),
    )  # fmt: skip
    what = one_line(command.what, TITLE)
    content = Content(
        title=f"{options.title}: {what}" if what else options.title,
        reason=f"You asked for {hours(command.minutes)} of this by {day(command.by)}.",
        questions=QUESTIONS,
        opening=_opening(snapshot),
        show_as=ShowAs.TENTATIVE if options.show_as == "auto" else ShowAs(options.show_as),
        showing=hardening(options, named=True) if options.show_as == "auto" else None,
        reminder=None if options.reminder is None else int(options.reminder),
        focus=True,
    )
    return Want(
        policy=POLICY,
        key=command.key,
        content=content,
        when=blocks,
        level=Level.NAMED,
        source=frozenset({command.event.ref.calendar}),
    )


def _want(snapshot: Snapshot, options: FocusOptions, week: Week) -> Want | None:
    total = owed(snapshot, options.weekly_goal, week)
    spans = windows(snapshot, week)
    free = room(snapshot, spans, shortest=options.shortest, buffer=options.buffer)
    if not total or not spans or rests(snapshot, options, week):
        return None
    show_as, showing = shown(snapshot, options, week, free / total)
    blocks = Blocks(
        week=week,
        total=total,
        shortest=int(options.shortest),
        ideal=int(options.block.ideal),
        longest=int(options.block.max),
        per_day=int(options.per_day),
        windows=spans,
        prefer=_preferred(snapshot, options, week),
        buffer=int(options.buffer),
        slack=int(options.slack),
        goal=goal_of(snapshot, options.weekly_goal, week) if options.mode == "goal" else 0,
        held=held(snapshot, week),
        one_a_day=is_light(snapshot, options, week),
    )
    content = Content(
        title=options.title,
        reason=_reason(options, week),
        questions=QUESTIONS,
        opening=_opening(snapshot),
        show_as=show_as,
        showing=showing,
        reminder=None if options.reminder is None else int(options.reminder),
        focus=True,
    )
    return Want(policy=POLICY, key=week.key, content=content, when=blocks, level=Level.FOCUS)


def _preferred(snapshot: Snapshot, options: FocusOptions, week: Week) -> tuple[TimeRange, ...]:
    return tuple(span for day in week.days for span in options.prefer.on(day, snapshot.zone))


def _opening(snapshot: Snapshot) -> str:
    """What the user wrote on the last block that is over, of those in the week before."""
    over = (own for own in snapshot.own(POLICY) if LATELY > snapshot.now - own.event.span.end >= timedelta())
    for own in sorted(over, key=lambda own: own.event.span, reverse=True):
        if words := [said for text in snapshot.answers.get(own.wish, ()) if (said := cited(text))]:
            return f"On {day(local_day(own.event.span.start, snapshot.zone))} you wrote: {chr(10).join(words)}"
    return ""


def _reason(options: FocusOptions, week: Week) -> str:
    """Why there is such a block in that week; without the goal, so that another goal rewrites no block that stays."""
    name = f"week {int(week.key[-2:])}"
    better = f" Preferred times: {options.prefer.replace(',', ', ')}." if options.prefer else ""
    if options.mode == "scarce":
        scarce = f"Free time for focus in {name} fell under {hours(options.scarce_below)}"
        return f"{scarce}, so time to think is held here.{better}"
    return f"Time to think, held for your focus goal of {name}.{better}"

"""Time to think slowly: a weekly goal, held in blocks at the times that the user prefers."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from daemon.model.event import ShowAs
from daemon.model.proposal import Blocks, Content, Level, Want
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY, DateRange, TimeRange, Week
from daemon.model.user.command import Command, Verb
from daemon.model.words import TITLE, day, hours, one_line
from policies.focus import landing, resume
from policies.focus.names import Names, kept, names, of_week
from policies.focus.options import SLOT, FocusOptions
from policies.focus.owed import POLICY, goal_of, held, missing, named, owed, rests, room, windows
from policies.focus.showing import hardening, is_light, shown

ORDINALS = 40
"""So many blocks of one week may have had an event, those included that were withdrawn or deleted since."""


def propose(snapshot: Snapshot, options: FocusOptions) -> tuple[Want, ...]:
    """One want for each week that still owes focus time and has working time left; its key is the week's.

    And one for what the user asked for by name, in the week of its last day, as far as no block that stands serves it;
    and for the way into an absence and out of it.
    """
    called = names(snapshot, options.title)
    wants = (_want(snapshot, options, week, called) for week in snapshot.weeks)
    asked_for = (_named(snapshot, options, c, week, called) for week in snapshot.weeks for c in named(snapshot, week))
    return (*(want for want in (*wants, *asked_for) if want), *landing.landings(snapshot, options))


def keys(snapshot: Snapshot, options: FocusOptions) -> Iterator[str]:
    """`2026-W49/1` and on, the same under each command that asks for focus time, and those of absences."""
    del options
    yield from landing.keys(snapshot)
    asked = (c.key for c in snapshot.commands if c.verb is Verb.FOCUS)
    for name in (*(week.key for week in snapshot.all_weeks), *asked):
        yield from (f"{name}/{n}" for n in range(1, ORDINALS + 1))


def _named(
    snapshot: Snapshot, options: FocusOptions, command: Command, week: Week, called: Names
) -> Want | None:  # fmt: skip
    total = missing(snapshot, command, called.served.get(command.key, 0))
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
    content = replace(
        _content(snapshot, options),
        title=f"{options.title}: {what}" if what else options.title,
        reason=f"You asked for {hours(command.minutes)} of this by {day(command.by)}.",
        show_as=ShowAs.TENTATIVE if options.show_as == "auto" else ShowAs(options.show_as),
        showing=hardening(options, named=True) if options.show_as == "auto" else None,
    )
    return Want(
        policy=POLICY,
        key=command.key,
        content=content,
        when=blocks,
        level=Level.NAMED,
        source=frozenset({command.event.ref.calendar}),
    )


def _content(snapshot: Snapshot, options: FocusOptions) -> Content:
    """What all blocks have in common."""
    questions = resume.asked(snapshot, options)
    return Content(
        title=options.title,
        reason="",
        questions=tuple(text for _, text in questions),
        question_ids=tuple(name for name, _ in questions),
        opening=resume.opening(snapshot, options),
        reminder=None if options.reminder is None else int(options.reminder),
        focus=True,
        visible=options.visible,
    )


def _want(snapshot: Snapshot, options: FocusOptions, week: Week, called: Names) -> Want | None:
    total = owed(snapshot, options.weekly_goal, week, called.served)
    spans = windows(snapshot, week)
    free = room(snapshot, spans, shortest=options.shortest, buffer=options.buffer)
    if not spans or not (total or _says(snapshot, options, week, called)) or rests(snapshot, options, week):
        return None
    show_as, showing = shown(snapshot, options, week, free / total if total else 0)
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
        goal=goal_of(snapshot, options.weekly_goal, week) if options.mode == "goal" and not options.visible else 0,
        stays=kept(week, called.commands),
        held=held(snapshot, week),
        one_a_day=is_light(snapshot, options, week),
    )
    content = replace(
        _content(snapshot, options),
        title=of_week(snapshot, options.title, week),
        titles=called.commands,
        reason=_reason(options, week),
        show_as=show_as,
        showing=showing,
        first=resume.first(snapshot, options, week),
    )
    return Want(policy=POLICY, key=week.key, content=content, when=blocks, level=Level.FOCUS)


def _says(snapshot: Snapshot, options: FocusOptions, week: Week, called: Names) -> bool:
    """Whether blocks of a week that owes nothing more have a name to carry."""
    return of_week(snapshot, options.title, week) != options.title or bool(kept(week, called.commands))


def _preferred(snapshot: Snapshot, options: FocusOptions, week: Week) -> tuple[TimeRange, ...]:
    return tuple(span for day in week.days for span in options.prefer.on(day, snapshot.zone))


def _reason(options: FocusOptions, week: Week) -> str:
    """Why there is such a block in that week; without the goal, so that another goal rewrites no block that stays."""
    name = f"week {int(week.key[-2:])}"
    better = f" Preferred times: {options.prefer.replace(',', ', ')}." if options.prefer else ""
    if options.mode == "scarce":
        scarce = f"Free time for focus in {name} fell under {hours(options.scarce_below)}"
        return f"{scarce}, so time to think is held here.{better}"
    return f"Time to think, held for your focus goal of {name}.{better}"

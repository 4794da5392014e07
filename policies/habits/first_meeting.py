"""A question about strengths in the minutes before the first meeting of a day; silence makes it rarer.

It is made in the morning of its day.  What was asked, and what passed without a word, is read off our own events and
the journal, so that a lost ledger changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from daemon.model.event import Event
from daemon.model.proposal import Content, Flexible, Level, Role, Want
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.text import asked, words
from daemon.model.times import MINUTE, TimeRange, local_day, within
from policies.habits.presets import Habit
from policies.questions.prompts import Evidence, Finding, Prompt, Slot, library

THEME = "strengths"
AGAIN = timedelta(days=21)
"""No question comes again so soon; where all came lately there is none."""
SILENT = 5
"""After so many prompts in a row without a word it comes once a week, after twice as many not at all."""
SETTLED = timedelta(days=14)
"""Nor where nothing was typed for as long as can be seen, and that is longer than this."""


def wants(snapshot: Snapshot, habit: Habit, policy: str) -> Iterator[Want]:
    """That of today, from its morning on, where its time is free."""
    today = snapshot.today
    key = f"{habit.name}/{today}"
    own = next((o for o in snapshot.own(policy) if o.mark.key == key), None)
    first = _first(snapshot, today)
    if first is None or snapshot.now < snapshot.morning(today) or not _on(habit, today):
        return
    content = _as_it_stands(habit, own) if own else _asking(snapshot, habit)
    if content is None or (own is None and not _comes(snapshot, habit, policy)):
        return
    at = TimeRange(first.span.start - habit.minutes * MINUTE, first.span.start)
    when = Flexible(minutes=int(habit.minutes), windows=(at,))
    yield Want(policy=policy, key=key, content=content, when=when, level=Level.HABIT)


def _on(habit: Habit, day: date) -> bool:
    return not habit.days or day.weekday() in habit.days


def _first(snapshot: Snapshot, day: date) -> Event | None:
    """The first meeting in the working time of a day in which the user is there."""
    there = snapshot.present(day)
    return next((e for e in snapshot.meetings_on.get(day, ()) if within([e.span], there)), None)


def _comes(snapshot: Snapshot, habit: Habit, policy: str) -> bool:
    """Whether there is one more in this week: as many as are wished, fewer where nobody answers."""
    days = {f"{habit.name}/{day}" for day in snapshot.this_week.days}
    stood = {o.wish for o in (*snapshot.ours, *snapshot.skipped)} | {s.wish for s in snapshot.skips}
    had = sum(wish.policy == policy and wish.key in days for wish in stood)
    return had < _per_week(snapshot, habit)


def _per_week(snapshot: Snapshot, habit: Habit) -> int:
    prompts = [o for o in (*snapshot.ours, *snapshot.skipped) if _has_asked(snapshot, o)]
    days = sorted(local_day(o.event.span.start, snapshot.zone) for o in prompts)
    spoken = max((e.day for e in snapshot.entries), default=date.min)
    silent = [day for day in days if day > spoken]
    if len(silent) < SILENT:
        return habit.per_week
    given_up = len(silent) >= 2 * SILENT or (spoken == date.min and snapshot.today - silent[0] >= SETTLED)
    return 0 if given_up else 1


def _has_asked(snapshot: Snapshot, own: OwnEvent) -> bool:
    """Whether it was there to be answered on a day before this one."""
    before = local_day(own.event.span.start, snapshot.zone) < snapshot.today
    return before and snapshot.role(own) is not Role.FOCUS and asked(own.event.description) > 0


def _as_it_stands(habit: Habit, own: OwnEvent) -> Content:
    said = words(own.event.description)
    return _content(habit, said.reason, said.questions, own.mark.questions)


def _asking(snapshot: Snapshot, habit: Habit) -> Content | None:
    """With the question of the config, else with that of the library that was asked longest ago."""
    if habit.question:
        return _content(habit, habit.why, (habit.question,), ())
    last = _last_asked(snapshot)
    pool = sorted((p for p in library() if _suits(p)), key=lambda p: (last.get(p.id, date.min), p.id))
    if not pool or last.get(pool[0].id, date.min) > snapshot.today - AGAIN:
        return None
    return _content(habit, habit.why, (pool[0].worded(Finding(pool[0].evidence)),), (pool[0].id,))


def _suits(prompt: Prompt) -> bool:
    here = {Slot.DAY, Slot.WEEK, Slot.MONTH} & set(prompt.slots)
    return prompt.theme == THEME and prompt.evidence is Evidence.ALWAYS and bool(here) and not prompt.is_hard


def _last_asked(snapshot: Snapshot) -> dict[str, date]:
    """By the id of a question: the last day on which it was asked, anywhere."""
    rows = [
        (local_day(o.event.span.start, snapshot.zone), name)
        for o in (*snapshot.ours, *snapshot.skipped)
        for name in o.mark.questions
    ]
    rows += [(e.day, e.question_id) for e in snapshot.entries if e.question_id]
    return {name: day for day, name in sorted(rows)}


def _content(habit: Habit, reason: str, questions: tuple[str, ...], ids: tuple[str, ...]) -> Content:
    return Content(title=habit.title, reason=reason, questions=questions, question_ids=ids, show_as=habit.show_as)

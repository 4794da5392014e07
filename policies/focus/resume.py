"""The note that a block takes over from the one before, and what it asks.

A block asks where the user stopped; the answer opens the next one.  The first block of a week asks for its objective
instead, where there is none.
"""

from __future__ import annotations

from daemon.model.proposal import Role
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import DAY, Week, local_day
from daemon.model.words import ANSWER, cited, day
from policies.focus.options import FocusOptions
from policies.objectives.said import NOW, STUCK, is_on, objective, step, stuck
from policies.questions.fixed import Question, fixed

POLICY, RESUME = "focus", "focus-resume"
TURNS = 2
"""What was written opens so many blocks, if nothing is written in the first of them; then it rests in the journal."""


def asked(snapshot: Snapshot, options: FocusOptions) -> tuple[Question, ...]:
    """What every block asks; what others may read asks nothing."""
    return () if options.visible else fixed(snapshot, RESUME)


def opening(snapshot: Snapshot, options: FocusOptions) -> str:
    """What the user wrote on the last block that is over, or on the one before it; '' while one is on.

    Words do not cross calendars, nor do they stand where others may read them.
    """
    blocks = [o for o in snapshot.own(POLICY) if snapshot.role(o) is Role.FOCUS and snapshot.begun(o.event)]
    if options.visible or any(o.event.span.end > snapshot.now for o in blocks):
        return ""
    for own in sorted(blocks, key=lambda o: o.event.span, reverse=True)[:TURNS]:
        if words := _note(snapshot, options, own):
            return f"On {day(local_day(own.event.span.start, snapshot.zone))} you wrote: {words}"
    return ""


def _note(snapshot: Snapshot, options: FocusOptions, own: OwnEvent) -> str:
    here = snapshot.calendar_of(options)
    entries = (e for e in snapshot.entries if e.wish == own.wish and e.question_id not in (*NOW, STUCK))
    calm = [e for e in entries if not here or (e.calendar or own.event.ref.calendar) == here]
    calm.sort(key=lambda e: not e.question)
    lines, left = list[str](), ANSWER
    for entry in calm:
        said = cited(entry.text, left) if left > 1 else ""
        lines += [said] if said else []
        left -= len(said)
    return "\n".join(lines)


def first(snapshot: Snapshot, options: FocusOptions, week: Week) -> tuple[Question, ...]:
    """What the first block of this week asks in place of that: its objective, where it has none; () where it has."""
    practice = is_on(snapshot)
    if not practice or practice.ask == "off" or options.visible or week != snapshot.this_week:
        return ()
    span = week.span(snapshot.zone)
    begun = any(o.event.span.overlaps(span) and snapshot.begun(o.event) for o in snapshot.in_role(Role.FOCUS))
    if begun or objective(snapshot, week):
        return ()
    again = fixed(snapshot, STUCK) if stuck(snapshot, week) else ()
    found = fixed(snapshot, NOW[0] if practice.title else NOW[1])
    noted = step(snapshot, Week(week.first - 7 * DAY), snapshot.calendar_of(options))
    return (*again, *((name, f"{text}\nYou wrote: {cited(noted)}" if noted else text) for name, text in found))

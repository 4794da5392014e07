"""What a review of the week says and asks of its objective, of the next one, and of what landed before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time

from daemon.model.proposal import Role
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import DAY, Week, at, minus, minutes_of, week_of
from daemon.model.user.command import Verb
from daemon.model.words import bears, hours, listed, quoted
from policies.focus.options import FocusOptions
from policies.objectives.said import LANDED, NEXT, SET_OUT, STUCK, alike, is_on, objective, stuck, wins
from policies.questions.choosing import Asked
from policies.questions.fixed import fixed


def set_out(snapshot: Snapshot, week: Week, on: date) -> tuple[str, ...]:
    """'You set out to: ‘cut list signed off’. Focus kept for it: 5 h.', as far as it came before a day; () for none."""
    words = objective(snapshot, week)
    if not words:
        return ()
    kept = hours(_kept(snapshot, week, at(on, time(), snapshot.zone)))
    return (f"{SET_OUT}{quoted(words)}. Focus kept for it: {kept}.",)


def _kept(snapshot: Snapshot, week: Week, until: datetime) -> int:
    """Minutes of the blocks of a week that were free of meetings when they came, and served no command."""
    span = week.span(snapshot.zone)
    names = [c.what for c in snapshot.commands if c.verb is Verb.FOCUS]
    over = (o for o in snapshot.in_role(Role.FOCUS) if span.start <= o.event.span.start and o.event.span.end <= until)
    mine = [o for o in over if o.event.span.end <= span.end and not _serves(o, names)]
    free = minus((o.event.span for o in mine if not o.done), (e.span for e in snapshot.meetings))
    return minutes_of([*free, *(o.event.span for o in mine if o.done)])


def _serves(own: OwnEvent, names: Iterable[str]) -> bool:
    return own.mark.key.startswith("command/") or any(bears(own.event.summary, name) for name in names)


def before(snapshot: Snapshot, on: date) -> tuple[Asked, ...]:
    """What is asked of the objective of the week, first of all."""
    week = week_of(on, snapshot.profile.week_starts)
    words = objective(snapshot, week)
    again = words and stuck(snapshot, week) and alike(words, objective(snapshot, Week(week.first - 7 * DAY)))
    return _asked(snapshot, on, LANDED, *([STUCK] if again else [])) if words else ()


def after(snapshot: Snapshot, on: date) -> tuple[Asked, ...]:
    """What is asked last: the objective of the next week, if the user is there in it."""
    options, week = is_on(snapshot), week_of(on, snapshot.profile.week_starts).next()
    if not options or options.ask != "review" or not any(snapshot.present(d) for d in week.days):
        return ()
    focus = snapshot.options_of("focus", FocusOptions)
    carried = options.title and focus
    return _asked(snapshot, on, NEXT[1 if focus and focus.visible else 0] if carried else NEXT[2])


def landed(snapshot: Snapshot, days: Iterable[date]) -> tuple[str, ...]:
    """'What landed: ‘cut list signed off’ and ‘hire plan’.', of the weeks that begin on these days; () for nothing."""
    weeks = {week_of(d, snapshot.profile.week_starts) for d in days}
    found = [f"‘{words}’" for words in wins(snapshot, weeks)] if is_on(snapshot) else []
    return (f"What landed: {listed(found)}.",) if found else ()


def _asked(snapshot: Snapshot, on: date, *names: str) -> tuple[Asked, ...]:
    return tuple(Asked(name, text, day=on) for name, text in fixed(snapshot, *names))

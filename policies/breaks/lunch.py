"""Lunch as an event, on days with much in them: at noon where there is room, else as early as it can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from daemon.model.event import ShowAs
from daemon.model.figures.meals import place_over, room
from daemon.model.figures.measure import day_minutes
from daemon.model.owner import Subject
from daemon.model.profile import Lunch
from daemon.model.proposal import Content, Fixed, Flexible, Level, Noon, Want
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.text import words
from daemon.model.times import MINUTE, TimeRange
from daemon.model.words import day, hours, title
from policies.breaks.options import POLICY, BreaksOptions, key

BOOKED = 240  # minutes of working time that are taken on a day on which lunch is an event


def lunches(snapshot: Snapshot, options: BreaksOptions, pauses: Iterable[Want]) -> Iterator[Want]:
    """This week and the next, beside pauses; where the config keeps no lunch free, at the usual time."""
    form = snapshot.profile.lunch or Lunch()
    apart = [_first_place(w.when) for w in pauses if isinstance(w.when, Flexible)]
    standing = {o.mark.key: o for o in snapshot.own(POLICY)}
    for grid in (g for week in snapshot.weeks[:2] for g in day_minutes(snapshot, week.days)):
        booked = ((grid.met | grid.solo) & grid.working).bit_count()
        if grid.day < snapshot.today or booked < BOOKED:
            continue
        own = standing.get(key("lunch", grid.day))
        if windows := room(snapshot, form, grid.day, own, apart):
            when: Fixed | Flexible = Flexible(minutes=form.minutes, windows=windows, noon=Noon.LUNCH)
            reason = _said(own) or f"{day(grid.day)} has {hours(booked)} booked: {hours(form.minutes)} to eat."
        elif over := place_over(snapshot, form, grid.day, own):
            when = Fixed(over[1])
            reason = f"No room for lunch; {title(over[0], snapshot.zone)} is the shortest over it."
        else:
            continue
        content = Content(title=options.lunch_title, reason=reason, show_as=ShowAs.BUSY if windows else ShowAs.FREE)
        about = (Subject("lunch"),)
        yield Want(
            policy=POLICY, key=key("lunch", grid.day), content=content, when=when, level=Level.LUNCH, about=about
        )


def _said(own: OwnEvent | None) -> str:
    """What was said of one that has room, when it was made: how much is booked by now is no reason to write again."""
    return words(own.event.description).reason if own and own.event.show_as is ShowAs.BUSY else ""


def _first_place(when: Flexible) -> TimeRange:
    return TimeRange(when.windows[0].start, when.windows[0].start + when.minutes * MINUTE)

"""The habits that have a name of their own; any option of an item says otherwise."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from daemon.model.event import ShowAs
from daemon.model.options import ClockRanges, Minutes, Weekdays


class Habit(Struct, frozen=True, kw_only=True):
    """One habit, whole.

    `between`: its times of the day, none for all working time; `days`: None for the working days.  `visible`: who may
    see the calendar reads it, and so nothing of the user's stands in it.  `rests`: in busy weeks.  `first_meeting`: it
    is right before the first meeting of a day, and asks a question of the library.
    """

    name: str
    title: str
    minutes: Minutes = Minutes(30)
    between: ClockRanges = ClockRanges()
    days: Weekdays | None = None
    per_week: int = 1
    show_as: ShowAs = ShowAs.FREE
    question: str = ""
    why: str = ""
    visible: bool = False
    rests: bool = False
    first_meeting: bool = False


PRESETS: Mapping[str, Habit] = {
    habit.name: habit
    for habit in (
        Habit(
            name="walk", title="Walk", minutes=Minutes(45), between=ClockRanges("12:00-15:00"), per_week=2,
            show_as=ShowAs.BUSY, why="A long walk: the slow thoughts come on the way.",
        ),
        Habit(
            name="elsewhere", title="Elsewhere", minutes=Minutes(180), between=ClockRanges("09:00-12:00"),
            why="A morning at another place: other walls, other thoughts.",
        ),
        Habit(
            name="exercise", title="Exercise", minutes=Minutes(60), between=ClockRanges("07:00-09:00,17:00-19:00"),
            per_week=2, show_as=ShowAs.BUSY, why="An hour for the body that carries all of it.",
        ),
        Habit(
            name="office-hours", title="Office hours", minutes=Minutes(60), between=ClockRanges("13:00-17:00"),
            why="Come by, no reason needed.", visible=True, rests=True,
        ),
        Habit(
            name="three-minutes", title="Three minutes", minutes=Minutes(5), per_week=2, first_meeting=True,
            why="Three minutes for one thought before the first meeting of the day.",
        ),
        Habit(
            name="reading", title="Reading", minutes=Minutes(30), between=ClockRanges("13:00-17:30"), per_week=2,
            why="Something longer than a message, read to its end.",
        ),
    )
}  # fmt: skip

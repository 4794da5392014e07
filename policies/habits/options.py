"""The options of `[policies.habits]`: its items, each a habit of the user's, by preset or from nothing."""

import re
from collections import Counter
from typing import Annotated

from msgspec import Meta, field
from msgspec.structs import replace

from daemon.model.event import ShowAs
from daemon.model.options import ClockRanges, FaultsError, Minutes, Options, PolicyOptions, Weekdays, shown
from daemon.model.text import QUESTION
from daemon.model.words import one_line
from policies.habits.presets import PRESETS, Habit

LONGEST = 8 * 60
GRID = 15
"""Weekly habits begin and end on this grid of minutes."""
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LIST = ", ".join(PRESETS)


class HabitOptions(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An item of `[[policies.habits.items]]`; what it leaves out is as its preset has it."""

    preset: Annotated[str, Meta(description=f"A habit that is there already: {_LIST}.", examples=["walk"])] = ""
    name: Annotated[
        str, Meta(max_length=40, description="What it is known by from week to week; by default its preset or title.")
    ] = ""
    title: Annotated[str, Meta(max_length=40, description="The title of its events.")] = ""
    length: Annotated[Minutes | None, Meta(description="How long it takes.")] = field(default=None, name="for")
    between: Annotated[
        ClockRanges | None, Meta(description="The times of the day in which it may lie; '' is all working time.")
    ] = None
    days: Annotated[str, Meta(description="Its days, such as 'mon-thu'; '' is every working day.")] = ""
    per_week: Annotated[
        Annotated[int, Meta(ge=1, le=7)] | None, Meta(description="How often a week, once a day at most.")
    ] = None
    show_as: Annotated[ShowAs | None, Meta(description="How others see it: free, tentative or busy.")] = None
    question: Annotated[str, Meta(max_length=159, description="A question that it asks, for your journal.")] = ""
    visible: Annotated[bool | None, Meta(description="Whether who may see the calendar reads its title.")] = None
    rests: Annotated[bool | None, Meta(description="Whether it rests in busy weeks.")] = None

    def __post_init__(self) -> None:
        """FaultsError for what no habit could be."""
        if self.preset not in ("", *PRESETS):
            raise FaultsError({"preset": f"{shown(self.preset)} is not a preset; there are {_LIST}"})
        if not self.preset and not self.title.strip():
            raise FaultsError({"title": f"missing; give it a title, or `preset`: one of {_LIST}"})
        if not _NAME.fullmatch(self.known_by):
            raise FaultsError({"name": f"{shown(self.known_by)}; write `name` in letters a-z, digits and single -"})
        if self.days:
            self._weekdays()
        self._fits(self.habit)

    @property
    def known_by(self) -> str:
        """Its name: as given, else that of the preset, else made of the title."""
        plain = "-".join(re.findall(r"[a-z0-9]+", self.title.casefold()))
        return self.name or self.preset or plain[:40].strip("-")

    @property
    def habit(self) -> Habit:
        """It as a whole."""
        given: dict[str, object] = {
            "minutes": self.length, "between": self.between, "per_week": self.per_week, "show_as": self.show_as,
            "visible": self.visible, "rests": self.rests, "title": self.title or None,
            "question": one_line(self.question.replace(QUESTION, " ")) or None,
            "days": self._weekdays() if self.days else None,
        }  # fmt: skip
        start = PRESETS.get(self.preset) or Habit(name="", title="")
        return replace(start, name=self.known_by, **{k: v for k, v in given.items() if v is not None})

    def _weekdays(self) -> Weekdays:
        try:
            return Weekdays.parse(self.days)
        except ValueError as error:
            raise FaultsError({"days": str(error)}) from None

    def _fits(self, habit: Habit) -> None:
        grid = 5 if habit.first_meeting else GRID
        if habit.minutes % grid or not grid <= habit.minutes <= LONGEST:
            raise FaultsError({"for": f"{habit.minutes}: a habit takes {grid}m to 8h, in steps of {grid} minutes"})
        if habit.between and max(span.minutes for span in habit.between.spans) < habit.minutes:
            raise FaultsError({"between": f"{shown(str(habit.between))} has no room for {habit.minutes}; widen it"})
        if habit.days and habit.per_week > len(habit.days):
            raise FaultsError(
                {"per_week": f"{habit.per_week}: there is one a day, and `days` names {len(habit.days)}; name more"}
            )


class HabitsOptions(PolicyOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[policies.habits]`."""

    items: Annotated[tuple[HabitOptions, ...], Meta(max_length=20, description="Your habits, a table for each.")] = ()
    busy_meetings: Annotated[
        Minutes, Meta(description="In a week with this much time in meetings those rest that do so; 0m is no limit.")
    ] = Minutes(1200)
    busy_share: Annotated[
        float, Meta(gt=0, le=1, description="So they do with this part of its working time in meetings.")
    ] = 0.5

    def __post_init__(self) -> None:
        """FaultsError for two habits of one name: nobody could tell whose an event is."""
        often = Counter(item.known_by for item in self.items)
        if twice := [name for name, count in often.items() if count > 1]:
            raise FaultsError({"items": f"two of them are called {shown(twice[0])}; give one another `name`"})

    @property
    def habits(self) -> tuple[Habit, ...]:
        """Each as a whole, in the order of the config."""
        return tuple(item.habit for item in self.items)

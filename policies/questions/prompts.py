"""The library of questions: what is in it, in which words, and what calls each.

The questions themselves are data, in prompts.toml beside this file; a file of the user's own adds to them, replaces
some and drops others.  Which of them are asked is `policies.questions.choosing`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from pkgutil import get_data
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct

from daemon.model.options import shown


class Slot(StrEnum):
    """Where a question is asked."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    FOCUS = "focus"
    OVERLOAD = "overload"
    PREPARATION = "preparation"
    ADVISORS = "advisors"
    NETWORK = "network"
    BREAKS = "breaks"


class Form(StrEnum):
    """What the user is asked to do: answer, finish the sentence, plan with an occasion, name one."""

    QUESTION = "question"
    SENTENCE = "sentence"
    IF_THEN = "if-then"
    NAME = "name"


class Tone(StrEnum):
    """It looks ahead; is about what went well; speaks of load; suits a quiet day; touches what is uncomfortable."""

    AHEAD = "ahead"
    WELL = "well"
    LOAD = "load"
    QUIET = "quiet"
    HARD = "hard"


class Evidence(StrEnum):
    """What calls a question, the most telling first."""

    UNFINISHED = "unfinished"  # a lost block, or two incidents and more
    ECHO = "echo"  # what the user wrote some weeks before
    OWN_SERIES = "own_series"  # recurring meetings that the user calls
    TENSE_MEETING = "tense_meeting"
    INCIDENT = "incident"
    OVERLOADED_DAY = "overloaded_day"
    FAILED_PLAN = "failed_plan"
    NO_FOCUS_KEPT = "no_focus_kept"
    DECISION_MEETING = "decision_meeting"
    HIGH_STAKES = "high_stakes"
    AFTER_HOURS = "after_hours"
    UNANSWERED = "unanswered"
    ANSWERED = "answered"  # the user's own words stand above the question
    QUIET_WEEK = "quiet_week"
    ONE_ON_ONE = "one_on_one"
    OVERLOAD_BEGINS = "overload_begins"
    OVERLOAD_ENDS = "overload_ends"
    ALWAYS = "always"
    BY_NAME = "by_name"  # a practice asks it by its id, and nothing else does: see `BY_NAME`

    @property
    def placeholders(self) -> frozenset[str]:
        """What its questions name, and each of them must."""
        return _PLACEHOLDERS.get(self, _NOTHING if self in _UNNAMED else _EVENT)

    @property
    def slots(self) -> frozenset[Slot]:
        """Where it is looked for."""
        return _LOOKED_FOR.get(self, _LOOKING_BACK)

    @property
    def fixed(self) -> bool:
        """Whether it asks its question each time, however lately that was asked."""
        return self in {Evidence.UNFINISHED, Evidence.ECHO, Evidence.OWN_SERIES}


_TABLE = re.compile(r'(?ms)^"?([\w ]+)"? = \[\n(.*?)^\]')
"""A theme of our own file, and its rows."""

_BRACES = re.compile(r"\{([^{}]*)\}")

_NOTHING, _EVENT = frozenset[str](), frozenset({"event"})
_UNNAMED = frozenset({
    Evidence.UNFINISHED, Evidence.OWN_SERIES, Evidence.ANSWERED, Evidence.QUIET_WEEK, Evidence.OVERLOAD_BEGINS,
    Evidence.OVERLOAD_ENDS, Evidence.ALWAYS, Evidence.BY_NAME,
})  # fmt: skip
_PLACEHOLDERS = {
    Evidence.ECHO: frozenset({"day", "words"}),
    Evidence.OVERLOADED_DAY: frozenset({"day", "load"}),
    Evidence.FAILED_PLAN: frozenset({"event", "taker"}),
}
_LOOKING_BACK = frozenset({Slot.DAY, Slot.WEEK})
_LOOKED_FOR = {
    Evidence.UNFINISHED: frozenset({Slot.DAY}),
    Evidence.ECHO: frozenset({Slot.MONTH}),
    Evidence.OWN_SERIES: frozenset({Slot.QUARTER}),
    Evidence.ANSWERED: frozenset({Slot.WEEK, Slot.MONTH, Slot.QUARTER}),
    Evidence.NO_FOCUS_KEPT: frozenset({Slot.WEEK}),
    Evidence.QUIET_WEEK: frozenset({Slot.WEEK}),
    Evidence.OVERLOAD_BEGINS: frozenset({Slot.OVERLOAD}),
    Evidence.OVERLOAD_ENDS: frozenset({Slot.OVERLOAD}),
    Evidence.ALWAYS: frozenset(Slot),
    Evidence.BY_NAME: frozenset(Slot),
}


BY_NAME = {
    "focus-resume": "Where did you stop, and what is the next step?",
    "objective-next": "What can you finish next week with the people and time you already have? "
    "Its first line will title your focus blocks.",
    "objective-next-seen": "What can you finish next week with the people and time you already have? "
    "Its first line will title your focus blocks, which colleagues can read.",
    "objective-next-kept": "What can you finish next week with the people and time you already have?",
    "objective-now": "What can you finish this week with the people and time you already have? "
    "Its first line will title your focus blocks.",
    "objective-now-kept": "What can you finish this week with the people and time you already have?",
    "objective-landed": "Did it land? If not, what is the smallest next step?",
    "objective-stuck": "Is this still the right one, or is it two?",
    "landing-changed": "What changed while you were away that matters?",
    "handover-decides": "Who decides what while you are away, and do they know it?",
}
"""The questions of practices, by their ids."""


class Finding(Struct, frozen=True):
    """A piece of evidence, and the words for what it is about; '' for none: see `Evidence.placeholders`."""

    evidence: Evidence
    event: str = ""
    taker: str = ""
    day: str = ""
    load: str = ""
    words: str = ""

    @property
    def subject(self) -> str:
        """The title of the meeting that it is about, in its quotation marks; '' for none."""
        named = self.taker or self.event
        return named.rpartition(" (")[0] or named


class Prompt(Struct, frozen=True, kw_only=True):
    """One question.  `text`: with placeholders, see `Evidence.placeholders`."""

    id: str
    theme: str
    form: Form
    slots: tuple[Slot, ...]
    evidence: Evidence
    tone: frozenset[Tone]
    text: str

    def __post_init__(self) -> None:
        """ValueError for a text that does not name what called it, or names something else."""
        found = set(_BRACES.findall(self.text))
        if set("{}").intersection(_BRACES.sub("", self.text)):
            raise ValueError(f"{self.id}: a brace stands alone in {shown(self.text)}")
        if found != self.evidence.placeholders:
            raise ValueError(
                f"{self.id}: a question for {self.evidence} must name {set(self.evidence.placeholders) or 'nothing'}, "
                f"this one names {found or 'nothing'}"
            )

    def worded(self, finding: Finding) -> str:
        """As it is asked."""
        return self.text.format(
            event=finding.event, taker=finding.taker, day=finding.day, load=finding.load, words=finding.words
        )

    @property
    def is_hard(self) -> bool:
        """Whether it touches what is uncomfortable: one such question is enough for a slot."""
        return Tone.HARD in self.tone or self.evidence in _HARD


_HARD = frozenset({Evidence.TENSE_MEETING, Evidence.INCIDENT, Evidence.FAILED_PLAN, Evidence.NO_FOCUS_KEPT})


Word = TypeVar("Word", Slot, Tone)


class _Row(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A question as the file has it."""

    id: Annotated[str, Meta(pattern=r"^[a-z][a-z-]*[a-z]$")]
    form: Form
    slots: Annotated[str, Meta(min_length=1)]
    evidence: Evidence
    tone: str
    text: Annotated[str, Meta(min_length=10, max_length=159)]


class Library(Struct, frozen=True):
    """The questions of a file, and the ids of those of other files that are not to be asked."""

    prompts: tuple[Prompt, ...] = ()
    drop: frozenset[str] = frozenset()


def parse(text: str) -> Library:
    """The questions of a TOML file.  ValueError (also from `tomllib` and `msgspec`) says which one is wrong."""
    tables = tomllib.loads(text)
    drop = msgspec.convert(tables.pop("drop", []), frozenset[str])
    return Library(_prompts(msgspec.convert(tables, dict[str, tuple[_Row, ...]])), drop)


def _prompts(themes: Mapping[str, tuple[_Row, ...]]) -> tuple[Prompt, ...]:
    prompts = tuple(_prompt(theme, row) for theme, rows in themes.items() for row in rows)
    ids = [p.id for p in prompts]
    if twice := {i for i in ids if ids.count(i) > 1}:
        raise ValueError(f"more than one question is called {', '.join(sorted(twice))}")
    return prompts


def _prompt(theme: str, row: _Row) -> Prompt:
    slots, tone = tuple(_words(Slot, row.id, row.slots)), frozenset(_words(Tone, row.id, row.tone))
    if not set(slots) & row.evidence.slots:
        where = ", ".join(sorted(row.evidence.slots))
        raise ValueError(f"{row.id}: {row.evidence} is never seen where it may be asked; that is in: {where}")
    return Prompt(
        id=row.id, theme=theme, form=row.form, slots=slots, evidence=row.evidence, tone=tone, text=row.text
    )  # fmt: skip


def _words(kind: type[Word], name: str, text: str) -> Iterator[Word]:
    for word in text.split():
        try:
            yield kind(word)
        except ValueError:
            raise ValueError(f"{name}: {shown(word)} is not known; write some of: {', '.join(kind)}") from None


def merged(own: Library) -> tuple[Prompt, ...]:
    """The library with a file of the user's own: the same id replaces."""
    by_id = {p.id: p for p in (*library(), *own.prompts)}
    return tuple(p for p in by_id.values() if p.id not in own.drop)


@cache
def library() -> tuple[Prompt, ...]:
    """Every question that comes with unbusy, read once, when the first is asked.

    The rows of our own file are JSON as they stand: so it is read in a twentieth of the time that `parse` takes.
    """
    text = (get_data(__package__, "prompts.toml") or b"").decode()
    themes = (f'"{theme}": [{rows.rstrip().removesuffix(",")}]' for theme, rows in _TABLE.findall(text))
    return _prompts(msgspec.json.decode(f"{{{','.join(themes)}}}", type=dict[str, tuple[_Row, ...]]))

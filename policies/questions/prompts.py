"""The library of questions: it says which to ask, given where and what the calendar shows.

The questions themselves are data, in prompts.toml beside this file.  Policies draw from them with `questions`.
"""

from __future__ import annotations

import hashlib
import string
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pkgutil import get_data
from typing import Annotated

import msgspec
from msgspec import Meta


class Slot(StrEnum):
    """Where a question is asked."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    FOCUS = "focus"
    OVERLOAD = "overload"
    OBJECTIVES = "objectives"
    PREPARATION = "preparation"
    ADVISORS = "advisors"
    NETWORK = "network"
    BREAKS = "breaks"


class Evidence(StrEnum):
    """What calls a question, the most telling first."""

    ANSWERED = "answered"
    TENSE_MEETING = "tense_meeting"
    INCIDENT = "incident"
    OVERLOADED_DAY = "overloaded_day"
    FAILED_PLAN = "failed_plan"
    NO_FOCUS_KEPT = "no_focus_kept"
    DECISION_MEETING = "decision_meeting"
    HIGH_STAKES = "high_stakes"
    AFTER_HOURS = "after_hours"
    UNANSWERED = "unanswered"
    QUIET_WEEK = "quiet_week"
    ONE_ON_ONE = "one_on_one"
    OVERLOAD_BEGINS = "overload_begins"
    OVERLOAD_ENDS = "overload_ends"
    ALWAYS = "always"

    @property
    def placeholders(self) -> frozenset[str]:
        """What its questions name, and each of them must."""
        match self:
            case Evidence.ANSWERED:
                return frozenset({"answers"})
            case Evidence.QUIET_WEEK | Evidence.OVERLOAD_BEGINS | Evidence.OVERLOAD_ENDS | Evidence.ALWAYS:
                return frozenset()
            case _:
                return frozenset({"event"})


@dataclass(frozen=True, slots=True)
class Finding:
    """A piece of evidence, and the words for what it is about (which event, which answers); '' for none."""

    evidence: Evidence
    about: str = ""


class Prompt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question, as prompts.toml describes it."""

    id: Annotated[str, Meta(pattern=r"^[a-z][a-z-]*[a-z]$")]
    theme: Annotated[str, Meta(min_length=1)]
    slots: Annotated[tuple[Slot, ...], Meta(min_length=1)]
    evidence: Evidence
    text: Annotated[str, Meta(min_length=10, max_length=159)]

    def __post_init__(self) -> None:
        """ValueError for a text that does not name what called it, or names something else."""
        found = {name for _, name, _, _ in string.Formatter().parse(self.text) if name is not None}
        if found != self.evidence.placeholders:
            raise ValueError(
                f"{self.id}: a question for {self.evidence} must name {set(self.evidence.placeholders) or 'nothing'}, "
                f"this one names {found or 'nothing'}"
            )


class Library(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of such a file."""

    prompts: tuple[Prompt, ...]


def parse(text: str) -> tuple[Prompt, ...]:
    """The questions of a TOML file.  ValueError (also from `tomllib` and `msgspec`) says which one is wrong."""
    prompts = msgspec.convert(tomllib.loads(text), Library).prompts
    ids = [p.id for p in prompts]
    if twice := {i for i in ids if ids.count(i) > 1}:
        raise ValueError(f"more than one question is called {', '.join(sorted(twice))}")
    return prompts


@cache
def library() -> tuple[Prompt, ...]:
    """Every question that comes with unbusy, read once, when the first is asked."""
    return parse((get_data(__package__, "prompts.toml") or b"").decode())


def questions(slot: Slot, findings: Iterable[Finding], *, turn: int, count: int) -> tuple[str, ...]:
    """At most `count` questions: one for each finding, the most telling first, then general ones.

    `turn` numbers the slots of a kind (days, weeks, months): turns that follow each other share no general question
    as long as the library holds enough of them, and ask about the same kind of evidence in different words.
    """
    ranked = sorted(findings, key=lambda f: list(Evidence).index(f.evidence))
    called = [_worded(pool[turn % len(pool)], f) for f in ranked if (pool := _pool(slot, f.evidence))]
    general = _pool(slot, Evidence.ALWAYS)
    rest = [general[(turn * count + n) % len(general)].text for n in range(count) if general]
    return tuple(dict.fromkeys([*called, *rest]))[:count]


def _worded(prompt: Prompt, finding: Finding) -> str:
    return prompt.text.format(event=finding.about, answers=finding.about)


@cache
def _pool(slot: Slot, evidence: Evidence) -> tuple[Prompt, ...]:
    """The questions for it, in an order that mixes the themes and is always the same."""
    fitting = (p for p in library() if slot in p.slots and p.evidence is evidence)
    return tuple(sorted(fitting, key=lambda p: hashlib.sha256(p.id.encode()).digest()))

"""What to say to others about a meeting, in a line that the user can copy: templates, and what fills them.  Pure.

The templates are data, in courtesy.toml beside this file.  What fills them comes from calendars of others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pkgutil import get_data
from typing import Any, Self
from zoneinfo import ZoneInfo

from daemon.model.courtesy.greeting import given
from daemon.model.event import Event
from daemon.model.options import Included, shown, string
from daemon.model.times import When
from daemon.model.user.gesture import disarmed
from daemon.model.words import LINE, day, hours, moment, one_line, person, title

MOST = 400
"""Most characters of a template."""
GRID = 5
"""Half of a length is rounded up to so many minutes."""

Templates = Mapping[str, str]
"""By name: those of `Message`, TOUCH and UNNAMED."""

TOUCH = "touch"
"""The one that is not about a meeting, but to somebody."""
UNNAMED = "unnamed"
_ALONE = {TOUCH: frozenset({"name", "length"}), UNNAMED: frozenset[str]()}
"""What those may name that belong to no meeting."""
_PLACE = re.compile(r"\{([^{}]*)\}")
_ANY = frozenset({"organizer", "title", "when"})


class Message(StrEnum):
    """What is said about a meeting: a template of courtesy.toml."""

    DECLINE = "decline"
    SKIP = "skip"
    HAND_OVER = "hand_over"
    SHORTEN = "shorten"
    MOVE = "move"

    @property
    def places(self) -> frozenset[str]:
        """What its template may name."""
        return _ANY | _MORE.get(self, frozenset())


_MORE = {
    Message.HAND_OVER: frozenset({"delegate"}),
    Message.SHORTEN: frozenset({"half"}),
    Message.MOVE: frozenset({"slot"}),
}


def message(
    kind: Message, event: Event, zone: ZoneInfo, *, own: Templates | None = None, organizer: str = "",
    delegate: str = "", slot: When | None = None,
) -> str:  # fmt: skip
    """One line to the others in a meeting, at most 500 characters, in which nothing is an order to unbusy.

    `own`: the user's templates (`Profile.courtesy`).  `organizer`: the name of whoever calls it, where the event has
    none; `delegate`: the name or address of who speaks for the user; `slot`: the time that it would move to.  A private
    event is called so, with its time where the template does not give that.  Whoever calls it is greeted by their given
    name, where it is plain which that is.
    """
    texts = {**templates(), **(own or {})}
    text = texts[kind]
    name = event.organizer_name or organizer
    values = {
        "organizer": person(given(name, event.organizer)) if one_line(name) else texts[UNNAMED],
        "title": title(event, None if "{when}" in text else zone),
        "when": _at(event.when, zone),
        "delegate": person(delegate),
        "slot": _at(slot, zone) if slot else "",
        "half": hours(half(event.span.minutes)),
    }
    return disarmed(one_line(_PLACE.sub(lambda found: values.get(found[1], found[0]), text), LINE))


def touch(name: str, minutes: int, own: Templates | None = None) -> str:
    """One line to somebody whom the user has not met for long; `minutes`: how much of their time is asked for."""
    values = {"name": person(given(name)), "length": hours(minutes)}
    text = {**templates(), **(own or {})}[TOUCH]
    return disarmed(one_line(_PLACE.sub(lambda found: values.get(found[1], found[0]), text), LINE))


def half(minutes: int) -> int:
    """Half of a length, in whole steps of 5 minutes, rounded up."""
    return -(-minutes // (2 * GRID)) * GRID


def _at(when: When, zone: ZoneInfo) -> str:
    """'Tue 1 Dec 14:00', of days 'Tue 1 Dec'."""
    start, _ = when.ends(zone)
    return day(start) if when.all_day else moment(when.span(zone).start, zone)


# -- templates --------------------------------------------------------------------------------------------------------


@cache
def templates() -> Templates:
    """Those that come with unbusy."""
    return parse((get_data(__package__, "courtesy.toml") or b"").decode())


def parse(text: str) -> Templates:
    """The templates of a TOML file; ValueError says which one is wrong, and what would be right."""
    import tomllib  # noqa: PLC0415 only who drafts a message needs it

    found: dict[str, Any] = tomllib.loads(text)
    for name, template in found.items():
        if name not in {*Message, *_ALONE}:
            raise ValueError(f"{shown(name)} is not a message; there are {', '.join((*Message, *_ALONE))}")
        if not isinstance(template, str) or not template.strip() or len(template) > MOST:
            raise ValueError(f"{name} = {shown(template)} is not a text of 1 to {MOST} characters")
        places = _ALONE[name] if name in _ALONE else Message(name).places
        if wrong := [place for place in _PLACE.findall(template) if place not in places]:
            may = f"it may name {', '.join(f'{{{p}}}' for p in sorted(places))}" if places else "it names nothing"
            raise ValueError(f"{name} names {shown('{' + wrong[0] + '}')}; {may}")
    return found


class Courtesy(str):
    """The name of the user's own file of templates, as an option of the config; '' for none."""

    __slots__ = ("own",)
    schema = string(r".*", "my-courtesy.toml")
    own: Templates

    def __new__(cls, name: str = "", own: Templates | None = None) -> Self:
        """What the file holds is read when the config is."""
        made = super().__new__(cls, name)
        made.own = own or {}
        return made

    @classmethod
    def parse(cls, name: str) -> Self:
        """Read what is in it, where the config came with it."""
        if not isinstance(name, Included):
            return cls(name)
        try:
            return cls(name, parse(name.text))
        except ValueError as error:
            raise ValueError(f"{shown(str(name))}: {error}") from None

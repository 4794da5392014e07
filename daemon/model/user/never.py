"""Never again: subjects about which the user wants nothing more, by `#never` in one of our events.  Pure.

A subject is a person, a series, a rule, or a kind of event.  Policies name it in what they want, and the mark of the
event says it, so that it is known as long as the event stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from daemon.model.owner import Subject, Wish


class Never(Struct, frozen=True):
    """What was said of a subject in one event.  `holds`: until `unbusy forget` takes it back."""

    subject: Subject
    policy: str
    key: str
    on: date
    holds: bool = True

    @property
    def wish(self) -> Wish:
        """The event in which it was said."""
        return Wish(self.policy, self.key)


def meant(name: str, subjects: Iterable[Subject]) -> Subject | None:
    """The one subject that is meant by a name, or without one; None where that is not clear."""
    wanted = set(_words(name))
    found = [s for s in subjects if wanted <= {*_words(s.id), *_words(s.name)}]
    return found[0] if len(found) == 1 else None


def in_force(said: Iterable[Never]) -> frozenset[str]:
    """The ids of all subjects of which it holds."""
    return frozenset(never.subject.id for never in said if never.holds)


def known_as(text: str, said: Iterable[Never]) -> tuple[Subject, ...]:
    """The subjects in force that a user may mean by a text: that of this id or name, else all that have its words."""
    held = dict.fromkeys(never.subject for never in said if never.holds)
    exact = tuple(s for s in held if text.casefold().strip() in (s.id.casefold(), s.name.casefold()))
    wanted = set(_words(text))
    return exact or tuple(s for s in held if wanted and wanted <= {*_words(s.id), *_words(s.name)})


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())

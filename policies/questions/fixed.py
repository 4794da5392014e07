"""The questions that a practice asks by itself, each by its id: nothing chooses them, they come as often as it does.

A row with such an id and the evidence `by_name` in the user's own file replaces one, so they can be translated;
`drop` takes one away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from daemon.model.snapshot import Snapshot
from policies.questions.own import OwnQuestions
from policies.questions.prompts import BY_NAME, Evidence, Library

Question = tuple[str, str]
"""The id of a question, and its words."""

TEXTS: Mapping[str, str] = BY_NAME


def fixed(snapshot: Snapshot, *names: str) -> tuple[Question, ...]:
    """These questions as the user has them, without those that they have dropped."""
    return tuple(_found(_own(snapshot), names))


def _found(own: Library, names: Iterable[str]) -> Iterator[Question]:
    theirs = {p.id: p.text for p in own.prompts if p.evidence is Evidence.BY_NAME}
    yield from ((name, theirs.get(name, TEXTS[name])) for name in names if name not in own.drop)


def _own(snapshot: Snapshot) -> Library:
    """The user's own file; the policy that reflects has it among its options."""
    file = getattr(snapshot.policies.get("reflection"), "questions", None)
    return file.own if isinstance(file, OwnQuestions) else Library()

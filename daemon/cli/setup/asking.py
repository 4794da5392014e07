"""A conversation: each question is asked again in place until its answer will do, and what was answered is kept.

So a slip of the fingers costs one line, and one who leaves in the middle goes on from there.  No secret is kept.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from daemon.cli.talk import Terminal

T = TypeVar("T")


class Kept:
    """The answers so far, by the names of their questions, in a file of the user's own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.answers: dict[str, str] = {}

    def load(self) -> bool:
        """Take up what was answered before; whether there is anything."""
        try:
            found = json.loads(self.path.read_text())
        except (OSError, ValueError, RecursionError):
            return False
        if isinstance(found, dict):
            self.answers = {k: v for k, v in found.items() if isinstance(v, str) and len(v) < 10_000}
        return bool(self.answers)

    def put(self, name: str, text: str) -> None:
        """Keep an answer; on a disk that takes none the conversation goes on all the same."""
        self.answers[name] = text
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
            with os.fdopen(os.open(self.path, flags, 0o600), "w") as file:
                json.dump(self.answers, file)
        except (OSError, UnicodeEncodeError):
            pass

    def drop(self, *names: str) -> None:
        """Forget answers that did not do."""
        for name in names:
            self.answers.pop(name, None)

    def clear(self) -> None:
        """All of it: the conversation is over."""
        self.answers = {}
        self.path.unlink(missing_ok=True)


class Conversation:
    """Questions with a reason in half a line, a proposal, and a test of each answer."""

    def __init__(self, talk: Terminal, kept: Kept) -> None:
        self.talk = talk
        self.kept = kept

    def say(self, text: str) -> None:
        """Tell something."""
        self.talk.say(text)

    def ask(self, name: str, question: str, read: Callable[[str], T], *, why: str = "", default: str = "") -> T:
        """The answer, as `read` understands it; ValueError from it says what would do, and it is asked again."""
        if (known := self.kept.answers.get(name)) is not None:
            try:
                value = read(known)
            except ValueError:
                self.kept.drop(name)
            else:
                self.say(f"{question}: {known} (as before)")
                return value
        if why:
            self.say(f"  {why}")
        while True:
            text = self.talk.ask(question, default=default)
            try:
                value = read(text)
            except ValueError as error:
                self.say(f"  {error}")
                continue
            self.kept.put(name, text)
            return value

    def agree(self, name: str, question: str, *, default: bool) -> bool:
        """A yes or a no."""
        if (known := self.kept.answers.get(name)) in ("yes", "no"):
            self.say(f"{question} {known} (as before)")
            return known == "yes"
        said = self.talk.agree(question, default=default)
        self.kept.put(name, "yes" if said else "no")
        return said


def one_of(*names: str) -> Callable[[str], str]:
    """Reads one of these names, or its number from 1; case does not matter."""

    def read(text: str) -> str:
        if text.isdecimal() and text.isascii() and 1 <= int(text[:4]) <= len(names):
            return names[int(text) - 1]
        for name in names:
            if name.casefold() == text.casefold():
                return name
        raise ValueError(f"{text!r} is not among them; type a name or a number from 1 to {len(names)}")

    return read

"""What the user says in words, in the world of `machine`: under the questions of our events, by `#skip` and its like,
and under commands; and how it is told apart from what unbusy says there.
"""

from __future__ import annotations

import re

from daemon.commands.answers import BEGIN, END
from daemon.model.user.gesture import Gesture

TITLES = (
    "unbusy: pause", "unbusy: focus 2h write the plan by friday", "Unbusy: focus 90m", "unbusy: report",
    "unbusy: why", "unbusy: help", "unbusy: objective cut list signed off", "unbusy: dance",
)  # fmt: skip
"""Commands, the last of them a wrong one."""

_ORDER = re.compile(r"(?<!\S)#(?:skip-week|skip|pin|done)(?!\S)")
_TAG = re.compile(r"<[^>]*>")
_QUOTED = re.compile("“[^”]*”")
_DESCRIPTION = re.compile(rb"^DESCRIPTION[;:][^\n]*\n(?:[ \t][^\n]*\n)*", re.MULTILINE)
_CLASS = re.compile(rb"^CLASS;X-WAS=NONE:PRIVATE\n", re.MULTILINE)
_ANSWER = re.compile(f"(?:\n\n)?{BEGIN}(.*?){END}", re.DOTALL)


def said_in(text: str) -> set[Gesture]:
    """The orders in a title or a description."""
    return {Gesture(word) for word in _ORDER.findall(_QUOTED.sub(" ", _TAG.sub(" ", text)))}


def typed_under(description: str, words: str, before: str) -> str:
    """A description with words under its first question (else at its end), in place of what was typed before."""
    if before and before in description:
        return description.replace(before, words)
    lines = description.split("\n")
    at = next((n for n, line in enumerate(lines) if line.startswith("▸")), len(lines) - 1) + 1
    while at < len(lines) and lines[at].startswith("▹"):
        at += 1
    return "\n".join([*lines[:at], words, *lines[at:]])


def description(payload: bytes) -> str:
    """That of a command, unescaped."""
    found = _DESCRIPTION.search(payload)
    text = re.sub(r"\r?\n[ \t]", "", found[0].decode()).partition(":")[2].strip("\r\n") if found else ""
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], text)


def answer_under(payload: bytes) -> str:
    """What unbusy has answered under a command, '' if nothing."""
    found = _ANSWER.search(description(payload))
    return found[1].strip() if found else ""


def bare(payload: bytes) -> bytes:
    """A command without its answer: every byte but those of the description, and what in that is the user's.

    Nor is there what keeps the answer private.
    """
    text = description(payload)
    assert text.count(BEGIN) <= 1, f"answered twice: {text}"
    return _CLASS.sub(b"", _DESCRIPTION.sub(b"", payload)) + _ANSWER.sub("", text).strip().encode()

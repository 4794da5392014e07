"""The user's own file of questions, as an option of the config."""

from __future__ import annotations

from typing import Self

import msgspec

from daemon.model.options import Included, shown, string
from policies.questions.prompts import BY_NAME, Library, Prompt, library, merged, parse


class OwnQuestions(str):
    """The name of a file of questions; '' for none.

    The same id replaces one of ours, and `drop = [ids]` takes some away.
    """

    __slots__ = ("own",)
    schema = string(r".*", "my-questions.toml")
    own: Library

    def __new__(cls, name: str = "", own: Library = Library()) -> Self:  # noqa: B008  it is immutable
        """What the file holds is read when the config is."""
        made = super().__new__(cls, name)
        made.own = own
        return made

    @classmethod
    def parse(cls, name: str) -> Self:
        """Read what is in it, where the config came with it; ValueError says what is wrong there."""
        if not isinstance(name, Included):
            return cls(name)
        try:
            own = parse(name.text)
        except (ValueError, msgspec.ValidationError) as error:
            raise ValueError(f"{shown(str(name))}: {error}") from None
        known = {p.id for p in (*library(), *own.prompts)} | BY_NAME.keys()
        if unknown := sorted(own.drop - known):
            raise ValueError(f"{shown(str(name))}: `drop` names {shown(unknown[0])}, which is no question's id")
        return cls(name, own)

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """The questions that may be asked."""
        return merged(self.own)

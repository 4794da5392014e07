"""What `undo` took back: it stays back until the config that matters changes, or the user wants it again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from daemon.model.owner import Field, Wish


class TakenBack(Struct, frozen=True, kw_only=True):
    """That, and when, `undo` put something back.

    `on`: the local day.  `digest`: of the config that matters, then; '' once it is wanted again.  `run`: the run that
    took it back, 0 where that is not known.  `fields`: as they were put back, by their fingerprints; {} where the
    event itself went.
    """

    on: date
    digest: str
    run: int = 0
    fields: Mapping[Field, str] = {}

    @property
    def holds(self) -> bool:
        """Whether it stays back."""
        return bool(self.digest)


class Noted(Struct, frozen=True, kw_only=True):
    """What the journal knows of one wish that was taken back; `taken_back` None: it is wanted again.

    `day`, `minutes`: where and how long its event was.
    """

    policy: str
    key: str
    generation: int
    day: date
    minutes: int
    taken_back: TakenBack | None

    @property
    def wish(self) -> Wish:
        """Its name."""
        return Wish(self.policy, self.key)

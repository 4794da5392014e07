"""What the ledger keeps of wishes and runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from msgspec import Struct

from daemon.model.event import CalendarId
from daemon.model.owner import Field, OwnState, Wish


class OwnRow(Struct, frozen=True, kw_only=True):
    """What we know of one wish.

    `status`: INTENDED, STANDING, WITHDRAWN or SKIPPED; what else it is, the calendar says.
    `day`, `minutes`: where and how long it was last asked for.  `text_day`: when its text was last written, or None.
    `read_back`: the fingerprints found right after our write, where they differ from what was asked.
    """

    policy: str
    key: str
    generation: int
    status: OwnState
    calendar: CalendarId
    title: str
    day: date
    minutes: int
    text_day: date | None = None
    read_back: Mapping[Field, str] | None = None

    @property
    def wish(self) -> Wish:
        """Its name."""
        return Wish(self.policy, self.key)


class ChangeRow(Struct, frozen=True, kw_only=True):
    """One line of a run's history; `before` and `after` are the fields in words, {} where there is nothing.

    `reason` is a sentence for people; what the program goes by is `cause`, '' where that is not known.
    """

    action: str
    policy: str
    key: str
    uid: str
    before: Mapping[str, object]
    after: Mapping[str, object]
    reason: str
    outcome: str = ""
    cause: str = ""

    @property
    def wish(self) -> Wish:
        """Its name."""
        return Wish(self.policy, self.key)


class RunRow(Struct, frozen=True, kw_only=True):
    """A run that wrote; `undoes`: the run that it took back."""

    id: int
    at: datetime
    command: str
    outcome: str
    changes: tuple[ChangeRow, ...]
    undoes: int | None = None


def iso(moment: datetime) -> str:
    """A moment as it is kept: in UTC, so that text sorts as time does."""
    return moment.astimezone(UTC).isoformat()

"""What the ledger keeps of wishes and runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

from msgspec import Struct
from msgspec.structs import replace

from daemon.model.event import CalendarId
from daemon.model.ours.mark_line import write_mark
from daemon.model.owner import NOTHING_KNOWN, Field, Mark, OwnState, Wish
from daemon.model.snapshot import Skip
from daemon.model.user.taken_back import Noted, TakenBack

NOBODY = "?"
"""Whose the mark of a skip is that the journal tells: it says when that was, and is valid on no event."""


class OwnRow(Struct, frozen=True, kw_only=True):
    """What we know of one wish.

    `status`: INTENDED, STANDING, WITHDRAWN, TAKEN_BACK or SKIPPED; what else it is, the calendar says.
    `day`, `minutes`: where and how long it was last asked for.  `text_day`: when its text was last written, or None.
    `read_back`: the fingerprints found right after our write, where they differ from what was asked.  `taken_back`:
    what `undo` took back of it: the event, or some of its fields.  `mark`: the line of its mark, '' for unknown: on the
    event itself it may get lost; of what only the journal knows, one of `NOBODY`.
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
    taken_back: TakenBack | None = None
    mark: str = ""

    @property
    def wish(self) -> Wish:
        """Its name."""
        return Wish(self.policy, self.key)

    @property
    def in_part(self) -> TakenBack | None:
        """What was taken back of it, if it stands all the same."""
        return self.taken_back if self.taken_back and self.taken_back.fields else None


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


def taken_up(skips: Iterable[Skip], taken_back: Iterable[Noted]) -> list[OwnRow]:
    """What the journal knows of ours.  A skip counts for more than an undo, but for what that has put back since."""
    rows = {noted.wish: _of_noted(noted) for noted in taken_back}
    return list((rows | {skip.wish: _of_skip(skip, rows.get(skip.wish)) for skip in skips}).values())


def _of_skip(skip: Skip, noted: OwnRow | None) -> OwnRow:
    row = OwnRow(
        policy=skip.policy, key=skip.key, generation=0, status=OwnState.SKIPPED, calendar="", title="", day=skip.day,
        minutes=skip.minutes, mark=_told_by(skip),
    )  # fmt: skip
    return replace(row, generation=noted.generation, taken_back=noted.in_part) if noted else row


def _told_by(skip: Skip) -> str:
    """A mark of nobody's that says when it was, and nothing else; '' where that is not known."""
    if skip.when is None:
        return ""
    base = {**NOTHING_KNOWN, Field.WHEN: skip.when.stamp}
    try:
        return write_mark(Mark(NOBODY, skip.policy, skip.key, 0, base))
    except ValueError:
        return ""


def _of_noted(noted: Noted) -> OwnRow:
    """If one that was put back in part still stands, the calendar says so."""
    taken = noted.taken_back
    whole = taken is not None and not taken.fields
    return OwnRow(
        policy=noted.policy, key=noted.key, generation=noted.generation, calendar="", title="", day=noted.day,
        minutes=noted.minutes, status=OwnState.TAKEN_BACK if whole else OwnState.WITHDRAWN, taken_back=taken,
    )  # fmt: skip

"""What the ledger keeps of wishes and runs, as the program sees it and as it lies in the tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from daemon.model.event import CalendarId
from daemon.model.owner import Field, OwnState, Wish
from daemon.model.protocols import Peek, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRow:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
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


def change_row(row: Sequence[str]) -> ChangeRow:
    """A line of the table `change`, without its run and place."""
    action, policy, key, uid, before, after, reason, outcome, cause = row
    return ChangeRow(
        action=action, policy=policy, key=key, uid=uid, before=json.loads(before), after=json.loads(after),
        reason=reason, outcome=outcome, cause=cause,
    )  # fmt: skip


def change_values(run: int, seq: int, c: ChangeRow) -> tuple[object, ...]:
    """The reverse, with its run and place."""
    before, after = json.dumps(c.before), json.dumps(c.after)
    return run, seq, c.action, c.policy, c.key, c.uid, before, after, c.reason, c.outcome, c.cause


def resource_values(resource: Resource, peek: Peek, since: int) -> tuple[object, ...]:
    """A resource for its table; without the payload if it ended before the day `since` and is not marked."""
    mark = (peek.mark.policy, peek.mark.key, peek.mark.generation) if peek.mark else (None, None, None)
    old = peek.mark is None and peek.last is not None and peek.last < since
    ref = resource.ref
    return (
        ref.calendar, ref.href, ref.version, peek.first, peek.last, *mark, None if old else resource.payload,
    )  # fmt: skip


def own_values(r: OwnRow) -> tuple[object, ...]:
    """What is known of a wish, for its table."""
    return (
        r.policy, r.key, r.generation, r.status.value, r.calendar, r.title, r.day.isoformat(), r.minutes,
        r.text_day.isoformat() if r.text_day else "", json.dumps(dict(r.read_back or {})),
    )  # fmt: skip


def own_row(row: Sequence[object]) -> OwnRow:
    """The reverse."""
    policy, key, generation, status, calendar, title, day, minutes, text_day, read_back = row
    return OwnRow(
        policy=str(policy), key=str(key), generation=int(str(generation)), status=OwnState(str(status)),
        calendar=str(calendar), title=str(title), day=date.fromisoformat(str(day)), minutes=int(str(minutes)),
        text_day=date.fromisoformat(str(text_day)) if text_day else None,
        read_back={Field(f): v for f, v in json.loads(str(read_back)).items()} or None,
    )  # fmt: skip

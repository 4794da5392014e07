"""The mirror in SQLite; see `daemon.ledger.ports`."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime

import msgspec

from daemon.ledger.rows import iso
from daemon.ledger.sqlite.database import Database
from daemon.model.event import CalendarId, ResourceRef
from daemon.model.owner import Wish
from daemon.model.protocols import CalendarInfo, Changes, Peek, Resource

PAGE = 2**20
"""Bytes of payloads that are held back until they are written: a reading of less is written as one."""

_PUT_RESOURCE = "INSERT OR REPLACE INTO resource VALUES (?,?,?,?,?,?,?,?,?,?,?)"
_PUT_CALENDAR = (
    "INSERT INTO calendar (id, name, state, read_at, kept_since) VALUES (?,?,?,?,?)"
    " ON CONFLICT (id) DO UPDATE SET name = excluded.name, state = excluded.state,"
    " read_at = CASE excluded.read_at WHEN '' THEN read_at ELSE excluded.read_at END,"
    " kept_since = coalesce(excluded.kept_since, kept_since)"
)
_VERSIONS = (
    "SELECT json_group_object(href, version) FILTER (WHERE payload IS NOT NULL OR coalesce(last < ?, 0)), count(*)"
    " FROM resource WHERE calendar = ?"
)
_AT_ONCE = 500  # resources that are taken out in one go, so that no lock is kept while they are read


class SqliteIntake:
    """See `Intake`."""

    def __init__(self, db: Database, calendar: CalendarId, since: int) -> None:
        self._db = db
        self._calendar = calendar
        self._since = since
        self._rows: list[tuple[object, ...]] = []
        self._held = 0
        self._whole: tuple[AbstractSet[str], tuple[int, int]] | None = None
        self.state = self._state()

    def _state(self) -> str:
        rows = self._db.rows("SELECT state FROM calendar WHERE id = ? AND kept_since <= ?", self._calendar, self._since)
        return str(rows[0][0]) if rows else ""

    def versions(self) -> dict[str, str]:
        """Those whose payload was not kept and that reach the day `since` are to be fetched again."""
        stamp = self._db.stamp()
        ((found, count),) = self._db.rows(_VERSIONS, self._since, self._calendar)
        with self._db.understanding():
            versions = msgspec.json.decode(found, type=dict[str, str])
        self._whole = (versions.keys(), stamp) if len(versions) == count else None
        return versions

    def payload(self, href: str) -> bytes | None:
        """As it was last read."""
        rows = self._db.rows("SELECT payload FROM resource WHERE calendar = ? AND href = ?", self._calendar, href)
        return rows[0][0] if rows else None

    def put(self, resource: Resource, peek: Peek) -> None:
        """Held back, a page at a time."""
        self._rows.append(_values(resource, peek, self._since))
        self._held += len(resource.payload)
        if self._held > PAGE:
            with self._db.transaction() as db:
                db.execute("UPDATE calendar SET state = '' WHERE id = ?", (self._calendar,))
                self._write(db)

    def commit(self, name: str, changes: Changes, state: str, now: datetime | None) -> None:
        """All that is held back, the listing and the state."""
        with self._db.transaction() as db:
            listed = self._whole == (changes.present, self._db.stamp()) and not self._rows
            self._write(db)
            if changes.present is not None and not listed:
                self._list(db, changes.present)
            since = None if changes.present is None or now is None else self._since
            db.execute(_PUT_CALENDAR, (self._calendar, name, state, iso(now) if now else "", since))

    def _write(self, db: sqlite3.Connection) -> None:
        db.executemany(_PUT_RESOURCE, self._rows)
        self._rows, self._held = [], 0

    def _list(self, db: sqlite3.Connection, present: AbstractSet[str]) -> None:
        here = {href for (href,) in db.execute("SELECT href FROM resource WHERE calendar = ?", (self._calendar,))}
        gone = ((self._calendar, href) for href in here - present)
        db.executemany("DELETE FROM resource WHERE calendar = ? AND href = ?", gone)


class SqliteMirror:
    """See `Mirror`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def intake(self, calendar: CalendarId, since: int) -> SqliteIntake:
        """A calendar is read."""
        return SqliteIntake(self._db, calendar, since)

    def read_at(self, calendar: CalendarId) -> datetime | None:
        """When it last was."""
        rows = self._db.rows("SELECT read_at FROM calendar WHERE id = ? AND read_at != ''", calendar)
        with self._db.understanding():
            return datetime.fromisoformat(rows[0][0]) if rows else None

    def calendars(self, account: str) -> tuple[CalendarInfo, ...]:
        """Those that ever were."""
        start = f"{account}/"
        rows = self._db.rows("SELECT id, name FROM calendar WHERE substr(id, 1, ?) = ? ORDER BY id", len(start), start)
        return tuple(CalendarInfo(id=i, name=n) for i, n in rows)

    def forget(self, calendar: CalendarId) -> None:
        """With all that is in it."""
        with self._db.transaction() as db:
            db.execute("DELETE FROM resource WHERE calendar = ?", (calendar,))
            db.execute("DELETE FROM calendar WHERE id = ?", (calendar,))

    def put_resource(self, resource: Resource, peek: Peek) -> None:
        """After our own write."""
        with self._db.transaction() as db:
            db.execute(_PUT_RESOURCE, _values(resource, peek, 0))

    def drop_resource(self, ref: ResourceRef) -> None:
        """After our own deletion, in whatever version."""
        with self._db.transaction() as db:
            db.execute("DELETE FROM resource WHERE calendar = ? AND href = ?", (ref.calendar, ref.href))

    def resources(self, calendar: CalendarId, first: int, last: int) -> Iterator[Resource]:
        """Some at a time, so that others may write meanwhile."""
        href = ""
        while rows := self._db.rows(
            "SELECT href, version, payload FROM resource WHERE calendar = ? AND href > ? AND payload IS NOT NULL"
            " AND (first IS NULL OR first <= ?) AND (last IS NULL OR last >= ?) ORDER BY href LIMIT ?",
            calendar, href, last, first, _AT_ONCE,
        ):  # fmt: skip
            for href, version, payload in rows:
                yield Resource(ResourceRef(calendar, href, version), payload)

    def resource(self, ref: ResourceRef) -> Resource | None:
        """One, in this version."""
        rows = self._db.rows(
            "SELECT payload FROM resource WHERE calendar = ? AND href = ? AND version = ? AND payload IS NOT NULL",
            ref.calendar, ref.href, ref.version,
        )  # fmt: skip
        return Resource(ref, rows[0][0]) if rows else None

    def marked(self, calendars: Iterable[CalendarId], owners: Collection[str]) -> list[tuple[Wish, Resource]]:
        """By calendar, then by policy, key and generation."""
        names = msgspec.json.encode(sorted(owners)).decode()
        return [
            (Wish(policy, key), Resource(ResourceRef(calendar, href, version), payload))
            for calendar in sorted(set(calendars))
            for policy, key, href, version, payload in self._db.rows(
                "SELECT policy, key, href, version, payload FROM resource WHERE calendar = ? AND policy IS NOT NULL"
                " AND (owner IS NULL OR owner IN (SELECT value FROM json_each(?))) ORDER BY policy, key, generation",
                calendar, names,
            )
        ]  # fmt: skip

    def unmarked(self, calendars: Iterable[CalendarId]) -> list[tuple[str, Resource]]:
        """By calendar, then by name and href."""
        return [
            (name, Resource(ResourceRef(calendar, href, version), payload))
            for calendar in sorted(set(calendars))
            for name, href, version, payload in self._db.rows(
                "SELECT name, href, version, payload FROM resource WHERE calendar = ? AND name IS NOT NULL"
                " AND policy IS NULL ORDER BY name, href",
                calendar,
            )
        ]

    def owners(self, calendars: Iterable[CalendarId]) -> dict[str, int]:
        """Of any age."""
        wanted = msgspec.json.encode(sorted(set(calendars))).decode()
        return dict(
            self._db.rows(
                "SELECT owner, count(*) FROM resource WHERE owner IS NOT NULL"
                " AND calendar IN (SELECT value FROM json_each(?)) GROUP BY owner ORDER BY owner",
                wanted,
            )
        )

    def nameless(self, calendars: Iterable[CalendarId], prefix: str) -> frozenset[str]:
        """Those of which nothing is known but that they are there."""
        return frozenset(
            href
            for calendar in calendars
            for (href,) in self._db.rows(
                "SELECT href FROM resource WHERE calendar = ? AND href BETWEEN ? AND ?"
                " AND policy IS NULL AND first IS NULL AND payload IS NOT NULL",
                calendar, prefix, f"{prefix}~",
            )
        )  # fmt: skip


def _values(resource: Resource, peek: Peek, since: int) -> tuple[object, ...]:
    """A resource for its table; without the payload if it ended before the day `since` and is not named as ours."""
    mark = (peek.mark.policy, peek.mark.key, peek.mark.generation) if peek.mark else (None, None, None)
    old = not peek.name and peek.last is not None and peek.last < since
    ref = resource.ref
    return (
        ref.calendar, ref.href, ref.version, peek.first, peek.last, *mark, None if old else resource.payload,
        peek.name or None, peek.mark.owner if peek.mark else None,
    )  # fmt: skip

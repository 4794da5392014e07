"""The tables: what was read, what was written, what stood before.  One connection, one thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from daemon.ledger.failures import SetAside, translated
from daemon.ledger.rows import (
    ChangeRow,
    OwnRow,
    RunRow,
    change_row,
    change_values,
    iso,
    own_row,
    own_values,
    resource_values,
)
from daemon.model.event import CalendarId, ResourceRef
from daemon.model.owner import OwnState, Wish
from daemon.model.protocols import CalendarInfo, Changes, Peek, Resource
from daemon.model.snapshot import Skip
from daemon.system.state_files import mark_clean

_PUT_RESOURCE = "INSERT OR REPLACE INTO resource VALUES (?,?,?,?,?,?,?,?,?)"
_PUT_LISTED = "INSERT OR REPLACE INTO resource (calendar, href, version) SELECT ?, key, value FROM json_each(?)"
_PUT_OWN = "INSERT OR REPLACE INTO own VALUES (?,?,?,?,?,?,?,?,?,?)"
_PUT_CHANGE = (
    "INSERT INTO change (run, seq, action, policy, key, uid, before, after, reason, outcome, cause)"
    " VALUES (?,?,?,?,?,?,?,?,?,?,?)"
)
_CHANGES_OF = (
    "SELECT action, policy, key, uid, before, after, reason, outcome, cause FROM change WHERE run = ? ORDER BY seq"
)
_DONE_SINCE = (
    "SELECT at, action, policy, key, uid, before, after, reason, change.outcome, cause FROM run JOIN change ON run = id"
    " WHERE at >= ? AND ? IN (policy, '') AND change.outcome IN ('done', '') ORDER BY run, seq"
)
_AT_ONCE = 500  # resources that are taken out of the mirror in one go, so that no lock is kept while they are read
_TAKEN_UP = "skips taken up"


class Ledger:
    """Open with `open_ledger`; close when done.

    `set_aside`: the file that stood in its place.  `copy`: where it lies as it was before it was migrated.
    """

    def __init__(
        self, connection: sqlite3.Connection, path: Path, set_aside: SetAside | None = None, copy: Path | None = None
    ) -> None:  # fmt: skip
        self._db = connection
        self.path = path
        self.set_aside = set_aside
        self.copy = copy
        self._inode = path.stat().st_ino
        self._sound = True
        self._listed: tuple[CalendarId, AbstractSet[str], tuple[int, int]] | None = None
        self._kept_since = 0

    @property
    def notice(self) -> str:
        """What its user should know of how it was opened, '' for nothing."""
        copied = f"the ledger was of an older version and is migrated; as it was it is kept as {self.copy}"
        return str(self.set_aside or (copied if self.copy else ""))

    def close(self) -> None:
        """Give the file back; where nothing went wrong, this process need not check it again until it changes."""
        self._db.close()
        if self._sound:
            mark_clean(self.path, self._inode)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """After any trouble the file is checked when it is opened again."""
        try:
            with translated(self.path):
                yield
        except BaseException:
            self._sound = False
            raise

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        with self._watched():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # a full disk ends it by itself
                    self._db.execute("ROLLBACK")
                raise

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows at once: a query that is left open would keep other processes from writing."""
        with self._watched():
            return self._db.execute(sql, values).fetchall()

    # -- the mirror -----------------------------------------------------------------------------------------------

    def state(self, calendar: CalendarId, since: int | None = None) -> str:
        """What the store of a calendar left with us; '' where it may not be trusted, see `known`."""
        if since is not None and since < int(self.get(_since(calendar)) or date.max.toordinal()):
            return ""
        rows = self._rows("SELECT state FROM calendar WHERE id = ?", calendar)
        return str(rows[0][0]) if rows else ""

    def known(self, calendar: CalendarId, since: int | None = None) -> dict[str, str]:
        """The versions of a calendar's resources by href.

        `since`: a resource whose payload was not kept, and that reaches the day `since`, is not known, so that it is
        read again.
        """
        stamp = self._stamp()
        (found, count), = self._rows(
            "SELECT json_group_object(href, version) FILTER (WHERE payload IS NOT NULL OR coalesce(last < ?, 1)),"
            " count(*) FROM resource WHERE calendar = ?",
            since, calendar,
        )  # fmt: skip
        versions = msgspec.json.decode(found, type=dict[str, str])
        self._listed = (calendar, versions.keys(), stamp) if len(versions) == count else None
        return versions

    def _stamp(self) -> tuple[int, int]:
        """It is another one as soon as anybody has changed anything."""
        return self._rows("PRAGMA data_version")[0][0], self._db.total_changes

    def read_at(self, calendar: CalendarId) -> datetime | None:
        """When a calendar was last read in full, or None for never."""
        rows = self._rows("SELECT read_at FROM calendar WHERE id = ?", calendar)
        return datetime.fromisoformat(rows[0][0]) if rows else None

    def calendars(self, account: str) -> tuple[CalendarInfo, ...]:
        """The calendars of an account that were ever read."""
        start = f"{account}/"
        rows = self._rows("SELECT id, name FROM calendar WHERE substr(id, 1, ?) = ? ORDER BY id", len(start), start)
        return tuple(CalendarInfo(id=i, name=n) for i, n in rows)

    def forget(self, calendar: CalendarId) -> None:
        """A calendar that is gone for good."""
        with self.transaction():
            self._db.execute("DELETE FROM resource WHERE calendar = ?", (calendar,))
            self._db.execute("DELETE FROM calendar WHERE id = ?", (calendar,))
            self._db.execute("DELETE FROM meta WHERE name = ?", (_since(calendar),))

    @contextmanager
    def reading(self, since: int) -> Iterator[Callable[[Resource, Peek], None]]:
        """A transaction in which a read goes into the mirror, one resource at a time; end it with `close_reading`.

        A payload that ends before the day `since` is kept only if it is marked.
        """
        with self.transaction():
            self._kept_since = since
            yield lambda resource, peek: self._put(resource_values(resource, peek, since))

    def _put(self, values: tuple[object, ...]) -> None:
        self._db.execute(_PUT_RESOURCE, values)

    def close_reading(self, calendar: CalendarId, name: str, changes: Changes, state: str, now: datetime) -> None:
        """What a read found besides contents: what was not fetched, what is gone, and the store's own memory."""
        listed = (calendar, changes.present, self._stamp())
        if changes.present is not None:
            if changes.unfetched or self._listed != listed:
                self._put_listing(calendar, changes.present, changes.unfetched)
            kept = (_since(calendar), str(self._kept_since))
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", kept)
        self._db.execute("INSERT OR REPLACE INTO calendar VALUES (?,?,?,?)", (calendar, name, state, iso(now)))

    def _put_listing(self, calendar: CalendarId, present: AbstractSet[str], unfetched: Mapping[str, str]) -> None:
        if unfetched:
            listed = msgspec.json.encode(unfetched, order="sorted").decode()
            self._db.execute(_PUT_LISTED, (calendar, listed))
        here = {href for (href,) in self._db.execute("SELECT href FROM resource WHERE calendar = ?", (calendar,))}
        self._db.executemany(
            "DELETE FROM resource WHERE calendar = ? AND href = ?", ((calendar, h) for h in here - present)
        )

    def payload(self, calendar: CalendarId, href: str) -> bytes | None:
        """The content of a resource as it was last read; None where it was not kept."""
        rows = self._rows("SELECT payload FROM resource WHERE calendar = ? AND href = ?", calendar, href)
        return rows[0][0] if rows else None

    def put_resource(self, resource: Resource, peek: Peek) -> None:
        """One resource, right after our own write."""
        with self.transaction():
            self._db.execute(_PUT_RESOURCE, resource_values(resource, peek, 0))

    def drop_resource(self, ref: ResourceRef) -> None:
        """One resource, right after our own deletion."""
        with self.transaction():
            self._db.execute("DELETE FROM resource WHERE calendar = ? AND href = ?", (ref.calendar, ref.href))

    def resources(self, calendar: CalendarId, first: int, last: int) -> Iterator[Resource]:
        """The resources of a calendar that may touch the days from `first` to `last` (ordinals), by href."""
        href = ""
        while rows := self._rows(
            "SELECT href, version, payload FROM resource WHERE calendar = ? AND href > ? AND payload IS NOT NULL"
            " AND (first IS NULL OR first <= ?) AND (last IS NULL OR last >= ?) ORDER BY href LIMIT ?",
            calendar, href, last, first, _AT_ONCE,
        ):  # fmt: skip
            for href, version, payload in rows:
                yield Resource(ResourceRef(calendar, href, version), payload)

    def resource(self, ref: ResourceRef) -> Resource | None:
        """One resource, if it was last read in this version."""
        rows = self._rows(
            "SELECT payload FROM resource WHERE calendar = ? AND href = ? AND version = ? AND payload IS NOT NULL",
            ref.calendar, ref.href, ref.version,
        )  # fmt: skip
        return Resource(ref, rows[0][0]) if rows else None

    def marked(self, calendars: Iterable[CalendarId]) -> list[tuple[Wish, Resource]]:
        """Every resource of these calendars that carries a mark of ours, of any age, with its wish."""
        return [
            (Wish(policy, key), Resource(ResourceRef(calendar, href, version), payload))
            for calendar in sorted(set(calendars))
            for policy, key, href, version, payload in self._rows(
                "SELECT policy, key, href, version, payload FROM resource WHERE calendar = ? AND policy IS NOT NULL"
                " ORDER BY policy, key, generation",
                calendar,
            )
        ]

    def nameless(self, calendars: Iterable[CalendarId], prefix: str) -> frozenset[str]:
        """The hrefs with this prefix in these calendars whose content says nothing, not even when it is."""
        return frozenset(
            href
            for calendar in calendars
            for (href,) in self._rows(
                "SELECT href FROM resource WHERE calendar = ? AND href BETWEEN ? AND ?"
                " AND policy IS NULL AND first IS NULL AND payload IS NOT NULL",
                calendar, prefix, f"{prefix}~",
            )
        )  # fmt: skip

    # -- ours -----------------------------------------------------------------------------------------------------

    def own(self) -> dict[Wish, OwnRow]:
        """What is known of every wish that ever had an event."""
        rows = map(own_row, self._rows("SELECT * FROM own ORDER BY policy, key"))
        return {row.wish: row for row in rows}

    def put_own(self, rows: Iterable[OwnRow]) -> None:
        """Write what is known of some wishes."""
        packed = [own_values(r) for r in rows]
        if packed:
            with self.transaction():
                self._db.executemany(_PUT_OWN, packed)

    @property
    def fresh(self) -> bool:
        """Whether it is new: the journal's skips are still to be taken up."""
        return not self.get(_TAKEN_UP)

    def add_skips(self, skips: Iterable[Skip]) -> None:
        """Take up what the journal remembers; it is no longer fresh then."""
        rows = [
            OwnRow(
                policy=s.policy, key=s.key, generation=0, status=OwnState.SKIPPED, calendar="", title="", day=s.day,
                minutes=s.minutes,
            )
            for s in skips
        ]  # fmt: skip
        with self.transaction():
            self._db.executemany(_PUT_OWN, map(own_values, rows))
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, 'yes')", (_TAKEN_UP,))

    # -- runs -----------------------------------------------------------------------------------------------------

    def begin(self, command: str, now: datetime, undoes: int | None = None) -> int:
        """A new run; `undoes`: the one that it takes back."""
        values = (iso(now), command, undoes)
        with self.transaction():
            row = self._db.execute("INSERT INTO run (at, command, outcome, undoes) VALUES (?, ?, '', ?)", values)
        return int(row.lastrowid or 0)

    def intend(self, run: int, seq: int, change: ChangeRow, own: OwnRow | None) -> None:
        """Say what is about to be written, before it is."""
        with self.transaction():
            self._db.execute(_PUT_CHANGE, change_values(run, seq, change))
            if own:
                self._db.execute(_PUT_OWN, own_values(own))

    def conclude(self, run: int, seq: int, outcome: str, own: OwnRow | None) -> None:
        """Say what came of it."""
        with self.transaction():
            self._db.execute("UPDATE change SET outcome = ? WHERE run = ? AND seq = ?", (outcome, run, seq))
            if own:
                self._db.execute(_PUT_OWN, own_values(own))

    def retract(self, run: int, seq: int, own: OwnRow | None, wish: Wish) -> None:
        """Forget an intent of which it is certain that nothing came; `own` is what stood before it."""
        with self.transaction():
            self._db.execute("DELETE FROM change WHERE run = ? AND seq = ?", (run, seq))
            self._db.execute("DELETE FROM own WHERE policy = ? AND key = ?", wish)
            if own:
                self._db.execute(_PUT_OWN, own_values(own))

    def finish(self, run: int, outcome: str) -> None:
        """Close a run; one without any change leaves no trace."""
        with self.transaction():
            self._db.execute("UPDATE run SET outcome = ? WHERE id = ?", (outcome, run))
            self._db.execute("DELETE FROM run WHERE id = ? AND id NOT IN (SELECT run FROM change)", (run,))

    def runs(self, most: int) -> tuple[RunRow, ...]:
        """The latest runs that wrote, newest first, with their changes."""
        rows = self._rows(
            "SELECT id, at, command, outcome, undoes FROM run WHERE id IN (SELECT run FROM change)"
            " ORDER BY id DESC LIMIT ?",
            most,
        )
        return tuple(
            RunRow(id=i, at=datetime.fromisoformat(at), command=c, outcome=o, undoes=u, changes=self._changes(i))
            for i, at, c, o, u in rows
        )

    def done_since(self, policy: str, since: datetime) -> list[tuple[datetime, ChangeRow]]:
        """What was done to a policy's events in runs from `since` on, oldest first, each with the moment of its run.

        `policy`: '' for all of them.  Also what a crash left open: it may have been done.
        """
        rows = self._rows(_DONE_SINCE, iso(since), policy)
        return [(datetime.fromisoformat(at), change_row(row)) for at, *row in rows]

    def _changes(self, run: int) -> tuple[ChangeRow, ...]:
        return tuple(map(change_row, self._rows(_CHANGES_OF, run)))

    # -- what else is remembered ----------------------------------------------------------------------------------

    def get(self, name: str) -> str:
        """A remembered value, '' for none."""
        rows = self._rows("SELECT value FROM meta WHERE name = ?", name)
        return str(rows[0][0]) if rows else ""

    def put(self, name: str, value: str) -> None:
        """Remember a value; the same value again writes nothing."""
        if self.get(name) != value:
            with self.transaction():
                self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))


def _since(calendar: CalendarId) -> str:
    """Where it is kept from which day on every payload of a calendar was kept."""
    return f"kept since {calendar}"

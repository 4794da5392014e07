"""The local state: a mirror of what was read, what was written and what stood before.  Only this module knows SQL.

Everything in it but history can be rebuilt from the calendars and the journal.  A damaged or newer file is set aside
and named.  One connection, one thread; `journal_mode=DELETE`, since the write-ahead log of the SQLite versions in use
can be corrupted by two checkpointing connections.
"""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from daemon.model.errors import TemporaryError, UnbusyError
from daemon.model.event import CalendarId, ResourceRef
from daemon.model.owner import Field
from daemon.model.protocols import CalendarInfo, Changes, Peek, Resource
from daemon.model.snapshot import Skip
from daemon.private import is_as_left, leave, make_folder, open_file

VERSION = 1

SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE calendar (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL, read_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE resource (
    calendar TEXT NOT NULL, href TEXT NOT NULL, version TEXT NOT NULL, first INTEGER, last INTEGER,
    policy TEXT, key TEXT, generation INTEGER, payload BLOB,
    PRIMARY KEY (calendar, href)
) STRICT;
CREATE INDEX resource_marked ON resource (policy, key) WHERE policy IS NOT NULL;
CREATE INDEX resource_dropped ON resource (calendar, last) WHERE payload IS NULL AND last IS NOT NULL;
CREATE TABLE own (
    policy TEXT NOT NULL, key TEXT NOT NULL, generation INTEGER NOT NULL, status TEXT NOT NULL,
    calendar TEXT NOT NULL, title TEXT NOT NULL, day TEXT NOT NULL, minutes INTEGER NOT NULL,
    text_day TEXT NOT NULL, read_back TEXT NOT NULL,
    PRIMARY KEY (policy, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE run (id INTEGER PRIMARY KEY, at TEXT NOT NULL, command TEXT NOT NULL, outcome TEXT NOT NULL) STRICT;
CREATE TABLE change (
    run INTEGER NOT NULL REFERENCES run, seq INTEGER NOT NULL, action TEXT NOT NULL, policy TEXT NOT NULL,
    key TEXT NOT NULL, uid TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, reason TEXT NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
"""

INTENT, STANDING, WITHDRAWN, SKIPPED = "intent", "standing", "withdrawn", "skipped"

_PUT_RESOURCE = "INSERT OR REPLACE INTO resource VALUES (?,?,?,?,?,?,?,?,?)"
_PUT_LISTED = "INSERT OR REPLACE INTO resource (calendar, href, version) SELECT ?, key, value FROM json_each(?)"
_PUT_OWN = "INSERT OR REPLACE INTO own VALUES (?,?,?,?,?,?,?,?,?,?)"
_AT_ONCE = 500  # resources that are taken out of the mirror in one go, so that no lock is kept while they are read
_TAKEN_UP = "skips taken up"
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_REMEDY = "check the disk and the rights of its folder, or name another folder with `state` in the config"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRow:
    """What we know of one wish.

    `status`: intent (a write was begun), standing, withdrawn (we took it back), skipped (the user deleted it).
    `day`, `minutes`: where and how long it was last asked for.  `text_day`: when its text was last written, or None.
    `read_back`: the fingerprints found right after our write, where they differ from what was asked.
    """

    policy: str
    key: str
    generation: int
    status: str
    calendar: CalendarId
    title: str
    day: date
    minutes: int
    text_day: date | None = None
    read_back: Mapping[Field, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One line of a run's history; `before` and `after` are the fields in words, {} where there is nothing."""

    action: str
    policy: str
    key: str
    uid: str
    before: Mapping[str, object]
    after: Mapping[str, object]
    reason: str
    outcome: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run that wrote."""

    id: int
    at: datetime
    command: str
    outcome: str
    changes: tuple[ChangeRow, ...]


class Ledger:
    """Open with `open_ledger`; close when done.  `set_aside`: where the file went that stood in its place."""

    def __init__(self, connection: sqlite3.Connection, path: Path, set_aside: Path | None = None) -> None:
        self._db = connection
        self.path = path
        self.set_aside = set_aside
        self._inode = path.stat().st_ino
        self._sound = True
        self._listed: tuple[CalendarId, AbstractSet[str], tuple[int, int]] | None = None

    def close(self) -> None:
        """Give the file back; where nothing went wrong, this process need not check it again until it changes."""
        self._db.close()
        if self._sound:
            leave(self.path, self._inode)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """After any trouble the file is checked when it is opened again."""
        try:
            with _translated(self.path):
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
        rows = self._rows(
            "SELECT state FROM calendar WHERE id = ?1 AND NOT EXISTS"
            " (SELECT 1 FROM resource WHERE calendar = ?1 AND payload IS NULL AND last >= ?2)",
            calendar, since,
        )  # fmt: skip
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

    @contextmanager
    def reading(self, since: int) -> Iterator[Callable[[Resource, Peek], None]]:
        """A transaction in which a read goes into the mirror, one resource at a time; end it with `close_reading`.

        A payload that ends before the day `since` is kept only if it is marked.
        """
        with self.transaction():
            yield lambda resource, peek: self._put(_resource_values(resource, peek, since))

    def _put(self, values: tuple[object, ...]) -> None:
        self._db.execute(_PUT_RESOURCE, values)

    def close_reading(self, calendar: CalendarId, name: str, changes: Changes, state: str, now: datetime) -> None:
        """What a read found besides contents: what was not fetched, what is gone, and the store's own memory."""
        listed = (calendar, changes.present, self._stamp())
        if changes.present is not None and (changes.unfetched or self._listed != listed):
            self._put_listing(calendar, changes.present, changes.unfetched)
        self._db.execute("INSERT OR REPLACE INTO calendar VALUES (?,?,?,?)", (calendar, name, state, _iso(now)))

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
            self._db.execute(_PUT_RESOURCE, _resource_values(resource, peek, 0))

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

    def marked(self, calendars: Iterable[CalendarId]) -> list[tuple[tuple[str, str], Resource]]:
        """Every resource of these calendars that carries a mark of ours, of any age, with its policy and key."""
        return [
            ((policy, key), Resource(ResourceRef(calendar, href, version), payload))
            for calendar in sorted(set(calendars))
            for policy, key, href, version, payload in self._rows(
                "SELECT policy, key, href, version, payload FROM resource WHERE calendar = ? AND policy IS NOT NULL"
                " ORDER BY policy, key, generation",
                calendar,
            )
        ]

    # -- ours -----------------------------------------------------------------------------------------------------

    def own(self) -> dict[tuple[str, str], OwnRow]:
        """What is known of every wish that ever had an event."""
        return {(row[0], row[1]): _own_row(row) for row in self._rows("SELECT * FROM own ORDER BY policy, key")}

    def put_own(self, rows: Iterable[OwnRow]) -> None:
        """Write what is known of some wishes."""
        packed = [_own_values(r) for r in rows]
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
                policy=s.policy, key=s.key, generation=0, status=SKIPPED, calendar="", title="", day=s.day,
                minutes=s.minutes,
            )
            for s in skips
        ]  # fmt: skip
        with self.transaction():
            self._db.executemany(_PUT_OWN, map(_own_values, rows))
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, 'yes')", (_TAKEN_UP,))

    # -- runs -----------------------------------------------------------------------------------------------------

    def begin(self, command: str, now: datetime) -> int:
        """A new run."""
        with self.transaction():
            row = self._db.execute("INSERT INTO run (at, command, outcome) VALUES (?, ?, '')", (_iso(now), command))
        return int(row.lastrowid or 0)

    def intend(self, run: int, seq: int, change: ChangeRow, own: OwnRow | None) -> None:
        """Say what is about to be written, before it is."""
        with self.transaction():
            self._db.execute(
                "INSERT INTO change VALUES (?,?,?,?,?,?,?,?,?,'')",
                (run, seq, change.action, change.policy, change.key, change.uid, json.dumps(change.before),
                 json.dumps(change.after), change.reason),
            )  # fmt: skip
            if own:
                self._db.execute(_PUT_OWN, _own_values(own))

    def conclude(self, run: int, seq: int, outcome: str, own: OwnRow | None) -> None:
        """Say what came of it."""
        with self.transaction():
            self._db.execute("UPDATE change SET outcome = ? WHERE run = ? AND seq = ?", (outcome, run, seq))
            if own:
                self._db.execute(_PUT_OWN, _own_values(own))

    def retract(self, run: int, seq: int, own: OwnRow | None, wish: tuple[str, str]) -> None:
        """Forget an intent of which it is certain that nothing came; `own` is what stood before it."""
        with self.transaction():
            self._db.execute("DELETE FROM change WHERE run = ? AND seq = ?", (run, seq))
            self._db.execute("DELETE FROM own WHERE policy = ? AND key = ?", wish)
            if own:
                self._db.execute(_PUT_OWN, _own_values(own))

    def finish(self, run: int, outcome: str) -> None:
        """Close a run; one without any change leaves no trace."""
        with self.transaction():
            self._db.execute("UPDATE run SET outcome = ? WHERE id = ?", (outcome, run))
            self._db.execute("DELETE FROM run WHERE id = ? AND id NOT IN (SELECT run FROM change)", (run,))

    def runs(self, most: int) -> tuple[RunRow, ...]:
        """The latest runs that wrote, newest first, with their changes."""
        rows = self._rows(
            "SELECT id, at, command, outcome FROM run WHERE id IN (SELECT run FROM change) ORDER BY id DESC LIMIT ?",
            most,
        )
        return tuple(
            RunRow(id=i, at=datetime.fromisoformat(at), command=c, outcome=o, changes=self._changes(i))
            for i, at, c, o in rows
        )

    def done_since(self, policy: str, since: datetime) -> list[tuple[datetime, ChangeRow]]:
        """What was done to a policy's events in runs from `since` on, oldest first, each with the moment of its run.

        `policy`: '' for all of them.  Also what a crash left open: it may have been done.
        """
        rows = self._rows(
            "SELECT at, action, policy, key, uid, before, after, reason, change.outcome"
            " FROM run JOIN change ON run = id WHERE at >= ? AND ? IN (policy, '') AND change.outcome IN ('done', '')"
            " ORDER BY run, seq",
            _iso(since), policy,
        )  # fmt: skip
        return [(datetime.fromisoformat(at), _change_row(row)) for at, *row in rows]

    def _changes(self, run: int) -> tuple[ChangeRow, ...]:
        rows = self._rows(
            "SELECT action, policy, key, uid, before, after, reason, outcome FROM change WHERE run = ? ORDER BY seq",
            run,
        )
        return tuple(map(_change_row, rows))

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


# -- the file ---------------------------------------------------------------------------------------------------------


def open_ledger(folder: Path, wait: float = 5.0) -> Ledger:
    """Open or make the ledger in a state directory (mode 0700).

    What stands in its place and is damaged, or was written by a newer version, is set aside under a name that says
    so; everything but the history of runs comes back from the calendars and the journal.  `wait`: seconds for which
    each statement waits for other processes; then TemporaryError.
    """
    path = folder / "ledger.sqlite"
    try:
        make_folder(folder)
        with _translated(path):
            if db := _opened(path, wait):
                return Ledger(db, path)
            with _alone(path):
                db, aside = _opened(path, wait), None  # another process may just have made it
                if db is None:
                    aside = _set_aside(path)
                    db = _made(path, wait)
                return Ledger(db, path, aside)
    except OSError as e:
        raise UnbusyError(f"cannot use the ledger {path}: {e.strerror}", _REMEDY) from e


def _opened(path: Path, wait: float) -> sqlite3.Connection | None:
    """A connection to a sound ledger of this version; None where there is no such thing."""
    if not path.is_file():
        return None
    checked = is_as_left(path)
    db = _connected(path, wait)
    try:
        sound = checked or db.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok"
        if sound and db.execute("PRAGMA user_version").fetchone()[0] == VERSION:
            _set_up(db)
            return db
    except UnicodeDecodeError:  # SQLite quotes the damaged bytes
        pass
    except sqlite3.DatabaseError as e:
        if _code(e) not in (*_DAMAGE, sqlite3.SQLITE_ERROR):
            db.close()
            raise
    db.close()
    return None


def _made(path: Path, wait: float) -> sqlite3.Connection:
    """A connection to a new ledger."""
    os.close(open_file(path, os.O_WRONLY))
    db = _connected(path, wait)
    try:
        _set_up(db)
        db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")
    except sqlite3.Error:
        db.close()
        raise
    return db


def _connected(path: Path, wait: float) -> sqlite3.Connection:
    path.chmod(0o600)
    return sqlite3.connect(path, isolation_level=None, timeout=wait)


def _set_up(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA journal_mode = DELETE")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA temp_store = MEMORY")


def _set_aside(path: Path) -> Path | None:
    """Give what stands there another name, with what a crash has left of its last transaction."""
    if not path.exists() or (path.is_file() and not path.stat().st_size):
        return None
    names = (path.with_name(f"{path.name}.set-aside-{n}") for n in count(1))
    aside = next(name for name in names if not name.exists())
    for end in ("-journal", "-wal", ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(aside.with_name(aside.name + end))
    return aside


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """While a ledger is made or set aside, other processes that want to open it wait."""
    fd = open_file(path.with_name(f"{path.name}.lock"), os.O_WRONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """SQLite's errors as ours, once (https://sqlite.org/rescode.html)."""
    try:
        yield
    except sqlite3.DatabaseError as e:
        if _code(e) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise TemporaryError(f"the ledger {path} is in use by another process", "try again") from e
        if _code(e) in _DAMAGE:
            raise UnbusyError(f"the ledger {path} is damaged: {e}", "run again: it is set aside and rebuilt") from e
        if getattr(e, "sqlite_errorcode", 0) == sqlite3.SQLITE_READONLY_DBMOVED:
            raise UnbusyError(f"the ledger {path} was moved or deleted while in use", "start unbusy again") from e
        if isinstance(e, sqlite3.OperationalError):
            raise UnbusyError(f"cannot use the ledger {path}: {e}", _REMEDY) from e
        raise


def _code(error: sqlite3.DatabaseError) -> int:
    """The primary result code; 0 for an error of the Python module itself."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


# -- rows -------------------------------------------------------------------------------------------------------------


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _change_row(row: Sequence[str]) -> ChangeRow:
    action, policy, key, uid, before, after, reason, outcome = row
    return ChangeRow(
        action=action, policy=policy, key=key, uid=uid, before=json.loads(before), after=json.loads(after),
        reason=reason, outcome=outcome,
    )  # fmt: skip


def _resource_values(resource: Resource, peek: Peek, since: int) -> tuple[object, ...]:
    mark = (peek.mark.policy, peek.mark.key, peek.mark.generation) if peek.mark else (None, None, None)
    old = peek.mark is None and peek.last is not None and peek.last < since
    ref = resource.ref
    return (
        ref.calendar, ref.href, ref.version, peek.first, peek.last, *mark, None if old else resource.payload,
    )  # fmt: skip


def _own_values(r: OwnRow) -> tuple[object, ...]:
    return (
        r.policy, r.key, r.generation, r.status, r.calendar, r.title, r.day.isoformat(), r.minutes,
        r.text_day.isoformat() if r.text_day else "", json.dumps(dict(r.read_back or {})),
    )  # fmt: skip


def _own_row(row: Sequence[object]) -> OwnRow:
    policy, key, generation, status, calendar, title, day, minutes, text_day, read_back = row
    return OwnRow(
        policy=str(policy), key=str(key), generation=int(str(generation)), status=str(status), calendar=str(calendar),
        title=str(title), day=date.fromisoformat(str(day)), minutes=int(str(minutes)),
        text_day=date.fromisoformat(str(text_day)) if text_day else None,
        read_back={Field(f): v for f, v in json.loads(str(read_back)).items()} or None,
    )  # fmt: skip

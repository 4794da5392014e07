"""The local state: a mirror of what was read, what was written and what stood before.  Only this module knows SQL.

Everything in it but history can be rebuilt from the calendars and the journal.  A damaged or newer file is set aside
and named.  One connection, one thread; `journal_mode=DELETE`, since the write-ahead log of the SQLite versions in use
can be corrupted by two checkpointing connections.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from daemon.model.errors import TemporaryError, UnbusyError
from daemon.model.event import CalendarId, ResourceRef
from daemon.model.owner import Field
from daemon.model.protocols import CalendarInfo, Changes, Peek, Resource
from daemon.model.snapshot import Skip

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
    """Open with `open_ledger`; close when done."""

    def __init__(self, connection: sqlite3.Connection, path: Path, *, fresh: bool, set_aside: Path | None) -> None:
        self._db = connection
        self.path = path
        self.fresh = fresh
        self.set_aside = set_aside

    def close(self) -> None:
        """Give the file back."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        with _translated(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    # -- the mirror -----------------------------------------------------------------------------------------------

    def known(self, calendar: CalendarId) -> tuple[dict[str, str], str]:
        """The versions of a calendar's resources by href, and the state that its store left with us."""
        rows = self._db.execute("SELECT href, version FROM resource WHERE calendar = ?", (calendar,))
        state = self._db.execute("SELECT state FROM calendar WHERE id = ?", (calendar,)).fetchone()
        return dict(rows.fetchall()), state[0] if state else ""

    def read_at(self, calendar: CalendarId) -> datetime | None:
        """When a calendar was last read in full, or None for never."""
        row = self._db.execute("SELECT read_at FROM calendar WHERE id = ?", (calendar,)).fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    def calendars(self, account: str) -> tuple[CalendarInfo, ...]:
        """The calendars of an account that were ever read."""
        rows = self._db.execute(
            "SELECT id, name FROM calendar WHERE substr(id, 1, ?) = ?", (len(account) + 1, f"{account}/")
        )
        return tuple(CalendarInfo(id=i, name=n) for i, n in rows)

    def touch(self, calendar: CalendarId, now: datetime) -> None:
        """It was read again and nothing was new."""
        with self.transaction():
            self._db.execute("UPDATE calendar SET read_at = ? WHERE id = ?", (_iso(now), calendar))

    def store(
        self, calendar: CalendarId, name: str, changes: Changes, peeks: Sequence[Peek], *, now: datetime, since: int
    ) -> None:
        """Take what a read found into the mirror, state and resources in one transaction.

        `peeks` go with `changes.changed`.  A payload that ends before the day `since` is not kept.
        """
        with self.transaction():
            self._db.execute("CREATE TEMP TABLE IF NOT EXISTS present (href TEXT PRIMARY KEY)")
            self._db.execute("DELETE FROM present")
            self._db.executemany("INSERT INTO present VALUES (?)", ((h,) for h in changes.present))
            self._db.execute(
                "DELETE FROM resource WHERE calendar = ? AND href NOT IN (SELECT href FROM present)", (calendar,)
            )
            for resource, peek in zip(changes.changed, peeks, strict=True):
                self._put(resource, peek, since)
            self._db.execute(
                "INSERT OR REPLACE INTO calendar VALUES (?, ?, ?, ?)", (calendar, name, changes.state, _iso(now))
            )

    def _put(self, resource: Resource, peek: Peek, since: int) -> None:
        old = peek.mark is None and peek.last is not None and peek.last < since
        mark = (peek.mark.policy, peek.mark.key, peek.mark.generation) if peek.mark else (None, None, None)
        ref = resource.ref
        self._db.execute(
            "INSERT OR REPLACE INTO resource VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (ref.calendar, ref.href, ref.version, peek.first, peek.last, *mark, None if old else resource.payload),
        )

    def put_resource(self, resource: Resource, peek: Peek) -> None:
        """One resource, right after our own write."""
        with self.transaction():
            self._put(resource, peek, 0)

    def drop_resource(self, ref: ResourceRef) -> None:
        """One resource, right after our own deletion."""
        with self.transaction():
            self._db.execute("DELETE FROM resource WHERE calendar = ? AND href = ?", (ref.calendar, ref.href))

    def resources(self, calendar: CalendarId, first: int, last: int) -> Iterator[Resource]:
        """The resources of a calendar that may touch the days from `first` to `last` (ordinals)."""
        rows = self._db.execute(
            "SELECT href, version, payload FROM resource WHERE calendar = ? AND payload IS NOT NULL"
            " AND (first IS NULL OR first <= ?) AND (last IS NULL OR last >= ?) ORDER BY href",
            (calendar, last, first),
        )
        for href, version, payload in rows:
            yield Resource(ResourceRef(calendar, href, version), payload)

    def resource(self, ref: ResourceRef) -> Resource | None:
        """One resource as it was last read."""
        row = self._db.execute(
            "SELECT version, payload FROM resource WHERE calendar = ? AND href = ?", (ref.calendar, ref.href)
        ).fetchone()
        return Resource(ResourceRef(ref.calendar, ref.href, row[0]), row[1]) if row and row[1] is not None else None

    def marked(self, calendars: Iterable[CalendarId]) -> list[tuple[tuple[str, str], Resource]]:
        """Every resource of these calendars that carries a mark of ours, of any age, with its policy and key."""
        found = []
        for calendar in sorted(calendars):
            for policy, key, href, version, payload in self._db.execute(
                "SELECT policy, key, href, version, payload FROM resource WHERE calendar = ? AND policy IS NOT NULL"
                " ORDER BY policy, key",
                (calendar,),
            ):
                found.append(((policy, key), Resource(ResourceRef(calendar, href, version), payload)))
        return found

    # -- ours -----------------------------------------------------------------------------------------------------

    def own(self) -> dict[tuple[str, str], OwnRow]:
        """What is known of every wish that ever had an event."""
        rows = self._db.execute("SELECT * FROM own ORDER BY policy, key")
        return {(row[0], row[1]): _own_row(row) for row in rows}

    def put_own(self, rows: Iterable[OwnRow]) -> None:
        """Write what is known of some wishes."""
        packed = [_own_values(r) for r in rows]
        if packed:
            with self.transaction():
                self._db.executemany("INSERT OR REPLACE INTO own VALUES (?,?,?,?,?,?,?,?,?,?)", packed)

    def add_skips(self, skips: Iterable[Skip]) -> None:
        """Take skips up from the journal (a new ledger)."""
        self.put_own(
            OwnRow(
                policy=s.policy,
                key=s.key,
                generation=0,
                status=SKIPPED,
                calendar="",
                title="",
                day=s.day,
                minutes=s.minutes,
            )
            for s in skips
        )

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
                self._db.execute("INSERT OR REPLACE INTO own VALUES (?,?,?,?,?,?,?,?,?,?)", _own_values(own))

    def conclude(self, run: int, seq: int, outcome: str, own: OwnRow | None) -> None:
        """Say what came of it."""
        with self.transaction():
            self._db.execute("UPDATE change SET outcome = ? WHERE run = ? AND seq = ?", (outcome, run, seq))
            if own:
                self._db.execute("INSERT OR REPLACE INTO own VALUES (?,?,?,?,?,?,?,?,?,?)", _own_values(own))

    def retract(self, run: int, seq: int, own: OwnRow | None, wish: tuple[str, str]) -> None:
        """Forget an intent of which it is certain that nothing came; `own` is what stood before it."""
        with self.transaction():
            self._db.execute("DELETE FROM change WHERE run = ? AND seq = ?", (run, seq))
            self._db.execute("DELETE FROM own WHERE policy = ? AND key = ?", wish)
            if own:
                self._db.execute("INSERT INTO own VALUES (?,?,?,?,?,?,?,?,?,?)", _own_values(own))

    def finish(self, run: int, outcome: str) -> None:
        """Close a run; one without any change leaves no trace."""
        with self.transaction():
            self._db.execute("UPDATE run SET outcome = ? WHERE id = ?", (outcome, run))
            self._db.execute("DELETE FROM run WHERE id = ? AND id NOT IN (SELECT run FROM change)", (run,))

    def runs(self, most: int) -> tuple[RunRow, ...]:
        """The latest runs that wrote, newest first, with their changes."""
        rows = self._db.execute("SELECT id, at, command, outcome FROM run ORDER BY id DESC LIMIT ?", (most,)).fetchall()
        return tuple(
            RunRow(id=i, at=datetime.fromisoformat(at), command=c, outcome=o, changes=tuple(self._changes(i)))
            for i, at, c, o in rows
        )

    def _changes(self, run: int) -> Iterator[ChangeRow]:
        for a, p, k, u, before, after, reason, outcome in self._db.execute(
            "SELECT action, policy, key, uid, before, after, reason, outcome FROM change WHERE run = ? ORDER BY seq",
            (run,),
        ):
            yield ChangeRow(
                action=a, policy=p, key=k, uid=u, before=json.loads(before), after=json.loads(after), reason=reason,
                outcome=outcome,
            )  # fmt: skip

    # -- what else is remembered ----------------------------------------------------------------------------------

    def get(self, name: str) -> str:
        """A remembered value, '' for none."""
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def put(self, name: str, value: str) -> None:
        """Remember a value; the same value again writes nothing."""
        if self.get(name) != value:
            with self.transaction():
                self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))


def open_ledger(folder: Path) -> Ledger:
    """Open or make the ledger in a state directory (mode 0700).

    A file that is damaged, or that a newer version wrote, is set aside under a name that says so; everything but
    the history of runs comes back from the calendars and the journal.
    """
    path = folder / "ledger.sqlite"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as e:
        raise UnbusyError(f"cannot make the state directory {folder}: {e.strerror}", "set `state` in the config") from e
    with _translated(path):
        db, fresh = _connect(path)
        if db is not None:
            return Ledger(db, path, fresh=fresh, set_aside=None)
        aside = _free_name(path)
        path.rename(aside)
        path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
        db, fresh = _connect(path)
        if db is None:
            raise UnbusyError(f"cannot make a new ledger {path}", "check the disk")
        return Ledger(db, path, fresh=fresh, set_aside=aside)


def _connect(path: Path) -> tuple[sqlite3.Connection | None, bool]:
    """The connection and whether the ledger is new; None if the file is no ledger that this version can use."""
    path.touch(mode=0o600)
    db = sqlite3.connect(path, isolation_level=None, timeout=5.0)
    try:
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA temp_store = MEMORY")
        sound = db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if sound and version == VERSION:
            return db, False
        if sound and version == 0 and not db.execute("SELECT 1 FROM sqlite_master").fetchone():
            db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")
            return db, True
    except sqlite3.OperationalError:
        db.close()
        raise
    except sqlite3.DatabaseError:
        pass
    db.close()
    return None, False


def _free_name(path: Path) -> Path:
    names = (path.with_name(f"{path.name}.set-aside-{n}") for n in range(1, 10_000))
    return next(n for n in names if not n.exists())


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """SQLite's errors as ours, once."""
    try:
        yield
    except sqlite3.OperationalError as e:
        if "locked" in str(e) or "busy" in str(e):
            raise TemporaryError(f"the ledger {path} is in use by another process", "try again") from e
        raise UnbusyError(f"cannot use the ledger {path}: {e}", "check the disk and the rights of its folder") from e
    except sqlite3.DatabaseError as e:
        raise UnbusyError(f"the ledger {path} is damaged: {e}", "run again: it is set aside and rebuilt") from e
    except OSError as e:
        raise UnbusyError(f"cannot use the ledger {path}: {e.strerror}", "check the rights of its folder") from e


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


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
        read_back={Field(f): v for f, v in json.loads(str(read_back)).items()},
    )  # fmt: skip

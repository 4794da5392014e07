"""The tables, as numbered steps from nothing to those of today.

A new ledger goes through the same steps as an old one, so the two cannot differ.  The version of a ledger
(`user_version`) is the number of its last step.  A step that somebody may have taken is never changed: a new one is
added.
"""

from __future__ import annotations

import os
import sqlite3
from filecmp import cmp
from pathlib import Path

from daemon.system.state_files import open_file, sync_folder

APPLICATION = 0x756E6275
"""'unbu', where SQLite keeps to which program a file belongs (https://sqlite.org/pragma.html#pragma_application_id);
ledgers of version 1 have none."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
        """CREATE TABLE calendar (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL, read_at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE resource (
            calendar TEXT NOT NULL, href TEXT NOT NULL, version TEXT NOT NULL, first INTEGER, last INTEGER,
            policy TEXT, key TEXT, generation INTEGER, payload BLOB,
            PRIMARY KEY (calendar, href)
        ) STRICT""",
        "CREATE INDEX resource_marked ON resource (policy, key) WHERE policy IS NOT NULL",
        """CREATE TABLE own (
            policy TEXT NOT NULL, key TEXT NOT NULL, generation INTEGER NOT NULL, status TEXT NOT NULL,
            calendar TEXT NOT NULL, title TEXT NOT NULL, day TEXT NOT NULL, minutes INTEGER NOT NULL,
            text_day TEXT NOT NULL, read_back TEXT NOT NULL,
            PRIMARY KEY (policy, key)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE run (id INTEGER PRIMARY KEY, at TEXT NOT NULL, command TEXT NOT NULL, outcome TEXT NOT NULL)
        STRICT""",
        """CREATE TABLE change (
            run INTEGER NOT NULL REFERENCES run, seq INTEGER NOT NULL, action TEXT NOT NULL, policy TEXT NOT NULL,
            key TEXT NOT NULL, uid TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, reason TEXT NOT NULL,
            outcome TEXT NOT NULL,
            PRIMARY KEY (run, seq)
        ) STRICT, WITHOUT ROWID""",
    ),
    (  # what was read off sentences until then stands in columns
        f"PRAGMA application_id = {APPLICATION}",
        "ALTER TABLE change ADD COLUMN cause TEXT NOT NULL DEFAULT ''",
        "UPDATE change SET cause = 'booked over' WHERE instr(reason, ' was booked ')",
        "ALTER TABLE run ADD COLUMN undoes INTEGER",
        "UPDATE run SET undoes = CAST(substr(command, 6) AS INTEGER) WHERE command GLOB 'undo [0-9]*'",
        "UPDATE own SET status = 'intended' WHERE status = 'intent'",
    ),
    (  # every note is JSON, and what is said of a calendar stands beside it
        "DELETE FROM meta WHERE value = ''",
        "ALTER TABLE calendar ADD COLUMN kept_since INTEGER",
        """UPDATE calendar SET kept_since = (
            SELECT CAST(meta.value AS INTEGER) FROM meta WHERE meta.name = 'kept since ' || calendar.id
        )""",
        "DELETE FROM meta WHERE name GLOB 'kept since *'",
        """UPDATE meta SET value = json_quote(value)
            WHERE name GLOB 'confirmed *' OR name GLOB 'note *' OR name GLOB 'answered *' OR name GLOB 'read as *'""",
        """UPDATE meta SET value = '[' || replace(json_quote(value), ' ', '","') || ']'
            WHERE name = 'names of the user'""",
        """UPDATE meta SET value = json_object(
                'at', substr(value, 1, instr(value, ' ') - 1), 'why', substr(value, instr(value, ' ') + 1)
            ) WHERE name GLOB 'unread *'""",
        """UPDATE meta SET value = coalesce((SELECT json_each.value FROM json_each(meta.value)), '')
            WHERE name GLOB 'rests *' AND json_valid(value)""",
        "UPDATE meta SET value = 'true' WHERE name = 'skips taken up'",
        "ALTER TABLE meta RENAME TO note",
    ),
    ("ALTER TABLE own ADD COLUMN taken_back TEXT NOT NULL DEFAULT ''",),
    (  # ours is known by its UID, also where its mark was dropped: such files are read once more
        "ALTER TABLE own ADD COLUMN mark TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE resource ADD COLUMN name TEXT",
        "ALTER TABLE resource ADD COLUMN owner TEXT",
        "CREATE INDEX resource_unmarked ON resource (calendar) WHERE name IS NOT NULL AND policy IS NULL",
        "UPDATE resource SET version = '' WHERE policy IS NOT NULL OR instr(payload, CAST('unbusy-' AS BLOB))",
        "UPDATE calendar SET state = '' WHERE id IN (SELECT calendar FROM resource WHERE version = '')",
    ),
    (  # the seal has a page to itself
        "DELETE FROM note WHERE name = 'seal'",
        "CREATE TABLE seal (changes INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT",
    ),
)
VERSION = len(MIGRATIONS)


def migrate(db: sqlite3.Connection, since: int) -> None:
    """All steps after `since` in one transaction; whatever happens meanwhile, the ledger is the old or the new one."""
    db.execute("BEGIN IMMEDIATE")
    try:
        for step in MIGRATIONS[since:]:
            for statement in step:
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {VERSION}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def copied_aside(db: sqlite3.Connection, path: Path, version: int) -> Path:
    """A whole copy of a ledger, named with its version and on the disk.  It is made once and writes over nothing."""
    copying = path.with_name(f"{path.name}.copying")
    copying.unlink(missing_ok=True)
    fd = open_file(copying, os.O_RDONLY)
    try:
        db.execute("VACUUM INTO ?", (str(copying),))
        os.fsync(fd)
        names = (
            path.with_name(f"{path.name}.version-{version}{end}") for end in ("", *map("-{}".format, range(2, 99)))
        )
        copy = next(name for name in names if not name.exists() or cmp(name, copying, shallow=False))
        copying.replace(copy)
        sync_folder(path.parent)
    finally:
        os.close(fd)
        copying.unlink(missing_ok=True)
    return copy

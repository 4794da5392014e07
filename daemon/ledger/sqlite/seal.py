"""A sum of what the tables hold, so that it is known whether they still say what was last written into them.

SQLite knows pages that are out of order, and not a letter that has become another one: a flipped bit in the name of a
skip would bring an event back, and one in a start would move a block.  So a ledger that is closed is sealed.  The seal
is a row like any other: it goes with the file, and the first write breaks it in its own transaction.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from zlib import crc32

import msgspec

_AT_ONCE = 500  # rows


def seal(db: sqlite3.Connection) -> None:
    """Seal a ledger that is about to be closed.  Where that cannot be written, it stays without."""
    with suppress(sqlite3.Error):
        if db.in_transaction or sealed(db):
            return
        db.execute("BEGIN IMMEDIATE")
        try:
            db.execute("INSERT INTO note VALUES ('seal', ?)", (contents(db),))
            db.execute("COMMIT")
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")


def break_seal(db: sqlite3.Connection) -> None:
    """Within the transaction that writes."""
    db.execute("DELETE FROM note WHERE name = 'seal'")


def sealed(db: sqlite3.Connection) -> str:
    """The seal, '' for none."""
    rows = db.execute("SELECT value FROM note WHERE name = 'seal'").fetchall()
    return str(rows[0][0]) if rows else ""


def contents(db: sqlite3.Connection) -> str:
    """What the seal has to be, within a transaction."""
    schema = db.execute("SELECT name, type, sql FROM sqlite_schema ORDER BY name").fetchall()
    found = crc32(msgspec.msgpack.encode(schema))
    for name in (name for name, kind, _ in schema if kind == "table"):
        others = " WHERE name != 'seal'" if name == "note" else ""
        rows = db.execute(f"SELECT * FROM {name}{others}")  # noqa: S608  a name from the schema, which is in the sum
        while some := rows.fetchmany(_AT_ONCE):
            found = crc32(msgspec.msgpack.encode(some), found)
    return str(found)

"""The tables, as numbered files of SQL, each carried out once and in order.

Carried out by the owner of the database; the role that the workers have gets what it needs, and no more.  The tables
of the engine stand beside ours.
"""

from __future__ import annotations

import re
from importlib import resources
from typing import Any

import psycopg
from msgspec import Struct
from psycopg import sql

from daemon.model.errors import UnbusyError
from daemon.postgres.database import translated

_NAME = re.compile(r"(\d{4})_\w+\.sql")
_ALONE = 0x75_6E_62_00


class Migration(Struct, frozen=True):
    """One file."""

    number: int
    name: str
    text: str


def known() -> tuple[Migration, ...]:
    """All that come with this version, in order."""
    files = (f for f in (resources.files(__package__) / "schema").iterdir() if _NAME.fullmatch(f.name))
    return tuple(Migration(int(f.name[:4]), f.name, f.read_text()) for f in sorted(files, key=lambda f: f.name))


def migrate(connection: psycopg.Connection[Any], worker: str) -> tuple[str, ...]:
    """Carry out what is new, all or nothing, and give the workers' role its rights; the names of what was new."""
    with translated(), connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_ALONE,))
        connection.execute(
            "CREATE TABLE IF NOT EXISTS migration (number integer PRIMARY KEY, name text NOT NULL,"
            " at timestamptz NOT NULL DEFAULT now())"
        )
        done = {number for (number,) in connection.execute("SELECT number FROM migration")}
        if done - {m.number for m in known()}:
            raise UnbusyError("the database is of a newer version of unbusy", "use that version")
        new = [m for m in known() if m.number not in done]
        for migration in new:
            connection.execute(migration.text.encode())
            connection.execute("INSERT INTO migration VALUES (%s, %s)", (migration.number, migration.name))
        for right in ("SELECT, INSERT, UPDATE, DELETE ON ALL TABLES", "USAGE, SELECT ON ALL SEQUENCES"):
            grant = sql.SQL("GRANT {} IN SCHEMA public TO {}").format(sql.SQL(right), sql.Identifier(worker))
            connection.execute(grant)
        connection.execute(sql.SQL("REVOKE ALL ON migration FROM {}").format(sql.Identifier(worker)))
        connection.execute(sql.SQL("GRANT SELECT ON migration TO {}").format(sql.Identifier(worker)))
    return tuple(m.name for m in new)

"""The connection to the file: all or nothing, and SQLite's errors in the words of the program.  One thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from daemon.ledger.sqlite.failures import NOT_UNDERSTOOD, damaged, translated
from daemon.ledger.sqlite.seal import seal
from daemon.system.state_files import mark_clean


class Database:
    """An open file; close when done."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self.path = path
        self._inode = path.stat().st_ino
        self._sound = True

    def close(self) -> None:
        """Give the file back; where nothing went wrong, this process need not check it again until it changes."""
        if self._sound:
            seal(self.connection, self.path)
        self.connection.close()
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
    def understanding(self) -> Iterator[None]:
        """A row that cannot be understood is damage like any other."""
        try:
            yield
        except NOT_UNDERSTOOD as e:
            self._sound = False
            raise damaged(self.path, e) from e

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing."""
        with self._watched():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:  # a full disk ends it by itself
                    self.connection.execute("ROLLBACK")
                raise

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows at once: a query that is left open would keep other processes from writing."""
        with self._watched():
            return self.connection.execute(sql, values).fetchall()

    def stamp(self) -> tuple[int, int]:
        """It is another one as soon as anybody has changed anything."""
        return self.rows("PRAGMA data_version")[0][0], self.connection.total_changes

"""A connection that works for one leader: all or nothing, and PostgreSQL's errors in the words of the program.

Every statement names the leader (`%(tenant)s`).  Beside that, the database itself shows no row of another one (row
level security): the leader is said once for the connection, which nobody else uses meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, LiteralString, TypeVar

import psycopg
from msgspec import MsgspecError

from daemon.model.errors import TemporaryError, UnbusyError
from daemon.postgres.seal import Seal
from daemon.postgres.texts import adapt

T = TypeVar("T")

REMEDY = "run `unbusy fleet migrate`, and see whether this role may use the tables"

_FENCE = "SELECT 1 FROM lease WHERE tenant = %(tenant)s AND purpose = %(purpose)s AND fence = %(fence)s FOR SHARE"


class LostLeaseError(TemporaryError):
    """The right to write has gone to another worker meanwhile."""


class Database:
    """A connection, for as long as it works for this leader."""

    def __init__(self, connection: psycopg.Connection[Any], tenant: int, seal: Seal) -> None:
        self.connection = connection
        self.tenant = tenant
        self.seal = seal
        self._fence: tuple[int, int] | None = None
        self._known: dict[str, Any] = {}
        adapt(connection)
        with translated():
            connection.execute("SELECT set_config('unbusy.tenant', %s, false)", (str(tenant),))

    @property
    def fence(self) -> tuple[int, int] | None:
        """Purpose and number of the lease under which it writes, None for none."""
        return self._fence

    @fence.setter
    def fence(self, fence: tuple[int, int] | None) -> None:
        self._fence = fence
        self._known.clear()

    def known(self, what: str, read: Callable[[], T]) -> T:
        """What `read` gives; while the lease is ours nobody else changes it, and it is read once."""
        if self._fence is None:
            return read()
        if what not in self._known:
            self._known[what] = read()
        found: T = self._known[what]
        return found

    def changes(self, what: str) -> None:
        """It is about to become something else."""
        self._known.pop(what, None)

    def rows(self, sql: LiteralString, **values: object) -> list[tuple[Any, ...]]:
        """All rows at once."""
        with translated():
            return self.connection.execute(sql, {"tenant": self.tenant, **values}).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[Writing]:
        """All or nothing; nothing, where the lease is no longer ours."""
        with translated(), self.connection.transaction():
            writing = Writing(self.connection, self.tenant)
            if self.fence and not writing.execute(_FENCE, purpose=self.fence[0], fence=self.fence[1]):
                raise LostLeaseError("another worker serves this leader now", "nothing: it goes on there")
            yield writing

    def close(self) -> None:
        """Work for nobody; the connection may serve the next."""
        with translated():
            self.connection.execute("SELECT set_config('unbusy.tenant', '', false)")


class Writing:
    """Statements of one transaction, each with the leader."""

    def __init__(self, connection: psycopg.Connection[Any], tenant: int) -> None:
        self._connection = connection
        self._tenant = tenant

    def execute(self, sql: LiteralString, **values: object) -> int:
        """How many rows it met."""
        return self._connection.execute(sql, {"tenant": self._tenant, **values}).rowcount

    def row(self, sql: LiteralString, **values: object) -> tuple[Any, ...] | None:
        """The first row, None for none."""
        found: tuple[Any, ...] | None
        found = self._connection.execute(sql, {"tenant": self._tenant, **values}).fetchone()
        return found

    def many(self, sql: LiteralString, rows: Iterable[Mapping[str, object]]) -> None:
        """The same statement for each of these."""
        if values := [{"tenant": self._tenant, **row} for row in rows]:
            with self._connection.cursor() as cursor:
                cursor.executemany(sql, values)


@contextmanager
def translated() -> Iterator[None]:
    """PostgreSQL's errors as ours, once.  They quote no values: a value may be somebody's words."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.errors.InFailedSqlTransaction) as e:
        what = e.diag.message_primary or "the connection is gone"
        raise TemporaryError(f"the database cannot be used now: {what}", "see whether PostgreSQL runs") from e
    except psycopg.Error as e:
        what = e.diag.message_primary or type(e).__name__
        raise UnbusyError(f"cannot use the database: {what}", REMEDY) from e
    except MsgspecError as e:
        raise UnbusyError(f"a row of the database cannot be understood: {e}", REMEDY) from e

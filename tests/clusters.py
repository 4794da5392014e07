"""PostgreSQL for tests: a cluster of its own, on a socket in a folder of its own, thrown away at the end.

The server does not run as root: there it is started as another user.  Nothing of it outlives a power cut (fsync is
off), and so it costs a second or two.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from daemon.postgres import Database, PostgresJournal, PostgresLease, PostgresLedger, Seal, migrate
from daemon.postgres.lease import CYCLE, SERVICE

VERSIONS = Path("/usr/lib/postgresql")
"""Where Debian puts the programs of a server (https://manpages.debian.org/pg_wrapper)."""

WORKER = "unbusy_worker"
"""The role of the workers: it owns nothing."""

KEY = bytes(range(32))
ROOMS = Path("/dev/shm")  # noqa: S108  memory, where there is such a folder


def programs() -> Path | None:
    """The folder of initdb and pg_ctl, of the newest version; None where there is no server."""
    found = [p.parent for p in VERSIONS.glob("*/bin/initdb")] or [Path(p).parent for p in [shutil.which("initdb")] if p]
    return max(found, default=None, key=lambda p: p.parent.name)


def nobody() -> pwd.struct_passwd | None:
    """As whom a server is started by root; None for anybody else, who starts it as themselves."""
    if os.getuid():
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


@dataclass
class Cluster:
    """A server; `numbers`: leaders that no test had yet."""

    bin: Path
    folder: Path
    user: pwd.struct_passwd | None
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    templates: set[str] = field(default_factory=set)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def dsn(self, role: str = "postgres", database: str = "postgres") -> str:
        return f"host={self.folder} user={role} dbname={database} options='-c timezone=UTC'"

    def connect(self, role: str = WORKER, database: str = "postgres") -> psycopg.Connection[Any]:
        return psycopg.connect(self.dsn(role, database), autocommit=True)

    def run(self, *command: object) -> None:
        rights: dict[str, Any] = {"user": self.user.pw_uid, "group": self.user.pw_gid} if self.user else {}
        program, *rest = map(str, command)
        done = subprocess.run(
            [self.bin / program, *rest], check=False, capture_output=True, text=True, cwd=self.folder, **rights,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}, extra_groups=[] if rights else None,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        self.run("pg_ctl", "start", "-w", "-s", "-D", self.data, "-l", self.folder / "log")

    def stop(self, mode: str = "fast") -> None:
        """`immediate`: as a power cut would."""
        self.run("pg_ctl", "stop", "-w", "-s", "-D", self.data, "-m", mode)

    @property
    def pid(self) -> int:
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def tenant(self) -> int:
        return next(self.numbers)

    def copy(self, template: str, name: str, make: Callable[[psycopg.Connection[Any]], None]) -> str:
        """One more database like another one, which is made when it is first asked for; its name."""
        with self.connect("postgres") as admin:
            if template not in self.templates:
                admin.execute(f'CREATE DATABASE "{template}"'.encode())
                with self.connect("postgres", template) as owner:
                    make(owner)
                self.templates.add(template)
            admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY'.encode())
        return name

    def drop(self, database: str) -> None:
        """A database that a test had for itself, with whoever is still in it."""
        with self.connect("postgres") as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)'.encode())


SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
unix_socket_permissions = 0777
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 32MB
max_connections = 120
dynamic_shared_memory_type = mmap
"""


@contextmanager
def cluster(settings: Sequence[str] = ()) -> Iterator[Cluster]:
    """A cluster with all tables in its database `postgres`."""
    home = programs()
    assert home is not None
    folder = Path(tempfile.mkdtemp(prefix="unbusy-", dir=ROOMS if ROOMS.is_dir() else None))
    made = Cluster(home, folder, nobody())
    if made.user:
        os.chown(folder, made.user.pw_uid, made.user.pw_gid)
    try:
        made.run("initdb", "-D", made.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        with (made.data / "postgresql.conf").open("a") as conf:
            conf.write(SETTINGS.format(folder=folder) + "\n".join(settings) + "\n")
        made.start()
        try:
            with made.connect("postgres") as owner:
                owner.execute(f"CREATE ROLE {WORKER} LOGIN".encode())
                migrate(owner, WORKER)
            yield made
        finally:
            if (made.data / "postmaster.pid").exists():
                made.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def freeze(pid: int) -> None:
    """A process that stands still."""
    os.kill(pid, signal.SIGSTOP)


class Kept:
    """Ledger, journal and lease of one leader, each on a connection of its own, as another process has them."""

    def __init__(self, on: Cluster, tenant: int = 0) -> None:
        self.on, self.tenant = on, tenant or on.tenant()
        self.opened: list[psycopg.Connection[Any]] = []

    def database(self) -> Database:
        self.opened.append(self.on.connect())
        return Database(self.opened[-1], self.tenant, Seal(KEY))

    def ledger(self) -> PostgresLedger:
        return PostgresLedger(self.database())

    def journal(self) -> PostgresJournal:
        return PostgresJournal(self.database())

    def lease(self) -> PostgresLease:
        return PostgresLease(self.database())

    def close(self) -> None:
        for connection in self.opened:
            connection.close()


_COLUMNS = (
    "SELECT array_agg(column_name::text) FROM information_schema.columns WHERE table_name = %s"
    " AND column_name <> 'tenant'"
)
_COPY = "INSERT INTO {table} (tenant, {columns}) SELECT %s, {columns} FROM {table} WHERE tenant = %s"


class InPostgres:
    """See `machine.Files`: the state of each folder is that of a leader."""

    tables = ("calendar", "resource", "own", "run", "change", "note")

    def __init__(self, on: Cluster) -> None:
        self.on = on
        self.kept: dict[Path, Kept] = {}
        self.journals: dict[Path, PostgresJournal] = {}

    def _of(self, state: Path) -> Kept:
        if state not in self.kept:
            self.kept[state] = Kept(self.on)
        return self.kept[state]

    def ledger(self, state: Path) -> PostgresLedger:
        return _Own(self._of(state).database())

    def journal(self, state: Path) -> PostgresJournal:
        if state not in self.journals:
            self.journals[state] = self._of(state).journal()
        return self.journals[state]

    def lease(self, state: Path, name: str) -> PostgresLease:
        return PostgresLease(self.journal(state).db, purpose=CYCLE if name == "cycle" else SERVICE)

    def lose(self, state: Path) -> None:
        db = self._of(state).database()
        for table in self.tables:
            db.connection.execute(
                sql.SQL("DELETE FROM {} WHERE tenant = %s").format(sql.Identifier(table)), (db.tenant,)
            )
        db.connection.close()

    def copy(self, state: Path, to: Path) -> None:
        source, target = self._of(state).tenant, self._of(to).tenant
        with self.on.connect("postgres") as admin:
            for table in (*self.tables, "page"):
                ((names,),) = admin.execute(_COLUMNS, (table,))
                columns = sql.SQL(", ").join(map(sql.Identifier, names))
                parts = {"table": sql.Identifier(table), "columns": columns}
                admin.execute(sql.SQL(_COPY).format(**parts), (target, source))

    def states(self, base: Path) -> list[Path]:
        return sorted(state for state in self.kept if state.parent == base)

    def close(self) -> None:
        for kept in self.kept.values():
            kept.close()


class _Own(PostgresLedger):
    """With a connection that nobody else needs."""

    def close(self) -> None:
        self.database.connection.close()

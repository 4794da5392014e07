"""What PostgreSQL adds to the contract of ledger, journal and lease.

Nobody sees what is another leader's, and whoever has lost the lease writes nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from itertools import count
from typing import Any, Self

import psycopg
import pytest
from msgspec.structs import replace

from clusters import KEY, WORKER, Cluster, Kept
from daemon.journal import answers, pages
from daemon.ledger import Ledger
from daemon.model.errors import TemporaryError, UnbusyError
from daemon.model.protocols import Peek
from daemon.model.snapshot import Skip
from daemon.model.user.entry import Entry
from daemon.postgres import Database, LostLeaseError, PostgresJournal, PostgresLease, PostgresLedger, Seal, migrate
from recording import CHANGE, HOME, MARK, NOW, ROW, TODAY, WORK, everything, found, known, store

TABLES = ("calendar", "resource", "own", "run", "change", "note", "page", "lease")
DAY = date(2026, 12, 1)
names = (f"made{n}" for n in count())


class Recorded:
    """A connection that keeps each statement, with its values."""

    def __init__(self, inner: psycopg.Connection[Any]) -> None:
        self.inner, self.said = inner, list[tuple[Any, Any]]()
        self.adapters, self.transaction = inner.adapters, inner.transaction

    def execute(self, sql: Any, values: Any = None) -> Any:
        self.said.append((sql, values))
        return self.inner.execute(sql, values)

    def cursor(self) -> Any:
        recorded, cursor = self, self.inner.cursor()

        class Many:
            def __enter__(self) -> Self:
                return self

            def __exit__(self, *_: object) -> None:
                cursor.close()

            def executemany(self, sql: Any, rows: Any) -> None:
                recorded.said.extend((sql, row) for row in rows)
                cursor.executemany(sql, rows)

        return Many()


def live(ledger: Ledger, journal: PostgresJournal, lease: PostgresLease) -> None:
    """Everything that can be done."""
    with lease.hold("a run"):
        store(ledger, found("a.ics"), found("b.ics"), peeks=[Peek(name=MARK.digits, mark=MARK), Peek(name="0v")])
        store(ledger, found("c.ics", calendar=HOME), calendar=HOME)
        store(ledger, found("b.ics"), present=["a.ics"])
        ledger.mirror.put_resource(found("d.ics"), Peek())
        ledger.mirror.drop_resource(found("d.ics").ref)
        ledger.mirror.resource(found("a.ics").ref)
        ledger.mirror.intake(WORK, 0).payload("a.ics")
        ledger.mirror.owners([WORK])
        ledger.mirror.nameless([WORK], "a")
        ledger.own.take_up([Skip("focus", "2026-W49/1", DAY, 120)])
        ledger.own.remember([ROW])
        run = ledger.runs.begin("apply", NOW)
        for seq in range(3):
            ledger.runs.intend(run, seq, CHANGE, ROW)
        ledger.runs.conclude(run, 0, "done", ROW)
        ledger.runs.retract(run, 1, ROW, ROW.wish)
        ledger.runs.finish(run, "done")
        ledger.runs.thin(NOW, 0)
        ledger.drawer.put("a", "b")
        ledger.drawer.put("b", "c")
        ledger.drawer.put("b", "")
        everything(ledger)
        assert ledger.size > 0
    journal.rewrite(DAY, lambda text: f"{text}one\n")
    list(journal.pages())
    lease.holder()
    ledger.mirror.forget(HOME)


# -- whose it is ------------------------------------------------------------------------------------------------------


def test_each_statement_run_for_another_leader_meets_nothing(postgres: Cluster, leader: Kept) -> None:
    with closing(postgres.connect()) as connection, closing(postgres.connect()) as other:
        recorded: Any = Recorded(connection)
        db = Database(recorded, leader.tenant, Seal(KEY))
        live(PostgresLedger(db), PostgresJournal(db), PostgresLease(db))
        Database(other, postgres.tenant(), Seal(KEY))
        kinds = set()
        for sql, values in recorded.said:
            kinds.add(sql.split()[0])
            if "set_config" in sql or "advisory" in sql:
                continue
            try:
                done = other.execute(sql, values)
            except psycopg.errors.InsufficientPrivilege:
                kinds.add("refused")
                continue
            assert done.rowcount <= 0 or {n for row in done.fetchall() for n in row} <= {0, None, "{}"}, sql
        assert kinds == {"SELECT", "INSERT", "UPDATE", "DELETE", "refused"}
    assert known(leader.ledger()) == {"a.ics": "1", "b.ics": "1"}


@pytest.mark.parametrize("table", TABLES)
def test_without_a_leader_nothing_is_seen(postgres: Cluster, leader: Kept, table: str) -> None:
    db = leader.database()
    live(PostgresLedger(db), PostgresJournal(db), PostgresLease(db))
    query = f"SELECT * FROM {table}".encode()  # noqa: S608  the tables of this test
    with closing(postgres.connect()) as connection:
        with pytest.raises(psycopg.Error, match=r"unbusy\.tenant"):
            connection.execute(query)
        db.close()
        with pytest.raises(psycopg.Error, match="integer"):
            db.connection.execute(query)


def test_every_table_of_the_leaders_is_closed_to_others(postgres: Cluster) -> None:
    """Also those that are still to come: whatever has a leader in it."""
    with closing(postgres.connect("postgres")) as admin:
        rows = admin.execute(
            "SELECT relname, relrowsecurity, relforcerowsecurity, (SELECT attname FROM pg_index JOIN pg_attribute ON"
            " attrelid = indrelid AND attnum = indkey[0] WHERE indrelid = pg_class.oid AND indisprimary)"
            " FROM pg_class WHERE relkind = 'r' AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = pg_class.oid AND"
            " attname = 'tenant' AND NOT attisdropped)"
        ).fetchall()
        assert sorted(rows) == sorted((table, True, True, "tenant") for table in TABLES)
        rights = admin.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = %s", (WORKER,)).fetchall()
        assert rights == [(False, False)]


def test_what_people_wrote_is_not_to_be_read_in_the_tables(postgres: Cluster, leader: Kept) -> None:
    ledger, journal = leader.ledger(), leader.journal()
    title = "Strategy with Dana"
    store(ledger, found("a.ics", payload=title.encode()), calendar=f"work/{title}")
    ledger.own.remember([replace(ROW, title=title)])
    run = ledger.runs.begin("apply", NOW)
    change = replace(CHANGE, before={"title": title}, after={"text": title}, reason=title)
    ledger.runs.intend(run, 0, change, None)
    ledger.drawer.put(f"answered {title}", f'"{title}"')
    pages.note_skips(journal, DAY, [(Skip("focus", "2026-W49/1", DAY, 120), title)])
    ledger.database.connection.close()
    with closing(postgres.connect("postgres")) as admin:
        dumped = [admin.execute(f"SELECT {t}::text FROM {t}".encode()).fetchall() for t in TABLES]  # noqa: S608  the names of our own tables
    assert sum(map(len, dumped)) > 5
    for said in (title, title.encode().hex()):
        assert said not in str(dumped)


def test_another_key_opens_nothing(leader: Kept) -> None:
    ledger = leader.ledger()
    ledger.drawer.put("a", "b")
    other = PostgresLedger(Database(leader.opened[0], leader.tenant, Seal(bytes(32))))
    with pytest.raises(UnbusyError, match="cannot be opened"):
        other.drawer.get("a")


# -- the lease --------------------------------------------------------------------------------------------------------


def test_who_has_lost_the_lease_writes_nothing(leader: Kept) -> None:
    """A process stood still, and another one serves the leader since; its connection still stands."""
    frozen = leader.database()
    ledger, lease = PostgresLedger(frozen), PostgresLease(frozen)
    with lease.hold("the frozen one"):
        run = ledger.runs.begin("run", NOW)
        frozen.connection.execute("SELECT pg_advisory_unlock_all()")
        with leader.lease().hold("the next one"):
            before = everything(leader.ledger())
            for write in (
                lambda: ledger.runs.intend(run, 0, CHANGE, ROW),
                lambda: ledger.drawer.put("a", "b"),
                lambda: ledger.mirror.put_resource(found("a.ics"), Peek()),
                lambda: ledger.own.remember([ROW]),
                lambda: store(ledger, found("a.ics")),
                lambda: PostgresJournal(frozen).rewrite(DAY, lambda text: f"{text}one\n"),
            ):
                with pytest.raises(LostLeaseError):
                    write()
            assert everything(leader.ledger()) == before


def test_whoever_holds_it_can_be_cut_off(leader: Kept) -> None:
    frozen, next_one = leader.database(), leader.lease()
    ledger = PostgresLedger(frozen)
    with PostgresLease(frozen).hold("the frozen one"):
        assert next_one.holder().startswith("the frozen one (process ")
        with pytest.raises(TemporaryError, match="the frozen one"), next_one.hold("me"):
            pass
        assert next_one.cut() == 1
        held = PostgresLease(next_one.db, wait=30)
        with held.hold("me"), pytest.raises(TemporaryError, match="cannot be used now"):
            ledger.drawer.put("a", "b")
    assert leader.ledger().drawer.get("a") == ""


def test_the_lease_goes_with_the_connection(leader: Kept) -> None:
    first = leader.database()
    with PostgresLease(first).hold("first"):
        first.connection.close()
        with PostgresLease(leader.database(), wait=30).hold("second"):
            pass


# -- what a server says -----------------------------------------------------------------------------------------------

NAMES = {
    "long": random.Random(1).randbytes(4_500).hex(),  # noqa: S311  PostgreSQL makes short what repeats itself
    "NUL": "a\0b.ics",
    "its sign": "\x01.ics",
    "both": "\x01\x02\x01\x01\0",
    "é": "é𝛼",
}


@pytest.mark.parametrize("href", NAMES.values(), ids=NAMES)
def test_names_of_any_length_with_any_character(leader: Kept, href: str) -> None:
    ledger, calendar = leader.ledger(), f"work/{href}"
    store(ledger, found(href, calendar=calendar), found(f"{href}2", calendar=calendar), calendar=calendar)
    assert known(ledger, calendar) == {href: "1", f"{href}2": "1"}
    assert [r.ref.href for r in ledger.mirror.resources(calendar, TODAY, TODAY)] == [href, f"{href}2"]
    assert [c.id for c in ledger.mirror.calendars("work")] == [calendar]
    store(ledger, present=[href], calendar=calendar)
    assert known(ledger, calendar) == {href: "1"}
    ledger.drawer.put(href, "a")
    assert ledger.drawer.get(href) == "a"


def test_a_journal_without_answers_keeps_what_the_program_goes_by(leader: Kept) -> None:
    journal = PostgresJournal(leader.database(), answers=False)
    entry = Entry(
        policy="focus", key="2026-W49/1", day=DAY, at="2026-12-01T09:00", event="Focus", evidence="", question="Next?",
        text="- Skipped: lunch\n## no\nI am tired.",
    )  # fmt: skip
    answers.file(journal, [entry])
    assert list(journal.pages()) == []
    skip = Skip("focus", "2026-W49/1", DAY, 120)
    pages.note_skips(journal, DAY, [(skip, "Focus")])
    answers.file(journal, [entry])
    ((_, page),) = journal.pages()
    assert "tired" not in page
    assert "Next?" not in page
    assert pages.read_skips(journal) == (skip,)


# -- the tables -------------------------------------------------------------------------------------------------------


@pytest.fixture
def empty(postgres: Cluster) -> Iterator[psycopg.Connection[Any]]:
    name = next(names)
    with closing(postgres.connect("postgres")) as admin:
        admin.execute(f'CREATE DATABASE "{name}"'.encode())
        with closing(postgres.connect("postgres", name)) as owner:
            yield owner
        admin.execute(f'DROP DATABASE "{name}"'.encode())


def test_each_step_is_taken_once(empty: psycopg.Connection[Any]) -> None:
    first = migrate(empty, WORKER)
    assert first[0] == "0001_ledger.sql"
    assert migrate(empty, WORKER) == ()


def test_a_newer_database_is_left_alone(empty: psycopg.Connection[Any]) -> None:
    migrate(empty, WORKER)
    empty.execute("INSERT INTO migration VALUES (9999, '9999_later.sql')")
    with pytest.raises(UnbusyError, match="newer version"):
        migrate(empty, WORKER)


def test_a_step_that_fails_leaves_nothing(empty: psycopg.Connection[Any]) -> None:
    empty.execute("CREATE TABLE note (other text)")
    with pytest.raises(UnbusyError, match="already exists"):
        migrate(empty, WORKER)
    ((tables,),) = empty.execute(
        "SELECT array_agg(relname::text) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    ).fetchall()
    assert tables == ["note"]


def test_a_database_that_goes_away_is_said_so(leader: Kept) -> None:
    ledger = leader.ledger()
    ledger.database.connection.close()
    with pytest.raises(TemporaryError, match="cannot be used now"):
        ledger.drawer.get("a")


def test_under_the_lease_what_is_written_is_what_is_read(leader: Kept) -> None:
    """It is read once and kept: nobody else may write meanwhile."""
    db = leader.database()
    ledger = PostgresLedger(db)
    with PostgresLease(db).hold("a run"):
        assert (ledger.own.rows(), ledger.drawer.get("a"), ledger.own.fresh) == ({}, "", True)
        ledger.own.take_up([Skip("focus", "2026-W49/9", DAY, 120)])
        assert (len(ledger.own.rows()), ledger.own.fresh) == (1, False)
        ledger.drawer.put("a", "b")
        ledger.own.remember([ROW])
        ledger.own.rows().clear()
        assert (len(ledger.own.rows()), ledger.drawer.get("a")) == (2, "b")
        run = ledger.runs.begin("apply", NOW)
        for step in (
            lambda: ledger.runs.intend(run, 0, CHANGE, replace(ROW, title="one")),
            lambda: ledger.runs.conclude(run, 0, "done", replace(ROW, title="two")),
            lambda: ledger.runs.intend(run, 1, CHANGE, replace(ROW, title="three")),
            lambda: ledger.runs.retract(run, 1, replace(ROW, title="four"), ROW.wish),
        ):
            step()
            assert ledger.own.rows() == leader.ledger().own.rows()
        ledger.drawer.put("a", "")
        assert ledger.drawer.get("a") == ""
    leader.ledger().drawer.put("a", "another's")
    with PostgresLease(db).hold("the next run"):
        assert ledger.drawer.get("a") == "another's"

"""The engine under a fleet: each leader once, whoever dies, stands still or is told twice; and never over a quota."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from wsgiref.simple_server import make_server

import pytest

from clusters import Cluster
from connectors.google import connector
from daemon.fleet import channels, jobs, leaders, turns
from daemon.fleet.push import Handler, Server, application
from daemon.fleet.quota import SharedGate
from daemon.fleet.station import connect
from daemon.model.errors import TemporaryError
from daemon.postgres import PostgresLease, PostgresLedger
from fleets import Company, at, company, until, when
from gcal import faults
from recording import NOW


@pytest.fixture
def firm(postgres: Cluster, tmp_path: Path) -> Iterator[Company]:
    with company(postgres, tmp_path) as made:
        yield made


WAITING = "SELECT (args->>'leader')::int, task_name, status::text FROM procrastinate_jobs ORDER BY id"


# -- when -------------------------------------------------------------------------------------------------------------


def test_everybody_who_is_due_is_put_into_the_queue_once(firm: Company) -> None:
    first, second, third = (firm.leader(n, meetings=0, join=n != "cyd") for n in ("ada", "bob", "cyd"))
    with firm.station() as one, firm.station() as other:
        ticks = [threading.Thread(target=jobs.tick, args=[s]) for s in (one, other, one)]
        for tick in ticks:
            tick.start()
        for tick in ticks:
            tick.join()
    assert sorted(firm.rows(WAITING)) == [(first, "cycle", "todo"), (second, "cycle", "todo"), (third, "look", "todo")]
    minutes = [float(m) for (m,) in firm.rows("SELECT extract(epoch FROM due - now()) / 60 FROM leader")]
    assert all(13 < m < 17 for m in minutes)


def test_who_waits_is_not_put_into_the_queue_again(firm: Company) -> None:
    number = firm.leader("ada", meetings=0)
    with firm.station() as station, station.connection() as connection:
        for _ in range(5):
            jobs.enqueue(connection, number, "cycle")
            jobs.tick(station)
            firm.rows("UPDATE leader SET due = now()")
    assert firm.rows(WAITING) == [(number, "cycle", "todo")]


def test_the_most_overdue_come_first(firm: Company) -> None:
    numbers = [firm.leader(f"l{n}", meetings=0) for n in range(4)]
    for n, number in enumerate(numbers):
        firm.rows("UPDATE leader SET due = now() - make_interval(mins => %s), synced = true WHERE id = %s", n, number)
    with firm.station() as station, station.connection() as connection:
        order = [i for _ in range(4) for i, _, _ in leaders.take_due(connection, 1, 15, 60)]
    assert order == numbers[::-1]


def test_whoever_is_told_of_changes_is_polled_less(firm: Company) -> None:
    number = firm.leader("ada", meetings=0)
    firm.rows("INSERT INTO channel VALUES ('c', %s, 'x', 'r', now() + interval '1 day')", number)
    with firm.station() as station:
        jobs.tick(station)
    ((minutes,),) = firm.rows("SELECT extract(epoch FROM due - now()) / 60 FROM leader")
    assert 50 < minutes < 70


# -- workers that are gone --------------------------------------------------------------------------------------------


def dead(firm: Company, number: int) -> None:
    """A job of a worker that has not been heard of for long."""
    ((worker,),) = firm.rows(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
    )
    firm.rows("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE args->>'leader' = %s",
              worker, str(number))  # fmt: skip


@pytest.mark.parametrize("waits", [False, True], ids=["alone", "another job waits for the same leader"])
def test_a_leader_whose_worker_died_is_served_again(firm: Company, waits: bool) -> None:
    number = firm.leader("ada", meetings=0)
    with firm.station() as station, station.connection() as connection:
        jobs.enqueue(connection, number, "cycle")
        dead(firm, number)
        if waits:
            jobs.enqueue(connection, number, "cycle")
        assert jobs.recover(station) == 1
        assert jobs.recover(station) == 0
    assert firm.rows(WAITING) == [(number, "cycle", "todo")]
    firm.work()
    assert firm.row(number).served is not None
    assert firm.rows(WAITING) == []


def test_a_worker_that_stood_still_writes_nothing_when_it_wakes(firm: Company) -> None:
    """It stood still after its intent, before it wrote; another one serves its leader meanwhile."""
    number = firm.leader("ada")
    with firm.station() as station, station.connection() as frozen:
        db = station.database(frozen, firm.row(number))
        ledger = PostgresLedger(db)
        with PostgresLease(db).hold("the frozen one"):
            jobs.enqueue(frozen, number, "cycle")
            dead(firm, number)
            jobs.recover(station)
            with firm.station() as other:
                turns.serve(other, number)
            made = firm.ours("ada")
            with pytest.raises(TemporaryError):
                ledger.runs.begin("run", NOW)
    with firm.station() as station:
        turns.serve(station, number)
    assert made
    assert firm.ours("ada") == made


def test_who_is_served_already_is_left_alone(firm: Company) -> None:
    number = firm.leader("ada")
    with firm.station(4) as station, station.connection() as connection:
        with PostgresLease(station.database(connection, firm.row(number))).hold("another worker"):
            turns.serve(station, number)
        assert (firm.ours("ada"), firm.row(number).trouble) == ({}, "TemporaryError")
        turns.serve(station, number)
    assert firm.ours("ada")


@pytest.mark.parametrize("error", [ValueError("Secret"), KeyError("Secret")], ids=["ValueError", "KeyError"])
def test_a_mistake_of_the_program_is_tried_three_times(
    firm: Company, error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    number = firm.leader("ada", meetings=0)

    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(turns, "one_cycle", fails)
    with firm.station() as station:
        for _ in range(3):
            firm.rows("UPDATE leader SET due = now()")
            assert jobs.tick(station) == 1
            firm.work()
        firm.rows("UPDATE leader SET due = now()")
        assert jobs.tick(station) == 0
    assert (firm.row(number).failures, firm.row(number).trouble) == (3, type(error).__name__)
    assert "Secret" not in caplog.text


@pytest.mark.parametrize("args", ["[]", "7", '{"leader": "x"}', '{"leader": 999999}'])
def test_what_died_and_is_about_nobody_is_ended_and_holds_up_nothing(firm: Company, args: str) -> None:
    number = firm.leader("ada", meetings=0)
    firm.rows("INSERT INTO procrastinate_jobs (queue_name, task_name, args, status) VALUES"
              " ('cycles', 'gone', %s::jsonb, 'doing')", args)  # fmt: skip
    with firm.station() as station, station.connection() as connection:
        jobs.enqueue(connection, number, "cycle")
        dead(firm, number)
        assert jobs.recover(station) == 2
    assert firm.rows("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'") == [(0,)]
    firm.work()
    assert firm.row(number).served is not None


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_worker_whose_own_clock_is_wrong_goes_by_the_databases(
    firm: Company, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    class Off(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # a plain one
            return datetime.now(tz) + timedelta(hours=hours)

    monkeypatch.setattr(turns, "datetime", Off)
    number = firm.leader("ada")
    with firm.station() as station:
        turns.serve(station, number)
    assert firm.ours("ada")
    assert firm.rows("SELECT bool_and(abs(extract(epoch FROM now() - at)) < 1800) FROM run") == [(True,)]
    assert firm.row(number).trouble == ""


@pytest.mark.parametrize("args", ['{"leader": -1}', '{"leader": "1 OR true"}', '{"leader": null}', '{"other": 1}'])
def test_a_job_with_a_false_argument_is_nobodys(firm: Company, args: str) -> None:
    number = firm.leader("ada")
    for task in ("cycle", "look", "leave"):
        firm.rows("INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('cycles', %s, %s::jsonb)", task,
                  args)  # fmt: skip
    firm.work()
    assert firm.rows("SELECT count(*) FROM procrastinate_jobs") == [(0,)]
    assert (firm.ours("ada"), firm.row(number).served) == ({}, None)


# -- notices ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def told(postgres: Cluster, tmp_path: Path) -> Iterator[Company]:
    """A company to which Google tells of changes."""
    with company(postgres, tmp_path) as firm, firm.station(8) as station:
        app = application(station.connection, station.secrets.fleet)
        with make_server("127.0.0.1", 0, app, server_class=Server, handler_class=Handler) as server:
            firm.top = f'push = "http://127.0.0.1:{server.server_port}/push"'
            firm.write()
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
            thread.start()
            try:
                yield firm
            finally:
                server.shutdown()
                thread.join()


def test_a_burst_of_notices_is_one_job(told: Company) -> None:
    number = told.leader("ada")
    with told.station() as station:
        turns.serve(station, number)
        turns.serve(station, number)
    until(lambda: told.google.channels.answers[:1] == [204])
    assert len(told.google.channels.open) == 1
    person = told.google.person("ada@example.com")
    for n in range(50):
        person.insert({"summary": f"Meeting {n}", **when(at(2, 9))})
    until(lambda: len(told.google.channels.answers) >= 50)
    assert set(told.google.channels.answers) == {204}
    assert told.rows(WAITING) == [(number, "cycle", "todo")]


def test_a_channel_is_opened_anew_before_it_ends_and_closed_for_good(told: Company) -> None:
    number = told.leader("ada", meetings=0)
    with told.station() as station:
        turns.serve(station, number)
        turns.serve(station, number)
        (first,) = told.google.channels.open
        told.rows("UPDATE channel SET until = now() + interval '1 hour'")
        turns.serve(station, number)
        (second,) = told.google.channels.open
        assert first != second
        with station.connection() as connection:
            leaders.set_status(connection, number, leaders.Status.LEAVING, "the tests")
        turns.leave(station, number)
    assert told.google.channels.open == {}


@pytest.mark.parametrize(("headers", "status"), [
    pytest.param({}, "403", id="nothing shown"),
    pytest.param({"HTTP_X_GOOG_CHANNEL_ID": "c", "HTTP_X_GOOG_CHANNEL_TOKEN": "0" * 64}, "403", id="a false token"),
    pytest.param({"HTTP_X_GOOG_CHANNEL_ID": "c", "HTTP_X_GOOG_CHANNEL_TOKEN": "good"}, "410", id="of nobody's"),
    pytest.param({"PATH_INFO": "/"}, "404", id="somewhere else"),
    pytest.param({"REQUEST_METHOD": "GET", "PATH_INFO": "/health"}, "204", id="health"),
])  # fmt: skip
def test_only_google_is_listened_to(firm: Company, headers: dict[str, str], status: str) -> None:
    firm.leader("ada", meetings=0)
    with firm.station() as station:
        fleet = station.secrets.fleet
        if headers.get("HTTP_X_GOOG_CHANNEL_TOKEN") == "good":
            headers = headers | {"HTTP_X_GOOG_CHANNEL_TOKEN": channels.token(fleet, "c")}
        said: list[str] = []
        environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/push"} | headers
        application(station.connection, fleet)(environ, lambda s, _: said.append(s))
    assert said[0].startswith(status)
    assert firm.rows(WAITING) == []


# -- quota ------------------------------------------------------------------------------------------------------------


class Watched:
    """A gate whose requests are counted by the database's clock; it waits a tenth of what it is asked to."""

    def __init__(self, firm: Company, limit: int) -> None:
        dsn = firm.file().database
        self.gate = SharedGate(lambda: connect(dsn), {"": limit}, sleep=lambda s: time.sleep(s / 10))
        self.sent: list[float] = []

    def ask(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                self.gate.before("calendar.example.com")
            except TemporaryError:
                continue
            self.sent.append(time.monotonic())


def test_workers_together_stay_under_the_quota(firm: Company) -> None:
    """Of 120 a minute: 12 at once, and then as many as that leaves."""
    limit, seconds = 120, 4.0
    gates = [Watched(firm, limit) for _ in range(4)]
    threads = [threading.Thread(target=g.ask, args=[seconds]) for g in gates]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - begun
    sent = sum(len(g.sent) for g in gates)
    for g in gates:
        g.gate.close()
    assert 12 <= sent <= 12 + (limit - 12) / 65 * (took + 0.1)


def test_who_says_that_it_was_too_much_is_left_alone_by_all(firm: Company) -> None:
    one, other = Watched(firm, 600), Watched(firm, 600)
    one.gate.before("calendar.example.com")
    one.gate.refused("calendar.example.com", timedelta(seconds=40))
    with closing(one.gate), closing(other.gate):
        with pytest.raises(TemporaryError) as error:
            other.gate.before("calendar.example.com")
        assert 30 < (error.value.retry_after or timedelta()).total_seconds() <= 40
        other.gate.before("another.example.com")


def test_what_google_refuses_empties_the_bucket_of_the_company(firm: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connector, "Api", partial(connector.Api, sleep=lambda _: None))
    number = firm.leader("ada", meetings=0)
    firm.google.fail("rateLimitExceeded", on="events.list", times=9)
    with firm.station() as station:
        turns.serve(station, number)
        assert firm.rows("SELECT rests > now() FROM bucket") == [(True,)]
    assert firm.ours("ada") == {}


# -- as processes -----------------------------------------------------------------------------------------------------


def test_a_worker_is_killed_and_another_one_goes_on(firm: Company) -> None:
    """Each leader is served, nothing twice: in a minute or so, of which most is waiting for a heart that stopped."""
    numbers = {n: firm.leader(n) for n in ("ada", "bob", "cyd")}
    firm.google.fail(faults.slow(1.0), on="events.insert", times=2)
    killed = firm.start("worker", "--concurrency", "2")
    with firm.station() as station:
        jobs.tick(station)
        until(lambda: bool(firm.google.requests("events.insert")))
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
        firm.rows("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
        jobs.recover(station)
    stopped = firm.start("worker", "--concurrency", "2")
    until(lambda: all(firm.row(n).served for n in numbers.values()), 300)
    stopped.send_signal(signal.SIGTERM)
    assert stopped.wait(120) == 0
    for name in numbers:
        titles = [(b["summary"], b["start"]["dateTime"]) for b in firm.ours(name).values() if "dateTime" in b["start"]]
        assert titles
        assert len(set(titles)) == len(titles)

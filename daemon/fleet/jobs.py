"""The engine: which jobs there are, when each is put into the queue, and what becomes of those whose worker has died.

The one module that knows Procrastinate.  A job carries the number of a leader and nothing else.  Of each leader one job
waits at most and one runs; the tick puts them there in the transaction that says when they are due again.

What was found out about the engine by trying, and what is done about it here:
- Nothing retries a job whose worker died, and a retry fails where another job waits for the same leader, who would then
  be served never again.  So such a job is ended, not retried, and a new one is put in its place.
- A worker that stood still goes on when it is woken, long after its job was given to another.  So the connection that
  holds its lease is ended first: it can write nothing any more.
- Where the database goes away, workers end with an error: the service manager starts them again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.schema import SchemaManager

from daemon.fleet import leaders, turns
from daemon.fleet.leaders import Connection, Status
from daemon.fleet.turns import Station
from daemon.model.errors import TemporaryError
from daemon.postgres import Database, PostgresLease, Seal, translated

BATCH = 500
"""Leaders that are put into the queue at a time."""

BEAT, STALLED = 5.0, 20.0
"""Seconds: how often a worker says that it is alive, and after how much silence it is taken for dead."""

POLL = 1.0
"""Seconds between two looks of a worker that has nothing to do: to be told of each job costs all of them more."""

CYCLES, FIRST = "cycles", "first"
"""The queues: that of first readings is for workers that have nothing better to do."""

NOTICE, USUAL, LATER = 10, 0, -10
"""Priorities: what a server has told of, what is due, what is read for the first time."""

log = logging.getLogger("unbusy.fleet")

_ENQUEUE = """
INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args)
VALUES (%s, %s, %s, %s, %s, %s::jsonb) ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
"""
_STALLED = """
SELECT job.id, task_name, args FROM procrastinate_jobs job LEFT JOIN procrastinate_workers w ON w.id = worker_id
WHERE status = 'doing' AND (worker_id IS NULL OR last_heartbeat < now() - make_interval(secs => %s))
"""
_END = "SELECT procrastinate_finish_job_v1(%s, 'failed', true)"
TASKS = {Status.ACTIVE: "cycle", Status.INVITED: "look", Status.LEAVING: "leave"}
"""What is due for a leader, by where they stand."""


def install(connection: Connection) -> bool:
    """The engine's tables, where there are none; whether there were none."""
    with translated(), connection.transaction():
        if connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone() != (None,):
            return False
        connection.execute(SchemaManager.get_schema())
    return True


def enqueue(connection: Connection, leader: int, task: str, queue: str = CYCLES, priority: int = USUAL) -> None:
    """A job for a leader, if none waits for them."""
    lock = f"leader:{leader}"
    with translated():
        connection.execute(_ENQUEUE, (queue, task, priority, lock, lock, json.dumps({"leader": leader})))


def tick(station: Station) -> int:
    """Put everybody into the queue who is due; how many there were."""
    count = 0
    with station.connection() as connection:
        leaders.brake_if(connection, station.fleet.brake)
        while True:
            with translated(), connection.transaction():
                due = leaders.take_due(connection, BATCH, station.fleet.minutes, station.fleet.pushed_minutes)
                for number, status, synced in due:
                    queue, priority = (CYCLES, USUAL) if synced or status != Status.ACTIVE else (FIRST, LATER)
                    enqueue(connection, number, TASKS[Status(status)], queue, priority)
            count += len(due)
            if len(due) < BATCH:
                return count


def recover(station: Station, silent: float = STALLED) -> int:
    """End the jobs of workers that have died or stand still, and put new ones in their place; how many there were."""
    with station.connection() as connection:
        with translated():
            found = connection.execute(_STALLED, (silent,)).fetchall()
        for job, task, args in found:
            number = args.get("leader") if isinstance(args, dict) else None
            if isinstance(number, int):
                cut(connection, number)
            with translated():
                connection.execute(_END, (job,))
            if isinstance(number, int):
                enqueue(connection, number, task)
        if found:
            log.warning("%d jobs of workers that are gone were begun anew", len(found))
    return len(found)


def cut(connection: Connection, leader: int) -> None:
    """Whoever still holds the lease of a leader loses it."""
    db = Database(connection, leader, Seal(bytes(32)))
    PostgresLease(db).cut()
    db.close()


def make_app(station: Station, dsn: str) -> App:
    """The engine with its jobs."""
    app = App(connector=PsycopgConnector(conninfo=dsn, kwargs={"application_name": "unbusy-fleet"}))

    @app.task(name="cycle")
    def _cycle(leader: int) -> None:
        turns.serve(station, leader)

    @app.task(name="look")
    def _look(leader: int) -> None:
        turns.look(station, leader)

    @app.task(name="leave")
    def _leave(leader: int) -> None:
        turns.leave(station, leader)

    @app.periodic(cron="* * * * *")
    @app.task(name="tick", queue="keeping", queueing_lock="tick", priority=100)
    def _tick(timestamp: int) -> None:  # noqa: ARG001  the engine gives it
        _kept(lambda: tick(station))

    @app.periodic(cron="* * * * * */10")
    @app.task(name="recover", queue="keeping", queueing_lock="recover", priority=100)  # no lock: who would free it?
    def _recover(timestamp: int) -> None:  # noqa: ARG001  likewise
        _kept(lambda: recover(station))

    return app


def _kept(what: Callable[[], object]) -> None:
    """What comes again in a moment; of a failure only the kind is told."""
    try:
        what()
    except Exception as error:  # noqa: BLE001  the next one is a new attempt
        log.warning("keeping: %s", type(error).__name__)


def run(station: Station, dsn: str, *, concurrency: int, queues: Sequence[str] = ()) -> None:
    """Work until SIGTERM.  An error ends it where the database is gone: the service manager starts it again."""
    try:
        make_app(station, dsn).run_worker(
            queues=list(queues) or None, concurrency=concurrency, delete_jobs="always", install_signal_handlers=True,
            update_heartbeat_interval=BEAT, stalled_worker_timeout=STALLED * 3, fetch_job_polling_interval=POLL,
            listen_notify=False, shutdown_graceful_timeout=60.0,
        )  # fmt: skip
    except ConnectorException as error:
        raise TemporaryError("the database has gone away", "the service manager starts the worker again") from error

"""What a worker does for one leader at a time: a cycle, a look whether they have joined, and their leaving."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace
from psycopg import sql
from psycopg_pool import ConnectionPool

from daemon import cycle
from daemon.commands.answers import without_answer
from daemon.config import writing
from daemon.cycle import Planned
from daemon.fleet import channels, leaders
from daemon.fleet.house import SETTINGS, Secrets, Wanted, open_house
from daemon.fleet.leaders import Connection, Leader, Status
from daemon.fleet.settings import Fleet, own_settings
from daemon.model.errors import ConfigError, RefusedError, StoppedError, TemporaryError, UnbusyError
from daemon.model.plan import Delete
from daemon.model.protocols import Pushing, Resource, Seen
from daemon.model.text import plain_text
from daemon.model.times import DAY, TimeRange
from daemon.model.user.command import PREFIX, Command
from daemon.planning import harvest
from daemon.postgres import Database, Seal, translated
from daemon.service.turn import one_cycle
from daemon.stages.runtime import Runtime

JOIN, LEAVE, OWN = f"{PREFIX} join", f"{PREFIX} leave", f"{PREFIX} settings"
"""The titles by which leaders say what is theirs alone to say."""

LOOKED = timedelta(hours=1)
"""So often it is looked whether somebody has joined."""

SOON = timedelta(minutes=1)

_TROUBLES = {StoppedError.code: "StoppedError", RefusedError.code: "RefusedError"}
"""What an administrator has to know of a cycle that came to its end, by its exit code."""

log = logging.getLogger("unbusy.fleet")


class Station(Struct, frozen=True):
    """What a worker has for all leaders."""

    fleet: Fleet
    secrets: Secrets
    pool: ConnectionPool[Connection]

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """One that nobody else has meanwhile."""
        with translated(), self.pool.connection() as connection:
            yield connection

    def database(self, connection: Connection, leader: Leader) -> Database:
        """What is kept of one leader."""
        return Database(connection, leader.id, leader.seal(self.secrets.fleet))


def moment(connection: Connection) -> tuple[datetime, Callable[[], datetime]]:
    """The database's time, which is that of all workers, whatever their own clocks say; and a clock that goes by it."""
    with translated():
        ((now,),) = connection.execute("SELECT clock_timestamp()").fetchall()
    ahead = datetime.now(UTC) - now
    return now.astimezone(UTC), lambda: datetime.now(UTC) - ahead


# -- a cycle ----------------------------------------------------------------------------------------------------------


def serve(station: Station, number: int) -> None:
    """One cycle for a leader.  What goes wrong stands in their row, by its kind alone: words may be somebody's."""
    with station.connection() as connection:
        leader = leaders.get(connection, number)
        if leader is None or leader.status != Status.ACTIVE:
            return
        try:
            _served(station, connection, leader)
        except Exception as error:  # noqa: BLE001  whatever it is, the next leader is another matter
            _failed(connection, leader, error)


def _served(station: Station, connection: Connection, leader: Leader) -> None:
    now, clock = moment(connection)
    said = _Said(station.fleet, leader)
    with open_house(
        station.fleet, leader, station.secrets, station.database(connection, leader), clock, said.answer
    ) as runtime:
        observe = station.fleet.cohort(leader.cohort).observe or leaders.braked(connection)
        if not observe and not cycle.is_confirmed(runtime):
            cycle.confirm(runtime, now)  # they have joined by an event of their own
        done, _ = one_cycle(runtime, now, observe=observe, force=leader.forced, saw=said.see)
        trouble = _TROUBLES.get(done.code, "writing" if done.failed else "")
        leaders.served(connection, leader.id, stopped=done.code == StoppedError.code, trouble=trouble)
        said.keep(runtime)
        if station.fleet.push:
            with suppress(UnbusyError):  # it is polled then
                channels.keep_open(connection, runtime, leader.id, station.fleet.push, station.secrets.fleet, now)
        log.info("leader %d: served%s", leader.id, ", observing" if observe else "")
    if said.left:
        leaders.set_status(connection, leader.id, Status.LEAVING, "the leader")
    elif said.changed:
        leaders.due_at(connection, leader.id, timedelta(0))


def _failed(connection: Connection, leader: Leader, error: Exception) -> None:
    last = traceback.extract_tb(error.__traceback__)[-1]
    level = logging.INFO if isinstance(error, TemporaryError) else logging.ERROR
    log.log(level, "leader %d: %s at %s:%s", leader.id, type(error).__name__, last.name, last.lineno)
    if connection.closed or connection.broken:
        return  # it is found again by `recover`
    if isinstance(error, RefusedError):
        leaders.set_status(connection, leader.id, Status.PAUSED, "the account")
    again = (error.retry_after or SOON) if isinstance(error, TemporaryError) else None
    leaders.failed(connection, leader.id, error, again)


class _Said:
    """What a leader says to the fleet by events of theirs, as one cycle finds it."""

    def __init__(self, fleet: Fleet, leader: Leader) -> None:
        self._fleet, self._leader = fleet, leader
        self._found: Command | None = None
        self._events: set[str] = set()
        self.left = self.changed = False

    def see(self, planned: Planned) -> None:
        """What stands in the window."""
        for command in planned.observation.snapshot.commands:
            title = _title(command)
            self.left = self.left or title == LEAVE
            if title == OWN and (self._found is None or command.event.span > self._found.event.span):
                self._found = command

    def answer(self, command: Command) -> str:
        """What is written under it."""
        title = _title(command)
        if title == JOIN:
            return "You take part.  `unbusy: leave` as a title ends it: every event and every row of yours goes then."
        if title == LEAVE:
            return "You take part no more: what unbusy has made goes now, but for what you have written into."
        if title != OWN:
            return ""
        _, wrong = self._read(command)
        return "\n".join(("This holds from the next look on.",) if not wrong else ("It does not hold:", *wrong))

    def keep(self, runtime: Runtime) -> None:
        """Settings hold as long as their event stands, and the last that could be read where it cannot be."""
        drawer = runtime.ledger.drawer
        before = SETTINGS.get(drawer)
        if self._found is not None:
            tables, wrong = self._read(self._found)
            ref = self._found.event.resource
            now = Wanted(tables, ref.calendar, ref.href) if not wrong else before
        else:
            here = runtime.ledger.mirror.intake(before.calendar, 0).versions() if before else {}
            now = before if before and before.href in here else None
        if now != before:
            SETTINGS.put(drawer, now)
            self.changed = True

    def _read(self, command: Command) -> tuple[dict[str, object], tuple[str, ...]]:
        text = plain_text(without_answer(command.event.description))
        return own_settings(self._fleet, self._leader.cohort, text, self._leader.address)


def _title(command: Command) -> str:
    return " ".join(command.event.summary.split()).casefold()


# -- joining ----------------------------------------------------------------------------------------------------------


def look(station: Station, number: int) -> None:
    """Whether somebody who was invited has asked to join, by an event of their own.  Nothing else is kept."""
    with station.connection() as connection:
        leader = leaders.get(connection, number)
        if leader is None or leader.status != Status.INVITED:
            return
        now, clock = moment(connection)
        try:
            with open_house(
                station.fleet, leader, station.secrets, station.database(connection, leader), clock
            ) as runtime:
                joined = has_asked(runtime, JOIN, now)
        except UnbusyError as error:
            leaders.failed(connection, leader.id, error, LOOKED)
            return
        if joined:
            leaders.set_status(connection, leader.id, Status.ACTIVE, "the leader")


def has_asked(runtime: Runtime, words: str, now: datetime) -> bool:
    """Whether an event of the user's own, alone, is titled so, in the calendar that would be written to."""
    account, options = writing(runtime.config)
    connector = runtime.connectors[account]
    if isinstance(connector, Pushing):
        return connector.asked(words)
    infos = [i for i in connector.calendars() if options.write in (i.name, i.id.partition("/")[2])]
    window = TimeRange(now - 30 * DAY, now + 60 * DAY)
    for info in infos:
        for item in connector.changes(info.id, Seen(window=window)).changed:
            if isinstance(item, Resource) and PREFIX.encode() in item.payload.lower():
                events = connector.read(item, window, runtime.profile.zone).events
                if any(
                    " ".join(e.summary.split()).casefold() == words and not e.attendees and not e.cancelled
                    for e in events
                ):
                    return True
    return False


# -- leaving ----------------------------------------------------------------------------------------------------------

_TABLES = (
    "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND EXISTS"
    " (SELECT FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'tenant' AND NOT attisdropped)"
)


def leave(station: Station, number: int) -> None:
    """Every event of ours goes from the calendar, but for what the leader has written into; then every row.

    The rows go whatever becomes of the calendar once nobody may write to it any more.
    """
    with station.connection() as connection:
        leader = leaders.get(connection, number)
        if leader is None or leader.status != Status.LEAVING:
            return
        db = station.database(connection, leader)
        try:
            now, clock = moment(connection)
            with open_house(station.fleet, leader, station.secrets, db, clock) as runtime:
                with runtime.run_lease.hold("`unbusy fleet purge`"):
                    cycle.purge(runtime, without_words(cycle.plan_purge(runtime, now), runtime), now)
                channels.close(connection, runtime, leader.id)
        except (RefusedError, ConfigError) as error:
            log.warning("leader %d: their calendar is out of reach (%s)", leader.id, type(error).__name__)
        except UnbusyError as error:
            _failed(connection, leader, error)
            return
        forget(connection, leader, station.secrets.fleet)


def without_words(planned: Planned, runtime: Runtime) -> Planned:
    """What the leader has typed into stays with them: nowhere else is it kept."""
    kept = {
        change.uid
        for change in planned.plan.changes
        if isinstance(change, Delete) and list(harvest.entries_of([change.before], runtime.profile.zone))
    }
    changes = tuple(c for c in planned.plan.changes if c.uid not in kept)
    return replace(planned, plan=replace(planned.plan, changes=changes))


def forget(connection: Connection, leader: Leader, fleet: Seal) -> None:
    """Every row, and with it the key under which copies of them elsewhere could be opened."""
    Database(connection, leader.id, fleet)
    with translated(), connection.transaction():
        for (table,) in connection.execute(_TABLES).fetchall():
            gone = sql.SQL("DELETE FROM {} WHERE tenant = %s").format(sql.Identifier(table))
            connection.execute(gone, (leader.id,))
        connection.execute("DELETE FROM channel WHERE leader = %s", (leader.id,))
        connection.execute("DELETE FROM leader WHERE id = %s", (leader.id,))
        connection.execute(
            "DELETE FROM procrastinate_jobs WHERE args->>'leader' = %s AND status <> 'doing'", (str(leader.id),)
        )
        leaders.record(connection, leader.id, "left", "a worker")
    connection.execute("SELECT set_config('unbusy.tenant', '', false)")

"""What `check`, `calendars` and `status` look at.  Every finding comes with its remedy."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from daemon.config import registry, state_dir, writing
from daemon.ledger.notes import HEALTH, Health, consent, keeps_marks
from daemon.model.errors import UnbusyError
from daemon.model.event import CalendarId
from daemon.model.options import AccountOptions
from daemon.model.owner import KEEP_STATE, MARKS_DROPPED, OwnState
from daemon.model.plan import Problem
from daemon.model.protocols import Talk
from daemon.model.times import local_day
from daemon.planning.counting.whose import is_of_holidays
from daemon.stages import backoff
from daemon.stages.calendars import known_use, names_of, unread
from daemon.stages.doubt import installation
from daemon.stages.observe import Observation, observe
from daemon.stages.runtime import Runtime
from daemon.system import secrets

Finding = tuple[str, Problem | None]
"""A step, and what is wrong with it, if anything."""


def list_calendars(runtime: Runtime) -> tuple[list[dict[str, str]], list[Problem]]:
    """Every calendar of every account: `id`, `name`, `use` (write, read, or not read), and as what it is `read_as`.

    The last is '' for one that is written or not read, and where its events have yet to tell.
    """
    rows: list[dict[str, str]] = []
    problems: list[Problem] = []
    for account, options in runtime.config.accounts.items():
        try:
            infos = runtime.connectors[account].calendars()
        except UnbusyError as e:
            problems.append(Problem(account, e.what, e.remedy, e.code))
            continue
        for info in infos:
            names = names_of(info)
            read = info.owned if not options.read else not names.isdisjoint(options.read_names)
            read = read or is_of_holidays(info.id, info.name)
            use = "write" if options.write in names else "read" if read else "not read"
            known = known_use(runtime.config, runtime.ledger.drawer, info) if use == "read" else None
            rows.append({"id": info.id, "name": info.name, "use": use, "read_as": known.read_as if known else ""})
    return rows, problems


def check_all(runtime: Runtime, now: datetime, talk: Talk) -> Iterator[Finding]:
    """Config, state, each account step by step, and each calendar by really reading it."""
    yield "config", None
    yield f"state {state_dir(runtime.config)}", _state(runtime)
    for account, options in runtime.config.accounts.items():
        yield from _account(account, options, talk)
    try:
        observation = observe(runtime, now)
    except UnbusyError as e:
        yield "calendars", Problem("calendars", e.what, e.remedy, e.code)
        return
    told = {p.where: p for p in observation.problems}
    for calendar in observation.snapshot.calendars:
        how = "" if calendar.use.written else f" as {calendar.use.read_as}"
        yield f"read {calendar.id}{how}", told.pop(calendar.id, None)
    for problem in told.values():
        yield problem.where, problem
    yield from _holidays(runtime, now)
    yield f"write to {observation.main}", _writable(runtime, observation)
    yield from _unmarked(runtime, (c.id for c in observation.snapshot.calendars if c.use.written))


def _account(account: str, options: AccountOptions, talk: Talk) -> Iterator[Finding]:
    """The secret and the connection of an account on a server."""
    examine = registry.connector(options.type).examine
    if examine is None:
        return
    for step, problem in examine(options, secrets.once(account, options), talk):
        yield f"{account}: {step}", problem


def _holidays(runtime: Runtime, now: datetime) -> Iterator[Finding]:
    """The calendars of public holidays that nobody has named, and that the login may not read."""
    for account, options in runtime.config.accounts.items():
        try:
            infos = runtime.connectors[account].calendars()
        except UnbusyError:
            continue  # which is told already
        for info in infos:
            if (why := unread(runtime.ledger.drawer, info.id, now)) and names_of(info).isdisjoint(options.read_names):
                remedy = f"name {info.name!r} in `read`, and run `unbusy login {account}` again: it asks for that right"
                yield f"read {info.id} as holidays", Problem(info.id, why, remedy)


def _state(runtime: Runtime) -> Problem | None:
    here = os.environ.get("STATE_DIRECTORY")
    state = str(state_dir(runtime.config))
    if here and runtime.config.state and here != state:
        return Problem("state", f"`state` says {state}, systemd says {here}", "make them the same", 2)
    return Problem("state", runtime.ledger.notice, "", 0) if runtime.ledger.notice else None


def _writable(runtime: Runtime, observation: Observation) -> Problem | None:
    main = observation.main
    if main in observation.stale:
        return Problem(main, "not known: this calendar could not be read now", "mend what is named above first", 1)
    account, _ = writing(runtime.config)
    infos = {i.id: i for i in runtime.connectors[account].calendars()}
    if main in infos and not infos[main].writable:
        return Problem(main, "this calendar cannot be written to", "mend its rights, or name another in `write`", 1)
    return None


def _unmarked(runtime: Runtime, written: Iterable[CalendarId]) -> Iterator[Finding]:
    """The calendars in which marks get lost, by what has become of the last write there."""
    for calendar in sorted(written):
        if keeps_marks(calendar).get(runtime.ledger.drawer) is False:
            yield f"marks in {calendar}", Problem(calendar, MARKS_DROPPED, KEEP_STATE)


def note_health(runtime: Runtime, now: datetime, said: str, stopped: str, problems: tuple[Problem, ...]) -> None:
    """Remember what the daemon's last cycle came to, for `status`."""
    told = tuple(f"{p.where}: {_with_remedy(p.what, p.remedy)}" for p in problems)
    HEALTH.put(runtime.ledger.drawer, Health(at=now, said=said, stopped=stopped, problems=told))


def health(runtime: Runtime, now: datetime) -> dict[str, object]:
    """The last cycle and run, what is read and when, what comes next."""
    last = HEALTH.get(runtime.ledger.drawer)
    account, _ = writing(runtime.config)
    confirmed = consent(account).get(runtime.ledger.drawer)
    runs = runtime.ledger.runs.latest(1)
    zone = runtime.profile.zone
    today = local_day(now, zone)
    ahead = [r for r in runtime.ledger.own.rows().values() if r.status is OwnState.STANDING and r.day >= today]
    return {
        "writing": f"to {account}" if confirmed else _unconfirmed(runtime, account),
        "last_cycle": _local(last.at, zone) if last else "none yet",
        "last_result": last.said if last else "",
        "stopped": last.stopped if last else "",
        "problems": list(last.problems) if last else [],
        "resting": [
            f"{name}: {_with_remedy(rest.error(now, zone).what, rest.remedy)}"
            for name in runtime.config.accounts
            if (rest := backoff.active_rest(runtime.ledger.drawer, name, now))
        ],
        "last_run": f"{runs[0].command} at {_local(runs[0].at, zone)}: {len(runs[0].changes)} changes"
        if runs
        else "none",
        "next": [f"{r.day} {r.title}" for r in sorted(ahead, key=lambda r: (r.day, r.wish))[:5]],
        "state": str(state_dir(runtime.config)),
        "installation": installation.name(runtime.ledger.drawer),
    }


def _unconfirmed(runtime: Runtime, account: str) -> str:
    """What a daemon does that nobody has yet confirmed: where events of ours stand, it goes on with them."""
    mirror = runtime.ledger.mirror
    if mirror.marked((c.id for c in mirror.calendars(account)), runtime.profile.owners):
        return f"to {account}: events of unbusy are there: goes on, and deletes nothing until `unbusy apply`"
    return "not yet: `unbusy apply` begins it"


def _local(moment: datetime, zone: ZoneInfo) -> str:
    """'2026-12-01 08:00+01:00'."""
    return moment.astimezone(zone).isoformat(sep=" ", timespec="minutes")


def _with_remedy(what: str, remedy: str) -> str:
    return f"{what}; {remedy}" if remedy else what

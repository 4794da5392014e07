"""What `check` and `calendars` look at.  Every finding comes with its remedy."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import datetime

from daemon.config import leaving, registry, state_dir, writing
from daemon.ledger.notes import keeps_marks
from daemon.model.errors import UnbusyError
from daemon.model.event import CalendarId
from daemon.model.options import AccountOptions
from daemon.model.owner import KEEP_STATE, MARKS_DROPPED
from daemon.model.plan import Problem
from daemon.model.protocols import Talk
from daemon.planning.counting.whose import is_of_holidays
from daemon.stages.calendars import known_use, names_of, unread
from daemon.stages.observe import Observation, observe
from daemon.stages.runtime import Runtime
from daemon.system import secrets
from daemon.views.zones import elsewhere, times

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
    yield from _config(runtime)
    yield f"state {state_dir(runtime.config)}", _state(runtime)
    for account, options in runtime.config.accounts.items():
        yield from _account(account, options, talk)
    try:
        observation = observe(runtime, now)
    except UnbusyError as e:
        yield "calendars", Problem("calendars", e.what, e.remedy, e.code)
        return
    yield f"times: {times(runtime.config)}", _zone(runtime, now)
    told = {p.where: p for p in observation.problems}
    for calendar in observation.snapshot.calendars:
        how = "" if calendar.use.written else f" as {calendar.use.read_as}"
        yield f"read {calendar.id}{how}", told.pop(calendar.id, None)
    for problem in told.values():
        yield problem.where, problem
    yield from _holidays(runtime, now)
    yield f"write to {observation.main}", _writable(runtime, observation)
    yield from _unmarked(runtime, (c.id for c in observation.snapshot.calendars if c.use.written))


def _config(runtime: Runtime) -> Iterator[Finding]:
    """That it is sound, and which of its options will go."""
    told = [*leaving(runtime.config)]
    yield from (("config", problem) for problem in told)
    if not told:
        yield "config", None


def _zone(runtime: Runtime, now: datetime) -> Problem | None:
    """A server in another zone than its user."""
    if not (there := elsewhere(runtime, now)):
        return None
    what = f"most of your events are in {there}, and all times are taken in {runtime.config.timezone}"
    return Problem("times", what, f'if you live there, set timezone = "{there}" in the config', 0)


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

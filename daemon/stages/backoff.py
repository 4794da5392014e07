"""How long what fails is left alone: the daemon as a whole, each account, and each write by itself.

An account that failed as a whole is not asked again before its rest is over, however often the daemon cycles, and a
write that was refused is not tried; whoever runs a command has looked, and asks anew.  The others are served meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from daemon.ledger import Drawer
from daemon.ledger.notes import Rest, account_rest, asked, write_rests
from daemon.model.errors import LoginError, NoSecretError, RefusedError, TemporaryError, UnbusyError
from daemon.model.plan import Action, Change, Plan, Problem

SLOWEST = timedelta(hours=1)  # between two attempts, however often it failed
LONGEST_REST = timedelta(days=1)  # that a server may ask for, or that a write is left alone
TRIES = 6  # of one write, before it is left for a day


def rest_after(error: Exception, failures: int, interval: timedelta, drawn: float = 0) -> timedelta:
    """How long to wait after the nth failure in a row: doubling from `interval` to `SLOWEST`, and a tenth of chance.

    What the server asks for (Retry-After, RFC 9110 section 10.2.3) is the least, up to `LONGEST_REST`.
    """
    rest = min(interval * (1 << min(failures - 1, 16)), max(interval, SLOWEST))
    asked = error.retry_after if isinstance(error, TemporaryError) else None
    return max(rest, min(asked or rest, LONGEST_REST)) * (1 + drawn / 10)


def asks_for_rest(error: UnbusyError) -> bool:
    """Whether the other side has asked to be left alone: then nothing else of that account is asked for either."""
    return isinstance(error, TemporaryError) and error.retry_after is not None


# -- accounts ---------------------------------------------------------------------------------------------------------


def active_rest(drawer: Drawer, account: str, now: datetime) -> Rest | None:
    """The rest of an account, if it is not over."""
    rest = account_rest(account).get(drawer)
    return rest if rest and rest.lasts(now, LONGEST_REST) else None


def failed(drawer: Drawer, account: str, error: UnbusyError, now: datetime, interval: timedelta) -> None:
    """An account failed as a whole: let it rest, if it is not well, or refuses us (and may count attempts).

    Where there is no secret nobody was asked.
    """
    if not isinstance(error, TemporaryError | RefusedError) or isinstance(error, NoSecretError):
        return
    note = account_rest(account)
    before = note.get(drawer)
    failures = before.failures + 1 if before else 1
    until = now + rest_after(error, failures, interval)
    note.put(drawer, Rest(until=until, failures=failures, what=error.what, remedy=error.remedy, code=error.code))


def forget(drawer: Drawer, account: str) -> None:
    """An account has answered, or somebody wants it asked now."""
    account_rest(account).put(drawer, None)
    asked(account).put(drawer, None)


def end_all(drawer: Drawer, accounts: Iterable[str]) -> None:
    """Somebody has looked, or mended something: every account is asked and every write is tried again."""
    for account in accounts:
        forget(drawer, account)
        write_rests(account).put(drawer, None)


# -- writes -----------------------------------------------------------------------------------------------------------


def unwritten(drawer: Drawer, account: str, now: datetime) -> dict[str, Rest]:
    """The writes to an account, by name, that are not to be tried now."""
    rests = write_rests(account).get(drawer) or {}
    return {name: rest for name, rest in rests.items() if rest.lasts(now, LONGEST_REST)}


def record_writes(
    drawer: Drawer, account: str, outcomes: Mapping[str, UnbusyError | None], now: datetime, interval: timedelta
) -> None:
    """Writes were tried, of which each was taken (None) or refused: then it rests, after `TRIES` for a day.

    What says nothing about the write itself does not count: a login that is refused, a server that asks for a rest.
    """
    note = write_rests(account)
    rests = {n: r for n, r in (note.get(drawer) or {}).items() if abs(r.until - now) <= LONGEST_REST}
    for name, error in outcomes.items():
        if error is None:
            rests.pop(name, None)
        elif not isinstance(error, LoginError) and not asks_for_rest(error):
            failures = rests[name].failures + 1 if name in rests else 1
            rest = rest_after(error, failures, interval) if failures < TRIES else LONGEST_REST
            rests[name] = Rest(
                until=now + rest, failures=failures, what=error.what, remedy=error.remedy, code=error.code
            )
    note.put(drawer, rests or None)


def without_resting(plan: Plan, rests: Mapping[str, Rest], account: str, zone: ZoneInfo) -> Plan:
    """The plan without the writes that were refused and rest now, and a problem for each of them.

    A reply that rests is not even planned.
    """
    planned = set(map(name, plan.changes))
    resting = {n: r for n, r in rests.items() if n in planned or n.startswith(f"{Action.RESPOND} ")}
    problems = []
    for n, rest in resting.items():
        error = rest.error(plan.now, zone)
        what = f"`{n}` failed {rest.failures} times: {error.what}"
        problems.append(Problem(account, what, error.remedy or "`unbusy apply` tries it at once", 1))
    kept = tuple(c for c in plan.changes if name(c) not in resting)
    return replace(plan, changes=kept, problems=(*plan.problems, *problems)) if resting else plan


def name(change: Change) -> str:
    """What is tried, whatever its content: 'create focus 2026-W49/1'."""
    return f"{change.action} {change.wish}"

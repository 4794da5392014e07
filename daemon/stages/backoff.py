"""How long what fails is left alone: the daemon as a whole, each account, and each write by itself.

An account that failed as a whole is not asked again before its rest is over, however often the daemon cycles, and a
write that was refused is not tried; whoever runs a command has looked, and asks anew.  The others are served meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from daemon.ledger import Drawer
from daemon.model.errors import LoginError, RefusedError, TemporaryError, UnbusyError
from daemon.model.plan import Change
from daemon.model.words import moment

SLOWEST = timedelta(hours=1)  # between two attempts, however often it failed
LONGEST_REST = timedelta(days=1)  # that a server may ask for, or that a write is left alone
TRIES = 6  # of one write, before it is left for a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """An account or a write is left alone until a moment.  `failures`: in a row; the others: what was last wrong."""

    until: datetime
    failures: int
    what: str
    remedy: str

    def error(self, now: datetime, zone: ZoneInfo) -> TemporaryError:
        """What is said in place of an answer."""
        what = f"{self.what}; not asked again before {moment(self.until, zone)}"
        return TemporaryError(what, self.remedy, self.until - now)


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
    rest = _noted(drawer, _account(account)).get(account)
    return rest if rest and _lasts(rest, now) else None


def failed(drawer: Drawer, account: str, error: UnbusyError, now: datetime, interval: timedelta) -> None:
    """An account failed as a whole: let it rest, if it is not well, or refuses us (and may count attempts)."""
    if not isinstance(error, TemporaryError | RefusedError):
        return
    before = _noted(drawer, _account(account)).get(account)
    failures = before.failures + 1 if before else 1
    rest = Rest(
        until=now + rest_after(error, failures, interval), failures=failures, what=error.what, remedy=error.remedy
    )
    _note(drawer, _account(account), {account: rest})


def forget(drawer: Drawer, account: str) -> None:
    """An account has answered, or somebody wants it asked now."""
    _note(drawer, _account(account), {})


def _account(name: str) -> str:
    return f"rests {name}"


# -- writes -----------------------------------------------------------------------------------------------------------


def unwritten(drawer: Drawer, account: str, now: datetime) -> dict[str, Rest]:
    """The writes to an account, by name, that are not to be tried now."""
    return {name: rest for name, rest in _noted(drawer, _writes(account)).items() if _lasts(rest, now)}


def record_writes(
    drawer: Drawer, account: str, outcomes: Mapping[str, UnbusyError | None], now: datetime, interval: timedelta
) -> None:
    """Writes were tried, of which each was taken (None) or refused: then it rests, after `TRIES` for a day.

    What says nothing about the write itself does not count: a login that is refused, a server that asks for a rest.
    """
    noted = _noted(drawer, _writes(account)).items()
    rests = {n: r for n, r in noted if abs(r.until - now) <= LONGEST_REST}
    for name, error in outcomes.items():
        if error is None:
            rests.pop(name, None)
        elif not isinstance(error, LoginError) and not asks_for_rest(error):
            failures = rests[name].failures + 1 if name in rests else 1
            rest = rest_after(error, failures, interval) if failures < TRIES else LONGEST_REST
            rests[name] = Rest(until=now + rest, failures=failures, what=error.what, remedy=error.remedy)
    _note(drawer, _writes(account), rests)


def name(change: Change) -> str:
    """What is tried, whatever its content: 'create focus 2026-W49/1'."""
    return f"{change.action} {change.wish}"


def _writes(account: str) -> str:
    return f"unwritten {account}"


# -- notes ------------------------------------------------------------------------------------------------------------


def _lasts(rest: Rest, now: datetime) -> bool:
    """Whether a rest is not over.  One beyond all bounds was noted under another clock."""
    return now < rest.until <= now + LONGEST_REST


def _noted(drawer: Drawer, name: str) -> dict[str, Rest]:
    rows = json.loads(drawer.get(name) or "{}")
    return {n: Rest(**row | {"until": datetime.fromisoformat(row["until"])}) for n, row in rows.items()}


def _note(drawer: Drawer, name: str, rests: Mapping[str, Rest]) -> None:
    rows = {n: asdict(rest) | {"until": rest.until.isoformat()} for n, rest in rests.items()}
    drawer.put(name, json.dumps(rows) if rows else "")

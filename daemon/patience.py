"""How long what fails is left alone: the daemon as a whole, and each account by itself.

An account that failed as a whole is not asked again before its rest is over, however often the daemon cycles; whoever
runs a command has looked, and asks anew.  The others are read and served meanwhile.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from daemon.ledger import Ledger
from daemon.model.errors import RefusedError, TemporaryError, UnbusyError

SLOWEST = timedelta(hours=1)  # between two attempts, however often it failed
LONGEST_REST = timedelta(days=1)  # that a server may ask for


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """An account is left alone until a moment.  `failures`: in a row; the rest is what was last wrong with it."""

    until: datetime
    failures: int
    what: str
    remedy: str

    def error(self, now: datetime, zone: ZoneInfo) -> TemporaryError:
        """What is said in place of an answer."""
        until = f"{self.until.astimezone(zone):%Y-%m-%d %H:%M}"
        return TemporaryError(f"{self.what}; not asked again before {until}", self.remedy, self.until - now)


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


def resting(ledger: Ledger, account: str, now: datetime) -> Rest | None:
    """The rest of an account, if it is not over.  One beyond all bounds was noted under another clock."""
    rest = _noted(ledger, account)
    return rest if rest and now < rest.until <= now + LONGEST_REST else None


def failed(ledger: Ledger, account: str, error: UnbusyError, now: datetime, interval: timedelta) -> None:
    """An account failed as a whole: let it rest, if it is not well, or refuses us (and may count attempts)."""
    if not isinstance(error, TemporaryError | RefusedError):
        return
    before = _noted(ledger, account)
    failures = before.failures + 1 if before else 1
    until = now + rest_after(error, failures, interval)
    row = {"until": until.isoformat(), "failures": failures, "what": error.what, "remedy": error.remedy}
    ledger.put(_name(account), json.dumps(row))


def forget(ledger: Ledger, account: str) -> None:
    """An account has answered, or somebody wants it asked now."""
    ledger.put(_name(account), "")


def _noted(ledger: Ledger, account: str) -> Rest | None:
    text = ledger.get(_name(account))
    if not text:
        return None
    row = json.loads(text)
    return Rest(**row | {"until": datetime.fromisoformat(row["until"])})


def _name(account: str) -> str:
    return f"rest {account}"

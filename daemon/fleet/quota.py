"""What a provider allows all workers together: a bucket for each host in the database, from which they draw.

In no minute, wherever it begins, do more requests go out than allowed: what is drawn is used within `HELD` seconds, and
the bucket fills so much more slowly.  All times are the database's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from threading import Lock
from typing import Any, LiteralString

from msgspec import Struct

from daemon.fleet.leaders import Connection
from daemon.model.errors import TemporaryError
from daemon.postgres import translated

AT_ONCE = 50
"""So many are drawn at a time, at most."""

HELD = 5.0
"""Seconds for which what was drawn is good."""

PATIENCE = 10.0
"""Seconds that a request waits for the bucket."""

REST = timedelta(seconds=30)
"""For so long a host is left alone that has said that it was too much, and not for how long."""

_DRAW = """
INSERT INTO bucket (name, tokens, at) VALUES (%(name)s, %(burst)s - %(want)s, clock_timestamp())
ON CONFLICT (name) DO UPDATE SET
    tokens = least(%(burst)s, bucket.tokens + %(rate)s * extract(epoch FROM clock_timestamp() - bucket.at)) - %(want)s,
    at = clock_timestamp()
WHERE bucket.rests <= clock_timestamp()
    AND least(%(burst)s, bucket.tokens + %(rate)s * extract(epoch FROM clock_timestamp() - bucket.at)) >= %(want)s
RETURNING tokens
"""
_REST = """
INSERT INTO bucket (name, tokens, at, rests) VALUES (%(name)s, 0, clock_timestamp(), clock_timestamp() + %(rest)s)
ON CONFLICT (name) DO UPDATE SET tokens = 0, at = clock_timestamp() + %(rest)s,
    rests = greatest(bucket.rests, excluded.rests)
"""
_LEFT = "SELECT extract(epoch FROM rests - clock_timestamp()) FROM bucket WHERE name = %s AND rests > clock_timestamp()"


class Allowed(Struct, frozen=True):
    """Of one host in a minute: `burst` at most at once, and `rate` more each second."""

    burst: int
    rate: float

    @classmethod
    def a_minute(cls, most: int) -> Allowed:
        """So that no more than this go out in any minute."""
        burst = max(1, min(AT_ONCE, most // 10))
        return cls(burst, (most - burst) / (60.0 + HELD))


class SharedGate:
    """See `connectors.http.gate.Gate`.

    `limits`: how many a minute, by host; '' for any other.  `connect` opens a connection of the gate's own.
    """

    def __init__(
        self, connect: Callable[[], Connection], limits: dict[str, int],
        sleep: Callable[[float], None] = time.sleep, ticks: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._connect = connect
        self._limits = {host: Allowed.a_minute(most) for host, most in limits.items()}
        self._sleep, self._ticks = sleep, ticks
        self._lock = Lock()
        self._connection: Connection | None = None
        self._drawn: dict[str, tuple[int, float]] = {}

    def before(self, host: str) -> None:
        """Waits a while for the bucket."""
        give_up = self._ticks() + PATIENCE
        while not self._one(host):
            rest = self._rests(host)
            if self._ticks() + rest > give_up:
                wait = timedelta(seconds=max(rest, PATIENCE))
                raise TemporaryError(f"the fleet has asked {host} often enough for now", "", wait)
            self._sleep(max(rest, 0.2))

    def refused(self, host: str, rest: timedelta | None) -> None:
        """The bucket is empty, for everybody."""
        with self._lock:
            self._drawn.pop(host, None)
            self._ask(_REST, {"name": host, "rest": rest or REST})

    def _one(self, host: str) -> bool:
        """Whether one may go: of those that were drawn, or drawn now; a single one where the bucket has no more."""
        with self._lock:
            left, until = self._drawn.get(host, (0, 0.0))
            if left and self._ticks() < until:
                self._drawn[host] = left - 1, until
                return True
            allowed = self._limits.get(host) or self._limits[""]
            for want in dict.fromkeys((allowed.burst, max(1, allowed.burst // 5), 1)):
                values = {"name": host, "burst": allowed.burst, "rate": allowed.rate, "want": want}
                if self._ask(_DRAW, values):
                    self._drawn[host] = want - 1, self._ticks() + HELD
                    return True
            return False

    def _rests(self, host: str) -> float:
        with self._lock:
            rows = self._ask(_LEFT, (host,))
        return float(rows[0][0]) if rows else 0.0

    def _ask(self, sql: LiteralString, values: Sequence[object] | Mapping[str, object]) -> list[tuple[Any, ...]]:
        with translated():
            if self._connection is None or self._connection.closed:
                self._connection = self._connect()
            cursor = self._connection.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        """Give the connection back."""
        if self._connection:
            self._connection.close()

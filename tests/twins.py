"""Two ledgers or journals side by side: each call goes to both, and what they answer is the same, or it is an error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from clusters import InPostgres
from machine import Files

CALLS: Counter[str] = Counter()
"""How often each method was asked."""

TELLING = ("size", "notice", "close")
"""What is about the ledger itself."""


class Twins:
    """What one of them answers, once it is certain that the other one does, too."""

    def __init__(self, one: object, other: object) -> None:
        self._one, self._other = one, other

    def __getattr__(self, name: str) -> Any:
        one, other = getattr(self._one, name), getattr(self._other, name)
        if callable(one):
            return lambda *args, **kwargs: self._called(name, one, other, args, kwargs)
        return _same(name, one, other)

    def _called(self, name: str, one: Any, other: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        CALLS[name] += 1
        args = tuple(list(a) if isinstance(a, Iterator) else a for a in args)
        return _same(name, one(*args, **kwargs), other(*args, **kwargs))


PARTS = ("mirror", "own", "runs", "drawer", "intake")
"""What has methods of its own."""


def _same(name: str, one: Any, other: Any) -> Any:
    if name in PARTS:
        return Twins(one, other)
    if isinstance(one, Iterator):
        return iter(_same(name, list(one), list(other)))
    ordered = (list(one), list(other)) if isinstance(one, dict) and name != "versions" else (0, 0)
    assert name in TELLING or (one == other and ordered[0] == ordered[1]), f"{name} differ: {one!r} and {other!r}"
    return one


class InBoth(Files):
    """In files and in PostgreSQL at once."""

    def __init__(self, postgres: InPostgres) -> None:
        self.postgres = postgres

    def ledger(self, state: Path) -> Any:
        return Twins(super().ledger(state), self.postgres.ledger(state))

    def journal(self, state: Path) -> Any:
        return Twins(super().journal(state), self.postgres.journal(state))

    def lose(self, state: Path) -> None:
        super().lose(state)
        self.postgres.lose(state)

    def copy(self, state: Path, to: Path) -> None:
        super().copy(state, to)
        self.postgres.copy(state, to)

    def close(self) -> None:
        self.postgres.close()

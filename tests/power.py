"""Where a run can be cut: every effect has a point before and a point after it, and each point has a name.

`Power` decides what fails there; what a power cut has killed stays dead until `restore`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

WRITES = ("create", "update", "delete", "annotate", "respond")
"""Effects on a calendar."""

RECORDS = (
    "reading", "put_own", "add_skips", "begin", "intend", "put_resource", "drop_resource", "conclude", "retract",
    "finish", "put",
)  # fmt: skip
"""Effects on the ledger, each one transaction; `reading` is the commit of a calendar into the mirror."""

JOURNAL = "rewrite"
"""The effect on the journal."""

POINTS = tuple(f"{side} {name}" for name in (*WRITES, *RECORDS, JOURNAL) for side in ("before", "after"))


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Cut:
    """Something fails at the first of these points after `left` others of them."""

    points: frozenset[str]
    left: int
    failure: BaseException


@dataclass
class Power:
    """What fails, and where.

    `met`: how often something did, by its kind and point; `happened`: since the last `cut`.  `passed`: the points.
    """

    cuts: list[Cut] = field(default_factory=list)
    dead: Killed | None = None
    met: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    happened: int = 0

    def cut(self, points: Iterable[str], after: int, failure: BaseException) -> None:
        self.cuts.append(Cut(frozenset(points), after, failure))
        self.happened = 0

    def restore(self) -> None:
        self.cuts.clear()
        self.dead = None

    def at(self, point: str) -> None:
        """One of those points; what is dead stays dead."""
        if self.dead:
            raise self.dead
        self.passed[point] += 1
        for cut in [c for c in self.cuts if point in c.points]:
            if cut.left:
                cut.left -= 1
                continue
            self.cuts.remove(cut)
            self.met[f"{type(cut.failure).__name__} {point}"] += 1
            self.happened += 1
            if isinstance(cut.failure, Killed):
                self.dead = cut.failure
            raise cut.failure

    def wired(self, name: str, effect: Callable[..., Any]) -> Callable[..., Any]:
        """The same effect with its two points."""

        def at_both_ends(*args: object, **kwargs: object) -> object:
            self.at(f"before {name}")
            out = effect(*args, **kwargs)
            if isinstance(out, AbstractContextManager):
                return self._around(name, out)
            self.at(f"after {name}")
            return out

        return at_both_ends

    @contextmanager
    def _around(self, name: str, inner: AbstractContextManager[Any]) -> Iterator[Any]:
        """A transaction: it can be cut off before its end as well."""
        with inner as out:
            yield out
            self.at(f"before {name}")
        self.at(f"after {name}")


class Wired:
    """Another object with the points of its effects."""

    def __init__(self, inner: object, effects: Iterable[str], power: Power) -> None:
        self._inner, self._effects, self._power = inner, frozenset(effects), power

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return self._power.wired(name, found) if name in self._effects else found

"""Where a run can be cut: every effect has a point before and a point after it, and each point has a name.

`Power` decides what fails there; what a power cut has killed stays dead until `restore`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

WRITES = ("create", "update", "delete", "annotate", "respond")
"""Effects on a calendar."""

Effects = Mapping[str, "Effects | None"]
"""The names of the effects of an object (None), and of what is reached by its attributes and calls that has some."""

RECORDS: Effects = {
    "mirror": {"intake": {"commit": None}, "put_resource": None, "drop_resource": None},
    "own": {"remember": None, "take_up": None},
    "runs": dict.fromkeys(("begin", "intend", "conclude", "retract", "finish")),
    "drawer": {"put": None},
}
"""Effects on the ledger, each one transaction; `commit` is that of a calendar into the mirror."""

JOURNAL: Effects = {"rewrite": None}
"""The effect on the journal."""


def names(effects: Effects) -> Iterator[str]:
    """Every one of them."""
    for name, inner in effects.items():
        yield from [name] if inner is None else names(inner)


POINTS = tuple(f"{side} {name}" for name in (*WRITES, *names(RECORDS), *JOURNAL) for side in ("before", "after"))


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
            self.at(f"after {name}")
            return out

        return at_both_ends


class Wired:
    """Another object with the points of its effects."""

    def __init__(self, inner: object, effects: Effects, power: Power) -> None:
        self._inner, self._effects, self._power = inner, effects, power

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in self._effects:
            return found
        inner = self._effects[name]
        if inner is None:
            return self._power.wired(name, found)
        if not callable(found):
            return Wired(found, inner, self._power)
        return lambda *args: Wired(found(*args), inner, self._power)

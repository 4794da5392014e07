"""Who the user is: what the config says of them, apart from any policy."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from daemon.model.times import WorkingHours


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What the config says of the user, apart from any policy.

    `me`: all own addresses, lower case.  `ignore`, `focus_titles`: title patterns (case-insensitive `fnmatch`).
    `week_starts`: Monday = 0.  `owner`: the name on our marks.
    """

    owner: str
    zone: ZoneInfo
    hours: WorkingHours
    me: frozenset[str] = frozenset()
    week_starts: int = 0
    ignore: tuple[str, ...] = ()
    focus_titles: tuple[str, ...] = ("focus*", "deep work*", "*focus time*")
    focus_categories: tuple[str, ...] = ("focus", "deep work")
    unanswered_busy: bool = True

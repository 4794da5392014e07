"""Options that are on their way out: for one minor version they hold as before, and what follows is told.

Such an option stays in its table, not set by default, until the version that is named here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from daemon.config.schema import Config
from daemon.config.values import Where
from daemon.model.plan import Problem


class Leaving(NamedTuple):
    """With which version an option goes, which option of the same table follows it, and what the user does about it."""

    until: str
    successor: str
    remedy: str


LEAVING: Mapping[Where, Leaving] = {
    ("policies", "focus", "tentative_below"): Leaving(
        "0.3", "show_as", 'take it out: `show_as = "auto"` sees for itself whether a week fills up'
    ),
    ("policies", "focus", "busy_below"): Leaving(
        "0.3", "busy_within", "take it out: `busy_within` says from when on a block is busy"
    ),
}
"""The options of 0.1 that a later version does without."""


def leaving(config: Config) -> Iterator[Problem]:
    """One for each such option that is set; a run is none the worse for it."""
    for path, option in LEAVING.items():
        if _set(config, path):
            what = f"{'.'.join(map(str, path))} still holds, and goes with version {option.until}"
            yield Problem("config", what, option.remedy)


def _set(config: Config, path: Where) -> bool:
    found: object = config
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else getattr(found, str(key), None)
    return found is not None

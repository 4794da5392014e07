"""Which block of the new placement is which standing event.

A key names a wish and never its time.  Placement does not know keys; here its blocks are matched to those that
stand, so that an event moves as little as it can, and the others get ordinals that were never used.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import count
from zoneinfo import ZoneInfo

from daemon.model.times import local_day
from daemon.planning.placement.minutes import Span, to_range


def match(
    standing: Mapping[str, Span], found: Sequence[Span], zone: ZoneInfo
) -> tuple[list[tuple[str, Span]], list[Span], list[str]]:
    """Pairs of key and new place, places without a key, keys without a place.

    The same place first, then the same day, then in order of time.
    """
    keys = sorted(standing, key=lambda k: (standing[k], k))
    blocks = sorted(found)
    pairs: list[tuple[str, Span]] = []
    rules = (
        lambda old, new: old == new,
        lambda old, new: _day(old, zone) == _day(new, zone),
        lambda old, new: True,  # noqa: ARG005  any is left for the last
    )
    for same in rules:
        for key in list(keys):
            block = next((b for b in blocks if same(standing[key], b)), None)
            if block is not None:
                pairs.append((key, block))
                keys.remove(key)
                blocks.remove(block)
    return pairs, blocks, keys


def _day(span: Span, zone: ZoneInfo) -> object:
    return local_day(to_range(span).start, zone)


def new_keys(prefix: str, used: Collection[str]) -> Iterator[str]:
    """Keys from ordinal 1 that were never used."""
    return (key for n in count(1) if (key := f"{prefix}{n}") not in used)

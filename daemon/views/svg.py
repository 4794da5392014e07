"""A week as a picture for a page or a mail: SVG without script, in light and dark (https://www.w3.org/TR/SVG2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from daemon.model.snapshot import Snapshot
from daemon.model.times import Week
from daemon.model.words import dates, in_month
from daemon.views.cells import shortened
from daemon.views.picture.days import Banner, Column, Item, banners, columns, lanes, minutes_on, noon
from daemon.views.picture.kinds import AWAY, BUSY, BY_HAND, FREE, MEETING, TENTATIVE, Kind, drawn

_COLUMN, _HOUR, _TOP, _LEFT, _BANNER = 132, 40, 56, 44, 18
_LETTER = 7
"""Pixels of a letter, as it is reckoned; a wide one takes two."""
_FIRST, _LAST = 8, 19
"""Hours that are always shown."""

_CLASSES = {
    MEETING: "meeting", BUSY: "busy", BY_HAND: "hand", AWAY: "away", TENTATIVE: "ours tentative", FREE: "ours free",
}  # fmt: skip
STYLE = """\
svg{background:#ffffff}
text{font:12px system-ui,sans-serif;fill:#1d2327}.h{font-weight:600;font-size:14px}.t{fill:#50575e}
.work{fill:#f0f3f4}.noon{fill:#dfe5e8}.meeting{fill:#c9d8f0;stroke:#2f5597}.busy{fill:#dcdcde;stroke:#646970}
.hand{fill:#bfe3e0;stroke:#0b6e69}line{stroke:#50575e;stroke-opacity:.15}
.away{fill:#eeeeee;stroke:#6c7075;stroke-dasharray:2 2}.ours{fill:#c8e6c9;stroke:#1e7d32}
.ours.tentative{stroke-dasharray:5 3}.ours.free{fill-opacity:.45;stroke-dasharray:1 3}
@media(prefers-color-scheme:dark){svg{background:#16191d}text{fill:#f0f0f1}.t{fill:#c3c4c7}.work{fill:#1f242a}
.noon{fill:#2a3138}line{stroke:#c3c4c7}.meeting{fill:#274060;stroke:#8fb3e8}.busy{fill:#3a3f45;stroke:#a7aaad}
.hand{fill:#154d4a;stroke:#6fd0c8}.away{fill:#2c3338;stroke:#a7aaad}.ours{fill:#1d4d24;stroke:#7fd48a}}
"""


def week_svg(snapshot: Snapshot, week: Week, caption: str = "") -> str:
    """Days as columns, time as height; each event says by itself, as a title, what and when it is."""
    seen = drawn(snapshot)
    days = columns(snapshot, week, seen)
    above = list(banners(days, seen))
    first, last = _hours(days)
    top = _TOP + len(above) * _BANNER
    width, height = _LEFT + len(days) * _COLUMN + 8, top + (last - first) * _HOUR + 12
    name = f"{week.key}, {dates(days[0].day, days[-1].day)}"
    label = quoteattr(f"{name}. {caption}".strip())
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label={label}>']
    parts += [f"<style>{STYLE}</style>", f'<text class="h" x="{_LEFT}" y="20">{escape(name)}</text>']
    for n, day in enumerate(days):
        parts += _ground(snapshot, day, _LEFT + n * _COLUMN, top - first * _HOUR)
    for hour in range(first, last + 1):
        y = top + (hour - first) * _HOUR
        parts.append(f'<text class="t" x="4" y="{y + 4}">{hour:02}:00</text>')
        parts.append(f'<line x1="{_LEFT}" x2="{width - 8}" y1="{y}" y2="{y}"/>')
    for n, line in enumerate(above):
        parts += (_banner(banner, _TOP - 6 + n * _BANNER) for banner in line)
    for n, day in enumerate(days):
        parts += _events(day.items, _LEFT + n * _COLUMN, top - first * _HOUR)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _hours(days: Iterable[Column]) -> tuple[int, int]:
    """The hours that are shown: those of every week, and whatever else something stands in."""
    items = [i for day in days for i in day.items]
    return min([_FIRST, *(i.start // 60 for i in items)]), max([_LAST, *(-(-i.until // 60) for i in items)])


def _ground(snapshot: Snapshot, day: Column, left: int, midnight: int) -> Iterator[str]:
    """The name of a day, its working time, and its noon."""
    today = " (today)" if day.day == snapshot.today else ""
    yield f'<text class="h" x="{left + 4}" y="44">{escape(in_month(day.day))}{today}</text>'
    spans = [m for span in snapshot.working(day.day) if (m := minutes_on(span, day.day, snapshot.zone))]
    start, end = noon(snapshot)
    at_noon = [(max(start, first), min(end, until)) for first, until in spans if first < end and start < until]
    for name, (begins, ends) in (*(("work", s) for s in spans), *(("noon", s) for s in at_noon)):
        height = max(1, (ends - begins) * _HOUR // 60)
        place = f'x="{left}" y="{midnight + begins * _HOUR // 60}" width="{_COLUMN - 4}" height="{height}"'
        yield f'<rect class="{name}" {place}/>'


def _banner(banner: Banner, y: int) -> str:
    wide = (banner.last - banner.first + 1) * _COLUMN - 8
    return _box(banner.kind, banner.title, banner.title, (_LEFT + banner.first * _COLUMN + 2, y, wide, _BANNER - 3))


def _events(items: Sequence[Item], left: int, midnight: int) -> Iterator[str]:
    """Those of a day; what overlaps stands side by side."""
    for item, lane, many in lanes(items):
        wide = (_COLUMN - 8) // many
        height = max(8, (item.until - item.start) * _HOUR // 60 - 1)
        place = (left + 2 + lane * wide, midnight + item.start * _HOUR // 60, wide - (many > 1), height)
        name = f"{item.title} (not answered)" if item.open else item.title
        yield _box(item.kind, f"{item.clock} {name}", f"{'? ' * item.open}{item.title}", place)


def _box(kind: Kind, said: str, short: str, place: tuple[int, int, int, int]) -> str:
    """A box with what it says to whoever points at it or hears it, and as much of that as it has room for."""
    x, y, width, height = place
    box = f'x="{x}" y="{y}" width="{width}" height="{height}"'
    text, room = "", (width - 8) // _LETTER
    if height >= 14 and room > 2:
        where = f'x="{x + 5}" y="{y + 12}"'
        text = f'<text {where} unicode-bidi="isolate">{escape(shortened(short, room))}</text>'
    return f'<g><title>{escape(said)}</title><rect class="{_CLASSES.get(kind, "ours")}" {box} rx="3"/>{text}</g>'

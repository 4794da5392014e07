"""A week as a picture for a page or a mail: SVG without script, in light and dark (https://www.w3.org/TR/SVG2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from xml.sax.saxutils import escape, quoteattr

from daemon.model.event import CountsAs, Event, ShowAs
from daemon.model.snapshot import ABSENCE, Snapshot
from daemon.model.times import DAY, DateRange, Week
from daemon.model.words import NO_TITLE, dates, in_month, one_line

_COLUMN, _HOUR, _TOP, _LEFT, _BANNER = 132, 40, 56, 44, 18
_FIRST, _LAST = 8, 19
"""Hours that are always shown."""

_CLASSES = {CountsAs.MEETING: "meeting", CountsAs.BUSY: "busy", CountsAs.FOCUS: "hand"} | dict.fromkeys(ABSENCE, "away")
_STYLE = """\
text{font:12px system-ui,sans-serif;fill:#1d2327}.h{font-weight:600;font-size:14px}.t{fill:#50575e}
.work{fill:#f6f7f7}.meeting{fill:#c9d8f0;stroke:#2f5597}.busy{fill:#dcdcde;stroke:#646970}
.hand{fill:#bfe3e0;stroke:#0b6e69}
.away{fill:#eee;stroke:#8c8f94;stroke-dasharray:2 2}.ours{fill:#c8e6c9;stroke:#1e7d32}
.ours.tentative{stroke-dasharray:5 3}.ours.free{fill-opacity:.45;stroke-dasharray:1 3}
@media(prefers-color-scheme:dark){svg{background:#16191d}text{fill:#f0f0f1}.t{fill:#c3c4c7}.work{fill:#1f242a}
.meeting{fill:#274060;stroke:#8fb3e8}.busy{fill:#3a3f45;stroke:#a7aaad}.hand{fill:#154d4a;stroke:#6fd0c8}
.away{fill:#2c3338;stroke:#a7aaad}.ours{fill:#1d4d24;stroke:#7fd48a}}
"""


def week_svg(snapshot: Snapshot, week: Week, caption: str = "") -> str:
    """Days as columns, time as height; each event says by itself, as a title, what and when it is."""
    drawn = [*_foreign(snapshot), *((f"ours {_shown(o.event)}", o.event) for o in snapshot.ours)]
    days = [
        d for d in week.days if d.weekday() < 5 or snapshot.working(d) or any(_on(e, d, snapshot) for _, e in drawn)
    ]
    timed = [(kind, e) for kind, e in drawn if not e.all_day]
    first, last = _hours(snapshot, days, timed)
    rows = max((sum(1 for _, e in drawn if e.all_day and d in e.days()) for d in days), default=0)
    top = _TOP + rows * _BANNER
    width, height = _LEFT + len(days) * _COLUMN + 8, top + (last - first) * _HOUR + 12
    name = f"{week.key}, {dates(days[0], days[-1])}"
    label = quoteattr(f"{name}. {caption}".strip())
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label={label}>']
    parts += [f"<style>{_STYLE}</style>", f'<text class="h" x="{_LEFT}" y="20">{escape(name)}</text>']
    for hour in range(first, last + 1):
        y = top + (hour - first) * _HOUR
        parts.append(f'<text class="t" x="4" y="{y + 4}">{hour:02}:00</text>')
        parts.append(f'<line x1="{_LEFT}" x2="{width - 8}" y1="{y}" y2="{y}" stroke="currentColor" opacity=".12"/>')
    for n, day in enumerate(days):
        parts += _day(snapshot, day, _LEFT + n * _COLUMN, top, first, drawn)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _foreign(snapshot: Snapshot) -> Iterator[tuple[str, Event]]:
    yield from ((_CLASSES[e.counts_as], e) for e in snapshot.events if e.counts_as in _CLASSES)


def _shown(event: Event) -> str:
    return {ShowAs.FREE: "free", ShowAs.TENTATIVE: "tentative"}.get(event.show_as, "taken")


def _on(event: Event, day: date, snapshot: Snapshot) -> bool:
    return event.span.overlaps(DateRange(day, day + DAY).span(snapshot.zone))


def _busy(drawn: Iterable[tuple[str, Event]], day: date, snapshot: Snapshot) -> bool:
    return any(_on(event, day, snapshot) for _, event in drawn)


def _hours(snapshot: Snapshot, days: Iterable[date], timed: Iterable[tuple[str, Event]]) -> tuple[int, int]:
    """The hours that are shown: those of every week, and whatever else something stands in."""
    found = [m for d in days for _, e in timed if _on(e, d, snapshot) for m in _minutes(e, d, snapshot)]
    return min([_FIRST, *(m // 60 for m in found)]), max([_LAST, *(-(-m // 60) for m in found)])


def _minutes(event: Event, day: date, snapshot: Snapshot) -> tuple[int, int]:
    """The part of it on one day, in minutes on the clock."""
    start, end = event.span.start.astimezone(snapshot.zone), event.span.end.astimezone(snapshot.zone)
    first = start.hour * 60 + start.minute if start.date() == day else 0
    return first, (end.hour * 60 + end.minute if end.date() == day else 24 * 60)


def _day(
    snapshot: Snapshot, day: date, left: int, top: int, first: int, drawn: Iterable[tuple[str, Event]]
) -> Iterator[str]:
    today = " (today)" if day == snapshot.today else ""
    yield f'<text class="h" x="{left + 4}" y="44">{escape(in_month(day))}{today}</text>'
    for span in snapshot.working(day):
        start, end = span.start.astimezone(snapshot.zone), span.end.astimezone(snapshot.zone)
        y, until = (top + (t.hour * 60 + t.minute - first * 60) * _HOUR // 60 for t in (start, end))
        yield f'<rect class="work" x="{left}" y="{y}" width="{_COLUMN - 4}" height="{max(1, until - y)}"/>'
    banners = 0
    here = [(kind, e) for kind, e in drawn if _on(e, day, snapshot)]
    for kind, event in sorted(here, key=lambda pair: (pair[1].span, pair[1].ref)):
        title = one_line(event.summary) or NO_TITLE
        if event.all_day:
            y, height, when = _TOP - 6 + banners * _BANNER, _BANNER - 3, ""
            banners += 1
        else:
            begins, ends = _minutes(event, day, snapshot)
            y, height = top + (begins - first * 60) * _HOUR // 60, max(8, (ends - begins) * _HOUR // 60 - 1)
            when = f"{begins // 60:02}:{begins % 60:02}–{ends // 60 % 24:02}:{ends % 60:02} "
        box = f'x="{left + 2}" y="{y}" width="{_COLUMN - 8}" height="{height}"'
        yield f'<g><title>{escape(f"{when}{title}")}</title><rect class="{kind}" {box} rx="3"/>'
        if height >= 14:
            short = title if len(title) <= 18 else f"{title[:17]}…"
            yield f'<text x="{left + 7}" y="{y + 12}" unicode-bidi="isolate">{escape(short)}</text>'
        yield "</g>"

"""How anything is put into words: somebody's text in a line, titles, durations, shares, clock times and days.

Text from calendars, servers and people is data: whatever it holds, it takes one line, commands no terminal, turns no
direction of writing, and passes for no word of ours.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from daemon.model.event import Event
from daemon.model.times import TimeRange, When
from daemon.model.user.gesture import disarmed, without_orders

LINE = 500
"""Most characters of a line that says something."""
TITLE = 60
"""Most characters of a title in a sentence."""
NAMED = 36
"""Most characters of a title of ours that says what it is for."""
ANSWER = 200
"""Most characters of what the user wrote, where it is quoted."""

NO_TITLE = "(no title)"
PRIVATE = "a private appointment"
"""In place of a title that is nobody else's business."""

_JOINERS = "\u200c\u200d"  # inside emoji, and inside words of some scripts
_SKIN = range(0x1F3FB, 0x1F400)  # modifiers of the emoji before them
_QUOTES = str.maketrans("‘’‚‛'`´" + '“”„‟"', "\N{MODIFIER LETTER APOSTROPHE}" * 7 + "\N{DOUBLE PRIME}" * 5)
"""What quotes, and what looks like it and is never made a quotation mark by any client."""
_DAMAGED = "\N{REPLACEMENT CHARACTER}"

# -- text -------------------------------------------------------------------------------------------------------------


def one_line(text: object, most: int = LINE) -> str:
    """Text on one line of at most `most` characters, with nothing in it that a terminal or a log would obey.

    What ends a line and what controls becomes a blank, what is not to be seen goes (marks of direction, blanks without
    width), and what is no character of Unicode becomes U+FFFD.  Joiners stay, and no emoji is cut in two.
    """
    return _cut(" ".join(harmless(text).split()).strip(_JOINERS), most)


def harmless(text: object, most: int | None = None) -> str:
    """The same, with its blanks as they stand; `most` None: as long as it is."""
    plain = str(text)
    line = plain if plain.isprintable() else "".join(map(_shown, plain))
    return line if most is None else _cut(line, most)


def quoted(title: str, most: int = TITLE) -> str:
    """'‘Staff’': a title in a sentence.  No mark in it ends it early, and no word in it is an order."""
    return f"‘{disarmed(one_line(title, most)).translate(_QUOTES) or NO_TITLE}’"


def named(title: str, name: str) -> str:
    """'Focus: cut list signed off': the title of one of ours with what it is for; the title alone for nothing."""
    words = disarmed(one_line(without_orders(name)))
    return one_line(f"{title}: {words}", NAMED) if words else title


def bears(title: str, name: str) -> bool:
    """Whether a title is one that `named` has made of this name, whatever stands before it."""
    words = disarmed(one_line(without_orders(name)))
    parts = title.split(": ")
    tails = (": ".join(parts[n:]) for n in range(1, len(parts)))
    cut = any(t == words or (t.endswith("…") and words.startswith(t[:-1].rstrip())) for t in tails if t != "…")
    return bool(words) and cut


def cited(text: str, most: int = ANSWER) -> str:
    """'“We cut two projects.”': words of the user in a sentence, without their orders; '' for none."""
    words = disarmed(one_line(without_orders(text), most)).translate(_QUOTES)
    return f"“{words}”" if words else ""


def title(event: Event, zone: ZoneInfo | None = None) -> str:
    """The title of an event in quotation marks; 'a private appointment' for one that may not be said.

    `zone`: where its time does not stand beside: 'a private appointment, Thu 14:00'.
    """
    if not event.secret:
        return quoted(event.said)
    if zone is None:
        return PRIVATE
    start, _ = event.when.ends(zone)
    return f"{PRIVATE}, {day(start) if event.all_day else in_week(event.span.start, zone)}"


def person(name: str, address: str = "") -> str:
    """'Dana Roe': somebody in a sentence, by name or else by address; 'somebody' for neither."""
    said = (disarmed(one_line(text, TITLE)).translate(_QUOTES) for text in (name, address))
    return next(filter(None, said), "somebody")


def names(events: Iterable[Event], zone: ZoneInfo) -> str:
    """'‘Staff’', '‘Staff’ and ‘Review’', '‘Staff’ and 3 more'."""
    return few(title(e, zone) for e in events)


def few(titles: Iterable[str]) -> str:
    """The same of titles that are in quotation marks already."""
    unique = list(dict.fromkeys(titles))
    if len(unique) <= 2:
        return " and ".join(unique)
    return f"{unique[0]} and {len(unique) - 1} more"


def listed(parts: Sequence[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if parts[1:] else parts)


def _shown(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    return _DAMAGED if category in {"Cs", "Cn", "Co"} else " "


def _cut(line: str, most: int) -> str:
    if len(line) <= most:
        return line
    end = next((n for n in range(most - 1, 0, -1) if not _goes_on(line, n)), most - 1)
    return f"{line[:end].rstrip()}…"


def _goes_on(line: str, at: int) -> bool:
    """Whether a character belongs to the one before it."""
    here = line[at]
    return bool({here, line[at - 1]} & set(_JOINERS)) or ord(here) in _SKIN or unicodedata.category(here)[0] == "M"


# -- figures ----------------------------------------------------------------------------------------------------------


def hours(minutes: int) -> str:
    """'6 h 30', '2 h', '45 min'."""
    whole, rest = divmod(int(minutes), 60)
    return f"{whole} h {rest:02}" if whole and rest else f"{whole} h" if whole else f"{rest} min"


def lasting(length: timedelta) -> str:
    """The same of a span that may be shorter: '40 s'."""
    seconds = round(length.total_seconds())
    return hours(seconds // 60) if seconds >= 60 else f"{seconds} s"


def counted(number: int, name: str) -> str:
    """'1 block', '3 blocks', '2 lunches'."""
    return f"{number} {name}" if number == 1 else f"{number} {name}{'es' if name[-2:] in {'ch', 'sh'} else 's'}"


def share(part: float) -> str:
    """'61 %', of 0.614."""
    return percent(round(100 * part))


def percent(value: float) -> str:
    """'61 %', '62.5 %'."""
    return f"{value:g} %"


# -- times ------------------------------------------------------------------------------------------------------------


def weekday(of: date) -> str:
    """'Tuesday'."""
    return f"{of:%A}"


def month(of: date, *, year: bool = True) -> str:
    """'December 2026', 'December'."""
    return f"{of:%B}{f' {of:%Y}' * year}"


def day(of: date, *, year: bool = False) -> str:
    """'Tue 1 Dec', 'Tue 1 Dec 2026'."""
    return f"{of:%a} {of.day} {of:%b}{f' {of:%Y}' * year}"


AGAIN = "`unbusy apply --again` brings it back, and so does a change of the config"


def taken_back(on: date) -> str:
    """'taken back on 30 Nov': what `undo` did, on that day."""
    return f"taken back on {in_year(on)}"


def weekdays(days: Iterable[date]) -> str:
    """'Mon, Tue and Thu': days of one week."""
    return listed([f"{of:%a}" for of in days])


def in_week(at: datetime, zone: ZoneInfo) -> str:
    """'Tue 09:30', in local time, where the week is known."""
    return f"{at.astimezone(zone):%a %H:%M}"


def short(of: date) -> str:
    """'Tue', where the week is known."""
    return f"{of:%a}"


def time_of_day(at: datetime, zone: ZoneInfo) -> str:
    """'09:30', in local time, where the day is known."""
    return f"{at.astimezone(zone):%H:%M}"


def in_day(span: TimeRange, zone: ZoneInfo) -> str:
    """'09:30–11:00', in local time, where the day is known."""
    return f"{time_of_day(span.start, zone)}–{time_of_day(span.end, zone)}"


def in_month(of: date) -> str:
    """'Tue 1', where the month is known."""
    return f"{short(of)} {of.day}"


def in_year(of: date) -> str:
    """'1 Dec', where the day of the week says nothing."""
    return f"{of.day} {of:%b}"


def dates(first: date, last: date) -> str:
    """'30 Nov – 4 Dec 2026'."""
    return f"{in_year(first)} – {in_year(last)} {last:%Y}"


def heading(of: date, *, year: bool = False) -> str:
    """'Tuesday 1 December': a day as the title of what follows."""
    return f"{of:%A} {of.day} {of:%B}{f' {of:%Y}' * year}"


def moment(at: datetime, zone: ZoneInfo, *, year: bool = False) -> str:
    """'Tue 1 Dec 16:00', in local time."""
    local = at.astimezone(zone)
    return f"{day(local, year=year)} {local:%H:%M}"


def clock(when: When, zone: ZoneInfo) -> str:
    """'Tue 1 Dec 09:00–11:00', 'Tue 1 Dec', 'Tue 1 Dec – Thu 3 Dec'."""
    if when.dates:
        days = when.dates.days
        return day(days[0]) if len(days) == 1 else f"{day(days[0])} – {day(days[-1])}"
    start, end = when.ends(zone)
    return f"{day(start)} {start:%H:%M}–{end:%H:%M}"

"""The user's own words, where they come back: in the review of their week, of a month, of a quarter.

Words do not cross calendars: what was typed in one is quoted in no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from daemon.model.figures.measure import measure_day
from daemon.model.figures.series import series_costs
from daemon.model.figures.told import Quote, Told
from daemon.model.owner import Wish
from daemon.model.snapshot import Snapshot
from daemon.model.times import Week
from daemon.model.user.entry import Entry
from daemon.model.words import cited, day, hours, in_year, month, one_line, title
from policies.questions.prompts import Evidence, Finding
from policies.reflection.options import ReflectionOptions
from policies.reflection.periods import POLICY, Period, later

OLDEST, NEWEST = timedelta(days=42), timedelta(days=28)
"""How old the words are that a monthly review brings back."""

MOST_SERIES = 3
"""So many recurring meetings of the user's own are named in a quarterly review."""

LATELY = timedelta(days=28)
"""So far back they are counted."""

_BINDING = (
    r"\b(I(['’]ll| will| won['’]t| promised?)|we(['’]ll| will)|from now on|no more|never again|decided|promised|rule|"
    r"ich (werde|will)|wir (werden|wollen)|ab jetzt|ab sofort|nie wieder|entschieden|beschlossen|versprochen|regel|"
    r"je (vais|promets)|nous allons|désormais|plus jamais|décidé|promis|règle|"
    r"voy a|vamos a|a partir de ahora|nunca más|decidido|prometido|regla|"
    r"będę|będziemy|od teraz|odtąd|nigdy więcej|postanowi\w+|obieca\w+|zasada)\b"
)
"""What a promise, a decision or a rule is often written with: a weak sign, which chooses no more than a quotation."""


def of_week(snapshot: Snapshot, options: ReflectionOptions, period: Period) -> tuple[str, ...]:
    """A line for each answer of the week's journal: 'Tue 1 Dec, 5 h 45 in meetings: “Nobody owns the cut list.”'."""
    entries = (e for e in quotable(snapshot, options) if e.policy == POLICY and e.key in period.parts)
    rows = ((e, cited(e.text)) for e in entries)
    return tuple(f"{day(e.day)}, {_load(snapshot, e.day)}: {words}" for e, words in rows if words)


def of_month(snapshot: Snapshot, options: ReflectionOptions, on: date) -> tuple[Finding, ...]:
    """The oldest promise, decision or rule of four to six weeks before that has not been returned."""
    returned = [e.question for e in snapshot.entries] + [
        o.event.description
        for o in snapshot.own(POLICY)
        if o.mark.key.startswith("month/") and o.event.span.end < snapshot.now
    ]
    for entry in quotable(snapshot, options):
        if OLDEST >= on - entry.day >= NEWEST:
            for line in _binding(entry):
                if not any(line in text for text in returned):
                    return (Finding(Evidence.ECHO, day=in_year(entry.day), words=line),)
    return ()


def of_quarter(snapshot: Snapshot, options: ReflectionOptions, period: Period) -> tuple[str, ...]:
    """A line of each month: the first promise, decision or rule, else the first words: 'October: “…”'."""
    lines = []
    for first in (later(period.days[0], n) for n in range(3)):
        entries = [e for e in quotable(snapshot, options) if first <= e.day < later(first, 1)]
        binding = (line for e in entries for line in _binding(e))
        if words := next(binding, next((w for e in entries if (w := cited(e.text))), "")):
            lines.append(f"{month(first, year=False)}: {words}")
    return tuple(lines)


def tell(snapshot: Snapshot, options: ReflectionOptions, weeks: Sequence[Week]) -> Told:
    """As `PolicyKind.tell` has it: what was typed under the questions of journal and reviews.

    A report is no calendar: it takes them wherever they were typed.
    """
    del options
    days = frozenset(day for week in weeks for day in week.days)
    rows = ((e.day, cited(e.text)) for e in snapshot.entries if e.policy == POLICY and e.day in days)
    return Told(words=tuple(Quote(on, words) for on, words in rows if words))


def own_series(snapshot: Snapshot, on: date) -> tuple[str, ...]:
    """The recurring meetings that the user calls, by what they cost: '‘Staff’: 24 people-hours in four weeks'."""
    costs = series_costs(snapshot, on - LATELY, on, lambda event: event.mine and not event.secret)
    dearest = sorted(costs, key=lambda cost: (-cost.people_minutes, cost.latest.ref.uid))[:MOST_SERIES]
    return tuple(f"{title(c.latest)}: {round(c.people_minutes / 60)} people-hours in four weeks" for c in dearest)


def quotable(snapshot: Snapshot, options: ReflectionOptions) -> Iterator[Entry]:
    """The answers that were typed in the calendar in which this policy writes, the oldest first."""
    here = snapshot.calendar_of(options)
    where = {o.wish: o.event.ref.calendar for o in (*snapshot.ours, *snapshot.skipped)}
    for entry in sorted(snapshot.entries, key=lambda e: (e.day, e.at, e.question)):
        if here and (entry.calendar or where.get(Wish(entry.policy, entry.key))) == here:
            yield entry


def _binding(entry: Entry) -> Iterator[str]:
    lines = (one_line(line) for line in entry.text.split("\n") if re.search(_BINDING, line, re.IGNORECASE))
    return (words for line in lines if (words := cited(line)))


def _load(snapshot: Snapshot, of: date) -> str:
    met = measure_day(snapshot, of).meeting
    return f"{hours(met)} in meetings" if met else "no meetings"

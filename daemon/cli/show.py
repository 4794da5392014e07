"""Plans and agendas as people read them.  Colours only on a terminal; text from calendars is data, never markup."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text

from daemon.model.event import CountsAs, Event
from daemon.model.owner import Field
from daemon.model.plan import Annotate, Change, Create, Delete, Plan, Problem, Unplaced, Update
from daemon.model.times import DateRange, TimeRange, local_day
from daemon.planning.diff import change_title, mark_of, when_of

if TYPE_CHECKING:  # `plan` needs neither
    from daemon.explaining import Explanation
    from daemon.ledger import RunRow

SIGNS = {Create: ("+", "green"), Update: ("~", "yellow"), Delete: ("-", "red"), Annotate: (">", "blue")}
FADED = frozenset({CountsAs.FREE, CountsAs.DECLINED, CountsAs.CANCELLED, CountsAs.IGNORED, CountsAs.COMMAND})


def console() -> Console:
    """Standard output, without markup, highlighting or emoji codes: what stands there is what is printed."""
    return Console(markup=False, highlight=False, emoji=False, soft_wrap=True, file=sys.stdout)


def show_plan(plan: Plan, zone: ZoneInfo, *, reasons: bool = True) -> None:
    """The diff, by day, then what could not be placed."""
    out = console()
    for day, changes in groupby(plan.changes, key=lambda c: _day(when_of(c), zone)):
        out.print(Text(f"{day:%A} {day.day} {day:%B}", style="bold"))
        for change in changes:
            for line in _change(change, zone, reasons=reasons):
                out.print(line)
    if plan.unplaced:
        out.print(Text("No place for", style="bold"))
        for u in plan.unplaced:
            out.print(_unplaced(u))
    out.print(_summary(plan))
    if plan.stopped:
        out.print(Text(f"Stopped: {plan.stopped}.", style="bold red"))


def _day(when: TimeRange | DateRange, zone: ZoneInfo) -> date:
    return when.first if isinstance(when, DateRange) else local_day(when.start, zone)


def _change(change: Change, zone: ZoneInfo, *, reasons: bool) -> Iterator[Text]:
    sign, colour = SIGNS[type(change)]
    line = Text(f"  {sign} ", style=f"bold {colour}")
    line.append(f"{_clock(when_of(change), zone):<13} ", style=colour)
    line.append(plain(change_title(change)), style="bold")
    mark = mark_of(change)
    line.append(f"  {mark.policy} {mark.key}", style="dim")
    yield line
    if isinstance(change, Update):
        for part in _was(change, zone):
            yield Text(f"      {part}", style="dim")
    if reasons:
        for row in change.reason.splitlines():
            yield Text(f"      {plain(row)}")
    if isinstance(change, Annotate):
        for row in change.answer.splitlines():
            yield Text(f"      | {plain(row)}", style="dim")


def _was(change: Update, zone: ZoneInfo) -> Iterator[str]:
    old = change.before.event
    if Field.WHEN in change.fields:
        yield f"was {_day(old.when, zone):%a} {_day(old.when, zone).day} {_clock(old.when, zone)}"
    if Field.TITLE in change.fields:
        yield f"was titled {plain(old.summary)}"
    if Field.SHOW_AS in change.fields:
        yield f"was shown as {old.show_as}, now {change.draft.show_as}"


def _clock(when: TimeRange | DateRange, zone: ZoneInfo) -> str:
    if isinstance(when, DateRange):
        return "all day" if len(when.days) == 1 else f"{len(when.days)} days"
    return f"{when.start.astimezone(zone):%H:%M}–{when.end.astimezone(zone):%H:%M}"


def _unplaced(u: Unplaced) -> Text:
    line = Text("  ? ", style="bold magenta")
    line.append(f"{u.policy} {u.key}", style="magenta")
    line.append(f"  {plain(u.reason)}")
    return line


def _summary(plan: Plan) -> Text:
    counts = [(sum(isinstance(c, kind) for c in plan.changes), name) for kind, name in _NAMES.items()]
    if not plan.changes:
        return Text("Nothing to change.", style="bold")
    return Text(", ".join(f"{n} to {name}" for n, name in counts if n) + ".", style="bold")


_NAMES: dict[type[Change], str] = {Create: "create", Update: "update", Delete: "delete", Annotate: "answer"}


def show_runs(runs: Iterable[RunRow], zone: ZoneInfo) -> None:
    """The history, newest run first."""
    out = console()
    for run in runs:
        at = run.at.astimezone(zone)
        out.print(Text(f"Run {run.id}  {at:%a} {at.day} {at:%b %Y %H:%M}  {run.command}: {run.outcome}", style="bold"))
        for c in run.changes:
            sign, colour = _RAN[c.action]
            line = Text(f"  {sign} ", style=f"bold {colour}")
            line.append(plain(str((c.after or c.before).get("title", ""))), style="bold")
            line.append(f"  {c.policy} {c.key}" + ("" if c.outcome == "done" else f"  {c.outcome or 'unknown'}"), "dim")
            out.print(line)
            out.print(Text(f"      {plain(c.reason.partition(chr(10))[0])}"))


_RAN = {kind.__name__.lower(): look for kind, look in SIGNS.items()}


def show_explanation(found: Explanation, zone: ZoneInfo) -> None:
    """What is there and why; or what is in the way, and the change that would do."""
    out = console()
    at = found.moment.astimezone(zone)
    out.print(Text(f"{at:%A} {at.day} {at:%B %Y %H:%M}", style="bold"))
    for e in found.foreign:
        out.print(Text(f"  {_clock(e.when, zone):<13} {plain(e.summary)}  counts as {e.counts_as}"))
    for own in found.ours:
        e = own.event
        out.print(
            Text(f"  {_clock(e.when, zone):<13} {plain(e.summary)}  {own.mark.policy} {own.mark.key}", style="cyan")
        )
        out.print(Text(f"      {plain(e.description.split(chr(10) * 2)[0])}"))
        if own.edited:
            out.print(Text(f"      Yours since you changed it: {', '.join(sorted(own.edited))}.", style="dim"))
    if found.absence:
        out.print(Text("  No focus block is here" + (", because" if found.absence.obstacles else " yet.")))
        for n, obstacle in enumerate(found.absence.obstacles, 1):
            out.print(Text(f"   {n}. {plain(obstacle.because)}: {plain(obstacle.change)}"))
        if found.absence.remedy and len(found.absence.obstacles) > 1:
            out.print(Text("  All of these together would bring one here."))
        elif found.absence.remedy:
            out.print(Text("  That would bring one here." if found.absence.obstacles else "  The next run makes one."))


def show_problems(problems: Iterable[Problem]) -> None:
    """Problems are talk: they go to standard error."""
    err = Console(markup=False, highlight=False, emoji=False, soft_wrap=True, file=sys.stderr)
    for p in problems:
        err.print(Text(f"! {plain(p.where)}: {plain(p.what)}" + (f" ({p.remedy})" if p.remedy else ""), style="yellow"))


def show_agenda(events: Iterable[Event], zone: ZoneInfo) -> None:
    """One line an occurrence, by day."""
    out = console()
    for day, rows in groupby(events, key=lambda e: _day(e.when, zone)):
        out.print(Text(f"{day:%A} {day.day} {day:%B}", style="bold"))
        for e in rows:
            style = "dim" if e.counts_as in FADED else "cyan" if e.counts_as is CountsAs.OURS else ""
            line = Text(f"  {_clock(e.when, zone):<13} {plain(e.summary)}", style=style)
            line.append(f"  {e.counts_as.value}{' (uncertain time)' if e.uncertain else ''}", style="dim")
            out.print(line)


def plain(text: str) -> str:
    """Text from a calendar on one line, without control characters that a terminal would obey."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())

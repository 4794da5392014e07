"""Plans and agendas as people read them.  Colours only on a terminal; text from calendars is data, never markup."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from click import style

from daemon.cli.terminal import put
from daemon.model.event import CountsAs, Event
from daemon.model.owner import Field
from daemon.model.plan import Action, Annotate, Change, Plan, Problem, Respond, Unplaced, Update
from daemon.model.proposal import Role, Roles
from daemon.model.snapshot import TAKING
from daemon.model.times import When
from daemon.model.words import counted, heading, in_day, in_year, listed, moment, taken_back, time_of_day
from daemon.model.words import day as short_day
from daemon.model.words import one_line as plain

if TYPE_CHECKING:  # `plan` does not need all of them
    from daemon.config import Config
    from daemon.explain.explanation import Explanation
    from daemon.explain.search import Absence
    from daemon.ledger import RunRow
    from daemon.stages.proposing import Planned

SIGNS = {
    Action.CREATE: ("+", "green"), Action.UPDATE: ("~", "yellow"), Action.DELETE: ("-", "red"),
    Action.ANNOTATE: (">", "blue"), Action.RESPOND: ("@", "blue"),
}  # fmt: skip
FADED = frozenset(CountsAs) - TAKING - {CountsAs.OURS}


def show_planned(planned: Planned, config: Config, *, verbose: bool, weeks: bool) -> None:
    """A plan in a paragraph, what each of its `weeks` comes to, then the diff."""
    from daemon.views.weekly import line, totals

    plan, zone = planned.plan, planned.observation.snapshot.zone
    put(style(" ".join(_paragraph(plan, planned.observation.snapshot.roles, verbose=verbose)), bold=True))
    if weeks:
        put("")
        for found in totals(planned, config):
            put(line(found), hang=2)
    if plan.changes or plan.unplaced or plan.notes:
        put("")
    later = None if verbose else planned.observation.snapshot.this_week.next().next().first
    show_plan(plan, zone, verbose=verbose, later=later)


def _paragraph(plan: Plan, roles: Roles, *, verbose: bool) -> Iterator[str]:
    """What it comes to: 'To create: 14 focus blocks and 2 flags. To delete: 1 prompt. 2 wishes found no place.'."""
    if not plan.changes:
        yield "Nothing to change."
    for action, verb in _VERBS.items():
        if rows := [c for c in plan.changes if c.action is action]:
            yield f"To {verb}: {listed(_kinds(rows, roles))}."
    if homeless := sum(not u.taken_back for u in plan.unplaced):
        yield f"{counted(homeless, 'wish')} found no place."
    if plan.changes and not verbose:
        yield "`-v` says all of it."


def _kinds(changes: Iterable[Change], roles: Roles) -> list[str]:
    """'14 focus blocks', '2 flags', in the order of roles."""
    from daemon.views.weekly import NAMES

    theirs = {Action.ANNOTATE: "command", Action.RESPOND: "invitation"}
    counts = Counter(
        theirs.get(c.action) or NAMES[Role.FLAG if c.when.all_day else roles.of(c.wish)] for c in changes
    )  # fmt: skip
    return [counted(counts[name], name) for name in (*NAMES.values(), *theirs.values()) if counts[name]]


def show_plan(plan: Plan, zone: ZoneInfo, *, verbose: bool = True, later: date | None = None) -> None:
    """The diff, by day, then what could not be placed.  Without `verbose`: of each reason its first line, no names.

    `later`: from this day on a line for each change has to do.
    """
    by_day = sorted(plan.changes, key=lambda c: c.when.first_day(zone))  # replies are written before all else
    far = [c for c in by_day if later and c.when.first_day(zone) >= later]
    near = [c for c in by_day if c not in far]
    for day, changes in groupby(near, key=lambda c: c.when.first_day(zone)):
        put(style(heading(day), bold=True))
        for line in (line for c in changes for line in _change(c, zone, verbose=verbose)):
            put(line)
    if far:
        put(style("Later", bold=True))
        for change in far:
            put(_head(change, f"{short_day(change.when.first_day(zone)):<10} {_clock(change.when, zone):<13}"))
    for name, back in (("No place for", False), ("Taken back", True)):
        if rows := [u for u in plan.unplaced if u.taken_back is back]:
            put(style(name, bold=True))
            for same in _by_reason(rows, verbose=verbose):
                put(_unplaced(same))
    for note in plan.notes:
        put(style("  i ", fg="cyan", bold=True) + plain(note))
    if plan.stopped:
        put(style(f"Stopped: {plan.stopped}.", fg="red", bold=True))


def _change(change: Change, zone: ZoneInfo, *, verbose: bool) -> Iterator[str]:
    yield _head(change, f"{_clock(change.when, zone):<13}") + style(f"  {change.wish}", dim=True) * verbose
    if isinstance(change, Update):
        for part in _was(change, zone):
            yield style(f"      {part}", dim=True)
    for row in change.reason.splitlines() if verbose else change.reason.splitlines()[:1]:
        yield f"      {plain(row)}" if row else ""
    if isinstance(change, Annotate) and verbose:
        for row in change.answer.splitlines():
            yield style(f"      | {plain(row)}", dim=True)
    if isinstance(change, Respond):
        yield style(f"      | {plain(_reply(change))}", dim=True)


def _reply(change: Respond) -> str:
    """'declined, to bob@example.com: I have no time.', as the organizer learns it."""
    comment = f": {change.rsvp.comment}" if change.rsvp.comment else ""
    return f"{change.answer.lower()}, to {change.before.organizer}{comment}"


def _head(change: Change, when: str) -> str:
    sign, colour = SIGNS[change.action]
    return (
        style(f"  {sign} ", fg=colour, bold=True) + style(f"{when} ", fg=colour) + style(plain(change.title), bold=True)
    )


def _was(change: Update, zone: ZoneInfo) -> Iterator[str]:
    old = change.before.event
    if Field.WHEN in change.fields:
        yield f"was {short_day(old.when.first_day(zone))} {_clock(old.when, zone)}"
    if Field.TITLE in change.fields:
        yield f"was titled {plain(old.summary)}"
    if Field.SHOW_AS in change.fields:
        yield f"was shown as {old.show_as}, now {change.draft.show_as}"


def _clock(when: When, zone: ZoneInfo) -> str:
    if when.dates:
        days = len(when.dates.days)
        return "all day" if days == 1 else f"{days} days"
    return in_day(when.span(zone), zone)


def _by_reason(rows: Iterable[Unplaced], *, verbose: bool) -> list[list[Unplaced]]:
    """Those of one policy that have one reason stand together, but where all of it is to be said."""
    found: dict[object, list[Unplaced]] = {}
    for u in rows:
        found.setdefault(u if verbose else (u.policy, u.reason), []).append(u)
    return list(found.values())


def _unplaced(same: Sequence[Unplaced]) -> str:
    first, *others = same
    name = f"{first.wish} and {len(others)} more" if others else str(first.wish)
    return style("  ? ", fg="magenta", bold=True) + style(name, fg="magenta") + f"  {plain(first.reason)}"


SILENT = "(nothing is written in it, so that nobody else learns why this time is taken)"
_VERBS = {
    Action.CREATE: "create", Action.UPDATE: "update", Action.DELETE: "delete", Action.ANNOTATE: "answer",
    Action.RESPOND: "reply to",
}  # fmt: skip


def show_runs(runs: Iterable[RunRow], zone: ZoneInfo) -> None:
    """The history, newest run first."""
    for run in runs:
        at = moment(run.at, zone, year=True)
        put(style(f"Run {run.id}  {at}  {run.command}: {run.outcome}", bold=True))
        for c in run.changes:
            sign, colour = SIGNS[Action(c.action)]
            title = plain(str((c.after or c.before).get("title", "")))
            outcome = "" if c.outcome == "done" else f"  {c.outcome or 'unknown'}"
            wish = style(f"  {c.wish}{outcome}", dim=True)
            put(style(f"  {sign} ", fg=colour, bold=True) + style(title, bold=True) + wish)
            put(f"      {plain(c.reason.partition(chr(10))[0])}")


def show_explanation(found: Explanation, zone: ZoneInfo) -> None:
    """What is there and why; or what is in the way, and the change that would do."""
    at = found.moment.astimezone(zone)
    put(style(f"{heading(at, year=True)} {time_of_day(at, zone)}", bold=True))
    for e in found.foreign:
        put(f"  {_clock(e.when, zone):<13} {plain(e.summary)}  counts as {e.counts_as}")
        if reply := found.replies.get(e.ref):
            put(style(f"      A rule of yours answered it on {in_year(reply.on)}: {reply.answer.lower()}.", dim=True))
    for own in found.ours:
        e = own.event
        put(style(f"  {_clock(e.when, zone):<13} {plain(e.summary)}  {own.wish}", fg="cyan"))
        put(f"      {plain(e.description.split(chr(10) * 2)[0] or SILENT)}")
        if own.yours:
            put(style(f"      Yours since you changed it: {', '.join(sorted(own.yours))}.", dim=True))
        if own.taken_back and own.taken_back.holds:
            said = f"{taken_back(own.taken_back.on)}: {', '.join(sorted(own.taken_back.fields))}"
            put(style(f"      As it was before, {said}. `unbusy apply --again` changes it again.", dim=True))
    for said in found.fewer:
        put(f"  {plain(said)}.")
    for policy, absence in found.absences.items():
        _show_absence(policy, absence)


def _show_absence(policy: str, absence: Absence) -> None:
    put(f"  No {policy} block is here" + (", because" if absence.obstacles else " yet."))
    for n, obstacle in enumerate(absence.obstacles, 1):
        put(f"   {n}. {plain(obstacle.because)}: {plain(obstacle.change)}")
    if absence.remedy and len(absence.obstacles) > 1:
        put("  All of these together would bring one here.")
    elif absence.remedy:
        put("  That would bring one here." if absence.obstacles else "  The next run makes one.")


def show_problems(problems: Iterable[Problem]) -> None:
    """Problems are talk: they go to standard error."""
    for p in problems:
        remedy = f" ({plain(p.remedy)})" if p.remedy else ""
        put(style(f"! {plain(p.where)}: {plain(p.what)}{remedy}", fg="yellow"), err=True)


def show_agenda(events: Iterable[Event], zone: ZoneInfo) -> None:
    """One line an occurrence, by day."""
    for day, rows in groupby(events, key=lambda e: e.when.first_day(zone)):
        put(style(heading(day), bold=True))
        for e in rows:
            line = f"  {_clock(e.when, zone):<13} {plain(e.summary)}"
            counts = style(f"  {e.counts_as.value}{' (uncertain time)' if e.uncertain else ''}", dim=True)
            put(_toned(line, e.counts_as) + counts)


def _toned(line: str, counts_as: CountsAs) -> str:
    return (
        style(line, dim=True) if counts_as in FADED else style(line, fg="cyan" if counts_as is CountsAs.OURS else None)
    )
